/** A clock that stands still until a test moves it. Noon on a fixed date, so that every failure repeats. */
import type { Clock } from '../../server/ports/clock.ts';

export const noon = Date.UTC(2026, 2, 2, 12);

export interface ManualClock extends Clock {
  /** Moves time on, running what falls due in its order, each task at its own time. */
  advance(ms: number): void;
  /** How many timers are waiting; a service that has closed leaves none. */
  readonly waiting: number;
}

export function createManualClock(start = noon): ManualClock {
  let now = start;
  let tasks: { readonly at: number; readonly task: () => void }[] = [];
  return {
    now: () => now,
    after: (ms, task) => {
      const own = { at: now + Math.max(0, ms), task };
      tasks.push(own);
      return () => {
        tasks = tasks.filter((one) => one !== own);
      };
    },
    advance: (ms) => {
      const end = now + ms;
      for (;;) {
        const next = tasks.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        tasks = tasks.filter((one) => one !== next);
        now = Math.max(now, next.at);
        next.task();
      }
      now = end;
    },
    get waiting() {
      return tasks.length;
    },
  };
}
