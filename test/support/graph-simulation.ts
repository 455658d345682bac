/**
 * A working day of an organisation on Microsoft 365, by a clock that a program moves: the real services ask a
 * Graph that is only counted. Answers how many calls there are at the busiest moment, and how old what is known
 * gets.
 */
import type { UserId } from '../../server/domain/ids.ts';
import type { Publication } from '../../server/domain/presence.ts';
import type { PersonRecord } from '../../server/ports/directory.ts';
import type { MailboxSource } from '../../server/ports/mailboxes.ts';
import { createMailboxes } from '../../server/services/mailboxes.ts';
import { createTeamsPresence } from '../../server/services/teams-presence.ts';
import { createManualClock } from './clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export interface SimulatedDay {
  readonly people: number;
  /** Calls in the busiest ten minutes: `$batch` counts once, its items by mailbox. */
  readonly callsIn10Minutes: number;
  /** Calls in the busiest second. */
  readonly callsInASecond: number;
  /** Requests to the one mailbox that was asked most, in its busiest ten minutes. */
  readonly requestsToAMailbox: number;
  /** Calls of getPresencesByUserId in the busiest 30 s. */
  readonly presenceCallsIn30Seconds: number;
  /** How long after the start everybody had been read once, minutes. */
  readonly startMinutes: number;
  /** Age of what is known of a calendar when it is read again, minutes: the 99th percentile after the start. */
  readonly watchedAgeMinutes: number;
  readonly othersAgeMinutes: number;
}

/** Most in any stretch of `lengthMs`, of moments that are in order. */
function busiest(moments: readonly number[], lengthMs: number): number {
  let most = 0;
  for (let end = 0, start = 0; end < moments.length; end += 1) {
    while ((moments[end] as number) - (moments[start] as number) >= lengthMs) start += 1;
    most = Math.max(most, end - start + 1);
  }
  return most;
}
const p99 = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;

export async function simulateDay(options: {
  readonly people: number;
  readonly watched: number;
  readonly hours: number;
  /** Graph refuses everything between two hours of the day. */
  readonly awayBetween?: readonly [from: number, to: number];
}): Promise<SimulatedDay> {
  const clock = createManualClock();
  const start = clock.now();
  let state = 0x1e11f;
  const chance = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const ids = Array.from(
    { length: options.people },
    (_, at) => `${String(at).padStart(8, '0')}-0000-4000-8000-000000000000` as UserId,
  );
  const watched = new Set(ids.filter((_, at) => at % Math.ceil(options.people / options.watched) === 0));
  const records = ids.map(
    (id) => ({ id, address: `${id}@contoso.example`, external: false }) as PersonRecord,
  );
  const at = new Map(ids.map((id, index) => [id, index]));
  // Five meetings of half an hour in a day for everybody.
  const meetings = new Map(
    ids.map((id) => [
      id,
      Array.from({ length: 5 }, (_, index) => {
        const begins =
          start + Math.floor((chance() * options.hours * hourMs) / (30 * minuteMs)) * 30 * minuteMs;
        return {
          id: String(index),
          startsAt: begins,
          endsAt: begins + 30 * minuteMs,
          kind: 'busy' as const,
          isMeeting: true,
          subject: null,
        };
      }).sort((a, b) => a.startsAt - b.startsAt),
    ]),
  );

  const calls: number[] = [];
  const presenceCalls: number[] = [];
  const byMailbox = new Map<UserId, number[]>();
  const readAt = new Map<UserId, number>();
  const ages: { watched: number[]; others: number[] } = { watched: [], others: [] };
  let allReadAt = 0;
  const asked = (id: UserId) => {
    const list = byMailbox.get(id);
    if (list === undefined) byMailbox.set(id, [clock.now()]);
    else list.push(clock.now());
  };
  const away = () => {
    const hour = (clock.now() - start) / hourMs;
    if (options.awayBetween && hour >= options.awayBetween[0] && hour < options.awayBetween[1])
      throw new Error('Graph is away');
  };
  const source: MailboxSource = {
    async schedules(mailboxes, from, to) {
      calls.push(clock.now());
      asked(mailboxes[0]!.userId);
      away();
      const now = clock.now();
      for (const { userId } of mailboxes) {
        const before = readAt.get(userId);
        if (before === undefined) {
          if (readAt.size === ids.length - 1) allReadAt = now;
        } else if (allReadAt > 0)
          ages[watched.has(userId) ? 'watched' : 'others'].push((now - before) / minuteMs);
        readAt.set(userId, now);
      }
      return mailboxes.map(({ userId }) =>
        meetings.get(userId)!.filter(({ startsAt, endsAt }) => endsAt > from && startsAt < to),
      );
    },
    async replies(list) {
      calls.push(clock.now());
      for (const id of list) asked(id);
      away();
      return list.map(() => null);
    },
    async presences(list) {
      calls.push(clock.now());
      presenceCalls.push(clock.now());
      away();
      return new Map(list.map((id) => [id, { availability: 'available' as const, activity: null }]));
    },
  };
  const lease = { take: async () => true, release: async () => {}, everyMs: 30_000 };
  const parts = {
    source,
    directory: {
      page: async (after: UserId | null, limit: number) => {
        const from = after === null ? 0 : at.get(after)! + 1;
        return records.slice(from, from + limit);
      },
    },
    presence: { setSource: (_id: UserId, _source: string, _items: readonly Publication[]) => {} },
    clock,
    isSwitchedOff: () => false,
    lease,
    onError: () => {},
    chance,
  };
  const mailboxes = createMailboxes({ ...parts, isWatched: (id) => watched.has(id) });
  const teams = createTeamsPresence(parts);
  mailboxes.start();
  teams.start();
  for (let second = 0; second < options.hours * 3_600; second += 1) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all([mailboxes.close(), teams.close()]);
  let requestsToAMailbox = 0;
  for (const moments of byMailbox.values())
    requestsToAMailbox = Math.max(requestsToAMailbox, busiest(moments, 10 * minuteMs));
  return {
    people: options.people,
    callsIn10Minutes: busiest(calls, 10 * minuteMs),
    callsInASecond: busiest(calls, 1_000),
    requestsToAMailbox,
    presenceCallsIn30Seconds: busiest(presenceCalls, 30_000),
    startMinutes: (allReadAt - start) / minuteMs,
    watchedAgeMinutes: p99(ages.watched),
    othersAgeMinutes: p99(ages.others),
  };
}
