/** What every store promises of transactions and groups (ports/store.ts). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DomainError } from '../../server/domain/errors.ts';
import type { CommittedEvent, Transaction } from '../../server/ports/store.ts';
import { alice, bob, conversation, message, type StoreUnderTest, stores, window } from './stores.ts';

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => (error instanceof DomainError ? error.code : `not a DomainError: ${error}`),
  );

const note = (tx: Transaction, seq: number, recipients = [alice, bob]) =>
  tx.appendEvent({ type: 'read.advanced', recipients, body: { conversationId: 'c', personId: alice, seq } });

describe.each(stores)('$name', ({ open }) => {
  let under: StoreUnderTest;
  beforeEach(async () => {
    under = await open();
  });
  afterEach(() => under.dispose());

  test('[ST1] a refused work is undone alone, whatever stands before and behind it in its group', async () => {
    const { store } = under;
    const work = (id: string, refuse: boolean) =>
      store.transaction([], async (tx) => {
        await tx.conversations.insert(conversation(id, { kind: 'conference' }), null);
        note(tx, 1);
        if (refuse) throw new DomainError('forbidden', 'refused');
        return id;
      });
    const outcomes = await Promise.allSettled([
      work('one', false),
      work('two', true),
      work('three', false),
      work('four', true),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(await store.conversations.find(conversation('one').id)).not.toBeNull();
    expect(await store.conversations.find(conversation('two').id)).toBeNull();
    expect(await store.conversations.find(conversation('three').id)).not.toBeNull();
    expect(await store.conversations.find(conversation('four').id)).toBeNull();
    expect(await store.events.lastSeq()).toBe(2);
    expect(store.healthy()).toBe(true);
  });

  test('[ST1] a work alone in its group is undone as well', async () => {
    const { store } = under;
    const refused = store.transaction([], async (tx) => {
      await tx.conversations.insert(conversation('one'), null);
      throw new DomainError('forbidden', 'refused');
    });
    expect(await codeOf(refused)).toBe('forbidden');
    expect(await store.conversations.find(conversation('one').id)).toBeNull();
    await store.transaction([], async (tx) => tx.conversations.insert(conversation('one'), null));
    expect(await store.conversations.find(conversation('one').id)).not.toBeNull();
  });

  test('[ST1] a work that breaks a constraint is refused with `conflict`, its neighbours are not', async () => {
    const { store } = under;
    const insert = (seq: number) =>
      store.transaction([], async (tx) => tx.conversations.post(message('c', seq)));
    await store.transaction([], async (tx) => tx.conversations.insert(conversation('c'), null));
    const outcomes = await Promise.all([insert(1), insert(1), insert(2)].map(codeOf));
    expect(outcomes).toEqual(['no error', 'conflict', 'no error']);
    expect(await store.conversations.messages(conversation('c').id, window())).toHaveLength(2);
  });

  test('[ST1] a body that cannot be serialised refuses its own work only', async () => {
    const { store } = under;
    const bad = store.transaction([], async (tx) => {
      tx.appendEvent({ type: 'read.advanced', recipients: [alice], body: { seq: 1n } });
    });
    const good = store.transaction([], async (tx) => note(tx, 1));
    await expect(bad).rejects.toThrow(TypeError);
    await good;
    expect(await store.events.lastSeq()).toBe(1);
  });

  test('[ST3] a work sees what its group has written, a reader outside only what is committed', async () => {
    const { store } = under;
    let duringGroup: unknown = 'not read';
    await Promise.all([
      store.transaction([], async (tx) => tx.conversations.insert(conversation('c'), null)),
      store.transaction([], async (tx) => {
        expect(await tx.conversations.find(conversation('c').id)).not.toBeNull();
        duringGroup = await store.conversations.find(conversation('c').id);
      }),
    ]);
    expect(duringGroup).toBeNull();
    expect(await store.conversations.find(conversation('c').id)).not.toBeNull();
  });

  test('[ST4] the first result of a creating call is remembered for 24 h and cannot be stored twice', async () => {
    const { store, clock } = under;
    const remember = (digest: string) =>
      store.transaction([], (tx) => tx.rememberResult(alice, 'k', digest, 201, '{"id":1}', clock.now()));
    await remember('first');
    expect(await codeOf(remember('second'))).toBe('conflict');
    expect(await store.idempotency.find(alice, 'k', clock.now())).toEqual({
      requestDigest: 'first',
      status: 201,
      json: '{"id":1}',
    });
    expect(await store.idempotency.find(bob, 'k', clock.now())).toBeNull();
    clock.advance(24 * 3_600_000);
    expect(await store.idempotency.find(alice, 'k', clock.now())).toBeNull();
    await remember('third');
    expect((await store.idempotency.find(alice, 'k', clock.now()))?.requestDigest).toBe('third');
  });

  test('[ST12] a secret is made once and stays', async () => {
    const { store } = under;
    let made = 0;
    const make = () => `secret ${++made}`;
    const first = await Promise.all([store.secret('key', make), store.secret('key', make)]);
    expect(first[0]).toBe(first[1]);
    const other = await store.secret('other', make);
    expect(other).not.toBe(first[0]);
    const again = await under.reopen();
    expect(await again.secret('key', make)).toBe(first[0]);
  });

  test('[ST15] closing waits for what was given in, and refuses what comes later', async () => {
    const { store } = under;
    const pending = store.transaction([], async (tx) => note(tx, 1));
    const closing = store.close();
    const late = codeOf(store.transaction([], async (tx) => note(tx, 2)));
    await pending;
    expect(await late).toBe('shutting-down');
    await closing;
    expect(await codeOf(store.events.lastSeq())).toBe('shutting-down');
    expect(await (await under.reopen()).events.lastSeq()).toBe(1);
  });

  test('[EV5] listeners hear of events after the commit, in its order, before the transactions resolve', async () => {
    const { store } = under;
    const heard: string[] = [];
    let readable: Promise<number> | undefined;
    store.onCommitted((events: readonly CommittedEvent[]) => {
      heard.push(...events.map(({ seq }) => `event ${seq}`));
      readable ??= store.events.lastSeq();
    });
    const send = (seq: number) =>
      store.transaction([], async (tx) => note(tx, seq)).then(() => heard.push(`resolved ${seq}`));
    await Promise.all([send(1), send(2)]);
    await send(3);
    expect(heard).toEqual(['event 1', 'event 2', 'resolved 1', 'resolved 2', 'event 3', 'resolved 3']);
    expect(await readable).toBe(2);
  });
});
