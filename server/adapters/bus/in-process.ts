/**
 * The bus of a single node: notices reach the listeners of this process, in order, right after the caller's
 * own turn has ended. Nothing is dropped, so it never reports a gap.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Bus } from '../../ports/bus.ts';
import { createListeners } from './listeners.ts';

/** `onError` hears of a listener that threw; the other listeners get the notice all the same. */
export function createInProcessBus(onError: (error: unknown) => void): Bus {
  const listeners = createListeners(onError);
  return {
    nodeId: 'only',
    isShared: false,
    publish: listeners.deliver,
    subscribe: listeners.subscribe,
    attend: () => null,
    leave: () => {},
    onGap: () => () => {},
    ask: () => Promise.reject(new DomainError('not-found', 'There is no other node.')),
    onAsk: () => {},
    isConnected: () => true,
    trouble: () => null,
    close: async () => listeners.clear(),
  };
}
