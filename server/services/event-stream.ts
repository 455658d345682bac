/**
 * The event stream of contract §5: who is attached, what they watch, and which bytes go to whom. Knows
 * nothing of sockets (a `Sink` takes buffers) and nothing of SQL. Every event is serialised once and the
 * same buffer goes to every stream that may see it.
 */
import { randomBytes } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { type StreamId, toEndpointId, toStreamId, toUserId, type UserId } from '../domain/ids.ts';
import type { Reader } from '../domain/reader.ts';
import type { Bus, Notice } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { EndedRight, Principal, Right } from '../ports/identity.ts';
import type { CommittedEvent, Store } from '../ports/store.ts';
import { type ClosingCode, closingCodes, heartbeatSeconds, limits } from '../protocol/vocabulary.ts';
import { type Cursor, formatCursor, parseCursor } from './cursor.ts';
import { createLogFollower } from './log-follower.ts';
import { type DisclosureClass, disclosureClasses, Interner, WatchIndex } from './watch-index.ts';

/** Where a stream's bytes go. Implemented by http/sse.ts; never throws, never blocks. */
export interface Sink {
  /**
   * Queues bytes for this tick's write. `key` 0 means: must arrive. Another key names a presentity whose
   * newer view supersedes an older queued one when the reader is too slow. What one reader alone gets may be text.
   */
  send(part: Buffer | string, key: number): void;
  /** Resolves when everything queued so far has been taken by the connection, or the connection is gone. */
  drained(): Promise<void>;
  /** Sends the last bytes, then ends the connection. */
  end(bytes: Buffer): void;
}

/** What the stream needs of presence. After `know` everything is synchronous, from memory. */
export interface PresenceForStreams {
  /** Brings these people into memory; answers each one's own id, or null for an id that names nobody. */
  know(ids: readonly string[]): Promise<readonly (UserId | null)[]>;
  disclosureClass(presentity: UserId, watcher: Watcher): DisclosureClass;
  /** The serialised view for a class and reader, cached until it changes; `watcher` matters for `hidden` alone. */
  viewJson(presentity: UserId, disclosure: DisclosureClass, reader: Reader, watcher: UserId): string;
  /** The view's own counter for this class; equal numbers mean equal views. */
  viewSequence(presentity: UserId, disclosure: DisclosureClass): number;
  /** True where a hidden watcher was left with moments, which a policy may show or withhold. */
  hasLeftTimes(presentity: UserId, watcher: UserId): boolean;
  endpointOpened(userId: UserId, endpoint: string): void;
  endpointClosed(userId: UserId, endpoint: string, how: 'ended' | 'silent' | 'signed-out'): void;
}

export interface Watcher {
  readonly userId: UserId;
  readonly external: boolean;
  readonly kind: 'person' | 'application';
}

interface Stream {
  readonly slot: number;
  readonly id: StreamId;
  readonly userId: UserId;
  readonly person: number;
  readonly endpoint: string;
  readonly endpointKey: string;
  readonly external: boolean;
  readonly kind: Principal['kind'];
  readonly reader: Reader;
  readonly sink: Sink;
  sessionId: string | null;
  generation: number;
  tokenExpiresAt: number;
  aliveAt: number;
  /** True once 40 s went by without `alive`: for presence the endpoint is gone. */
  silent: boolean;
  /** Durable events that arrive while the inbox is being read; null once live. */
  pending: { readonly seq: number; readonly bytes: Buffer }[] | null;
  /** Watched people: number << 2 | contact bit 1 | list bit 2. */
  watched: Int32Array;
  closed: boolean;
}

/** Of a caller, what a stream of theirs is judged by. */
export type StreamOwner = Pick<
  Principal,
  'userId' | 'kind' | 'external' | 'sessionId' | 'generation' | 'expiresAt'
>;

