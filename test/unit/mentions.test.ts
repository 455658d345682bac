/** Mentions while they are written, and search hits cut to what is shown. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromMentions, mentionAt, suggestMentions, toMentions } from '../../addins/shared/ui/mentions.ts';

const person = (id: string, displayName: string) => ({ id, displayName, address: `${id}@contoso.example` });
const people = [person('b1', 'Bob Kovács'), person('a1', 'Ann Lee'), person('a2', 'Ann Leech')];

describe('mentions', () => {
  test.each([
    ['@', 1, { start: 0, query: '' }],
    ['ask @bo', 7, { start: 4, query: 'bo' }],
    ['ask @bob kov', 12, { start: 4, query: 'bob kov' }],
    ['ask @bob about it now', 21, null],
    ['mail bob@contoso', 16, null],
    ['@ bob', 5, null],
    ['nobody', 6, null],
    ['@bob\n', 5, null],
  ])('[UI21] %j with the caret at %i', (text, caret, expected) => {
    expect(mentionAt(text, caret)).toEqual(expected);
  });

  test('[UI21] people are offered by the beginning of any word', () => {
    expect(suggestMentions(people, 'kov').map(({ id }) => id)).toEqual(['b1']);
    expect(suggestMentions(people, 'ann').map(({ id }) => id)).toEqual(['a1', 'a2']);
  });

  test('[UI21] names become mentions, the longest first, and addresses stay addresses', () => {
    expect(toMentions('@Ann Leech and @Ann Lee, @Bob Kovács!', people)).toBe(
      '[@Ann Leech](person:a2) and [@Ann Lee](person:a1), [@Bob Kovács](person:b1)!',
    );
    expect(toMentions('x@Ann Lee @Ann Leery', people)).toBe('x@Ann Lee @Ann Leery');
  });

  test('[UI21] an edit shows what was typed, and saving it again changes nothing', () => {
    const word = fc.constantFrom(
      '@Ann Lee',
      '@Ann Leech',
      '@Bob Kovács',
      'and',
      ' ',
      ', ',
      '[',
      ']',
      '(person:x)',
      '@',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const sent = toMentions(words.join(' '), people);
        expect(fromMentions(sent)).toBe(words.join(' '));
        expect(toMentions(fromMentions(sent), people)).toBe(sent);
      }),
    );
  });
});
