/**
 * What of a presence, and of a person, a given watcher may see (SPEC PV1–PV5; facts: Lync §2.2). The only
 * maker of the `Disclosed` brand: routes and streams accept nothing else, so forgetting privacy does not
 * compile. Called by services/presence.ts, once per presentity and class, never per watcher.
 */
import type { Person } from '../protocol/contacts.ts';
import type { PresenceView, Privacy } from '../protocol/presence.ts';
import type { Activity, Availability, Channel, Relationship } from '../protocol/vocabulary.ts';
import type { CustomActivity } from './bands.ts';
import type { Presence } from './presence.ts';
import type { Reader } from './reader.ts';
import { formatText } from './sentences.ts';

declare const disclosed: unique symbol;
/** Something that privacy has been applied to, for one watcher or class of watchers. */
export type Disclosed<Shape> = Shape & { readonly [disclosed]: true };

/** The classes of watchers, least first: all watchers of one class see the same bytes; `hidden` is per watcher. */
export const disclosureClasses = [
  'hidden',
  'external',
  'colleague',
  'workgroup',
  'friends-and-family',
  'self',
] as const;
export type DisclosureClass = (typeof disclosureClasses)[number];

/** Who asks, as far as privacy cares. */
export interface Watcher {
  readonly userId: string;
  readonly external: boolean;
  readonly kind: 'person' | 'application';
}

/** Everything on which the class of a watcher depends, seen from the presentity. */
export interface Standing {
  readonly isSelf: boolean;
  /** What the presentity granted this watcher; null = nothing was said. */
  readonly granted: Relationship | null;
  /** True where either of the two is outside the organisation. */
  readonly external: boolean;
  readonly mode: Privacy['mode'];
  /** True where the watcher is on the presentity's contact list. */
  readonly listed: boolean;
  /** True where the watcher, in turn, hides from the presentity (blocked or by contacts-only). */
  readonly watcherHides: boolean;
}

/**
 * Classes a watcher. An explicit relationship wins over the default; a mode only ever hides. In
 * `contacts-only`, people on one's list see, unless they are classed external (Lync's privacy mode, facts
 * §2.3); in `reciprocal`, who hides from me sees nothing of me.
 */
export function classify(standing: Standing): DisclosureClass {
  if (standing.isSelf) return 'self';
  if (standing.granted === 'blocked') return 'hidden';
  if (standing.mode === 'contacts-only' && (!standing.listed || standing.granted === 'external'))
    return 'hidden';
  if (standing.mode === 'reciprocal' && standing.watcherHides) return 'hidden';
  return standing.granted ?? (standing.external ? 'external' : 'colleague');
}

/**
 * The class by which a person's directory entry is shown. Modes hide presence, not the address book, so
 * only what was granted counts here. Who is blocked sees what anybody sees to whom nothing was granted: a
 * thinner entry than that would tell of the block (PV3).
 */
export function classifyEntry(standing: Pick<Standing, 'isSelf' | 'granted' | 'external'>): DisclosureClass {
  const granted = standing.granted === 'blocked' ? null : standing.granted;
  return classify({ ...standing, granted, mode: 'open', listed: false, watcherHides: false });
}

/** Channels by which a person can be reached at all, as this class may know. */
export interface Reachability {
  readonly email: boolean;
  /** A number to call that this class may see. */
  readonly call: boolean;
}

/** What a class of watchers sees, before it is put into a language. Times are epoch ms. */
export interface ViewContent {
  readonly availability: Availability;
  readonly activity: Activity | null;
  readonly note: Presence['note'];
  readonly outOfOffice: Presence['outOfOffice'];
  readonly since: number | null;
  readonly until: number | null;
  readonly lastActiveAt: number | null;
  readonly location: string | null;
  readonly subject: string | null;
  readonly contact: readonly Channel[];
}

/** What the organisation withholds from everybody but the person themselves. */
export interface DisclosurePolicy {
  /** Only whether someone is there: no idle variants, no times, no activity (for works councils). */
  readonly coarse: boolean;
  readonly showLastActive: boolean;
  readonly showMeetingSubject: boolean;
}
export const defaultDisclosurePolicy: DisclosurePolicy = {
  coarse: false,
  showLastActive: true,
  showMeetingSubject: true,
};

/** True where nobody is told since when somebody is away, nor when they were last active. */
export const withholdsTimes = ({ coarse, showLastActive }: DisclosurePolicy): boolean =>
  coarse || !showLastActive;

const everyChannel: readonly Channel[] = ['im', 'call', 'email'];

