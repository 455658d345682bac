#!/usr/bin/env node
/**
 * What an administrator does beside the running server: `jellybean check-config | backup | restore | migrate | verify |
 * export-person | erase-person`.
 * Ends with 0 when all is well, 1 when something was found or failed, 2 when the call itself was wrong.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { openFolderBlobs } from './adapters/blobs/folder.ts';
import { createSystemClock } from './adapters/clock/system.ts';
import { createStoredDirectory } from './adapters/directory/stored.ts';
import { BackupError, makeBackup, type Places, restoreBackup } from './adapters/storage/backup.ts';
import { moveBlobs } from './adapters/storage/move-blobs.ts';
import { openStore } from './adapters/storage/open.ts';
import { openStoreBlobs } from './adapters/storage/open-blobs.ts';
import { rewriteDatabase, sqliteFile } from './adapters/storage/sqlite-database.ts';
import { verify } from './adapters/storage/verify.ts';
import { type Config, ConfigurationError, parseConfig, readEnv, redacted } from './config.ts';
import { DomainError } from './domain/errors.ts';
import type { Blobs } from './ports/blobs.ts';
import type { Clock } from './ports/clock.ts';
import type { PersonRecord } from './ports/directory.ts';
import type { Store } from './ports/store.ts';
import { createArchive } from './services/archive.ts';
import { verifyChain } from './services/archive-chain.ts';
import { createAudit } from './services/audit.ts';
import { erasePerson } from './services/erase.ts';
import { createRetention } from './services/retention.ts';

const usage = `Usage: jellybean <command>

  check-config                       print the settings that would be in force, or every mistake
  backup <new folder>                copy database and attachments; the server may run
  restore <folder> [--replace]       put a backup in place; the server must not run
  migrate <postgres://…>             move everything from SQLite to an empty PostgreSQL; the server must not run
    [--attachments store]            the bytes of attachments too, instead of leaving them in their folder
  verify                             check database and attachments; the server may run
  verify <archive.jsonl>             check the hash chain of an exported archive
  export-person <person> <new file>  write what a person said and could see; the server may run
  erase-person <person> --yes        forget a person for good; the server must not run

A person is named by address or id. Settings come from the same JELLYBEAN_… variables as the server's.
`;

class UsageError extends Error {}

const say = (line: string) => process.stdout.write(`${line}\n`);

function placesOf(config: Config): Places {
  const database = sqliteFile(config.store, config.dataFolder);
  if (database === null)
    throw new UsageError(
      'This organisation lives in PostgreSQL: back it up, restore and check it with the tools of PostgreSQL.',
    );
  return { database, blobs: path.join(config.dataFolder, 'blobs') };
}

function only(positionals: readonly string[], count: number): readonly string[] {
  if (positionals.length !== count) throw new UsageError(usage);
  return positionals;
}

async function backup(config: Config, positionals: readonly string[]): Promise<number> {
  const [folder = ''] = only(positionals, 1);
  const list = await makeBackup(placesOf(config), folder, new Date());
  say(`backed up to ${folder}: database ${list.database.size} bytes, ${list.blobs} attachments`);
  return 0;
}

async function restore(config: Config, positionals: readonly string[], replace: boolean): Promise<number> {
  const [folder = ''] = only(positionals, 1);
  const { list, former } = await restoreBackup(folder, placesOf(config), { replace, now: new Date() });
  say(`restored what was backed up at ${list.madeAt}; clients will fetch everything again`);
  if (former !== null) say(`the former database is kept as ${former}`);
  return 0;
}

async function migrate(config: Config, positionals: readonly string[], attachments: string): Promise<number> {
  const [url = ''] = only(positionals, 1);
  if (!/^postgres(ql)?:\/\//.test(url)) throw new UsageError(`"${url}" is no address of a PostgreSQL.`);
  if (!['folder', 'store'].includes(attachments))
    throw new UsageError(`--attachments takes folder or store, not "${attachments}".`);
  const { database, blobs } = placesOf(config);
  // Loaded only here: nothing else of the command line needs the driver.
  const { moveToPostgres } = await import('./adapters/storage/move-to-postgres.ts');
  const from = await openFolderBlobs(blobs, Date.now());
  const to = attachments === 'store' ? await openStoreBlobs(url) : null;
  let damaged = 0;
  try {
    const { tables, rows } = await moveToPostgres({
      file: database,
      url,
      now: Date.now(),
      say,
      attachments: async (uploaded) => {
        damaged = (await moveBlobs({ uploaded, from, to, say })).damaged.length;
      },
    });
    say(`moved ${rows} rows of ${tables} tables, each read back and compared`);
  } finally {
    await to?.close();
  }
  say(
    to === null
      ? `attachments stay in ${blobs}: set JELLYBEAN_STORE, and JELLYBEAN_DATA to a folder with them that all nodes share`
      : 'set JELLYBEAN_STORE and JELLYBEAN_ATTACHMENTS=store and start the server',
  );
  if (damaged === 0) return 0;
  say(`${damaged} attachments were missing or damaged before, and are still`);
  return 1;
}

async function check(config: Config, positionals: readonly string[]): Promise<number> {
  only(positionals, 0);
  const places = placesOf(config);
  const blobs = await openFolderBlobs(places.blobs, Date.now());
  let wrong = 0;
  for await (const finding of verify(places.database, blobs)) {
    wrong += finding.wrong;
    const detail = finding.detail === null ? '' : ` (${finding.detail})`;
    say(
      finding.wrong === 0
        ? `ok      ${finding.check}`
        : `WRONG   ${finding.check}: ${finding.wrong}${detail}`,
    );
  }
  say(wrong === 0 ? 'all is well' : 'something is wrong; keep this database and restore a backup beside it');
  return wrong === 0 ? 0 : 1;
}

async function checkArchive(file: string): Promise<number> {
  const verdict = await verifyChain(createInterface({ input: createReadStream(file), crlfDelay: 0 }));
  if (!verdict.intact) {
    say(`WRONG   line ${verdict.line}: ${verdict.reason}`);
    return 1;
  }
  say(`ok      ${verdict.lines} lines, unbroken; digest ${verdict.digest}`);
  return 0;
}

/** Store and services for what concerns one person, closed again whatever happens. */
async function withPerson(
  config: Config,
  named: string,
  isBesideServer: boolean,
  task: (parts: ReturnType<typeof partsOf>, person: PersonRecord) => Promise<void>,
): Promise<number> {
  const clock = createSystemClock();
  const store = await openStore({ url: config.store, folder: config.dataFolder, clock, isBesideServer });
  try {
    const blobs = await openFolderBlobs(path.join(config.dataFolder, 'blobs'), clock.now());
    const parts = partsOf(store, blobs, clock);
    const [byId] = await parts.directory.persons([named]);
    const person = byId ?? (await parts.directory.resolve([named]))[0];
    if (person == null) throw new UsageError(`Nobody in the directory is called ${named}.`);
    await task(parts, person);
    return 0;
  } finally {
    await store.close();
  }
}

