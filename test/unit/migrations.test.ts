/** What a migration may do, so that the version before it runs on beside the version that made it. */
import { expect, test } from 'vitest';
import {
  type Migration,
  migrationsFor,
  pendingMigrations,
} from '../../server/adapters/storage/migrations/index.ts';

const known = migrationsFor({
  text: 'text',
  integer: 'integer',
  bytes: 'blob',
  table: ' strict',
  clustered: ' strict, without rowid',
});
/** Those before ran before two versions could stand side by side. */
const firstThatAdds = 15;

/** True where programs that know nothing of it work on: it makes something new, or lets a new column be empty. */
const adds = (statement: string): boolean =>
  /^create (table|index) /.test(statement) ||
  (/^alter table \w+ add column /.test(statement) &&
    (!/ not null/.test(statement) || / default /.test(statement)) &&
    !/ (unique|primary|references|check)\b/.test(statement));

test('[ST35] a migration adds and no more, or says from which schema on programs work with what it leaves', () => {
  for (const { number, name, statements, worksFrom } of known) {
    if (number < firstThatAdds) continue;
    const others = statements.filter((statement) => !adds(statement));
    if (worksFrom === null) expect(others, `migration ${number} (${name})`).toEqual([]);
    else expect(worksFrom, `migration ${number} (${name})`).toBeLessThanOrEqual(number);
  }
  for (const statement of [
    'drop table message',
    'alter table message rename to letter',
    'alter table message drop column json',
    'alter table message add column mood text not null',
    'alter table message add column mood text unique',
    'create unique index one_name on person (display_name)',
    'update message set json = json',
  ])
    expect(adds(statement), statement).toBe(false);
});

test('[ST35] an older database is migrated, a newer one is taken where nothing was taken away, else refused in words', () => {
  const applied = (list: readonly Migration[]) => list.map((one) => ({ ...one, works_from: one.worksFrom }));
  expect(pendingMigrations(known, applied(known.slice(0, -2)))).toEqual(known.slice(-2));
  expect(pendingMigrations(known, applied(known))).toEqual([]);
  const newer = (number: number, works_from: number | null) => ({
    number: known.length + number,
    name: `newer ${number}`,
    checksum: 'x',
    works_from,
  });
  const all = applied(known);
  expect(pendingMigrations(known, [...all, newer(1, null)])).toEqual([]);
  expect(pendingMigrations(known, [...all, newer(1, null), newer(2, known.length)])).toEqual([]);
  // The release after next takes away what this one still needs.
  expect(() => pendingMigrations(known, [...all, newer(1, null), newer(2, known.length + 1)])).toThrow(
    `migration ${known.length + 2} (newer 2) of a newer version, which works with programs from schema ${known.length + 1} on; this one knows ${known.length}`,
  );
  expect(() => pendingMigrations(known, [{ ...all[0]!, checksum: 'another' }])).toThrow(
    'was changed after it ran',
  );
});
