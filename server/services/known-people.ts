/**
 * Who is known to this node: one presentity per person, and what the directory said of them last, so that
 * everything else can be answered at once. Part of services/presence.ts.
 */
import { toUserId, type UserId } from '../domain/ids.ts';
import { reachFor } from '../domain/privacy.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory, PersonRecord } from '../ports/directory.ts';
import type { Privacy } from '../protocol/presence.ts';
import { packReach } from './presence-views.ts';
import { createPresentity, type Presentity } from './presentity.ts';

/** How old what is known of a person's directory entry may be before it is asked again. */
const factsMs = 5 * 60_000;

export function createKnownPeople(options: {
  directory: Directory;
  clock: Clock;
  onError: (error: unknown) => void;
  /** What holds for who has chosen nothing. */
  defaultPrivacy: () => Privacy;
  /** Told when an entry says something else of who a person is or how they can be reached. */
  onLearnt: (person: Presentity) => void;
}) {
  const { directory, clock, onError, defaultPrivacy, onLearnt } = options;
  const people = new Map<UserId, Presentity>();

  function personOf(id: UserId): Presentity {
    let person = people.get(id);
    if (person === undefined) {
      person = createPresentity(id, defaultPrivacy());
      people.set(id, person);
    }
    return person;
  }

  /** Takes over what the directory says of a person. */
  function learn(record: PersonRecord, now: number): Presentity {
    const person = personOf(record.id);
    const reach = packReach((cls) => reachFor(record, cls));
    const same = person.knownAt !== 0 && person.external === record.external && person.reach === reach;
    person.knownAt = now;
    if (same) return person;
    person.external = record.external;
    person.reach = reach;
    onLearnt(person);
    return person;
  }

  /**
   * Makes sure that the directory entries of these people are in memory, so that everything else may be
   * answered at once. Answers the canonical ids, null for who is not in the directory. A failing directory
   * leaves those it has not confirmed unknown (PA15).
   */
  async function know(ids: readonly string[]): Promise<readonly (UserId | null)[]> {
    const now = clock.now();
    const wanted = ids.map((id) => toUserId(id.toLowerCase()));
    const missing = new Set<UserId>();
    for (const id of wanted) {
      const person = people.get(id);
      if (person === undefined || now - person.knownAt >= factsMs) missing.add(id);
    }
    if (missing.size > 0) {
      const asked = [...missing];
      try {
        const records = await directory.persons(asked);
        for (const [at, record] of records.entries()) {
          if (record !== null) learn(record, now);
          else {
            const gone = people.get(asked[at]!);
            if (gone !== undefined) gone.knownAt = 0;
          }
        }
      } catch (error) {
        onError(error);
      }
    }
    return wanted.map((id) => ((people.get(id)?.knownAt ?? 0) > 0 ? id : null));
  }

  return {
    people: people as ReadonlyMap<UserId, Presentity>,
    personOf,
    learn,
    know,
    isExternal: (id: UserId): boolean => people.get(id)?.external ?? false,
  };
}
