/**
 * `<jb-bars>`: two series of bars over named places, drawn by uPlot, with the same figures as a table and as
 * CSV beside it: a chart is for a glance, the table for everybody. Colours come from the theme, as they are then.
 */
import { css, html, LitElement, nothing } from 'lit';
import uPlot from 'uplot';
import { currentLocale } from '../shared/i18n/i18n.ts';
import { baseStyles, buttonStyles } from '../shared/ui/styles.ts';
import { w } from './words.ts';

export interface Bar {
  readonly name: string;
  readonly sessions: number;
  readonly messages: number;
}

/** Saves text as a file, from memory: the bearer never stands in an address. */
export function save(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export class Bars extends LitElement {
  static override properties = { caption: {}, head: {}, bars: { attribute: false } };
  declare caption: string;
  /** What a place is: day, hour. */
  declare head: string;
  declare bars: readonly Bar[];
  #plot: uPlot | null = null;
  readonly #resized = new ResizeObserver(() => this.#draw());
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #redraw = () => this.#draw();

  constructor() {
    super();
    this.caption = '';
    this.head = '';
    this.bars = [];
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      figure {
        margin: 0;
      }
      figcaption {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        align-items: baseline;
        margin-bottom: 8px;
        font-weight: var(--fontWeightSemibold);
      }
      .key {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        font-weight: var(--fontWeightRegular);
        font-size: var(--fontSizeBase200);
      }
      .key::before {
        content: '';
        width: 10px;
        height: 10px;
        border: 1px solid var(--colorBrandForeground1);
      }
      .key.sessions::before {
        background: var(--colorBrandForeground1);
      }
      .plot {
        height: 200px;
      }
      .u-wrap {
        position: relative;
      }
      .u-over,
      .u-under,
      .u-axis {
        position: absolute;
      }
      canvas {
        display: block;
        position: relative;
        width: 100%;
        height: 100%;
      }
      details {
        margin-top: 8px;
      }
      summary {
        cursor: pointer;
        color: var(--colorBrandForegroundLink);
      }
      table {
        border-collapse: collapse;
        margin: 8px 0;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 2px 16px 2px 0;
        text-align: end;
      }
      th:first-child {
        text-align: start;
        font-weight: inherit;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#dark.addEventListener('change', this.#redraw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.#dark.removeEventListener('change', this.#redraw);
    this.#plot?.destroy();
    this.#plot = null;
  }

  protected override updated(): void {
    const place = this.renderRoot.querySelector('.plot');
    if (place !== null) this.#resized.observe(place);
    this.#draw();
  }

  #draw(): void {
    const place = this.renderRoot.querySelector<HTMLElement>('.plot');
    this.#plot?.destroy();
    this.#plot = null;
    if (place === null || place.clientWidth === 0) return;
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--colorNeutralForeground3'),
      grid: { stroke: colour('--colorNeutralStroke2'), width: 1 },
    };
    const numbers = new Intl.NumberFormat(currentLocale());
    const bars = (align: 1 | -1) => uPlot.paths.bars?.({ size: [0.35, 28], align });
    this.#plot = new uPlot(
      {
        width: place.clientWidth,
        height: 200,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: [-0.6, this.bars.length - 0.4] },
          y: { range: (_plot, _low, high) => [0, Math.max(4, high * 1.1)] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            space: 60,
            splits: () =>
              this.bars
                .map((_, at) => at)
                .filter((at) => at % Math.ceil((this.bars.length * 60) / place.clientWidth) === 0),
            values: (_plot, places) => places.map((at) => this.bars[at]?.name ?? ''),
          },
          {
            ...axis,
            values: (_plot, values) =>
              values.map((value) => (Number.isInteger(value) ? numbers.format(value) : '')),
          },
        ],
        series: [
          {},
          {
            stroke: colour('--colorBrandForeground1'),
            fill: colour('--colorBrandForeground1'),
            width: 1,
            paths: bars(-1),
            points: { show: false },
          },
          { stroke: colour('--colorBrandForeground1'), width: 1, paths: bars(1), points: { show: false } },
        ] as uPlot.Series[],
      },
      [
        this.bars.map((_, at) => at),
        this.bars.map(({ sessions }) => sessions),
        this.bars.map(({ messages }) => messages),
      ],
      place,
    );
  }

  #csv(): void {
    const rows = this.bars.map(({ name, sessions, messages }) => `${name},${sessions},${messages}`);
    save(
      'jellybean.csv',
      'text/csv',
      [`${this.head.toLowerCase()},sessions,messages`, ...rows, ''].join('\r\n'),
    );
  }

  protected override render() {
    if (this.bars.length === 0) return nothing;
    return html`<figure>
      <figcaption>
        ${this.caption}
        <span class="key sessions">${w('records.sessionsHead')}</span>
        <span class="key">${w('records.messagesHead')}</span>
      </figcaption>
      <div class="plot" aria-hidden="true"></div>
      <details>
        <summary>${w('records.asTable')}</summary>
        <table>
          <thead>
            <tr><th scope="col">${this.head}</th><th scope="col">${w('records.sessionsHead')}</th><th scope="col">${w('records.messagesHead')}</th></tr>
          </thead>
          <tbody>
            ${this.bars.map(({ name, sessions, messages }) => html`<tr><th scope="row">${name}</th><td>${sessions}</td><td>${messages}</td></tr>`)}
          </tbody>
        </table>
        <button class="button" @click=${this.#csv}>${w('records.csv')}</button>
      </details>
    </figure>`;
  }
}
customElements.define('jb-bars', Bars);
