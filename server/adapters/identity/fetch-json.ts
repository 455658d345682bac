/**
 * Fetches a JSON document of an identity provider: over TLS (or from this very machine), without following
 * redirects, bounded in time and size. What is behind these addresses decides who may come in.
 */
import { isIP } from 'node:net';

const withinMs = 5_000;
const mostBytes = 512 * 1024;

/** True for addresses that a provider may have: HTTPS, or plain HTTP to loopback for development and tests. */
function isTrustworthyUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  const host = url.hostname;
  return (
    url.protocol === 'http:' &&
    (host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.')))
  );
}

/** Fetches one document. Rejects on every status but 200, on redirects, on bad JSON, past 5 s or 512 KiB. */
export async function fetchJson(url: string): Promise<unknown> {
  if (!isTrustworthyUrl(url)) throw new Error(`${url} is not an https address`);
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(withinMs),
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > mostBytes) throw new Error(`${url} answered more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}
