/**
 * Who is meant by a name alone: Word and Excel name authors without an address. Asks the directory once per
 * name and page, a few at a time, and keeps the answer. Only a name that is exactly somebody's counts.
 */
import type { Person } from '../../../server/protocol/contacts.ts';
import type { Api } from './api.ts';

/** `ambiguous`: several people have the name. `stranger`: nobody in the directory has it. */
export type Named =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'ambiguous'; readonly people: readonly Person[] }
  | { readonly kind: 'pending' | 'failed' | 'stranger' };

export interface NameBook {
  find(name: string): Named;
  /** Asks for what is not known yet; asking again for what has failed tries again. */
  need(names: readonly string[]): void;
}

export interface NameBookOptions {
  api: Pick<Api, 'people'>;
  onChange(people: readonly Person[]): void;
}

/** Searches that run side by side; a document has tens of authors, not thousands. */
const atOnce = 4;
/** Enough to know that a name is not one person's. */
const perSearch = 10;
const pending: Named = { kind: 'pending' };

export function createNameBook({ api, onChange }: NameBookOptions): NameBook {
  const known = new Map<string, Named>();
  const waiting: string[] = [];
  let running = 0;
  const keyOf = (name: string): string => name.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();

  async function ask(name: string): Promise<void> {
    const key = keyOf(name);
    try {
      const { items } = await api.people(name, perSearch);
      const same = items.filter(({ displayName }) => keyOf(displayName) === key);
      const [only] = same;
      if (only === undefined) known.set(key, { kind: 'stranger' });
      else
        known.set(
          key,
          same.length > 1 ? { kind: 'ambiguous', people: same } : { kind: 'person', person: only },
        );
      onChange(same);
    } catch {
      known.set(key, { kind: 'failed' });
      onChange([]);
    }
  }

  function next(): void {
    const name = running < atOnce ? waiting.shift() : undefined;
    if (name === undefined) return;
    running += 1;
    void ask(name).finally(() => {
      running -= 1;
      next();
    });
    next();
  }

  return {
    find: (name) => known.get(keyOf(name)) ?? pending,
    need(names) {
      for (const name of names) {
        const found = known.get(keyOf(name));
        if (keyOf(name) === '' || (found !== undefined && found.kind !== 'failed')) continue;
        known.set(keyOf(name), pending);
        waiting.push(name);
      }
      next();
    },
  };
}
