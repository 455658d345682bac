/**
 * PostgreSQL through pg: one connection that writes groups, a small pool that reads committed state. A
 * connection that breaks is replaced; what was under way is refused as retryable. Statements are prepared
 * once per connection; writes and the words around works are sent ahead, since each wait is a round trip.
 */
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import pg from 'pg';
import { DomainError } from '../../domain/errors.ts';
import { closed, conflict, unavailable } from './failures.ts';
import { type ColumnTypes, migrationsFor, noteMigration, pendingMigrations } from './migrations/index.ts';
import type { Engine, GroupSession, Session } from './session.ts';
import { type Statement, valuesOf } from './statement.ts';
import type { Tables } from './tables.ts';

/** Text in code point order, so that places and pages are the same as in SQLite and need no locale. */
const types: ColumnTypes = {
  text: 'text collate "C"',
  integer: 'bigint',
  bytes: 'bytea',
  table: '',
  clustered: '',
};

const readers = 8;
/** A statement that takes longer is in trouble; whoever asked is told to come back. */
const statementTimeoutMs = 10_000;
/** A server that says nothing for longer is gone, with its machine or the way to it: a dead line says nothing for hours. */
const silentMs = 15_000;
/** A row or lock that another node holds longer than this is a node in trouble. */
const lockTimeoutMs = 5_000;
const connectTimeoutMs = 5_000;
/** Locks are taken by number out of so many: two works that share one by chance only wait for each other. */
const lockNumbers = 2_048;

/** bigint columns hold what JavaScript counts exactly (times, sequences), so they come as numbers. */
const int8 = 20;
const customTypes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig;

/** How every connection of ours is made. */
export const postgresSettings = (url: string): pg.ClientConfig => ({
  connectionString: url,
  types: customTypes,
  connectionTimeoutMillis: connectTimeoutMs,
  statement_timeout: statementTimeoutMs,
  query_timeout: silentMs,
  lock_timeout: lockTimeoutMs,
  idle_in_transaction_session_timeout: statementTimeoutMs,
  application_name: 'jellybean',
  keepAlive: true,
});

/**
 * A pool of such connections. One that breaks is replaced, whether it was idle or at work: whoever uses it
 * hears of it by their query, and its own event, unheard, would end the process.
 */
export function openPool(url: string, more: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ ...postgresSettings(url), ...more });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

const unique = '23505';
const deadlock = '40P01';
const migrationTries = 5;
/** A prepared statement answers other columns than before: a newer node has added some. A new connection knows them. */
const isStale = (error: unknown): boolean => (error as { code?: unknown }).code === '0A000';
/** NUL in a text: PostgreSQL cannot hold it. */
const notText = new Set(['22021', '22P05']);
/** Classes of SQLSTATE that concern the statement and not the server: constraint, data, syntax, aborted transaction. */
const statementClasses = new Set(['22', '23', '25P02', '42']);

/** True where the server, its disk or the line is in trouble: nothing of this transaction can be saved. */
export function isTrouble(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return true;
  return !statementClasses.has(code) && !statementClasses.has(code.slice(0, 2));
}

/** What an error means to the caller. */
function translated(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const { code } = error as { code?: string };
  if (code === unique) return conflict(error);
  if (code !== undefined && notText.has(code))
    return new DomainError('invalid-input', 'A text holds a NUL character, which cannot be stored.');
  return isTrouble(error) ? unavailable(error) : error;
}

const queryOf = <Args>(statement: Statement<Args, unknown>, args: Args): pg.QueryConfig => ({
  name: `s${statement.index}`,
  text: statement.sql,
  values: valuesOf(statement, args),
});

type Ask = (query: pg.QueryConfig) => Promise<pg.QueryResult>;

/** Runs statements by `ask`, which throws what callers are to see. */
const sessionOf = (ask: Ask): Session => ({
  all: async <Args, Row>(statement: Statement<Args, Row>, args: Args) =>
    (await ask(queryOf(statement, args))).rows as Row[],
  first: async <Args, Row>(statement: Statement<Args, Row>, args: Args) =>
    (await ask(queryOf(statement, args))).rows[0] as Row | undefined,
  run: async (statement, args) => (await ask(queryOf(statement, args))).rowCount ?? 0,
});

/** Nothing of the group is committed, and it may well be: it is run again, one work after the other. */
class Doubt extends Error {}

/** One transaction on the writing connection. Statements are answered in their order. */
class Group implements GroupSession {
  readonly #client: pg.Client;
  readonly #session: Session;
  /** The first failure since the savepoint: all that follow it only say that the transaction is aborted. */
  #failure: unknown = null;
  #last: Promise<unknown> = Promise.resolve();
  broken: Error | null = null;
  isStale = false;

  /**
   * Without waiting for each work's writes a group costs a round trip less for each; a failed write is then
   * known too late to say whose it was, which happens so seldom that running all again is no loss.
   */
  readonly #isHasty: boolean;

  constructor(client: pg.Client, isHasty: boolean) {
    this.#client = client;
    this.#isHasty = isHasty;
    this.#session = sessionOf((query) => this.#ask(query));
  }

