/** `<jb-play-excel>`: the played Excel. The sheet with its comments, a line for what a cell holds, and the pane. */
import { css, html, nothing } from 'lit';
import { OfficeScreen } from '../office-screen.ts';
import { cast } from '../outlook/demo-mails.ts';
import { face } from '../outlook/face.ts';
import type { ThemeName } from '../outlook/mailbox.ts';
import { w } from '../words.ts';
import { createExcelHost, type ExcelHost } from './host.ts';
import { mostRows } from './object-model.ts';
import {
  type Area,
  addressOf,
  type Cell,
  createWorkbook,
  lettersOf,
  type PlayedWorkbook,
  type WorkbookFile,
} from './workbook.ts';

const rowHeight = 24;
/** Drawn beyond what is seen, so that scrolling shows no white. */
const spareRows = 20;
const leastRows = 40;
const leastColumns = 8;

export class PlayExcel extends OfficeScreen {
  static override properties = { ...OfficeScreen.properties, top: { state: true } };
  /** First row that is drawn. */
  declare top: number;
  readonly application = 'excel';
  readonly callNames = ['properties', 'comments', 'comments.getItemByCell', 'getSelectedRanges.areas'];
  itemName = '';
  #workbook: PlayedWorkbook | null = null;
  #host: ExcelHost | null = null;
  /** The cell from which a selection is drawn. */
  #anchor: { row: number; column: number } = { row: 0, column: 0 };

  constructor() {
    super();
    this.top = 0;
  }

  static override styles = [
    ...OfficeScreen.styles,
    css`
      .book {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(160px, 240px);
        grid-template-rows: auto minmax(0, 1fr);
        height: 100%;
      }
      .line {
        align-items: center;
        border-bottom: 1px solid var(--colorNeutralStroke2);
        display: flex;
        gap: 8px;
        grid-column: 1 / -1;
        padding: 4px 12px;
      }
      .line input {
        flex: 1;
        font-family: var(--fontFamilyMonospace);
        min-width: 0;
      }
      .sheet {
        overflow: auto;
        outline-offset: -2px;
      }
      table {
        border-collapse: collapse;
        cursor: cell;
        table-layout: fixed;
        user-select: none;
      }
      th,
      td {
        border: 1px solid var(--colorNeutralStroke2);
        box-sizing: border-box;
        height: ${rowHeight}px;
        max-width: 190px;
        min-width: 72px;
        overflow: hidden;
        padding: 0 6px;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      th {
        background: var(--colorNeutralBackground3);
        color: var(--colorNeutralForeground2);
        font-weight: var(--fontWeightRegular);
        text-align: center;
      }
      tr > :first-child {
        min-width: 0;
        width: 56px;
      }
      thead > tr > * {
        position: sticky;
        top: 0;
      }
      .number {
        text-align: end;
      }
      .link {
        color: var(--colorBrandForegroundLink);
        text-decoration: underline;
      }
      .selected {
        background: var(--colorBrandBackground2);
      }
      .commented {
        background-image: linear-gradient(225deg, var(--colorCompoundBrandStroke) 5px, transparent 5px);
        background-repeat: no-repeat;
      }
      .comments {
        border-inline-start: 1px solid var(--colorNeutralStroke2);
        display: flex;
        flex-direction: column;
        gap: 8px;
        overflow-y: auto;
        padding: 8px;
      }
      .comment {
        flex: none;
      }
      .card {
        border-radius: var(--borderRadiusMedium);
        box-shadow: var(--shadow4);
        margin: 0;
        padding: 10px;
      }
      .card dd {
        margin: 0 0 4px;
      }
      @container (width < 640px) {
        .book {
          grid-template-columns: 1fr;
          grid-template-rows: auto minmax(0, 1fr) auto;
        }
        .comments {
          border-inline-start: 0;
          border-top: 1px solid var(--colorNeutralStroke2);
          max-height: 160px;
        }
      }
      @media (forced-colors: active) {
        .selected {
          background: Highlight;
          color: HighlightText;
          forced-color-adjust: none;
        }
      }
    `,
  ];

