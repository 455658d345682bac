/**
 * Copies the write-ahead log back into the database file, on a thread of its own: it syncs megabytes, and on
 * the server's thread every stream would stand still meanwhile. Asked by a message, it answers how many
 * pages are left; writers and readers go on while it works.
 */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './sqlite-database.ts';

/** While sends go on, each pass leaves what came in during it; more passes than this catch up no further. */
const mostPasses = 4;
/** So few pages that the writer itself may do the rest between two groups. */
const fewPages = 100;

/** Copies what can be copied without waiting for anybody; the number of pages that are left. */
function checkpoint(database: DatabaseSync): number {
  const row = database.prepare('pragma wal_checkpoint(passive)').get() as {
    log: number;
    checkpointed: number;
  };
  return Math.max(0, row.log - row.checkpointed);
}

const database = openDatabase((workerData as { file: string }).file, false);

parentPort?.on('message', (word: 'checkpoint' | 'stop') => {
  if (word === 'stop') {
    database.close();
    parentPort?.close();
    return;
  }
  let left = 0;
  try {
    for (let pass = 0; pass < mostPasses; pass++) {
      left = checkpoint(database);
      if (left <= fewPages) break;
    }
  } catch {
    // A full or failing disk: the log keeps everything, and the next commit will say what is wrong.
  }
  parentPort?.postMessage({ left });
});
