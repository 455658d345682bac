/**
 * The public keys of an issuer. An unknown key id asks the issuer again (keys rotate without notice), but
 * not more often than the cooldown, for anybody can send made-up key ids; callers who wait together share
 * one request. While the issuer is down the last good keys stand for a day, then nobody comes in.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { fetchJson } from './fetch-json.ts';

/** After this the keys are fetched again in the background, so that withdrawn ones stop being good. */
export const freshMs = 10 * 60_000;
/** The least time between two requests, whatever the key ids that come in. */
export const cooldownMs = 30_000;
/** How long the last good keys stand while the issuer does not answer. */
export const keptMs = 24 * 3_600_000;

const unavailable = (cause: unknown) =>
  new DomainError(
    'identity-unavailable',
    'The identity provider does not answer, so this token cannot be checked now.',
    { cause, retryAfterSeconds: 5 },
  );

/** Creates the key look-up for `jwtVerify`. `address` is asked for at each fetch, for discovery may name it. */
export function createKeySet(options: {
  address: () => string | Promise<string>;
  clock: Clock;
}): JWTVerifyGetKey {
  const { clock } = options;
  let keys: ReturnType<typeof createLocalJWKSet> | null = null;
  let fetchedAt = 0;
  let triedAt: number | null = null;
  let failure: unknown = null;
  let loading: Promise<void> | null = null;

  /** Time since, by a clock that may be set back: then everything counts as long ago. */
  const since = (at: number | null): number => {
    const passed = at === null ? -1 : clock.now() - at;
    return passed < 0 ? Number.POSITIVE_INFINITY : passed;
  };

  async function fetchKeys(): Promise<void> {
    triedAt = clock.now();
    try {
      const set = signatureKeys(await fetchJson(await options.address()));
      keys = createLocalJWKSet(set);
      fetchedAt = clock.now();
      failure = null;
    } catch (error) {
      failure = error;
    }
  }
  const load = (): Promise<void> => {
    loading ??= fetchKeys().finally(() => {
      loading = null;
    });
    return loading;
  };

  return async (header, token) => {
    const mayAsk = () => loading !== null || since(triedAt) >= cooldownMs;
    if (keys === null || since(fetchedAt) > keptMs) {
      if (mayAsk()) await load();
      if (keys === null || since(fetchedAt) > keptMs) throw unavailable(failure);
    } else if (since(fetchedAt) > freshMs && mayAsk()) void load();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (mayAsk()) await load();
      // A key made since the last good fetch may be honest; only the issuer could say.
      if (failure !== null) throw unavailable(failure);
      return keys(header, token);
    }
  };
}

/** Keys for signatures only, and public ones only: a document that holds a secret is not one to trust. */
function signatureKeys(document: unknown): JSONWebKeySet {
  const { keys } = (document ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('the key document has no "keys"');
  const usable = (keys as Record<string, unknown>[]).filter(
    (key) =>
      typeof key === 'object' &&
      key !== null &&
      (key.kty === 'RSA' || key.kty === 'EC' || key.kty === 'OKP') &&
      (key.use === undefined || key.use === 'sig') &&
      key.d === undefined,
  );
  if (usable.length === 0) throw new Error('the key document holds no public signature key');
  return { keys: usable } as unknown as JSONWebKeySet;
}
