/**
 * What Teams says of people, as one source among others: polled for everybody in slices of 650, because Graph
 * tells no program of changes by itself. When Graph falls silent, what it said turns unknown with its age.
 */
import type { UserId } from '../domain/ids.ts';
import type { Publication } from '../domain/presence.ts';
import { SourceFailure, waitAfter } from '../domain/source-failure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { MailboxSource } from '../ports/mailboxes.ts';
import type { Activity, Availability } from '../protocol/vocabulary.ts';
import type { Lease } from './lease.ts';
import type { PresenceService } from './presence.ts';

const minuteMs = 60_000;
export const teamsPlan = {
  perCall: 650,
  /** One round over everybody. */
  everyMs: 30_000,
  silentMs: 3 * minuteMs,
  peopleMs: 15 * minuteMs,
  /** Outlives the connection by so much, where this server ends without a word. */
  leaseMs: 60 * minuteMs,
} as const;

interface Said {
  availability: Availability;
  activity: Activity | null;
  until: number;
  heardAt: number;
  isSilent: boolean;
}

export type TeamsPresence = ReturnType<typeof createTeamsPresence>;

export function createTeamsPresence(options: {
  readonly source: MailboxSource;
  readonly directory: Pick<Directory, 'page'>;
  readonly presence: Pick<PresenceService, 'setSource'>;
  readonly clock: Clock;
  /** Who does not want this. */
  readonly isSwitchedOff: (userId: UserId) => boolean;
  readonly lease: Pick<Lease, 'take' | 'release' | 'everyMs'>;
  readonly onError: (error: unknown) => void;
  readonly chance?: () => number;
}) {
  const { source, directory, presence, clock, isSwitchedOff, lease, onError } = options;
  const chance = options.chance ?? Math.random;
  const said = new Map<UserId, Said>();
  let people: readonly UserId[] = [];
  let peopleAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let closed = false;
  let cancel = () => {};
  let running: Promise<void> = Promise.resolve();

  async function readPeople(now: number): Promise<void> {
    const ids: UserId[] = [];
    let after: UserId | null = null;
    for (;;) {
      const page = await directory.page(after, 1_000);
      for (const { id, external } of page) if (!external) ids.push(id);
      if (page.length < 1_000) break;
      after = page.at(-1)?.id ?? null;
    }
    people = ids;
    peopleAt = now;
  }

  async function round(): Promise<void> {
    const now = clock.now();
    if (now - peopleAt >= teamsPlan.peopleMs) await readPeople(now);
    const wanted = people.filter((id) => !isSwitchedOff(id));
    for (let start = 0; start < wanted.length && !closed; start += teamsPlan.perCall) {
      const slice = wanted.slice(start, start + teamsPlan.perCall);
      const answers = await source.presences(slice);
      for (const id of slice) hear(id, answers.get(id) ?? null, clock.now());
    }
  }

  function hear(
    id: UserId,
    answer: { availability: Availability; activity: Activity | null } | null,
    now: number,
  ): void {
    // Switched off while the answer was under way.
    if (isSwitchedOff(id)) return;
    const earlier = said.get(id);
    if (answer === null || answer.availability === 'unknown') {
      if (earlier !== undefined) forget(id);
      return;
    }
    const { availability, activity } = answer;
    if (
      earlier !== undefined &&
      !earlier.isSilent &&
      earlier.availability === availability &&
      earlier.activity === activity &&
      earlier.until - now > teamsPlan.leaseMs / 2
    ) {
      earlier.heardAt = now;
      return;
    }
    const until = now + teamsPlan.leaseMs;
    said.set(id, { availability, activity, until, heardAt: now, isSilent: false });
    presence.setSource(id, 'teams/', [publicationOf(availability, activity, now, until)]);
  }

  function forget(id: UserId): void {
    said.delete(id);
    presence.setSource(id, 'teams/', []);
  }

  function fallSilent(now: number): void {
    for (const [id, one] of said) {
      if (one.isSilent || now - one.heardAt < teamsPlan.silentMs) continue;
      one.isSilent = true;
      presence.setSource(id, 'teams/', [publicationOf('unknown', null, one.heardAt, null)]);
    }
  }

  function again(afterMs: number): void {
    if (closed) return;
    cancel = clock.after(afterMs, () => {
      running = turn();
    });
  }

  async function turn(): Promise<void> {
    try {
      if (!(await lease.take())) return again(lease.everyMs);
      await round();
      failures = 0;
      again(teamsPlan.everyMs);
    } catch (error) {
      failures += 1;
      onError(error);
      // Silence is looked at while it lasts, also between two tries that lie far apart.
      again(
        Math.min(
          minuteMs,
          waitAfter(failures, error instanceof SourceFailure ? error.retryAfterMs : null, chance()),
        ),
      );
    }
    fallSilent(clock.now());
  }

  return {
    start: (): void => again(0),

    /** Somebody switched this off; what Teams said of them is gone at once. */
    switched(userId: UserId): void {
      if (isSwitchedOff(userId)) forget(userId);
    },

    async close(): Promise<void> {
      closed = true;
      cancel();
      await running;
      await lease.release();
    },
  };
}

const publicationOf = (
  availability: Availability,
  activity: Activity | null,
  now: number,
  expiresAt: number | null,
): Publication => ({
  id: 'teams/presence',
  kind: 'application',
  endpoint: null,
  availability,
  activity,
  inputAt: null,
  device: null,
  subject: null,
  location: null,
  startsAt: null,
  publishedAt: now,
  expiresAt,
});
