/**
 * One event stream kept open for as long as its owner wants (contract §5): connects, resumes from the cursor,
 * answers heartbeats, obeys closing codes, notices silence, and comes back with jitter. It interprets only
 * what concerns the stream itself (`ready`, `reset`, `closing`); every event goes on to the owner.
 */
import type { EventPayload, EventType } from '../../../server/protocol/events.ts';
import type { PresenceView } from '../../../server/protocol/presence.ts';
import { closingCodes } from '../../../server/protocol/vocabulary.ts';
import type { Api } from './api.ts';
import { backoffMs } from './backoff.ts';
import { ApiFailure } from './problem.ts';
import { createSseParser } from './sse-parser.ts';

export type StreamEvent = {
  [Type in EventType]: { type: Type; id: string | null; data: EventPayload<Type> };
}[EventType];

/** Why a stream is over for good; every other end is followed by a reconnect. */
export type StopReason = 'signed-out' | 'revoked' | 'disabled' | 'too-many-streams' | 'closed';

export type StreamState =
  | { kind: 'connecting' }
  | { kind: 'live'; streamId: string }
  | { kind: 'waiting'; attempt: number }
  | { kind: 'stopped'; reason: StopReason };

export interface Timers {
  set(work: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

export interface EventStreamOptions {
  api: Pick<Api, 'openEvents' | 'alive' | 'putWatch' | 'patchWatch' | 'renewStream'>;
  endpoint: string;
  /** Where to resume, or null for a first connection. */
  cursor: string | null;
  /** Renews the sign-in if it is about to end; resolves to true when there is a fresh token. */
  renewToken(force: boolean): Promise<boolean>;
  onEvent(event: StreamEvent): void;
  onState(state: StreamState): void;
  /** Views that came as the answer to a change of the watch list. */
  onViews(views: readonly PresenceView[]): void;
  timers?: Timers;
  random?(): number;
}

export interface EventStream {
  /** Sets whom this stream watches beside the contact list; kept across reconnects. */
  watch(ids: ReadonlySet<string>): void;
  /** Tries now instead of waiting on: the network is back, or the page is looked at again. */
  nudge(): void;
  cursor(): string | null;
  close(): void;
}

/** Silence longer than this many heartbeats is a dead connection: one may be late, two may not. */
const silentHeartbeats = 2.5;
/** Before `ready` has named the rhythm. */
const connectTimeoutMs = 20_000;
const watchedPerCall = 1_000;
/** A message that arrived is acknowledged after this long, so that its sender sees "delivered" while still looking. */
const acknowledgeMs = 1_500;

const defaultTimers: Timers = {
  set: (work, ms) => setTimeout(work, ms),
  clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

export function createEventStream(options: EventStreamOptions): EventStream {
  const timers = options.timers ?? defaultTimers;
  const random = options.random ?? Math.random;
  let cursor = options.cursor;
  let attempt = 0;
  let closed = false;
  let wanted: ReadonlySet<string> = new Set();
  let streamId: string | null = null;
  let current: AbortController | null = null;
  let waiting: { timer: unknown; go(): void } | null = null;
  /** Changes of the watch list are sent one after the other, or a late PUT would undo an early PATCH. */
  let watchQueue: Promise<void> = Promise.resolve();
  let sentWatch: ReadonlySet<string> = new Set();
  let acknowledging: unknown = null;

  function acknowledgeSoon(): void {
    acknowledging ??= timers.set(() => {
      acknowledging = null;
      if (streamId !== null) void heartbeat(streamId);
    }, acknowledgeMs);
  }

  function stop(reason: StopReason): void {
    if (closed) return;
    closed = true;
    streamId = null;
    current?.abort();
    if (waiting) timers.clear(waiting.timer);
    waiting = null;
    if (acknowledging !== null) timers.clear(acknowledging);
    options.onState({ kind: 'stopped', reason });
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        if (!waiting) return;
        timers.clear(waiting.timer);
        waiting = null;
        resolve();
      };
      waiting = { timer: timers.set(go, ms), go };
    });
  }

  /** Brings the server's watch list to what is wanted; PUT after every `ready`, else the difference. */
  function syncWatch(id: string, isFresh: boolean): void {
    watchQueue = watchQueue.then(async () => {
      if (streamId !== id || closed) return;
      const target = wanted;
      const before = isFresh ? new Set<string>() : sentWatch;
      const add = [...target].filter((one) => !before.has(one));
      const remove = [...before].filter((one) => !target.has(one));
      sentWatch = target;
      try {
        if (isFresh) {
          if (target.size === 0) return;
          options.onViews((await options.api.putWatch(id, add.splice(0, watchedPerCall))).items);
        }
        while (add.length + remove.length > 0) {
          const change = { add: add.splice(0, watchedPerCall), remove: remove.splice(0, watchedPerCall) };
          options.onViews((await options.api.patchWatch(id, change)).items);
        }
      } catch {
        // Either the stream is gone, and the next `ready` puts the list again, or the whole list is put now.
        sentWatch = new Set();
        if (streamId === id) timers.set(() => syncWatch(id, true), backoffMs(0, random));
      }
    });
  }

