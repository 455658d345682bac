/** `<jb-play-word>`: the played Word. The text with its marks, comments beside it, and the pane. */
import { css, html, nothing } from 'lit';
import type { HostModel } from '../host/model.ts';
import { OfficeScreen } from '../office-screen.ts';
import { cast } from '../outlook/demo-mails.ts';
import { face } from '../outlook/face.ts';
import type { ThemeName } from '../outlook/mailbox.ts';
import { w } from '../words.ts';
import {
  type Comment,
  createDocument,
  type PlayedDocument,
  type Run,
  type RunRange,
  type WordFile,
} from './document.ts';
import { createWordHost } from './host.ts';

/** More comments than this are one line; nobody reads two thousand cards. */
const shownComments = 30;

export class PlayWord extends OfficeScreen {
  readonly application = 'word';
  readonly callNames = [
    'properties',
    'getSelection',
    'body.getComments',
    'body.getOoxml',
    'contentControls',
    'body',
  ];
  itemName = '';
  #document: PlayedDocument | null = null;
  #host: HostModel | null = null;

  static override styles = [
    ...OfficeScreen.styles,
    css`
      .sheet {
        align-content: start;
        background: var(--colorNeutralBackground3);
        display: grid;
        grid-auto-rows: max-content;
        gap: 12px;
        grid-template-columns: minmax(0, 1fr) minmax(160px, 240px);
        height: 100%;
        overflow-y: auto;
        padding: 16px;
      }
      article {
        background: var(--colorNeutralBackground1);
        box-shadow: var(--shadow4);
        font-family: Georgia, 'Times New Roman', serif;
        font-size: 15px;
        line-height: 1.6;
        min-height: 60dvh;
        padding: 40px 48px;
      }
      article h2 {
        font-size: 26px;
        line-height: 1.3;
        margin: 0 0 16px;
      }
      article h3 {
        font-size: 17px;
        margin: 20px 0 4px;
      }
      article p {
        margin: 0 0 10px;
        white-space: pre-wrap;
      }
      .link {
        color: var(--colorBrandForegroundLink);
        text-decoration: underline;
      }
      ins {
        color: var(--colorStatusSuccessForeground1);
      }
      del {
        color: var(--colorStatusDangerForeground1);
      }
      .field {
        border: 1px solid var(--colorNeutralStroke1);
        border-radius: 3px;
        padding: 0 3px;
      }
      .commented {
        border-bottom: 2px solid var(--colorStatusWarningForeground1);
      }
      .selected {
        background: Highlight;
        color: HighlightText;
      }
      .comments {
        display: flex;
        flex-direction: column;
        gap: 8px;
      }
      .comment {
        background: var(--colorNeutralBackground1);
      }
      .comment[aria-pressed='true'] {
        border-color: var(--colorCompoundBrandStroke);
        outline: 1px solid var(--colorCompoundBrandStroke);
      }
      form {
        display: flex;
        gap: 8px;
      }
      @container (width < 640px) {
        .sheet {
          grid-template-columns: 1fr;
        }
        article {
          min-height: 0;
          padding: 20px;
        }
      }
    `,
  ];

  /** Opens a document; the screen is inserted after. */
  show(file: WordFile, theme: ThemeName): void {
    this.#document = createDocument(file);
    this.#document.setTheme(theme);
    this.#document.subscribe(() => this.requestUpdate());
    this.#host = createWordHost(this.#document);
  }
  get document(): PlayedDocument {
    return this.#document as PlayedDocument;
  }
  get host(): HostModel {
    return this.#host as HostModel;
  }
  get theme(): ThemeName {
    return this.document.theme;
  }
  paint(theme: ThemeName): void {
    this.document.setTheme(theme);
  }

  async open(file: File): Promise<void> {
    // The parser is of use to few visits.
    const { readDocx } = await import('./docx.ts');
    this.document.load(await readDocx(file));
  }

