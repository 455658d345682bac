/**
 * How people and text are found: addresses and words in the one form that is stored and looked up. Pure;
 * the same function makes the index and the query, so they cannot disagree.
 */

/** The form under which an address is stored: NFC, lower case, without `smtp:`, `x500:` or `EX:` in front; `sip:` stays. */
export function addressKey(address: string): string {
  const key = address.normalize('NFC').trim().toLowerCase();
  return key.replace(/^(smtp|x500|ex|mailto):/, '');
}

/** Lower case, compatibility forms unified, marks removed: "Kovács" and "KOVACS" are one word. */
export const foldText = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .normalize('NFKC');

/** The words of a text, folded, in order, each once. Letters and digits of any script make words. */
export function wordsOf(text: string): readonly string[] {
  return [...new Set(foldText(text).match(/[\p{L}\p{N}]+/gu) ?? [])];
}

/** True where a word of this text may begin anywhere, since the script writes no blanks between words. */
const writesNoBlanks = (word: string) =>
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+$/u.test(word);

/** The words under which a text is stored: as `wordsOf`, and for scripts without blanks every ending as well. */
export function indexWordsOf(text: string): readonly string[] {
  const words = wordsOf(text).flatMap((word) =>
    writesNoBlanks(word) ? [...word].map((_, start, letters) => letters.slice(start).join('')) : [word],
  );
  return [...new Set(words)];
}
