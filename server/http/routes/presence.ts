/** Presence over REST (contract §3). Each row parses, makes one call, and answers. */
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { Watcher } from '../../domain/privacy.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Principal } from '../../ports/identity.ts';
import { type personNameSchema, watcherListSchema } from '../../protocol/contacts.ts';
import {
  noteAnswerSchema,
  noteInputSchema,
  outOfOfficeAnswerSchema,
  outOfOfficeInputSchema,
  ownPresenceSchema,
  preferredInputSchema,
  preferredSchema,
  presenceQuerySchema,
  privacyInputSchema,
  privacySchema,
  publicationInputSchema,
  publicationSchema,
  viewListSchema,
  viewSchema,
} from '../../protocol/presence.ts';
import type { Contacts } from '../../services/contacts.ts';
import type { PresenceService } from '../../services/presence.ts';
import type { Quotas } from '../../services/quotas.ts';
import type { StreamRelay } from '../../services/stream-relay.ts';
import { type Answer, noContent, ok, type Route, route } from '../route.ts';

const watcherOf = ({ userId, external, kind }: Principal): Watcher => ({ userId, external, kind });

/** Publication ids are chosen by clients and stand in paths and logs: short, printable, no separators. */
const publicationIdSchema = z.string().regex(/^[\w.:@-]{1,100}$/);
function publicationIdOf(params: Readonly<Record<string, string>>): string {
  const id = publicationIdSchema.safeParse(params.publicationId);
  if (id.success) return id.data;
  throw new DomainError(
    'invalid-input',
    'A publication id is 1 to 100 letters, digits, dots, colons, @, _ or -.',
    { errors: [{ pointer: '/publicationId', message: 'is not a publication id' }] },
  );
}

const listOf = (views: readonly string[]): Answer => ({
  status: 200,
  json: `{"items":[${views.join(',')}],"next":null}`,
});

