/**
 * What a person wrote and nobody has confirmed yet, and what they have begun to write. Kept in the browser's
 * storage per server and person, one entry per message, so that it survives a crash, a reload and a server
 * that is away; sent in order, and once, because each message carries its own idempotency key for ever.
 */
import type {
  Conversation,
  ConversationInput,
  MessageInput,
} from '../../../server/protocol/conversations.ts';
import type { Importance } from '../../../server/protocol/vocabulary.ts';
import type { Api, Attachment, SentMessage } from './api.ts';
import { backoffMs } from './backoff.ts';
import { ApiFailure, formatFailure } from './problem.ts';

export interface Unsent {
  /** The idempotency key: names this message from the first keystroke of "send" until it is confirmed. */
  key: string;
  conversationId: string;
  /** Set while the conversation itself does not exist yet; `conversationId` is then a name of this browser's. */
  create: ConversationInput | null;
  text: string;
  importance: Importance;
  replyTo: string | null;
  attachments: Attachment[];
  queuedAt: number;
  /** The conversation's last seq when this was written: tells an own message that came back from an older one. */
  afterSeq: number;
  /** The server's refusal, in a sentence; null while it still can be sent. */
  refusal: string | null;
}

export interface Draft {
  text: string;
  replyTo: string | null;
  attachments: Attachment[];
  importance: Importance;
}

export const emptyDraft: Draft = { text: '', replyTo: null, attachments: [], importance: 'normal' };

/** The part of `Storage` that is needed; a full or forbidden one falls back to memory. */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export interface OutboxOptions {
  /** Names server and person, so that two people in one browser never see each other's text. */
  scope: string;
  storage: Keep | null;
  api: Pick<Api, 'sendMessage' | 'createConversation'>;
  now(): number;
  newKey(): string;
  onChange(): void;
  onSent(message: SentMessage, unsent: Unsent): void;
  /** A conversation that was begun here exists now; `localId` was its name until then. */
  onCreated(localId: string, conversation: Conversation & { held?: string[] }): void;
  timers?: { set(work: () => void, ms: number): unknown; clear(timer: unknown): void };
  random?(): number;
}

export interface Outbox {
  unsent(conversationId: string): Unsent[];
  isSending(key: string): boolean;
  add(message: Omit<Unsent, 'key' | 'queuedAt' | 'refusal'>): void;
  /** Tries a refused message again under a new key, as the old one is bound to the refused body. */
  retry(key: string): void;
  discard(key: string): Unsent | null;
  draft(conversationId: string): Draft;
  saveDraft(conversationId: string, draft: Draft): void;
  /** Sends whatever waits, now: the connection is back. */
  flush(): void;
  /** Looks at the storage again: another tab of the same person has changed it. */
  reload(): void;
  close(): void;
}

const memory = (): Keep => {
  const items = new Map<string, string>();
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
    key: (index) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  };
};

