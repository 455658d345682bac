/**
 * The next version of this program, made up: what a release may do that must run beside this one for the time
 * of a rolling upgrade. Its schema has one migration more, which adds a column to every table; its notices have
 * fields and kinds that nobody knows here, and so have its events. Everything else of it is this version.
 */
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrationsFor } from '../../server/adapters/storage/migrations/index.ts';
import { root } from './sources.ts';

const known = migrationsFor({ text: 'text', integer: 'integer', bytes: 'blob', table: '', clustered: '' });

/** Every table that the migrations leave behind. */
function tables(): readonly string[] {
  const found = new Set(['schema_migration']);
  for (const statement of known.flatMap(({ statements }) => statements)) {
    const [, made] = /^create table (\w+)/.exec(statement) ?? [];
    const [, dropped] = /^drop table (\w+)/.exec(statement) ?? [];
    const [, from, to] = /^alter table (\w+) rename to (\w+)/.exec(statement) ?? [];
    if (made !== undefined) found.add(made);
    if (dropped !== undefined) found.delete(dropped);
    if (from !== undefined && to !== undefined && found.delete(from)) found.add(to);
  }
  return [...found];
}

/** The migration of the next version, in SQL that both engines understand. */
export const nextMigration = {
  number: known.length + 1,
  name: 'next',
  statements: [
    ...tables().map((table) => `alter table ${table} add column tomorrow text default 'unknown today'`),
    'create table tomorrow (id text primary key, body text)',
    'create index message_by_tomorrow on message (tomorrow)',
  ],
} as const;

/** What the next version's program leaves in the database, for a test that has only the database. */
export const asNextVersion: readonly string[] = [
  ...nextMigration.statements,
  `insert into schema_migration (number, name, checksum, applied_at) values (${nextMigration.number}, '${nextMigration.name}', 'x', 0)`,
];

const busOfNextVersion = `
import { openBus as openNow } from './open-now.ts';
export async function openBus(...options) {
  const bus = await openNow(...options);
  return {
    ...bus,
    publish(notice) {
      bus.publish({ kind: 'tomorrow', personId: 'somebody', people: 7 });
      bus.publish({ ...notice, tomorrow: { new: ['field'] } });
    },
  };
}
`;

const storeOfNextVersion = `
import { openStore as openNow } from './open-now.ts';
export async function openStore(options) {
  const store = await openNow(options);
  return {
    ...store,
    transaction: (locks, work) =>
      store.transaction(locks, (tx) =>
        work({
          ...tx,
          appendEvent(event) {
            tx.appendEvent(event);
            tx.appendEvent({ type: 'tomorrow.happened', recipients: event.recipients, body: { new: true } });
          },
        }),
      ),
  };
}
`;

export interface NextVersion {
  readonly version: string;
  /** Starts it, for `startServerProcess`. */
  readonly command: readonly string[];
  remove(): Promise<void>;
}

/** Makes the program in a folder of its own. */
export async function makeNextVersion(): Promise<NextVersion> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-next-'));
  const at = (...names: string[]) => path.join(folder, ...names);
  await cp(path.join(root, 'server'), at('server'), { recursive: true });
  for (const name of ['node_modules', 'manifests', 'addins', 'dist'])
    await symlink(path.join(root, name), at(name));
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const version = `${manifest.version}-next`;
  await writeFile(at('package.json'), JSON.stringify({ ...manifest, version }));

  const migrations = at('server', 'adapters', 'storage', 'migrations');
  await rename(path.join(migrations, 'index.ts'), path.join(migrations, 'index-now.ts'));
  await writeFile(
    path.join(migrations, 'index.ts'),
    `export * from './index-now.ts';
     import { migrationsFor as knownNow } from './index-now.ts';
     const next = ${JSON.stringify({ ...nextMigration, checksum: 'x', worksFrom: null })};
     export const migrationsFor = (types) => [...knownNow(types), next];`,
  );
  for (const [place, source] of [
    ['bus', busOfNextVersion],
    ['storage', storeOfNextVersion],
  ] as const) {
    await rename(at('server', 'adapters', place, 'open.ts'), at('server', 'adapters', place, 'open-now.ts'));
    await writeFile(at('server', 'adapters', place, 'open.ts'), source);
  }
  return {
    version,
    command: [process.execPath, at('server', 'main.ts')],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
