import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteFile } from '../../server/adapters/storage/sqlite-database.ts';
import { verify } from '../../server/adapters/storage/verify.ts';
import { idleMs } from '../../server/domain/cdr.ts';
import { toAttachmentId, toConversationId, toMessageId, type UserId } from '../../server/domain/ids.ts';
import { cdrListSchema, cdrSummarySchema } from '../../server/protocol/records.ts';
import { verifyChain } from '../../server/services/archive-chain.ts';
import { erasePerson } from '../../server/services/erase.ts';
import { defaultPolicy } from '../../server/services/retention.ts';
import { alice, bob, carol, dave } from '../support/conversation-cast.ts';
import { openStage, type Stage } from '../support/conversation-stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const day = 86_400_000;
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
const always = { from: 0, to: Date.UTC(2100, 0), personId: null };
const records = async (filter: { from?: number; personId?: UserId } = {}) =>
  cdrListSchema.parse(JSON.parse(await stage.callDetails.list({ ...always, ...filter }, 1_000, null))).items;
const upload = (by: UserId, name: string, content: string | Buffer) =>
  stage.attachments.upload(by, {
    name,
    sniffedType: null,
    isText: true,
    stream: Readable.from([Buffer.from(content)], { objectMode: false }),
  });
const sendFile = async (by: UserId, id: string, attachment: string) =>
  JSON.parse(
    (
      await stage.conversations.messages.send(
        by,
        toConversationId(id),
        { text: '', attachments: [attachment] },
        null,
      )
    ).json,
  ) as { id: string };
const exported = async (what: 'archived' | 'own' = 'archived', personId: UserId | null = null) => {
  const lines: string[] = [];
  for await (const line of stage.archive.lines({ from: 0, to: always.to, personId, what, byId: carol }))
    lines.push(line.trimEnd());
  return {
    lines,
    records: lines.map((line) => (JSON.parse(line) as { record: Record<string, unknown> }).record),
  };
};

