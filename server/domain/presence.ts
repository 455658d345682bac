/**
 * The compositor: from what endpoints, calendars, calls and the person say, to one presence (SPEC PA1–PA13).
 * Pure and synchronous; the order of the inputs never matters. It knows nothing of watchers: what of this
 * anyone may see is decided in privacy.ts alone. Called by services/presence.ts on every change and at
 * every `nextAt`.
 */
import type {
  Activity,
  Availability,
  PreferredAvailability,
  PublicationKind,
} from '../protocol/vocabulary.ts';
import { activityFits, type CustomActivity } from './bands.ts';
import type { EndpointId } from './ids.ts';

/** What one source asserts. Times are epoch ms of the server's clock. */
export interface Publication {
  readonly id: string;
  readonly kind: PublicationKind;
  /** The endpoint whose end takes this publication with it; null = it lives by its expiry alone. */
  readonly endpoint: EndpointId | null;
  readonly availability: Availability;
  readonly activity: Activity | null;
  /** When the person last touched this machine, as the server reckons it; null where the kind has no idleness. */
  readonly inputAt: number | null;
  /** Names the machine itself: several panes on one machine are one device. */
  readonly device: string | null;
  readonly subject: string | null;
  readonly location: string | null;
  /** Not live before; null = since it was published. */
  readonly startsAt: number | null;
  readonly publishedAt: number;
  readonly expiresAt: number | null;
  /** Until then this machine counts as idle at most: it became active too often (PA32). Absent = it is steady. */
  readonly steadyAt?: number;
}

/** An endpoint that is here, by its open stream. */
export interface Registration {
  readonly endpoint: EndpointId;
  readonly registeredAt: number;
}

/** Manual state: what the person chose by hand. */
export interface Preferred {
  readonly availability: PreferredAvailability;
  readonly activity: Activity | null;
  readonly setAt: number;
  readonly expiresAt: number | null;
}

export interface OutOfOffice {
  readonly note: string | null;
  readonly from: number;
  readonly until: number | null;
}

export interface PresenceInputs {
  readonly publications: readonly Publication[];
  readonly registrations: readonly Registration[];
  readonly preferred: Preferred | null;
  readonly note: { readonly text: string; readonly setAt: number; readonly expiresAt: number | null } | null;
  readonly outOfOffice: OutOfOffice | null;
}

/** The knobs that an administrator has over aggregation. */
export interface AggregationPolicy {
  /** Without input for so long, a machine is idle. */
  readonly idleAfterMs: number;
  /** Without input for so long (counted from the input, not from idle), a machine is away. */
  readonly awayAfterMs: number;
  readonly custom: ReadonlyMap<string, CustomActivity>;
}

/** Lync's own: five minutes to inactive, five more to away (facts: Lync §1.4). */
export const defaultAggregationPolicy: AggregationPolicy = {
  idleAfterMs: 5 * 60_000,
  awayAfterMs: 10 * 60_000,
  custom: new Map(),
};

export const machineLevels = ['none', 'away', 'idle', 'active'] as const;
/** How much of a person is at a machine: an index into `machineLevels`, the higher the more active. */
export type MachineLevel = 0 | 1 | 2 | 3;

/** Which rule decided, by its number in the SPEC. */
export type AggregationRule =
  | 'PA1'
  | 'PA2'
  | 'PA3'
  | 'PA4'
  | 'PA5'
  | 'PA6'
  | 'PA7'
  | 'PA8'
  | 'PA9'
  | 'PA10'
  | 'PA15';

/** What the rules make of the inputs at one moment. */
export interface Aggregate {
  readonly availability: Availability;
  readonly activity: Activity | null;
  readonly rule: AggregationRule;
  /** The publication that decided; null where the manual state, a bare registration or nothing did. */
  readonly decider: Publication | null;
  /** The endpoint with the most active machine. */
  readonly endpoint: EndpointId | null;
  readonly machine: MachineLevel;
  /** The earliest known end of what decided the availability or the activity (PA13). */
  readonly until: number | null;
  readonly outOfOffice: { readonly until: number | null; readonly note: string | null } | null;
  readonly note: {
    readonly text: string;
    readonly kind: 'personal' | 'out-of-office';
    readonly expiresAt: number | null;
  } | null;
  readonly location: string | null;
  /** What the meeting is about, while `in-a-meeting` is shown. */
  readonly subject: string | null;
  /** True where do-not-disturb was set by hand: PV1 shows that to the workgroup as urgent-interruptions-only. */
  readonly manualDoNotDisturb: boolean;
  /** When this may have begun, as far as the inputs tell; for a presence without a past (server start). */
  readonly beganAt: number | null;
  /** The next moment at which the same inputs may give another result; Infinity = never. */
  readonly nextAt: number;
}

