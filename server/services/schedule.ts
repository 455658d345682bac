/**
 * When to look at whom again: one timer for a whole organisation, whatever the number of expiries. Later
 * dates of somebody who is already scheduled cost nothing: at the earlier date they are looked at, and
 * scheduled anew.
 */
import type { Clock } from '../ports/clock.ts';

/** Something that can be scheduled; `scheduledAt` belongs to the schedule (Infinity = not scheduled). */
export interface Scheduled {
  scheduledAt: number;
}

export interface Schedule<Item extends Scheduled> {
  /** Has the item visited at `at` or earlier; an item that is scheduled sooner stays so. */
  at(item: Item, at: number): void;
  /** Cancels everything. */
  close(): void;
}

/** Visits at one timer beat are done in slices, so that a mass expiry does not hold up everybody's requests. */
const visitsPerSlice = 2_000;

/** Makes a schedule; `visit` is told when an item is due and may schedule it again. */
export function createSchedule<Item extends Scheduled>(
  clock: Clock,
  visit: (item: Item, now: number) => void,
): Schedule<Item> {
  // A binary heap in two arrays: when, and whom. Entries of items that were rescheduled sooner are stale.
  const times: number[] = [];
  const items: Item[] = [];
  let armedAt = Number.POSITIVE_INFINITY;
  let cancel = () => {};

  function push(at: number, item: Item): void {
    let index = times.length;
    times.push(at);
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (times[parent]! <= at) break;
      times[index] = times[parent]!;
      items[index] = items[parent]!;
      index = parent;
    }
    times[index] = at;
    items[index] = item;
  }

  function pop(): Item {
    const top = items[0]!;
    const at = times.pop()!;
    const item = items.pop()!;
    const length = times.length;
    if (length > 0) {
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= length) break;
        if (child + 1 < length && times[child + 1]! < times[child]!) child += 1;
        if (times[child]! >= at) break;
        times[index] = times[child]!;
        items[index] = items[child]!;
        index = child;
      }
      times[index] = at;
      items[index] = item;
    }
    return top;
  }

  function arm(now: number): void {
    const next = times[0];
    if (next === undefined || next >= armedAt) return;
    cancel();
    armedAt = next;
    // Timers reach 24 days at most; a longer wait looks again in between.
    cancel = clock.after(Math.min(Math.max(0, next - now), 86_400_000), run);
  }

  function run(): void {
    armedAt = Number.POSITIVE_INFINITY;
    const now = clock.now();
    for (let visits = 0; times.length > 0 && times[0]! <= now; visits += 1) {
      if (visits === visitsPerSlice) break;
      const at = times[0]!;
      const item = pop();
      if (item.scheduledAt !== at) continue;
      item.scheduledAt = Number.POSITIVE_INFINITY;
      visit(item, now);
    }
    arm(now);
  }

  return {
    at(item, at) {
      if (at >= item.scheduledAt) return;
      item.scheduledAt = at;
      push(at, item);
      arm(clock.now());
    },
    close() {
      cancel();
      armedAt = Number.NEGATIVE_INFINITY;
      times.length = 0;
      items.length = 0;
    },
  };
}
