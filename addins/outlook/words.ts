/** What only Outlook's pane says; fetched with the parts that say it. */
import { createWords } from '../shared/i18n/i18n.ts';
import { en } from './words/en.ts';

/** Speaks one sentence of Outlook's parts. */
export const w = createWords(en, {
  de: async () => (await import('./words/de.ts')).de,
  fr: async () => (await import('./words/fr.ts')).fr,
  'zh-Hant': async () => (await import('./words/zh-hant.ts')).zhHant,
});
