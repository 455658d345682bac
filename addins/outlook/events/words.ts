/**
 * What the event code says, in all four languages at once: it runs for a moment, without a page and without a
 * second file, so nothing can be fetched later. Outlook shows 150 characters.
 */
export interface EventWords {
  readonly one: (name: string) => string;
  readonly oneUntil: (name: string, day: string) => string;
  readonly several: (names: string, more: number) => string;
  readonly show: string;
}

export const eventWords: Record<string, EventWords> = {
  en: {
    one: (name) => `${name} is out of office.`,
    oneUntil: (name, day) => `${name} is out of office until ${day}.`,
    several: (names, more) => `Out of office: ${names}${more > 0 ? ` and ${more} more` : ''}.`,
    show: 'Show people',
  },
  de: {
    one: (name) => `${name} ist nicht im Büro.`,
    oneUntil: (name, day) => `${name} ist bis ${day} nicht im Büro.`,
    several: (names, more) => `Nicht im Büro: ${names}${more > 0 ? ` und ${more} weitere` : ''}.`,
    show: 'Personen zeigen',
  },
  fr: {
    one: (name) => `${name} est absent du bureau.`,
    oneUntil: (name, day) => `${name} est absent du bureau jusqu’au ${day}.`,
    several: (names, more) => `Absents du bureau\u00a0: ${names}${more > 0 ? ` et ${more} autres` : ''}.`,
    show: 'Voir les personnes',
  },
  'zh-hant': {
    one: (name) => `${name} 不在辦公室。`,
    oneUntil: (name, day) => `${name} 不在辦公室，直到 ${day}。`,
    several: (names, more) => `不在辦公室：${names}${more > 0 ? `，以及另外 ${more} 位` : ''}。`,
    show: '顯示人員',
  },
};

/** Chooses by Office's display language: `zh-TW` and `zh-HK` are written in traditional characters. */
export function eventWordsFor(tag: string): EventWords {
  const lower = tag.toLowerCase();
  const language = /^zh-(hant|tw|hk|mo)/.test(lower) ? 'zh-hant' : (lower.split('-')[0] ?? '');
  return (eventWords[language] ?? eventWords.en) as EventWords;
}
