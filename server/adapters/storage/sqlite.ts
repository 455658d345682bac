/**
 * SQLite through node:sqlite: one connection that writes, one that reads committed state (WAL, so neither
 * waits for the other). As with synchronous=FULL a group counts as committed, for whoever gave it in and for
 * every reader, only once the log has reached the disk; unlike there, the thread goes on meanwhile (ADR 13).
 */
import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { createCheckpointer } from './checkpointer.ts';
import { closed, conflict, unavailable } from './failures.ts';
import { type LogFlush, openLogFlush } from './log-flush.ts';
import {
  type AppliedMigration,
  type ColumnTypes,
  migrationsFor,
  noteMigration,
  pendingMigrations,
} from './migrations/index.ts';
import type { Engine, GroupSession, Session } from './session.ts';
import { takeSoleUse } from './sole-use.ts';
import { openDatabase } from './sqlite-database.ts';
import { type Statement, valuesOf } from './statement.ts';
import type { Tables } from './tables.ts';

const types: ColumnTypes = {
  text: 'text',
  integer: 'integer',
  bytes: 'blob',
  table: ' strict',
  clustered: ' strict, without rowid',
};

/** Primary result codes that concern the one statement only; all others mean that the store is in trouble. */
const constraint = 19;
const bugs = new Set([1 /* error */, 20 /* mismatch */, 21 /* misuse */, 25 /* range */]);
const uniqueCodes = new Set([1555 /* primary key */, 2067 /* unique */]);

interface SqliteError extends Error {
  readonly code: string;
  readonly errcode: number;
}
const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error && (error as Partial<SqliteError>).code === 'ERR_SQLITE_ERROR';

/** One connection with its prepared statements. */
class Connection implements Session {
  readonly database: DatabaseSync;
  readonly #prepared: StatementSync[] = [];
  /** Rows changed so far, about as many as pages were written to the log. */
  changes = 0;
  broken: Error | null = null;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  #statement(statement: Statement<never, unknown>): StatementSync {
    let prepared = this.#prepared[statement.index];
    if (prepared === undefined) {
      prepared = this.database.prepare(statement.sql);
      this.#prepared[statement.index] = prepared;
    }
    return prepared;
  }

  #failed(error: unknown): never {
    if (!this.database.isOpen) throw closed();
    if (!isSqliteError(error)) throw error;
    const primary = error.errcode & 0xff;
    if (primary === constraint) throw uniqueCodes.has(error.errcode) ? conflict(error) : error;
    if (bugs.has(primary)) throw error;
    // SQLite may have rolled back by itself (full disk); going on would write outside any transaction.
    this.broken = error;
    throw unavailable(error);
  }

  all<Args, Row>(statement: Statement<Args, Row>, args: Args): Row[] {
    try {
      return this.#statement(statement).all(...(valuesOf(statement, args) as string[])) as Row[];
    } catch (error) {
      return this.#failed(error);
    }
  }

  first<Args, Row>(statement: Statement<Args, Row>, args: Args): Row | undefined {
    try {
      return this.#statement(statement).get(...(valuesOf(statement, args) as string[])) as Row | undefined;
    } catch (error) {
      return this.#failed(error);
    }
  }

  run<Args>(statement: Statement<Args, unknown>, args: Args): number {
    try {
      const { changes } = this.#statement(statement).run(...(valuesOf(statement, args) as string[]));
      this.changes += changes as number;
      return changes as number;
    } catch (error) {
      return this.#failed(error);
    }
  }
}

/** Plain words of SQL, each prepared once. */
class Words {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  say(word: string): void {
    let prepared = this.#prepared.get(word);
    if (prepared === undefined) {
      prepared = this.#database.prepare(word);
      this.#prepared.set(word, prepared);
    }
    prepared.get();
  }
}

/** The reading connection. Held, it goes on seeing what it saw, whatever is committed meanwhile. */
class Reader extends Connection {
  readonly #words: Words;

  constructor(database: DatabaseSync) {
    super(database);
    this.#words = new Words(database);
  }

  hold(): void {
    this.#words.say('begin');
    // A transaction sees the state at its first read, not at its beginning.
    this.#words.say('select last_seq from organisation');
  }

  letGo(): void {
    if (this.database.isTransaction) this.#words.say('commit');
  }
}

/** The writing connection: one group at a time. */
class Writer extends Connection implements GroupSession {
  readonly #words: Words;
  readonly #reader: Reader;
  readonly #log: LogFlush;
  readonly #onCommit: (changes: number) => void;
  /** True while something is committed of which nobody knows whether it will outlive a power cut. */
  #isInDoubt = false;

  constructor(database: DatabaseSync, reader: Reader, log: LogFlush, onCommit: (changes: number) => void) {
    super(database);
    this.#words = new Words(database);
    this.#reader = reader;
    this.#log = log;
    this.#onCommit = onCommit;
  }

