/** From the people that a page names to the rows of a part: each once, in the page's order. Pure. */
import type { Person } from '../../../server/protocol/contacts.ts';
import type { AddressBook } from '../client/address-book.ts';
import type { RowKind } from '../item-rows.ts';
import type { PagePerson } from './page-api.ts';

export interface PartRow {
  readonly key: string;
  readonly kind: RowKind;
  readonly name: string;
  readonly address: string;
  readonly role: string;
  readonly person: Person | null;
}

/** Unites two addresses of one person; without a book nobody is looked up yet. */
export function partRows(people: readonly PagePerson[], book: Pick<AddressBook, 'find'> | null): PartRow[] {
  const rows = new Map<string, PartRow>();
  for (const one of people) {
    const row = rowOf(one, book);
    const same = rows.get(row.key);
    if (same === undefined) rows.set(row.key, row);
    else if (same.role === '' && row.role !== '') rows.set(row.key, { ...same, role: row.role });
  }
  return [...rows.values()];
}

function rowOf({ name, address, role = '' }: PagePerson, book: Pick<AddressBook, 'find'> | null): PartRow {
  const clean = address.trim();
  if (clean === '')
    return { key: `name:${name}`, kind: 'nameless', name, address: clean, role, person: null };
  const found = book?.find(clean) ?? { kind: 'pending' as const };
  if (found.kind !== 'person')
    return {
      key: clean.toLowerCase(),
      kind: found.kind,
      name: name || clean,
      address: clean,
      role,
      person: null,
    };
  const { person } = found;
  return { key: person.id, kind: 'person', name: person.displayName, address: person.address, role, person };
}
