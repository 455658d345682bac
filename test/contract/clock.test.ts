/** What every clock promises; the manual one of the tests keeps the same promises as the machine's. */
import { describe, expect, test } from 'vitest';
import { createSystemClock } from '../../server/adapters/clock/system.ts';
import type { Clock } from '../../server/ports/clock.ts';
import { createManualClock } from '../support/clock.ts';

const clocks = [
  {
    name: 'system',
    make: (): { clock: Clock; pass: (ms: number) => Promise<void> } => ({
      clock: createSystemClock(),
      pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 15)),
    }),
  },
  {
    name: 'manual',
    make: () => {
      const clock = createManualClock();
      return { clock, pass: async (ms: number) => clock.advance(ms) };
    },
  },
];

describe.each(clocks)('$name clock', ({ make }) => {
  test('[ST18] a task runs once, no earlier than asked, in the order of falling due', async () => {
    const { clock, pass } = make();
    const began = clock.now();
    const ran: [string, boolean][] = [];
    clock.after(40, () => ran.push(['late', clock.now() - began >= 39]));
    clock.after(10, () => ran.push(['early', clock.now() - began >= 9]));
    expect(ran).toEqual([]);
    await pass(80);
    await pass(80);
    expect(ran).toEqual([
      ['early', true],
      ['late', true],
    ]);
  });

  test('[ST18] a cancelled task never runs, cancelled any number of times', async () => {
    const { clock, pass } = make();
    let ran = 0;
    const cancel = clock.after(10, () => ran++);
    cancel();
    cancel();
    const done = clock.after(1, () => ran++);
    await pass(30);
    done();
    expect(ran).toBe(1);
  });

  test('[ST18] a task may set the next one, and a year is not at once', async () => {
    const { clock, pass } = make();
    const ran: string[] = [];
    clock.after(5, () => {
      clock.after(5, () => ran.push('second'));
      ran.push('first');
    });
    const cancel = clock.after(365 * 86_400_000, () => ran.push('a year'));
    await pass(15);
    await pass(15);
    expect(ran).toEqual(['first', 'second']);
    cancel();
  });
});

test('[ST18] the machine’s clock tells the time', () => {
  const before = Date.now();
  const told = createSystemClock().now();
  expect(told).toBeGreaterThanOrEqual(before);
  expect(told).toBeLessThanOrEqual(Date.now());
});
