/**
 * Presence in Microsoft Graph's words, both ways: one table for the facade, which speaks them, and for the
 * connection to Microsoft 365, which hears them. Graph's PascalCase generation is spoken, because its clients
 * match that one only; both generations are understood in any case, and what is new to us is unknown.
 */
import type { PresenceView } from '../protocol/presence.ts';
import type { Activity, Availability, StandardActivity } from '../protocol/vocabulary.ts';
import { activityFits } from './bands.ts';

/** Graph's two words for one presence. */
export interface GraphPair {
  readonly availability: string;
  readonly activity: string;
}

/** What each availability is called, and the activity beside it where there is no other. */
const pairs = {
  available: ['Available', 'Available'],
  'available-idle': ['AvailableIdle', 'Inactive'],
  busy: ['Busy', 'Busy'],
  'busy-idle': ['BusyIdle', 'Inactive'],
  'do-not-disturb': ['DoNotDisturb', 'DoNotDisturb'],
  'be-right-back': ['BeRightBack', 'BeRightBack'],
  away: ['Away', 'Away'],
  offline: ['Offline', 'Offline'],
  unknown: ['PresenceUnknown', 'PresenceUnknown'],
} as const satisfies Record<Availability, readonly [string, string]>;

const activityNames = {
  'in-a-call': 'InACall',
  'in-a-conference-call': 'InAConferenceCall',
  'in-a-meeting': 'InAMeeting',
  presenting: 'Presenting',
  focusing: 'Focusing',
  'urgent-interruptions-only': 'UrgentInterruptionsOnly',
  'off-work': 'OffWork',
  inactive: 'Inactive',
  'out-of-office': 'OutOfOffice',
} as const satisfies Record<StandardActivity, string>;

/**
 * A view as Graph says it. Activities that an organisation invented are not Graph's and fall back to the
 * availability; out-of-office is told where nothing more urgent is (`Offline/OutOfOffice`, never
 * `OutOfOffice/OutOfOffice`, which clients draw as unknown).
 */
export function toGraphPair(
  view: Pick<PresenceView, 'availability' | 'activity' | 'outOfOffice'>,
): GraphPair {
  const [availability, base] = pairs[view.availability];
  const named =
    view.activity === null ? undefined : activityNames[view.activity as StandardActivity | 'inactive'];
  const isAbsent = view.outOfOffice !== null && view.availability !== 'unknown';
  if (isAbsent && (named === undefined || named === 'Inactive'))
    return { availability, activity: activityNames['out-of-office'] };
  return { availability, activity: named ?? base };
}

/** Words of both generations, in lower case, for an availability; some also say the activity. */
const heard: Readonly<Record<string, readonly [Availability, Activity | null]>> = {
  ...Object.fromEntries(
    Object.entries(pairs).map(([availability, [name]]) => [
      name.toLowerCase(),
      [availability as Availability, null],
    ]),
  ),
  focusing: ['do-not-disturb', 'focusing'],
  presenting: ['do-not-disturb', 'presenting'],
  inacall: ['busy', 'in-a-call'],
  inameeting: ['busy', 'in-a-meeting'],
  outofoffice: ['offline', 'out-of-office'],
};

const heardActivities: Readonly<Record<string, Activity>> = {
  ...Object.fromEntries(
    Object.entries(activityNames).map(([activity, name]) => [name.toLowerCase(), activity as Activity]),
  ),
  onacall: 'in-a-call',
};

/** What a pair of Graph's means here; `unknown` for words that this version does not know. */
export function fromGraphPair(pair: { readonly availability?: unknown; readonly activity?: unknown }): {
  readonly availability: Availability;
  readonly activity: Activity | null;
} {
  const word = String(pair.availability ?? '').toLowerCase();
  const second = String(pair.activity ?? '').toLowerCase();
  const [availability, implied] = heard[word] ?? (['unknown', null] as const);
  if (availability === 'unknown') return { availability, activity: null };
  if (availability === 'available' && (second === 'availableinactive' || second === 'inactive'))
    return { availability: 'available-idle', activity: null };
  if (availability === 'away' && second === 'berightback')
    return { availability: 'be-right-back', activity: null };
  const activity = heardActivities[second] ?? implied;
  // “Appears offline” is Offline/OffWork there; here offline says nothing more.
  if (activity === null || activity === 'inactive') return { availability, activity: null };
  if (activity === 'out-of-office') return { availability, activity };
  return { availability, activity: activityFits(activity, availability, noCustom) ? activity : null };
}

const noCustom = new Map();
