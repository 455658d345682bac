/** People of the directory (contract §2), each as far as the caller may see them. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { toUserId } from '../../domain/ids.ts';
import type { Watcher } from '../../domain/privacy.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Principal } from '../../ports/identity.ts';
import {
  expandAnswerSchema,
  expandInputSchema,
  meSchema,
  personListSchema,
  personSchema,
  photoAnswerSchema,
  resolveAnswerSchema,
  resolveInputSchema,
} from '../../protocol/contacts.ts';
import { limits } from '../../protocol/vocabulary.ts';
import type { Photos } from '../../services/photos.ts';
import type { PresenceService } from '../../services/presence.ts';
import { readBytes } from '../read-bytes.ts';
import { noContent, ok, type Route, route } from '../route.ts';

const watcherOf = ({ userId, external, kind }: Principal): Watcher => ({ userId, external, kind });

const searchQuery = z.strictObject({
  q: z.string().trim().min(1).max(200),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

export function peopleRoutes({
  presence,
  directory,
  photos,
}: {
  presence: PresenceService;
  directory: Directory;
  photos: Photos;
}): Route[] {
  async function recordOf(id: string | undefined) {
    const [record] = await directory.persons([id ?? '']);
    if (record == null) throw new DomainError('not-found', 'There is no such person in the directory.');
    return record;
  }
  return [
    route({
      method: 'GET',
      path: '/me',
      access: 'person',
      limit: 'query',
      summary: 'The caller’s own entry, with their roles.',
      answers: { 200: meSchema },
      async handle({ principal }) {
        const record = await recordOf(principal.userId);
        return ok({ ...presence.personFor(record, watcherOf(principal)), roles: [...principal.roles] });
      },
    }),
    route({
      method: 'GET',
      path: '/people',
      access: 'any',
      limit: 'search',
      summary: 'People whose name, address or department has words that begin with every word of `q`.',
      query: searchQuery,
      answers: { 200: personListSchema },
      async handle({ principal, query }) {
        const after = query.cursor === undefined ? null : toUserId(query.cursor);
        const found = await directory.search(query.q, query.limit + 1, after);
        const page = found.slice(0, query.limit);
        return ok({
          items: page.map((record) => presence.personFor(record, watcherOf(principal))),
          next: found.length > page.length ? (page.at(-1)?.id ?? null) : null,
        });
      },
    }),
    route({
      method: 'GET',
      path: '/people/{id}',
      access: 'any',
      limit: 'query',
      summary: 'One person’s entry.',
      answers: { 200: personSchema },
      problems: ['not-found'],
      handle: async ({ principal, params }) =>
        ok(presence.personFor(await recordOf(params.id), watcherOf(principal))),
    }),
    route({
      method: 'GET',
      path: '/people/{id}/photo',
      access: 'any',
      limit: 'query',
      summary: 'One person’s photo, where there is one that the caller may see.',
      answers: { 200: null, 304: null },
      problems: ['not-found'],
      async handle({ principal, params, ifNoneMatch }) {
        const { id } = await recordOf(params.id);
        await presence.know([id, principal.userId]);
        const photo = await photos.get(id, presence.entryClass(id, watcherOf(principal)));
        if (photo === null) throw new DomainError('not-found', 'There is no photo of this person to see.');
        const tag = `"${photo.tag}"`;
        const headers = { ETag: tag, 'Cache-Control': 'private, no-cache' };
        if (ifNoneMatch?.split(',').some((one) => one.trim().replace(/^W\//, '') === tag))
          return { status: 304, headers };
        return {
          status: 200,
          stream: Readable.from([photo.bytes]),
          headers: {
            ...headers,
            'Content-Type': photo.mediaType,
            'Content-Length': String(photo.bytes.length),
            'X-Content-Type-Options': 'nosniff',
            'Content-Security-Policy': "sandbox; default-src 'none'",
          },
        };
      },
    }),
    route({
      method: 'PUT',
      path: '/me/photo',
      access: 'person',
      limit: 'upload',
      upload: true,
      summary:
        'Takes a JPEG or PNG picture of up to 512 KiB as one’s photo, without what a camera wrote beside it.',
      answers: { 200: photoAnswerSchema },
      problems: ['body-too-large', 'unsupported-media-type', 'photo-unreadable'],
      handle: async ({ principal, upload }) =>
        ok({ photo: await photos.put(principal.userId, await readBytes(upload!, limits.photoBytes)) }),
    }),
    route({
      method: 'DELETE',
      path: '/me/photo',
      access: 'person',
      limit: 'write',
      summary: 'Forgets one’s own photo; where the directory has one, that shows again.',
      answers: { 204: null },
      async handle({ principal }) {
        await photos.remove(principal.userId);
        return noContent;
      },
    }),
    route({
      method: 'POST',
      path: '/people/resolve',
      access: 'any',
      limit: 'query',
      summary:
        'The people behind addresses (SMTP, sip:, sign-in name, X500), in request order; null where there is none.',
      body: resolveInputSchema,
      answers: { 200: resolveAnswerSchema },
      async handle({ principal, body }) {
        const records = await directory.resolve(body.addresses);
        return ok({
          items: body.addresses.map((address, at) => {
            const record = records[at];
            return {
              address,
              person: record == null ? null : presence.personFor(record, watcherOf(principal)),
            };
          }),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/people/expand',
      access: 'any',
      limit: 'query',
      summary:
        'The people of distribution lists by the lists’ addresses, in request order; null where an address stands for no list.',
      body: expandInputSchema,
      answers: { 200: expandAnswerSchema },
      async handle({ principal, body: { addresses } }) {
        const watcher = watcherOf(principal);
        // Whom the organisation writes to together is its own business.
        const found = watcher.external ? [] : await directory.expand(addresses, limits.peopleOfLists);
        return ok({
          items: addresses.map((address, at) => {
            const expansion = found[at];
            if (expansion == null) return { address, list: null };
            const { list, people, total } = expansion;
            return {
              address,
              list: {
                address: list.address,
                displayName: list.displayName,
                people: people.map((record) => presence.personFor(record, watcher)),
                more: total - people.length,
                hidden: list.isHidden,
              },
            };
          }),
        });
      },
    }),
  ];
}
