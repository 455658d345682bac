/**
 * From a genuine sign-in to a person of the organisation. Who a provider says somebody is, is one question;
 * whether they are somebody here, another: the directory answers it, and the administrator says what
 * happens to those it does not know.
 */
import { hash } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import { isUuid, toUserId, type UserId } from '../../domain/ids.ts';
import { blankPerson, type Directory, type PersonRecord } from '../../ports/directory.ts';
import type { Store } from '../../ports/store.ts';

/** `directory`: only people the directory has. `first-sign-in`: others are added when they first sign in. */
export type AdmissionPolicy = 'directory' | 'first-sign-in';

export interface Arrival {
  readonly id: UserId;
  readonly displayName: string;
  /** A mail address that the provider vouches for; null where it does not. */
  readonly address: string | null;
  readonly external: boolean;
  /** Whether that address may name a person of the directory who has another id. */
  readonly byAddress: boolean;
}

export type Admission = (arrival: Arrival) => Promise<PersonRecord>;

/** An id for somebody whose provider gives no usable one: the same for the same pair, on every server. */
export function personIdOf(issuer: string, subject: string): UserId {
  const bytes = Buffer.from(hash('sha256', `${issuer}\n${subject}`, 'hex'), 'hex').subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return toUserId(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
  );
}

/** Creates the door. Throws `not-admitted` for those who stay outside. */
export function createAdmission(options: {
  store: Pick<Store, 'transaction'>;
  directory: Directory;
  policy: AdmissionPolicy;
}): Admission {
  const { store, directory, policy } = options;
  return async (arrival) => {
    const [known] = await directory.persons([arrival.id]);
    if (known !== null && known !== undefined) return known;
    const [holder] = arrival.address === null ? [null] : await directory.resolve([arrival.address]);
    if (holder !== null && holder !== undefined && arrival.byAddress) return holder;
    if (policy === 'directory')
      throw new DomainError(
        'not-admitted',
        'The directory of this server does not have this account; ask your administrator to add it.',
      );
    if (arrival.address === null)
      throw new DomainError(
        'not-admitted',
        'The identity provider vouches for no mail address of this account, so nobody could find it here.',
      );
    // @SECURITY Whoever signs in under an address that is somebody's must not take it over.
    if (holder !== null && holder !== undefined)
      throw new DomainError(
        'not-admitted',
        'The mail address of this account belongs to somebody else here; ask your administrator.',
      );
    const person = personFrom(arrival, arrival.address);
    return store.transaction([arrival.id, `address ${person.address}`], async (tx) => {
      const [earlier] = await tx.accounts.people([arrival.id]);
      if (earlier !== null && earlier !== undefined) return earlier;
      const [taken] = await tx.accounts.resolve([person.address]);
      if (taken !== null && taken !== undefined)
        throw new DomainError('not-admitted', 'The mail address of this account was just taken by another.');
      await tx.accounts.putPeople([person]);
      return person;
    });
  };
}

const personFrom = (arrival: Arrival, address: string): PersonRecord => ({
  ...blankPerson,
  id: arrival.id,
  displayName: nameOf(arrival.displayName) || address,
  address,
  external: arrival.external,
  // Roles come with each token; stored ones would outlive their withdrawal.
  roles: [],
});

/** A display name without what could make it look like another: controls, direction marks, runs of blanks. */
const nameOf = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .slice(0, 200);

/** A mail address in the form the directory keeps, or null for what is none. */
export function addressOf(claim: unknown): string | null {
  if (typeof claim !== 'string') return null;
  const address = claim.normalize('NFC').trim().toLowerCase();
  return address.length <= 254 &&
    /^[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]+@[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]+$/u.test(address)
    ? address
    : null;
}

/** A lower-case UUID, or null. */
export const uuidOf = (claim: unknown): string | null =>
  typeof claim === 'string' && isUuid(claim) ? claim.toLowerCase() : null;
