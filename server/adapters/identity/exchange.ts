/**
 * Identity tokens of Exchange Server, which Outlook gives an add-in without asking anybody ("ExIdTok.V1"). A
 * token names the server whose keys sign it (`amurl`); only addresses of the configuration are ever asked,
 * whatever a token says. What comes out is the name of a mailbox, no person and no right.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { skewSeconds } from './entra.ts';
import { fetchJson } from './fetch-json.ts';
import { refusalOf } from './session-tokens.ts';
import { digestOf } from './token-cache.ts';

export interface ExchangeRules {
  /** Addresses of the metadata documents of one's own Exchange servers. */
  readonly metadataUrls: readonly string[];
  /** This server's base address: tokens are for pages of its add-ins. */
  readonly baseUrl: string;
}

/** How long keys are good before they are asked for again, and how long while nobody answers. */
const freshMs = 3_600_000;
const keptMs = 86_400_000;
const cooldownMs = 30_000;

/** Creates the check: from a token to the stable name of its mailbox. Throws `unauthenticated`, `token-expired`, `identity-unavailable`. */
export function createExchangeCheck(options: {
  rules: ExchangeRules;
  clock: Clock;
}): (token: string) => Promise<string> {
  const { rules, clock } = options;
  const { origin } = new URL(rules.baseUrl);
  const keySets = new Map(rules.metadataUrls.map((url) => [new URL(url).href, createKeys(url, clock)]));

  return async (token) => {
    try {
      // Not yet to be believed: it only chooses among the servers of the configuration.
      const { amurl } = contextOf(decodeJwt(token));
      const keys = keySets.get(URL.parse(amurl)?.href ?? '');
      if (keys === undefined) throw new Error('the token is of no server that is let in');
      const { x5t } = decodeProtectedHeader(token);
      if (typeof x5t !== 'string') throw new Error('the token names no key');
      const { payload } = await jwtVerify(token, await keys(x5t), {
        algorithms: ['RS256'],
        currentDate: new Date(clock.now()),
        clockTolerance: skewSeconds,
        requiredClaims: ['aud', 'exp', 'nbf'],
      });
      const audience = typeof payload.aud === 'string' ? URL.parse(payload.aud) : null;
      if (audience?.origin !== origin || !audience.pathname.startsWith('/addins/'))
        throw new Error('the token is for another add-in');
      const { msexchuid, version } = contextOf(payload);
      if (version !== 'ExIdTok.V1') throw new Error('the token is of another version');
      // The same name may mean another mailbox on another server.
      return digestOf(`${new URL(amurl).href}\n${msexchuid}`);
    } catch (cause) {
      throw refusalOf(cause);
    }
  };
}

/** What Exchange puts into a claim of its own, as an object or as its text. */
function contextOf(payload: Readonly<Record<string, unknown>>): {
  amurl: string;
  msexchuid: string;
  version: unknown;
} {
  const { appctx } = payload;
  const context: unknown = typeof appctx === 'string' ? JSON.parse(appctx) : appctx;
  const { amurl, msexchuid, version } = (context ?? {}) as Record<string, unknown>;
  if (typeof amurl !== 'string' || typeof msexchuid !== 'string' || msexchuid === '')
    throw new Error('the token names no mailbox');
  return { amurl, msexchuid, version };
}

/** The signing keys of one server by the thumbprint of their certificate; asked for by all who wait together. */
function createKeys(url: string, clock: Clock): (x5t: string) => Promise<KeyObject> {
  let keys: ReadonlyMap<string, KeyObject> | null = null;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown = null;
  let loading: Promise<void> | null = null;
  const since = (moment: number): number => {
    const passed = clock.now() - moment;
    return passed < 0 ? Number.POSITIVE_INFINITY : passed;
  };
  async function fetchKeys(): Promise<void> {
    triedAt = clock.now();
    try {
      keys = signingKeys(await fetchJson(url));
      fetchedAt = clock.now();
      failure = null;
    } catch (error) {
      failure = error;
    }
  }
  return async (x5t) => {
    const isOld = since(fetchedAt) > freshMs;
    if ((isOld || keys?.has(x5t) !== true) && (loading !== null || since(triedAt) >= cooldownMs)) {
      loading ??= fetchKeys().finally(() => {
        loading = null;
      });
      await loading;
    }
    const key = since(fetchedAt) > keptMs ? undefined : keys?.get(x5t);
    if (key !== undefined) return key;
    if (failure !== null)
      throw new DomainError('identity-unavailable', 'The Exchange server does not answer.', {
        cause: failure,
        retryAfterSeconds: 30,
      });
    throw new Error('the key of the token is not one of its server');
  };
}

/** Keys of a metadata document, each under the thumbprint that its certificate really has. */
function signingKeys(document: unknown): ReadonlyMap<string, KeyObject> {
  const { keys } = (document ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('the metadata document has no "keys"');
  const found = new Map<string, KeyObject>();
  for (const entry of keys as { usage?: unknown; keyvalue?: { type?: unknown; value?: unknown } }[]) {
    if (String(entry?.usage).toLowerCase() !== 'signing' || typeof entry.keyvalue?.value !== 'string')
      continue;
    const certificate = new X509Certificate(Buffer.from(entry.keyvalue.value, 'base64'));
    const thumbprint = Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
    found.set(thumbprint, certificate.publicKey);
  }
  if (found.size === 0) throw new Error('the metadata document holds no signing key');
  return found;
}
