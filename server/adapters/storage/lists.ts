/** Distribution lists in SQL: which address stands for which list, and who is on it, lists within lists included. */
import { addressKey } from '../../domain/words.ts';
import type { Expansion, ListRecord, PersonRecord } from '../../ports/directory.ts';
import type { ListReads, ListWrites, StoredList } from '../../ports/store-lists.ts';
import { flag } from './rows.ts';
import type { Session } from './session.ts';
import type { Dialect, Prepare } from './statement.ts';
import type { Tables } from './tables.ts';

/** Lists within one list; a walk that finds more is no list that anybody keeps, and stops there. */
const mostLists = 1_000;
/** Bounds the text of a statement. */
const membersPerStatement = 5_000;

export function prepareLists(prepare: Prepare, { strings, rows }: Dialect) {
  return {
    byId: prepare((db, p: { ids: string }) =>
      db.selectFrom('mail_list').selectAll().where('id', 'in', strings(p.ids)),
    ),
    byAddress: prepare((db, p: { addresses: string }) =>
      db
        .selectFrom('mail_list_address')
        .innerJoin('mail_list', 'mail_list.id', 'mail_list_address.list_id')
        .selectAll('mail_list')
        .select('mail_list_address.address as asked')
        .where('mail_list_address.address', 'in', strings(p.addresses)),
    ),
    within: prepare((db, p: { lists: string; limit: number }) =>
      db
        .selectFrom('mail_list_member')
        .innerJoin('mail_list', 'mail_list.id', 'mail_list_member.member_id')
        .select('mail_list.id')
        .distinct()
        .where('mail_list_member.list_id', 'in', strings(p.lists))
        .where('mail_list.hidden', '=', 0)
        .limit(p.limit),
    ),
    people: prepare((db, p: { lists: string; limit: number }) =>
      db
        .selectFrom('person')
        .select('id')
        .where('id', 'in', (eb) =>
          eb.selectFrom('mail_list_member').select('member_id').where('list_id', 'in', strings(p.lists)),
        )
        .orderBy('display_name')
        .orderBy('id')
        .limit(p.limit),
    ),
    count: prepare((db, p: { lists: string }) =>
      db
        .selectFrom('person')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('id', 'in', (eb) =>
          eb.selectFrom('mail_list_member').select('member_id').where('list_id', 'in', strings(p.lists)),
        ),
    ),
    before: prepare((db, p: { load: number }) =>
      db.selectFrom('mail_list').select('id').where('load', '<', p.load),
    ),
    put: prepare((db, p: { rows: string }) =>
      db
        .insertInto('mail_list')
        .columns(['id', 'display_name', 'address', 'addresses', 'hidden', 'load'])
        .expression(rows(p.rows, ['text', 'text', 'text', 'text', 'integer', 'integer']))
        .onConflict((existing) =>
          existing.column('id').doUpdateSet((eb) => ({
            display_name: eb.ref('excluded.display_name'),
            address: eb.ref('excluded.address'),
            addresses: eb.ref('excluded.addresses'),
            hidden: eb.ref('excluded.hidden'),
            load: eb.ref('excluded.load'),
          })),
        ),
    ),
    // The last to claim an address has it, as with people.
    putAddresses: prepare((db, p: { rows: string }) =>
      db
        .insertInto('mail_list_address')
        .columns(['address', 'list_id'])
        .expression(rows(p.rows, ['text', 'text']))
        .onConflict((existing) =>
          existing.column('address').doUpdateSet((eb) => ({ list_id: eb.ref('excluded.list_id') })),
        ),
    ),
    addMembers: prepare((db, p: { rows: string }) =>
      db
        .insertInto('mail_list_member')
        .columns(['list_id', 'member_id'])
        .expression(rows(p.rows, ['text', 'text']))
        .onConflict((existing) => existing.columns(['list_id', 'member_id']).doNothing()),
    ),
    removeMembers: prepare((db, p: { listId: string; members: string }) =>
      db
        .deleteFrom('mail_list_member')
        .where('list_id', '=', p.listId)
        .where('member_id', 'in', strings(p.members)),
    ),
    forgetAddresses: prepare((db, p: { ids: string }) =>
      db.deleteFrom('mail_list_address').where('list_id', 'in', strings(p.ids)),
    ),
    forgetMembers: prepare((db, p: { ids: string }) =>
      db.deleteFrom('mail_list_member').where('list_id', 'in', strings(p.ids)),
    ),
    forget: prepare((db, p: { ids: string }) => db.deleteFrom('mail_list').where('id', 'in', strings(p.ids))),
  };
}
type Statements = ReturnType<typeof prepareLists>;

