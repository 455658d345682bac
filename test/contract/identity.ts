/**
 * What every mode of sign-in promises (ports/identity.ts), whoever issues the tokens. A mode lends a way to
 * get a token for alice and bob as its clients get one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DomainError } from '../../server/domain/errors.ts';
import type { UserId } from '../../server/domain/ids.ts';
import type { Bus, Notice } from '../../server/ports/bus.ts';
import type { Identity } from '../../server/ports/identity.ts';
import type { Store } from '../../server/ports/store.ts';
import type { ManualClock } from '../support/clock.ts';

export interface IdentityUnderTest {
  readonly identity: Identity;
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: ManualClock;
  /** How long a token of this mode is good, in seconds, skew included. */
  readonly lifetimeSeconds: number;
  idOf(name: 'alice' | 'bob'): UserId;
  /** Signs in as somebody does in this mode; rejects with a DomainError where that is refused. */
  signIn(name: 'alice' | 'bob'): Promise<string>;
  dispose(): Promise<void>;
}

export function describeIdentity(name: string, open: () => Promise<IdentityUnderTest>): void {
  describe(`identity: ${name}`, () => {
    let under: IdentityUnderTest;
    const notices: Notice[] = [];
    beforeAll(async () => {
      under = await open();
      under.bus.subscribe((notice) => notices.push(notice));
    });
    afterAll(() => under.dispose());

    const outcome = async (work: () => unknown): Promise<string> => {
      try {
        await work();
        return 'let in';
      } catch (error) {
        return error instanceof DomainError ? error.code : String(error);
      }
    };
    const verify = (token: string) => outcome(() => under.identity.verify(token));
    /** Tokens are told apart by whole seconds at the coarsest. */
    const nextSecond = () => under.clock.advance(1_000);

    test('[ID14] a token names its person, and is looked at once', async () => {
      const token = await under.signIn('alice');
      const first = under.identity.verify(token);
      expect(first).toBeInstanceOf(Promise);
      const principal = await first;
      expect(principal).toMatchObject({ kind: 'person', userId: under.idOf('alice'), external: false });
      expect(principal.expiresAt).toBeGreaterThan(under.clock.now());
      expect(principal.tokenId).not.toContain(token.slice(0, 20));
      expect(under.identity.verify(token)).toBe(principal);
    });

    test('[ID14] what is no token, or a changed one, is refused', async () => {
      const token = await under.signIn('alice');
      const [head = '', body = '', signature = ''] = token.split('.');
      const flipped = `${signature.slice(0, 20)}${signature[20] === 'A' ? 'B' : 'A'}${signature.slice(21)}`;
      for (const bad of [
        '',
        'x',
        'a.b.c',
        `${head}.${body}.`,
        `${head}.${body}.${flipped}`,
        `.${body}.${signature}`,
        `${token}.`,
        token.slice(0, -5),
      ])
        expect(await verify(bad), bad.slice(0, 30)).toBe('unauthenticated');
      expect(await verify(token)).toBe('let in');
    });

    test('[ID14] revoking ends every token issued so far, seen or not, and signing in again works', async () => {
      const [seen, unseen, other] = [
        await under.signIn('alice'),
        await under.signIn('alice'),
        await under.signIn('bob'),
      ];
      expect(await verify(seen)).toBe('let in');
      notices.length = 0;
      await under.identity.revoke(under.idOf('alice'));
      expect(await verify(seen)).toBe('token-revoked');
      expect(await verify(unseen)).toBe('token-revoked');
      expect(await verify(other)).toBe('let in');
      await expect
        .poll(() => notices)
        .toContainEqual({ kind: 'end-streams', personId: under.idOf('alice'), reason: 'revoked' });
      nextSecond();
      const fresh = await under.signIn('alice');
      expect(await verify(fresh)).toBe('let in');
      expect(await verify(seen)).toBe('token-revoked');
    });

    test('[ID14] a disabled person is out, and enabling does not bring old tokens back', async () => {
      const token = await under.signIn('bob');
      expect(await verify(token)).toBe('let in');
      await under.identity.setDisabled(under.idOf('bob'), true);
      expect(await verify(token)).toBe('disabled');
      nextSecond();
      expect(await outcome(async () => under.identity.verify(await under.signIn('bob')))).toBe('disabled');
      await under.identity.setDisabled(under.idOf('bob'), false);
      expect(await verify(token)).toBe('token-revoked');
      nextSecond();
      expect(await verify(await under.signIn('bob'))).toBe('let in');
    });

    test('[ID14] a revocation while a token is being looked at is not lost', async () => {
      nextSecond();
      for (let round = 0; round < 5; round += 1) {
        const token = await under.signIn('alice');
        await Promise.all([verify(token), under.identity.revoke(under.idOf('alice')), verify(token)]);
        expect(await verify(token)).toBe('token-revoked');
        nextSecond();
      }
    });

    test('[ID14] what another node revokes is worth nothing here', async () => {
      nextSecond();
      const token = await under.signIn('alice');
      expect(await verify(token)).toBe('let in');
      const id = under.idOf('alice');
      await under.store.transaction([id], async (tx) => {
        const { generation } = await tx.accounts.standing(id);
        const next = Math.max(generation + 1, Math.floor(under.clock.now() / 1_000));
        await tx.accounts.putStanding(id, { generation: next, disabled: false });
      });
      under.bus.publish({ kind: 'end-streams', personId: id, reason: 'revoked' });
      await expect.poll(() => verify(token)).toBe('token-revoked');
      nextSecond();
    });

    test('[ID27] rights that have ended since are found in the store, whatever notices were lost', async () => {
      nextSecond();
      const [alice, bob] = [
        await under.identity.verify(await under.signIn('alice')),
        await under.identity.verify(await under.signIn('bob')),
      ];
      const ended = async () =>
        (await under.identity.ended([alice, bob])).map(({ right, reason }) => [right.userId, reason]);
      expect(await under.identity.ended([])).toEqual([]);
      expect(await ended()).toEqual([]);
      // As another node writes it, without a word on the bus.
      const stand = (id: UserId, disabled: boolean) =>
        under.store.transaction([id], async (tx) => {
          const { generation } = await tx.accounts.standing(id);
          const next = Math.max(generation + 1, Math.floor(under.clock.now() / 1_000));
          await tx.accounts.putStanding(id, { generation: next, disabled });
        });
      await stand(alice.userId, false);
      expect(await ended()).toEqual([[alice.userId, 'revoked']]);
      await stand(bob.userId, true);
      expect(await ended()).toEqual([
        [alice.userId, 'revoked'],
        [bob.userId, 'disabled'],
      ]);
      nextSecond();
      await stand(bob.userId, false);
      nextSecond();
      const again = await under.identity.verify(await under.signIn('bob'));
      expect(await under.identity.ended([again])).toEqual([]);
    });

    test('[ID14] a token ends, remembered or not', async () => {
      nextSecond();
      const [seen, unseen] = [await under.signIn('alice'), await under.signIn('alice')];
      expect(await verify(seen)).toBe('let in');
      under.clock.advance(under.lifetimeSeconds * 1_000);
      expect(await verify(seen)).toBe('token-expired');
      expect(await verify(unseen)).toBe('token-expired');
    });

    test('[ID14] a token that nobody has looked at yet lets nobody in while the store is gone', async () => {
      const token = await under.signIn('alice');
      await under.store.close();
      expect(await verify(token)).not.toBe('let in');
    });
  });
}
