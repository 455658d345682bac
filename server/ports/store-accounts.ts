/** People as rows: the organisation's directory when it lives in the store, and each account's standing. */
import type { UserId } from '../domain/ids.ts';
import type { PersonRecord, Photo } from './directory.ts';
import type { ListReads, ListWrites } from './store-lists.ts';

/** What decides whether a token is good. Absent = `{ generation: 0, disabled: false }`. */
export interface AccountStanding {
  readonly generation: number;
  readonly disabled: boolean;
}

export interface AccountReads extends ListReads {
  standing(id: UserId): Promise<AccountStanding>;
  /** The same for many at once; whoever has none of their own is missing. */
  standings(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, AccountStanding>>;
  /** Who has linked this account elsewhere to themselves. */
  linkedTo(account: string): Promise<UserId | null>;
  people(ids: readonly string[]): Promise<readonly (PersonRecord | null)[]>;
  resolve(addresses: readonly string[]): Promise<readonly (PersonRecord | null)[]>;
  search(query: string, limit: number, after: UserId | null): Promise<readonly PersonRecord[]>;
  reports(managerId: UserId): Promise<readonly PersonRecord[]>;
  /** Everybody by id, `limit` behind `after`; fewer = no more. */
  page(after: UserId | null, limit: number): Promise<readonly PersonRecord[]>;
  count(): Promise<number>;
  /** The photo to show: the person's own before the directory's. */
  photo(id: UserId): Promise<Photo | null>;
}

export interface AccountWrites extends ListWrites {
  putStanding(id: UserId, standing: AccountStanding): Promise<void>;
  /** Links an account elsewhere to a person; one that is linked is refused with DomainError `conflict`. */
  link(account: string, personId: UserId, at: number): Promise<void>;
  unlink(personId: UserId): Promise<void>;
  /** Inserts or replaces people with their addresses and search words; their photos stay as they are. */
  putPeople(people: readonly PersonRecord[]): Promise<void>;
  /** Replaces or (null) removes the photo that a person chose, or that a directory has of them. */
  putPhoto(id: UserId, source: 'own' | 'directory', photo: Photo | null): Promise<void>;
}
