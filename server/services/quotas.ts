/**
 * How much one may watch and ask (anti-stalking): people beside one's contacts, in numbers per stream and
 * per hour. Counted in memory; each node
 * tells the others whom somebody asked about, so that nobody asks more by asking elsewhere. A grant of the policy lifts both.
 */
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { PolicyService } from './policy.ts';

const hourMs = 3_600_000;
/** About 10 MB; past it the oldest hours are forgotten, which favours the caller. */
const callersMost = 20_000;

export interface Caller {
  readonly userId: UserId;
  readonly kind: 'person' | 'application';
}

export type Quotas = ReturnType<typeof createQuotas>;

export function createQuotas(options: {
  clock: Clock;
  bus: Bus;
  policy: Pick<PolicyService, 'current'>;
  contactsOf: (userId: UserId) => Promise<readonly UserId[]>;
}) {
  const { clock, bus, policy, contactsOf } = options;
  const hours = new Map<UserId, { readonly until: number; readonly asked: Set<string> }>();

  function hourOf(userId: UserId, now: number) {
    const earlier = hours.get(userId);
    return earlier !== undefined && earlier.until > now
      ? earlier
      : { until: now + hourMs, asked: new Set<string>() };
  }

  bus.subscribe((notice) => {
    if (notice.kind !== 'asked' || notice.nodeId === bus.nodeId) return;
    const { until, asked } = hourOf(notice.personId, clock.now());
    if (hours.size >= callersMost) hours.clear();
    hours.set(notice.personId, { until, asked: new Set([...asked, ...notice.ids]) });
  });

  // Applications have rights of their own, given with their registration.
  const isGranted = ({ userId, kind }: Caller): boolean =>
    kind === 'application' || policy.current().watching.grants.includes(userId);

  return {
    /** How many people this caller may watch on one stream; null = as many as a stream takes. */
    watchedMost(caller: Caller): number | null {
      return isGranted(caller) ? null : policy.current().watching.people;
    },

    /**
     * Counts the people asked about in this hour; throws `policy-quota` where more of them than allowed are
     * strangers. A refused question is not counted.
     */
    async ask(caller: Caller, ids: readonly string[]): Promise<void> {
      const most = policy.current().watching.strangersPerHour;
      if (most === null || isGranted(caller)) return;
      const now = clock.now();
      const hour = hourOf(caller.userId, now);
      const asked = new Set(hour.asked);
      for (const id of ids) if (id !== caller.userId) asked.add(id.toLowerCase());
      if (asked.size > most) {
        for (const contact of await contactsOf(caller.userId)) asked.delete(contact);
        if (asked.size > most)
          throw new DomainError(
            'policy-quota',
            `You asked about more than ${most} people in an hour who are not your contacts; the policy does not allow it.`,
          );
      }
      if (hours.size >= callersMost) hours.clear();
      hours.set(caller.userId, { until: hour.until, asked });
      const fresh = [...asked].filter((id) => !hour.asked.has(id));
      if (bus.isShared && fresh.length > 0)
        bus.publish({ kind: 'asked', personId: caller.userId, ids: fresh, nodeId: bus.nodeId });
    },
  };
}
