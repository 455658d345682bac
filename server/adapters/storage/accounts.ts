/** People, their addresses and words, and the standing of accounts in SQL. */
import type { ExpressionBuilder } from 'kysely';
import type { UserId } from '../../domain/ids.ts';
import { addressKey, foldText, indexWordsOf } from '../../domain/words.ts';
import type { PersonRecord, Photo } from '../../ports/directory.ts';
import type { AccountReads, AccountWrites } from '../../ports/store-accounts.ts';
import { listReads, listWrites, prepareLists } from './lists.ts';
import { createPeopleSearch, preparePeopleSearch } from './people-search.ts';
import { flag } from './rows.ts';
import type { Session } from './session.ts';
import type { Dialect, Prepare } from './statement.ts';
import type { Builder, Tables } from './tables.ts';

/** Which words of a person count more; lower is better, in the order of contract §2. */
const wordKinds = { name: 0, address: 1, department: 2, domain: 3 } as const;

/** Letters of the name that decide the order among equal words; more would only make the index larger. */
const sortNameCharacters = 32;

/** The columns of a person in the order of `personRow`. */
const personColumns = [
  ['id', 'text'],
  ['display_name', 'text'],
  ['address', 'text'],
  ['addresses', 'text'],
  ['upn', 'text'],
  ['title', 'text'],
  ['company', 'text'],
  ['department', 'text'],
  ['office', 'text'],
  ['phone_work', 'text'],
  ['phone_mobile', 'text'],
  ['phone_home', 'text'],
  ['manager_id', 'text'],
  ['external', 'integer'],
  ['roles', 'text'],
  ['time_zone', 'text'],
] as const;

/** Which photo shows a person: 'own' stands behind 'directory' in the alphabet and goes first. */
const shownPhoto = (eb: ExpressionBuilder<Tables, 'person'>) =>
  eb
    .selectFrom('photo')
    .select('photo.sha256')
    .whereRef('photo.person_id', '=', 'person.id')
    .orderBy('photo.source', 'desc')
    .limit(1)
    .as('photo');
const people = (db: Builder) => db.selectFrom('person').selectAll('person').select(shownPhoto);

