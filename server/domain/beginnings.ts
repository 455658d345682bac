/**
 * Words of a text that begin with given letters, whatever their case and accents: as the full-text index cuts
 * and folds them (letters and digits; marks belong to their letter and do not count). Pure.
 */
const marks = /\p{M}+/gu;
const word = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;
const isPlain = /^[\t-~]*$/;
const plainWordSign = /[0-9a-z]/;

/** Lower case, without accents. Texts of plain letters, which most are, cost no more than that. */
export const foldLetters = (text: string): string =>
  isPlain.test(text) ? text.toLowerCase() : text.normalize('NFD').replace(marks, '').toLowerCase();

/** True where a word of the text begins with these folded letters. */
export function hasBeginning(text: string, beginning: string): boolean {
  const folded = foldLetters(text);
  for (let at = folded.indexOf(beginning); at >= 0; at = folded.indexOf(beginning, at + 1)) {
    const before = at === 0 ? ' ' : (folded[at - 1] as string);
    if (before < '\u0080' ? !plainWordSign.test(before) : !/[\p{L}\p{N}\p{Co}]/u.test(before)) return true;
  }
  return false;
}

/** The words themselves, as they are written, each once. */
export function wordsBeginning(text: string, beginning: string): string[] {
  const words = (text.match(word) ?? []).filter((one) => foldLetters(one).startsWith(beginning));
  return [...new Set(words)];
}
