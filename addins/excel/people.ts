/**
 * Whom an Excel workbook concerns: who made it, comments on it, is mentioned in it, and whose addresses stand in
 * the selected cells. The only file that knows Excel's object model.
 */
import type { Attention } from '../shared/office/attention.ts';
import {
  aboutComment,
  addressesIn,
  addressOfLink,
  createDocumentPeople,
  type DocumentHost,
  nameDocument,
  type Selected,
} from '../shared/office/document-people.ts';
import type { ExcelContext, ExcelRange, ExcelRemark, RunExcel } from '../shared/office/excel.ts';
import { type OfficeApi, supports } from '../shared/office/host.ts';
import type { ItemPerson, PeopleSource, PersonRole } from '../shared/people-source.ts';

const quoteCharacters = 300;
/** As many people as one stream watches, less oneself. */
const mostAddresses = 4_999;
/** Cells of one request: Excel on the web refuses answers of more than 5 MB. */
const cellsPerRequest = 5_000;
/** A hundred thousand cells without an address are no list of people. */
const mostCells = 100_000;
/** Comments raise events where the host is new enough, and are asked for again where it is not. */
const pace = { remarks: 20_000, authors: 60_000 } as const;

/** Begins to follow the workbook. */
export function createExcelPeople(office: OfficeApi, run: RunExcel, attention?: Attention): PeopleSource {
  return createDocumentPeople(excelWorkbook(office, run), attention);
}

function excelWorkbook(office: OfficeApi, run: RunExcel): DocumentHost {
  const { document } = office.context;
  const hasComments = supports(office, 'excelComments');
  const paths = remarkPaths(supports(office, 'excelMentions'));
  const line = (
    role: PersonRole,
    read: (context: ExcelContext) => Promise<ItemPerson[]>,
    everyMs: number,
  ) => ({
    role,
    read: () => run(read),
    everyMs,
    isHeavy: role !== 'author',
  });
  return {
    kind: 'workbook',
    lines: [
      line('author', readAuthors, pace.authors),
      ...(hasComments ? [line('commenter', readComments(paths), pace.remarks)] : []),
      ...(supports(office, 'excelNotes') ? [line('noter', readNotes, pace.remarks)] : []),
    ],
    identify: () =>
      run(async (context) => {
        const { properties } = context.workbook;
        properties.load('title,author,creationDate');
        await context.sync();
        return nameDocument('workbook', document?.url ?? '', properties);
      }),
    async readSelection(whole) {
      const cells = await run(readSelection(supports(office, 'excelAreas')));
      const comment = hasComments && cells.only !== null ? await commentAt(run, cells.only, paths) : null;
      const quote = comment?.content.trim().slice(0, quoteCharacters) ?? '';
      const people = [...(comment === null ? [] : peopleOfComment(comment)), ...cells.people];
      const context = comment && whole ? aboutComment(comment, quote, whole) : null;
      return { focus: people.length === 0 ? null : { quote, people, context }, isPartial: cells.isPartial };
    },
    follow(onSelection, onChange) {
      const event = office.EventType.DocumentSelectionChanged;
      if (document !== undefined && event !== undefined) document.addHandlerAsync(event, onSelection);
      const ends: (() => void)[] = [];
      if (supports(office, 'excelCommentEvents')) {
        void run(async (context) => {
          const { comments } = context.workbook;
          for (const raised of [comments.onAdded, comments.onChanged, comments.onDeleted]) {
            const handler = raised.add(async () => {
              onChange(['commenter']);
              onSelection();
            });
            ends.push(() => handler.remove());
          }
          await context.sync();
        }).catch(() => {
          // Then they are asked for from time to time, as in an older Excel.
        });
      }
      return () => {
        if (event !== undefined) document?.removeHandlerAsync?.(event, { handler: onSelection });
        for (const end of ends) end();
      };
    },
  };
}

async function readAuthors(context: ExcelContext): Promise<ItemPerson[]> {
  const { properties } = context.workbook;
  properties.load('author,lastAuthor');
  await context.sync();
  return [
    { name: properties.author, address: '', roles: ['author'] },
    { name: properties.lastAuthor, address: '', roles: ['last-author'] },
  ];
}

function remarkPaths(hasMentions: boolean): string[] {
  const own = ['authorName', 'authorEmail', 'content', 'creationDate', ...(hasMentions ? ['mentions'] : [])];
  return [...own, ...own.map((path) => `replies/items/${path}`)];
}

