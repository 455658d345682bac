/**
 * Checks an organisation from end to end: the file, the sequences without a gap, every reference, every
 * attachment's bytes. Reads only, and may run beside the server: each check is one statement and so sees one
 * moment.
 */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Blobs } from '../../ports/blobs.ts';
import { blockOfSql } from './inbox-blocks.ts';
import { openDatabase } from './sqlite-database.ts';

export interface Finding {
  readonly check: string;
  /** How many rows or files are not as they should be; 0 = well. */
  readonly wrong: number;
  readonly detail: string | null;
}

/** Messages may be missing where a retention policy has taken them away; then gaps tell nothing. */
const unlessRetained = "not exists (select 1 from setting where name = 'retention')";

/** Statements that give the number of what is wrong. */
const checks: readonly { readonly check: string; readonly sql: string }[] = [
  {
    check: 'events are numbered without a gap up to the last number',
    sql: `select abs(last_seq - complete_after - (select count(*) from event where seq > complete_after))
      + (select count(*) from event where seq > last_seq) as wrong from organisation`,
  },
  {
    check: 'every entry of an inbox has its event',
    sql: 'select count(*) as wrong from inbox where seq not in (select seq from event)',
  },
  {
    check: 'every event lies in the inbox of every recipient',
    sql: `select count(*) as wrong from event, json_each(event.recipients) as recipient
      left join inbox on inbox.block = ${blockOfSql('event.seq')} and inbox.person_id = recipient.value
        and inbox.seq = event.seq
      left join inbox_floor as floor on floor.person_id = recipient.value
      where inbox.seq is null and event.seq > coalesce(floor.complete_after, 0)`,
  },
  {
    check: 'every event that shows a message has it',
    sql: `select count(*) as wrong from event
      where message_id is not null and message_id not in (select id from message) and ${unlessRetained}`,
  },
  {
    check: 'messages are numbered without a gap up to the last of their conversation',
    sql: `select count(*) as wrong from conversation where ${unlessRetained} and (last_seq <>
      (select coalesce(max(seq), 0) from message where conversation_id = conversation.id)
      or (select count(*) - (max(seq) - min(seq) + 1) from message where conversation_id = conversation.id) <> 0)`,
  },
  {
    check: 'no mark lies beyond the last message',
    sql: `select count(*) as wrong from participant join conversation on conversation.id = conversation_id
      where max(read_seq, delivered_seq, shown_read_seq) > last_seq`,
  },
  {
    check: 'every conversation has its participants',
    sql: 'select count(*) as wrong from participant where conversation_id not in (select id from conversation)',
  },
  {
    check: 'every address and word belongs to a person',
    sql: `select (select count(*) from person_address where person_id not in (select id from person))
      + (select count(*) from person_word where person_id not in (select id from person)) as wrong`,
  },
  {
    check: 'every address and member of a list belongs to a list',
    sql: `select (select count(*) from mail_list_address where list_id not in (select id from mail_list))
      + (select count(*) from mail_list_member where list_id not in (select id from mail_list)) as wrong`,
  },
];

function fileIsWell(database: DatabaseSync): Omit<Finding, 'check'> {
  const rows = database.prepare('pragma integrity_check(10)').all() as { integrity_check: string }[];
  const faults = rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  return { wrong: faults.length, detail: faults[0] ?? null };
}

export async function digestOf(blobs: Blobs, key: string): Promise<{ size: number; sha256: string } | null> {
  const source = await blobs.read(key);
  if (source === null) return null;
  const digest = createHash('sha256');
  let size = 0;
  for await (const part of source) {
    digest.update(part as Buffer);
    size += (part as Buffer).length;
  }
  return { size, sha256: digest.digest('hex') };
}

async function attachmentsAreWell(database: DatabaseSync, blobs: Blobs): Promise<Omit<Finding, 'check'>> {
  let wrong = 0;
  let detail: string | null = null;
  const rows = database.prepare('select id, size, sha256 from attachment').all() as {
    id: string;
    size: number;
    sha256: string;
  }[];
  for (const { id, size, sha256 } of rows) {
    const found = await digestOf(blobs, id);
    if (found?.size === size && found.sha256 === sha256) continue;
    wrong += 1;
    detail ??= `${id} is ${found === null ? 'missing' : 'not what was uploaded'}`;
  }
  return { wrong, detail };
}

/** A file that is damaged fails the checks that meet the damage; the others are run all the same. */
async function find(
  check: string,
  look: () => Omit<Finding, 'check'> | Promise<Omit<Finding, 'check'>>,
): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    return { check, wrong: 1, detail: (error as Error).message };
  }
}

/** Runs every check on a database file and its blobs, in order. */
export async function* verify(file: string, blobs: Blobs): AsyncGenerator<Finding> {
  const database = openDatabase(file, true);
  try {
    yield find('the database file is sound', () => fileIsWell(database));
    for (const { check, sql } of checks)
      yield find(check, () => {
        const row = database.prepare(sql).get() as { wrong: number } | undefined;
        return { wrong: row?.wrong ?? 1, detail: null };
      });
    yield find('every attachment has its bytes, as they were uploaded', () =>
      attachmentsAreWell(database, blobs),
    );
  } finally {
    database.close();
  }
}
