/**
 * Every migration in order, as plain SQL with the few words in which the engines differ. Forward only; a changed
 * file is refused by its checksum. A migration adds: the program before it works with the database after it, which
 * is what a rolling upgrade needs (ADR 16). One that takes something away, or changes what rows mean, exports
 * `worksFrom`: the number of the oldest migration whose program can do without. Older programs refuse the database then.
 */
import { createHash } from 'node:crypto';
import * as first from './0001-first.ts';
import * as frozenViews from './0002-frozen-views.ts';
import * as tickets from './0003-tickets.ts';
import * as calendars from './0004-calendars.ts';
import * as records from './0005-records.ts';
import * as policy from './0006-policy.ts';
import * as photosAndOrder from './0007-photos-and-order.ts';
import * as conversationChanges from './0008-conversation-changes.ts';
import * as nodes from './0009-nodes.ts';
import * as directories from './0010-directories.ts';
import * as inboxByTime from './0011-inbox-by-time.ts';
import * as linkedAccounts from './0012-linked-accounts.ts';
import * as blobs from './0013-blobs.ts';
import * as distributionLists from './0014-distribution-lists.ts';
import * as versions from './0015-versions.ts';

/** The words that differ: column types, and what stands behind a table. */
export interface ColumnTypes {
  readonly text: string;
  /** Holds 53 bits. */
  readonly integer: string;
  readonly bytes: string;
  /** Behind a table that is read by anything but its key. */
  readonly table: string;
  /** Behind a table of short rows that is read by its key. */
  readonly clustered: string;
}

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly string[];
  /** The oldest schema whose programs work with the database afterwards; null = all that worked before. */
  readonly worksFrom: number | null;
}

/** What `schema_migration` says of one that ran; `works_from` is there since migration 15. */
export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  readonly works_from?: number | null;
}

interface MigrationFile {
  readonly name: string;
  readonly statements: (types: ColumnTypes) => readonly string[];
  readonly worksFrom?: number;
}

const files: readonly MigrationFile[] = [
  first,
  frozenViews,
  tickets,
  calendars,
  records,
  policy,
  photosAndOrder,
  conversationChanges,
  nodes,
  directories,
  inboxByTime,
  linkedAccounts,
  blobs,
  distributionLists,
  versions,
];

/** The migrations of one engine, with the checksum of what they run. */
export const migrationsFor = (types: ColumnTypes): readonly Migration[] =>
  files.map(({ name, statements, worksFrom = null }, index) => {
    const list = statements(types);
    const checksum = createHash('sha256').update(list.join(';\n').replace(/\s+/g, ' ')).digest('hex');
    return { number: index + 1, name, checksum, statements: list, worksFrom };
  });

/**
 * What is left to run, given what ran. Migrations of newer programs are left alone where this one can work with
 * what they made; throws where it cannot, or where the two do not belong together.
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  for (const row of applied) {
    const ours = known.find(({ number }) => number === row.number);
    if (ours === undefined) {
      const from = row.works_from ?? 0;
      if (from > known.length)
        throw new Error(
          `The store has migration ${row.number} (${row.name}) of a newer version, which works with programs from schema ${from} on; this one knows ${known.length}. Start a newer version.`,
        );
    } else if (ours.checksum !== row.checksum)
      throw new Error(
        `Migration ${row.number} (${row.name}) was changed after it ran; restore the released file.`,
      );
  }
  return known.filter(({ number }) => !applied.some((row) => row.number === number));
}

/** Writes down that a migration ran; `?` or `$1` … stand for number, name, checksum and moment. */
export const noteMigration = (migration: Migration, values: string): string =>
  migration.worksFrom === null
    ? `insert into schema_migration (number, name, checksum, applied_at) values (${values})`
    : `insert into schema_migration (number, name, checksum, applied_at, works_from) values (${values}, ${migration.worksFrom})`;
