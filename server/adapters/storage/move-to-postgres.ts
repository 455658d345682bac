/**
 * Moves an organisation from SQLite to an empty PostgreSQL: every row of every table, in one transaction, read
 * back and compared by count and digest before it is committed. What fails leaves PostgreSQL empty, and
 * SQLite is only read. The history of events stays the same, so every client goes on where it was. Attachments are
 * the caller's, between the look at the target and the tables: nobody can send one that has no bytes.
 */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { BackupError } from './backup.ts';
import type { Uploaded } from './move-blobs.ts';
import { migratePostgres, postgresSettings } from './postgres.ts';
import { takeSoleUse } from './sole-use.ts';
import { openSqliteEngine } from './sqlite.ts';
import { openDatabase } from './sqlite-database.ts';

/** Rows, or characters of their JSON, per statement. */
const batchRows = 2_000;
const batchCharacters = 4_000_000;
/** A large table says how far it is. */
const wordEveryRows = 100_000;
/** A statement that copies or compares may take longer than one of a server. */
const statementTimeoutMs = 600_000;

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

/**
 * The tables that hold the organisation, in the order in which they were made, so that whoever is referred to comes first.
 * Bytes of attachments never lie in SQLite.
 */
function tablesOf(database: DatabaseSync): readonly Table[] {
  const names = database
    .prepare(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'
       and name not in ('schema_migration', 'blob', 'blob_part') order by rowid`,
    )
    .all() as { name: string }[];
  return names.map(({ name }) => {
    const columns = database.prepare(`pragma table_info("${name}")`).all() as { name: string; pk: number }[];
    return {
      name,
      columns: columns.map((column) => column.name),
      key: columns
        .filter(({ pk }) => pk > 0)
        .sort((a, b) => a.pk - b.pk)
        .map((column) => column.name),
    };
  });
}

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

type Row = Record<string, string | number | null>;

/** A digest over rows in the order of their key, column by column. */
function createDigest({ columns }: Table) {
  const digest = createHash('sha256');
  let rows = 0;
  return {
    add(row: Row): void {
      digest.update(`${JSON.stringify(columns.map((column) => row[column] ?? null))}\n`);
      rows += 1;
    },
    end: () => ({ rows, sha256: digest.digest('hex') }),
  };
}

function* batches(database: DatabaseSync, table: Table): Generator<readonly Row[]> {
  let batch: Row[] = [];
  let characters = 0;
  const { name, columns, key } = table;
  const rows = database.prepare(`select ${list(columns)} from "${name}" order by ${list(key)}`).iterate();
  for (const row of rows as Iterable<Row>) {
    batch.push(row);
    for (const column of columns) characters += String(row[column] ?? '').length;
    if (batch.length < batchRows && characters < batchCharacters) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

async function readBack(client: pg.Client, table: Table) {
  const digest = createDigest(table);
  await client.query(
    `declare moved no scroll cursor for select ${list(table.columns)} from "${table.name}" order by ${list(table.key)}`,
  );
  for (;;) {
    const { rows } = await client.query(`fetch ${batchRows} from moved`);
    for (const row of rows as Row[]) digest.add(row);
    if (rows.length < batchRows) break;
  }
  await client.query('close moved');
  return digest.end();
}

async function refuseOrganisation(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select 1 from organisation limit 1');
  if (rows.length > 0)
    throw new BackupError(
      'There is an organisation in that PostgreSQL already; move into an empty database or schema.',
    );
}

export interface Moved {
  readonly tables: number;
  readonly rows: number;
}

/** Moves all of it; `say` is told of each table with its count and digest. Throws BackupError with a sentence. */
export async function moveToPostgres(options: {
  file: string;
  url: string;
  now: number;
  say: (line: string) => void;
  /** Brings the bytes of all that was uploaded, before any row is there. */
  attachments: (uploaded: readonly Uploaded[]) => Promise<void>;
}): Promise<Moved> {
  const { file, url, now, say } = options;
  // Brings an older database up to this version first, under the lock that a running server holds.
  await openSqliteEngine(file, now).close();
  const release = takeSoleUse(file);
  const database = openDatabase(file, true);
  const client = new pg.Client({
    ...postgresSettings(url),
    statement_timeout: statementTimeoutMs,
    query_timeout: 0,
  });
  try {
    await migratePostgres(url, now);
    await client.connect();
    await refuseOrganisation(client);
    await options.attachments(
      database
        .prepare('select id, size, sha256 from attachment order by id')
        .all() as unknown as readonly Uploaded[],
    );
    await client.query('begin isolation level serializable');
    await refuseOrganisation(client);
    let rows = 0;
    const tables = tablesOf(database);
    for (const table of tables) {
      const digest = createDigest(table);
      let copied = 0;
      let nextWord = wordEveryRows;
      for (const batch of batches(database, table)) {
        for (const row of batch) digest.add(row);
        copied += batch.length;
        await client
          .query(
            `insert into "${table.name}" (${list(table.columns)})
             select ${list(table.columns)} from jsonb_populate_recordset(null::"${table.name}", $1::jsonb)`,
            [JSON.stringify(batch)],
          )
          .catch((error: Error) => {
            throw new BackupError(
              `The table ${table.name} could not be written: ${error.message}. Nothing was moved.`,
            );
          });
        if (copied >= nextWord) {
          say(`${table.name}: ${copied} rows so far`);
          nextWord += wordEveryRows;
        }
      }
      const read = digest.end();
      const written = await readBack(client, table);
      if (read.rows !== written.rows || read.sha256 !== written.sha256)
        throw new BackupError(
          `${table.name} came back as ${written.rows} rows (${written.sha256}) instead of ${read.rows} (${read.sha256}). Nothing was moved.`,
        );
      rows += read.rows;
      say(`${table.name}: ${read.rows} rows, ${read.sha256.slice(0, 16)}`);
    }
    await client.query('commit');
    await client.query('analyze');
    return { tables: tables.length, rows };
  } finally {
    database.close();
    release();
    await client.end();
  }
}
