/** The store where things go wrong: killed, out of disk, written by a newer program, opened twice. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openFolderBlobs } from '../../server/adapters/blobs/folder.ts';
import { type LogFlush, openLogFlush } from '../../server/adapters/storage/log-flush.ts';
import { migrationsFor } from '../../server/adapters/storage/migrations/index.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import { createSqlStore } from '../../server/adapters/storage/sql-store.ts';
import { openSqliteEngine } from '../../server/adapters/storage/sqlite.ts';
import { openDatabase } from '../../server/adapters/storage/sqlite-database.ts';
import { verify } from '../../server/adapters/storage/verify.ts';
import { DomainError } from '../../server/domain/errors.ts';
import type { ConversationId } from '../../server/domain/ids.ts';
import type { CommittedEvent, Store } from '../../server/ports/store.ts';
import { createManualClock, noon } from '../support/clock.ts';
import { skipUnless } from '../support/skip.ts';
import { alice, bob, conversation, message, window } from '../support/store-rows.ts';

const writer = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url));
const clock = createManualClock();
const databaseFile = (folder: string) => path.join(folder, 'jellybean.db');
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => (error instanceof DomainError ? error.code : `not a DomainError: ${error}`),
  );

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jellybean-faults-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = () => openStore({ url: 'sqlite:', folder, clock });

describe('a killed process', () => {
  test('[ST13] every acknowledged message is there once after SIGKILL in the middle of sending, five times over', async () => {
    const acknowledged = new Set<number>();
    for (let round = 1; round <= 5; round++) {
      const child = spawn(process.execPath, [writer, 'send', folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const enough = acknowledged.size + 150 * round;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.add(JSON.parse(line) as number);
        if (acknowledged.size >= enough) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');

      const store = await open();
      const rows = await store.conversations.messages('c' as ConversationId, window({ limit: 1e6 }));
      const seqs = rows.map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
      expect([...acknowledged].filter((seq) => seq > seqs.length)).toEqual([]);
      // State and event together: as many events as messages, without a gap.
      const events = await store.events.inbox(bob, 0, 1e6);
      expect(events.map(({ seq }) => seq)).toEqual(seqs);
      expect((await store.conversations.roster('c' as ConversationId))?.lastSeq).toBe(seqs.length);
      await store.close();
    }
    expect(acknowledged.size).toBeGreaterThan(2_000);
  });
});

describe('a log that has not reached the disk', () => {
  const id = 'c' as ConversationId;
  const send = (store: Store) =>
    store.transaction([id], async (tx) => {
      const seq = ((await tx.conversations.roster(id))?.lastSeq ?? 0) + 1;
      await tx.conversations.post(message('c', seq));
      tx.appendEvent({ type: 'message.posted', recipients: [bob], messageId: `c-${seq}`, body: '{}' });
      return seq;
    });
  const read = async (store: Store) => ({
    messages: (await store.conversations.messages(id, window({ limit: 1e6 }))).length,
    roster: (await store.conversations.roster(id))?.lastSeq,
    events: await store.events.lastSeq(),
  });
  const openOver = async (flushOf: (flush: LogFlush['flush']) => LogFlush['flush']) => {
    const engine = openSqliteEngine(databaseFile(folder), noon, (file) => {
      const log = openLogFlush(file);
      return { ...log, flush: flushOf(log.flush) };
    });
    const store = await createSqlStore(engine, clock);
    await store.transaction([], (tx) => tx.conversations.insert(conversation('c'), null));
    return store;
  };

  test('[ST13, ST30] a power cut takes nothing that was acknowledged, heard of or read', async () => {
    const log = `${databaseFile(folder)}-wal`;
    let onDisk: Buffer = Buffer.alloc(0);
    const store = await openOver((flush) => async () => {
      const written = readFileSync(log);
      await flush();
      onDisk = written;
    });
    let known = 0;
    const learn = (seq: number | undefined) => {
      known = Math.max(known, seq ?? 0);
    };
    store.onCommitted((events) => learn(events.at(-1)?.seq));
    let isOver = false;
    const write = async () => {
      while (!isOver) learn(await send(store));
    };
    const look = async () => {
      while (!isOver) {
        for (const seq of Object.values(await read(store))) learn(seq);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const all = Promise.all([write(), write(), write(), look()]);
    for (let cut = 1; cut <= 5; cut++) {
      const enough = cut * 40;
      await vi.waitFor(() => expect(known).toBeGreaterThanOrEqual(enough), { timeout: 20_000, interval: 1 });
      // What a machine without current would find: the file, and as much of the log as has been flushed.
      const after = await mkdtemp(path.join(tmpdir(), 'jellybean-cut-'));
      const knownThen = known;
      await writeFile(`${databaseFile(after)}-wal`, onDisk);
      await copyFile(databaseFile(folder), databaseFile(after));
      const found = await openStore({ url: 'sqlite:', folder: after, clock });
      const { messages, roster, events } = await read(found);
      expect(messages).toBeGreaterThanOrEqual(knownThen);
      expect([roster, events]).toEqual([messages, messages]);
      await found.close();
      await rm(after, { recursive: true });
    }
    isOver = true;
    await all;
    await store.close();
  });

  test('[ST30] until the flush nothing is acknowledged, emitted or to be read; the thread goes on', async () => {
    let calls = 0;
    let goOn = () => {};
    const store = await openOver((flush) => async () => {
      calls += 1;
      if (calls > 2) await new Promise<void>((resolve) => (goOn = resolve));
      await flush();
    });
    const heard: number[] = [];
    store.onCommitted((events) => heard.push(...events.map(({ seq }) => seq)));
    let answers = 0;
    const sending = Promise.all([send(store), send(store)]).then(() => {
      answers += 2;
    });
    await expect.poll(() => calls).toBe(3);
    const later = send(store);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([answers, heard]).toEqual([0, []]);
    expect(await read(store)).toEqual({ messages: 0, roster: 0, events: 0 });
    goOn();
    await sending;
    expect(heard).toEqual([1, 2]);
    expect(await read(store)).toEqual({ messages: 2, roster: 2, events: 2 });
    await expect.poll(() => calls).toBe(4);
    goOn();
    expect(await later).toBe(3);
    await store.close();
  });

  test('[ST2, ST30] a failed flush refuses its group; before anything else the log is copied into the file', async () => {
    let fails = false;
    const store = await openOver((flush) => async () => {
      await flush();
      if (fails) throw new Error('the disk said no');
    });
    const heard: number[] = [];
    store.onCommitted((events) => heard.push(...events.map(({ seq }) => seq)));
    expect(await send(store)).toBe(1);
    // A backup, say, that goes on reading what was before.
    const other = openDatabase(databaseFile(folder), true);
    other.exec('begin');
    other.prepare('select count(*) from message').get();
    fails = true;
    expect(await codeOf(send(store))).toBe('store-unavailable');
    expect(store.healthy()).toBe(false);
    fails = false;
    expect(await codeOf(send(store))).toBe('store-unavailable');
    expect(heard).toEqual([1]);
    other.close();

    // What had been refused was committed before its flush failed, and is durable now; its event can be read.
    expect(await send(store)).toBe(3);
    expect(store.healthy()).toBe(true);
    expect(heard).toEqual([1, 3]);
    expect((await store.events.after(1, 10)).map(({ seq }) => seq)).toEqual([2, 3]);
    await store.close();
  });
});

describe('a failed commit', () => {
  test('[ST2] refuses all of its group with `store-unavailable`, emits nothing, and the next one works', async () => {
    const engine = openSqliteEngine(databaseFile(folder), noon);
    let fails = false;
    const store = await createSqlStore(
      {
        ...engine,
        group: (locks, body) =>
          engine.group(locks, async (session) => {
            const result = await body(session);
            if (fails) throw new Error('the disk said no');
            return result;
          }),
      },
      clock,
    );
    const heard: CommittedEvent[] = [];
    store.onCommitted((events) => heard.push(...events));
    await store.transaction([], (tx) => tx.conversations.insert(conversation('c'), null));
    const send = (seq: number) =>
      store.transaction([], async (tx) => {
        await tx.conversations.post(message('c', seq));
        tx.appendEvent({ type: 'message.posted', recipients: [alice], messageId: `c-${seq}`, body: '{}' });
      });
    const refused = () =>
      store.transaction([], async () => {
        throw new DomainError('forbidden', 'refused');
      });

    fails = true;
    expect(store.healthy()).toBe(true);
    expect(await Promise.all([send(1), refused(), send(2)].map(codeOf))).toEqual([
      'store-unavailable',
      'store-unavailable',
      'store-unavailable',
    ]);
    expect(store.healthy()).toBe(false);
    expect(heard).toEqual([]);
    expect(await store.conversations.messages('c' as ConversationId, window())).toEqual([]);

    fails = false;
    await Promise.all([send(1), send(2)]);
    expect(heard.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(store.healthy()).toBe(true);

    // Nobody writes any more: the store finds out by itself that it works again.
    fails = true;
    expect(await codeOf(send(3))).toBe('store-unavailable');
    clock.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(store.healthy()).toBe(false);
    fails = false;
    clock.advance(1_000);
    await expect.poll(() => store.healthy()).toBe(true);
    await store.close();
    expect(clock.waiting).toBe(0);
  });
});

const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

skipUnless(canMount, 'a small disk cannot be mounted here')('a full disk', () => {
  test('[ST2, ST14] writes answer 503, what was acknowledged stays, reading goes on, and room heals it', async () => {
    const disk = path.join(folder, 'disk');
    const script =
      'mkdir -p "$1" && mount -t tmpfs -o size=3m tmpfs "$1" && exec "$2" "$3" fill "$1" mount -o remount,size=64m "$1"';
    const output = execFileSync(
      'unshare',
      ['-rm', 'sh', '-c', script, 'sh', disk, process.execPath, writer],
      {
        encoding: 'utf8',
      },
    );
    const report = JSON.parse(output.trim().split('\n').at(-1) as string) as Record<string, number>;
    const { acknowledged } = report;
    expect(acknowledged).toBeGreaterThan(100);
    expect(report).toEqual({
      acknowledged,
      emitted: acknowledged,
      refusal: 'store-unavailable',
      blobRefusal: 'store-unavailable',
      blob: 'absent',
      isHealthy: false,
      again: 'store-unavailable',
      readable: acknowledged,
      lastSeq: acknowledged,
      next: (acknowledged as number) + 1,
      isHealthyAgain: true,
      lastSeqAfter: (acknowledged as number) + 1,
    });
  });
});

describe('two servers on one file', () => {
  test('[ST23] the second is refused in words; when the first has ended, however it ended, there is room', async () => {
    const child = spawn(process.execPath, [writer, 'send', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(open()).rejects.toThrow('in use by another server');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await open();
    await expect(open()).rejects.toThrow('in use by another server');
    await store.close();
    await (await open()).close();
  });
});

test('[ST28] the database belongs to the account of the server alone', async () => {
  const store = await open();
  await store.transaction([], (tx) => tx.conversations.insert(conversation('c'), null));
  for (const name of ['jellybean.db', 'jellybean.db-wal'])
    expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
  await store.close();
});

describe('migrations', () => {
  const change = (sql: string) => {
    const database = openDatabase(databaseFile(folder), false);
    database.exec(sql);
    database.close();
  };

  test('[ST22] a store that a newer program has made its own, or of a changed migration, is refused and left as it is', async () => {
    await (await open()).close();
    change("insert into schema_migration values (999, 'from-the-future', 'x', 0, 998)");
    await expect(open()).rejects.toThrow('migration 999 (from-the-future) of a newer version');
    change("delete from schema_migration where number = 999; update schema_migration set checksum = 'x'");
    await expect(open()).rejects.toThrow('was changed after it ran');
  });

  test('[ST22] inboxes written before they lay by time are found where they lie now', async () => {
    const database = openDatabase(databaseFile(folder), false);
    database.exec(
      `create table schema_migration (number integer primary key, name text not null, checksum text not null, applied_at integer not null) strict`,
    );
    const types = {
      text: 'text',
      integer: 'integer',
      bytes: 'blob',
      table: ' strict',
      clustered: ' strict, without rowid',
    };
    for (const { number, name, checksum, statements } of migrationsFor(types)) {
      if (name === 'inbox by time') break;
      for (const statement of statements) database.exec(statement);
      database.prepare('insert into schema_migration values (?, ?, ?, 0)').run(number, name, checksum);
    }
    database.exec("insert into organisation values (1, 'e1', 2000, 0)");
    database.exec('begin');
    const event = database.prepare(`insert into event values (?, 'read.advanced', 0, '{}', null, ?, 0)`);
    const inbox = database.prepare('insert into inbox values (?, ?, null)');
    for (let seq = 1; seq <= 2_000; seq++) {
      event.run(seq, JSON.stringify([alice, bob]));
      for (const person of [alice, bob]) inbox.run(person, seq);
    }
    database.exec('commit');
    database.close();
    const store = await open();
    const all = Array.from({ length: 2_000 }, (_, index) => index + 1);
    expect((await store.events.inbox(bob, 0, 3_000)).map(({ seq }) => seq)).toEqual(all);
    expect((await store.events.inbox(alice, 700, 5)).map(({ seq }) => seq)).toEqual([
      701, 702, 703, 704, 705,
    ]);
    expect((await store.events.inbox(alice, 1_021, 5)).map(({ seq }) => seq)).toEqual([
      1022, 1023, 1024, 1025, 1026,
    ]);
    await store.close();
    const blobs = await openFolderBlobs(path.join(folder, 'blobs'), noon);
    for await (const { check, wrong } of verify(databaseFile(folder), blobs))
      expect([check, wrong]).toEqual([check, 0]);
  });

  test('[ST22] a file that is no database is refused in words', async () => {
    await copyFile(fileURLToPath(import.meta.url), databaseFile(folder));
    await expect(open()).rejects.toThrow(/not a database/);
  });

  test('[ST22] every table is strict', async () => {
    await (await open()).close();
    const database = openDatabase(databaseFile(folder), true);
    const loose = database.prepare(
      "select name from pragma_table_list where type = 'table' and strict = 0 and name not like 'sqlite_%'",
    );
    expect(loose.all()).toEqual([]);
    database.close();
  });
});
