/**
 * Bearers that this server issues itself, after somebody has shown who they are elsewhere. Signed with a
 * key that lives in the store, so they are good on every node and after a restart; bound to the generation
 * of their person, so that one revocation ends them all.
 */
import { randomUUID } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { DomainError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import type { Clock } from '../../ports/clock.ts';

export interface SessionTokens {
  /** Signs a token that is good until `expiresAt` (epoch ms, rounded down to the second). */
  issue(userId: UserId, generation: number, expiresAt: number, more?: JWTPayload): Promise<string>;
  /** The claims of a token of ours. Throws `token-expired` or `unauthenticated`. */
  verify(token: string): Promise<JWTPayload & { sub: string; exp: number; gen: number }>;
}

/** Creates the tokens of one issuer name. `key` is base64url and holds at least 32 bytes. */
export function createSessionTokens(options: { issuer: string; key: string; clock: Clock }): SessionTokens {
  const { issuer, clock } = options;
  const key = Buffer.from(options.key, 'base64url');
  return {
    issue: (userId, generation, expiresAt, more = {}) =>
      new SignJWT({ ...more, gen: generation })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(userId)
        .setJti(randomUUID())
        .setExpirationTime(Math.floor(expiresAt / 1_000))
        .sign(key),
    async verify(token) {
      const { payload } = await jwtVerify(token, key, {
        issuer,
        algorithms: ['HS256'],
        currentDate: new Date(clock.now()),
        requiredClaims: ['sub', 'exp', 'gen'],
      }).catch((cause: unknown) => {
        throw refusalOf(cause);
      });
      return payload as JWTPayload & { sub: string; exp: number; gen: number };
    },
  };
}

/** The refusal for a failed verification. The reason stays in `cause`: a forger learns nothing from us. */
export function refusalOf(cause: unknown): DomainError {
  if (cause instanceof DomainError) return cause;
  return cause instanceof errors.JWTExpired
    ? new DomainError('token-expired', 'The token has expired; sign in again.', { cause })
    : new DomainError('unauthenticated', 'The bearer is not a token for this server; sign in again.', {
        cause,
      });
}
