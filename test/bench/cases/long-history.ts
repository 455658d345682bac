/**
 * What has been said for years: opening a conversation of 100,000 messages, anywhere in it, and searching a
 * million messages. Sizes are those of the promise; a quick run takes a tenth.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSystemClock } from '../../../server/adapters/clock/system.ts';
import { openStore } from '../../../server/adapters/storage/open.ts';
import { openSearchIndex } from '../../../server/adapters/storage/search-index.ts';
import { create, isRefusal } from '../../../server/domain/conversations.ts';
import { type ConversationId, toConversationId, toMessageId, toUserId } from '../../../server/domain/ids.ts';
import type { IndexEntry } from '../../../server/ports/search-index.ts';
import { startJellybean } from '../jellybean.ts';
import { rowOf } from '../report.ts';
import type { BenchCase } from './bench-case.ts';
import { chooseRecords, seedRing, signInRing } from './prepare.ts';

const MESSAGES = 100_000;
const INDEXED = 1_000_000;
const PER_CONVERSATION = 50;
/** In how many of the 20,000 conversations the searcher takes part. */
const OWN_CONVERSATIONS = 200;
const SLICE = 5_000;
const CALLS = 200;

/** A small generator of equal numbers everywhere (mulberry32). */
function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Twelve words of 5,000, the first ones as common as words are (Zipf). */
const sentence = (dice: () => number): string =>
  Array.from({ length: 12 }, () => `word${Math.floor(5_000 ** dice())}`).join(' ');

/** Seeds two people and their conversation, as years would have filled it. */
const seedLong =
  (id: ConversationId, count: number) =>
  async (folder: string): Promise<void> => {
    await seedRing(2, 0)(folder);
    const clock = createSystemClock();
    const store = await openStore({ url: 'sqlite:', folder, clock });
    const [one, other] = chooseRecords(2).map((person) => person.id);
    const at = Date.UTC(2020, 0);
    const conversation = create(
      {
        id,
        creatorId: one!,
        others: [other!],
        subject: null,
        context: null,
        importance: 'normal',
        withheldFrom: new Set(),
      },
      at,
    );
    if (isRefusal(conversation)) throw new Error(conversation.detail);
    await store.transaction([id], (tx) => tx.conversations.insert(conversation, null));
    const dice = createDice(1);
    for (let first = 1; first <= count; first += SLICE)
      await store.transaction([id], async (tx) => {
        for (let seq = first; seq < Math.min(count + 1, first + SLICE); seq++) {
          const sentAt = at + seq * 1_000;
          const messageId = `${sentAt.toString(36).padStart(9, '0')}${seq}`;
          const message = {
            id: messageId,
            conversationId: id,
            seq,
            fromId: one,
            sentAt: new Date(sentAt).toISOString(),
            text: sentence(dice),
            importance: 'normal',
            replyTo: null,
            mentions: [],
            attachments: [],
            reactions: [],
            editedAt: null,
            deletedAt: null,
          };
          await tx.conversations.post({
            id: toMessageId(messageId),
            conversationId: id,
            seq,
            fromId: one!,
            sentAt,
            json: JSON.stringify(message),
            withheld: false,
          });
        }
      });
    await store.close();
  };

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

async function timed(count: number, call: (index: number) => Promise<unknown>): Promise<number[]> {
  for (let index = 0; index < 20; index++) await call(index);
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await call(index);
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b);
}

async function openLong(serverFlags: readonly string[], count: number) {
  const id = toConversationId('long-conversation');
  const jellybean = await startJellybean(serverFlags, seedLong(id, count));
  try {
    const [, reader] = await signInRing(jellybean, 2);
    const get = (route: string) => jellybean.call(reader!.token, 'GET', `/conversations/${id}${route}`);
    const open = await timed(CALLS, async () => {
      await get('');
      await get('/messages');
    });
    const dice = createDice(2);
    const jump = await timed(CALLS, () => get(`/messages?before=${1 + Math.floor(dice() * count)}`));
    return { open, jump };
  } finally {
    await jellybean.close();
  }
}

async function searchMany(count: number, say: (text: string) => void) {
  const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-search-'));
  const index = openSearchIndex(folder);
  try {
    const dice = createDice(3);
    const conversations = Math.ceil(count / PER_CONVERSATION);
    const idOf = (number: number) => toConversationId(`conversation-${number}`);
    const started = performance.now();
    for (let first = 0; first < count; first += SLICE) {
      const entries: IndexEntry[] = [];
      for (let at = first; at < Math.min(count, first + SLICE); at++)
        entries.push({
          json: JSON.stringify({
            id: `m${at}`,
            conversationId: idOf(Math.floor(dice() * conversations)),
            seq: at,
            fromId: `u${at % 97}`,
            sentAt: new Date(at).toISOString(),
            text: sentence(dice),
            deletedAt: null,
          }),
          withheld: false,
        });
      await index.update(entries, null);
    }
    const perMessage = ((performance.now() - started) / count) * 1_000;
    say(`  indexed ${count} messages at ${perMessage.toFixed(0)} µs each`);
    const own = Array.from({ length: OWN_CONVERSATIONS }, (_, number) =>
      idOf(Math.floor((number * conversations) / OWN_CONVERSATIONS)),
    );
    const find = (terms: readonly string[][], isLastPrefix: boolean) =>
      index.find({
        viewerId: toUserId('u1'),
        terms,
        isLastPrefix,
        conversations: own,
        fromId: null,
        sentAfter: null,
        sentBefore: null,
        behind: null,
        limit: 30,
      });
    const kinds = {
      'the commonest word': () => find([['word1']], false),
      'a rare word': (at: number) => find([[`word${3_000 + at}`]], false),
      'two words, the last a beginning': (at: number) => find([[`word${at + 1}`], ['word2']], true),
    };
    const times: Record<string, number[]> = {};
    for (const [name, kind] of Object.entries(kinds)) times[name] = await timed(100, kind);
    return { perMessage, times };
  } finally {
    await index.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const longHistory: BenchCase = {
  name: 'long-history',
  async run(context) {
    const share = context.rounds === 1 ? 0.1 : 1;
    const { open, jump } = await openLong(context.serverFlags, MESSAGES * share);
    const { perMessage, times } = await searchMany(INDEXED * share, context.say);
    return {
      name: 'long-history',
      title: `A conversation of ${MESSAGES * share} messages; ${INDEXED * share} messages to search`,
      rounds: { open, jump, times },
      rows: [
        rowOf('opening it (conversation and last page): p50', 'ms', [quantile(open, 0.5)]),
        rowOf('opening it: p99', 'ms', [quantile(open, 0.99)], { goal: { atMost: 20 } }),
        rowOf('a page anywhere in it: p99', 'ms', [quantile(jump, 0.99)], { goal: { atMost: 20 } }),
        rowOf('indexing', 'µs each', [perMessage]),
        ...Object.entries(times).map(([name, values]) =>
          rowOf(`searching for ${name}: p99`, 'ms', [quantile(values, 0.99)], { goal: { atMost: 200 } }),
        ),
      ],
    };
  },
};
