/** Contact lists, groups and granted relationships in SQL. */
import type { GroupId, UserId } from '../../domain/ids.ts';
import type { ContactReads, ContactRow, ContactWrites, GroupRow } from '../../ports/store-contacts.ts';
import { flag, inPages, jsonOrNull, pageRows, parseOrNull } from './rows.ts';
import type { Session } from './session.ts';
import type { Prepare } from './statement.ts';
import type { Tables } from './tables.ts';

export function prepareContacts(prepare: Prepare) {
  return {
    list: prepare((db, p: { ownerId: string }) =>
      db.selectFrom('contact').selectAll().where('owner_id', '=', p.ownerId).orderBy('person_id'),
    ),
    find: prepare((db, p: { ownerId: string; personId: string }) =>
      db
        .selectFrom('contact')
        .selectAll()
        .where('owner_id', '=', p.ownerId)
        .where('person_id', '=', p.personId),
    ),
    groups: prepare((db, p: { ownerId: string }) =>
      db
        .selectFrom('contact_group')
        .selectAll()
        .where('owner_id', '=', p.ownerId)
        .orderBy('position')
        .orderBy('id'),
    ),
    about: prepare((db, p: { personId: string }) =>
      db.selectFrom('contact').selectAll().where('person_id', '=', p.personId).orderBy('owner_id'),
    ),
    page: prepare((db, p: { ownerId: string; personId: string }) =>
      db
        .selectFrom('contact')
        .selectAll()
        .where(({ eb, refTuple, tuple }) =>
          eb(refTuple('owner_id', 'person_id'), '>', tuple(p.ownerId, p.personId)),
        )
        .orderBy('owner_id')
        .orderBy('person_id')
        .limit(pageRows),
    ),
    markedPage: prepare((db, p: { ownerId: string; personId: string }) =>
      db
        .selectFrom('contact')
        .selectAll()
        .where(({ eb, or, and, refTuple, tuple }) =>
          and([
            eb(refTuple('owner_id', 'person_id'), '>', tuple(p.ownerId, p.personId)),
            or([eb('relationship', 'is not', null), eb('alert', '<>', 0)]),
          ]),
        )
        .orderBy('owner_id')
        .orderBy('person_id')
        .limit(pageRows),
    ),
    put: prepare((db, p: Tables['contact']) =>
      db
        .insertInto('contact')
        .values({
          owner_id: p.owner_id,
          person_id: p.person_id,
          groups: p.groups,
          relationship: p.relationship,
          alert: p.alert,
          listed: p.listed,
          added_at: p.added_at,
          frozen: p.frozen,
        })
        .onConflict((existing) =>
          existing.columns(['owner_id', 'person_id']).doUpdateSet((eb) => ({
            groups: eb.ref('excluded.groups'),
            relationship: eb.ref('excluded.relationship'),
            alert: eb.ref('excluded.alert'),
            listed: eb.ref('excluded.listed'),
            added_at: eb.ref('excluded.added_at'),
            frozen: eb.ref('excluded.frozen'),
          })),
        ),
    ),
    remove: prepare((db, p: { ownerId: string; personId: string }) =>
      db.deleteFrom('contact').where('owner_id', '=', p.ownerId).where('person_id', '=', p.personId),
    ),
    putGroup: prepare((db, p: Tables['contact_group']) =>
      db
        .insertInto('contact_group')
        .values({
          owner_id: p.owner_id,
          id: p.id,
          name: p.name,
          position: p.position,
          sequence: p.sequence,
        })
        .onConflict((existing) =>
          existing.columns(['owner_id', 'id']).doUpdateSet((eb) => ({
            name: eb.ref('excluded.name'),
            position: eb.ref('excluded.position'),
            sequence: eb.ref('excluded.sequence'),
          })),
        ),
    ),
    removeGroup: prepare((db, p: { ownerId: string; id: string }) =>
      db.deleteFrom('contact_group').where('owner_id', '=', p.ownerId).where('id', '=', p.id),
    ),
  };
}
type Statements = ReturnType<typeof prepareContacts>;

const toContact = (row: Tables['contact']): ContactRow => ({
  ownerId: row.owner_id as UserId,
  personId: row.person_id as UserId,
  groups: JSON.parse(row.groups) as GroupId[],
  relationship: row.relationship as ContactRow['relationship'],
  alertSetAt: row.alert === 0 ? null : row.alert,
  listed: row.listed === 1,
  addedAt: row.added_at,
  frozen: parseOrNull(row.frozen),
});

const toGroup = (row: Tables['contact_group']): GroupRow => ({
  id: row.id as GroupId,
  ownerId: row.owner_id as UserId,
  name: row.name,
  position: row.position,
  order: parseOrNull(row.sequence),
});

export function contactReads(session: Session, statements: Statements): ContactReads {
  async function* walk(page: Statements['page']): AsyncGenerator<ContactRow> {
    const rows = inPages<Tables['contact']>((last) =>
      session.all(page, { ownerId: last?.owner_id ?? '', personId: last?.person_id ?? '' }),
    );
    for await (const row of rows) yield toContact(row);
  }
  return {
    list: async (ownerId) => (await session.all(statements.list, { ownerId })).map(toContact),
    find: async (ownerId, personId) => {
      const row = await session.first(statements.find, { ownerId, personId });
      return row === undefined ? null : toContact(row);
    },
    groups: async (ownerId) => (await session.all(statements.groups, { ownerId })).map(toGroup),
    about: async (personId) => (await session.all(statements.about, { personId })).map(toContact),
    all: () => walk(statements.page),
    marked: () => walk(statements.markedPage),
  };
}

export function contactWrites(session: Session, statements: Statements): ContactWrites {
  const put = async (row: ContactRow): Promise<void> => {
    await session.run(statements.put, {
      owner_id: row.ownerId,
      person_id: row.personId,
      groups: JSON.stringify(row.groups),
      relationship: row.relationship,
      alert: row.alertSetAt ?? 0,
      listed: flag(row.listed),
      added_at: row.addedAt,
      frozen: jsonOrNull(row.frozen),
    });
  };
  return {
    put,
    remove: async (ownerId, personId) => {
      await session.run(statements.remove, { ownerId, personId });
    },
    putGroup: async (row) => {
      await session.run(statements.putGroup, {
        owner_id: row.ownerId,
        id: row.id,
        name: row.name,
        position: row.position,
        sequence: jsonOrNull(row.order),
      });
    },
    removeGroup: async (ownerId, id) => {
      await session.run(statements.removeGroup, { ownerId, id });
      for (const row of (await session.all(statements.list, { ownerId })).map(toContact))
        if (row.groups.includes(id)) await put({ ...row, groups: row.groups.filter((one) => one !== id) });
    },
  };
}
