/**
 * Who the people of the organisation are. A read-only view: demo people, a file, or Microsoft 365 fill it.
 * Privacy is not applied here; callers pass what they get through `domain/privacy.ts`.
 */
import type { UserId } from '../domain/ids.ts';

/** A person with every field the organisation knows. Strings are NFC; `address` is lower case. */
export interface PersonRecord {
  readonly id: UserId;
  readonly displayName: string;
  readonly address: string;
  readonly addresses: readonly string[];
  readonly upn: string | null;
  readonly title: string | null;
  readonly company: string | null;
  readonly department: string | null;
  readonly office: string | null;
  readonly phones: {
    readonly work: string | null;
    readonly mobile: string | null;
    readonly home: string | null;
  };
  readonly managerId: UserId | null;
  readonly external: boolean;
  readonly roles: readonly string[];
  readonly timeZone: string | null;
  /** Names the content of the photo, so that nobody asks twice for the same; null = none is known. Only read. */
  readonly photo: string | null;
}

/** What a record holds of somebody of whom only id, name and address are known. */
export const blankPerson: Omit<PersonRecord, 'id' | 'displayName' | 'address'> = {
  addresses: [],
  upn: null,
  title: null,
  company: null,
  department: null,
  office: null,
  phones: { work: null, mobile: null, home: null },
  managerId: null,
  external: false,
  roles: [],
  timeZone: null,
  photo: null,
};

export interface Photo {
  readonly mediaType: 'image/jpeg' | 'image/png';
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, hex: `PersonRecord.photo` of whoever it shows. */
  readonly tag: string;
}

/** A list that mail can be addressed to. Strings as with people. */
export interface ListRecord {
  readonly id: string;
  readonly displayName: string;
  readonly address: string;
  readonly addresses: readonly string[];
  /** Who is on it is told to nobody. */
  readonly isHidden: boolean;
}

export interface Expansion {
  readonly list: ListRecord;
  /** By name. Nobody where the list is hidden. */
  readonly people: readonly PersonRecord[];
  /** How many there are, those not in `people` included. */
  readonly total: number;
}

export interface Directory {
  /** The people of these ids, in request order, null for an id that names nobody. Ids in any case. One look-up whatever the length. */
  persons(ids: readonly string[]): Promise<readonly (PersonRecord | null)[]>;
  /**
   * The person behind each address in request order: SMTP (any case, any proxy address), `sip:…`, UPN, or
   * X500 DN. Null where there is none; a failing directory throws, it never answers null.
   */
  resolve(addresses: readonly string[]): Promise<readonly (PersonRecord | null)[]>;
  /**
   * The list behind each address in request order with its people, those of lists on it included, each once;
   * null where the address stands for no list. A hidden list on another adds nobody. At most `limit` people in
   * all, the first addresses first. Who is on a list may be a minute old. A failing directory throws.
   */
  expand(addresses: readonly string[], limit: number): Promise<readonly (Expansion | null)[]>;
  /**
   * People whose name, address or department has words that begin with every word of `query`; best first,
   * stable order; `after` continues behind that person's place.
   */
  search(query: string, limit: number, after: UserId | null): Promise<readonly PersonRecord[]>;
  /** Direct reports of a person, by name. */
  reports(managerId: UserId): Promise<readonly PersonRecord[]>;
  /** The photo of a person: their own choice before the directory's; null where there is neither. */
  photo(personId: UserId): Promise<Photo | null>;
  /** What was kept of this person in memory is out of date: the next look-up asks anew. */
  forget(personId: UserId): void;
  /** Everybody in the order of their ids, `limit` of them behind `after`; fewer = no more. */
  page(after: UserId | null, limit: number): Promise<readonly PersonRecord[]>;
  /** How many people there are. */
  count(): Promise<number>;
}
