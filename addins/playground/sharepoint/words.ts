/** What the played SharePoint says, in the same languages and by the same mechanism as every screen. */
import { createWords } from '../../shared/i18n/i18n.ts';
import { en } from './words/en.ts';

export type PlayKey = keyof typeof en;

/** Speaks one sentence of the played SharePoint. */
export const s = createWords(en, {
  de: async () => (await import('./words/de.ts')).de,
  fr: async () => (await import('./words/fr.ts')).fr,
  'zh-Hant': async () => (await import('./words/zh-hant.ts')).zhHant,
});
