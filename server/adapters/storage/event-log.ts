/**
 * The event log in SQL: numbered in the order of commits, bodies once, one (person, seq) row per recipient.
 * Numbers are taken last, under the lock of the organisation's row, and held until the commit: so no lower
 * number can appear after a higher one has been read.
 */
import type { UserId } from '../../domain/ids.ts';
import type { CommittedEvent, EventReads, InboxEvent, NewEvent } from '../../ports/store.ts';
import { fromStored, layOver, ownPayloads, toStored } from './event-json.ts';
import { blockOf, inboxAfter } from './inbox-blocks.ts';
import { flag } from './rows.ts';
import type { Session, WritingSession } from './session.ts';
import type { Dialect, Prepare } from './statement.ts';
import type { Tables } from './tables.ts';

export function prepareEvents(prepare: Prepare, { strings, numbers, rows, isRemote }: Dialect) {
  return {
    isRemote,
    position: prepare((db) => db.selectFrom('organisation').select(['last_seq', 'complete_after'])),
    floor: prepare((db, p: { personId: string }) =>
      db.selectFrom('inbox_floor').select('complete_after').where('person_id', '=', p.personId),
    ),
    /** Takes `count` numbers; the row stays locked until the commit. */
    advance: prepare((db, p: { count: number }) =>
      db
        .updateTable('organisation')
        .set((eb) => ({ last_seq: eb('last_seq', '+', p.count) }))
        .returning('last_seq'),
    ),
    insert: prepare((db, p: Tables['event']) =>
      db.insertInto('event').values({
        seq: p.seq,
        type: p.type,
        at: p.at,
        body: p.body,
        message_id: p.message_id,
        recipients: p.recipients,
        has_own: p.has_own,
      }),
    ),
    insertAll: prepare((db, p: { rows: string }) =>
      db
        .insertInto('event')
        .columns(['seq', 'type', 'at', 'body', 'message_id', 'recipients', 'has_own'])
        .expression(rows(p.rows, ['integer', 'text', 'integer', 'text', 'text', 'text', 'integer'])),
    ),
    deliver: prepare((db, p: { rows: string }) =>
      db
        .insertInto('inbox')
        .columns(['block', 'person_id', 'seq', 'own'])
        .expression(rows(p.rows, ['integer', 'text', 'integer', 'text'])),
    ),
    after: prepare((db, p: { seq: number; limit: number; leftOut: string }) =>
      db
        .selectFrom('event')
        .selectAll()
        .where('seq', '>', p.seq)
        .where('seq', 'not in', numbers(p.leftOut))
        .orderBy('seq')
        .limit(p.limit),
    ),
    ownOf: prepare((db, p: { block: number; seq: number; people: string }) =>
      db
        .selectFrom('inbox')
        .select(['person_id', 'own'])
        .where('block', '=', p.block)
        .where('person_id', 'in', strings(p.people))
        .where('seq', '=', p.seq)
        .where('own', 'is not', null),
    ),
    inbox: prepare((db, p: { personId: string; block: number; after: number; limit: number }) =>
      db
        .selectFrom(inboxAfter(p).as('mine'))
        .crossJoin('event')
        .whereRef('event.seq', '=', 'mine.seq')
        .select(['event.seq', 'event.type', 'event.body', 'event.message_id', 'mine.own'])
        .orderBy('event.seq'),
    ),
    messages: prepare((db, p: { ids: string }) =>
      db.selectFrom('message').select(['id', 'conversation_id', 'json']).where('id', 'in', strings(p.ids)),
    ),
  };
}
type Statements = ReturnType<typeof prepareEvents>;

/** An event of a work that has run, serialised (so that what cannot be serialised fails that work alone). */
export interface PendingEvent {
  readonly type: NewEvent['type'];
  readonly recipients: readonly UserId[];
  readonly json: string;
  readonly ownJson: ReadonlyMap<UserId, string> | null;
  readonly storedBody: string | null;
  readonly messageId: string | null;
  readonly own: NewEvent['own'];
}

export function toPending(event: NewEvent): PendingEvent {
  const { type, recipients, own, body } = event;
  const json = typeof body === 'string' ? body : JSON.stringify(body);
  const stored = toStored(event, json);
  return {
    type,
    recipients,
    json,
    ownJson: ownPayloads(event),
    storedBody: stored.json,
    messageId: stored.messageId,
    own,
  };
}

