/** The selection of a workbook in memory: several areas, large ones in pieces, notes, and an Excel that is old. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createExcelPeople } from '../../addins/excel/people.ts';
import type { ExcelContext, RunExcel } from '../../addins/shared/office/excel.ts';
import type { OfficeApi } from '../../addins/shared/office/host.ts';
import type { OpenItem } from '../../addins/shared/people-source.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const many = <Item>(items: readonly Item[]) => ({ items, load: () => {} });

/** Areas of one column each, given as their texts; what was read is written down. */
function workbookOf(areas: readonly (readonly string[])[], read: number[]) {
  const rangeOf = (texts: readonly string[], from: number, count: number): object => ({
    isNullObject: false,
    address: `S!A${from + 1}`,
    rowCount: count,
    columnCount: 1,
    hyperlink: null,
    load(paths: string) {
      if (paths === 'values') read.push(count);
    },
    get values() {
      return texts.slice(from, from + count).map((text) => [text]);
    },
    getUsedRangeOrNullObject: () =>
      texts.every((text) => text === '')
        ? { isNullObject: true, load: () => {} }
        : rangeOf(texts, from, count),
    getCell: (row: number) => rangeOf(texts, from + row, 1),
    getResizedRange: (more: number) => rangeOf(texts, from, count + more),
  });
  const ranges = areas.map((texts) => rangeOf(texts, 0, texts.length));
  return {
    workbook: {
      properties: {
        title: 'List',
        author: 'Carol',
        lastAuthor: 'Bob',
        creationDate: new Date('2026-11-02T12:00:00Z'),
        load: () => {},
      },
      comments: {
        ...many([]),
        getItemByCell() {
          throw new Error('ItemNotFound');
        },
      },
      notes: many([{ authorName: 'Dave' }, { authorName: 'Dave' }]),
      getSelectedRange: () => ranges[0],
      getSelectedRanges: () => ({ areas: many(ranges) }),
    },
    sync: async () => {},
  } as unknown as ExcelContext;
}

async function follow(areas: readonly (readonly string[])[], sets: readonly string[]) {
  const read: number[] = [];
  const office = {
    context: {
      requirements: {
        isSetSupported: (name: string, version: string) => sets.includes(`${name} ${version}`),
      },
      document: { url: '', addHandlerAsync: () => {} },
    },
    EventType: {},
  } as unknown as OfficeApi;
  const run: RunExcel = async (batch) => batch(workbookOf(areas, read));
  const source = createExcelPeople(office, run, { isVisible: () => true, onReturn: () => () => {} });
  await vi.advanceTimersByTimeAsync(1_000);
  source.close();
  const state = source.current();
  if (state.state !== 'open') throw new Error(state.state);
  return { item: state.item as OpenItem, read };
}

const addresses = (item: OpenItem) => item.focus?.people.map(({ address }) => address) ?? [];
const crowd = (count: number) => Array.from({ length: count }, (_, index) => `p${index}@contoso.example`);

describe('[OF47] the selection', () => {
  test('[OF47] several areas are one list, an address once; an old Excel is asked for one area', async () => {
    const areas = [
      ['bob@contoso.example', 'Total'],
      ['BOB@contoso.example', 'carol@contoso.example'],
      ['', ''],
    ];
    const { item } = await follow(areas, ['ExcelApi 1.9']);
    expect(addresses(item)).toEqual(['bob@contoso.example', 'carol@contoso.example']);
    expect(addresses((await follow(areas, [])).item)).toEqual(['bob@contoso.example']);
  });

  test('[OF47] a long column is read piece by piece, as far as people can be watched', async () => {
    const { item, read } = await follow([crowd(7_000)], ['ExcelApi 1.9']);
    expect(read).toEqual([5_000]);
    expect(addresses(item)).toHaveLength(4_999);
    expect(item.isPartial).toBe(true);
    const twelve = await follow(
      [[...Array.from({ length: 12_000 }, () => 'x'), 'bob@contoso.example']],
      ['ExcelApi 1.9'],
    );
    expect(twelve.read).toEqual([5_000, 5_000, 2_001]);
    expect(addresses(twelve.item)).toEqual(['bob@contoso.example']);
    expect(twelve.item.isPartial).toBe(false);
  });

  test('[OF47] who wrote notes is named where Excel knows notes, and nothing is missed where it does not', async () => {
    const newer = await follow([['']], ['ExcelApi 1.18', 'ExcelApi 1.10']);
    expect(newer.item.people.map(({ name, roles }) => [name, ...roles])).toEqual([
      ['Carol', 'author'],
      ['Bob', 'last-author'],
      ['Dave', 'noter'],
    ]);
    const older = await follow([['']], []);
    expect(older.item.people).toHaveLength(2);
    expect(older.item).toMatchObject({ unanswered: [], focus: null });
  });
});
