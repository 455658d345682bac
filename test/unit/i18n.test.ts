/** The catalogues against each other, plural forms, and times written the reader's way. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { formatNames, formatUntil, formatWhen } from '../../addins/shared/i18n/format.ts';
import {
  createWords,
  currentLanguage,
  pickLanguage,
  type Sentence,
  t,
  useLanguage,
} from '../../addins/shared/i18n/i18n.ts';
import { isRightToLeft } from '../../addins/shared/i18n/page.ts';
import { type Language, languages } from '../../server/protocol/vocabulary.ts';

type Sentences = Record<string, Sentence>;
const addins = fileURLToPath(new URL('../../addins', import.meta.url));
/** `zh-Hant` is the file `zh-hant.ts` with the export `zhHant`. */
const exportOf = (language: Language) => (language === 'zh-Hant' ? 'zhHant' : language);

/** Whoever holds an English catalogue holds all: every folder with an `en.ts`. */
const folders = readdirSync(addins, { recursive: true, encoding: 'utf8' })
  .filter((file) => path.basename(file) === 'en.ts' && !file.includes('node_modules'))
  .map((file) => path.dirname(file));
const read = async (folder: string, language: Language): Promise<Sentences> => {
  const file = path.join(addins, folder, `${language.toLowerCase()}.ts`);
  return (await import(pathToFileURL(file).href))[exportOf(language)];
};
const catalogues = await Promise.all(
  folders.flatMap((folder) =>
    languages.map(async (language) => ({
      name: `${folder}/${language}`,
      language,
      english: await read(folder, 'en'),
      catalogue: await read(folder, language),
    })),
  ),
);
const forms = (sentence: Sentence) => (typeof sentence === 'string' ? [sentence] : Object.values(sentence));
const placesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').toSorted();

afterEach(() => useLanguage('en'));

describe('catalogues', () => {
  test('[UI4] every part that speaks is found here', () => {
    expect(folders).toEqual(
      expect.arrayContaining(['shared/i18n', path.join('admin', 'words'), path.join('playground', 'words')]),
    );
  });

  describe.each(catalogues)('$name', ({ language, english, catalogue }) => {
    const keys = Object.keys(english);
    const of = (key: string) => catalogue[key] ?? '';

    test('[UI4] has every sentence, none empty, with the places of the English one', () => {
      expect(Object.keys(catalogue).toSorted()).toEqual(keys.toSorted());
      for (const key of keys) {
        const wanted = placesOf(forms(english[key] ?? '').at(-1) ?? '');
        for (const form of forms(of(key))) {
          expect(form.trim(), key).not.toBe('');
          expect(placesOf(form), key).toEqual(wanted);
        }
      }
    });

    test('[UI4] has each plural form that its language knows', () => {
      const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      for (const key of keys) {
        const sentence = of(key);
        if (typeof sentence !== 'string')
          expect(Object.keys(sentence).toSorted(), key).toEqual(categories.toSorted());
      }
    });

    if (language !== 'en')
      test('[UI4] is written: no sentence of several words is the English one', () => {
        const isSentence = (text: string) => /\p{L}{2,} \p{L}{2,}/u.test(text);
        expect(keys.filter((key) => of(key) === english[key] && isSentence(forms(of(key))[0] ?? ''))).toEqual(
          [],
        );
      });

    test('[UI4] does not shout, and sets its marks as the language does', () => {
      for (const key of keys)
        for (const form of forms(of(key))) {
          expect(form, key).not.toMatch(/!|oops/i);
          // French keeps its two-part marks on the line of their word.
          if (language === 'fr') expect(form, key).not.toMatch(/ [:;?»]|« /);
          if (language === 'zh-Hant') expect(form, key).not.toMatch(/\p{Script=Han}[,:;?]/u);
        }
    });
  });
});

