/** What every store of blobs promises. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFolderBlobs } from '../../server/adapters/blobs/folder.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import { openPostgresBlobs } from '../../server/adapters/storage/postgres-blobs.ts';
import { DomainError } from '../../server/domain/errors.ts';
import type { Blobs } from '../../server/ports/blobs.ts';
import { createManualClock } from '../support/clock.ts';
import { hasPostgres, postgresSchema } from './stores.ts';

const most = 1 << 20;
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => (error instanceof DomainError ? error.code : String(error)),
  );

const places = [
  {
    name: 'folder',
    open: async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-blobs-'));
      const leftovers = () => readdir(path.join(folder, '.incoming'));
      const blobs = await openFolderBlobs(folder, Date.now());
      return { blobs, leftovers, remove: () => rm(folder, { recursive: true }) };
    },
  },
  ...(hasPostgres
    ? [
        {
          name: 'PostgreSQL',
          open: async () => {
            const { url, remove } = await postgresSchema();
            await (await openStore({ url, folder: '', clock: createManualClock() })).close();
            const client = new pg.Client({ connectionString: url });
            await client.connect();
            const leftovers = async () => {
              const sql = 'select key from blob_part where key not in (select key from blob)';
              return (await client.query(sql)).rows.map(({ key }) => key as string);
            };
            const end = async () => {
              await client.end();
              await remove();
            };
            return { blobs: openPostgresBlobs(url), leftovers, remove: end };
          },
        },
      ]
    : []),
];

describe.each(places)('$name', ({ open }) => {
  let blobs: Blobs;
  let leftovers: () => Promise<string[]>;
  let remove: () => Promise<unknown>;
  beforeEach(async () => {
    ({ blobs, leftovers, remove } = await open());
  });
  afterEach(async () => {
    await blobs.close();
    await remove();
  });

  const keys = async () => {
    const all: string[] = [];
    for await (const key of blobs.keys()) all.push(key);
    return all.sort();
  };
  const read = async (key: string) => {
    const source = await blobs.read(key);
    return source === null ? null : buffer(source);
  };

  test('[ST16] bytes come back as they were, with their size and digest', async () => {
    const bytes = randomBytes(600_000);
    const parts = [bytes.subarray(0, 10), bytes.subarray(10, 200_000), bytes.subarray(200_000)];
    expect(await blobs.write('one-blob', Readable.from(parts), most)).toEqual({
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(await read('one-blob')).toEqual(bytes);
    await blobs.write('empty', Readable.from([]), most);
    expect(await read('empty')).toHaveLength(0);
    expect(await read('none')).toBeNull();
    expect(await keys()).toEqual(['empty', 'one-blob']);
    await blobs.remove('one-blob');
    await blobs.remove('one-blob');
    expect(await keys()).toEqual(['empty']);
  });

  test('[ST16] one byte too many, or a source that fails, leaves nothing', async () => {
    const tooMuch = blobs.write('large', Readable.from([randomBytes(50), randomBytes(51)]), 100);
    expect(await codeOf(tooMuch)).toBe('body-too-large');
    const failing = Readable.from(
      (async function* () {
        yield randomBytes(10);
        throw new Error('the line was cut');
      })(),
    );
    expect(await codeOf(blobs.write('cut', failing, most))).toContain('the line was cut');
    await blobs.write('exact', Readable.from([randomBytes(100)]), 100);
    expect(await keys()).toEqual(['exact']);
    expect(await leftovers()).toEqual([]);
  });

  test('[ST16] a blob is written once and never changed', async () => {
    await blobs.write('once', Readable.from([Buffer.from('first')]), most);
    const again = Array.from({ length: 3 }, () =>
      codeOf(blobs.write('once', Readable.from([Buffer.from('second')]), most)),
    );
    expect(await Promise.all(again)).toEqual(['conflict', 'conflict', 'conflict']);
    expect(String(await read('once'))).toBe('first');
  });

  test('[ST16] a key cannot leave the folder', async () => {
    for (const key of [
      '../../etc/passwd',
      '..',
      '.incoming',
      'a/b',
      '',
      'a\u0000b',
      'ab',
      `x${'y'.repeat(300)}`,
    ]) {
      await expect(blobs.write(key, Readable.from(['x']), most)).rejects.toThrow('cannot be the key');
      await expect(blobs.read(key)).rejects.toThrow('cannot be the key');
    }
  });
});

describe('folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'jellybean-blobs-'));
    await openFolderBlobs(folder, Date.now());
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('[ST16] a write cut off by a crash is swept at the next start, a running one is not', async () => {
    const incoming = path.join(folder, '.incoming');
    await writeFile(path.join(incoming, 'old'), 'half');
    await writeFile(path.join(incoming, 'running'), 'half');
    await utimes(path.join(incoming, 'old'), new Date(0), new Date(0));
    await openFolderBlobs(folder, Date.now());
    expect(await readdir(incoming)).toEqual(['running']);
  });
});
