/**
 * Branded ids, so that a person is never passed where a conversation is meant. Ids are opaque to clients;
 * `toX` is for values that this server made or stored itself.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Branded<'UserId'>;
/** One signed-in client instance of a person, named by the client; unique only within that person. */
export type EndpointId = Branded<'EndpointId'>;
export type ConversationId = Branded<'ConversationId'>;
export type MessageId = Branded<'MessageId'>;
export type AttachmentId = Branded<'AttachmentId'>;
export type GroupId = Branded<'GroupId'>;
export type StreamId = Branded<'StreamId'>;

export const toUserId = (id: string) => id as UserId;
export const toEndpointId = (id: string) => id as EndpointId;
export const toConversationId = (id: string) => id as ConversationId;
export const toMessageId = (id: string) => id as MessageId;
export const toAttachmentId = (id: string) => id as AttachmentId;
export const toGroupId = (id: string) => id as GroupId;
export const toStreamId = (id: string) => id as StreamId;

/** True where the text is a UUID in any case; person ids on the wire are UUIDs. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
