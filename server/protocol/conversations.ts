/** Wire types of conversations and messages (contract §6). */
import { z } from 'zod';
import { personNameSchema } from './contacts.ts';
import { idSchema, instantSchema } from './presence.ts';
import {
  changeKinds,
  contextKinds,
  importances,
  limits,
  participantRoles,
  participantStates,
} from './vocabulary.ts';

/** The item a conversation is about. `itemId` or `url` identifies it; the same item offers the conversation that exists. */
export const contextSchema = z.strictObject({
  kind: z.enum(contextKinds),
  title: z.string().max(500),
  url: z.url().max(2_000).optional(),
  itemId: z.string().min(1).max(1_000).optional(),
  people: z.array(z.string().max(512)).max(limits.participants).optional(),
});
export type ConversationContext = z.infer<typeof contextSchema>;

export const participantSchema = z.object({
  person: personNameSchema,
  role: z.enum(participantRoles),
  state: z.enum(participantStates),
  joinedAt: instantSchema.nullable(),
  readSeq: z.int().nonnegative(),
  deliveredSeq: z.int().nonnegative(),
});
export type Participant = z.infer<typeof participantSchema>;

/** One utterance. A tombstone keeps id, conversationId, seq, fromId, sentAt and deletedAt and nothing else. */
export const messageSchema = z.object({
  id: z.string(),
  conversationId: z.string(),
  seq: z.int().positive(),
  fromId: z.string(),
  sentAt: instantSchema,
  text: z.string(),
  importance: z.enum(importances),
  replyTo: z.string().nullable(),
  mentions: z.array(z.string()),
  attachments: z.array(z.object({ id: z.string(), name: z.string(), size: z.int(), mediaType: z.string() })),
  reactions: z.array(z.object({ emoji: z.string(), personIds: z.array(z.string()) })),
  editedAt: instantSchema.nullable(),
  deletedAt: z.null(),
});
export const tombstoneSchema = messageSchema
  .pick({ id: true, conversationId: true, seq: true, fromId: true, sentAt: true })
  .extend({ deletedAt: instantSchema });
export type Tombstone = z.infer<typeof tombstoneSchema>;
export type LiveMessage = z.infer<typeof messageSchema>;
export const anyMessageSchema = z.union([messageSchema, tombstoneSchema]);
export type Message = z.infer<typeof anyMessageSchema>;

export const conversationSchema = z.object({
  id: z.string(),
  kind: z.enum(['two-party', 'conference']),
  subject: z.string().nullable(),
  context: contextSchema.nullable(),
  importance: z.enum(importances),
  participants: z.array(participantSchema),
  lastSeq: z.int().nonnegative(),
  lastMessage: anyMessageSchema.nullable(),
  unread: z.int().nonnegative(),
  muted: z.boolean(),
  archived: z.boolean(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Conversation = z.infer<typeof conversationSchema>;
export const conversationListSchema = z.object({
  items: z.array(conversationSchema),
  next: z.string().nullable(),
});

/** `POST …/messages`. Over-long text is 400 `invalid-input`, checked in characters (UTF-16 units, as editors count). */
export const messageInputSchema = z.strictObject({
  text: z.string().max(limits.messageCharacters),
  importance: z.enum(importances).optional(),
  replyTo: idSchema.optional(),
  attachments: z.array(idSchema).max(limits.attachmentsPerMessage).optional(),
});
export type MessageInput = z.infer<typeof messageInputSchema>;
export const messageEditSchema = z.strictObject({ text: z.string().min(1).max(limits.messageCharacters) });

export const conversationInputSchema = z.strictObject({
  participants: z.array(idSchema).min(1).max(1_000),
  subject: z.string().max(limits.subjectCharacters).nullable().optional(),
  context: contextSchema.nullable().optional(),
  importance: z.enum(importances).optional(),
  firstMessage: messageInputSchema.optional(),
});
export type ConversationInput = z.infer<typeof conversationInputSchema>;

/** The 201 of a creating call names the people who are in do-not-disturb and were not interrupted. */
export const conversationCreatedSchema = conversationSchema.extend({ held: z.array(z.string()).optional() });
export const messageCreatedSchema = messageSchema.extend({ held: z.array(z.string()).optional() });

export const conversationPatchSchema = z.strictObject({
  subject: z.string().max(limits.subjectCharacters).nullable().optional(),
  muted: z.boolean().optional(),
  archived: z.boolean().optional(),
});
export const participantsInputSchema = z.strictObject({
  ids: z.array(idSchema).min(1).max(1_000),
  shareHistory: z.boolean().optional(),
});
export const participantPatchSchema = z.strictObject({ role: z.enum(participantRoles) });
export const invitationAnswerSchema = z.strictObject({ answer: z.enum(['accept', 'decline']) });
export const readInputSchema = z.strictObject({ seq: z.int().nonnegative() });
/** `GET|PUT /me/messaging`: whether others see one's read marks. */
export const messagingSchema = z.strictObject({ readReceipts: z.boolean() });
export const messageListSchema = z.object({ items: z.array(anyMessageSchema), next: z.string().nullable() });

/**
 * What happened between the messages: somebody was added, joined, declined, left or was removed, became presenter
 * or attendee (by themselves where the last presenter went), or the conversation got another name. It stands before the first message that was sent at its time or later.
 */
export const changeSchema = z.object({
  id: z.string(),
  at: instantSchema,
  kind: z.enum(changeKinds),
  person: personNameSchema.nullable().describe('whom it is about; null where it is renamed'),
  by: personNameSchema,
  subject: z.string().nullable().describe('the new name'),
});
export type ConversationChange = z.infer<typeof changeSchema>;
/** A page of history with what happened between its messages, ascending. */
export const historySchema = messageListSchema.extend({ changes: z.array(changeSchema) });
export type History = z.infer<typeof historySchema>;
