import { expect, test } from 'vitest';
import { parseSearch } from '../../server/domain/search.ts';

test.each([
  ['budget', [['budget']], true],
  ['budget ', [['budget']], false],
  ['Budget 2027', [['Budget'], ['2027']], true],
  ['"year end" budget', [['year', 'end'], ['budget']], true],
  ['budget "year end"', [['budget'], ['year', 'end']], false],
  ['"open ended', [['open', 'ended']], false],
  ['a-b', [['a'], ['b']], true],
  ['預算', [['預', '算']], true],
  ['Q3預算', [['Q3', '預', '算']], true],
  ['NEAR(a b) OR *', [['NEAR'], ['a'], ['b'], ['OR']], false],
  ['text:x ^y', [['text'], ['x'], ['y']], true],
])('[IM60] %j looks for %j', (query, terms, isLastPrefix) => {
  expect(parseSearch(query)).toEqual({ terms, isLastPrefix });
});

test.each(['', '   ', '""', '-*:^()', '👍'])('[IM60] %j holds no word', (query) => {
  expect(parseSearch(query)).toBeNull();
});
