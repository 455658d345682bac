/**
 * Names builds and finds them again. Knows nothing of the bundler, so that a start with nothing to build
 * does not load it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const dist = path.join(root, 'dist');

/** `dist/current.json`: the build to serve, and whether a watcher will replace it while the server runs. */
export type Current = { build: string; isWatching: boolean };

/** Built by its own toolchain into a package of its own (addins/build/sharepoint.ts), with its own node_modules. */
const built = new Set(['sharepoint']);
/** Everything that a build is made of. The lockfile stands for node_modules. */
const ingredients = [
  ...readdirSync(path.join(root, 'addins'))
    .filter((name) => !built.has(name))
    .sort()
    .map((name) => `addins/${name}`),
  'server/protocol',
  'webpack.config.js',
  'package.json',
  'package-lock.json',
];

/** Hashes the ingredients by content, so that neither a checkout nor a copy makes a build stale. */
export function stampOf(): string {
  const hash = createHash('sha256');
  const add = (name: string) => {
    const full = path.join(root, name);
    if (!existsSync(full)) return;
    hash.update(`${name}\0`).update(readFileSync(full)).update('\0');
  };
  for (const name of ingredients) {
    if (path.extname(name) !== '') {
      add(name);
      continue;
    }
    const files = readdirSync(path.join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    for (const file of files.sort()) add(file);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Reads the pointer to the current build; null when there is none, or its folder has gone. */
export function readCurrent(): Current | null {
  try {
    const current = JSON.parse(readFileSync(path.join(dist, 'current.json'), 'utf8')) as Current;
    return existsSync(path.join(dist, current.build, 'files.json')) ? current : null;
  } catch {
    return null;
  }
}
