/** Runs the real build on a small set of pages in a folder of its own. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../support/sources.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-build-'));
const file = (...names: string[]) => path.join(folder, ...names);
const write = (name: string, text: string) => {
  mkdirSync(path.dirname(file(name)), { recursive: true });
  writeFileSync(file(name), text);
};

async function build(...options: string[]) {
  const run = promisify(execFile)(process.execPath, ['addins/build.ts', ...options], { cwd: folder });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({
      code: code as number,
      stdout: stdout as string,
      stderr: stderr as string,
    }),
  );
}

type Listed = { address: string; file: string; page?: string; encodings: string[] };
const current = () => JSON.parse(readFileSync(file('dist/current.json'), 'utf8')).build as string;
const listed = () => JSON.parse(readFileSync(file('dist', current(), 'files.json'), 'utf8')) as Listed[];
const contentOf = (address: string) => {
  const found = listed().find((one) => one.address === address);
  return readFileSync(file('dist', current(), found?.file ?? 'missing'), 'utf8');
};

const page = `<!doctype html><html><head>
<link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="./page.css">
<script src="/office-js/office.js"></script><script type="module" src="./main.ts"></script>
</head><body></body></html>`;

beforeAll(() => {
  for (const name of [
    'addins/build.ts',
    'addins/build',
    'webpack.config.js',
    'package.json',
    'tsconfig.json',
  ]) {
    cpSync(path.join(root, name), file(name), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), file('node_modules'), 'junction');
  write('server/protocol/vocabulary.ts', "export const word: string = 'unknown';");
  write('addins/shared/hello.ts', "export const hello = (name: string) => console.log('hello', name);");
  write('addins/web/index.html', page);
  write('addins/web/page.css', 'body { margin: 0 }');
  write(
    'addins/web/main.ts',
    "import { word } from '../../server/protocol/vocabulary.ts';\nimport { hello } from '../shared/hello.ts';\nhello(word);",
  );
  write('addins/web/public/favicon.svg', '<svg/>');
  write('addins/outlook/pane.html', page.replace('./page.css', '../web/page.css'));
  write('addins/outlook/main.ts', "import { hello } from '../shared/hello.ts';\nhello('outlook');");
  write(
    'addins/outlook/launch-event.standalone.ts',
    'const wait = async () => 1;\nvoid wait().then(console.log);',
  );
  write('addins/playground/outlook/index.html', page.replace('./page.css', '../../web/page.css'));
  write('addins/playground/outlook/main.ts', "console.log('playground');");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('[OP3] a first start builds, a second one has nothing to do', async () => {
  const first = await build('--stale');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('built the pages');
  expect(await build('--stale')).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('[OP3] pages, scripts and copied files have the addresses that the server and manifests name', () => {
  const addresses = listed().map(({ address }) => address);
  expect(addresses).toEqual(
    expect.arrayContaining([
      '/',
      '/addins/outlook/pane.html',
      '/addins/outlook/launch-event.js',
      '/playground/outlook',
      '/favicon.svg',
    ]),
  );
  const html = contentOf('/');
  expect(html).toContain('<script src="/office-js/office.js">');
  expect(html).toContain('href="/favicon.svg"');
  const references = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
  expect(references).toHaveLength(2);
  for (const reference of references) {
    expect(reference).toMatch(/\.[0-9a-f]{20}\.(js|css)$/);
    expect(addresses).toContain(reference);
  }
});

test('[OP5] nothing that is built needs inline scripts or eval', () => {
  for (const { file: name, page: isPage } of listed()) {
    const text = readFileSync(file('dist', current(), name), 'utf8');
    if (isPage) expect(text, name).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/i);
    else expect(text, name).not.toMatch(/\beval\(|new Function/);
  }
});

test('[OP3] the event script suits an engine that stops at ES2016', () => {
  expect(contentOf('/addins/outlook/launch-event.js')).not.toMatch(/\basync\b|\?\?|\?\./);
});

test('[OP3] a change makes a new build and leaves the old one for whoever still reads it', async () => {
  const before = current();
  write('server/protocol/vocabulary.ts', "export const word: string = 'offline';");
  expect((await build('--stale')).code).toBe(0);
  expect(current()).not.toBe(before);
  expect(existsSync(file('dist', before, 'files.json'))).toBe(true);
});

test('[OP3] a file that is written again with the same content is no work', async () => {
  write('server/protocol/vocabulary.ts', "export const word: string = 'offline';");
  expect((await build('--stale')).stdout).toBe('');
});

test('[OP3] a build that fails says where and leaves the current one in place', async () => {
  const before = current();
  write('addins/web/main.ts', "import { missing } from './missing.ts';\nmissing();");
  const { code, stderr } = await build('--stale');
  expect(code).toBe(1);
  expect(stderr).toContain('missing.ts');
  expect(current()).toBe(before);
  expect(readdirSync(file('dist')).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('[OP3] options that do not exist are refused', async () => {
  expect(await build('--stail')).toMatchObject({ code: 2, stderr: expect.stringContaining('--stail') });
});

test('[OP8] a page above its budget fails the check and is named', async () => {
  write('addins/web/main.ts', 'console.log(1);');
  const small = await build('--sizes');
  expect(small.code).toBe(0);
  expect(small.stdout).toMatch(/^\/ +0\.\d of 80 KB$/m);
  const noise = Array.from({ length: 20_000 }, (_, at) => Math.imul(at, 2_654_435_761).toString(36)).join(
    ' ',
  );
  write('addins/web/main.ts', `console.log('${noise}');`);
  const large = await build('--sizes');
  expect(large.code).toBe(1);
  expect(large.stdout).toMatch(/^\/ .* TOO LARGE$/m);
});

test('[OP7] a watcher publishes every change, survives a mistake, and takes its command along when it ends', async () => {
  write('addins/web/main.ts', 'console.log(1);');
  const child = [process.execPath, '-e', "console.log('pid', process.pid); setInterval(() => {}, 1000)"];
  const watcher = spawn(process.execPath, ['addins/build.ts', '--watch', '--', ...child], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [watcher.stdout, watcher.stderr]) {
    stream.on('data', (text) => {
      output += text;
    });
  }
  const ended = once(watcher, 'exit');
  try {
    await expect.poll(() => output).toMatch(/pid \d+/);
    const pid = Number(/pid (\d+)/.exec(output)?.[1]);
    const pointer = () => JSON.parse(readFileSync(file('dist/current.json'), 'utf8'));
    const first = pointer();
    expect(first.isWatching).toBe(true);

    write('addins/web/main.ts', "import './missing.ts';");
    await expect.poll(() => output).toContain('missing.ts');
    expect(pointer()).toEqual(first);
    write('addins/web/main.ts', "console.log('second');");
    await expect.poll(() => pointer().build).not.toBe(first.build);
    const script = /assets\/main[^"]*\.js/.exec(contentOf('/'))?.[0] ?? 'missing';
    expect(readFileSync(file('dist', current(), script), 'utf8')).toContain('second');

    watcher.kill('SIGTERM');
    await ended;
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  } finally {
    watcher.kill('SIGKILL');
  }
});

test('[OP7] a start after a watcher makes a build of its own', async () => {
  const watched = current();
  expect((await build('--stale')).stdout).toContain('built the pages');
  expect(current()).not.toBe(watched);
});
