/**
 * `npm run check:size`: what each page makes a browser load before it shows anything, as it travels
 * (gzipped), against a budget. Office's own scripts are not counted; languages and other chunks that load
 * on demand are not either.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuiltFile } from './bundle.ts';
import { dist, readCurrent } from './stamp.ts';

/**
 * Kilobytes (1,000 bytes) of gzipped JavaScript. A pane opens beside a mail within half a second on an office
 * network, which is what 80 stand for; the event script runs at every recipient typed, the icon on pages of others.
 */
const budgets: Record<string, number> = {
  '/addins/outlook/launch-event.js': 10,
  '/embed.js': 15,
};
const budgetOfPages = 80;

/** Prints the table; true when every page is within its budget. */
export function printSizes(): boolean {
  const current = readCurrent();
  if (!current) throw new Error('there is no build; run `npm run build`');
  const folder = path.join(dist, current.build);
  const files = JSON.parse(readFileSync(path.join(folder, 'files.json'), 'utf8')) as BuiltFile[];
  const weigh = (file: string) => gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length;

  const rows = files.flatMap(({ address, file, page }) => {
    if (page) {
      const html = readFileSync(path.join(folder, file), 'utf8');
      const scripts = new Set(
        [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1] as string),
      );
      return {
        name: address,
        bytes: [...scripts].reduce((sum, script) => sum + weigh(script), 0),
        budget: budgetOfPages,
      };
    }
    const isStandalone = file.endsWith('.js') && !file.startsWith('assets/') && !file.startsWith('public/');
    return isStandalone
      ? { name: address, bytes: weigh(file), budget: budgets[address] ?? budgetOfPages }
      : [];
  });

  for (const { name, bytes, budget } of rows.sort((one, other) => other.bytes - one.bytes)) {
    const verdict = bytes > budget * 1_000 ? '  TOO LARGE' : '';
    process.stdout.write(
      `${name.padEnd(28)} ${(bytes / 1_000).toFixed(1).padStart(6)} of ${budget} KB${verdict}\n`,
    );
  }
  return rows.every(({ bytes, budget }) => bytes <= budget * 1_000);
}
