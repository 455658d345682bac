/**
 * Values that leave this server and come back unread and unchanged: the state of a sign-in, the right to
 * renew a session. Encrypted and authenticated, bound to one purpose and to an end, good on every node.
 */
import { hkdfSync } from 'node:crypto';
import { EncryptJWT, errors, type JWTPayload, jwtDecrypt } from 'jose';
import type { Clock } from '../../ports/clock.ts';

export interface Sealing {
  seal(purpose: string, payload: JWTPayload, expiresAt: number): Promise<string>;
  /** What was sealed, `expired`, or null for anything that this server did not seal for this purpose. */
  open(purpose: string, sealed: string): Promise<JWTPayload | 'expired' | null>;
}

/**
 * `secrets` are mixed into the key: one from the store and, where there is one, the client's secret from the
 * configuration, so that a copy of the database alone opens nothing.
 */
export function createSealing(secrets: readonly string[], clock: Clock): Sealing {
  const key = new Uint8Array(hkdfSync('sha256', secrets.join('\n'), '', 'jellybean sealing', 32));
  return {
    seal: (purpose, payload, expiresAt) =>
      new EncryptJWT(payload)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(purpose)
        .setExpirationTime(Math.floor(expiresAt / 1_000))
        .encrypt(key),
    async open(purpose, sealed) {
      try {
        const { payload } = await jwtDecrypt(sealed, key, {
          audience: purpose,
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp'],
        });
        return payload;
      } catch (error) {
        return error instanceof errors.JWTExpired ? 'expired' : null;
      }
    },
  };
}