/** A presence with its history: what `since` and `lastActiveAt` say (PA13). */
export interface Presence extends Aggregate {
  readonly since: number | null;
  /** The last moment in available, busy or do-not-disturb; null while in one of them and for a person never seen. */
  readonly lastActiveAt: number | null;
}

/** The absence whose subject its owner wrote for everybody; what other calendar items are about stays theirs. */
export const automaticReplyId = 'exchange/automatic-reply';

/** True where the expiry is a lease that a machine, a phone or an application renews, not an end anyone knows. */
const isLease = (publication: Publication): boolean =>
  isMachine(publication) ||
  publication.kind === 'phone' ||
  publication.activity === 'in-a-call' ||
  publication.activity === 'in-a-conference-call' ||
  publication.activity === 'presenting' ||
  // What Teams says stands until it says something else.
  publication.id.startsWith('teams/');

const knownEnd = (publication: Publication): number | null =>
  isLease(publication) ? null : publication.expiresAt;

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : a < b ? a : b;

/** True from its start until its end, both by the server's clock. */
export const isLive = (publication: Publication, now: number): boolean =>
  (publication.expiresAt === null || publication.expiresAt > now) &&
  (publication.startsAt === null || publication.startsAt <= now);

/** The endpoint that a publication hangs on: a machine without one hangs on the endpoint of its own name. */
export const boundTo = (publication: Publication): EndpointId | null =>
  publication.endpoint ?? (publication.kind === 'machine' ? (publication.id as EndpointId) : null);

const isRegistered = (registrations: readonly Registration[], endpoint: EndpointId): boolean => {
  for (let i = 0; i < registrations.length; i++) if (registrations[i]!.endpoint === endpoint) return true;
  return false;
};

/**
 * True where the publication counts: alive, and not bound to an endpoint that is not here. A machine
 * counts only with its endpoint (PA1: a machine nobody is connected from makes nobody present).
 */
export const counts = (
  publication: Publication,
  registrations: readonly Registration[],
  now: number,
): boolean => {
  if (!isLive(publication, now)) return false;
  const endpoint = boundTo(publication);
  return endpoint === null || isRegistered(registrations, endpoint);
};

/** What an application says counts as a machine when it says no more than whether someone is there. */
const isMachine = (publication: Publication): boolean =>
  publication.kind === 'machine' ||
  (publication.kind === 'application' &&
    (publication.availability === 'available' ||
      publication.availability === 'available-idle' ||
      publication.availability === 'away' ||
      publication.availability === 'be-right-back'));

/** When a machine was last touched; an assertion without idleness stands from when it was published. */
export const inputOf = (publication: Publication): number => publication.inputAt ?? publication.publishedAt;

/** How active a machine is at `now`: what it said of itself, aged by the server, never the better of the two. */
export function machineLevel(publication: Publication, now: number, policy: AggregationPolicy): MachineLevel {
  const { availability } = publication;
  if (availability === 'offline') return 0;
  if (availability === 'away' || availability === 'be-right-back') return 1;
  // An application asserts until its expiry and has no keyboard; only what has input goes idle.
  if (publication.kind === 'application' && publication.inputAt === null)
    return availability === 'available-idle' ? 2 : 3;
  const age = now - inputOf(publication);
  if (age >= policy.awayAfterMs) return 1;
  if (age >= policy.idleAfterMs || availability === 'available-idle') return 2;
  return publication.steadyAt !== undefined && now < publication.steadyAt ? 2 : 3;
}

/** Within so long a machine may become active twice beside another one; the third time it trembles (facts: Lync §1.4). */
export const trembleMs = 3 * 60_000;
const risesMost = 2;

/**
 * PA32: which moments of becoming active still count for a machine that becomes active once more at `now`, and
 * until when it counts as idle for having done so too often; null = it is steady.
 */
export function tremblingAfter(
  rises: readonly number[],
  now: number,
): { readonly rises: readonly number[]; readonly steadyAt: number | null } {
  const recent = [...rises.filter((at) => now - at < trembleMs), now];
  return { rises: recent, steadyAt: recent.length > risesMost ? now + trembleMs : null };
}