function partsOf(store: Store, blobs: Blobs, clock: Clock) {
  const directory = createStoredDirectory(store.accounts, clock);
  const audit = createAudit({ store, clock });
  const retention = createRetention({ store, blobs, clock, directory, audit });
  const archive = createArchive({ store, blobs, clock, directory, retention });
  return { store, blobs, clock, directory, audit, retention, archive };
}

const exportPerson = (config: Config, positionals: readonly string[]): Promise<number> => {
  const [named = '', file = ''] = only(positionals, 2);
  return withPerson(config, named, true, async ({ archive, audit, clock }, { id, address }) => {
    // What was sent a moment ago bears the time of the node that took it, whose clock may be ahead of this one.
    const to = clock.now() + 86_400_000;
    const scope = { from: 0, to, personId: id, what: 'own', byId: 'export-person' } as const;
    await audit.record(id, 'person.exported', {});
    await pipeline(archive.lines(scope), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    say(`wrote what concerns ${address} to ${file}`);
  });
};

async function erase(config: Config, positionals: readonly string[], isSure: boolean): Promise<number> {
  const [named = ''] = only(positionals, 1);
  if (!isSure) throw new UsageError('This cannot be undone: say --yes, with the server stopped.');
  const code = await withPerson(config, named, false, async (parts, { id, address }) => {
    const { messages, reactions, files, conversations } = await erasePerson(id, parts);
    // The index is made again from what is left.
    for (const end of ['', '-wal', '-shm'])
      await rm(path.join(config.dataFolder, `search.db${end}`), { force: true });
    say(
      `erased ${address}: ${messages} messages, ${reactions} reactions, ${files} files, ${conversations} conversations`,
    );
  });
  const file = sqliteFile(config.store, config.dataFolder);
  if (file !== null) rewriteDatabase(file);
  return code;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      replace: { type: 'boolean', default: false },
      attachments: { type: 'string', default: 'folder' },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command, ...rest] = positionals;
  if (values.help || command === 'help') {
    say(usage);
    return 0;
  }
  const config = () => parseConfig(readEnv(process.env));
  switch (command) {
    case 'check-config':
      only(rest, 0);
      say(JSON.stringify(redacted(config()), null, 2));
      return 0;
    case 'backup':
      return backup(config(), rest);
    case 'restore':
      return restore(config(), rest, values.replace);
    case 'migrate':
      return migrate(config(), rest, values.attachments);
    case 'verify':
      return rest[0] === undefined ? check(config(), rest) : checkArchive(only(rest, 1)[0] ?? '');
    case 'export-person':
      return exportPerson(config(), rest);
    case 'erase-person':
      return erase(config(), rest, values.yes);
    default:
      throw new UsageError(usage);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage =
    error instanceof UsageError ||
    error instanceof ConfigurationError ||
    (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  const isKnown =
    isUsage ||
    error instanceof BackupError ||
    error instanceof DomainError ||
    // A file that was named and is not there, or is there and must not be, says so itself.
    ['ENOENT', 'EEXIST'].includes((error as { code?: string }).code ?? '');
  process.stderr.write(`${isKnown ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
