/**
 * One event stream per browser and person, however many pages are open: browsers allow about six connections
 * per origin over HTTP/1.1. The page that holds a Web Lock leads: it keeps the stream, unites what all pages
 * watch, and passes every event on over a BroadcastChannel. When it goes, the lock passes on; when it freezes,
 * a follower takes the lock after two missed beats and resumes from the last cursor that it heard. Without
 * locks or channels (old browsers, partitioned frames) each page has its own stream.
 */
import type { PresenceView } from '../../../server/protocol/presence.ts';
import type { EventStream, EventStreamOptions, StreamEvent, StreamState, Timers } from './event-stream.ts';

/** The slice of `LockManager` that is used. */
export interface Locks {
  request(
    name: string,
    options: { steal?: boolean; signal?: AbortSignal },
    hold: () => Promise<void>,
  ): Promise<unknown>;
}

export interface Channel {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  close(): void;
}

export interface SharedConnectionOptions {
  /** Names server and person: two people in two pages of one browser have nothing in common. */
  scope: string;
  pageId: string;
  locks: Locks | null;
  openChannel: ((name: string) => Channel) | null;
  openStream(given: Pick<EventStreamOptions, 'cursor' | 'onEvent' | 'onState' | 'onViews'>): EventStream;
  /** The newest views of these people, for a page that begins to watch whom another watches already. */
  viewsOf(ids: readonly string[]): PresenceView[];
  onEvent(event: StreamEvent): void;
  onViews(views: readonly PresenceView[]): void;
  onState(state: StreamState): void;
  /** What is known here is not complete any more: fetch everything again. Also called for the first time. */
  onFresh(): void;
  timers?: Timers;
}

export interface SharedConnection {
  watch(ids: ReadonlySet<string>): void;
  nudge(): void;
  role(): 'leader' | 'follower' | 'alone';
  /** True when no other page of this person is known, so that leaving means going offline. */
  isLast(): boolean;
  close(): void;
}

type Note =
  | { kind: 'hello' | 'watch'; from: string; watch: string[] }
  | { kind: 'ping' | 'bye'; from: string }
  | { kind: 'beat'; leader: string; count: number; state: StreamState }
  | { kind: 'welcome'; leader: string; to: string; count: number; cursor: string | null; state: StreamState }
  | { kind: 'lead'; leader: string; cursor: string | null }
  | { kind: 'event'; leader: string; count: number; event: StreamEvent }
  | { kind: 'views'; leader: string; count: number; views: PresenceView[] };

/** A follower asks this often; the leader answers at once, as messages are not throttled in hidden pages. */
const beatMs = 5_000;
const missedBeats = 2;
/** A page that closed without a word stops being watched for. Hidden pages ping about once a minute. */
const pageGoneMs = 180_000;
/** Ids kept to drop what a new leader replays; more events than these between two leaders mean a refetch. */
const recentIds = 2_000;

