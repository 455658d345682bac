/** The first schema. A file of this folder that has been released is never changed; write the next one. */
import type { ColumnTypes } from './index.ts';

export const name = 'first';

export const statements = ({ text, integer, table, clustered }: ColumnTypes): readonly string[] => [
  // One row: the name of this history of events, its last number, and how far inboxes have been pruned.
  `create table organisation (
    id ${integer} primary key check (id = 1), epoch ${text} not null, last_seq ${integer} not null,
    complete_after ${integer} not null)${table}`,
  `create table secret (name ${text} primary key, value ${text} not null)${table}`,

  // People. addresses and roles are JSON lists; person_address holds every form an address may be asked in,
  // person_word every word a person may be found by, best kind first (name, address, department, domain).
  `create table person (
    id ${text} primary key, display_name ${text} not null, address ${text} not null,
    addresses ${text} not null, upn ${text}, title ${text}, company ${text}, department ${text},
    office ${text}, phone_work ${text}, phone_mobile ${text}, phone_home ${text}, manager_id ${text},
    external ${integer} not null, roles ${text} not null, time_zone ${text})${table}`,
  'create index person_by_manager on person (manager_id, display_name, id)',
  `create table person_address (address ${text} primary key, person_id ${text} not null)${clustered}`,
  'create index person_address_of on person_address (person_id)',
  `create table person_word (
    kind ${integer} not null, word ${text} not null, sort_name ${text} not null, person_id ${text} not null,
    primary key (kind, word, sort_name, person_id))${clustered}`,
  'create index person_word_of on person_word (person_id, word, kind)',
  `create table account (
    person_id ${text} primary key, generation ${integer} not null, disabled ${integer} not null)${clustered}`,

  // Contact lists. A row with listed = 0 holds only a relationship (a blocked stranger).
  `create table contact (
    owner_id ${text} not null, person_id ${text} not null, groups ${text} not null, relationship ${text},
    alert ${integer} not null, listed ${integer} not null, added_at ${integer} not null,
    primary key (owner_id, person_id))${clustered}`,
  'create index contact_about on contact (person_id)',
  `create table contact_group (
    owner_id ${text} not null, id ${text} not null, name ${text} not null, position ${integer} not null,
    primary key (owner_id, id))${clustered}`,

  // Presence. The choices are durable; publications and registrations only bridge a restart.
  `create table personal_presence (
    person_id ${text} primary key, preferred ${text}, note ${text}, privacy ${text} not null,
    out_of_office ${text}, last_active_at ${integer})${table}`,
  `create table publication (
    person_id ${text} not null, id ${text} not null, body ${text} not null,
    primary key (person_id, id))${clustered}`,
  `create table registration (
    person_id ${text} not null, endpoint ${text} not null, registered_at ${integer} not null,
    node_id ${text} not null, primary key (person_id, endpoint))${clustered}`,

  // Conversations. pair_key makes the two-party conversation of two people one; a conference has none.
  // roster_version is another number after every change of who takes part, so that rosters may be kept in memory.
  `create table conversation (
    id ${text} primary key, kind ${text} not null, subject ${text}, context ${text},
    importance ${text} not null, last_seq ${integer} not null, has_withheld ${integer} not null,
    roster_version ${integer} not null, created_at ${integer} not null, updated_at ${integer} not null,
    pair_key ${text} unique, context_key ${text})${table}`,
  'create index conversation_by_context on conversation (context_key) where context_key is not null',
  // Who left keeps a row with left_at and takes no part; place is the order in which people came.
  `create table participant (
    conversation_id ${text} not null references conversation (id) on delete cascade,
    person_id ${text} not null, place ${integer} not null, role ${text} not null, state ${text} not null,
    added_at ${integer} not null, added_by ${text} not null, joined_at ${integer}, left_at ${integer},
    first_seq ${integer} not null, read_seq ${integer} not null, shown_read_seq ${integer} not null,
    delivered_seq ${integer} not null, muted ${integer} not null, archived ${integer} not null,
    withheld ${integer} not null, rings_until ${integer},
    primary key (conversation_id, person_id))${clustered}`,
  'create index participant_by_person on participant (person_id, conversation_id)',
  'create index participant_ringing on participant (rings_until) where rings_until is not null',
  // json is the message as clients get it now, a tombstone once deleted.
  `create table message (
    id ${text} primary key, conversation_id ${text} not null references conversation (id) on delete cascade,
    seq ${integer} not null, from_id ${text} not null, sent_at ${integer} not null, json ${text} not null,
    withheld ${integer} not null, unique (conversation_id, seq))${table}`,
  'create index message_withheld on message (conversation_id, seq) where withheld = 1',
  `create table attachment (
    id ${text} primary key, owner_id ${text} not null, message_id ${text}, name ${text} not null,
    size ${integer} not null, media_type ${text} not null, sha256 ${text} not null,
    created_at ${integer} not null)${table}`,
  'create index attachment_unsent on attachment (created_at) where message_id is null',
  // Up to which event the deliveries of a person have been written down.
  `create table delivery (person_id ${text} primary key, event_seq ${integer} not null)${clustered}`,

  `create table idempotency (
    caller_id ${text} not null, key ${text} not null, request_digest ${text} not null,
    status ${integer} not null, json ${text} not null, created_at ${integer} not null,
    primary key (caller_id, key))${table}`,

  // The event log: bodies once, (person, seq) per recipient. body is null where message_id says it all;
  // own holds the fields that belong to that recipient alone.
  `create table event (
    seq ${integer} primary key, type ${text} not null, at ${integer} not null, body ${text},
    message_id ${text}, recipients ${text} not null, has_own ${integer} not null)${table}`,
  `create table inbox (
    person_id ${text} not null, seq ${integer} not null, own ${text},
    primary key (person_id, seq))${clustered}`,
  `create table inbox_floor (
    person_id ${text} primary key, complete_after ${integer} not null)${clustered}`,
];
