/** Who is free at the time of an appointment. */
import { describe, expect, test } from 'vitest';
import { type Fit, fitOf } from '../../addins/outlook/meeting-fit.ts';
import type { FreeBusy } from '../../server/protocol/calendar.ts';

// A Monday.
const now = Date.parse('2026-11-16T08:00:00Z');
const at = (from: string, to: string) => ({
  startsAt: `2026-11-16T${from}:00.000Z`,
  endsAt: `2026-11-16T${to}:00.000Z`,
});
const hours = {
  days: ['monday', 'tuesday'] as ('monday' | 'tuesday')[],
  from: '09:00',
  to: '17:00',
  timeZone: 'Europe/Vienna',
};
const calendar = (
  ...items: [from: string, to: string, state: 'busy' | 'tentative' | 'out-of-office'][]
): FreeBusy => ({
  workingHours: hours,
  items: items.map(([from, to, state]) => ({ ...at(from, to), state, subject: null })),
});

describe('[OF29] free at the time', () => {
  test.each<readonly [string, FreeBusy, ReturnType<typeof at>, Fit]>([
    ['nothing there', calendar(), at('10:00', '11:00'), 'free'],
    ['what ends as it begins', calendar(['09:00', '10:00', 'busy']), at('10:00', '11:00'), 'free'],
    ['an overlap', calendar(['09:00', '10:01', 'busy']), at('10:00', '11:00'), 'busy'],
    ['a tentative one', calendar(['10:30', '10:45', 'tentative']), at('10:00', '11:00'), 'tentative'],
    [
      'the weightiest of several',
      calendar(['10:00', '11:00', 'tentative'], ['10:30', '12:00', 'busy']),
      at('10:00', '11:00'),
      'busy',
    ],
    ['an absence', calendar(['00:00', '23:00', 'out-of-office']), at('10:00', '11:00'), 'out-of-office'],
    // Vienna is an hour ahead of UTC in November: hours are 08:00 to 16:00 UTC.
    ['their first hour', calendar(), at('08:00', '09:00'), 'free'],
    ['after their hours', calendar(), at('15:30', '16:30'), 'outside-hours'],
    ['busy weighs more than the hour', calendar(['15:00', '18:00', 'busy']), at('15:30', '16:30'), 'busy'],
    ['no calendar to see', { workingHours: null, items: [] }, at('10:00', '11:00'), 'unknown'],
    [
      'entries without hours',
      { workingHours: null, items: calendar(['12:00', '13:00', 'busy']).items },
      at('03:00', '04:00'),
      'unknown',
    ],
    ['the past', calendar(), at('06:00', '07:00'), 'unknown'],
  ])('[OF29] %s', (_name, given, time, expected) => {
    expect(fitOf(given, time, now)).toBe(expected);
  });

  test('[OF29] a day off, a night through, and further ahead than calendars are read', () => {
    const day = (date: string, from: string, to: string) => ({
      startsAt: `${date}T${from}:00.000Z`,
      endsAt: `${date}T${to}:00.000Z`,
    });
    expect(fitOf(calendar(), day('2026-11-18', '10:00', '11:00'), now)).toBe('outside-hours');
    expect(
      fitOf(calendar(), { startsAt: '2026-11-16T15:00:00.000Z', endsAt: '2026-11-17T09:00:00.000Z' }, now),
    ).toBe('outside-hours');
    expect(fitOf(calendar(), day('2026-11-30', '10:00', '11:00'), now)).toBe('unknown');
  });
});
