/**
 * Wall clocks of the world: the moment that a local time means in a zone, by its IANA or its Windows name.
 * Reckoned by the runtime's own tables, which are kept up to date.
 */
import { ianaZone } from './windows-zones.ts';

const formatters = new Map<string, Intl.DateTimeFormat | null>();

function formatterFor(zone: string): Intl.DateTimeFormat | null {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    try {
      formatter = new Intl.DateTimeFormat('en-US', {
        timeZone: ianaZone(zone),
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      formatter = null;
    }
    if (formatters.size > 200) formatters.clear();
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** How far a zone's clock is ahead of UTC at a moment, in ms. */
function offsetAt(formatter: Intl.DateTimeFormat, at: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
}

/**
 * The moment of a wall clock time. A time that happens twice means the first (RFC 5545 §3.3.5); one that is
 * skipped is read with the offset before the gap.
 */
export function wallToInstant(wall: number, zone: string): number | null {
  const formatter = formatterFor(zone);
  if (formatter === null) return null;
  const before = offsetAt(formatter, wall - 86_400_000);
  const after = offsetAt(formatter, wall + 86_400_000);
  const first = wall - before;
  if (before === after || offsetAt(formatter, first) === before) return first;
  const second = wall - after;
  return offsetAt(formatter, second) === after ? second : first;
}
