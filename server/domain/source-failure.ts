/**
 * Why another system did not answer, in the three ways that matter to whoever asked: come back later, begin
 * anew, or it is broken until somebody mends it.
 */
export class SourceFailure extends Error {
  /** `wait`: throttled or away. `restart`: the place to go on from is no longer known there. `broken`: refused, or an answer that is none. */
  readonly kind: 'wait' | 'restart' | 'broken';
  /** How long it asked to be left alone; null = it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: SourceFailure['kind'],
    message: string,
    options: { retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SourceFailure';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** First wait after a failure, and the longest: a directory that is a quarter of an hour late is no harm. */
const firstWaitMs = 5_000;
const longestWaitMs = 15 * 60_000;

/**
 * How long to wait after so many failures in a row: what was asked for or more, doubling, and never twice the
 * same for two who wait (`chance` from 0 to 1), so that a system that returns is not run down.
 */
export function waitAfter(failures: number, retryAfterMs: number | null, chance: number): number {
  const doubling = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, failures - 1));
  return Math.max(retryAfterMs ?? 0, doubling * 0.5) + doubling * 0.5 * chance;
}
