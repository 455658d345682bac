/** The one sentence that Outlook shows about recipients who are away. */
import { describe, expect, test } from 'vitest';
import { absenceMessage } from '../../addins/outlook/events/absences.ts';
import { eventWords, eventWordsFor } from '../../addins/outlook/events/words.ts';
import { languages } from '../../server/protocol/vocabulary.ts';

const monday = new Date(2026, 10, 24, 0, 0).toISOString();
const person = (name: string, until: string | null = null) => ({ name, until });

describe('absences of recipients', () => {
  test('[OF25] nobody away, nothing to say', () => {
    expect(absenceMessage([], 'en-US')).toBeNull();
  });
  test('[OF25] one person is named with the last day, which midnight does not begin', () => {
    expect(absenceMessage([person('Carol Diaz', monday)], 'en-GB')).toBe(
      'Carol Diaz is out of office until Mon 23 Nov.',
    );
    expect(absenceMessage([person('Carol Diaz')], 'de-AT')).toBe('Carol Diaz ist nicht im Büro.');
    expect(absenceMessage([person('Carol Diaz', monday)], 'zh-TW')).toMatch(
      /^Carol Diaz 不在辦公室，直到 .*23/,
    );
  });
  test('[OF25] several are named as long as Outlook’s 150 characters last, the rest counted', () => {
    const few = [person('Carol Diaz', monday), person('Bob Kovács')];
    expect(absenceMessage(few, 'en')).toBe('Out of office: Carol Diaz, Bob Kovács.');
    const crowd = Array.from({ length: 40 }, (_, index) => person(`Somebody With A Name ${index}`));
    for (const language of ['en', 'de', 'fr', 'zh-TW']) {
      const message = absenceMessage(crowd, language) ?? '';
      expect(message.length).toBeLessThanOrEqual(150);
      expect(message).toContain('Somebody With A Name 0');
      expect(message).toMatch(/3\d/);
    }
    const long = [person('x'.repeat(300)), person('y'.repeat(300)), person('z'.repeat(300))];
    expect((absenceMessage(long, 'fr') ?? '').length).toBeLessThanOrEqual(150);
  });
  test('[OF25] a display language that nobody knows is spoken to in English', () => {
    expect(absenceMessage([person('Bob', monday)], 'not a tag')).toMatch(/^Bob is out of office until/);
    expect(eventWordsFor('zh-CN')).toBe(eventWords.en);
    expect(Object.keys(eventWords).toSorted()).toEqual(
      languages.map((language) => language.toLowerCase()).toSorted(),
    );
  });
});
