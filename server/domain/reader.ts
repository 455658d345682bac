/** For whom a sentence is written. */
import type { Language } from '../protocol/vocabulary.ts';

/** The language and time zone of the person who will read. Interned: equal readers are the same object. */
export interface Reader {
  readonly language: Language;
  /** IANA name, from the `Time-Zone` header, else the organisation's. */
  readonly timeZone: string;
}

const interned = new Map<string, Reader>();

/** The one object for this language and zone, so that caches can key on identity. */
export function readerFor(language: Language, timeZone: string): Reader {
  const key = `${language} ${timeZone}`;
  let reader = interned.get(key);
  if (reader === undefined) {
    reader = Object.freeze({ language, timeZone });
    interned.set(key, reader);
  }
  return reader;
}

/** True for a zone name that this server can reckon with. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
