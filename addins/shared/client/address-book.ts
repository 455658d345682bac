/**
 * Which person is behind an address: asks the server once per address and page, in batches, and keeps the
 * answer. Addresses are the key, so an answer can never be late for another item.
 */
import type { Person } from '../../../server/protocol/contacts.ts';
import type { Api } from './api.ts';

/** `pending`: asked or about to be. `failed`: the server did not answer. `stranger`: not in the directory. */
export type Found =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'pending' | 'failed' | 'stranger' };

export interface AddressBook {
  find(address: string): Found;
  /** Asks for what is not known yet; asking again for what has failed tries again. */
  need(addresses: readonly string[]): void;
}

export interface AddressBookOptions {
  api: Pick<Api, 'resolve'>;
  onChange(people: readonly Person[]): void;
}

/** As many as the server takes at once (contract §1). */
const perCall = 1_000;
const pending: Found = { kind: 'pending' };

export function createAddressBook({ api, onChange }: AddressBookOptions): AddressBook {
  const known = new Map<string, Found>();
  const keyOf = (address: string): string => address.trim().toLowerCase();

  async function ask(addresses: readonly string[]): Promise<void> {
    const people: Person[] = [];
    try {
      const { items } = await api.resolve(addresses);
      for (const [index, { person }] of items.entries()) {
        // Answers come in the order of the question; the address may come back in another spelling.
        const key = keyOf(addresses[index] ?? '');
        known.set(key, person === null ? { kind: 'stranger' } : { kind: 'person', person });
        if (person !== null) people.push(person);
      }
    } catch {
      for (const address of addresses) known.set(keyOf(address), { kind: 'failed' });
    }
    onChange(people);
  }

  return {
    find: (address) => known.get(keyOf(address)) ?? pending,
    need(addresses) {
      const missing = new Map<string, string>();
      for (const address of addresses) {
        const found = known.get(keyOf(address));
        if (address.trim() !== '' && (found === undefined || found.kind === 'failed'))
          missing.set(keyOf(address), address.trim());
      }
      const all = [...missing.values()];
      for (const key of missing.keys()) known.set(key, pending);
      for (let index = 0; index < all.length; index += perCall) void ask(all.slice(index, index + perCall));
    },
  };
}
