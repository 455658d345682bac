/**
 * Conversations on a real SQLite store in a folder of its own, with a clock that a test moves, people to talk
 * to and switches for who blocks whom: a stage for stories that need neither HTTP nor streams.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFolderBlobs } from '../../server/adapters/blobs/folder.ts';
import { createInProcessBus } from '../../server/adapters/bus/in-process.ts';
import { createStoredDirectory } from '../../server/adapters/directory/stored.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import { openSearchIndex } from '../../server/adapters/storage/search-index.ts';
import { defaultBlockedExtensions } from '../../server/domain/attachments.ts';
import { toConversationId, toUserId, type UserId } from '../../server/domain/ids.ts';
import type { Blobs } from '../../server/ports/blobs.ts';
import type { Notice } from '../../server/ports/bus.ts';
import { blankPerson, type PersonRecord } from '../../server/ports/directory.ts';
import type { InboxEvent, Store } from '../../server/ports/store.ts';
import type { Conversation, LiveMessage, Message } from '../../server/protocol/conversations.ts';
import { durableEventSchemas } from '../../server/protocol/events.ts';
import { type Archive, createArchive } from '../../server/services/archive.ts';
import { type Attachments, createAttachments } from '../../server/services/attachments.ts';
import { type Audit, createAudit } from '../../server/services/audit.ts';
import { type CallDetails, createCallDetails } from '../../server/services/call-details.ts';
import { type Conversations, createConversations } from '../../server/services/conversations.ts';
import { createRetention, type Retention } from '../../server/services/retention.ts';
import { createSearch, type Search } from '../../server/services/search.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import { alice, bob, carol, dave, erin } from './conversation-cast.ts';

const names = new Map<UserId, string>([
  [alice, 'Alice Varga'],
  [bob, 'Bob Kovács'],
  [carol, 'Carol Diaz'],
  [dave, 'Dave Okafor'],
  [erin, 'Erin Lindqvist'],
]);

export const personRecord = (id: UserId, displayName: string): PersonRecord => {
  const address = `${displayName.split(' ')[0]?.toLowerCase()}-${id.slice(-4)}@contoso.example`;
  return {
    ...blankPerson,
    id,
    displayName,
    address,
    addresses: [address],
    upn: address,
  };
};

export interface Stage {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly folder: string;
  readonly conversations: Conversations;
  readonly blobs: Blobs;
  readonly attachments: Attachments;
  readonly audit: Audit;
  readonly retention: Retention;
  readonly callDetails: CallDetails;
  readonly archive: Archive;
  /** Not started: a test starts it where it searches. */
  readonly search: Search;
  /** Everything that the bus carried. */
  readonly notices: readonly Notice[];
  /** `block(alice, dave)`: alice blocks dave. */
  block(owner: UserId, other: UserId): void;
  unblock(owner: UserId, other: UserId): void;
  /** In do-not-disturb for everybody. */
  readonly inDoNotDisturb: Set<UserId>;
  /** Opens a conversation of the first with the others and gives it as the first sees it. */
  open(people: readonly UserId[], input?: Record<string, unknown>): Promise<Conversation>;
  send(from: UserId, id: string, text: string): Promise<LiveMessage>;
  history(viewer: UserId, id: string): Promise<readonly Message[]>;
  /** A person's events since the last call, checked against their schemas. */
  heard(id: UserId): Promise<readonly { type: string; body: Record<string, never> }[]>;
  /** Closes store and services and opens them again on the same folder. */
  restart(between?: (folder: string) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(people: readonly PersonRecord[] = []): Promise<Stage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-conversations-'));
  const clock = createManualClock();
  const blocked = new Set<string>();
  const inDoNotDisturb = new Set<UserId>();
  const notices: Notice[] = [];
  const listenedTo = new Map<UserId, number>();

  async function build() {
    const store = await openStore({ url: 'sqlite:', folder, clock });
    await store.transaction([], (tx) =>
      tx.accounts.putPeople([...[...names].map(([id, name]) => personRecord(id, name)), ...people]),
    );
    const bus = createInProcessBus((error) => {
      throw error;
    });
    bus.subscribe((notice) => {
      if (notice.kind !== 'events') notices.push(notice);
    });
    const directory = createStoredDirectory(store.accounts, clock);
    const blobs = await openFolderBlobs(path.join(folder, 'blobs'), clock.now());
    const audit = createAudit({ store, clock });
    let search: Search | null = null;
    const retention = createRetention({
      store,
      blobs,
      clock,
      directory,
      audit,
      onRemoved: (ids) => search?.forget(ids),
      beforeRemoval: (cutoff) => callDetails.endBegunBefore(cutoff),
    });
    const callDetails = createCallDetails({ store, clock });
    const archive = createArchive({ store, blobs, clock, directory, retention });
    const attachments = createAttachments({
      store,
      blobs,
      clock,
      blockedExtensions: defaultBlockedExtensions,
    });
    const conversations = createConversations({
      store,
      bus,
      clock,
      directory,
      keeper: retention,
      relationships: {
        blocks: (owner, other) => blocked.has(`${owner} ${other}`),
        doNotDisturb: (person) => inDoNotDisturb.has(person),
      },
    });
    await conversations.start();
    store.onCommitted((events) => {
      search?.committed(events);
      bus.publish({ kind: 'events', seq: events.at(-1)?.seq ?? 0 });
    });
    const failed = (error: unknown) => {
      throw error;
    };
    search = createSearch({
      store,
      bus,
      clock,
      index: openSearchIndex(folder),
      conversationFor: conversations.get,
      onError: failed,
    });
    return { store, blobs, conversations, attachments, audit, retention, callDetails, archive, search };
  }
  let built = await build();

  return {
    get store() {
      return built.store;
    },
    get conversations() {
      return built.conversations;
    },
    get blobs() {
      return built.blobs;
    },
    get attachments() {
      return built.attachments;
    },
    get audit() {
      return built.audit;
    },
    get retention() {
      return built.retention;
    },
    get callDetails() {
      return built.callDetails;
    },
    get archive() {
      return built.archive;
    },
    get search() {
      return built.search;
    },
    clock,
    folder,
    notices,
    inDoNotDisturb,
    block: (owner, other) => blocked.add(`${owner} ${other}`),
    unblock: (owner, other) => blocked.delete(`${owner} ${other}`),
    async open([creator, ...others], input = {}) {
      const result = await built.conversations.create(
        creator!,
        { participants: [...others], ...input },
        null,
      );
      return JSON.parse(result.json) as Conversation;
    },
    async send(from, id, text) {
      const result = await built.conversations.messages.send(from, toConversationId(id), { text }, null);
      return JSON.parse(result.json) as LiveMessage;
    },
    async history(viewer, id) {
      const page = { after: 0, before: null, limit: 200 };
      const json = await built.conversations.messages.history(viewer, toConversationId(id), page);
      return (JSON.parse(json) as { items: Message[] }).items;
    },
    async heard(id) {
      const events: InboxEvent[] = [];
      for (;;) {
        const some = await built.store.events.inbox(id, listenedTo.get(id) ?? 0, 500);
        if (some.length === 0) break;
        events.push(...some);
        listenedTo.set(id, some.at(-1)!.seq);
      }
      return events.map(({ type, json }) => {
        const body = JSON.parse(json) as Record<string, never>;
        durableEventSchemas[type].parse(body);
        return { type, body };
      });
    },
    async restart(between = async () => {}) {
      await built.search.close();
      await built.conversations.close();
      await built.store.close();
      await between(folder);
      built = await build();
    },
    async close() {
      await built.search.close();
      await built.conversations.close();
      await built.store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** People beyond the cast, for conferences of any size. */
export const crowd = (count: number): PersonRecord[] =>
  Array.from({ length: count }, (_, index) =>
    personRecord(
      toUserId(`11111111-0000-4000-8000-${String(index).padStart(12, '0')}`),
      `Person ${String(index).padStart(4, '0')}`,
    ),
  );
