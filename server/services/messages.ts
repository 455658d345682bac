/**
 * What is said: sending, history, editing, deleting, reactions, typing and the read mark. The send is the
 * hottest path of the server: one read of the roster, one write, the message's JSON made once for the row,
 * the answer and the event; nothing in it asks the directory.
 */
import { decide, isRefusal, notHere, type Participant, type Refusal } from '../domain/conversations.ts';
import { DomainError } from '../domain/errors.ts';
import {
  type ConversationId,
  type MessageId,
  toAttachmentId,
  toMessageId,
  type UserId,
} from '../domain/ids.ts';
import { edit, erase, isEmoji, isTombstone, mentionsIn, react, refuseEmpty } from '../domain/messages.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store, Transaction } from '../ports/store.ts';
import type { ConversationReads, MessageRow, Roster } from '../ports/store-conversations.ts';
import type { ConversationChange, LiveMessage, Message, MessageInput } from '../protocol/conversations.ts';
import { carryOut } from './conversation-changes.ts';
import { toChange } from './conversation-views.ts';
import { type CreatingResult, type IdempotentRequest, once } from './idempotency.ts';
import { newId } from './ordered-ids.ts';
import type { PersonNames } from './person-names.ts';

/** What conversations need to know of how people stand to each other. Synchronous: it is asked in every send. */
export interface Relationships {
  /** True where `owner` has blocked `other`. */
  blocks(owner: UserId, other: UserId): boolean;
  /** True where `person` is in do-not-disturb as far as `from` may know and interrupt: the message waits. */
  doNotDisturb(person: UserId, from: UserId): boolean;
}

/** What becomes of what a message said before: kept beside it, sealed for the archive, or gone. */
export interface Keeper {
  keepVersion(tx: Transaction, row: MessageRow, byId: UserId, at: number): Promise<void>;
  /** Answers the blobs to remove once the transaction has committed. */
  forget(tx: Transaction, row: MessageRow, byId: UserId, at: number): Promise<readonly string[]>;
  removeBlobs(keys: readonly string[]): Promise<void>;
}

export interface MessagePorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly names: PersonNames;
  readonly relationships: Relationships;
  readonly keeper: Keeper;
}

/** A typing signal is good for five seconds on the screen; more than one in two tells nobody anything. */
const typingEveryMs = 2_000;
const maxTypingRemembered = 50_000;
/** Changes on one page of history: a conference that fills up once, and more is read by nobody. */
const mostChanges = 250;

export type Messages = ReturnType<typeof createMessages>;

export const refuse = ({ refused, detail }: Refusal): DomainError => new DomainError(refused, detail);

