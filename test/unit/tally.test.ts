/** The bench's own reckoning: what was superseded, and what was lost. */
import { describe, expect, test } from 'vitest';
import { createTally } from '../bench/tally.ts';

describe('the tally of notes', () => {
  const get = (tally: ReturnType<typeof createTally>, author: number, stamp: number, times: number) => {
    for (let time = 0; time < times; time++) tally.delivered(author, stamp);
  };

  test('what is missing before a newest note that all have got was superseded', () => {
    const tally = createTally();
    for (const stamp of [10, 20, 30]) tally.published(7, stamp, 3);
    get(tally, 7, 10, 2);
    get(tally, 7, 30, 3);
    expect(tally.superseded()).toBe(4);
  });

  test('where one has not got the newest, nothing counts as superseded', () => {
    const tally = createTally();
    for (const stamp of [10, 20]) tally.published(7, stamp, 3);
    get(tally, 7, 20, 2);
    expect(tally.superseded()).toBe(0);
  });

  test('each author is reckoned apart, and what is older than the run is not counted', () => {
    const tally = createTally();
    get(tally, 1, 5, 9);
    tally.published(1, 10, 2);
    tally.published(2, 11, 2);
    tally.published(2, 12, 2);
    get(tally, 1, 5, 9);
    get(tally, 1, 10, 2);
    get(tally, 2, 12, 2);
    expect(tally.superseded()).toBe(2);
  });
});
