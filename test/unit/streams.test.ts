/** The event stream against a real store, where a whole server would hide what is asked of the store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInProcessBus } from '../../server/adapters/bus/in-process.ts';
import { principalOf } from '../../server/adapters/identity/principal.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import { toUserId, type UserId } from '../../server/domain/ids.ts';
import { readerFor } from '../../server/domain/reader.ts';
import type { Bus } from '../../server/ports/bus.ts';
import type { Principal } from '../../server/ports/identity.ts';
import type { Store } from '../../server/ports/store.ts';
import { createEventStream, type PresenceForStreams, type Sink } from '../../server/services/event-stream.ts';
import { createStreamRights, everySeconds } from '../../server/services/stream-rights.ts';
import { createManualClock } from '../support/clock.ts';

const noon = Date.UTC(2026, 10, 2, 12);
const [alice, bob] = [
  toUserId('00000000-0000-4000-8000-00000000000a'),
  toUserId('00000000-0000-4000-8000-00000000000b'),
];
const reader = readerFor('en', 'UTC');

/** Presence reduced to what the stream asks for: a counter per person stands for the view. */
function createCountingPresence() {
  const versions = new Map<UserId, number>();
  let serialised = 0;
  const presence: PresenceForStreams = {
    know: async (ids) => ids.map(toUserId),
    disclosureClass: () => 'colleague',
    viewJson(id) {
      serialised += 1;
      return JSON.stringify({ id, sequence: versions.get(id) ?? 0 });
    },
    viewSequence: (id) => versions.get(id) ?? 0,
    hasLeftTimes: () => false,
    endpointOpened: () => undefined,
    endpointClosed: () => undefined,
  };
  return {
    presence,
    change: (id: UserId) => versions.set(id, (versions.get(id) ?? 0) + 1),
    serialised: () => serialised,
  };
}

