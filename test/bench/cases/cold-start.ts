/**
 * From the command to the first `listening on` line, after the build is there: the first start on an empty
 * data folder, which also makes the database and the demo organisation, and starts after it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { settingsFor } from '../jellybean.ts';
import { startServer } from '../processes.ts';
import { rowOf } from '../report.ts';
import type { BenchCase } from './bench-case.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** `npm start`, as a newcomer types it, on whatever cores it likes. */
const start = (env: Record<string, string>) =>
  startServer(['start', '--silent'], { command: 'npm', cwd: root, env, isPinned: false, ownGroup: true });

export const coldStart: BenchCase = {
  name: 'cold-start',
  async run(context) {
    const [first, again]: [number[], number[]] = [[], []];
    // The first one builds what is stale; it is not counted.
    const folders = Array.from({ length: context.rounds + 1 }, () =>
      mkdtempSync(path.join(tmpdir(), 'jellybean-bench-')),
    );
    try {
      for (const [round, folder] of folders.entries()) {
        for (const times of [first, again]) {
          const { env } = await settingsFor(folder);
          const server = await start(env);
          await server.stop();
          if (round > 0) times.push(server.startMs);
        }
        if (round === 0) continue;
        context.keep('rounds', { first, again });
        context.say(
          `  ${round}/${context.rounds} ${first.at(-1)?.toFixed(0)} ms, again ${again.at(-1)?.toFixed(0)} ms`,
        );
      }
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }
    return {
      name: 'cold-start',
      title: '`npm start` until it listens',
      rounds: { first, again },
      rows: [
        rowOf('on an empty data folder', 'ms', first, { goal: { atMost: 2_000 } }),
        rowOf('again', 'ms', again, { goal: { atMost: 2_000 } }),
      ],
    };
  },
};
