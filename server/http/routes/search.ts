/** Full text over one's own conversations (contract §6). */
import { z } from 'zod';
import { conversationSchema, messageSchema } from '../../protocol/conversations.ts';
import { idSchema } from '../../protocol/presence.ts';
import type { Search } from '../../services/search.ts';
import { ok, type Route, route } from '../route.ts';

const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => Date.parse(text));
const searchQuery = z.strictObject({
  q: z.string().min(1).max(500),
  conversation: idSchema.optional(),
  from: idSchema.optional(),
  before: instant.optional(),
  after: instant.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(20).optional(),
});
const searchAnswer = z.object({
  items: z.array(
    z.object({
      message: messageSchema,
      conversation: conversationSchema,
      /** [start, end) of what matched, in UTF-16 units of the text. */
      highlights: z.array(z.tuple([z.int(), z.int()])),
    }),
  ),
  next: z.string().nullable(),
});

export function searchRoutes(search: Search): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/search',
      access: 'person',
      limit: 'search',
      summary: 'Messages of one’s own conversations with all these words, the latest first.',
      query: searchQuery,
      answers: { 200: searchAnswer },
      handle: async ({ principal, query }) =>
        ok(
          await search.find(principal.userId, {
            q: query.q,
            conversation: query.conversation ?? null,
            from: query.from ?? null,
            before: query.before ?? null,
            after: query.after ?? null,
            limit: query.limit,
            cursor: query.cursor ?? null,
          }),
        ),
    }),
  ];
}
