/**
 * Looks again, in the store, whether open streams still have the right that they were opened with. Between
 * nodes a revocation travels by a notice, which may be lost; then this is what ends the streams. Every
 * stream is looked at once in `everySeconds`, a part of them each second, in one read for all of a part.
 */
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Identity } from '../ports/identity.ts';
import type { EventStream } from './event-stream.ts';

/** How long a stream may outlive its right where the bus has lost the notice: this and a few seconds. */
export const everySeconds = 30;

export function createStreamRights(options: {
  eventStream: Pick<EventStream, 'rights' | 'endRight'>;
  identity: Pick<Identity, 'ended'>;
  bus: Pick<Bus, 'isShared'>;
  clock: Clock;
  onError: (error: unknown) => void;
}) {
  const { eventStream, identity, bus, clock, onError } = options;
  let second = 0;
  let cancel: (() => void) | null = null;
  let looking: Promise<void> = Promise.resolve();

  async function look(part: number): Promise<void> {
    const rights = eventStream.rights(part, everySeconds);
    if (rights.length === 0) return;
    for (const ended of await identity.ended(rights)) eventStream.endRight(ended);
  }

  function schedule(): void {
    cancel = clock.after(1_000, () => {
      second = (second + 1) % everySeconds;
      const part = second;
      // One after the other: a store that has become slow is not asked by more and more at once.
      looking = looking.then(() => look(part)).catch(onError);
      schedule();
    });
  }

  return {
    /** On one node alone no notice is lost, and there is nothing to look for. */
    start(): void {
      if (bus.isShared) schedule();
    },
    async close(): Promise<void> {
      cancel?.();
      cancel = null;
      await looking;
    },
  };
}
