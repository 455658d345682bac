/** What is known of one's own messages on their way: which still wait, and how far the others have come. */
import type { Client } from '../client/client.ts';
import { isLive } from '../client/conversation-store.ts';
import type { Unsent } from '../client/outbox.ts';
import { t } from '../i18n/i18n.ts';
import { conversationOf } from './conversation-people.ts';

/** Messages that wait; one whose confirmed twin has just arrived is not shown beside it. */
export function unsentIn(client: Client, conversationId: string): readonly Unsent[] {
  const { conversations, me } = client.state();
  const messages = conversations.windows.get(conversationId)?.messages ?? [];
  const lastSeq = messages.at(-1)?.seq ?? 0;
  const taken = new Set<number>();
  return client.outbox.unsent(conversationId).filter((one) => {
    if (!client.outbox.isSending(one.key) || lastSeq <= one.afterSeq) return true;
    const twin = messages.find(
      (message) =>
        message.fromId === me.id &&
        isLive(message) &&
        message.seq > one.afterSeq &&
        message.text === one.text &&
        !taken.has(message.seq),
    );
    if (twin) taken.add(twin.seq);
    return twin === undefined;
  });
}

/** "Sent", "Delivered" or "Seen", for one's own last message between two. */
export function receiptOf(client: Client, conversationId: string, seq: number): string {
  const conversation = conversationOf(client, conversationId);
  const other = conversation?.participants.find(({ person }) => person.id !== client.state().me.id);
  if (!other) return t('conversation.sent');
  if (other.readSeq >= seq) return t('conversation.seen');
  return t(other.deliveredSeq >= seq ? 'conversation.delivered' : 'conversation.sent');
}
