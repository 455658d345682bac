/**
 * Which of several nodes does a work that one must do: a lease in the store, taken again before it ends. A node
 * that dies loses it by its end.
 */
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

const lastsMs = 60_000;

export type Lease = ReturnType<typeof createLease>;

export function createLease(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly name: string;
  readonly nodeId: string;
}) {
  const { store, clock, nodeId } = options;
  const name = `lease/${options.name}`;
  const isMine = (kept: string | null): boolean => {
    if (kept === null) return false;
    const { holder, until } = JSON.parse(kept) as { holder: string; until: number };
    return holder === nodeId && until > clock.now();
  };
  return {
    /** How often to ask again for a lease that another has. */
    everyMs: lastsMs / 2,
    /** Takes it or renews it; false while another node has it. */
    take: (): Promise<boolean> =>
      store.transaction([name], async (tx) => {
        const kept = await tx.sync.state(name);
        if (kept !== null && !isMine(kept) && (JSON.parse(kept) as { until: number }).until > clock.now())
          return false;
        await tx.sync.putState(name, JSON.stringify({ holder: nodeId, until: clock.now() + lastsMs }));
        return true;
      }),
    holds: async (): Promise<boolean> => isMine(await store.sync.state(name)),
    /** Gives it up, so that another node goes on at once. */
    release: (): Promise<void> =>
      store
        .transaction([name], async (tx) => {
          if (isMine(await tx.sync.state(name))) await tx.sync.putState(name, null);
        })
        // It ends by itself.
        .catch(() => {}),
  };
}
