/**
 * What comes in: bodies, queries, headers → typed values or a problem that says where it hurts. The same
 * code stands behind the pre-router and behind Express, so both refuse alike.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ZodType } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { isTimeZone, type Reader, readerFor } from '../domain/reader.ts';
import { type Language, languages, limits } from '../protocol/vocabulary.ts';
import type { IdempotentRequest } from '../services/idempotency.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a whole JSON body. Refuses other media types, more than 256 KiB, bad UTF-8 and bad JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const mediaType = request.headers['content-type'];
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (length > limits.bodyBytes) throw tooLarge();
  if (mediaType === undefined ? length > 0 || request.headers['transfer-encoding'] : !isJson(mediaType))
    throw new DomainError(
      'unsupported-media-type',
      `The body is "${mediaType ?? 'of no declared type'}"; send application/json.`,
    );
  if (request.headers['content-encoding'] !== undefined)
    throw new DomainError(
      'unsupported-media-type',
      'Compressed bodies are not taken; send the JSON as it is.',
    );
  const bytes = await readBytes(request, limits.bodyBytes);
  if (bytes.length === 0) return undefined;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new DomainError('not-json', 'The body is not valid UTF-8.', { cause });
  }
  try {
    return JSON.parse(text, mayHoldProto.test(text) ? refuseProto : undefined);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw new DomainError('not-json', 'The body is not valid JSON.', { cause });
  }
}

const isJson = (mediaType: string): boolean =>
  mediaType === 'application/json' || /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(mediaType);

/** Looking at every key costs several times the parsing: only where the name can be, plainly or by an escape. */
const mayHoldProto = /__proto__|\\u/;

/** `__proto__` as a key has no honest use here and a long history of misuse. */
function refuseProto(this: unknown, key: string, value: unknown): unknown {
  if (key === '__proto__') throw new DomainError('not-json', 'A key named "__proto__" is not taken.');
  return value;
}

const tooLarge = () =>
  new DomainError('body-too-large', `The body is larger than ${limits.bodyBytes} bytes.`);

/** Collects the body up to `most` bytes; past that the rest is discarded, not buffered. */
function readBytes(request: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size > most) {
        parts = [];
        reject(tooLarge());
      } else parts.push(part);
    });
    request.on('end', () => resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new DomainError('invalid-input', 'The body ended early.'));
    });
  });
}

/** Checks a value against a schema; throws `invalid-input` with a JSON pointer for each thing that is wrong. */
export function parse<Value>(schema: ZodType<Value>, value: unknown, where: 'body' | 'query'): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 20).map((issue) => ({
    pointer: issue.path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message: issue.message,
  }));
  const first = errors[0];
  throw new DomainError(
    'invalid-input',
    `The ${where} is not as expected${first ? `: ${first.pointer || where} – ${first.message}` : ''}.`,
    {
      errors,
    },
  );
}

/** Query parameters by name; a repeated one keeps its last value, as forms do. */
export function readQuery(url: string): Record<string, string> {
  const mark = url.indexOf('?');
  return mark < 0 ? {} : Object.fromEntries(new URLSearchParams(url.slice(mark + 1)));
}

/** The caller's idempotency key with a digest of what they ask for, or null without the header. */
export function readIdempotency(
  request: IncomingMessage,
  route: string,
  body: unknown,
): IdempotentRequest | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || key.length === 0 || key.length > limits.idempotencyKeyCharacters)
    throw new DomainError(
      'invalid-input',
      `Idempotency-Key takes 1 to ${limits.idempotencyKeyCharacters} characters.`,
    );
  return { key, digest: hash('sha256', `${route}\n${JSON.stringify(body ?? null)}`, 'base64url') };
}

const readers = new Map<string, Reader>();

/** Language and time zone of the caller; unknown ones fall back, they are no error. */
export function readerOf(request: IncomingMessage, defaultZone: string): Reader {
  const accept = request.headers['accept-language'] ?? '';
  const zone = (request.headers['time-zone'] as string | undefined) ?? '';
  const key = `${accept}\n${zone}\n${defaultZone}`;
  let reader = readers.get(key);
  if (reader === undefined) {
    reader = readerFor(
      bestLanguage(accept),
      zone !== '' && zone.length < 64 && isTimeZone(zone) ? zone : defaultZone,
    );
    if (readers.size > 5_000) readers.clear();
    readers.set(key, reader);
  }
  return reader;
}

/** The best of our languages for an Accept-Language header (RFC 9110 §12.5.4); English when none fits. */
export function bestLanguage(accept: string): Language {
  let best: Language = 'en';
  let bestQuality = 0;
  for (const part of accept.slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = part.trim().split(';');
    const quality = Number(
      parameters
        .find((each) => each.trim().startsWith('q='))
        ?.trim()
        .slice(2) ?? 1,
    );
    const lower = tag.toLowerCase();
    const language = languages.find((each) => {
      if (each === 'zh-Hant') return /^zh-(hant|tw|hk|mo)\b/.test(lower) || lower === 'zh';
      return lower === each || lower.startsWith(`${each}-`);
    });
    if (language !== undefined && quality > bestQuality) [best, bestQuality] = [language, quality];
  }
  return best;
}
