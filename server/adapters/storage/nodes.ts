/** Which nodes live, in SQL. */
import type { UserId } from '../../domain/ids.ts';
import type { NodeAbout, Nodes } from '../../ports/nodes.ts';
import type { Session } from './session.ts';
import type { Prepare } from './statement.ts';

export function prepareNodes(prepare: Prepare) {
  return {
    join: prepare((db, p: { id: string } & NodeAbout) =>
      db
        .insertInto('node')
        .values({ id: p.id, beat: 0, leaving: 0, version: p.version, started_at: p.startedAt })
        .onConflict((existing) =>
          existing.column('id').doUpdateSet((eb) => ({
            version: eb.fn.coalesce('excluded.version', 'node.version'),
            started_at: eb.fn.coalesce('excluded.started_at', 'node.started_at'),
          })),
        ),
    ),
    renew: prepare((db, p: { id: string }) =>
      db
        .updateTable('node')
        .set((eb) => ({ beat: eb('beat', '+', 1) }))
        .where('id', '=', p.id),
    ),
    leave: prepare((db, p: { id: string }) =>
      db.updateTable('node').set({ leaving: 1 }).where('id', '=', p.id),
    ),
    list: prepare((db) => db.selectFrom('node').selectAll().orderBy('id')),
    end: prepare((db, p: { id: string; beat: number }) =>
      db.deleteFrom('node').where('id', '=', p.id).where('beat', '=', p.beat),
    ),
    peopleOf: prepare((db, p: { id: string }) =>
      db
        .selectFrom('registration')
        .select('person_id')
        .distinct()
        .where('node_id', '=', p.id)
        .orderBy('person_id'),
    ),
    forget: prepare((db, p: { id: string }) => db.deleteFrom('registration').where('node_id', '=', p.id)),
  };
}

/** `run` puts work into a group of the store. */
export function createNodes(options: {
  committed: Session;
  run: <Result>(locks: readonly string[], work: (session: Session) => Promise<Result>) => Promise<Result>;
  statements: ReturnType<typeof prepareNodes>;
}): Nodes {
  const { committed, run, statements } = options;
  return {
    join: (id, about) =>
      run([], async (session) => {
        await session.run(statements.join, { id, ...about });
      }),
    renew: (id) => run([], async (session) => (await session.run(statements.renew, { id })) > 0),
    leave: (id) =>
      run([], async (session) => {
        await session.run(statements.leave, { id });
      }),
    list: async () =>
      (await committed.all(statements.list, {})).map((row) => ({
        id: row.id,
        beat: row.beat,
        isLeaving: row.leaving === 1,
        version: row.version,
        startedAt: row.started_at,
      })),
    end: (id, beat) =>
      run([`node ${id}`], async (session) => {
        if ((await session.run(statements.end, { id, beat })) === 0) return null;
        const people = await session.all(statements.peopleOf, { id });
        await session.run(statements.forget, { id });
        return people.map((row) => row.person_id as UserId);
      }),
  };
}
