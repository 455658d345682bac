/**
 * What the command line does with archives and people's data, on an organisation that a real server has made:
 * checking an exported archive, exporting and erasing a person, each as a process of its own.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../support/server-process.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let server: ServerProcess | null = null;
let conversation = '';

const run = (...args: string[]): Promise<{ code: number; out: string; error: string }> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, JELLYBEAN_DATA: data };
    execFile(process.execPath, [cli, ...args], { env }, (error, out, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, error: stderr });
    });
  });

/** A client of the running server, signed in by the part before the @. */
async function as(name: string) {
  const base = `${server?.http}/api/v1`;
  const signedIn = await fetch(`${base}/demo/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: `${name}@contoso.example` }),
  });
  const { access_token: token, person } = (await signedIn.json()) as {
    access_token: string;
    person: { id: string };
  };
  const call = async (method: string, route: string, body?: unknown) => {
    const isForm = body instanceof FormData;
    const response = await fetch(`${base}${route}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
    return text;
  };
  return { id: person.id, call };
}
const idOf = (text: string) => (JSON.parse(text) as { id: string }).id;
const recordsOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { record: Record<string, unknown> }).record);

beforeAll(async () => {
  folder = await temporaryFolder();
  data = path.join(folder.path, 'data');
  server = await startServerProcess(data);
  const [alice, bob, carol] = [await as('alice'), await as('bob'), await as('carol')];
  await carol.call('PUT', '/admin/retention', {
    messageDays: null,
    cdrDays: 60,
    auditDays: 365,
    archive: 'everyone',
  });
  conversation = idOf(await alice.call('POST', '/conversations', { participants: [bob.id, carol.id] }));
  const messages = `/conversations/${conversation}/messages`;
  const form = new FormData();
  form.append('file', new Blob(['the bytes of a canary-file'], { type: 'text/plain' }), 'plan.txt');
  const file = idOf(await bob.call('POST', '/attachments', form));
  const sent = idOf(await bob.call('POST', messages, { text: 'canary-first', attachments: [file] }));
  await bob.call('PATCH', `${messages}/${sent}`, { text: 'canary-second' });
  await alice.call('PUT', `${messages}/${sent}/reactions/${encodeURIComponent('👍')}`);
  await alice.call('POST', messages, { text: 'what alice answered', replyTo: sent });
});
afterAll(async () => {
  await server?.end('SIGKILL');
  await folder.remove();
});

test('[IM52] an archive that a server has exported is checked by the command line, and a changed one is found out', async () => {
  const carol = await as('carol');
  const archive = path.join(folder.path, 'archive.jsonl');
  const text = await carol.call('GET', '/admin/archive');
  await writeFile(archive, text);
  expect(recordsOf(text).map(({ type }) => type)).toEqual(
    expect.arrayContaining(['archive', 'conversation', 'message', 'attachment', 'attachment-part', 'end']),
  );
  expect(await run('verify', archive)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^ok {6}\d+ lines, unbroken; digest [0-9a-f]{64}\n$/),
    error: '',
  });
  await writeFile(archive, text.replace('canary-second', 'canary-forged'));
  expect(await run('verify', archive)).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^WRONG {3}line/),
  });
  // Cut off behind a whole line, as a full disk would.
  await writeFile(archive, `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`);
  expect((await run('verify', archive)).code).toBe(1);
  const missing = await run('verify', path.join(folder.path, 'nowhere.jsonl'));
  expect(missing).toMatchObject({ code: 1, error: expect.stringContaining('ENOENT') });
  expect(missing.error).not.toContain('    at ');
});

test('[IM56] a person is exported beside the running server, by address or id, and the audit log knows of it', async () => {
  const [bob, carol] = [await as('bob'), await as('carol')];
  const file = path.join(folder.path, 'bob.jsonl');
  const made = await run('export-person', 'bob@contoso.example', file);
  expect(made).toEqual({ code: 0, out: `wrote what concerns bob@contoso.example to ${file}\n`, error: '' });
  expect((await run('verify', file)).code).toBe(0);
  const text = await readFile(file, 'utf8');
  for (const words of ['canary-first', 'canary-second', 'what alice answered', 'plan.txt'])
    expect(text, words).toContain(words);
  const { items } = JSON.parse(await carol.call('GET', '/admin/audit')) as {
    items: { actorId: string; action: string }[];
  };
  expect(items).toContainEqual(expect.objectContaining({ actorId: bob.id, action: 'person.exported' }));
  // The server went on meanwhile.
  await bob.call('POST', `/conversations/${conversation}/messages`, { text: 'still here' });

  const again = await run('export-person', bob.id, file);
  expect(again).toMatchObject({ code: 1, out: '', error: expect.stringContaining('EEXIST') });
  expect(again.error).not.toContain('    at ');
  expect(await readFile(file, 'utf8')).toBe(text);
  expect(await run('export-person', bob.id, path.join(folder.path, 'by-id.jsonl'))).toMatchObject({
    code: 0,
  });
  expect(await run('export-person', 'nobody@contoso.example', path.join(folder.path, 'x'))).toMatchObject({
    code: 2,
    error: 'Nobody in the directory is called nobody@contoso.example.\n',
  });
  expect((await run('export-person')).code).toBe(2);
});

test('[IM57] a person is erased with the server stopped and after a clear yes, down to the bytes of the files', async () => {
  expect(await run('erase-person', 'bob@contoso.example')).toMatchObject({
    code: 2,
    error: 'This cannot be undone: say --yes, with the server stopped.\n',
  });
  const beside = await run('erase-person', 'bob@contoso.example', '--yes');
  expect(beside).toMatchObject({
    code: 1,
    out: '',
    error: expect.stringContaining('in use by another server'),
  });

  const carol = await as('carol');
  const bob = await as('bob');
  const hold = idOf(await carol.call('POST', '/admin/holds', { personId: bob.id, reason: 'a case' }));
  await server?.end();
  const held = await run('erase-person', 'bob@contoso.example', '--yes');
  expect(held).toMatchObject({ code: 1, out: '', error: expect.stringContaining('legal hold') });
  server = await startServerProcess(data);
  await (await as('carol')).call('DELETE', `/admin/holds/${hold}`);
  // What is archived outlives its sender's deletion, not their erasure.
  expect(await filesWith('canary-second')).not.toEqual([]);
  await server.end();

  const erased = await run('erase-person', 'bob@contoso.example', '--yes');
  expect(erased).toEqual({
    code: 0,
    out: 'erased bob@contoso.example: 2 messages, 0 reactions, 1 files, 1 conversations\n',
    error: '',
  });
  expect(await filesWith('canary-')).toEqual([]);
  expect((await run('verify')).out).toContain('all is well');

  server = await startServerProcess(data);
  const alice = await as('alice');
  const { items } = JSON.parse(await alice.call('GET', `/conversations/${conversation}/messages`)) as {
    items: { text?: string; deletedAt: string | null }[];
  };
  expect(items.map(({ text, deletedAt }) => text ?? deletedAt !== null)).toEqual([
    true,
    'what alice answered',
    true,
  ]);
  await expect(as('bob')).rejects.toThrow();
});

/** Files of the data folder in which these bytes are found. */
async function filesWith(words: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if ((await readFile(file)).includes(words)) found.push(path.relative(data, file));
  }
  return found;
}
