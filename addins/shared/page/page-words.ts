/** What our parts on pages of others say beside the sentences of every screen. */
import { createWords } from '../i18n/i18n.ts';
import { en } from './words/en.ts';

/** Speaks one sentence of these. */
export const p = createWords(en, {
  de: async () => (await import('./words/de.ts')).de,
  fr: async () => (await import('./words/fr.ts')).fr,
  'zh-Hant': async () => (await import('./words/zh-hant.ts')).zhHant,
});