export function createSharedConnection(options: SharedConnectionOptions): SharedConnection {
  const { pageId, locks, openChannel } = options;
  const timers: Timers = options.timers ?? {
    set: (work, ms) => setTimeout(work, ms),
    clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  };
  const name = `jellybean:${options.scope}`;
  let role: 'leader' | 'follower' | 'alone' = locks && openChannel ? 'follower' : 'alone';
  let closed = false;
  let stream: EventStream | null = null;
  let state: StreamState = { kind: 'connecting' };
  let mine: ReadonlySet<string> = new Set();

  // Leading: what the other pages watch, and how many notes have gone out.
  const pages = new Map<string, { watch: string[]; silentFor: number }>();
  let count = 0;
  let release: (() => void) | null = null;

  // Following: whom, up to which note, and what was heard of the cursor.
  let leader: string | null = null;
  let expected = 0;
  let cursor: string | null = null;
  const recent = new Set<string>();
  let missed = 0;
  let queued: AbortController | null = null;
  let beat: unknown = null;

  const channel = role === 'alone' || !openChannel ? null : openChannel(name);
  const post = (note: Note) => channel?.post(note);

  function setState(next: StreamState): void {
    state = next;
    options.onState(next);
  }

  function remember(id: string | null): boolean {
    if (id === null) return true;
    if (recent.has(id)) return false;
    recent.add(id);
    cursor = id;
    if (recent.size > recentIds) recent.delete(recent.values().next().value as string);
    return true;
  }

  /** Takes an event into this page: dropped when it was here already, so that a replay does no harm. */
  function take(event: StreamEvent): void {
    if (event.type === 'ready') {
      if (!event.data.resumed) {
        cursor = event.data.cursor;
        recent.clear();
        options.onFresh();
      }
    } else if (event.type === 'reset') {
      cursor = null;
      recent.clear();
      options.onFresh();
    } else if (!remember(event.id)) return;
    options.onEvent(event);
  }

  // ---- leading ----

  function startStream(): void {
    stream = options.openStream({
      cursor,
      onEvent(event) {
        take(event);
        post({ kind: 'event', leader: pageId, count: ++count, event });
      },
      onViews(views) {
        options.onViews(views);
        post({ kind: 'views', leader: pageId, count: ++count, views: [...views] });
      },
      onState(next) {
        // Closing by oneself is a change of roles and nothing to be told.
        if (next.kind === 'stopped' && next.reason === 'closed') return;
        setState(next);
        post({ kind: 'beat', leader: pageId, count, state: next });
      },
    });
    unite();
  }

  function unite(): void {
    const all = new Set(mine);
    for (const page of pages.values()) for (const id of page.watch) all.add(id);
    stream?.watch(all);
  }

  function lead(): void {
    role = 'leader';
    leader = null;
    count = 0;
    post({ kind: 'lead', leader: pageId, cursor });
    startStream();
  }

  function resign(): void {
    if (role !== 'leader') return;
    stream?.close();
    stream = null;
    pages.clear();
    release?.();
    release = null;
  }

  /** Waits in the queue for the lock, or takes it from a leader that does not answer. */
  function campaign(steal: boolean): void {
    if (!locks) return;
    queued?.abort();
    const attempt = new AbortController();
    queued = attempt;
    let isHeld = false;
    const hold = () =>
      new Promise<void>((done) => {
        if (closed || attempt.signal.aborted) return done();
        queued = null;
        isHeld = true;
        release = done;
        lead();
      });
    // The two options exclude each other.
    const given = steal ? { steal: true } : { signal: attempt.signal };
    locks.request(name, given, hold).catch(() => {
      // Rejected while holding it: another page took over, because this one did not answer in time.
      if (closed || !isHeld || role !== 'leader') return;
      release = null;
      resign();
      follow();
    });
  }

  // ---- following ----

  function follow(): void {
    role = 'follower';
    leader = null;
    missed = 0;
    post({ kind: 'hello', from: pageId, watch: [...mine] });
    campaign(false);
  }

  function pulse(): void {
    if (closed) return;
    beat = timers.set(pulse, beatMs);
    if (role === 'leader') {
      for (const [id, page] of pages) {
        page.silentFor += beatMs;
        if (page.silentFor > pageGoneMs && pages.delete(id)) unite();
      }
      post({ kind: 'beat', leader: pageId, count, state });
    } else if (role === 'follower') {
      missed += 1;
      if (missed > missedBeats) {
        missed = 0;
        campaign(true);
      } else post({ kind: 'ping', from: pageId });
    }
  }

  /** Says whether the note is the next one of the leader that is followed; a hole means that something was missed. */
  function isNext(note: { leader: string; count: number }): boolean {
    missed = 0;
    if (note.leader !== leader) return false;
    if (note.count !== expected + 1) {
      leader = null;
      post({ kind: 'hello', from: pageId, watch: [...mine] });
      return false;
    }
    expected = note.count;
    return true;
  }

  function onFollowerNote(note: Note): void {
    switch (note.kind) {
      case 'lead':
        missed = 0;
        expected = 0;
        // Whoever resumes from a point that this page has passed, or is at, will leave nothing out.
        if (note.cursor !== null && (note.cursor === cursor || recent.has(note.cursor))) {
          leader = note.leader;
          post({ kind: 'watch', from: pageId, watch: [...mine] });
        } else {
          leader = null;
          post({ kind: 'hello', from: pageId, watch: [...mine] });
        }
        return;
      case 'welcome':
        if (note.to !== pageId) return;
        missed = 0;
        leader = note.leader;
        expected = note.count;
        cursor = note.cursor;
        recent.clear();
        options.onFresh();
        setState(note.state);
        return;
      case 'beat':
        missed = 0;
        if (leader === null) post({ kind: 'hello', from: pageId, watch: [...mine] });
        else if (note.leader === leader && note.count !== expected) {
          leader = null;
          post({ kind: 'hello', from: pageId, watch: [...mine] });
        } else if (note.leader === leader && note.state.kind !== state.kind) setState(note.state);
        return;
      case 'event':
        if (isNext(note)) take(note.event);
        return;
      case 'views':
        if (isNext(note)) options.onViews(note.views);
        return;
      default:
        return;
    }
  }

  function onLeaderNote(note: Note): void {
    switch (note.kind) {
      case 'hello':
        pages.set(note.from, { watch: note.watch, silentFor: 0 });
        unite();
        post({
          kind: 'welcome',
          leader: pageId,
          to: note.from,
          count,
          cursor: stream?.cursor() ?? cursor,
          state,
        });
        answerWatch(note.watch);
        return;
      case 'watch':
        pages.set(note.from, { watch: note.watch, silentFor: 0 });
        unite();
        answerWatch(note.watch);
        return;
      case 'ping': {
        const page = pages.get(note.from);
        if (page) page.silentFor = 0;
        post({ kind: 'beat', leader: pageId, count, state });
        return;
      }
      case 'bye':
        if (pages.delete(note.from)) unite();
        return;
      default:
        return;
    }
  }

  /** A page that begins to watch somebody who is watched already gets no change event: the view is told. */
  function answerWatch(ids: readonly string[]): void {
    const views = options.viewsOf(ids);
    if (views.length > 0) post({ kind: 'views', leader: pageId, count: ++count, views });
  }

  channel?.onMessage((message) => {
    if (closed) return;
    if (role === 'leader') onLeaderNote(message as Note);
    else onFollowerNote(message as Note);
  });

  if (role === 'alone') startStream();
  else {
    follow();
    beat = timers.set(pulse, beatMs);
  }

  return {
    watch(ids) {
      mine = new Set(ids);
      if (role === 'follower') post({ kind: 'watch', from: pageId, watch: [...mine] });
      else unite();
    },
    nudge() {
      stream?.nudge();
    },
    role: () => role,
    isLast: () => role === 'alone' || (role === 'leader' && pages.size === 0),
    close() {
      if (closed) return;
      closed = true;
      if (beat !== null) timers.clear(beat);
      queued?.abort();
      if (role === 'follower') post({ kind: 'bye', from: pageId });
      if (role === 'alone') stream?.close();
      resign();
      channel?.close();
    },
  };
}

/** Opens a real BroadcastChannel in the shape that is used here. */
export function openBroadcastChannel(name: string): Channel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    onMessage: (listener) => channel.addEventListener('message', (event) => listener(event.data)),
    close: () => channel.close(),
  };
}
