/**
 * One file out of a multipart body, as a stream: nothing is held in memory but its first bytes, from which
 * its type is told. Whatever is not exactly one file is refused.
 */
import { PassThrough, Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { fileTypeFromBuffer } from 'file-type';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../protocol/vocabulary.ts';
import type { Upload } from './route.ts';

/** What the detector asks for to tell every type it knows. */
const detectionBytes = 4_100;

export interface UploadedFile {
  /** As the client named it; not to be trusted. */
  readonly name: string;
  /** What the first bytes say it is, or null where they are of no known type. */
  readonly sniffedType: string | null;
  /** True where the first bytes are text in UTF-8. */
  readonly isText: boolean;
  /** The whole content; ends with an error when the body ends early. */
  readonly stream: Readable;
}

/**
 * Reads the parts of `upload` and hands the one file to `receive`. Whatever goes wrong, the rest of the body is
 * read and dropped, so that the client gets its answer instead of a broken connection.
 */
export async function receiveFile<Result>(
  upload: Upload,
  receive: (file: UploadedFile) => Promise<Result>,
): Promise<Result> {
  const { stream: body, contentType } = upload;
  if (!/^multipart\/form-data\s*;/i.test(contentType))
    throw new DomainError(
      'unsupported-media-type',
      `The body is "${contentType || 'of no declared type'}"; send multipart/form-data.`,
    );
  const parser = openParser(contentType);
  let received: Promise<Result> | null = null;
  let files = 0;
  const parsed = new Promise<void>((resolve, reject) => {
    parser.on('file', (_field, part, filename) => {
      files += 1;
      if (received !== null) {
        part.resume();
        return;
      }
      const file = new PassThrough();
      part.on('limit', () => file.destroy(tooLarge()));
      part.on('error', (error) => file.destroy(error));
      body.once('close', () => {
        if (!file.writableFinished && !parser.writableFinished) file.destroy(endedEarly());
      });
      part.pipe(file);
      received = peek(file)
        .then((head) => receive({ name: filename ?? '', ...head }))
        .finally(() => {
          // Whoever received it may have stopped reading: the rest flows by.
          part.unpipe(file);
          part.resume();
        });
      received.catch(() => {});
    });
    for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
      parser.on(event, () => reject(malformed('The body has more parts than one file.')));
    parser.on('error', (cause) =>
      reject(malformed('The body is not well-formed multipart/form-data.', cause)),
    );
    parser.on('finish', resolve);
    body.once('error', reject);
    body.once('close', () => {
      // busboy waits for ever for an end that does not come.
      if (!parser.writableFinished) setImmediate(() => reject(endedEarly()));
    });
  });
  body.pipe(parser);
  try {
    await parsed;
  } catch (error) {
    body.unpipe(parser);
    body.resume();
    if (received !== null) await (received as Promise<Result>).catch(() => {});
    throw error;
  }
  if (received === null) throw malformed('The body holds no file.');
  if (files > 1) throw malformed('Send one file per call.');
  return received;
}

function openParser(contentType: string) {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: {
        fileSize: limits.attachmentBytes + 1,
        files: 1,
        fields: 4,
        parts: 5,
        fieldSize: 1_000,
        fieldNameSize: 100,
        headerPairs: 20,
        headerSize: 8_192,
      },
    });
  } catch (cause) {
    throw malformed('The Content-Type names no boundary.', cause);
  }
}

/** Tells the type from the first bytes and gives the whole as a stream. */
async function peek(file: PassThrough): Promise<Omit<UploadedFile, 'name'>> {
  const parts: Buffer[] = [];
  let size = 0;
  const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let ended = false;
  while (size < detectionBytes && !ended) {
    const next = await chunks.next();
    if (next.done) ended = true;
    else {
      parts.push(next.value);
      size += next.value.length;
    }
  }
  const head = Buffer.concat(parts);
  const found = await fileTypeFromBuffer(head.subarray(0, detectionBytes));
  async function* whole() {
    try {
      if (head.length > 0) yield head;
      while (!ended) {
        const next = await chunks.next();
        if (next.done) ended = true;
        else yield next.value;
      }
    } finally {
      await chunks.return?.();
    }
  }
  return {
    sniffedType: found?.mime ?? null,
    isText: found === undefined && looksLikeText(head),
    stream: Readable.from(whole(), { objectMode: false }),
  };
}

/** UTF-8 without control characters; a sign that is cut off at the end of the head is no fault. */
function looksLikeText(head: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    return !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text);
  } catch {
    return false;
  }
}

const malformed = (detail: string, cause?: unknown) =>
  new DomainError('invalid-input', detail, {
    errors: [{ pointer: '', message: detail }],
    ...(cause === undefined ? {} : { cause }),
  });
const tooLarge = () =>
  new DomainError('body-too-large', `The file is larger than ${limits.attachmentBytes} bytes.`);
const endedEarly = () => new DomainError('invalid-input', 'The body ended before the file did.');
