/** The machine's clock. */
import type { Clock } from '../../ports/clock.ts';

/** The longest delay a Node timer takes; a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** Makes the clock of the machine; its timers do not keep the process alive. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    after: (ms, task) => {
      let left = Math.max(0, ms);
      let timer: NodeJS.Timeout;
      const wait = () => {
        const delay = Math.min(left, longestDelayMs);
        left -= delay;
        timer = setTimeout(left > 0 ? wait : task, delay).unref();
      };
      wait();
      return () => clearTimeout(timer);
    },
  };
}
