/**
 * The REST side of the contract as typed calls: one function per route that a screen uses. Decides how a
 * request is authorised, retried and given up; knows nothing of what the answers are for.
 */
import type { FreeBusy } from '../../../server/protocol/calendar.ts';
import type {
  Contact,
  ContactInput,
  ExpandedList,
  Group,
  GroupPatch,
  Me,
  Person,
  PersonName,
} from '../../../server/protocol/contacts.ts';
import type {
  Conversation,
  ConversationInput,
  History,
  LiveMessage,
  Message,
  MessageInput,
} from '../../../server/protocol/conversations.ts';
import type {
  NoteInput,
  OwnPresence,
  PreferredInput,
  PresenceView,
  Privacy,
  PublicationInput,
} from '../../../server/protocol/presence.ts';
import type { Problem } from '../../../server/protocol/problems.ts';
import type { Relationship } from '../../../server/protocol/vocabulary.ts';
import { ApiFailure, type FailureCode } from './problem.ts';

export interface ApiOptions {
  /** Origin of the server without a trailing slash; empty for the page's own. */
  baseUrl: string;
  /** The tag for `Accept-Language`: sentences of presence come back in it. */
  language(): string;
  /** The bearer, kept in memory; null before sign-in. `renew` is true after a 401 said that it is too old. */
  token(renew: boolean): Promise<string | null>;
  fetch?: typeof fetch;
  /** Waits; replaced in tests so that retries take no time. */
  wait?(ms: number): Promise<void>;
}

interface Call {
  body?: unknown;
  /** The key under which a creating call happens once, however often it is sent. */
  key?: string;
  signal?: AbortSignal;
  keepalive?: boolean;
  /** How often a call without an answer is sent again; calls that create are only repeated with a key. */
  retries?: number;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}
export interface Watcher {
  person: PersonName;
  relationship: Relationship;
  asContact: boolean;
  watching: boolean;
}
export interface SearchHit {
  message: LiveMessage;
  conversation: Conversation;
  /** [start, end) of what matched, in UTF-16 units of the text. */
  highlights: [number, number][];
}
export interface Attachment {
  id: string;
  name: string;
  size: number;
  mediaType: string;
}
export type Api = ReturnType<typeof createApi>;

/** A message with the people who are in do-not-disturb and were not interrupted. */
export type SentMessage = LiveMessage & { held?: string[] };

const retryDelayMs = 400;
const query = (parameters: Record<string, string | number | undefined>) => {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return pairs.length ? `?${new URLSearchParams(pairs)}` : '';
};
const id = encodeURIComponent;

