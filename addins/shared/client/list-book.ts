/**
 * Which addresses are distribution lists, and who is on them: asked of the server only for addresses that are
 * nobody's, once per address and page, and kept.
 */
import type { ExpandedList, Person } from '../../../server/protocol/contacts.ts';
import { limits } from '../../../server/protocol/vocabulary.ts';
import type { Api } from './api.ts';

/** `none`: no list has this address. */
export type FoundList =
  | { readonly kind: 'list'; readonly list: ExpandedList }
  | { readonly kind: 'pending' | 'failed' | 'none' };

export interface ListBook {
  find(address: string): FoundList;
  /** Asks for what is not known yet; asking again for what has failed tries again. */
  need(addresses: readonly string[]): void;
}

export interface ListBookOptions {
  api: Pick<Api, 'expandLists'>;
  onChange(people: readonly Person[]): void;
}

const pending: FoundList = { kind: 'pending' };

export function createListBook({ api, onChange }: ListBookOptions): ListBook {
  const known = new Map<string, FoundList>();
  const keyOf = (address: string): string => address.trim().toLowerCase();

  const waiting: string[] = [];
  let isAsking = false;

  async function ask(addresses: readonly string[]): Promise<void> {
    const people: Person[] = [];
    const cut: string[] = [];
    try {
      const { items } = await api.expandLists(addresses);
      for (const [at, { list }] of items.entries()) {
        const address = addresses[at] ?? '';
        // Lists before it in the answer took its room: alone it has all of it.
        if (list !== null && list.more > 0 && people.length > 0) cut.push(address);
        else known.set(keyOf(address), list === null ? { kind: 'none' } : { kind: 'list', list });
        people.push(...(list?.people ?? []));
      }
    } catch {
      // What the server cannot tell of these it cannot tell of the others now.
      for (const address of [...addresses, ...waiting.splice(0)])
        known.set(keyOf(address), { kind: 'failed' });
    }
    onChange(people);
    for (const address of cut) await ask([address]);
  }

  /** One call after the other: a workbook may hold thousands of addresses from outside. */
  async function askAll(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    while (waiting.length > 0) await ask(waiting.splice(0, limits.listsPerQuery));
    isAsking = false;
  }

  return {
    find: (address) => known.get(keyOf(address)) ?? pending,
    need(addresses) {
      for (const address of addresses) {
        const found = known.get(keyOf(address));
        if (found !== undefined && found.kind !== 'failed') continue;
        known.set(keyOf(address), pending);
        waiting.push(address);
      }
      void askAll();
    },
  };
}