describe('call detail records', () => {
  test('[IM40] a session is recorded once it has been quiet for a quarter of an hour, and a new one begins after', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, 'one');
    stage.clock.advance(60_000);
    await stage.send(bob, id, 'two');
    expect(await records()).toMatchObject([{ endedAt: null, messageCount: 2 }]);
    await stage.callDetails.sweep();
    expect(await records()).toMatchObject([{ endedAt: null }]);
    stage.clock.advance(idleMs + 1);
    await stage.callDetails.sweep();
    await stage.callDetails.sweep();
    stage.clock.advance(60_000);
    await stage.send(alice, id, 'three');
    stage.clock.advance(idleMs + 1);
    await stage.callDetails.sweep();
    expect(await records()).toMatchObject([
      {
        kind: 'two-party',
        startedById: alice,
        startedAt: '2026-03-02T12:00:00.000Z',
        respondedAt: '2026-03-02T12:01:00.000Z',
        endedAt: '2026-03-02T12:01:00.000Z',
        messageCount: 2,
        participants: [
          { personId: alice, messageCount: 1 },
          { personId: bob, messageCount: 1, joinedAt: '2026-03-02T12:01:00.000Z' },
        ],
      },
      { messageCount: 1, startedById: alice, response: 'none' },
    ]);
  });

  test('[IM40] a conference tells joins, leaves, counts and files per person', async () => {
    const { id } = await stage.open([alice, bob, carol]);
    const file = await upload(bob, 'plan.txt', 'secret plan');
    await sendFile(bob, id, file.id);
    stage.clock.advance(1_000);
    await stage.conversations.remove(carol, toConversationId(id), carol);
    stage.clock.advance(1_000);
    await stage.conversations.add(alice, toConversationId(id), [dave], true, null);
    await stage.send(alice, id, 'hello');
    stage.clock.advance(idleMs + 1);
    await stage.callDetails.sweep();
    const [record] = await records();
    expect(record).toMatchObject({
      kind: 'conference',
      mediaTypes: ['im', 'file'],
      peakParticipants: 3,
      files: [{ byId: bob, name: 'plan.txt', size: 11 }],
    });
    expect(record).toMatchObject({
      participants: expect.arrayContaining([
        expect.objectContaining({ personId: carol, leftAt: '2026-03-02T12:00:01.000Z', messageCount: 0 }),
        expect.objectContaining({ personId: dave, addedAt: '2026-03-02T12:00:02.000Z' }),
      ]),
    });
  });

  test('[IM41] neither text nor subject nor context reaches a record', async () => {
    const { id } = await stage.open([alice, bob], {
      subject: 'canary-subject',
      context: { kind: 'mail', title: 'canary-title', itemId: 'canary-item' },
    });
    await stage.send(alice, id, 'canary-text');
    stage.clock.advance(idleMs + 1);
    await stage.callDetails.sweep();
    expect(JSON.stringify(await records())).not.toContain('canary');
  });

  test('[IM43] records are found by time and by person, in pages, each once', async () => {
    for (let index = 0; index < 5; index++) {
      await stage.open([alice, index % 2 ? bob : carol, dave]);
      stage.clock.advance(idleMs + 1);
      await stage.callDetails.sweep();
    }
    expect(await records({ personId: bob })).toHaveLength(2);
    expect(await records({ personId: alice })).toHaveLength(5);
    expect(await records({ from: stage.clock.now() - 2 * (idleMs + 1) })).toHaveLength(2);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = cdrListSchema.parse(JSON.parse(await stage.callDetails.list(always, 2, cursor)));
      seen.push(...page.items.map((each) => (each.type === 'session' ? each.sessionId : '')));
      cursor = page.next;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  test('[IM43] the sign-in of an endpoint becomes a record when it ends', async () => {
    stage.callDetails.registered(alice, 'pane');
    stage.clock.advance(5_000);
    stage.callDetails.deregistered(alice, 'pane', 'client');
    stage.callDetails.deregistered(alice, 'pane', 'client');
    await stage.callDetails.close();
    expect(await records()).toEqual([
      {
        type: 'registration',
        personId: alice,
        endpoint: 'pane',
        registeredAt: '2026-03-02T12:00:00.000Z',
        deregisteredAt: '2026-03-02T12:00:05.000Z',
        deregisterType: 'client',
      },
    ]);
  });

  test('[IM43] a pane that is reloaded is the same sign-in', async () => {
    stage.callDetails.registered(alice, 'pane');
    stage.clock.advance(1_000);
    stage.callDetails.deregistered(alice, 'pane', 'expired', 5_000);
    stage.clock.advance(4_000);
    stage.callDetails.registered(alice, 'pane');
    stage.clock.advance(60_000);
    stage.callDetails.deregistered(alice, 'pane', 'expired', 5_000);
    stage.clock.advance(5_000);
    await stage.callDetails.close();
    expect(await records()).toMatchObject([
      { registeredAt: '2026-03-02T12:00:00.000Z', deregisteredAt: '2026-03-02T12:01:05.000Z' },
    ]);
  });

  test('[IM43] the charts count sessions and messages in the reader’s own days and hours', async () => {
    const one = await stage.open([alice, bob]);
    await stage.send(alice, one.id, 'a');
    await stage.open([alice, carol]);
    stage.clock.advance(12 * 3_600_000);
    await stage.callDetails.sweep();
    await stage.send(bob, one.id, 'b');
    const summary = cdrSummarySchema.parse(await stage.callDetails.summary(always, 'Asia/Taipei'));
    expect(summary).toMatchObject({ sessions: 3, messages: 2, people: 3, peakConcurrency: 2 });
    expect(summary.days).toEqual([
      { day: '2026-03-02', sessions: 2, messages: 1 },
      { day: '2026-03-03', sessions: 1, messages: 1 },
    ]);
    expect(summary.hours[20]).toEqual({ hour: 20, sessions: 2, messages: 1 });
  });
});

