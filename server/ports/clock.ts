/**
 * Time as a promise: `now()` for what the rules take as an argument, and one-shot timers, so that a test
 * can hold time still. Nobody else calls `Date.now`, `setTimeout` or `setInterval` in services.
 */
export interface Clock {
  /** Milliseconds since the epoch, UTC. May jump; never used to measure durations shorter than a second. */
  now(): number;
  /**
   * Runs `task` once, no earlier than `ms` from now. Returns a cancel function that may be called any
   * number of times. A pending timer does not keep the process alive.
   */
  after(ms: number, task: () => void): () => void;
}
