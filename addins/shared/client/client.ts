/**
 * One signed-in person on one page: binds api, shared stream, stores and outbox together and offers screens
 * a state to draw and actions to take. Knows no screen and no Office. State objects are replaced, never
 * changed, so a view may compare by identity.
 */
import type { Contact, Group, Person, PersonName } from '../../../server/protocol/contacts.ts';
import type {
  Conversation,
  ConversationContext,
  LiveMessage,
} from '../../../server/protocol/conversations.ts';
import type { OwnPresence, PresenceView } from '../../../server/protocol/presence.ts';
import { limits } from '../../../server/protocol/vocabulary.ts';
import { type Api, createApi, type SentMessage } from './api.ts';
import { createBegun, isLocal } from './begun.ts';
import {
  type ConversationAction,
  type ConversationState,
  emptyConversations,
  nextTypingEnd,
  reduceConversations,
} from './conversation-store.ts';
import { createEventStream, type StreamEvent, type StreamState } from './event-stream.ts';
import { createOutbox, type Keep, type Outbox, type Unsent } from './outbox.ts';
import { forgetPhotos, learnPhotos } from './photos.ts';
import {
  emptyPresence,
  nextAgeing,
  type PresenceAction,
  type PresenceState,
  reducePresence,
  type Shown,
  shownOf,
} from './presence-store.ts';
import { ApiFailure, formatFailure } from './problem.ts';
import { startSensing } from './sensing.ts';
import type { Session } from './session.ts';
import { createSharedConnection, type Locks, openBroadcastChannel } from './shared-connection.ts';

export type Load = 'loading' | 'ready' | { failed: string };

export interface ClientState {
  readonly me: PersonName;
  readonly link: StreamState;
  readonly presence: PresenceState;
  readonly own: OwnPresence | null;
  readonly contacts: readonly Contact[];
  readonly groups: readonly Group[];
  readonly contactsLoad: Load;
  readonly conversations: ConversationState;
  readonly conversationsLoad: Load;
  /** Everybody whose card has been needed so far. */
  readonly people: ReadonlyMap<string, Person>;
  /** Conversation → people in do-not-disturb who were not interrupted by the last message. */
  readonly held: ReadonlyMap<string, readonly string[]>;
}

/** Something to tell once, beside the lists. */
export type Notice =
  | { kind: 'message'; conversation: Conversation; from: PersonName; message: LiveMessage; urgent: boolean }
  | { kind: 'added-you'; person: PersonName }
  | { kind: 'available'; view: PresenceView }
  /** One's manual state is over; the view is one's own as it is now. */
  | { kind: 'state-ended'; view: PresenceView }
  | { kind: 'created'; localId: string; conversation: Conversation };

export interface ClientOptions {
  baseUrl: string;
  session: Session;
  me: PersonName;
  language(): string;
  /** Kept beyond the page: unsent messages, drafts, the endpoint's name. Null where storage is forbidden. */
  storage: (Keep & Storage) | null;
  /** What kind of place this is, part of the endpoint's name: `web`, `outlook`. */
  host: string;
  onNotice(notice: Notice): void;
}

export type Client = ReturnType<typeof createClient>;

const pageSize = 50;
const typingEveryMs = 3_000;

