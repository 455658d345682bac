/**
 * Blobs as files of a folder. A blob is written aside, synced, and only then appears under its key, so that
 * neither a crash nor a full disk can leave half of one behind.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { DomainError } from '../../domain/errors.ts';
import type { Blobs } from '../../ports/blobs.ts';

/** Keys are made by this server; whatever else comes here must not walk the disk. */
const keyPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{2,199}$/;

/** A write that was cut off by a crash is swept at the next start, once no other node can still be at it. */
const abandonedMs = 24 * 3_600_000;

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

const unavailable = (cause: unknown) =>
  new DomainError('store-unavailable', 'The file could not be stored now; nothing was saved. Try again.', {
    cause,
    retryAfterSeconds: 2,
  });

/** Makes a new name durable: the folder that holds it is synced as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all of `source` to a new file and syncs it; the caller removes the file when this throws. */
async function writeAside(file: string, source: Readable, maxBytes: number) {
  const digest = createHash('sha256');
  let size = 0;
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const part of source) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : (part as Uint8Array);
      size += bytes.length;
      if (size > maxBytes)
        throw new DomainError('body-too-large', `The file is larger than ${maxBytes} bytes.`);
      digest.update(bytes);
      let written = 0;
      while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { size, sha256: digest.digest('hex') };
}

/** Opens (or makes) the folder. `now` decides which abandoned writes are old enough to be swept. */
export async function openFolderBlobs(folder: string, now: number): Promise<Blobs> {
  const incoming = path.join(folder, '.incoming');
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  for (const name of await readdir(incoming)) {
    const file = path.join(incoming, name);
    if ((await stat(file)).mtimeMs < now - abandonedMs) await rm(file, { force: true });
  }

  // The last two characters spread: keys may begin with a time.
  const shelfOf = (key: string) => path.join(folder, key.slice(-2).toLowerCase());
  const placeOf = (key: string) => {
    if (!keyPattern.test(key)) throw new Error(`“${key}” cannot be the key of a blob.`);
    return path.join(shelfOf(key), key);
  };

  return {
    write: async (key, source, maxBytes) => {
      const place = placeOf(key);
      const aside = path.join(incoming, randomUUID());
      try {
        const written = await writeAside(aside, source, maxBytes);
        await mkdir(shelfOf(key), { recursive: true, mode: 0o700 });
        // A link fails where the key exists; a rename would replace what must never change.
        await link(aside, place);
        await syncFolder(shelfOf(key));
        await syncFolder(folder);
        return written;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') throw new DomainError('conflict', 'This file is stored already.');
        const isDisk = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'].includes(codeOf(error) ?? '');
        throw isDisk ? unavailable(error) : error;
      } finally {
        source.destroy();
        await rm(aside, { force: true });
      }
    },
    read: async (key) => {
      try {
        const handle = await open(placeOf(key), 'r');
        return handle.createReadStream();
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    },
    remove: async (key) => {
      await rm(placeOf(key), { force: true });
    },
    close: async () => {},
    keys: async function* () {
      for (const shelf of await readdir(folder, { withFileTypes: true })) {
        if (!shelf.isDirectory() || shelf.name.startsWith('.')) continue;
        for (const key of await readdir(path.join(folder, shelf.name))) yield key;
      }
    },
  };
}