export interface WatchChange {
  readonly put?: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

type Refusal = 'not-a-cursor' | 'unknown-epoch' | 'too-old';

const contactBit = 1;
const listBit = 2;
const silentAfterMs = 40_000;
const replayPage = 500;
/** How often, and for how long each, a stream waits for a node that has to catch up first: ten seconds. */
const catchUpWaits = 500;
const catchUpWaitMs = 20;
/** Streams leave in this rhythm while a node drains. */
const drainSliceMs = 200;
const beatsPerSecond = 25;
const heartbeatBytes = Buffer.from(': \n\n');

/** A serialised view without its last key, which counts changes of one class only. */
const withoutSequence = (json: string): string => json.slice(0, json.lastIndexOf(',"sequence"'));

/** One SSE event. JSON never holds a raw line break, so one `data:` line is enough. */
const eventText = (type: string, json: string, id?: string): string =>
  id === undefined ? `event: ${type}\ndata: ${json}\n\n` : `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;

/** The same for many streams: written down once. */
const eventBytes = (type: string, json: string, id?: string): Buffer =>
  Buffer.from(eventText(type, json, id));

export type EventStream = ReturnType<typeof createEventStream>;

export function createEventStream(options: {
  store: Store;
  bus: Bus;
  clock: Clock;
  presence: PresenceForStreams;
  /** The people on someone's contact list, for the snapshot and for what their streams watch. */
  contactsOf: (userId: UserId) => Promise<readonly UserId[]>;
  /** Tells that a person's client has received everything up to an event number. */
  onDelivered?: (userId: UserId, seq: number) => void;
  onError: (error: unknown) => void;
  counters?: { opened(): void; closed(): void; delivered(count: number): void };
  /** Highest event number when the node started. */
  lastSeq: number;
}) {
  const { store, bus, clock, presence, contactsOf, counters } = options;
  const people = new Interner();
  const index = new WatchIndex();
  const slots: (Stream | undefined)[] = [];
  const freeSlots: number[] = [];
  const byId = new Map<StreamId, Stream>();
  /** Streams by person number. */
  const byPerson: (Stream[] | undefined)[] = [];
  const perEndpoint = new Map<string, Stream[]>();
  /** Highest inbox event of each person since this node started, by person number. */
  const lastInbox: number[] = [];
  const startedAtSeq = options.lastSeq;
  let closing = false;
  let draining = false;
  let streamCount = 0;

  // ── durable events ──────────────────────────────────────────────────────────────────────────────

  function handOut(event: CommittedEvent): void {
    let shared: Buffer | null = null;
    const sharedBytes = (): Buffer => {
      shared ??= eventBytes(event.type, event.json, formatCursor(store.epoch, event.seq));
      return shared;
    };
    for (const recipient of event.recipients) {
      // Also for someone who was never here: their return with an older cursor must find that they missed something.
      const person = people.numberOf(recipient);
      lastInbox[person] = event.seq;
      const streams = byPerson[person];
      if (streams === undefined) continue;
      const own = event.ownJson?.get(recipient);
      const bytes =
        own === undefined ? sharedBytes() : eventBytes(event.type, own, formatCursor(store.epoch, event.seq));
      for (const stream of streams) {
        if (stream.pending !== null) stream.pending.push({ seq: event.seq, bytes });
        else stream.sink.send(bytes, 0);
      }
      counters?.delivered(streams.length);
    }
  }

  const log = createLogFollower({
    events: store.events,
    clock,
    isShared: bus.isShared,
    lastSeq: startedAtSeq,
    isHere: (recipients) => recipients.some((id) => byPerson[people.find(id)] !== undefined),
    handOut,
    pass({ seq, recipients }) {
      for (const recipient of recipients) lastInbox[people.numberOf(recipient)] = seq;
    },
    onError: options.onError,
  });

  // ── soft events ─────────────────────────────────────────────────────────────────────────────────

  /** Per presentity: the sequence last sent to each class, so that equal views are not sent again. */
  const sentSequences = new Map<number, number[]>();

  function presenceChanged(personId: UserId): void {
    const person = people.find(personId);
    if (person < 0 || index.count(person) === 0) return;
    let sent = sentSequences.get(person);
    if (sent === undefined) {
      sent = [];
      sentSequences.set(person, sent);
    }
    const changed: boolean[] = [];
    for (let number = 1; number < disclosureClasses.length; number += 1) {
      const sequence = presence.viewSequence(personId, disclosureClasses[number] as DisclosureClass);
      changed[number] = sent[number] !== sequence;
      sent[number] = sequence;
    }
    // Class 0 is `hidden`: what those watchers see never changes by what the person does, so nothing is sent.
    const cache: (Map<Reader, Buffer> | undefined)[] = [];
    let delivered = 0;
    index.forEach(person, (slot, classNumber) => {
      if (classNumber === 0 || !changed[classNumber]) return;
      const stream = slots[slot] as Stream;
      let byReader = cache[classNumber];
      if (byReader === undefined) {
        byReader = new Map();
        cache[classNumber] = byReader;
      }
      let bytes = byReader.get(stream.reader);
      if (bytes === undefined) {
        const disclosure = disclosureClasses[classNumber] as DisclosureClass;
        bytes = eventBytes(
          'presence.changed',
          presence.viewJson(personId, disclosure, stream.reader, stream.userId),
        );
        byReader.set(stream.reader, bytes);
      }
      stream.sink.send(bytes, person + 1);
      delivered += 1;
    });
    counters?.delivered(delivered);
  }

  /** The relationship to one watcher (or all) changed: reclass their entries and send them what they may see now. */
  function relationshipChanged(personId: UserId, watcherId: UserId | null): void {
    const person = people.find(personId);
    if (person < 0) return;
    const entries: [Stream, number][] = [];
    index.forEach(person, (slot, classNumber) => {
      const stream = slots[slot] as Stream;
      if (watcherId === null || stream.userId === watcherId) entries.push([stream, classNumber]);
    });
    for (const [stream, classNumber] of entries) {
      const disclosure = presence.disclosureClass(personId, stream);
      const earlier = disclosureClasses[classNumber] as DisclosureClass;
      if (earlier === disclosure) continue;
      index.set(person, stream.slot, disclosure);
      const json = (shown: DisclosureClass) =>
        presence.viewJson(personId, shown, stream.reader, stream.userId);
      const now = json(disclosure);
      // An event that shows nothing new would tell someone that they were just blocked (PV3). What a hidden
      // one was shown is not known any more, so they always get the view.
      if (earlier !== 'hidden' && withoutSequence(now) === withoutSequence(json(earlier))) continue;
      stream.sink.send(eventBytes('presence.changed', now), person + 1);
    }
  }

  /** What a signed-out person shows is another by policy: whoever is hidden from is told, like everybody else (PV3). */
  function hidingChanged(personId: UserId): void {
    const person = people.find(personId);
    if (person < 0) return;
    index.forEach(person, (slot, classNumber) => {
      if (classNumber !== 0) return;
      const stream = slots[slot] as Stream;
      // Who was left with no moment sees what they saw: an event that shows nothing new would tell.
      if (!presence.hasLeftTimes(personId, stream.userId)) return;
      const json = presence.viewJson(personId, 'hidden', stream.reader, stream.userId);
      stream.sink.send(eventBytes('presence.changed', json), person + 1);
    });
  }

  function typing(notice: Notice & { kind: 'typing' }): void {
    let bytes: Buffer | null = null;
    for (const recipient of notice.recipients) {
      const person = people.find(recipient);
      const streams = person < 0 ? undefined : byPerson[person];
      if (streams === undefined) continue;
      bytes ??= eventBytes(
        'typing',
        JSON.stringify({ conversationId: notice.conversationId, personId: notice.personId }),
      );
      for (const stream of streams) stream.sink.send(bytes, -1);
    }
  }

  async function contactsChanged(personId: UserId): Promise<void> {
    const person = people.find(personId);
    if (person < 0 || byPerson[person] === undefined) return;
    const contacts = await contactsOf(personId);
    for (const stream of byPerson[person] ?? [])
      setWatched(
        stream,
        contactBit,
        contacts.map((id) => people.numberOf(id)),
      );
  }

  // ── what a stream watches ───────────────────────────────────────────────────────────────────────

  /** Makes `numbers` the people this stream watches for one reason; what it watches for the other stays. */
  function setWatched(stream: Stream, bit: number, numbers: readonly number[]): void {
    const wanted = new Map<number, number>();
    for (const packed of stream.watched) {
      const rest = packed & 3 & ~bit;
      if (rest !== 0) wanted.set(packed >> 2, rest);
    }
    for (const number of numbers) wanted.set(number, (wanted.get(number) ?? 0) | bit);
    const before = stream.watched;
    const after = new Int32Array(wanted.size);
    let at = 0;
    for (const [number, bits] of wanted) {
      after[at++] = (number << 2) | bits;
      if (index.classOf(number, stream.slot) === null) startWatching(stream, number);
    }
    stream.watched = after;
    for (const packed of before) if (!wanted.has(packed >> 2)) index.remove(packed >> 2, stream.slot);
  }

  function startWatching(stream: Stream, number: number): void {
    const id = people.idOf(number);
    const first = index.count(number) === 0;
    index.set(number, stream.slot, presence.disclosureClass(id, stream));
    if (!first) return;
    // The first watcher fixes what counts as already sent, so that the next notice sends only real changes.
    sentSequences.set(
      number,
      disclosureClasses.map((disclosure) => presence.viewSequence(id, disclosure)),
    );
  }

  const viewsJson = (stream: Stream, numbers: Iterable<number>): string[] => {
    const views: string[] = [];
    for (const number of numbers) {
      const id = people.idOf(number);
      const disclosure = index.classOf(number, stream.slot) ?? presence.disclosureClass(id, stream);
      views.push(presence.viewJson(id, disclosure, stream.reader, stream.userId));
    }
    return views;
  };

  const listed = (stream: Stream): number[] => {
    const numbers: number[] = [];
    for (const packed of stream.watched) if ((packed & listBit) !== 0) numbers.push(packed >> 2);
    return numbers;
  };

  function changeWatchList(stream: Stream, wanted: readonly number[], most: number | null): void {
    // A program watches as many as its grant covers, which is everybody.
    if (stream.kind === 'person' && wanted.length > limits.watchedPerStream)
      throw new DomainError(
        'too-many-watched',
        `${wanted.length} people would be watched; the limit is ${limits.watchedPerStream}.`,
      );
    if (most !== null && wanted.length > most)
      throw new DomainError(
        'policy-quota',
        `${wanted.length} people would be watched; the policy allows ${most} without a grant.`,
      );
    setWatched(stream, listBit, wanted);
  }

  // ── life of a stream ────────────────────────────────────────────────────────────────────────────

  function remove(stream: Stream, how: 'ended' | 'signed-out'): void {
    if (stream.closed) return;
    stream.closed = true;
    bus.leave(stream.userId);
    streamCount -= 1;
    for (const packed of stream.watched) index.remove(packed >> 2, stream.slot);
    slots[stream.slot] = undefined;
    freeSlots.push(stream.slot);
    byId.delete(stream.id);
    const mine = (byPerson[stream.person] ?? []).filter((each) => each !== stream);
    byPerson[stream.person] = mine.length === 0 ? undefined : mine;
    const together = (perEndpoint.get(stream.endpointKey) ?? []).filter((each) => each !== stream);
    if (together.length > 0) perEndpoint.set(stream.endpointKey, together);
    else {
      perEndpoint.delete(stream.endpointKey);
      if (stream.kind === 'person') presence.endpointClosed(stream.userId, stream.endpoint, how);
    }
    counters?.closed();
  }

  function close(
    stream: Stream,
    code: ClosingCode,
    retryAfterMs: number | null,
    how: 'ended' | 'signed-out' = 'ended',
  ): void {
    if (stream.closed) return;
    remove(stream, how);
    stream.sink.end(eventBytes('closing', JSON.stringify({ code, retryAfterMs })));
  }

  /** A few at a time: all of one second, with 10,000 streams, would hold up everything else for 30 ms. */
  function beat(from: number): void {
    if (closing) return;
    const few = Math.max(32, Math.ceil(slots.length / heartbeatSeconds / beatsPerSecond));
    const end = Math.min(slots.length, from + few * heartbeatSeconds);
    for (let slot = from; slot < end; slot += heartbeatSeconds) slots[slot]?.sink.send(heartbeatBytes, -2);
    if (end < slots.length) clock.after(1_000 / beatsPerSecond, () => beat(end));
  }

  /** Once a second: heartbeats for a fifteenth of the streams, and who fell silent or whose token ran out. */
  let second = 0;
  let sweptAt = clock.now();
  function sweep(): void {
    if (closing) return;
    clock.after(1_000, sweep);
    const now = clock.now();
    // A node that stood still has heard nobody: that is no silence of theirs.
    const late = now - sweptAt - 1_000;
    if (late > 2_000) for (const stream of byId.values()) stream.aliveAt += late;
    sweptAt = now;
    // A notice may be lost, and without the bus there are none: then the log itself is looked at.
    if (bus.isShared && (second % 5 === 0 || !bus.isConnected())) log.look();
    second = (second + 1) % heartbeatSeconds;
    beat(second);
    for (const stream of byId.values()) {
      if (stream.tokenExpiresAt <= now) close(stream, closingCodes.tokenExpired, 0);
      else if (!stream.silent && now - stream.aliveAt > silentAfterMs) {
        stream.silent = true;
        const together = perEndpoint.get(stream.endpointKey) ?? [];
        if (stream.kind === 'person' && together.every((each) => each.silent))
          presence.endpointClosed(stream.userId, stream.endpoint, 'silent');
      }
    }
  }
  clock.after(1_000, sweep);

  const unsubscribe = bus.subscribe((notice) => {
    switch (notice.kind) {
      case 'events':
        log.told(notice.seq, notice.recipients);
        break;
      case 'presence':
        presenceChanged(notice.personId);
        break;
      case 'relationship':
        relationshipChanged(notice.personId, notice.watcherId);
        break;
      case 'hiding':
        hidingChanged(notice.personId);
        break;
      case 'contacts':
        contactsChanged(notice.personId).catch(options.onError);
        break;
      case 'typing':
        typing(notice);
        break;
      case 'end-endpoint': {
        if (notice.nodeId === bus.nodeId) break;
        const together = perEndpoint.get(`${notice.personId} ${notice.endpoint}`) ?? [];
        for (const stream of [...together]) close(stream, closingCodes.revoked, null, 'signed-out');
        // Its stream may have ended here a moment ago: then it waits no longer.
        if (together.length === 0) presence.endpointClosed(notice.personId, notice.endpoint, 'signed-out');
        break;
      }
      case 'end-session':
        for (const stream of streamsOf(notice.personId))
          if (stream.sessionId === notice.sessionId) close(stream, closingCodes.revoked, null, 'signed-out');
        break;
      case 'end-streams': {
        const code = notice.reason === 'disabled' ? closingCodes.disabled : closingCodes.revoked;
        for (const stream of streamsOf(notice.personId)) close(stream, code, null, 'signed-out');
        break;
      }
    }
  });
  const unsubscribeGap = bus.onGap(() => {
    log.look();
    watchAnew().catch(options.onError);
  });
  /** A change of somebody's contact list may have been missed. */
  async function watchAnew(): Promise<void> {
    for (const id of new Set([...byId.values()].map(({ userId }) => userId))) await contactsChanged(id);
  }

  const streamsOf = (userId: UserId): readonly Stream[] => {
    const person = people.find(userId);
    return person < 0 ? [] : [...(byPerson[person] ?? [])];
  };

  const find = (streamId: string, principal: Pick<StreamOwner, 'userId'>): Stream => {
    const stream = byId.get(toStreamId(streamId));
    if (stream === undefined || stream.userId !== principal.userId)
      throw new DomainError('not-found', 'There is no such stream of yours; open a new one.');
    return stream;
  };

  async function rewatch(
    principal: StreamOwner,
    streamId: string,
    change: WatchChange,
    /** What the policy allows this person; null = as many as a stream takes. */
    most: number | null,
  ): Promise<{ stream: Stream; shown: readonly number[] }> {
    find(streamId, principal);
    const numbers = async (ids: readonly string[] = []): Promise<number[]> => {
      const known = await presence.know(ids);
      // Who is not in the directory is watched as unknown: they may be added tomorrow.
      return [...new Set(ids.map((id, at) => people.numberOf(known[at] ?? toUserId(id))))];
    };
    const [put, added, removed] = await Promise.all([
      change.put && numbers(change.put),
      numbers(change.add),
      numbers(change.remove),
    ]);
    // Found again: while the directory was asked, the stream may have ended or its list changed.
    const stream = find(streamId, principal);
    const gone = new Set(removed);
    changeWatchList(
      stream,
      put ?? [...new Set([...listed(stream).filter((number) => !gone.has(number)), ...added])],
      most,
    );
    return { stream, shown: put ?? added };
  }

  return {
    /** Hands events of this node to its streams; see LogFollower. */
    committed: log.committed,

    /**
     * Attaches a stream: `ready`, replay of what was missed, snapshot of the contacts, then live. Attached
     * before anything is read, so that nothing can fall between. Resolves when the stream is live; the
     * returned function tells that the connection is gone.
     */
    async open(
      principal: Principal,
      endpoint: string,
      lastEventId: string | null,
      reader: Reader,
      sink: Sink,
    ): Promise<{ readonly id: StreamId; readonly gone: () => void }> {
      if (closing || draining)
        throw new DomainError('shutting-down', 'The server is shutting down; connect again shortly.');
      const endpointKey = `${principal.userId} ${endpoint}`;
      const together = perEndpoint.get(endpointKey) ?? [];
      const person = people.numberOf(principal.userId);
      if (together.length === 0) {
        const endpoints = new Set((byPerson[person] ?? []).map((each) => each.endpoint));
        if (endpoints.size >= limits.endpointsPerPerson)
          throw new DomainError(
            'too-many-endpoints',
            `${endpoints.size} endpoints are signed in; the limit is ${limits.endpointsPerPerson}.`,
          );
      }
      // The newest wins: the oldest is most likely a tab that is gone.
      if (together.length >= limits.streamsPerEndpoint)
        close(together[0] as Stream, closingCodes.tooManyStreams, null);

      const slot = freeSlots.pop() ?? slots.length;
      const stream: Stream = {
        slot,
        id: toStreamId(`${bus.isShared ? `${bus.nodeId}.` : ''}${randomBytes(12).toString('base64url')}`),
        userId: principal.userId,
        person,
        endpoint,
        endpointKey,
        external: principal.external,
        kind: principal.kind,
        reader,
        sink,
        sessionId: principal.sessionId,
        generation: principal.generation,
        tokenExpiresAt: principal.expiresAt,
        aliveAt: clock.now(),
        silent: false,
        pending: [],
        watched: new Int32Array(0),
        closed: false,
      };
      slots[slot] = stream;
      byId.set(stream.id, stream);
      byPerson[person] = [...(byPerson[person] ?? []), stream];
      perEndpoint.set(endpointKey, [...(perEndpoint.get(endpointKey) ?? []), stream]);
      streamCount += 1;
      const attending = bus.attend(principal.userId);
      counters?.opened();
      // Programs are nobody's presence.
      if (stream.kind === 'person') presence.endpointOpened(principal.userId, toEndpointId(endpoint));

      try {
        if (attending !== null) await attending;
        await bringUp(stream, lastEventId === null ? null : parseCursor(lastEventId));
      } catch (error) {
        options.onError(error);
        close(stream, closingCodes.slowReader, 1_000);
      }
      return { id: stream.id, gone: () => remove(stream, 'ended') };
    },

    /** Puts or patches the watch list of a stream; answers the current views of the people named, as JSON. */
    async watch(
      principal: StreamOwner,
      streamId: string,
      change: WatchChange,
      most: number | null = null,
    ): Promise<string[]> {
      const { stream, shown } = await rewatch(principal, streamId, change, most);
      return viewsJson(stream, shown);
    },

    /** The same for a node that shows the views itself: whom, and in whose words. */
    async rewatch(
      principal: StreamOwner,
      streamId: string,
      change: WatchChange,
      most: number | null,
    ): Promise<{ ids: readonly UserId[]; reader: Reader }> {
      const { stream, shown } = await rewatch(principal, streamId, change, most);
      return { ids: shown.map((number) => people.idOf(number)), reader: stream.reader };
    },

    has: (id: StreamId): boolean => byId.has(id),

    /** The client is there and has received everything up to `cursor`. */
    alive(principal: StreamOwner, streamId: string, cursor: string | null): void {
      const stream = find(streamId, principal);
      stream.aliveAt = clock.now();
      if (stream.silent) {
        stream.silent = false;
        if (stream.kind === 'person') presence.endpointOpened(stream.userId, toEndpointId(stream.endpoint));
      }
      const position = cursor === null ? null : parseCursor(cursor);
      if (
        position !== null &&
        position !== 'invalid' &&
        position.epoch === store.epoch &&
        position.seq <= log.handedOut()
      )
        options.onDelivered?.(stream.userId, position.seq);
    },

    /** Puts a fresh right in place of the old one, without losing the stream's place. */
    renew(principal: StreamOwner, streamId: string): void {
      const stream = find(streamId, principal);
      stream.sessionId = principal.sessionId;
      stream.generation = principal.generation;
      stream.tokenExpiresAt = principal.expiresAt;
    },

    /** Signs an endpoint out: its streams end and it is gone for presence at once. */
    signOut(principal: Principal, endpoint: string): void {
      const together = perEndpoint.get(`${principal.userId} ${endpoint}`) ?? [];
      if (together.length === 0 && principal.kind === 'person')
        presence.endpointClosed(principal.userId, endpoint, 'signed-out');
      for (const stream of [...together]) close(stream, closingCodes.revoked, null, 'signed-out');
      bus.publish({ kind: 'end-endpoint', personId: principal.userId, endpoint, nodeId: bus.nodeId });
    },

    /** The reader of this stream fell too far behind. */
    tooSlow(streamId: StreamId): void {
      const stream = byId.get(streamId);
      if (stream !== undefined) close(stream, closingCodes.slowReader, 0);
    },

    /** Who watches this person now, by person, for their own transparency. */
    watchersOf(userId: UserId): readonly UserId[] {
      const person = people.find(userId);
      const watchers = new Set<UserId>();
      if (person >= 0) index.forEach(person, (slot) => watchers.add((slots[slot] as Stream).userId));
      watchers.delete(userId);
      return [...watchers];
    },

    count: () => streamCount,

    /**
     * Sends the streams elsewhere over `ms`, in an order by chance, and takes no new ones: nodes that stay get
     * them little by little. Resolves when all are gone.
     */
    async drain(ms: number): Promise<void> {
      draining = true;
      const left = [...byId.values()];
      for (let at = left.length - 1; at > 0; at -= 1) {
        const other = Math.floor(Math.random() * (at + 1));
        [left[at], left[other]] = [left[other] as Stream, left[at] as Stream];
      }
      const slices = Math.max(1, Math.floor(ms / drainSliceMs));
      const most = Math.ceil(left.length / slices);
      while (left.length > 0) {
        for (const stream of left.splice(0, most))
          close(stream, closingCodes.drain, Math.floor(Math.random() * drainSliceMs));
        if (left.length > 0)
          await new Promise<void>((resolve) => {
            clock.after(drainSliceMs, resolve);
          });
      }
    },

    /** What the streams of every `parts`-th slot stand on, beginning with `part`; all of them in as many calls. */
    rights(part: number, parts: number): readonly (Right & { readonly streamId: StreamId })[] {
      const found: (Right & { streamId: StreamId })[] = [];
      for (let slot = part; slot < slots.length; slot += parts) {
        const stream = slots[slot];
        if (stream === undefined) continue;
        const { id, userId, sessionId, generation } = stream;
        found.push({ streamId: id, userId, sessionId, generation });
      }
      return found;
    },
    /** Ends a stream whose right has ended, unless it has been renewed since with another one. */
    endRight({ right, reason }: EndedRight<Right & { readonly streamId: StreamId }>): void {
      const stream = byId.get(right.streamId);
      if (stream?.generation !== right.generation || stream.sessionId !== right.sessionId) return;
      const code = reason === 'disabled' ? closingCodes.disabled : closingCodes.revoked;
      close(stream, code, null, 'signed-out');
    },

    /** Ends every stream with a retryable code and a jittered wait, so that they do not all return at once. */
    closeAll(code: ClosingCode, spreadMs: number): void {
      closing = true;
      log.close();
      unsubscribe();
      unsubscribeGap();
      for (const stream of [...byId.values()]) close(stream, code, Math.floor(Math.random() * spreadMs));
    },
  };

  /** Everything from `ready` to live. Events that arrive meanwhile wait in `pending`, so nothing is lost or out of order. */
  async function bringUp(stream: Stream, asked: Cursor | 'invalid' | null): Promise<void> {
    if (asked !== null && asked !== 'invalid' && asked.epoch === store.epoch && asked.seq > log.handedOut())
      await catchUpWith(asked.seq);
    let refusal = asked === null ? null : refusalOf(asked);
    let from: number | null = null;
    if (asked !== null && asked !== 'invalid' && refusal === null) {
      // Known without a query where the person's inbox has not grown since: the usual case after a short drop.
      const missedNothing = asked.seq >= Math.max(startedAtSeq, lastInbox[stream.person] ?? 0);
      if (!missedNothing && asked.seq < (await store.events.completeAfter(stream.userId)))
        refusal = 'too-old';
      else from = asked.seq;
      if (missedNothing) from = null;
    }
    const resumed = asked !== null && asked !== 'invalid' && refusal === null;
    const start = resumed ? asked.seq : log.handedOut();
    const ready = {
      streamId: stream.id,
      cursor: formatCursor(store.epoch, start),
      heartbeatSeconds,
      resumed,
    };
    stream.sink.send(eventText('ready', JSON.stringify(ready)), 0);
    if (refusal !== null) stream.sink.send(eventText('reset', JSON.stringify({ reason: refusal })), 0);
    const upTo = from === null ? start : await replay(stream, from);

    const contacts = await contactsOf(stream.userId);
    if (stream.closed) return;
    const numbers = contacts.map((id) => people.numberOf(id));
    setWatched(stream, contactBit, numbers);
    stream.sink.send(
      eventText('presence.snapshot', `{"items":[${viewsJson(stream, numbers).join(',')}]}`),
      0,
    );
    const pending = stream.pending ?? [];
    stream.pending = null;
    for (const event of pending) if (event.seq > upTo) stream.sink.send(event.bytes, 0);
  }

  /**
   * Another node has told a client of more than this one has handed out: it follows first, so that nothing is
   * told twice. A number that the store does not know either is from the future.
   */
  async function catchUpWith(seq: number): Promise<void> {
    const last = await store.events.lastSeq();
    if (seq > last) return;
    log.catchUp(last);
    for (let waits = 0; log.handedOut() < seq && !closing; waits += 1) {
      if (waits === catchUpWaits)
        throw new DomainError('store-unavailable', 'This node has not caught up yet; connect again shortly.');
      await new Promise<void>((resolve) => {
        clock.after(catchUpWaitMs, resolve);
      });
    }
  }

  /** Why a cursor cannot be resumed from, as far as that is known without a query. */
  function refusalOf(asked: Cursor | 'invalid'): Refusal | null {
    if (asked === 'invalid') return 'not-a-cursor';
    return asked.epoch !== store.epoch || asked.seq > log.knownSeq() ? 'unknown-epoch' : null;
  }

  /** Sends a person's inbox after `seq`, page by page; answers the number of the last event sent. */
  async function replay(stream: Stream, seq: number): Promise<number> {
    let last = seq;
    for (;;) {
      const events = await store.events.inbox(stream.userId, last, replayPage);
      for (const event of events) {
        stream.sink.send(eventBytes(event.type, event.json, formatCursor(store.epoch, event.seq)), 0);
        last = event.seq;
      }
      if (events.length < replayPage || stream.closed) return last;
      await stream.sink.drained();
    }
  }
}
