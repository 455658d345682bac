/** Call detail records, versions, holds, settings and the audit log in SQL; and the reads of archive and retention. */
import type { SessionFacts } from '../../domain/cdr.ts';
import type { AttachmentId, ConversationId, MessageId, UserId } from '../../domain/ids.ts';
import type {
  CdrRow,
  HoldRow,
  OpenSession,
  Participation,
  RecordReads,
  RecordWrites,
} from '../../ports/store-records.ts';
import type { ParticipantRole } from '../../protocol/vocabulary.ts';
import { toAttachment, toMessage } from './conversations.ts';
import { flag } from './rows.ts';
import type { Session } from './session.ts';
import type { Dialect, Prepare } from './statement.ts';
import type { Tables } from './tables.ts';

/** The highest number SQL compares with where a bound is not given. */
const noBound = Number.MAX_SAFE_INTEGER;

const sessionColumns = ['id', 'session_started_at', 'session_first_seq', 'last_seq', 'updated_at'] as const;

export function prepareRecords(prepare: Prepare, { strings }: Dialect) {
  return {
    idleSessions: prepare((db, p: { idleSince: number; limit: number }) =>
      db
        .selectFrom('conversation')
        .select(sessionColumns)
        .where('session_started_at', 'is not', null)
        .where('updated_at', '<', p.idleSince)
        .orderBy('session_started_at')
        .limit(p.limit),
    ),
    openSession: prepare((db, p: { id: string }) =>
      db
        .selectFrom('conversation')
        .select(sessionColumns)
        .where('id', '=', p.id)
        .where('session_started_at', 'is not', null),
    ),
    messageCounts: prepare((db, p: { id: string; from: number; through: number }) =>
      db
        .selectFrom('message')
        .select(({ fn }) => ['from_id', fn.countAll<number>().as('count'), fn.min('sent_at').as('first_at')])
        .where('conversation_id', '=', p.id)
        .where('seq', '>=', p.from)
        .where('seq', '<=', p.through)
        .groupBy('from_id'),
    ),
    participations: prepare((db, p: { id: string }) =>
      db
        .selectFrom('participation')
        .selectAll()
        .where('conversation_id', '=', p.id)
        .orderBy('added_at')
        .orderBy('person_id'),
    ),
    sentFiles: prepare((db, p: { id: string; from: number; through: number }) =>
      db
        .selectFrom('message')
        .innerJoin('attachment', 'attachment.message_id', 'message.id')
        .select([
          'message.from_id',
          'message.sent_at',
          'attachment.name',
          'attachment.size',
          'attachment.media_type',
        ])
        .where('message.conversation_id', '=', p.id)
        .where('message.seq', '>=', p.from)
        .where('message.seq', '<=', p.through)
        .orderBy('message.seq')
        .orderBy('attachment.id'),
    ),
    cdr: prepare((db, p: { from: number; to: number; startedAt: number; id: string; limit: number }) =>
      db
        .selectFrom('call_detail')
        .selectAll()
        .where('started_at', '>=', p.from)
        .where('started_at', '<', p.to)
        .where(({ eb, refTuple, tuple }) => eb(refTuple('started_at', 'id'), '>', tuple(p.startedAt, p.id)))
        .orderBy('started_at')
        .orderBy('id')
        .limit(p.limit),
    ),
    cdrOf: prepare(
      (db, p: { personId: string; from: number; to: number; startedAt: number; id: string; limit: number }) =>
        db
          .selectFrom('call_detail_person')
          .innerJoin('call_detail', 'call_detail.id', 'call_detail_person.id')
          .selectAll('call_detail')
          .where('call_detail_person.person_id', '=', p.personId)
          .where('call_detail_person.started_at', '>=', p.from)
          .where('call_detail_person.started_at', '<', p.to)
          .where(({ eb, refTuple, tuple }) =>
            eb(
              refTuple('call_detail_person.started_at', 'call_detail_person.id'),
              '>',
              tuple(p.startedAt, p.id),
            ),
          )
          .orderBy('call_detail_person.started_at')
          .orderBy('call_detail_person.id')
          .limit(p.limit),
    ),
    versions: prepare((db, p: { id: string }) =>
      db.selectFrom('message_version').selectAll().where('message_id', '=', p.id).orderBy('number'),
    ),
    holds: prepare((db) => db.selectFrom('hold').selectAll().orderBy('created_at').orderBy('id')),
    archivedPeople: prepare((db) => db.selectFrom('archived_person').selectAll()),
    setting: prepare((db, p: { name: string }) =>
      db.selectFrom('setting').select('value').where('name', '=', p.name),
    ),
    audit: prepare((db, p: { before: number; limit: number }) =>
      db.selectFrom('audit').selectAll().where('seq', '<', p.before).orderBy('seq', 'desc').limit(p.limit),
    ),
    conversationsOf: prepare((db, p: { personId: string }) =>
      db.selectFrom('participation').select('conversation_id').distinct().where('person_id', '=', p.personId),
    ),
    // Message ids begin with their time, so their index is the order of sending.
    messagesBetween: prepare(
      (db, p: { from: number; to: number; after: string; through: string; limit: number }) =>
        db
          .selectFrom('message')
          .selectAll()
          .where('id', '>', p.after)
          .where('id', '<', p.through)
          .where('sent_at', '>=', p.from)
          .where('sent_at', '<', p.to)
          .orderBy('id')
          .limit(p.limit),
    ),
    attachmentsOf: prepare((db, p: { id: string }) =>
      db.selectFrom('attachment').selectAll().where('message_id', '=', p.id).orderBy('id'),
    ),
    uploadsOf: prepare((db, p: { personId: string }) =>
      db.selectFrom('attachment').selectAll().where('owner_id', '=', p.personId).orderBy('id'),
    ),
    attachmentsOfAll: prepare((db, p: { ids: string }) =>
      db.selectFrom('attachment').select('id').where('message_id', 'in', strings(p.ids)),
    ),
    closeSession: prepare((db, p: { id: string }) =>
      db
        .updateTable('conversation')
        .set({ session_started_at: null, session_first_seq: null })
        .where('id', '=', p.id),
    ),
    insertCdr: prepare((db, p: Tables['call_detail']) =>
      db.insertInto('call_detail').values({
        id: p.id,
        type: p.type,
        started_at: p.started_at,
        ended_at: p.ended_at,
        message_count: p.message_count,
        people: p.people,
        json: p.json,
      }),
    ),
    insertCdrPerson: prepare((db, p: Tables['call_detail_person']) =>
      db
        .insertInto('call_detail_person')
        .values({ person_id: p.person_id, started_at: p.started_at, id: p.id }),
    ),
    addVersion: prepare((db, p: Omit<Tables['message_version'], 'number'>) =>
      db.insertInto('message_version').values(({ selectFrom, fn, lit }) => ({
        message_id: p.message_id,
        number: selectFrom('message_version')
          .select((eb) => eb(fn.coalesce(fn.max('number'), lit(0)), '+', lit(1)).as('number'))
          .where('message_id', '=', p.message_id),
        at: p.at,
        by_id: p.by_id,
        json: p.json,
        sealed: p.sealed,
      })),
    ),
    sealVersions: prepare((db, p: { id: string }) =>
      db.updateTable('message_version').set({ sealed: 1 }).where('message_id', '=', p.id),
    ),
    removeVersions: prepare((db, p: { ids: string }) =>
      db.deleteFrom('message_version').where('message_id', 'in', strings(p.ids)),
    ),
    putHold: prepare((db, p: Tables['hold']) =>
      db.insertInto('hold').values({
        id: p.id,
        person_id: p.person_id,
        conversation_id: p.conversation_id,
        reason: p.reason,
        created_at: p.created_at,
        created_by: p.created_by,
      }),
    ),
    removeHold: prepare((db, p: { id: string }) => db.deleteFrom('hold').where('id', '=', p.id)),
    putArchived: prepare((db, p: Tables['archived_person']) =>
      db
        .insertInto('archived_person')
        .values({ person_id: p.person_id, archived: p.archived })
        .onConflict((existing) =>
          existing.column('person_id').doUpdateSet((eb) => ({ archived: eb.ref('excluded.archived') })),
        ),
    ),
    removeArchived: prepare((db, p: { personId: string }) =>
      db.deleteFrom('archived_person').where('person_id', '=', p.personId),
    ),
    putSetting: prepare((db, p: Tables['setting']) =>
      db
        .insertInto('setting')
        .values({ name: p.name, value: p.value })
        .onConflict((existing) =>
          existing.column('name').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
        ),
    ),
    appendAudit: prepare((db, p: Omit<Tables['audit'], 'seq'>) =>
      db.insertInto('audit').values(({ selectFrom, fn, lit }) => ({
        seq: selectFrom('audit').select((eb) =>
          eb(fn.coalesce(fn.max('seq'), lit(0)), '+', lit(1)).as('seq'),
        ),
        at: p.at,
        actor_id: p.actor_id,
        action: p.action,
        detail: p.detail,
      })),
    ),
    removeMessages: prepare((db, p: { ids: string }) =>
      db.deleteFrom('message').where('id', 'in', strings(p.ids)),
    ),
    removeAttachments: prepare((db, p: { ids: string }) =>
      db.deleteFrom('attachment').where('message_id', 'in', strings(p.ids)),
    ),
    removeChanges: prepare((db, p: { before: number; kept: string; limit: number }) =>
      db
        .deleteFrom('conversation_change')
        .where(({ refTuple, selectFrom, eb }) =>
          eb(
            refTuple('conversation_id', 'at', 'id'),
            'in',
            selectFrom('conversation_change')
              .select(['conversation_id', 'at', 'id'])
              .where('at', '<', p.before)
              .where('conversation_id', 'not in', strings(p.kept))
              .orderBy('at')
              .limit(p.limit)
              .$asTuple('conversation_id', 'at', 'id'),
          ),
        ),
    ),
    oldCdr: prepare((db, p: { before: number; limit: number }) =>
      db
        .selectFrom('call_detail')
        .select('id')
        .where('started_at', '<', p.before)
        .orderBy('started_at')
        .limit(p.limit),
    ),
    removeCdr: prepare((db, p: { ids: string }) =>
      db.deleteFrom('call_detail').where('id', 'in', strings(p.ids)),
    ),
    removeCdrPeople: prepare((db, p: { before: number }) =>
      db.deleteFrom('call_detail_person').where('started_at', '<', p.before),
    ),
    removeAudit: prepare((db, p: { before: number; limit: number }) =>
      db
        .deleteFrom('audit')
        .where('seq', 'in', (eb) =>
          eb.selectFrom('audit').select('seq').where('at', '<', p.before).orderBy('seq').limit(p.limit),
        ),
    ),
    erasing: [
      ...(
        [
          'personal_presence',
          'publication',
          'registration',
          'settled',
          'calendar',
          'delivery',
          'archived_person',
          'linked_account',
          'brought_person',
          'photo',
        ] as const
      ).map((table) =>
        prepare((db, p: { personId: string }) => db.deleteFrom(table).where('person_id', '=', p.personId)),
      ),
      prepare((db, p: { personId: string }) =>
        db
          .deleteFrom('contact')
          .where((eb) => eb.or([eb('owner_id', '=', p.personId), eb('person_id', '=', p.personId)])),
      ),
      prepare((db, p: { personId: string }) =>
        db
          .deleteFrom('conversation_change')
          .where((eb) => eb.or([eb('person_id', '=', p.personId), eb('by_id', '=', p.personId)])),
      ),
      prepare((db, p: { personId: string }) =>
        db.deleteFrom('contact_group').where('owner_id', '=', p.personId),
      ),
      prepare((db, p: { personId: string }) =>
        db.deleteFrom('idempotency').where('caller_id', '=', p.personId),
      ),
      prepare((db, p: { personId: string }) =>
        db.deleteFrom('person_address').where('person_id', '=', p.personId),
      ),
      prepare((db, p: { personId: string }) =>
        db.deleteFrom('person_word').where('person_id', '=', p.personId),
      ),
      prepare((db, p: { personId: string }) =>
        db.deleteFrom('mail_list_member').where('member_id', '=', p.personId),
      ),
      prepare((db, p: { personId: string }) => db.deleteFrom('person').where('id', '=', p.personId)),
    ],
    removeSwitches: prepare((db, p: { name: string }) =>
      db.deleteFrom('connection_state').where('name', '=', p.name),
    ),
    removeSetting: prepare((db, p: { name: string }) => db.deleteFrom('setting').where('name', '=', p.name)),
    forgetInboxes: prepare((db) => db.deleteFrom('inbox')),
    forgetEvents: prepare((db) => db.deleteFrom('event')),
    raiseFloor: prepare((db) =>
      db.updateTable('organisation').set((eb) => ({ complete_after: eb.ref('last_seq') })),
    ),
  };
}
type Statements = ReturnType<typeof prepareRecords>;

