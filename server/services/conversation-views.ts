/**
 * What a person sees of a conversation: the shared part, and what belongs to them alone (unread, muted,
 * archived, and the last message as far as they may see it). The only maker of the wire shape.
 */
import type {
  Conversation as ConversationState,
  Participant as ParticipantState,
} from '../domain/conversations.ts';
import type { ChangeRow, ConversationReads } from '../ports/store-conversations.ts';
import type { Conversation, ConversationChange, Message, Participant } from '../protocol/conversations.ts';
import type { Names } from './person-names.ts';

/** The fields of a conversation that differ from viewer to viewer. */
export type OwnFields = Pick<
  Conversation,
  'unread' | 'muted' | 'archived' | 'lastSeq' | 'lastMessage' | 'updatedAt'
>;

export const toInstant = (ms: number): string => new Date(ms).toISOString();
const toInstantOrNull = (ms: number | null): string | null => (ms === null ? null : toInstant(ms));

/** Marks end where the viewer's conversation ends: one beyond it would tell of what was withheld (PV5). */
function toParticipant(participant: ParticipantState, names: Names, lastSeq: number): Participant {
  return {
    person: names(participant.personId),
    role: participant.role,
    state: participant.state,
    joinedAt: toInstantOrNull(participant.joinedAt),
    readSeq: Math.min(participant.shownReadSeq, lastSeq),
    deliveredSeq: Math.min(participant.deliveredSeq, lastSeq),
  };
}

/** The conversation as one viewer sees it. */
export function toConversation(state: ConversationState, names: Names, own: OwnFields): Conversation {
  return {
    id: state.id,
    kind: state.kind,
    subject: state.subject,
    context: state.context,
    importance: state.importance,
    participants: state.participants.map((participant) => toParticipant(participant, names, own.lastSeq)),
    createdAt: toInstant(state.createdAt),
    ...own,
  };
}

/** A change as everybody reads it. */
export function toChange(
  { id, at, kind, personId, byId, subject }: ChangeRow,
  names: Names,
): ConversationChange {
  const person = personId === null ? null : names(personId);
  return { id, at: toInstant(at), kind, person, by: names(byId), subject };
}

/** Computes what belongs to one participant. Reads the last message they may see, and withheld ones only where there are any. */
export async function ownFields(
  reads: ConversationReads,
  state: ConversationState,
  viewer: ParticipantState,
): Promise<OwnFields> {
  const window = {
    viewerId: viewer.personId,
    firstSeq: viewer.firstSeq,
    after: null,
    before: null,
    limit: 1,
  };
  const visible = viewer.firstSeq <= state.lastSeq;
  const [last] = visible ? await reads.messages(state.id, window) : [];
  const readSeq = Math.max(viewer.readSeq, viewer.firstSeq - 1);
  const endsBefore = state.hasWithheld && visible && (last?.seq ?? 0) < state.lastSeq;
  const withheld = state.hasWithheld ? await reads.withheldAfter(state.id, viewer.personId, readSeq) : 0;
  return {
    // Where something was withheld at the end, the viewer's conversation ends before it (PV5).
    lastSeq: state.hasWithheld ? (last?.seq ?? Math.min(viewer.firstSeq - 1, state.lastSeq)) : state.lastSeq,
    lastMessage: last === undefined ? null : (JSON.parse(last.json) as Message),
    unread: Math.max(0, state.lastSeq - readSeq - withheld),
    // And nothing has happened since: a time that moved would tell of what was withheld.
    updatedAt: toInstant(endsBefore ? Math.max(last?.sentAt ?? 0, state.createdAt) : state.updatedAt),
    muted: viewer.muted,
    archived: viewer.archived,
  };
}
