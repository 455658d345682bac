/**
 * The names of people as conversations show them. Names change rarely and every roster shows many, so they
 * are remembered for a few minutes; ids, not names, decide anything.
 */
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { PersonName } from '../protocol/contacts.ts';

/** A renamed person shows the old name this long at most. */
const rememberMs = 5 * 60_000;
/** About 4 MB of names; beyond it all are looked up afresh. */
const maxRemembered = 20_000;

/** Names of people who have been asked for; a person who has left the directory has an empty name (unknown, not guessed). */
export type Names = (id: UserId) => PersonName;

export interface PersonNames {
  /** The names of these people in one look-up at most. A failing directory throws. */
  of(ids: Iterable<UserId>): Promise<Names>;
  /** Ids of people in the directory, canonical and each once, in request order; throws `unknown-person` for any other. */
  known(ids: readonly string[]): Promise<readonly UserId[]>;
}

export function createPersonNames(directory: Directory, clock: Clock): PersonNames {
  const remembered = new Map<string, { readonly name: PersonName; readonly until: number }>();

  return {
    async of(ids) {
      const now = clock.now();
      const missing: UserId[] = [];
      const found = new Map<string, PersonName>();
      for (const id of ids) {
        const entry = remembered.get(id);
        if (entry !== undefined && entry.until > now) found.set(id, entry.name);
        else missing.push(id);
      }
      if (missing.length > 0) {
        const persons = await directory.persons(missing);
        if (remembered.size + missing.length > maxRemembered) remembered.clear();
        for (const [index, id] of missing.entries()) {
          const person = persons[index];
          const name = {
            id,
            displayName: person?.displayName ?? '',
            address: person?.address ?? '',
          };
          found.set(id, name);
          remembered.set(id, { name, until: now + rememberMs });
        }
      }
      return (id) => found.get(id) ?? { id, displayName: '', address: '' };
    },

    async known(ids) {
      const persons = await directory.persons(ids);
      const unknown = ids.filter((_, index) => persons[index] == null);
      if (unknown.length > 0)
        throw new DomainError(
          'unknown-person',
          `Not in the directory: ${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ' and others' : ''}.`,
        );
      return [...new Set(persons.map((person) => person!.id))];
    },
  };
}