  #say(word: string): void {
    try {
      this.#words.say(word);
    } catch (error) {
      this.broken = error as Error;
      throw unavailable(error);
    }
  }

  write<Args>(statement: Statement<Args, unknown>, args: Args): void {
    this.run(statement, args);
  }

  savepoint(): void {
    this.#say('savepoint item');
  }
  release(): void {
    this.#say('release item');
  }
  undo(): void {
    this.#say('rollback to item');
    this.#say('release item');
  }

  /**
   * After a flush that failed, a later one that succeeds proves nothing of what was to be written then. So
   * all of the log is copied into the file, which writes it anew, before anything else is taken.
   */
  #settle(): void {
    const row = this.database.prepare('pragma wal_checkpoint(full)').get() as Record<string, number>;
    if (row.busy !== 0 || row.log !== row.checkpointed)
      throw unavailable(new Error('The log could not be copied into the database after a failed flush.'));
    this.#isInDoubt = false;
  }

  async group<Result>(body: (session: GroupSession) => Promise<Result>): Promise<Result> {
    if (this.#isInDoubt) this.#settle();
    this.broken = null;
    this.#say('begin immediate');
    let result: Result;
    try {
      result = await body(this);
      if (this.broken !== null) throw unavailable(this.broken);
      this.#reader.hold();
      this.#say('commit');
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('rollback');
      this.#reader.letGo();
      throw error;
    }
    try {
      await this.#log.flush();
    } catch (error) {
      this.#isInDoubt = true;
      throw unavailable(error);
    } finally {
      this.#reader.letGo();
    }
    this.#onCommit(this.changes);
    this.changes = 0;
    return result;
  }
}

const appliedTo = (database: DatabaseSync) =>
  // All columns: an older database has fewer.
  database.prepare('select * from schema_migration').all() as unknown as readonly AppliedMigration[];

function migrateSqlite(database: DatabaseSync, now: number): void {
  database.exec('begin immediate');
  try {
    database.exec(
      'create table if not exists schema_migration (number integer primary key, name text not null, checksum text not null, applied_at integer not null) strict',
    );
    for (const migration of pendingMigrations(migrationsFor(types), appliedTo(database))) {
      const { number, name, checksum, statements } = migration;
      for (const statement of statements) database.exec(statement);
      database.prepare(noteMigration(migration, '?, ?, ?, ?')).run(number, name, checksum, now);
    }
    database.exec('commit');
  } catch (error) {
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}

/** Refuses a database whose schema is not this program's: beside a server nothing is migrated. */
function refuseOtherSchema(database: DatabaseSync): void {
  const pending = pendingMigrations(migrationsFor(types), appliedTo(database));
  if (pending.length > 0) throw new Error('The store is older than this program; start the server once.');
}

/**
 * Opens the database that a server may be using, for a command that reads and writes a line of the audit log.
 * Nothing of what a server keeps in memory (rosters, presence, numbers of events) may be changed this way.
 */
export function openSqliteBesideServer(file: string): Engine {
  const writing = openDatabase(file, false);
  let reading: DatabaseSync;
  let log: LogFlush;
  try {
    // The log is folded in by the server; two that do it would wait for each other.
    writing.exec('pragma synchronous = normal; pragma wal_autocheckpoint = 0');
    refuseOtherSchema(writing);
    reading = openDatabase(file, true);
    log = openLogFlush(file);
  } catch (error) {
    writing.close();
    throw error;
  }
  const reader = new Reader(reading);
  return engineOf(new Writer(writing, reader, log, () => {}), reader, async () => {
    await log.close();
    reading.close();
    writing.close();
  });
}

/** Opens (or makes) the database and brings its schema up to date. */
export function openSqliteEngine(file: string, now: number, openLog = openLogFlush): Engine {
  const giveBack = takeSoleUse(file);
  let writing: DatabaseSync | undefined;
  let reading: DatabaseSync;
  let log: LogFlush;
  try {
    // For this account alone, whatever the folder lets others do; the log beside it gets the same rights.
    closeSync(openSync(file, 'a', 0o600));
    writing = openDatabase(file, false);
    writing.exec('pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0');
    migrateSqlite(writing, now);
    // From here on each commit is flushed by the writer, and checkpoints sync what they need by themselves.
    writing.exec('pragma synchronous = normal');
    reading = openDatabase(file, true);
    log = openLog(file);
  } catch (error) {
    writing?.close();
    giveBack();
    throw error;
  }
  const checkpointer = createCheckpointer(file, () => writing.exec('pragma wal_autocheckpoint = 4000'));
  const reader = new Reader(reading);
  const writer = new Writer(writing, reader, log, (changes) => {
    if (!checkpointer.committed(changes)) return;
    try {
      writing.prepare('pragma wal_checkpoint(passive)').get();
    } catch {
      // Nothing is lost: the log keeps every commit, and a failing disk will fail the next one.
    }
  });
  return engineOf(writer, reader, async () => {
    await checkpointer.close();
    await log.close();
    reading.close();
    writing.close();
    giveBack();
  });
}

function engineOf(writer: Writer, reader: Reader, close: () => Promise<void>): Engine {
  return {
    kind: 'sqlite',
    builder: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    }),
    committed: reader,
    // The one writer is the lock.
    group: (_locks, body) => writer.group(body),
    close,
  };
}
