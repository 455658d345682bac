/**
 * One person as the presence service holds them in memory. There may be a hundred thousand, so what a
 * silent person does not have is null or shared, never an empty copy.
 */
import type { EndpointId, UserId } from '../domain/ids.ts';
import {
  aggregate,
  defaultAggregationPolicy,
  type OutOfOffice,
  type Preferred,
  type Presence,
  type PresenceInputs,
  type Publication,
  type Registration,
  settle,
} from '../domain/presence.ts';
import type { Disclosed, FrozenAbsence, ViewContent } from '../domain/privacy.ts';
import type { Reader } from '../domain/reader.ts';
import type { Privacy } from '../protocol/presence.ts';
import { nothingSaved, type Saved } from './presence-merge.ts';
import type { Scheduled } from './schedule.ts';

/** What one class of watchers sees now. */
export interface ClassView {
  content: Disclosed<ViewContent>;
  /** Counts changes of this view (PV4). */
  sequence: number;
  /** The serialised view by reader, until it changes. */
  json: Map<Reader, string> | null;
}

/** What a hidden watcher was left with: it never changes again. */
export interface FrozenView extends FrozenAbsence {
  readonly sequence: number;
}

export interface Presentity extends Scheduled, PresenceInputs {
  readonly id: UserId;
  /** When the directory last confirmed this person; 0 = it has not, and they are unknown to everybody. */
  knownAt: number;
  external: boolean;
  /** Bit n: the disclosure class n may know a number to call. Bit 8: there is an address to write to. */
  reach: number;
  publications: readonly Publication[];
  /** Every endpoint once, whichever node it is connected to. */
  registrations: readonly Registration[];
  /** Those connected to this node, and those connected to others. */
  here: readonly Registration[];
  elsewhere: readonly (Registration & { readonly nodeId: string })[];
  /** What the store has of publications and of `here`. */
  saved: Saved;
  /** Endpoints whose stream has gone and when they are gone for presence too, unless they return. */
  leaving: readonly { readonly endpoint: EndpointId; readonly at: number }[];
  preferred: Preferred | null;
  note: PresenceInputs['note'];
  outOfOffice: OutOfOffice | null;
  privacy: Privacy;
  presence: Presence;
  views: (ClassView | undefined)[] | null;
  /** Watchers from whom this person was hidden while they could see them. */
  hidden: Map<UserId, FrozenView> | null;
  /** What watchers see who were hidden from by a mode; null = as someone never seen. */
  curtain: FrozenView | null;
  /** When which machine became active lately beside another one (PA32); null = none did. */
  rises: Map<string, readonly number[]> | null;
  /** Waits to be written. */
  dirty: boolean;
  /** The reader who last called as this person: the language for what is written to them unasked. */
  reader: Reader | null;
}

export const openPrivacy: Privacy = Object.freeze({
  mode: 'open',
  hideActivity: false,
  hideLastActive: false,
});

const noPublications: readonly Publication[] = Object.freeze([]);
const noRegistrations: readonly Registration[] = Object.freeze([]);
const noElsewhere: Presentity['elsewhere'] = Object.freeze([]);
const noLeaving: Presentity['leaving'] = Object.freeze([]);

/** The presence of somebody of whom nothing was ever heard; the same object for all of them. */
const neverSeen: Presence = Object.freeze(
  settle(
    null,
    aggregate(
      { publications: [], registrations: [], preferred: null, note: null, outOfOffice: null },
      0,
      defaultAggregationPolicy,
    ),
    0,
  ),
);

/** Makes a person of whom nothing is known but the id. */
export const createPresentity = (id: UserId, privacy: Privacy): Presentity => ({
  id,
  scheduledAt: Number.POSITIVE_INFINITY,
  knownAt: 0,
  external: false,
  reach: 0,
  publications: noPublications,
  registrations: noRegistrations,
  here: noRegistrations,
  elsewhere: noElsewhere,
  saved: nothingSaved,
  leaving: noLeaving,
  preferred: null,
  note: null,
  outOfOffice: null,
  privacy,
  presence: neverSeen,
  views: null,
  hidden: null,
  curtain: null,
  rises: null,
  dirty: false,
  reader: null,
});
