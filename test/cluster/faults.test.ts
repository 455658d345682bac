/** A short run under faults; `npm run soak` is the long one. The seed is printed: CHAOS_SEED repeats a run. */
import { expect, test, vi } from 'vitest';
import { missingPrograms } from '../support/private-services.ts';
import { skipUnless } from '../support/skip.ts';
import { runFaults } from './faults.ts';

vi.setConfig({ testTimeout: 300_000 });

skipUnless(missingPrograms === null, `${missingPrograms} cannot be found`)('faults', () => {
  test('[CL5] killed and stopped nodes, NATS and PostgreSQL started again: nothing acknowledged is lost or doubled, all agree', async () => {
    const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
    const lines: string[] = [];
    const result = await runFaults({
      seed,
      conversations: 6,
      everyMs: 150,
      stoppedMs: 8_000,
      calmMs: 3_000,
      rounds: 1,
      say: (line) => lines.push(line),
    });
    const told = [`seed ${seed}`, ...lines, ...result.complaints].join('\n');
    process.stderr.write(
      `faults: seed ${seed}, ${result.acknowledged} acknowledged, streams back after at most ${result.returns.at(-1)} ms, a dead node's endpoint gone after ${result.goneAfterMs} ms, agreed after ${result.agreedAfterMs} ms\n`,
    );
    expect(result.complaints, told).toEqual([]);
    expect(result.acknowledged, told).toBeGreaterThan(50);
    expect(result.returns.length, told).toBeGreaterThan(0);
  });
});