export function createOutbox(options: OutboxOptions): Outbox {
  const prefix = `jellybean:unsent:${options.scope}:`;
  const draftPrefix = `jellybean:draft:${options.scope}:`;
  const timers = options.timers ?? {
    set: (work: () => void, ms: number): unknown => setTimeout(work, ms),
    clear: (timer: unknown) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  };
  const random = options.random ?? Math.random;
  const fallback = memory();
  const storage = options.storage ?? fallback;
  const sending = new Set<string>();
  const busy = new Set<string>();
  let items = load();
  let attempt = 0;
  let timer: unknown = null;
  let closed = false;

  function load(): Unsent[] {
    const found: Unsent[] = [];
    for (const keep of new Set([storage, fallback])) {
      for (let index = 0; index < keep.length; index++) {
        const name = keep.key(index);
        if (!name?.startsWith(prefix)) continue;
        const parsed = parse<Unsent>(keep.getItem(name));
        if (parsed) found.push(parsed);
      }
    }
    return found.sort((a, b) => a.queuedAt - b.queuedAt || a.key.localeCompare(b.key));
  }

  function write(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    try {
      storage.setItem(name, text);
    } catch {
      // Storage full or forbidden: the text lives at least as long as the page.
      fallback.setItem(name, text);
    }
  }

  function remove(name: string): void {
    storage.removeItem(name);
    fallback.removeItem(name);
  }

  function changed(): void {
    items = load();
    options.onChange();
  }

  function put(unsent: Unsent): void {
    write(prefix + unsent.key, unsent);
    changed();
  }

  /** Sends the first waiting message of each conversation; order within one is kept by sending one at a time. */
  function flush(): void {
    if (closed) return;
    if (timer !== null) timers.clear(timer);
    timer = null;
    const first = new Map<string, Unsent>();
    for (const one of items) {
      if (one.refusal === null && !first.has(one.conversationId)) first.set(one.conversationId, one);
    }
    for (const [conversationId, one] of first) if (!busy.has(conversationId)) void send(one);
  }

  async function send(unsent: Unsent): Promise<void> {
    busy.add(unsent.conversationId);
    sending.add(unsent.key);
    let movedTo: string | null = null;
    options.onChange();
    const input: MessageInput = { text: unsent.text };
    if (unsent.importance !== 'normal') input.importance = unsent.importance;
    if (unsent.replyTo) input.replyTo = unsent.replyTo;
    if (unsent.attachments.length > 0) input.attachments = unsent.attachments.map(({ id }) => id);
    try {
      if (unsent.create) movedTo = await create(unsent, unsent.create);
      const conversationId = movedTo ?? unsent.conversationId;
      const message = await options.api.sendMessage(conversationId, input, unsent.key);
      attempt = 0;
      remove(prefix + unsent.key);
      items = load();
      options.onSent(message, unsent);
    } catch (error) {
      const failure = error instanceof ApiFailure ? error : null;
      // 401 is no judgement of the message: it waits for the next sign-in.
      if (!failure || failure.retryable || failure.status === 401) {
        timer ??= timers.set(flush, failure?.retryAfterMs ?? backoffMs(attempt++, random));
      } else {
        // Read again: it may have moved to its real conversation, or another tab may have discarded it.
        const stored = load().find(({ key }) => key === unsent.key);
        if (stored) put({ ...stored, refusal: formatFailure(failure) });
      }
      items = load();
    } finally {
      busy.delete(unsent.conversationId);
      if (movedTo) busy.delete(movedTo);
      sending.delete(unsent.key);
      if (!closed) options.onChange();
    }
    if (timer === null) flush();
  }

  /**
   * Begins the conversation, under a key of its own: should the answer be lost, the same one is found again.
   * What else was written meanwhile moves to its real name.
   */
  async function create(unsent: Unsent, input: ConversationInput): Promise<string> {
    const conversation = await options.api.createConversation(input, `${unsent.key}.conversation`);
    for (const one of items.filter(({ conversationId }) => conversationId === unsent.conversationId)) {
      write(prefix + one.key, { ...one, conversationId: conversation.id, create: null });
    }
    busy.add(conversation.id);
    const draft = storage.getItem(draftPrefix + unsent.conversationId);
    if (draft !== null) {
      write(draftPrefix + conversation.id, JSON.parse(draft));
      remove(draftPrefix + unsent.conversationId);
    }
    items = load();
    options.onCreated(unsent.conversationId, conversation);
    return conversation.id;
  }

  return {
    unsent: (conversationId) => items.filter((one) => one.conversationId === conversationId),
    isSending: (key) => sending.has(key),
    add(message) {
      // Two messages of one millisecond keep their order.
      const queuedAt = Math.max(options.now(), (items.at(-1)?.queuedAt ?? 0) + 1);
      put({ ...message, key: options.newKey(), queuedAt, refusal: null });
      flush();
    },
    retry(key) {
      const found = items.find((one) => one.key === key);
      if (!found) return;
      remove(prefix + key);
      put({ ...found, key: options.newKey(), refusal: null });
      flush();
    },
    discard(key) {
      const found = items.find((one) => one.key === key) ?? null;
      remove(prefix + key);
      changed();
      return found;
    },
    draft: (conversationId) =>
      parse<Draft>(
        storage.getItem(draftPrefix + conversationId) ?? fallback.getItem(draftPrefix + conversationId),
      ) ?? emptyDraft,
    saveDraft(conversationId, draft) {
      if (draft.text === '' && draft.attachments.length === 0 && draft.replyTo === null) {
        remove(draftPrefix + conversationId);
      } else write(draftPrefix + conversationId, draft);
    },
    flush,
    reload: changed,
    close() {
      closed = true;
      if (timer !== null) timers.clear(timer);
    },
  };
}

/** Reads an entry; one that somebody else has damaged counts as absent rather than stopping the rest. */
function parse<Entry>(text: string | null): Entry | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as Entry;
  } catch {
    return null;
  }
}
