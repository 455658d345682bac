/** Addresses that stand for several people, as the directory keeps them. */
import type { ColumnTypes } from './index.ts';

export const name = 'distribution-lists';

export const statements = ({ text, integer, table, clustered }: ColumnTypes): readonly string[] => [
  // hidden: 1 = who is on it is nobody's business. load: the whole load of a directory that last named it.
  `create table mail_list (
    id ${text} not null primary key, display_name ${text} not null, address ${text} not null,
    addresses ${text} not null, hidden ${integer} not null, load ${integer} not null)${table}`,
  `create table mail_list_address (address ${text} not null primary key, list_id ${text} not null)${clustered}`,
  'create index mail_list_address_of on mail_list_address (list_id)',
  // A member is a person or another list; one that is neither (yet) stays a row that nothing joins.
  `create table mail_list_member (
    list_id ${text} not null, member_id ${text} not null, primary key (list_id, member_id))${clustered}`,
  'create index mail_list_member_of on mail_list_member (member_id)',
];
