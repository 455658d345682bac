/**
 * How long what was said is kept, and for whom it must be kept: retention, legal holds, archiving, earlier
 * versions of messages. A hold wins over retention and over deletion; archiving keeps what a sender deletes.
 */
import { randomUUID } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import {
  type ConversationId,
  type MessageId,
  toConversationId,
  toUserId,
  type UserId,
} from '../domain/ids.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { Store, Transaction } from '../ports/store.ts';
import type { MessageRow } from '../ports/store-conversations.ts';
import type { HoldRow } from '../ports/store-records.ts';
import type { Hold, HoldInput, RetentionPolicy } from '../protocol/records.ts';
import type { Audit } from './audit.ts';
import { toInstant } from './conversation-views.ts';

const dayMs = 86_400_000;
const sweepEveryMs = 3_600_000;
/** Messages removed per transaction: a few milliseconds of the writer. */
const sliceMessages = 200;

/** Messages for ever unless told otherwise; records as long as Lync's monitoring keeps them. */
export const defaultPolicy: RetentionPolicy = {
  messageDays: null,
  cdrDays: 60,
  auditDays: 365,
  archive: 'off',
};

const settingName = 'retention';

export type Retention = ReturnType<typeof createRetention>;

export function createRetention({
  store,
  blobs,
  clock,
  directory,
  audit,
  onRemoved = () => {},
  beforeRemoval = async () => {},
}: {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly audit: Audit;
  /** Told of messages that are gone for good, so that no index remembers them. */
  readonly onRemoved?: (ids: readonly MessageId[]) => void;
  /** Awaited before what is older goes: call detail records count messages and must be written by then. */
  readonly beforeRemoval?: (cutoff: number) => Promise<void>;
}) {
  let cancel: (() => void) | null = null;
  let sweeping: Promise<void> = Promise.resolve();

  type Reads = {
    readonly records: Pick<Store['records'], 'setting' | 'holds' | 'archivedPeople' | 'participations'>;
  };

  async function policy(reads: Pick<Reads, 'records'>): Promise<RetentionPolicy> {
    const stored = await reads.records.setting(settingName);
    return stored === null ? defaultPolicy : { ...defaultPolicy, ...(JSON.parse(stored) as RetentionPolicy) };
  }

  /** Why a conversation's messages outlive their deletion, if they do. */
  async function protection(reads: Reads, id: ConversationId): Promise<'hold' | 'archive' | null> {
    const holds = await reads.records.holds();
    const { archive } = await policy(reads);
    const chosen = await reads.records.archivedPeople();
    if (holds.length === 0 && archive === 'off' && chosen.size === 0) return null;
    if (holds.some(({ conversationId }) => conversationId === id)) return 'hold';
    const people = new Set((await reads.records.participations(id)).map(({ personId }) => personId));
    if (holds.some(({ personId }) => personId !== null && people.has(personId))) return 'hold';
    return isArchived(people, archive, chosen) ? 'archive' : null;
  }

  /** The conversations under hold; empty without holds, which is nearly always. */
  async function heldConversations(): Promise<ReadonlySet<ConversationId>> {
    const held = new Set<ConversationId>();
    for (const { personId, conversationId } of await store.records.holds()) {
      if (conversationId !== null) held.add(conversationId);
      if (personId !== null) for (const id of await store.records.conversationsOf(personId)) held.add(id);
    }
    return held;
  }

  /** Removes what is past keeping. Slice by slice, so that sends go on meanwhile. */
  async function sweep(): Promise<void> {
    const now = clock.now();
    const { messageDays, cdrDays, auditDays } = await policy(store);
    if (messageDays !== null) await removeBefore(now - messageDays * dayMs);
    const before = { cdr: now - cdrDays * dayMs, audit: now - auditDays * dayMs };
    const slices = [
      (tx: Transaction) => tx.records.removeCdr(before.cdr, 500),
      (tx: Transaction) => tx.records.removeAudit(before.audit, 500),
    ];
    for (const slice of slices) while ((await store.transaction([], slice)) === 500);
  }

  async function removeBefore(cutoff: number): Promise<void> {
    await beforeRemoval(cutoff);
    let after: MessageId | null = null;
    for (;;) {
      const rows = await store.records.messagesBetween(0, cutoff, after, sliceMessages);
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.id;
      // Holds are asked for in each slice: one that is set while this runs counts from then on.
      const held = await heldConversations();
      await removeForGood(rows.filter(({ conversationId }) => !held.has(conversationId)).map(({ id }) => id));
    }
    let removed = sliceMessages;
    while (removed === sliceMessages) {
      const held = await heldConversations();
      removed = await store.transaction([], (tx) => tx.records.removeChanges(cutoff, held, sliceMessages));
    }
  }

  async function removeForGood(ids: readonly MessageId[]): Promise<void> {
    if (ids.length === 0) return;
    const orphaned = await store.transaction([], (tx) => tx.records.removeMessages(ids));
    onRemoved(ids);
    for (const key of orphaned) await blobs.remove(key);
  }

  const toHold = ({ id, personId, conversationId, reason, createdAt, createdBy }: HoldRow): Hold => ({
    id,
    personId,
    conversationId,
    reason,
    createdAt: toInstant(createdAt),
    createdById: createdBy,
  });

  function schedule(): void {
    cancel = clock.after(sweepEveryMs, () => {
      sweeping = sweep()
        // The store is down or closing; the next round does it.
        .catch(() => {})
        .finally(() => {
          if (cancel !== null) schedule();
        });
    });
  }

  return {
    protection,
    sweep,
    removeForGood,
    heldConversations,

    policy: () => policy(store),

    async setPolicy(actorId: UserId, next: RetentionPolicy): Promise<RetentionPolicy> {
      await store.transaction([settingName], async (tx) => {
        await audit.recordIn(tx, actorId, 'retention.set', { before: await policy(tx), after: next });
        await tx.records.putSetting(settingName, JSON.stringify(next));
      });
      return next;
    },

    /** Switches archiving of one person on or off against the organisation's rule; null follows the rule. */
    async setArchived(actorId: UserId, personId: UserId, archived: boolean | null): Promise<void> {
      await store.transaction([settingName], async (tx) => {
        await audit.recordIn(tx, actorId, 'archive.person', { personId, archived });
        await tx.records.putArchived(personId, archived);
      });
    },

    /** True per conversation where somebody's archiving takes it into the archive. */
    async archived(reads: Store): Promise<(people: Iterable<UserId>) => boolean> {
      const { archive } = await policy(reads);
      const chosen = await reads.records.archivedPeople();
      return (people) => isArchived(people, archive, chosen);
    },

    holds: async (): Promise<Hold[]> => (await store.records.holds()).map(toHold),

    /** Puts a person's or a conversation's messages under hold. Everybody they ever wrote with is covered. */
    async hold(actorId: UserId, input: HoldInput): Promise<Hold> {
      if (input.personId !== undefined) {
        const [person] = await directory.persons([input.personId]);
        if (person == null)
          throw new DomainError('unknown-person', `Not in the directory: ${input.personId}.`);
      } else if ((await store.conversations.find(toConversationId(input.conversationId ?? ''))) === null)
        throw new DomainError('not-found', 'There is no conversation of that id.');
      const row: HoldRow = {
        id: randomUUID(),
        personId: input.personId === undefined ? null : toUserId(input.personId),
        conversationId: input.conversationId === undefined ? null : toConversationId(input.conversationId),
        reason: input.reason,
        createdAt: clock.now(),
        createdBy: actorId,
      };
      await store.transaction([settingName], async (tx) => {
        await audit.recordIn(tx, actorId, 'hold.set', { ...row });
        await tx.records.putHold(row);
      });
      return toHold(row);
    },

    async release(actorId: UserId, id: string): Promise<void> {
      await store.transaction([settingName], async (tx) => {
        const row = (await tx.records.holds()).find((hold) => hold.id === id);
        if (row === undefined) throw new DomainError('not-found', 'There is no hold of that id.');
        await audit.recordIn(tx, actorId, 'hold.release', { ...row });
        await tx.records.removeHold(id);
      });
    },

    /** Keeps what a message said before an edit, for everybody who can see it. */
    async keepVersion(tx: Transaction, row: MessageRow, byId: UserId, at: number): Promise<void> {
      await tx.records.addVersion({ messageId: row.id, at, byId, json: row.json, sealed: false });
    },

    /**
     * What becomes of a message that its sender deletes: protected, its versions are sealed for the archive;
     * else everything goes. Answers the blobs to remove once the transaction has committed.
     */
    async forget(tx: Transaction, row: MessageRow, byId: UserId, at: number): Promise<readonly string[]> {
      if ((await protection(tx, row.conversationId)) === null) {
        await tx.records.removeVersions(row.id);
        const files = await tx.records.attachmentsOf(row.id);
        for (const { id } of files) await tx.conversations.removeAttachment(id);
        return files.map(({ id }) => id);
      }
      await tx.records.addVersion({ messageId: row.id, at, byId, json: row.json, sealed: true });
      await tx.records.sealVersions(row.id);
      return [];
    },

    async removeBlobs(keys: readonly string[]): Promise<void> {
      for (const key of keys) await blobs.remove(key);
    },

    start: schedule,
    async close(): Promise<void> {
      cancel?.();
      cancel = null;
      await sweeping;
    },
  };
}

function isArchived(
  people: Iterable<UserId>,
  rule: RetentionPolicy['archive'],
  chosen: ReadonlyMap<UserId, boolean>,
): boolean {
  for (const id of people) if (chosen.get(id) ?? rule === 'everyone') return true;
  return false;
}
