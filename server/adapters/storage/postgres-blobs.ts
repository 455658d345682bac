/**
 * Blobs in PostgreSQL, for nodes without a folder that all of them see: a row for each blob, its bytes in parts,
 * written in one transaction, so that a blob is there whole or not at all. Reads one part after the other.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { DomainError } from '../../domain/errors.ts';
import type { Blobs } from '../../ports/blobs.ts';
import { unavailable } from './failures.ts';
import { isTrouble, openPool } from './postgres.ts';

/** Bytes per row: large enough to be few, small enough that a reader holds little. */
const partBytes = 256 * 1024;
const connections = 4;
/** A client that uploads slowly keeps its transaction open while it does. */
const uploadTimeoutMs = 120_000;
const keysPerPage = 1_000;
/** Keys are made by this server; the same form as those of a folder. */
const keyPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{2,199}$/;
const unique = '23505';

async function* partsOf(source: Readable): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const part of source) {
    const bytes = Buffer.from(part as Uint8Array | string);
    waiting.push(bytes);
    size += bytes.length;
    if (size < partBytes) continue;
    const all = Buffer.concat(waiting);
    let from = 0;
    for (; all.length - from >= partBytes; from += partBytes) yield all.subarray(from, from + partBytes);
    waiting = [all.subarray(from)];
    size = all.length - from;
  }
  if (size > 0) yield Buffer.concat(waiting);
}

/** Opens the blobs of a store that has been opened before, which makes their tables. */
export function openPostgresBlobs(url: string): Blobs {
  const pool = openPool(url, {
    idle_in_transaction_session_timeout: uploadTimeoutMs,
    max: connections,
  });
  const checked = (key: string) => {
    if (!keyPattern.test(key)) throw new Error(`“${key}” cannot be the key of a blob.`);
    return key;
  };
  const translated = (error: unknown): unknown => {
    if (error instanceof DomainError) return error;
    if ((error as { code?: string }).code === unique)
      return new DomainError('conflict', 'This file is stored already.');
    return isTrouble(error) ? unavailable(error) : error;
  };

  async function insert(client: pg.PoolClient, key: string, source: Readable, maxBytes: number) {
    const digest = createHash('sha256');
    let size = 0;
    let number = 0;
    await client.query('insert into blob (key, size, sha256) values ($1, 0, $2)', [key, '']);
    for await (const part of partsOf(source)) {
      size += part.length;
      if (size > maxBytes)
        throw new DomainError('body-too-large', `The file is larger than ${maxBytes} bytes.`);
      digest.update(part);
      await client.query('insert into blob_part (key, number, bytes) values ($1, $2, $3)', [
        key,
        number,
        part,
      ]);
      number += 1;
    }
    const sha256 = digest.digest('hex');
    await client.query('update blob set size = $2, sha256 = $3 where key = $1', [key, size, sha256]);
    return { size, sha256 };
  }

  return {
    write: async (key, source, maxBytes) => {
      let client: pg.PoolClient | undefined;
      let failure: Error | undefined;
      let sourceFailure: unknown = null;
      source.once('error', (error) => {
        sourceFailure = error;
      });
      checked(key);
      try {
        client = await pool.connect();
        await client.query('begin');
        const written = await insert(client, key, source, maxBytes);
        await client.query('commit');
        return written;
      } catch (error) {
        failure = error as Error;
        await client?.query('rollback').catch(() => {});
        throw sourceFailure === error ? error : translated(error);
      } finally {
        source.destroy();
        client?.release(failure !== undefined && !(failure instanceof DomainError) ? failure : undefined);
      }
    },
    read: async (key) => {
      checked(key);
      try {
        const { rows } = await pool.query('select size from blob where key = $1', [key]);
        if (rows.length === 0) return null;
      } catch (error) {
        throw translated(error);
      }
      const parts = async function* () {
        for (let number = 0; ; number += 1) {
          const { rows } = await pool.query('select bytes from blob_part where key = $1 and number = $2', [
            key,
            number,
          ]);
          if (rows.length === 0) return;
          yield rows[0].bytes as Buffer;
        }
      };
      return Readable.from(parts(), { objectMode: false });
    },
    remove: async (key) => {
      await pool.query('delete from blob where key = $1', [checked(key)]).catch((error) => {
        throw translated(error);
      });
    },
    keys: async function* () {
      for (let after = ''; ; ) {
        const { rows } = await pool.query('select key from blob where key > $1 order by key limit $2', [
          after,
          keysPerPage,
        ]);
        for (const { key } of rows as { key: string }[]) yield key;
        if (rows.length < keysPerPage) return;
        after = rows.at(-1).key;
      }
    },
    close: () => pool.end(),
  };
}
