/** Contact list and groups (contract §4). Each row parses, makes one call, and answers. */
import { DomainError } from '../../domain/errors.ts';
import type { CardFile } from '../../ports/cards.ts';
import {
  contactInputSchema,
  contactListSchema,
  contactSchema,
  groupInputSchema,
  groupListSchema,
  groupPatchSchema,
  groupSchema,
  importAnswerSchema,
} from '../../protocol/contacts.ts';
import { limits } from '../../protocol/vocabulary.ts';
import type { Contacts } from '../../services/contacts.ts';
import { readBytes } from '../read-bytes.ts';
import { noContent, ok, type Route, route, type Upload } from '../route.ts';

/** More than a full list of a thousand contacts with everything that a card can say of them. */
const cardBytesMost = 2 * 1024 * 1024;

async function readText(upload: Upload): Promise<string> {
  if (!/^text\/(x-)?vcard\b|^text\/directory\b/i.test(upload.contentType))
    throw new DomainError('unsupported-media-type', 'Send a file of vCards as text/vcard.');
  return new TextDecoder().decode(await readBytes(upload, cardBytesMost));
}

export function contactRoutes({ contacts, cards }: { contacts: Contacts; cards: CardFile }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/me/contacts',
      access: 'person',
      limit: 'query',
      summary: 'One’s contacts by name, with what each of them shows; and the blocked, who are not listed.',
      answers: { 200: contactListSchema },
      handle: async ({ principal, reader }) =>
        ok({ items: await contacts.list(principal.userId, reader), next: null }),
    }),
    route({
      method: 'PUT',
      path: '/me/contacts/{id}',
      access: 'person',
      limit: 'write',
      summary: 'Adds a contact, or changes groups, relationship or alert; what is not named stays.',
      body: contactInputSchema.optional(),
      answers: { 200: contactSchema, 201: contactSchema },
      problems: ['not-found', 'not-yourself', 'too-many-contacts', 'unknown-group'],
      async handle({ principal, params, body, reader }) {
        const { contact, created } = await contacts.put(
          principal.userId,
          params.id ?? '',
          body ?? {},
          reader,
        );
        return { status: created ? 201 : 200, body: contact };
      },
    }),
    route({
      method: 'DELETE',
      path: '/me/contacts/{id}',
      access: 'person',
      limit: 'write',
      summary:
        'Removes a contact with all that was granted; a block stays until the blocked one is removed again.',
      answers: { 204: null },
      problems: ['not-found'],
      async handle({ principal, params }) {
        await contacts.remove(principal.userId, params.id ?? '');
        return noContent;
      },
    }),
    route({
      method: 'GET',
      path: '/me/contacts/export',
      access: 'person',
      limit: 'query',
      summary: 'One’s contacts as a file of vCards, each with what this person shows.',
      answers: { 200: null },
      handle: async ({ principal, reader }) => ({
        status: 200,
        text: cards.write(await contacts.cards(principal.userId, reader)),
        headers: {
          'Content-Type': 'text/vcard; charset=utf-8',
          'Content-Disposition': 'attachment; filename="contacts.vcf"',
        },
      }),
    }),
    route({
      method: 'POST',
      path: '/me/contacts/import',
      access: 'person',
      limit: 'upload',
      upload: true,
      summary:
        'Adds everybody in a file of vCards (text/vcard) whom the directory knows; categories become groups.',
      answers: { 200: importAnswerSchema },
      problems: ['cards-unreadable', 'body-too-large', 'unsupported-media-type'],
      async handle({ principal, upload, reader }) {
        const read = await cards.read(await readText(upload!), limits.contacts);
        return ok(await contacts.importCards(principal.userId, read, reader));
      },
    }),
    route({
      method: 'GET',
      path: '/me/groups',
      access: 'person',
      limit: 'query',
      summary: 'One’s contact groups in their order.',
      answers: { 200: groupListSchema },
      handle: async ({ principal, reader }) =>
        ok({ items: await contacts.groups(principal.userId, reader), next: null }),
    }),
    route({
      method: 'POST',
      path: '/me/groups',
      access: 'person',
      limit: 'write',
      summary: 'Makes a contact group.',
      body: groupInputSchema,
      answers: { 201: groupSchema },
      problems: ['too-many-groups'],
      async handle({ principal, body, idempotent }) {
        const { status, json, replayed } = await contacts.addGroup(principal.userId, body, idempotent);
        return replayed ? { status, json, headers: { 'Idempotent-Replay': 'true' } } : { status, json };
      },
    }),
    route({
      method: 'PATCH',
      path: '/me/groups/{id}',
      access: 'person',
      limit: 'write',
      summary:
        'Renames a group, moves it among the groups, or puts its people in an order by hand (null: by name).',
      body: groupPatchSchema,
      answers: { 200: groupSchema },
      problems: ['not-found'],
      handle: async ({ principal, params, body, reader }) =>
        ok(await contacts.changeGroup(principal.userId, params.id ?? '', body, reader)),
    }),
    route({
      method: 'DELETE',
      path: '/me/groups/{id}',
      access: 'person',
      limit: 'write',
      summary: 'Removes a group; its people stay contacts.',
      answers: { 204: null },
      problems: ['not-found'],
      async handle({ principal, params }) {
        await contacts.removeGroup(principal.userId, params.id ?? '');
        return noContent;
      },
    }),
  ];
}
