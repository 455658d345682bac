/**
 * Finding what was said, in one's own conversations. An indexer follows the event log a moment behind; a search
 * asks the index where, and the store what: nothing is shown that the searcher could not read.
 */
import { DomainError } from '../domain/errors.ts';
import {
  type ConversationId,
  type MessageId,
  toConversationId,
  toMessageId,
  toUserId,
  type UserId,
} from '../domain/ids.ts';
import { parseSearch } from '../domain/search.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { IndexEntry, SearchIndex } from '../ports/search-index.ts';
import type { CommittedEvent, Store } from '../ports/store.ts';
import type { MessageRow } from '../ports/store-conversations.ts';
import type { Conversation, LiveMessage, Message } from '../protocol/conversations.ts';

/** Found within a second of the acknowledgement (contract §6). The longer a batch gathers, the less a message costs. */
const followMs = 400;
/** Where another node indexes first: so long it is given to get on with it before this one does. */
const followLaterMs = 600;
const retryMs = 2_000;
const batchEvents = 2_000;
/** How many events of this node are kept until they are indexed; beyond that they are read again. About 10 MB. */
const mostHeard = 20_000;
const batchMessages = 500;
/** Hits asked for beyond a page, since some may have been deleted or lie before one's first message. */
const spareHits = 10;

export interface SearchInput {
  readonly q: string;
  readonly conversation: string | null;
  readonly from: string | null;
  readonly before: number | null;
  readonly after: number | null;
  readonly limit: number;
  readonly cursor: string | null;
}

export interface SearchResult {
  readonly message: LiveMessage;
  readonly conversation: Conversation;
  readonly highlights: readonly (readonly [number, number])[];
}

export type Search = ReturnType<typeof createSearch>;

