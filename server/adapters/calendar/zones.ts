/**
 * The moment that a calendar's wall clock means. A zone that this runtime knows by name is reckoned by its
 * own table, which is kept up to date; only others by what the calendar says of them.
 */
import ICAL from 'ical.js';
import { wallToInstant } from '../../domain/zones.ts';

/** The moment of a calendar time; one without a zone is read in `fallback`. */
export function toInstant(time: ICAL.Time, fallback: string): number {
  const wall = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  if (time.zone === ICAL.Timezone.utcTimezone) return wall;
  const name = time.zone?.tzid ?? '';
  if (name === '' || time.zone === ICAL.Timezone.localTimezone) return wallToInstant(wall, fallback) ?? wall;
  return wallToInstant(wall, name) ?? time.toUnixTime() * 1_000;
}
