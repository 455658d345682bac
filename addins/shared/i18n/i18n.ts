/**
 * The one way every host speaks to its reader: typed catalogues, English built in, the others loaded on
 * demand. A sentence is a string with `{name}` places, or plural forms by `count` as `Intl.PluralRules`
 * names them. Key and places are checked by the compiler; a test holds every catalogue to the same places.
 */
import type { Language } from '../../../server/protocol/vocabulary.ts';
import { en } from './en.ts';

type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Sentence = string | PluralForms;
export type MessageKey = keyof typeof en;
export type Catalogue = Record<MessageKey, Sentence>;

type Text<Entry> = Entry extends { other: infer Other extends string } ? Other : Entry;
type PlacesIn<Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlacesIn<Rest>
  : never;
type NeedsCount<Entry> = Entry extends string ? never : 'count';
type Places<Key extends MessageKey> = PlacesIn<Text<(typeof en)[Key]>> | NeedsCount<(typeof en)[Key]>;
type Values<Key extends MessageKey> = {
  [Name in Places<Key>]: Name extends 'count' ? number : string | number;
};

/** Every language but English, which is built in. */
type OtherLanguage = Exclude<Language, 'en'>;
/** What the other languages of a catalogue must hold: the same keys. */
export type CatalogueOf<English> = Record<keyof English, Sentence>;

/** Where each language's catalogue is; one more is a file, and a line here. */
const loaders: Record<OtherLanguage, () => Promise<Catalogue>> = {
  de: async () => (await import('./de.ts')).de,
  fr: async () => (await import('./fr.ts')).fr,
  'zh-Hant': async () => (await import('./zh-hant.ts')).zhHant,
};

interface Active {
  language: Language;
  /** The reader's own tag of that language, `en-GB` for `en`: it decides how times and numbers are written. */
  locale: string;
  catalogue: Catalogue;
  plurals: Intl.PluralRules;
  numbers: Intl.NumberFormat;
}

function activate(language: Language, catalogue: Catalogue, locale: string): Active {
  return {
    language,
    locale,
    catalogue,
    plurals: new Intl.PluralRules(language),
    numbers: new Intl.NumberFormat(locale),
  };
}

let active: Active = activate('en', en, 'en');

/**
 * Chooses the first wanted language that has a catalogue (`de-AT` finds `de`, `zh-TW` finds `zh-Hant`);
 * English when there is none.
 */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const lower = tag.toLowerCase();
    if (lower.startsWith('en')) return 'en';
    for (const language of Object.keys(loaders) as OtherLanguage[]) {
      const base = language.toLowerCase();
      if (lower === base || lower.startsWith(`${base}-`)) return language;
    }
    if (/^zh-(tw|hk|mo)\b/.test(lower)) return 'zh-Hant';
  }
  return 'en';
}

/**
 * Makes `language` the one that `t` and the formats speak; resolves when its catalogue is there. `wanted` are
 * the reader's tags, of which the first of this language decides the region.
 */
export async function useLanguage(language: Language, wanted: readonly string[] = []): Promise<void> {
  const locale = wanted.find((tag) => tag.toLowerCase().split('-')[0] === language.split('-')[0]) ?? language;
  const [catalogue] = await Promise.all([
    language === 'en' ? en : loaders[language](),
    ...parts.map((load) => load(language)),
  ]);
  active = activate(language, catalogue, Intl.DateTimeFormat.supportedLocalesOf(locale)[0] ?? language);
}

/** Says which language is spoken now, for `lang`, `Accept-Language` and `Intl`. */
export function currentLanguage(): Language {
  return active.language;
}

/** Says the tag by which times and numbers are written. */
export function currentLocale(): string {
  return active.locale;
}

type Arguments<Key extends MessageKey> = [Places<Key>] extends [never] ? [] : [values: Values<Key>];

/** Speaks one sentence. Numbers are written the reader's way. */
export function t<Key extends MessageKey>(key: Key, ...[values]: Arguments<Key>): string {
  return formatSentence(active.catalogue[key], (values ?? {}) as Record<string, string | number>, active);
}

/** The voice of a part with words of its own. */
export interface Words<Key extends string> {
  /** Speaks one sentence. */
  (key: Key, values?: Record<string, string | number>): string;
  /** Fetches the language that is spoken now. Only for parts that are themselves loaded after it was chosen. */
  load(): Promise<void>;
}

/** Catalogues of parts, each told of the language before it is spoken. */
const parts: ((language: Language) => Promise<void>)[] = [];

/**
 * Makes the voice of a page or a feature whose words no other should have to load. A language that has not
 * come yet is spoken in English, never in nothing.
 */
export function createWords<const English extends Record<string, Sentence>>(
  english: English,
  others: Record<OtherLanguage, () => Promise<CatalogueOf<English>>>,
): Words<keyof English & string> {
  const known: Partial<Record<Language, CatalogueOf<English>>> = { en: english };
  const load = async (language: Language): Promise<void> => {
    if (language !== 'en') known[language] ??= await others[language]();
  };
  parts.push(load);
  return Object.assign(
    (key: keyof English & string, values: Record<string, string | number> = {}) =>
      formatSentence((known[active.language] ?? english)[key], values, active),
    { load: () => load(active.language) },
  );
}

function formatSentence(sentence: Sentence, values: Record<string, string | number>, by: Active): string {
  const template =
    typeof sentence === 'string'
      ? sentence
      : (sentence[by.plurals.select(Number(values.count))] ?? sentence.other);
  return template.replaceAll(/\{(\w+)\}/g, (_place, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? by.numbers.format(value) : (value ?? '');
  });
}
