/**
 * `<jb-composer>`: where a message is written. Grows to six lines; Enter sends, Shift+Enter breaks, Escape
 * leaves a reply or an edit. It keeps nothing itself: every change is told (`jb-draft`), so that whoever owns
 * the draft can save it at once. Events: `jb-draft`, `jb-send`, `jb-typing`, `jb-cancel`, `jb-attach`.
 */
import './face.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { PersonName } from '../../../server/protocol/contacts.ts';
import { type Importance, importances, limits } from '../../../server/protocol/vocabulary.ts';
import type { Attachment } from '../client/api.ts';
import type { Draft } from '../client/outbox.ts';
import { emptyDraft } from '../client/outbox.ts';
import { formatSize } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { type MentionQuery, mentionAt, suggestMentions } from './mentions.ts';
import { baseStyles, buttonStyles } from './styles.ts';
import { symbol } from './symbol.ts';

export interface Uploading {
  name: string;
  failure: string | null;
}

const lines = 6;

export class Composer extends LitElement {
  static override properties = {
    draft: { attribute: false },
    placeholder: {},
    hint: {},
    quoted: {},
    isEditing: { attribute: false },
    canAttach: { attribute: false },
    uploading: { attribute: false },
    people: { attribute: false },
    mention: { state: true },
    offered: { state: true },
  };
  declare draft: Draft;
  declare placeholder: string;
  /** What stands above: "Bob is in do-not-disturb: your message waits". */
  declare hint: string;
  /** To whom this replies, or empty. */
  declare quoted: string;
  declare isEditing: boolean;
  declare canAttach: boolean;
  declare uploading: readonly Uploading[];
  /** Who can be mentioned. */
  declare people: readonly PersonName[];
  declare mention: MentionQuery | null;
  /** Which suggestion Enter takes. */
  declare offered: number;

