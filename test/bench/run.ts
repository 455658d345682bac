/**
 * `npm run bench`: measures Jellybean beside a plain-Node reference server in the same run and prints a
 * table per case; the JSON goes to test/bench/results/, rewritten after every round, so that a run that is
 * cut keeps what it has.
 *
 *   npm run bench -- --quick             one short round each: shows that it runs, not how fast
 *   npm run bench -- --only=fan-out      some cases, by name
 *   npm run bench -- --rounds=3          fewer turns than five
 *   npm run bench -- --generator=node    our own load generator although the C one is at hand
 *   npm run bench -- --profile=FOLDER    CPU profiles of Jellybean's process
 *
 * Ends with 1 when a goal is missed; a quick run judges nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchCase, BenchContext } from './cases/bench-case.ts';
import { bundleSize } from './cases/bundle-size.ts';
import { cluster } from './cases/cluster.ts';
import { coldStart } from './cases/cold-start.ts';
import { conference } from './cases/conference.ts';
import { fanOut } from './cases/fan-out.ts';
import { frontEnd } from './cases/front-end.ts';
import { graphDay } from './cases/graph-day.ts';
import { graphFacade } from './cases/graph-facade.ts';
import { longHistory } from './cases/long-history.ts';
import { presence } from './cases/presence.ts';
import { sendToOne } from './cases/send-to-one.ts';
import { signInRamp } from './cases/sign-in-ramp.ts';
import { storm } from './cases/storm.ts';
import { streams } from './cases/streams.ts';
import type { Load, LoadResult } from './load.ts';
import { canPin, GENERATOR_CORE, runPinned } from './processes.ts';
import { type CaseReport, formatReport, meetsGoal } from './report.ts';
import { buildSsload } from './ssload.ts';

const cases: readonly BenchCase[] = [
  fanOut,
  sendToOne,
  conference,
  longHistory,
  streams,
  storm,
  signInRamp,
  presence,
  frontEnd,
  coldStart,
  bundleSize,
  cluster,
  graphDay,
  graphFacade,
];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    generator: { type: 'string' },
    rounds: { type: 'string' },
    profile: { type: 'string' },
  },
});
const wanted = values.only?.split(',');
const unknown = wanted?.filter((name) => !cases.some((each) => each.name === name)) ?? [];
if (unknown.length > 0) {
  process.stderr.write(
    `No case is called ${unknown.join(', ')}; there are ${cases.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}

// What was started is ended at the exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const say = (text: string) => void process.stdout.write(`${text}\n`);
const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-bench-'));

let loads = 0;
async function runOwn(load: Load): Promise<LoadResult> {
  // Each a file of its own: loads may run side by side.
  const file = path.join(folder, `load-${++loads}.json`);
  writeFileSync(file, JSON.stringify(load));
  const generator = path.join(import.meta.dirname, 'generator.ts');
  return JSON.parse(await runPinned(process.execPath, [generator, file])) as LoadResult;
}
// What runs in this process, such as the witnesses, must not take the server's core.
if (canPin) spawnSync('taskset', ['-pc', String(GENERATOR_CORE), String(process.pid)], { stdio: 'ignore' });
const runC = values.generator === 'node' ? null : buildSsload();
const context: Omit<BenchContext, 'keep'> = {
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  warmSeconds: 1,
  seconds: values.quick ? 2 : 4,
  run: (load, generator) => (generator === 'node' || runC === null ? runOwn(load) : runC(load)),
  say,
  serverFlags: values.profile ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(values.profile)}`] : [],
};

const machine = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  pinned: canPin,
  generator: runC === null ? 'node' : 'c',
};
say(
  `${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}; load generator: ${machine.generator}; ` +
    `${canPin ? 'server and generator each on a core of their own' : 'nothing is pinned to a core'}\n`,
);

const results = path.join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const file = path.join(results, `${new Date().toISOString().replaceAll(':', '-')}.json`);
const reports: (CaseReport & { seconds: number })[] = [];
/** What a case has measured that is under way, or that failed: part by part. */
const unfinished = new Map<string, Record<string, unknown>>();
function write(): void {
  // Renamed into place, since a cut may come while it is written.
  writeFileSync(
    `${file}.new`,
    `${JSON.stringify({ machine, quick: values.quick, reports, unfinished: Object.fromEntries(unfinished) }, null, 2)}\n`,
  );
  renameSync(`${file}.new`, file);
}

for (const each of cases) {
  if (wanted && !wanted.includes(each.name)) continue;
  say(each.name);
  const startedAt = performance.now();
  const parts: Record<string, unknown> = {};
  unfinished.set(each.name, parts);
  const keep = (part: string, rounds: unknown) => {
    parts[part] = rounds;
    write();
  };
  try {
    const report = await each.run({ ...context, keep });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    reports.push({ ...report, seconds });
    unfinished.delete(each.name);
    say(`  ${seconds} s\n\n${formatReport(report)}`);
  } catch (error) {
    // The other cases are worth their time all the same.
    say(`  ${each.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
  write();
}
rmSync(folder, { recursive: true, force: true });
say(path.relative(process.cwd(), file));

const missed = reports.flatMap(({ rows }) => rows).filter((row) => meetsGoal(row) === false);
if (missed.length > 0 && !values.quick) {
  say(`${missed.length} ${missed.length === 1 ? 'goal is' : 'goals are'} missed.`);
  process.exitCode = 1;
}
