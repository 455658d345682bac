/** The remembered contact lists: what they answer must be what the store would, change or no change. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInProcessBus } from '../../server/adapters/bus/in-process.ts';
import type { UserId } from '../../server/domain/ids.ts';
import { createListedContacts, type ListedContacts } from '../../server/services/listed-contacts.ts';
import { idOf, type Organisation, openOrganisation } from '../support/presence-organisation.ts';

let org: Organisation;
let reads: number;
let bus: ReturnType<typeof createInProcessBus>;
let listed: ListedContacts;
let whileReading: (() => Promise<void>) | null;

async function write(owner: UserId, person: UserId, isListed = true): Promise<void> {
  await org.store.transaction([owner], (tx) =>
    tx.contacts.put({
      ownerId: owner,
      personId: person,
      groups: [],
      relationship: null,
      alertSetAt: null,
      frozen: null,
      listed: isListed,
      addedAt: 0,
    }),
  );
}

beforeEach(async () => {
  org = await openOrganisation();
  reads = 0;
  whileReading = null;
  bus = createInProcessBus((error) => org.errors.push(error));
  const { contacts } = org.store;
  const store = Object.create(org.store) as typeof org.store;
  Object.defineProperty(store, 'contacts', {
    value: {
      ...contacts,
      list: async (owner: UserId) => {
        reads += 1;
        const rows = await contacts.list(owner);
        await whileReading?.();
        return rows;
      },
    },
  });
  listed = createListedContacts({ store, bus });
});
afterEach(() => org.dispose());

const [alice, bob, carol] = [idOf('alice'), idOf('bob'), idOf('carol')];

describe('remembered contact lists', () => {
  test('[EV24] a list is read once, and again after a change or a notice of one', async () => {
    await write(alice, bob);
    expect(await listed.of(alice)).toEqual([bob]);
    expect(await listed.of(alice)).toEqual([bob]);
    expect(reads).toBe(1);
    await write(alice, carol);
    listed.changed(alice);
    expect([...(await listed.of(alice))].sort()).toEqual([bob, carol]);
    await write(alice, bob, false);
    bus.publish({ kind: 'contacts', personId: alice });
    await new Promise((resolve) => setImmediate(resolve));
    expect(await listed.of(alice)).toEqual([carol]);
    expect(reads).toBe(3);
  });

  test('[EV24] a list that changes while it is being read is not kept', async () => {
    await write(alice, bob);
    whileReading = async () => {
      whileReading = null;
      await write(alice, carol);
      listed.changed(alice);
    };
    expect(await listed.of(alice)).toEqual([bob]);
    expect([...(await listed.of(alice))].sort()).toEqual([bob, carol]);
  });

  test('[EV24] whoever is only related to, and an empty list, are remembered as such', async () => {
    await write(alice, bob, false);
    expect(await listed.of(alice)).toEqual([]);
    expect(await listed.of(alice)).toEqual([]);
    expect(reads).toBe(1);
  });
});
