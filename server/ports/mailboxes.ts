/** What Microsoft 365 tells of people beside the directory: free and busy times, automatic replies, Teams presence. */
import type { UserId } from '../domain/ids.ts';
import type { Activity, Availability } from '../protocol/vocabulary.ts';
import type { BusyTime } from './calendar.ts';

/** An absence as its owner announced it; times in epoch ms. */
export interface AutomaticReply {
  readonly from: number | null;
  readonly until: number | null;
  /** Plain text; null where there is none. */
  readonly note: string | null;
}

export interface Mailbox {
  readonly userId: UserId;
  readonly address: string;
}

/** Mailboxes that are read in their owners' names, while those are signed in; nothing of it is ever stored. */
export interface Delegation {
  /** Takes what somebody just signed in with, until it ends (epoch ms). The same one again changes nothing. */
  came(userId: UserId, assertion: string, endsAt: number): void;
  /** Forgets all that was given in somebody's name. */
  left(userId: UserId): void;
  /** True while there is something to read their mailbox with. */
  reaches(userId: UserId): boolean;
  /** True after Microsoft 365 wanted a consent, or another step of sign-in, that is missing. */
  isConsentMissing(userId: UserId): boolean;
  /** Told when somebody can be read who could not. */
  onReach(listener: (userId: UserId) => void): void;
  close(): void;
}

/** All throw SourceFailure; one person's failure fails nobody else. */
export interface MailboxSource {
  /** Up to 20 calendars between two moments, in their order; null for a mailbox that cannot be read, undefined = not now. */
  schedules(
    mailboxes: readonly Mailbox[],
    from: number,
    to: number,
  ): Promise<readonly (readonly BusyTime[] | null | undefined)[]>;
  /** Up to 20 people's automatic replies in their order: null = none is on, undefined = could not be told now. */
  replies(ids: readonly UserId[]): Promise<readonly (AutomaticReply | null | undefined)[]>;
  /** The Teams presence of up to 650 people; who is not in the answer is unknown there. */
  presences(
    ids: readonly UserId[],
  ): Promise<
    ReadonlyMap<UserId, { readonly availability: Availability; readonly activity: Activity | null }>
  >;
}
