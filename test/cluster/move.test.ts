/** From SQLite to PostgreSQL: everything, once, and clients go on where they were. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSystemClock } from '../../server/adapters/clock/system.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import { openDatabase } from '../../server/adapters/storage/sqlite-database.ts';
import { hasPostgres } from '../contract/stores.ts';
import { newDatabase } from '../support/cluster.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';
import { openStream } from '../support/sse-client.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

skipUnless(hasPostgres, 'no PostgreSQL for tests answers')('migrate', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Awaited<ReturnType<typeof newDatabase>>;
  let server: ServerProcess | null = null;
  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await newDatabase();
  });
  afterEach(async () => {
    await server?.end('SIGKILL');
    server = null;
    await database.remove();
    await folder.remove();
  });

  const move = (...more: string[]): Promise<{ code: number; out: string; error: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env.PATH, JELLYBEAN_DATA: folder.path };
      execFile(process.execPath, [cli, 'migrate', database.url, ...more], { env }, (error, out, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, error: stderr });
      });
    });
  const call = async (token: string, method: string, path: string, body?: unknown) => {
    const isForm = body instanceof FormData;
    const response = await fetch(`${server?.http}/api/v1${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      body: (/^[[{]/.test(text) ? JSON.parse(text) : {}) as Record<string, unknown>,
    };
  };
  const signIn = async (user: string) => {
    const { body } = await call('', 'POST', '/demo/token', { user: `${user}@contoso.example` });
    return { token: body.access_token as string, id: (body.person as { id: string }).id };
  };

  test('[CL6] messages, attachments, choices, tokens and cursors are there afterwards, as they were', async () => {
    server = await startServerProcess(folder.path);
    const [alice, bob] = [await signIn('alice'), await signIn('bob')];
    const form = new FormData();
    form.set('file', new File(['bytes that stay'], 'note.txt', { type: 'text/plain' }));
    const attachment = await call(alice.token, 'POST', '/attachments', form);
    const opened = await call(alice.token, 'POST', '/conversations', {
      participants: [bob.id],
      firstMessage: { text: 'ä 🙂 "quoted"\n\tand tabs', attachments: [attachment.body.id] },
    });
    const { id } = opened.body as { id: string };
    const stream = await openStream(`${server.http}/api/v1/events?endpoint=desk`, { token: bob.token });
    const { cursor } = (await stream.next('ready', { withinMs: 20_000 })).data as { cursor: string };
    await stream.close();
    for (let number = 1; number <= 20; number += 1)
      await call(alice.token, 'POST', `/conversations/${id}/messages`, { text: `number ${number}` });
    await call(bob.token, 'PUT', '/me/note', { text: 'moving house' });
    const before = await call(bob.token, 'GET', `/conversations/${id}/messages?after=0&limit=100`);

    const refused = await move();
    expect(refused.code).toBe(1);
    expect(refused.error).toMatch(/in use by another server/);

    await server.end();
    const moved = await move();
    expect(moved.error).toBe('');
    expect(moved.code).toBe(0);
    expect(moved.out).toMatch(/message: 21 rows, [0-9a-f]{16}/);
    expect(moved.out).toMatch(/each read back and compared/);
    expect(moved.out).toContain('attachments: 1 are where they were, 0.0 MB, each compared by SHA-256');
    const again = await move();
    expect([again.code, again.error]).toEqual([
      1,
      expect.stringContaining('organisation in that PostgreSQL already'),
    ]);

    server = await startServerProcess(folder.path, { env: { JELLYBEAN_STORE: database.url } });
    const after = await call(bob.token, 'GET', `/conversations/${id}/messages?after=0&limit=100`);
    expect(after.body).toEqual(before.body);
    expect((await call(bob.token, 'GET', `/attachments/${attachment.body.id}`)).text).toBe('bytes that stay');
    expect(((await call(alice.token, 'GET', `/presence/${bob.id}`)).body.note as { text: string }).text).toBe(
      'moving house',
    );
    const resumed = await openStream(`${server.http}/api/v1/events?endpoint=desk`, {
      token: bob.token,
      lastEventId: cursor,
    });
    expect((await resumed.next('ready', { withinMs: 20_000 })).data).toMatchObject({ resumed: true });
    for (let number = 1; number <= 20; number += 1)
      expect((await resumed.next('message.posted', { withinMs: 20_000 })).data).toMatchObject({
        message: { text: `number ${number}` },
      });
    await resumed.close();
    expect(
      (await call(alice.token, 'POST', `/conversations/${id}/messages`, { text: 'and on' })).body.seq,
    ).toBe(22);
  });

  test('[CL6] attachments move into the store where that is said, each read back; a damaged one is named and moves nobody else', async () => {
    server = await startServerProcess(folder.path);
    const [alice, bob] = [await signIn('alice'), await signIn('bob')];
    const bytes = randomBytes(700_000).toString('base64');
    const ids: string[] = [];
    for (const text of [bytes, 'short', 'to be damaged']) {
      const form = new FormData();
      form.set('file', new File([text], 'note.txt', { type: 'text/plain' }));
      ids.push((await call(alice.token, 'POST', '/attachments', form)).body.id as string);
    }
    await call(alice.token, 'POST', '/conversations', {
      participants: [bob.id],
      firstMessage: { text: 'three files', attachments: ids },
    });
    await server.end();
    const [, , third = ''] = ids;
    await writeFile(path.join(folder.path, 'blobs', third.slice(-2).toLowerCase(), third), 'something else');

    expect(await move('--attachments', 'elsewhere')).toMatchObject({ code: 2 });
    const moved = await move('--attachments', 'store');
    expect(moved.error).toBe('');
    expect(moved.out).toContain('attachments: 2 copied and read back, 0.9 MB, each compared by SHA-256');
    expect(moved.out).toContain(`WRONG   attachment ${third} is missing or not what was uploaded`);
    expect(moved.code).toBe(1);

    // Nothing of the old folder is needed any more.
    await rm(path.join(folder.path, 'blobs'), { recursive: true });
    server = await startServerProcess(folder.path, {
      env: { JELLYBEAN_STORE: database.url, JELLYBEAN_ATTACHMENTS: 'store' },
    });
    expect((await call(bob.token, 'GET', `/attachments/${ids[0]}`)).text).toBe(bytes);
    expect((await call(bob.token, 'GET', `/attachments/${ids[1]}`)).text).toBe('short');
  });

  test('[CL6] a text that PostgreSQL cannot hold is named, and nothing is there', async () => {
    const clock = createSystemClock();
    const store = await openStore({ url: 'sqlite:', folder: folder.path, clock });
    await store.close();
    const sqlite = openDatabase(`${folder.path}/jellybean.db`, false);
    sqlite.prepare('insert into setting (name, value) values (?, ?)').run('broken', 'a\u0000b');
    sqlite.close();
    const moved = await move();
    expect(moved.code).toBe(1);
    expect(moved.error).toMatch(/The table setting could not be written: .*Nothing was moved/);
    const target = await openStore({ url: database.url, folder: '', clock });
    expect(await target.records.setting('broken')).toBeNull();
    await target.close();
  });
});
