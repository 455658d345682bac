/** Who of some recipients is out of office, and the one sentence about it that Outlook shows. Pure. */
import { type EventWords, eventWordsFor } from './words.ts';

export interface Absent {
  readonly name: string;
  /** End of the absence, ISO; null where nobody knows it. */
  readonly until: string | null;
}

/** The limit of Outlook for a message on an item, in characters. */
const messageLimit = 150;
const nameLimit = 60;

/** Writes the sentence, null when everybody is there. Names that do not fit are counted. */
export function absenceMessage(absent: readonly Absent[], language: string): string | null {
  const [first] = absent;
  if (first === undefined) return null;
  const words = eventWordsFor(language);
  if (absent.length === 1) {
    const name = cut(first.name);
    const day = first.until === null ? null : formatLastDay(first.until, language);
    return day === null ? words.one(name) : words.oneUntil(name, day);
  }
  return severalFitting(absent, words);
}

function severalFitting(absent: readonly Absent[], words: EventWords): string {
  for (let shown = absent.length; shown > 1; shown -= 1) {
    const names = absent.slice(0, shown).map(({ name }) => cut(name));
    const message = words.several(names.join(', '), absent.length - shown);
    if (message.length <= messageLimit) return message;
  }
  return words.several(cut(absent[0]?.name ?? ''), absent.length - 1);
}

const cut = (name: string): string =>
  name.length <= nameLimit ? name : `${[...name].slice(0, nameLimit - 1).join('')}…`;

/** An absence that ends at midnight ends with the day before, as everywhere else. */
function formatLastDay(until: string, language: string): string {
  const at = new Date(Date.parse(until) - 1);
  const options: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'short' };
  try {
    return at.toLocaleDateString(language, options);
  } catch {
    // A display language that is no tag of the standard.
    return at.toLocaleDateString('en', options);
  }
}