export function createSearch({
  store,
  bus,
  clock,
  index,
  conversationFor,
  onError,
  isFirst = () => true,
}: {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly index: SearchIndex;
  /** A conversation as a person sees it; throws `not-found` where they may not. */
  readonly conversationFor: (viewerId: UserId, id: ConversationId) => Promise<Conversation>;
  readonly onError: (error: unknown) => void;
  /** False where another node is to index first; this one only where that has not. */
  readonly isFirst?: () => boolean;
}) {
  let cancel: (() => void) | null = null;
  let unsubscribe: (() => void) | null = null;
  let following: Promise<void> = Promise.resolve();
  let position: number | null = null;

  /** The latest events of this node, without a gap, so that the index need not read them from the store. */
  let heard: CommittedEvent[] = [];

  function hear(events: readonly CommittedEvent[]): void {
    const last = heard.at(-1);
    // Between them another node has written: the store has it all in its order.
    if (last !== undefined && last.seq + 1 !== events[0]?.seq) heard = [];
    if (heard.length + events.length > mostHeard) heard = [];
    for (const event of events) heard.push(event);
  }

  async function eventsAfter(seq: number): Promise<readonly CommittedEvent[]> {
    const known = seq + 1 - (heard[0]?.seq ?? 0);
    if (known >= 0 && known < heard.length) {
      const events = heard.slice(known, known + batchEvents);
      heard = heard.slice(known + events.length);
      return events;
    }
    return store.events.after(seq, batchEvents);
  }

  /** Makes the index from every message there is. What is written meanwhile comes with the events. */
  async function rebuild(): Promise<void> {
    await index.clear();
    const seq = await store.events.lastSeq();
    let after: MessageId | null = null;
    for (;;) {
      const rows: readonly MessageRow[] = await store.records.messagesBetween(
        0,
        Number.MAX_SAFE_INTEGER,
        after,
        batchMessages,
      );
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.id;
      await index.update(
        rows.map(({ json, withheld }) => ({ json, withheld })),
        null,
      );
    }
    await index.update([], { epoch: store.epoch, seq });
    position = seq;
  }

  async function isWithheld({ json }: CommittedEvent): Promise<boolean> {
    const { message } = JSON.parse(json) as { message: Message };
    return (await store.conversations.message(toMessageId(message.id)))?.withheld ?? false;
  }

  /** Takes over what has happened since, batch by batch, until there is nothing more. */
  async function follow(): Promise<void> {
    if (position === null) {
      const found = await index.position();
      // A store that was restored tells another history: the index of the old one is worth nothing.
      if (found === null || found.epoch !== store.epoch) await rebuild();
      else position = found.seq;
    } else if (!isFirst()) {
      const found = await index.position();
      if (found?.epoch === store.epoch && found.seq > position) {
        position = found.seq;
        // That node is at it: reading the same events to find them indexed would be for nothing.
        if (unsubscribe !== null) schedule(followLaterMs);
        return;
      }
    }
    for (;;) {
      const from = position ?? 0;
      const events = await eventsAfter(from);
      const [first, last] = [events[0], events.at(-1)];
      if (first === undefined || last === undefined) return;
      if (first.seq !== from + 1) {
        // Events have been pruned before they were indexed.
        await rebuild();
        continue;
      }
      const entries: IndexEntry[] = [];
      for (const event of events) {
        if (!/^message\.(posted|edited|deleted)$/.test(event.type)) continue;
        // What has been erased since then is an empty event.
        if (event.recipients.length === 0) continue;
        entries.push({
          json: event.json,
          withheld: event.recipients.length === 1 && (await isWithheld(event)),
        });
      }
      await index.update(entries, { epoch: store.epoch, seq: last.seq });
      position = last.seq;
    }
  }

  function schedule(ms: number): void {
    cancel ??= clock.after(ms, () => {
      cancel = null;
      following = following.then(follow).catch((error) => {
        if (unsubscribe === null) return;
        onError(error);
        schedule(retryMs);
      });
    });
  }

  return {
    /** Messages that one can see and that hold every word, the latest first. */
    async find(
      viewerId: UserId,
      input: SearchInput,
    ): Promise<{ items: SearchResult[]; next: string | null }> {
      const asked = parseSearch(input.q);
      if (asked === null)
        throw new DomainError('invalid-input', 'There is no word to look for.', {
          errors: [{ pointer: '/q', message: 'No word in it' }],
        });
      const memberships = await store.conversations.memberships(viewerId);
      const firstSeqs = new Map(
        memberships.map(({ conversationId, firstSeq }) => [conversationId, firstSeq]),
      );
      const within =
        input.conversation === null ? [...firstSeqs.keys()] : [toConversationId(input.conversation)];
      if (input.conversation !== null && !firstSeqs.has(within[0] as ConversationId))
        throw new DomainError('not-found', 'There is no conversation of that id that you take part in.');
      const items: SearchResult[] = [];
      const shown = new Map<ConversationId, Conversation>();
      let behind = input.cursor === null ? null : Number.parseInt(input.cursor, 36);
      if (behind !== null && !Number.isSafeInteger(behind))
        throw new DomainError('invalid-input', 'The cursor is not one that a search gave out.');
      for (;;) {
        const wanted = input.limit + spareHits;
        const hits = await index.find({
          viewerId,
          ...asked,
          conversations: within,
          fromId: input.from === null ? null : toUserId(input.from.toLowerCase()),
          sentAfter: input.after,
          sentBefore: input.before,
          behind,
          limit: wanted,
        });
        for (const hit of hits) {
          if (items.length === input.limit)
            return { items, next: behind === null ? null : behind.toString(36) };
          behind = hit.place;
          if (hit.seq < (firstSeqs.get(hit.conversationId) ?? Number.MAX_SAFE_INTEGER)) continue;
          const row = await store.conversations.message(hit.messageId);
          if (row === null || (row.withheld && row.fromId !== viewerId)) continue;
          const message = JSON.parse(row.json) as Message;
          if (message.deletedAt !== null) continue;
          const conversation =
            shown.get(hit.conversationId) ?? (await conversationFor(viewerId, hit.conversationId));
          shown.set(hit.conversationId, conversation);
          items.push({ message, conversation, highlights: hit.highlights });
        }
        if (hits.length < wanted) return { items, next: null };
      }
    },

    /** Takes messages out that are gone for good. */
    forget(ids: readonly MessageId[]): void {
      // What they said may be among the latest events; the store has it no more.
      heard = [];
      following = following.then(() => index.remove(ids)).catch(onError);
    },

    /** Told of this node's committed events. */
    committed: hear,

    /** Up to which event the index has come; null before it has looked. */
    indexedThrough: (): number | null => position,

    start(): void {
      unsubscribe = bus.subscribe(({ kind }) => {
        if (kind === 'events') schedule(isFirst() ? followMs : followLaterMs);
      });
      schedule(0);
    },

    async close(): Promise<void> {
      unsubscribe?.();
      unsubscribe = null;
      cancel?.();
      cancel = null;
      await following;
      await index.close();
    },
  };
}
