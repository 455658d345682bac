/**
 * Who the people of the open item are: addresses, names and lists are looked up in the directory, each once, and
 * whoever is found is watched. Knows nothing of how they are drawn.
 */
import type { Person } from '../../../server/protocol/contacts.ts';
import { limits } from '../../../server/protocol/vocabulary.ts';
import { createAddressBook } from '../client/address-book.ts';
import type { Client } from '../client/client.ts';
import { createListBook } from '../client/list-book.ts';
import { createNameBook } from '../client/name-book.ts';
import { type ItemRow, rowsOf, withMembers } from '../item-rows.ts';
import type { ItemPerson, OpenItem } from '../people-source.ts';

export type ItemDirectory = ReturnType<typeof createItemDirectory>;

/** Opens one for a client; `onChange` tells that an answer has come. */
export function createItemDirectory(client: Client, onChange: () => void) {
  let answers = 0;
  let wasLive = false;
  /** Rows of thousands of people are made again only when people or answers are new. */
  const made = new WeakMap<readonly ItemPerson[], { answers: number; rows: ItemRow[] }>();
  const options = {
    api: client.api,
    onChange(people: readonly Person[]): void {
      answers += 1;
      client.rememberPeople(people);
      onChange();
    },
  };
  const book = createAddressBook(options);
  const names = createNameBook(options);
  const lists = createListBook(options);

  function rows(people: readonly ItemPerson[]): readonly ItemRow[] {
    const known = made.get(people);
    if (known?.answers === answers) return known.rows;
    const { me } = client.state();
    // One's own name is most likely oneself: it waits for the answer, lest a row comes and goes under a pointer.
    const found = rowsOf({ people }, book, me.id, names, lists).filter(
      ({ kind, address, name }) => kind !== 'pending' || address !== '' || name !== me.displayName,
    );
    made.set(people, { answers, rows: found });
    return found;
  }

  /** With the people of the lists that are open. */
  function unfolded(
    of: readonly ItemRow[],
    openLists: { readonly size: number; has(key: string): boolean },
  ): readonly ItemRow[] {
    const { me } = client.state();
    return openLists.size === 0 ? of : withMembers(of, (key) => openLists.has(key), me.id);
  }

  return {
    rows,
    unfolded,

    /**
     * Asks for whoever is not known yet and watches the others in `owner`'s name; after an outage, asks again for
     * what could not be answered.
     */
    follow(owner: unknown, item: OpenItem | null, openLists: ReadonlyMap<string, unknown>): void {
      const isLive = client.state().link.kind === 'live';
      const named = [...(item?.focus?.people ?? []), ...(item?.people ?? [])];
      const all = unfolded([...rows(item?.focus?.people ?? []), ...rows(item?.people ?? [])], openLists);
      const unknown = all.filter(
        ({ kind }) => kind === 'pending' || (kind === 'failed' && isLive && !wasLive),
      );
      wasLive = isLive;
      const addresses = unknown.map(({ address }) => address);
      book.need(addresses);
      lists.need(addresses.filter((address) => address !== '' && book.find(address).kind === 'stranger'));
      // One's own has no row yet, and is asked for all the same.
      const own = client.state().me.displayName;
      const isNamed = named.some(({ address, name }) => address === '' && name === own);
      if (isNamed && names.find(own).kind === 'pending') names.need([own]);
      names.need(unknown.flatMap(({ address, name }) => (address === '' ? [name] : [])));
      const ids = new Set(
        all.flatMap(({ person, candidates = [] }) =>
          person === null ? candidates.map(({ id }) => id) : [person.id],
        ),
      );
      // One place of the stream's list is one's own.
      client.watch(owner, [...ids].slice(0, limits.watchedPerStream - 1));
    },
  };
}
