/** Conversations and what is said in them (contract §6). Each row parses, makes one call, and answers. */
import { z } from 'zod';
import { toConversationId, toMessageId, toUserId } from '../../domain/ids.ts';
import {
  anyMessageSchema,
  conversationCreatedSchema,
  conversationInputSchema,
  conversationListSchema,
  conversationPatchSchema,
  conversationSchema,
  historySchema,
  invitationAnswerSchema,
  messageCreatedSchema,
  messageEditSchema,
  messageInputSchema,
  messageListSchema,
  messageSchema,
  messagingSchema,
  participantPatchSchema,
  participantsInputSchema,
  readInputSchema,
} from '../../protocol/conversations.ts';
import type { Conversations } from '../../services/conversations.ts';
import type { CreatingResult } from '../../services/idempotency.ts';
import { type Answer, type Call, noContent, ok, type Route, route } from '../route.ts';

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
const historyQuery = z.strictObject({
  after: z.coerce.number().int().nonnegative().optional(),
  before: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const conversationId = ({ params }: Call<never, never> | Call) => toConversationId(params.id ?? '');
const messageId = ({ params }: Call) => toMessageId(params.messageId ?? '');
/** `me` stands for the caller wherever a participant is named. */
const participantId = ({ params, principal }: Call) =>
  params.personId === 'me' ? principal.userId : toUserId((params.personId ?? '').toLowerCase());

const creating = ({ status, json, replayed }: CreatingResult): Answer =>
  replayed ? { status, json, headers: { 'Idempotent-Replay': 'true' } } : { status, json };

export function conversationRoutes(conversations: Conversations): readonly Route[] {
  const { messages } = conversations;
  return [
    route({
      method: 'POST',
      path: '/conversations',
      access: 'person',
      limit: 'write',
      summary:
        'Opens a conversation, or gives the one that exists between the same people about the same item.',
      body: conversationInputSchema,
      answers: { 200: conversationCreatedSchema, 201: conversationCreatedSchema },
      problems: [
        'unknown-person',
        'not-yourself',
        'too-many-participants',
        'empty-message',
        'unknown-attachment',
      ],
      handle: async (call) =>
        creating(await conversations.create(call.principal.userId, call.body, call.idempotent)),
    }),
    route({
      method: 'GET',
      path: '/conversations',
      access: 'person',
      limit: 'query',
      summary: 'One’s conversations, the latest first.',
      query: listQuery,
      answers: { 200: conversationListSchema },
      handle: async ({ principal, query }) =>
        ok(await conversations.list(principal.userId, query.limit, query.cursor ?? null)),
    }),
    route({
      method: 'GET',
      path: '/conversations/{id}',
      access: 'person',
      limit: 'query',
      summary: 'One conversation with everybody who takes part.',
      answers: { 200: conversationSchema },
      handle: async (call) => ok(await conversations.get(call.principal.userId, conversationId(call))),
    }),
    route({
      method: 'PATCH',
      path: '/conversations/{id}',
      access: 'person',
      limit: 'write',
      summary: 'Renames it for everybody; mutes or archives it for oneself.',
      body: conversationPatchSchema,
      answers: { 200: conversationSchema },
      handle: async (call) =>
        ok(await conversations.update(call.principal.userId, conversationId(call), call.body)),
    }),
    route({
      method: 'POST',
      path: '/conversations/{id}/participants',
      access: 'person',
      limit: 'write',
      summary:
        'Adds people in place; a third person makes it a conference. History is shared unless said otherwise.',
      body: participantsInputSchema,
      answers: { 200: conversationSchema },
      problems: ['unknown-person', 'too-many-participants'],
      handle: async (call) =>
        creating(
          await conversations.add(
            call.principal.userId,
            conversationId(call),
            call.body.ids,
            call.body.shareHistory ?? true,
            call.idempotent,
          ),
        ),
    }),
    route({
      method: 'DELETE',
      path: '/conversations/{id}/participants/{personId}',
      access: 'person',
      limit: 'write',
      summary: 'Leaves (`me`), or as a presenter removes somebody.',
      answers: { 204: null },
      problems: ['forbidden'],
      handle: async (call) => {
        await conversations.remove(call.principal.userId, conversationId(call), participantId(call));
        return noContent;
      },
    }),
    route({
      method: 'PATCH',
      path: '/conversations/{id}/participants/{personId}',
      access: 'person',
      limit: 'write',
      summary: 'Makes somebody presenter or attendee.',
      body: participantPatchSchema,
      answers: { 200: conversationSchema },
      problems: ['forbidden', 'last-presenter'],
      handle: async (call) =>
        ok(
          await conversations.setRole(
            call.principal.userId,
            conversationId(call),
            participantId(call),
            call.body.role,
          ),
        ),
    }),
    route({
      method: 'POST',
      path: '/conversations/{id}/invitation',
      access: 'person',
      limit: 'write',
      summary: 'Answers an invitation; declining leaves.',
      body: invitationAnswerSchema,
      answers: { 204: null },
      problems: ['conflict'],
      handle: async (call) => {
        await conversations.answer(call.principal.userId, conversationId(call), call.body.answer);
        return noContent;
      },
    }),
    route({
      method: 'POST',
      path: '/conversations/{id}/messages',
      access: 'person',
      limit: 'send',
      hot: true,
      summary: 'Sends a message; acknowledged once it is durable.',
      body: messageInputSchema,
      answers: { 201: messageCreatedSchema },
      problems: ['empty-message', 'unknown-attachment'],
      handle: async (call) =>
        creating(
          await messages.send(call.principal.userId, conversationId(call), call.body, call.idempotent),
        ),
    }),
    route({
      method: 'GET',
      path: '/conversations/{id}/messages',
      access: 'person',
      limit: 'query',
      summary: 'History, ascending: behind `after`, or the last ones, below `before`.',
      query: historyQuery,
      answers: { 200: historySchema },
      handle: async (call) => ({
        status: 200,
        json: await messages.history(call.principal.userId, conversationId(call), {
          after: call.query.after ?? null,
          before: call.query.before ?? null,
          limit: call.query.limit,
        }),
      }),
    }),
    route({
      method: 'GET',
      path: '/conversations/{id}/messages/{messageId}',
      access: 'person',
      limit: 'query',
      summary: 'One message as it is now; its number says where it stands.',
      answers: { 200: anyMessageSchema },
      handle: async (call) => ({
        status: 200,
        json: await messages.one(call.principal.userId, conversationId(call), messageId(call)),
      }),
    }),
    route({
      method: 'PATCH',
      path: '/conversations/{id}/messages/{messageId}',
      access: 'person',
      limit: 'write',
      summary: 'Gives one’s own message new text; the mark stays.',
      body: messageEditSchema,
      answers: { 200: messageSchema },
      problems: ['forbidden', 'message-deleted', 'empty-message'],
      handle: async (call) => ({
        status: 200,
        json: await messages.edit(
          call.principal.userId,
          conversationId(call),
          messageId(call),
          call.body.text,
        ),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/conversations/{id}/messages/{messageId}',
      access: 'person',
      limit: 'write',
      summary: 'Deletes one’s own message; a tombstone stays in its place.',
      answers: { 204: null },
      problems: ['forbidden'],
      handle: async (call) => {
        await messages.remove(call.principal.userId, conversationId(call), messageId(call));
        return noContent;
      },
    }),
    route({
      method: 'GET',
      path: '/conversations/{id}/messages/{messageId}/versions',
      access: 'person',
      limit: 'query',
      summary: 'What a message said before its edits, oldest first.',
      answers: { 200: messageListSchema },
      handle: async (call) => ({
        status: 200,
        json: await messages.versions(call.principal.userId, conversationId(call), messageId(call)),
      }),
    }),
    ...(['PUT', 'DELETE'] as const).map((method) =>
      route({
        method,
        path: '/conversations/{id}/messages/{messageId}/reactions/{emoji}',
        access: 'person',
        limit: 'write',
        summary: method === 'PUT' ? 'Reacts to a message with an emoji.' : 'Takes one’s reaction back.',
        answers: { 204: null },
        problems: ['message-deleted', 'too-many-reactions'],
        handle: async (call) => {
          const emoji = call.params.emoji ?? '';
          const { userId } = call.principal;
          await messages.react(userId, conversationId(call), messageId(call), emoji, method === 'PUT');
          return noContent;
        },
      }),
    ),
    route({
      method: 'GET',
      path: '/me/messaging',
      access: 'person',
      summary: 'How one’s messages are dealt with.',
      answers: { 200: messagingSchema },
      handle: async ({ principal }) => ok({ readReceipts: await messages.readReceipts(principal.userId) }),
    }),
    route({
      method: 'PUT',
      path: '/me/messaging',
      access: 'person',
      limit: 'write',
      summary: 'Switches whether others see how far one has read.',
      body: messagingSchema,
      answers: { 200: messagingSchema },
      handle: async ({ principal, body }) => {
        await messages.setReadReceipts(principal.userId, body.readReceipts);
        return ok(body);
      },
    }),
    route({
      method: 'PUT',
      path: '/conversations/{id}/read',
      access: 'person',
      hot: true,
      limit: 'write',
      summary: 'Moves one’s read mark forward.',
      body: readInputSchema,
      answers: { 204: null },
      problems: ['seq-beyond-last'],
      handle: async (call) => {
        await messages.read(call.principal.userId, conversationId(call), call.body.seq);
        return noContent;
      },
    }),
    route({
      method: 'POST',
      path: '/conversations/{id}/typing',
      access: 'person',
      hot: true,
      summary: 'Tells the others that one is typing; good for five seconds.',
      answers: { 204: null },
      handle: async (call) => {
        await messages.typing(call.principal.userId, conversationId(call));
        return noContent;
      },
    }),
  ];
}
