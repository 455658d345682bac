/** Conversations, participants and messages as rows. `seq` is gapless per conversation and counts messages only. */

import type { ConversationLine } from '../domain/conversation-lines.ts';
import type { Conversation, Participant } from '../domain/conversations.ts';
import type { AttachmentId, ConversationId, MessageId, UserId } from '../domain/ids.ts';

export type ParticipantRow = Participant;
export type ConversationRow = Conversation;

/**
 * One utterance. `json` is the message as clients get it now (a tombstone once deleted): it is made once at
 * the send and read back as it is by history and replay, which therefore parse nothing.
 */
export interface MessageRow {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly fromId: UserId;
  readonly sentAt: number;
  readonly json: string;
  /** Only its sender sees it: the recipient blocked them when it was sent (PV5). */
  readonly withheld: boolean;
}

/** What is read between the messages. `id` orders those of one moment. */
export interface ChangeRow extends ConversationLine {
  readonly conversationId: ConversationId;
  readonly id: string;
  readonly at: number;
}

/** An uploaded file; its bytes lie in the blob port under its id. `messageId` is null until it is sent. */
export interface AttachmentRow {
  readonly id: AttachmentId;
  readonly ownerId: UserId;
  readonly messageId: MessageId | null;
  readonly name: string;
  readonly size: number;
  readonly mediaType: string;
  readonly sha256: string;
  readonly createdAt: number;
}

/** Who takes part, and no more than a send or a typing signal needs to know of each. */
export interface RosterEntry {
  readonly personId: UserId;
  readonly state: ParticipantRow['state'];
  readonly withheld: boolean;
}
export interface Roster {
  readonly kind: ConversationRow['kind'];
  readonly lastSeq: number;
  /** True while a session (CDR) is open. */
  readonly isInSession: boolean;
  readonly people: readonly RosterEntry[];
}

/** The part of a conversation's history that one viewer may see. */
export interface HistoryWindow {
  readonly viewerId: UserId;
  /** The first message the viewer may see. */
  readonly firstSeq: number;
  readonly after: number | null;
  readonly before: number | null;
  readonly limit: number;
}

export interface ConversationReads {
  find(id: ConversationId): Promise<ConversationRow | null>;
  /** One person's row in a conversation, withheld or not; null for who takes no part. */
  participant(id: ConversationId, personId: UserId): Promise<ParticipantRow | null>;
  /** The hot read of every send: one row by key; the people come from memory while the roster is unchanged. */
  roster(id: ConversationId): Promise<Roster | null>;
  /**
   * Conversations of a person that they have been told of, the latest first as they see it: what is withheld from
   * them moves nothing. `before` = (updatedAt, id) of the last one seen, as it was shown.
   */
  list(
    personId: UserId,
    limit: number,
    before: { readonly updatedAt: number; readonly id: ConversationId } | null,
  ): Promise<readonly ConversationRow[]>;
  /** Every conversation that a person takes part in and has been told of, with the first message they may see. */
  memberships(
    personId: UserId,
  ): Promise<readonly { readonly conversationId: ConversationId; readonly firstSeq: number }[]>;
  message(id: MessageId): Promise<MessageRow | null>;
  /**
   * Messages with after < seq < before, ascending; with `after` null, the last `limit` below `before`. Cost
   * follows `limit`, never the length of the conversation.
   */
  messages(id: ConversationId, window: HistoryWindow): Promise<readonly MessageRow[]>;
  /** The last `limit` changes with after < at ≤ through, ascending. */
  changes(id: ConversationId, after: number, through: number, limit: number): Promise<readonly ChangeRow[]>;
  /** How many messages behind `seq` are withheld from this viewer; cheap, as withheld ones are indexed apart. */
  withheldAfter(id: ConversationId, viewerId: UserId, seq: number): Promise<number>;
  /** The two-party conversation without context of exactly these two, if any. */
  twoParty(a: UserId, b: UserId): Promise<ConversationRow | null>;
  /** The latest conversation about this item among exactly these people, if any. */
  about(contextKey: string, people: readonly UserId[]): Promise<ConversationRow | null>;
  /**
   * The last message per conversation among a person's `message.posted` events with after < number ≤ through:
   * what an acknowledged cursor says was delivered. Only those beyond the person's delivered mark. Cost
   * follows the number of events between.
   */
  delivered(
    personId: UserId,
    after: number,
    through: number,
  ): Promise<readonly { readonly conversationId: ConversationId; readonly seq: number }[]>;
  /** Up to which event number this person's deliveries were last written down, 0 before the first. */
  deliveredThrough(personId: UserId): Promise<number>;
  attachment(id: AttachmentId): Promise<AttachmentRow | null>;
  /** Uploaded before this time and never sent: to be collected. */
  unsentAttachments(before: number, limit: number): Promise<readonly AttachmentRow[]>;
  /** Invitations that still ring, for the start of a node. */
  ringing(): Promise<
    readonly { readonly conversationId: ConversationId; readonly personId: UserId; readonly until: number }[]
  >;
}

export interface ConversationWrites {
  /**
   * Inserts a conversation with its participants, who keep their order. A second two-party conversation
   * without context of the same two people is refused with DomainError `conflict`.
   */
  insert(row: ConversationRow, contextKey: string | null): Promise<void>;
  /**
   * Writes the conversation's own columns (kind, subject, updatedAt, …), not its participants nor lastSeq. One
   * that has become a conference no longer is the two-party conversation of its first two people.
   */
  update(row: ConversationRow): Promise<void>;
  /** Inserts or replaces a participant; a new one stands behind those who are there. */
  putParticipant(id: ConversationId, row: ParticipantRow): Promise<void>;
  removeParticipant(id: ConversationId, personId: UserId, leftAt: number): Promise<void>;
  /**
   * Inserts the message, makes its seq the conversation's last and its time the conversation's `updatedAt`,
   * and advances the sender's own marks to it (what one says one has read, and is seen to have; a withheld
   * message moves no mark that others see), as one step: the hot write of every send. A `seq` that is taken
   * is refused with DomainError `conflict`.
   */
  post(row: MessageRow): Promise<void>;
  /** Begins a session (CDR) with a message; the roster tells whether one is open. */
  beginSession(id: ConversationId, firstSeq: number, startedAt: number): Promise<void>;
  appendChange(row: ChangeRow): Promise<void>;
  /** Replaces the JSON of a message (edited, reacted to, deleted). */
  updateMessage(row: MessageRow): Promise<void>;
  insertAttachment(row: AttachmentRow): Promise<void>;
  /** Ties an uploaded file to the message it was sent with. */
  sendAttachment(id: AttachmentId, messageId: MessageId): Promise<void>;
  removeAttachment(id: AttachmentId): Promise<void>;
  putDeliveredThrough(personId: UserId, eventSeq: number): Promise<void>;
}
