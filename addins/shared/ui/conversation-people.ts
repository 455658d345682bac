/** Who takes part in a conversation, as its views name them. */
import type { PersonName } from '../../../server/protocol/contacts.ts';
import type { Conversation } from '../../../server/protocol/conversations.ts';
import type { Client } from '../client/client.ts';
import { t } from '../i18n/i18n.ts';

export function conversationOf(client: Client | null, id: string): Conversation | null {
  return client?.state().conversations.conversations.get(id) ?? null;
}

/** Everybody but oneself; of a conversation that does not exist yet, whom it is begun with. */
export function othersOf(client: Client | null, id: string): PersonName[] {
  if (!client) return [];
  const state = client.state();
  const conversation = conversationOf(client, id);
  if (conversation)
    return conversation.participants.map(({ person }) => person).filter((one) => one.id !== state.me.id);
  const ids = client.begunWith(id)?.ids ?? [];
  return ids.map((one) => state.people.get(one) ?? { id: one, displayName: '…', address: '' });
}

/** How somebody is called in a conversation; who has left it is called as changes and cards name them. */
export function nameIn(client: Client | null, conversationId: string, personId: string): string {
  const state = client?.state();
  if (personId === state?.me.id) return t('person.you');
  const here = othersOf(client, conversationId).find(({ id }) => id === personId);
  const changes = state?.conversations.windows.get(conversationId)?.changes ?? [];
  const gone = () => changes.find(({ person }) => person?.id === personId)?.person;
  return here?.displayName ?? state?.people.get(personId)?.displayName ?? gone()?.displayName ?? '…';
}
