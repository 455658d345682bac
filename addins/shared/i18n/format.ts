/** Times, sizes and lists the reader's way. Pure: the present comes in as `now`, the zone as an option. */
import { currentLocale, t } from './i18n.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const cache = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs about 50 µs, a list of 40 people needs dozens: kept by language and options. */
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${currentLocale()} ${JSON.stringify(options)}`;
  let made = cache.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(currentLocale(), options);
    cache.set(key, made);
  }
  return made;
}

/** Formats the time of day, "14:02". */
export function formatTime(at: number, timeZone?: string): string {
  return formatter({ timeStyle: 'short', ...(timeZone ? { timeZone } : {}) }).format(at);
}

/** Counts midnights between two instants in the reader's zone; summer time makes days of 23 and 25 hours. */
function dayDifference(at: number, now: number): number {
  const midnight = (instant: number) => new Date(instant).setHours(0, 0, 0, 0);
  return Math.round((midnight(at) - midnight(now)) / dayMs);
}

/** Formats an instant as briefly as it stays clear: time today, weekday within a week, else the date. */
export function formatWhen(at: number, now: number): string {
  const days = dayDifference(at, now);
  if (days === 0) return formatTime(at);
  if (days === -1) return t('time.yesterday');
  if (Math.abs(days) < 7) return formatter({ weekday: 'short' }).format(at);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return formatter({ day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }).format(at);
}

/** Formats an end in full, "15:00" today, "Mon 3 Nov, 09:00" else. */
export function formatUntil(at: number, now: number): string {
  if (dayDifference(at, now) === 0) return formatTime(at);
  const day = formatter({ weekday: 'short', day: 'numeric', month: 'short' }).format(at);
  return `${day}, ${formatTime(at)}`;
}

/** Names the day of a message, for the line between two days: "Today", "Yesterday", "Monday, 3 November". */
export function formatDay(at: number, now: number): string {
  const days = dayDifference(at, now);
  if (days === 0) return t('time.today');
  if (days === -1) return t('time.yesterday');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return formatter({
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}

/** Formats day and time in full, for a tooltip. */
export function formatFull(at: number): string {
  return formatter({ dateStyle: 'full', timeStyle: 'short' }).format(at);
}

/** Formats how long ago something was, in the largest unit that fits: "3 minutes ago". */
export function formatAgo(at: number, now: number): string {
  const relative = new Intl.RelativeTimeFormat(currentLocale(), { numeric: 'auto' });
  const minutes = Math.round((at - now) / minuteMs);
  if (Math.abs(minutes) < 60) return relative.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  if (Math.abs(hours) < 24) return relative.format(hours, 'hour');
  return relative.format(Math.round(hours / 24), 'day');
}

/** Formats a size in bytes, "1.4 MB". */
export function formatSize(bytes: number): string {
  const [value, unit] =
    bytes < 1_000
      ? [bytes, 'byte']
      : bytes < 1_000_000
        ? [bytes / 1_000, 'kilobyte']
        : [bytes / 1_000_000, 'megabyte'];
  return new Intl.NumberFormat(currentLocale(), {
    style: 'unit',
    unit,
    unitDisplay: bytes < 1_000 ? 'long' : 'short',
    maximumFractionDigits: 1,
  }).format(value);
}

/** Joins names the reader's way: "Bob, Carol and Dave". */
export function formatNames(names: readonly string[]): string {
  return new Intl.ListFormat(currentLocale(), { type: 'conjunction' }).format(names);
}
