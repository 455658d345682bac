/**
 * Of whom a node hears what is said to them alone. People are counted by buckets, so that subscriptions stay few
 * however many people there are; a bucket that nobody needs any more is kept for a while, for who reloads.
 */
import type { UserId } from '../../domain/ids.ts';

/** Enough that three nodes with a few hundred streams each share few of them; few enough to subscribe to all. */
const buckets = 1_024;
const keptMs = 30_000;

/** FNV-1a over UTF-16 units: the same on every node. */
export function bucketOf(personId: UserId): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < personId.length; at += 1)
    hash = Math.imul(hash ^ personId.charCodeAt(at), 0x01000193) >>> 0;
  return hash % buckets;
}

/** `begin` subscribes to a bucket and answers the function that ends it. */
export function createInterest(begin: (bucket: number) => () => void, ms = keptMs) {
  const held = new Map<number, { count: number; end: () => void; timer: NodeJS.Timeout | null }>();
  return {
    /** True where the bucket has only now been subscribed to. */
    attend(personId: UserId): boolean {
      const bucket = bucketOf(personId);
      const one = held.get(bucket);
      if (one === undefined) {
        held.set(bucket, { count: 1, end: begin(bucket), timer: null });
        return true;
      }
      one.count += 1;
      if (one.timer !== null) clearTimeout(one.timer);
      one.timer = null;
      return false;
    },
    leave(personId: UserId): void {
      const bucket = bucketOf(personId);
      const one = held.get(bucket);
      if (one === undefined) return;
      one.count -= 1;
      if (one.count > 0 || one.timer !== null) return;
      one.timer = setTimeout(() => {
        held.delete(bucket);
        one.end();
      }, ms).unref();
    },
    /** Begins everything anew, on a connection that knows none of it. */
    renew(): void {
      for (const [bucket, one] of held) one.end = begin(bucket);
    },
    close(): void {
      for (const { timer } of held.values()) if (timer !== null) clearTimeout(timer);
      held.clear();
    },
  };
}
