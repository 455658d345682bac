/**
 * Decides which shape and colour stand for a presence: pure tables and one composing function, no DOM.
 * Colour is never the only difference: every state has its own shape, so that the icon reads in greyscale
 * and in forced colours.
 */
import type { Availability } from '../../../server/protocol/vocabulary.ts';
import { glyphPaths } from './glyphs.ts';

export const iconSizes = [10, 12, 16, 20, 24] as const;
export type IconSize = (typeof iconSizes)[number];
type GlyphName = keyof typeof glyphPaths;

/** One part of the picture. `half` keeps only that half of the glyph; `dashed` is the ring of the unknown. */
export type GlyphPart =
  | { kind: 'glyph'; path: string; half?: 'left' | 'right' }
  | { kind: 'dashed' }
  /** The silhouette's tip to the left: "is out", around a state that is nevertheless present. */
  | { kind: 'tip' };

export interface PresenceGlyph {
  /** Name of the colour slot; the element's style sheet binds it to a Fluent token. */
  colour: Colour;
  /** True when the parts are drawn smaller to make room for the tip. */
  shrunk: boolean;
  parts: readonly GlyphPart[];
}

export type Colour = 'available' | 'busy' | 'away' | 'offline' | 'out' | 'unknown';

interface Shape {
  colour: Colour;
  whole?: GlyphName;
  /** Idle: the left half of the full glyph beside the right half of its outline. */
  halves?: readonly [left: GlyphName, right: GlyphName];
  /** Whether the person can be reached now, which decides how out-of-office is drawn. */
  present: boolean;
}

/** Fluent's glyphs by availability. Be-right-back is away's clock in outline: nearly here, and not the same shape. */
const shapes = {
  available: { colour: 'available', whole: 'availableFilled', present: true },
  'available-idle': { colour: 'available', halves: ['availableFilled', 'availableRegular'], present: true },
  busy: { colour: 'busy', whole: 'busyFilled', present: true },
  'busy-idle': { colour: 'busy', halves: ['busyFilled', 'ring'], present: true },
  'do-not-disturb': { colour: 'busy', whole: 'doNotDisturbFilled', present: true },
  'be-right-back': { colour: 'away', whole: 'awayRegular', present: false },
  away: { colour: 'away', whole: 'awayFilled', present: false },
  offline: { colour: 'offline', whole: 'offlineRegular', present: false },
  unknown: { colour: 'unknown', present: false },
} as const satisfies Record<Availability, Shape>;

/** English names for a page that gives no label of its own; hosts pass labels in the reader's language. */
export const availabilityNames = {
  available: 'Available',
  'available-idle': 'Available, inactive',
  busy: 'Busy',
  'busy-idle': 'Busy, inactive',
  'do-not-disturb': 'Do not disturb',
  'be-right-back': 'Be right back',
  away: 'Away',
  offline: 'Offline',
  unknown: 'Unknown',
} as const satisfies Record<Availability, string>;

/** Says whether a string is one of the availabilities; anything else must be drawn as unknown. */
export function isAvailability(value: string | null): value is Availability {
  return value !== null && Object.hasOwn(shapes, value);
}

/** Chooses the nearest size that is drawn; 12 when the value is no size. */
export function toIconSize(value: string | null): IconSize {
  const wanted = Number(value ?? '12');
  return iconSizes.findLast((size) => size <= wanted) ?? (wanted > 0 ? 10 : 12);
}

/**
 * Composes the picture. Out-of-office never hides what somebody does now: who is present keeps the state's
 * glyph inside a silhouette that points away; who is absent gets Fluent's arrow.
 */
export function presenceGlyph(
  availability: Availability,
  outOfOffice: boolean,
  size: IconSize,
): PresenceGlyph {
  const shape: Shape = shapes[availability];
  if (outOfOffice && !shape.present) {
    return {
      colour: 'out',
      shrunk: false,
      parts: [{ kind: 'glyph', path: glyphPaths.outOfOfficeRegular[size] }],
    };
  }
  const parts: GlyphPart[] = [];
  if (shape.whole) parts.push({ kind: 'glyph', path: glyphPaths[shape.whole][size] });
  if (shape.halves) {
    parts.push({ kind: 'glyph', path: glyphPaths[shape.halves[0]][size], half: 'left' });
    parts.push({ kind: 'glyph', path: glyphPaths[shape.halves[1]][size], half: 'right' });
  }
  if (parts.length === 0) parts.push({ kind: 'dashed' });
  if (outOfOffice) parts.push({ kind: 'tip' });
  return { colour: shape.colour, shrunk: outOfOffice, parts };
}
