/** What an administrator does beside the server: check the settings, back up, restore, verify. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFolderBlobs } from '../../server/adapters/blobs/folder.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import { openDatabase } from '../../server/adapters/storage/sqlite-database.ts';
import { verify } from '../../server/adapters/storage/verify.ts';
import type { AttachmentId, ConversationId } from '../../server/domain/ids.ts';
import type { Store } from '../../server/ports/store.ts';
import { createManualClock, noon } from '../support/clock.ts';
import { alice, bob, conversation, message, window } from '../support/store-rows.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const writer = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url));

// Each step starts a process of its own.

let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jellybean-admin-'));
  data = path.join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}
/** Runs the command line as an administrator would, with this test's data folder. */
const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const environment = { PATH: process.env.PATH, JELLYBEAN_DATA: data, ...env };
    execFile(process.execPath, [cli, ...args], { env: environment }, (error, out, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, error: stderr });
    });
  });

const openData = (): Promise<Store> =>
  openStore({ url: 'sqlite:', folder: data, clock: createManualClock() });

/** A small organisation: three messages, their events, one attachment. */
async function fill(): Promise<void> {
  const store = await openData();
  const blobs = await openFolderBlobs(path.join(data, 'blobs'), noon);
  const { size, sha256 } = await blobs.write('file-1', Readable.from(['some bytes']), 100);
  await store.transaction([], async (tx) => {
    await tx.conversations.insert(conversation('c'), null);
    for (const seq of [1, 2, 3]) {
      const row = message('c', seq);
      await tx.conversations.post(row);
      tx.appendEvent({ type: 'message.posted', recipients: [alice, bob], messageId: row.id, body: '{}' });
    }
    await tx.conversations.insertAttachment({
      id: 'file-1' as AttachmentId,
      ownerId: alice,
      messageId: null,
      name: 'a.txt',
      mediaType: 'text/plain',
      size,
      sha256,
      createdAt: noon,
    });
  });
  await store.close();
}

describe('backup and restore', () => {
  test('[ST24] a backup made in the middle of sending holds everything acknowledged before it, and is sound', async () => {
    const child = spawn(process.execPath, [writer, 'send', data], { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = 0;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      acknowledged = Number(line);
    });
    await once(lines, 'line');
    while (acknowledged < 500) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = acknowledged;
    const made = await run(['backup', path.join(folder, 'copy')]);
    expect(made).toMatchObject({ code: 0, error: '' });
    const after = acknowledged;
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(after).toBeGreaterThan(before);

    data = path.join(folder, 'elsewhere');
    expect(await run(['restore', path.join(folder, 'copy')])).toMatchObject({ code: 0, error: '' });
    expect(await run(['verify'])).toMatchObject({ code: 0, error: '' });
    const store = await openData();
    const seqs = (await store.conversations.messages('c' as ConversationId, window({ limit: 1e6 }))).map(
      ({ seq }) => seq,
    );
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(seqs.length).toBeGreaterThanOrEqual(before);
    await store.close();
  });

  test('[ST24, EV8] a restored organisation has all of its data and another epoch, and numbers its events on', async () => {
    await fill();
    const first = await openData();
    const { epoch } = first;
    const events = await first.events.inbox(bob, 0, 10);
    await first.close();
    const copy = path.join(folder, 'copy');
    expect((await run(['backup', copy])).out).toContain('1 attachments');

    expect(await run(['restore', copy])).toMatchObject({ code: 1, out: '' });
    const replaced = await run(['restore', copy, '--replace']);
    expect(replaced).toMatchObject({ code: 0, error: '' });
    expect(replaced.out).toContain('the former database is kept as');

    const store = await openData();
    expect(store.epoch).not.toBe(epoch);
    expect(await store.events.inbox(bob, 0, 10)).toEqual(events);
    await store.transaction([], async (tx) => {
      tx.appendEvent({ type: 'read.advanced', recipients: [bob], body: { seq: 1 } });
    });
    expect(await store.events.lastSeq()).toBe(4);
    await store.close();
    expect((await run(['verify'])).code).toBe(0);
  });

  test('[ST24] what would lose something is refused in a sentence and changes nothing', async () => {
    await fill();
    const copy = path.join(folder, 'copy');
    await run(['backup', copy]);
    const refusals: [readonly string[], string][] = [
      [['backup', copy], 'exists already'],
      [['restore', copy], 'add --replace'],
      [['restore', path.join(folder, 'nothing')], 'is no backup'],
    ];
    for (const [args, sentence] of refusals) {
      const ended = await run(args);
      expect(ended).toMatchObject({ code: 1, out: '' });
      expect(ended.error).toContain(sentence);
      expect(ended.error).not.toContain('    at ');
    }
    const store = await openData();
    expect((await run(['restore', copy, '--replace'])).error).toContain('in use by another server');
    await store.close();
    await appendFile(path.join(copy, 'jellybean.db'), 'x');
    expect((await run(['restore', copy, '--replace'])).error).toContain('damaged');
    expect((await run(['verify'])).code).toBe(0);
  });
});

