/**
 * What the played Word and Excel have in common: the place for the document, its theme, and another file.
 * An application brings its model, its view and its parser.
 */
import { css, html } from 'lit';
import { setTheme } from '../shared/ui/theme.ts';
import { cast } from './outlook/demo-mails.ts';
import type { ThemeName } from './outlook/mailbox.ts';
import { PlayScreen } from './play-screen.ts';
import { w } from './words.ts';

/** Office's own colours of the page behind a document in each theme. */
const backgrounds: Record<ThemeName, string> = { light: '#FFFFFF', dark: '#1F1F1F', contrast: '#000000' };
/** How soon a pane that was opened anew has its theme. */
const paintEveryMs = 100;

export abstract class OfficeScreen extends PlayScreen {
  #painting: ReturnType<typeof setInterval> | null = null;

  abstract readonly application: 'word' | 'excel';
  abstract paint(theme: ThemeName): void;
  /** What is open, for the second window. */
  abstract readonly itemName: string;
  abstract drawDocument(): unknown;
  abstract drawCommands(): unknown;
  /** Opens a file. Rejects with a word of its own or the parser's. */
  abstract open(file: File): Promise<void>;

  static override styles = [
    ...PlayScreen.styles,
    css`
      main {
        grid-template-columns: minmax(320px, 1fr) auto;
      }
      main.controlled {
        grid-template-columns: minmax(320px, 1fr) auto 260px;
      }
      .place {
        display: flex;
        flex-direction: column;
      }
      .place > .document {
        container-type: inline-size;
        flex: 1;
        min-height: 0;
      }
      .commands {
        align-items: center;
        border-bottom: 1px solid var(--colorNeutralStroke2);
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        padding: 6px 12px;
      }
      .comment {
        align-items: stretch;
        border: 1px solid var(--colorNeutralStroke2);
        flex-direction: column;
        gap: 8px;
        height: auto;
        line-height: var(--lineHeightBase300);
        padding: 10px;
        text-align: start;
      }
      .remark {
        display: grid;
        gap: 0 8px;
        grid-template-columns: auto 1fr;
      }
      .remark > :last-child {
        grid-column: 2;
      }
      .face {
        align-items: center;
        border-radius: 50%;
        color: white;
        display: inline-flex;
        justify-content: center;
      }
      .drop {
        margin-inline-start: auto;
      }
      .failure {
        padding: 4px 12px;
      }
      @media (width < 1100px) {
        .lead {
          display: none;
        }
      }
      @media (width < 900px) {
        main,
        main.controlled {
          grid-template-columns: 1fr;
        }
        .place {
          height: 70dvh;
        }
        .pane {
          width: auto !important;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#painting = setInterval(() => this.#paintPane(), paintEveryMs);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#painting !== null) clearInterval(this.#painting);
  }

  /**
   * Puts the theme where today's Word and Excel keep it. The office.js of the npm package is older than that
   * and has no message for it; the frame is of our own origin.
   */
  #paintPane(): void {
    const frame = this.pane?.frame?.element.contentWindow as
      | { Office?: { context?: { officeTheme?: { bodyBackgroundColor: string } } } }
      | undefined;
    const context = frame?.Office?.context;
    const bodyBackgroundColor = backgrounds[this.theme];
    if (!context || context.officeTheme?.bodyBackgroundColor === bodyBackgroundColor) return;
    Object.defineProperty(context, 'officeTheme', { value: { bodyBackgroundColor }, configurable: true });
  }

  override render(): unknown {
    const { application } = this;
    const query = new URLSearchParams({ 'demo-user': cast[this.player].address });
    return html`${this.drawHead(w(`title.${application}`), w(`lead.${application}`), this.itemName)}
      <main class=${this.hasControls ? 'controlled' : ''}>
        <div class="panel place">
          <div class="commands">
            ${this.drawCommands()}
            <span class="drop secondary">
              ${w(`drop.hint.${application}`)}
              ${this.drawChoice(application === 'word' ? '.docx' : '.xlsx')}
            </span>
          </div>
          ${this.drawFailure()}
          <div class="document">${this.drawDocument()}</div>
        </div>
        ${this.drawPane(`/addins/${application}/pane.html?${query}`)}
      </main>
      ${this.drawOverlay(w('drop.file'))}`;
  }

  changeTheme(theme: ThemeName): void {
    setTheme(theme === 'light' ? 'light' : 'dark');
    this.paint(theme);
    this.requestUpdate();
  }

  async take(file: File): Promise<void> {
    await this.open(file);
    // Another document is another pane, as in Office.
    this.pane?.restart();
  }

  wordFor(detail: string, name: string): string {
    return w('drop.notOffice', { name, detail });
  }
}
