/** What the icon draws, without a browser: shapes, fallbacks, and the tables copied from Fluent. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generate } from '../../addins/shared/generate.ts';
import {
  iconSizes,
  isAvailability,
  presenceGlyph,
  toIconSize,
} from '../../addins/shared/icon/presence-glyph.ts';
import { availabilities } from '../../server/protocol/vocabulary.ts';

/** The picture without its colour: what is left in greyscale and in forced colours. */
const outline = (
  availability: (typeof availabilities)[number],
  outOfOffice: boolean,
  size: 10 | 12 | 16 | 20 | 24,
) => JSON.stringify({ ...presenceGlyph(availability, outOfOffice, size), colour: null });

describe('presence glyph', () => {
  test.each(iconSizes)(
    '[UI1] every availability has its own shape, not only its own colour, at %i px',
    (size) => {
      const shapes = availabilities.map((availability) => outline(availability, false, size));
      expect(new Set(shapes).size).toBe(availabilities.length);
    },
  );

  test.each(iconSizes)('[UI1] out-of-office changes the shape of every availability at %i px', (size) => {
    for (const availability of availabilities) {
      expect(outline(availability, true, size)).not.toBe(outline(availability, false, size));
    }
  });

  test('[UI1] whoever is present keeps their own shape while out of office', () => {
    const present = ['available', 'available-idle', 'busy', 'busy-idle', 'do-not-disturb'] as const;
    expect(new Set(present.map((availability) => outline(availability, true, 12))).size).toBe(present.length);
  });

  test('[UI2] unknown is a hollow dashed ring and no glyph of another state', () => {
    expect(presenceGlyph('unknown', false, 12)).toEqual({
      colour: 'unknown',
      shrunk: false,
      parts: [{ kind: 'dashed' }],
    });
  });

  test.each([null, '', 'Available', 'toString', 'free'])(
    '[UI2] %j is no availability, so unknown is drawn',
    (value) => {
      expect(isAvailability(value)).toBe(false);
    },
  );

  test.each([
    [null, 12],
    ['nonsense', 12],
    ['-3', 12],
    ['4', 10],
    ['18', 16],
    ['24', 24],
    ['900', 24],
  ])('[UI1] size %j is drawn at %i px', (given, drawn) => {
    expect(toIconSize(given)).toBe(drawn);
  });

  test('[UI3] glyphs, symbols and tokens are what the Fluent packages hold', () => {
    const squeeze = (text: string) => text.replaceAll(/\s/g, '');
    for (const [name, text] of Object.entries(generate())) {
      const stored = readFileSync(new URL(`../../addins/shared/${name}`, import.meta.url), 'utf8');
      expect(squeeze(stored), `run node addins/shared/generate.ts (${name})`).toBe(squeeze(text));
    }
  });
});
