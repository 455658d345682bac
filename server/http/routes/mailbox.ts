/** Signing in by the mailbox on Exchange Server that is open, and linking it to oneself first. */
import { z } from 'zod';
import type { MailboxSignIn } from '../../ports/sign-in.ts';
import { personNameSchema } from '../../protocol/contacts.ts';
import type { AccessLog } from '../../services/access-log.ts';
import { noContent, ok, type Route, route } from '../route.ts';

const tokenSchema = z.strictObject({ token: z.string().min(1).max(16_384) });

export function mailboxRoutes({
  mailbox,
  accessLog,
}: {
  mailbox: MailboxSignIn;
  accessLog: Pick<AccessLog, 'cameInAgain'>;
}): Route[] {
  return [
    route({
      method: 'POST',
      path: '/session/exchange',
      access: 'anonymous',
      summary:
        'A short bearer for an identity token of Exchange Server, for whoever has linked that mailbox.',
      limit: 'sign-in',
      body: tokenSchema,
      answers: {
        200: z.object({ access_token: z.string(), expiresAt: z.iso.datetime(), person: personNameSchema }),
      },
      problems: ['not-linked', 'disabled', 'identity-unavailable', 'token-expired'],
      async handle({ body }) {
        const { token, expiresAt, person } = await mailbox.signIn(body.token);
        accessLog.cameInAgain(person.id, 'exchange');
        const { id, displayName, address } = person;
        return ok({
          access_token: token,
          expiresAt: new Date(expiresAt).toISOString(),
          person: { id, displayName, address },
        });
      },
    }),
    route({
      method: 'PUT',
      path: '/me/exchange-account',
      access: 'person',
      summary:
        'Links the mailbox of an Exchange identity token to oneself, so that it signs one in from then on.',
      limit: 'write',
      body: tokenSchema,
      answers: { 204: null },
      problems: ['conflict', 'identity-unavailable'],
      async handle({ principal, body }) {
        await mailbox.link(principal.userId, body.token);
        return noContent;
      },
    }),
    route({
      method: 'DELETE',
      path: '/me/exchange-account',
      access: 'person',
      summary: 'Ends every such link of one’s own.',
      limit: 'write',
      answers: { 204: null },
      async handle({ principal }) {
        await mailbox.unlink(principal.userId);
        return noContent;
      },
    }),
  ];
}
