/** Conversations, participants, messages and attachments in SQL. Decides nothing; the service does. */
import type { AttachmentId, ConversationId, MessageId, UserId } from '../../domain/ids.ts';
import type {
  AttachmentRow,
  ChangeRow,
  ConversationReads,
  ConversationRow,
  ConversationWrites,
  MessageRow,
  ParticipantRow,
} from '../../ports/store-conversations.ts';
import type { ConversationContext } from '../../protocol/conversations.ts';
import type { ConversationColumns, ConversationStatements as Statements } from './conversation-statements.ts';
import { blockOf } from './inbox-blocks.ts';
import type { RosterMemory } from './roster-memory.ts';
import { flag, jsonOrNull, parseOrNull } from './rows.ts';
import type { Session, WritingSession } from './session.ts';
import type { Tables } from './tables.ts';

/** The highest number SQL compares with where a bound is not given. */
const noBound = Number.MAX_SAFE_INTEGER;

/** The one two-party conversation without context of two people has this key; others have none. */
const pairKey = (people: readonly string[]) => [...people].sort().join(' ');

const toParticipant = (row: Tables['participant']): ParticipantRow => ({
  personId: row.person_id as UserId,
  role: row.role as ParticipantRow['role'],
  state: row.state as ParticipantRow['state'],
  addedAt: row.added_at,
  addedBy: row.added_by as UserId,
  joinedAt: row.joined_at,
  firstSeq: row.first_seq,
  readSeq: row.read_seq,
  shownReadSeq: row.shown_read_seq,
  deliveredSeq: row.delivered_seq,
  muted: row.muted === 1,
  archived: row.archived === 1,
  withheld: row.withheld === 1,
  ringsUntil: row.rings_until,
});

const toConversation = (
  row: ConversationColumns,
  participants: readonly Tables['participant'][],
): ConversationRow => ({
  id: row.id as ConversationId,
  kind: row.kind as ConversationRow['kind'],
  subject: row.subject,
  context: parseOrNull<ConversationContext>(row.context),
  importance: row.importance as ConversationRow['importance'],
  lastSeq: row.last_seq,
  hasWithheld: row.has_withheld === 1,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  participants: participants.map(toParticipant),
});

const fromConversation = (row: ConversationRow): ConversationColumns => ({
  id: row.id,
  kind: row.kind,
  subject: row.subject,
  context: jsonOrNull(row.context),
  importance: row.importance,
  last_seq: row.lastSeq,
  has_withheld: flag(row.hasWithheld),
  created_at: row.createdAt,
  updated_at: row.updatedAt,
});

export const toMessage = (row: Tables['message']): MessageRow => ({
  id: row.id as MessageId,
  conversationId: row.conversation_id as ConversationId,
  seq: row.seq,
  fromId: row.from_id as UserId,
  sentAt: row.sent_at,
  json: row.json,
  withheld: row.withheld === 1,
});

export const toAttachment = (row: Tables['attachment']): AttachmentRow => ({
  id: row.id as AttachmentId,
  ownerId: row.owner_id as UserId,
  messageId: row.message_id as MessageId | null,
  name: row.name,
  size: row.size,
  mediaType: row.media_type,
  sha256: row.sha256,
  createdAt: row.created_at,
});

