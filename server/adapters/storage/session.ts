/**
 * What an engine offers to the store: run a prepared statement, and run a group of work as one database
 * transaction. All that differs between SQLite and PostgreSQL stands behind these few calls.
 */

import type { Statement } from './statement.ts';
import type { Builder } from './tables.ts';

/** SQLite answers at once, PostgreSQL later; `await` takes both. */
export type Soon<Value> = Value | Promise<Value>;

/** Runs statements. Errors are DomainErrors (`store-unavailable`, `conflict`) or plain errors for bugs. */
export interface Session {
  all<Args, Row>(statement: Statement<Args, Row>, args: Args): Soon<Row[]>;
  first<Args, Row>(statement: Statement<Args, Row>, args: Args): Soon<Row | undefined>;
  /** Resolves with the number of rows changed. */
  run<Args>(statement: Statement<Args, unknown>, args: Args): Soon<number>;
}

/** A session that also writes ahead: for the hot writes, each of which would cost a round trip to wait for. */
export interface WritingSession extends Session {
  /** As `run`, without waiting: a failure is thrown by a later statement, or by `release`. */
  write<Args>(statement: Statement<Args, unknown>, args: Args): void;
}

/** A session within a transaction, with one savepoint that may be set again and again. */
export interface GroupSession extends WritingSession {
  savepoint(): Soon<void>;
  /** Releases the savepoint after every write since has succeeded, else throws the first failure. */
  release(): Soon<void>;
  /** Undoes everything since the savepoint and releases it. */
  undo(): Soon<void>;
  /** Set once the database transaction is beyond saving; nothing of the group can commit. */
  readonly broken: Error | null;
}

export interface Engine {
  readonly kind: 'sqlite' | 'postgres';
  /** Builds and compiles queries of this engine's dialect; runs nothing. */
  readonly builder: Builder;
  /** Sees committed state only and never waits for a writer. */
  readonly committed: Session;
  /**
   * Runs `body` in one transaction and commits durably, or undoes everything and throws. May run it a second
   * time, after undoing all of the first.
   */
  group<Result>(locks: readonly string[], body: (session: GroupSession) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
