/**
 * Remembers verified tokens by digest until they expire or their person is revoked: verifying costs
 * 160–325 µs, a look-up about one. Bounded, so that a flood of tokens cannot fill the memory.
 */
import { hash } from 'node:crypto';
import type { UserId } from '../../domain/ids.ts';
import type { Principal } from '../../ports/identity.ts';

const mostTokens = 200_000;

/** Digest of a token: safe to log and to keep. */
export const digestOf = (token: string): string => hash('sha256', token, 'base64url');

export class TokenCache {
  readonly #byDigest = new Map<string, Principal>();
  readonly #byPerson = new Map<UserId, Set<string>>();
  #forgotten = 0;

  /** Counts what was forgotten: whoever read a standing before this changed must read it again. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get(digest: string): Principal | undefined {
    return this.#byDigest.get(digest);
  }

  put(digest: string, principal: Principal): void {
    if (this.#byDigest.size >= mostTokens) {
      const [oldest] = this.#byDigest.keys();
      if (oldest !== undefined) this.drop(oldest);
    }
    this.#byDigest.set(digest, principal);
    const held = this.#byPerson.get(principal.userId);
    if (held === undefined) this.#byPerson.set(principal.userId, new Set([digest]));
    else held.add(digest);
  }

  drop(digest: string): void {
    const principal = this.#byDigest.get(digest);
    if (principal === undefined) return;
    this.#byDigest.delete(digest);
    const held = this.#byPerson.get(principal.userId);
    held?.delete(digest);
    if (held?.size === 0) this.#byPerson.delete(principal.userId);
  }

  /** Forgets every token of a person, so that the next use is verified afresh. */
  forget(userId: UserId): void {
    this.#forgotten += 1;
    for (const digest of this.#byPerson.get(userId) ?? []) this.#byDigest.delete(digest);
    this.#byPerson.delete(userId);
  }

  /** Forgets everything; each token is verified afresh at its next use. */
  clear(): void {
    this.#forgotten += 1;
    this.#byDigest.clear();
    this.#byPerson.clear();
  }
}
