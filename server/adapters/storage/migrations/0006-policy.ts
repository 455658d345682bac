/** What the administrator decided, as one JSON document; absent = the defaults. */
import type { ColumnTypes } from './index.ts';

export const name = 'policy';

export const statements = ({ text, integer, table }: ColumnTypes): readonly string[] => [
  `create table policy (id ${integer} primary key check (id = 1), body ${text} not null)${table}`,
];
