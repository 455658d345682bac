/**
 * `<jb-person-row>`: face, name, sentence, and the one thing to do. A pointer that rests on it asks for the card
 * (`jb-peek`, and `jb-unpeek` when it goes). The whole row is a button (its `jb-pick`
 * event says whom); a smaller button beside it offers the other way to reach them: under the pointer and the
 * focus, or always with the attribute `offers`; what is slotted `beside` stands before it. Events bubble.
 */
import './face.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { Shown } from '../client/presence-store.ts';
import { t } from '../i18n/i18n.ts';
import { stateSentence, stateTooltip } from './person-text.ts';
import { baseStyles, buttonStyles } from './styles.ts';
import { symbol } from './symbol.ts';

/** A pointer on its way to somewhere else does not rest this long. */
const restMs = 600;

export class PersonRow extends LitElement {
  static override properties = {
    personId: {},
    name: {},
    address: {},
    shown: { attribute: false },
    detail: {},
    action: {},
    selected: { type: Boolean, reflect: true },
  };
  declare personId: string;
  declare name: string;
  declare address: string;
  declare shown: Shown | null;
  /** Replaces the sentence of the state: a department in a search, "not in your organisation". */
  declare detail: string;
  /** The button at the end: chat, a mail link, or none. */
  declare action: 'chat' | 'mail' | 'none';
  declare selected: boolean;

  constructor() {
    super();
    this.personId = '';
    this.name = '';
    this.address = '';
    this.shown = null;
    this.detail = '';
    this.action = 'none';
    this.selected = false;
  }

  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        position: relative;
        --jb-surface: var(--colorNeutralBackground1);
      }
      .row {
        display: flex;
        align-items: center;
        gap: 4px;
        padding-inline-end: 4px;
        border-radius: var(--borderRadiusMedium);
      }
      .row:hover {
        background: var(--colorNeutralBackground1Hover);
        --jb-surface: var(--colorNeutralBackground1Hover);
      }
      :host([selected]) .row {
        background: var(--colorNeutralBackground1Selected);
        --jb-surface: var(--colorNeutralBackground1Selected);
      }
      .pick {
        display: flex;
        align-items: center;
        gap: 12px;
        flex: 1;
        min-width: 0;
        min-height: 48px;
        padding: 6px 8px;
        border: 0;
        background: none;
        text-align: start;
      }
      .words {
        min-width: 0;
        flex: 1;
      }
      .name {
        display: block;
      }
      .detail {
        display: block;
      }
      .other {
        opacity: 0;
      }
      :host([offers]) .other,
      .row:hover .other,
      .row:focus-within .other,
      :host([selected]) .other {
        opacity: 1;
      }
      @media (hover: none) {
        .other {
          opacity: 1;
        }
      }
      @media (forced-colors: active) {
        :host([selected]) .row {
          outline: 2px solid Highlight;
          outline-offset: -2px;
        }
      }
    `,
  ];

  #rest: ReturnType<typeof setTimeout> | null = null;

  /** A row that comes up under a pointer that stands still is not what somebody looks at: only one that moves rests. */
  #onMove(event: PointerEvent): void {
    if (event.pointerType !== 'mouse' || !this.personId || this.#rest !== null) return;
    this.#rest = setTimeout(() => this.#peek('jb-peek'), restMs);
  }
  #onLeave(): void {
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = null;
    this.#peek('jb-unpeek');
  }
  #peek(type: 'jb-peek' | 'jb-unpeek'): void {
    const detail = { personId: this.personId, anchor: this };
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#rest !== null) clearTimeout(this.#rest);
  }

  #tell(type: 'jb-pick' | 'jb-chat') {
    // Whoever has chosen does not want the card in the way of what they chose.
    this.#onLeave();
    this.dispatchEvent(
      new CustomEvent(type, {
        bubbles: true,
        composed: true,
        detail: { personId: this.personId, address: this.address },
      }),
    );
  }

  override render() {
    const sentence = this.detail || (this.shown ? stateSentence(this.shown) : '');
    const name = this.name || this.address;
    return html`<div class="row" @pointermove=${this.#onMove} @pointerleave=${this.#onLeave}>
      <button
        class="pick"
        part="pick"
        data-row
        title=${(this.shown && stateTooltip(this.shown)) || nothing}
        aria-current=${this.selected ? 'true' : nothing}
        @click=${() => this.#tell('jb-pick')}
      >
        <jb-face .name=${name} .personId=${this.personId || this.address} .shown=${this.shown}></jb-face>
        <span class="words">
          <span class="name one-line" dir="auto">${name}</span>
          <span class="detail quiet one-line" dir="auto">${sentence}</span>
          ${
            this.detail && this.shown
              ? html`<span class="hidden">${t(`availability.${this.shown.availability}`)}</span>`
              : nothing
          }
        </span>
        <slot name="badge"></slot>
      </button>
      <slot name="beside"></slot>
      ${
        this.action === 'chat'
          ? html`<button class="icon-button other" aria-label=${t('person.chat', { name })} title=${t('person.chat', { name })} @click=${() => this.#tell('jb-chat')}>${symbol('chat')}</button>`
          : this.action === 'mail'
            ? html`<a class="icon-button other" href=${`mailto:${encodeURIComponent(this.address)}`} aria-label=${t('person.mail', { name })} title=${t('person.mail', { name })}>${symbol('mail')}</a>`
            : nothing
      }
    </div>`;
  }
}
if (!customElements.get('jb-person-row')) customElements.define('jb-person-row', PersonRow);
