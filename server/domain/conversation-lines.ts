/**
 * What a change of a conversation leaves to be read between its messages: who was added, joined, declined,
 * left or was removed, who got another role, and what it was renamed to. Pure; `services/conversation-changes.ts` keeps the lines.
 */
import type { ChangeKind } from '../protocol/vocabulary.ts';
import type { Conversation, ConversationEvent } from './conversations.ts';
import type { UserId } from './ids.ts';

export interface ConversationLine {
  readonly kind: ChangeKind;
  /** Whom it is about; null where it is about the conversation. */
  readonly personId: UserId | null;
  readonly byId: UserId;
  /** The new name of one that was renamed, null when its name was taken away. */
  readonly subject: string | null;
}

/**
 * The lines of these events, in their order. That the other of two has joined is none: it shows by their
 * answer. Somebody who is invited by someone they block is added like anybody else (PV5).
 */
export function linesOf(
  before: Conversation,
  events: readonly ConversationEvent[],
  byId: UserId,
): ConversationLine[] {
  const lines: ConversationLine[] = [];
  const becomesConference = events.some(({ type }) => type === 'became-conference');
  const somebodyGoes = events.some(({ type }) => type === 'participant-left');
  for (const event of events) {
    switch (event.type) {
      case 'participant-added':
        lines.push({ kind: 'added', personId: event.participant.personId, byId, subject: null });
        break;
      case 'participant-joined':
        if (before.kind === 'conference' || becomesConference)
          lines.push({ kind: 'joined', personId: event.personId, byId: event.personId, subject: null });
        break;
      case 'participant-left': {
        const gone = before.participants.find(({ personId }) => personId === event.personId);
        const kind =
          event.byId !== event.personId ? 'removed' : gone?.state === 'invited' ? 'declined' : 'left';
        lines.push({ kind, personId: event.personId, byId: event.byId, subject: null });
        break;
      }
      case 'role-changed': {
        // Nobody gave it to the heir of the last presenter: it came to them.
        const by = somebodyGoes ? event.personId : byId;
        lines.push({ kind: event.role, personId: event.personId, byId: by, subject: null });
        break;
      }
      case 'renamed':
        lines.push({ kind: 'renamed', personId: null, byId, subject: event.subject });
        break;
    }
  }
  return lines;
}