/** PA14: the ways to reach someone in this state, best first. */
const channelsByAvailability = {
  available: everyChannel,
  'available-idle': ['im', 'email', 'call'],
  busy: ['im', 'email'],
  'busy-idle': ['im', 'email'],
  'do-not-disturb': ['email'],
  'be-right-back': ['im', 'email'],
  away: ['im', 'email'],
  offline: ['email', 'im'],
  unknown: ['email'],
} as const satisfies Record<Availability, readonly Channel[]>;

/** Orders the channels for a state and leaves out what cannot be used (PA14). */
export function channelsFor(
  availability: Availability,
  outOfOffice: boolean,
  reach: Reachability,
): readonly Channel[] {
  const usable = (channelsByAvailability[availability] as readonly Channel[]).filter(
    (channel) => channel === 'im' || reach[channel],
  );
  if (!outOfOffice || !usable.includes('email')) return usable;
  return ['email', ...usable.filter((channel) => channel !== 'email')];
}

const coarsened = {
  available: 'available',
  'available-idle': 'available',
  busy: 'busy',
  'busy-idle': 'busy',
  'do-not-disturb': 'do-not-disturb',
  'be-right-back': 'away',
  away: 'away',
  offline: 'offline',
  unknown: 'unknown',
} as const satisfies Record<Availability, Availability>;

/** What nobody may be mistaken for knowing: outside the directory, or a source that failed (PA15). */
export const unknownContent = {
  availability: 'unknown',
  activity: null,
  note: null,
  outOfOffice: null,
  since: null,
  until: null,
  lastActiveAt: null,
  location: null,
  subject: null,
  contact: ['email'],
} satisfies ViewContent as ViewContent as Disclosed<ViewContent>;

/** What a hidden watcher was left with: the moments at which this person seemed to sign out. */
export interface FrozenAbsence {
  readonly since: number | null;
  readonly lastActiveAt: number | null;
}

/**
 * What a class of watchers may see of a presence. `hidden` is not made here but by `signedOutContent`,
 * which is not given the presence at all and so cannot leak it.
 */
export function viewFor(
  presence: Presence,
  cls: Exclude<DisclosureClass, 'hidden'>,
  privacy: Privacy,
  reach: Reachability,
  policy: DisclosurePolicy,
): Disclosed<ViewContent> {
  if (cls === 'self')
    return contentOf(presence, presence.availability, presence.activity, reach) as Disclosed<ViewContent>;
  if (cls === 'external') return externalContent(presence.availability, reach, policy);
  let { availability, activity } = presence;
  // PV1: to the workgroup, which may interrupt, do-not-disturb by hand is busy for urgent things only.
  if (cls === 'workgroup' && presence.manualDoNotDisturb && availability === 'do-not-disturb') {
    availability = 'busy';
    activity = 'urgent-interruptions-only';
  }
  const full = contentOf(presence, availability, activity, reach);
  const withholdsActivity = privacy.hideActivity || policy.coarse;
  const withheld = privacy.hideLastActive || withholdsTimes(policy);
  const idle = availability !== 'available' && availability !== 'busy' && availability !== 'do-not-disturb';
  return {
    ...full,
    availability: policy.coarse ? coarsened[availability] : availability,
    // Out of office is not an activity that one is at: it stays as long as it is said at all.
    activity: withholdsActivity && activity !== 'out-of-office' ? null : activity,
    until: withholdsActivity && activity !== 'out-of-office' ? null : full.until,
    subject: cls === 'workgroup' && !withholdsActivity && policy.showMeetingSubject ? full.subject : null,
    location: policy.coarse ? null : full.location,
    lastActiveAt: withheld ? null : full.lastActiveAt,
    // The moment of going idle or away tells the last activity as well as lastActiveAt does.
    since: policy.coarse || (withheld && idle) ? null : full.since,
  } as Disclosed<ViewContent>;
}

/** PV2: availability alone. */
function externalContent(
  availability: Availability,
  reach: Reachability,
  policy: DisclosurePolicy,
): Disclosed<ViewContent> {
  const shown = policy.coarse ? coarsened[availability] : availability;
  return {
    ...unknownContent,
    availability: shown,
    contact: channelsFor(shown, false, reach),
  } as Disclosed<ViewContent>;
}

/**
 * PV3: what someone sees who is blocked, or hidden from by mode: the signed-out shape of the class that
 * would be theirs by default, with the moments frozen. It is given neither the presence nor the owner's
 * choices: what changed behind the hiding must not show through it.
 */
export function signedOutContent(
  cls: 'external' | 'colleague',
  frozen: FrozenAbsence,
  reach: Reachability,
  policy: DisclosurePolicy,
): Disclosed<ViewContent> {
  if (cls === 'external') return externalContent('offline', reach, policy);
  const withheld = withholdsTimes(policy);
  return {
    ...unknownContent,
    availability: 'offline',
    since: withheld ? null : frozen.since,
    lastActiveAt: withheld ? null : frozen.lastActiveAt,
    contact: channelsFor('offline', false, reach),
  } as Disclosed<ViewContent>;
}

