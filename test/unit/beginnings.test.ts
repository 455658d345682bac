import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldLetters, hasBeginning, wordsBeginning } from '../../server/domain/beginnings.ts';

test.each([
  ['The budget of Fabrikam', 'budg', ['budget']],
  ['BUDGETS, budgeted; re-budget', 'budg', ['BUDGETS', 'budgeted', 'budget']],
  ['rebudget', 'budg', []],
  ['Überraschung übermorgen', 'uber', ['Überraschung', 'übermorgen']],
  ['cafe\u0301s', 'cafe', ['cafe\u0301s']],
  ['word1,word12 word', 'word1', ['word1', 'word12']],
  ['бюджеты и бюджет', 'бюдж', ['бюджеты', 'бюджет']],
  ['', 'budg', []],
])('[IM60] in %j the words that begin with %j are %j', (text, beginning, words) => {
  expect(wordsBeginning(text, beginning)).toEqual(words);
  expect(hasBeginning(text, beginning)).toBe(words.length > 0);
});

test('[IM60] a text has a beginning exactly where one of its words has it', () => {
  const letters = fc.constantFrom(
    'a',
    'B',
    'é',
    'e\u0301',
    'ß',
    'ж',
    '1',
    ' ',
    '-',
    '_',
    '\u2063',
    '.',
    '👍',
  );
  fc.assert(
    fc.property(
      fc.array(letters, { maxLength: 30 }),
      fc.array(letters, { minLength: 1, maxLength: 3 }),
      (signs, from) => {
        const [text, beginning] = [signs.join(''), foldLetters(from.join('')).replace(/[^\p{L}\p{N}]/gu, '')];
        fc.pre(beginning !== '');
        expect(hasBeginning(text, beginning)).toBe(wordsBeginning(text, beginning).length > 0);
      },
    ),
  );
});