/** When this machine's level next drops by age alone. */
const nextAgeing = (publication: Publication, now: number, policy: AggregationPolicy): number => {
  const idle = inputOf(publication) + policy.idleAfterMs;
  const { steadyAt } = publication;
  if (steadyAt !== undefined && steadyAt > now && steadyAt < idle) return steadyAt;
  if (idle > now) return idle;
  const away = inputOf(publication) + policy.awayAfterMs;
  return away > now ? away : Number.POSITIVE_INFINITY;
};

/** Orders equals, so that the order in which inputs come can never matter: the later first, then by name. */
const beats = (at: number, name: string, bestAt: number, bestName: string): boolean =>
  at > bestAt || (at === bestAt && name < bestName);

/** When a calendar item began: PA8 lets the person skip the ones that began before they chose Available. */
export const begins = (publication: Publication): number => publication.startsAt ?? publication.publishedAt;

/** True where a calendar item makes busy; free, tentative and out-of-office items never enter (PA9, PA12). */
export const isBusyTime = (publication: Publication): boolean =>
  publication.kind === 'calendar' &&
  publication.activity !== 'out-of-office' &&
  (publication.availability === 'busy' || publication.availability === 'busy-idle');

const isBusyCall = (publication: Publication): boolean =>
  (publication.kind === 'phone' || publication.kind === 'application') &&
  (publication.availability === 'busy' || publication.availability === 'busy-idle');

/**
 * One machine publication per device may say that the screen is locked; the other panes on that machine
 * cannot see the lock, so their word counts only if there was input after it.
 */
function lockedAt(
  publications: readonly Publication[],
  device: string,
  inputs: PresenceInputs,
  now: number,
): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const other of publications)
    if (
      other.kind === 'machine' &&
      other.availability === 'away' &&
      other.device === device &&
      other.publishedAt > latest &&
      counts(other, inputs.registrations, now)
    )
      latest = other.publishedAt;
  return latest;
}

/** True where another pane on the same machine reported a lock after this one's last input. */
export const isLockedElsewhere = (publication: Publication, inputs: PresenceInputs, now: number): boolean =>
  publication.kind === 'machine' &&
  publication.device !== null &&
  lockedAt(inputs.publications, publication.device, inputs, now) >= inputOf(publication);

/** Activities that a publication or choice may bring, in the order in which PA11 tries them. */
const activityOrder: readonly Activity[] = [
  'in-a-conference-call',
  'in-a-call',
  'in-a-meeting',
  'presenting',
  'focusing',
  'inactive',
  'off-work',
];

const rank = (activity: Activity): number => {
  const index = activityOrder.indexOf(activity);
  return index >= 0 ? index : activity === 'out-of-office' ? 99 : 50;
};

const live = <Item extends { readonly expiresAt: number | null }>(
  item: Item | null,
  now: number,
): Item | null => (item !== null && (item.expiresAt === null || item.expiresAt > now) ? item : null);

/**
 * Folds all inputs into one presence at `now`. First match of PA1–PA10 decides. Pure, order-independent,
 * idempotent; linear in the number of publications, without allocation beyond the result (it runs on every
 * publish and expiry of the whole organisation).
 */
