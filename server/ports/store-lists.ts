/** Distribution lists as rows. */
import type { Expansion, ListRecord } from './directory.ts';

export interface StoredList extends ListRecord {
  /** The whole load of a directory that last named it; 0 where it never followed one. */
  readonly load: number;
}

export interface ListReads {
  /** The lists of these ids, in any order; who is none is missing. */
  lists(ids: readonly string[]): Promise<readonly StoredList[]>;
  /** The list at each address, in request order; null where there is none. One look-up. */
  listsAt(addresses: readonly string[]): Promise<readonly (StoredList | null)[]>;
  /** As `Directory.expand`. */
  expand(addresses: readonly string[], limit: number): Promise<readonly (Expansion | null)[]>;
}

export interface ListWrites {
  /** Inserts or replaces lists with their addresses; their members stay as they are. */
  putLists(lists: readonly StoredList[]): Promise<void>;
  /** Lists with their addresses and members. */
  removeLists(ids: readonly string[]): Promise<void>;
  /** Lists that no load since this one has named. */
  removeListsBefore(load: number): Promise<void>;
  /** Adds people or lists to a list; who is on it already stays once. */
  addMembers(listId: string, memberIds: readonly string[]): Promise<void>;
  removeMembers(listId: string, memberIds: readonly string[]): Promise<void>;
  /** Takes everybody off these lists. */
  emptyLists(ids: readonly string[]): Promise<void>;
}
