/**
 * The order in which a node hands out the log: its own commits at once, those of others once they are read,
 * none before what comes earlier. Other nodes say for whom their events are; what is for nobody here is
 * passed over without being read, and what nobody told of is always read. Knows no streams and no bytes;
 * services/event-stream.ts calls it.
 */
import type { UserId } from '../domain/ids.ts';
import type { Notice } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { CommittedEvent, EventReads } from '../ports/store.ts';

/** An event of which this node knows nothing but for whom it is. */
export type Told = Pick<CommittedEvent, 'seq' | 'recipients'>;

/** How long news of other nodes gather before they are read. */
const gatherMs = 4;
const retryMs = 250;
const eventsPerRead = 1_000;
/** What is known beyond a gap; further ones are read when it is closed. */
const mostAhead = 5_000;

const isWhole = (event: Told): event is CommittedEvent => 'json' in event;

export type LogFollower = ReturnType<typeof createLogFollower>;

export function createLogFollower(options: {
  events: Pick<EventReads, 'after' | 'lastSeq'>;
  clock: Clock;
  isShared: boolean;
  /** The highest event number when the node started. */
  lastSeq: number;
  /** True where one of them has to be told on this node. */
  isHere: (recipients: readonly UserId[]) => boolean;
  handOut: (event: CommittedEvent) => void;
  /** An event for nobody here: that it was is all there is to know of it. */
  pass: (event: Told) => void;
  onError: (error: unknown) => void;
}) {
  const { events, clock, isShared, isHere } = options;
  /** Every event up to here has been handed out or passed, in order. */
  let handedOut = options.lastSeq;
  let knownSeq = options.lastSeq;
  const ahead = new Map<number, Told>();
  let isReading = false;
  let isReadingSoon = false;
  let isClosed = false;

  function take(event: Told): void {
    handedOut = event.seq;
    ahead.delete(event.seq);
    if (isWhole(event)) options.handOut(event);
    else options.pass(event);
  }

  /** Whether somebody is here is asked at the very moment: a stream that begins later begins behind the event. */
  const isToRead = (event: Told): boolean => !isWhole(event) && isHere(event.recipients);

  /** Hands out as far as nothing is missing. */
  function advance(): void {
    for (;;) {
      const next = ahead.get(handedOut + 1);
      if (next === undefined || isToRead(next)) return;
      take(next);
    }
  }

  /** The same up to an event that was read; false where one before it must be read first. */
  function advanceTo(seq: number, leftOut: ReadonlySet<number>): boolean {
    for (;;) {
      advance();
      if (handedOut + 1 >= seq) return true;
      if (leftOut.has(handedOut + 1)) return false;
      // Neither known nor read, although a later one was: it is not there any more.
      handedOut += 1;
      ahead.delete(handedOut);
    }
  }

  async function read(): Promise<void> {
    for (;;) {
      advance();
      if (handedOut >= knownSeq || isClosed) return;
      const known = knownSeq;
      const leftOut = new Set<number>();
      for (const event of ahead.values()) if (!isToRead(event)) leftOut.add(event.seq);
      const found = await events.after(handedOut, eventsPerRead, [...leftOut]);
      for (const event of found) {
        if (!advanceTo(event.seq, leftOut)) break;
        if (event.seq > handedOut) take(event);
      }
      // Told of more, or somebody came meanwhile; otherwise there is nothing that could be read now.
      if (found.length === 0 && knownSeq === known && !leftOut.has(handedOut + 1)) return;
    }
  }

  function catchUp(seq: number): void {
    if (seq > knownSeq) knownSeq = seq;
    if (isReading || handedOut >= knownSeq || isClosed) return;
    isReading = true;
    read()
      .catch((error) => {
        options.onError(error);
        clock.after(retryMs, () => catchUp(knownSeq));
      })
      .finally(() => {
        isReading = false;
      });
  }

  /** News of other nodes come one commit at a time; read together they cost a fraction. */
  function catchUpSoon(): void {
    advance();
    if (handedOut >= knownSeq || isReadingSoon) return;
    if (!isShared) {
      catchUp(knownSeq);
      return;
    }
    isReadingSoon = true;
    clock.after(gatherMs, () => {
      isReadingSoon = false;
      catchUp(knownSeq);
    });
  }

  function know(event: Told): void {
    if (event.seq > knownSeq) knownSeq = event.seq;
    if (event.seq <= handedOut) return;
    if (event.seq === handedOut + 1 && !isToRead(event)) take(event);
    // While something is read nothing that was known is forgotten: what was left out of the reading counts on it.
    else if (ahead.has(event.seq) ? isWhole(event) : ahead.size < mostAhead) ahead.set(event.seq, event);
  }

  return {
    handedOut: (): number => handedOut,
    knownSeq: (): number => knownSeq,

    /** This node has committed these, in the order of the log; a gap means that another wrote between. */
    committed(own: readonly CommittedEvent[]): void {
      for (const event of own) know(event);
      catchUpSoon();
    },

    /** Events up to `seq` are committed; for whom the last ones are, oldest first, where that was told. */
    told(seq: number, recipients: readonly (readonly UserId[])[] = []): void {
      for (const [at, people] of recipients.entries())
        know({ seq: seq - recipients.length + 1 + at, recipients: people });
      if (seq > knownSeq) knownSeq = seq;
      catchUpSoon();
    },

    /** Reads from the store what is missing up to `seq`. */
    catchUp,

    /** Notices may have been missed: the log itself is looked at. */
    look(): void {
      events.lastSeq().then(catchUp, options.onError);
    },

    close(): void {
      isClosed = true;
    },
  };
}

/** Ids in one notice, 37 bytes each: beyond, who hears it reads for itself. */
const mostIds = 2_000;

/** What is said of a commit to other nodes; null where there were no events. */
export function noticeOf(committed: readonly CommittedEvent[]): Notice | null {
  const last = committed.at(-1);
  if (last === undefined) return null;
  const ids = committed.reduce((sum, { recipients }) => sum + recipients.length, 0);
  return {
    kind: 'events',
    seq: last.seq,
    ...(ids > mostIds ? {} : { recipients: committed.map(({ recipients }) => recipients) }),
  };
}