  /** Opens a workbook; the screen is inserted after. */
  show(file: WorkbookFile, theme: ThemeName): void {
    this.#workbook = createWorkbook(file);
    this.#workbook.setTheme(theme);
    this.#workbook.subscribe(() => this.requestUpdate());
    this.#host = createExcelHost(this.#workbook);
  }
  get workbook(): PlayedWorkbook {
    return this.#workbook as PlayedWorkbook;
  }
  get host(): ExcelHost {
    return this.#host as ExcelHost;
  }
  get theme(): ThemeName {
    return this.workbook.theme;
  }
  paint(theme: ThemeName): void {
    this.workbook.setTheme(theme);
  }

  async open(file: File): Promise<void> {
    // The parser is of use to few visits.
    const { readXlsx } = await import('./xlsx.ts');
    this.workbook.load(await readXlsx(file));
    this.top = 0;
  }

  drawCommands(): unknown {
    return html`<strong>${this.workbook.file.name}</strong><span class="secondary">${w('excel.selectHint')}</span>`;
  }

  drawDocument(): unknown {
    const { file, selection, size } = this.workbook;
    const rows = Math.max(leastRows, size.rows + 5);
    const columns = Math.max(leastColumns, size.columns + 1);
    const seen = Math.ceil(innerHeight / rowHeight) + 2 * spareRows;
    const from = Math.min(this.top, Math.max(0, rows - seen));
    const to = Math.min(rows, from + seen);
    const held = this.workbook.cellAt(selection.top, selection.left);
    return html`<div class="book">
      <form class="line" @submit=${this.#enter}>
        <span>${addressOf(file.sheet, selection).split('!')[1]}</span>
        <input
          name="cell"
          aria-label=${w('excel.cell')}
          placeholder=${w('excel.cell')}
          autocomplete="off"
          .value=${String(held?.formula ?? held?.value ?? '')}
        />
      </form>
      <div
        class="sheet"
        tabindex="0"
        role="region"
        aria-label=${w('excel.sheet')}
        @scroll=${this.#scroll}
        @keydown=${this.#move}
        @mousedown=${(event: MouseEvent) => this.#point(event, true)}
        @mouseover=${(event: MouseEvent) => event.buttons === 1 && this.#point(event, false)}
      >
        <table>
          <thead>
            <tr>
              <td></td>
              ${Array.from({ length: columns }, (_, column) => html`<th scope="col" data-column=${column}>${lettersOf(column)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${from > 0 ? html`<tr aria-hidden="true"><td colspan=${columns + 1} .style=${`height:${from * rowHeight}px`}></td></tr>` : nothing}
            ${Array.from({ length: to - from }, (_, index) => this.#row(from + index, columns))}
            ${to < rows ? html`<tr aria-hidden="true"><td colspan=${columns + 1} .style=${`height:${(rows - to) * rowHeight}px`}></td></tr>` : nothing}
          </tbody>
        </table>
      </div>
      <div class="comments">
        ${held?.card === undefined ? nothing : this.#card(held.card)}
        ${file.comments.map((comment) => {
          const place = {
            top: comment.row,
            left: comment.column,
            bottom: comment.row,
            right: comment.column,
          };
          return html`<button class="comment" @click=${() => this.workbook.select(place)}>
            <span class="secondary">${addressOf(file.sheet, place).split('!')[1]}</span>
            ${[comment, ...comment.replies].map(
              ({ by, text }) =>
                html`<span class="remark">${face(by, 20)}<strong>${by.name}</strong><span>${text}</span></span>`,
            )}
          </button>`;
        })}
        <form @submit=${this.#comment}>
          <input name="text" required aria-label=${w('excel.comment')} placeholder=${w('excel.comment')} />
        </form>
      </div>
    </div>`;
  }

  #card(card: Readonly<Record<string, string>>): unknown {
    return html`<dl class="card">
      ${Object.entries(card).map(([name, value]) => html`<div><dt class="secondary">${name}</dt><dd>${value}</dd></div>`)}
    </dl>`;
  }

  #row(row: number, columns: number): unknown {
    return html`<tr>
      <th scope="row" data-row=${row}>${row + 1}</th>
      ${Array.from({ length: columns }, (_, column) => {
        const cell = this.workbook.cellAt(row, column);
        return html`<td class=${this.#classesOf(row, column, cell)} data-row=${row} data-column=${column} .style=${this.#paintOf(row, column, cell)}>
          ${cell === null ? nothing : this.#textOf(cell)}
        </td>`;
      })}
    </tr>`;
  }

  #textOf({ value, formula }: Cell): string {
    return typeof value === 'number' && formula === undefined
      ? new Intl.NumberFormat(this.locale).format(value)
      : String(value);
  }

  #classesOf(row: number, column: number, cell: Cell | null): string {
    const { selection, file } = this.workbook;
    const isSelected =
      row >= selection.top &&
      row <= selection.bottom &&
      column >= selection.left &&
      column <= selection.right;
    const isCommented = file.comments.some((one) => one.row === row && one.column === column);
    const classes = [
      isSelected && 'selected',
      isCommented && 'commented',
      typeof cell?.value === 'number' && 'number',
      cell?.link !== undefined && 'link',
    ];
    return classes.filter(Boolean).join(' ');
  }

  /** Excel's formats for texts: the last that fits. */
  #paintOf(row: number, column: number, cell: Cell | null): string {
    const text = String(cell?.value ?? '');
    const format = this.workbook.formats.findLast(
      ({ area, text: wanted }) =>
        wanted !== '' &&
        row >= area.top &&
        row <= area.bottom &&
        column >= area.left &&
        column <= area.right &&
        text.includes(wanted),
    );
    return format === undefined ? '' : `color:${format.color};font-weight:600`;
  }

  #scroll(event: Event): void {
    const { scrollTop } = event.currentTarget as HTMLElement;
    const top = Math.max(0, Math.floor(scrollTop / rowHeight) - spareRows);
    if (Math.abs(top - this.top) >= spareRows / 2 || top === 0) this.top = top;
  }

  #point(event: MouseEvent, isStart: boolean): void {
    const { row, column } = (event.target as HTMLElement).closest<HTMLElement>('td, th')?.dataset ?? {};
    const { columns } = this.workbook.size;
    // A head selects all of its row or column.
    if (row === undefined && column !== undefined) {
      this.workbook.select({ top: 0, bottom: mostRows - 1, left: Number(column), right: Number(column) });
    } else if (row !== undefined && column === undefined) {
      this.workbook.select({
        top: Number(row),
        bottom: Number(row),
        left: 0,
        right: Math.max(0, columns - 1),
      });
    } else if (row !== undefined && column !== undefined) {
      const place = { row: Number(row), column: Number(column) };
      if (isStart && !event.shiftKey) this.#anchor = place;
      this.workbook.select(areaBetween(this.#anchor, place));
    }
  }

  #move(event: KeyboardEvent): void {
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const { selection } = this.workbook;
    const far = {
      row: selection.top === this.#anchor.row ? selection.bottom : selection.top,
      column: selection.left === this.#anchor.column ? selection.right : selection.left,
    };
    const place = {
      row: Math.max(0, far.row + (step[0] as number)),
      column: Math.max(0, far.column + (step[1] as number)),
    };
    if (!event.shiftKey) this.#anchor = place;
    this.workbook.select(areaBetween(this.#anchor, place));
  }

  #enter(event: SubmitEvent): void {
    event.preventDefault();
    const text = String(new FormData(event.target as HTMLFormElement).get('cell') ?? '').trim();
    const { selection } = this.workbook;
    this.workbook.enter(selection.top, selection.left, text);
  }

  #comment(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const text = String(new FormData(form).get('text') ?? '').trim();
    form.reset();
    const { top, left } = this.workbook.selection;
    const by = cast[this.player];
    this.workbook.addComment({ by, at: new Date(), text, mentions: [], row: top, column: left, replies: [] });
  }
}

function areaBetween(one: { row: number; column: number }, other: { row: number; column: number }): Area {
  return {
    top: Math.min(one.row, other.row),
    bottom: Math.max(one.row, other.row),
    left: Math.min(one.column, other.column),
    right: Math.max(one.column, other.column),
  };
}

customElements.define('jb-play-excel', PlayExcel);
declare global {
  interface HTMLElementTagNameMap {
    'jb-play-excel': PlayExcel;
  }
}
