/** What cells and commands of the Excel pane say beside the pane's own sentences. */
import { createWords } from '../shared/i18n/i18n.ts';
import { en } from './words/en.ts';

export const cellWords = createWords(en, {
  de: async () => (await import('./words/de.ts')).de,
  fr: async () => (await import('./words/fr.ts')).fr,
  'zh-Hant': async () => (await import('./words/zh-hant.ts')).zhHant,
});
