/**
 * Every problem code that the API can answer (RFC 9457), with its HTTP status and title: one table, so
 * that a code is stable and documented in one place. Clients switch on `code`, never on the sentence.
 */
import { z } from 'zod';

export const problemCodes = {
  'invalid-input': [400, 'The request is not of the form this route takes'],
  'not-json': [400, 'The body is not valid JSON in UTF-8'],
  unauthenticated: [401, 'A valid bearer token is needed'],
  'token-expired': [401, 'The bearer token has expired'],
  'token-revoked': [401, 'The bearer token has been revoked'],
  forbidden: [403, 'You may not do that'],
  disabled: [403, 'This account is disabled'],
  'not-linked': [403, 'This mailbox is linked to nobody here'],
  'not-admitted': [403, 'This account is not admitted to this server'],
  'not-found': [404, 'There is nothing here that you may see'],
  'method-not-allowed': [405, 'This route does not take that method'],
  'idempotency-key-reused': [409, 'The idempotency key was used for another request'],
  conflict: [409, 'The request conflicts with what is stored'],
  'precondition-failed': [412, 'The entity tag does not match'],
  'body-too-large': [413, 'The body is larger than this route takes'],
  'unsupported-media-type': [415, 'This route takes application/json'],
  'too-many-participants': [422, 'A conversation has at most 250 participants'],
  'too-many-contacts': [422, 'The contact list is full'],
  'too-many-groups': [422, 'There are no more groups to be had'],
  'too-many-endpoints': [422, 'A person has at most 16 endpoints'],
  'too-many-publications': [422, 'A person has at most 64 live publications'],
  'too-many-watched': [422, 'A stream watches at most 5,000 people'],
  'empty-message': [422, 'A message needs text or an attachment'],
  'unknown-person': [422, 'One of the people is not in the directory'],
  'unknown-activity': [422, 'This activity is not defined'],
  'activity-contradicts-availability': [422, 'The activity does not belong to this availability'],
  'availability-not-for-kind': [422, 'A source of this kind does not publish that availability'],
  'unknown-group': [422, 'One of the groups does not exist'],
  'appear-offline-not-allowed': [422, 'The policy does not allow appearing offline'],
  'address-refused': [422, 'This address is not fetched'],
  'fetch-failed': [422, 'The address could not be fetched'],
  'calendar-unreadable': [422, 'The calendar cannot be read'],
  'cards-unreadable': [422, 'The address cards cannot be read'],
  'photo-unreadable': [422, 'The picture cannot be taken as a photo'],
  'expires-in-the-past': [422, 'The end lies in the past'],
  'message-deleted': [422, 'The message has been deleted'],
  'seq-beyond-last': [422, 'There is no message with that number yet'],
  'last-presenter': [422, 'The last presenter cannot give the role away'],
  'not-yourself': [422, 'That cannot be done with yourself'],
  'too-many-reactions': [422, 'A message takes at most 20 different reactions'],
  'unknown-attachment': [422, 'One of the attachments is not yours or does not exist'],
  'attachment-blocked': [422, 'Files of this type are blocked'],
  'policy-quota': [422, 'The policy does not allow watching that many people'],
  'sign-in-expired': [422, 'This sign-in has ended or was used already'],
  'rate-limited': [429, 'Too many requests'],
  internal: [500, 'The server failed'],
  'identity-unavailable': [503, 'The identity provider does not answer'],
  'node-unavailable': [503, 'Another node of this server does not answer'],
  'store-unavailable': [503, 'The store cannot take writes now; nothing was saved'],
  'shutting-down': [503, 'The server is shutting down'],
} as const satisfies Record<string, readonly [status: number, title: string]>;
export type ProblemCode = keyof typeof problemCodes;

/** The body of every error answer. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
