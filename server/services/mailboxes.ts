/**
 * Meetings and absences of people who have their mailbox in Microsoft 365, as publications. Everybody is read in
 * turn, twenty at a time: whom somebody watches often, others seldom, and everybody shortly before what is known
 * to begin or end, because that is when it matters whether it still does. What has not been heard for long
 * turns unknown; when Graph returns, people are read in turn again and not all at once.
 */
import type { UserId } from '../domain/ids.ts';
import { automaticReplyId, type Publication } from '../domain/presence.ts';
import { SourceFailure } from '../domain/source-failure.ts';
import type { BusyTime } from '../ports/calendar.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { AutomaticReply, Mailbox, MailboxSource } from '../ports/mailboxes.ts';
import type { Lease } from './lease.ts';
import type { PresenceService } from './presence.ts';
import { createSchedule, type Scheduled } from './schedule.ts';

const minuteMs = 60_000;
/** The whole plan of asking; docs/OPERATIONS.md reckons it against Graph's limits. */
export const mailboxPlan = {
  perCall: 20,
  watchedMs: 5 * minuteMs,
  othersMs: 60 * minuteMs,
  /** So long before something known begins or ends. */
  aheadOfChangeMs: minuteMs,
  /** Between two calls, so that no hour begins with a burst. */
  paceMs: 1_000,
  /** Everybody's first reading is spread over this. */
  startMs: 10 * minuteMs,
  /** A mailbox that cannot be read is tried again a day later. */
  unreadableMs: 24 * 60 * minuteMs,
  /** After this without an answer, what was heard turns unknown. */
  silentMs: 2 * 60 * minuteMs,
  /** How often the people and who is watched are looked through. */
  sweepMs: minuteMs,
  peopleMs: 15 * minuteMs,
} as const;

const aheadMs = 24 * 60 * minuteMs;
const publishedMost = 16;

interface Entry extends Scheduled, Mailbox {
  times: readonly BusyTime[];
  reply: AutomaticReply | null;
  readAt: number;
  isSilent: boolean;
  isWaiting: boolean;
  isHere: boolean;
}

export type Mailboxes = ReturnType<typeof createMailboxes>;

