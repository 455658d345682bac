/**
 * What the administrator decides: kept as one document, put in force on this node as it is committed. Knows
 * the defaults; presence, contacts and quotas ask it.
 */
import type { CustomActivity } from '../domain/bands.ts';
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Store } from '../ports/store.ts';
import type { Policy, PolicyInput } from '../protocol/policy.ts';
import type { Audit } from './audit.ts';
import { defaultPresencePolicy, type PresencePolicy } from './presence-policy.ts';

/** Watching is not limited in a demo, where everybody is alice; elsewhere these numbers hold (issue: anti-stalking). */
const watchingDefaults = { people: 1_000, strangersPerHour: 300, grants: [] };

/** The policy of an organisation that has decided nothing. */
export function defaultPolicy(options: { isDemo: boolean }): Policy {
  const { idleAfterMs, awayAfterMs, appearOffline, coarse, showLastActive, showMeetingSubject } =
    defaultPresencePolicy;
  return {
    presence: {
      idleAfterSeconds: idleAfterMs / 1_000,
      awayAfterSeconds: awayAfterMs / 1_000,
      appearOffline,
      coarse,
      showLastActive,
      showMeetingSubject,
      activities: [],
    },
    privacy: { mode: 'open' },
    contacts: { teamGroup: false },
    watching: options.isDemo ? { people: null, strangersPerHour: null, grants: [] } : watchingDefaults,
  };
}

/** What presence is reckoned by, out of the wire form. */
export function toPresencePolicy({ presence, privacy }: Policy): PresencePolicy {
  return {
    idleAfterMs: presence.idleAfterSeconds * 1_000,
    awayAfterMs: presence.awayAfterSeconds * 1_000,
    appearOffline: presence.appearOffline,
    coarse: presence.coarse,
    showLastActive: presence.showLastActive,
    showMeetingSubject: presence.showMeetingSubject,
    custom: new Map(presence.activities.map((activity) => [activity.id, activity as CustomActivity])),
    defaultMode: privacy.mode,
  };
}

export type PolicyService = Awaited<ReturnType<typeof createPolicy>>;

/** Loads what was decided. */
export async function createPolicy(options: {
  store: Store;
  bus: Bus;
  isDemo: boolean;
  onError: (error: unknown) => void;
  audit: Pick<Audit, 'recordIn'>;
}) {
  const { store, bus, audit } = options;
  const defaults = defaultPolicy(options);
  let current = merge(defaults, ((await store.presence.policy()) as PolicyInput | null) ?? {});
  const listeners: ((policy: Policy) => void | Promise<void>)[] = [];

  async function enforce(policy: Policy): Promise<void> {
    current = policy;
    for (const listener of listeners) await listener(policy);
  }

  /** Puts in force what another node has stored. */
  async function reload(): Promise<void> {
    const stored = merge(defaults, ((await store.presence.policy()) as PolicyInput | null) ?? {});
    if (JSON.stringify(stored) !== JSON.stringify(current)) await enforce(stored);
  }
  bus.subscribe((notice) => {
    if (notice.kind === 'policy' && notice.nodeId !== bus.nodeId) reload().catch(options.onError);
  });
  bus.onGap(() => {
    reload().catch(options.onError);
  });

  return {
    current: (): Policy => current,

    /** Changes what is named; durable and in force on this node when it resolves. */
    async put(actorId: UserId, input: PolicyInput): Promise<Policy> {
      const after = await store.transaction(['policy'], async (tx) => {
        const kept = ((await tx.presence.policy()) as PolicyInput | null) ?? {};
        const changed = merge(merge(defaults, kept), input);
        check(changed);
        await tx.presence.putPolicy(changed);
        await audit.recordIn(tx, actorId, 'policy.change', input);
        return changed;
      });
      if (bus.isShared) bus.publish({ kind: 'policy', nodeId: bus.nodeId });
      await enforce(after);
      return after;
    },

    /** Registers who puts a new policy into force. */
    onChange(listener: (policy: Policy) => void | Promise<void>): void {
      listeners.push(listener);
    },
  };
}

const merge = (policy: Policy, input: PolicyInput): Policy =>
  ({
    presence: { ...policy.presence, ...input.presence },
    privacy: { ...policy.privacy, ...input.privacy },
    contacts: { ...policy.contacts, ...input.contacts },
    watching: { ...policy.watching, ...input.watching },
  }) as Policy;

function check({ presence }: Policy): void {
  const wrong = (pointer: string, message: string) =>
    new DomainError('invalid-input', `The policy is not taken: ${message}.`, {
      errors: [{ pointer, message }],
    });
  if (presence.awayAfterSeconds <= presence.idleAfterSeconds)
    throw wrong('/presence/awayAfterSeconds', 'away comes after idle');
  const ids = presence.activities.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw wrong('/presence/activities', 'an activity is defined twice');
}
