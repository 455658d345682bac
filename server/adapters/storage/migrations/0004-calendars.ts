/** Where each person's calendar is read from, and their working hours; one JSON document per person. */
import type { ColumnTypes } from './index.ts';

export const name = 'calendars';

export const statements = ({ text, table }: ColumnTypes): readonly string[] => [
  `create table calendar (person_id ${text} primary key, body ${text} not null)${table}`,
];
