/** Every statement about conversations, compiled once. What they are for stands in conversations.ts. */
import { type ExpressionBuilder, sql } from 'kysely';
import { inboxBetween } from './inbox-blocks.ts';
import type { Dialect, Prepare } from './statement.ts';
import type { Tables } from './tables.ts';

export type ConversationColumns = Omit<
  Tables['conversation'],
  'pair_key' | 'context_key' | 'roster_version' | 'session_started_at' | 'session_first_seq'
>;
export type ParticipantColumns = Omit<Tables['participant'], 'place' | 'left_at'>;

const conversationColumns = [
  'conversation.id',
  'conversation.kind',
  'conversation.subject',
  'conversation.context',
  'conversation.importance',
  'conversation.last_seq',
  'conversation.has_withheld',
  'conversation.created_at',
  'conversation.updated_at',
] as const;

/** Who takes part now; whoever left has a row, too. */
const present = (eb: ExpressionBuilder<Tables, 'participant'>) => eb('participant.left_at', 'is', null);

/**
 * When a conversation last changed as its participant sees it: what was withheld from them at its end has not
 * happened, and must not move it in their list either (PV5). The rule of `ownFields`, for the order of a list.
 */
const shownAt = sql<number>`case
  when conversation.has_withheld = 0 or participant.first_seq > conversation.last_seq then conversation.updated_at
  else coalesce(
    (select case when message.seq = conversation.last_seq then conversation.updated_at else message.sent_at end
     from message
     where message.conversation_id = conversation.id and message.seq >= participant.first_seq
       and (message.withheld = 0 or message.from_id = participant.person_id)
     order by message.seq desc limit 1),
    conversation.created_at) end`;

/** The part of a history that a viewer may see. */
interface Window {
  readonly id: string;
  readonly viewerId: string;
  readonly before: number;
  readonly limit: number;
}

