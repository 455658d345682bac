/** Where the people of a directory come from: Microsoft 365, or a file. */
import type { UserId } from '../domain/ids.ts';
import type { ListRecord, PersonRecord } from './directory.ts';

/** What a source knows of a person; a field that is not there is as it was. */
export type KnownFields = Partial<Omit<PersonRecord, 'id' | 'roles' | 'photo' | 'phones'>> & {
  readonly phones?: Partial<PersonRecord['phones']>;
};

export interface PersonChange {
  readonly id: UserId;
  readonly fields: KnownFields;
  /** True where they are gone: deleted, or not allowed to sign in. Undefined = as it was. */
  readonly gone?: boolean;
}

export interface ListChange {
  readonly id: string;
  /** A field that is not there is as it was. */
  readonly fields: Partial<Omit<ListRecord, 'id'>>;
  readonly gone?: boolean;
  /** Ids of people and of lists. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface PeoplePage {
  readonly changes: readonly PersonChange[];
  /** Distribution lists; a list may come in several parts. On the last page absent where the source tells none. */
  readonly lists?: readonly ListChange[];
  /** Where to go on at once; null at the end. */
  readonly next: string | null;
  /** At the end: where changes go on from the next time. */
  readonly token: string | null;
}

/** All throw SourceFailure. */
export interface PeopleSource {
  /** `graph`, `file`: names what is remembered of it. */
  readonly name: string;
  /** How long after the last change to ask for the next ones. */
  readonly everyMs: number;
  /**
   * One page: from the beginning (null), or from where a page or an earlier round ended. Fails with
   * `restart` where that place is not known any more: then everything is loaded anew.
   */
  page(from: string | null): Promise<PeoplePage>;
  /** The photos of up to 20 people in their order: bytes, null where there is none, undefined where it could not be told now. */
  photos?(ids: readonly UserId[]): Promise<readonly (Uint8Array | null | undefined)[]>;
}
