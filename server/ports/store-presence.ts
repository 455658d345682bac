/**
 * What the store remembers of presence. Manual state, note and privacy are written durably at once;
 * publications and registrations are soft and written lazily, so that a restart can let them stand (PA17).
 */
import type { EndpointId, UserId } from '../domain/ids.ts';
import type { Publication, Registration } from '../domain/presence.ts';
import type { WorkingHours } from '../protocol/calendar.ts';
import type { Privacy } from '../protocol/presence.ts';
import type { Activity, Availability, PreferredAvailability } from '../protocol/vocabulary.ts';

/** Durable choices of a person. Times are epoch ms. */
export interface PersonalPresence {
  readonly preferred: {
    readonly availability: PreferredAvailability;
    readonly activity: Activity | null;
    readonly setAt: number;
    readonly expiresAt: number | null;
  } | null;
  readonly note: { readonly text: string; readonly setAt: number; readonly expiresAt: number | null } | null;
  /** Null = never chosen: the organisation's default holds. */
  readonly privacy: Privacy | null;
  readonly outOfOffice: {
    readonly note: string | null;
    readonly from: number;
    readonly until: number | null;
  } | null;
  /** The last moment in available, busy or do-not-disturb; saved lazily. */
  readonly lastActiveAt: number | null;
  /** Since when the person is offline, null while they are not; saved lazily. */
  readonly offlineSince: number | null;
  /** What those were left with from whom a mode hides (SPEC PV3); null while the mode is open. */
  readonly curtain: { readonly since: number | null; readonly lastActiveAt: number | null } | null;
}

/** A publication as it is written; what is steady is reckoned anew after a restart. */
export interface StoredPublication extends Omit<Publication, 'steadyAt'> {
  readonly personId: UserId;
  /** When this row was written: how old the word of a machine was when it was last heard. */
  readonly savedAt: number;
}

/** What a person's presence has settled to: the moments that inputs alone do not tell. */
export interface SettledPresence {
  readonly availability: Availability;
  readonly activity: Activity | null;
  readonly since: number | null;
  readonly lastActiveAt: number | null;
}

/** What one node knows to have changed of one person's soft state; what other nodes wrote stays. */
export interface SoftChange {
  readonly personId: UserId;
  readonly published: readonly StoredPublication[];
  /** With `endpoint`, gone only where no node has that endpoint registered any more. */
  readonly withdrawn: readonly { readonly id: string; readonly endpoint: EndpointId | null }[];
  readonly registered: readonly Registration[];
  readonly unregistered: readonly EndpointId[];
  readonly settled: SettledPresence;
}

/** All that is remembered of one person. */
export interface RememberedPresence {
  readonly personId: UserId;
  readonly personal: PersonalPresence | null;
  readonly publications: readonly StoredPublication[];
  readonly registrations: readonly StoredRegistration[];
  readonly settled: SettledPresence | null;
}

export interface StoredRegistration {
  readonly personId: UserId;
  readonly endpoint: EndpointId;
  readonly registeredAt: number;
  /** Which node holds its stream. */
  readonly nodeId: string;
}

/** Where a person's calendar is read from. The address may be a secret by itself: it is shown to its owner alone. */
export interface PersonalCalendar {
  readonly url: string | null;
  readonly text: string | null;
  readonly isEnabled: boolean;
  readonly workingHours: WorkingHours | null;
}

export interface PresenceReads {
  /** Null for a person who never chose anything. */
  personal(id: UserId): Promise<PersonalPresence | null>;
  /** Every person's durable choices, for the start of a node. */
  allPersonal(): AsyncIterable<readonly [UserId, PersonalPresence]>;
  /** What the administrator decided, or null while nothing was. */
  policy(): Promise<unknown>;
  calendar(id: UserId): Promise<PersonalCalendar | null>;
  allCalendars(): AsyncIterable<readonly [UserId, PersonalCalendar]>;
  allPublications(): AsyncIterable<StoredPublication>;
  allRegistrations(): AsyncIterable<StoredRegistration>;
  allSettled(): AsyncIterable<readonly [UserId, SettledPresence]>;
  /** What is remembered of these people now, in their order; a few queries whatever their number. */
  remembered(people: readonly UserId[]): Promise<readonly RememberedPresence[]>;
}

export interface PresenceWrites {
  putPersonal(id: UserId, personal: PersonalPresence): Promise<void>;
  putPolicy(policy: unknown): Promise<void>;
  /** Null forgets it. */
  putCalendar(id: UserId, calendar: PersonalCalendar | null): Promise<void>;
  /**
   * Writes down what a node knows to have changed; batched by the caller, a few statements whatever their
   * number. Changes of several nodes to one person do not undo each other.
   */
  saveSoftState(nodeId: string, changes: readonly SoftChange[]): Promise<void>;
}