export function presenceRoutes(services: {
  presence: PresenceService;
  directory: Directory;
  contacts: Contacts;
  streams: Pick<StreamRelay, 'watchersOf'>;
  quotas: Quotas;
}): Route[] {
  const { presence, directory, contacts, streams, quotas } = services;
  return [
    route({
      method: 'GET',
      path: '/presence/{id}',
      access: 'any',
      limit: 'query',
      summary: 'One person’s presence, as far as the caller may see it.',
      answers: { 200: viewSchema },
      problems: ['not-found', 'policy-quota'],
      async handle({ principal, params, reader }) {
        const [known] = await presence.know([params.id ?? '']);
        if (known == null) throw new DomainError('not-found', 'There is no such person in the directory.');
        await quotas.ask(principal, [known]);
        const [json] = await presence.viewsFor(watcherOf(principal), [known], reader);
        return { status: 200, json: json! };
      },
    }),
    route({
      method: 'POST',
      path: '/presence/query',
      access: 'any',
      limit: 'query',
      hot: true,
      summary:
        'The presence of up to 1,000 people by id or address, in request order; `unknown` for who is not in the directory.',
      body: presenceQuerySchema,
      answers: { 200: viewListSchema },
      problems: ['policy-quota'],
      async handle({ principal, body, reader }) {
        const addresses = body.addresses ?? [];
        const resolved = addresses.length === 0 ? [] : await resolve(directory, addresses);
        const ids = [...(body.ids ?? []), ...resolved.map((id, at) => id ?? addresses[at]!)];
        await quotas.ask(principal, ids);
        return listOf(await presence.viewsFor(watcherOf(principal), ids, reader));
      },
    }),
    route({
      method: 'GET',
      path: '/me/presence',
      access: 'person',
      limit: 'query',
      summary: 'One’s own presence, with every source, which one decides, and why.',
      answers: { 200: ownPresenceSchema },
      handle: async ({ principal, reader }) => ok(await presence.own(principal.userId, reader)),
    }),
    route({
      method: 'PUT',
      path: '/me/publications/{publicationId}',
      access: 'person',
      limit: 'write',
      hot: true,
      summary:
        'Publishes what a machine, phone, calendar or application knows of one’s presence, until it expires.',
      body: publicationInputSchema,
      answers: { 200: publicationSchema, 201: publicationSchema },
      problems: [
        'precondition-failed',
        'too-many-publications',
        'unknown-activity',
        'activity-contradicts-availability',
        'availability-not-for-kind',
      ],
      handle({ principal, params, body, ifMatch }) {
        const { publication, etag, created } = presence.publish(
          principal.userId,
          publicationIdOf(params),
          body,
          ifMatch,
        );
        return { status: created ? 201 : 200, body: publication, headers: { ETag: etag } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/me/publications/{publicationId}',
      access: 'person',
      limit: 'write',
      summary: 'Withdraws a publication.',
      answers: { 204: null },
      problems: ['not-found', 'precondition-failed'],
      handle({ principal, params, ifMatch }) {
        presence.withdraw(principal.userId, publicationIdOf(params), ifMatch);
        return noContent;
      },
    }),
    route({
      method: 'PUT',
      path: '/me/presence/preferred',
      access: 'person',
      limit: 'write',
      summary:
        'Sets the manual state. Busy and do-not-disturb end after 24 h unless `expiresAt` says otherwise; the answer states the end.',
      body: preferredInputSchema,
      answers: { 200: preferredSchema },
      problems: [
        'appear-offline-not-allowed',
        'expires-in-the-past',
        'unknown-activity',
        'activity-contradicts-availability',
      ],
      handle: async ({ principal, body, reader }) => {
        presence.heard(principal.userId, reader);
        return ok(await presence.setPreferred(principal.userId, body));
      },
    }),
    route({
      method: 'DELETE',
      path: '/me/presence/preferred',
      access: 'person',
      limit: 'write',
      summary: 'Resets the manual state: the sources decide again.',
      answers: { 204: null },
      async handle({ principal }) {
        await presence.clearPreferred(principal.userId);
        return noContent;
      },
    }),
    route({
      method: 'PUT',
      path: '/me/note',
      access: 'person',
      limit: 'write',
      summary: 'Sets one’s note, for ever or until `expiresAt`.',
      body: noteInputSchema,
      answers: { 200: noteAnswerSchema },
      problems: ['expires-in-the-past'],
      handle: async ({ principal, body }) => ok(await presence.setNote(principal.userId, body)),
    }),
    route({
      method: 'DELETE',
      path: '/me/note',
      access: 'person',
      limit: 'write',
      summary: 'Removes one’s note.',
      answers: { 204: null },
      async handle({ principal }) {
        await presence.clearNote(principal.userId);
        return noContent;
      },
    }),
    route({
      method: 'PUT',
      path: '/me/out-of-office',
      access: 'person',
      limit: 'write',
      summary: 'Says that one is out of office, from now or a date, with a note; changes no availability.',
      body: outOfOfficeInputSchema,
      answers: { 200: outOfOfficeAnswerSchema },
      problems: ['expires-in-the-past'],
      handle: async ({ principal, body }) => ok(await presence.setOutOfOffice(principal.userId, body)),
    }),
    route({
      method: 'DELETE',
      path: '/me/out-of-office',
      access: 'person',
      limit: 'write',
      summary: 'Ends one’s absence.',
      answers: { 204: null },
      async handle({ principal }) {
        await presence.setOutOfOffice(principal.userId, null);
        return noContent;
      },
    }),
    route({
      method: 'PUT',
      path: '/me/privacy',
      access: 'person',
      limit: 'write',
      summary: 'Chooses to whom presence is shown, and whether activity and last activity are.',
      body: privacyInputSchema,
      answers: { 200: privacySchema },
      handle: async ({ principal, body }) => ok(await presence.setPrivacy(principal.userId, body)),
    }),
    route({
      method: 'GET',
      path: '/me/watchers',
      access: 'person',
      limit: 'query',
      summary: 'Who has one as a contact or is watching now, and on what terms.',
      answers: { 200: watcherListSchema },
      async handle({ principal }) {
        const { userId } = principal;
        const listing = new Set(await contacts.listedBy(userId));
        const watching = new Set(await streams.watchersOf(userId));
        const ids = [...new Set([...listing, ...watching])];
        await presence.know(ids);
        const records = await directory.persons(ids);
        const items = [];
        for (const [at, id] of ids.entries()) {
          const record = records[at];
          if (record == null) continue;
          const { displayName, address } = record;
          items.push({
            person: { id, displayName, address } satisfies z.infer<typeof personNameSchema>,
            relationship: presence.relationshipOf(userId, id),
            asContact: listing.has(id),
            watching: watching.has(id),
          });
        }
        items.sort((a, b) => (a.person.displayName < b.person.displayName ? -1 : 1));
        return ok({ items, next: null });
      },
    }),
  ];
}

/** The ids behind addresses, null where there is none or the directory does not answer (PA15: unknown). */
async function resolve(
  directory: Directory,
  addresses: readonly string[],
): Promise<readonly (string | null)[]> {
  try {
    return (await directory.resolve(addresses)).map((record) => record?.id ?? null);
  } catch {
    return addresses.map(() => null);
  }
}
