/** What was typed: kept, sent in order, and once, whatever happens on the way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SentMessage } from '../../addins/shared/client/api.ts';
import {
  createOutbox,
  emptyDraft,
  type Keep,
  type OutboxOptions,
} from '../../addins/shared/client/outbox.ts';
import { ApiFailure } from '../../addins/shared/client/problem.ts';
import type { ConversationInput, MessageInput } from '../../server/protocol/conversations.ts';

/** The browser's storage as one page sees it; several outboxes may share one, as tabs do. */
function createStorage(): Keep & { entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (name) => entries.get(name) ?? null,
    setItem: (name, value) => void entries.set(name, value),
    removeItem: (name) => void entries.delete(name),
    key: (index) => [...entries.keys()][index] ?? null,
    get length() {
      return entries.size;
    },
  };
}

type Mishap = 'none' | 'lost-request' | 'lost-answer' | 'busy' | 'refused';

/** A server that keeps the contract's promise: a key and its body happen once. */
function createServer() {
  const posted: SentMessage[] = [];
  const byKey = new Map<string, SentMessage>();
  const conversations = new Map<string, string>();
  const mishaps: Mishap[] = [];
  const bodies: MessageInput[] = [];
  function fail(mishap: Mishap): void {
    if (mishap === 'busy') throw new ApiFailure('store-unavailable', 503, null, 1_000);
    if (mishap === 'lost-answer' || mishap === 'lost-request') throw new ApiFailure('unreachable', 0, null);
    if (mishap === 'refused') throw new ApiFailure('forbidden', 403, null);
  }
  return {
    posted,
    mishaps,
    bodies,
    api: {
      async sendMessage(conversationId: string, input: MessageInput, key: string): Promise<SentMessage> {
        await Promise.resolve();
        bodies.push(input);
        const mishap = mishaps.shift() ?? 'none';
        if (mishap !== 'none' && mishap !== 'lost-answer') fail(mishap);
        let message = byKey.get(key);
        if (!message) {
          message = {
            id: `id-${posted.length + 1}`,
            conversationId,
            seq: posted.length + 1,
            fromId: 'alice',
            sentAt: '2026-11-16T12:00:00.000Z',
            text: input.text,
            importance: 'normal',
            replyTo: null,
            mentions: [],
            attachments: [],
            reactions: [],
            editedAt: null,
            deletedAt: null,
          };
          byKey.set(key, message);
          posted.push(message);
        }
        fail(mishap);
        return message;
      },
      async createConversation(input: ConversationInput, key: string) {
        await Promise.resolve();
        const mishap = mishaps.shift() ?? 'none';
        if (mishap === 'lost-request' || mishap === 'busy' || mishap === 'refused') fail(mishap);
        const id = conversations.get(key) ?? `c-${input.participants.join('-')}`;
        conversations.set(key, id);
        fail(mishap);
        return { id } as Awaited<ReturnType<OutboxOptions['api']['createConversation']>>;
      },
    },
  };
}

function open(
  storage: Keep | null,
  server: ReturnType<typeof createServer>,
  given: Partial<OutboxOptions> = {},
) {
  const timers: (() => void)[] = [];
  let keys = 0;
  const sent: string[] = [];
  const created: [string, string][] = [];
  const outbox = createOutbox({
    scope: 'server:alice',
    storage,
    api: server.api,
    now: () => 1,
    newKey: () => `k${given.scope ?? ''}${++keys}-${Math.random()}`,
    onChange() {},
    onSent: (message) => sent.push(message.text),
    onCreated: (localId, { id }) => created.push([localId, id]),
    timers: { set: (work) => timers.push(work), clear() {} },
    random: () => 0,
    ...given,
  });
  return { outbox, timers, sent, created };
}

const settle = async (timers: (() => void)[] = []) => {
  for (let turn = 0; turn < 60; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn % 4 === 3) for (const work of timers.splice(0)) work();
  }
};
const write = (text: string, conversationId = 'c') => ({
  conversationId,
  create: null,
  text,
  importance: 'normal' as const,
  replyTo: null,
  attachments: [],
  afterSeq: 0,
});