  drawCommands(): unknown {
    const { selection } = this.document;
    return html`<strong>${this.document.file.name}</strong>
      ${
        selection === null
          ? html`<span class="secondary">${w('word.selectHint')}</span>`
          : html`<form @submit=${(event: SubmitEvent) => this.#comment(event, selection)}>
            <input name="text" required aria-label=${w('word.comment')} placeholder=${w('word.comment')} />
            <button class="outlined">${w('word.addComment')}</button>
          </form>`
      }`;
  }

  drawDocument(): unknown {
    const { file } = this.document;
    let place = -1;
    const next = (run: Run): unknown => {
      place += 1;
      return this.#run(run, place);
    };
    // Scrolls, so the keyboard must reach it.
    return html`<div class="sheet" tabindex="0" role="region" aria-label=${w('word.text')}>
      <article @mouseup=${this.#select}>
        ${file.paragraphs.map(({ style, runs }) => {
          const inside = runs.map(next);
          if (style === 'title') return html`<h2>${inside}</h2>`;
          if (style === 'heading') return html`<h3>${inside}</h3>`;
          return html`<p>${style === 'item' ? '• ' : nothing}${inside}</p>`;
        })}
      </article>
      <div class="comments">
        ${file.comments.slice(0, shownComments).map((comment) => this.#card(comment))}
        ${file.comments.length > shownComments ? html`<span class="secondary">${w('word.moreComments', { count: file.comments.length - shownComments })}</span>` : nothing}
      </div>
    </div>`;
  }

  #run(run: Run, place: number): unknown {
    const { selection } = this.document;
    const isSelected = selection !== null && place >= selection.from && place <= selection.to;
    const classes = [
      isSelected && 'selected',
      run.link !== undefined && 'link',
      run.field && 'field',
      run.comments?.length && 'commented',
    ];
    const kind = classes.filter(Boolean).join(' ');
    // No blank may come between two runs, nor around their text.
    const inside = html`<span class=${kind} data-run=${place} title=${run.change?.by ?? run.field?.title ?? nothing}>${run.text}</span>`;
    if (run.change?.kind === 'inserted') return html`<ins>${inside}</ins>`;
    return run.change?.kind === 'deleted' ? html`<del>${inside}</del>` : inside;
  }

  #card(comment: Comment): unknown {
    const range = this.#placeOf(comment.id);
    const { selection } = this.document;
    const isSelected = range !== null && range.from === selection?.from && range.to === selection.to;
    const remark = ({ by, text }: Pick<Comment, 'by' | 'text'>) =>
      html`<span class="remark">${face(by, 20)}<strong>${by.name}</strong><span>${text}</span></span>`;
    return html`<button class="comment" aria-pressed=${isSelected} @click=${() => this.document.select(isSelected ? null : range)}>
      ${remark(comment)}${comment.replies.map(remark)}
    </button>`;
  }

  #placeOf(id: string): RunRange | null {
    const places = this.document.runs.flatMap((run, index) => (run.comments?.includes(id) ? [index] : []));
    return places.length === 0 ? null : { from: places[0] as number, to: places.at(-1) as number };
  }

  /** From the browser's selection to runs; a click alone is the run under it. */
  #select(event: MouseEvent): void {
    const runOf = (node: Node | null): number | null => {
      const element = node instanceof Element ? node : (node?.parentElement ?? null);
      const place = element?.closest<HTMLElement>('[data-run]')?.dataset.run;
      return place === undefined ? null : Number(place);
    };
    const root = this.renderRoot as ShadowRoot;
    const [range] = getSelection()?.getComposedRanges?.({ shadowRoots: [root] }) ?? [];
    const clicked = runOf(event.target as Node);
    const from = (range === undefined ? null : runOf(range.startContainer)) ?? clicked;
    const to = (range === undefined ? null : runOf(range.endContainer)) ?? clicked;
    this.document.select(
      from === null || to === null ? null : { from: Math.min(from, to), to: Math.max(from, to) },
    );
  }

  #comment(event: SubmitEvent, range: RunRange): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const text = String(new FormData(form).get('text') ?? '').trim();
    form.reset();
    this.document.addComment(
      { by: cast[this.player], at: new Date(), text, isResolved: false, replies: [] },
      range,
    );
  }
}

customElements.define('jb-play-word', PlayWord);
declare global {
  interface HTMLElementTagNameMap {
    'jb-play-word': PlayWord;
  }
}