describe('earlier versions', () => {
  test('[IM50] participants see what a message said before its edits; of a deleted one nothing', async () => {
    const { id } = await stage.open([alice, bob]);
    const sent = await stage.send(alice, id, 'one');
    const { messages } = stage.conversations;
    const [cid, mid] = [toConversationId(id), toMessageId(sent.id)];
    await messages.edit(alice, cid, mid, 'two');
    await messages.edit(alice, cid, mid, 'three');
    const texts = async () =>
      (JSON.parse(await messages.versions(bob, cid, mid)) as { items: { text: string }[] }).items.map(
        ({ text }) => text,
      );
    expect(await texts()).toEqual(['one', 'two']);
    expect(await code(messages.versions(carol, cid, mid))).toBe('not-found');
    await messages.remove(alice, cid, mid);
    expect(await texts()).toEqual([]);
    expect(await stage.store.records.versions(mid)).toEqual([]);
  });
});

describe('attachments', () => {
  const read = async (viewer: UserId, id: string) => {
    const { content } = await stage.attachments.open(viewer, toAttachmentId(id));
    const parts: Buffer[] = [];
    for await (const part of content) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  };

  test('[IM35] a file is its uploader’s until it is sent, then everybody’s who sees the message', async () => {
    const { id } = await stage.open([alice, bob]);
    const file = await upload(alice, 'a.txt', 'content');
    expect(await read(alice, file.id)).toBe('content');
    expect(await code(stage.attachments.open(bob, toAttachmentId(file.id)))).toBe('not-found');
    expect(await code(sendFile(bob, id, file.id))).toBe('unknown-attachment');
    await sendFile(alice, id, file.id);
    expect(await read(bob, file.id)).toBe('content');
    expect(await code(stage.attachments.open(carol, toAttachmentId(file.id)))).toBe('not-found');
    expect(await code(sendFile(alice, id, file.id))).toBe('unknown-attachment');
    await stage.conversations.add(alice, toConversationId(id), [carol], false, null);
    expect(await code(stage.attachments.open(carol, toAttachmentId(file.id)))).toBe('not-found');
  });

  test('[IM35] deleting the message deletes the file; one never sent goes after a day', async () => {
    const { id } = await stage.open([alice, bob]);
    const [sent, unsent] = [await upload(alice, 'a.txt', 'one'), await upload(alice, 'b.txt', 'two')];
    const message = await sendFile(alice, id, sent.id);
    await stage.conversations.messages.remove(alice, toConversationId(id), toMessageId(message.id));
    expect(await code(read(alice, sent.id))).toBe('not-found');
    expect(await stage.blobs.read(sent.id)).toBeNull();
    await stage.attachments.collect();
    expect(await read(alice, unsent.id)).toBe('two');
    stage.clock.advance(day + 1);
    await stage.attachments.collect();
    expect(await stage.blobs.read(unsent.id)).toBeNull();
  });

  test('[IM31] a blocked file leaves nothing behind', async () => {
    expect(await code(upload(alice, 'run.exe', 'MZ'))).toBe('attachment-blocked');
    const keys: string[] = [];
    for await (const key of stage.blobs.keys()) keys.push(key);
    expect(keys).toEqual([]);
  });
});

