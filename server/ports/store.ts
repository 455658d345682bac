/**
 * The durable memory of one organisation. `transaction` gives the only handle with `appendEvent`, so state
 * and event commit together or not at all. Rows are split by noun; each noun has its reads on `Store` and
 * its writes on `Transaction`.
 *
 * What every implementation promises (the contract suite holds it):
 * - One commit-ordered event sequence per organisation, gapless in the order of commits: once event N can
 *   be read, every event below N can be read and no lower one will ever appear.
 * - Group commit: all work that arrives in one tick shares one database transaction. One refused item
 *   (its `work` throws) is undone alone and never fails its group; a failed commit rejects all of it with
 *   `store-unavailable` and nothing of it is visible.
 * - `transaction` resolves only after the commit is durable; until then no read shows anything of it.
 */
import type { UserId } from '../domain/ids.ts';
import type { DurableEventType } from '../protocol/events.ts';
import type { Nodes } from './nodes.ts';
import type { AccountReads, AccountWrites } from './store-accounts.ts';
import type { ContactReads, ContactWrites } from './store-contacts.ts';
import type { ConversationReads, ConversationWrites } from './store-conversations.ts';
import type { PresenceReads, PresenceWrites } from './store-presence.ts';
import type { RecordReads, RecordWrites } from './store-records.ts';
import type { SyncReads, SyncWrites } from './store-sync.ts';
import type { Tickets } from './tickets.ts';

/** A durable event to be appended: its body is stored once, whoever receives it. Recipients are unique. */
export interface NewEvent {
  readonly type: DurableEventType;
  readonly recipients: readonly UserId[];
  /**
   * The payload as clients get it, or its JSON where the caller has made it already (a send makes it once
   * for the answer and the event). For message events the store keeps only the reference and replays
   * `{conversationId, message}` with the message's `json` as it is then. `conversation.lastMessage` of an
   * object body is kept as a reference as well.
   */
  readonly body: Readonly<Record<string, unknown>> | string;
  /** Set for `message.posted`, `message.edited` and `message.deleted`: which message the body shows. */
  readonly messageId?: string;
  /**
   * Fields that belong to one recipient alone (unread, muted, archived): merged into `body.conversation` for
   * them; only with an object body. Recipients with equal fields share one object, so that an event to 250
   * people is serialised a few times and not 250 times.
   */
  readonly own?: ReadonlyMap<UserId, Readonly<Record<string, unknown>>>;
}

/** A committed event as delivered to one recipient: `json` is the serialised payload, ready for the wire. */
export interface CommittedEvent {
  readonly seq: number;
  readonly type: DurableEventType;
  readonly recipients: readonly UserId[];
  /** The payload's JSON, the same string for every recipient without own fields. */
  readonly json: string;
  /** The payload's JSON for the recipients that have own fields. */
  readonly ownJson: ReadonlyMap<UserId, string> | null;
}

/** One replayed event of one person's inbox. */
export interface InboxEvent {
  readonly seq: number;
  readonly type: DurableEventType;
  readonly json: string;
}

export interface EventReads {
  /** The highest committed event number, 0 before the first. */
  lastSeq(): Promise<number>;
  /**
   * Committed events after `seq`, ascending, with their recipients, but those whose numbers are left out; for
   * nodes that did not write them.
   */
  after(seq: number, limit: number, leftOut?: readonly number[]): Promise<readonly CommittedEvent[]>;
  /** A person's events after `seq`, ascending; fewer than `limit` = no more now. Messages are shown as they are now. */
  inbox(personId: UserId, after: number, limit: number): Promise<readonly InboxEvent[]>;
  /** The lowest number after which a person's inbox is complete; a cursor below it needs a `reset`. */
  completeAfter(personId: UserId): Promise<number>;
}

export interface IdempotencyReads {
  /** The first result stored under a caller's key and not older than 24 h, or null. */
  find(
    callerId: UserId,
    key: string,
    now: number,
  ): Promise<{ readonly requestDigest: string; readonly status: number; readonly json: string } | null>;
}

export interface Transaction {
  /** Appends an event; it gets its number at commit. Order within one transaction is kept. */
  appendEvent(event: NewEvent): void;
  /** Remembers the result of a creating call; a second row for the same caller and key throws DomainError `conflict`. */
  rememberResult(
    callerId: UserId,
    key: string,
    requestDigest: string,
    status: number,
    json: string,
    now: number,
  ): Promise<void>;
  readonly presence: PresenceReads & PresenceWrites;
  readonly contacts: ContactReads & ContactWrites;
  readonly conversations: ConversationReads & ConversationWrites;
  readonly records: RecordReads & RecordWrites;
  readonly accounts: AccountReads & AccountWrites;
  readonly idempotency: IdempotencyReads;
  readonly sync: SyncReads & SyncWrites;
}

export interface Store {
  /** Names this history of events; a restore from backup begins a new one, so that older cursors are refused. */
  readonly epoch: string;
  readonly events: EventReads;
  readonly presence: PresenceReads;
  readonly contacts: ContactReads;
  readonly conversations: ConversationReads;
  readonly records: RecordReads;
  readonly accounts: AccountReads;
  readonly idempotency: IdempotencyReads;
  readonly sync: SyncReads;
  /** Each call is a transaction of its own. */
  readonly tickets: Tickets;
  /** Which nodes share this store. */
  readonly nodes: Nodes;
  /**
   * Runs `work` within the group commit of this tick. The works of a group run one after another, so `work`
   * awaits little but its `tx`: never this store's reads of committed state, which miss what the group has
   * written, and never another transaction, which would wait for itself. A work may run twice, after all of the
   * first time was undone: it changes nothing but by its `tx`. `locks` names the rows that must not change under it
   * (conversation ids, person ids); they are taken in sorted order for the whole group before any work runs.
   * Rejects with what `work` threw, or with `store-unavailable` (retryable; nothing was saved).
   */
  transaction<Result>(locks: readonly string[], work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /**
   * Called after each durable commit, in commit order, before the transactions of that group resolve; the
   * events are numbered and serialised. Exactly one listener (the composition root's).
   */
  onCommitted(listener: (events: readonly CommittedEvent[]) => void): void;
  /** A named secret of the organisation, made once under a lock with `make` and the same on every node. */
  secret(name: string, make: () => string): Promise<string>;
  /**
   * Forgets what nobody may ask for any more: inboxes beyond 14 days or 10,000 events a person, idempotency
   * rows older than 24 h. Works in slices, so that sends go on meanwhile; run it every hour or so.
   */
  prune(): Promise<void>;
  /** True while writes are known to work; false after a failed commit until the next good one. */
  healthy(): boolean;
  /** Waits for pending groups, then closes. Later calls reject with `shutting-down`; closing again waits for the same. */
  close(): Promise<void>;
}
