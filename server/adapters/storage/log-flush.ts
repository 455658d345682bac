/**
 * Brings the write-ahead log to the disk on a thread of the pool: a flush takes as long as hundreds of
 * requests, and on the server's thread all of them would stand still meanwhile.
 */
import { close, fdatasync, openSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';

export interface LogFlush {
  /** Resolves when all that SQLite has written to the log is on the disk; rejects when it may not be. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** The log of a database that is open: SQLite keeps the one file until the last connection closes. */
export function openLogFlush(file: string): LogFlush {
  // For writing, although nothing is written: Windows flushes no other descriptor.
  const log = openSync(`${realpathSync(file)}-wal`, 'r+');
  return {
    flush: () =>
      new Promise((resolve, reject) => {
        fdatasync(log, (error) => (error === null ? resolve() : reject(error)));
      }),
    close: () => promisify(close)(log),
  };
}
