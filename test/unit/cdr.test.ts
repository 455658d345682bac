import { describe, expect, test } from 'vitest';
import { cell, csvHead, idleMs, type SessionFacts, toCsv, toSessionRecord } from '../../server/domain/cdr.ts';
import { toConversationId } from '../../server/domain/ids.ts';
import { alice, bob, carol, noon } from '../support/conversation-cast.ts';

const minute = 60_000;
const facts = (fields: Partial<SessionFacts> = {}): SessionFacts => ({
  conversationId: toConversationId('c1'),
  kind: 'two-party',
  importance: 'normal',
  startedAt: noon,
  lastAt: noon + 5 * minute,
  overBy: 'idle',
  messages: [
    { personId: alice, count: 3, firstAt: noon },
    { personId: bob, count: 2, firstAt: noon + minute },
  ],
  participations: [
    { personId: alice, role: 'presenter', addedAt: noon - minute, joinedAt: noon - minute, leftAt: null },
    { personId: bob, role: 'presenter', addedAt: noon - minute, joinedAt: noon + minute, leftAt: null },
  ],
  files: [],
  ...fields,
});

describe('a session', () => {
  test('[IM40] says who, when, how many and how it ended', () => {
    expect(toSessionRecord(facts())).toMatchObject({
      kind: 'two-party',
      startedById: alice,
      startedAt: '2026-11-21T12:00:00.000Z',
      respondedAt: '2026-11-21T12:01:00.000Z',
      response: 'accepted',
      endedAt: '2026-11-21T12:05:00.000Z',
      endReason: 'idle',
      messageCount: 5,
      peakParticipants: 2,
      mediaTypes: ['im'],
      participants: [
        { personId: alice, messageCount: 3 },
        { personId: bob, messageCount: 2 },
      ],
    });
  });

  test('[IM40] nobody answered: no response', () => {
    const record = toSessionRecord(
      facts({
        messages: [{ personId: alice, count: 1, firstAt: noon }],
        participations: [
          { personId: alice, role: 'presenter', addedAt: noon, joinedAt: noon, leftAt: null },
          { personId: bob, role: 'presenter', addedAt: noon, joinedAt: null, leftAt: null },
        ],
      }),
    );
    expect(record).toMatchObject({ respondedAt: null, response: 'none' });
  });

  test('[IM40] a later session of the same talk counts only its own: who left before is not in it', () => {
    const record = toSessionRecord(
      facts({
        participations: [
          ...facts().participations,
          {
            personId: carol,
            role: 'attendee',
            addedAt: noon - 9 * minute,
            joinedAt: noon - 9 * minute,
            leftAt: noon - minute,
          },
        ],
      }),
    );
    expect(record.participants.map(({ personId }) => personId)).toEqual([alice, bob]);
  });

  test('[IM40] who came back has two stays and is counted once', () => {
    const record = toSessionRecord(
      facts({
        kind: 'conference',
        participations: [
          { personId: alice, role: 'presenter', addedAt: noon, joinedAt: noon, leftAt: null },
          { personId: bob, role: 'attendee', addedAt: noon, joinedAt: noon, leftAt: noon + minute },
          { personId: bob, role: 'attendee', addedAt: noon + 2 * minute, joinedAt: null, leftAt: null },
        ],
      }),
    );
    expect(record.participants.map(({ messageCount }) => messageCount)).toEqual([3, 2, 0]);
    expect(record.peakParticipants).toBe(2);
  });

  test('[IM40] when everybody has gone it ended with the last of them', () => {
    const record = toSessionRecord(
      facts({
        participations: facts().participations.map((each) => ({ ...each, leftAt: noon + 6 * minute })),
      }),
    );
    expect(record).toMatchObject({ endReason: 'everyone-left', endedAt: '2026-11-21T12:06:00.000Z' });
  });

  test('[IM40] while it goes on it has no end', () => {
    expect(toSessionRecord(facts({ overBy: null }))).toMatchObject({ endedAt: null, endReason: null });
  });

  test('[IM40] idleness is Lync’s quarter of an hour', () => {
    expect(idleMs).toBe(15 * minute);
  });

  test('[IM41] no field holds what was said', () => {
    const record = toSessionRecord(
      facts({ files: [{ byId: bob, name: 'a.pdf', size: 9, mediaType: 'application/pdf', sentAt: noon }] }),
    );
    expect(record.mediaTypes).toEqual(['im', 'file']);
    expect(JSON.stringify(record)).not.toMatch(/"(text|subject|title|json|url)"/);
  });
});

describe('as CSV', () => {
  test('[IM42] one line per participant under one head, all of the same width', () => {
    const lines = (csvHead + toCsv(toSessionRecord(facts()))).trimEnd().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['@x', "'@x"],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    [null, ''],
    [-5, '-5'],
  ])('[IM42] the cell of %j is %j: separators are quoted, formulas are text', (value, expected) => {
    expect(cell(value)).toBe(expected);
  });
});
