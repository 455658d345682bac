/**
 * `npm run soak`: faults for as long as one likes, judged round by round.
 * `npm run soak -- --minutes 60 --streams 1000 --seed 7`; a round takes three to four minutes, and there is always one.
 */
import { parseArgs } from 'node:util';
import { missingPrograms } from '../support/private-services.ts';
import { runFaults } from './faults.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    streams: { type: 'string', default: '300' },
    seed: { type: 'string' },
  },
});
if (missingPrograms !== null) {
  process.stderr.write(`${missingPrograms} cannot be found on this machine.\n`);
  process.exit(2);
}

/** On a machine that has the run to itself; clients find another node within a second. */
const backWithinMs = 5_000;

const until = Date.now() + Number(values.minutes) * 60_000;
const conversations = Math.max(1, Math.floor(Number(values.streams) / 3));
let seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
let failed = 0;
do {
  process.stdout.write(`seed ${seed}\n`);
  const { complaints, acknowledged, returns, goneAfterMs, agreedAfterMs } = await runFaults({
    seed,
    conversations,
    everyMs: conversations * 10,
    stoppedMs: 60_000,
    calmMs: 10_000,
    rounds: 1,
    say: (line) => process.stdout.write(`  ${new Date().toISOString().slice(11, 19)} ${line}\n`),
  });
  const at = (share: number) => returns[Math.min(returns.length - 1, Math.floor(returns.length * share))];
  process.stdout.write(
    `  ${acknowledged} acknowledged; streams back after ${at(0.5)} ms (half), ${at(0.99)} ms (99 of 100), ${at(1)} ms (all); ` +
      `a dead node's endpoint gone after ${goneAfterMs} ms; all nodes agree after ${agreedAfterMs} ms\n`,
  );
  const slowest = returns.at(-1) ?? 0;
  const wrong = [...complaints, ...(slowest > backWithinMs ? [`a stream was away for ${slowest} ms`] : [])];
  for (const complaint of wrong) process.stdout.write(`  WRONG: ${complaint}\n`);
  if (wrong.length > 0) failed += 1;
  seed += 1;
} while (Date.now() < until);
process.stdout.write(failed === 0 ? 'nothing to complain of\n' : `${failed} runs with complaints\n`);
process.exit(failed === 0 ? 0 : 1);
