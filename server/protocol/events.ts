/**
 * Every event of the stream (contract §5) with its payload. Durable ones carry an `id:` and are replayed;
 * soft ones are never replayed; control ones belong to one stream.
 */
import { z } from 'zod';
import { contactSchema, personNameSchema } from './contacts.ts';
import {
  anyMessageSchema,
  changeSchema,
  conversationSchema,
  messageSchema,
  tombstoneSchema,
} from './conversations.ts';
import { idSchema, viewSchema } from './presence.ts';
import { limits, participantRoles } from './vocabulary.ts';

const inConversation = z.object({ conversationId: z.string() });
const participantEvent = inConversation.extend({
  personId: z.string(),
  role: z.enum(participantRoles),
  byId: z.string(),
  change: changeSchema.optional().describe('how it reads between the messages, where it is to be read'),
});
const marker = inConversation.extend({ personId: z.string(), seq: z.int().nonnegative() });

export const durableEventSchemas = {
  'message.posted': inConversation.extend({ message: anyMessageSchema }),
  'message.edited': inConversation.extend({ message: z.union([messageSchema, tombstoneSchema]) }),
  'message.deleted': inConversation.extend({ message: tombstoneSchema }),
  'message.reaction': inConversation.extend({
    messageId: z.string(),
    personId: z.string(),
    emoji: z.string(),
    on: z.boolean(),
  }),
  'conversation.created': z.object({ conversation: conversationSchema }),
  'conversation.updated': z.object({
    conversation: conversationSchema,
    changes: z.array(changeSchema).optional().describe('what of it is to be read between the messages'),
  }),
  'participant.joined': participantEvent,
  'participant.left': participantEvent,
  'participant.removed': participantEvent,
  'invitation.received': z.object({ conversation: conversationSchema, fromId: z.string() }),
  'invitation.answered': inConversation.extend({
    personId: z.string(),
    answer: z.enum(['accept', 'decline', 'timeout']),
  }),
  'read.advanced': marker,
  'delivered.advanced': marker,
  'contact.changed': z.object({
    contact: contactSchema,
    removed: z
      .boolean()
      .optional()
      .describe('true where the person left the list and nothing is kept of them'),
  }),
  'contact.added-you': z.object({ person: personNameSchema }),
  'presence.alert': z.object({
    view: viewSchema,
    reason: z
      .enum(['available', 'preferred-ended'])
      .optional()
      .describe(
        'available: the person one waited for; preferred-ended: the view is one’s own, the manual state is over',
      ),
  }),
} as const;

export const softEventSchemas = {
  'presence.changed': viewSchema,
  typing: inConversation.extend({ personId: z.string() }),
} as const;

export const controlEventSchemas = {
  ready: z.object({
    streamId: z.string(),
    cursor: z.string(),
    heartbeatSeconds: z.int().positive(),
    resumed: z.boolean(),
  }),
  'presence.snapshot': z.object({ items: z.array(viewSchema) }),
  reset: z.object({ reason: z.enum(['unknown-epoch', 'too-old', 'not-a-cursor']) }),
  closing: z.object({ code: z.int(), retryAfterMs: z.int().nonnegative().nullable() }),
} as const;

export const eventSchemas = { ...durableEventSchemas, ...softEventSchemas, ...controlEventSchemas } as const;
export type DurableEventType = keyof typeof durableEventSchemas;
export type EventType = keyof typeof eventSchemas;
export type EventPayload<Type extends EventType> = z.infer<(typeof eventSchemas)[Type]>;

export const watchPutSchema = z.strictObject({ ids: z.array(idSchema).max(limits.watchedPerCall) });
export const watchPatchSchema = z.strictObject({
  add: z.array(idSchema).max(limits.watchedPerCall).optional(),
  remove: z.array(idSchema).max(limits.watchedPerCall).optional(),
});
export const aliveInputSchema = z.strictObject({ cursor: z.string().max(200).optional() });
