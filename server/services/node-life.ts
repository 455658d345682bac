/**
 * Which nodes live: this one renews its row, watches the rows of the others, and ends those that are dead,
 * so that their endpoints end too. Everybody judges by their own clock, and only while the store answers:
 * where nobody could renew, nobody is dead for it.
 */
import type { UserId } from '../domain/ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import { type NodeAbout, type Nodes, saysNothing } from '../ports/nodes.ts';

const renewMs = 2_000;
const lookMs = 1_000;
/** Without a renewal for so long a node is dead: its endpoints end within 45 s of its death, and not before a pause of 35 s. */
const deadMs = 40_000;
/** A node that said that it ends: so long its people have to connect elsewhere. */
const leftMs = 30_000;
/** A longer time without an answer from the store is counted against nobody. */
const blindMs = 3_000;
const peoplePerNotice = 500;

/** A node as it is shown to administrators. */
export interface LivingNode extends NodeAbout {
  readonly id: string;
  readonly isLeaving: boolean;
}

interface Seen extends LivingNode {
  readonly beat: number;
  readonly since: number;
}

export type NodeLife = ReturnType<typeof createNodeLife>;

export function createNodeLife(options: {
  nodes: Nodes;
  bus: Bus;
  clock: Clock;
  version: string;
  /** Endpoints of these people ended with a node: what the store remembers of them is another. */
  onEnded: (people: readonly UserId[]) => void;
  /** The others have taken this node for dead: what it holds must be entered again. */
  onTakenForDead: () => void;
  onError: (error: unknown) => void;
}) {
  const { nodes, bus, clock, onError } = options;
  const { nodeId } = bus;
  const about: NodeAbout = { version: options.version, startedAt: clock.now() };
  let seen = new Map<string, Seen>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | null = null;
  let working: Promise<void> = Promise.resolve();
  let isClosed = false;

  async function renew(): Promise<void> {
    if (clock.now() - renewedAt < renewMs - lookMs / 2) return;
    renewedAt = clock.now();
    if (await nodes.renew(nodeId)) return;
    await nodes.join(nodeId, about);
    options.onTakenForDead();
  }

  async function look(): Promise<void> {
    const rows = await nodes.list();
    const now = clock.now();
    // While the store did not answer nobody could renew: that time is nobody's silence.
    const blind = now - lookedAt > blindMs ? now - lookedAt : 0;
    lookedAt = now;
    const next = new Map<string, Seen>();
    for (const row of rows) {
      const { id, beat, isLeaving } = row;
      if (id === nodeId) continue;
      const before = seen.get(id);
      const isSame = before !== undefined && before.beat === beat && before.isLeaving === isLeaving;
      next.set(id, { ...row, since: isSame ? before.since + blind : now });
    }
    seen = next;
    for (const [id, { beat, since, isLeaving }] of next) {
      if (now - since < (isLeaving ? leftMs : deadMs)) continue;
      const people = await nodes.end(id, beat);
      seen.delete(id);
      if (people === null) continue;
      for (let from = 0; from < people.length; from += peoplePerNotice)
        bus.publish({ kind: 'remembered', people: people.slice(from, from + peoplePerNotice), nodeId });
      options.onEnded(people);
    }
  }

  function schedule(): void {
    cancel = clock.after(lookMs, () => {
      working = renew()
        .then(look)
        // The store is away: it is asked again in a second.
        .catch(onError)
        .finally(() => {
          if (!isClosed) schedule();
        });
    });
  }

  return {
    /** Enters this node, and those whose registrations are there without a row, so that they are judged too. */
    async start(known: Iterable<string>): Promise<void> {
      if (!bus.isShared) return;
      await nodes.join(nodeId, about);
      for (const id of new Set(known)) if (id !== nodeId) await nodes.join(id, saysNothing);
      await look();
      schedule();
    },

    /** The other nodes that live, as far as this one knows. */
    others: (): readonly string[] => [...seen].filter(([, { isLeaving }]) => !isLeaving).map(([id]) => id),

    /** Every node as this one sees it, itself first. */
    all: (): readonly LivingNode[] => [{ id: nodeId, isLeaving: isClosed, ...about }, ...seen.values()],

    /** Tells the others that this node ends; what it holds stands until their patience is over. */
    async close(): Promise<void> {
      isClosed = true;
      cancel?.();
      await working;
      if (bus.isShared) await nodes.leave(nodeId).catch(onError);
    },
  };
}
