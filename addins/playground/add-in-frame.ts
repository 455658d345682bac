/**
 * `<jb-play-frame>`: the task pane of the played application, with the frame around it that Office draws:
 * title, reload, close, width. Closing it ends the add-in, as in Office.
 */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { type AddInFrame, type LoggedCall, openAddIn } from './host/frame.ts';
import type { Conditions, HostModel } from './host/model.ts';
import { playStyle } from './style.ts';
import { symbol } from './symbol.ts';
import { w } from './words.ts';

const paneWidths = [320, 450] as const;

export class PlayFrame extends LitElement {
  static override properties = {
    model: { attribute: false },
    conditions: { attribute: false },
    url: {},
    locale: {},
    width: { type: Number },
    isOpen: { state: true },
  };
  declare model: HostModel;
  declare conditions: Conditions;
  declare url: string;
  declare locale: string;
  declare width: number;
  declare isOpen: boolean;
  frame: AddInFrame | null = null;

  constructor() {
    super();
    this.isOpen = true;
    this.width = paneWidths[0];
  }

  static override styles = [
    playStyle,
    css`
      :host {
        background: var(--colorNeutralBackground1);
        display: flex;
        flex-direction: column;
        min-height: 0;
      }
      header {
        align-items: center;
        border-bottom: 1px solid var(--colorNeutralStroke2);
        display: flex;
        gap: 4px;
        min-height: 40px;
        padding: 0 4px 0 12px;
      }
      header img {
        height: 16px;
        width: 16px;
      }
      h2 {
        flex: 1;
        font-size: var(--fontSizeBase300);
        margin-inline-start: 4px;
      }
      .place {
        display: flex;
        flex: 1;
        min-height: 0;
      }
      .place ::slotted(iframe),
      iframe {
        border: 0;
        flex: 1;
        width: 100%;
      }
      .closed {
        align-items: flex-start;
        display: flex;
        padding: 12px;
      }
      @media (width < 900px) {
        .width {
          display: none;
        }
      }
    `,
  ];

  /** Starts the add-in from the beginning; what it kept in its storage it still has. */
  restart(): void {
    this.frame?.close();
    this.frame = null;
    const container = this.renderRoot.querySelector('.place');
    if (!container) return;
    this.frame = openAddIn({
      model: this.model,
      conditions: this.conditions,
      url: this.url,
      title: w('pane.title'),
      locale: this.locale,
      container,
      onFocusOut: (how) => this.#takeFocus(how),
      onCall: (call) => this.dispatchEvent(new CustomEvent<LoggedCall>('call', { detail: call })),
    });
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('isOpen') || changed.has('url') || changed.has('locale') || changed.has('model')) {
      if (this.isOpen) this.restart();
      else {
        this.frame?.close();
        this.frame = null;
      }
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.frame?.close();
    this.frame = null;
  }

  /** Where the keyboard goes when the add-in lets go of it. */
  #takeFocus(how: 'forwards' | 'backwards' | 'escape'): void {
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>('header button, header select')];
    (how === 'backwards' ? buttons.at(-1) : buttons[0])?.focus();
  }

  override render(): unknown {
    if (!this.isOpen) {
      return html`<div class="closed">
        <button class="outlined" @click=${() => this.#setOpen(true)}>
          <img src="/icons/jellybean.svg" alt="" width="16" height="16" />${w('pane.open')}
        </button>
      </div>`;
    }
    return html`<header>
        <img src="/icons/jellybean.svg" alt="" />
        <h2>${w('pane.title')}</h2>
        <select class="width" aria-label=${w('pane.width')} @change=${this.#setWidth}>
          ${paneWidths.map((width) => html`<option value=${width} ?selected=${width === this.width}>${width} px</option>`)}
        </select>
        <button class="icon" aria-label=${w('pane.reload')} title=${w('pane.reload')} @click=${() => this.restart()}>
          ${symbol('refresh')}
        </button>
        <button class="icon" aria-label=${w('pane.close')} title=${w('pane.close')} @click=${() => this.#setOpen(false)}>
          ${symbol('dismiss')}
        </button>
      </header>
      <div class="place">${nothing}</div>`;
  }

  #setOpen(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.dispatchEvent(new CustomEvent('resized', { detail: isOpen ? this.width : 0 }));
  }

  #setWidth(event: Event): void {
    this.width = Number((event.target as HTMLSelectElement).value);
    this.dispatchEvent(new CustomEvent('resized', { detail: this.width }));
  }
}

customElements.define('jb-play-frame', PlayFrame);
