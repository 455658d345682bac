/** What every full-text index promises, whichever engine it stands on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPostgresSearch } from '../../server/adapters/storage/postgres-search.ts';
import { openSearchIndex } from '../../server/adapters/storage/search-index.ts';
import type { ConversationId, MessageId } from '../../server/domain/ids.ts';
import { parseSearch } from '../../server/domain/search.ts';
import type { IndexEntry, SearchHit, SearchIndex, SearchQuery } from '../../server/ports/search-index.ts';
import { noon } from '../support/clock.ts';
import { alice, bob, hasPostgres, postgresSchema } from './stores.ts';

const engines = [
  {
    name: 'SQLite',
    open: async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-search-'));
      return {
        index: openSearchIndex(folder),
        another: null,
        remove: () => rm(folder, { recursive: true, force: true }),
      };
    },
  },
  ...(hasPostgres
    ? [
        {
          name: 'PostgreSQL',
          open: async () => {
            const { url, remove } = await postgresSchema();
            return { index: await openPostgresSearch(url), another: () => openPostgresSearch(url), remove };
          },
        },
      ]
    : []),
];

const entry = (id: string, text: string, more: Record<string, unknown> = {}): IndexEntry => {
  const { withheld = false, ...fields } = more;
  return {
    withheld: withheld as boolean,
    json: JSON.stringify({
      id,
      conversationId: 'c',
      seq: 1,
      fromId: alice,
      sentAt: new Date(noon).toISOString(),
      text,
      deletedAt: null,
      ...fields,
    }),
  };
};

describe.each(engines)('the index on $name', ({ open }) => {
  let index: SearchIndex;
  let another: (() => Promise<SearchIndex>) | null;
  let remove: () => Promise<unknown>;
  beforeEach(async () => {
    ({ index, another, remove } = await open());
  });
  afterEach(async () => {
    await index.close();
    await remove();
  });
  const find = (q: string, more: Partial<SearchQuery> = {}) =>
    index.find({
      viewerId: bob,
      ...parseSearch(q)!,
      conversations: ['c' as ConversationId],
      fromId: null,
      sentAfter: null,
      sentBefore: null,
      behind: null,
      limit: 20,
      ...more,
    });
  const ids = async (q: string, more?: Partial<SearchQuery>) =>
    (await find(q, more)).map(({ messageId }) => messageId);
  const marked = async (q: string, text: string) =>
    (await find(q))[0]?.highlights.map(([start, end]) => text.slice(start, end));

  test('[IM60] all words must occur, in any case and without their marks; the last one may be a beginning', async () => {
    await index.update(
      [
        entry('m1', 'Das Café schließt um acht'),
        entry('m2', 'Budget 2027: draft, see budget@contoso.example'),
      ],
      { epoch: 'e', seq: 1 },
    );
    expect(await ids('cafe')).toEqual(['m1']);
    expect(await ids('CAFÉ um')).toEqual(['m1']);
    expect(await ids('budget dra')).toEqual(['m2']);
    expect(await ids('budget dra ')).toEqual([]);
    expect(await ids('contoso')).toEqual(['m2']);
    expect(await ids('budget acht')).toEqual([]);
    expect(await ids(`' & | ! :* <-> ( ) \\ draft`)).toEqual(['m2']);
    expect(await marked('budget', 'Budget 2027: draft, see budget@contoso.example')).toEqual([
      'Budget',
      'budget',
    ]);
    expect(await marked('caf', 'Das Café schließt um acht')).toEqual(['Café']);
  });

  test('[IM60] words in quotes stand as they are given; Chinese and Japanese are found sign by sign', async () => {
    const text = '会议在三点 and the plan of the budget';
    await index.update([entry('m1', text), entry('m2', 'the budget of the plan')], null);
    expect(await ids('"plan of the budget"')).toEqual(['m1']);
    expect(await ids('plan budget')).toEqual(['m2', 'm1']);
    expect(await ids('三点')).toEqual(['m1']);
    expect(await ids('点三')).toEqual([]);
    expect(await marked('三点', text)).toEqual(['三点']);
    expect(await marked('"and the plan"', text)).toEqual(['and the plan']);
  });

  test('[IM60] the latest first, page by page, only where and from whom one looks', async () => {
    const many = Array.from({ length: 30 }, (_, at) =>
      entry(`m${at}`, 'report', {
        seq: at + 1,
        fromId: at % 2 === 0 ? alice : bob,
        conversationId: at < 10 ? 'd' : 'c',
        sentAt: new Date(noon + at * 1_000).toISOString(),
      }),
    );
    await index.update(many, { epoch: 'e', seq: 30 });
    const first = await find('report', { limit: 15 });
    expect(first.map(({ seq }) => seq)).toEqual(Array.from({ length: 15 }, (_, at) => 30 - at));
    const second = await find('report', { limit: 15, behind: first.at(-1)!.place });
    expect(second.map(({ seq }) => seq)).toEqual([15, 14, 13, 12, 11]);
    const both = ['c', 'd'] as ConversationId[];
    expect(await find('report', { conversations: both, limit: 100 })).toHaveLength(30);
    expect(await find('report', { conversations: [] })).toEqual([]);
    expect(await find('report', { conversations: both, fromId: alice, limit: 100 })).toHaveLength(15);
    const between = { sentAfter: noon + 25_000, sentBefore: noon + 28_000 };
    expect((await find('report', between)).map(({ seq }) => seq)).toEqual([28, 27]);
  });

  test('[IM60] one’s own are found in order and once, however many of other people’s lie before, between and behind them', async () => {
    const whose = [...'oo', ...'x'.repeat(60), ...'o', ...'x'.repeat(300), ...'ooo', ...'x'.repeat(40)];
    const all = whose.map((owner, at) =>
      entry(`m${at}`, 'the weekly report', {
        seq: at + 1,
        conversationId: owner === 'o' ? 'c' : `d${at % 7}`,
      }),
    );
    await index.update(all, { epoch: 'e', seq: all.length });
    const own = whose.flatMap((owner, at) => (owner === 'o' ? [at + 1] : [])).reverse();
    for (const q of ['report', 'rep', 'weekly repo', '"weekly report"']) {
      const conversations = ['c', 'nowhere'] as ConversationId[];
      expect((await find(q, { conversations })).map(({ seq }) => seq)).toEqual(own);
      const pages: number[] = [];
      for (let behind: number | null = null; ; ) {
        const page: readonly SearchHit[] = await find(q, { conversations, behind, limit: 2 });
        if (page.length === 0) break;
        pages.push(...page.map(({ seq }) => seq));
        behind = page.at(-1)!.place;
      }
      expect(pages).toEqual(own);
    }
    expect(await find('report', { fromId: bob })).toEqual([]);
    expect(await find('other', { conversations: ['c', 'nowhere'] as ConversationId[] })).toEqual([]);
  });

  test('[IM60] edited, deleted and withheld messages, and repeating a batch', async () => {
    const batch = [
      entry('m1', 'first words'),
      entry('m1', 'other words'),
      entry('m2', 'withheld words', { withheld: true }),
    ];
    for (let time = 0; time < 2; time += 1) await index.update(batch, null);
    expect(await ids('first')).toEqual([]);
    expect(await ids('words')).toEqual(['m1']);
    expect(await ids('words', { viewerId: alice })).toEqual(['m2', 'm1']);
    await index.update([entry('m1', '', { deletedAt: new Date(noon).toISOString() })], null);
    expect(await ids('words', { viewerId: alice })).toEqual(['m2']);
    await index.remove(['m2' as MessageId, 'nobody' as MessageId]);
    expect(await ids('words', { viewerId: alice })).toEqual([]);
  });

  test('[IM60] the position moves with the entries, and goes with them', async () => {
    expect(await index.position()).toBeNull();
    await index.update([entry('m1', 'words')], { epoch: 'e', seq: 7 });
    expect(await index.position()).toEqual({ epoch: 'e', seq: 7 });
    await index.update([], { epoch: 'f', seq: 3 });
    expect(await index.position()).toEqual({ epoch: 'f', seq: 3 });
    await index.clear();
    expect([await index.position(), await ids('words')]).toEqual([null, []]);
  });

  test('[IM60] a text of the greatest length, of one word or of the same, is taken', async () => {
    const texts = [
      'x'.repeat(16_000),
      'word '.repeat(3_200),
      Array.from({ length: 4_000 }, (_, at) => `w${at}`).join(' '),
    ];
    await index.update(
      texts.map((text, at) => entry(`m${at}`, text)),
      null,
    );
    expect(await ids('word')).toEqual(['m1']);
    expect(await ids('w3999')).toContain('m2');
    expect(await ids('"w3998 w3999"')).toEqual(['m2']);
  });

  test('[CL7] of nodes that index the same events, one does it; the others find it done', async () => {
    if (another === null) return;
    const other = await another();
    await Promise.all([
      index.update([entry('m1', 'words of one')], { epoch: 'e', seq: 5 }),
      other.update([entry('m1', 'words of one')], { epoch: 'e', seq: 5 }),
    ]);
    await other.update([entry('m1', 'older words')], { epoch: 'e', seq: 4 });
    expect(await ids('one')).toEqual(['m1']);
    expect(await other.position()).toEqual({ epoch: 'e', seq: 5 });
    await other.close();
  });
});
