/**
 * How long to wait before trying again: doubling, with full jitter, so that a thousand clients of a server
 * that restarts do not come back in one moment.
 */

const firstMs = 500;
const longestMs = 30_000;

/** Gives the wait before attempt number `attempt` (0 = the first repetition), in ms; `random` is in [0, 1). */
export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16));
  // Half is kept, so that a lucky draw never hammers.
  return ceiling / 2 + (ceiling / 2) * random();
}
