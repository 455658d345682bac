/** Accounts elsewhere (a mailbox on Exchange Server) that somebody has linked to themselves, by a digest. */
import type { ColumnTypes } from './index.ts';

export const name = 'linked-accounts';

export const statements = ({ text, integer, clustered }: ColumnTypes): readonly string[] => [
  `create table linked_account (
    account ${text} primary key, person_id ${text} not null, linked_at ${integer} not null)${clustered}`,
  'create index linked_account_of on linked_account (person_id)',
];
