/** Codes for bearers, bearers for fresh ones, and signing out, where people sign in elsewhere (contract §9). */
import { z } from 'zod';
import type { Session, SignIn } from '../../ports/sign-in.ts';
import { personNameSchema } from '../../protocol/contacts.ts';
import { noContent, ok, type Route, route } from '../route.ts';

const sessionSchema = z.object({
  access_token: z.string(),
  expiresAt: z.iso.datetime(),
  renewal: z.string(),
  endsAt: z.iso.datetime(),
  person: personNameSchema,
});

/** RFC 7636 §4.1: 43 to 128 characters that nobody has to escape. */
const verifierSchema = z.string().regex(/^[\w.~-]{43,128}$/);
const renewalSchema = z.strictObject({ renewal: z.string().min(1).max(16_384) });

const answerOf = ({ token, expiresAt, renewal, endsAt, person }: Session) =>
  ok({
    access_token: token,
    expiresAt: new Date(expiresAt).toISOString(),
    renewal,
    endsAt: new Date(endsAt).toISOString(),
    person: { id: person.id, displayName: person.displayName, address: person.address },
  });

export function signInRoutes({ signIn }: { signIn: SignIn }): Route[] {
  return [
    route({
      method: 'POST',
      path: '/session/token',
      access: 'anonymous',
      summary: 'The bearer for a one-time code, once, to the client that began with this verifier.',
      limit: 'sign-in',
      body: z.strictObject({ code: z.string().min(1).max(200), verifier: verifierSchema }),
      answers: { 200: sessionSchema },
      problems: ['sign-in-expired', 'disabled', 'not-admitted'],
      handle: async ({ body }) => answerOf(await signIn.redeem(body.code, body.verifier)),
    }),
    route({
      method: 'POST',
      path: '/session/renew',
      access: 'anonymous',
      summary: 'A fresh bearer for somebody who is signed in, as long as the identity provider agrees.',
      limit: 'sign-in',
      body: renewalSchema,
      answers: { 200: sessionSchema },
      problems: ['token-expired', 'token-revoked', 'disabled', 'not-admitted', 'identity-unavailable'],
      handle: async ({ body }) => answerOf(await signIn.renew(body.renewal)),
    }),
    route({
      method: 'POST',
      path: '/session/end',
      access: 'anonymous',
      summary: 'Signs out: the bearers of this session are worthless and its streams end.',
      limit: 'sign-in',
      body: renewalSchema,
      answers: { 204: null },
      async handle({ body }) {
        await signIn.end(body.renewal);
        return noContent;
      },
    }),
  ];
}
