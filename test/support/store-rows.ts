/** Rows for the tests of stores: the cast as ids, and short ways to a conversation, a participant, a message. */
import type { ConversationId, MessageId, UserId } from '../../server/domain/ids.ts';
import type {
  ConversationRow,
  HistoryWindow,
  MessageRow,
  ParticipantRow,
} from '../../server/ports/store-conversations.ts';
import { noon } from './clock.ts';

/** The cast, as ids that are enough for a store. */
export const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => `id-of-${name}` as UserId) as [
  UserId,
  UserId,
  UserId,
];

export const participant = (personId: UserId, given: Partial<ParticipantRow> = {}): ParticipantRow => ({
  personId,
  role: 'attendee',
  state: 'joined',
  addedAt: noon,
  addedBy: alice,
  joinedAt: noon,
  firstSeq: 1,
  readSeq: 0,
  shownReadSeq: 0,
  deliveredSeq: 0,
  muted: false,
  archived: false,
  withheld: false,
  ringsUntil: null,
  ...given,
});

export const conversation = (id: string, given: Partial<ConversationRow> = {}): ConversationRow => ({
  id: id as ConversationId,
  kind: 'two-party',
  subject: null,
  context: null,
  importance: 'normal',
  lastSeq: 0,
  hasWithheld: false,
  createdAt: noon,
  updatedAt: noon,
  participants: [participant(alice), participant(bob)],
  ...given,
});

/** A message as a client sees it; enough for a payload. */
export const shownMessage = (conversationId: string, seq: number, text = `message ${seq}`) => ({
  id: `${conversationId}-${seq}`,
  conversationId,
  seq,
  text,
  deletedAt: null,
});

export const message = (
  conversationId: string,
  seq: number,
  given: Partial<MessageRow> = {},
): MessageRow => ({
  id: `${conversationId}-${seq}` as MessageId,
  conversationId: conversationId as ConversationId,
  seq,
  fromId: alice,
  sentAt: noon,
  json: JSON.stringify(shownMessage(conversationId, seq)),
  withheld: false,
  ...given,
});

/** The part of a history that alice may see. */
export const window = (given: Partial<HistoryWindow> = {}): HistoryWindow => ({
  viewerId: alice,
  firstSeq: 1,
  after: 0,
  before: null,
  limit: 50,
  ...given,
});
