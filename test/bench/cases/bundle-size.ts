/** What a browser loads before the web client or a pane shows anything, gzipped; budgets are the build's. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { BenchCase } from './bench-case.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export const bundleSize: BenchCase = {
  name: 'bundle-size',
  async run() {
    const output = execFileSync(process.execPath, ['addins/build.ts', '--stale', '--sizes'], {
      cwd: root,
      encoding: 'utf8',
    });
    const rows = [...output.matchAll(/^(\S+) +([\d.]+) of (\d+) KB/gm)].map(([, name, size, budget]) => ({
      what: name ?? '',
      value: Number(size),
      unit: 'KB',
      goal: { atMost: Number(budget) },
    }));
    if (rows.length === 0) throw new Error(`the build printed no sizes:\n${output}`);
    return { name: 'bundle-size', title: 'JavaScript before the first sight, gzipped', rows, rounds: null };
  },
};