export function aggregate(inputs: PresenceInputs, now: number, policy: AggregationPolicy): Aggregate {
  const { publications, registrations } = inputs;
  const preferred = live(inputs.preferred, now);
  const skipBefore = preferred?.availability === 'available' ? preferred.setAt : Number.NEGATIVE_INFINITY;
  let nextAt = Number.POSITIVE_INFINITY;
  let present = false;
  let machine: MachineLevel = 0;
  let machineAt = Number.NEGATIVE_INFINITY;
  let machineName = '';
  let best: Publication | null = null;
  let endpoint: EndpointId | null = null;
  let computer: Publication | null = null;
  let computerAt = Number.NEGATIVE_INFINITY;
  let computerLevel: MachineLevel = 0;
  let focus: Publication | null = null;
  let call: Publication | null = null;
  let calendar: Publication | null = null;
  let calendarEnd: number | null = null;
  let absence: Publication | null = null;
  let silent = false;
  let speaks = false;

  for (let i = 0; i < publications.length; i++) {
    const publication = publications[i]!;
    if (publication.expiresAt !== null) {
      if (publication.expiresAt <= now) continue;
      if (publication.expiresAt < nextAt) nextAt = publication.expiresAt;
    }
    if (publication.startsAt !== null && publication.startsAt > now) {
      if (publication.startsAt < nextAt) nextAt = publication.startsAt;
      continue;
    }
    const bound = boundTo(publication);
    if (bound !== null && !isRegistered(registrations, bound)) continue;
    const { kind, availability, activity } = publication;
    if (availability === 'unknown') {
      silent = true;
      continue;
    }
    if ((kind === 'phone' || kind === 'application') && availability !== 'offline') present = true;

    if (isMachine(publication)) {
      let level = machineLevel(publication, now, policy);
      if (level > 1 && kind === 'machine') {
        if (publication.device !== null && isLockedElsewhere(publication, inputs, now)) level = 1;
        else {
          const ageing = nextAgeing(publication, now, policy);
          if (ageing < nextAt) nextAt = ageing;
        }
      } else if (level > 1 && publication.inputAt !== null) {
        const ageing = nextAgeing(publication, now, policy);
        if (ageing < nextAt) nextAt = ageing;
      }
      const at = inputOf(publication);
      if (level > 0) {
        if (level > machine || (level === machine && beats(at, publication.id, machineAt, machineName))) {
          machine = level;
          machineAt = at;
          machineName = publication.id;
          best = publication;
          endpoint = bound;
        }
        if (
          kind === 'machine' &&
          (level > computerLevel ||
            (level === computerLevel && beats(at, publication.id, computerAt, computer?.id ?? '')))
        ) {
          computer = publication;
          computerAt = at;
          computerLevel = level;
        }
      }
    } else if (kind === 'application' && availability === 'do-not-disturb') {
      if (prefers(publication, focus)) focus = publication;
    } else if (isBusyCall(publication)) {
      if (prefers(publication, call)) call = publication;
    } else if (isBusyTime(publication) && begins(publication) >= skipBefore) {
      if (prefers(publication, calendar)) calendar = publication;
      calendarEnd = earlier(calendarEnd, publication.expiresAt);
    }
    if (activity === 'out-of-office') {
      // Behind a chosen offline, an absence that would go with its endpoint or application is gone as well.
      const stands = preferred?.availability !== 'offline' || (kind === 'calendar' && bound === null);
      if (stands && (absence === null || endsLater(publication, absence))) absence = publication;
    } else if (activity !== null) speaks = true;
  }

  for (let i = 0; i < registrations.length; i++) {
    const registration = registrations[i]!;
    const said = saidByMachine(publications, registration.endpoint, now);
    if (said !== null) {
      // A machine that says it is off is as good as not there.
      if (said.availability !== 'offline') present = true;
      continue;
    }
    present = true;
    // An endpoint that has published nothing was last touched when it registered.
    const age = now - registration.registeredAt;
    const level: MachineLevel = age >= policy.awayAfterMs ? 1 : age >= policy.idleAfterMs ? 2 : 3;
    if (level > 1) {
      const ageing = registration.registeredAt + (level === 3 ? policy.idleAfterMs : policy.awayAfterMs);
      if (ageing < nextAt) nextAt = ageing;
    }
    if (
      level > machine ||
      (level === machine && beats(registration.registeredAt, registration.endpoint, machineAt, machineName))
    ) {
      machine = level;
      machineAt = registration.registeredAt;
      machineName = registration.endpoint;
      best = null;
      endpoint = registration.endpoint;
    }
  }

  let availability: Availability;
  let rule: AggregationRule;
  let decider: Publication | null = null;
  let until: number | null = null;
  let beganAt: number | null = null;
  if (!present && silent && preferred?.availability !== 'offline') {
    // Who was seen by a source that has fallen silent is not known to be away.
    availability = 'unknown';
    rule = 'PA15';
  } else if (!present) {
    availability = 'offline';
    rule = 'PA1';
  } else if (preferred !== null && preferred.availability === 'offline') {
    availability = 'offline';
    rule = 'PA2';
  } else if (preferred !== null && preferred.availability === 'do-not-disturb') {
    availability = 'do-not-disturb';
    rule = 'PA3';
  } else if (
    preferred !== null &&
    (preferred.availability === 'be-right-back' || preferred.availability === 'away')
  ) {
    availability = preferred.availability;
    rule = 'PA4';
  } else if (focus !== null) {
    availability = 'do-not-disturb';
    rule = 'PA5';
    decider = focus;
  } else if (call !== null) {
    availability = 'busy';
    rule = 'PA6';
    decider = call;
  } else if (preferred !== null && preferred.availability === 'busy') {
    availability = machine === 3 ? 'busy' : 'busy-idle';
    rule = 'PA7';
  } else if (calendar !== null) {
    availability = machine === 3 ? 'busy' : 'busy-idle';
    rule = 'PA9';
    decider = calendar;
  } else {
    // Present by a phone alone is nobody at a machine.
    availability = machine === 3 ? 'available' : machine === 2 ? 'available-idle' : 'away';
    rule = preferred === null ? 'PA10' : 'PA8';
    decider = best;
  }

  // PA2 states no end and no beginning of its own: someone who is signed out has none either.
  if (rule === 'PA3' || rule === 'PA4' || rule === 'PA7') {
    until = preferred!.expiresAt;
    beganAt = preferred!.setAt;
  } else if (decider !== null) {
    until = rule === 'PA9' ? calendarEnd : knownEnd(decider);
    beganAt = rule === 'PA8' || rule === 'PA10' ? machineSince(machineAt, machine, policy) : begins(decider);
  } else if (rule === 'PA8' || rule === 'PA10') beganAt = machineSince(machineAt, machine, policy);
  if (rule === 'PA8') until = preferred!.expiresAt;
  if (beganAt !== null && beganAt > now) beganAt = now;

  let outOfOffice: Aggregate['outOfOffice'] = null;
  const own = inputs.outOfOffice;
  if (own !== null && own.from > now && own.from < nextAt) nextAt = own.from;
  if (own !== null && own.from <= now && (own.until === null || own.until > now)) {
    outOfOffice = { until: own.until, note: own.note };
    if (own.until !== null && own.until < nextAt) nextAt = own.until;
  } else if (absence !== null)
    outOfOffice = {
      until: absence.expiresAt,
      note: absence.id === automaticReplyId ? absence.subject : null,
    };

  let activity: Activity | null = null;
  let subject: string | null = null;
  // PA2: nothing may leak from behind a chosen offline, not even what a call or meeting would say.
  if (rule !== 'PA1' && rule !== 'PA2' && rule !== 'PA15') {
    if (speaks || preferred?.activity != null || availability === 'available-idle') {
      const found = chooseActivity(inputs, preferred, availability, machine, skipBefore, now, policy);
      if (found !== null) {
        activity = found.activity;
        if (found.source !== null) {
          until = earlier(until, knownEnd(found.source));
          if (activity === 'in-a-meeting') subject = found.source.subject;
        }
      }
    }
  }
  if (
    activity === null &&
    outOfOffice !== null &&
    activityFits('out-of-office', availability, policy.custom)
  ) {
    activity = 'out-of-office';
    until = earlier(until, outOfOffice.until);
  }

  const note = live(inputs.note, now);
  if (
    inputs.preferred !== null &&
    preferred !== null &&
    preferred.expiresAt !== null &&
    preferred.expiresAt < nextAt
  )
    nextAt = preferred.expiresAt;
  if (note !== null && note.expiresAt !== null && note.expiresAt < nextAt) nextAt = note.expiresAt;

  return {
    availability,
    activity,
    rule,
    decider,
    endpoint,
    machine,
    until,
    outOfOffice,
    // The out-of-office note overrides the personal one, as in Lync's single string (facts: Lync §1.6).
    note:
      outOfOffice !== null && outOfOffice.note !== null
        ? { text: outOfOffice.note, kind: 'out-of-office', expiresAt: outOfOffice.until }
        : note === null
          ? null
          : { text: note.text, kind: 'personal', expiresAt: note.expiresAt },
    // Where someone is, is said only while they can be met there (facts: Lync §1.5, below 12000).
    location:
      availability === 'offline' || availability === 'away' || availability === 'be-right-back'
        ? null
        : (computer?.location ?? null),
    subject,
    manualDoNotDisturb: rule === 'PA3',
    beganAt,
    nextAt,
  };
}

