/**
 * What presence remembers over a restart (PA17), and how nodes learn it from each other: choices are written
 * by those who make them, durably and at once; here is the rest, written lazily and in batches, so that a
 * heartbeat that changes nothing costs no write. A node that hears that others wrote reads those people anew.
 */
import type { UserId } from '../domain/ids.ts';
import type { Publication } from '../domain/presence.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import { saysNothing } from '../ports/nodes.ts';
import type { Store } from '../ports/store.ts';
import type {
  PersonalPresence,
  RememberedPresence,
  SettledPresence,
  StoredPublication,
} from '../ports/store-presence.ts';
import { changesOf, joined, mergeRemembered } from './presence-merge.ts';
import type { Presentity } from './presentity.ts';

/** How long changes gather before they are written; a crash loses no more than this, and only soft state. */
const gatherMs = 2_000;
/** The same where other nodes wait to see them. */
const sharedGatherMs = 40;
/** How long news of other nodes gather before they are read. */
const hearMs = 15;
/** After a failed write or reading, when to try again. */
const retryMs = 5_000;
const sharedRetryMs = 500;
const peoplePerWrite = 500;

export type PresenceMemory = ReturnType<typeof createPresenceMemory>;

export function createPresenceMemory(options: {
  store: Store;
  clock: Clock;
  bus: Bus;
  onError: (error: unknown) => void;
  personOf: (id: UserId) => Presentity;
  /** Everybody in memory, for catching up after a gap. */
  everybody: () => Iterable<UserId>;
  /** Takes over what the store remembers beyond soft state, and reckons the person anew. */
  adopt: (person: Presentity, remembered: RememberedPresence) => void;
}) {
  const { store, clock, bus, onError } = options;
  const { isShared, nodeId } = bus;
  const gather = isShared ? sharedGatherMs : gatherMs;
  const retry = isShared ? sharedRetryMs : retryMs;
  let dirty: Presentity[] = [];
  let cancel: (() => void) | null = null;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;
  /** False until what there was at the start has been loaded: until then what is heard waits. */
  let started = false;
  /** Whom other nodes wrote. */
  let heard = new Set<UserId>();
  let hasGap = false;
  let cancelReading: (() => void) | null = null;
  /** Counts each person's own durable choices, so that a reading that was under way does not undo one. */
  const choices = new Map<UserId, number>();

  async function write(people: readonly Presentity[]): Promise<void> {
    const now = clock.now();
    const changes = people.map((person) => changesOf(person, now));
    const written = people.map(({ publications, here }) => ({ publications, registrations: here }));
    // One node at a time: two that write the same people in another order would block each other.
    await store.transaction(['presence'], (tx) => tx.presence.saveSoftState(nodeId, changes));
    for (const [at, person] of people.entries()) person.saved = written[at]!;
    if (isShared) bus.publish({ kind: 'remembered', people: people.map(({ id }) => id), nodeId });
  }

  /**
   * Writes what is dirty now. Who becomes so meanwhile waits for the next gathering: taken along at once, each
   * of many who arrive would get a commit of their own.
   */
  async function flush(): Promise<void> {
    const people = dirty;
    dirty = [];
    for (let from = 0; from < people.length; from += peoplePerWrite) {
      const batch = people.slice(from, from + peoplePerWrite);
      for (const person of batch) person.dirty = false;
      try {
        await write(batch);
      } catch (error) {
        for (const person of batch) mark(person);
        // The rest are still marked, but on no list any more.
        dirty.push(...people.slice(from + peoplePerWrite));
        if (closed) throw error;
        onError(error);
        later(retry);
        return;
      }
    }
  }

  function later(ms: number): void {
    if (cancel !== null || closed) return;
    cancel = clock.after(ms, () => {
      cancel = null;
      writing = writing.then(read).then(flush);
    });
  }

  function mark(person: Presentity): void {
    if (person.dirty) return;
    person.dirty = true;
    dirty.push(person);
  }

  // ── what other nodes wrote ──

  function readLater(ms: number): void {
    if (closed || !started) return;
    cancelReading ??= clock.after(ms, () => {
      cancelReading = null;
      writing = writing.then(read);
    });
  }

  /** Reads who was heard of. Never while a write is under way: what is read must be compared with what is saved. */
  async function read(): Promise<void> {
    if (hasGap) {
      hasGap = false;
      for (const id of options.everybody()) heard.add(id);
      try {
        for await (const [id] of store.presence.allSettled()) heard.add(id);
      } catch (error) {
        hasGap = true;
        onError(error);
        readLater(retry);
        return;
      }
    }
    if (heard.size === 0 || closed) return;
    const ids = [...heard];
    heard = new Set();
    for (let from = 0; from < ids.length; from += peoplePerWrite) {
      const batch = ids.slice(from, from + peoplePerWrite);
      try {
        const before = batch.map((id) => choices.get(id));
        const rows = await store.presence.remembered(batch);
        for (const [at, remembered] of rows.entries()) {
          const { personId } = remembered;
          if (choices.get(personId) !== before[at]) {
            heard.add(personId);
            continue;
          }
          const person = options.personOf(personId);
          if (mergeRemembered(person, remembered, nodeId)) {
            mark(person);
            later(gather);
          }
          options.adopt(person, remembered);
        }
      } catch (error) {
        for (const id of ids.slice(from)) heard.add(id);
        onError(error);
        readLater(retry);
        return;
      }
    }
    if (heard.size > 0) readLater(hearMs);
  }

  const unsubscribe = bus.subscribe((notice) => {
    if (notice.kind !== 'remembered' || notice.nodeId === nodeId) return;
    for (const id of notice.people) heard.add(id);
    readLater(hearMs);
  });
  const unsubscribeGap = bus.onGap(() => {
    hasGap = true;
    readLater(0);
  });

  return {
    /** What was remembered is in memory; from now on it follows what others write. */
    start(): void {
      started = true;
      if (hasGap || heard.size > 0) readLater(0);
    },

    /** Notes that a person's soft state differs from what is stored. */
    changed(person: Presentity): void {
      mark(person);
      later(gather);
    },

    /** Notes that a renewed lease differs: a difference to other nodes, which would else take it for expired. */
    renewed(person: Presentity): void {
      if (!isShared) return;
      mark(person);
      later(gather);
    },

    /** Tells the others that a person's durable choices were committed by this node. */
    chose({ id }: Presentity): void {
      if (!isShared) return;
      choices.set(id, (choices.get(id) ?? 0) + 1);
      bus.publish({ kind: 'remembered', people: [id], nodeId });
    },

    /** Reads these people anew, soon. */
    reload(ids: Iterable<UserId>): void {
      for (const id of ids) heard.add(id);
      readLater(0);
    },

    /** Writes everything that is not yet written, with the leases as they now stand. */
    async close(people: Iterable<Presentity>): Promise<void> {
      if (closed) return;
      closed = true;
      unsubscribe();
      unsubscribeGap();
      cancel?.();
      cancelReading?.();
      await writing;
      // Between nodes every renewal has been written already.
      if (!isShared) for (const person of people) if (person.publications.length > 0) mark(person);
      await flush();
    },
  };
}