const toSession = (row: Pick<Tables['conversation'], (typeof sessionColumns)[number]>): OpenSession => ({
  conversationId: row.id as ConversationId,
  startedAt: row.session_started_at ?? 0,
  firstSeq: row.session_first_seq ?? 1,
  lastSeq: row.last_seq,
  lastAt: Math.max(row.session_started_at ?? 0, row.updated_at),
});

const toCdr = (row: Tables['call_detail']): CdrRow => ({
  id: row.id,
  type: row.type as CdrRow['type'],
  startedAt: row.started_at,
  endedAt: row.ended_at,
  messageCount: row.message_count,
  people: JSON.parse(row.people) as UserId[],
  json: row.json,
});

const toHold = (row: Tables['hold']): HoldRow => ({
  id: row.id,
  personId: row.person_id as UserId | null,
  conversationId: row.conversation_id as ConversationId | null,
  reason: row.reason,
  createdAt: row.created_at,
  createdBy: row.created_by as UserId,
});

/** The smallest id of a message of this time or later: ids begin with their time in base 36. */
const idFrom = (ms: number): string => Math.max(0, ms).toString(36).padStart(9, '0');

export function recordReads(session: Session, statements: Statements): RecordReads {
  return {
    openSession: async (id) => {
      const row = await session.first(statements.openSession, { id });
      return row === undefined ? null : toSession(row);
    },
    idleSessions: async (idleSince, limit) =>
      (await session.all(statements.idleSessions, { idleSince, limit })).map(toSession),
    messageCounts: async (id, from, through) =>
      (await session.all(statements.messageCounts, { id, from, through })).map((row) => ({
        personId: row.from_id as UserId,
        count: Number(row.count),
        firstAt: Number(row.first_at),
      })),
    participations: async (id) =>
      (await session.all(statements.participations, { id })).map(
        (row): Participation => ({
          conversationId: row.conversation_id as ConversationId,
          personId: row.person_id as UserId,
          role: row.role as ParticipantRole,
          addedAt: row.added_at,
          joinedAt: row.joined_at,
          leftAt: row.left_at,
        }),
      ),
    sentFiles: async (id, from, through) =>
      (await session.all(statements.sentFiles, { id, from, through })).map(
        (row): SessionFacts['files'][number] => ({
          byId: row.from_id as UserId,
          name: row.name,
          size: row.size,
          mediaType: row.media_type,
          sentAt: row.sent_at,
        }),
      ),
    cdr: async (from, to, personId, after, limit) => {
      const place = { from, to, startedAt: after?.startedAt ?? -1, id: after?.id ?? '', limit };
      const rows =
        personId === null
          ? await session.all(statements.cdr, place)
          : await session.all(statements.cdrOf, { ...place, personId });
      return rows.map(toCdr);
    },
    versions: async (id) =>
      (await session.all(statements.versions, { id })).map((row) => ({
        messageId: row.message_id as MessageId,
        at: row.at,
        byId: row.by_id as UserId,
        json: row.json,
        sealed: row.sealed === 1,
      })),
    holds: async () => (await session.all(statements.holds, {})).map(toHold),
    archivedPeople: async () =>
      new Map(
        (await session.all(statements.archivedPeople, {})).map((row) => [
          row.person_id as UserId,
          row.archived === 1,
        ]),
      ),
    setting: async (name) => (await session.first(statements.setting, { name }))?.value ?? null,
    audit: async (before, limit) =>
      (await session.all(statements.audit, { before: before ?? noBound, limit })).map((row) => ({
        seq: row.seq,
        at: row.at,
        actorId: row.actor_id as UserId,
        action: row.action,
        detail: row.detail,
      })),
    conversationsOf: async (personId) =>
      (await session.all(statements.conversationsOf, { personId })).map(
        (row) => row.conversation_id as ConversationId,
      ),
    messagesBetween: async (from, to, after, limit) =>
      (
        await session.all(statements.messagesBetween, {
          from,
          to,
          after: after ?? idFrom(from),
          through: idFrom(Math.min(to, 36 ** 9 - 1)),
          limit,
        })
      ).map(toMessage),
    uploadsOf: async (personId) => (await session.all(statements.uploadsOf, { personId })).map(toAttachment),
    attachmentsOf: async (id) => (await session.all(statements.attachmentsOf, { id })).map(toAttachment),
  };
}

