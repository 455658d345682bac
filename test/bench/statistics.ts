/**
 * What the bench reckons with: medians and a histogram of latencies. Medians, because the speed of a
 * virtual machine changes within minutes and a mean would carry every hiccup.
 */

/** The middle value; of an even number the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Linear below 64, then 64 steps per doubling: every percentile is right to 1.6 %. */
const STEPS = 64;

export interface Histogram {
  readonly count: number;
  readonly max: number;
  record(value: number): void;
  /** The value at or below which this share (0 to 1) of the records lie; 0 of nothing. */
  percentile(share: number): number;
}

/** Counts values of 0 and more in buckets whose width grows with the value; takes no memory per record. */
export function createHistogram(): Histogram {
  const buckets = new Float64Array(STEPS * 48);
  let count = 0;
  let max = 0;
  return {
    get count() {
      return count;
    },
    get max() {
      return max;
    },
    record: (raw) => {
      const value = Math.max(0, Math.round(raw));
      count++;
      if (value > max) max = value;
      const doublings = value < 2 * STEPS ? 0 : Math.floor(Math.log2(value / STEPS));
      const index = value < STEPS ? value : doublings * STEPS + Math.floor(value / 2 ** doublings);
      buckets[Math.min(index, buckets.length - 1)]! += 1;
    },
    percentile: (share) => {
      const wanted = Math.ceil(share * count);
      let seen = 0;
      for (let index = 0; index < buckets.length; index++) {
        seen += buckets[index] ?? 0;
        if (seen === 0 || seen < wanted) continue;
        if (index < 2 * STEPS) return index;
        const doublings = Math.floor(index / STEPS) - 1;
        return (index - doublings * STEPS) * 2 ** doublings;
      }
      return 0;
    },
  };
}