describe('verify', () => {
  const damage: [string, string, string][] = [
    ['an event is missing', 'delete from event where seq = 2', 'events are numbered without a gap'],
    ['the last event is missing', 'delete from event where seq = 3', 'events are numbered without a gap'],
    ['an inbox entry is missing', 'delete from inbox where seq = 2', 'inbox of every recipient'],
    [
      'an inbox points nowhere',
      "insert into inbox values (0, 'x', 77, null)",
      'entry of an inbox has its event',
    ],
    ['a message is missing', "delete from message where id = 'c-2'", 'messages are numbered without a gap'],
    ['a message of an event is missing', "delete from message where id = 'c-1'", 'shows a message has it'],
    [
      'a list is gone and its members are not',
      "insert into mail_list_member values ('no such list', 'somebody')",
      'every address and member of a list belongs to a list',
    ],
    ['a mark is ahead', 'update participant set read_seq = 9', 'no mark lies beyond'],
    [
      'a file was exchanged',
      'update attachment set sha256 = lower(sha256) || 0',
      'every attachment has its bytes',
    ],
  ];
  const findings = async () => {
    const blobs = await openFolderBlobs(path.join(data, 'blobs'), noon);
    const wrong: string[] = [];
    for await (const finding of verify(path.join(data, 'jellybean.db'), blobs))
      if (finding.wrong > 0) wrong.push(`${finding.check} ${finding.detail}`);
    return wrong;
  };

  test.each(damage)('[ST25] finds it when %s', async (_, sql, check) => {
    await fill();
    expect(await findings()).toEqual([]);
    const database = openDatabase(path.join(data, 'jellybean.db'), false);
    database.exec(sql);
    database.close();
    expect((await findings()).join()).toContain(check);
  });

  test('[ST25] finds a missing attachment and a damaged database file', async () => {
    await fill();
    const blobs = await openFolderBlobs(path.join(data, 'blobs'), noon);
    await blobs.remove('file-1');
    expect((await findings()).join()).toContain('file-1 is missing');
    const file = path.join(data, 'jellybean.db');
    const bytes = await readFile(file);
    bytes.fill(0xff, 4096 * 10, 4096 * 12);
    await writeFile(file, bytes);
    expect((await findings()).join()).toContain('the database file is sound');
    const told = await run(['verify']);
    expect(told.code).toBe(1);
    expect(told.out).toContain('WRONG   the database file is sound');
  });
});

describe('the command line', () => {
  test('[ST26] check-config prints what would be in force, or every mistake at once', async () => {
    const good = await run(['check-config'], { JELLYBEAN_METRICS_TOKEN: 'a-token-that-is-long' });
    expect(good).toMatchObject({ code: 0, error: '' });
    expect(JSON.parse(good.out)).toMatchObject({ auth: 'demo', store: 'sqlite:', dataFolder: data });
    expect(good.out).not.toContain('a-token-that-is-long');
    const bad = await run(['check-config'], { JELLYBEAN_TLS_PORT: '5060', JELLYBEAN_STOER: 'x' });
    expect(bad).toMatchObject({ code: 2, out: '' });
    expect(bad.error).toContain('2 settings are wrong');
  });

  test('[ST26] a call that makes no sense ends with 2 and says how to call', async () => {
    for (const args of [[], ['frobnicate'], ['backup'], ['verify', 'x', 'y'], ['backup', 'a', '--wipe']])
      expect(await run(args)).toMatchObject({ code: 2, out: '' });
    const missing = await run(['verify', path.join(folder, 'no-archive.jsonl')]);
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.error).toContain('no such file');
    expect(missing.error).not.toContain('    at ');
    expect(await run(['--help'])).toMatchObject({ code: 0, error: '' });
    const elsewhere = await run(['verify'], { JELLYBEAN_STORE: 'postgres://db.example/jellybean' });
    expect(elsewhere).toMatchObject({ code: 2, out: '' });
    expect(elsewhere.error).toContain('lives in PostgreSQL');
  });
});
