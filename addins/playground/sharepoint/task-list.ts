/**
 * `<jb-play-tasks>`: a list of 5,000 items as SharePoint draws one: rows exist while they are near the view, and the
 * field customizer is told of each cell that comes and goes.
 */
import { css, html, LitElement, type PropertyValues } from 'lit';
import { currentLocale } from '../../shared/i18n/i18n.ts';
import type { PagePerson, PeopleColumn } from '../../shared/page/page-api.ts';
import { playStyle } from '../style.ts';
import { listLength, taskAt } from './site.ts';
import { type PlayKey, s } from './words.ts';

const rowPx = 44;
/** Rows drawn beyond the view, so that a fast scroll finds them there. */
const overscan = 8;

export class PlayTasks extends LitElement {
  static override properties = {
    crowd: { attribute: false },
    column: { attribute: false },
    cells: { state: true },
  };
  declare crowd: readonly PagePerson[];
  declare column: PeopleColumn | null;
  declare cells: number;
  readonly #rows = new Map<number, { row: HTMLElement; cell: HTMLElement }>();
  #isScheduled = false;

  constructor() {
    super();
    this.crowd = [];
    this.column = null;
    this.cells = 0;
  }

  static override styles = [
    playStyle,
    css`
      :host {
        display: grid;
        grid-template-rows: auto auto 1fr;
        min-height: 0;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 2px 12px;
        padding: 12px 16px 8px;
      }
      .columns,
      .row {
        align-items: center;
        border-bottom: 1px solid var(--colorNeutralStroke2);
        display: grid;
        gap: 12px;
        grid-template-columns: minmax(120px, 2fr) minmax(150px, 3fr) minmax(70px, 1fr) minmax(90px, 1fr);
        padding: 0 16px;
      }
      .columns {
        font-weight: var(--fontWeightSemibold);
        min-height: 40px;
      }
      .view {
        contain: strict;
        min-height: 240px;
        overflow-y: auto;
        position: relative;
      }
      .row {
        box-sizing: border-box;
        height: ${rowPx}px;
        left: 0;
        position: absolute;
        right: 0;
        top: 0;
      }
      .row > * {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (width < 640px) {
        .columns,
        .row {
          grid-template-columns: minmax(0, 1fr) minmax(0, 1.4fr);
        }
        .wide {
          display: none;
        }
      }
    `,
  ];

  override firstUpdated(): void {
    const view = this.#view;
    view.addEventListener('scroll', () => this.#schedule(), { passive: true });
    new ResizeObserver(() => this.#schedule()).observe(view);
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('crowd') && !changed.has('column')) return;
    this.#drop(() => true, changed.get('column') ?? this.column);
    this.#schedule();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#drop(() => true, this.column);
  }

  get #view(): HTMLElement {
    return this.renderRoot.querySelector('.view') as HTMLElement;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    if (this.column === null || !this.isConnected) return;
    const { scrollTop, clientHeight } = this.#view;
    const first = Math.max(0, Math.floor(scrollTop / rowPx) - overscan);
    const last = Math.min(listLength - 1, Math.ceil((scrollTop + clientHeight) / rowPx) + overscan);
    this.#drop((index) => index < first || index > last, this.column);
    for (let index = first; index <= last; index++) if (!this.#rows.has(index)) this.#add(index);
    this.cells = this.#rows.size;
  }

  #add(index: number): void {
    const task = taskAt(index, this.crowd);
    const row = document.createElement('div');
    row.className = 'row';
    row.setAttribute('role', 'row');
    row.setAttribute('aria-rowindex', String(index + 2));
    row.style.transform = `translateY(${index * rowPx}px)`;
    const due = new Date(Date.now() + task.dueInDays * 86_400_000);
    const texts = [
      `${task.number}. ${s(`task.${task.word}` as PlayKey)}`,
      '',
      due.toLocaleDateString(currentLocale(), { day: 'numeric', month: 'short' }),
      s(`state.${task.state}` as PlayKey),
    ];
    const cells = texts.map((text, at) => {
      const cell = document.createElement('div');
      cell.setAttribute('role', 'cell');
      if (at > 1) cell.className = 'wide';
      cell.textContent = text;
      row.append(cell);
      return cell;
    });
    const cell = cells[1] as HTMLElement;
    this.column?.show(cell, task.people);
    cell.title = task.people.map(({ name, address }) => name || address).join(', ');
    this.#view.append(row);
    this.#rows.set(index, { row, cell });
  }

  #drop(isGone: (index: number) => boolean, column: PeopleColumn | null): void {
    for (const [index, { row, cell }] of this.#rows) {
      if (!isGone(index)) continue;
      column?.forget(cell);
      row.remove();
      this.#rows.delete(index);
    }
  }

  override render(): unknown {
    const columns = ['task', 'people', 'due', 'state'] as const;
    return html`<div class="head">
        <h2 id="title">${s('list.title')}</h2>
        <span class="secondary">${s('list.count', { count: listLength, cells: this.cells })}</span>
      </div>
      <div class="columns" aria-hidden="true">
        ${columns.map((name, at) => html`<span class=${at > 1 ? 'wide' : ''}>${s(`column.${name}`)}</span>`)}
      </div>
      <div class="view" role="table" aria-labelledby="title" aria-rowcount=${listLength + 1} tabindex="0">
        <div .style=${`height:${listLength * rowPx}px`} role="presentation"></div>
      </div>`;
  }
}

customElements.define('jb-play-tasks', PlayTasks);

declare global {
  interface HTMLElementTagNameMap {
    'jb-play-tasks': PlayTasks;
  }
}
