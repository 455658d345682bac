/**
 * The closed sets of the public contract, and its limits: plain values without zod, so that a pane can
 * import them for nothing. The schemas beside this file are built from them; a new availability breaks
 * every table that `satisfies Record<Availability, …>` at once.
 */

/** Coarse willingness, most willing first (contract §3). `unknown` is the absence of knowledge, never a guess. */
export const availabilities = [
  'available',
  'available-idle',
  'busy',
  'busy-idle',
  'do-not-disturb',
  'be-right-back',
  'away',
  'offline',
  'unknown',
] as const;
export type Availability = (typeof availabilities)[number];

/** Why: the standard activities. An administrator may define up to 16 more, named `x-…`. */
export const standardActivities = [
  'in-a-call',
  'in-a-conference-call',
  'in-a-meeting',
  'presenting',
  'focusing',
  'urgent-interruptions-only',
  'off-work',
  'inactive',
  'out-of-office',
] as const;
export type StandardActivity = (typeof standardActivities)[number];
/** A standard activity or a custom one, whose name begins with `x-`. */
export type Activity = StandardActivity | `x-${string}`;

/** What a person may choose by hand (screens: the state menu), off-work being `away` + activity. */
export const preferredAvailabilities = [
  'available',
  'busy',
  'do-not-disturb',
  'be-right-back',
  'away',
  'offline',
] as const;
export type PreferredAvailability = (typeof preferredAvailabilities)[number];

export const publicationKinds = ['machine', 'phone', 'calendar', 'application'] as const;
export type PublicationKind = (typeof publicationKinds)[number];

/** How much a presentity shows a watcher, least first (facts: Lync's containers 32000, 100, 200, 300, 400). */
export const relationships = ['blocked', 'external', 'colleague', 'workgroup', 'friends-and-family'] as const;
export type Relationship = (typeof relationships)[number];

export const privacyModes = ['open', 'contacts-only', 'reciprocal'] as const;
export type PrivacyMode = (typeof privacyModes)[number];

/** The ready-made group of manager and reports; ids of real groups are UUIDs or seeded names that differ. */
export const teamGroupId = 'team';

/** Ways to reach a person, offered best first in `view.contact`. */
export const channels = ['im', 'call', 'email'] as const;
export type Channel = (typeof channels)[number];

export const importances = ['normal', 'high', 'urgent'] as const;
export type Importance = (typeof importances)[number];

export const contextKinds = ['mail', 'appointment', 'document', 'workbook', 'page'] as const;
export type ContextKind = (typeof contextKinds)[number];

export const participantRoles = ['presenter', 'attendee'] as const;
export type ParticipantRole = (typeof participantRoles)[number];

/** What is told between the messages of a conversation. */
export const changeKinds = [
  'added',
  'joined',
  'declined',
  'left',
  'removed',
  'renamed',
  'presenter',
  'attendee',
] as const;
export type ChangeKind = (typeof changeKinds)[number];
export const participantStates = ['invited', 'joined'] as const;
export type ParticipantState = (typeof participantStates)[number];

/** Languages in which the server and every screen speak; the first is the fallback. */
export const languages = ['en', 'de', 'fr', 'zh-Hant'] as const;
export type Language = (typeof languages)[number];

/** Codes of the stream's last event, `closing`; the range tells a client what to do next (contract §5). */
export const closingCodes = {
  restart: 1001,
  drain: 1002,
  slowReader: 1003,
  tokenExpired: 2001,
  refetch: 3001,
  revoked: 4001,
  tooManyStreams: 4002,
  disabled: 4003,
} as const;
export type ClosingCode = (typeof closingCodes)[keyof typeof closingCodes];

/** Limits of the contract (§1), published at `GET /config`. Bytes, characters and counts as the names say. */
export const limits = {
  bodyBytes: 256 * 1024,
  attachmentBytes: 25 * 1024 * 1024,
  photoBytes: 512 * 1024,
  messageCharacters: 16_000,
  noteCharacters: 500,
  subjectCharacters: 250,
  idsPerQuery: 1_000,
  listsPerQuery: 50,
  peopleOfLists: 500,
  watchedPerStream: 5_000,
  watchedPerCall: 1_000,
  participants: 250,
  contacts: 1_000,
  groups: 64,
  groupNameCharacters: 256,
  endpointsPerPerson: 16,
  publicationsPerPerson: 64,
  streamsPerEndpoint: 4,
  idempotencyKeyCharacters: 255,
  attachmentsPerMessage: 10,
} as const;

/** Seconds between two heartbeat comments on a stream; the client posts `alive` on every second one it receives. */
export const heartbeatSeconds = 15;
