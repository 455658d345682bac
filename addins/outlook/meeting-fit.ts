/** Whether somebody is free at the time of an appointment, by what the server shows of their calendar. Pure. */
import type { FreeBusy } from '../../server/protocol/calendar.ts';

export const fits = ['free', 'tentative', 'outside-hours', 'busy', 'out-of-office', 'unknown'] as const;
export type Fit = (typeof fits)[number];

/** The server reads calendars eight days ahead; what is further is not known. */
const knownAheadMs = 8 * 86_400_000;

/** Judges one calendar. Without hours and entries there is none that the reader may see: unknown, never free. */
export function fitOf(
  { workingHours, items }: FreeBusy,
  time: { readonly startsAt: string; readonly endsAt: string },
  now: number,
): Fit {
  const startsAt = Date.parse(time.startsAt);
  const endsAt = Date.parse(time.endsAt);
  if (workingHours === null && items.length === 0) return 'unknown';
  if (endsAt <= now || endsAt > now + knownAheadMs) return 'unknown';
  const states = items
    .filter((item) => Date.parse(item.startsAt) < endsAt && Date.parse(item.endsAt) > startsAt)
    .map(({ state }) => state);
  for (const state of ['out-of-office', 'busy', 'tentative'] as const)
    if (states.includes(state)) return state;
  return workingHours !== null && !isWithin(workingHours, startsAt, endsAt) ? 'outside-hours' : 'free';
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** By the clock of the person, not of the reader. A meeting over midnight is outside whatever the hours. */
function isWithin(
  { days, from, to, timeZone }: NonNullable<FreeBusy['workingHours']>,
  startsAt: number,
  endsAt: number,
): boolean {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const read = (at: number) => {
    const part = (type: string) => clock.formatToParts(at).find((one) => one.type === type)?.value ?? '';
    return { day: part('weekday').toLowerCase(), time: `${part('hour')}:${part('minute')}` };
  };
  const start = read(startsAt);
  const end = read(endsAt);
  const day = weekdays.find((one) => one === start.day);
  return (
    endsAt - startsAt < 86_400_000 &&
    start.day === end.day &&
    day !== undefined &&
    days.includes(day) &&
    start.time >= from &&
    end.time <= to
  );
}