describe('archive, retention, holds', () => {
  const archiveAll = () => stage.retention.setPolicy(carol, { ...defaultPolicy, archive: 'everyone' });

  test('[IM51] only conversations of archived people leave, with what was deleted and its files', async () => {
    await stage.retention.setArchived(carol, bob, true);
    const kept = await stage.open([alice, bob]);
    const other = await stage.open([alice, dave]);
    await stage.send(alice, other.id, 'not archived');
    const edited = await stage.send(alice, kept.id, 'first wording');
    const { messages } = stage.conversations;
    await messages.edit(alice, toConversationId(kept.id), toMessageId(edited.id), 'second wording');
    const content = 'x'.repeat(120_000);
    const file = await upload(alice, 'a.txt', content);
    const sent = await sendFile(alice, kept.id, file.id);
    for (const id of [edited.id, sent.id])
      await messages.remove(alice, toConversationId(kept.id), toMessageId(id));
    const { records: all, lines } = await exported();
    expect(all.map(({ type }) => type)).toEqual([
      'archive',
      'conversation',
      'message',
      'message',
      'attachment',
      'attachment-part',
      'attachment-part',
      'attachment-part',
      'end',
    ]);
    expect(all[2]).toMatchObject({
      message: { deletedAt: expect.any(String) },
      versions: [
        { deleted: true, message: { text: 'first wording' } },
        { deleted: true, message: { text: 'second wording' } },
      ],
    });
    const parts = all.filter(({ type }) => type === 'attachment-part').map(({ data }) => String(data));
    expect(parts.map((part) => Buffer.from(part, 'base64').toString()).join('')).toBe(content);
    expect(JSON.stringify(all)).not.toContain('not archived');
    expect(await verifyChain(lines)).toMatchObject({ intact: true, lines: lines.length });
    expect(await code(stage.attachments.open(bob, toAttachmentId(file.id)))).toBe('not-found');
  });

  test('[IM51] archiving that is off exports nothing; one person may be left out of a rule for all', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, 'hello');
    expect((await exported()).records.map(({ type }) => type)).toEqual(['archive', 'end']);
    await archiveAll();
    expect((await exported()).records).toHaveLength(4);
    await stage.retention.setArchived(carol, alice, false);
    await stage.retention.setArchived(carol, bob, false);
    expect((await exported()).records).toHaveLength(2);
    await stage.retention.setArchived(carol, bob, null);
    expect((await exported()).records).toHaveLength(4);
  });

  test('[IM51] an archived conversation says who came, went, got a role and called it what; for one person, while they took part', async () => {
    await archiveAll();
    const { id } = await stage.open([alice, bob]);
    const place = toConversationId(id);
    await stage.conversations.update(alice, place, { subject: 'Before' });
    stage.clock.advance(1_000);
    await stage.conversations.add(alice, place, [dave], true, null);
    await stage.send(dave, id, 'here');
    stage.clock.advance(1_000);
    await stage.conversations.setRole(alice, place, dave, 'presenter');
    await stage.conversations.update(dave, place, { subject: 'Since' });
    stage.clock.advance(1_000);
    await stage.conversations.remove(dave, place, dave);
    stage.clock.advance(1_000);
    await stage.conversations.update(alice, place, { subject: 'After' });
    await stage.send(alice, id, 'gone');
    const told = async (...scope: Parameters<typeof exported>) => {
      const found = (await exported(...scope)).records.find(({ type }) => type === 'conversation');
      const changes = found!.changes as { kind: string; subject: string | null }[];
      return changes.map(({ kind, subject }) => subject ?? kind);
    };
    expect(await told()).toEqual(['Before', 'added', 'joined', 'presenter', 'Since', 'left', 'After']);
    expect(await told('own', dave)).toEqual(['added', 'joined', 'presenter', 'Since', 'left']);
    expect(await verifyChain((await exported()).lines)).toMatchObject({ intact: true });
  });

  test('[IM53] retention removes what is older, with versions, files and search, and keeps the rest', async () => {
    const { id } = await stage.open([alice, bob]);
    const old = await stage.send(alice, id, 'old');
    await stage.conversations.messages.edit(alice, toConversationId(id), toMessageId(old.id), 'old too');
    const file = await upload(alice, 'a.txt', 'old file');
    await sendFile(alice, id, file.id);
    stage.clock.advance(10 * day);
    await stage.send(alice, id, 'new');
    await stage.retention.setPolicy(carol, { ...defaultPolicy, messageDays: 7 });
    await stage.retention.sweep();
    expect(await stage.history(bob, id)).toMatchObject([{ seq: 3, text: 'new' }]);
    expect(await stage.blobs.read(file.id)).toBeNull();
    expect(await stage.store.records.versions(toMessageId(old.id))).toEqual([]);
    expect(JSON.stringify(await stage.heard(bob))).not.toContain('old');
    expect((await stage.send(bob, id, 'next')).seq).toBe(4);
    for await (const { check, wrong } of verify(sqliteFile('sqlite:', stage.folder) ?? '', stage.blobs))
      expect([check, wrong]).toEqual([check, 0]);
  });

  test('[IM40] a session that still goes on when its messages are past keeping is recorded before they go', async () => {
    await stage.retention.setPolicy(carol, { ...defaultPolicy, messageDays: 1 });
    const { id } = await stage.open([alice, bob]);
    for (let minutes = 0; minutes <= 24 * 60 + 30; minutes += 10) {
      await stage.send(minutes % 20 === 0 ? alice : bob, id, 'still here');
      stage.clock.advance(600_000);
    }
    await stage.callDetails.sweep();
    expect(await records()).toMatchObject([{ endedAt: null, messageCount: 148 }]);
    await stage.retention.sweep();
    await stage.send(bob, id, 'and on');
    expect(await records()).toMatchObject([
      {
        endReason: 'retention',
        messageCount: 148,
        participants: [
          { personId: alice, messageCount: 74 },
          { personId: bob, messageCount: 74 },
        ],
      },
      { endedAt: null, messageCount: 1 },
    ]);
  });

  test('[IM54] a hold wins over retention and over deletion, for everything the person took part in', async () => {
    const one = await stage.open([alice, bob]);
    const two = await stage.open([alice, dave]);
    const held = await stage.send(alice, one.id, 'evidence');
    await stage.send(alice, two.id, 'other');
    await stage.conversations.remove(bob, toConversationId(one.id), bob);
    const hold = await stage.retention.hold(carol, { personId: bob, reason: 'case 7' });
    await stage.conversations.messages.remove(alice, toConversationId(one.id), toMessageId(held.id));
    stage.clock.advance(10 * day);
    await stage.retention.setPolicy(carol, { ...defaultPolicy, messageDays: 7 });
    await stage.retention.sweep();
    const kept = JSON.stringify((await exported()).records);
    expect(kept).toContain('evidence');
    expect(kept).not.toContain('other');
    expect(await stage.history(alice, two.id)).toEqual([]);
    await stage.retention.release(carol, hold.id);
    await stage.retention.sweep();
    expect(JSON.stringify((await exported()).records)).not.toContain('evidence');
    expect(await stage.history(alice, one.id)).toEqual([]);
  });

  test('[IM54] a hold on a conversation holds that one; unknown ones are refused', async () => {
    const one = await stage.open([alice, bob]);
    await stage.send(alice, one.id, 'evidence');
    await stage.retention.hold(carol, { conversationId: one.id, reason: 'case 8' });
    stage.clock.advance(10 * day);
    await stage.retention.setPolicy(carol, { ...defaultPolicy, messageDays: 7 });
    await stage.retention.sweep();
    expect(await stage.history(alice, one.id)).toHaveLength(1);
    expect(await code(stage.retention.hold(carol, { conversationId: 'none', reason: 'x' }))).toBe(
      'not-found',
    );
    expect(await code(stage.retention.hold(carol, { personId: 'none', reason: 'x' }))).toBe('unknown-person');
    expect(await code(stage.retention.release(carol, 'none'))).toBe('not-found');
  });

  test('[IM55] what administrators change is written down with it', async () => {
    await archiveAll();
    const hold = await stage.retention.hold(carol, { personId: bob, reason: 'case 9' });
    await stage.retention.release(carol, hold.id);
    await stage.audit.record(carol, 'cdr.read', { from: 1 });
    const { items, next } = await stage.audit.list(null, 3);
    expect(items.map(({ action, actorId }) => [action, actorId])).toEqual([
      ['cdr.read', carol],
      ['hold.release', carol],
      ['hold.set', carol],
    ]);
    expect((await stage.audit.list(Number(next), 3)).items.map(({ action }) => action)).toEqual([
      'retention.set',
    ]);
  });

  test('[IM56] a person’s export holds what they said and could see, and nothing else', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(alice, id, 'before carol');
    await stage.conversations.add(alice, toConversationId(id), [carol], false, null);
    await stage.send(alice, id, 'with carol');
    await stage.send(carol, id, 'carol speaks');
    const other = await stage.open([alice, dave]);
    await stage.send(alice, other.id, 'elsewhere');
    const all = JSON.stringify((await exported('own', carol)).records);
    expect(all).toContain('with carol');
    expect(all).toContain('carol speaks');
    expect(all).not.toContain('before carol');
    expect(all).not.toContain('elsewhere');
  });
});

