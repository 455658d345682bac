/**
 * Every migration in order, as plain SQL with the few words in which the engines differ. Forward only: an
 * older program refuses a newer schema, and a changed file is refused by its checksum.
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
}

const files = [
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
];

/** The migrations of one engine, with the checksum of what they run. */
export const migrationsFor = (types: ColumnTypes): readonly Migration[] =>
  files.map(({ name, statements }, index) => {
    const list = statements(types);
    const checksum = createHash('sha256').update(list.join(';\n').replace(/\s+/g, ' ')).digest('hex');
    return { number: index + 1, name, checksum, statements: list };
  });

/** What is left to run, given what ran; throws when the two do not belong together. */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly { readonly number: number; readonly name: string; readonly checksum: string }[],
): readonly Migration[] {
  for (const row of applied) {
    const ours = known.find(({ number }) => number === row.number);
    if (ours === undefined)
      throw new Error(
        `The store has migration ${row.number} (${row.name}), which this program does not know: it was written by a newer version.`,
      );
    if (ours.checksum !== row.checksum)
      throw new Error(
        `Migration ${row.number} (${row.name}) was changed after it ran; restore the released file.`,
      );
  }
  return known.filter(({ number }) => !applied.some((row) => row.number === number));
}
