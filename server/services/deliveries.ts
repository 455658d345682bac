/**
 * Delivered marks from acknowledged cursors. A client acknowledges every half minute, thousands do: they are
 * gathered for a moment and written in one transaction, and nothing at all is written when nothing advances.
 */
import { decide, isRefusal } from '../domain/conversations.ts';
import type { ConversationId, UserId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { carryOut } from './conversation-changes.ts';
import type { Relationships } from './messages.ts';
import type { PersonNames } from './person-names.ts';

/** Long enough to gather many, short enough that the sender sees the mark while looking. */
const gatherMs = 250;

export function createDeliveries({
  store,
  clock,
  names,
  relationships,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly names: PersonNames;
  readonly relationships: Relationships;
}) {
  /** What has been acknowledged and not been looked at yet: the highest number per person. */
  let waiting = new Map<UserId, number>();
  /** Up to where a person's events have been looked at by this node; a restart reads it from the store. */
  const lookedAt = new Map<UserId, number>();
  let cancel: (() => void) | null = null;
  let flushing: Promise<void> = Promise.resolve();

  /** Takes one acknowledgement: cheap, returns at once. Older than the last one changes nothing. */
  function acknowledge(personId: UserId, throughEvent: number): void {
    if (throughEvent <= Math.max(lookedAt.get(personId) ?? 0, waiting.get(personId) ?? 0)) return;
    waiting.set(personId, throughEvent);
    cancel ??= clock.after(gatherMs, () => {
      cancel = null;
      flushing = flushing.then(flush);
    });
  }

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = new Map();
    try {
      const reached = new Map<ConversationId, { personId: UserId; seq: number }[]>();
      const advancing = new Map<UserId, number>();
      for (const [personId, through] of batch) {
        const after = lookedAt.get(personId) ?? (await store.conversations.deliveredThrough(personId));
        if (through <= after) continue;
        const found = await store.conversations.delivered(personId, after, through);
        for (const { conversationId, seq } of found) {
          const marks = reached.get(conversationId) ?? [];
          marks.push({ personId, seq });
          reached.set(conversationId, marks);
        }
        if (found.length > 0) advancing.set(personId, through);
      }
      if (reached.size > 0) await write(reached, advancing);
      for (const [personId, through] of batch) lookedAt.set(personId, through);
    } catch {
      // The store refuses writes or is closing: the next acknowledgement of each person says it all again.
    }
  }

  async function write(
    reached: ReadonlyMap<ConversationId, readonly { personId: UserId; seq: number }[]>,
    advancing: ReadonlyMap<UserId, number>,
  ): Promise<void> {
    const now = clock.now();
    await store.transaction([...reached.keys()], async (tx) => {
      for (const [conversationId, marks] of reached) {
        let state = await tx.conversations.find(conversationId);
        if (state === null) continue;
        for (const { personId, seq } of marks) {
          const other = state.participants.find((participant) => participant.personId !== personId);
          // To somebody one has blocked, receiving looks like absence (PV5).
          if (state.kind === 'two-party' && other && relationships.blocks(personId, other.personId)) continue;
          const decided = decide(state, { type: 'deliver', personId, seq }, now);
          if (!isRefusal(decided)) state = await carryOut(tx, names, state, decided.events, personId, now);
        }
      }
      for (const [personId, through] of advancing)
        await tx.conversations.putDeliveredThrough(personId, through);
    });
  }

  return {
    acknowledge,
    /** Writes down what has been acknowledged so far. */
    async close(): Promise<void> {
      cancel?.();
      cancel = null;
      flushing = flushing.then(flush);
      await flushing;
    },
  };
}