export function prepareConversations(prepare: Prepare, { strings }: Dialect) {
  return {
    find: prepare((db, p: { id: string }) =>
      db.selectFrom('conversation').select(conversationColumns).where('id', '=', p.id),
    ),
    participants: prepare((db, p: { id: string }) =>
      db
        .selectFrom('participant')
        .selectAll()
        .where('conversation_id', '=', p.id)
        .where(present)
        .orderBy('place'),
    ),
    participantsOf: prepare((db, p: { ids: string }) =>
      db
        .selectFrom('participant')
        .selectAll()
        .where('conversation_id', 'in', strings(p.ids))
        .where(present)
        .orderBy('place'),
    ),
    participant: prepare((db, p: { id: string; personId: string }) =>
      db
        .selectFrom('participant')
        .selectAll()
        .where('conversation_id', '=', p.id)
        .where('person_id', '=', p.personId)
        .where(present),
    ),
    rosterHead: prepare((db, p: { id: string }) =>
      db
        .selectFrom('conversation')
        .select(['kind', 'last_seq', 'roster_version', 'session_started_at'])
        .where('id', '=', p.id),
    ),
    rosterPeople: prepare((db, p: { id: string }) =>
      db
        .selectFrom('participant')
        .select(['person_id', 'state', 'withheld'])
        .where('conversation_id', '=', p.id)
        .where(present)
        .orderBy('place'),
    ),
    list: prepare((db, p: { personId: string; updatedAt: number; id: string; limit: number }) =>
      db
        .selectFrom(
          db
            .selectFrom('participant')
            .innerJoin('conversation', 'conversation.id', 'participant.conversation_id')
            .select([...conversationColumns, shownAt.as('shown_at')])
            .where('participant.person_id', '=', p.personId)
            .where('participant.left_at', 'is', null)
            .where('participant.withheld', '=', 0)
            .as('listed'),
        )
        .selectAll()
        .where(({ eb, refTuple, tuple }) =>
          eb(refTuple('listed.shown_at', 'listed.id'), '<', tuple(p.updatedAt, p.id)),
        )
        .orderBy('listed.shown_at', 'desc')
        .orderBy('listed.id', 'desc')
        .limit(p.limit),
    ),
    memberships: prepare((db, p: { personId: string }) =>
      db
        .selectFrom('participant')
        .select(['conversation_id', 'first_seq'])
        .where('person_id', '=', p.personId)
        .where('withheld', '=', 0)
        .where(present),
    ),
    byPair: prepare((db, p: { pairKey: string }) =>
      db.selectFrom('conversation').select(conversationColumns).where('pair_key', '=', p.pairKey),
    ),
    byContext: prepare((db, p: { contextKey: string; personId: string }) =>
      db
        .selectFrom('conversation')
        .innerJoin('participant', 'participant.conversation_id', 'conversation.id')
        .select(conversationColumns)
        .where('conversation.context_key', '=', p.contextKey)
        .where('participant.person_id', '=', p.personId)
        .where('participant.left_at', 'is', null)
        .orderBy('conversation.updated_at', 'desc'),
    ),
    message: prepare((db, p: { id: string }) => db.selectFrom('message').selectAll().where('id', '=', p.id)),
    messagesUp: prepare((db, p: Window & { after: number }) =>
      db
        .selectFrom('message')
        .selectAll()
        .where('conversation_id', '=', p.id)
        .where('seq', '>', p.after)
        .where('seq', '<', p.before)
        .where(({ or, eb }) => or([eb('withheld', '=', 0), eb('from_id', '=', p.viewerId)]))
        .orderBy('seq')
        .limit(p.limit),
    ),
    messagesDown: prepare((db, p: Window & { firstSeq: number }) =>
      db
        .selectFrom('message')
        .selectAll()
        .where('conversation_id', '=', p.id)
        .where('seq', '>=', p.firstSeq)
        .where('seq', '<', p.before)
        .where(({ or, eb }) => or([eb('withheld', '=', 0), eb('from_id', '=', p.viewerId)]))
        .orderBy('seq', 'desc')
        .limit(p.limit),
    ),
    changes: prepare((db, p: { id: string; after: number; through: number; limit: number }) =>
      db
        .selectFrom('conversation_change')
        .selectAll()
        .where('conversation_id', '=', p.id)
        .where('at', '>', p.after)
        .where('at', '<=', p.through)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(p.limit),
    ),
    withheldAfter: prepare((db, p: { id: string; viewerId: string; seq: number }) =>
      db
        .selectFrom('message')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('conversation_id', '=', p.id)
        .where('seq', '>', p.seq)
        .where('withheld', '=', sql.lit(1))
        .where('from_id', '<>', p.viewerId),
    ),
    delivered: prepare(
      (db, p: { personId: string; first: number; last: number; after: number; through: number }) =>
        db
          .selectFrom(inboxBetween(p).as('mine'))
          .crossJoin('event')
          .crossJoin('message')
          .crossJoin('participant')
          .whereRef('event.seq', '=', 'mine.seq')
          .whereRef('message.id', '=', 'event.message_id')
          .whereRef('participant.conversation_id', '=', 'message.conversation_id')
          .select(({ fn }) => ['message.conversation_id', fn.max('message.seq').as('seq')])
          .where('participant.person_id', '=', p.personId)
          .where('event.type', '=', 'message.posted')
          .where('participant.left_at', 'is', null)
          .whereRef('message.seq', '>', 'participant.delivered_seq')
          .groupBy('message.conversation_id'),
    ),
    deliveredThrough: prepare((db, p: { personId: string }) =>
      db.selectFrom('delivery').select('event_seq').where('person_id', '=', p.personId),
    ),
    ringing: prepare((db) =>
      db
        .selectFrom('participant')
        .select(['conversation_id', 'person_id', 'rings_until'])
        .where('rings_until', 'is not', null)
        .where(present)
        .orderBy('rings_until'),
    ),
    attachment: prepare((db, p: { id: string }) =>
      db.selectFrom('attachment').selectAll().where('id', '=', p.id),
    ),
    unsentAttachments: prepare((db, p: { before: number; limit: number }) =>
      db
        .selectFrom('attachment')
        .selectAll()
        .where('message_id', 'is', null)
        .where('created_at', '<', p.before)
        .orderBy('created_at')
        .limit(p.limit),
    ),
    insert: prepare((db, p: Omit<Tables['conversation'], 'session_first_seq'>) =>
      db.insertInto('conversation').values({
        id: p.id,
        kind: p.kind,
        subject: p.subject,
        context: p.context,
        importance: p.importance,
        last_seq: p.last_seq,
        has_withheld: p.has_withheld,
        roster_version: p.roster_version,
        created_at: p.created_at,
        updated_at: p.updated_at,
        pair_key: p.pair_key,
        context_key: p.context_key,
        session_started_at: p.session_started_at,
        session_first_seq: 1,
      }),
    ),
    update: prepare((db, p: Omit<ConversationColumns, 'last_seq' | 'created_at'>) =>
      db
        .updateTable('conversation')
        .set({
          kind: p.kind,
          subject: p.subject,
          context: p.context,
          importance: p.importance,
          has_withheld: p.has_withheld,
          updated_at: p.updated_at,
        })
        .where('id', '=', p.id),
    ),
    forgetPair: prepare((db, p: { id: string }) =>
      db
        .updateTable('conversation')
        .set({ pair_key: null })
        .where('id', '=', p.id)
        .where('pair_key', 'is not', null),
    ),
    renewRoster: prepare((db, p: { id: string; version: number }) =>
      db.updateTable('conversation').set({ roster_version: p.version }).where('id', '=', p.id),
    ),
    putParticipant: prepare((db, p: ParticipantColumns) =>
      db
        .insertInto('participant')
        .values(({ selectFrom, fn, lit }) => ({
          conversation_id: p.conversation_id,
          person_id: p.person_id,
          place: selectFrom('participant')
            .select((eb) => eb(fn.coalesce(fn.max('place'), lit(0)), '+', lit(1)).as('place'))
            .where('conversation_id', '=', p.conversation_id),
          role: p.role,
          state: p.state,
          added_at: p.added_at,
          added_by: p.added_by,
          joined_at: p.joined_at,
          left_at: null,
          first_seq: p.first_seq,
          read_seq: p.read_seq,
          shown_read_seq: p.shown_read_seq,
          delivered_seq: p.delivered_seq,
          muted: p.muted,
          archived: p.archived,
          withheld: p.withheld,
          rings_until: p.rings_until,
        }))
        .onConflict((existing) =>
          existing.columns(['conversation_id', 'person_id']).doUpdateSet((eb) => ({
            // Whoever comes back stands behind those who stayed.
            place: eb
              .case()
              .when('participant.left_at', 'is', null)
              .then(eb.ref('participant.place'))
              .else(eb.ref('excluded.place'))
              .end(),
            left_at: null,
            role: eb.ref('excluded.role'),
            state: eb.ref('excluded.state'),
            added_at: eb.ref('excluded.added_at'),
            added_by: eb.ref('excluded.added_by'),
            joined_at: eb.ref('excluded.joined_at'),
            first_seq: eb.ref('excluded.first_seq'),
            read_seq: eb.ref('excluded.read_seq'),
            shown_read_seq: eb.ref('excluded.shown_read_seq'),
            delivered_seq: eb.ref('excluded.delivered_seq'),
            muted: eb.ref('excluded.muted'),
            archived: eb.ref('excluded.archived'),
            withheld: eb.ref('excluded.withheld'),
            rings_until: eb.ref('excluded.rings_until'),
          })),
        ),
    ),
    removeParticipant: prepare((db, p: { id: string; personId: string; leftAt: number }) =>
      db
        .updateTable('participant')
        .set({ left_at: p.leftAt, rings_until: null })
        .where('conversation_id', '=', p.id)
        .where('person_id', '=', p.personId)
        .where(present),
    ),
    insertMessage: prepare((db, p: Tables['message']) =>
      db.insertInto('message').values({
        id: p.id,
        conversation_id: p.conversation_id,
        seq: p.seq,
        from_id: p.from_id,
        sent_at: p.sent_at,
        json: p.json,
        withheld: p.withheld,
      }),
    ),
    advance: prepare((db, p: { id: string; seq: number; at: number }) =>
      db.updateTable('conversation').set({ last_seq: p.seq, updated_at: p.at }).where('id', '=', p.id),
    ),
    beginSession: prepare((db, p: { id: string; seq: number; at: number }) =>
      db
        .updateTable('conversation')
        .set({ session_started_at: p.at, session_first_seq: p.seq })
        .where('id', '=', p.id),
    ),
    putParticipation: prepare((db, p: Omit<Tables['participation'], 'left_at'>) =>
      db
        .insertInto('participation')
        .values({
          conversation_id: p.conversation_id,
          person_id: p.person_id,
          added_at: p.added_at,
          role: p.role,
          joined_at: p.joined_at,
          left_at: null,
        })
        .onConflict((existing) =>
          existing.columns(['conversation_id', 'person_id', 'added_at']).doUpdateSet((eb) => ({
            role: eb.ref('excluded.role'),
            joined_at: eb.ref('excluded.joined_at'),
          })),
        ),
    ),
    endParticipation: prepare((db, p: { id: string; personId: string; leftAt: number }) =>
      db
        .updateTable('participation')
        .set({ left_at: p.leftAt })
        .where('conversation_id', '=', p.id)
        .where('person_id', '=', p.personId)
        .where('left_at', 'is', null),
    ),
    withhold: prepare((db, p: { id: string }) =>
      db.updateTable('conversation').set({ has_withheld: 1 }).where('id', '=', p.id),
    ),
    advanceSender: prepare((db, p: { id: string; personId: string; seq: number; shownSeq: number }) =>
      db
        .updateTable('participant')
        .set(({ eb }) => ({
          read_seq: p.seq,
          delivered_seq: p.seq,
          shown_read_seq: eb
            .case()
            .when('shown_read_seq', '<', p.shownSeq)
            .then(p.shownSeq)
            .else(eb.ref('shown_read_seq'))
            .end(),
        }))
        .where('conversation_id', '=', p.id)
        .where('person_id', '=', p.personId),
    ),
    insertChange: prepare((db, p: Tables['conversation_change']) =>
      db.insertInto('conversation_change').values({
        conversation_id: p.conversation_id,
        at: p.at,
        id: p.id,
        kind: p.kind,
        person_id: p.person_id,
        by_id: p.by_id,
        subject: p.subject,
      }),
    ),
    updateMessage: prepare((db, p: { id: string; json: string }) =>
      db.updateTable('message').set({ json: p.json }).where('id', '=', p.id),
    ),
    insertAttachment: prepare((db, p: Tables['attachment']) =>
      db.insertInto('attachment').values({
        id: p.id,
        owner_id: p.owner_id,
        message_id: p.message_id,
        name: p.name,
        size: p.size,
        media_type: p.media_type,
        sha256: p.sha256,
        created_at: p.created_at,
      }),
    ),
    sendAttachment: prepare((db, p: { id: string; messageId: string }) =>
      db.updateTable('attachment').set({ message_id: p.messageId }).where('id', '=', p.id),
    ),
    removeAttachment: prepare((db, p: { id: string }) => db.deleteFrom('attachment').where('id', '=', p.id)),
    putDeliveredThrough: prepare((db, p: { personId: string; eventSeq: number }) =>
      db
        .insertInto('delivery')
        .values({ person_id: p.personId, event_seq: p.eventSeq })
        .onConflict((existing) =>
          existing
            .column('person_id')
            .doUpdateSet((eb) => ({ event_seq: eb.ref('excluded.event_seq') }))
            .where('delivery.event_seq', '<', p.eventSeq),
        ),
    ),
  };
}
export type ConversationStatements = ReturnType<typeof prepareConversations>;
