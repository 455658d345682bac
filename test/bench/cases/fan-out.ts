/**
 * One person's note changes and a hundred people see it: 1,000 streams in a ring in which everybody has the
 * next hundred on the contact list. What is compared is the CPU that one delivered event costs, beside the
 * reference that writes one shared Buffer per event, and beside what others have for it (../peers/).
 */
import { startJellybean } from '../jellybean.ts';
import type { Load, LoadResult, Profile } from '../load.ts';
import { type OutstandingCount, type Peer, pressures } from '../peers/peer.ts';
import { peers } from '../peers/peers.ts';
import { portOf, type ServerProcess } from '../processes.ts';
import { formatFigure, type Row, rowOf } from '../report.ts';
import { median } from '../statistics.ts';
import { openWitnesses } from '../witnesses.ts';
import { type BenchCase, countDifferences, failures, ratios, takeTurns } from './bench-case.ts';
import { seedRing, signInRing } from './prepare.ts';

const STREAMS = 1_000;
const GROUPS = 10;
const FAN_OUT = STREAMS / GROUPS;
/** They add half a percent to the work, which is not counted. */
const WITNESSES = 5;

/** Columns: 1 = bearer of the person. */
export const noteProfile: Profile = {
  marker: 'stamp=',
  subscribe: [
    {
      send: 'GET /api/v1/events?endpoint=e@I@ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nAuthorization: Bearer @1@\r\n\r\n',
    },
    { expect: 'event: presence.snapshot' },
  ],
  publish:
    'PUT /api/v1/me/note HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer @1@\r\nContent-Type: application/json\r\nContent-Length: @CL@\r\n\r\n{"text":"stamp=@T@ #@I@ back at three"}',
};

/** How hard a turn is driven. */
type Pressure = Pick<Load, 'publishers' | 'outstanding'> & { rate?: number };

interface Started {
  readonly peer: Peer;
  readonly server: ServerProcess;
}

/** Jellybean's turns with our own generator. */
const toldApart = 'jellybean, apart';

const cpu = (result: LoadResult) => result.cpuMicrosPerEvent;
const rate = (result: LoadResult) => result.eventsPerSecond;

/** Jellybean's figures where so many are outstanding, then its ratios to each of the others. */
function rowsOf(
  outstanding: OutstandingCount,
  ours: readonly LoadResult[],
  apart: readonly LoadResult[],
  others: readonly { peer: Peer; results: readonly LoadResult[] }[],
): Row[] {
  const at = `${outstanding} outstanding`;
  return [
    rowOf(`${at}: CPU per event`, 'µs', ours.map(cpu)),
    rowOf(`${at}: events/s`, '', ours.map(rate)),
    rowOf(`${at}: lost, doubled, refused or closed`, '', [failures(apart)], {
      goal: { atMost: 0 },
      remark: `where speed is measured: ${failures(ours)}, with what was superseded`,
    }),
    rowOf(
      `${at}: superseded by the same person's next note`,
      '',
      apart.map((result) => result.superseded),
    ),
    ...others.flatMap(({ peer, results }) => {
      const { name } = peer;
      const asked = peer.asked?.[outstanding] ?? {};
      const failed = failures(results);
      const figure = (values: readonly (number | null)[], unit: string) => {
        const known = values.filter((value) => value !== null);
        return `${name}: ${known.length > 0 ? formatFigure(median(known)) : 'unknown'}${unit}`;
      };
      return [
        rowOf(`${at}: CPU per event ÷ ${name}`, '', ratios(ours, results, cpu), {
          ...(asked.cpu !== undefined && { goal: { atMost: asked.cpu } }),
          remark: `${figure(results.map(cpu), ' µs')}${failed > 0 ? `; ${failed} lost, refused or closed` : ''}`,
        }),
        rowOf(`${at}: events/s ÷ ${name}`, '', ratios(ours, results, rate), {
          ...(asked.rate !== undefined && { goal: { atLeast: asked.rate } }),
          remark: figure(results.map(rate), '/s'),
        }),
      ];
    }),
  ];
}

