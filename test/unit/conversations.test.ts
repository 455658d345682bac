import { describe, expect, test } from 'vitest';
import {
  type Command,
  type Conversation,
  create,
  decide,
  isRefusal,
  memberOf,
  ringMs,
} from '../../server/domain/conversations.ts';
import { toConversationId, toUserId, type UserId } from '../../server/domain/ids.ts';
import {
  adding,
  alice,
  bob,
  carol,
  dave,
  having,
  joining,
  noon,
  opened,
} from '../support/conversation-cast.ts';

const outcome = (conversation: Conversation, command: Command, now = noon) => {
  const decided = decide(conversation, command, now);
  return isRefusal(decided) ? decided.refused : decided.events.map(({ type }) => type);
};
const of = (conversation: Conversation, id: UserId) =>
  conversation.participants.find(({ personId }) => personId === id);

describe('opening', () => {
  test('[IM1] the creator has joined, everybody else is invited and their endpoints ring', () => {
    const conversation = opened([alice, bob]);
    expect(conversation.kind).toBe('two-party');
    expect(of(conversation, alice)).toMatchObject({ state: 'joined', joinedAt: noon, ringsUntil: null });
    expect(of(conversation, bob)).toMatchObject({
      state: 'invited',
      joinedAt: null,
      ringsUntil: noon + ringMs,
    });
  });

  test('[IM1] nobody opens a conversation with themselves alone', () => {
    expect(() => opened([alice])).toThrow('not-yourself');
  });

  test('[IM6] two people are equals; in a conference whoever called it presents', () => {
    expect(opened([alice, bob]).participants.map(({ role }) => role)).toEqual(['presenter', 'presenter']);
    expect(opened([alice, bob, carol]).participants.map(({ role }) => role)).toEqual([
      'presenter',
      'attendee',
      'attendee',
    ]);
  });

  test('[IM17] 250 participants are a conference, 251 are refused, at the start and by adding', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        toUserId(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`),
      );
    const full = opened([alice, ...many(249)]);
    expect(full.participants).toHaveLength(250);
    expect(outcome(full, adding(alice, [bob]))).toBe('too-many-participants');
    expect(outcome(full, adding(alice, [many(1)[0]!]))).toEqual([]);
    const given = {
      id: toConversationId('c'),
      creatorId: alice,
      subject: null,
      context: null,
      importance: 'normal',
      withheldFrom: new Set<UserId>(),
    } as const;
    expect(create({ ...given, others: many(250) }, noon)).toMatchObject({ refused: 'too-many-participants' });
  });
});

describe('rights', () => {
  const everyCommand = (byId: UserId): Command[] => [
    adding(byId, [carol]),
    { type: 'open', byId },
    { type: 'answer', byId, answer: 'accept' },
    joining(byId),
    { type: 'leave', byId },
    { type: 'remove', byId, personId: bob },
    { type: 'set-role', byId, personId: bob, role: 'attendee' },
    { type: 'rename', byId, subject: 'x' },
    { type: 'file', byId, muted: true },
    { type: 'read', byId, seq: 1, receipts: true },
  ];

  test.each(everyCommand(dave).map((command) => [command.type, command] as const))(
    '[IM2] %s by somebody who takes no part finds nothing',
    (_, command) => {
      expect(outcome(opened([alice, bob], { lastSeq: 3 }), command)).toBe('not-found');
    },
  );

  test('[IM2] who has left is a stranger', () => {
    const conversation = having(opened([alice, bob, carol]), { type: 'leave', byId: bob });
    expect(memberOf(conversation, bob)).toBeNull();
    expect(outcome(conversation, { type: 'rename', byId: bob, subject: 'x' })).toBe('not-found');
  });

  test.each([
    ['a presenter removes an attendee', { type: 'remove', byId: alice, personId: bob }, ['participant-left']],
    ['an attendee removes nobody', { type: 'remove', byId: bob, personId: carol }, 'forbidden'],
    ['anybody removes themselves', { type: 'remove', byId: bob, personId: bob }, ['participant-left']],
    ['a stranger is not there to be removed', { type: 'remove', byId: alice, personId: dave }, 'not-found'],
    [
      'a presenter makes presenters',
      { type: 'set-role', byId: alice, personId: bob, role: 'presenter' },
      ['role-changed'],
    ],
    [
      'an attendee makes none',
      { type: 'set-role', byId: bob, personId: bob, role: 'presenter' },
      'forbidden',
    ],
    [
      'the last presenter stays one',
      { type: 'set-role', byId: alice, personId: alice, role: 'attendee' },
      'last-presenter',
    ],
    [
      'the same role again changes nothing',
      { type: 'set-role', byId: alice, personId: bob, role: 'attendee' },
      [],
    ],
  ] as const)('[IM7] %s', (_, command, expected) => {
    expect(outcome(opened([alice, bob, carol]), command)).toEqual(expected);
  });

  test('[IM7] between two nobody removes the other and there are no roles to give', () => {
    const two = opened([alice, bob]);
    expect(outcome(two, { type: 'remove', byId: alice, personId: bob })).toBe('forbidden');
    expect(outcome(two, { type: 'set-role', byId: alice, personId: bob, role: 'attendee' })).toBe(
      'forbidden',
    );
  });

  test('[IM8] when the last presenter goes, who has been in it longest takes over', () => {
    const conversation = having(opened([alice, bob, carol]), joining(carol), { type: 'leave', byId: alice });
    expect(conversation.participants.map(({ personId, role }) => [personId, role])).toEqual([
      [bob, 'attendee'],
      [carol, 'presenter'],
    ]);
  });

  test('[IM8] with nobody joined the conference falls to the first invited', () => {
    const conversation = having(opened([alice, bob, carol]), { type: 'leave', byId: alice });
    expect(of(conversation, bob)?.role).toBe('presenter');
  });
});

describe('adding', () => {
  test('[IM4] a third person makes it a conference in place: same id, roles appear', () => {
    const conversation = having(opened([alice, bob], { lastSeq: 7 }), adding(bob, [carol]));
    expect(conversation).toMatchObject({ id: 'c1', kind: 'conference', lastSeq: 7 });
    expect(conversation.participants.map(({ role }) => role)).toEqual(['presenter', 'presenter', 'attendee']);
    expect(of(conversation, carol)).toMatchObject({ state: 'invited', addedBy: bob });
  });

  test('[IM4] adding who is there already changes nothing', () => {
    expect(outcome(opened([alice, bob]), adding(alice, [bob, alice]))).toEqual([]);
  });

  test('[IM4] a conference stays one when people leave', () => {
    const conversation = having(opened([alice, bob, carol]), { type: 'leave', byId: carol });
    expect(conversation.kind).toBe('conference');
  });

  test.each([
    [true, 1],
    [false, 8],
  ])(
    '[IM5] history shared: %s → the newcomer sees from message %i, and nothing of it is unread',
    (share, firstSeq) => {
      const conversation = having(opened([alice, bob], { lastSeq: 7 }), adding(alice, [carol], share));
      expect(of(conversation, carol)).toMatchObject({ firstSeq, readSeq: 7 });
    },
  );

  test('[IM11] who comes back after leaving is invited anew', () => {
    const conversation = having(
      opened([alice, bob, carol], { lastSeq: 4 }),
      { type: 'leave', byId: bob },
      adding(alice, [bob], false),
    );
    expect(of(conversation, bob)).toMatchObject({ state: 'invited', firstSeq: 5 });
  });
});

describe('invitations', () => {
  test('[IM9] accepting joins once; the second endpoint that accepts finds it done', () => {
    const two = opened([alice, bob]);
    const accept: Command = { type: 'answer', byId: bob, answer: 'accept' };
    expect(outcome(two, accept)).toEqual(['invitation-answered', 'participant-joined']);
    const accepted = having(two, accept);
    expect(of(accepted, bob)).toMatchObject({ state: 'joined', ringsUntil: null });
    expect(outcome(accepted, accept)).toEqual([]);
    expect(outcome(accepted, { type: 'answer', byId: bob, answer: 'decline' })).toBe('conflict');
  });

  test('[IM9] declining leaves', () => {
    const declined = having(opened([alice, bob, carol]), { type: 'answer', byId: bob, answer: 'decline' });
    expect(of(declined, bob)).toBeUndefined();
  });

  test('[IM9] sending joins', () => {
    expect(outcome(opened([alice, bob]), joining(bob))).toEqual([
      'invitation-answered',
      'participant-joined',
    ]);
    expect(outcome(opened([alice, bob]), joining(alice))).toEqual([]);
  });

  test('[IM10] past its time an invitation has rung out: still invited, no longer ringing, said once', () => {
    const two = opened([alice, bob]);
    const out: Command = { type: 'ring-out', personId: bob };
    expect(outcome(two, out, noon + ringMs - 1)).toEqual([]);
    expect(outcome(two, out, noon + ringMs)).toEqual(['invitation-answered']);
    const decided = decide(two, out, noon + ringMs);
    expect(decided).toMatchObject({ events: [{ answer: 'timeout' }] });
    expect(outcome(having(two, joining(bob)), out, noon + ringMs)).toEqual([]);
  });
});

describe('blocked inviters', () => {
  const conversation = opened([dave, alice, bob], { lastSeq: 2 }, [alice]);

  test('[IM12] who blocks the inviter is on the roster, is not told, and has no rights', () => {
    expect(of(conversation, alice)).toMatchObject({ state: 'invited', withheld: true, ringsUntil: null });
    expect(memberOf(conversation, alice)).toBeNull();
    expect(outcome(conversation, { type: 'read', byId: alice, seq: 1, receipts: true })).toBe('not-found');
  });

  test('[IM12] the same person asked by somebody they do not block is told, from there on', () => {
    const told = having(conversation, adding(bob, [alice]));
    expect(of(told, alice)).toMatchObject({ withheld: false, addedBy: bob, firstSeq: 3, readSeq: 2 });
  });

  test('[IM12] opening it oneself shows it without joining', () => {
    const told = having(conversation, { type: 'open', byId: alice });
    expect(of(told, alice)).toMatchObject({ withheld: false, state: 'invited', ringsUntil: null });
  });
});

describe('marks and filing', () => {
  const two = opened([alice, bob], { lastSeq: 5 });
  const reading = (seq: number, receipts = true): Command => ({ type: 'read', byId: bob, seq, receipts });

  test('[IM13] the read mark moves forward only and carries the delivered mark with it', () => {
    const read = having(two, reading(4));
    expect(of(read, bob)).toMatchObject({ readSeq: 4, shownReadSeq: 4, deliveredSeq: 4 });
    expect(outcome(read, reading(3))).toEqual([]);
    expect(outcome(read, reading(4))).toEqual([]);
    expect(outcome(read, reading(6))).toBe('seq-beyond-last');
  });

  test('[IM13] with receipts off one’s own mark moves and the shown one stands', () => {
    const read = having(two, reading(2), reading(5, false));
    expect(of(read, bob)).toMatchObject({ readSeq: 5, shownReadSeq: 2 });
  });

  test('[IM14] the delivered mark moves forward only and never past the end', () => {
    const delivered = (seq: number): Command => ({ type: 'deliver', personId: bob, seq });
    const once = having(two, delivered(3));
    expect(of(once, bob)?.deliveredSeq).toBe(3);
    expect(outcome(once, delivered(3))).toEqual([]);
    expect(outcome(once, delivered(2))).toEqual([]);
    expect(outcome(once, delivered(6))).toEqual([]);
    expect(outcome(two, { type: 'deliver', personId: dave, seq: 1 })).toEqual([]);
  });

  test('[IM16] renaming is for everybody, muting and archiving for oneself', () => {
    const filed = having(
      two,
      { type: 'rename', byId: bob, subject: 'Budget' },
      { type: 'file', byId: bob, muted: true },
    );
    expect(filed.subject).toBe('Budget');
    expect(of(filed, bob)).toMatchObject({ muted: true, archived: false });
    expect(of(filed, alice)).toMatchObject({ muted: false });
    expect(outcome(filed, { type: 'rename', byId: alice, subject: 'Budget' })).toEqual([]);
    expect(outcome(filed, { type: 'file', byId: bob, muted: true })).toEqual([]);
  });
});
