/** For how long a state or a note holds: the choices of the menu and the instant each one means. Pure. */

export const durations = ['default', 'minutes-30', 'hours-1', 'hours-2', 'today'] as const;
export type Duration = (typeof durations)[number];

const minuteMs = 60_000;

/** Gives the end of a duration that begins `now`; null where the server's own default shall count. */
export function endOf(duration: Duration, now: number): number | null {
  switch (duration) {
    case 'default':
      return null;
    case 'minutes-30':
      return now + 30 * minuteMs;
    case 'hours-1':
      return now + 60 * minuteMs;
    case 'hours-2':
      return now + 120 * minuteMs;
    case 'today':
      // The reader's midnight; summer time makes days of 23 and 25 hours, so no adding of 24.
      return new Date(new Date(now).setHours(24, 0, 0, 0)).getTime();
  }
}