export function conversationReads(
  session: Session,
  statements: Statements,
  rosters: RosterMemory,
): ConversationReads {
  const whole = async (row: ConversationColumns | undefined): Promise<ConversationRow | null> =>
    row === undefined
      ? null
      : toConversation(row, await session.all(statements.participants, { id: row.id }));

  const wholeList = async (rows: readonly ConversationColumns[]): Promise<ConversationRow[]> => {
    if (rows.length === 0) return [];
    const ids = JSON.stringify(rows.map(({ id }) => id));
    const participants = Map.groupBy(
      await session.all(statements.participantsOf, { ids }),
      (row) => row.conversation_id,
    );
    return rows.map((row) => toConversation(row, participants.get(row.id) ?? []));
  };

  return {
    find: async (id) => whole(await session.first(statements.find, { id })),
    participant: async (id, personId) => {
      const row = await session.first(statements.participant, { id, personId });
      return row === undefined ? null : toParticipant(row);
    },
    roster: async (id) => {
      const head = await session.first(statements.rosterHead, { id });
      if (head === undefined) return null;
      let people = rosters.get(id, head.roster_version);
      if (people === undefined) {
        people = (await session.all(statements.rosterPeople, { id })).map((row) => ({
          personId: row.person_id as UserId,
          state: row.state as ParticipantRow['state'],
          withheld: row.withheld === 1,
        }));
        rosters.set(id, head.roster_version, people);
      }
      return {
        kind: head.kind as ConversationRow['kind'],
        lastSeq: head.last_seq,
        isInSession: head.session_started_at !== null,
        people,
      };
    },
    list: async (personId, limit, before) =>
      wholeList(
        await session.all(statements.list, {
          personId,
          limit,
          updatedAt: before?.updatedAt ?? noBound,
          id: before?.id ?? '',
        }),
      ),
    memberships: async (personId) =>
      (await session.all(statements.memberships, { personId })).map((row) => ({
        conversationId: row.conversation_id as ConversationId,
        firstSeq: row.first_seq,
      })),
    message: async (id) => {
      const row = await session.first(statements.message, { id });
      return row === undefined ? null : toMessage(row);
    },
    messages: async (id, { viewerId, firstSeq, after, before, limit }) => {
      const window = { id, viewerId, before: before ?? noBound, limit };
      const rows =
        after === null
          ? (await session.all(statements.messagesDown, { ...window, firstSeq })).reverse()
          : await session.all(statements.messagesUp, { ...window, after: Math.max(after, firstSeq - 1) });
      return rows.map(toMessage);
    },
    changes: async (id, after, through, limit) =>
      (await session.all(statements.changes, { id, after, through, limit })).reverse().map(
        (row): ChangeRow => ({
          conversationId: row.conversation_id as ConversationId,
          id: row.id,
          at: row.at,
          kind: row.kind as ChangeRow['kind'],
          personId: row.person_id as UserId | null,
          byId: row.by_id as UserId,
          subject: row.subject,
        }),
      ),
    withheldAfter: async (id, viewerId, seq) =>
      (await session.first(statements.withheldAfter, { id, viewerId, seq }))?.count ?? 0,
    twoParty: async (a, b) => whole(await session.first(statements.byPair, { pairKey: pairKey([a, b]) })),
    about: async (contextKey, people) => {
      const personId = people[0];
      if (personId === undefined) return null;
      const wanted = new Set<string>(people);
      const found = await wholeList(await session.all(statements.byContext, { contextKey, personId }));
      return (
        found.find(
          ({ participants }) =>
            participants.length === wanted.size && participants.every((one) => wanted.has(one.personId)),
        ) ?? null
      );
    },
    delivered: async (personId, after, through) =>
      (
        await session.all(statements.delivered, {
          personId,
          first: blockOf(after),
          last: blockOf(through),
          after,
          through,
        })
      ).map((row) => ({
        conversationId: row.conversation_id as ConversationId,
        seq: row.seq,
      })),
    deliveredThrough: async (personId) =>
      (await session.first(statements.deliveredThrough, { personId }))?.event_seq ?? 0,
    ringing: async () =>
      (await session.all(statements.ringing, {})).map((row) => ({
        conversationId: row.conversation_id as ConversationId,
        personId: row.person_id as UserId,
        until: row.rings_until as number,
      })),
    attachment: async (id) => {
      const row = await session.first(statements.attachment, { id });
      return row === undefined ? null : toAttachment(row);
    },
    unsentAttachments: async (before, limit) =>
      (await session.all(statements.unsentAttachments, { before, limit })).map(toAttachment),
  };
}

