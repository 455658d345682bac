/** What every directory promises, and the demo organisation that stands behind it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoIds, demoOrganisation, demoPeople, seedDemo } from '../../server/adapters/directory/demo.ts';
import { createStoredDirectory } from '../../server/adapters/directory/stored.ts';
import type { UserId } from '../../server/domain/ids.ts';
import type { Directory, PersonRecord } from '../../server/ports/directory.ts';
import { noon } from '../support/clock.ts';
import { type StoreUnderTest, stores } from './stores.ts';

const domain = 'contoso.example';
const { alice, bob, carol, dave, erin } = demoIds;
const namesOf = (people: readonly (PersonRecord | null)[]) => people.map((one) => one?.displayName ?? null);

describe.each(stores)('the demo organisation in $name', ({ open }) => {
  let under: StoreUnderTest;
  let directory: Directory;
  beforeAll(async () => {
    under = await open();
    await seedDemo(under.store, noon);
    directory = createStoredDirectory(under.store.accounts, under.clock);
  });
  afterAll(() => under.dispose());

  test('[ST10] people are found by id in request order and in any case; an unknown id is null', async () => {
    const found = await directory.persons([bob.toUpperCase(), 'nobody', alice, bob]);
    expect(namesOf(found)).toEqual(['Bob Kovács', null, 'Alice Lindgren', 'Bob Kovács']);
    expect(await directory.persons([])).toEqual([]);
    const all = demoOrganisation().slice(0, 1_000);
    expect(await directory.persons(all.map(({ id }) => id))).toEqual(all);
  });

  test('[ST10] an address is a mail address in any case, any proxy address, a sip: address, a UPN or an X500 DN', async () => {
    const legacy = '/O=Contoso/OU=Exchange Administrative Group (FYDIBOHF23SPDLT)/CN=Recipients/CN=alice';
    const found = await directory.resolve([
      `ALICE@${domain.toUpperCase()}`,
      `alice.lindgren@${domain}`,
      `sip:Alice@${domain}`,
      legacy,
      `EX:${legacy}`,
      `SMTP:alice@${domain}`,
      ' bob@contoso.example ',
      `sip:bob.kovacs@${domain}`,
      'maria@fabrikam.example',
      '',
      `%@${domain}`,
    ]);
    expect(found.map((one) => one?.id ?? null)).toEqual([
      ...Array.from({ length: 6 }, () => alice),
      bob,
      bob,
      null,
      null,
      null,
    ]);
  });

  test('[ST10] everybody comes in pages, in the order of their ids, once', async () => {
    const ids: UserId[] = [];
    for (;;) {
      const page = await directory.page(ids.at(-1) ?? null, 999);
      ids.push(...page.map(({ id }) => id));
      if (page.length < 999) break;
    }
    expect(ids).toHaveLength(demoPeople);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(demoPeople);
  });

  test('[ST11] every word of a query begins a word of the name, the address or the department', async () => {
    const search = async (query: string) => namesOf(await directory.search(query, 5, null));
    expect((await search('alice'))[0]).toBe('Alice Lindgren');
    expect(await search('kovacs BOB')).toEqual(['Bob Kovács']);
    expect(await search('KOVÁCS bo')).toContain('Bob Kovács');
    expect(await search('alice@contoso.ex')).toEqual(['Alice Lindgren']);
    expect(await search('market bob kov')).toEqual(['Bob Kovács']);
    expect((await search('נועה בן'))[0]).toBe('נועה בן־דוד');
    expect((await search('明')).length).toBe(5);
    expect(await search('alice kovacs')).toEqual([]);
    expect(await search('lice')).toEqual([]);
    expect(await search('  ,;% _ ')).toEqual([]);
    expect(await search("'; drop table person; --")).toEqual([]);
  });

  test('[ST32] an address of a list stands for its people, those of lists on it included, each once', async () => {
    const [launch, sales, person, unknown] = await directory.expand(
      ['Launch@contoso.example', 'smtp:sales@contoso.example', `alice@${domain}`, 'x@nowhere.example'],
      500,
    );
    expect([person, unknown]).toEqual([null, null]);
    expect(sales).toMatchObject({ list: { displayName: 'Sales', address: `sales@${domain}` }, total: 12 });
    expect(launch?.total).toBe(16);
    const ids = launch?.people.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(16);
    expect(ids).toEqual(expect.arrayContaining([alice, bob, carol, dave, erin]));
    for (const { id } of sales?.people ?? []) expect(ids).toContain(id);
  });

  test('[ST32] no more people than asked for in all, and how many there are is told', async () => {
    const [sales, everybody, launch] = await directory.expand(
      [`sales@${domain}`, `everybody@${domain}`, `launch@${domain}`],
      100,
    );
    expect([sales?.people.length, everybody?.people.length, launch?.people.length]).toEqual([12, 88, 0]);
    expect([sales?.total, everybody?.total, launch?.total]).toEqual([12, demoPeople - 1, 16]);
  });

  test('[ST32] a hidden list tells nobody, by itself and on another list', async () => {
    const { store } = under;
    const list = (name: string, isHidden: boolean) => ({
      id: name,
      displayName: name,
      address: `${name}@${domain}`,
      addresses: [`${name}@${domain}`, `${name}.old@${domain}`],
      isHidden,
      load: 0,
    });
    await store.transaction([], async (tx) => {
      await tx.accounts.putLists([list('outer', false), list('secret', true)]);
      await tx.accounts.addMembers('outer', [bob, 'secret', 'outer', 'nobody at all']);
      await tx.accounts.addMembers('secret', [carol]);
    });
    const expanded = async (address: string) => {
      // Lists are kept for a minute.
      under.clock.advance(60_000);
      const [found] = await directory.expand([address], 10);
      return found && { people: namesOf(found.people), total: found.total };
    };
    expect(await expanded(`secret@${domain}`)).toEqual({ people: [], total: 0 });
    expect(await expanded(`outer@${domain}`)).toEqual({ people: ['Bob Kovács'], total: 1 });
    await store.transaction([], async (tx) => {
      await tx.accounts.putLists([{ ...list('outer', false), addresses: [], load: 7 }]);
      await tx.accounts.removeMembers('outer', [bob]);
      await tx.accounts.addMembers('outer', [alice, alice]);
    });
    expect(await expanded(`outer.old@${domain}`)).toBeNull();
    expect(await expanded(`outer@${domain}`)).toMatchObject({ total: 1 });
    await store.transaction([], (tx) => tx.accounts.removeListsBefore(7));
    expect(await expanded(`secret@${domain}`)).toBeNull();
    expect(await store.accounts.lists(['outer', 'secret'])).toMatchObject([{ id: 'outer', load: 7 }]);
    // Within the minute the same answer comes again, whoever asks.
    expect(await expanded(`outer@${domain}`)).toMatchObject({ total: 1 });
    await store.transaction([], (tx) => tx.accounts.removeMembers('outer', [alice]));
    expect((await directory.expand([`OUTER@${domain}`], 10))[0]?.total).toBe(1);
    expect(await expanded(`outer@${domain}`)).toMatchObject({ total: 0 });
    await store.transaction([], (tx) => tx.accounts.removeLists(['outer']));
    expect(await store.accounts.lists(['outer'])).toEqual([]);
  });

  test('[ST11] names come before addresses, addresses before departments, exact words before longer ones', async () => {
    const found = await directory.search('sales', 200, null);
    const isInSales = found.map(({ department }) => department === 'Sales');
    expect(isInSales.every(Boolean)).toBe(true);
    const li = await directory.search('li', 400, null);
    const begins = li.map(({ displayName }) => / li|^li/i.test(displayName.normalize('NFKD')));
    expect(begins.lastIndexOf(true)).toBeLessThan(begins.includes(false) ? begins.indexOf(false) : 1e9);
  });

  test('[ST11] pages of a search join without a gap or a double, one person once', async () => {
    for (const query of ['ma', 'a', 'a b', 'con']) {
      const whole = await directory.search(query, 5_000, null);
      expect(new Set(whole.map(({ id }) => id)).size).toBe(whole.length);
      const joined: PersonRecord[] = [];
      let after: UserId | null = null;
      do {
        const page: readonly PersonRecord[] = await directory.search(query, 137, after);
        joined.push(...page);
        after = page.length === 137 ? (page.at(-1)?.id ?? null) : null;
      } while (after !== null);
      expect(joined.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    }
  });

  test('[ST10] reports of a manager and the number of people', async () => {
    expect(namesOf(await directory.reports(alice))).toContain('Bob Kovács');
    expect(await directory.count()).toBe(demoPeople);
  });

  test('[ST10] a changed person is found under the new words and addresses and no longer under the old', async () => {
    const { store } = under;
    const before = (await store.accounts.people([erin]))[0] as PersonRecord;
    const moved = { ...before, displayName: 'Erin Zweig', addresses: ['erin.zweig@fabrikam.example'] };
    await store.transaction([], (tx) => tx.accounts.putPeople([moved]));
    expect(namesOf(await directory.search('erin zweig', 5, null))).toEqual(['Erin Zweig']);
    expect(await directory.search('erin walsh', 5, null)).toEqual([]);
    expect(
      namesOf(await directory.resolve(['ERIN.ZWEIG@fabrikam.example', 'sip:erin.walsh@contoso.example'])),
    ).toEqual(['Erin Zweig', null]);
    under.clock.advance(60_000);
    expect(namesOf(await directory.persons([erin]))).toEqual(['Erin Zweig']);
    await store.transaction([], (tx) => tx.accounts.putPeople([before]));
  });

  test('[ST19] the cast stands as the contract says', async () => {
    const { store } = under;
    const [a, b, c, d, e] = (await directory.persons([alice, bob, carol, dave, erin])) as PersonRecord[];
    expect([a, b, c, d, e].map((one) => one?.address)).toEqual(
      ['alice', 'bob', 'carol', 'dave', 'erin'].map((name) => `${name}@${domain}`),
    );
    expect([a, b, c, d, e].map((one) => one?.external)).toEqual([false, false, false, false, true]);
    expect([a, b, c, d, e].map((one) => one?.roles)).toEqual([[], [], ['admin'], [], []]);
    expect(await store.contacts.find(alice, bob)).toMatchObject({ listed: true, relationship: null });
    expect(await store.contacts.find(bob, alice)).toMatchObject({ listed: true, relationship: null });
    expect(await store.contacts.find(alice, dave)).toMatchObject({ listed: false, relationship: 'blocked' });
    const listed = (await store.contacts.list(alice)).filter((row) => row.listed);
    expect(listed).toHaveLength(12);
    expect(await store.contacts.groups(alice)).toHaveLength(3);
  });

  test('[ST19] it is seeded once, however often and at once it is asked for', async () => {
    const { store } = under;
    await store.transaction([], (tx) => tx.contacts.remove(alice, bob));
    expect(await Promise.all([seedDemo(store, noon), seedDemo(store, noon)])).toEqual([false, false]);
    expect(await store.contacts.find(alice, bob)).toBeNull();
    const empty = await open();
    const seeded = [seedDemo(empty.store, noon), seedDemo(empty.store, noon)];
    expect((await Promise.all(seeded)).sort()).toEqual([false, true]);
    await empty.dispose();
  });

  test('[ST19] a demo organisation of an earlier version gets the lists that it lacks', async () => {
    const { store } = under;
    const addresses = ['launch', 'sales', 'everybody', 'board'].map((local) => `${local}@${domain}`);
    const before = await store.accounts.listsAt(addresses);
    expect(before).not.toContain(null);
    await store.transaction([], (tx) =>
      tx.accounts.removeLists(before.flatMap((list) => (list === null ? [] : [list.id]))),
    );
    expect(await store.accounts.listsAt(addresses)).toEqual([null, null, null, null]);
    expect(await seedDemo(store, noon)).toBe(false);
    expect(await store.accounts.listsAt(addresses)).toEqual(before);
    const [launch] = await store.accounts.expand([addresses[0]!], 500);
    expect(launch?.total).toBeGreaterThan(4);
  });
});

test('[ST19] its people are the same every time, with names that test every screen', () => {
  const people = demoOrganisation();
  expect(people).toEqual(demoOrganisation());
  expect(new Set(people.map(({ id }) => id)).size).toBe(demoPeople);
  expect(new Set(people.flatMap(({ addresses }) => addresses)).size).toBe(
    people.reduce((sum, { addresses }) => sum + addresses.length, 0),
  );
  expect(people.some(({ displayName }) => [...displayName].length === 60)).toBe(true);
  expect(people.some(({ displayName }) => /\p{Script=Hebrew}/u.test(displayName))).toBe(true);
  expect(
    people.every(
      ({ displayName, address }) =>
        displayName === displayName.normalize('NFC') && address === address.toLowerCase(),
    ),
  ).toBe(true);
  const ids = new Set(people.map(({ id }) => id));
  expect(people.every(({ managerId }) => managerId === null || ids.has(managerId))).toBe(true);
});
