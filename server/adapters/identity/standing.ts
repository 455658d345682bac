/**
 * What every mode of sign-in shares once a token has been found genuine: whether its person still stands,
 * the memory of verified tokens, revoking and disabling. The modes differ only in `check`.
 */
import { DomainError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EndedRight, Identity, Principal, Right } from '../../ports/identity.ts';
import type { Store } from '../../ports/store.ts';
import { principalOf } from './principal.ts';
import { digestOf, TokenCache } from './token-cache.ts';

/** What a genuine token says, before anybody asked whether its person still stands. */
export interface Genuine {
  readonly kind: 'person' | 'application';
  readonly userId: UserId;
  readonly roles: Iterable<string>;
  readonly external: boolean;
  /** Epoch ms. */
  readonly expiresAt: number;
  /** Absent where the token belongs to no session. */
  readonly sessionId?: string;
  /** True where its issuer takes it as an assertion for calls to others in the person's name. */
  readonly isAssertion?: true;
  /**
   * What ties it to revocations: the generation it was issued under, for tokens of our own; the second of
   * issue for those of others.
   */
  readonly issued: { readonly generation: number } | { readonly atSecond: number };
}

/** @SECURITY Takes tokens themselves: it keeps them in memory at most, and logs none. */
export interface AssertionTaker {
  came(userId: UserId, assertion: string, endsAt: number): void;
  left(userId: UserId): void;
}

/** How long a remembered token is believed between nodes before the store is asked again, beside its use. */
const believedMs = 30_000;
/** What falls due within this is asked for together. */
const gatherMs = 1_000;

/** Creates an identity from a `check` that throws for every token that is not genuine. */
export function createStanding(options: {
  store: Pick<Store, 'accounts' | 'transaction'>;
  bus: Bus;
  clock: Clock;
  check: (token: string) => Promise<Genuine>;
  describe: Identity['describe'];
  /** Whoever calls others in people's names: told of each such token when it has been verified, and when it no longer stands. */
  assertions?: AssertionTaker;
  /** Which of these sessions have been signed out; none where tokens belong to no session. */
  endedSessions?: (sessionIds: readonly string[]) => Promise<ReadonlySet<string>>;
}): Identity {
  const { store, bus, clock } = options;
  const cache = new TokenCache();
  function forget(userId: UserId): void {
    cache.forget(userId);
    options.assertions?.left(userId);
  }
  bus.subscribe((notice) => {
    if (notice.kind === 'end-streams' || notice.kind === 'end-session') forget(notice.personId);
  });
  // A revocation may have been among the notices that were missed.
  bus.onGap(() => cache.clear());

  async function verifyAfresh(token: string, digest: string): Promise<Principal> {
    const genuine = await options.check(token);
    for (;;) {
      // A revocation between reading the standing and remembering the token must not be lost.
      const before = cache.forgotten;
      const standing = await store.accounts.standing(genuine.userId);
      if (cache.forgotten !== before) continue;
      if (standing.disabled)
        throw new DomainError('disabled', 'This account has been disabled by an administrator.');
      if (isRevoked(genuine.issued, standing.generation))
        throw new DomainError('token-revoked', 'The token has been revoked; sign in again.');
      const { kind, userId, roles, external, expiresAt } = genuine;
      const sessionId = genuine.sessionId ?? null;
      const { generation } = standing;
      const principal = principalOf({
        kind,
        userId,
        roles,
        external,
        tokenId: digest,
        sessionId,
        generation,
        expiresAt,
      });
      cache.put(digest, principal);
      if (genuine.isAssertion) options.assertions?.came(userId, token, expiresAt);
      return principal;
    }
  }

  const believedUntil = new WeakMap<Principal, number>();
  const due = new Set<Principal>();

  /** A notice may have been lost between nodes: who is in use is asked for again, now and then, all together. */
  function askAgain(principal: Principal, now: number): void {
    const until = believedUntil.get(principal);
    if (until !== undefined && until > now) return;
    believedUntil.set(principal, now + believedMs);
    // At its first use it has just been verified.
    if (until === undefined) return;
    if (due.size === 0)
      clock.after(gatherMs, () => {
        const asked = [...due];
        due.clear();
        // The store is down: they stand for now, and are asked for at the next time.
        identity.ended(asked).catch(() => {});
      });
    due.add(principal);
  }

  const changeStanding = (userId: UserId, change: 'revoke' | 'disable' | 'enable') =>
    store.transaction([userId], async (tx) => {
      const { generation, disabled } = await tx.accounts.standing(userId);
      await tx.accounts.putStanding(userId, {
        generation: change === 'enable' ? generation : generationAfter(generation, clock.now()),
        disabled: change === 'revoke' ? disabled : change === 'disable',
      });
    });

  const identity: Identity = {
    verify(token) {
      const digest = digestOf(token);
      const known = cache.get(digest);
      if (known === undefined) return verifyAfresh(token, digest);
      const now = clock.now();
      if (known.expiresAt > now) {
        if (bus.isShared) askAgain(known, now);
        return known;
      }
      cache.drop(digest);
      throw new DomainError('token-expired', 'The token has expired; sign in again.');
    },
    async ended<Given extends Right>(rights: readonly Given[]) {
      if (rights.length === 0) return [];
      const standings = await store.accounts.standings([...new Set(rights.map(({ userId }) => userId))]);
      const sessions = [...new Set(rights.flatMap(({ sessionId }) => sessionId ?? []))];
      const signedOut = (await options.endedSessions?.(sessions)) ?? new Set();
      const ended = rights.flatMap((right): EndedRight<Given>[] => {
        const { generation, disabled } = standings.get(right.userId) ?? { generation: 0, disabled: false };
        if (disabled) return [{ right, reason: 'disabled' }];
        const isOver =
          generation !== right.generation || (right.sessionId !== null && signedOut.has(right.sessionId));
        return isOver ? [{ right, reason: 'revoked' }] : [];
      });
      // What this node remembers of them is as old.
      for (const { right } of ended) forget(right.userId);
      return ended;
    },
    async revoke(userId) {
      await changeStanding(userId, 'revoke');
      forget(userId);
      bus.publish({ kind: 'end-streams', personId: userId, reason: 'revoked' });
    },
    async setDisabled(userId, disabled) {
      await changeStanding(userId, disabled ? 'disable' : 'enable');
      forget(userId);
      if (disabled) bus.publish({ kind: 'end-streams', personId: userId, reason: 'disabled' });
    },
    describe: options.describe,
  };
  return identity;
}

/**
 * The next generation is the second of the revocation, or one more than the last within that second: equal
 * numbers for our own tokens, and a moment to compare with for tokens that others issue.
 */
const generationAfter = (generation: number, now: number): number =>
  Math.max(generation + 1, Math.floor(now / 1_000));

const isRevoked = (issued: Genuine['issued'], generation: number): boolean =>
  'generation' in issued ? issued.generation !== generation : issued.atSecond <= generation;