export function conversationWrites(
  session: WritingSession,
  statements: Statements,
  rosters: RosterMemory,
): ConversationWrites {
  const write = async (id: ConversationId, row: ParticipantRow): Promise<void> => {
    await session.run(statements.putParticipant, {
      conversation_id: id,
      person_id: row.personId,
      role: row.role,
      state: row.state,
      added_at: row.addedAt,
      added_by: row.addedBy,
      joined_at: row.joinedAt,
      first_seq: row.firstSeq,
      read_seq: row.readSeq,
      shown_read_seq: row.shownReadSeq,
      delivered_seq: row.deliveredSeq,
      muted: flag(row.muted),
      archived: flag(row.archived),
      withheld: flag(row.withheld),
      rings_until: row.ringsUntil,
    });
  };
  const writeStay = (id: ConversationId, row: ParticipantRow) =>
    session.run(statements.putParticipation, {
      conversation_id: id,
      person_id: row.personId,
      added_at: row.addedAt,
      role: row.role,
      joined_at: row.joinedAt,
    });
  const renewRoster = (id: ConversationId) =>
    session.run(statements.renewRoster, { id, version: rosters.newVersion() });

  return {
    insert: async (row, contextKey) => {
      const isPair = row.kind === 'two-party' && row.context === null && row.participants.length === 2;
      await session.run(statements.insert, {
        ...fromConversation(row),
        roster_version: rosters.newVersion(),
        pair_key: isPair ? pairKey(row.participants.map(({ personId }) => personId)) : null,
        context_key: contextKey,
        session_started_at: row.createdAt,
      });
      for (const participant of row.participants) {
        await write(row.id, participant);
        await writeStay(row.id, participant);
      }
    },
    update: async (row) => {
      await session.run(statements.update, fromConversation(row));
      if (row.kind === 'conference') {
        await session.run(statements.forgetPair, { id: row.id });
      }
    },
    putParticipant: async (id, row) => {
      // A moved mark changes no roster, and marks move all the time.
      const before = await session.first(statements.participant, { id, personId: row.personId });
      await write(id, row);
      const hasSameStanding =
        before !== undefined && before.state === row.state && before.withheld === flag(row.withheld);
      if (!hasSameStanding) await renewRoster(id);
      if (!hasSameStanding || before.role !== row.role) await writeStay(id, row);
    },
    removeParticipant: async (id, personId, leftAt) => {
      await session.run(statements.removeParticipant, { id, personId, leftAt });
      await session.run(statements.endParticipation, { id, personId, leftAt });
      // Of two who no longer both take part it is not the conversation to be found again.
      await session.run(statements.forgetPair, { id });
      await renewRoster(id);
    },
    post: async (row) => {
      const { conversationId, seq, fromId } = row;
      session.write(statements.insertMessage, {
        id: row.id,
        conversation_id: conversationId,
        seq,
        from_id: fromId,
        sent_at: row.sentAt,
        json: row.json,
        withheld: flag(row.withheld),
      });
      session.write(statements.advance, { id: conversationId, seq, at: row.sentAt });
      const shownSeq = row.withheld ? 0 : seq;
      session.write(statements.advanceSender, { id: conversationId, personId: fromId, seq, shownSeq });
      if (row.withheld) session.write(statements.withhold, { id: conversationId });
    },
    beginSession: async (id, seq, at) => {
      session.write(statements.beginSession, { id, seq, at });
    },
    appendChange: async (row) => {
      session.write(statements.insertChange, {
        conversation_id: row.conversationId,
        at: row.at,
        id: row.id,
        kind: row.kind,
        person_id: row.personId,
        by_id: row.byId,
        subject: row.subject,
      });
    },
    updateMessage: async (row) => {
      await session.run(statements.updateMessage, { id: row.id, json: row.json });
    },
    insertAttachment: async (row) => {
      await session.run(statements.insertAttachment, {
        id: row.id,
        owner_id: row.ownerId,
        message_id: row.messageId,
        name: row.name,
        size: row.size,
        media_type: row.mediaType,
        sha256: row.sha256,
        created_at: row.createdAt,
      });
    },
    sendAttachment: async (id, messageId) => {
      await session.run(statements.sendAttachment, { id, messageId });
    },
    removeAttachment: async (id) => {
      await session.run(statements.removeAttachment, { id });
    },
    putDeliveredThrough: async (personId, eventSeq) => {
      await session.run(statements.putDeliveredThrough, { personId, eventSeq });
    },
  };
}
