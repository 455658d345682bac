/**
 * Several nodes: which of them live, which endpoint is connected to which of them, and what everybody's
 * presence has settled to, so that all nodes show the same moments.
 */
import type { ColumnTypes } from './index.ts';

export const name = 'nodes';

export const statements = ({ text, integer, table, clustered }: ColumnTypes): readonly string[] => [
  // beat grows with every renewal: who watches it needs no common clock. leaving = 1: it ended by itself.
  `create table node (id ${text} primary key, beat ${integer} not null, leaving ${integer} not null)${table}`,
  // An endpoint that reconnects elsewhere stands on two nodes for a while.
  `create table registration_by_node (
    person_id ${text} not null, endpoint ${text} not null, node_id ${text} not null,
    registered_at ${integer} not null, primary key (person_id, endpoint, node_id))${clustered}`,
  `insert into registration_by_node select person_id, endpoint, node_id, registered_at from registration`,
  'drop table registration',
  'alter table registration_by_node rename to registration',
  'create index registration_of_node on registration (node_id)',
  `create table settled (person_id ${text} primary key, body ${text} not null)${clustered}`,
];
