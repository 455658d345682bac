/** The organisation's one row (the name of its history) and its secrets in SQL. */
import type { Prepare } from './statement.ts';

export function prepareOrganisation(prepare: Prepare) {
  return {
    epoch: prepare((db) => db.selectFrom('organisation').select('epoch')),
    /** Makes the row at the first start; later starts find it. */
    begin: prepare((db, p: { epoch: string }) =>
      db
        .insertInto('organisation')
        .values({ id: 1, epoch: p.epoch, last_seq: 0, complete_after: 0 })
        .onConflict((existing) => existing.column('id').doNothing()),
    ),
    /** Changes nothing and is written all the same: tells whether writes work. */
    touch: prepare((db) => db.updateTable('organisation').set((eb) => ({ last_seq: eb.ref('last_seq') }))),
    secret: prepare((db, p: { name: string }) =>
      db.selectFrom('secret').select('value').where('name', '=', p.name),
    ),
    makeSecret: prepare((db, p: { name: string; value: string }) =>
      db
        .insertInto('secret')
        .values({ name: p.name, value: p.value })
        .onConflict((existing) => existing.column('name').doNothing()),
    ),
  };
}
