/**
 * Where the rows of an inbox lie: by blocks of events, and by person within a block (migration 11). What is
 * written together lies together; a person's inbox is looked up block by block. What is joined to it is joined
 * by `cross join`, by which SQLite is told to begin with the inbox; left to itself it scans every event.
 */
import { type RawBuilder, sql } from 'kysely';

/**
 * Events per block. Small, and the sends of a group share the few pages that they change; large, and somebody
 * who was away for a night is looked up in fewer places (some hundred, at 3 µs). Migration 11 says it, too.
 */
const blockEvents = 512;

export const blockOf = (seq: number): number => Math.floor(seq / blockEvents);

/** The block of an event, in SQL. */
export const blockOfSql = (seq: string): string => `${seq} / ${blockEvents}`;

/** The numbers of the blocks from one to another, in SQL. */
export const blocks = (first: RawBuilder<number>, last: RawBuilder<number>): RawBuilder<unknown> =>
  sql`with recursive span (block) as (select ${first} union all select block + 1 from span where block < ${last})`;

/** A value that is an integer on both engines, wherever it stands. */
export const integer = (value: number): RawBuilder<number> => sql<number>`cast(${value} as bigint)`;

export interface InboxRow {
  seq: number;
  own: string | null;
}

/** The rows of a person's inbox behind `after`, ascending; `block` is that of `after`. */
export const inboxAfter = (p: {
  readonly personId: string;
  readonly block: number;
  readonly after: number;
  readonly limit: number;
}): RawBuilder<InboxRow> =>
  sql<InboxRow>`(${blocks(integer(p.block), sql`(select ${sql.raw(blockOfSql('last_seq'))} from organisation)`)}
    select inbox.seq, inbox.own from span cross join inbox
    where inbox.block = span.block and inbox.person_id = ${p.personId} and inbox.seq > ${p.after}
    order by inbox.seq limit ${p.limit})`;

/** The rows of a person's inbox behind `after` and up to `through`; `first` and `last` are the blocks of the two. */
export const inboxBetween = (p: {
  readonly personId: string;
  readonly first: number;
  readonly last: number;
  readonly after: number;
  readonly through: number;
}): RawBuilder<InboxRow> =>
  sql<InboxRow>`(${blocks(integer(p.first), integer(p.last))}
    select inbox.seq, inbox.own from span cross join inbox
    where inbox.block = span.block and inbox.person_id = ${p.personId}
      and inbox.seq > ${p.after} and inbox.seq <= ${p.through})`;
