/**
 * One person's note changes and a hundred people see it: 1,000 streams in a ring in which everybody has the
 * next hundred on the contact list. What is compared is the CPU that one delivered event costs, beside
 * the reference that writes one shared Buffer per event, and beside better-sse, and beside nchan where it is installed.
 */
import { startJellybean } from '../jellybean.ts';
import type { Load, Profile } from '../load.ts';
import { startNchan } from '../nchan.ts';
import { type ServerProcess, startServer } from '../processes.ts';
import { rowOf } from '../report.ts';
import { openWitnesses } from '../witnesses.ts';
import { type BenchCase, failures, ratios, takeTurns } from './bench-case.ts';
import { seedRing, signInRing } from './prepare.ts';

const STREAMS = 1_000;
const GROUPS = 10;
const FAN_OUT = STREAMS / GROUPS;
/** They add half a percent to the work, which is not counted. */
const WITNESSES = 5;
/** About what a presence view takes on the wire, so that both servers send as much. */
const REFERENCE_FILLER = 'x'.repeat(330);

export const referenceProfile: Profile = {
  marker: 'stamp=',
  subscribe: [{ send: 'GET /stream/@G@ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' }, { expect: 'event: ready' }],
  publish: `POST /publish/@G@ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: @CL@\r\n\r\n{"text":"stamp=@T@ ${REFERENCE_FILLER}"}`,
};

const nchanProfile: Profile = {
  ...referenceProfile,
  subscribe: [
    { send: 'GET /stream/@G@ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n' },
    { expect: ': hi' },
  ],
};
const betterSseProfile: Profile = {
  ...referenceProfile,
  subscribe: [{ send: 'GET /stream/@G@ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' }, { expect: 'event:ready' }],
};
/** What is asked beside nchan: CPU per event, and events a second where many are outstanding. */
const besideNchan = { 16: { cpu: 1.2, rate: null }, 160: { cpu: 0.6, rate: 2 } } as const;

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
    'PUT /api/v1/me/note HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer @1@\r\nContent-Type: application/json\r\nContent-Length: @CL@\r\n\r\n{"text":"stamp=@T@ back at three"}',
};

/** How hard a turn is driven. */
type Pressure = Pick<Load, 'publishers' | 'outstanding'> & { rate?: number };

