/** What every store promises of conversations, contacts and presence as rows. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DomainError } from '../../server/domain/errors.ts';
import type {
  AttachmentId,
  ConversationId,
  EndpointId,
  GroupId,
  MessageId,
  UserId,
} from '../../server/domain/ids.ts';
import { blankPerson, type PersonRecord } from '../../server/ports/directory.ts';
import { saysNothing } from '../../server/ports/nodes.ts';
import type { Store, Transaction } from '../../server/ports/store.ts';
import type { ContactRow } from '../../server/ports/store-contacts.ts';
import type { AttachmentRow, HistoryWindow } from '../../server/ports/store-conversations.ts';
import type {
  PersonalPresence,
  SoftChange,
  StoredPublication,
  StoredRegistration,
} from '../../server/ports/store-presence.ts';
import { noon } from '../support/clock.ts';
import {
  alice,
  bob,
  carol,
  conversation,
  message,
  participant,
  type StoreUnderTest,
  storesOfTwoVersions,
  window,
} from './stores.ts';

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const personOf = (id: UserId, name: string): PersonRecord => ({
  ...blankPerson,
  id,
  displayName: name,
  address: `${name}@contoso.example`,
  addresses: [`${name}@contoso.example`],
});
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => (error instanceof DomainError ? error.code : `not a DomainError: ${error}`),
  );

describe.each(storesOfTwoVersions)('$name', ({ open }) => {
  let under: StoreUnderTest;
  let store: Store;
  const write = (work: (tx: Transaction) => Promise<unknown>) => store.transaction([], work);
  beforeEach(async () => {
    under = await open();
    store = under.store;
  });
  afterEach(() => under.dispose());

  test('[GR11] what a connection remembers comes back, and so does whom a directory brought', async () => {
    await write(async (tx) => {
      await tx.sync.putState('place/a', 'one');
      await tx.sync.putState('place/b', '„zwei“');
      await tx.sync.putState('plan', 'x');
      await tx.sync.putBrought([
        { personId: alice, load: 1, gone: false },
        { personId: bob, load: 2, gone: false },
        { personId: carol, load: 1, gone: true },
      ]);
    });
    await write((tx) => tx.sync.putState('place/a', 'three'));
    expect(await store.sync.state('place/a')).toBe('three');
    expect(await store.sync.state('nothing')).toBeNull();
    expect((await store.sync.states('place/')).map(({ body }) => body)).toEqual(['three', '„zwei“']);
    expect(await store.sync.unnamedSince(2, 10)).toEqual([alice]);
    expect(await store.sync.photosBefore(noon, 10)).toEqual([alice, bob].toSorted());
    await write(async (tx) => {
      await tx.sync.photosAsked([alice], noon);
      await tx.sync.putState('place/a', null);
      await tx.sync.putBrought([{ personId: carol, load: 3, gone: false }]);
    });
    expect(await store.sync.photosBefore(noon, 10)).toEqual([bob, carol].toSorted());
    expect(await store.sync.state('place/a')).toBeNull();
    expect(await store.sync.brought([carol])).toEqual([{ personId: carol, load: 3, gone: false }]);
  });

  test('[ST5] a conversation comes back as it was written, its participants in the order they came', async () => {
    const row = conversation('c', {
      kind: 'conference',
      subject: 'Budget „2027“ 🧾',
      context: { kind: 'mail', title: 'Re: budget', itemId: '<1@x>' },
      importance: 'high',
      hasWithheld: true,
      participants: [
        participant(carol, { role: 'presenter', readSeq: 4, shownReadSeq: 3, muted: true }),
        participant(alice, { state: 'invited', joinedAt: null, firstSeq: 3, ringsUntil: noon + 30 }),
        participant(bob, { addedBy: carol, withheld: true, archived: true, deliveredSeq: 2 }),
      ],
    });
    await write((tx) => tx.conversations.insert(row, 'key'));
    expect(await store.conversations.find(row.id)).toEqual(row);
    expect(await store.conversations.find('none' as ConversationId)).toBeNull();
    expect(await store.conversations.participant(row.id, bob)).toEqual(row.participants[2]);
    expect(await store.conversations.participant(row.id, 'nobody' as UserId)).toBeNull();

    const changed = {
      ...row,
      subject: null,
      context: null,
      lastSeq: 7,
      hasWithheld: false,
      updatedAt: noon + 9,
    };
    const joined = participant(alice, { deliveredSeq: 7 });
    await write(async (tx) => {
      await tx.conversations.update(changed);
      await tx.conversations.putParticipant(row.id, joined);
      await tx.conversations.removeParticipant(row.id, carol, noon + 5);
    });
    const rest = [joined, row.participants[2]];
    expect(await store.conversations.find(row.id)).toEqual({ ...changed, lastSeq: 0, participants: rest });
    expect(await store.conversations.participant(row.id, carol)).toBeNull();

    // Whoever comes back is new, behind those who stayed.
    const back = participant(carol, { readSeq: 1, addedAt: noon + 6 });
    await write((tx) => tx.conversations.putParticipant(row.id, back));
    expect((await store.conversations.find(row.id))?.participants).toEqual([...rest, back]);
  });

  test('[ST5] a send advances the conversation and the marks of its sender alone', async () => {
    const row = conversation('c', { participants: [participant(alice), participant(bob, { readSeq: 0 })] });
    await write((tx) => tx.conversations.insert(row, null));
    await write((tx) => tx.conversations.post(message('c', 1, { sentAt: noon + 5 })));
    const marks = { readSeq: 1, shownReadSeq: 1, deliveredSeq: 1 };
    const sent = { ...row, lastSeq: 1, updatedAt: noon + 5 };
    expect(await store.conversations.find(row.id)).toEqual({
      ...sent,
      participants: [participant(alice, marks), participant(bob)],
    });
    await write((tx) => tx.conversations.post(message('c', 2, { sentAt: noon + 6, withheld: true })));
    expect(await store.conversations.find(row.id)).toEqual({
      ...sent,
      lastSeq: 2,
      updatedAt: noon + 6,
      hasWithheld: true,
      participants: [participant(alice, { ...marks, readSeq: 2, deliveredSeq: 2 }), participant(bob)],
    });
  });

  test('[ST20] the roster is that of the conversation as it is, after every change and every undone one', async () => {
    const row = conversation('c');
    await write((tx) => tx.conversations.insert(row, null));
    const expected = async () => {
      const found = await store.conversations.find(row.id);
      return {
        kind: found?.kind,
        lastSeq: found?.lastSeq,
        isInSession: true,
        people: found?.participants.map(({ personId, state, withheld }) => ({ personId, state, withheld })),
      };
    };
    const same = async () => expect(await store.conversations.roster(row.id)).toEqual(await expected());
    await same();
    const invited = participant(carol, { state: 'invited' });
    const undone = write(async (tx) => {
      await tx.conversations.putParticipant(row.id, participant(carol, { withheld: true }));
      expect((await tx.conversations.roster(row.id))?.people).toHaveLength(3);
      throw new DomainError('forbidden', 'refused');
    });
    expect(await codeOf(undone)).toBe('forbidden');
    await same();
    await write((tx) => tx.conversations.putParticipant(row.id, invited));
    await same();
    await write((tx) => tx.conversations.putParticipant(row.id, { ...invited, state: 'joined', readSeq: 1 }));
    await same();
    await write((tx) => tx.conversations.putParticipant(row.id, { ...invited, withheld: true }));
    await same();
    await write((tx) => tx.conversations.post(message('c', 1)));
    await same();
    await write((tx) => tx.conversations.removeParticipant(row.id, bob, noon));
    await same();
    await write((tx) => tx.conversations.update({ ...row, kind: 'conference' }));
    await same();
    expect(await store.conversations.roster('none' as ConversationId)).toBeNull();
  });

  test('[ST6] two people have one two-party conversation without context; a conference is no longer theirs', async () => {
    const first = conversation('first');
    await write((tx) => tx.conversations.insert(first, null));
    expect(await store.conversations.twoParty(bob, alice)).toEqual(first);
    expect(await codeOf(write((tx) => tx.conversations.insert(conversation('second'), null)))).toBe(
      'conflict',
    );
    expect(await store.conversations.twoParty(alice, carol)).toBeNull();
    const about = conversation('about', { context: { kind: 'mail', title: 't', itemId: 'i' } });
    await write((tx) => tx.conversations.insert(about, 'i'));
    expect((await store.conversations.twoParty(alice, bob))?.id).toBe('first');
    await write((tx) => tx.conversations.update({ ...first, kind: 'conference' }));
    expect(await store.conversations.twoParty(alice, bob)).toBeNull();
    await write((tx) => tx.conversations.insert(conversation('second'), null));
    expect((await store.conversations.twoParty(alice, bob))?.id).toBe('second');
  });

  test('[ST6] a conversation about an item is found among exactly its people, the latest first', async () => {
    const context = { kind: 'mail', title: 't', itemId: 'i' } as const;
    const three = [participant(alice), participant(bob), participant(carol)];
    await write(async (tx) => {
      await tx.conversations.insert(conversation('older', { context }), 'i');
      await tx.conversations.insert(conversation('newer', { context, updatedAt: noon + 1 }), 'i');
      await tx.conversations.insert(conversation('three', { context, participants: three }), 'i');
    });
    expect((await store.conversations.about('i', [bob, alice]))?.id).toBe('newer');
    expect((await store.conversations.about('i', [carol, bob, alice]))?.id).toBe('three');
    expect(await store.conversations.about('i', [alice])).toBeNull();
    expect(await store.conversations.about('other', [alice, bob])).toBeNull();
  });

  test('[ST7] conversations are listed the latest first, behind a place, a person’s own only', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await write(async (tx) => {
      for (const [index, id] of ids.entries())
        await tx.conversations.insert(
          conversation(id, { kind: 'conference', updatedAt: noon + Math.min(index, 3) }),
          null,
        );
      const foreign = [participant(bob), participant(carol)];
      await tx.conversations.insert(conversation('foreign', { participants: foreign }), null);
    });
    const first = await store.conversations.list(alice, 2, null);
    expect(first.map(({ id }) => id)).toEqual(['e', 'd']);
    const last = first.at(-1);
    const rest = await store.conversations.list(alice, 10, last ?? null);
    expect(rest.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(rest[0]?.participants.map(({ personId }) => personId)).toEqual([alice, bob]);
  });

  test('[ST7] a message that is withheld from somebody moves the conversation in their list to no other place', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    await write(async (tx) => {
      for (const [index, id] of ids.entries()) {
        const times = { createdAt: noon + index * 10, updatedAt: noon + index * 10 };
        await tx.conversations.insert(conversation(id, { kind: 'conference', ...times }), null);
      }
      await tx.conversations.post(message('b', 1, { sentAt: noon + 11 }));
      for (const id of ['a', 'b']) {
        const row = (await tx.conversations.find(id as ConversationId))!;
        const sentAt = noon + (id === 'a' ? 500 : 400);
        await tx.conversations.post(message(id, row.lastSeq + 1, { withheld: true, sentAt }));
        await tx.conversations.update({
          ...(await tx.conversations.find(id as ConversationId))!,
          hasWithheld: true,
        });
      }
    });
    const listed = async (who: UserId) => (await store.conversations.list(who, 10, null)).map(({ id }) => id);
    expect(await listed(alice)).toEqual(['a', 'b', 'd', 'c']);
    expect(await listed(bob)).toEqual(['d', 'c', 'b', 'a']);
    const behind = { updatedAt: noon + 20, id: 'c' as ConversationId };
    expect((await store.conversations.list(bob, 10, behind)).map(({ id }) => id)).toEqual(['b', 'a']);
    await write((tx) => tx.conversations.post(message('b', 3, { sentAt: noon + 600 })));
    expect(await listed(bob)).toEqual(['b', 'd', 'c', 'a']);
  });

  test('[ST7] a conversation that one was not told of, or has left, is not listed', async () => {
    const people = [participant(bob), participant(alice, { withheld: true })];
    await write(async (tx) => {
      await tx.conversations.insert(conversation('untold', { participants: people }), null);
      await tx.conversations.insert(conversation('left', { kind: 'conference' }), null);
      await tx.conversations.removeParticipant('left' as ConversationId, alice, noon);
    });
    expect(await store.conversations.list(alice, 10, null)).toEqual([]);
    expect(await store.conversations.list(bob, 10, null)).toHaveLength(2);
    expect((await store.conversations.twoParty(alice, bob))?.id).toBe('untold');
  });

  test('[ST7] messages are read upwards and downwards between exclusive bounds, always ascending', async () => {
    await write(async (tx) => {
      await tx.conversations.insert(conversation('c'), null);
      await tx.conversations.insert(conversation('d', { kind: 'conference' }), null);
      for (let seq = 1; seq <= 10; seq++) await tx.conversations.post(message('c', seq));
      await tx.conversations.post(message('d', 1));
    });
    const { id } = conversation('c');
    const seqs = async (given: Partial<HistoryWindow>) =>
      (await store.conversations.messages(id, window(given))).map(({ seq }) => seq);
    expect(await seqs({ after: 0, limit: 3 })).toEqual([1, 2, 3]);
    expect(await seqs({ after: 3, before: 6 })).toEqual([4, 5]);
    expect(await seqs({ after: null, limit: 3 })).toEqual([8, 9, 10]);
    expect(await seqs({ after: null, before: 4, limit: 2 })).toEqual([2, 3]);
    expect(await seqs({ after: 10 })).toEqual([]);
    expect(await seqs({ after: 0, firstSeq: 9 })).toEqual([9, 10]);
    expect(await seqs({ after: null, firstSeq: 9 })).toEqual([9, 10]);
    expect(await seqs({ after: 9, firstSeq: 2 })).toEqual([10]);
  });

  test('[ST7] changes are read between a time and another, the latest where there are too many, ascending', async () => {
    const { id } = conversation('c');
    const change = (at: number, name: string) => ({
      conversationId: id,
      at: noon + at,
      id: name,
      kind: 'renamed' as const,
      personId: null,
      byId: alice,
      subject: `a subject ' " 👩‍👩‍👧 ${name}`,
    });
    const kept = { ...change(3, 'd'), kind: 'added' as const, personId: bob, subject: null };
    await write(async (tx) => {
      await tx.conversations.insert(conversation('c'), null);
      await tx.conversations.insert(conversation('d', { kind: 'conference' }), null);
      for (const row of [change(1, 'a'), change(2, 'c'), change(2, 'b'), kept])
        await tx.conversations.appendChange(row);
      await tx.conversations.appendChange({ ...change(2, 'b'), conversationId: conversation('d').id });
    });
    const changes = (after: number, through: number, limit = 10) =>
      store.conversations.changes(id, noon + after, noon + through, limit);
    expect(await changes(0, 3)).toEqual([change(1, 'a'), change(2, 'b'), change(2, 'c'), kept]);
    expect((await changes(1, 2)).map((row) => row.id)).toEqual(['b', 'c']);
    expect((await changes(-1, 9, 2)).map((row) => row.id)).toEqual(['c', 'd']);
    const remove = (limit: number) =>
      write((tx) => tx.records.removeChanges(noon + 3, [conversation('d').id], limit));
    expect([await remove(2), await remove(2), await remove(2)]).toEqual([2, 1, 0]);
    expect(await changes(0, 9)).toEqual([kept]);
    expect(await store.conversations.changes(conversation('d').id, 0, noon + 9, 10)).toHaveLength(1);
  });

  test('[ST7] a withheld message is seen and counted by its sender alone', async () => {
    await write(async (tx) => {
      await tx.conversations.insert(conversation('c'), null);
      await tx.conversations.post(message('c', 1));
      await tx.conversations.post(message('c', 2, { withheld: true }));
      await tx.conversations.post(message('c', 3, { fromId: bob }));
      await tx.conversations.post(message('c', 4, { withheld: true }));
    });
    const { id } = conversation('c');
    const seen = async (viewerId: UserId, given: Partial<HistoryWindow>) =>
      (await store.conversations.messages(id, window({ viewerId, ...given }))).map(({ seq }) => seq);
    expect(await seen(alice, { after: 0 })).toEqual([1, 2, 3, 4]);
    expect(await seen(bob, { after: 0 })).toEqual([1, 3]);
    expect(await seen(bob, { after: null, limit: 1 })).toEqual([3]);
    const withheld = (viewerId: UserId, seq: number) => store.conversations.withheldAfter(id, viewerId, seq);
    expect(await Promise.all([withheld(bob, 0), withheld(bob, 2), withheld(alice, 0)])).toEqual([2, 1, 0]);
  });

  test('[ST5] a message comes back as it was written, any text, and as it was changed', async () => {
    const text = `a\u0000b 👩‍👩‍👧 \u202e abc ' " \\ $1 ? ${'x'.repeat(16_000)}`;
    const row = message('c', 1, { fromId: bob, json: JSON.stringify({ text }) });
    await write(async (tx) => {
      await tx.conversations.insert(conversation('c'), null);
      await tx.conversations.post(row);
    });
    expect(await store.conversations.message(row.id)).toEqual(row);
    await write((tx) => tx.conversations.updateMessage({ ...row, json: '{"text":"new"}' }));
    expect(await store.conversations.message(row.id)).toEqual({ ...row, json: '{"text":"new"}' });
    expect(await store.conversations.message('none' as MessageId)).toBeNull();
  });

  test('[ST5] attachments are known by id, and the unsent ones by age', async () => {
    const row = (id: string, createdAt: number): AttachmentRow => ({
      id: id as AttachmentId,
      ownerId: alice,
      messageId: null,
      name: 'Übersicht.pdf',
      size: 3,
      mediaType: 'application/pdf',
      sha256: 'x',
      createdAt,
    });
    const sent = row('sent', noon);
    await write(async (tx) => {
      for (const one of [sent, row('later', noon + 2), row('sooner', noon + 1)])
        await tx.conversations.insertAttachment(one);
      await tx.conversations.sendAttachment(sent.id, 'c-1' as MessageId);
    });
    expect(await store.conversations.attachment(sent.id)).toEqual({ ...sent, messageId: 'c-1' });
    const unsent = async (before: number) =>
      (await store.conversations.unsentAttachments(before, 10)).map(({ id }) => id);
    expect(await unsent(noon + 3)).toEqual(['sooner', 'later']);
    expect(await unsent(noon + 2)).toEqual(['sooner']);
    await write((tx) => tx.conversations.removeAttachment('sooner' as AttachmentId));
    expect(await unsent(noon + 3)).toEqual(['later']);
    expect(await store.conversations.attachment('sooner' as AttachmentId)).toBeNull();
  });

  test('[ST21] an acknowledged cursor tells the last message delivered per conversation, beyond the mark only', async () => {
    const post = (conversationId: string, seq: number, type: 'message.posted' | 'message.edited') =>
      write(async (tx) => {
        const row = message(conversationId, seq);
        if (type === 'message.posted') await tx.conversations.post(row);
        tx.appendEvent({ type, recipients: [alice, bob], messageId: row.id, body: '{}' });
      });
    await write(async (tx) => {
      await tx.conversations.insert(conversation('c'), null);
      await tx.conversations.insert(
        conversation('d', {
          kind: 'conference',
          participants: [participant(alice), participant(bob, { deliveredSeq: 1 })],
        }),
        null,
      );
    });
    await post('c', 1, 'message.posted');
    await post('d', 1, 'message.posted');
    await post('c', 2, 'message.posted');
    await post('c', 1, 'message.edited');
    await post('c', 3, 'message.posted');
    const delivered = (after: number, through: number) => store.conversations.delivered(bob, after, through);
    expect(await delivered(0, 4)).toEqual([{ conversationId: 'c', seq: 2 }]);
    expect(await delivered(3, 4)).toEqual([]);
    expect(await delivered(4, 99)).toEqual([{ conversationId: 'c', seq: 3 }]);
    expect(await store.conversations.delivered(alice, 0, 99)).toEqual([]);

    expect(await store.conversations.deliveredThrough(bob)).toBe(0);
    await write((tx) => tx.conversations.putDeliveredThrough(bob, 4));
    await write((tx) => tx.conversations.putDeliveredThrough(bob, 3));
    expect(await store.conversations.deliveredThrough(bob)).toBe(4);
  });

  test('[ST5] invitations that still ring are known at the start of a node', async () => {
    const rings = (personId: UserId, ringsUntil: number | null) =>
      participant(personId, { state: 'invited', ringsUntil });
    const people = [participant(alice), rings(bob, noon + 30), rings(carol, noon + 20)];
    await write((tx) => tx.conversations.insert(conversation('c', { participants: people }), null));
    const ofCarol = { conversationId: 'c', personId: carol, until: noon + 20 };
    expect(await store.conversations.ringing()).toEqual([
      ofCarol,
      { conversationId: 'c', personId: bob, until: noon + 30 },
    ]);
    await write((tx) => tx.conversations.putParticipant('c' as ConversationId, rings(bob, null)));
    expect(await store.conversations.ringing()).toEqual([ofCarol]);
    await write((tx) => tx.conversations.removeParticipant('c' as ConversationId, carol, noon));
    expect(await store.conversations.ringing()).toEqual([]);
  });

  test('[ST8] contacts and groups come back; a removed group leaves every contact of its owner', async () => {
    const row = (ownerId: UserId, personId: UserId, given: Partial<ContactRow> = {}): ContactRow => ({
      ownerId,
      personId,
      groups: [],
      relationship: null,
      alertSetAt: null,
      frozen: null,
      listed: true,
      addedAt: noon,
      ...given,
    });
    const team = 'team' as GroupId;
    const lunch = 'lunch' as GroupId;
    const toBob = row(alice, bob, {
      groups: [team, lunch],
      relationship: 'workgroup',
      alertSetAt: noon,
      frozen: { since: noon, lastActiveAt: null },
    });
    await write(async (tx) => {
      await tx.contacts.putGroup({
        id: lunch,
        ownerId: alice,
        name: 'Lunch',
        position: 1,
        order: [carol, bob],
      });
      await tx.contacts.putGroup({ id: team, ownerId: alice, name: 'Team', position: 0, order: null });
      await tx.contacts.put(toBob);
      await tx.contacts.put(row(alice, carol, { relationship: 'blocked', listed: false }));
      await tx.contacts.put(row(bob, alice, { groups: [team] }));
    });
    expect(await store.contacts.find(alice, bob)).toEqual(toBob);
    expect((await store.contacts.groups(alice)).map(({ name, order }) => [name, order])).toEqual([
      ['Team', null],
      ['Lunch', [carol, bob]],
    ]);
    expect((await store.contacts.list(alice)).map(({ personId }) => personId)).toEqual([bob, carol]);
    expect((await store.contacts.about(alice)).map(({ ownerId }) => ownerId)).toEqual([bob]);
    expect(await collect(store.contacts.all())).toHaveLength(3);
    const marked = await collect(store.contacts.marked());
    expect(marked.map(({ personId }) => personId).sort()).toEqual([bob, carol].sort());
    expect(marked.find(({ personId }) => personId === bob)).toEqual(toBob);

    await write(async (tx) => {
      await tx.contacts.removeGroup(alice, team);
      await tx.contacts.remove(alice, carol);
    });
    expect(await store.contacts.find(alice, bob)).toEqual({ ...toBob, groups: [lunch] });
    expect(await store.contacts.find(alice, carol)).toBeNull();
    expect((await store.contacts.find(bob, alice))?.groups).toEqual([team]);
    expect((await store.contacts.groups(alice)).map(({ id }) => id)).toEqual([lunch]);
  });

  test('[ST8] walking all contacts misses none, however many', async () => {
    const ids = Array.from({ length: 2_345 }, (_, index) => `p${String(index).padStart(5, '0')}` as UserId);
    const rest = {
      groups: [],
      relationship: null,
      alertSetAt: null,
      listed: true,
      addedAt: noon,
      frozen: null,
    };
    await write(async (tx) => {
      for (const [at, personId] of ids.entries())
        await tx.contacts.put({ ownerId: alice, personId, ...rest, alertSetAt: at % 2 === 0 ? noon : null });
    });
    expect((await collect(store.contacts.all())).map(({ personId }) => personId)).toEqual(ids);
    expect((await collect(store.contacts.marked())).map(({ personId }) => personId)).toEqual(
      ids.filter((_, at) => at % 2 === 0),
    );
  });

  test('[ST9] an account elsewhere is one person’s, until it is unlinked', async () => {
    await write((tx) => tx.accounts.link('mailbox-1', alice, noon));
    await write((tx) => tx.accounts.link('mailbox-2', alice, noon));
    await expect(write((tx) => tx.accounts.link('mailbox-1', bob, noon))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await store.accounts.linkedTo('mailbox-1')).toBe(alice);
    expect(await store.accounts.linkedTo('mailbox-3')).toBeNull();
    await write((tx) => tx.accounts.unlink(alice));
    expect(await store.accounts.linkedTo('mailbox-2')).toBeNull();
  });

  test('[ST9] choices of presence are kept; soft state is replaced for the people named and for nobody else', async () => {
    const personal: PersonalPresence = {
      preferred: { availability: 'busy', activity: 'focusing', setAt: noon, expiresAt: noon + 1 },
      note: { text: 'at my desk ☕', setAt: noon, expiresAt: null },
      privacy: { mode: 'reciprocal', hideActivity: true, hideLastActive: false },
      outOfOffice: { note: 'back soon', from: noon, until: null },
      lastActiveAt: noon - 1,
      offlineSince: noon,
      curtain: { since: noon, lastActiveAt: null },
    };
    const bare: PersonalPresence = {
      preferred: null,
      note: null,
      privacy: { mode: 'open', hideActivity: false, hideLastActive: false },
      outOfOffice: null,
      lastActiveAt: null,
      offlineSince: null,
      curtain: null,
    };
    await write(async (tx) => {
      await tx.presence.putPersonal(alice, bare);
      await tx.presence.putPersonal(bob, bare);
      await tx.presence.putPersonal(alice, personal);
    });
    expect(await store.presence.personal(alice)).toEqual(personal);
    expect(await store.presence.personal(carol)).toBeNull();
    expect(new Map(await collect(store.presence.allPersonal()))).toEqual(
      new Map([
        [alice, personal],
        [bob, bare],
      ]),
    );

    const calendar = {
      url: 'https://calendar.example/a.ics',
      text: null,
      isEnabled: false,
      workingHours: null,
    };
    await write((tx) => tx.presence.putCalendar(alice, { ...calendar, isEnabled: true }));
    await write((tx) => tx.presence.putCalendar(alice, calendar));
    await write((tx) => tx.presence.putCalendar(bob, calendar));
    await write((tx) => tx.presence.putCalendar(bob, null));
    expect(await store.presence.calendar(alice)).toEqual(calendar);
    expect(await collect(store.presence.allCalendars())).toEqual([[alice, calendar]]);

    const publication = (personId: UserId, id: string): StoredPublication => ({
      personId,
      id,
      kind: 'machine',
      endpoint: 'e' as EndpointId,
      availability: 'available',
      activity: null,
      inputAt: noon,
      device: 'desk',
      subject: null,
      location: null,
      startsAt: null,
      publishedAt: noon,
      expiresAt: noon + 60_000,
      savedAt: noon,
    });
    const registration = (personId: UserId): StoredRegistration => ({
      personId,
      endpoint: 'e' as EndpointId,
      registeredAt: noon,
      nodeId: 'node-1',
    });
    const settled = { availability: 'available', activity: null, since: noon, lastActiveAt: null } as const;
    const change = (personId: UserId, more: Partial<SoftChange>): SoftChange => ({
      personId,
      published: [],
      withdrawn: [],
      registered: [],
      unregistered: [],
      settled,
      ...more,
    });
    const save = (nodeId: string, ...changes: SoftChange[]) =>
      write((tx) => tx.presence.saveSoftState(nodeId, changes));
    const e = 'e' as EndpointId;
    await save(
      'node-1',
      change(bob, {
        published: [publication(bob, 'one')],
        registered: [{ endpoint: e, registeredAt: noon }],
      }),
      change(alice, {
        published: [publication(alice, 'one'), publication(alice, 'two')],
        registered: [{ endpoint: e, registeredAt: noon }],
      }),
    );
    await save('node-2', change(alice, { registered: [{ endpoint: e, registeredAt: noon + 5 }] }));
    // What another node does to the same person undoes nothing.
    await save(
      'node-1',
      change(alice, {
        published: [{ ...publication(alice, 'three'), subject: 'anew' }],
        withdrawn: [
          { id: 'one', endpoint: null },
          // Its endpoint is still there, on the other node.
          { id: 'two', endpoint: e },
        ],
        unregistered: [e],
        settled: { ...settled, availability: 'offline' },
      }),
    );
    expect(await collect(store.presence.allPublications())).toEqual([
      { ...publication(alice, 'three'), subject: 'anew' },
      publication(alice, 'two'),
      publication(bob, 'one'),
    ]);
    const elsewhere = { ...registration(alice), nodeId: 'node-2', registeredAt: noon + 5 };
    expect(await collect(store.presence.allRegistrations())).toEqual([elsewhere, registration(bob)]);
    expect(await collect(store.presence.allSettled())).toEqual([
      [alice, { ...settled, availability: 'offline' }],
      [bob, settled],
    ]);
    await save('node-2', change(alice, { unregistered: [e], withdrawn: [{ id: 'two', endpoint: e }] }));
    expect(await store.presence.remembered([carol, alice, bob])).toEqual([
      { personId: carol, personal: null, publications: [], registrations: [], settled: null },
      {
        personId: alice,
        personal: await store.presence.personal(alice),
        publications: [{ ...publication(alice, 'three'), subject: 'anew' }],
        registrations: [],
        settled,
      },
      {
        personId: bob,
        personal: await store.presence.personal(bob),
        publications: [publication(bob, 'one')],
        registrations: [registration(bob)],
        settled,
      },
    ]);
  });

  test('[ST31] a node that renews lives; one that does not is ended once, and whose endpoints it held is told', async () => {
    const { nodes } = store;
    const about = { version: '1.2.3', startedAt: noon };
    // Entered by another node first, which knows nothing of it.
    for (const id of ['one', 'two']) await nodes.join(id, saysNothing);
    await nodes.join('one', about);
    await nodes.join('one', saysNothing);
    expect(await nodes.renew('one')).toBe(true);
    await nodes.leave('two');
    expect(await nodes.list()).toEqual([
      { id: 'one', beat: 1, isLeaving: false, ...about },
      { id: 'two', beat: 0, isLeaving: true, ...saysNothing },
    ]);
    const settled = { availability: 'available', activity: null, since: noon, lastActiveAt: null } as const;
    const here = (personId: UserId): SoftChange => ({
      personId,
      published: [],
      withdrawn: [],
      registered: [{ endpoint: 'e' as EndpointId, registeredAt: noon }],
      unregistered: [],
      settled,
    });
    await write((tx) => tx.presence.saveSoftState('two', [here(alice), here(bob)]));
    await write((tx) => tx.presence.saveSoftState('one', [here(alice)]));
    // It has renewed since it was looked at.
    expect(await nodes.end('one', 0)).toBeNull();
    const ended = await Promise.all([nodes.end('two', 0), nodes.end('two', 0)]);
    expect(ended.filter((people) => people !== null)).toEqual([[alice, bob]]);
    expect(await nodes.renew('two')).toBe(false);
    expect((await collect(store.presence.allRegistrations())).map(({ nodeId }) => nodeId)).toEqual(['one']);
  });

  test('[CO9] one’s own photo goes before the directory’s, names itself in the entry, and goes with its person', async () => {
    const photo = (text: string) => ({
      mediaType: 'image/png' as const,
      tag: `tag of ${text}`,
      bytes: Buffer.from(text),
    });
    const shown = async () => {
      const [person] = await store.accounts.people([bob]);
      const [resolved] = await store.accounts.resolve(['bob@contoso.example']);
      expect(resolved?.photo).toBe(person?.photo);
      const got = await store.accounts.photo(bob);
      expect(got?.tag ?? null).toBe(person?.photo);
      return got && [got.mediaType, String(Buffer.from(got.bytes))];
    };
    await write((tx) => tx.accounts.putPeople([personOf(bob, 'bob')]));
    expect(await shown()).toBeNull();
    await write((tx) => tx.accounts.putPhoto(bob, 'directory', photo('directory')));
    expect(await shown()).toEqual(['image/png', 'directory']);
    await write((tx) => tx.accounts.putPhoto(bob, 'own', photo('own')));
    await write((tx) => tx.accounts.putPhoto(bob, 'directory', photo('another')));
    expect(await shown()).toEqual(['image/png', 'own']);
    await write((tx) => tx.accounts.putPeople([personOf(bob, 'bob')]));
    expect(await shown()).toEqual(['image/png', 'own']);
    await write((tx) => tx.accounts.putPhoto(bob, 'own', null));
    expect(await shown()).toEqual(['image/png', 'another']);
    await write((tx) => tx.records.erase(bob));
    expect(await store.accounts.photo(bob)).toBeNull();
  });

  test('[ST9] the standing of an account is kept; without a row it is good', async () => {
    expect(await store.accounts.standing(alice)).toEqual({ generation: 0, disabled: false });
    await write((tx) => tx.accounts.putStanding(alice, { generation: 2, disabled: true }));
    await write((tx) => tx.accounts.putStanding(alice, { generation: 3, disabled: true }));
    expect(await (await under.reopen()).accounts.standing(alice)).toEqual({ generation: 3, disabled: true });
    store = under.store;
  });
});
