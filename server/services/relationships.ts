/**
 * Who stands how to whom, in memory: what presentities granted, and for those who hide behind
 * contacts-only, whom they list. Rows that say nothing out of the ordinary are not kept, so that contact
 * lists of a large organisation cost nothing here.
 */

import type { UserId } from '../domain/ids.ts';
import { classify, classifyEntry, type DisclosureClass, type Watcher } from '../domain/privacy.ts';
import type { ContactRow } from '../ports/store-contacts.ts';
import type { Privacy } from '../protocol/presence.ts';
import type { Relationship } from '../protocol/vocabulary.ts';

export interface RelationshipIndex {
  /** Takes a row as it now stands in the store; `null` for one that is gone. */
  put(ownerId: UserId, personId: UserId, row: Pick<ContactRow, 'relationship' | 'listed'> | null): void;
  /** Replaces whom an owner lists; kept only for owners who hide behind contacts-only. */
  setListed(ownerId: UserId, people: ReadonlySet<UserId> | null): void;
  granted(ownerId: UserId, personId: UserId): Relationship | null;
  /** Everybody who granted something, and to whom. */
  grantedPairs(): (readonly [UserId, UserId])[];
  isListed(ownerId: UserId, personId: UserId): boolean;
  /** The class in which this watcher sees this presentity's presence. */
  classOf(presentity: UserId, watcher: Watcher): DisclosureClass;
  /** The class in which this watcher sees this person's directory entry. */
  entryClassOf(presentity: UserId, watcher: Watcher): DisclosureClass;
}

/** Makes the index; `modeOf` and `isExternal` are answered from memory. */
export function createRelationshipIndex(
  modeOf: (userId: UserId) => Privacy['mode'],
  isExternal: (userId: UserId) => boolean,
): RelationshipIndex {
  const grants = new Map<UserId, Map<UserId, Relationship>>();
  const lists = new Map<UserId, Set<UserId>>();

  const granted = (ownerId: UserId, personId: UserId) => grants.get(ownerId)?.get(personId) ?? null;
  const isListed = (ownerId: UserId, personId: UserId) => lists.get(ownerId)?.has(personId) ?? false;

  /** By their own word or mode, whatever the other's mode: else two reciprocal people would wait for each other. */
  const hidesFrom = (owner: UserId, other: UserId): boolean =>
    granted(owner, other) === 'blocked' ||
    (modeOf(owner) === 'contacts-only' && (!isListed(owner, other) || granted(owner, other) === 'external'));

  return {
    granted,
    grantedPairs: () =>
      [...grants].flatMap(([ownerId, people]) => [...people.keys()].map((id) => [ownerId, id] as const)),
    isListed,

    put(ownerId, personId, row) {
      const relationship = row?.relationship ?? null;
      const mine = grants.get(ownerId);
      if (relationship !== null) {
        if (mine === undefined) grants.set(ownerId, new Map([[personId, relationship]]));
        else mine.set(personId, relationship);
      } else if (mine?.delete(personId) && mine.size === 0) grants.delete(ownerId);
      let list = lists.get(ownerId);
      if (list === undefined && row?.listed && modeOf(ownerId) === 'contacts-only') {
        list = new Set();
        lists.set(ownerId, list);
      }
      if (row?.listed) list?.add(personId);
      else list?.delete(personId);
    },

    setListed(ownerId, people) {
      if (people === null) lists.delete(ownerId);
      else lists.set(ownerId, new Set(people));
    },

    classOf(presentity, watcher) {
      const watcherId = watcher.userId as UserId;
      const mode = modeOf(presentity);
      return classify({
        isSelf: presentity === watcherId,
        granted: granted(presentity, watcherId),
        external: watcher.external || isExternal(presentity),
        mode,
        listed: mode === 'contacts-only' && isListed(presentity, watcherId),
        watcherHides: mode === 'reciprocal' && hidesFrom(watcherId, presentity),
      });
    },

    entryClassOf(presentity, watcher) {
      return classifyEntry({
        isSelf: presentity === watcher.userId,
        granted: granted(presentity, watcher.userId as UserId),
        external: watcher.external || isExternal(presentity),
      });
    },
  };
}
