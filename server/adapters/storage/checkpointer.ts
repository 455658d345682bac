/**
 * Decides when the write-ahead log is copied back, and leaves the work to a thread. The log can only begin
 * again from its start when nothing is left in it, so the writer does the few last pages itself.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** About 40 MB of log: large enough that a page which is written often is copied once, small enough for a quick recovery. */
const changesPerCheckpoint = 10_000;

export interface Checkpointer {
  /** Told after every commit; true asks the writer to copy the rest now, before the next group. */
  committed(changes: number): boolean;
  close(): Promise<void>;
}

/** `onLost` is called when there is no thread to do it: then the writer has to do all of it itself. */
export function createCheckpointer(file: string, onLost: () => void): Checkpointer {
  let worker: Worker | null = null;
  let changed = 0;
  let isWorking = false;
  let isRestLeft = false;
  let isLost = false;

  const start = (): Worker => {
    const started = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: { file } });
    started.on('message', ({ left }: { left: number }) => {
      isWorking = false;
      isRestLeft = left > 0;
    });
    started.on('error', () => {
      worker = null;
      isLost = true;
      onLost();
    });
    started.unref();
    return started;
  };

  return {
    committed: (changes) => {
      changed += changes;
      if (changed >= changesPerCheckpoint && !isWorking && !isLost) {
        changed = 0;
        isWorking = true;
        worker ??= start();
        worker.postMessage('checkpoint');
      }
      if (!isRestLeft) return false;
      isRestLeft = false;
      return true;
    },
    close: async () => {
      const stopping = worker;
      if (stopping === null) return;
      worker = null;
      const stopped = once(stopping, 'exit');
      stopping.ref();
      stopping.postMessage('stop');
      await stopped;
    },
  };
}
