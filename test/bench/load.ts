/**
 * One load: so many raw connections that each run a little script, so many publishes, and what came of it.
 * Both generators (this folder's own and, where it is at hand, the C one) take the same load and give the
 * same result, so that a case does not know which of them ran.
 */

/** What a subscriber does before it counts as connected: send a text or bytes, or wait until a text is seen. */
export type Step =
  | { readonly send: string }
  | { readonly sendBytes: readonly number[] }
  | { readonly expect: string };

/**
 * Texts may hold `@I@` (number of the connection, six digits), `@G@` (its group), `@T@` (time stamp, 16
 * digits of µs), `@CL@` (length of what follows the first blank line, five digits), `@1@` to `@9@` (columns
 * of that connection) and `@K@` (what it has kept).
 */
export interface Profile {
  /** The text before a stamp in what subscribers receive. */
  readonly marker: string;
  readonly subscribe: readonly Step[];
  /** What a connection keeps for `@K@` of what its script receives: the first group of this expression. Our own generator only. */
  readonly keeps?: string;
  /** What a stream does to come back in a storm. */
  readonly resubscribe?: readonly Step[];
  /** May hold the author behind the stamp: ` #` and `@I@`. Then our own generator tells superseded from lost. */
  readonly publish: string;
  /** Who publishes does so on their own stream and gets no answer, as in XMPP; `publishers` is 0 then. */
  readonly isPublishedOnStream?: boolean;
}

/** One kind of request in a mix, at its own rate. */
export interface MixedPublish {
  readonly text: string;
  readonly perSecond: number;
  /** Stamped deliveries that one of them leads to; 0 for reads and what carries no stamp. */
  readonly fanOut: number;
}

export interface Load {
  readonly label: string;
  readonly port: number;
  readonly profile: Profile;
  /** One row per connection; connection i has row i modulo their number. */
  readonly columns: readonly (readonly string[])[];
  readonly subscribers: number;
  /** Connection i is in group i modulo groups. */
  readonly groups: number;
  /** Deliveries that one publish leads to. */
  readonly fanOut: number;
  readonly publishers: number;
  /** Publishes per second, spaced evenly and stamped with the time they were due; 0 = as fast as `outstanding` lets. */
  readonly rate: number;
  /** Closed loop: at most so many publishes that have not been delivered to all. */
  readonly outstanding: number;
  /** Several kinds of requests at once, each at its rate, instead of `publish`, `rate` and `fanOut`. Our own generator only. */
  readonly mix?: readonly MixedPublish[];
  /** Streams come at even distances over so many seconds, instead of as fast as they can. Our own generator only. */
  readonly arrivalSeconds?: number;
  /** After a first measurement all streams drop at once and return within this time by `resubscribe`; then it is measured again. Our own generator only. */
  readonly storm?: { readonly returnSeconds: number; readonly settleSeconds: number };
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Quiet time after connecting; memory is read at its end. */
  readonly holdSeconds: number;
  /** Processes whose CPU and memory are counted as the server's. */
  readonly serverPids: readonly number[];
}

/** Times in ms unless named otherwise; null = this generator or this system cannot tell. */
export interface LoadResult {
  readonly generator: 'c' | 'node';
  readonly publishesPerSecond: number;
  readonly eventsPerSecond: number;
  /** Deliveries owed at the end and not come within 10 s, beyond those that were superseded. */
  readonly lost: number;
  /**
   * Deliveries that never came because the same person's next note did, to everybody it was owed to; null =
   * this generator cannot tell, and counts them as lost.
   */
  readonly superseded: number | null;
  /** Publishes answered with 2xx since the start; null = not counted. */
  readonly acknowledged: number | null;
  /** Publishes not answered with 2xx. */
  readonly refused: number;
  /** Connections that the server closed. */
  readonly closed: number;
  readonly cpuMicrosPerEvent: number | null;
  readonly serverCpuPercent: number | null;
  readonly generatorCpuPercent: number;
  /** From the stamp in the publish to the read at the subscriber; null = nothing arrived. */
  readonly deliveryP50: number | null;
  readonly deliveryP99: number | null;
  /** From the publish to its answer. */
  readonly ackP50: number | null;
  readonly ackP99: number | null;
  readonly connectsPerSecond: number;
  readonly connectCpuMicros: number | null;
  readonly idleRssMb: number | null;
  readonly rssKbPerStream: number | null;
  /** Of streams that came at even distances, from opening the connection to the end of the script. */
  readonly arrivals: {
    readonly p50: number | null;
    readonly p99: number | null;
    readonly serverCpuPercent: number | null;
  } | null;
  /** The other figures are those after the storm. */
  readonly storm: {
    readonly deliveryP99Before: number | null;
    readonly cpuPercentMeanwhile: number | null;
    /** From opening the connection to the end of the script. */
    readonly returnP50: number | null;
    readonly returnP99: number | null;
    readonly rssMbBefore: number | null;
    readonly rssMbAfter: number | null;
  } | null;
}

const CONTENT_LENGTH = '@CL@';

/** Fills in one text for one connection. */
export function fillIn(text: string, load: Load, connection: number, stampMicros: number, kept = ''): string {
  const row = load.columns[connection % Math.max(1, load.columns.length)] ?? [];
  const filled = text.replace(/@([IGTK1-9])@/g, (_whole, key: string) => {
    if (key === 'I') return String(connection).padStart(6, '0');
    if (key === 'G') return String(connection % load.groups).padStart(6, '0');
    if (key === 'T') return String(stampMicros).padStart(16, '0');
    if (key === 'K') return kept;
    return row[Number(key) - 1] ?? '';
  });
  if (!filled.includes(CONTENT_LENGTH)) return filled;
  const body = filled.slice(filled.indexOf('\r\n\r\n') + 4);
  return filled.replace(CONTENT_LENGTH, String(Buffer.byteLength(body)).padStart(5, '0'));
}