describe('speaking', () => {
  test('[UI4] plural forms follow the count, numbers the language', async () => {
    expect(t('conversations.unread', { count: 1 })).toBe('1 unread message');
    expect(t('conversations.unread', { count: 1234 })).toBe('1,234 unread messages');
    await useLanguage('de');
    expect(t('conversations.unread', { count: 1 })).toBe('1 ungelesene Nachricht');
    expect(t('conversations.unread', { count: 1234 })).toBe('1.234 ungelesene Nachrichten');
  });

  test('[UI4] values are put in as they are, even when they look like places', () => {
    expect(t('person.label', { name: '{state}', state: '$& {name}' })).toBe('{state}: $& {name}');
  });

  test.each([
    [['de-AT', 'en'], 'de'],
    [['en-GB', 'de'], 'en'],
    [['ja', 'de'], 'de'],
    [['fr-CA', 'en'], 'fr'],
    [['zh-TW'], 'zh-Hant'],
    [['zh-HK'], 'zh-Hant'],
    [['zh-Hant-MO'], 'zh-Hant'],
    [['zh-CN', 'de'], 'de'],
    [['he-IL'], 'en'],
    [['ja'], 'en'],
    [[], 'en'],
    [['dex'], 'en'],
  ])('[UI4] a reader of %j is spoken to in %s', (wanted, chosen) => {
    expect(pickLanguage(wanted)).toBe(chosen);
  });

  test('[UI4] a language without a catalogue falls back to English whole', async () => {
    await useLanguage(pickLanguage(['ja-JP']), ['ja-JP']);
    expect(currentLanguage()).toBe('en');
    expect(t('availability.busy')).toBe('Busy');
  });

  test('[UI4] French and Chinese speak with their own plurals and numbers', async () => {
    await useLanguage('fr', ['fr-FR']);
    expect(t('conversations.unread', { count: 0 })).toBe('0 message non lu');
    expect(t('conversations.unread', { count: 2 })).toBe('2 messages non lus');
    await useLanguage('zh-Hant', ['zh-TW']);
    expect(t('conversations.unread', { count: 1234 })).toBe('1,234 則未讀訊息');
    expect(t('person.label', { name: 'Bob', state: '忙碌' })).toBe('Bob：忙碌');
  });

  test('[UI4] words of a part are fetched with the language, later ones when they come, English until then', async () => {
    const others = {
      de: async () => ({ hello: 'Hallo {name}' }),
      fr: async () => ({ hello: 'Bonjour {name}' }),
      'zh-Hant': async () => ({ hello: '{name}，您好' }),
    };
    const early = createWords({ hello: 'Hello {name}' }, others);
    await useLanguage('fr');
    expect(early('hello', { name: 'Bob' })).toBe('Bonjour Bob');
    const late = createWords({ hello: 'Hello {name}' }, others);
    expect(late('hello', { name: 'Bob' })).toBe('Hello Bob');
    await late.load();
    expect(late('hello', { name: 'Bob' })).toBe('Bonjour Bob');
  });

  test.each([
    ['ar-SA', true],
    ['he', true],
    ['fa-IR', true],
    ['ur', true],
    ['az-Arab', true],
    ['en-US', false],
    ['zh-TW', false],
    ['', false],
    ['not a tag', false],
  ])('[UI50] %j is right to left: %j', (tag, expected) => {
    expect(isRightToLeft(tag)).toBe(expected);
  });
});

describe('times', () => {
  const noon = new Date(2026, 10, 16, 12, 0).getTime();
  const at = (days: number, hour: number) => new Date(2026, 10, 16 + days, hour, 5).getTime();

  test('[UI4] an instant is as short as it stays clear', async () => {
    await useLanguage('de');
    expect(formatWhen(at(0, 9), noon)).toBe('09:05');
    expect(formatWhen(at(-1, 23), noon)).toBe('Gestern');
    expect(formatWhen(at(-3, 9), noon)).toBe('Fr');
    expect(formatWhen(at(-30, 9), noon)).toBe('17. Okt.');
    expect(formatWhen(new Date(2024, 1, 3).getTime(), noon)).toBe('3. Feb. 2024');
  });

  test('[UI4] an end beyond today names its day', async () => {
    await useLanguage('de');
    expect(formatUntil(at(0, 15), noon)).toBe('15:05');
    expect(formatUntil(at(7, 9), noon)).toBe('Mo., 23. Nov., 09:05');
  });

  test('[UI4] the region of the reader decides how a time is written', async () => {
    await useLanguage('en', ['de', 'en-GB']);
    expect(formatWhen(at(0, 15), noon)).toBe('15:05');
    await useLanguage('en', ['en-US']);
    expect(formatWhen(at(0, 15), noon)).toMatch(/^3:05\sPM$/);
  });

  test('[UI4] names are joined as the language joins them', async () => {
    expect(formatNames(['Bob', 'Carol', 'Dave'])).toBe('Bob, Carol, and Dave');
    await useLanguage('de');
    expect(formatNames(['Bob', 'Carol', 'Dave'])).toBe('Bob, Carol und Dave');
  });
});
