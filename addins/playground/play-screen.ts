/**
 * What every played application of Office has in common: the head, the pane with what is done to it, the controls,
 * and files that are dropped. Outlook brings a mailbox, Word and Excel a document (`office-screen.ts`).
 */
import { type CSSResult, css, html, LitElement, nothing, type PropertyDeclarations } from 'lit';
import './add-in-frame.ts';
import './host-controls.ts';
import type { PlayFrame } from './add-in-frame.ts';
import type { LoggedCall } from './host/frame.ts';
import { createConditions, type HostModel } from './host/model.ts';
import { cast, type Player, players } from './outlook/demo-mails.ts';
import { type ThemeName, themes } from './outlook/mailbox.ts';
import { drawHead, goWith, headStyle, otherThan } from './screen-head.ts';
import { playStyle } from './style.ts';
import { symbol } from './symbol.ts';
import { w } from './words.ts';

const locales = ['en-US', 'de-DE', 'fr-FR', 'zh-TW', 'he-IL'];
/** Calls that the controls list: the latest. */
const shownCalls = 51;

export abstract class PlayScreen extends LitElement {
  static override properties: PropertyDeclarations = {
    player: {},
    locale: {},
    hasControls: { state: true },
    isDropping: { state: true },
    failure: { state: true },
    calls: { state: true },
    paneWidth: { state: true },
  };
  declare player: Player;
  declare locale: string;
  declare hasControls: boolean;
  declare isDropping: boolean;
  declare failure: string | null;
  declare calls: readonly LoggedCall[];
  declare paneWidth: number;
  readonly conditions = createConditions();

  constructor() {
    super();
    this.hasControls = false;
    this.isDropping = false;
    this.failure = null;
    this.calls = [];
    this.paneWidth = 320;
  }

  abstract readonly host: HostModel;
  /** Calls that the controls can make slow, refused or silent. */
  abstract readonly callNames: readonly string[];
  abstract readonly theme: ThemeName;
  abstract changeTheme(theme: ThemeName): void;
  /** Opens a file that was dropped or chosen. Rejects with a word of its own or the parser's. */
  abstract take(file: File): Promise<void>;
  /** Says why a file was not opened, from the word with which `take` rejected. */
  abstract wordFor(failure: string, name: string): string;

  static override styles: CSSResult[] = [
    playStyle,
    headStyle,
    css`
      :host {
        background: var(--colorNeutralBackground3);
        display: grid;
        grid-template-rows: auto 1fr;
        height: 100dvh;
      }
      main {
        display: grid;
        gap: 8px;
        min-height: 0;
        padding: 0 8px 8px;
      }
      .panel {
        background: var(--colorNeutralBackground1);
        border-radius: var(--borderRadiusXLarge);
        box-shadow: var(--shadow4);
        min-height: 0;
        overflow: hidden;
      }
      .drop label {
        color: var(--colorBrandForegroundLink);
        cursor: pointer;
        text-decoration: underline;
      }
      .drop input {
        height: 1px;
        opacity: 0;
        position: absolute;
        width: 1px;
      }
      .drop input:focus-visible + label {
        outline: 2px solid var(--colorStrokeFocus2);
      }
      .failure {
        color: var(--colorStatusDangerForeground1);
      }
      .overlay {
        align-content: center;
        background: var(--colorBrandBackground2);
        border: 3px dashed var(--colorCompoundBrandStroke);
        border-radius: var(--borderRadiusXLarge);
        font-size: var(--fontSizeBase600);
        inset: 12px;
        opacity: 0.95;
        pointer-events: none;
        position: fixed;
        text-align: center;
        z-index: 1;
      }
      @media (width < 900px) {
        :host {
          height: auto;
          min-height: 100dvh;
        }
        .pane {
          height: 85dvh;
          max-width: 100%;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('dragover', this.#onDrag);
    addEventListener('dragleave', this.#onDragEnd);
    addEventListener('drop', this.#onDrop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('dragover', this.#onDrag);
    removeEventListener('dragleave', this.#onDragEnd);
    removeEventListener('drop', this.#onDrop);
  }

  /** The pane, for whoever drives this page from outside. */
  get pane(): PlayFrame | null {
    return this.renderRoot.querySelector('jb-play-frame');
  }

  /** The head; the second window opens what is open here, by its name. */
  drawHead(title: string, lead: string, itemName: string): unknown {
    const other = otherThan(this.player);
    return drawHead({
      title,
      lead,
      cast,
      players,
      player: this.player,
      youAre: w('you.are'),
      openAs: w('open.as', { name: cast[other].name }),
      second: `?${new URLSearchParams({ as: other, item: itemName })}`,
      more: html`<a class="button outlined" href="/" target="_blank" rel="noopener">${symbol('chat')}${w('open.web')}</a>
        <button
          class="icon outlined"
          aria-pressed=${this.hasControls}
          title=${w('controls.show')}
          aria-label=${w('controls.show')}
          @click=${() => {
            this.hasControls = !this.hasControls;
          }}
        >
          ${symbol('options')}
        </button>`,
    });
  }

  /** The link that chooses a file where none can be dropped. */
  drawChoice(accept: string): unknown {
    return html`<input id="file" type="file" accept=${accept} @change=${this.#choose} /><label for="file">${w('list.choose')}</label>`;
  }

  /** The pane and, where they are asked for, the controls. */
  drawPane(url: string): unknown {
    return html`<jb-play-frame
        class="panel pane"
        .style=${`width:${this.paneWidth === 0 ? 'auto' : `${this.paneWidth}px`}`}
        .model=${this.host}
        .conditions=${this.conditions}
        .url=${url}
        .locale=${this.locale}
        @resized=${(event: CustomEvent<number>) => {
          this.paneWidth = event.detail;
        }}
        @call=${(event: CustomEvent<LoggedCall>) => {
          this.calls = [...this.calls, event.detail].slice(-shownCalls);
        }}
      ></jb-play-frame>
      ${this.hasControls ? this.#controls() : nothing}`;
  }

  #controls(): unknown {
    return html`<jb-play-controls
      class="panel"
      .conditions=${this.conditions}
      .callNames=${this.callNames}
      .sets=${Object.keys(this.host.requirementSets())}
      .calls=${this.calls}
      .themes=${themes}
      .theme=${this.theme}
      .locales=${locales}
      .locale=${this.locale}
      @theme=${(event: CustomEvent<ThemeName>) => this.changeTheme(event.detail)}
      @locale=${(event: CustomEvent<string>) => goWith('language', event.detail)}
    ></jb-play-controls>`;
  }

  drawFailure(): unknown {
    return this.failure === null ? nothing : html`<div class="failure" role="alert">${this.failure}</div>`;
  }

  /** What lies over the page while a file is dragged over it. */
  drawOverlay(text: string): unknown {
    return this.isDropping ? html`<div class="overlay">${text}</div>` : nothing;
  }

  readonly #onDrag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.isDropping = true;
  };
  readonly #onDragEnd = (event: DragEvent): void => {
    if (event.relatedTarget === null) this.isDropping = false;
  };
  readonly #onDrop = (event: DragEvent): void => {
    this.isDropping = false;
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void this.#takeOrSay(file);
  };

  #choose(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (file) void this.#takeOrSay(file);
    input.value = '';
  }

  async #takeOrSay(file: File): Promise<void> {
    try {
      await this.take(file);
      this.failure = null;
    } catch (error) {
      this.failure = this.wordFor((error as Error).message, file.name);
    }
  }
}
