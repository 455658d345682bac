/**
 * Who knows whom and who talks to whom before a case is measured. People and contacts go straight into the
 * store before the server starts, for half a million contacts through the API would take longer than the
 * measurement; everything after that goes through the API.
 */
import { createSystemClock } from '../../../server/adapters/clock/system.ts';
import { demoIds, demoOrganisation } from '../../../server/adapters/directory/demo.ts';
import { openStore } from '../../../server/adapters/storage/open.ts';
import type { PersonRecord } from '../../../server/ports/directory.ts';
import { forEachAtOnce, type Jellybean, type Person } from '../jellybean.ts';

const cast = new Set<string>(Object.values(demoIds));

/** So many people of the demo organisation, always the same; not its cast, who have contacts of their own. */
export function chooseRecords(count: number): readonly PersonRecord[] {
  return demoOrganisation(count + cast.size).filter(({ id }) => !cast.has(id));
}

/** Rows per transaction of a seed. */
const SEED_ROWS = 5_000;

/**
 * Seeds people who sit in a ring, each with the next `contacts` on the contact list, so that everybody is
 * watched by exactly as many as they watch.
 */
export function seedRing(people: number, contacts: number): (folder: string) => Promise<void> {
  return async (folder) => {
    const clock = createSystemClock();
    const store = await openStore({ url: 'sqlite:', folder, clock });
    const ring = chooseRecords(people);
    await store.transaction([], (tx) => tx.accounts.putPeople(demoOrganisation(people + cast.size)));
    const owners = Math.max(1, Math.floor(SEED_ROWS / Math.max(1, contacts)));
    for (let first = 0; first < people && contacts > 0; first += owners)
      await store.transaction([], async (tx) => {
        for (let owner = first; owner < Math.min(people, first + owners); owner++)
          for (let step = 1; step <= contacts; step++)
            await tx.contacts.put({
              ownerId: ring[owner]!.id,
              personId: ring[(owner + step) % people]!.id,
              groups: [],
              relationship: null,
              alertSetAt: null,
              frozen: null,
              listed: true,
              addedAt: clock.now(),
            });
      });
    await store.close();
  };
}

/** Signs in the people of a ring, in its order. */
export async function signInRing(jellybean: Jellybean, count: number): Promise<Person[]> {
  const people: Person[] = [];
  await forEachAtOnce(chooseRecords(count), async ({ address }, index) => {
    people[index] = await jellybean.signIn(address);
  });
  return people;
}

/** Opens a two-party conversation for each pair and gives its ids. */
export async function openConversations(
  jellybean: Jellybean,
  pairs: readonly (readonly [from: Person, to: Person])[],
): Promise<string[]> {
  const ids: string[] = [];
  await forEachAtOnce(pairs, async ([from, to], index) => {
    const { id } = await jellybean.call<{ id: string }>(from.token, 'POST', '/conversations', {
      participants: [to.id],
    });
    ids[index] = id;
  });
  return ids;
}