export function createClient(options: ClientOptions) {
  const { session, me } = options;
  const scope = `${options.baseUrl || location.origin}:${me.id}`;
  const newKey = () => crypto.randomUUID();
  const endpoint = endpointName(options.storage, `jellybean:endpoint:${scope}`, options.host);
  const api: Api = createApi({ baseUrl: options.baseUrl, language: options.language, token: session.token });

  const listeners = new Set<() => void>();
  const watchers = new Map<unknown, ReadonlySet<string>>();
  let isClosed = false;
  let state: ClientState = {
    me,
    link: { kind: 'connecting' },
    presence: emptyPresence,
    own: null,
    contacts: [],
    groups: [],
    contactsLoad: 'loading',
    conversations: emptyConversations(me.id),
    conversationsLoad: 'loading',
    people: new Map(),
    held: new Map(),
  };

  // ---- state ----

  let isNotifying = false;
  function notify(): void {
    if (isNotifying) return;
    isNotifying = true;
    // A burst of events in one piece of the stream is one drawing.
    queueMicrotask(() => {
      isNotifying = false;
      scheduleAgeing();
      for (const listener of listeners) listener();
    });
  }
  function set(change: Partial<ClientState>): void {
    state = { ...state, ...change };
    notify();
  }
  /** Everybody whose entry is known from now on, and with it who has a photo. */
  function know(people: ReadonlyMap<string, Person>): void {
    set({ people });
    learnPhotos(people.values(), (id) =>
      api.blob(`/people/${encodeURIComponent(id)}/photo`, { cache: 'no-cache' }),
    );
  }
  function presence(action: PresenceAction): void {
    const next = reducePresence(state.presence, action);
    if (next !== state.presence) set({ presence: next });
  }
  /** What happened while an answer was on its way: the answer may be older, so it is told again afterwards. */
  const recordings = new Set<ConversationAction[]>();

  /** Fetches, takes the answer in, and then once more what came meanwhile; the store counts nothing twice. */
  async function catchingUp<Answer>(
    fetch: () => Promise<Answer>,
    take: (answer: Answer) => void,
  ): Promise<Answer> {
    const meanwhile: ConversationAction[] = [];
    recordings.add(meanwhile);
    try {
      const answer = await fetch();
      recordings.delete(meanwhile);
      take(answer);
      for (const action of meanwhile) converse(action);
      return answer;
    } finally {
      recordings.delete(meanwhile);
    }
  }

  function converse(action: ConversationAction): void {
    if (action.type === 'event' || action.type === 'message') {
      for (const recording of recordings) recording.push(action);
    }
    const next = reduceConversations(state.conversations, action);
    if (next === state.conversations) return;
    set({ conversations: next });
    for (const id of next.incomplete) void fetchConversation(id);
  }

  let ageing: ReturnType<typeof setTimeout> | null = null;
  function scheduleAgeing(): void {
    if (ageing !== null) clearTimeout(ageing);
    ageing = null;
    const now = Date.now();
    const ends = [nextAgeing(state.presence, now), nextTypingEnd(state.conversations, now)].filter(
      (end) => end !== null,
    );
    if (ends.length > 0 && !isClosed) ageing = setTimeout(notify, Math.max(50, Math.min(...ends) - now + 20));
  }

  // ---- fetching ----

  /** Runs one at a time, and once more if it was asked for meanwhile: a burst of events is two fetches. */
  function coalesced(work: () => Promise<void>): () => Promise<void> {
    let running: Promise<void> | null = null;
    let again = false;
    return function start(): Promise<void> {
      if (running) {
        again = true;
        return running;
      }
      running = work().finally(() => {
        running = null;
        if (again && !isClosed) {
          again = false;
          void start();
        }
      });
      return running;
    };
  }

  const loadContacts = coalesced(async () => {
    try {
      const [contacts, groups] = await Promise.all([api.contacts(), api.groups()]);
      presence({ type: 'views', views: contacts.map(({ view }) => view) });
      const people = new Map(state.people);
      for (const { person } of contacts) people.set(person.id, person);
      set({ contacts, groups, contactsLoad: 'ready' });
      know(people);
    } catch (error) {
      if (state.contactsLoad !== 'ready') set({ contactsLoad: { failed: formatFailure(error) } });
    }
  });

  const loadConversations = coalesced(async () => {
    const all: Conversation[] = [];
    try {
      await catchingUp(
        async () => {
          let cursor: string | undefined;
          do {
            const page = await catchingUp(
              () => api.conversations(cursor),
              // The first page is what people look at; the rest follows.
              ({ items }) => converse({ type: 'snapshot', conversations: items, isWhole: false }),
            );
            set({ conversationsLoad: 'ready' });
            all.push(...page.items);
            cursor = page.next ?? undefined;
          } while (cursor !== undefined);
        },
        () => converse({ type: 'snapshot', conversations: all, isWhole: true }),
      );
    } catch (error) {
      if (state.conversationsLoad !== 'ready') set({ conversationsLoad: { failed: formatFailure(error) } });
    }
  });

  const loadOwn = coalesced(async () => {
    try {
      set({ own: await api.ownPresence() });
    } catch {
      // The view from the stream stays; the menu says what it does not know.
    }
  });

  const fetching = new Set<string>();
  async function fetchConversation(id: string): Promise<void> {
    if (fetching.has(id)) return;
    fetching.add(id);
    try {
      await catchingUp(
        () => api.conversation(id),
        (conversation) => converse({ type: 'fetched', conversation }),
      );
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 404) converse({ type: 'gone', conversationId: id });
    } finally {
      fetching.delete(id);
    }
  }

  /** Fetches everything that a stream cannot tell: the first time, and after a reset. */
  function refetch(): void {
    converse({ type: 'windows-void' });
    void loadContacts();
    void loadConversations();
    void loadOwn();
    void loadPerson(me.id);
  }
  /** People whose entries are on their way, are here, or do not exist. */
  const asked = new Set<string>();
  /** Fetches an entry; who is not found stays unknown. */
  async function loadPerson(id: string): Promise<void> {
    asked.add(id);
    try {
      const person = await api.person(id);
      know(new Map(state.people).set(id, person));
    } catch (error) {
      // Whoever is not in the directory is not asked for again.
      if (!(error instanceof ApiFailure && error.status === 404)) asked.delete(id);
    }
  }

  // ---- stream ----

  function onEvent(event: StreamEvent): void {
    switch (event.type) {
      case 'presence.snapshot':
        presence({ type: 'views', views: event.data.items });
        return;
      case 'presence.changed':
        presence({ type: 'views', views: [event.data] });
        if (event.data.id === me.id) void loadOwn();
        return;
      case 'presence.alert':
        presence({ type: 'views', views: [event.data.view] });
        if (event.data.reason === 'preferred-ended') {
          void loadOwn();
          options.onNotice({ kind: 'state-ended', view: event.data.view });
        } else options.onNotice({ kind: 'available', view: event.data.view });
        return;
      case 'contact.changed':
        void loadContacts();
        return;
      case 'contact.added-you':
        options.onNotice({ kind: 'added-you', person: event.data.person });
        return;
      case 'message.posted': {
        const before = state.conversations.conversations.get(event.data.conversationId)?.lastSeq ?? 0;
        converse({ type: 'event', event, at: Date.now() });
        noticeMessage(event.data.message, before);
        return;
      }
      default:
        converse({ type: 'event', event, at: Date.now() });
    }
  }

  function noticeMessage(
    message: (StreamEvent & { type: 'message.posted' })['data']['message'],
    before: number,
  ): void {
    const conversation = state.conversations.conversations.get(message.conversationId);
    if (!conversation || message.deletedAt !== null || message.fromId === me.id || message.seq <= before)
      return;
    const from = conversation.participants.find(({ person }) => person.id === message.fromId)?.person;
    const urgent = message.importance === 'urgent';
    if (!from || (conversation.muted && !urgent)) return;
    options.onNotice({ kind: 'message', conversation, from, message, urgent });
  }

  const connection = createSharedConnection({
    scope,
    pageId: newKey(),
    locks: (navigator.locks as Locks | undefined) ?? null,
    openChannel: typeof BroadcastChannel === 'function' ? openBroadcastChannel : null,
    openStream: (given) => createEventStream({ ...given, api, endpoint, renewToken: session.renew }),
    viewsOf: (ids) =>
      ids.flatMap((id) => {
        const known = state.presence.views.get(id);
        return known && known.connection === state.presence.connection ? [known.view] : [];
      }),
    onEvent,
    onViews: (views) => presence({ type: 'views', views }),
    onState(link) {
      const wasLive = state.link.kind === 'live';
      set({ link });
      if (link.kind === 'live') {
        presence({ type: 'connected' });
        outbox.flush();
        if (!wasLive) void loadOwn();
      } else presence({ type: 'lost', at: Date.now() });
    },
    onFresh: refetch,
  });

  function syncWatch(): void {
    const all = new Set<string>([me.id]);
    for (const ids of watchers.values()) {
      for (const id of ids) {
        // The server takes no longer list; who comes after its end stays unknown.
        if (all.size >= limits.watchedPerStream) break;
        all.add(id);
      }
    }
    connection.watch(all);
  }

  // ---- writing ----

  const begun = createBegun({ scope, storage: options.storage });
  const outbox: Outbox = createOutbox({
    scope,
    storage: options.storage,
    api,
    now: Date.now,
    newKey,
    onChange: notify,
    onSent(message: SentMessage) {
      const { held, ...posted } = message;
      converse({ type: 'message', message: posted });
      set({ held: new Map(state.held).set(message.conversationId, held ?? []) });
    },
    onCreated(localId, { held: _held, ...conversation }) {
      begun.end(localId);
      converse({ type: 'fetched', conversation });
      options.onNotice({ kind: 'created', localId, conversation });
    },
  });

  type Page = Extract<ConversationAction, { type: 'page' }>;
  /** Fetches a page of history and joins it to the run that is here. */
  const fetchPage = (
    id: string,
    range: { after?: number; before?: number },
    place: (isLast: boolean) => Pick<Page, 'at' | 'hasStart' | 'hasEnd'>,
  ) =>
    catchingUp(
      () => api.messages(id, { ...range, limit: pageSize }),
      ({ items, changes, next }) =>
        converse({ type: 'page', conversationId: id, messages: items, changes, ...place(next === null) }),
    );

  const typed = new Map<string, number>();

  const nudge = () => {
    connection.nudge();
    outbox.flush();
  };
  const onVisible = () => document.visibilityState === 'visible' && nudge();
  const onStorage = (event: StorageEvent) => event.key?.startsWith('jellybean:unsent:') && outbox.reload();
  addEventListener('online', nudge);
  addEventListener('storage', onStorage);
  document.addEventListener('visibilitychange', onVisible);
  const sense = () => startSensing({ api, endpoint, scope, storage: options.storage, target: document });
  let stopSensing = sense();
  syncWatch();

  return {
    api,
    outbox,
    state: () => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    shown: (id: string, now = Date.now()): Shown => shownOf(state.presence, id, now),

    /** Watches these people for `owner`, in place of whom it watched before; an empty list ends it. */
    watch(owner: unknown, ids: Iterable<string>): void {
      const wanted = new Set(ids);
      const before = watchers.get(owner);
      if (before && before.size === wanted.size && [...wanted].every((id) => before.has(id))) return;
      if (wanted.size === 0) watchers.delete(owner);
      else watchers.set(owner, wanted);
      syncWatch();
    },

    /** Fetches a person's card once; the answer stands in `state().people`. */
    async needPerson(id: string): Promise<void> {
      if (!state.people.has(id) && !asked.has(id)) await loadPerson(id);
    },
    /** Fetches one's own entry again, after one changed what is in it. */
    reloadMe: () => loadPerson(me.id),
    rememberPeople(people: readonly Person[]): void {
      const all = new Map(state.people);
      for (const person of people) all.set(person.id, person);
      know(all);
    },
    retryLoading: refetch,
    reloadContacts: loadContacts,
    reloadOwn: loadOwn,

    /**
     * Gives the conversation with exactly these people: the one that exists, or a name for one that begins with
     * the first message, so that looking at somebody rings at nobody.
     */
    conversationWith(ids: readonly string[], context: ConversationContext | null = null): string {
      const others = [...new Set(ids)].filter((id) => id !== me.id).toSorted();
      const existing = [...state.conversations.conversations.values()].find((one) => {
        const people = one.participants.map(({ person }) => person.id).filter((id) => id !== me.id);
        const sameItem = context
          ? one.context !== null &&
            ((context.itemId !== undefined && one.context.itemId === context.itemId) ||
              (context.url !== undefined && one.context.url === context.url))
          : one.context === null && (others.length > 1 || one.kind === 'two-party');
        return sameItem && people.length === others.length && people.every((id) => others.includes(id));
      });
      if (existing) return existing.id;
      return begun.begin(others, context);
    },
    /** With whom a conversation that does not exist yet is begun, and about what; null of one that does. */
    begunWith: begun.find,

    /** Loads the newest page, unless the run that is here reaches the end. */
    async openConversation(id: string): Promise<void> {
      if (isLocal(id) || state.conversations.windows.get(id)?.hasEnd) return;
      await fetchPage(id, {}, (isLast) => ({ at: 'replace', hasStart: isLast, hasEnd: true }));
    },
    async loadOlder(id: string): Promise<void> {
      const first = state.conversations.windows.get(id)?.messages[0];
      if (first) await fetchPage(id, { before: first.seq }, (isLast) => ({ at: 'start', hasStart: isLast }));
    },
    async loadNewer(id: string): Promise<void> {
      const last = state.conversations.windows.get(id)?.messages.at(-1);
      if (last) await fetchPage(id, { after: last.seq }, (isLast) => ({ at: 'end', hasEnd: isLast }));
    },
    /** Shows the place of one message, with what stands around it. */
    async jumpTo(id: string, seq: number): Promise<void> {
      if (state.conversations.windows.get(id)?.messages.some((message) => message.seq === seq)) return;
      await fetchPage(id, { after: Math.max(0, seq - pageSize / 2) }, (isLast) => ({
        at: 'replace',
        hasStart: seq <= pageSize / 2,
        hasEnd: isLast,
      }));
    },
    /** Lets go of messages far from this one; they are fetched again when somebody scrolls there. */
    keepAround: (id: string, seq: number) => converse({ type: 'kept-around', conversationId: id, seq }),
    /** Shows the newest messages again after a jump. */
    async toEnd(id: string): Promise<void> {
      await fetchPage(id, {}, (isLast) => ({ at: 'replace', hasStart: isLast, hasEnd: true }));
    },

    send(
      id: string,
      draft: { text: string } & Partial<Pick<Unsent, 'importance' | 'replyTo' | 'attachments'>>,
    ): void {
      const local = begun.find(id);
      outbox.add({
        conversationId: id,
        create: local
          ? { participants: [...local.ids], ...(local.context ? { context: local.context } : {}) }
          : null,
        text: draft.text,
        importance: draft.importance ?? 'normal',
        replyTo: draft.replyTo ?? null,
        attachments: draft.attachments ?? [],
        afterSeq: state.conversations.conversations.get(id)?.lastSeq ?? 0,
      });
      typed.delete(id);
    },
    async edit(id: string, messageId: string, text: string): Promise<void> {
      converse({ type: 'message', message: await api.editMessage(id, messageId, text) });
    },
    react: (id: string, messageId: string, emoji: string, on: boolean) => api.react(id, messageId, emoji, on),
    remove: (id: string, messageId: string) => api.deleteMessage(id, messageId),

    /** Marks as read up to `seq`, at once on this screen and then on the server. */
    markRead(id: string, seq: number): void {
      const conversation = state.conversations.conversations.get(id);
      const mark = conversation?.participants.find(({ person }) => person.id === me.id)?.readSeq ?? 0;
      if (!conversation || seq <= mark) return;
      const event: StreamEvent = {
        type: 'read.advanced',
        id: null,
        data: { conversationId: id, personId: me.id, seq },
      };
      converse({ type: 'event', event, at: Date.now() });
      void api.markRead(id, seq).catch(() => {
        // Said again with the next message that is read; a mark only ever moves forward.
      });
    },
    /** Tells the others that one is writing, at most every 3 s. */
    typing(id: string): void {
      const now = Date.now();
      if (isLocal(id) || now - (typed.get(id) ?? 0) < typingEveryMs) return;
      typed.set(id, now);
      void api.typing(id).catch(() => {
        // A hint: lost is lost.
      });
    },
    async addPeople(id: string, ids: readonly string[], shareHistory: boolean): Promise<void> {
      converse({ type: 'fetched', conversation: await api.addParticipants(id, ids, shareHistory, newKey()) });
    },
    async leave(id: string): Promise<void> {
      await api.removeParticipant(id, me.id);
      converse({ type: 'gone', conversationId: id });
    },
    async file(
      id: string,
      patch: { muted?: boolean; archived?: boolean; subject?: string | null },
    ): Promise<void> {
      converse({ type: 'fetched', conversation: await api.patchConversation(id, patch) });
    },
    answerInvitation: (id: string, answer: 'accept' | 'decline') =>
      api.answerInvitation(id, answer, newKey()),

    /** Begins anew to notice input, after the person has allowed more or less of it. */
    senseAgain(): void {
      stopSensing();
      stopSensing = sense();
    },
    nudge,
    /** Ends everything on this page; `signOut` also says goodbye for the person when no other page is open. */
    close(signOut = false): void {
      if (isClosed) return;
      isClosed = true;
      const isLast = connection.isLast();
      connection.close();
      outbox.close();
      forgetPhotos();
      stopSensing();
      removeEventListener('online', nudge);
      removeEventListener('storage', onStorage);
      document.removeEventListener('visibilitychange', onVisible);
      if (ageing !== null) clearTimeout(ageing);
      listeners.clear();
      if (signOut && isLast) void api.removeEndpoint(endpoint).catch(() => {});
      if (signOut) void session.end?.();
    },
  };
}

/** The endpoint's name is kept, so that a reload is the same endpoint and nobody sees a flicker. */
function endpointName(storage: Storage | null, key: string, host: string): string {
  try {
    const kept = storage?.getItem(key);
    if (kept) return kept;
    const made = `${host}-${crypto.randomUUID().slice(0, 8)}`;
    storage?.setItem(key, made);
    return made;
  } catch {
    return `${host}-${crypto.randomUUID().slice(0, 8)}`;
  }
}
