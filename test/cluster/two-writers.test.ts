/** Two nodes on one PostgreSQL: one order of events, locks that hold across nodes, and a server that goes away. */
import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStore } from '../../server/adapters/storage/open.ts';
import { openPostgresEngine } from '../../server/adapters/storage/postgres.ts';
import { openPostgresBlobs } from '../../server/adapters/storage/postgres-blobs.ts';
import { openPostgresSearch } from '../../server/adapters/storage/postgres-search.ts';
import { DomainError } from '../../server/domain/errors.ts';
import type { ConversationId } from '../../server/domain/ids.ts';
import type { CommittedEvent, Store } from '../../server/ports/store.ts';
import {
  alice,
  bob,
  conversation,
  hasPostgres,
  message,
  postgresSchema,
  window,
} from '../contract/stores.ts';
import { createManualClock } from '../support/clock.ts';
import { skipUnless } from '../support/skip.ts';

skipUnless(hasPostgres, 'no PostgreSQL for tests answers')('two nodes', () => {
  let url: string;
  let cut: () => Promise<unknown>;
  let connections: (state: string) => Promise<number>;
  let remove: () => Promise<unknown>;
  let nodes: Store[];
  const clock = createManualClock();
  const join = async () => {
    const node = await openStore({ url, folder: '', clock });
    nodes.push(node);
    return node;
  };
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no error',
      (error) => (error instanceof DomainError ? error.code : `not a DomainError: ${error}`),
    );
  beforeEach(async () => {
    ({ url, cut, connections, remove } = await postgresSchema());
    nodes = [];
  });
  afterEach(async () => {
    for (const node of nodes) await node.close();
    await remove();
  });

  test('[EV10] starting at once, they agree on schema, epoch and secrets', async () => {
    const [a, b, c] = (await Promise.all([join(), join(), join()])) as [Store, Store, Store];
    expect([b.epoch, c.epoch]).toEqual([a.epoch, a.epoch]);
    let made = 0;
    const secrets = await Promise.all([a, b, c].map((node) => node.secret('key', () => `secret ${++made}`)));
    expect(new Set(secrets).size).toBe(1);
  });

  test('[EV10] however their commits race, a reader that has seen event N misses none below it and none comes later', async () => {
    const writers = [await join(), await join()];
    const reader = await join();
    const perWriter = 400;
    const committed: CommittedEvent[][] = [[], []];
    writers.forEach((node, index) => {
      node.onCommitted((events) => committed[index]?.push(...events));
    });
    let isWriting = true;
    const write = async (node: Store, name: string) => {
      const one = (number: number) =>
        node.transaction([], async (tx) => {
          tx.appendEvent({ type: 'read.advanced', recipients: [bob], body: { name, number } });
          tx.appendEvent({ type: 'read.advanced', recipients: [bob], body: { name, number, again: true } });
        });
      for (let number = 0; number < perWriter; number += 4)
        await Promise.all([0, 1, 2, 3].map((step) => one(number + step)));
    };
    const read = async () => {
      let last = 0;
      const seen: number[] = [];
      for (;;) {
        const isLastRound = !isWriting;
        const events = await reader.events.after(last, 500);
        const inbox = await reader.events.inbox(bob, last, 500);
        for (const { seq } of events) {
          expect(seq).toBe(last + 1);
          last = seq;
          seen.push(seq);
        }
        // What is read a moment later begins with the same events.
        expect(inbox.slice(0, events.length).map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
        if (isLastRound && events.length === 0) return seen;
      }
    };
    const reading = read();
    await Promise.all(writers.map((node, index) => write(node, `node ${index}`)));
    isWriting = false;
    const seen = await reading;
    expect(seen).toHaveLength(4 * perWriter);
    // Each node heard of its own in their order; together they are all of them, each once.
    for (const own of committed)
      expect(own.map(({ seq }) => seq)).toEqual(own.map(({ seq }) => seq).toSorted((x, y) => x - y));
    const heard = committed.flat().map(({ seq }) => seq);
    expect(heard.toSorted((x, y) => x - y)).toEqual(seen);
  });

  test('[ST27] locks hold across nodes: what was read under one has not changed when it is written', async () => {
    const [a, b] = [await join(), await join()];
    const id = 'c' as ConversationId;
    await a.transaction([], (tx) => tx.conversations.insert(conversation('c'), null));
    const send = (node: Store) =>
      node.transaction([id, alice], async (tx) => {
        const roster = await tx.conversations.roster(id);
        await tx.conversations.post(message('c', (roster?.lastSeq ?? 0) + 1));
      });
    const crossed = (node: Store) => node.transaction([alice, id, bob], async () => {});
    const all = Array.from({ length: 50 }, () => [send(a), send(b), crossed(a), crossed(b)]).flat();
    expect(new Set(await Promise.all(all.map(codeOf)))).toEqual(new Set(['no error']));
    const rows = await a.conversations.messages(id, window({ limit: 1_000 }));
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  test('[ST27] a server that cuts every connection costs a retryable refusal at most, and nothing that was acknowledged', async () => {
    const node = await join();
    const id = 'c' as ConversationId;
    await node.transaction([], (tx) => tx.conversations.insert(conversation('c'), null));
    const send = () =>
      node.transaction([id], async (tx) => {
        const seq = ((await tx.conversations.roster(id))?.lastSeq ?? 0) + 1;
        await tx.conversations.post(message('c', seq));
        return seq;
      });
    const acknowledged: number[] = [];
    const codes: string[] = [];
    for (let round = 0; round < 60; round++) {
      const sends = Promise.allSettled([send(), send(), send()]);
      if (round % 10 === 5) await cut();
      for (const sent of await sends) {
        if (sent.status === 'fulfilled') acknowledged.push(sent.value);
        else codes.push((sent.reason as DomainError).code ?? String(sent.reason));
      }
    }
    const rows = await node.conversations.messages(id, window({ limit: 1_000 }));
    const seqs = rows.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(acknowledged.filter((seq) => !seqs.includes(seq))).toEqual([]);
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(codes.filter((code) => code !== 'store-unavailable')).toEqual([]);
    await send();
    expect(node.healthy()).toBe(true);
  });

  test('[ST27] a connection that is cut while a file or the index is being written fails that write and nothing else', async () => {
    const node = await join();
    const blobs = openPostgresBlobs(url);
    const index = await openPostgresSearch(url);
    // An upload that stands still between two parts: no query is under way that could hear of it.
    const source = new PassThrough();
    const upload = blobs.write('slow-upload', source, 1 << 20).then(
      () => 'written',
      (error: Error) => error.constructor.name,
    );
    source.write(randomBytes(300 * 1024));
    await vi.waitFor(async () => expect(await connections('idle in transaction')).toBe(1), {
      timeout: 20_000,
    });
    await cut();
    // Whatever is not heard has ended the process by the time at which all answer again.
    await vi.waitFor(() => index.update([], null), { timeout: 20_000 });
    source.end();
    expect(await upload).toBe('DomainError');
    expect(await blobs.read('slow-upload')).toBeNull();
    await vi.waitFor(() => node.transaction([], async () => {}), { timeout: 20_000 });
    await blobs.close();
    await index.close();
  });

  test('[ST27] a server that takes no writes, or is gone, is answered with `store-unavailable`', async () => {
    const engine = await openPostgresEngine(url, 0);
    const statement = (sql: string, index: number) => ({ sql, names: [], constants: [], index });
    const write = statement("insert into secret values ('a', 'b')", 1);
    const refused = engine.group([], async (session) => {
      await session.run(statement('set transaction read only', 0), {});
      await session.run(write, {});
    });
    expect(await codeOf(refused)).toBe('store-unavailable');
    await engine.group([], async (session) => session.run(write, {}));
    expect(await codeOf(engine.group([], async (session) => session.run(write, {})))).toBe('conflict');
    await engine.close();
    const nobody = openStore({ url: 'postgres://root@127.0.0.1:1/test', folder: '', clock });
    await expect(nobody).rejects.toThrow(/ECONNREFUSED/);
  });

  test('[ST27] a text that PostgreSQL cannot hold is refused as input, alone', async () => {
    const node = await join();
    const insert = (subject: string) =>
      node.transaction([], (tx) =>
        tx.conversations.insert(
          conversation(subject.length === 2 ? 'a' : 'b', { kind: 'conference', subject }),
          null,
        ),
      );
    expect(await Promise.all([insert('a\u0000'), insert('fine')].map(codeOf))).toEqual([
      'invalid-input',
      'no error',
    ]);
  });
});
