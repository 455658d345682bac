/** Token buckets per caller and kind. Floors of contract §1; `factor` raises them, 0 switches them off. */
import type { IncomingMessage } from 'node:http';
import { DomainError } from '../domain/errors.ts';
import { type ClientAddress, limitKeyOf } from './client-address.ts';
import type { RateLimit } from './route.ts';

/** Calls per second and how many may come at once. */
const rates: Readonly<Record<RateLimit, { readonly perSecond: number; readonly burst: number }>> = {
  send: { perSecond: 50, burst: 200 },
  query: { perSecond: 100, burst: 200 },
  search: { perSecond: 20, burst: 40 },
  stream: { perSecond: 20 / 60, burst: 20 },
  upload: { perSecond: 5, burst: 20 },
  write: { perSecond: 50, burst: 200 },
  /** An office behind one address signs in at nine; somebody who guesses gets ten tries a second. */
  'sign-in': { perSecond: 10, burst: 300 },
  denial: { perSecond: 2, burst: 200 },
};

/** Bounded memory: past this many buckets, full ones are forgotten. */
const mostBuckets = 200_000;

export function createRateLimits(factor: number, now: () => number) {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    /** Takes one from the caller's bucket or throws `rate-limited` with the wait until there is one again. */
    take(kind: RateLimit, caller: string): void {
      if (factor === 0) return;
      const { perSecond, burst } = rates[kind];
      const most = burst * factor;
      const key = `${kind} ${caller}`;
      const time = now();
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= mostBuckets) buckets.clear();
        bucket = { tokens: most, at: time };
        buckets.set(key, bucket);
      }
      bucket.tokens = Math.min(
        most,
        bucket.tokens + (Math.max(0, time - bucket.at) / 1_000) * perSecond * factor,
      );
      bucket.at = time;
      if (bucket.tokens < 1) {
        const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / (perSecond * factor)));
        throw new DomainError('rate-limited', `Too many calls of this kind; try again in ${seconds} s.`, {
          retryAfterSeconds: seconds,
        });
      }
      bucket.tokens -= 1;
    },
  };
}

/** The limit of the addresses that browsers visit to sign in: per address, none on this machine. */
export const limitSignIn =
  (limits: ReturnType<typeof createRateLimits>, addresses: ClientAddress) =>
  (request: IncomingMessage): void => {
    const { address, isLocal } = addresses.of(request);
    if (!isLocal) limits.take('sign-in', `address ${limitKeyOf(address)}`);
  };
