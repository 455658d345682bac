/**
 * Whom does the open thing concern? Every host answers this question in its `people.ts`; everything that
 * shows people asks only this. Addresses are as the host gave them: the server resolves them.
 */
import type { ConversationContext } from '../../server/protocol/conversations.ts';

/** How a person takes part in the item, most telling first. */
export const personRoles = [
  'organiser',
  'from',
  'sender',
  'to',
  'required',
  'cc',
  'optional',
  'bcc',
  'co-author',
  'author',
  'last-author',
  'commenter',
  'replier',
  'reviewer',
  'noter',
  'mentioned',
  'tagged',
  'linked',
  'in-cell',
] as const;
export type PersonRole = (typeof personRoles)[number];

export interface ItemPerson {
  /** SMTP address, X500 DN, or empty where the host knows a name only. */
  readonly address: string;
  readonly name: string;
  readonly roles: readonly PersonRole[];
}

export interface OpenItem {
  /** Another item, another key. Whatever was begun for one key must not be shown for another. */
  readonly key: string;
  readonly kind: 'mail' | 'appointment' | 'document' | 'workbook';
  readonly mode: 'read' | 'compose';
  readonly title: string;
  /** When it takes place, ISO; only appointments whose time the host tells. */
  readonly time?: { readonly startsAt: string; readonly endsAt: string };
  /** How many items this unites; absent for one. */
  readonly count?: number;
  /** In order of appearance, each once. */
  readonly people: readonly ItemPerson[];
  /** Not everybody is here: Outlook on the web hands over 20 of a line that is collapsed, a selection is cut at its limit. */
  readonly isPartial: boolean;
  /** Lines that the host did not answer for; what is known of the others stands. */
  readonly unanswered: readonly PersonRole[];
  /** What a conversation about the item is about; null where nothing identifies the item yet. */
  readonly context: ConversationContext | null;
  /** The part of the item that is selected, where it has people of its own: they come first. */
  readonly focus?: ItemFocus | null;
}

export interface ItemFocus {
  /** What a comment says, for the eye; empty where the selection is people alone. */
  readonly quote: string;
  readonly people: readonly ItemPerson[];
  /** What a conversation about the part is about; null where it is about the item as a whole. */
  readonly context: ConversationContext | null;
}

/** `waiting`: nothing is known yet. `none`: nothing is open. */
export type ItemState =
  | { readonly state: 'waiting' }
  | { readonly state: 'none' }
  | { readonly state: 'open'; readonly item: OpenItem };

export interface PeopleSource {
  current(): ItemState;
  /** Tells every change, and nothing when nothing changed. */
  subscribe(listener: (state: ItemState) => void): () => void;
  /** Stops polling and forgets the host's events. */
  close(): void;
}

/** Unites people who appear several times; the first name that is one counts. */
export function unitePeople(people: readonly ItemPerson[]): ItemPerson[] {
  const byIdentity = new Map<string, ItemPerson>();
  for (const person of people) {
    const address = person.address.trim();
    const name = person.name.trim();
    if (address === '' && name === '') continue;
    const identity = address === '' ? `name ${name.toLowerCase()}` : address.toLowerCase();
    const known = byIdentity.get(identity);
    const roles = new Set([...(known?.roles ?? []), ...person.roles]);
    byIdentity.set(identity, {
      address: known?.address ?? address,
      name: isName(known?.name, address) ? known.name : name,
      roles: personRoles.filter((role) => roles.has(role)),
    });
  }
  return [...byIdentity.values()];
}

/** Outlook repeats the address as the name where it knows none. */
function isName(name: string | undefined, address: string): name is string {
  return name !== undefined && name !== '' && name.toLowerCase() !== address.toLowerCase();
}
