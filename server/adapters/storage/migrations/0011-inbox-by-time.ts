/**
 * Inboxes lie by time first and by person within it: what is written together lies together, so that a message
 * changes the last few pages of the table, and not one page for every recipient.
 */
import type { ColumnTypes } from './index.ts';

export const name = 'inbox by time';

/** Events per block; what it weighs stands in inbox-blocks.ts. */
const blockEvents = 512;

export const statements = ({ text, integer, clustered }: ColumnTypes): readonly string[] => [
  `create table inbox_by_time (
    block ${integer} not null, person_id ${text} not null, seq ${integer} not null, own ${text},
    primary key (block, person_id, seq))${clustered}`,
  `insert into inbox_by_time select seq / ${blockEvents}, person_id, seq, own from inbox order by seq, person_id`,
  'drop table inbox',
  'alter table inbox_by_time rename to inbox',
];