  constructor() {
    super();
    this.draft = emptyDraft;
    this.placeholder = '';
    this.hint = '';
    this.quoted = '';
    this.isEditing = false;
    this.canAttach = false;
    this.uploading = [];
    this.people = [];
    this.mention = null;
    this.offered = 0;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        padding: 0 12px 12px;
      }
      .hint {
        display: flex;
        gap: 6px;
        align-items: center;
        padding: 4px 2px;
        color: var(--colorNeutralForeground2);
        font-size: var(--fontSizeBase200);
        line-height: var(--lineHeightBase200);
      }
      .hint span {
        flex: 1;
        min-width: 0;
      }
      .hint .icon-button {
        width: 24px;
        height: 24px;
      }
      .box {
        display: flex;
        align-items: flex-end;
        gap: 2px;
        padding: 2px;
        border: 1px solid var(--colorNeutralStroke1);
        border-bottom-color: var(--colorNeutralStrokeAccessible);
        border-radius: var(--borderRadiusLarge);
        background: var(--colorNeutralBackground1);
        transition: border-color var(--durationFaster);
      }
      .box:focus-within {
        border-color: var(--colorNeutralStroke1);
        box-shadow: inset 0 -2px 0 var(--colorCompoundBrandStroke);
      }
      textarea {
        flex: 1;
        min-width: 0;
        height: 32px;
        max-height: calc(20px * ${lines} + 12px);
        padding: 6px 8px;
        border: 0;
        resize: none;
        background: none;
        overflow-y: auto;
      }
      textarea:focus {
        outline: 0;
      }
      textarea::placeholder {
        color: var(--colorNeutralForeground3);
        opacity: 1;
      }
      .send:enabled {
        color: var(--colorBrandForeground1);
      }
      .over {
        color: var(--colorStatusDangerForeground1);
      }
      .files {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        padding: 4px 0;
      }
      .file {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        max-width: 100%;
        padding: 2px 2px 2px 8px;
        border: 1px solid var(--colorNeutralStroke2);
        border-radius: var(--borderRadiusMedium);
        font-size: var(--fontSizeBase200);
      }
      .file .icon-button {
        width: 24px;
        height: 24px;
      }
      .important {
        color: var(--colorStatusDangerForeground1);
      }
      .offers {
        margin-bottom: 4px;
        padding: 4px;
        border: 1px solid var(--colorNeutralStroke2);
        border-radius: var(--borderRadiusLarge);
        background: var(--colorNeutralBackground1);
        box-shadow: var(--shadow8);
      }
      .offers > div {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 32px;
        padding: 0 8px;
        border-radius: var(--borderRadiusMedium);
        cursor: pointer;
      }
      .offers > [aria-selected='true'],
      .offers > :hover {
        background: var(--colorSubtleBackgroundSelected);
      }
      input[type='file'] {
        display: none;
      }
      @media (forced-colors: active) {
        .box:focus-within {
          outline: 2px solid Highlight;
        }
      }
    `,
  ];

  get #area(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector('textarea');
  }

  override focus(): void {
    this.#area?.focus();
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has('draft')) return;
    const area = this.#area;
    if (!area) return;
    // Only a text from outside is put in: setting the same one would move the caret.
    if (area.value !== this.draft.text) area.value = this.draft.text;
    this.#grow(area);
  }

  #grow(area: HTMLTextAreaElement): void {
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }

  #change(part: Partial<Draft>): void {
    this.draft = { ...this.draft, ...part };
    this.dispatchEvent(new CustomEvent('jb-draft', { detail: this.draft }));
  }

  #onInput = (event: Event) => {
    const area = event.target as HTMLTextAreaElement;
    this.#change({ text: area.value });
    this.mention = mentionAt(area.value, area.selectionStart);
    this.offered = 0;
    this.dispatchEvent(new CustomEvent('jb-typing'));
  };

  #onKey = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter chooses it.
    if (event.isComposing || event.keyCode === 229) return;
    const offers = this.#offers;
    if (offers.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      this.offered = (this.offered + (event.key === 'ArrowDown' ? 1 : -1) + offers.length) % offers.length;
    } else if (offers.length > 0 && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      this.#mention(offers[this.offered]);
    } else if (this.mention && event.key === 'Escape') {
      event.stopPropagation();
      this.mention = null;
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === 'Escape' && (this.quoted || this.isEditing)) {
      event.stopPropagation();
      this.dispatchEvent(new CustomEvent('jb-cancel'));
    } else if (event.key === 'ArrowUp' && this.draft.text === '' && !this.isEditing) {
      if (!this.dispatchEvent(new CustomEvent('jb-edit-last', { cancelable: true }))) event.preventDefault();
    }
  };

  get #offers(): PersonName[] {
    return this.mention ? suggestMentions(this.people, this.mention.query) : [];
  }

  /** Writes the chosen name in place of what was typed of it. */
  #mention(person: PersonName | undefined): void {
    const area = this.#area;
    if (!area || !this.mention || !person) return;
    area.setRangeText(`@${person.displayName} `, this.mention.start, area.selectionStart, 'end');
    this.mention = null;
    this.#change({ text: area.value });
    area.focus();
  }

  #renderOffers() {
    const offers = this.#offers;
    if (offers.length === 0) return nothing;
    return html`<div class="offers" id="offers" role="listbox" aria-label=${t('person.mention')}>
      ${offers.map(
        (person, index) => html`<div
          id=${`offer-${index}`}
          role="option"
          aria-selected=${index === this.offered}
          @pointerdown=${(event: Event) => {
            event.preventDefault();
            this.#mention(person);
          }}
        >
          <jb-face size="20" .name=${person.displayName} .personId=${person.id}></jb-face><span class="one-line" dir="auto">${person.displayName}</span>
        </div>`,
      )}
    </div>`;
  }

  #onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || !this.canAttach) return;
    event.preventDefault();
    this.#attach(files);
  };

  #attach(files: File[]): void {
    if (files.length > 0) this.dispatchEvent(new CustomEvent('jb-attach', { detail: files }));
  }

  get #excess(): number {
    return this.draft.text.length - limits.messageCharacters;
  }
  get #canSend(): boolean {
    const isBusy = this.uploading.some(({ failure }) => failure === null);
    return (
      (this.draft.text.trim() !== '' || this.draft.attachments.length > 0) && this.#excess <= 0 && !isBusy
    );
  }
  #send(): void {
    if (this.#canSend) this.dispatchEvent(new CustomEvent('jb-send', { detail: this.draft }));
  }

  #nextImportance(): void {
    const next = importances[
      (importances.indexOf(this.draft.importance) + 1) % importances.length
    ] as Importance;
    this.#change({ importance: next });
  }

  override render() {
    const { draft } = this;
    const note = this.isEditing ? t('composer.editing') : this.quoted;
    const importance =
      draft.importance === 'normal'
        ? t('composer.importance.normal')
        : t(`conversation.importance.${draft.importance}`);
    return html`
      ${this.hint ? html`<p class="hint"><span>${this.hint}</span></p>` : nothing}
      ${
        note
          ? html`<div class="hint">${symbol(this.isEditing ? 'edit' : 'reply', 16)}<span class="one-line" dir="auto">${note}</span>
              <button class="icon-button" aria-label=${t('action.cancel')} @click=${() => this.dispatchEvent(new CustomEvent('jb-cancel'))}>${symbol('dismiss', 16)}</button></div>`
          : nothing
      }
      ${
        draft.importance !== 'normal'
          ? html`<div class="hint important">${symbol('important', 16)}<span>${importance}</span></div>`
          : nothing
      }
      ${this.#renderFiles(draft.attachments)}
      ${this.#renderOffers()}
      <div class="box">
        ${
          this.canAttach && !this.isEditing
            ? html`<button class="icon-button" aria-label=${t('composer.attach')} title=${t('composer.attach')} @click=${() => this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')?.click()}>${symbol('attach')}</button>
                <input type="file" multiple tabindex="-1" aria-hidden="true" @change=${this.#onFiles} />`
            : nothing
        }
        <textarea
          rows="1"
          dir="auto"
          aria-label=${t('composer.label')}
          aria-describedby="limit"
          aria-autocomplete="list"
          aria-controls=${this.#offers.length > 0 ? 'offers' : nothing}
          aria-activedescendant=${this.#offers.length > 0 ? `offer-${this.offered}` : nothing}
          placeholder=${this.placeholder}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
          @paste=${this.#onPaste}
        ></textarea>
        ${
          this.isEditing
            ? nothing
            : html`<button class="icon-button" aria-label=${`${t('composer.importance')}: ${importance}`} title=${`${t('composer.importance')}: ${importance}`} aria-pressed=${draft.importance !== 'normal'} @click=${() => this.#nextImportance()}>${symbol('important')}</button>`
        }
        <button class="icon-button send" ?disabled=${!this.#canSend} aria-label=${this.isEditing ? t('action.save') : t('composer.send')} title=${t('composer.hint')} @click=${() => this.#send()}>
          ${symbol(this.isEditing ? 'check' : 'send')}
        </button>
      </div>
      <p id="limit" class="hint over" aria-live="polite" ?hidden=${this.#excess <= 0}>
        <span>${this.#excess > 0 ? t('composer.tooLong', { count: this.#excess }) : ''}</span>
      </p>
    `;
  }

  #onFiles = (event: Event) => {
    const input = event.target as HTMLInputElement;
    this.#attach([...(input.files ?? [])]);
    input.value = '';
  };

  #renderFiles(attachments: readonly Attachment[]) {
    if (attachments.length === 0 && this.uploading.length === 0) return nothing;
    return html`<div class="files">
      ${attachments.map(
        (
          one,
        ) => html`<span class="file"><span class="one-line">${one.name}</span><span class="quiet">${formatSize(one.size)}</span>
          <button class="icon-button" aria-label=${t('composer.removeAttachment', { name: one.name })} @click=${() => this.#change({ attachments: this.draft.attachments.filter(({ id }) => id !== one.id) })}>${symbol('dismiss', 16)}</button></span>`,
      )}
      ${this.uploading.map(
        ({ name, failure }) => html`<span class="file ${failure ? 'over' : ''}" role="status"
          >${failure ?? t('composer.uploading', { name })}</span
        >`,
      )}
    </div>`;
  }
}
if (!customElements.get('jb-composer')) customElements.define('jb-composer', Composer);
declare global {
  interface HTMLElementTagNameMap {
    'jb-composer': Composer;
  }
}
