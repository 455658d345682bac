/** `<jb-play-mails>`: the inbox, newest first. Arrow keys move as in a list of options. */
import { css, html, LitElement } from 'lit';
import { currentLocale } from '../../shared/i18n/i18n.ts';
import { playStyle } from '../style.ts';
import { symbol } from '../symbol.ts';
import { w } from '../words.ts';
import { face } from './face.ts';
import type { MailboxItem } from './mailbox.ts';

export class PlayMails extends LitElement {
  static override properties = { items: { attribute: false }, openId: {} };
  declare items: readonly MailboxItem[];
  declare openId: string | null;

  static override styles = [
    playStyle,
    css`
      :host {
        display: block;
        overflow-y: auto;
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 4px;
      }
      button {
        align-items: flex-start;
        gap: 10px;
        line-height: var(--lineHeightBase200);
        padding: 10px 8px;
        text-align: start;
        width: 100%;
      }
      button[aria-current='true'] {
        background: var(--colorBrandBackground2);
        box-shadow: inset 3px 0 var(--colorCompoundBrandStroke);
      }
      .face {
        border-radius: 50%;
        color: #fff;
        display: grid;
        flex: none;
        place-items: center;
      }
      .text {
        display: grid;
        flex: 1;
        min-width: 0;
      }
      .line {
        display: flex;
        gap: 8px;
        justify-content: space-between;
      }
      .name {
        font-weight: var(--fontWeightSemibold);
      }
      .name,
      .words,
      .preview {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .subject {
        align-items: center;
        display: flex;
        gap: 4px;
      }
      .draft {
        flex: none;
        font-style: italic;
      }
    `,
  ];

  override render(): unknown {
    return html`<ul @keydown=${this.#move}>
      ${this.items.map((item) => this.#row(item))}
    </ul>`;
  }

  #row(item: MailboxItem): unknown {
    const person = item.mode === 'compose' ? (item.to[0] ?? item.from) : item.from;
    const isDraft = item.mode === 'compose';
    return html`<li>
      <button aria-current=${item.id === this.openId} @click=${() => this.#open(item.id)}>
        ${face(person, 32)}
        <span class="text">
          <span class="line"><bdi class="name">${person.name || person.address}</bdi><time class="secondary">${formatWhen(item.at)}</time></span>
          <span class="subject">
            ${item.kind === 'appointment' ? symbol('calendar', 16) : ''}
            ${isDraft ? html`<span class="draft">[${w('item.draft')}]</span>` : ''}
            <span class="words">${item.subject || w('item.noSubject')}</span>
          </span>
          <span class="preview secondary">${item.text.split('\n').filter(Boolean)[1] ?? item.text}</span>
        </span>
      </button>
    </li>`;
  }

  #open(id: string): void {
    this.dispatchEvent(new CustomEvent('open', { detail: id }));
  }

  #move(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...this.renderRoot.querySelectorAll('button')];
    const now = buttons.indexOf(this.shadowRoot?.activeElement as HTMLButtonElement);
    buttons[(now + step + buttons.length) % buttons.length]?.focus();
  }
}

function formatWhen(at: Date): string {
  const isToday = at.toDateString() === new Date().toDateString();
  const options: Intl.DateTimeFormatOptions = isToday ? { timeStyle: 'short' } : { dateStyle: 'short' };
  return new Intl.DateTimeFormat(currentLocale(), options).format(at);
}

customElements.define('jb-play-mails', PlayMails);
