/**
 * The slice of Excel's object model that Jellybean uses, as interfaces that the real library and the tests' fake
 * both fulfil. Values are read after `load` and `sync`; newer members may be missing, and are asked for by name.
 */

interface Loadable {
  load(paths: string): unknown;
}
interface Many<Item> extends Loadable {
  readonly items: readonly Item[];
}
interface Raised {
  add(handler: () => Promise<void>): { remove(): void };
}

export interface ExcelMention {
  readonly name: string;
  readonly email: string;
}
export interface ExcelRemark {
  readonly authorName: string;
  readonly authorEmail: string;
  readonly content: string;
  readonly creationDate: Date;
  /** ExcelApi 1.11. */
  readonly mentions?: readonly ExcelMention[];
}
export interface ExcelComment extends ExcelRemark, Loadable {
  readonly replies: { readonly items: readonly ExcelRemark[] };
}
export interface ExcelComments extends Many<ExcelComment> {
  getItemByCell(address: string): ExcelComment;
  readonly onAdded: Raised;
  readonly onChanged: Raised;
  readonly onDeleted: Raised;
}
export interface ExcelConditionalFormat {
  readonly textComparison: {
    readonly format: { readonly font: { color: string } };
    rule: { readonly operator: string; readonly text: string };
  };
}
export interface ExcelRange extends Loadable {
  readonly isNullObject: boolean;
  readonly address: string;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly values: readonly (readonly unknown[])[];
  readonly hyperlink?: { readonly address?: string } | null;
  readonly conditionalFormats: { add(type: string): ExcelConditionalFormat };
  getCell(row: number, column: number): ExcelRange;
  getResizedRange(rows: number, columns: number): ExcelRange;
  getUsedRangeOrNullObject(valuesOnly: boolean): ExcelRange;
}
export interface ExcelWorkbook {
  readonly properties: Loadable & {
    readonly title: string;
    readonly author: string;
    readonly lastAuthor: string;
    readonly creationDate: Date;
  };
  readonly comments: ExcelComments;
  /** ExcelApi 1.18. */
  readonly notes?: Many<{ readonly authorName: string }>;
  getSelectedRange(): ExcelRange;
  /** ExcelApi 1.9: several areas, chosen with Ctrl. */
  getSelectedRanges(): { readonly areas: Many<ExcelRange> };
}
export interface ExcelContext {
  readonly workbook: ExcelWorkbook;
  sync(): Promise<void>;
}
export type RunExcel = <Answer>(batch: (context: ExcelContext) => Promise<Answer>) => Promise<Answer>;

/** Excel's `run`, or null where the page is not in Excel. */
export function runnerOfExcel(): RunExcel | null {
  return (globalThis as unknown as { Excel?: { run: RunExcel } }).Excel?.run ?? null;
}
