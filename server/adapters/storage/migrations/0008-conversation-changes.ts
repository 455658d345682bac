/** What is read between the messages of a conversation: who came and went, and its names. */
import type { ColumnTypes } from './index.ts';

export const name = 'conversation-changes';

export const statements = ({ text, integer, clustered }: ColumnTypes): readonly string[] => [
  `create table conversation_change (
    conversation_id ${text} not null, at ${integer} not null, id ${text} not null, kind ${text} not null,
    person_id ${text}, by_id ${text} not null, subject ${text},
    primary key (conversation_id, at, id))${clustered}`,
  'create index conversation_change_by_time on conversation_change (at)',
];
