/**
 * The full-text index over messages. It may trail and may be lost: everything in it can be made again from
 * the store, so it promises no durability, only that what it answers was once true of a message.
 */
import type { ConversationId, MessageId, UserId } from '../domain/ids.ts';

/** A message as it is now. */
export interface IndexEntry {
  /** As clients get it: the JSON of the message, or of the event that tells of it. A deleted one is found no more. */
  readonly json: string;
  /** Found by its sender alone. */
  readonly withheld: boolean;
}

export interface SearchQuery {
  readonly viewerId: UserId;
  /** All must occur; a group of several words as they stand. The last word of all may be the beginning of one. */
  readonly terms: readonly (readonly string[])[];
  readonly isLastPrefix: boolean;
  /** Where to look; nothing is found elsewhere. */
  readonly conversations: readonly ConversationId[];
  readonly fromId: UserId | null;
  readonly sentAfter: number | null;
  readonly sentBefore: number | null;
  /** Behind the place of a hit seen before; null from the latest. */
  readonly behind: number | null;
  readonly limit: number;
}

export interface SearchHit {
  readonly place: number;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly seq: number;
  /** What matched: [start, end) in UTF-16 units of the text as it was indexed. */
  readonly highlights: readonly (readonly [number, number])[];
}

export interface SearchIndex {
  /** Up to which event the index has come, and of which history; null for an empty one. */
  position(): Promise<{ readonly epoch: string; readonly seq: number } | null>;
  /** Takes entries over and moves the position with them, as one step. Repeating a batch changes nothing. */
  update(
    entries: readonly IndexEntry[],
    position: { readonly epoch: string; readonly seq: number } | null,
  ): Promise<void>;
  /** Takes messages out. */
  remove(ids: readonly MessageId[]): Promise<void>;
  /** Empties the index. */
  clear(): Promise<void>;
  /** The latest hits first. Cost follows the hits within `conversations`, not the size of the index. */
  find(query: SearchQuery): Promise<readonly SearchHit[]>;
  close(): Promise<void>;
}
