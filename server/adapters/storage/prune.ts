/**
 * Forgetting what nobody may ask for any more, in slices of a few milliseconds, each its own small piece of
 * a group: a cursor that has fallen behind is told so before a single event is missing.
 */
import { sql } from 'kysely';
import { keptMs, type prepareIdempotency } from './idempotency.ts';
import { blockOf, blocks, integer } from './inbox-blocks.ts';
import type { GroupSession } from './session.ts';
import type { Prepare } from './statement.ts';

/** Contract §5: a cursor older than this is answered with `reset`. */
const inboxDays = 14;
const inboxEvents = 10_000;

/** Rows per slice: a few milliseconds of the writer. */
const sliceRows = 500;

export function preparePrune(prepare: Prepare) {
  return {
    /** The last of the oldest events that are past keeping, a slice at most. */
    oldest: prepare((db, p: { before: number; limit: number }) =>
      db
        .selectFrom(db.selectFrom('event').select(['seq', 'at']).orderBy('seq').limit(p.limit).as('first'))
        .select(({ fn }) => fn.max('seq').as('seq'))
        .where('at', '<', p.before),
    ),
    forgetInboxes: prepare((db, p: { block: number; seq: number }) =>
      db.deleteFrom('inbox').where('block', '<=', p.block).where('seq', '<=', p.seq),
    ),
    forgetInbox: prepare((db, p: { personId: string; first: number; last: number; seq: number }) =>
      db
        .deleteFrom('inbox')
        .where(
          'block',
          'in',
          sql<number>`(${blocks(integer(p.first), integer(p.last))} select block from span)`,
        )
        .where('person_id', '=', p.personId)
        .where('seq', '<=', p.seq),
    ),
    forgetEvents: prepare((db, p: { seq: number }) => db.deleteFrom('event').where('seq', '<=', p.seq)),
    raiseAll: prepare((db, p: { seq: number }) =>
      db.updateTable('organisation').set({ complete_after: p.seq }).where('complete_after', '<', p.seq),
    ),
    extent: prepare((db) =>
      db.selectFrom('inbox').select(({ fn }) => [fn.min('block').as('first'), fn.max('block').as('last')]),
    ),
    countIn: prepare((db, p: { block: number }) =>
      db
        .selectFrom('inbox')
        .select(({ fn }) => ['person_id', fn.countAll<number>().as('count')])
        .where('block', '=', p.block)
        .groupBy('person_id'),
    ),
    /** The newest event in a block that is one too many for this person. */
    overflow: prepare((db, p: { block: number; personId: string; kept: number }) =>
      db
        .selectFrom('inbox')
        .select('seq')
        .where('block', '=', p.block)
        .where('person_id', '=', p.personId)
        .orderBy('seq', 'desc')
        .limit(1)
        .offset(p.kept),
    ),
    raiseOne: prepare((db, p: { personId: string; seq: number }) =>
      db
        .insertInto('inbox_floor')
        .values({ person_id: p.personId, complete_after: p.seq })
        .onConflict((existing) =>
          existing
            .column('person_id')
            .doUpdateSet((eb) => ({ complete_after: eb.ref('excluded.complete_after') }))
            .where('inbox_floor.complete_after', '<', p.seq),
        ),
    ),
    forgetFloors: prepare((db) =>
      db
        .deleteFrom('inbox_floor')
        .where('complete_after', '<=', sql<number>`(select complete_after from organisation)`),
    ),
  };
}

interface Statements {
  readonly prune: ReturnType<typeof preparePrune>;
  readonly idempotency: ReturnType<typeof prepareIdempotency>;
}

/** Runs one slice in a group; resolves with false when the step is done. */
type Slice = (session: GroupSession) => Promise<boolean>;

/** The steps of one pass, in order; each is run slice by slice until it says that it is done. */
export function pruneSteps(statements: Statements, now: number): readonly Slice[] {
  const { prune, idempotency } = statements;

  const forgetOld: Slice = async (session) => {
    const before = now - inboxDays * 86_400_000;
    const seq = (await session.first(prune.oldest, { before, limit: sliceRows }))?.seq ?? null;
    if (seq === null) return false;
    await session.run(prune.forgetInboxes, { block: blockOf(seq), seq });
    await session.run(prune.forgetEvents, { seq });
    await session.run(prune.raiseAll, { seq });
    return true;
  };

  /** Events of each person in the blocks that have been counted, the newest block first. */
  const counts = new Map<string, number>();
  let extent: { readonly first: number; readonly next: number } | null = null;
  const forgetOverflow: Slice = async (session) => {
    if (extent === null) {
      const found = await session.first(prune.extent, {});
      if (found === undefined || found.first === null) return false;
      extent = { first: found.first, next: found.last };
    }
    const { first, next: block } = extent;
    if (block < first) return false;
    for (const { person_id: personId, count } of await session.all(prune.countIn, { block })) {
      const newer = counts.get(personId) ?? 0;
      counts.set(personId, newer + count);
      if (newer + count <= inboxEvents) continue;
      const over = await session.first(prune.overflow, { block, personId, kept: inboxEvents - newer });
      if (over === undefined) continue;
      await session.run(prune.forgetInbox, { personId, first, last: block, seq: over.seq });
      await session.run(prune.raiseOne, { personId, seq: over.seq });
      counts.set(personId, inboxEvents);
    }
    extent = { first, next: block - 1 };
    return true;
  };

  const forgetResults: Slice = async (session) =>
    (await session.run(idempotency.forget, { since: now - keptMs, limit: sliceRows })) === sliceRows;

  const forgetFloors: Slice = async (session) => {
    await session.run(prune.forgetFloors, {});
    return false;
  };

  return [forgetOld, forgetOverflow, forgetResults, forgetFloors];
}
