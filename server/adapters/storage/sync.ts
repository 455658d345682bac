/** What connections remember, in SQL. */
import type { UserId } from '../../domain/ids.ts';
import type { SyncReads, SyncWrites } from '../../ports/store-sync.ts';
import { flag } from './rows.ts';
import type { Session } from './session.ts';
import type { Dialect, Prepare } from './statement.ts';
import type { Tables } from './tables.ts';

export function prepareSync(prepare: Prepare, { strings, rows }: Dialect) {
  return {
    state: prepare((db, p: { name: string }) =>
      db.selectFrom('connection_state').select('body').where('name', '=', p.name),
    ),
    states: prepare((db, p: { from: string; to: string }) =>
      db
        .selectFrom('connection_state')
        .selectAll()
        .where('name', '>=', p.from)
        .where('name', '<', p.to)
        .orderBy('name'),
    ),
    putState: prepare((db, p: Tables['connection_state']) =>
      db
        .insertInto('connection_state')
        .values({ name: p.name, body: p.body })
        .onConflict((existing) =>
          existing.column('name').doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
        ),
    ),
    removeState: prepare((db, p: { name: string }) =>
      db.deleteFrom('connection_state').where('name', '=', p.name),
    ),
    brought: prepare((db, p: { ids: string }) =>
      db.selectFrom('brought_person').selectAll().where('person_id', 'in', strings(p.ids)),
    ),
    unnamed: prepare((db, p: { load: number; limit: number }) =>
      db
        .selectFrom('brought_person')
        .select('person_id')
        .where('gone', '=', 0)
        .where('load', '<', p.load)
        .orderBy('person_id')
        .limit(p.limit),
    ),
    photosBefore: prepare((db, p: { at: number; limit: number }) =>
      db
        .selectFrom('brought_person')
        .select('person_id')
        .where('gone', '=', 0)
        .where('photo_asked_at', '<', p.at)
        .orderBy('photo_asked_at')
        .orderBy('person_id')
        .limit(p.limit),
    ),
    putBrought: prepare((db, p: { rows: string }) =>
      db
        .insertInto('brought_person')
        .columns(['person_id', 'load', 'gone', 'photo_asked_at'])
        .expression(rows(p.rows, ['text', 'integer', 'integer', 'integer']))
        .onConflict((existing) =>
          existing.column('person_id').doUpdateSet((eb) => ({
            load: eb.ref('excluded.load'),
            gone: eb.ref('excluded.gone'),
          })),
        ),
    ),
    photosAsked: prepare((db, p: { ids: string; at: number }) =>
      db.updateTable('brought_person').set({ photo_asked_at: p.at }).where('person_id', 'in', strings(p.ids)),
    ),
  };
}
type Statements = ReturnType<typeof prepareSync>;

export function syncReads(session: Session, statements: Statements): SyncReads {
  return {
    state: async (name) => (await session.first(statements.state, { name }))?.body ?? null,
    states: async (prefix) => session.all(statements.states, { from: prefix, to: `${prefix}\u{10ffff}` }),
    brought: async (ids) =>
      (await session.all(statements.brought, { ids: JSON.stringify(ids) })).map((row) => ({
        personId: row.person_id as UserId,
        load: row.load,
        gone: row.gone === 1,
      })),
    unnamedSince: async (load, limit) =>
      (await session.all(statements.unnamed, { load, limit })).map((row) => row.person_id as UserId),
    photosBefore: async (at, limit) =>
      (await session.all(statements.photosBefore, { at, limit })).map((row) => row.person_id as UserId),
  };
}

export function syncWrites(session: Session, statements: Statements): SyncWrites {
  return {
    putState: async (name, body) => {
      if (body === null) await session.run(statements.removeState, { name });
      else await session.run(statements.putState, { name, body });
    },
    putBrought: async (people) => {
      if (people.length === 0) return;
      const rows = people.map(({ personId, load, gone }) => [personId, load, flag(gone), 0]);
      await session.run(statements.putBrought, { rows: JSON.stringify(rows) });
    },
    photosAsked: async (ids, at) => {
      await session.run(statements.photosAsked, { ids: JSON.stringify(ids), at });
    },
  };
}
