/**
 * What is kept about conversations for those who answer for them: call detail records, earlier versions of
 * messages, archiving, retention, legal holds, the audit log. Read by administrators only.
 */
import type { SessionFacts } from '../domain/cdr.ts';
import type { ConversationId, MessageId, UserId } from '../domain/ids.ts';
import type { AttachmentRow, MessageRow } from './store-conversations.ts';

export interface OpenSession {
  readonly conversationId: ConversationId;
  readonly startedAt: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lastAt: number;
}

export interface CdrRow {
  readonly id: string;
  readonly type: 'session' | 'registration';
  readonly startedAt: number;
  readonly endedAt: number;
  readonly messageCount: number;
  readonly people: readonly UserId[];
  readonly json: string;
}

/** What a message said before it was edited or deleted. */
export interface VersionRow {
  readonly messageId: MessageId;
  readonly at: number;
  readonly byId: UserId;
  /** The message as it was until then. */
  readonly json: string;
  /** Kept for the archive only: participants no longer see it. */
  readonly sealed: boolean;
}

export interface HoldRow {
  readonly id: string;
  readonly personId: UserId | null;
  readonly conversationId: ConversationId | null;
  readonly reason: string;
  readonly createdAt: number;
  readonly createdBy: UserId;
}

export interface AuditRow {
  readonly seq: number;
  readonly at: number;
  readonly actorId: UserId;
  readonly action: string;
  readonly detail: string;
}

export interface Participation {
  readonly conversationId: ConversationId;
  readonly personId: UserId;
  readonly role: SessionFacts['participations'][number]['role'];
  readonly addedAt: number;
  readonly joinedAt: number | null;
  readonly leftAt: number | null;
}

export interface RecordReads {
  /** The session of a conversation that is open now, or null. */
  openSession(id: ConversationId): Promise<OpenSession | null>;
  /** Sessions in which nobody has written since `idleSince`, at most `limit`. */
  idleSessions(idleSince: number, limit: number): Promise<readonly OpenSession[]>;
  /** How many messages each person sent from one number to another, and when the first. */
  messageCounts(id: ConversationId, fromSeq: number, throughSeq: number): Promise<SessionFacts['messages']>;
  /** Everybody who ever took part, in order of being added. */
  participations(id: ConversationId): Promise<readonly Participation[]>;
  /** Files sent with the messages of these numbers. */
  sentFiles(id: ConversationId, fromSeq: number, throughSeq: number): Promise<SessionFacts['files']>;
  /** Records that began within [from, to), oldest first, after the place of one seen before. */
  cdr(
    from: number,
    to: number,
    personId: UserId | null,
    after: { readonly startedAt: number; readonly id: string } | null,
    limit: number,
  ): Promise<readonly CdrRow[]>;
  /** Earlier versions of a message, oldest first. */
  versions(id: MessageId): Promise<readonly VersionRow[]>;
  holds(): Promise<readonly HoldRow[]>;
  /** Where a person's archiving differs from the organisation's. */
  archivedPeople(): Promise<ReadonlyMap<UserId, boolean>>;
  setting(name: string): Promise<string | null>;
  audit(before: number | null, limit: number): Promise<readonly AuditRow[]>;
  /** Conversations that this person has ever taken part in. */
  conversationsOf(personId: UserId): Promise<readonly ConversationId[]>;
  /** Messages of [from, to) in the order of sending, after the id of one seen before; withheld ones too. */
  messagesBetween(
    from: number,
    to: number,
    after: MessageId | null,
    limit: number,
  ): Promise<readonly MessageRow[]>;
  /** Everything that a person has uploaded, sent or not. */
  uploadsOf(personId: UserId): Promise<readonly AttachmentRow[]>;
  attachmentsOf(id: MessageId): Promise<readonly AttachmentRow[]>;
}

export interface RecordWrites {
  /** Ends a conversation's session: the next message begins a new one. */
  closeSession(id: ConversationId): Promise<void>;
  insertCdr(row: CdrRow): Promise<void>;
  addVersion(row: VersionRow): Promise<void>;
  /** Hides a message's versions from participants, for the archive alone. */
  sealVersions(id: MessageId): Promise<void>;
  removeVersions(id: MessageId): Promise<void>;
  putHold(row: HoldRow): Promise<void>;
  removeHold(id: string): Promise<void>;
  putArchived(personId: UserId, archived: boolean | null): Promise<void>;
  putSetting(name: string, value: string): Promise<void>;
  appendAudit(row: Omit<AuditRow, 'seq'>): Promise<void>;
  /** Removes messages with their versions and attachment rows; answers the keys of the blobs that nobody holds any more. */
  removeMessages(ids: readonly MessageId[]): Promise<readonly string[]>;
  /** Removes what was to be read between messages before this time, but in these conversations. */
  removeChanges(before: number, kept: Iterable<ConversationId>, limit: number): Promise<number>;
  removeCdr(before: number, limit: number): Promise<number>;
  removeAudit(before: number, limit: number): Promise<number>;
  /**
   * Forgets what the store knows of a person beyond messages and rosters: directory entry, contacts both ways,
   * presence, calendar, settings; and every event, since their payloads name people: all cursors need a `reset`.
   */
  erase(personId: UserId): Promise<void>;
}
