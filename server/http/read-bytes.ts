/** A body that is not JSON, whole and bounded: address cards, a photo. */
import { DomainError } from '../domain/errors.ts';
import type { Upload } from './route.ts';

/** Reads the body to its end; past `most` bytes it throws `body-too-large` and nothing of it is kept. */
export async function readBytes(upload: Upload, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of upload.stream as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > most) throw new DomainError('body-too-large', `The file is larger than ${most} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
