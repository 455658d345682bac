/** What a person lets other systems say of them: one switch for each, kept in the store, on until switched off. */
import type { UserId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { type Connections as ConnectionsAnswer, connectionNames } from '../protocol/connections.ts';

type ConnectionSwitches = Readonly<Record<(typeof connectionNames)[number], boolean>>;

const prefix = 'switches/';
const allOn: ConnectionSwitches = { exchange: true, teams: true };

export type Connections = Awaited<ReturnType<typeof createConnections>>;

/** How often what other nodes were told is looked up. */
const refreshMs = 30_000;

/** Loads everybody's switches. */
export async function createConnections(options: {
  readonly store: Store;
  readonly clock: Clock;
  /** What this server reads at all. */
  readonly offered: readonly (typeof connectionNames)[number][];
  /** Whose mailbox may not be read, for want of a consent. */
  readonly isConsentMissing?: (userId: UserId) => boolean;
  /** True where other nodes may be told as well. */
  readonly isShared: boolean;
  readonly onError: (error: unknown) => void;
}) {
  const { store, clock, offered, onError } = options;
  let switches = new Map<UserId, ConnectionSwitches>();
  const listeners: ((userId: UserId) => void)[] = [];

  async function refresh(): Promise<void> {
    const rows = await store.sync.states(prefix);
    const earlier = switches;
    switches = new Map(
      rows.map(({ name, body }) => [name.slice(prefix.length) as UserId, { ...allOn, ...JSON.parse(body) }]),
    );
    for (const id of new Set([...earlier.keys(), ...switches.keys()]))
      if (
        connectionNames.some((name) => (earlier.get(id) ?? allOn)[name] !== (switches.get(id) ?? allOn)[name])
      )
        for (const listener of listeners) listener(id);
  }
  await refresh();
  const answer = (userId: UserId, kept: ConnectionSwitches): ConnectionsAnswer => ({
    exchange: offered.includes('exchange') ? kept.exchange : null,
    teams: offered.includes('teams') ? kept.teams : null,
    ...(kept.exchange && options.isConsentMissing?.(userId) === true
      ? { exchangeState: 'consent-missing' as const }
      : {}),
  });
  let cancel = () => {};
  const refreshAgain = () => {
    cancel = clock.after(refreshMs, () => {
      refresh().catch(onError);
      refreshAgain();
    });
  };
  if (options.isShared) refreshAgain();

  return {
    close: (): void => cancel(),
    get: (userId: UserId): ConnectionsAnswer => answer(userId, switches.get(userId) ?? allOn),
    isOff: (userId: UserId, name: keyof ConnectionSwitches): boolean =>
      switches.get(userId)?.[name] === false,

    /** Switches; what is not named stays. Durable when it resolves, and in force. */
    async put(userId: UserId, input: Partial<ConnectionSwitches>): Promise<ConnectionsAnswer> {
      const name = `${prefix}${userId}`;
      const changed = await store.transaction([name], async (tx) => {
        const kept = await tx.sync.state(name);
        const next = { ...allOn, ...(kept === null ? {} : JSON.parse(kept)), ...input } as ConnectionSwitches;
        await tx.sync.putState(
          name,
          connectionNames.every((each) => next[each]) ? null : JSON.stringify(next),
        );
        return next;
      });
      switches.set(userId, changed);
      for (const listener of listeners) listener(userId);
      return answer(userId, changed);
    },

    onSwitched(listener: (userId: UserId) => void): void {
      listeners.push(listener);
    },
  };
}