const machineSince = (machineAt: number, machine: MachineLevel, policy: AggregationPolicy): number | null =>
  machine === 0
    ? null
    : machine === 3
      ? machineAt
      : machineAt + (machine === 2 ? policy.idleAfterMs : policy.awayAfterMs);

/** Among publications that would decide alike: the weightier activity, then the later begun, then by name. */
function prefers(candidate: Publication, best: Publication | null): boolean {
  if (best === null) return true;
  const weight = candidate.activity === null ? 100 : rank(candidate.activity);
  const bestWeight = best.activity === null ? 100 : rank(best.activity);
  if (weight !== bestWeight) return weight < bestWeight;
  const at = begins(candidate);
  const bestAt = begins(best);
  return at !== bestAt ? at > bestAt : candidate.id < best.id;
}

const endsLater = (candidate: Publication, best: Publication): boolean =>
  best.expiresAt !== null && (candidate.expiresAt === null || candidate.expiresAt > best.expiresAt);

/** What the endpoint's own machine says now: the live machine publication bound to it, the best known first. */
function saidByMachine(
  publications: readonly Publication[],
  endpoint: EndpointId,
  now: number,
): Publication | null {
  let found: Publication | null = null;
  for (let i = 0; i < publications.length; i++) {
    const publication = publications[i]!;
    if (publication.kind !== 'machine' || boundTo(publication) !== endpoint || !isLive(publication, now))
      continue;
    if (publication.availability !== 'offline') return publication;
    found = publication;
  }
  return found;
}

