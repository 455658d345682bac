/**
 * From the people of the open item to the rows that a pane shows: oneself left out, two addresses of one person
 * united, everybody with what is known of them. Pure.
 */
import type { ExpandedList, Person } from '../../server/protocol/contacts.ts';
import type { PresenceView } from '../../server/protocol/presence.ts';
import type { AddressBook } from './client/address-book.ts';
import type { ListBook } from './client/list-book.ts';
import type { NameBook } from './client/name-book.ts';
import { type ItemPerson, type OpenItem, type PersonRole, personRoles } from './people-source.ts';

/**
 * `person`: in the directory. `list`: several people there. `stranger`: an address outside it. `nameless`: the host knows a name and no
 * address, and the directory knows nobody of that name. `ambiguous`: it knows several. `pending`, `failed`: the server has not said yet, or could not be asked.
 */
export type RowKind = 'person' | 'list' | 'stranger' | 'nameless' | 'ambiguous' | 'pending' | 'failed';

export interface ItemRow {
  readonly key: string;
  readonly kind: RowKind;
  readonly name: string;
  readonly address: string;
  readonly person: Person | null;
  readonly roles: readonly PersonRole[];
  /** Everybody who has the name, where it is ambiguous. */
  readonly candidates?: readonly Person[];
  /** Who is meant, where it is a list. */
  readonly list?: ExpandedList;
}

/** Makes the rows, in the order of the item. Without `names`, nobody is looked up by name alone; without `lists`, no address is one. */
export function rowsOf(
  item: Pick<OpenItem, 'people'>,
  book: Pick<AddressBook, 'find'>,
  meId: string,
  names: Pick<NameBook, 'find'> = { find: () => ({ kind: 'stranger' }) },
  lists: Pick<ListBook, 'find'> = { find: () => ({ kind: 'none' }) },
): ItemRow[] {
  const rows = new Map<string, ItemRow>();
  for (const one of item.people) {
    const row = rowOf(one, book, names, lists);
    if (row.person?.id === meId) continue;
    const same = rows.get(row.key);
    rows.set(row.key, same === undefined ? row : { ...same, roles: uniteRoles(same.roles, row.roles) });
  }
  return [...rows.values()];
}

function rowOf(
  { address, name, roles }: ItemPerson,
  book: Pick<AddressBook, 'find'>,
  names: Pick<NameBook, 'find'>,
  lists: Pick<ListBook, 'find'>,
): ItemRow {
  if (address === '') return rowOfName(name, roles, names);
  const found = book.find(address);
  if (found.kind === 'stranger') return rowOfStranger(address, name, roles, lists);
  if (found.kind !== 'person')
    return {
      key: address.toLowerCase(),
      kind: found.kind,
      name: name || address,
      address,
      person: null,
      roles,
    };
  const { person } = found;
  return { key: person.id, kind: 'person', name: person.displayName, address: person.address, person, roles };
}

/** An address that is nobody's: a list's, or outside the organisation. */
function rowOfStranger(
  address: string,
  name: string,
  roles: readonly PersonRole[],
  lists: Pick<ListBook, 'find'>,
): ItemRow {
  const found = lists.find(address);
  const row = { key: address.toLowerCase(), name: name || address, address, person: null, roles } as const;
  if (found.kind !== 'list') return { ...row, kind: found.kind === 'none' ? 'stranger' : found.kind };
  const { list } = found;
  return { ...row, key: `list:${list.address}`, kind: 'list', name: list.displayName, list };
}

/** The people of a list as rows, oneself left out. */
export function membersOf({ list, roles }: ItemRow, meId: string): ItemRow[] {
  return (list?.people ?? [])
    .filter(({ id }) => id !== meId)
    .map((person) => ({
      key: person.id,
      kind: 'person',
      name: person.displayName,
      address: person.address,
      person,
      roles,
    }));
}

/** The rows with the people of those lists that are open behind their lists, everybody once. */
export function withMembers(
  rows: readonly ItemRow[],
  isOpen: (key: string) => boolean,
  meId: string,
): ItemRow[] {
  const all = new Map(rows.map((row) => [row.key, row]));
  for (const row of rows)
    if (row.kind === 'list' && isOpen(row.key))
      for (const member of membersOf(row, meId)) if (!all.has(member.key)) all.set(member.key, member);
  return [...all.values()];
}

function rowOfName(name: string, roles: readonly PersonRole[], names: Pick<NameBook, 'find'>): ItemRow {
  const found = names.find(name);
  const row = { key: `name:${name}`, name, address: '', person: null, roles } as const;
  if (found.kind === 'person') {
    const { person } = found;
    return { ...row, key: person.id, kind: 'person', address: person.address, person };
  }
  if (found.kind === 'ambiguous') return { ...row, kind: 'ambiguous', candidates: found.people };
  return { ...row, kind: found.kind === 'stranger' ? 'nameless' : found.kind };
}

function uniteRoles(one: readonly PersonRole[], other: readonly PersonRole[]): PersonRole[] {
  return personRoles.filter((role) => one.includes(role) || other.includes(role));
}

export interface Absence {
  readonly row: ItemRow;
  readonly until: string | null;
  readonly note: string | null;
}

/** Who of the people being written to is out of the office, in the order of the rows. */
export function absencesOf(rows: readonly ItemRow[], viewOf: (id: string) => PresenceView | null): Absence[] {
  return rows.flatMap((row) => {
    const away = row.person === null ? null : (viewOf(row.person.id)?.outOfOffice ?? null);
    return away === null ? [] : [{ row, until: away.until, note: away.note }];
  });
}

/** How many rows a pane shows before it says "+12 more": about two screens of a pane. */
export const firstRows = 20;
/** How many more each time: a thousand rows at once would stop the pane for a second. */
export const moreRows = 200;
