/** Where a database lies, and the settings that every connection to it needs, whichever thread it is on. */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How long a writer waits for another process (a restore, a second server by mistake). Blocks its thread, so short. */
const busyTimeoutMs = 2_000;

export function openDatabase(file: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(file, {
    readOnly,
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
  });
  database.exec('pragma temp_store = memory; pragma cache_size = -16384; pragma mmap_size = 268435456');
  return database;
}

/** The database file that a store address names, `sqlite:` being the one in the data folder; null for another engine. */
export function sqliteFile(url: string, folder: string): string | null {
  if (!url.startsWith('sqlite:')) return null;
  return url.slice('sqlite:'.length) || path.join(folder, 'jellybean.db');
}

/**
 * Writes the whole file anew without what was deleted: free pages and the log keep the bytes of removed rows
 * until something else takes their place. Takes about as long as copying the file; nobody else may have it open.
 */
export function rewriteDatabase(file: string): void {
  const database = openDatabase(file, false);
  try {
    database.exec('vacuum');
    database.prepare('pragma wal_checkpoint(truncate)').get();
  } finally {
    database.close();
  }
}
