/** From people of an item to rows of a pane, and the address book between. */
import { describe, expect, test } from 'vitest';
import { createAddressBook, type Found } from '../../addins/shared/client/address-book.ts';
import { createListBook, type FoundList } from '../../addins/shared/client/list-book.ts';
import { absencesOf, membersOf, rowsOf, withMembers } from '../../addins/shared/item-rows.ts';
import type { ItemPerson, OpenItem } from '../../addins/shared/people-source.ts';
import type { ExpandedList, Person } from '../../server/protocol/contacts.ts';
import type { PresenceView } from '../../server/protocol/presence.ts';

const person = (name: string): Person =>
  ({
    id: `id-${name}`,
    displayName: name,
    address: `${name}@contoso.example`,
    addresses: [],
  }) as unknown as Person;
const item = (...people: ItemPerson[]): OpenItem => ({
  key: 'k',
  kind: 'mail',
  mode: 'read',
  title: '',
  people,
  isPartial: false,
  unanswered: [],
  context: null,
});
const one = (address: string, name = '', roles: ItemPerson['roles'] = ['to']): ItemPerson => ({
  address,
  name,
  roles,
});

/** Settles everything that is under way. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('[OF10] rows', () => {
  const found = new Map<string, Found>([
    ['alice@contoso.example', { kind: 'person', person: person('alice') }],
    ['bob@contoso.example', { kind: 'person', person: person('bob') }],
    ['/o=contoso/cn=bob', { kind: 'person', person: person('bob') }],
    ['maria@fabrikam.example', { kind: 'stranger' }],
    ['lost@contoso.example', { kind: 'failed' }],
  ]);
  const book = { find: (address: string): Found => found.get(address.toLowerCase()) ?? { kind: 'pending' } };

  test('[OF10] oneself is left out, two addresses of one person are one row with both parts', () => {
    const rows = rowsOf(
      item(
        one('BOB@contoso.example', 'Bob', ['from']),
        one('alice@contoso.example'),
        one('/o=contoso/cn=bob', 'Bob K', ['cc']),
      ),
      book,
      'id-alice',
    );
    expect(rows.map(({ key, kind, name, roles }) => [key, kind, name, roles])).toEqual([
      ['id-bob', 'person', 'bob', ['from', 'cc']],
    ]);
  });
  test('[OF10] everybody stays: strangers, names without an address, unanswered and failed ones', () => {
    const rows = rowsOf(
      item(
        one('maria@fabrikam.example', 'Maria'),
        one('', 'Team'),
        one('new@contoso.example'),
        one('lost@contoso.example'),
      ),
      book,
      'id-alice',
    );
    expect(rows.map(({ kind, name }) => [kind, name])).toEqual([
      ['stranger', 'Maria'],
      ['nameless', 'Team'],
      ['pending', 'new@contoso.example'],
      ['failed', 'lost@contoso.example'],
    ]);
  });
  test('[OF11] people who are out of office are named with their return; nobody else is', () => {
    const rows = rowsOf(item(one('bob@contoso.example'), one('maria@fabrikam.example')), book, 'id-alice');
    const away = {
      outOfOffice: { until: '2026-11-03T08:00:00.000Z', note: 'Back soon' },
    } as unknown as PresenceView;
    expect(absencesOf(rows, () => away)).toMatchObject([
      { row: { key: 'id-bob' }, until: '2026-11-03T08:00:00.000Z', note: 'Back soon' },
    ]);
    expect(absencesOf(rows, () => ({ outOfOffice: null }) as unknown as PresenceView)).toEqual([]);
  });
});

describe('[OF10] the address book', () => {
  test('[OF10] asks once per address in any case, in one call, and keeps the answer', async () => {
    const calls: (readonly string[])[] = [];
    let changes = 0;
    const book = createAddressBook({
      api: {
        resolve: async (addresses) => {
          calls.push(addresses);
          return {
            items: addresses.map((address) => ({
              address,
              person: /^bob/i.test(address) ? person('bob') : null,
            })),
          };
        },
      },
      onChange: () => {
        changes += 1;
      },
    });
    book.need(['bob@contoso.example', 'BOB@contoso.example', 'maria@fabrikam.example', ' ']);
    expect(book.find('bob@contoso.example').kind).toBe('pending');
    await settled();
    book.need(['Bob@contoso.example', 'maria@fabrikam.example']);
    await settled();
    expect(calls).toEqual([['BOB@contoso.example', 'maria@fabrikam.example']]);
    expect([
      book.find('bob@contoso.example').kind,
      book.find('MARIA@fabrikam.example').kind,
      changes,
    ]).toEqual(['person', 'stranger', 1]);
  });
  test('[OF10] a failed question is asked again when it is needed again', async () => {
    let isDown = true;
    const book = createAddressBook({
      api: {
        resolve: async (addresses) => {
          if (isDown) throw new Error('down');
          return { items: addresses.map((address) => ({ address, person: person('bob') })) };
        },
      },
      onChange: () => {},
    });
    book.need(['bob@contoso.example']);
    await settled();
    expect(book.find('bob@contoso.example').kind).toBe('failed');
    isDown = false;
    book.need(['bob@contoso.example']);
    await settled();
    expect(book.find('bob@contoso.example').kind).toBe('person');
  });
});

const listOf = (name: string, people: readonly string[], more = 0): ExpandedList => ({
  address: `${name}@contoso.example`,
  displayName: name,
  people: people.map(person),
  more,
  hidden: false,
});

describe('[OF32] lists among the rows', () => {
  const lists = new Map<string, FoundList>([
    ['team@contoso.example', { kind: 'list', list: listOf('team', ['alice', 'bob', 'carol']) }],
    ['alias@contoso.example', { kind: 'list', list: listOf('team', ['alice', 'bob', 'carol']) }],
    ['maria@fabrikam.example', { kind: 'none' }],
    ['lost@contoso.example', { kind: 'failed' }],
  ]);
  const rows = rowsOf(
    item(
      one('bob@contoso.example', 'Bob', ['from']),
      one('TEAM@contoso.example', 'Team'),
      one('alias@contoso.example', 'Team', ['cc']),
      one('maria@fabrikam.example', 'Maria'),
      one('new@contoso.example', 'New'),
      one('lost@contoso.example', 'Lost'),
    ),
    {
      find: (address) =>
        address.startsWith('bob') ? { kind: 'person', person: person('bob') } : { kind: 'stranger' },
    },
    'id-alice',
    undefined,
    { find: (address) => lists.get(address.toLowerCase()) ?? { kind: 'pending' } },
  );

  test('[OF32] an address that is nobody’s is a list, a stranger, or not known yet', () => {
    expect(rows.map(({ kind, name, roles }) => [kind, name, roles])).toEqual([
      ['person', 'bob', ['from']],
      ['list', 'team', ['to', 'cc']],
      ['stranger', 'Maria', ['to']],
      ['pending', 'New', ['to']],
      ['failed', 'Lost', ['to']],
    ]);
  });
  test('[OF32] the people of a list are counted once it is open, each once, without oneself', () => {
    const team = rows[1]!;
    expect(membersOf(team, 'id-alice').map(({ name }) => name)).toEqual(['bob', 'carol']);
    const namesOf = (isOpen: boolean) =>
      withMembers(rows.slice(0, 2), () => isOpen, 'id-alice').map(({ name }) => name);
    expect(namesOf(false)).toEqual(['bob', 'team']);
    expect(namesOf(true)).toEqual(['bob', 'team', 'carol']);
  });
});

test('[OF32] lists are asked for fifty at a time and once; one that was cut short by others is asked for alone', async () => {
  const calls: (readonly string[])[] = [];
  const learnt: string[] = [];
  let isDown = false;
  const book = createListBook({
    api: {
      expandLists: async (addresses) => {
        calls.push(addresses);
        if (isDown) throw new Error('down');
        return {
          items: addresses.map((address) => ({
            address,
            list: address.startsWith('small')
              ? listOf('small', ['bob'])
              : address.startsWith('large')
                ? addresses.length === 1
                  ? listOf('large', ['carol', 'dave'], 3)
                  : listOf('large', [], 5)
                : null,
          })),
        };
      },
    },
    onChange: (people) => learnt.push(...people.map(({ displayName }) => displayName)),
  });
  const strangers = Array.from({ length: 60 }, (_, at) => `${at}@fabrikam.example`);
  book.need(['small@contoso.example', 'large@contoso.example', 'SMALL@contoso.example', ...strangers]);
  await settled();
  expect(calls.map((addresses) => addresses.length)).toEqual([50, 1, 12]);
  expect(book.find('Large@contoso.example')).toMatchObject({ kind: 'list', list: { more: 3 } });
  expect(book.find('7@fabrikam.example').kind).toBe('none');
  expect(learnt).toEqual(['bob', 'carol', 'dave']);
  book.need(['small@contoso.example', ...strangers]);
  expect(calls).toHaveLength(3);
  isDown = true;
  book.need(['new@contoso.example']);
  await settled();
  expect(book.find('new@contoso.example').kind).toBe('failed');
  isDown = false;
  book.need(['new@contoso.example']);
  await settled();
  expect(book.find('new@contoso.example').kind).toBe('none');
});
