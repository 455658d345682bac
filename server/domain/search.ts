/** What a search asks for: words, phrases in quotes, the last word as a beginning. Pure; the index does the rest. */

export interface SearchTerms {
  /** Each a word, or the words of a phrase; all must occur. */
  readonly terms: readonly (readonly string[])[];
  readonly isLastPrefix: boolean;
}

const maxTerms = 16;

/** Letters and digits with their marks: what a word is made of. Chinese and Japanese are looked for sign by sign. */
const wordPattern = /[\p{L}\p{N}\p{M}]+/gu;
export const scriptioContinua = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u;

/** Reads a query; null when there is no word in it. Anything that is not a word separates words. */
export function parseSearch(query: string): SearchTerms | null {
  const terms: string[][] = [];
  let endsOpen = true;
  for (const [index, piece] of query.normalize('NFC').split('"').entries()) {
    const isPhrase = index % 2 === 1;
    const words = (piece.match(wordPattern) ?? []).flatMap(signs);
    if (words.length === 0) {
      if (/\s/.test(piece)) endsOpen = false;
      continue;
    }
    if (isPhrase) terms.push(words.flat());
    else terms.push(...words);
    endsOpen = !isPhrase && /[\p{L}\p{N}\p{M}]$/u.test(piece);
  }
  if (terms.length === 0) return null;
  return { terms: terms.slice(0, maxTerms), isLastPrefix: endsOpen && terms.length <= maxTerms };
}

/** A word as the index knows it: one term, which for Chinese and Japanese is the row of its signs. */
function signs(word: string): string[][] {
  const parts: string[] = [];
  for (const sign of word) {
    const last = parts.at(-1);
    if (last !== undefined && !scriptioContinua.test(sign) && !scriptioContinua.test(last))
      parts[parts.length - 1] = last + sign;
    else parts.push(sign);
  }
  return [parts];
}
