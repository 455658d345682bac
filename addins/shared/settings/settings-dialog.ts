/**
 * `<jb-settings>`: everything that one decides for oneself, in four sections. Loaded when it is first opened, by
 * the state menu of every host.
 */
import './calendar-section.ts';
import './contacts-section.ts';
import './privacy-section.ts';
import './you-section.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { Client } from '../client/client.ts';
import { t } from '../i18n/i18n.ts';
import { baseStyles, buttonStyles, dialogStyles } from '../ui/styles.ts';
import { symbol } from '../ui/symbol.ts';
import { w } from './words.ts';

const sections = ['you', 'calendar', 'privacy', 'contacts'] as const;
type Section = (typeof sections)[number];

export class SettingsDialog extends LitElement {
  static override properties = {
    client: { attribute: false },
    section: { state: true },
    isOpen: { state: true },
  };
  declare client: Client | null;
  declare section: Section;
  declare isOpen: boolean;

  constructor() {
    super();
    this.client = null;
    this.section = 'you';
    this.isOpen = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      dialog {
        width: min(520px, calc(100vw - 16px));
        height: min(640px, calc(100dvh - 16px));
        max-height: none;
      }
      .inside {
        height: 100%;
        gap: 8px;
      }
      [role='tablist'] {
        display: flex;
        flex-wrap: wrap;
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      [role='tab'] {
        min-height: 36px;
        padding: 0 10px;
        border: 0;
        border-bottom: 3px solid transparent;
        background: none;
        color: var(--colorNeutralForeground2);
      }
      [role='tab']:hover {
        border-bottom-color: var(--colorNeutralStroke1);
      }
      [role='tab'][aria-selected='true'] {
        border-bottom-color: var(--colorCompoundBrandStroke);
        color: var(--colorNeutralForeground1);
        font-weight: var(--fontWeightSemibold);
      }
      [role='tabpanel'] {
        flex: 1;
        min-height: 0;
        overflow-y: auto;
        padding: 8px 2px 0;
      }
      @media (forced-colors: active) {
        [role='tab'] {
          border-bottom-color: Canvas;
        }
        [role='tab'][aria-selected='true'] {
          border-bottom-color: Highlight;
        }
      }
    `,
  ];

  /** Shows the dialog once its words are there; the focus goes back by itself when it closes. */
  async open(): Promise<void> {
    await w.load();
    this.isOpen = true;
    await this.updateComplete;
    const dialog = this.renderRoot.querySelector('dialog');
    if (dialog?.open === false) dialog.showModal();
  }

  #onKey(event: KeyboardEvent): void {
    const at = sections.indexOf(this.section);
    const isBackwards = getComputedStyle(this).direction === 'rtl';
    const step = { ArrowRight: isBackwards ? -1 : 1, ArrowLeft: isBackwards ? 1 : -1 }[event.key];
    const next =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? sections.length - 1
          : step === undefined
            ? -1
            : (at + step + sections.length) % sections.length;
    const section = sections[next];
    if (!section) return;
    event.preventDefault();
    this.section = section;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus(),
    );
  }

  override render() {
    return html`<dialog
      aria-labelledby="title"
      @close=${() => {
        this.isOpen = false;
        this.dispatchEvent(new CustomEvent('jb-closed'));
      }}
    >
      ${this.isOpen && this.client ? this.#renderInside(this.client) : nothing}
    </dialog>`;
  }

  #renderInside(client: Client) {
    return html`<div class="inside">
      <div class="top">
        <h2 id="title">${t('settings.title')}</h2>
        <button class="icon-button" aria-label=${t('action.close')} @click=${() => this.renderRoot.querySelector('dialog')?.close()}>${symbol('dismiss')}</button>
      </div>
      <div role="tablist" aria-labelledby="title" @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
        ${sections.map(
          (one) =>
            html`<button
              role="tab"
              id=${`tab-${one}`}
              aria-controls="panel"
              aria-selected=${one === this.section}
              tabindex=${one === this.section ? 0 : -1}
              @click=${() => {
                this.section = one;
              }}
            >
              ${w(`${one}.title`)}
            </button>`,
        )}
      </div>
      <div role="tabpanel" id="panel" aria-labelledby=${`tab-${this.section}`} tabindex="-1">
        ${this.#renderSection(client)}
      </div>
    </div>`;
  }

  #renderSection(client: Client) {
    switch (this.section) {
      case 'you':
        return html`<jb-set-you .client=${client}></jb-set-you>`;
      case 'calendar':
        return html`<jb-set-calendar .client=${client}></jb-set-calendar>`;
      case 'privacy':
        return html`<jb-set-privacy .client=${client}></jb-set-privacy>`;
      case 'contacts':
        return html`<jb-set-contacts .client=${client}></jb-set-contacts>`;
    }
  }
}
if (!customElements.get('jb-settings')) customElements.define('jb-settings', SettingsDialog);
declare global {
  interface HTMLElementTagNameMap {
    'jb-settings': SettingsDialog;
  }
}
