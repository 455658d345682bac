/** The stores that the contract suites run on, each opened empty and taken away afterwards. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openStore } from '../../server/adapters/storage/open.ts';
import { openDatabase } from '../../server/adapters/storage/sqlite-database.ts';
import type { Store } from '../../server/ports/store.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import { asNextVersion } from '../support/next-version.ts';
import { skipUnless } from '../support/skip.ts';

export * from '../support/store-rows.ts';

export interface StoreUnderTest {
  readonly store: Store;
  readonly clock: ManualClock;
  /** Closes the store and opens the same one again. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

async function underTest(
  place: { readonly url: string; readonly folder: string },
  remove: () => Promise<unknown>,
): Promise<StoreUnderTest> {
  const clock = createManualClock();
  let store = await openStore({ ...place, clock });
  return {
    get store() {
      return store;
    },
    clock,
    reopen: async () => {
      await store.close();
      store = await openStore({ ...place, clock });
      return store;
    },
    dispose: async () => {
      await store.close();
      await remove();
    },
  };
}

async function openSqlite(): Promise<StoreUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-store-'));
  return underTest({ url: 'sqlite:', folder }, () => rm(folder, { recursive: true }));
}

/** Opened, and then migrated by a newer program while it is open. */
async function openSqliteOfNextVersion(): Promise<StoreUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-store-'));
  const opened = await underTest({ url: 'sqlite:', folder }, () => rm(folder, { recursive: true }));
  const database = openDatabase(path.join(folder, 'jellybean.db'), false);
  for (const statement of asNextVersion) database.exec(statement);
  database.close();
  return opened;
}

/** A database for tests; each store gets a schema of its own in it. */
const postgresUrl = process.env.JELLYBEAN_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/test';

async function askPostgres(sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: postgresUrl, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A new schema, its address, how its connections are cut, what they do, and how it is taken away. */
export async function postgresSchema(): Promise<{
  url: string;
  cut: () => Promise<unknown>;
  /** How many of its connections are in this state. */
  connections: (state: string) => Promise<number>;
  remove: () => Promise<unknown>;
}> {
  const schema = `test_${randomBytes(6).toString('hex')}`;
  await askPostgres(`create schema ${schema}`);
  const url = new URL(postgresUrl);
  url.searchParams.set('options', `-c search_path=${schema}`);
  url.searchParams.set('application_name', schema);
  return {
    url: url.href,
    cut: () =>
      askPostgres(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${schema}'`,
      ),
    connections: async (state) =>
      (
        await askPostgres(
          `select 1 from pg_stat_activity where application_name = '${schema}' and state = '${state}'`,
        )
      ).length,
    remove: () => askPostgres(`drop schema ${schema} cascade`),
  };
}

async function openPostgres(): Promise<StoreUnderTest> {
  const { url, remove } = await postgresSchema();
  return underTest({ url, folder: '' }, remove);
}

async function openPostgresOfNextVersion(): Promise<StoreUnderTest> {
  const { url, remove } = await postgresSchema();
  const opened = await underTest({ url, folder: '' }, remove);
  await runOn(url, asNextVersion);
  return opened;
}

/** Runs statements as somebody else than the store under test. */
export async function runOn(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export const hasPostgres = await askPostgres('select 1').then(
  () => true,
  () => false,
);
skipUnless(hasPostgres, 'no PostgreSQL for tests answers at JELLYBEAN_TEST_POSTGRES');

interface StoreKind {
  readonly name: string;
  readonly open: () => Promise<StoreUnderTest>;
}

export const stores: readonly StoreKind[] = [
  { name: 'SQLite', open: openSqlite },
  ...(hasPostgres ? [{ name: 'PostgreSQL', open: openPostgres }] : []),
];

/** The same, and each with the schema of the next version: a program works with it until it is replaced (ST35). */
export const storesOfTwoVersions: readonly StoreKind[] = [
  ...stores,
  { name: 'SQLite of the next version', open: openSqliteOfNextVersion },
  ...(hasPostgres ? [{ name: 'PostgreSQL of the next version', open: openPostgresOfNextVersion }] : []),
];