/**
 * Turns a stored machine into what it would be had the node not been down: as idle as it was when it was
 * saved, its lease running anew. Its client either returns within the grace or is gone anyway.
 */
export function revive(stored: StoredPublication, now: number): Publication {
  const { personId: _, savedAt, ...publication } = stored;
  if (publication.kind !== 'machine') return publication;
  const lifetime = publication.expiresAt === null ? null : publication.expiresAt - publication.publishedAt;
  return {
    ...publication,
    inputAt: publication.inputAt === null ? null : publication.inputAt + Math.max(0, now - savedAt),
    expiresAt: lifetime === null ? null : now + lifetime,
  };
}

interface Remembered extends Pick<PersonalPresence, 'lastActiveAt' | 'offlineSince' | 'curtain'> {
  /** Null where a version before wrote none. */
  readonly settled: SettledPresence | null;
}

/**
 * Reads everything of a node's start; calls `person` to get or make the presentity of an id. A node that is
 * the only one takes every endpoint for its own; one of several takes over what lives on the others.
 */
export async function loadPresence(
  store: Store,
  person: (id: UserId) => Presentity,
  now: number,
  bus: Pick<Bus, 'isShared' | 'nodeId'>,
): Promise<ReadonlyMap<Presentity, Remembered>> {
  const seen = new Map<Presentity, Remembered>();
  const see = (one: Presentity, more: Partial<Remembered>) => {
    const known = seen.get(one) ?? { lastActiveAt: null, offlineSince: null, curtain: null, settled: null };
    seen.set(one, { ...known, ...more });
  };
  for await (const [id, personal] of store.presence.allPersonal()) {
    const one = person(id);
    one.preferred = personal.preferred;
    one.note = personal.note;
    one.outOfOffice = personal.outOfOffice;
    if (personal.privacy !== null) one.privacy = personal.privacy;
    const { lastActiveAt, offlineSince, curtain } = personal;
    see(one, { lastActiveAt, offlineSince, curtain });
  }
  for await (const [id, settled] of store.presence.allSettled()) {
    const { availability, since, lastActiveAt } = settled;
    see(person(id), { settled, lastActiveAt, offlineSince: availability === 'offline' ? since : null });
  }
  /** Nodes of a time when there were several: their endpoints are this one's now. */
  const former = new Set<string>();
  const isAlone = !bus.isShared || (await store.nodes.list()).every(({ isLeaving }) => isLeaving);
  for await (const { personId, endpoint, registeredAt, nodeId } of store.presence.allRegistrations()) {
    const one = person(personId);
    if (bus.isShared) one.elsewhere = [...one.elsewhere, { endpoint, registeredAt, nodeId }];
    else if (!one.here.some((known) => known.endpoint === endpoint))
      one.here = [...one.here, { endpoint, registeredAt }];
    if (!bus.isShared && nodeId !== bus.nodeId) former.add(nodeId);
    one.registrations = joined(one.here, one.elsewhere);
    see(one, {});
  }
  for await (const stored of store.presence.allPublications()) {
    const one = person(stored.personId);
    const revived = isAlone ? revive(stored, now) : withoutStorage(stored);
    if (revived.expiresAt !== null && revived.expiresAt <= now) continue;
    one.publications = [...one.publications, revived];
    see(one, {});
  }
  for (const one of seen.keys())
    one.saved = {
      publications: one.publications,
      registrations: bus.isShared || former.size > 0 ? [] : one.here,
    };
  for (const id of former) await store.nodes.join(id, saysNothing);
  if (former.size > 0) for (const { id, beat } of await store.nodes.list()) await store.nodes.end(id, beat);
  return seen;
}

const withoutStorage = ({ personId: _, savedAt: __, ...publication }: StoredPublication): Publication =>
  publication;
