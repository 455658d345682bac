/** How a person is put into words and letters: initials, colour, the sentence of their state. Pure. */
import type { Shown } from '../client/presence-store.ts';
import { formatTime } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { avatarPalettes } from './tokens.ts';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const firstLetter = (word: string) => [...segmenter.segment(word)][0]?.segment ?? '';
/** Scripts whose names are short and not abbreviated to Latin-like initials. */
const wholeNameScripts = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * Takes the letters for a face: first and last word of a name, the last two characters of a Chinese, Japanese
 * or Korean one, the first letter of an address. What stands in brackets is no part of the name.
 */
export function initialsOf(name: string): string {
  const clean = name.replaceAll(/\(.*?\)|\[.*?\]/g, ' ').trim();
  if (wholeNameScripts.test(clean)) {
    const letters = [...segmenter.segment(clean.replaceAll(/\s/g, ''))].map(({ segment }) => segment);
    return letters.slice(-2).join('');
  }
  if (clean.includes('@')) return firstLetter(clean).toLocaleUpperCase();
  const words = clean.split(/[\s,]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  return (firstLetter(first) + firstLetter(last)).toLocaleUpperCase();
}

/** Chooses a colour for an id: the same everywhere (FNV-1a, because it spreads short similar ids). */
export function paletteOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % avatarPalettes.length;
}

/** Says a state in one sentence; what is not confirmed says since when. */
export function stateSentence(shown: Shown): string {
  if (shown.freshness === 'unknown') {
    return shown.asOf === null
      ? t('availability.unknown')
      : t('connection.unknown', { time: formatTime(shown.asOf) });
  }
  return shown.view?.text || t(`availability.${shown.availability}`);
}

/** What a pointer resting on an icon is told, when the state is not confirmed. */
export function stateTooltip(shown: Shown): string {
  return shown.freshness === 'stale' && shown.asOf !== null
    ? t('connection.asOf', { time: formatTime(shown.asOf) })
    : '';
}

/** The first name, for a place that has no room: "Bob" of "Bob Kovács", the whole of a short or single name. */
export function shortName(name: string): string {
  const first = name.split(/\s+/)[0] ?? name;
  return first.endsWith(',') || first.length < 2 ? name : first;
}
