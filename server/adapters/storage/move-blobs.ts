/**
 * What becomes of attachments when an organisation moves: they are copied into the store that is to hold them, or
 * looked at where they stay. Each is compared with what was uploaded, by size and digest, and a copy is read
 * back. What a try that failed has copied, the next one finds.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Blobs } from '../../ports/blobs.ts';
import { BackupError } from './backup.ts';
import { digestOf } from './verify.ts';

/** What is known of an attachment since it was uploaded. */
export interface Uploaded {
  readonly id: string;
  readonly size: number;
  readonly sha256: string;
}

export interface MovedBlobs {
  readonly count: number;
  readonly bytes: number;
  /** Those that were missing or damaged before. */
  readonly damaged: readonly string[];
}

/** Progress is told each time so many bytes have been looked at. */
const wordEveryBytes = 256 * 1024 * 1024;

/** Copies all from one place to the other, or checks them where they are (`to` null). */
export async function moveBlobs(options: {
  uploaded: readonly Uploaded[];
  from: Blobs;
  to: Blobs | null;
  say: (line: string) => void;
}): Promise<MovedBlobs> {
  const { uploaded, from, to, say } = options;
  const damaged: string[] = [];
  let count = 0;
  let bytes = 0;
  let nextWord = wordEveryBytes;
  for (const one of uploaded) {
    const isWell = to === null ? isAs(one, await digestOf(from, one.id)) : await copy(one, from, to);
    if (isWell) {
      count += 1;
      bytes += one.size;
    } else damaged.push(one.id);
    if (bytes < nextWord) continue;
    nextWord = bytes + wordEveryBytes;
    say(`attachments: ${count} of ${uploaded.length}, ${megabytes(bytes)}, so far`);
  }
  for (const id of damaged) say(`WRONG   attachment ${id} is missing or not what was uploaded`);
  say(
    `attachments: ${count} ${to === null ? 'are where they were' : 'copied and read back'}, ${megabytes(bytes)}, each compared by SHA-256`,
  );
  return { count, bytes, damaged };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const isAs = ({ size, sha256 }: Uploaded, found: Omit<Uploaded, 'id'> | null): boolean =>
  found?.size === size && found.sha256 === sha256;

/** False where the source itself is missing or damaged; throws where the copy is not what was read. */
async function copy(one: Uploaded, from: Blobs, to: Blobs): Promise<boolean> {
  const there = await digestOf(to, one.id);
  if (isAs(one, there)) return true;
  if (there !== null) await to.remove(one.id);
  const source = await from.read(one.id);
  if (source === null) return false;
  try {
    if (!isAs(one, await to.write(one.id, source, one.size))) {
      await to.remove(one.id);
      return false;
    }
  } catch (error) {
    if (error instanceof DomainError && error.code === 'body-too-large') return false;
    throw error;
  }
  if (isAs(one, await digestOf(to, one.id))) return true;
  throw new BackupError(`The attachment ${one.id} came back as something else. Nothing was moved.`);
}
