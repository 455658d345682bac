import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ringMs } from '../../server/domain/conversations.ts';
import { toConversationId, toMessageId, type UserId } from '../../server/domain/ids.ts';
import { conversationSchema } from '../../server/protocol/conversations.ts';
import { alice, bob, carol, dave, erin } from '../support/conversation-cast.ts';
import { crowd, openStage, type Stage } from '../support/conversation-stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const types = async (id: UserId) => (await stage.heard(id)).map(({ type }) => type);
const get = (viewer: UserId, id: string) => stage.conversations.get(viewer, toConversationId(id));
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
/** Timers run at once, what they start takes a moment. */
const later = async (ms: number) => {
  stage.clock.advance(ms);
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    // Whatever was given to the store before is durable, and told, when this is; a disk may take its time.
    await stage.store.transaction([], async () => {});
  }
};

describe('two people', () => {
  test('[IM1] both learn of the conversation, the other is asked', async () => {
    const { id } = await stage.open([alice, bob], { firstMessage: { text: 'Hello' } });
    expect(await types(alice)).toEqual(['conversation.created', 'message.posted']);
    expect(await types(bob)).toEqual(['conversation.created', 'invitation.received', 'message.posted']);
    expect(conversationSchema.parse(await get(bob, id))).toMatchObject({
      kind: 'two-party',
      lastSeq: 1,
      unread: 1,
      lastMessage: { text: 'Hello', seq: 1 },
      participants: [
        { person: { id: alice, displayName: 'Alice Varga' }, state: 'joined' },
        { person: { id: bob, displayName: 'Bob Kovács' }, state: 'invited', joinedAt: null },
      ],
    });
  });

  test('[IM3] the same two people have one conversation, whoever opens it', async () => {
    const first = await stage.open([alice, bob]);
    const again = await stage.conversations.create(bob, { participants: [alice.toUpperCase()] }, null);
    expect(again.status).toBe(200);
    expect(JSON.parse(again.json)).toMatchObject({ id: first.id });
  });

  test('[IM3] twenty openings at once make one conversation', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        stage.conversations.create(
          index % 2 ? alice : bob,
          { participants: [index % 2 ? bob : alice] },
          null,
        ),
      ),
    );
    expect(new Set(results.map(({ json }) => (JSON.parse(json) as { id: string }).id)).size).toBe(1);
    expect(results.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  test('[IM3] the same item and people find the conversation about it; another item does not', async () => {
    const context = { kind: 'workbook', title: 'Budget', itemId: 'item-1' } as const;
    const about = await stage.open([alice, bob], { context });
    const plain = await stage.open([alice, bob]);
    const again = await stage.open([bob, alice], { context: { ...context, title: 'Budget v2' } });
    const more = await stage.open([alice, bob, carol], { context });
    const other = await stage.open([alice, bob], { context: { ...context, itemId: 'item-2' } });
    expect(again.id).toBe(about.id);
    expect(new Set([about.id, plain.id, more.id, other.id]).size).toBe(4);
    expect(about.context).toEqual(context);
  });

  test('[IM11] when one of two has left, opening again makes a new conversation', async () => {
    const first = await stage.open([alice, bob]);
    await stage.conversations.remove(bob, toConversationId(first.id), bob);
    expect((await stage.open([alice, bob])).id).not.toBe(first.id);
    expect(await code(get(bob, first.id))).toBe('not-found');
  });

  test('[IM9] the first word joins, and every endpoint hears that the ringing is over', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.heard(alice);
    await stage.send(bob, id, 'here');
    expect(await types(alice)).toEqual(['invitation.answered', 'participant.joined', 'message.posted']);
    await later(ringMs + 1);
    expect(await types(alice)).toEqual([]);
  });

  test('[IM9] declining leaves, and both hear it', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.heard(bob);
    await stage.conversations.answer(bob, toConversationId(id), 'decline');
    expect(await types(bob)).toEqual(['invitation.answered', 'participant.left']);
    expect((await get(alice, id)).participants).toHaveLength(1);
  });

  test('[IM10] nobody answers: both hear it once, and the invited person stays', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.heard(alice);
    await later(ringMs - 1);
    expect(await types(alice)).toEqual([]);
    await later(1);
    expect(await stage.heard(alice)).toEqual([
      { type: 'invitation.answered', body: { conversationId: id, personId: bob, answer: 'timeout' } },
    ]);
    expect((await get(bob, id)).participants[1]?.state).toBe('invited');
  });

  test('[IM10] an invitation that was ringing when the server stopped rings out after its start', async () => {
    await stage.open([alice, bob]);
    await stage.heard(alice);
    await stage.restart();
    await later(ringMs);
    expect(await types(alice)).toEqual(['invitation.answered']);
  });
});

