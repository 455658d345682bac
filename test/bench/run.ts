/**
 * `npm run bench`: measures Jellybean beside a plain-Node reference server in the same run and prints a
 * table; the JSON goes to test/bench/results/.
 *
 *   npm run bench -- --quick             one short round each: shows that it runs, not how fast
 *   npm run bench -- --only=fan-out      some cases, by name
 *   npm run bench -- --generator=node    our own load generator although the C one is at hand
 *   npm run bench -- --profile=FOLDER    CPU profiles of Jellybean's process
 *
 * Ends with 1 when a goal is missed; a quick run judges nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
const context: BenchContext = {
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  warmSeconds: values.quick ? 1 : 2,
  seconds: values.quick ? 2 : 6,
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

const reports: CaseReport[] = [];
for (const each of cases) {
  if (wanted && !wanted.includes(each.name)) continue;
  say(each.name);
  try {
    reports.push(await each.run(context));
  } catch (error) {
    // The other cases are worth their time all the same.
    say(`  ${each.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
rmSync(folder, { recursive: true, force: true });

const results = path.join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const file = path.join(results, `${new Date().toISOString().replaceAll(':', '-')}.json`);
writeFileSync(file, `${JSON.stringify({ machine, quick: values.quick, reports }, null, 2)}\n`);
say(`\n${formatReport(reports)}\n${path.relative(process.cwd(), file)}`);

const missed = reports.flatMap(({ rows }) => rows).filter((row) => meetsGoal(row) === false);
if (missed.length > 0 && !values.quick) {
  say(`${missed.length} ${missed.length === 1 ? 'goal is' : 'goals are'} missed.`);
  process.exitCode = 1;
}
