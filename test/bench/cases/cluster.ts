/**
 * Durable sends on PostgreSQL by one node alone, and by one, two and three nodes that hear each other over
 * NATS, on a PostgreSQL and a NATS of their own. Every node has a share of the pairs; each hands out its own
 * and follows what the others write. Where everything shares two cores, more nodes cannot be faster: what is
 * judged is what a delivered event costs.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missingPrograms, startPrivateNats, startPrivatePostgres } from '../../support/private-services.ts';
import { findFreePort, type Jellybean, startJellybean } from '../jellybean.ts';
import type { LoadResult } from '../load.ts';
import { rowOf } from '../report.ts';
import type { BenchCase, BenchContext } from './bench-case.ts';
import { failures } from './bench-case.ts';
import { openConversations, signInRing } from './prepare.ts';
import { messageProfile } from './send-to-one.ts';

const PAIRS = 300;
const OUTSTANDING = 60;

interface Measured {
  readonly sendsPerSecond: number;
  readonly cpuMicrosPerEvent: number | null;
  /** Since the start, the preparations included. */
  readonly eventsPerCommit: number;
  readonly rounds: readonly LoadResult[];
}

async function countersOf({ port }: Jellybean): Promise<{ commits: number; events: number }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const of = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { commits: of('jellybean_commits_total'), events: of('jellybean_events_committed_total') };
}

async function measure(context: BenchContext, count: number, store: string, bus: string): Promise<Measured> {
  const nodes: Jellybean[] = [];
  try {
    for (let node = 0; node < count; node += 1)
      nodes.push(
        await startJellybean(context.serverFlags, undefined, { JELLYBEAN_STORE: store, JELLYBEAN_BUS: bus }),
      );
    const people = await signInRing(nodes[0]!, 2 * PAIRS);
    const pairs = Array.from({ length: PAIRS }, (_, at) => [people[at + PAIRS]!, people[at]!] as const);
    const conversations = await openConversations(nodes[0]!, pairs);
    const share = Math.floor(PAIRS / count);
    const rounds = await Promise.all(
      nodes.map((node, at) => {
        const own = pairs.slice(at * share, (at + 1) * share);
        return context.run(
          {
            label: `node ${at + 1} of ${count}`,
            port: node.port,
            profile: messageProfile,
            columns: own.map(([from, to], index) => [
              to.token,
              from.token,
              conversations[at * share + index] ?? '',
            ]),
            subscribers: share,
            groups: share,
            fanOut: 1,
            rate: 0,
            publishers: OUTSTANDING / count,
            outstanding: OUTSTANDING / count,
            warmSeconds: context.warmSeconds,
            seconds: context.seconds,
            holdSeconds: 1,
            serverPids: [node.server.pid],
          },
          'node',
        );
      }),
    );
    const counters = await Promise.all(nodes.map(countersOf));
    const events = rounds.reduce((sum, { eventsPerSecond }) => sum + eventsPerSecond, 0);
    const cpu = rounds.every(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent !== null)
      ? rounds.reduce(
          (sum, { cpuMicrosPerEvent, eventsPerSecond }) => sum + (cpuMicrosPerEvent ?? 0) * eventsPerSecond,
          0,
        ) / events
      : null;
    return {
      sendsPerSecond: rounds.reduce((sum, { publishesPerSecond }) => sum + (publishesPerSecond ?? 0), 0),
      cpuMicrosPerEvent: cpu,
      eventsPerCommit:
        counters.reduce((sum, one) => sum + one.events, 0) /
        counters.reduce((sum, one) => sum + one.commits, 0),
      rounds,
    };
  } finally {
    for (const node of nodes) await node.close();
  }
}

export const cluster: BenchCase = {
  name: 'cluster',
  async run(context) {
    if (missingPrograms !== null) throw new Error(`${missingPrograms} cannot be found`);
    const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-bench-cluster-'));
    // PostgreSQL's own account has to get through to its folder.
    chmodSync(folder, 0o711);
    const store = await startPrivatePostgres(folder, await findFreePort());
    const bus = await startPrivateNats(await findFreePort());
    try {
      const kinds = [
        ['one node alone', 1, 'memory:'],
        ['1 node on the bus', 1, bus.url],
        ['2 nodes', 2, bus.url],
        ['3 nodes', 3, bus.url],
      ] as const;
      const measured: Measured[][] = kinds.map(() => []);
      for (let round = 1; round <= context.rounds; round += 1) {
        for (const [at, [name, count, busUrl]] of kinds.entries()) {
          const result = await measure(context, count, store.url, busUrl);
          measured[at]!.push(result);
          context.say(
            `  ${round}/${context.rounds} ${name.padEnd(18)} ${Math.round(result.sendsPerSecond)} sends/s, ${result.cpuMicrosPerEvent?.toFixed(0) ?? '?'} µs CPU each, ${result.eventsPerCommit.toFixed(1)} events a commit`,
          );
        }
        context.keep('rounds', measured);
      }
      const alone = measured[0]!;
      return {
        name: 'cluster',
        title: 'Durable sends on PostgreSQL, by several nodes',
        rounds: measured,
        rows: [
          ...kinds.map(([name], at) =>
            rowOf(
              `${name}: sends/s`,
              '',
              measured[at]!.map((one) => one.sendsPerSecond),
            ),
          ),
          ...kinds.map(([name], at) =>
            rowOf(
              `${name}: CPU per delivered event`,
              'µs',
              measured[at]!.map((one) => one.cpuMicrosPerEvent),
            ),
          ),
          ...kinds.map(([name], at) =>
            rowOf(
              `${name}: events a commit`,
              '',
              measured[at]!.map(({ eventsPerCommit }) => eventsPerCommit),
            ),
          ),
          rowOf(
            '3 nodes ÷ one alone: CPU per delivered event',
            '',
            measured[3]!.map(({ cpuMicrosPerEvent }, round) => {
              const other = alone[round]?.cpuMicrosPerEvent;
              return cpuMicrosPerEvent === null || !other ? null : cpuMicrosPerEvent / other;
            }),
            { goal: { atMost: 1.5 } },
          ),
          rowOf(
            'lost, doubled, refused or closed',
            '',
            [failures(measured.flat().flatMap(({ rounds }) => rounds))],
            {
              goal: { atMost: 0 },
            },
          ),
        ],
      };
    } finally {
      await bus.stop();
      await store.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