describe('messages', () => {
  test('[IM19] numbers are gapless whoever writes, also when fifty arrive at once', async () => {
    const { id } = await stage.open([alice, bob]);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => stage.send(index % 2 ? alice : bob, id, `m${index}`)),
    );
    const seqs = (await stage.history(alice, id)).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  test('[IM18] a repeated key sends once and answers the same bytes; another body is refused', async () => {
    const { id } = await stage.open([alice, bob]);
    const send = (text: string) =>
      stage.conversations.messages.send(alice, toConversationId(id), { text }, { key: 'k1', digest: text });
    const results = await Promise.all([send('once'), send('once'), send('once')]);
    expect(new Set(results.map(({ json }) => json)).size).toBe(1);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await code(send('other'))).toBe('idempotency-key-reused');
    expect(await stage.history(bob, id)).toHaveLength(1);
  });

  test('[IM18] a refused send leaves nothing behind and its key is free', async () => {
    const { id } = await stage.open([alice, bob]);
    const send = (text: string) =>
      stage.conversations.messages.send(alice, toConversationId(id), { text }, { key: 'k2', digest: text });
    expect(await code(send('   '))).toBe('empty-message');
    expect((await send('now')).status).toBe(201);
    expect((await stage.history(alice, id)).map(({ seq }) => seq)).toEqual([1]);
  });

  test('[IM15] unread counts what others wrote behind one’s read mark', async () => {
    const { id } = await stage.open([alice, bob]);
    for (const text of ['a', 'b', 'c']) await stage.send(alice, id, text);
    expect((await get(bob, id)).unread).toBe(3);
    expect((await get(alice, id)).unread).toBe(0);
    await stage.conversations.messages.read(bob, toConversationId(id), 2);
    expect((await get(bob, id)).unread).toBe(1);
    await stage.send(bob, id, 'mine');
    expect((await get(bob, id)).unread).toBe(0);
    expect((await get(alice, id)).unread).toBe(1);
  });

  test('[IM13] a read mark is told once and never moves back', async () => {
    const { id } = await stage.open([alice, bob]);
    for (const text of ['a', 'b']) await stage.send(alice, id, text);
    await stage.heard(alice);
    const read = (seq: number) => stage.conversations.messages.read(bob, toConversationId(id), seq);
    await read(2);
    await read(2);
    await read(1);
    expect(await stage.heard(alice)).toEqual([
      { type: 'read.advanced', body: { conversationId: id, personId: bob, seq: 2 } },
    ]);
    expect(await code(read(3))).toBe('seq-beyond-last');
    expect(await code(stage.conversations.messages.read(carol, toConversationId(id), 1))).toBe('not-found');
  });

  test('[IM14] an acknowledged cursor moves delivered marks, once, for all conversations at once', async () => {
    const one = await stage.open([alice, bob]);
    const two = await stage.open([carol, bob]);
    for (const text of ['a', 'b']) await stage.send(alice, one.id, text);
    await stage.send(carol, two.id, 'c');
    await stage.heard(alice);
    await stage.heard(carol);
    const before = await stage.store.events.lastSeq();
    stage.conversations.delivered(bob, before);
    stage.conversations.delivered(bob, before - 1);
    await later(1_000);
    expect(await stage.heard(alice)).toEqual([
      { type: 'delivered.advanced', body: { conversationId: one.id, personId: bob, seq: 2 } },
    ]);
    expect(await types(carol)).toEqual(['delivered.advanced']);
    const written = await stage.store.events.lastSeq();
    stage.conversations.delivered(bob, written);
    stage.conversations.delivered(alice, written);
    await later(1_000);
    expect(await stage.store.events.lastSeq()).toBe(written);
    expect((await get(alice, one.id)).participants[1]).toMatchObject({ deliveredSeq: 2, readSeq: 0 });
  });

  test('[IM29] history goes both ways in pages, each message once', async () => {
    const { id } = await stage.open([alice, bob]);
    for (let index = 1; index <= 25; index++) await stage.send(alice, id, `m${index}`);
    const page = async (after: number | null, before: number | null) =>
      JSON.parse(
        await stage.conversations.messages.history(bob, toConversationId(id), { after, before, limit: 10 }),
      ) as { items: { seq: number }[]; next: string | null };
    const upwards: number[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const { items, next } = await page(after, null);
      upwards.push(...items.map(({ seq }) => seq));
      after = next === null ? null : Number(next);
    }
    const downwards: number[] = [];
    let before: number | null = null;
    do {
      const { items, next } = await page(null, before);
      downwards.unshift(...items.map(({ seq }) => seq));
      before = next === null ? null : Number(next);
    } while (before !== null);
    const all = Array.from({ length: 25 }, (_, index) => index + 1);
    expect(upwards).toEqual(all);
    expect(downwards).toEqual(all);
    expect((await page(20, 23)).items.map(({ seq }) => seq)).toEqual([21, 22]);
  });

  test('[IM22] an edit reaches everybody, and a replay shows the message as it is now', async () => {
    const { id } = await stage.open([alice, bob]);
    const sent = await stage.send(alice, id, 'first');
    const { messages } = stage.conversations;
    const cid = toConversationId(id);
    expect(await code(messages.edit(bob, cid, toMessageId(sent.id), 'x'))).toBe('forbidden');
    expect(await code(messages.edit(carol, cid, toMessageId(sent.id), 'x'))).toBe('not-found');
    await messages.edit(alice, cid, toMessageId(sent.id), 'second');
    const heard = await stage.heard(bob);
    expect(
      heard.filter(({ type }) => type.startsWith('message.')).map(({ type, body }) => [type, body]),
    ).toMatchObject([
      ['message.posted', { message: { text: 'second' } }],
      ['message.edited', { message: { text: 'second', seq: 1 } }],
    ]);
    const written = await stage.store.events.lastSeq();
    await messages.edit(alice, cid, toMessageId(sent.id), 'second');
    expect(await stage.store.events.lastSeq()).toBe(written);
  });

  test('[IM23] what was deleted is nowhere in any replay, list or history', async () => {
    const secret = 'canary-7f3a';
    const { id } = await stage.open([alice, bob]);
    const sent = await stage.send(alice, id, secret);
    await stage.conversations.update(bob, toConversationId(id), { subject: 'Topic' });
    const cid = toConversationId(id);
    expect(await code(stage.conversations.messages.remove(bob, cid, toMessageId(sent.id)))).toBe('forbidden');
    await stage.conversations.messages.remove(alice, cid, toMessageId(sent.id));
    await stage.conversations.messages.remove(alice, cid, toMessageId(sent.id));
    for (const person of [alice, bob]) {
      const everything = JSON.stringify([
        await stage.heard(person),
        await stage.history(person, id),
        await stage.conversations.list(person, 10, null),
      ]);
      expect(everything).not.toContain(secret);
      expect(everything.match(/message\.deleted/g)).toHaveLength(1);
    }
    expect(await code(stage.conversations.messages.edit(alice, cid, toMessageId(sent.id), 'x'))).toBe(
      'message-deleted',
    );
  });

  test('[IM24] reactions are told one by one and stand in the message', async () => {
    const { id } = await stage.open([alice, bob]);
    const sent = await stage.send(alice, id, 'hi');
    const react = (by: UserId, emoji: string, on: boolean) =>
      stage.conversations.messages.react(by, toConversationId(id), toMessageId(sent.id), emoji, on);
    await react(bob, '👍', true);
    await react(bob, '👍', true);
    await react(alice, '👍', true);
    await react(bob, '👍', false);
    expect(await code(react(bob, 'thumbs up', true))).toBe('invalid-input');
    expect(await code(react(carol, '👍', true))).toBe('not-found');
    expect((await stage.history(bob, id))[0]).toMatchObject({
      reactions: [{ emoji: '👍', personIds: [alice] }],
      editedAt: null,
    });
    const told = (await stage.heard(bob)).filter(({ type }) => type === 'message.reaction');
    expect(told.map(({ body }) => [body.personId, body.on])).toEqual([
      [bob, true],
      [alice, true],
      [bob, false],
    ]);
  });

  test('[IM25] a reply quotes a message of the same conversation that one can see', async () => {
    const one = await stage.open([alice, bob]);
    const other = await stage.open([alice, carol]);
    const sent = await stage.send(alice, one.id, 'question');
    const foreign = await stage.send(carol, other.id, 'elsewhere');
    const reply = (replyTo: string) =>
      stage.conversations.messages.send(bob, toConversationId(one.id), { text: 'answer', replyTo }, null);
    expect(JSON.parse((await reply(sent.id)).json)).toMatchObject({ replyTo: sent.id });
    expect(await code(reply(foreign.id))).toBe('not-found');
    expect(await code(reply('nothing'))).toBe('not-found');
    const single = (viewer: UserId, id: string) =>
      stage.conversations.messages.one(viewer, toConversationId(one.id), toMessageId(id));
    expect(JSON.parse(await single(bob, sent.id))).toEqual(sent);
    for (const asked of [single(carol, sent.id), single(bob, foreign.id), single(bob, 'nothing')])
      expect(await code(asked)).toBe('not-found');
  });

  test('[IM26] who is in do-not-disturb is named to the sender, and the message waits', async () => {
    stage.inDoNotDisturb.add(bob);
    const opened = await stage.open([alice, bob, carol], { firstMessage: { text: 'hi' } });
    expect(opened).toMatchObject({ held: [bob] });
    expect(await stage.send(alice, opened.id, 'again')).toMatchObject({ held: [bob] });
    expect(await stage.send(bob, opened.id, 'myself')).not.toHaveProperty('held');
    expect(await stage.history(bob, opened.id)).toHaveLength(3);
    const told = (await stage.heard(carol)).filter(({ type }) => type === 'message.posted');
    expect(JSON.stringify(told)).not.toContain('held');
  });

  test('[IM28] typing is told to the others at most once in two seconds, and is never stored', async () => {
    const { id } = await stage.open([alice, bob]);
    const written = await stage.store.events.lastSeq();
    const type = () => stage.conversations.messages.typing(alice, toConversationId(id));
    await type();
    await type();
    stage.clock.advance(2_000);
    await type();
    await expect.poll(() => stage.notices.length).toBe(2);
    expect(stage.notices).toEqual([
      { kind: 'typing', conversationId: id, personId: alice, recipients: [bob] },
      { kind: 'typing', conversationId: id, personId: alice, recipients: [bob] },
    ]);
    expect(await stage.store.events.lastSeq()).toBe(written);
    expect(await code(stage.conversations.messages.typing(carol, toConversationId(id)))).toBe('not-found');
  });
});

