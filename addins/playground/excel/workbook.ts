/**
 * The workbook that is played: one sheet of cells, comments, notes, formats that follow the text, who made it,
 * what is selected. What Excel itself would know; how office.js asks for it is `object-model.ts`.
 */
import type { ThemeName } from '../outlook/mailbox.ts';
import type { Writer } from '../word/document.ts';

export interface Cell {
  /** What is shown; of a formula its result. */
  readonly value: string | number | boolean;
  readonly formula?: string;
  readonly link?: string;
  /** What stands behind a card: names and values. */
  readonly card?: Readonly<Record<string, string>>;
}

/** What a formula has come to. */
export interface Result {
  readonly row: number;
  readonly column: number;
  readonly value: Cell['value'];
  readonly card?: Cell['card'];
}

export interface Remark {
  readonly id: string;
  readonly by: Writer;
  readonly at: Date;
  readonly text: string;
  readonly mentions: readonly Writer[];
}
export interface CellComment extends Remark {
  readonly row: number;
  readonly column: number;
  readonly replies: readonly Remark[];
}

export interface WorkbookFile {
  readonly name: string;
  /** Where the workbook is kept, the same for everybody who opens it; empty where it is a file of one's own. */
  readonly url: string;
  readonly title: string;
  readonly author: string;
  readonly lastAuthor: string;
  readonly createdAt: Date;
  readonly sheet: string;
  /** Rows of cells; missing ones are empty. */
  readonly rows: readonly (readonly (Cell | null)[])[];
  readonly comments: readonly CellComment[];
}

/** Both ends included, counted from 0. */
export interface Area {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** A format for cells whose text holds certain words. */
export interface TextFormat {
  readonly area: Area;
  text: string;
  operator: string;
  color: string;
}

export type WorkbookChange = 'file' | 'selection' | 'cells' | 'results' | 'comments' | 'formats' | 'theme';

export interface PlayedWorkbook {
  readonly file: WorkbookFile;
  readonly selection: Area;
  readonly theme: ThemeName;
  readonly formats: readonly TextFormat[];
  /** Rows and columns that hold something. */
  readonly size: { readonly rows: number; readonly columns: number };
  cellAt(row: number, column: number): Cell | null;
  load(file: WorkbookFile): void;
  select(area: Area): void;
  /** Types into a cell: what begins with `=` is a formula. */
  enter(row: number, column: number, text: string): void;
  /** Writes results of formulas; nobody typed them. */
  show(results: readonly Result[]): void;
  addComment(comment: Omit<CellComment, 'id'>): void;
  addFormat(format: TextFormat): void;
  changedFormat(): void;
  setTheme(theme: ThemeName): void;
  subscribe(listener: (change: WorkbookChange) => void): () => void;
}

const first: Area = { top: 0, left: 0, bottom: 0, right: 0 };

/** Opens a file; its first cell is selected, as in Excel. */
export function createWorkbook(opened: WorkbookFile): PlayedWorkbook {
  let file = opened;
  let rows = file.rows.map((row) => [...row]);
  let selection = first;
  let theme: ThemeName = 'light';
  let formats: TextFormat[] = [];
  const listeners = new Set<(change: WorkbookChange) => void>();
  const tell = (change: WorkbookChange): void => {
    for (const listener of listeners) listener(change);
  };
  const put = (row: number, column: number, cell: Cell | null): void => {
    while (rows.length <= row) rows.push([]);
    (rows[row] as (Cell | null)[])[column] = cell;
  };
  return {
    get file() {
      return file;
    },
    get selection() {
      return selection;
    },
    get theme() {
      return theme;
    },
    get formats() {
      return formats;
    },
    get size() {
      return { rows: rows.length, columns: rows.reduce((most, row) => Math.max(most, row.length), 0) };
    },
    cellAt: (row, column) => rows[row]?.[column] ?? null,
    load(next) {
      file = next;
      rows = file.rows.map((row) => [...row]);
      selection = first;
      formats = [];
      tell('file');
    },
    select(area) {
      if (JSON.stringify(area) === JSON.stringify(selection)) return;
      selection = area;
      tell('selection');
    },
    enter(row, column, text) {
      if (text === '') put(row, column, null);
      else put(row, column, text.startsWith('=') ? { value: '#BUSY!', formula: text } : { value: text });
      tell('cells');
    },
    show(results) {
      for (const { row, column, value, card } of results) {
        const formula = rows[row]?.[column]?.formula;
        if (formula !== undefined)
          put(row, column, { formula, value, ...(card === undefined ? {} : { card }) });
      }
      tell('results');
    },
    addComment(comment) {
      file = {
        ...file,
        comments: [...file.comments, { ...comment, id: `comment-${file.comments.length + 1}` }],
      };
      tell('comments');
    },
    addFormat(format) {
      formats = [...formats, format];
      tell('formats');
    },
    changedFormat: () => tell('formats'),
    setTheme(next) {
      theme = next;
      tell('theme');
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** `A`, `B`, … `AA`: the letters of a column. */
export function lettersOf(column: number): string {
  const before = Math.floor(column / 26);
  return (before > 0 ? lettersOf(before - 1) : '') + String.fromCharCode(65 + (column % 26));
}

/** `Sheet1!A1:B3`, with quotes where the sheet's name needs them. */
export function addressOf(sheet: string, { top, left, bottom, right }: Area): string {
  const name = /^\w+$/.test(sheet) ? sheet : `'${sheet.replaceAll("'", "''")}'`;
  const start = `${lettersOf(left)}${top + 1}`;
  return `${name}!${start}${top === bottom && left === right ? '' : `:${lettersOf(right)}${bottom + 1}`}`;
}

/** Reads an address of one cell; null where it is none. */
export function cellOf(address: string): { row: number; column: number } | null {
  const found = /(?:^|!)\$?([A-Z]{1,3})\$?(\d{1,7})$/i.exec(address);
  if (found === null) return null;
  const column = [...(found[1] as string).toUpperCase()].reduce(
    (sum, sign) => sum * 26 + sign.charCodeAt(0) - 64,
    0,
  );
  return { row: Number(found[2]) - 1, column: column - 1 };
}
