/** Who listens on one node, and the delivery to them: in order, never inside the turn of who publishes. */
import type { Notice } from '../../ports/bus.ts';

export interface Listeners {
  /** Delivers right after the caller's own turn has ended. */
  deliver(notice: Notice): void;
  subscribe(listener: (notice: Notice) => void): () => void;
  clear(): void;
}

/** `onError` hears of a listener that threw; the other listeners get the notice all the same. */
export function createListeners(onError: (error: unknown) => void): Listeners {
  const listeners = new Set<(notice: Notice) => void>();
  let waiting: Notice[] = [];
  let isClosed = false;

  const run = () => {
    const notices = waiting;
    waiting = [];
    for (const notice of notices) {
      for (const listener of listeners) {
        try {
          listener(notice);
        } catch (error) {
          onError(error);
        }
      }
    }
  };

  return {
    deliver: (notice) => {
      if (isClosed) return;
      waiting.push(notice);
      // A listener that publishes again begins a new round; a caller never finds itself inside a listener.
      if (waiting.length === 1) queueMicrotask(run);
    },
    subscribe: (listener) => {
      // Wrapped, so that the same function given twice is two interests.
      const own = (notice: Notice) => listener(notice);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    clear: () => {
      isClosed = true;
      listeners.clear();
    },
  };
}
