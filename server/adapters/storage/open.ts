/** Opens the store that a configuration names. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { createSqlStore } from './sql-store.ts';
import { openSqliteBesideServer, openSqliteEngine } from './sqlite.ts';
import { sqliteFile } from './sqlite-database.ts';

/**
 * Opens the store named by `url` (`sqlite:` = a file in `folder`; `sqlite:<path>` = that file; `postgres://…`), makes or
 * migrates its schema and resolves when it can take work. `isBesideServer`: a command that a server may run beside;
 * it makes and migrates nothing and may write nothing but the audit log.
 */
export async function openStore(options: {
  url: string;
  folder: string;
  clock: Clock;
  isBesideServer?: boolean;
}): Promise<Store> {
  const { url, folder, clock, isBesideServer = false } = options;
  const file = sqliteFile(url, folder);
  if (file === null) {
    // Loaded only where it is used: a start with SQLite has no need of a driver.
    const { openPostgresEngine } = await import('./postgres.ts');
    return createSqlStore(await openPostgresEngine(url, clock.now()), clock);
  }
  if (isBesideServer) return createSqlStore(openSqliteBesideServer(file), clock);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  return createSqlStore(openSqliteEngine(file, clock.now()), clock);
}
