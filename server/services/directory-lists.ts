/** Lays what a directory says of its distribution lists over what is kept of them. Part of directory-sync.ts. */
import type { ListChange } from '../ports/people-source.ts';
import type { ListReads, ListWrites, StoredList } from '../ports/store-lists.ts';

/**
 * Takes over changes in their order, within the transaction that `lists` belongs to. What a new whole load names
 * for the first time begins without members: who left meanwhile is in no change. A list of which there is no
 * address yet is none.
 */
export async function takeLists(
  lists: ListReads & ListWrites,
  changes: readonly ListChange[],
  load: number,
): Promise<void> {
  if (changes.length === 0) return;
  const ids = [...new Set(changes.map(({ id }) => id))];
  const known = new Map((await lists.lists(ids)).map((list) => [list.id, list]));
  for (const { id, fields, gone, added, removed } of changes) {
    const before = known.get(id);
    const next = gone === true ? null : merged(id, before, { ...fields, load });
    if (next === null) {
      if (before !== undefined) await lists.removeLists([id]);
      known.delete(id);
      continue;
    }
    if (before !== undefined && before.load < load) await lists.emptyLists([id]);
    await lists.putLists([next]);
    known.set(id, next);
    if (removed.length > 0) await lists.removeMembers(id, removed);
    await lists.addMembers(id, added);
  }
}

function merged(
  id: string,
  before: StoredList | undefined,
  { displayName, address, addresses, isHidden, load }: ListChange['fields'] & { readonly load: number },
): StoredList | null {
  const own = address ?? before?.address;
  if (own === undefined || own === '') return null;
  return {
    id,
    displayName: displayName ?? before?.displayName ?? own,
    address: own,
    addresses: [...new Set([own, ...(addresses ?? before?.addresses ?? [])])],
    isHidden: isHidden ?? before?.isHidden ?? false,
    load,
  };
}
