/**
 * The demo organisation of the contract: alice, bob, carol, dave and erin, and generated colleagues, the same
 * at every start and on every machine. Written once, in one transaction, and never again.
 */
import { createHash } from 'node:crypto';
import type { GroupId, UserId } from '../../domain/ids.ts';
import { readPhoto } from '../../domain/photos.ts';
import type { PersonRecord } from '../../ports/directory.ts';
import type { Store, Transaction } from '../../ports/store.ts';
import type { AccountReads } from '../../ports/store-accounts.ts';
import { drawFace, type Looks } from './demo-faces.ts';
import { departments, names, type Place, places } from './demo-names.ts';

/** How many people there are, the five named ones and the external one included (contract §9). */
export const demoPeople = 5_000;
const domain = 'contoso.example';
const company = 'Contoso';

/** The ids of the cast; fixed, so that scripts and tests may rely on them. */
export const demoIds = {
  alice: 'a11ce000-0000-4000-8000-000000000001' as UserId,
  bob: 'b0b00000-0000-4000-8000-000000000002' as UserId,
  carol: 'ca601000-0000-4000-8000-000000000003' as UserId,
  dave: 'da4e0000-0000-4000-8000-000000000004' as UserId,
  erin: 'e4190000-0000-4000-8000-000000000005' as UserId,
} as const;

/** How the cast looks. */
const castLooks: Readonly<Record<string, Looks>> = {
  [demoIds.alice]: { wall: 0, skin: 0, hair: 6, shirt: 1, cut: 1, hasGlasses: false, hasBeard: false },
  [demoIds.bob]: { wall: 5, skin: 5, hair: 0, shirt: 0, cut: 4, hasGlasses: true, hasBeard: false },
  [demoIds.carol]: { wall: 2, skin: 2, hair: 1, shirt: 3, cut: 3, hasGlasses: false, hasBeard: false },
  [demoIds.dave]: { wall: 6, skin: 4, hair: 0, shirt: 5, cut: 0, hasGlasses: false, hasBeard: true },
  [demoIds.erin]: { wall: 4, skin: 1, hair: 4, shirt: 6, cut: 2, hasGlasses: true, hasBeard: false },
};

/** Stable for ever: a person's id follows from their address. */
function idOf(address: string): UserId {
  const hex = createHash('sha256').update(address).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-') as UserId;
}

/** A small generator of equal numbers everywhere (mulberry32). */
function createDice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}
type Dice = ReturnType<typeof createDice>;

const pick = <Value>(dice: Dice, list: readonly Value[]): Value => list[dice(list.length)] as Value;
const digits = (dice: Dice, pattern: string) => pattern.replace(/#/g, () => String(dice(10)));

/** Latin letters of a name as an address writes them. */
const spelled = (name: string) =>
  name
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/ł/g, 'l')
    .replace(/đ/g, 'd')
    .replace(/ı/g, 'i')
    .replace(/ø/g, 'o')
    .normalize('NFKD')
    .replace(/[^a-z0-9]/g, '');

interface Words {
  readonly given: readonly string[];
  readonly family: readonly string[];
  readonly familyFirst: boolean;
  readonly joined: boolean;
}
const vocabulary = new Map<string, Words>(
  Object.entries(names).map(([language, words]) => [
    language,
    {
      given: words.given.split(','),
      family: words.family.split(','),
      familyFirst: 'familyFirst' in words,
      joined: 'joined' in words,
    },
  ]),
);

function inventName(dice: Dice, place: Place): { displayName: string; local: string } {
  const words = vocabulary.get(pick(dice, place.languages)) as Words;
  const [given = '', givenLatin = given] = pick(dice, words.given).split('|');
  const [family = '', familyLatin = family] = pick(dice, words.family).split('|');
  const blank = words.joined ? '' : ' ';
  return {
    displayName: words.familyFirst ? `${family}${blank}${given}` : `${given}${blank}${family}`,
    local: `${spelled(givenLatin)}.${spelled(familyLatin)}`,
  };
}

type Given = Pick<PersonRecord, 'displayName' | 'title' | 'department' | 'managerId'> & {
  readonly local: string;
  readonly place: Place;
};

function employ(dice: Dice, given: Given): PersonRecord {
  const { displayName, title, department, managerId, local, place } = given;
  const address = `${local}@${domain}`;
  return {
    id: idOf(address),
    displayName,
    address,
    addresses: [address, `sip:${address}`],
    upn: address,
    title,
    company,
    department,
    office: `${place.office} ${1 + dice(9)}.${String(1 + dice(60)).padStart(2, '0')}`,
    phones: {
      work: digits(dice, place.work),
      mobile: dice(3) > 0 ? digits(dice, place.mobile) : null,
      home: null,
    },
    managerId,
    external: false,
    roles: [],
    timeZone: place.timeZone,
    photo: null,
  };
}