export function prepareAccounts(prepare: Prepare, dialect: Dialect) {
  const { strings, rows } = dialect;
  return {
    lists: prepareLists(prepare, dialect),
    standing: prepare((db, p: { id: string }) =>
      db.selectFrom('account').select(['generation', 'disabled']).where('person_id', '=', p.id),
    ),
    standings: prepare((db, p: { ids: string }) =>
      db.selectFrom('account').selectAll().where('person_id', 'in', strings(p.ids)),
    ),
    linkedTo: prepare((db, p: { account: string }) =>
      db.selectFrom('linked_account').select('person_id').where('account', '=', p.account),
    ),
    link: prepare((db, p: Tables['linked_account']) =>
      db
        .insertInto('linked_account')
        .values({ account: p.account, person_id: p.person_id, linked_at: p.linked_at }),
    ),
    unlink: prepare((db, p: { id: string }) => db.deleteFrom('linked_account').where('person_id', '=', p.id)),
    putStanding: prepare((db, p: Tables['account']) =>
      db
        .insertInto('account')
        .values({ person_id: p.person_id, generation: p.generation, disabled: p.disabled })
        .onConflict((existing) =>
          existing.column('person_id').doUpdateSet((eb) => ({
            generation: eb.ref('excluded.generation'),
            disabled: eb.ref('excluded.disabled'),
          })),
        ),
    ),
    people: prepare((db, p: { ids: string }) => people(db).where('id', 'in', strings(p.ids))),
    resolve: prepare((db, p: { addresses: string }) =>
      db
        .selectFrom('person_address')
        .innerJoin('person', 'person.id', 'person_address.person_id')
        .selectAll('person')
        .select(shownPhoto)
        .select('person_address.address as asked')
        .where('person_address.address', 'in', strings(p.addresses)),
    ),
    reports: prepare((db, p: { managerId: string }) =>
      people(db).where('manager_id', '=', p.managerId).orderBy('display_name').orderBy('id'),
    ),
    page: prepare((db, p: { after: string; limit: number }) =>
      people(db).where('id', '>', p.after).orderBy('id').limit(p.limit),
    ),
    count: prepare((db) => db.selectFrom('person').select(({ fn }) => fn.countAll<number>().as('count'))),
    photo: prepare((db, p: { id: string }) =>
      db.selectFrom('photo').selectAll().where('person_id', '=', p.id).orderBy('source', 'desc').limit(1),
    ),
    putPhoto: prepare((db, p: Tables['photo']) =>
      db
        .insertInto('photo')
        .values({
          person_id: p.person_id,
          source: p.source,
          media_type: p.media_type,
          sha256: p.sha256,
          body: p.body,
        })
        .onConflict((existing) =>
          existing.columns(['person_id', 'source']).doUpdateSet((eb) => ({
            media_type: eb.ref('excluded.media_type'),
            sha256: eb.ref('excluded.sha256'),
            body: eb.ref('excluded.body'),
          })),
        ),
    ),
    removePhoto: prepare((db, p: { id: string; source: string }) =>
      db.deleteFrom('photo').where('person_id', '=', p.id).where('source', '=', p.source),
    ),
    putPeople: prepare((db, p: { rows: string }) =>
      db
        .insertInto('person')
        .columns(personColumns.map(([name]) => name))
        .expression(
          rows(
            p.rows,
            personColumns.map(([, type]) => type),
          ),
        )
        .onConflict((existing) =>
          existing.column('id').doUpdateSet((eb) => ({
            display_name: eb.ref('excluded.display_name'),
            address: eb.ref('excluded.address'),
            addresses: eb.ref('excluded.addresses'),
            upn: eb.ref('excluded.upn'),
            title: eb.ref('excluded.title'),
            company: eb.ref('excluded.company'),
            department: eb.ref('excluded.department'),
            office: eb.ref('excluded.office'),
            phone_work: eb.ref('excluded.phone_work'),
            phone_mobile: eb.ref('excluded.phone_mobile'),
            phone_home: eb.ref('excluded.phone_home'),
            manager_id: eb.ref('excluded.manager_id'),
            external: eb.ref('excluded.external'),
            roles: eb.ref('excluded.roles'),
            time_zone: eb.ref('excluded.time_zone'),
          })),
        ),
    ),
    forgetAddresses: prepare((db, p: { people: string }) =>
      db.deleteFrom('person_address').where('person_id', 'in', strings(p.people)),
    ),
    forgetWords: prepare((db, p: { people: string }) =>
      db.deleteFrom('person_word').where('person_id', 'in', strings(p.people)),
    ),
    // The last to claim an address has it: a mailbox that moved belongs to its new owner.
    putAddresses: prepare((db, p: { rows: string }) =>
      db
        .insertInto('person_address')
        .columns(['address', 'person_id'])
        .expression(rows(p.rows, ['text', 'text']))
        .onConflict((existing) =>
          existing.column('address').doUpdateSet((eb) => ({ person_id: eb.ref('excluded.person_id') })),
        ),
    ),
    putWords: prepare((db, p: { rows: string }) =>
      db
        .insertInto('person_word')
        .columns(['kind', 'word', 'sort_name', 'person_id'])
        .expression(rows(p.rows, ['integer', 'text', 'text', 'text'])),
    ),
    search: preparePeopleSearch(prepare),
  };
}
type Statements = ReturnType<typeof prepareAccounts>;

const toPerson = (row: Tables['person'] & { photo: string | null }): PersonRecord => ({
  id: row.id as UserId,
  displayName: row.display_name,
  address: row.address,
  addresses: JSON.parse(row.addresses) as string[],
  upn: row.upn,
  title: row.title,
  company: row.company,
  department: row.department,
  office: row.office,
  phones: { work: row.phone_work, mobile: row.phone_mobile, home: row.phone_home },
  managerId: row.manager_id as UserId | null,
  external: row.external === 1,
  roles: JSON.parse(row.roles) as string[],
  timeZone: row.time_zone,
  photo: row.photo,
});

const sip = 'sip:';

/** Every word of a person, each once under its best kind. */
function searchWords(person: PersonRecord): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  const add = (kind: number, text: string) => {
    for (const word of indexWordsOf(text)) if (!words.has(word)) words.set(word, kind);
  };
  const mail = [person.address, ...person.addresses].map(addressKey).filter((one) => /^[^:/]+@/.test(one));
  add(wordKinds.name, person.displayName);
  for (const address of mail) add(wordKinds.address, address.slice(0, address.lastIndexOf('@')));
  if (person.department !== null) add(wordKinds.department, person.department);
  for (const address of mail) add(wordKinds.domain, address.slice(address.lastIndexOf('@') + 1));
  return words;
}

