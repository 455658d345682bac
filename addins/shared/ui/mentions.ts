/**
 * Mentions while they are written: a person types `@Bob Kovács`, the message carries
 * `[@Bob Kovács](person:ID)`, and an edit shows what was typed again. Pure.
 */
import type { PersonName } from '../../../server/protocol/contacts.ts';
import { matches } from './people-search.ts';

/** A half-written mention: where its `@` stands and what follows it up to the caret. */
export interface MentionQuery {
  start: number;
  query: string;
}

/** Finds the mention that is being written at the caret; an `@` within a word is an address, not a mention. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const before = text.slice(0, caret);
  const start = before.lastIndexOf('@');
  if (start < 0 || caret - start > 60) return null;
  if (start > 0 && /[\p{L}\p{N}]/u.test(before[start - 1] ?? '')) return null;
  const query = before.slice(start + 1);
  // Two words at most: behind them the sentence has gone on.
  return /\n|\s{2}|^\s/.test(query) || query.split(' ').length > 3 ? null : { start, query };
}

/** Chooses whom to offer, at most `count`. */
export function suggestMentions(people: readonly PersonName[], query: string, count = 6): PersonName[] {
  return people.filter((one) => matches({ ...one, department: null }, query)).slice(0, count);
}

/** Characters that would end the link's text early. */
const unlinkable = /[[\]\n]/g;

/** Makes every `@name` of these people a mention; longer names first, so that "Ann Lee" is not found in "Ann Leech". */
export function toMentions(text: string, people: readonly PersonName[]): string {
  const names = people.toSorted((a, b) => b.displayName.length - a.displayName.length);
  let result = '';
  for (let at = 0; at < text.length; ) {
    const isStart = text[at] === '@' && !/[\p{L}\p{N}[]/u.test(text[at - 1] ?? '');
    const person = isStart
      ? names.find(({ displayName }) => {
          const end = at + 1 + displayName.length;
          return text.startsWith(displayName, at + 1) && !/[\p{L}\p{N}]/u.test(text[end] ?? '');
        })
      : undefined;
    if (person) {
      result += `[@${person.displayName.replaceAll(unlinkable, ' ')}](person:${person.id})`;
      at += 1 + person.displayName.length;
    } else {
      result += text[at];
      at += 1;
    }
  }
  return result;
}

/** Shows stored mentions the way they were typed. */
export function fromMentions(text: string): string {
  return text.replaceAll(/\[(@[^\][\n]{1,200})\]\(person:[0-9A-Za-z-]{1,64}\)/g, '$1');
}
