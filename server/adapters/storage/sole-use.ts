/**
 * Makes sure that one process has a database to itself: two servers on one file would each keep presence,
 * streams and rosters in a memory that the other knows nothing of. The lock is SQLite's own, on an empty
 * file beside the database; the system takes it back when the process ends, however it ends.
 */
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from './sqlite-database.ts';

const lockFile = (file: string) => `${file}.lock`;

/** Takes the lock, waiting two seconds for a server that is just stopping, or throws a sentence; returns the function that gives it back. */
export function takeSoleUse(file: string): () => void {
  let lock: DatabaseSync | undefined;
  try {
    lock = openDatabase(lockFile(file), false);
    lock.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (error) {
    lock?.close();
    throw new Error(`${file} is in use by another server (or a restore). Stop it first.`, { cause: error });
  }
  return () => lock.close();
}
