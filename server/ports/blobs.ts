/** Bytes of attachments and photos, beside the store. A blob is written once and never changed. */
import type { Readable } from 'node:stream';

export interface Blobs {
  /**
   * Streams `source` to a new blob and resolves with its size and SHA-256 (hex) once it is durable. On
   * any error, or past `maxBytes` (DomainError `body-too-large`), nothing remains.
   */
  write(key: string, source: Readable, maxBytes: number): Promise<{ size: number; sha256: string }>;
  /** Opens a blob for reading, or null when there is none of that key. The caller consumes or destroys it. */
  read(key: string): Promise<Readable | null>;
  /** Removes a blob; removing what is not there is no error. */
  remove(key: string): Promise<void>;
  /** Every key, for `verify` and orphan collection; any order. */
  keys(): AsyncIterable<string>;
  close(): Promise<void>;
}