  /** Sends a query; whether or not anybody waits for it, its failure is remembered. */
  #send(query: pg.QueryConfig): Promise<pg.QueryResult | null> {
    const sent = this.#client.query(query).catch((error: unknown) => {
      if (isStale(error)) this.isStale = true;
      if (isTrouble(error)) this.broken ??= error as Error;
      this.#failure ??= error;
      return null;
    });
    this.#last = sent;
    return sent;
  }

  async #ask(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const result = await this.#send(query);
    if (result === null || this.#failure !== null) throw translated(this.#failure);
    return result;
  }

  /** Waits until all that was sent has been answered; throws the first failure. */
  async settle(): Promise<void> {
    await this.#last;
    if (this.#failure === null) return;
    throw this.#isHasty && this.broken === null ? new Doubt() : translated(this.#failure);
  }

  begin(locks: readonly string[]): void {
    this.#send({ text: 'begin' });
    if (locks.length > 0) this.#send({ name: 'locks', text: takeLocks, values: [JSON.stringify(locks)] });
  }
  savepoint(): void {
    this.#send({ text: 'savepoint item' });
  }
  async release(): Promise<void> {
    if (!this.#isHasty) await this.settle();
    this.#send({ text: 'release savepoint item' });
  }
  async undo(): Promise<void> {
    await this.#last;
    if (this.#isHasty && this.#failure !== null) throw new Doubt();
    this.#failure = null;
    this.#send({ text: 'rollback to savepoint item' });
    this.#send({ text: 'release savepoint item' });
  }
  write<Args>(statement: Statement<Args, unknown>, args: Args): void {
    this.#send(queryOf(statement, args));
  }
  all<Args, Row>(statement: Statement<Args, Row>, args: Args) {
    return this.#session.all(statement, args);
  }
  first<Args, Row>(statement: Statement<Args, Row>, args: Args) {
    return this.#session.first(statement, args);
  }
  run<Args>(statement: Statement<Args, unknown>, args: Args) {
    return this.#session.run(statement, args);
  }
}

/**
 * Takes the locks of a group in the order of their numbers, the same on every node, so that two groups never
 * wait for each other; the first half of the number keeps organisations of one server apart.
 */
const takeLocks = `select pg_advisory_xact_lock(hashtext(current_schema()), number) from (
  select distinct abs(hashtext(value)::bigint % ${lockNumbers})::int as number
  from jsonb_array_elements_text($1::jsonb) order by 1) as wanted`;

/** Runs what migrations are missing, one node at a time. */
export async function migratePostgres(url: string, now: number): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await migrateOnce(url, now);
      return;
    } catch (error) {
      // Nodes of the version before go on meanwhile, and take tables in their own order: nothing was done.
      if ((error as { code?: string }).code !== deadlock || tries === migrationTries) throw error;
    }
  }
}

async function migrateOnce(url: string, now: number): Promise<void> {
  const client = new pg.Client({
    ...postgresSettings(url),
    lock_timeout: 60_000,
    statement_timeout: 600_000,
    query_timeout: 0,
  });
  await client.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(hashtext(current_schema()), -1)');
    await client.query(
      'create table if not exists schema_migration (number bigint primary key, name text not null, checksum text not null, applied_at bigint not null)',
    );
    // All columns: an older database has fewer.
    const applied = await client.query('select * from schema_migration');
    for (const migration of pendingMigrations(migrationsFor(types), applied.rows)) {
      const { number, name, checksum, statements } = migration;
      for (const statement of statements) await client.query(statement);
      await client.query(noteMigration(migration, '$1, $2, $3, $4'), [number, name, checksum, now]);
    }
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** The connection that writes; opened when it is needed, thrown away when it breaks. */
function createWriter(url: string) {
  let client: pg.Client | null = null;

  const connected = async (): Promise<pg.Client> => {
    if (client !== null) return client;
    const opened = new pg.Client({ ...postgresSettings(url), pipeline: true });
    const lost = () => {
      if (client === opened) client = null;
    };
    opened.on('error', lost);
    opened.on('end', lost);
    await opened.connect();
    client = opened;
    return opened;
  };

  /** Ends a connection whose state is not known; the server rolls back. */
  const drop = (broken: pg.Client) => {
    if (client === broken) client = null;
    broken.end().catch(() => {});
  };

  async function run<Result>(
    locks: readonly string[],
    body: (session: GroupSession) => Promise<Result>,
    isHasty: boolean,
  ): Promise<Result> {
    const own = await connected();
    const group = new Group(own, isHasty);
    try {
      group.begin(locks);
      const result = await body(group);
      // A commit of a failed transaction would be answered as if all were well, by a rollback.
      const settled = group.settle();
      const committed = own.query('commit');
      committed.catch(() => {});
      await settled;
      if ((await committed).command !== 'COMMIT') throw new Error('The transaction was rolled back.');
      return result;
    } catch (error) {
      if (group.isStale) {
        drop(own);
        throw new Doubt();
      }
      try {
        await own.query('rollback');
      } catch {
        drop(own);
      }
      throw error;
    }
  }

  return {
    async group<Result>(
      locks: readonly string[],
      body: (session: GroupSession) => Promise<Result>,
    ): Promise<Result> {
      try {
        return await run(locks, body, true);
      } catch (error) {
        if (!(error instanceof Doubt)) throw error;
        return run(locks, body, false);
      }
    },
    close: async () => {
      await client?.end();
    },
  };
}

/** Opens the database that `url` names and brings its schema up to date. */
export async function openPostgresEngine(url: string, now: number): Promise<Engine> {
  await migratePostgres(url, now);
  const writer = createWriter(url);
  const pool = openPool(url, { max: readers });
  let isClosed = false;
  return {
    kind: 'postgres',
    builder: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    }),
    committed: sessionOf(async (query) => {
      if (isClosed) throw closed();
      for (let tries = 0; ; tries += 1) {
        try {
          return await pool.query(query);
        } catch (error) {
          // The pool has thrown that connection away; each of them may be as old.
          if (!isStale(error) || tries === readers) throw translated(error);
        }
      }
    }),
    group: writer.group,
    close: async () => {
      isClosed = true;
      await writer.close();
      await pool.end();
    },
  };
}