/** Numbers and writes the events of a group; called last before its commit. */
export async function appendEvents(
  session: WritingSession,
  statements: Statements,
  events: readonly PendingEvent[],
  now: number,
): Promise<readonly CommittedEvent[]> {
  if (events.length === 0) return [];
  const advanced = await session.first(statements.advance, { count: events.length });
  if (advanced === undefined) throw new Error('The store has no organisation row.');
  let seq = advanced.last_seq - events.length;
  const committed: CommittedEvent[] = [];
  const inserted: unknown[] = [];
  const rows: [number, string, number, string | null][] = [];
  for (const { type, recipients, json, ownJson, storedBody, messageId, own } of events) {
    seq += 1;
    const [list, hasOwn] = [JSON.stringify(recipients), flag(ownJson !== null)];
    if (statements.isRemote) inserted.push([seq, type, now, storedBody, messageId, list, hasOwn]);
    else
      session.write(statements.insert, {
        seq,
        type,
        at: now,
        body: storedBody,
        message_id: messageId,
        recipients: list,
        has_own: hasOwn,
      });
    for (const recipient of recipients) {
      const fields = own?.get(recipient);
      rows.push([blockOf(seq), recipient, seq, fields === undefined ? null : JSON.stringify(fields)]);
    }
    committed.push({ seq, type, recipients, json, ownJson });
  }
  if (inserted.length > 0) session.write(statements.insertAll, { rows: JSON.stringify(inserted) });
  if (rows.length > 0) session.write(statements.deliver, { rows: JSON.stringify(rows) });
  return committed;
}

export function eventReads(session: Session, statements: Statements): EventReads {
  /** The payloads of stored events, in order; null for those that have nothing to show any more. */
  const render = async (
    rows: readonly Pick<Tables['event'], 'body' | 'message_id'>[],
  ): Promise<readonly (string | null)[]> => {
    const ids = [...new Set(rows.map((row) => row.message_id).filter((id) => id !== null))];
    const found =
      ids.length === 0 ? [] : await session.all(statements.messages, { ids: JSON.stringify(ids) });
    const messages = new Map(found.map((row) => [row.id, row]));
    return rows.map((row) =>
      fromStored({ json: row.body, messageId: row.message_id }, messages.get(row.message_id ?? '')),
    );
  };

  const ownOf = async (row: Tables['event'], json: string): Promise<ReadonlyMap<UserId, string> | null> => {
    if (row.has_own === 0) return null;
    const own = await session.all(statements.ownOf, {
      block: blockOf(row.seq),
      seq: row.seq,
      people: row.recipients,
    });
    return new Map(own.map((one) => [one.person_id as UserId, layOver(json, one.own as string)]));
  };

  return {
    lastSeq: async () => (await session.first(statements.position, {}))?.last_seq ?? 0,
    after: async (seq, limit, leftOut = []) => {
      const rows = await session.all(statements.after, { seq, limit, leftOut: JSON.stringify(leftOut) });
      const payloads = await render(rows);
      const events: CommittedEvent[] = [];
      for (const [index, row] of rows.entries()) {
        const json = payloads[index];
        // Nobody is told of what is gone, but the number stands, so that the sequence has no hole.
        const gone = json === null || json === undefined;
        events.push({
          seq: row.seq,
          type: row.type as CommittedEvent['type'],
          recipients: gone ? [] : (JSON.parse(row.recipients) as UserId[]),
          json: gone ? '{}' : json,
          ownJson: gone ? null : await ownOf(row, json),
        });
      }
      return events;
    },
    inbox: async (personId, after, limit) => {
      const events: InboxEvent[] = [];
      let from = after;
      for (;;) {
        const wanted = limit - events.length;
        const rows = await session.all(statements.inbox, {
          personId,
          block: blockOf(from),
          after: from,
          limit: wanted,
        });
        const payloads = await render(rows);
        for (const [index, row] of rows.entries()) {
          const json = payloads[index];
          if (json === null || json === undefined) continue;
          events.push({
            seq: row.seq,
            type: row.type as InboxEvent['type'],
            json: row.own === null ? json : layOver(json, row.own),
          });
        }
        from = rows.at(-1)?.seq ?? from;
        if (rows.length < wanted || events.length === limit) return events;
      }
    },
    completeAfter: async (personId) => {
      const all = (await session.first(statements.position, {}))?.complete_after ?? 0;
      const own = (await session.first(statements.floor, { personId }))?.complete_after ?? 0;
      return Math.max(all, own);
    },
  };
}