  /** Reads one connection to its end; returns how long to wait before the next, or null to back off. */
  async function connectOnce(): Promise<number | null> {
    const controller = new AbortController();
    current = controller;
    let retryAfterMs: number | null = null;
    let silenceMs = connectTimeoutMs;
    let heartbeats = 0;
    let silence: unknown = null;
    const heard = () => {
      if (silence !== null) timers.clear(silence);
      silence = timers.set(() => controller.abort(), silenceMs);
    };
    heard();

    const parser = createSseParser({
      onComment() {
        heartbeats += 1;
        // Counted by what arrives: hidden tabs throttle timers, but not the network.
        if (streamId !== null && heartbeats % 2 === 0) void heartbeat(streamId);
      },
      onEvent(raw) {
        if (controller.signal.aborted) return;
        const event = parseEvent(raw.type, raw.id, raw.data);
        if (event === null) return;
        if (event.type === 'ready') {
          streamId = event.data.streamId;
          silenceMs = event.data.heartbeatSeconds * 1_000 * silentHeartbeats;
          cursor = event.data.cursor;
          attempt = 0;
          // State first: whoever resynchronises on the event must know that the stream is live.
          options.onState({ kind: 'live', streamId });
        } else if (event.id !== null) cursor = event.id;
        else if (event.type === 'reset') cursor = null;
        options.onEvent(event);
        if (event.type === 'message.posted') acknowledgeSoon();
        if (event.type === 'ready') syncWatch(event.data.streamId, true);
        if (event.type === 'closing') retryAfterMs = onClosing(event.data);
      },
    });

    try {
      const response = await options.api.openEvents(options.endpoint, cursor, controller.signal);
      const reader = response.body?.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        const piece = await reader?.read();
        if (!piece || piece.done) break;
        parser.feed(decoder.decode(piece.value, { stream: true }));
        heard();
      }
    } catch (error) {
      if (error instanceof ApiFailure) retryAfterMs = onRefusal(error);
      // Anything else is a broken or silent connection: back off and resume.
    } finally {
      if (silence !== null) timers.clear(silence);
      controller.abort();
      if (current === controller) current = null;
      streamId = null;
    }
    return retryAfterMs;
  }

  async function heartbeat(id: string): Promise<void> {
    try {
      if (await options.renewToken(false)) await options.api.renewStream(id);
      await options.api.alive(id, cursor);
    } catch (error) {
      // 404: the server no longer knows this stream, though the socket may still look open.
      if (error instanceof ApiFailure && error.status === 404 && streamId === id) current?.abort();
    }
  }

  function onClosing({ code, retryAfterMs }: EventPayload<'closing'>): number | null {
    if (code === closingCodes.revoked) stop('revoked');
    else if (code === closingCodes.disabled) stop('disabled');
    else if (code === closingCodes.tooManyStreams) stop('too-many-streams');
    else if (code >= 4000) stop('signed-out');
    else if (code >= 3000) {
      // The server lost the thread: resuming would be a partial recovery.
      cursor = null;
    } else if (code >= 2000) void options.renewToken(true);
    return retryAfterMs === null ? null : retryAfterMs * (1 + random());
  }

  function onRefusal(failure: ApiFailure): number | null {
    if (failure.status === 401) stop(failure.code === 'token-revoked' ? 'revoked' : 'signed-out');
    else if (failure.status === 403) stop('disabled');
    // An id the server cannot read is not worth asking for twice.
    else if (failure.status === 400) cursor = null;
    return failure.retryAfterMs;
  }

  async function run(): Promise<void> {
    while (!closed) {
      options.onState({ kind: 'connecting' });
      const asked = await connectOnce();
      if (closed) return;
      options.onState({ kind: 'waiting', attempt });
      await pause(asked ?? backoffMs(attempt, random));
      attempt += 1;
    }
  }
  void run();

  return {
    watch(ids) {
      wanted = ids;
      if (streamId !== null) syncWatch(streamId, false);
    },
    nudge() {
      attempt = 0;
      waiting?.go();
    },
    cursor: () => cursor,
    close: () => stop('closed'),
  };
}

const eventTypes: Record<EventType, true> = {
  'message.posted': true,
  'message.edited': true,
  'message.deleted': true,
  'message.reaction': true,
  'conversation.created': true,
  'conversation.updated': true,
  'participant.joined': true,
  'participant.left': true,
  'participant.removed': true,
  'invitation.received': true,
  'invitation.answered': true,
  'read.advanced': true,
  'delivered.advanced': true,
  'contact.changed': true,
  'contact.added-you': true,
  'presence.alert': true,
  'presence.changed': true,
  typing: true,
  ready: true,
  'presence.snapshot': true,
  reset: true,
  closing: true,
};

/** Makes a typed event of a raw one; null for a type of a newer server, which this client may pass over. */
function parseEvent(type: string, id: string | null, data: string): StreamEvent | null {
  if (!Object.hasOwn(eventTypes, type)) return null;
  return { type, id, data: JSON.parse(data) } as StreamEvent;
}
