/** What is kept about conversations for those who answer for them. */
import type { ColumnTypes } from './index.ts';

export const name = 'records';

export const statements = ({ text, integer, table, clustered }: ColumnTypes): readonly string[] => [
  // The session (CDR) that is open now: since when, and with which message it began.
  `alter table conversation add column session_started_at ${integer}`,
  `alter table conversation add column session_first_seq ${integer}`,
  'create index conversation_in_session on conversation (session_started_at) where session_started_at is not null',
  // Every stay of every person, also after they came back; participant holds the present one only.
  `create table participation (
    conversation_id ${text} not null, person_id ${text} not null, added_at ${integer} not null,
    role ${text} not null, joined_at ${integer}, left_at ${integer},
    primary key (conversation_id, person_id, added_at))${clustered}`,
  'create index participation_by_person on participation (person_id, conversation_id)',
  'create index attachment_by_message on attachment (message_id) where message_id is not null',
  // What a message said before each edit or its deletion; sealed = for the archive alone.
  `create table message_version (
    message_id ${text} not null, number ${integer} not null, at ${integer} not null, by_id ${text} not null,
    json ${text} not null, sealed ${integer} not null, primary key (message_id, number))${table}`,
  `create table call_detail (
    id ${text} primary key, type ${text} not null, started_at ${integer} not null, ended_at ${integer} not null,
    message_count ${integer} not null, people ${text} not null, json ${text} not null)${table}`,
  'create index call_detail_by_time on call_detail (started_at, id)',
  `create table call_detail_person (
    person_id ${text} not null, started_at ${integer} not null, id ${text} not null,
    primary key (person_id, started_at, id))${clustered}`,
  `create table hold (
    id ${text} primary key, person_id ${text}, conversation_id ${text}, reason ${text} not null,
    created_at ${integer} not null, created_by ${text} not null)${table}`,
  `create table archived_person (person_id ${text} primary key, archived ${integer} not null)${clustered}`,
  `create table setting (name ${text} primary key, value ${text} not null)${clustered}`,
  `create table audit (
    seq ${integer} primary key, at ${integer} not null, actor_id ${text} not null, action ${text} not null,
    detail ${text} not null)${table}`,
];
