/** How people are put into letters, colours and words; how search matches; how long a state holds. */
import { describe, expect, test } from 'vitest';
import { endOf } from '../../addins/shared/ui/durations.ts';
import { matches } from '../../addins/shared/ui/people-search.ts';
import { initialsOf, paletteOf, stateSentence, stateTooltip } from '../../addins/shared/ui/person-text.ts';
import { avatarPalettes } from '../../addins/shared/ui/tokens.ts';
import type { PresenceView } from '../../server/protocol/presence.ts';

describe('faces', () => {
  test.each([
    ['Bob Kovács', 'BK'],
    ['Åsa Öberg', 'ÅÖ'],
    ['Maria del Carmen Ruiz (Finance)', 'MR'],
    ['Cher', 'C'],
    ['陳大文', '大文'],
    ['maria@fabrikam.example', 'M'],
    ['محمد علي', 'مع'],
    ['e\u0301lodie Dupont', 'E\u0301D'],
    ['  ', ''],
    ['- .', ''],
  ])('[UI14] the letters of %j are %j', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });

  test('[UI14] colours belong to ids and spread over all there are', () => {
    const counts = new Map<number, number>();
    for (let index = 0; index < 2_200; index++) {
      const palette = paletteOf(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
      counts.set(palette, (counts.get(palette) ?? 0) + 1);
    }
    expect(counts.size).toBe(avatarPalettes.length);
    expect(Math.max(...counts.values())).toBeLessThan(200);
  });
});

describe('states in words', () => {
  const view = { text: 'In a meeting until 15:00' } as PresenceView;
  const at = new Date(2026, 10, 16, 14, 2).getTime();

  test('[UI6] what is not confirmed any more is not told as if it were', () => {
    expect(stateSentence({ availability: 'busy', view, freshness: 'fresh', asOf: null })).toBe(
      'In a meeting until 15:00',
    );
    expect(stateSentence({ availability: 'unknown', view, freshness: 'unknown', asOf: at })).toMatch(
      /^Not confirmed since .*2:02/,
    );
    expect(stateSentence({ availability: 'unknown', view: null, freshness: 'unknown', asOf: null })).toBe(
      'Unknown',
    );
    expect(stateTooltip({ availability: 'busy', view, freshness: 'stale', asOf: at })).toMatch(
      /^As of .*2:02/,
    );
    expect(stateTooltip({ availability: 'busy', view, freshness: 'fresh', asOf: null })).toBe('');
  });
});

describe('finding people', () => {
  const person = {
    displayName: 'Bob Kovács',
    address: 'b.kovacs@contoso.example',
    department: 'Human Resources',
  };
  test.each([
    ['kov', true],
    ['KOVÁCS bob', true],
    ['res', true],
    ['contoso', true],
    ['ovacs', false],
    ['bob smith', false],
    ['', true],
  ])('[UI14] %j finds Bob: %s', (query, found) => {
    expect(matches(person, query)).toBe(found);
  });
});

describe('durations', () => {
  const now = new Date(2026, 2, 29, 0, 30).getTime();
  test('[UI14] a state ends when it says; "today" ends at the reader’s midnight', () => {
    expect(endOf('default', now)).toBeNull();
    expect(endOf('minutes-30', now)).toBe(now + 1_800_000);
    expect(endOf('hours-2', now)).toBe(now + 7_200_000);
    expect(endOf('today', now)).toBe(new Date(2026, 2, 30).getTime());
  });
});
