/** The language of a whole page: chosen from what its reader wants, and told to the browser. */
import { pickLanguage, useLanguage } from './i18n.ts';

/**
 * Speaks to a reader from now on, and lays the page out the reader's way round. Direction follows the
 * reader's first tag, not the catalogue: beside an Outlook in Hebrew a pane stands mirrored like its host even
 * where it speaks English (`styles.ts` sets such sentences left to right within).
 */
export async function speakTo(wanted: readonly string[]): Promise<void> {
  const tags = wanted.filter((tag) => tag !== '');
  const language = pickLanguage(tags);
  await useLanguage(language, tags);
  document.documentElement.lang = language;
  document.documentElement.dir = isRightToLeft(tags[0] ?? language) ? 'rtl' : 'ltr';
}

const scriptsFromRight = new Set(['Adlm', 'Arab', 'Hebr', 'Nkoo', 'Rohg', 'Syrc', 'Thaa']);

/** Says whether a language is written from right to left, by its likely script (CLDR). */
export function isRightToLeft(tag: string): boolean {
  try {
    return scriptsFromRight.has(new Intl.Locale(tag).maximize().script ?? '');
  } catch {
    // Not a language tag: a host's odd spelling must not keep the pane from opening.
    return false;
  }
}