const readComments =
  (paths: readonly string[]) =>
  async (context: ExcelContext): Promise<ItemPerson[]> => {
    const { comments } = context.workbook;
    comments.load(paths.map((path) => `items/${path}`).join(','));
    await context.sync();
    return comments.items.flatMap(peopleOfComment);
  };

async function readNotes(context: ExcelContext): Promise<ItemPerson[]> {
  const { notes } = context.workbook;
  if (notes === undefined) return [];
  notes.load('items/authorName');
  await context.sync();
  return [...new Set(notes.items.map(({ authorName }) => authorName))].map((name) => ({
    name,
    address: '',
    roles: ['noter'],
  }));
}

function peopleOfComment(
  comment: ExcelRemark & { replies: { items: readonly ExcelRemark[] } },
): ItemPerson[] {
  const from = (remark: ExcelRemark, role: PersonRole): ItemPerson[] => [
    { name: remark.authorName, address: remark.authorEmail ?? '', roles: [role] },
    ...(remark.mentions ?? []).map(
      ({ name, email }): ItemPerson => ({ name, address: email, roles: ['mentioned'] }),
    ),
  ];
  return [...from(comment, 'commenter'), ...comment.replies.items.flatMap((reply) => from(reply, 'replier'))];
}

/** The comment of a cell, or null: Excel refuses the question where there is none. */
async function commentAt(run: RunExcel, address: string, paths: readonly string[]) {
  try {
    return await run(async (context) => {
      const comment = context.workbook.comments.getItemByCell(address);
      comment.load(paths.join(','));
      await context.sync();
      return comment;
    });
  } catch {
    return null;
  }
}

interface SelectedCells extends Pick<Selected, 'isPartial'> {
  readonly people: readonly ItemPerson[];
  /** The address of the one cell that is selected. */
  readonly only: string | null;
}

/** Reads the selected cells piece by piece: a whole column is a million cells, and a request is 5 MB at most. */
const readSelection =
  (hasAreas: boolean) =>
  async (context: ExcelContext): Promise<SelectedCells> => {
    const areas = await selectedAreas(context, hasAreas);
    const [first] = areas;
    const isOne = areas.length === 1 && first?.rowCount === 1 && first.columnCount === 1;
    const addresses = new Map<string, string>();
    let cells = 0;
    let isPartial = false;
    const take = (found: readonly string[]): void => {
      for (const address of found) {
        if (addresses.has(address.toLowerCase())) continue;
        if (addresses.size < mostAddresses) addresses.set(address.toLowerCase(), address);
        else isPartial = true;
      }
    };
    if (isOne) take(await addressOfCell(context, first));
    for (const area of areas) {
      const used = area.getUsedRangeOrNullObject(true);
      used.load('rowCount,columnCount');
      await context.sync();
      if (used.isNullObject) continue;
      const rows = Math.max(1, Math.floor(cellsPerRequest / used.columnCount));
      for (let row = 0; row < used.rowCount && !isPartial; row += rows) {
        const count = Math.min(rows, used.rowCount - row);
        const part = used.getCell(row, 0).getResizedRange(count - 1, used.columnCount - 1);
        part.load('values');
        await context.sync();
        take(part.values.flat().flatMap((value) => (typeof value === 'string' ? addressesIn(value) : [])));
        cells += count * used.columnCount;
        if (cells >= mostCells) isPartial = true;
      }
    }
    return {
      people: [...addresses.values()].map((address) => ({ name: '', address, roles: ['in-cell'] })),
      only: isOne ? first.address : null,
      isPartial,
    };
  };

async function selectedAreas(context: ExcelContext, hasAreas: boolean): Promise<readonly ExcelRange[]> {
  const shape = ['address', 'rowCount', 'columnCount'];
  if (!hasAreas) {
    const range = context.workbook.getSelectedRange();
    range.load(shape.join(','));
    await context.sync();
    return [range];
  }
  const { areas } = context.workbook.getSelectedRanges();
  areas.load(shape.map((path) => `items/${path}`).join(','));
  await context.sync();
  return areas.items;
}

/** A name in a cell may lead to an address. */
async function addressOfCell(context: ExcelContext, cell: ExcelRange): Promise<string[]> {
  cell.load('hyperlink');
  await context.sync();
  const address = addressOfLink(cell.hyperlink?.address ?? '');
  return address === null ? [] : [address];
}
