/** What every store promises of the event log. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UserId } from '../../server/domain/ids.ts';
import type { CommittedEvent, NewEvent, Store } from '../../server/ports/store.ts';
import type { MessageRow } from '../../server/ports/store-conversations.ts';
import {
  alice,
  bob,
  carol,
  conversation,
  message,
  type StoreUnderTest,
  shownMessage,
  storesOfTwoVersions,
} from './stores.ts';

const marker = (seq: number, recipients: readonly UserId[] = [alice, bob]): NewEvent => ({
  type: 'read.advanced',
  recipients,
  body: { conversationId: 'c', personId: alice, seq },
});
/** Payloads of message events come as JSON that was made already. */
const posted = (row: MessageRow, type: NewEvent['type'] = 'message.posted'): NewEvent => ({
  type,
  recipients: [alice, bob],
  messageId: row.id,
  body: `{"conversationId":"${row.conversationId}","message":${row.json}}`,
});
const append = (store: Store, ...events: NewEvent[]) =>
  store.transaction([], async (tx) => {
    for (const event of events) tx.appendEvent(event);
  });
const parsed = (events: readonly { json: string }[]) => events.map(({ json }) => JSON.parse(json) as unknown);

/** What the wire shows of a conversation; enough for a payload. */
const shown = (id: string, lastMessage: unknown) => ({ id, lastMessage, unread: 0, muted: false });

