/** Keeps the store from growing for ever: what nobody may ask for any more is forgotten, every hour. */
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

const everyMs = 3_600_000;

export function createUpkeep({
  store,
  clock,
  onError,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}) {
  let cancel: (() => void) | null = null;
  let running: Promise<void> = Promise.resolve();

  const schedule = () => {
    cancel = clock.after(everyMs, () => {
      running = store
        .prune()
        // A store in trouble is tried again in an hour; nothing is lost by keeping too much.
        .catch(onError)
        .finally(() => {
          if (cancel !== null) schedule();
        });
    });
  };

  return {
    start: schedule,
    async close(): Promise<void> {
      cancel?.();
      cancel = null;
      await running;
    },
  };
}
