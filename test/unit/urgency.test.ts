import { expect, test } from 'vitest';
import { againMs, createUrgency, type UrgentCall } from '../../addins/web/urgency.ts';
import type { Conversation, LiveMessage } from '../../server/protocol/conversations.ts';

const person = (id: string) => ({ id, displayName: id, address: '' });
const message = (seq: number, importance: LiveMessage['importance'], fromId = 'bob') =>
  ({ seq, fromId, text: `m${seq}`, importance, deletedAt: null }) as LiveMessage;
const conversation = (last: LiveMessage | null, readSeq: number, id = 'c'): Conversation =>
  ({
    id,
    participants: [
      { person: person('alice'), readSeq },
      { person: person('bob'), readSeq: 0 },
    ],
    lastSeq: last?.seq ?? 0,
    lastMessage: last,
    unread: Math.max(0, (last?.seq ?? 0) - readSeq),
  }) as unknown as Conversation;
const all = (...list: Conversation[]) => new Map(list.map((one) => [one.id, one]));

function start() {
  const calls: UrgentCall[] = [];
  let work: (() => void) | null = null;
  const urgency = createUrgency({
    meId: 'alice',
    call: (what) => calls.push(what),
    every(ms, given) {
      expect(ms).toBe(againMs);
      work = given;
      return () => {
        work = null;
      };
    },
  });
  const minute = () => {
    calls.length = 0;
    work?.();
    return calls.map(({ text }) => text);
  };
  return { urgency, minute, isRunning: () => work !== null };
}

test('[UI32] an urgent message calls each minute until it is read', () => {
  const { urgency, minute, isRunning } = start();
  const last = message(3, 'urgent');
  urgency.arrived(conversation(last, 1), last);
  expect([minute(), minute()]).toEqual([['m3'], ['m3']]);
  // Others write on; it is still not read.
  urgency.follow(all(conversation(message(5, 'normal'), 2)));
  expect(minute()).toEqual(['m3']);
  urgency.follow(all(conversation(message(5, 'normal'), 3)));
  expect(isRunning()).toBe(false);
  expect(minute()).toEqual([]);
});

test('[UI32] after a reload it goes on from what is unread; one’s own and read ones do not call', () => {
  const { urgency, minute, isRunning } = start();
  urgency.follow(
    all(
      conversation(message(2, 'urgent'), 1, 'unread'),
      conversation(message(2, 'urgent'), 2, 'read'),
      conversation(message(2, 'urgent', 'alice'), 1, 'own'),
      conversation(message(2, 'high'), 1, 'important'),
    ),
  );
  expect(minute()).toEqual(['m2']);
  urgency.follow(all());
  expect(isRunning()).toBe(false);
});

test('[UI32] of one conversation the latest calls, and nothing does after signing out', () => {
  const { urgency, minute, isRunning } = start();
  for (const seq of [2, 4, 3])
    urgency.arrived(conversation(message(seq, 'urgent'), 1), message(seq, 'urgent'));
  urgency.arrived(conversation(message(9, 'urgent'), 1, 'other'), message(9, 'urgent'));
  expect(minute()).toEqual(['m4', 'm9']);
  urgency.close();
  expect(isRunning()).toBe(false);
});
