/**
 * The columns as the query builder sees them, the same for both engines. Times are epoch ms, flags 0 or 1,
 * lists and records JSON text. What the columns are for stands in the migrations.
 */
import type { Kysely } from 'kysely';

export interface Tables {
  organisation: { id: number; epoch: string; last_seq: number; complete_after: number };
  schema_migration: {
    number: number;
    name: string;
    checksum: string;
    applied_at: number;
    works_from: number | null;
  };
  secret: { name: string; value: string };
  person: {
    id: string;
    display_name: string;
    address: string;
    addresses: string;
    upn: string | null;
    title: string | null;
    company: string | null;
    department: string | null;
    office: string | null;
    phone_work: string | null;
    phone_mobile: string | null;
    phone_home: string | null;
    manager_id: string | null;
    external: number;
    roles: string;
    time_zone: string | null;
  };
  person_address: { address: string; person_id: string };
  person_word: { kind: number; word: string; sort_name: string; person_id: string };
  mail_list: {
    id: string;
    display_name: string;
    address: string;
    addresses: string;
    hidden: number;
    load: number;
  };
  mail_list_address: { address: string; list_id: string };
  mail_list_member: { list_id: string; member_id: string };
  account: { person_id: string; generation: number; disabled: number };
  contact: {
    owner_id: string;
    person_id: string;
    groups: string;
    relationship: string | null;
    /** When the wish was made; 0 = none. */
    alert: number;
    listed: number;
    added_at: number;
    frozen: string | null;
  };
  contact_group: {
    owner_id: string;
    id: string;
    name: string;
    position: number;
    /** The order by hand as a list of people; null = by name. */
    sequence: string | null;
  };
  personal_presence: {
    person_id: string;
    preferred: string | null;
    note: string | null;
    privacy: string;
    out_of_office: string | null;
    last_active_at: number | null;
    offline_since: number | null;
    curtain: string | null;
  };
  photo: { person_id: string; source: string; media_type: string; sha256: string; body: string };
  policy: { id: number; body: string };
  calendar: { person_id: string; body: string };
  publication: { person_id: string; id: string; body: string };
  registration: { person_id: string; endpoint: string; registered_at: number; node_id: string };
  settled: { person_id: string; body: string };
  node: {
    id: string;
    beat: number;
    leaving: number;
    version: string | null;
    started_at: number | null;
  };
  conversation: {
    id: string;
    kind: string;
    subject: string | null;
    context: string | null;
    importance: string;
    last_seq: number;
    has_withheld: number;
    roster_version: number;
    created_at: number;
    updated_at: number;
    pair_key: string | null;
    context_key: string | null;
    session_started_at: number | null;
    session_first_seq: number | null;
  };
  participant: {
    conversation_id: string;
    person_id: string;
    place: number;
    role: string;
    state: string;
    added_at: number;
    added_by: string;
    joined_at: number | null;
    left_at: number | null;
    first_seq: number;
    read_seq: number;
    shown_read_seq: number;
    delivered_seq: number;
    muted: number;
    archived: number;
    withheld: number;
    rings_until: number | null;
  };
  message: {
    id: string;
    conversation_id: string;
    seq: number;
    from_id: string;
    sent_at: number;
    json: string;
    withheld: number;
  };
  attachment: {
    id: string;
    owner_id: string;
    message_id: string | null;
    name: string;
    size: number;
    media_type: string;
    sha256: string;
    created_at: number;
  };
  delivery: { person_id: string; event_seq: number };
  linked_account: { account: string; person_id: string; linked_at: number };
  ticket: { key: string; body: string; expires_at: number };
  idempotency: {
    caller_id: string;
    key: string;
    request_digest: string;
    status: number;
    json: string;
    created_at: number;
  };
  event: {
    seq: number;
    type: string;
    at: number;
    body: string | null;
    message_id: string | null;
    recipients: string;
    has_own: number;
  };
  inbox: { block: number; person_id: string; seq: number; own: string | null };
  inbox_floor: { person_id: string; complete_after: number };
  participation: {
    conversation_id: string;
    person_id: string;
    added_at: number;
    role: string;
    joined_at: number | null;
    left_at: number | null;
  };
  conversation_change: {
    conversation_id: string;
    at: number;
    id: string;
    kind: string;
    person_id: string | null;
    by_id: string;
    subject: string | null;
  };
  message_version: {
    message_id: string;
    number: number;
    at: number;
    by_id: string;
    json: string;
    sealed: number;
  };
  call_detail: {
    id: string;
    type: string;
    started_at: number;
    ended_at: number;
    message_count: number;
    people: string;
    json: string;
  };
  call_detail_person: { person_id: string; started_at: number; id: string };
  hold: {
    id: string;
    person_id: string | null;
    conversation_id: string | null;
    reason: string;
    created_at: number;
    created_by: string;
  };
  archived_person: { person_id: string; archived: number };
  setting: { name: string; value: string };
  connection_state: { name: string; body: string };
  brought_person: { person_id: string; load: number; gone: number; photo_asked_at: number };
  audit: { seq: number; at: number; actor_id: string; action: string; detail: string };
}

export type Builder = Kysely<Tables>;