test('[IM13] with read receipts off others see no more of one’s reading, and oneself does', async () => {
  const { id } = await stage.open([alice, bob]);
  await stage.send(alice, id, 'a');
  await stage.conversations.messages.setReadReceipts(bob, false);
  await stage.conversations.messages.read(bob, toConversationId(id), 1);
  const seenBy = async (viewer: UserId) => stage.conversations.get(viewer, toConversationId(id));
  expect((await seenBy(alice)).participants[1]).toMatchObject({ readSeq: 0 });
  expect((await seenBy(bob)).unread).toBe(0);
  expect((await stage.heard(alice)).map(({ type }) => type)).not.toContain('read.advanced');
  expect((await stage.heard(bob)).map(({ type }) => type)).toContain('read.advanced');
  await stage.conversations.messages.setReadReceipts(bob, true);
  await stage.conversations.messages.read(bob, toConversationId(id), 1);
  expect((await seenBy(alice)).participants[1]).toMatchObject({ readSeq: 1 });
});

describe('forgetting a person', () => {
  const erase = () =>
    erasePerson(bob, {
      store: stage.store,
      blobs: stage.blobs,
      clock: stage.clock,
      retention: stage.retention,
      audit: stage.audit,
    });

  test('[IM57] nothing that a person said, sent or reacted with is left anywhere; others’ words and numbers stand', async () => {
    const { id } = await stage.open([alice, bob, carol]);
    const cid = toConversationId(id);
    const { messages } = stage.conversations;
    const spoken = await stage.send(bob, id, 'canary-said');
    await messages.edit(bob, cid, toMessageId(spoken.id), 'canary-edited');
    const file = await upload(bob, 'canary-file.txt', 'canary-content');
    await sendFile(bob, id, file.id);
    const unsent = await upload(bob, 'canary-unsent.txt', 'canary-unsent');
    const other = await stage.send(alice, id, 'alice stays');
    await messages.react(bob, cid, toMessageId(other.id), '👍', true);
    await stage.store.transaction([bob], async (tx) => {
      await tx.sync.putState(`switches/${bob}`, '{"teams":false}');
      await tx.sync.putBrought([{ personId: bob, load: 1, gone: false }]);
    });
    expect(await erase()).toEqual({ messages: 2, reactions: 1, files: 2, conversations: 1 });
    expect(await stage.store.events.completeAfter(alice)).toBe(await stage.store.events.lastSeq());
    const history = await stage.history(alice, id);
    expect(history.map((message) => [message.seq, message.deletedAt === null])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(history[2]).toMatchObject({ text: 'alice stays', reactions: [] });
    await stage.retention.setPolicy(carol, { ...defaultPolicy, archive: 'everyone' });
    // The directory remembers people for a minute; the command's process ends before that matters.
    stage.clock.advance(61_000);
    const everything = JSON.stringify([
      (await exported()).records,
      await stage.heard(alice),
      await stage.heard(bob),
    ]);
    expect(everything).not.toMatch(/canary|Kovács/);
    expect(await stage.blobs.read(file.id)).toBeNull();
    expect(await stage.blobs.read(unsent.id)).toBeNull();
    expect(await stage.store.accounts.people([bob])).toEqual([null]);
    expect(await stage.store.sync.states('switches/')).toEqual([]);
    expect(await stage.store.sync.brought([bob])).toEqual([]);
    expect((await stage.conversations.get(alice, cid)).participants).toHaveLength(2);
    expect(await stage.store.accounts.standing(bob)).toMatchObject({ disabled: true });
  });

  test('[IM57] a hold on them or on a conversation of theirs wins', async () => {
    const { id } = await stage.open([alice, bob]);
    await stage.send(bob, id, 'evidence');
    const hold = await stage.retention.hold(carol, { conversationId: id, reason: 'case' });
    expect(await code(erase())).toBe('conflict');
    expect(await stage.history(alice, id)).toMatchObject([{ text: 'evidence' }]);
    await stage.retention.release(carol, hold.id);
    expect(await erase()).toMatchObject({ messages: 1 });
  });
});
