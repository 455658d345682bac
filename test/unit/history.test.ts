/** The judge of runs under faults: it must find what it is there to find. */
import { expect, test } from 'vitest';
import { type History, judge } from '../cluster/history.ts';

const good = (): { -readonly [Key in keyof History]: History[Key] } => {
  const stored = [1, 2, 3].map((seq) => ({ id: `m${seq}`, seq, text: `t${seq}` }));
  const received = stored.map(({ id, seq }) => ({ event: seq * 10, conversation: 'c', id, seq }));
  return {
    acknowledged: stored.map(({ id, seq, text }) => ({ conversation: 'c', id, seq, text })),
    conversations: new Map([['c', { people: ['bob'], onNodes: [stored, stored] }]]),
    received: new Map([['bob', received]]),
  };
};
const with2nd = (stored: { id: string; seq: number; text: string }[]): History => ({
  ...good(),
  conversations: new Map([['c', { people: ['bob'], onNodes: [stored, stored] }]]),
});
const [one, two, three] = [1, 2, 3].map((seq) => ({ id: `m${seq}`, seq, text: `t${seq}` })) as [
  { id: string; seq: number; text: string },
  { id: string; seq: number; text: string },
  { id: string; seq: number; text: string },
];
const told = (...order: number[]): History => ({
  ...good(),
  received: new Map([['bob', order.map((at) => good().received.get('bob')![at]!)]]),
});

test('[CL5] a run in which all is well has nothing to complain of', () => {
  expect(judge(good())).toEqual([]);
});

test.each<[string, History, RegExp]>([
  ['is lost', with2nd([one, two]), /"t3" was acknowledged and is lost/],
  ['is doubled', with2nd([one, two, three, { ...three, id: 'm4', seq: 4 }]), /"t3" is there 2 times/],
  ['has a gap before it', with2nd([one, two, { ...three, seq: 4 }]), /message 3 has the number 4/],
  ['is another', with2nd([one, { ...two, seq: 3 }, { ...three, seq: 2 }]), /was acknowledged as 2 and is 3/],
  ['never came', told(0, 2), /never told of 2/],
  ['came twice', told(0, 1, 1, 2), /told twice/],
  ['came too early', told(0, 2, 1), /out of order/],
  ['came behind a later event', told(1, 0, 2), /got event 10 behind 20/],
])('[CL5] a message that %s is found', (_, history, complaint) => {
  expect(judge(history).join('\n')).toMatch(complaint);
});

test('[CL5] nodes that show different histories are found', () => {
  const history = {
    ...good(),
    conversations: new Map([
      [
        'c',
        {
          people: ['bob'],
          onNodes: [
            [one, two, three],
            [one, two],
          ],
        },
      ],
    ]),
  };
  expect(judge(history).join('\n')).toMatch(/node 1 shows another history/);
});
