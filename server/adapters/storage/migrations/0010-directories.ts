/** What connections to other systems remember, and whom a directory brought. */
import type { ColumnTypes } from './index.ts';

export const name = 'directories';

export const statements = ({ text, integer, table, clustered }: ColumnTypes): readonly string[] => [
  // A place to go on from, a lease, a person's own switches: small texts by name.
  `create table connection_state (name ${text} not null primary key, body ${text} not null)${table}`,
  // load: the whole load that last named this person. gone: 1 = the directory took them away.
  `create table brought_person (
    person_id ${text} not null primary key, load ${integer} not null, gone ${integer} not null,
    photo_asked_at ${integer} not null)${clustered}`,
];
