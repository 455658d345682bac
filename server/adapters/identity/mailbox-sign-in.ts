/**
 * Signing in by the mailbox that is open: a token of Exchange Server for a short bearer of ours, for people who
 * have linked that mailbox to themselves once, signed in as always. A mailbox gives nobody a role.
 */
import { randomBytes } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Directory } from '../../ports/directory.ts';
import type { MailboxSignIn } from '../../ports/sign-in.ts';
import type { Store } from '../../ports/store.ts';
import type { SessionTokens } from './session-tokens.ts';

export function createMailboxSignIn(options: {
  /** From a token to the name of its mailbox. */
  check: (token: string) => Promise<string>;
  store: Pick<Store, 'accounts' | 'transaction'>;
  directory: Pick<Directory, 'persons'>;
  tokens: SessionTokens;
  clock: Clock;
  bearerSeconds: number;
}): MailboxSignIn {
  const { check, store, directory, tokens, clock } = options;
  return {
    async signIn(token) {
      const mailbox = await check(token);
      const personId = await store.accounts.linkedTo(mailbox);
      const [person] = personId === null ? [null] : await directory.persons([personId]);
      if (person === null || person === undefined)
        throw new DomainError(
          'not-linked',
          'This mailbox is linked to nobody here yet: sign in once, and link it to yourself.',
        );
      const { generation, disabled } = await store.accounts.standing(person.id);
      if (disabled) throw new DomainError('disabled', 'This account has been disabled by an administrator.');
      const expiresAt = Math.floor((clock.now() + options.bearerSeconds * 1_000) / 1_000) * 1_000;
      const sid = randomBytes(16).toString('base64url');
      const { external } = person;
      return {
        token: await tokens.issue(person.id, generation, expiresAt, { sid, roles: [], external }),
        expiresAt,
        person,
      };
    },

    async link(personId: UserId, token: string) {
      const mailbox = await check(token);
      await store.transaction([`mailbox ${mailbox}`], async (tx) => {
        const holder = await tx.accounts.linkedTo(mailbox);
        if (holder === personId) return;
        if (holder !== null)
          throw new DomainError(
            'conflict',
            'This mailbox is linked to somebody else; they or an administrator must end that first.',
          );
        await tx.accounts.link(mailbox, personId, clock.now());
      });
    },

    unlink: (personId: UserId) => store.transaction([personId], (tx) => tx.accounts.unlink(personId)),
  };
}