describe('outbox', () => {
  test('[UI8] messages of a conversation arrive in the order in which they were written', async () => {
    const server = createServer();
    const { outbox, timers } = open(createStorage(), server);
    server.mishaps.push('busy', 'none', 'lost-request');
    for (const text of ['1', '2', '3', '4']) outbox.add(write(text));
    await settle(timers);
    expect(server.posted.map(({ text }) => text)).toEqual(['1', '2', '3', '4']);
    expect(outbox.unsent('c')).toEqual([]);
  });

  test('[UI8] what was written while the server was away is sent once after a crash of the page', async () => {
    const storage = createStorage();
    const server = createServer();
    const first = open(storage, server);
    // The answer is lost: the server has it, the page does not know, and dies.
    server.mishaps.push('lost-answer');
    first.outbox.add(write('hello'));
    await settle();
    first.outbox.close();
    const second = open(storage, server);
    expect(second.outbox.unsent('c').map(({ text }) => text)).toEqual(['hello']);
    second.outbox.flush();
    await settle(second.timers);
    expect(server.posted.map(({ text }) => text)).toEqual(['hello']);
    expect(second.outbox.unsent('c')).toEqual([]);
    expect(storage.entries.size).toBe(0);
  });

  test('[UI8] two tabs that both send the same waiting message post it once', async () => {
    const storage = createStorage();
    const server = createServer();
    const one = open(storage, server);
    server.mishaps.push('lost-request');
    one.outbox.add(write('hello'));
    await settle();
    const other = open(storage, server);
    one.outbox.flush();
    other.outbox.flush();
    await settle();
    expect(server.posted).toHaveLength(1);
  });

  test('[UI8] a refusal is shown at its message and does not hold up the next one', async () => {
    const server = createServer();
    const { outbox, timers } = open(createStorage(), server);
    server.mishaps.push('refused');
    outbox.add(write('no'));
    outbox.add(write('yes'));
    await settle(timers);
    expect(server.posted.map(({ text }) => text)).toEqual(['yes']);
    expect(outbox.unsent('c')).toMatchObject([{ text: 'no', refusal: expect.stringContaining('may not') }]);
    const [refused] = outbox.unsent('c');
    outbox.retry(refused?.key ?? '');
    await settle(timers);
    expect(server.posted.map(({ text }) => text)).toEqual(['yes', 'no']);
  });

  test('[UI8] a discarded message is given back, so that its text is not lost', async () => {
    const server = createServer();
    const { outbox, timers } = open(createStorage(), server);
    server.mishaps.push('refused');
    outbox.add(write('precious'));
    await settle(timers);
    expect(outbox.discard(outbox.unsent('c')[0]?.key ?? '')?.text).toBe('precious');
    expect(outbox.unsent('c')).toEqual([]);
  });

  test('[UI8] the first message begins the conversation, and all that was written meanwhile follows it there', async () => {
    const storage = createStorage();
    const server = createServer();
    const { outbox, timers, created } = open(storage, server);
    server.mishaps.push('lost-answer');
    const create: ConversationInput = { participants: ['bob'] };
    outbox.add({ ...write('one', 'new:bob'), create });
    outbox.add({ ...write('two', 'new:bob'), create });
    outbox.saveDraft('new:bob', { ...emptyDraft, text: 'half a th' });
    await settle(timers);
    expect(server.posted.map(({ conversationId, text }) => [conversationId, text])).toEqual([
      ['c-bob', 'one'],
      ['c-bob', 'two'],
    ]);
    expect(created).toEqual([['new:bob', 'c-bob']]);
    expect(outbox.draft('c-bob').text).toBe('half a th');
    expect(outbox.draft('new:bob').text).toBe('');
  });

  test('[UI8] drafts survive the page, belong to one person, and an emptied one is gone', () => {
    const storage = createStorage();
    const server = createServer();
    open(storage, server).outbox.saveDraft('c', { ...emptyDraft, text: 'half' });
    expect(open(storage, server).outbox.draft('c').text).toBe('half');
    expect(open(storage, server, { scope: 'server:bob' }).outbox.draft('c').text).toBe('');
    open(storage, server).outbox.saveDraft('c', emptyDraft);
    expect(storage.entries.size).toBe(0);
  });

  test('[UI8] a browser whose storage is full or forbidden keeps the text as long as the page', async () => {
    const full = {
      ...createStorage(),
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    const server = createServer();
    server.mishaps.push('busy');
    const { outbox, timers } = open(full, server);
    outbox.add(write('hello'));
    expect(outbox.unsent('c')).toHaveLength(1);
    outbox.saveDraft('c', { ...emptyDraft, text: 'half' });
    expect(outbox.draft('c').text).toBe('half');
    await settle(timers);
    expect(server.posted).toHaveLength(1);
  });

  test('[UI8] a damaged entry does not stop the rest', () => {
    const storage = createStorage();
    storage.setItem('jellybean:unsent:server:alice:x', '{not json');
    storage.setItem('jellybean:draft:server:alice:c', '{');
    const { outbox } = open(storage, createServer());
    expect(outbox.unsent('c')).toEqual([]);
    expect(outbox.draft('c')).toEqual(emptyDraft);
  });

  test('[UI8] whatever goes wrong, every message arrives once and in order', async () => {
    const mishap = fc.constantFrom<Mishap>('none', 'lost-request', 'lost-answer', 'busy');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ crash: fc.boolean(), to: fc.constantFrom('c', 'd') }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(mishap, { maxLength: 12 }),
        async (steps, mishaps) => {
          const storage = createStorage();
          const server = createServer();
          server.mishaps.push(...mishaps);
          let page = open(storage, server);
          for (const [index, { crash, to }] of steps.entries()) {
            page.outbox.add(write(String(index), to));
            await new Promise((resolve) => setImmediate(resolve));
            if (crash) {
              page.outbox.close();
              page = open(storage, server);
              page.outbox.flush();
            }
          }
          await settle(page.timers);
          page.outbox.close();
          for (const id of ['c', 'd']) {
            const wanted = steps.flatMap(({ to }, index) => (to === id ? [String(index)] : []));
            expect(server.posted.filter((one) => one.conversationId === id).map(({ text }) => text)).toEqual(
              wanted,
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