function contentOf(
  presence: Presence,
  availability: Availability,
  activity: Activity | null,
  reach: Reachability,
): ViewContent {
  return {
    availability,
    activity,
    note: presence.note,
    outOfOffice: presence.outOfOffice,
    since: presence.since,
    until: presence.until,
    lastActiveAt: presence.lastActiveAt,
    location: presence.location,
    subject: presence.subject,
    contact: channelsFor(availability, presence.outOfOffice !== null, reach),
  };
}

/** True where a watcher of this class would notice no difference; equal views are not sent again (PA17). */
export function isSameView(a: ViewContent, b: ViewContent): boolean {
  return (
    a.availability === b.availability &&
    a.activity === b.activity &&
    a.since === b.since &&
    a.until === b.until &&
    a.lastActiveAt === b.lastActiveAt &&
    a.location === b.location &&
    a.subject === b.subject &&
    a.note?.text === b.note?.text &&
    a.note?.kind === b.note?.kind &&
    a.note?.expiresAt === b.note?.expiresAt &&
    (a.outOfOffice === null) === (b.outOfOffice === null) &&
    a.outOfOffice?.until === b.outOfOffice?.until &&
    a.outOfOffice?.note === b.outOfOffice?.note &&
    a.contact.length === b.contact.length &&
    a.contact.every((channel, index) => channel === b.contact[index])
  );
}

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** Puts a view's content into its wire form and a reader's language; `sequence` counts this view's changes (PV4). */
export function formatView(
  id: string,
  content: Disclosed<ViewContent>,
  sequence: number,
  reader: Reader,
  now: number,
  custom: ReadonlyMap<string, CustomActivity>,
): Disclosed<PresenceView> {
  const { note, outOfOffice } = content;
  return {
    id,
    availability: content.availability,
    activity: content.activity,
    text: formatText(content, reader, now, custom),
    note: note === null ? null : { text: note.text, kind: note.kind, expiresAt: instant(note.expiresAt) },
    outOfOffice: outOfOffice === null ? null : { until: instant(outOfOffice.until), note: outOfOffice.note },
    since: instant(content.since),
    until: instant(content.until),
    lastActiveAt: instant(content.lastActiveAt),
    location: content.location,
    contact: [...content.contact],
    sequence,
  } satisfies PresenceView as Disclosed<PresenceView>;
}

/** A person as the directory knows them, before privacy. */
export type DirectoryEntry = Readonly<Omit<Person, 'addresses'>> & { readonly addresses: readonly string[] };

const classRank = Object.fromEntries(disclosureClasses.map((cls, index) => [cls, index])) as Record<
  DisclosureClass,
  number
>;
const sees = (cls: DisclosureClass, least: DisclosureClass): boolean => classRank[cls] >= classRank[least];

/**
 * A person's entry as far as the class may see it: Lync's field table (facts §2.2). Name and address are
 * everybody's; what is withheld is null or empty, never absent.
 */
export function personFor(record: DirectoryEntry, cls: DisclosureClass): Disclosed<Person> {
  const work = sees(cls, 'colleague');
  return {
    id: record.id,
    displayName: record.displayName,
    address: record.address,
    // Other addresses and the sign-in name say how a person may be looked up and signed in as: inside only.
    addresses: work ? [...record.addresses] : [record.address],
    upn: work ? record.upn : null,
    title: sees(cls, 'external') ? record.title : null,
    company: sees(cls, 'external') ? record.company : null,
    department: work ? record.department : null,
    office: work ? record.office : null,
    phones: {
      work: work ? record.phones.work : null,
      mobile: sees(cls, 'workgroup') ? record.phones.mobile : null,
      home: sees(cls, 'friends-and-family') ? record.phones.home : null,
    },
    managerId: work ? record.managerId : null,
    external: record.external,
    timeZone: work ? record.timeZone : null,
    photo: seesPhoto(cls) ? record.photo : null,
  } satisfies Person as Disclosed<Person>;
}

/** True for who may see a face: from colleague on; who is external sees letters (facts: Lync §2.2, by policy there). */
export const seesPhoto = (cls: DisclosureClass): boolean => sees(cls, 'colleague');

/** How this class may reach the person; a number that they may not see is no way to call. */
export function reachFor(record: DirectoryEntry, cls: DisclosureClass): Reachability {
  const { phones } = record;
  return {
    email: record.address !== '',
    call:
      (sees(cls, 'colleague') && phones.work !== null) ||
      (sees(cls, 'workgroup') && phones.mobile !== null) ||
      (sees(cls, 'friends-and-family') && phones.home !== null),
  };
}