describe.each(storesOfTwoVersions)('$name', ({ open }) => {
  let under: StoreUnderTest;
  let committed: CommittedEvent[];
  beforeEach(async () => {
    under = await open();
    committed = [];
    under.store.onCommitted((events) => committed.push(...events));
    await under.store.transaction([], async (tx) => tx.conversations.insert(conversation('c'), null));
  });
  afterEach(() => under.dispose());

  test('[EV1] events are numbered without a gap in the order of commits; a refused work takes no number', async () => {
    const { store } = under;
    const refused = store.transaction([], async (tx) => {
      tx.appendEvent(marker(99));
      throw new Error('refused');
    });
    const all = [append(store, marker(1), marker(2)), refused, append(store, marker(3))];
    await Promise.allSettled(all);
    await append(store, marker(4));
    expect(committed.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(parsed(committed)).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }, { seq: 4 }]);
    expect(await store.events.lastSeq()).toBe(4);
  });

  test('[EV1] numbering goes on after a restart', async () => {
    await append(under.store, marker(1), marker(2));
    const store = await under.reopen();
    await append(store, marker(3));
    expect((await store.events.inbox(alice, 0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test('[EV2] every recipient gets the same bytes, live and replayed', async () => {
    const { store } = under;
    await append(store, marker(7));
    const [live] = committed;
    expect(live).toMatchObject({ seq: 1, type: 'read.advanced', recipients: [alice, bob], ownJson: null });
    for (const person of [alice, bob])
      expect(await store.events.inbox(person, 0, 10)).toEqual([
        { seq: 1, type: 'read.advanced', json: live?.json },
      ]);
  });

  test('[EV2] own fields are laid over the conversation for their recipient alone', async () => {
    const { store } = under;
    await append(store, {
      type: 'invitation.received',
      recipients: [alice, bob],
      body: { conversation: shown('c', null), fromId: alice },
      own: new Map([[bob, { unread: 3, muted: true }]]),
    });
    const forAll = { conversation: shown('c', null), fromId: alice };
    const forBob = { conversation: { ...shown('c', null), unread: 3, muted: true }, fromId: alice };
    const [live] = committed as [CommittedEvent];
    expect(JSON.parse(live.json)).toEqual(forAll);
    expect([...(live.ownJson ?? [])].map(([id, json]) => [id, JSON.parse(json)])).toEqual([[bob, forBob]]);
    expect(parsed(await store.events.inbox(alice, 0, 10))).toEqual([forAll]);
    expect(parsed(await store.events.inbox(bob, 0, 10))).toEqual([forBob]);
    const [stored] = (await store.events.after(0, 10)) as [CommittedEvent];
    expect(JSON.parse(stored.ownJson?.get(bob) ?? '')).toEqual(forBob);
    expect(stored.ownJson?.has(alice)).toBe(false);
  });

  test('[EV2] recipients who share an object of own fields share one text', async () => {
    const { store } = under;
    const fields = { unread: 3 };
    await append(store, {
      type: 'conversation.updated',
      recipients: [alice, bob, carol],
      body: { conversation: shown('c', null) },
      own: new Map([
        [alice, fields],
        [bob, fields],
        [carol, { unread: 4 }],
      ]),
    });
    const texts = [alice, bob, carol].map((person) => committed[0]?.ownJson?.get(person));
    expect(texts[0]).toBe(texts[1]);
    expect(texts.map((json) => JSON.parse(json ?? '{}').conversation.unread)).toEqual([3, 3, 4]);
  });

  test('[EV3] a replayed message is shown as it is now: edited, a tombstone once deleted', async () => {
    const { store } = under;
    const row = message('c', 1, { json: JSON.stringify(shownMessage('c', 1, 'first words')) });
    await store.transaction([], async (tx) => {
      await tx.conversations.post(row);
      tx.appendEvent(posted(row));
    });
    expect((await store.events.inbox(bob, 0, 10))[0]?.json).toBe(committed[0]?.json);

    const edited = { ...row, json: JSON.stringify(shownMessage('c', 1, 'second words "\\ \u2028 👩‍👧')) };
    await store.transaction([], async (tx) => {
      await tx.conversations.updateMessage(edited);
      tx.appendEvent(posted(edited, 'message.edited'));
    });
    const now = { conversationId: 'c', message: JSON.parse(edited.json) as unknown };
    expect(parsed(await store.events.inbox(bob, 0, 10))).toEqual([now, now]);

    const tombstone = { id: row.id, conversationId: 'c', seq: 1, deletedAt: 'now' };
    await store.transaction([], (tx) =>
      tx.conversations.updateMessage({ ...row, json: JSON.stringify(tombstone) }),
    );
    const replay = await store.events.inbox(bob, 0, 10);
    expect(parsed(replay)).toEqual([1, 2].map(() => ({ conversationId: 'c', message: tombstone })));
    expect(JSON.stringify(await store.events.after(0, 10))).not.toContain('words');
  });

  test('[EV3] the last message within a conversation is not kept in the event either', async () => {
    const { store } = under;
    const last = shownMessage('c', 1, 'secret words');
    const row = message('c', 1, { json: JSON.stringify(last) });
    await store.transaction([], async (tx) => {
      await tx.conversations.post(row);
      tx.appendEvent({
        type: 'conversation.created',
        recipients: [bob],
        body: { conversation: shown('c', last), fromId: alice },
        own: new Map([[bob, { unread: 1 }]]),
      });
    });
    expect(parsed(await store.events.inbox(bob, 0, 10))).toEqual([
      { conversation: { ...shown('c', last), unread: 1 }, fromId: alice },
    ]);
    const tombstone = { id: row.id, deletedAt: 'now' };
    await store.transaction([], (tx) =>
      tx.conversations.updateMessage({ ...row, json: JSON.stringify(tombstone) }),
    );
    const replay = await store.events.inbox(bob, 0, 10);
    expect(parsed(replay)).toEqual([
      { conversation: { ...shown('c', tombstone), unread: 1 }, fromId: alice },
    ]);
    expect(JSON.stringify(await store.events.after(0, 10))).not.toContain('secret words');

    // Taken away for good, by retention: then there is no last message, and no copy of it either.
    await store.transaction([], (tx) => tx.records.removeMessages([row.id]));
    expect(parsed(await store.events.inbox(bob, 0, 10))).toEqual([
      { conversation: { ...shown('c', null), unread: 1 }, fromId: alice },
    ]);
  });

  test('[EV4] state and event are committed together or not at all', async () => {
    const { store } = under;
    const row = message('c', 1);
    await Promise.allSettled([
      store.transaction([], async (tx) => {
        tx.appendEvent(posted(row));
        await tx.conversations.post(row);
        throw new Error('refused');
      }),
      append(store, marker(1)),
    ]);
    expect(await store.conversations.message(row.id)).toBeNull();
    expect((await store.events.inbox(alice, 0, 10)).map(({ type }) => type)).toEqual(['read.advanced']);
    expect(committed).toHaveLength(1);
  });

  test('[EV6] an inbox holds a person’s own events, ascending, a page at a time', async () => {
    const { store } = under;
    const events = Array.from({ length: 30 }, (_, index) =>
      marker(index + 1, index % 3 === 0 ? [alice] : [alice, bob]),
    );
    await append(store, ...events);
    const ofBob = events.map((_, index) => index + 1).filter((seq) => (seq - 1) % 3 !== 0);
    expect((await store.events.inbox(bob, 0, 100)).map(({ seq }) => seq)).toEqual(ofBob);
    expect((await store.events.inbox(bob, 3, 5)).map(({ seq }) => seq)).toEqual([5, 6, 8, 9, 11]);
    expect(await store.events.inbox(bob, 30, 5)).toEqual([]);
    expect(await store.events.inbox(carol, 0, 5)).toEqual([]);
  });

  test('[EV7] inboxes are kept 14 days, and a cursor below what was forgotten is told apart', async () => {
    const { store, clock } = under;
    await append(store, marker(1), marker(2));
    clock.advance(13 * 86_400_000);
    await append(store, marker(3));
    await store.prune();
    expect(await store.events.completeAfter(alice)).toBe(0);
    clock.advance(86_400_000 + 1);
    await store.prune();
    expect(await store.events.completeAfter(alice)).toBe(2);
    expect(await store.events.completeAfter(carol)).toBe(2);
    expect((await store.events.inbox(alice, 0, 10)).map(({ seq }) => seq)).toEqual([3]);
    expect(await store.events.lastSeq()).toBe(3);
    clock.advance(30 * 86_400_000);
    await store.prune();
    expect(await store.events.completeAfter(alice)).toBe(3);
    await append(store, marker(4));
    expect((await store.events.inbox(alice, 3, 10)).map(({ seq }) => seq)).toEqual([4]);
  });

  test('[EV7] inboxes keep 10,000 events a person; others keep theirs', async () => {
    const { store } = under;
    const many = Array.from({ length: 10_020 }, (_, index) =>
      marker(index, index < 5 ? [alice, bob] : [alice]),
    );
    await append(store, ...many);
    await store.prune();
    expect(await store.events.completeAfter(alice)).toBe(20);
    expect(await store.events.completeAfter(bob)).toBe(0);
    expect(await store.events.inbox(alice, 0, 20_000)).toHaveLength(10_000);
    expect((await store.events.inbox(bob, 0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('[EV7] results of creating calls are forgotten after a day', async () => {
    const { store, clock } = under;
    await store.transaction([], (tx) => tx.rememberResult(alice, 'k', 'd', 201, '{}', clock.now()));
    const yesterday = clock.now();
    clock.advance(24 * 3_600_000);
    await store.prune();
    expect(await store.idempotency.find(alice, 'k', yesterday)).toBeNull();
  });

  test('[EV8] the epoch names one history and outlives a restart', async () => {
    const { epoch } = under.store;
    expect(epoch).toMatch(/^[a-z0-9]{8,}$/);
    expect((await under.reopen()).epoch).toBe(epoch);
    const other = await open();
    expect(other.store.epoch).not.toBe(epoch);
    await other.dispose();
  });

  test('[EV9] another node reads the same events with their recipients', async () => {
    const { store } = under;
    const row = message('c', 1);
    await store.transaction([], async (tx) => {
      await tx.conversations.post(row);
      tx.appendEvent(posted(row));
      tx.appendEvent(marker(2, [bob]));
    });
    const read = await store.events.after(0, 10);
    expect(read).toEqual(committed);
    expect(await store.events.after(1, 10)).toEqual(committed.slice(1));
    expect(await store.events.after(0, 1)).toEqual(committed.slice(0, 1));
    expect(await store.events.after(0, 1, [1])).toEqual(committed.slice(1));
    expect(await store.events.after(0, 10, [1, 2])).toEqual([]);
  });

  test('[EV9] an event whose message is gone keeps its number and reaches nobody', async () => {
    const { store } = under;
    const ghost = message('c', 9);
    await append(store, posted(ghost), marker(2));
    expect((await store.events.after(0, 10)).map(({ seq, recipients }) => [seq, recipients.length])).toEqual([
      [1, 0],
      [2, 2],
    ]);
    expect((await store.events.inbox(alice, 0, 1)).map(({ seq }) => seq)).toEqual([2]);
  });
});
