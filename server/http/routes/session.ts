/** Signing in (demo), the public configuration, and endpoints (contract §1, §5, §9). */
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { PersonRecord } from '../../ports/directory.ts';
import type { Identity } from '../../ports/identity.ts';
import { personNameSchema } from '../../protocol/contacts.ts';
import { heartbeatSeconds, languages, limits } from '../../protocol/vocabulary.ts';
import type { EventStream } from '../../services/event-stream.ts';
import { noContent, ok, type Route, route } from '../route.ts';

/** Issues demo tokens; absent in every other mode, and so is its route. */
export interface DemoSignIn {
  issue(address: string): Promise<{ token: string; expiresAt: number; person: PersonRecord } | null>;
}

const demoTokenSchema = z.object({
  access_token: z.string(),
  expiresAt: z.iso.datetime(),
  person: personNameSchema,
});

const configSchema = z.object({
  name: z.string(),
  version: z.string(),
  auth: z.looseObject({ mode: z.string() }),
  limits: z.record(z.string(), z.number()),
  heartbeatSeconds: z.number(),
  features: z.array(z.string()),
  languages: z.array(z.string()),
  baseUrl: z.string(),
});

/** Hosts to which a browser on this very machine is the only one that can connect directly. */
const localHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

export function sessionRoutes(options: {
  identity: Identity;
  eventStream: EventStream;
  demo: DemoSignIn | null;
  version: string;
  baseUrl: string;
  features: readonly string[];
}): Route[] {
  const { identity, eventStream, demo } = options;
  const configuration = {
    name: 'Jellybean',
    version: options.version,
    auth: identity.describe(),
    limits,
    heartbeatSeconds,
    features: options.features,
    languages,
    baseUrl: options.baseUrl,
  };
  const rows: Route[] = [
    route({
      method: 'GET',
      path: '/config',
      access: 'anonymous',
      summary: 'What a client must know before it signs in: name, version, sign-in modes, limits, features.',
      answers: { 200: configSchema },
      handle: () => ok(configuration),
    }),
    route({
      method: 'DELETE',
      path: '/me/endpoints/{id}',
      access: 'any',
      summary: 'Signs an endpoint out: its streams end, and it is gone for presence within two seconds.',
      answers: { 204: null },
      handle({ principal, params }) {
        eventStream.signOut(principal, params.id as string);
        return noContent;
      },
    }),
  ];
  if (demo !== null)
    rows.push(
      route({
        method: 'POST',
        path: '/demo/token',
        access: 'anonymous',
        summary:
          'Demo mode: a token for any person of the demo organisation, to callers on this machine only.',
        limit: 'sign-in',
        body: z.strictObject({ user: z.string().min(1).max(512) }),
        answers: { 200: demoTokenSchema },
        problems: ['forbidden', 'unknown-person'],
        async handle({ body, arrival }) {
          if (!localHost.test(arrival.host) || arrival.forwarded)
            throw new DomainError(
              'forbidden',
              'Demo sign-in answers direct calls to localhost, 127.0.0.1 or [::1] only.',
            );
          const issued = await demo.issue(body.user);
          if (issued === null)
            throw new DomainError(
              'unknown-person',
              `"${body.user}" is nobody in the demo organisation; try alice@contoso.example.`,
            );
          const { token, expiresAt, person } = issued;
          return ok({
            access_token: token,
            expiresAt: new Date(expiresAt).toISOString(),
            person: { id: person.id, displayName: person.displayName, address: person.address },
          });
        },
      }),
    );
  return rows;
}
