/**
 * Backup and restore of an organisation that lives in SQLite: a folder with one consistent copy of the
 * database, the files of all attachments, and a list that says what belongs to it. The server may go on
 * meanwhile; for a restore it must not run.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { cp, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { takeSoleUse } from './sole-use.ts';
import { openDatabase } from './sqlite-database.ts';

const databaseName = 'jellybean.db';
const blobsName = 'blobs';
const listName = 'backup.json';

interface List {
  readonly format: 1;
  readonly madeAt: string;
  readonly database: { readonly size: number; readonly sha256: string };
  readonly blobs: number;
}

/** A sentence for whoever typed the command; everything else that is thrown is a fault of ours. */
export class BackupError extends Error {}

async function digestOf(file: string): Promise<List['database']> {
  const digest = createHash('sha256');
  let size = 0;
  for await (const part of createReadStream(file)) {
    digest.update(part as Buffer);
    size += (part as Buffer).length;
  }
  return { size, sha256: digest.digest('hex') };
}

/** Makes what stands in a file or a folder outlive a power cut. */
async function sync(name: string): Promise<void> {
  const handle = await open(name, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const exists = (name: string) =>
  stat(name).then(
    () => true,
    () => false,
  );

/** Copies blobs that are not there yet; they never change, so those that are need no second look. */
async function copyBlobs(from: string, to: string): Promise<number> {
  let count = 0;
  await mkdir(to, { recursive: true, mode: 0o700 });
  if (!(await exists(from))) return 0;
  for (const shelf of await readdir(from, { withFileTypes: true })) {
    if (!shelf.isDirectory() || shelf.name.startsWith('.')) continue;
    await mkdir(path.join(to, shelf.name), { recursive: true, mode: 0o700 });
    for (const key of await readdir(path.join(from, shelf.name))) {
      count += 1;
      const target = path.join(to, shelf.name, key);
      if (await exists(target)) continue;
      const aside = `${target}.part`;
      // A blob may be removed while it is being copied: then nothing that was saved refers to it.
      try {
        await cp(path.join(from, shelf.name, key), aside, { mode: constants.COPYFILE_FICLONE });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        count -= 1;
        continue;
      }
      await sync(aside);
      await rename(aside, target);
    }
    await sync(path.join(to, shelf.name));
  }
  return count;
}

/** Where the parts of an organisation lie. */
export interface Places {
  readonly database: string;
  readonly blobs: string;
}

/** Writes a backup into a new folder; it appears under its name only when it is whole. */
export async function makeBackup(places: Places, folder: string, now: Date): Promise<List> {
  if (!(await exists(places.database)))
    throw new BackupError(`There is no database at ${places.database}; nothing to back up.`);
  if (await exists(folder)) throw new BackupError(`${folder} exists already; a backup goes to a new folder.`);
  const aside = `${folder}.part`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const copy = path.join(aside, databaseName);
  const database = openDatabase(places.database, true);
  try {
    // One reading transaction: what is committed meanwhile is not in it, and no writer waits for it.
    database.prepare('vacuum into ?').run(copy);
  } finally {
    database.close();
  }
  await sync(copy);
  // After the database, so that every file it speaks of is there.
  const blobs = await copyBlobs(places.blobs, path.join(aside, blobsName));
  const list: List = { format: 1, madeAt: now.toISOString(), database: await digestOf(copy), blobs };
  await writeFile(path.join(aside, listName), `${JSON.stringify(list, null, 2)}\n`);
  await sync(path.join(aside, listName));
  await rename(aside, folder);
  await sync(path.dirname(path.resolve(folder)));
  return list;
}

async function readList(folder: string): Promise<List> {
  let list: List;
  try {
    list = JSON.parse(await readFile(path.join(folder, listName), 'utf8')) as List;
  } catch (error) {
    throw new BackupError(`${folder} is no backup: its ${listName} cannot be read.`, { cause: error });
  }
  if (list.format !== 1)
    throw new BackupError(`${folder} was written by a newer version, in a format this one does not know.`);
  const found = await digestOf(path.join(folder, databaseName));
  if (found.sha256 !== list.database.sha256)
    throw new BackupError(`The database in ${folder} is damaged: it is not what its ${listName} says.`);
  return list;
}

/**
 * Puts a backup in the place of the organisation, which must be missing unless `replace`; what was there is
 * kept aside. The history of events gets a new epoch, so that every client fetches everything again.
 * Resolves with where the former database is now, or null.
 */
export async function restoreBackup(
  folder: string,
  places: Places,
  options: { readonly replace: boolean; readonly now: Date },
): Promise<{ readonly list: List; readonly former: string | null }> {
  const list = await readList(folder);
  await mkdir(path.dirname(places.database), { recursive: true, mode: 0o700 });
  let giveBack: () => void;
  try {
    giveBack = takeSoleUse(places.database);
  } catch (error) {
    throw new BackupError((error as Error).message, { cause: error });
  }
  try {
    const isThere = await exists(places.database);
    if (isThere && !options.replace)
      throw new BackupError(`${places.database} exists; add --replace to put the backup in its place.`);
    await copyBlobs(path.join(folder, blobsName), places.blobs);
    const aside = `${places.database}.restoring`;
    await rm(aside, { force: true });
    await cp(path.join(folder, databaseName), aside);
    renewEpoch(aside);
    await sync(aside);
    const former = isThere
      ? `${places.database}.before-${options.now.toISOString().replace(/[:.]/g, '-')}`
      : null;
    if (former !== null) foldLog(places.database);
    if (former !== null) await rename(places.database, former);
    await rename(aside, places.database);
    await sync(path.dirname(places.database));
    return { list, former };
  } finally {
    giveBack();
  }
}

function renewEpoch(file: string): void {
  const database = openDatabase(file, false);
  try {
    database.exec('pragma journal_mode = delete; pragma synchronous = full');
    database.prepare('update organisation set epoch = ?').run(randomBytes(6).toString('hex'));
  } finally {
    database.close();
  }
}

/** Folds the write-ahead log into the file, so that the file alone is the whole database. */
function foldLog(file: string): void {
  const database = openDatabase(file, false);
  try {
    database.exec('pragma journal_mode = delete');
  } finally {
    database.close();
  }
}