class MemorySink implements Sink {
  text = '';
  buffers: Buffer[] = [];
  send(bytes: Buffer): void {
    this.text += bytes;
    this.buffers.push(bytes);
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
  end(bytes: Buffer): void {
    this.send(bytes);
  }
  types(): string[] {
    return [...this.text.matchAll(/^event: (.+)$/gm)].map((match) => match[1] as string);
  }
  ids(): number[] {
    return [...this.text.matchAll(/^id: .+\.(\d+)$/gm)].map((match) => Number(match[1]));
  }
}

describe('event stream and store', () => {
  let folder = '';
  let store: Store;
  let bus: Bus;
  const clock = createManualClock(noon);
  const principal = principalOf({
    kind: 'person',
    userId: alice,
    roles: [],
    external: false,
    tokenId: 't',
    sessionId: null,
    generation: 0,
    expiresAt: noon * 2,
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jellybean-stream-'));
    store = await openStore({ url: 'sqlite:', folder, clock });
    bus = createInProcessBus((error) => {
      throw error;
    });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const append = (count: number, recipients: readonly UserId[] = [alice]) =>
    Promise.all(
      Array.from({ length: count }, () =>
        store.transaction([], async (tx) =>
          tx.appendEvent({ type: 'contact.added-you', recipients, body: { person: { id: bob } } }),
        ),
      ),
    );

  /** Counts the reads of the event log. */
  function counted(real: Store): { store: Store; reads: string[] } {
    const reads: string[] = [];
    const events = new Proxy(real.events, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          reads.push(String(name));
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
    const store = new Proxy(real, {
      get: (target, name) => (name === 'events' ? events : Reflect.get(target, name)),
    });
    return { store, reads };
  }

  let contacts: readonly UserId[] = [bob];
  const make = async (over: Store, presence = createCountingPresence().presence, on = bus) =>
    createEventStream({
      store: over,
      bus: on,
      clock,
      presence,
      contactsOf: async () => contacts,
      onError: (error) => {
        throw error;
      },
      lastSeq: await store.events.lastSeq(),
    });

  test('[EV24] returning to a node where nothing was missed reads nothing from the log', async () => {
    await append(3);
    const { store: watched, reads } = counted(store);
    const stream = await make(watched);
    store.onCommitted((events) => stream.committed(events));
    await append(2);
    const last = await store.events.lastSeq();
    reads.length = 0;
    const sink = new MemorySink();
    await stream.open(principal, 'e', `${store.epoch}.${last}`, reader, sink);
    expect(sink.types()).toEqual(['ready', 'presence.snapshot']);
    expect(reads).toEqual([]);

    const behind = new MemorySink();
    await stream.open(principal, 'e', `${store.epoch}.${last - 1}`, reader, behind);
    expect(behind.ids()).toEqual([last]);
    expect(reads).toContain('inbox');
    stream.closeAll(1001, 0);
  });

  test('[EV36] a node that only hears notices, late and in any order, hands out the log in its order', async () => {
    const stream = await make(store);
    const sink = new MemorySink();
    await stream.open(principal, 'e', null, reader, sink);
    await append(5);
    await append(5, [bob]);
    await append(5);
    for (const seq of [15, 3, 11, 15, 1]) bus.publish({ kind: 'events', seq });
    while (sink.ids().length < 10) await new Promise(setImmediate);
    expect(sink.ids()).toEqual([1, 2, 3, 4, 5, 11, 12, 13, 14, 15]);
    stream.closeAll(1001, 0);
  });

  test('[EV38] what another node says is for others is not read, and is missed by nobody who comes back', async () => {
    const { store: watched, reads } = counted(store);
    const stream = await make(watched);
    const sink = new MemorySink();
    await stream.open(principal, 'e', null, reader, sink);
    await append(3, [bob]);
    bus.publish({ kind: 'events', seq: 3, recipients: [[bob], [bob], [bob]] });
    await append(1);
    const [own] = await store.events.after(3, 1);
    await new Promise(setImmediate);
    stream.committed([own!]);
    expect(sink.ids()).toEqual([4]);
    expect(reads).toEqual([]);

    // Bob was on another node until the second of his events.
    const returning = new MemorySink();
    await stream.open({ ...principal, userId: bob }, 'e', `${store.epoch}.2`, reader, returning);
    expect(returning.ids()).toEqual([3]);
    await append(1, [bob]);
    bus.publish({ kind: 'events', seq: 5, recipients: [[bob]] });
    while (returning.ids().length < 2) await new Promise(setImmediate);
    expect(returning.ids()).toEqual([3, 5]);
    expect(reads).toContain('after');
    stream.closeAll(1001, 0);
  });

  test('[ST29] after a gap the streams watch whom the contact list names by then', async () => {
    const carol = toUserId('00000000-0000-4000-8000-00000000000c');
    let gap = () => {};
    const { presence, change } = createCountingPresence();
    const stream = await make(store, presence, {
      ...bus,
      onGap(listener) {
        gap = listener;
        return () => {};
      },
    });
    const sink = new MemorySink();
    await stream.open(principal, 'e', null, reader, sink);
    contacts = [bob, carol];
    gap();
    while (stream.watchersOf(carol).length === 0) await new Promise(setImmediate);
    change(carol);
    bus.publish({ kind: 'presence', personId: carol });
    while (!sink.types().includes('presence.changed')) await new Promise(setImmediate);
    expect(stream.watchersOf(bob)).toEqual([alice]);
    contacts = [bob];
    stream.closeAll(1001, 0);
  });

  test('[ID27] where the bus loses a notice, every stream without a right is found within half a minute', async () => {
    const stream = await make(store);
    const sinks = Array.from({ length: 70 }, () => new MemorySink());
    const watchers = sinks.map((_, at) =>
      principalOf({ ...principal, userId: toUserId(`watcher-${at}`), roles: [], sessionId: `s${at}` }),
    );
    for (const [at, sink] of sinks.entries())
      await stream.open(watchers[at] as Principal, 'e', null, reader, sink);
    const revoked = new Set(['watcher-3', 'watcher-64']);
    const asked: number[] = [];
    const rights = createStreamRights({
      eventStream: stream,
      identity: {
        ended: async (given) => {
          asked.push(given.length);
          return given
            .filter(({ userId }) => revoked.has(userId))
            .map((right) => ({ right, reason: right.userId === 'watcher-3' ? 'disabled' : 'revoked' }));
        },
      },
      bus: { isShared: true },
      clock,
      onError: (error) => {
        throw error;
      },
    });
    rights.start();
    for (let second = 0; second < everySeconds; second++) {
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
    await rights.close();
    const closed = sinks.flatMap((sink, at) => (sink.types().includes('closing') ? [at] : []));
    expect(closed).toEqual([3, 64]);
    expect(sinks[3]?.text).toContain('"code":4003');
    expect(sinks[64]?.text).toContain('"code":4001');
    // Each was looked at once, a few at a time.
    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(70);
    expect(Math.max(...asked)).toBeLessThanOrEqual(3);

    // A stream that was renewed with another right meanwhile goes on.
    const [old] = stream.rights(5, 70);
    stream.renew({ ...(watchers[5] as Principal), generation: 7 }, old?.streamId ?? '');
    stream.endRight({ right: old!, reason: 'revoked' });
    expect(sinks[5]?.types()).not.toContain('closing');
    stream.closeAll(1001, 0);
  });

  test('[EV26] one change is serialised once for all who watch, and not at all when the view is equal', async () => {
    const { presence, change, serialised } = createCountingPresence();
    const stream = await make(store, presence);
    const sinks = Array.from({ length: 50 }, () => new MemorySink());
    for (const [at, sink] of sinks.entries()) {
      const watcher = principalOf({ ...principal, userId: toUserId(`watcher-${at}`), roles: [] });
      await stream.open(watcher, 'e', null, reader, sink);
    }
    const before = serialised();
    const tell = async () => {
      bus.publish({ kind: 'presence', personId: bob });
      await new Promise(setImmediate);
    };
    change(bob);
    await tell();
    expect(serialised() - before).toBe(1);
    for (const sink of sinks) expect(sink.buffers.at(-1)).toBe(sinks[0]?.buffers.at(-1));
    await tell();
    expect(serialised() - before).toBe(1);
    expect(sinks[0]?.types().filter((type) => type === 'presence.changed')).toHaveLength(1);
    stream.closeAll(1001, 0);
  });
});
