/** What the settings say; fetched with them, so that nobody who never opens them loads it. */
import { createWords } from '../i18n/i18n.ts';
import { en } from './words/en.ts';

/** Speaks one sentence of the settings. */
export const w = createWords(en, {
  de: async () => (await import('./words/de.ts')).de,
  fr: async () => (await import('./words/fr.ts')).fr,
  'zh-Hant': async () => (await import('./words/zh-hant.ts')).zhHant,
});