export function createMailboxes(options: {
  readonly source: MailboxSource;
  readonly directory: Pick<Directory, 'page'>;
  readonly presence: Pick<PresenceService, 'setSource'>;
  readonly clock: Clock;
  readonly isWatched: (userId: UserId) => boolean;
  /** Who does not want this. */
  readonly isSwitchedOff: (userId: UserId) => boolean;
  /** Whom the source can read now; everybody where this is absent. */
  readonly reaches?: (userId: UserId) => boolean;
  readonly lease: Pick<Lease, 'take' | 'release' | 'everyMs'>;
  readonly onError: (error: unknown) => void;
  /** From 0 to 1. */
  readonly chance?: () => number;
}) {
  const { source, directory, presence, clock, isWatched, isSwitchedOff, lease, onError } = options;
  const chance = options.chance ?? Math.random;
  const reaches = options.reaches ?? (() => true);
  const entries = new Map<UserId, Entry>();
  /** Due people, those first whom somebody watches. */
  const due: { watched: Entry[]; others: Entry[] } = { watched: [], others: [] };
  let peopleAt = Number.NEGATIVE_INFINITY;
  let heldUntil = Number.NEGATIVE_INFINITY;
  let isAsking = false;
  let closed = false;
  let cancelPace = () => {};
  let cancelSweep = () => {};

  const schedule = createSchedule<Entry>(clock, (entry) => {
    if (!entry.isHere || entry.isWaiting) return;
    entry.isWaiting = true;
    (isWatched(entry.userId) ? due.watched : due.others).push(entry);
  });

  function nextBatch(): Entry[] {
    const batch: Entry[] = [];
    for (const queue of [due.watched, due.others])
      while (batch.length < mailboxPlan.perCall) {
        const entry = queue.shift();
        if (entry === undefined) break;
        entry.isWaiting = false;
        // Who is out of reach is due again on coming back, by `reached`.
        if (entry.isHere && reaches(entry.userId) && !isSwitchedOff(entry.userId)) batch.push(entry);
      }
    return batch;
  }

  async function ask(batch: readonly Entry[]): Promise<void> {
    const now = clock.now();
    const times = await source.schedules(batch, now - minuteMs, now + aheadMs);
    const replies = await source.replies(batch.map(({ userId }) => userId));
    const at = clock.now();
    for (const [index, entry] of batch.entries()) {
      const found = times[index];
      const reply = replies[index];
      if (found === undefined) {
        schedule.at(entry, at + mailboxPlan.watchedMs);
        continue;
      }
      if (reply !== undefined) entry.reply = reply;
      if (found === null) {
        entry.times = [];
        schedule.at(entry, at + mailboxPlan.unreadableMs);
      } else {
        entry.times = found;
        schedule.at(entry, nextReading(entry, at));
      }
      entry.readAt = at;
      entry.isSilent = false;
      publish(entry, at);
    }
  }

  /** When to read again: by turn, and shortly before the next thing that is known to change. */
  function nextReading({ userId, times, reply }: Entry, now: number): number {
    let next = now + (isWatched(userId) ? mailboxPlan.watchedMs : mailboxPlan.othersMs);
    const changes = [
      ...times.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]),
      reply?.from,
      reply?.until,
    ];
    for (const change of changes) {
      if (change == null) continue;
      const at = change - mailboxPlan.aheadOfChangeMs;
      if (at > now + mailboxPlan.aheadOfChangeMs && at < next) next = at;
    }
    return next;
  }

  function publish(entry: Entry, now: number): void {
    const { reply } = entry;
    const items = entry.times
      .filter(({ kind, endsAt }) => kind !== 'tentative' && endsAt > now)
      .slice(0, publishedMost)
      .map((time, index) => toPublication(time, index, now));
    if (reply !== null && (reply.until === null || reply.until > now))
      items.push({
        ...publicationOf(automaticReplyId, now),
        availability: 'away',
        activity: 'out-of-office',
        subject: reply.note,
        startsAt: reply.from,
        expiresAt: reply.until,
      });
    presence.setSource(entry.userId, 'exchange/', items);
  }

  /** One call in each beat, while anybody is due and Graph takes calls. */
  function beat(): void {
    if (closed) return;
    cancelPace = clock.after(mailboxPlan.paceMs, beat);
    if (isAsking || clock.now() < heldUntil || due.watched.length + due.others.length === 0) return;
    const batch = nextBatch();
    if (batch.length === 0) return;
    isAsking = true;
    ask(batch)
      .catch((error: unknown) => {
        onError(error);
        // They stay due, in a moment of their own each; the pace keeps them from coming all at once.
        const wait = Math.max(
          5_000,
          (error instanceof SourceFailure ? error.retryAfterMs : null) ?? minuteMs,
        );
        heldUntil = clock.now() + wait;
        for (const entry of batch) schedule.at(entry, heldUntil + chance() * wait);
      })
      .finally(() => {
        isAsking = false;
      });
  }

  /** Takes in who came and went, moves whom somebody now watches forward, and lets old knowledge turn unknown. */
  async function sweep(): Promise<void> {
    const now = clock.now();
    if (now - peopleAt >= mailboxPlan.peopleMs) {
      await readPeople(now);
      peopleAt = now;
    }
    for (const entry of entries.values()) {
      if (entry.readAt !== Number.NEGATIVE_INFINITY) {
        if (isWatched(entry.userId)) schedule.at(entry, Math.max(now, entry.readAt + mailboxPlan.watchedMs));
        // Of whom nothing was said there is nothing to grow old.
        const saysSomething = entry.times.length > 0 || entry.reply !== null;
        const isOld = now - entry.readAt >= mailboxPlan.silentMs;
        if (isOld && saysSomething && !entry.isSilent && !isSwitchedOff(entry.userId)) fallSilent(entry);
      }
    }
  }
  function fallSilent(entry: Entry): void {
    entry.isSilent = true;
    // Who has left for the day is not missing: of them it is unknown until what was known would have ended.
    const expiresAt = reaches(entry.userId) ? null : lastEnd(entry);
    presence.setSource(
      entry.userId,
      'exchange/',
      expiresAt !== null && expiresAt <= clock.now()
        ? []
        : [{ ...publicationOf('exchange/silent', entry.readAt), availability: 'unknown', expiresAt }],
    );
  }

  async function readPeople(now: number): Promise<void> {
    const seen = new Set<UserId>();
    let after: UserId | null = null;
    for (;;) {
      const page = await directory.page(after, 1_000);
      for (const { id, address, external } of page) {
        if (external || address === '') continue;
        seen.add(id);
        const known = entries.get(id);
        if (known !== undefined && known.address === address) continue;
        const entry: Entry = {
          userId: id,
          address,
          scheduledAt: Number.POSITIVE_INFINITY,
          times: [],
          reply: null,
          readAt: Number.NEGATIVE_INFINITY,
          isSilent: false,
          isWaiting: false,
          isHere: true,
        };
        if (known !== undefined) known.isHere = false;
        entries.set(id, entry);
        schedule.at(entry, now + (isWatched(id) ? 0 : chance() * mailboxPlan.startMs));
      }
      if (page.length < 1_000) break;
      after = page.at(-1)?.id ?? null;
    }
    for (const [id, entry] of entries)
      if (!seen.has(id)) {
        entry.isHere = false;
        entries.delete(id);
        presence.setSource(id, 'exchange/', []);
      }
  }

  function sweepAgain(afterMs: number): void {
    if (closed) return;
    cancelSweep = clock.after(afterMs, () => {
      lease
        .take()
        .then(async (isOurs) => {
          if (isOurs) await sweep();
          sweepAgain(isOurs ? mailboxPlan.sweepMs / 2 : lease.everyMs);
        })
        .catch((error: unknown) => {
          onError(error);
          sweepAgain(mailboxPlan.sweepMs);
        });
    });
  }

  return {
    start(): void {
      sweepAgain(0);
      cancelPace = clock.after(mailboxPlan.paceMs, beat);
    },

    /** What is known of somebody's time, on the node that reads it; nothing once it has grown too old. */
    timesOf(userId: UserId): readonly BusyTime[] {
      const entry = entries.get(userId);
      return entry === undefined || entry.isSilent || isSwitchedOff(userId) ? [] : entry.times;
    },

    /** Somebody switched this off, or on again. */
    switched(userId: UserId): void {
      const entry = entries.get(userId);
      if (isSwitchedOff(userId)) presence.setSource(userId, 'exchange/', []);
      else if (entry !== undefined) schedule.at(entry, clock.now());
    },

    /** Somebody can be read who could not. */
    reached(userId: UserId): void {
      const entry = entries.get(userId);
      if (entry !== undefined) schedule.at(entry, clock.now());
    },

    async close(): Promise<void> {
      closed = true;
      cancelPace();
      cancelSweep();
      schedule.close();
      await lease.release();
    },
  };
}

/** When the last thing ends that is known of somebody; null = it has no end. */
function lastEnd({ times, reply }: Pick<Entry, 'times' | 'reply'>): number | null {
  if (reply !== null && reply.until === null) return null;
  return Math.max(...times.map(({ endsAt }) => endsAt), reply?.until ?? 0);
}

const publicationOf = (id: string, now: number): Publication => ({
  id,
  kind: 'calendar',
  endpoint: null,
  availability: 'busy',
  activity: null,
  inputAt: null,
  device: null,
  subject: null,
  location: null,
  startsAt: null,
  publishedAt: now,
  expiresAt: null,
});

const toPublication = (time: BusyTime, index: number, now: number): Publication => ({
  ...publicationOf(`exchange/${index}`, now),
  ...(time.kind === 'out-of-office'
    ? { availability: 'away', activity: 'out-of-office' }
    : { activity: time.isMeeting ? 'in-a-meeting' : null }),
  subject: time.subject,
  startsAt: time.startsAt,
  expiresAt: time.endsAt,
});
