/** Bytes of attachments where they lie in the store and not in a folder: in parts, each a row. */
import type { ColumnTypes } from './index.ts';

export const name = 'blobs';

export const statements = ({ text, integer, bytes, table }: ColumnTypes): readonly string[] => [
  `create table blob (key ${text} primary key, size ${integer} not null, sha256 ${text} not null)${table}`,
  `create table blob_part (
    key ${text} not null references blob (key) on delete cascade, number ${integer} not null, bytes ${bytes} not null,
    primary key (key, number))${table}`,
];
