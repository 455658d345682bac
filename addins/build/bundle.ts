/**
 * Runs the bundler and turns what comes out into a finished build: addresses, entity tags and compressed
 * copies are worked out here once, so that the server only has to look them up.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import webpack from 'webpack';
import { configurations } from '../../webpack.config.js';
import { type Current, dist, root, stampOf } from './stamp.ts';

/** One file of a build as `files.json` lists it. `page` is set for HTML: `<host>/<page>`. */
export type BuiltFile = { address: string; file: string; etag: string; encodings: string[]; page?: string };

/** Folders whose pages live under `/addins/`, because Office shows them; the others are at the root. */
const officeHosts = ['outlook', 'word', 'excel'];
const compressible = new Set(['.html', '.js', '.css', '.svg', '.json', '.map', '.txt']);
/** A server that starts while a newer build is made may still be reading the one before. */
const buildsKept = 3;

/** Where a folder of addins/ is found on the server: `web` is the root, `outlook` is `/addins/outlook`. */
function addressOfHost(host: string): string {
  if (host === 'web') return '';
  if (host === 'docs') return '/api/docs';
  return officeHosts.includes(host) ? `/addins/${host}` : `/${host}`;
}

/** Where a page is found: panes keep `.html`, because manifests name them so; the rest read like places. */
function addressOfPage(host: string, page: string): string {
  if (officeHosts.includes(host)) return `/addins/${host}/${page}.html`;
  const address = `${addressOfHost(host)}/${page}`.replace(/\/?index$/, '');
  return address === '' ? '/' : address;
}

/** Bundles into a folder of its own, completes it there, and only then makes it the current build. */
export async function build(): Promise<boolean> {
  const started = performance.now();
  const stamp = stampOf();
  const output = path.join(dist, `.${stamp}-${randomUUID().slice(0, 8)}`);
  try {
    const stats = await promisify<webpack.MultiStats | undefined>((done) =>
      webpack(configurations({ output }), done),
    )();
    if (!stats || !report(stats)) return false;
    await finish(output);
    publish(output, stamp, false);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
  process.stdout.write(`built the pages in ${((performance.now() - started) / 1_000).toFixed(1)} s\n`);
  return true;
}

/** Prints errors and warnings; false when the result is of no use. */
export function report(stats: webpack.MultiStats): boolean {
  if (stats.hasErrors() || stats.hasWarnings()) {
    process.stderr.write(`${stats.toString({ preset: 'errors-warnings', colors: process.stderr.isTTY })}\n`);
  }
  return !stats.hasErrors();
}

/** Makes the bundler's output complete: fixed addresses, copied files, `files.json` with all that serving needs. */
export async function finish(output: string, isCompressed = true): Promise<void> {
  const hosts = readdirSync(path.join(root, 'addins'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of hosts) {
    const source = path.join(root, 'addins', name, 'public');
    if (existsSync(source)) cpSync(source, path.join(output, 'public', name), { recursive: true });
  }
  const files = readdirSync(output, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(output, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  const built = await Promise.all(files.map((file) => finishFile(output, file, isCompressed)));
  writeFileSync(path.join(output, 'files.json'), JSON.stringify(built.flat(), null, 1));
}

async function finishFile(output: string, file: string, isCompressed: boolean): Promise<BuiltFile[]> {
  const full = path.join(output, file);
  const [folder, host = '', ...rest] = file.split('/');
  let address = `/${file}`;
  let page: string | undefined;
  if (file.endsWith('.html') && folder === 'addins') {
    const name = rest.join('/').replace(/\.html$/, '');
    page = `${host}/${name}`;
    address = addressOfPage(host, name);
    // Pages are served elsewhere than where the bundler put them, so what it made relative becomes absolute.
    writeFileSync(
      full,
      readFileSync(full, 'utf8')
        .replace(/(?:\.\.\/)+assets\//g, '/assets/')
        .replaceAll('<!-- webpackIgnore: true -->', ''),
    );
  } else if (folder === 'public') {
    address = `${addressOfHost(host)}/${rest.join('/')}`;
  } else if (folder !== 'assets') {
    // A host's main script has the host's name: `embed/index.js` is `/embed.js`.
    address = `${addressOfHost(folder ?? '')}/${[host, ...rest].join('/')}`.replace(/\/index\.js$/, '.js');
  }
  const content = readFileSync(full);
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  const encodings = isCompressed && compressible.has(path.extname(file)) ? await compress(full, content) : [];
  return [{ address, file, etag, encodings, ...(page ? { page } : {}) }];
}

/** Writes the compressed copies that are worth their while, best first. */
async function compress(full: string, content: Buffer): Promise<string[]> {
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
    promisify(gzip)(content, { level: 9 }),
  ]);
  const copies: [string, Buffer][] = [
    ['br', br],
    ['gzip', gz],
  ];
  const worthwhile = copies.filter(([, copy]) => copy.length < content.length * 0.95);
  for (const [encoding, copy] of worthwhile) writeFileSync(`${full}.${encoding}`, copy);
  return worthwhile.map(([encoding]) => encoding);
}

/**
 * Gives the finished folder its name and points `current.json` at it. Both are renames, so neither is ever
 * half done; a build of that name is as good as this one, being made of the same.
 */
export function publish(output: string, build: string, isWatching: boolean): void {
  const folder = path.join(dist, build);
  if (!existsSync(path.join(folder, 'files.json'))) renameSync(output, folder);
  const pointer = path.join(dist, `.current-${randomUUID().slice(0, 8)}.json`);
  writeFileSync(pointer, JSON.stringify({ build, isWatching } satisfies Current));
  renameSync(pointer, path.join(dist, 'current.json'));
  forgetOldBuilds(build);
}

/** Removes all but the last few builds, and what a killed build left lying an hour ago. */
function forgetOldBuilds(newest: string): void {
  const others = readdirSync(dist)
    .filter((name) => name !== newest && name !== 'current.json')
    .map((name) => ({ name, at: statSync(path.join(dist, name)).mtimeMs }))
    .sort((one, other) => other.at - one.at);
  const unfinished = others.filter(({ name, at }) => name.startsWith('.') && at < Date.now() - 3_600_000);
  const builds = others.filter(({ name }) => !name.startsWith('.'));
  for (const { name } of [...unfinished, ...builds.slice(buildsKept - 1)]) {
    rmSync(path.join(dist, name), { recursive: true, force: true });
  }
}