export function createMessages({ store, bus, clock, names, relationships, keeper }: MessagePorts) {
  const typedAt = new Map<string, number>();

  /** Who a message reaches: nobody but its sender where the other of two has blocked them (PV5). */
  async function post(
    tx: Transaction,
    conversationId: ConversationId,
    fromId: UserId,
    input: MessageInput,
    now: number,
  ): Promise<string> {
    const attachments = input.attachments ?? [];
    const empty = refuseEmpty(input.text, attachments.length);
    if (empty !== null) throw refuse(empty);
    let roster = await tx.conversations.roster(conversationId);
    const me = roster?.people.find(({ personId }) => personId === fromId);
    if (roster === null || me === undefined || me.withheld) throw refuse(notHere);
    if (me.state === 'invited' || roster.people.some(({ withheld }) => withheld))
      roster = { ...roster, ...(await settle(tx, conversationId, fromId, now)) };
    const { people } = roster;
    const withheld =
      roster.kind === 'two-party' &&
      people.some(({ personId }) => personId !== fromId && relationships.blocks(personId, fromId));
    const recipients = withheld ? [fromId] : recipientsOf(roster);
    const message: LiveMessage = {
      id: newId(now),
      conversationId,
      seq: roster.lastSeq + 1,
      fromId,
      sentAt: new Date(now).toISOString(),
      text: input.text,
      importance: input.importance ?? 'normal',
      replyTo: input.replyTo === undefined ? null : await quoted(tx, conversationId, fromId, input.replyTo),
      mentions: mentionsIn(input.text, recipients),
      attachments: attachments.length === 0 ? [] : await claimed(tx, fromId, attachments),
      reactions: [],
      editedAt: null,
      deletedAt: null,
    };
    const json = JSON.stringify(message);
    const row: MessageRow = {
      id: toMessageId(message.id),
      conversationId,
      seq: message.seq,
      fromId,
      sentAt: now,
      json,
      withheld,
    };
    await tx.conversations.post(row);
    if (!roster.isInSession) await tx.conversations.beginSession(conversationId, row.seq, now);
    for (const attachment of attachments)
      await tx.conversations.sendAttachment(toAttachmentId(attachment), toMessageId(message.id));
    tx.appendEvent({
      type: 'message.posted',
      recipients,
      messageId: message.id,
      body: `{"conversationId":"${conversationId}","message":${json}}`,
    });
    const held = withheld
      ? []
      : people.filter((person) => isHeld(person, fromId)).map(({ personId }) => personId);
    return held.length === 0 ? json : `${json.slice(0, -1)},"held":${JSON.stringify(held)}}`;
  }

  const isHeld = (person: Roster['people'][number], fromId: UserId): boolean =>
    !person.withheld && person.personId !== fromId && relationships.doNotDisturb(person.personId, fromId);

  /** The rare send that also changes the roster: an invited sender joins; a withheld person may be told now. */
  async function settle(
    tx: Transaction,
    conversationId: ConversationId,
    fromId: UserId,
    now: number,
  ): Promise<Pick<Roster, 'kind' | 'people'>> {
    const before = await tx.conversations.find(conversationId);
    if (before === null) throw refuse(notHere);
    const decided = decide(before, { type: 'join', byId: fromId }, now);
    if (isRefusal(decided)) throw refuse(decided);
    // Whom this sender invited and who blocks them no longer is told of the conversation now (PV5).
    const nowTold = before.participants
      .filter((person) => person.withheld && person.addedBy === fromId)
      .filter(({ personId }) => !relationships.blocks(personId, fromId))
      .map(({ personId }) => ({ type: 'participant-told', personId, byId: fromId }) as const);
    const after = await carryOut(tx, names, before, [...decided.events, ...nowTold], fromId, now);
    return { kind: after.kind, people: after.participants };
  }

  /** One's own uploads that have not been sent yet; a file belongs to one message. */
  async function claimed(
    tx: Transaction,
    ownerId: UserId,
    ids: readonly string[],
  ): Promise<LiveMessage['attachments']> {
    const shown: LiveMessage['attachments'] = [];
    for (const id of ids) {
      const row = await tx.conversations.attachment(toAttachmentId(id));
      if (
        row === null ||
        row.ownerId !== ownerId ||
        row.messageId !== null ||
        shown.some((one) => one.id === id)
      )
        throw new DomainError('unknown-attachment', `There is no unsent file of yours with the id "${id}".`);
      shown.push({ id, name: row.name, size: row.size, mediaType: row.mediaType });
    }
    return shown;
  }

  /** The message replied to must be one that the sender can see in this conversation (IM25). */
  async function quoted(
    tx: Transaction,
    conversationId: ConversationId,
    readerId: UserId,
    id: string,
  ): Promise<string> {
    await visible(tx, conversationId, readerId, toMessageId(id));
    return id;
  }

  /** A message that this person may see, with their row; anything else is not found. */
  async function visible(
    tx: { readonly conversations: ConversationReads },
    conversationId: ConversationId,
    viewerId: UserId,
    id: MessageId,
  ) {
    const viewer = await membership(tx, conversationId, viewerId);
    const row = await tx.conversations.message(id);
    if (
      row === null ||
      row.conversationId !== conversationId ||
      row.seq < viewer.firstSeq ||
      (row.withheld && row.fromId !== viewerId)
    )
      throw new DomainError(
        'not-found',
        'There is no message of that id in this conversation that you may see.',
      );
    return { row, message: JSON.parse(row.json) as Message };
  }

  async function membership(
    tx: { readonly conversations: ConversationReads },
    conversationId: ConversationId,
    personId: UserId,
  ): Promise<Participant> {
    const participant = await tx.conversations.participant(conversationId, personId);
    if (participant === null || participant.withheld) throw refuse(notHere);
    return participant;
  }

  /**
   * What happened between the messages of a page. A change stands before the first message of its time or
   * later, so the pages share them out by the times of their messages. Whoever came without the history sees
   * what happened since.
   */
  async function changesAround(
    id: ConversationId,
    viewer: Participant,
    page: { readonly after: number | null; readonly before: number | null },
    rows: readonly MessageRow[],
    shown: readonly MessageRow[],
  ): Promise<readonly ConversationChange[]> {
    const isWhole = rows.length === shown.length;
    let after = -1;
    let through = Number.MAX_SAFE_INTEGER;
    if (page.after === null) {
      if (!isWhole) after = rows[0]?.sentAt ?? -1;
      if (page.before !== null) through = shown.at(-1)?.sentAt ?? -1;
    } else {
      const { personId: viewerId, firstSeq } = viewer;
      const window = { viewerId, firstSeq, after: null, before: page.after + 1, limit: 1 };
      const [last] = page.after === 0 ? [] : await store.conversations.messages(id, window);
      after = last?.sentAt ?? -1;
      if (!isWhole) through = shown.at(-1)?.sentAt ?? -1;
    }
    if (viewer.firstSeq > 1) after = Math.max(after, viewer.addedAt - 1);
    if (after >= through) return [];
    const changes = await store.conversations.changes(id, after, through, mostChanges);
    if (changes.length === 0) return [];
    const who = await names.of(changes.flatMap((row) => [row.byId, row.personId ?? row.byId]));
    return changes.map((row) => toChange(row, who));
  }

  /** Saves a changed message and tells those who got it. */
  async function replace(
    tx: Transaction,
    row: MessageRow,
    changed: Message,
    type: 'message.edited' | 'message.deleted',
  ): Promise<string> {
    const json = JSON.stringify(changed);
    await tx.conversations.updateMessage({ ...row, json });
    tx.appendEvent({
      type,
      recipients: await audience(tx, row),
      messageId: row.id,
      body: `{"conversationId":"${row.conversationId}","message":${json}}`,
    });
    return json;
  }

  /** Who hears of a change to a message: those who take part now, none but the sender of a withheld one. */
  async function audience(tx: Transaction, row: MessageRow): Promise<readonly UserId[]> {
    if (row.withheld) return [row.fromId];
    const conversation = await tx.conversations.find(row.conversationId);
    return (conversation?.participants ?? [])
      .filter(({ withheld, firstSeq }) => !withheld && firstSeq <= row.seq)
      .map(({ personId }) => personId);
  }

  return {
    post,

    /** Sends: 201 with the message, and with `held` naming those in do-not-disturb. Repeating a key never sends twice. */
    send(
      fromId: UserId,
      conversationId: ConversationId,
      input: MessageInput,
      idempotent: IdempotentRequest | null,
    ): Promise<CreatingResult> {
      const now = clock.now();
      return store.transaction([conversationId], (tx) =>
        once(tx, fromId, idempotent, now, async () => ({
          status: 201,
          json: await post(tx, conversationId, fromId, input, now),
        })),
      );
    },

    /**
     * A page of history, ascending: behind `after`, or the last ones (below `before`). `next` is the number
     * to go on with in the same direction, null at the end. The messages are passed on as stored; `changes` is
     * what happened between them, each on one page and no more than `mostChanges` of the latest.
     */
    async history(
      viewerId: UserId,
      conversationId: ConversationId,
      page: { readonly after: number | null; readonly before: number | null; readonly limit: number },
    ): Promise<string> {
      const viewer = await membership(store, conversationId, viewerId);
      const rows = await store.conversations.messages(conversationId, {
        viewerId,
        firstSeq: viewer.firstSeq,
        after: page.after,
        before: page.before,
        limit: page.limit + 1,
      });
      const more = rows.length > page.limit;
      const ascending = page.after !== null;
      const shown = !more ? rows : ascending ? rows.slice(0, -1) : rows.slice(1);
      const edge = ascending ? shown.at(-1) : shown[0];
      const next = more && edge !== undefined ? `"${edge.seq}"` : 'null';
      const changes = await changesAround(conversationId, viewer, page, rows, shown);
      return `{"items":[${shown.map(({ json }) => json).join(',')}],"next":${next},"changes":${JSON.stringify(changes)}}`;
    },

    /** One message as it is now, for who meets its id in a reply. */
    async one(viewerId: UserId, conversationId: ConversationId, id: MessageId): Promise<string> {
      return (await visible(store, conversationId, viewerId, id)).row.json;
    },

    /** Gives a message new text. The answer is the message as it is then. */
    edit(byId: UserId, conversationId: ConversationId, id: MessageId, text: string): Promise<string> {
      const now = clock.now();
      return store.transaction([conversationId], async (tx) => {
        const { row, message } = await visible(tx, conversationId, byId, id);
        const mentions = mentionsIn(text, await audience(tx, row));
        const changed = edit(message, byId, text, mentions, new Date(now).toISOString());
        if (isRefusal(changed)) throw refuse(changed);
        if ('text' in message && message.text === text) return row.json;
        await keeper.keepVersion(tx, row, byId, now);
        return replace(tx, row, changed, 'message.edited');
      });
    },

    /** Deletes a message: what remains is a tombstone. */
    async remove(byId: UserId, conversationId: ConversationId, id: MessageId): Promise<void> {
      const now = clock.now();
      const orphaned = await store.transaction([conversationId], async (tx) => {
        const { row, message } = await visible(tx, conversationId, byId, id);
        const changed = erase(message, byId, new Date(now).toISOString());
        if (isRefusal(changed)) throw refuse(changed);
        if (changed === message) return [];
        const blobs = await keeper.forget(tx, row, byId, now);
        await replace(tx, row, changed, 'message.deleted');
        return blobs;
      });
      await keeper.removeBlobs(orphaned);
    },

    /** What a message said before its edits, oldest first; nothing of a deleted one. */
    async versions(viewerId: UserId, conversationId: ConversationId, id: MessageId): Promise<string> {
      const { message } = await visible(store, conversationId, viewerId, id);
      const versions = isTombstone(message) ? [] : await store.records.versions(id);
      const open = versions.filter(({ sealed }) => !sealed);
      return `{"items":[${open.map(({ json }) => json).join(',')}],"next":null}`;
    },

    /** True while others see how far this person has read. */
    async readReceipts(personId: UserId): Promise<boolean> {
      return (await store.records.setting(receiptsSetting(personId))) !== 'off';
    },

    /** Switches one's read receipts; marks shown so far stand. */
    async setReadReceipts(personId: UserId, on: boolean): Promise<void> {
      await store.transaction([personId], (tx) =>
        tx.records.putSetting(receiptsSetting(personId), on ? 'on' : 'off'),
      );
    },

    /** Sets or withdraws one's reaction. Repeating it changes nothing. */
    async react(
      byId: UserId,
      conversationId: ConversationId,
      id: MessageId,
      emoji: string,
      on: boolean,
    ): Promise<void> {
      if (!isEmoji(emoji))
        throw new DomainError('invalid-input', 'A reaction is one emoji.', {
          errors: [{ pointer: '/emoji', message: 'Not a single emoji' }],
        });
      await store.transaction([conversationId], async (tx) => {
        const { row, message } = await visible(tx, conversationId, byId, id);
        const changed = react(message, byId, emoji, on);
        if (changed === null) return;
        if (isRefusal(changed)) throw refuse(changed);
        await tx.conversations.updateMessage({ ...row, json: JSON.stringify(changed) });
        tx.appendEvent({
          type: 'message.reaction',
          recipients: await audience(tx, row),
          body: { conversationId, messageId: id, personId: byId, emoji, on },
        });
      });
    },

    /** Moves one's read mark forward; never back. Nothing is written when nothing moves. */
    async read(byId: UserId, conversationId: ConversationId, seq: number): Promise<void> {
      const participant = await membership(store, conversationId, byId);
      if (seq < participant.readSeq) return;
      const now = clock.now();
      await store.transaction([conversationId], async (tx) => {
        const before = await tx.conversations.find(conversationId);
        if (before === null) throw refuse(notHere);
        // To somebody one has blocked, reading looks like absence (PV5).
        const isBetweenBlocked =
          before.kind === 'two-party' &&
          before.participants.some(
            ({ personId }) => personId !== byId && relationships.blocks(byId, personId),
          );
        const receipts = !isBetweenBlocked && (await tx.records.setting(receiptsSetting(byId))) !== 'off';
        const decided = decide(before, { type: 'read', byId, seq, receipts }, now);
        if (isRefusal(decided)) throw refuse(decided);
        await carryOut(tx, names, before, decided.events, byId, now);
      });
    },

    /** Tells the others that someone is typing; soft, never stored, at most one signal in two seconds. */
    async typing(byId: UserId, conversationId: ConversationId): Promise<void> {
      const now = clock.now();
      const roster = await store.conversations.roster(conversationId);
      const me = roster?.people.find(({ personId }) => personId === byId);
      if (roster === null || me === undefined || me.withheld) throw refuse(notHere);
      const key = `${conversationId} ${byId}`;
      const last = typedAt.get(key);
      if (last !== undefined && now - last < typingEveryMs) return;
      if (typedAt.size >= maxTypingRemembered) typedAt.clear();
      typedAt.set(key, now);
      const recipients = recipientsOf(roster).filter(
        (id) =>
          id !== byId &&
          // Neither to whom one has blocked nor from whom is blocked, between two.
          (roster.kind === 'conference' ||
            !(relationships.blocks(id, byId) || relationships.blocks(byId, id))),
      );
      if (recipients.length > 0) bus.publish({ kind: 'typing', conversationId, personId: byId, recipients });
    },
  };
}

const receiptsSetting = (id: UserId): string => `read-receipts ${id}`;

const recipientsOf = ({ people }: Roster): UserId[] =>
  people.filter(({ withheld }) => !withheld).map(({ personId }) => personId);
