/**
 * Whom each person has on the contact list, kept in memory: asked at every connect, and everybody connects
 * at once after a restart or a network's hiccup, when a query each would be what takes longest. Knows
 * nothing of what the owners may see of them.
 */
import type { UserId } from '../domain/ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Store } from '../ports/store.ts';
import { Interner } from './watch-index.ts';

/** Entries kept in all, four bytes each; past that everything is read anew, which costs one query per owner. */
const keptEntries = 4_000_000;

export interface ListedContacts {
  /** The ids on the list, as of the last change that `changed` or a notice told of, or later. */
  of(ownerId: UserId): Promise<readonly UserId[]>;
  /** To be called after every commit that changed a list of this person. */
  changed(ownerId: UserId): void;
}

export function createListedContacts(options: { store: Store; bus: Bus }): ListedContacts {
  const { store, bus } = options;
  const people = new Interner();
  const lists = new Map<UserId, Int32Array>();
  let entries = 0;
  /** Counts changes, so that a list which was being read meanwhile is not kept. */
  let changes = 0;

  function forgetAll(): void {
    changes += 1;
    lists.clear();
    entries = 0;
  }
  function changed(ownerId: UserId): void {
    changes += 1;
    entries -= lists.get(ownerId)?.length ?? 0;
    lists.delete(ownerId);
  }
  bus.subscribe((notice) => {
    if (notice.kind === 'contacts') changed(notice.personId);
  });
  bus.onGap(forgetAll);

  return {
    changed,
    async of(ownerId) {
      const kept = lists.get(ownerId);
      if (kept !== undefined) return Array.from(kept, (number) => people.idOf(number));
      const before = changes;
      const rows = await store.contacts.list(ownerId);
      const ids = rows.filter(({ listed }) => listed).map(({ personId }) => personId);
      if (changes === before && !lists.has(ownerId)) {
        if (entries + ids.length > keptEntries) forgetAll();
        lists.set(
          ownerId,
          Int32Array.from(ids, (id) => people.numberOf(id)),
        );
        entries += ids.length;
      }
      return ids;
    },
  };
}
