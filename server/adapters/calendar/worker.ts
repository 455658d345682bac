/** The worker of reader.ts: a calendar or cards in, what they say out. Nothing else of the server is in here. */
import { parentPort } from 'node:worker_threads';
import { readCards } from './cards.ts';
import { type ExpandInput, expand } from './expand.ts';

/** What the worker is asked for. */
export type Task =
  | { readonly kind: 'calendar'; readonly input: ExpandInput }
  | { readonly kind: 'cards'; readonly text: string; readonly most: number };

parentPort?.on('message', (task: Task) => {
  try {
    const read = task.kind === 'calendar' ? expand(task.input) : readCards(task.text, task.most);
    parentPort?.postMessage({ read });
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
});