const london = places[1] as Place;
const budapest = places[4] as Place;

/** The five, and two whose names test every screen: one of 60 characters, one written from right to left. */
function cast(dice: Dice, head: UserId): readonly PersonRecord[] {
  const marketing = { department: 'Marketing', place: london };
  const named = (id: UserId, given: Given): PersonRecord => {
    const person = employ(dice, given);
    const full = `${given.displayName.split(' ').map(spelled).join('.')}@${domain}`;
    const legacy = `/o=contoso/ou=exchange administrative group (fydibohf23spdlt)/cn=recipients/cn=${given.local}`;
    return { ...person, id, addresses: [...person.addresses, full, legacy] };
  };
  const alice = named(demoIds.alice, {
    ...marketing,
    local: 'alice',
    displayName: 'Alice Lindgren',
    title: 'Marketing Manager',
    managerId: head,
  });
  return [
    { ...alice, phones: { work: '+44 20 7946 0101', mobile: '+44 7700 900101', home: '+44 20 7946 0901' } },
    named(demoIds.bob, {
      local: 'bob',
      displayName: 'Bob Kovács',
      title: 'Campaign Specialist',
      department: 'Marketing',
      place: budapest,
      managerId: demoIds.alice,
    }),
    {
      ...named(demoIds.carol, {
        ...marketing,
        local: 'carol',
        displayName: 'Carol Diaz',
        title: 'IT Manager',
        department: 'Information Technology',
        managerId: null,
      }),
      roles: ['admin'],
    },
    named(demoIds.dave, {
      ...marketing,
      local: 'dave',
      displayName: 'Dave Osei',
      title: 'Account Manager',
      department: 'Sales',
      managerId: null,
    }),
    {
      ...named(demoIds.erin, {
        ...marketing,
        local: 'erin',
        displayName: 'Erin Walsh',
        title: 'Consultant',
        department: null,
        managerId: null,
      }),
      company: 'Fabrikam',
      office: null,
      external: true,
    },
    employ(dice, {
      ...marketing,
      local: 'angeles.fernandez',
      displayName: 'María de los Ángeles Fernández de Córdoba y Álvarez-Quiñones',
      title: 'Content Designer',
      managerId: demoIds.alice,
    }),
    employ(dice, {
      ...marketing,
      local: 'noa.bendavid',
      displayName: 'נועה בן־דוד',
      title: 'Analyst',
      managerId: demoIds.alice,
      place: places[6] as Place,
    }),
  ];
}

/** Everybody, in the same order every time; a manager always stands before their reports. */
export function demoOrganisation(size = demoPeople): readonly PersonRecord[] {
  const dice = createDice(0x1e11f);
  const people: PersonRecord[] = [];
  const taken = new Set<string>([
    'alice',
    'bob',
    'carol',
    'dave',
    'erin',
    'angeles.fernandez',
    'noa.bendavid',
  ]);
  const hire = (department: string, title: string, managerId: UserId | null): PersonRecord => {
    const place = pick(dice, places);
    const { displayName, local } = inventName(dice, place);
    let free = local;
    for (let number = 2; taken.has(free); number++) free = `${local}${number}`;
    taken.add(free);
    const person = employ(dice, { displayName, local: free, title, department, managerId, place });
    people.push(person);
    return person;
  };

  const chief = hire('Executive', 'Chief Executive Officer', null);
  const heads = departments.map(({ name, titles }) => hire(name, titles.split(',')[0] as string, chief.id));
  const marketing = departments.findIndex(({ name }) => name === 'Marketing');
  people.push(...cast(dice, (heads[marketing] as PersonRecord).id));

  // Each department is filled by its weight; every tenth hire leads a team and the next ones report there.
  const weights = departments.flatMap(({ weight }, index) => Array.from({ length: weight }, () => index));
  const leads = [...heads];
  const hired = departments.map(() => 0);
  while (people.length < size) {
    const index = pick(dice, weights);
    const { name, titles } = departments[index] as (typeof departments)[number];
    const [, leadTitle = '', ...others] = titles.split(',');
    const isLead = (hired[index] as number) % 10 === 0;
    const managerId = (isLead ? heads[index] : leads[index])?.id ?? null;
    const person = hire(name, isLead ? leadTitle : pick(dice, others), managerId);
    if (isLead) leads[index] = person;
    hired[index] = (hired[index] as number) + 1;
  }
  return people.slice(0, size);
}