const toList = (row: Tables['mail_list']): StoredList => ({
  id: row.id,
  displayName: row.display_name,
  address: row.address,
  addresses: JSON.parse(row.addresses) as string[],
  isHidden: row.hidden === 1,
  load: row.load,
});

export function listReads(
  session: Session,
  statements: Statements,
  people: (ids: readonly string[]) => Promise<readonly (PersonRecord | null)[]>,
): ListReads {
  /** The list and every list on it; a list that is on itself ends the walk. */
  async function withInner(listId: string): Promise<readonly string[]> {
    const known = new Set([listId]);
    for (let fresh = [listId]; fresh.length > 0 && known.size < mostLists; ) {
      const rows = await session.all(statements.within, { lists: JSON.stringify(fresh), limit: mostLists });
      fresh = rows.map(({ id }) => id).filter((id) => !known.has(id));
      for (const id of fresh) known.add(id);
    }
    return [...known];
  }

  async function expand({ load: _, ...list }: StoredList, limit: number): Promise<Expansion> {
    if (list.isHidden) return { list, people: [], total: 0 };
    const lists = JSON.stringify(await withInner(list.id));
    const ids = (await session.all(statements.people, { lists, limit })).map(({ id }) => id);
    const total =
      ids.length < limit ? ids.length : ((await session.first(statements.count, { lists }))?.count ?? 0);
    return { list, people: (await people(ids)).filter((one) => one !== null), total: Number(total) };
  }

  async function listsAt(addresses: readonly string[]): Promise<readonly (StoredList | null)[]> {
    const keys = addresses.map(addressKey);
    const rows = await session.all(statements.byAddress, { addresses: JSON.stringify([...new Set(keys)]) });
    const byKey = new Map(rows.map((row) => [row.asked, toList(row)]));
    return keys.map((key) => byKey.get(key) ?? null);
  }

  return {
    lists: async (ids) =>
      (await session.all(statements.byId, { ids: JSON.stringify(ids) })).map((row) => toList(row)),
    listsAt,
    expand: async (addresses, limit) => {
      const expanded: (Expansion | null)[] = [];
      let left = limit;
      for (const list of await listsAt(addresses)) {
        const found = list === null ? null : await expand(list, left);
        left -= found?.people.length ?? 0;
        expanded.push(found);
      }
      return expanded;
    },
  };
}

const addressesOf = ({ id, address, addresses }: ListRecord): readonly (readonly [string, string])[] =>
  [...new Set([address, ...addresses].map(addressKey))].map((key) => [key, id]);

export function listWrites(session: Session, statements: Statements): ListWrites {
  const removeLists = async (lists: readonly string[]): Promise<void> => {
    if (lists.length === 0) return;
    const ids = JSON.stringify(lists);
    await session.run(statements.forgetAddresses, { ids });
    await session.run(statements.forgetMembers, { ids });
    await session.run(statements.forget, { ids });
  };
  return {
    removeLists,
    removeListsBefore: async (load) =>
      removeLists((await session.all(statements.before, { load })).map(({ id }) => id)),
    putLists: async (lists) => {
      if (lists.length === 0) return;
      await session.run(statements.forgetAddresses, { ids: JSON.stringify(lists.map(({ id }) => id)) });
      const rows = lists.map(({ id, displayName, address, addresses, isHidden, load }) => [
        id,
        displayName,
        address,
        JSON.stringify(addresses),
        flag(isHidden),
        load,
      ]);
      await session.run(statements.put, { rows: JSON.stringify(rows) });
      // One statement may name an address once.
      const owners = new Map(lists.flatMap(addressesOf));
      await session.run(statements.putAddresses, { rows: JSON.stringify([...owners]) });
    },
    addMembers: async (listId, memberIds) => {
      const members = [...new Set(memberIds)];
      for (let start = 0; start < members.length; start += membersPerStatement)
        await session.run(statements.addMembers, {
          rows: JSON.stringify(
            members.slice(start, start + membersPerStatement).map((member) => [listId, member]),
          ),
        });
    },
    removeMembers: async (listId, memberIds) => {
      await session.run(statements.removeMembers, { listId, members: JSON.stringify(memberIds) });
    },
    emptyLists: async (ids) => {
      await session.run(statements.forgetMembers, { ids: JSON.stringify(ids) });
    },
  };
}
