/**
 * Photos, small enough to lie beside the people, so that every node has them and a backup holds them; and the
 * order in which somebody put the people of a group.
 */
import type { ColumnTypes } from './index.ts';

export const name = 'photos and order';

export const statements = ({ text, table }: ColumnTypes): readonly string[] => [
  // source: 'own' was chosen by the person, 'directory' came with their entry; own goes first. body: base64.
  `create table photo (
    person_id ${text} not null, source ${text} not null, media_type ${text} not null, sha256 ${text} not null,
    body ${text} not null, primary key (person_id, source))${table}`,
  `alter table contact_group add column sequence ${text}`,
];
