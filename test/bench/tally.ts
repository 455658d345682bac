/**
 * Tells what was superseded from what was lost. A note may give way to the same person's next one before
 * anybody was told of it; what must not happen is that the newest is missing. So where everybody has got a
 * person's newest note, the earlier ones that are missing were superseded; where not, they are lost.
 */

interface Written {
  readonly since: number;
  owed: number;
  came: number;
  newest: number;
  newestOwed: number;
  newestCame: number;
}

export interface Tally {
  /** This author has written something with this stamp, later than all before, which so many get. */
  published(author: number, stamp: number, fanOut: number): void;
  /** One of them got it. What was written before the first `published` is not counted. */
  delivered(author: number, stamp: number): void;
  /** Deliveries that are missing because a later one took their place. */
  superseded(): number;
}

export function createTally(): Tally {
  const written: (Written | undefined)[] = [];
  return {
    published: (author, stamp, fanOut) => {
      const mine = written[author] ?? {
        since: stamp,
        owed: 0,
        came: 0,
        newest: 0,
        newestOwed: 0,
        newestCame: 0,
      };
      written[author] = mine;
      mine.owed += fanOut;
      mine.newest = stamp;
      mine.newestOwed = fanOut;
      mine.newestCame = 0;
    },
    delivered: (author, stamp) => {
      const mine = written[author];
      if (mine === undefined || stamp < mine.since) return;
      mine.came++;
      if (stamp === mine.newest) mine.newestCame++;
    },
    superseded: () =>
      written.reduce(
        (sum, mine) =>
          mine !== undefined && mine.newestCame === mine.newestOwed
            ? sum + Math.max(0, mine.owed - mine.came)
            : sum,
        0,
      ),
  };
}