export function accountReads(session: Session, statements: Statements): AccountReads {
  const people = async (ids: readonly string[]): Promise<readonly (PersonRecord | null)[]> => {
    const wanted = ids.map((id) => id.toLowerCase());
    const rows = await session.all(statements.people, { ids: JSON.stringify(wanted) });
    const byId = new Map(rows.map((row) => [row.id, toPerson(row)]));
    return wanted.map((id) => byId.get(id) ?? null);
  };
  const search = createPeopleSearch(session, statements.search);
  return {
    ...listReads(session, statements.lists, people),
    standing: async (id) => {
      const row = await session.first(statements.standing, { id });
      return { generation: row?.generation ?? 0, disabled: row?.disabled === 1 };
    },
    linkedTo: async (account) =>
      ((await session.first(statements.linkedTo, { account }))?.person_id as UserId | undefined) ?? null,
    standings: async (ids) => {
      const rows = await session.all(statements.standings, { ids: JSON.stringify(ids) });
      return new Map(
        rows.map(({ person_id, generation, disabled }) => [
          person_id as UserId,
          { generation, disabled: disabled === 1 },
        ]),
      );
    },
    people,
    resolve: async (addresses) => {
      const keys = addresses.map(addressKey);
      // A person without an address of their own for calls is reached there under their mail address.
      const asked = new Set([
        ...keys,
        ...keys.filter((key) => key.startsWith(sip)).map((key) => key.slice(sip.length)),
      ]);
      const rows = await session.all(statements.resolve, { addresses: JSON.stringify([...asked]) });
      const byKey = new Map(rows.map((row) => [row.asked, toPerson(row)]));
      return keys.map(
        (key) => byKey.get(key) ?? (key.startsWith(sip) ? byKey.get(key.slice(sip.length)) : null) ?? null,
      );
    },
    search: async (query, limit, after) => {
      const ids = await search(query, limit, after);
      return (await people(ids)).filter((one) => one !== null);
    },
    reports: async (managerId) => (await session.all(statements.reports, { managerId })).map(toPerson),
    page: async (after, limit) =>
      (await session.all(statements.page, { after: after?.toLowerCase() ?? '', limit })).map(toPerson),
    count: async () => (await session.first(statements.count, {}))?.count ?? 0,
    photo: async (id) => {
      const row = await session.first(statements.photo, { id });
      if (row === undefined) return null;
      const mediaType = row.media_type as Photo['mediaType'];
      return { mediaType, tag: row.sha256, bytes: Buffer.from(row.body, 'base64') };
    },
  };
}

/** Bounds the text of a statement to about a megabyte. */
const peoplePerStatement = 500;

const personRow = (person: PersonRecord) => [
  person.id.toLowerCase(),
  person.displayName,
  person.address,
  JSON.stringify(person.addresses),
  person.upn,
  person.title,
  person.company,
  person.department,
  person.office,
  person.phones.work,
  person.phones.mobile,
  person.phones.home,
  person.managerId?.toLowerCase() ?? null,
  flag(person.external),
  JSON.stringify(person.roles),
  person.timeZone,
];

/** Every form of every address, with whose it is; the last to claim one has it. */
function addressRows(people: readonly PersonRecord[]): readonly (readonly [string, string])[] {
  const owners = new Map<string, string>();
  for (const { id, address, addresses, upn } of people)
    for (const form of [address, ...addresses, ...(upn === null ? [] : [upn])])
      owners.set(addressKey(form), id.toLowerCase());
  return [...owners];
}

const wordRows = (people: readonly PersonRecord[]) =>
  people.flatMap((person) => {
    const sortName = foldText(person.displayName).slice(0, sortNameCharacters);
    return [...searchWords(person)].map(([word, kind]) => [kind, word, sortName, person.id.toLowerCase()]);
  });

export function accountWrites(session: Session, statements: Statements): AccountWrites {
  const putSome = async (people: readonly PersonRecord[]): Promise<void> => {
    const ids = JSON.stringify(people.map(({ id }) => id.toLowerCase()));
    await session.run(statements.forgetAddresses, { people: ids });
    await session.run(statements.forgetWords, { people: ids });
    await session.run(statements.putPeople, { rows: JSON.stringify(people.map(personRow)) });
    await session.run(statements.putAddresses, { rows: JSON.stringify(addressRows(people)) });
    await session.run(statements.putWords, { rows: JSON.stringify(wordRows(people)) });
  };

  return {
    ...listWrites(session, statements.lists),
    link: async (account, personId, at) => {
      await session.run(statements.link, { account, person_id: personId, linked_at: at });
    },
    unlink: async (personId) => {
      await session.run(statements.unlink, { id: personId });
    },
    putStanding: async (id, { generation, disabled }) => {
      await session.run(statements.putStanding, { person_id: id, generation, disabled: flag(disabled) });
    },
    putPhoto: async (id, source, photo) => {
      if (photo === null) await session.run(statements.removePhoto, { id, source });
      else
        await session.run(statements.putPhoto, {
          person_id: id,
          source,
          media_type: photo.mediaType,
          sha256: photo.tag,
          body: Buffer.from(photo.bytes).toString('base64'),
        });
    },
    putPeople: async (people) => {
      for (let start = 0; start < people.length; start += peoplePerStatement)
        await putSome(people.slice(start, start + peoplePerStatement));
    },
  };
}
