/**
 * Group commit: what arrives in one turn of the event loop shares one database transaction. Under load the
 * groups grow by themselves, alone a work waits for nobody. One refused work is undone alone; a failed
 * commit refuses all of its group and the next one starts afresh.
 */
import type { CommittedEvent } from '../../ports/store.ts';
import type { PendingEvent } from './event-log.ts';
import { closed, unavailable } from './failures.ts';
import type { Engine, GroupSession } from './session.ts';

/** Works per group: bounds how long the first of them waits for the last. */
const groupWorks = 500;

/** Work within a group: it adds its events to `events`. */
export type Work<Result> = (session: GroupSession, events: PendingEvent[]) => Promise<Result>;

interface Item {
  readonly locks: readonly string[];
  readonly work: Work<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  outcome: { readonly result: unknown } | { readonly error: unknown } | undefined;
}

export interface GroupCommit {
  /** Runs a work within the next group; see `Store.transaction`. */
  run<Result>(locks: readonly string[], work: Work<Result>): Promise<Result>;
  healthy(): boolean;
  close(): Promise<void>;
}

export function createGroupCommit(
  engine: Engine,
  append: (session: GroupSession, events: readonly PendingEvent[]) => Promise<readonly CommittedEvent[]>,
  onCommitted: (events: readonly CommittedEvent[]) => void,
  onFailed: () => void,
): GroupCommit {
  let waiting: Item[] = [];
  let isRunning = false;
  let isClosed = false;
  let isHealthy = true;
  let onIdle: (() => void) | null = null;

  /** Runs the works one after another; each is undone alone when it throws. */
  const runWorks = async (
    session: GroupSession,
    items: readonly Item[],
  ): Promise<readonly PendingEvent[]> => {
    const events: PendingEvent[] = [];
    for (const item of items) {
      const before = events.length;
      await session.savepoint();
      try {
        item.outcome = { result: await item.work(session, events) };
        await session.release();
      } catch (error) {
        if (session.broken !== null) throw session.broken;
        await session.undo();
        events.length = before;
        item.outcome = { error };
      }
      if (session.broken !== null) throw session.broken;
    }
    return events;
  };

  const runGroup = async (items: readonly Item[]): Promise<void> => {
    let committed: readonly CommittedEvent[];
    try {
      const locks = [...new Set(items.flatMap((item) => item.locks))].sort();
      committed = await engine.group(locks, async (session) => {
        const events = await runWorks(session, items);
        return append(session, events);
      });
      isHealthy = true;
    } catch (error) {
      isHealthy = false;
      const refusal = unavailable(error);
      for (const item of items) item.reject(refusal);
      onFailed();
      return;
    }
    if (committed.length > 0) onCommitted(committed);
    for (const item of items) {
      if (item.outcome !== undefined && 'result' in item.outcome) item.resolve(item.outcome.result);
      else item.reject(item.outcome?.error);
    }
  };

  const runWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      const items = waiting.length <= groupWorks ? waiting : waiting.slice(0, groupWorks);
      waiting = waiting.slice(items.length);
      await runGroup(items);
      // Requests that have arrived meanwhile join the next group instead of making one each.
      if (waiting.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    isRunning = false;
    onIdle?.();
  };

  return {
    run: <Result>(locks: readonly string[], work: Work<Result>) =>
      new Promise<Result>((resolve, reject) => {
        if (isClosed) {
          reject(closed());
          return;
        }
        waiting.push({ locks, work, resolve: resolve as Item['resolve'], reject, outcome: undefined });
        if (isRunning) return;
        isRunning = true;
        setImmediate(runWaiting);
      }),
    healthy: () => isHealthy,
    close: async () => {
      isClosed = true;
      if (isRunning)
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
    },
  };
}