/** Alice's and bob's contact lists, and whom alice has blocked. */
async function seedContacts(tx: Transaction, people: readonly PersonRecord[], now: number): Promise<void> {
  const { alice, bob, dave } = demoIds;
  const named = new Set<string>(Object.values(demoIds));
  const others = people.filter(({ id }) => !named.has(id));
  const team = others.filter(({ managerId }) => managerId === alice);
  const from = (department: string) => others.filter((one) => one.department === department);
  const groups = [
    { id: 'demo-team' as GroupId, name: 'My team', people: [bob, ...team.map(({ id }) => id)] },
    {
      id: 'demo-aurora' as GroupId,
      name: 'Project Aurora',
      people: [...from('Engineering').slice(2, 5), ...from('Product').slice(1, 3)].map(({ id }) => id),
    },
    {
      id: 'demo-lunch' as GroupId,
      name: 'Lunch',
      people: [...from('Sales').slice(3, 5), ...from('Finance').slice(1, 3)].map(({ id }) => id),
    },
  ];
  const contact = { relationship: null, alertSetAt: null, listed: true, addedAt: now, frozen: null };
  for (const [position, { id, name, people }] of groups.entries()) {
    await tx.contacts.putGroup({ id, ownerId: alice, name, position, order: null });
    for (const personId of people)
      await tx.contacts.put({ ...contact, ownerId: alice, personId, groups: [id] });
  }
  await tx.contacts.put({ ...contact, ownerId: bob, personId: alice, groups: [] });
  await tx.contacts.put({
    ...contact,
    ownerId: alice,
    personId: dave,
    groups: [],
    relationship: 'blocked',
    listed: false,
  });
}

/** Lists that demo mails are addressed to: one of a team, one with a list on it, one that keeps its people to itself. */
async function seedLists(tx: Transaction, people: readonly PersonRecord[]): Promise<void> {
  const { alice, bob, carol, dave, erin } = demoIds;
  const sales = people.filter(({ id, department }) => department === 'Sales' && id !== dave).slice(0, 11);
  const lists: readonly {
    local: string;
    displayName: string;
    isHidden?: true;
    members: readonly string[];
  }[] = [
    { local: 'launch', displayName: 'Launch team', members: [alice, bob, carol, erin] },
    { local: 'sales', displayName: 'Sales', members: [dave, ...sales.map(({ id }) => id)] },
    {
      local: 'everybody',
      displayName: 'Everybody at Contoso',
      members: people.filter(({ external }) => !external).map(({ id }) => id),
    },
    { local: 'board', displayName: 'Board', isHidden: true, members: [carol] },
  ];
  for (const { local, displayName, isHidden = false, members } of lists) {
    const address = `${local}@${domain}`;
    const id = idOf(address);
    await tx.accounts.putLists([{ id, displayName, address, addresses: [address], isHidden, load: 0 }]);
    await tx.accounts.addMembers(id, members);
  }
  // A list on a list: whoever launches needs those who sell.
  await tx.accounts.addMembers(idOf(`launch@${domain}`), [idOf(`sales@${domain}`)]);
}

/**
 * Writes the demo organisation unless there are people already; safe on many nodes at once. Resolves with whether it
 * did. One of an earlier version gets the lists that it lacks.
 */
export async function seedDemo(store: Store, now: number): Promise<boolean> {
  if ((await store.accounts.count()) > 0) {
    await completeDemo(store);
    return false;
  }
  return store.transaction(['demo-organisation'], async (tx) => {
    if ((await tx.accounts.count()) > 0) return false;
    const people = demoOrganisation();
    await tx.accounts.putPeople(people);
    await seedContacts(tx, people, now);
    await seedLists(tx, people);
    return true;
  });
}

async function completeDemo(store: Store): Promise<void> {
  const lacksLists = async (accounts: AccountReads) =>
    (await accounts.people([demoIds.alice]))[0] !== null &&
    (await accounts.listsAt([`launch@${domain}`]))[0] === null;
  if (!(await lacksLists(store.accounts))) return;
  await store.transaction(['demo-organisation'], async (tx) => {
    if (await lacksLists(tx.accounts)) await seedLists(tx, demoOrganisation());
  });
}

/**
 * Gives the cast and most of these colleagues a drawn face, once; every fourth is known by letters, as in any
 * organisation.
 */
export async function giveFaces(store: Store, colleagues: readonly UserId[]): Promise<void> {
  const ids = [...Object.values(demoIds), ...colleagues.filter((_, at) => at % 4 !== 3)];
  const people = await store.accounts.people([...new Set(ids)]);
  for (const person of people) {
    if (person === null || person.photo !== null) continue;
    const read = readPhoto(drawFace(person.id, castLooks[person.id]));
    if ('refused' in read) throw new Error(read.detail);
    const tag = createHash('sha256').update(read.bytes).digest('hex');
    await store.transaction([person.id], (tx) =>
      tx.accounts.putPhoto(person.id, 'directory', { ...read, tag }),
    );
  }
}
