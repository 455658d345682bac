/**
 * Creating calls that may be repeated (contract §1): the first result lives in the same transaction as what
 * it created, so a repeated key can never create twice and never answers with something that was not saved.
 */
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { Transaction } from '../ports/store.ts';

export interface IdempotentRequest {
  readonly key: string;
  /** Digest of method, path and parsed body. */
  readonly digest: string;
}

export interface CreatingResult {
  readonly status: number;
  readonly json: string;
  /** True when this is the stored result of an earlier call with the same key and body. */
  readonly replayed: boolean;
}

/**
 * Runs `make` unless this caller's key was used within the last 24 h: then answers the first result again
 * (same digest) or refuses with `idempotency-key-reused` (another body).
 */
export async function once(
  tx: Transaction,
  callerId: UserId,
  request: IdempotentRequest | null,
  now: number,
  make: () => Promise<{ status: number; json: string }>,
): Promise<CreatingResult> {
  if (request !== null) {
    const earlier = await tx.idempotency.find(callerId, request.key, now);
    if (earlier !== null) {
      if (earlier.requestDigest !== request.digest)
        throw new DomainError(
          'idempotency-key-reused',
          `The key "${request.key}" was used for another request.`,
        );
      return { status: earlier.status, json: earlier.json, replayed: true };
    }
  }
  const { status, json } = await make();
  if (request !== null) await tx.rememberResult(callerId, request.key, request.digest, status, json, now);
  return { status, json, replayed: false };
}