describe('more than two', () => {
  const add = (by: UserId, id: string, ids: UserId[], share = true) =>
    stage.conversations.add(by, toConversationId(id), ids, share, null);

  test('[IM4] [IM5] a third person comes in place and sees what was said before', async () => {
    const { id } = await stage.open([alice, bob]);
    for (const text of ['a', 'b']) await stage.send(alice, id, text);
    await stage.heard(bob);
    await add(alice, id, [carol]);
    await stage.send(bob, id, 'welcome');
    expect((await types(bob)).slice(0, 1)).toEqual(['conversation.updated']);
    expect(await types(carol)).toEqual([
      'conversation.created',
      'invitation.received',
      'invitation.answered',
      'participant.joined',
      'message.posted',
    ]);
    expect((await stage.history(carol, id)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await get(carol, id)).toMatchObject({ id, kind: 'conference', unread: 1 });
  });

  test('[IM5] without the history nothing of it shows: not in the list, the events, the pages, a reply', async () => {
    const { id } = await stage.open([alice, bob]);
    const secret = await stage.send(alice, id, 'canary-1c9e');
    await add(alice, id, [carol], false);
    await stage.conversations.update(bob, toConversationId(id), { subject: 'With Carol' });
    const page = { after: null, before: null, limit: 50 };
    const seen = JSON.stringify([
      await stage.heard(carol),
      await stage.conversations.list(carol, 10, null),
      await stage.conversations.messages.history(carol, toConversationId(id), page),
    ]);
    expect(seen).not.toContain('canary-1c9e');
    expect(await get(carol, id)).toMatchObject({ lastMessage: null, unread: 0, lastSeq: 1 });
    const { messages } = stage.conversations;
    const cid = toConversationId(id);
    expect(await code(messages.react(carol, cid, toMessageId(secret.id), '👍', true))).toBe('not-found');
    expect(await code(messages.send(carol, cid, { text: 'x', replyTo: secret.id }, null))).toBe('not-found');
    await messages.edit(alice, cid, toMessageId(secret.id), 'canary-2');
    expect(JSON.stringify(await stage.heard(carol))).not.toContain('canary-2');
  });

  test('[IM7] who is removed hears it and is a stranger at once', async () => {
    const { id } = await stage.open([alice, bob, carol]);
    await stage.heard(bob);
    expect(await code(stage.conversations.remove(carol, toConversationId(id), bob))).toBe('forbidden');
    await stage.conversations.remove(alice, toConversationId(id), bob);
    expect(await stage.heard(bob)).toMatchObject([
      {
        type: 'participant.removed',
        body: { conversationId: id, personId: bob, role: 'attendee', byId: alice },
      },
    ]);
    await stage.send(alice, id, 'without bob');
    expect(await types(bob)).toEqual([]);
    for (const asked of [get(bob, id), stage.history(bob, id), stage.send(bob, id, 'x')])
      expect(await code(asked)).toBe('not-found');
    expect((await stage.conversations.list(bob, 10, null)).items).toEqual([]);
  });

  test('[IM11] who comes back without the history sees from there on', async () => {
    const { id } = await stage.open([alice, bob, carol]);
    await stage.send(alice, id, 'one');
    await stage.conversations.remove(alice, toConversationId(id), bob);
    await stage.send(alice, id, 'two');
    await add(alice, id, [bob], false);
    await stage.send(alice, id, 'three');
    expect((await stage.history(bob, id)).map(({ seq }) => seq)).toEqual([3]);
  });

  test('[IM16] renaming is for all, muting for oneself', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.heard(alice);
    await stage.heard(bob);
    expect(
      await stage.conversations.update(alice, toConversationId(id), { subject: 'S', muted: true }),
    ).toMatchObject({
      subject: 'S',
      muted: true,
    });
    expect(await get(bob, id)).toMatchObject({ subject: 'S', muted: false });
    expect(await types(alice)).toEqual(['conversation.updated', 'conversation.updated']);
    expect(await types(bob)).toEqual(['conversation.updated']);
  });

  test('[IM27] the list shows the latest first and pages through all, each once', async () => {
    const opened: string[] = [];
    for (const other of [bob, carol, dave, erin]) {
      stage.clock.advance(1_000);
      opened.unshift((await stage.open([alice, other])).id);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await stage.conversations.list(alice, 3, cursor);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(opened);
    expect(await code(stage.conversations.list(alice, 3, 'xx'))).toBe('invalid-input');
  });
});

describe('somebody who is blocked', () => {
  beforeEach(() => stage.block(alice, dave));

  test('[IM12] opens and writes, sees nothing unusual, and nothing of it ever reaches the other', async () => {
    const { id } = await stage.open([dave, alice], { firstMessage: { text: 'let me in' } });
    await stage.send(dave, id, 'please');
    expect(await types(alice)).toEqual([]);
    expect((await stage.conversations.list(alice, 10, null)).items).toEqual([]);
    expect(await code(get(alice, id))).toBe('not-found');
    expect((await stage.history(dave, id)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect((await get(dave, id)).participants[1]).toMatchObject({
      state: 'invited',
      readSeq: 0,
      deliveredSeq: 0,
    });
    await later(ringMs * 2);
    stage.unblock(alice, dave);
    await stage.send(dave, id, 'again');
    expect(await types(alice)).toEqual(['conversation.created', 'invitation.received', 'message.posted']);
    expect((await stage.history(alice, id)).map(({ seq }) => seq)).toEqual([3]);
    expect(await get(alice, id)).toMatchObject({ unread: 1, lastSeq: 3 });
  });

  test('[IM34] in a conversation from before: messages stay undelivered, marks and typing stand still', async () => {
    stage.unblock(alice, dave);
    const { id } = await stage.open([dave, alice], { firstMessage: { text: 'friends' } });
    stage.block(alice, dave);
    await stage.heard(alice);
    const before = await get(alice, id);
    await later(1_000);
    await stage.send(dave, id, 'hidden');
    // Not a byte of what alice sees has moved; dave sees his conversation go on.
    expect(await get(alice, id)).toEqual(before);
    expect((await stage.conversations.list(alice, 10, null)).items).toEqual([before]);
    expect(Date.parse((await get(dave, id)).updatedAt)).toBe(Date.parse(before.updatedAt) + 1_000);
    await stage.conversations.messages.typing(dave, toConversationId(id));
    await stage.conversations.messages.read(alice, toConversationId(id), 1);
    stage.conversations.delivered(alice, await stage.store.events.lastSeq());
    await later(1_000);
    expect((await stage.heard(alice)).map(({ type }) => type)).toEqual(['read.advanced']);
    expect(stage.notices).toEqual([]);
    expect(await get(alice, id)).toMatchObject({ lastSeq: 1, unread: 0, lastMessage: { text: 'friends' } });
    expect((await get(dave, id)).participants[1]).toMatchObject({ readSeq: 0, deliveredSeq: 0 });
    expect(JSON.stringify(await stage.heard(dave))).not.toContain('read.advanced');
    stage.unblock(alice, dave);
    await stage.send(dave, id, 'visible');
    expect((await stage.history(alice, id)).map(({ seq }) => seq)).toEqual([1, 3]);
    expect((await get(alice, id)).unread).toBe(1);
  });

  test('[IM34] what is withheld moves the conversation to no other place in the list of who has blocked its sender', async () => {
    stage.unblock(alice, dave);
    const { id } = await stage.open([dave, alice], { firstMessage: { text: 'friends' } });
    stage.block(alice, dave);
    await later(1_000);
    const { id: other } = await stage.open([bob, alice], { firstMessage: { text: 'later' } });
    await later(1_000);
    await stage.send(dave, id, 'hidden');
    const listed = async (who: UserId, limit: number, cursor: string | null = null) => {
      const { items, next } = await stage.conversations.list(who, limit, cursor);
      return { ids: items.map((one) => one.id), next };
    };
    expect((await listed(alice, 10)).ids).toEqual([other, id]);
    const top = await listed(alice, 1);
    expect([top.ids, (await listed(alice, 1, top.next)).ids]).toEqual([[other], [id]]);
    expect((await listed(dave, 10)).ids).toEqual([id]);
    stage.unblock(alice, dave);
    await stage.send(dave, id, 'visible');
    expect((await listed(alice, 10)).ids).toEqual([id, other]);
  });

  test('[IM12] conferences of others go on as before', async () => {
    const { id } = await stage.open([bob, alice, dave]);
    await stage.send(dave, id, 'hello all');
    expect(await types(alice)).toContain('message.posted');
  });
});

test('[IM17] a conference of 250: everybody gets every message, each once and in order', async () => {
  await stage.close();
  const people = crowd(249);
  stage = await openStage(people);
  const ids = people.map(({ id }) => id);
  const { id } = await stage.open([alice, ...ids]);
  expect(await code(stage.conversations.add(alice, toConversationId(id), [bob], true, null))).toBe(
    'too-many-participants',
  );
  expect(await code(stage.open([alice, bob, ...ids]))).toBe('too-many-participants');
  await Promise.all(ids.slice(0, 40).map((from, index) => stage.send(from, id, `m${index}`)));
  const expected = Array.from({ length: 40 }, (_, index) => index + 1);
  for (const person of [alice, ...ids]) {
    const heard = await stage.heard(person);
    const seqs = heard
      .filter(({ type }) => type === 'message.posted')
      .map(({ body }) => (body.message as unknown as { seq: number }).seq);
    expect(seqs).toEqual(expected);
  }
  expect((await get(ids[248]!, id)).unread).toBe(40);
});
