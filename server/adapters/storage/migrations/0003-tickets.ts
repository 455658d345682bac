/** Things that are good once, for a short time: one-time codes of sign-in, sessions that have been ended. */
import type { ColumnTypes } from './index.ts';

export const name = 'tickets';

export const statements = ({ text, integer, clustered }: ColumnTypes): readonly string[] => [
  `create table ticket (key ${text} primary key, body ${text} not null, expires_at ${integer} not null)${clustered}`,
  'create index ticket_by_end on ticket (expires_at)',
];