/** PA11: the first activity, in the rule's order, whose band holds the result. */
function chooseActivity(
  inputs: PresenceInputs,
  preferred: Preferred | null,
  availability: Availability,
  machine: MachineLevel,
  skipBefore: number,
  now: number,
  policy: AggregationPolicy,
): { readonly activity: Activity; readonly source: Publication | null } | null {
  let source: Publication | null = null;
  for (const publication of inputs.publications) {
    const { activity } = publication;
    if (activity === null || activity === 'out-of-office') continue;
    if (!counts(publication, inputs.registrations, now)) continue;
    if (publication.kind === 'calendar' && (!isBusyTime(publication) || begins(publication) < skipBefore))
      continue;
    if (!activityFits(activity, availability, policy.custom)) continue;
    if (prefers(publication, source)) source = publication;
  }
  let activity = source?.activity ?? null;
  const chosen = preferred?.activity ?? null;
  if (
    chosen !== null &&
    activityFits(chosen, availability, policy.custom) &&
    (activity === null || rank(chosen) < rank(activity))
  ) {
    activity = chosen;
    source = null;
  }
  if (
    availability === 'available-idle' &&
    machine === 2 &&
    (activity === null || rank('inactive') < rank(activity))
  ) {
    activity = 'inactive';
    source = null;
  }
  return activity === null ? null : { activity, source };
}

const activeAvailabilities: ReadonlySet<Availability> = new Set(['available', 'busy', 'do-not-disturb']);

/** True in the states that count as being active (PA13; facts: Lync §1.6 "last seen"). */
export const isActive = (availability: Availability): boolean => activeAvailabilities.has(availability);

/**
 * Gives an aggregate its history (PA13): `since` stays while availability and activity do, and leaving the
 * active states stamps `lastActiveAt`. `previous` null = a presence without a past; then the inputs say
 * what they can, and `lastActiveAt` is what was remembered.
 */
export function settle(
  previous: Pick<Presence, 'availability' | 'activity' | 'since' | 'lastActiveAt'> | null,
  next: Aggregate,
  now: number,
): Presence {
  const same =
    previous !== null && previous.availability === next.availability && previous.activity === next.activity;
  const since = same ? previous.since : previous === null ? next.beganAt : now;
  const lastActiveAt = isActive(next.availability)
    ? null
    : previous === null
      ? null
      : isActive(previous.availability)
        ? now
        : previous.lastActiveAt;
  return { ...next, since, lastActiveAt };
}

/**
 * True where nothing that anyone could see differs between two presences. A heartbeat that changes nothing
 * ends here (PA17).
 */
export const isSamePresence = (a: Presence, b: Presence): boolean =>
  a.availability === b.availability &&
  a.activity === b.activity &&
  a.until === b.until &&
  a.since === b.since &&
  a.lastActiveAt === b.lastActiveAt &&
  a.location === b.location &&
  a.subject === b.subject &&
  a.manualDoNotDisturb === b.manualDoNotDisturb &&
  a.note?.text === b.note?.text &&
  a.note?.kind === b.note?.kind &&
  a.note?.expiresAt === b.note?.expiresAt &&
  (a.outOfOffice === null) === (b.outOfOffice === null) &&
  a.outOfOffice?.until === b.outOfOffice?.until &&
  a.outOfOffice?.note === b.outOfOffice?.note;
