/**
 * An event's payload between its three forms: as appended, as stored (without the message it shows), and as
 * delivered. What was said is kept in one place, the message's row, so that a deletion reaches every replay.
 */
import type { UserId } from '../../domain/ids.ts';
import type { NewEvent } from '../../ports/store.ts';

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** What is kept of a payload: the id of the message it shows, and the rest (null where the message says it all). */
export interface Stored {
  readonly json: string | null;
  readonly messageId: string | null;
}

/** The message as it is stored now. */
export interface ShownMessage {
  readonly conversation_id: string;
  readonly json: string;
}

export function toStored(event: NewEvent, json: string): Stored {
  if (event.messageId !== undefined) return { json: null, messageId: event.messageId };
  if (typeof event.body === 'string') return { json, messageId: null };
  const { conversation } = event.body;
  const last = isFields(conversation) ? conversation.lastMessage : null;
  if (!isFields(last)) return { json, messageId: null };
  const rest = { ...event.body, conversation: { ...(conversation as Fields), lastMessage: null } };
  return { json: JSON.stringify(rest), messageId: String(last.id) };
}

/** The payload of a stored event with its message as it is now; null where all there was to show is gone. */
export function fromStored({ json, messageId }: Stored, message: ShownMessage | undefined): string | null {
  if (json === null)
    return message === undefined
      ? null
      : `{"conversationId":"${message.conversation_id}","message":${message.json}}`;
  if (messageId === null || message === undefined) return json;
  return layOver(json, `{"lastMessage":${message.json}}`);
}

/** Lays fields over `conversation` of a payload: a last message, or what belongs to one recipient. */
export function layOver(json: string, fields: string): string {
  const body = JSON.parse(json) as { conversation: Fields };
  return JSON.stringify({
    ...body,
    conversation: { ...body.conversation, ...(JSON.parse(fields) as Fields) },
  });
}

/** The payloads of the recipients that have own fields; those who share one object share one text. */
export function ownPayloads({ own, body }: NewEvent): ReadonlyMap<UserId, string> | null {
  if (own === undefined || own.size === 0 || typeof body === 'string') return null;
  const made = new Map<Fields, string>();
  const payloads = new Map<UserId, string>();
  for (const [personId, fields] of own) {
    let json = made.get(fields);
    if (json === undefined) {
      json = JSON.stringify({ ...body, conversation: { ...(body.conversation as Fields), ...fields } });
      made.set(fields, json);
    }
    payloads.set(personId, json);
  }
  return payloads;
}