export function createApi(options: ApiOptions) {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const wait = options.wait ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
  const root = `${options.baseUrl}/api/v1`;

  /** Sends one request with the bearer; a 401 renews it once, because a token may expire between two calls. */
  async function authorised(path: string, init: RequestInit, headers: Headers): Promise<Response> {
    headers.set('Accept-Language', options.language());
    for (let renewed = false; ; renewed = true) {
      const token = await options.token(renewed);
      if (token) headers.set('Authorization', `Bearer ${token}`);
      let response: Response;
      try {
        response = await send(`${root}${path}`, {
          ...init,
          headers,
          cache: init.cache ?? 'no-store',
          credentials: 'omit',
        });
      } catch (error) {
        if (init.signal?.aborted) throw error;
        throw new ApiFailure('unreachable', 0, null);
      }
      if (response.status !== 401 || renewed || !token) return response;
    }
  }

  async function call<Answer>(method: string, path: string, given: Call = {}): Promise<Answer> {
    const headers = new Headers();
    const init: RequestInit = { method };
    if (given.signal) init.signal = given.signal;
    if (given.keepalive) init.keepalive = true;
    if (given.body instanceof FormData || given.body instanceof Blob) init.body = given.body;
    else if (given.body !== undefined) {
      headers.set('Content-Type', 'application/json');
      init.body = JSON.stringify(given.body);
    }
    if (given.key) headers.set('Idempotency-Key', given.key);
    const retries = given.retries ?? (method === 'POST' && !given.key ? 0 : 2);
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await authorised(path, init, headers);
        if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer;
        throw await toFailure(response);
      } catch (error) {
        const failure = error instanceof ApiFailure ? error : null;
        if (given.signal?.aborted || !failure?.retryable || attempt >= retries) throw error;
        await wait(failure.retryAfterMs ?? retryDelayMs * 2 ** attempt);
      }
    }
  }

  return {
    baseUrl: options.baseUrl,
    me: () => call<Me>('GET', '/me'),
    people: (q: string, limit: number, signal?: AbortSignal) =>
      call<Page<Person>>('GET', `/people${query({ q, limit })}`, signal ? { signal } : {}),
    person: (person: string) => call<Person>('GET', `/people/${id(person)}`),
    resolve: (addresses: readonly string[]) =>
      call<{ items: { address: string; person: Person | null }[] }>('POST', '/people/resolve', {
        body: { addresses },
        retries: 2,
      }),

    /** Who is on the lists at these addresses; up to 50 of them. */
    expandLists: (addresses: readonly string[]) =>
      call<{ items: { address: string; list: ExpandedList | null }[] }>('POST', '/people/expand', {
        body: { addresses },
        retries: 2,
      }),
    freeBusy: (person: string) => call<FreeBusy>('GET', `/people/${id(person)}/free-busy`),
    presence: (person: string) => call<PresenceView>('GET', `/presence/${id(person)}`),
    queryPresence: (ids: readonly string[]) =>
      call<Page<PresenceView>>('POST', '/presence/query', { body: { ids }, retries: 2 }),
    ownPresence: () => call<OwnPresence>('GET', '/me/presence'),
    prefer: (input: PreferredInput) => call<OwnPresence>('PUT', '/me/presence/preferred', { body: input }),
    resetPreferred: () => call<unknown>('DELETE', '/me/presence/preferred'),
    setNote: (input: NoteInput) => call<unknown>('PUT', '/me/note', { body: input }),
    clearNote: () => call<unknown>('DELETE', '/me/note'),
    setPrivacy: (input: Privacy) => call<unknown>('PUT', '/me/privacy', { body: input }),
    publish: (publication: string, input: PublicationInput) =>
      call<unknown>('PUT', `/me/publications/${id(publication)}`, { body: input, retries: 0 }),
    watchers: () => call<Page<Watcher>>('GET', '/me/watchers'),

    contacts: () => everyPage<Contact>('/me/contacts'),
    putContact: (person: string, input: ContactInput) =>
      call<Contact>('PUT', `/me/contacts/${id(person)}`, { body: input }),
    removeContact: (person: string) => call<void>('DELETE', `/me/contacts/${id(person)}`),
    groups: () => everyPage<Group>('/me/groups'),
    createGroup: (name: string, key: string) => call<Group>('POST', '/me/groups', { body: { name }, key }),
    changeGroup: (group: string, patch: GroupPatch) =>
      call<Group>('PATCH', `/me/groups/${id(group)}`, { body: patch }),
    removeGroup: (group: string) => call<void>('DELETE', `/me/groups/${id(group)}`),

    conversations: (cursor?: string) => call<Page<Conversation>>('GET', `/conversations${query({ cursor })}`),
    conversation: (conversation: string) => call<Conversation>('GET', `/conversations/${id(conversation)}`),
    createConversation: (input: ConversationInput, key: string) =>
      call<Conversation & { held?: string[] }>('POST', '/conversations', { body: input, key }),
    patchConversation: (
      conversation: string,
      patch: { subject?: string | null; muted?: boolean; archived?: boolean },
    ) => call<Conversation>('PATCH', `/conversations/${id(conversation)}`, { body: patch }),
    addParticipants: (conversation: string, ids: readonly string[], shareHistory: boolean, key: string) =>
      call<Conversation>('POST', `/conversations/${id(conversation)}/participants`, {
        body: { ids, shareHistory },
        key,
      }),
    removeParticipant: (conversation: string, person: string) =>
      call<void>('DELETE', `/conversations/${id(conversation)}/participants/${id(person)}`),
    answerInvitation: (conversation: string, answer: 'accept' | 'decline', key: string) =>
      call<unknown>('POST', `/conversations/${id(conversation)}/invitation`, { body: { answer }, key }),
    messages: (conversation: string, range: { after?: number; before?: number; limit?: number }) =>
      call<History>('GET', `/conversations/${id(conversation)}/messages${query(range)}`),
    message: (conversation: string, message: string) =>
      call<Message>('GET', `/conversations/${id(conversation)}/messages/${id(message)}`),
    /** Sends once; the outbox repeats it with the same key until there is an answer. */
    sendMessage: (conversation: string, input: MessageInput, key: string) =>
      call<SentMessage>('POST', `/conversations/${id(conversation)}/messages`, {
        body: input,
        key,
        retries: 0,
      }),
    editMessage: (conversation: string, message: string, text: string) =>
      call<LiveMessage>('PATCH', `/conversations/${id(conversation)}/messages/${id(message)}`, {
        body: { text },
      }),
    deleteMessage: (conversation: string, message: string) =>
      call<void>('DELETE', `/conversations/${id(conversation)}/messages/${id(message)}`),
    react: (conversation: string, message: string, emoji: string, on: boolean) =>
      call<void>(
        on ? 'PUT' : 'DELETE',
        `/conversations/${id(conversation)}/messages/${id(message)}/reactions/${id(emoji)}`,
      ),
    markRead: (conversation: string, seq: number) =>
      call<void>('PUT', `/conversations/${id(conversation)}/read`, { body: { seq } }),
    typing: (conversation: string) => call<void>('POST', `/conversations/${id(conversation)}/typing`),
    upload: (file: File, key: string, signal?: AbortSignal) => {
      const body = new FormData();
      body.append('file', file, file.name);
      return call<Attachment>('POST', '/attachments', signal ? { body, key, signal } : { body, key });
    },
    search: (q: string, filter: { conversation?: string }, signal?: AbortSignal) =>
      call<Page<SearchHit>>('GET', `/search${query({ q, ...filter })}`, signal ? { signal } : {}),

    /** Opens the event stream; the caller reads the body. */
    openEvents: async (
      endpoint: string,
      lastEventId: string | null,
      signal: AbortSignal,
    ): Promise<Response> => {
      const headers = new Headers({ Accept: 'text/event-stream' });
      if (lastEventId !== null) headers.set('Last-Event-ID', lastEventId);
      const response = await authorised(`/events${query({ endpoint })}`, { method: 'GET', signal }, headers);
      if (!response.ok || !response.body) throw await toFailure(response);
      return response;
    },
    alive: (stream: string, cursor: string | null) =>
      call<void>('POST', `/streams/${id(stream)}/alive`, { body: cursor === null ? {} : { cursor } }),
    renewStream: (stream: string) => call<void>('POST', `/streams/${id(stream)}/token`),
    putWatch: (stream: string, ids: readonly string[]) =>
      call<Page<PresenceView>>('PUT', `/streams/${id(stream)}/watch`, { body: { ids } }),
    patchWatch: (stream: string, change: { add?: readonly string[]; remove?: readonly string[] }) =>
      call<Page<PresenceView>>('PATCH', `/streams/${id(stream)}/watch`, { body: change }),
    /** Says goodbye while the page closes, so that this person is offline within 2 s and not after a grace. */
    removeEndpoint: (endpoint: string) =>
      call<void>('DELETE', `/me/endpoints/${id(endpoint)}`, { keepalive: true, retries: 0 }),
    /** For what only one screen asks. A Blob goes out as what it is. */
    call,
    /** Fetches a photo or an attachment with the bearer; an `img` of its own could not carry it. */
    blob: async (path: string, init: RequestInit = {}): Promise<Blob> => {
      const response = await authorised(path, init, new Headers());
      if (!response.ok) throw await toFailure(response);
      return response.blob();
    },
  };

  async function everyPage<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const page = await call<Page<Item>>('GET', `${path}${query({ cursor })}`);
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return items;
  }
}

/** Turns an answer that is no success into a failure; what is no problem document (a proxy's page) still has a status. */
async function toFailure(response: Response): Promise<ApiFailure> {
  let problem: Problem | null = null;
  if (response.headers.get('Content-Type')?.includes('application/problem+json')) {
    problem = (await response.json().catch(() => null)) as Problem | null;
  }
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return new ApiFailure(
    (problem?.code as FailureCode | undefined) ?? 'internal',
    response.status,
    problem,
    Number.isFinite(seconds) ? Math.min(seconds, 60) * 1_000 : null,
  );
}
