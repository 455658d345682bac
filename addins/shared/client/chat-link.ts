/**
 * An address of the web client that opens a chat with people about something: what buttons without a screen
 * of their own lead to. In the fragment, which reaches no server and no log.
 */
import type { ConversationContext } from '../../../server/protocol/conversations.ts';

export interface ChatLink {
  /** Whom to chat with, by address; one at least. */
  readonly addresses: readonly string[];
  readonly context: ConversationContext | null;
  /** Who asks: the demo signs them in by it, everywhere else it admits nobody. */
  readonly user: string;
}

/** Writes it. People of the context are left out: whoever is chatted with is named by the addresses. */
export function chatLink({ addresses, context, user }: ChatLink): string {
  const about =
    context === null ? {} : { kind: context.kind, title: context.title, itemId: context.itemId ?? '' };
  const whom = addresses.map((address) => ['chat', address]);
  return `/#${new URLSearchParams([...whom, ...Object.entries({ user, ...about })])}`;
}

const kinds = ['mail', 'appointment'] as const;

/** Reads it; null where the address asks for no chat. */
export function readChatLink(hash: string): ChatLink | null {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const addresses = given.getAll('chat').filter((address) => address !== '');
  if (addresses.length === 0) return null;
  const kind = kinds.find((one) => one === given.get('kind'));
  const itemId = given.get('itemId');
  return {
    addresses,
    user: given.get('user') ?? '',
    context: kind === undefined || !itemId ? null : { kind, title: given.get('title') ?? '', itemId },
  };
}

const askedKey = 'jellybean:asked-chat';

/**
 * Takes the request out of the page's address and keeps it in this tab until somebody has signed in, which may
 * lead over other pages. Answers who should be signed in where nobody is.
 */
export function keepAskedChat(storage: Storage | null): string | null {
  const link = readChatLink(location.hash);
  if (link === null) return null;
  storage?.setItem(askedKey, location.hash);
  history.replaceState(null, '', location.pathname + location.search);
  return link.user || null;
}

/** Gives the kept request once. */
export function takeAskedChat(storage: Storage | null): ChatLink | null {
  const hash = storage?.getItem(askedKey) ?? '';
  storage?.removeItem(askedKey);
  return readChatLink(hash);
}
