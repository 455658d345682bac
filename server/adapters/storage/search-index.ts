/** The full-text index seen from this thread: calls go to the worker, answers come back in their order. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SearchIndex } from '../../ports/search-index.ts';
import type { SearchReply } from './search-worker.ts';

/** Opens the index of a data folder, empty where there is none or none that can be used. */
export function openSearchIndex(folder: string): SearchIndex {
  const worker = new Worker(new URL('./search-worker.ts', import.meta.url), {
    workerData: { file: path.join(folder, 'search.db') },
  });
  // The process may end without waiting for it; what it had not finished is made up for at the next start.
  worker.unref();
  const waiting = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  let calls = 0;
  let failure: Error | null = null;

  worker.on('message', (reply: SearchReply) => {
    const call = waiting.get(reply.call);
    waiting.delete(reply.call);
    if ('error' in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.result as never);
  });
  const failed = (error: Error) => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', failed);
  worker.on('exit', () => failed(new Error('The search index is closed.')));

  const ask = <Result>(name: keyof SearchIndex, ...args: readonly unknown[]): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      if (failure !== null) {
        reject(failure);
        return;
      }
      const call = ++calls;
      waiting.set(call, { resolve, reject });
      worker.postMessage({ call, name, args });
    });

  return {
    position: () => ask('position'),
    update: (entries, position) => ask('update', entries, position),
    remove: (ids) => ask('remove', ids),
    clear: () => ask('clear'),
    find: (query) => ask('find', query),
    close: async () => {
      if (failure === null) await ask('close').catch(() => {});
      await worker.terminate();
    },
  };
}
