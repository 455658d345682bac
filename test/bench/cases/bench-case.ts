/** What every case is given, and the rounds in which servers take turns. */
import type { Load, LoadResult } from '../load.ts';
import { postedProfile } from '../peers/peer.ts';
import type { startReference } from '../peers/peers.ts';
import type { CaseReport } from '../report.ts';
import type { Witnesses } from '../witnesses.ts';

export interface BenchContext {
  /** How often the servers take turns; the figure is the median. */
  readonly rounds: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Runs a load with the generator of this bench; `node` asks for our own, which also times answers. */
  run(load: Load, generator?: 'node'): Promise<LoadResult>;
  say(text: string): void;
  /** Writes down what a part of this case has measured so far, so that a run that is cut keeps it. */
  keep(part: string, rounds: unknown): void;
  /** Node flags for Jellybean's process, e.g. for a profile. */
  readonly serverFlags: readonly string[];
}

export interface BenchCase {
  readonly name: string;
  run(context: BenchContext): Promise<CaseReport>;
}

/**
 * A B A B …: the host's speed changes within minutes, so what is compared is measured side by side. Who is
 * not there (null) has no results. The first is the one that is measured.
 */
export async function takeTurns<Name extends string>(
  context: BenchContext,
  part: string,
  contestants: Readonly<Record<Name, (() => Promise<LoadResult>) | null>>,
): Promise<Record<Name, LoadResult[]>> {
  const names = Object.keys(contestants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    LoadResult[]
  >;
  const missing = new Set<Name>();
  for (let round = 1; round <= context.rounds; round++) {
    for (const name of names) {
      if (missing.has(name)) continue;
      const result = await contestants[name]?.().catch((error: unknown) => {
        // Whoever only stands beside us does not end the case: it is left out from here on, and its ratios are unknown.
        if (name === names[0]) throw error;
        missing.add(name);
        context.say(`  ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      });
      if (!result) continue;
      results[name].push(result);
      context.say(
        `  ${round}/${context.rounds} ${name.padEnd(16)} ${Math.round(result.eventsPerSecond)} events/s, ` +
          `${result.cpuMicrosPerEvent?.toFixed(2) ?? '?'} µs CPU each, p99 ${result.deliveryP99?.toFixed(1) ?? '?'} ms` +
          `${result.lost || result.refused || result.closed ? `; lost ${result.lost}, refused ${result.refused}, closed ${result.closed}` : ''}`,
      );
    }
    context.keep(part, results);
  }
  return results;
}

/** Ratios of one round each, so that a slow minute slows both sides of it. */
export function ratios(
  ours: readonly LoadResult[],
  theirs: readonly LoadResult[],
  figure: (result: LoadResult) => number | null,
): (number | null)[] {
  return ours.map((result, index) => {
    const [own, other] = [figure(result), theirs[index] && figure(theirs[index])];
    return own === null || !other ? null : own / other;
  });
}

/** What must be nought for a run to count: deliveries lost or doubled, refusals, streams closed. */
export const failures = (results: readonly LoadResult[]): number =>
  results.reduce((sum, { lost, refused, closed }) => sum + Math.abs(lost) + refused + closed, 0);

/** The same load on the plain reference: a stream is two lines there, and needs no column. */
export function runReference(
  context: BenchContext,
  load: Omit<Load, 'label' | 'port' | 'profile' | 'columns' | 'serverPids'>,
  reference: Pick<Awaited<ReturnType<typeof startReference>>, 'port' | 'pid'>,
): Promise<LoadResult> {
  return context.run(
    {
      ...load,
      label: 'reference',
      port: reference.port,
      profile: postedProfile,
      columns: [],
      serverPids: [reference.pid],
    },
    'node',
  );
}

/** How many views of the witnesses differ from a fresh snapshot; the first three are named. */
export async function countDifferences(context: BenchContext, witnesses: Witnesses): Promise<number> {
  const found = await witnesses.check();
  for (const difference of found.slice(0, 3)) context.say(`  ${difference}`);
  return found.length;
}
