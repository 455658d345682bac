/**
 * Urgent messages call again and again until they are read: on this page for as long as it is open, and after
 * a reload from what is then unread. Knows what is urgent and unread; how a call sounds is `attention.ts`.
 */

import type { PersonName } from '../../server/protocol/contacts.ts';
import type { Conversation, LiveMessage } from '../../server/protocol/conversations.ts';
import { isLive } from '../shared/client/conversation-store.ts';

export interface UrgentCall {
  readonly conversationId: string;
  readonly from: PersonName;
  readonly text: string;
}

/** Long enough to be no alarm clock, short enough that an urgent matter stays one. */
export const againMs = 60_000;

export interface Urgency {
  /** Looks at the conversations as they are now: takes up what is urgent and unread, lets go of what has been read. */
  follow(conversations: ReadonlyMap<string, Conversation>): void;
  /** An urgent message has come in, which need not be the last of its conversation. */
  arrived(conversation: Conversation, message: Pick<LiveMessage, 'seq' | 'text' | 'fromId'>): void;
  close(): void;
}

export function createUrgency(options: {
  meId: string;
  call(what: UrgentCall): void;
  /** Runs something every so often; the answer ends it. */
  every(ms: number, work: () => void): () => void;
}): Urgency {
  const { meId, call } = options;
  /** What is still to be read, by conversation: the latest urgent message of each. */
  const waiting = new Map<string, UrgentCall & { readonly seq: number }>();
  let stop: (() => void) | null = null;

  const readUpTo = (conversation: Conversation): number =>
    conversation.participants.find(({ person }) => person.id === meId)?.readSeq ?? 0;

  function arrived(
    conversation: Conversation,
    { seq, text, fromId }: Pick<LiveMessage, 'seq' | 'text' | 'fromId'>,
  ): void {
    const from = conversation.participants.find(({ person }) => person.id === fromId)?.person;
    if (
      !from ||
      fromId === meId ||
      seq <= Math.max(readUpTo(conversation), waiting.get(conversation.id)?.seq ?? 0)
    )
      return;
    waiting.set(conversation.id, { conversationId: conversation.id, from, text, seq });
    stop ??= options.every(againMs, () => {
      for (const one of waiting.values()) call(one);
    });
  }

  return {
    arrived,
    follow(conversations) {
      for (const [id, { seq }] of waiting) {
        const conversation = conversations.get(id);
        // Without unread messages the mark of one's own may still be on its way.
        if (!conversation || conversation.unread === 0 || readUpTo(conversation) >= seq) waiting.delete(id);
      }
      for (const conversation of conversations.values()) {
        const last = conversation.lastMessage;
        if (conversation.unread > 0 && last && isLive(last) && last.importance === 'urgent')
          arrived(conversation, last);
      }
      if (waiting.size > 0) return;
      stop?.();
      stop = null;
    },
    close() {
      waiting.clear();
      stop?.();
      stop = null;
    },
  };
}