export const fanOut: BenchCase = {
  name: 'fan-out',
  async run(context) {
    const jellybean = await startJellybean(context.serverFlags, seedRing(STREAMS, FAN_OUT));
    const references = await Promise.all(
      ['write', 'tick'].map((flush) =>
        startServer([new URL('../reference.ts', import.meta.url).pathname, `--flush=${flush}`]),
      ),
    );
    const betterSse = await startServer([new URL('../better-sse.ts', import.meta.url).pathname]);
    const nchan = await startNchan();
    if (nchan === null) context.say('  nchan is not installed and left out');
    try {
      context.say(`  ${STREAMS} people sign in, each with ${FAN_OUT} on the contact list`);
      const people = await signInRing(jellybean, STREAMS);
      const witnesses = await openWitnesses(jellybean, people.slice(0, WITNESSES));
      const portOf = (address: string | undefined) => Number(new URL(address ?? '').port);
      const base = {
        subscribers: STREAMS,
        groups: GROUPS,
        fanOut: FAN_OUT,
        rate: 0,
        warmSeconds: context.warmSeconds,
        seconds: context.seconds,
        holdSeconds: 2,
      };
      const ours = (changes: Pressure) => () =>
        context.run({
          ...base,
          ...changes,
          label: 'jellybean',
          port: jellybean.port,
          profile: noteProfile,
          columns: people.map(({ token }) => [token]),
          serverPids: [jellybean.server.pid],
        });
      const peer =
        (label: string, server: ServerProcess | null | undefined, profile: Profile, changes: Pressure) =>
        () =>
          context.run({
            ...base,
            ...changes,
            label,
            port: portOf(server?.addresses[0]),
            profile,
            columns: [],
            serverPids: [server?.pid ?? 0],
          });
      const reference = (index: number, changes: Pressure) =>
        peer('reference', references[index], referenceProfile, changes);

      const rounds: Record<string, unknown> = {};
      const rows = [];
      for (const outstanding of [16, 160] as const) {
        const changes = { publishers: outstanding, outstanding };
        context.say(`  ${outstanding} outstanding`);
        const results = await takeTurns(context, {
          jellybean: ours(changes),
          reference: reference(0, changes),
          'reference, tick': reference(1, changes),
          'better-sse': peer('better-sse', betterSse, betterSseProfile, changes),
          nchan: nchan && peer('nchan', nchan, nchanProfile, changes),
        });
        rounds[outstanding] = results;
        rows.push(
          rowOf(
            `${outstanding} outstanding: CPU per event ÷ better-sse`,
            '',
            ratios(results.jellybean, results['better-sse'], (r) => r.cpuMicrosPerEvent),
            { goal: { atMost: 0.5 } },
          ),
          rowOf(
            'better-sse, events/s',
            '',
            results['better-sse'].map((r) => r.eventsPerSecond),
          ),
        );
        const theirs = results.nchan;
        if (theirs.length > 0) {
          const goal = besideNchan[outstanding];
          rows.push(
            rowOf(
              `${outstanding} outstanding: CPU per event ÷ nchan`,
              '',
              ratios(results.jellybean, theirs, (r) => r.cpuMicrosPerEvent),
              { goal: { atMost: goal.cpu } },
            ),
            rowOf(
              `${outstanding} outstanding: events/s ÷ nchan`,
              '',
              ratios(results.jellybean, theirs, (r) => r.eventsPerSecond),
              goal.rate === null ? {} : { goal: { atLeast: goal.rate } },
            ),
            rowOf(
              'nchan, CPU per event',
              'µs',
              theirs.map((r) => r.cpuMicrosPerEvent),
            ),
            rowOf(
              'nchan, events/s',
              '',
              theirs.map((r) => r.eventsPerSecond),
            ),
            rowOf('nchan: lost, doubled, refused or closed', '', [failures(theirs)]),
          );
        }
        const cpu = (of: (typeof results)['jellybean']) => of.map((result) => result.cpuMicrosPerEvent);
        rows.push(
          rowOf(
            `${outstanding} outstanding: CPU per event ÷ reference`,
            '',
            ratios(results.jellybean, results.reference, (r) => r.cpuMicrosPerEvent),
            { goal: { atMost: 1.3 } },
          ),
          rowOf(`${outstanding} outstanding: CPU per event`, 'µs', cpu(results.jellybean)),
          rowOf('the reference, one write per event', 'µs', cpu(results.reference)),
          rowOf('the reference, one write per tick', 'µs', cpu(results['reference, tick'])),
          rowOf(
            `${outstanding} outstanding: events/s`,
            '',
            results.jellybean.map((r) => r.eventsPerSecond),
          ),
          rowOf(
            'the reference, one write per event',
            '',
            results.reference.map((r) => r.eventsPerSecond),
          ),
          rowOf(
            'the reference, one write per tick',
            '',
            results['reference, tick'].map((r) => r.eventsPerSecond),
          ),
          rowOf(
            `${outstanding} outstanding: lost, doubled, refused or closed`,
            '',
            [failures(results.jellybean)],
            {
              goal: { atMost: 0 },
            },
          ),
        );
      }

      context.say('  20,000 events/s');
      const steady = { publishers: 32, outstanding: 0, rate: 20_000 / FAN_OUT };
      const results = await takeTurns(context, { jellybean: ours(steady), reference: reference(0, steady) });
      rounds.steady = results;
      rows.push(
        rowOf(
          '20,000 events/s: p50 ÷ reference',
          '',
          ratios(results.jellybean, results.reference, (r) => r.deliveryP50),
        ),
        rowOf(
          '20,000 events/s: p99 ÷ reference',
          '',
          ratios(results.jellybean, results.reference, (r) => r.deliveryP99),
        ),
        rowOf(
          '20,000 events/s: p50',
          'ms',
          results.jellybean.map((r) => r.deliveryP50),
        ),
        rowOf(
          '20,000 events/s: p99',
          'ms',
          results.jellybean.map((r) => r.deliveryP99),
        ),
        rowOf(
          '20,000 events/s: CPU per event',
          'µs',
          results.jellybean.map((r) => r.cpuMicrosPerEvent),
        ),
        rowOf(
          'the reference',
          'µs',
          results.reference.map((r) => r.cpuMicrosPerEvent),
        ),
      );
      const differences = await witnesses.check();
      for (const difference of differences.slice(0, 3)) context.say(`  ${difference}`);
      rows.push(rowOf('views unlike a fresh snapshot', '', [differences.length], { goal: { atMost: 0 } }));
      return {
        name: 'fan-out',
        title: `Fan-out ${FAN_OUT} over ${STREAMS.toLocaleString('en')} streams`,
        rows,
        rounds,
      };
    } finally {
      await Promise.all([jellybean.close(), nchan?.stop(), ...references.map((server) => server.stop())]);
    }
  },
};