export function recordWrites(session: Session, statements: Statements): RecordWrites {
  return {
    closeSession: async (id) => {
      await session.run(statements.closeSession, { id });
    },
    insertCdr: async (row) => {
      const people = [...new Set(row.people)];
      await session.run(statements.insertCdr, {
        id: row.id,
        type: row.type,
        started_at: row.startedAt,
        ended_at: row.endedAt,
        message_count: row.messageCount,
        people: JSON.stringify(people),
        json: row.json,
      });
      for (const personId of people)
        await session.run(statements.insertCdrPerson, {
          person_id: personId,
          started_at: row.startedAt,
          id: row.id,
        });
    },
    addVersion: async (row) => {
      await session.run(statements.addVersion, {
        message_id: row.messageId,
        at: row.at,
        by_id: row.byId,
        json: row.json,
        sealed: flag(row.sealed),
      });
    },
    sealVersions: async (id) => {
      await session.run(statements.sealVersions, { id });
    },
    removeVersions: async (id) => {
      await session.run(statements.removeVersions, { ids: JSON.stringify([id]) });
    },
    putHold: async (row) => {
      await session.run(statements.putHold, {
        id: row.id,
        person_id: row.personId,
        conversation_id: row.conversationId,
        reason: row.reason,
        created_at: row.createdAt,
        created_by: row.createdBy,
      });
    },
    removeHold: async (id) => {
      await session.run(statements.removeHold, { id });
    },
    putArchived: async (personId, archived) => {
      if (archived === null) await session.run(statements.removeArchived, { personId });
      else await session.run(statements.putArchived, { person_id: personId, archived: flag(archived) });
    },
    putSetting: async (name, value) => {
      await session.run(statements.putSetting, { name, value });
    },
    appendAudit: async ({ at, actorId, action, detail }) => {
      await session.run(statements.appendAudit, { at, actor_id: actorId, action, detail });
    },
    removeMessages: async (given) => {
      const ids = JSON.stringify(given);
      const blobs = await session.all(statements.attachmentsOfAll, { ids });
      await session.run(statements.removeAttachments, { ids });
      await session.run(statements.removeVersions, { ids });
      await session.run(statements.removeMessages, { ids });
      return blobs.map(({ id }) => id as AttachmentId);
    },
    removeCdr: async (before, limit) => {
      const old = await session.all(statements.oldCdr, { before, limit });
      if (old.length === 0) {
        await session.run(statements.removeCdrPeople, { before });
        return 0;
      }
      return session.run(statements.removeCdr, { ids: JSON.stringify(old.map(({ id }) => id)) });
    },
    removeChanges: async (before, kept, limit) =>
      session.run(statements.removeChanges, { before, kept: JSON.stringify([...kept]), limit }),
    removeAudit: async (before, limit) => session.run(statements.removeAudit, { before, limit }),
    erase: async (personId) => {
      for (const statement of statements.erasing) await session.run(statement, { personId });
      await session.run(statements.removeSetting, { name: `read-receipts ${personId}` });
      await session.run(statements.removeSwitches, { name: `switches/${personId}` });
      await session.run(statements.forgetInboxes, {});
      await session.run(statements.forgetEvents, {});
      await session.run(statements.raiseFloor, {});
    },
  };
}