export const fanOut: BenchCase = {
  name: 'fan-out',
  async run(context) {
    const jellybean = await startJellybean(context.serverFlags, seedRing(STREAMS, FAN_OUT));
    const started: Started[] = [];
    try {
      for (const peer of peers) {
        const server = await peer.start();
        if (server === null) context.say(`  ${peer.name} is not installed and left out`);
        else started.push({ peer, server });
      }
      context.say(`  ${STREAMS} people sign in, each with ${FAN_OUT} on the contact list`);
      const people = await signInRing(jellybean, STREAMS);
      const witnesses = await openWitnesses(jellybean, people.slice(0, WITNESSES));
      const base = {
        subscribers: STREAMS,
        groups: GROUPS,
        fanOut: FAN_OUT,
        rate: 0,
        warmSeconds: context.warmSeconds,
        seconds: context.seconds,
        holdSeconds: 1,
      };
      const ours = (pressure: Pressure, generator?: 'node') => () =>
        context.run(
          {
            ...base,
            ...pressure,
            label: 'jellybean',
            port: jellybean.port,
            profile: noteProfile,
            columns: people.map(({ token }) => [token]),
            serverPids: [jellybean.server.pid],
          },
          generator,
        );
      const theirs =
        ({ peer, server }: Started, pressure: Pressure) =>
        () =>
          context.run({
            ...base,
            ...pressure,
            ...(peer.profile.isPublishedOnStream && { publishers: 0 }),
            fanOut: FAN_OUT + (peer.echoes ?? 0),
            label: peer.name,
            port: portOf(server),
            profile: peer.profile,
            columns: peer.columns ?? [],
            serverPids: [server.pid],
          });

      const rounds: Record<string, unknown> = {};
      const rows: Row[] = [];
      for (const outstanding of pressures) {
        const at = `${outstanding} outstanding`;
        context.say(`  ${at}`);
        const pressure = { publishers: outstanding, outstanding };
        const results = await takeTurns<string>(context, at, {
          jellybean: ours(pressure),
          // The C generator cannot tell a note that gave way to the same person's next from one that is lost.
          [toldApart]: ours(pressure, 'node'),
          ...Object.fromEntries(started.map((each) => [each.peer.name, theirs(each, pressure)])),
        });
        rounds[at] = results;
        rows.push(
          ...rowsOf(
            outstanding,
            results.jellybean ?? [],
            results[toldApart] ?? [],
            started.map(({ peer }) => ({ peer, results: results[peer.name] ?? [] })),
          ),
        );
      }

      context.say('  20,000 events/s');
      const evenly = { publishers: 32, outstanding: 0, rate: 20_000 / FAN_OUT };
      const [yardstick] = started;
      const steady = await takeTurns(context, '20,000 events/s', {
        jellybean: ours(evenly),
        reference: yardstick ? theirs(yardstick, evenly) : null,
      });
      rounds['20,000 events/s'] = steady;
      for (const [name, percentile] of [
        ['p50', (result: LoadResult) => result.deliveryP50],
        ['p99', (result: LoadResult) => result.deliveryP99],
      ] as const)
        rows.push(
          rowOf(
            `20,000 events/s: ${name} ÷ reference`,
            '',
            ratios(steady.jellybean, steady.reference, percentile),
            { goal: { atMost: 1.5 } },
          ),
          rowOf(`20,000 events/s: ${name}`, 'ms', steady.jellybean.map(percentile)),
        );
      rows.push(
        rowOf('20,000 events/s: CPU per event', 'µs', steady.jellybean.map(cpu)),
        rowOf('the reference', 'µs', steady.reference.map(cpu)),
      );
      const differences = await countDifferences(context, witnesses);
      rows.push(rowOf('views unlike a fresh snapshot', '', [differences], { goal: { atMost: 0 } }));
      return {
        name: 'fan-out',
        title: `Fan-out ${FAN_OUT} over ${STREAMS.toLocaleString('en')} streams`,
        rows,
        rounds,
      };
    } finally {
      await Promise.all([jellybean.close(), ...started.map(({ server }) => server.stop())]);
    }
  },
};
