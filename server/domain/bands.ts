/**
 * Lync's numbers for availability in one table, so that every other protocol maps from here (facts: Lync
 * §1.1): the smaller the number, the more willing. A band also says which activities belong to which
 * availability, so that an activity can never contradict the colour (PA11).
 */
import type { Activity, Availability, StandardActivity } from '../protocol/vocabulary.ts';

export interface Band {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
  /** The number that is published for this availability. */
  readonly value: number;
}

/** Unknown has a band for reading foreign numbers only; it is never published. */
export const bands = {
  unknown: { from: 0, to: 2_999, value: 0 },
  available: { from: 3_000, to: 4_499, value: 3_500 },
  'available-idle': { from: 4_500, to: 5_999, value: 5_000 },
  busy: { from: 6_000, to: 7_499, value: 6_500 },
  'busy-idle': { from: 7_500, to: 8_999, value: 7_500 },
  'do-not-disturb': { from: 9_000, to: 11_999, value: 9_500 },
  'be-right-back': { from: 12_000, to: 14_999, value: 12_500 },
  away: { from: 15_000, to: 17_999, value: 15_500 },
  offline: { from: 18_000, to: Number.MAX_SAFE_INTEGER, value: 18_500 },
} as const satisfies Record<Availability, Band>;

/** The numbers between which a standard activity may be shown (Lync's minAvailability and maxAvailability). */
export const activityBands = {
  'in-a-call': [6_000, 8_999],
  'in-a-conference-call': [6_000, 8_999],
  'in-a-meeting': [6_000, 8_999],
  'urgent-interruptions-only': [6_000, 8_999],
  presenting: [9_000, 11_999],
  focusing: [9_000, 11_999],
  inactive: [4_500, 5_999],
  'off-work': [15_000, 17_999],
  'out-of-office': [12_000, Number.MAX_SAFE_INTEGER],
} as const satisfies Record<StandardActivity, readonly [from: number, to: number]>;

/** Numbers that an activity gives its availability where Lync publishes a finer one than the band's own. */
const finerValues: Partial<Record<Activity, { readonly of: Availability; readonly value: number }>> = {
  'urgent-interruptions-only': { of: 'busy', value: 6_900 },
  'in-a-conference-call': { of: 'busy', value: 7_000 },
};

/** Reads a foreign number: the availability whose band holds it; `unknown` for what is no number at all. */
export function availabilityOf(value: number): Availability {
  if (!Number.isFinite(value) || value < 0) return 'unknown';
  for (const [availability, band] of Object.entries(bands) as [Availability, Band][])
    if (value >= band.from && value <= band.to) return availability;
  return value > bands.offline.from ? 'offline' : 'unknown';
}

/** The number to publish for an availability and activity; null for `unknown`, which publishes nothing. */
export function numberOf(availability: Availability, activity: Activity | null): number | null {
  if (availability === 'unknown') return null;
  const finer = activity === null ? undefined : finerValues[activity];
  return finer !== undefined && finer.of === availability ? finer.value : bands[availability].value;
}

/** An activity that an administrator defined: shown only beside the availability it was made for. */
export interface CustomActivity {
  readonly id: `x-${string}`;
  readonly availability: Exclude<Availability, 'unknown'>;
  /** What people read, by language; English is the fallback and always there. */
  readonly labels: { readonly en: string } & Readonly<Record<string, string>>;
}

/**
 * True where this activity may stand beside this availability. A custom one that is not (or no longer)
 * defined may stand nowhere.
 */
export function activityFits(
  activity: Activity,
  availability: Availability,
  custom: ReadonlyMap<string, CustomActivity>,
): boolean {
  const band = activityBands[activity as StandardActivity] as readonly [number, number] | undefined;
  if (band === undefined) return custom.get(activity)?.availability === availability;
  const { value } = bands[availability];
  return value >= band[0] && value <= band[1];
}
