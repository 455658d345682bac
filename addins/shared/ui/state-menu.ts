/**
 * `<jb-state>`: one's own face with state; a click opens the menu: the six manual states, for how long, reset,
 * a note with its end, how others see it, and (through the slot) what else the host offers.
 */
import './face.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { OwnPresence } from '../../../server/protocol/presence.ts';
import {
  type Activity,
  limits,
  type PreferredAvailability,
  preferredAvailabilities,
} from '../../../server/protocol/vocabulary.ts';
import type { Client } from '../client/client.ts';
import { formatFailure } from '../client/problem.ts';
import { formatUntil } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import { type Duration, durations, endOf } from './durations.ts';
import { stateSentence, stateTooltip } from './person-text.ts';
import { placeBeside } from './place.ts';
import { baseStyles, buttonStyles, fieldStyles, floatingStyles } from './styles.ts';
import { symbol } from './symbol.ts';

/** These two end by themselves after a day when nothing else is chosen (contract §3). */
const endsAfterADay = new Set<PreferredAvailability>(['busy', 'do-not-disturb']);

interface State {
  readonly availability: PreferredAvailability;
  readonly activity: Activity | null;
  readonly label: string;
}

export class StateMenu extends LitElement {
  static override properties = {
    client: { attribute: false },
    duration: { state: true },
    noteDuration: { state: true },
    noteText: { state: true },
    failure: { state: true },
    isOpen: { state: true },
    hasSettings: { state: true },
  };
  declare client: Client | null;
  declare duration: Duration;
  declare noteDuration: Duration;
  /** What is being written; null while the stored note is shown. */
  declare noteText: string | null;
  declare failure: string;
  declare isOpen: boolean;
  /** The settings have been opened once. */
  declare hasSettings: boolean;

  constructor() {
    super();
    this.client = null;
    this.duration = 'default';
    this.noteDuration = 'default';
    this.noteText = null;
    this.failure = '';
    this.isOpen = false;
    this.hasSettings = false;
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    floatingStyles,
    css`
      :host {
        min-width: 0;
      }
      .own {
        display: flex;
        align-items: center;
        gap: 10px;
        max-width: 100%;
        min-height: 40px;
        padding: 4px 8px 4px 4px;
        border: 0;
        border-radius: var(--borderRadiusMedium);
        background: none;
        text-align: start;
      }
      .own:hover {
        background: var(--colorSubtleBackgroundHover);
      }
      .own .words {
        min-width: 0;
      }
      .own .words span {
        display: block;
      }
      [popover] {
        width: min(320px, calc(100vw - 16px));
        padding: 12px;
      }
      h2 {
        font-size: var(--fontSizeBase300);
        line-height: var(--lineHeightBase300);
        padding: 0 4px 8px;
      }
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
        min-width: 0;
      }
      .states label {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 32px;
        margin: 0;
        padding: 0 8px;
        border-radius: var(--borderRadiusMedium);
        color: var(--colorNeutralForeground1);
        font-size: var(--fontSizeBase300);
        cursor: pointer;
      }
      .states label:hover {
        background: var(--colorSubtleBackgroundHover);
      }
      .states input {
        position: absolute;
        opacity: 0;
      }
      .states label:has(input:focus-visible) {
        outline: 2px solid var(--colorStrokeFocus2);
        outline-offset: -2px;
      }
      .states .grow {
        flex: 1;
      }
      .states label:has(input:checked) {
        font-weight: var(--fontWeightSemibold);
        background: var(--colorSubtleBackgroundSelected);
      }
      .row {
        display: flex;
        gap: 8px;
        align-items: end;
        padding: 8px 4px 0;
      }
      .row > * {
        flex: 1;
        min-width: 0;
        margin: 0;
      }
      .row > .button {
        flex: none;
      }
      textarea.field {
        resize: vertical;
        min-height: 52px;
        display: block;
      }
      .section {
        margin-top: 12px;
        padding-top: 12px;
        border-top: 1px solid var(--colorNeutralStroke2);
      }
      .section > label {
        padding: 0 4px;
      }
      .preview {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 6px 10px;
        padding: 4px;
        align-items: start;
      }
      .preview presence-icon {
        margin-top: 2px;
      }
      .manual {
        padding: 4px 8px 0;
      }
      summary {
        padding: 0 4px;
        cursor: pointer;
      }
      details ul {
        list-style: none;
        padding: 8px 4px 0;
      }
      details li {
        padding: 4px 10px;
        border-inline-start: 2px solid var(--colorNeutralStroke2);
        color: var(--colorNeutralForeground2);
      }
      details li.decides {
        border-color: var(--colorBrandForeground1);
        color: var(--colorNeutralForeground1);
      }
      .settings {
        display: flex;
        align-items: center;
        gap: 8px;
        width: 100%;
        min-height: 32px;
        padding: 0 8px;
        border: 0;
        border-radius: var(--borderRadiusMedium);
        background: none;
        text-align: start;
      }
      .settings:hover {
        background: var(--colorSubtleBackgroundHover);
      }
      .failure {
        padding: 8px 4px 0;
        color: var(--colorStatusDangerForeground1);
      }
    `,
  ];

  get #surface(): HTMLElement | null {
    return this.renderRoot.querySelector('[popover]');
  }

  #toggle = (event: Event) => {
    const surface = this.#surface;
    const anchor = event.currentTarget as HTMLElement;
    surface?.togglePopover();
    if (!surface?.matches(':popover-open')) return;
    void this.client?.reloadOwn();
    void this.updateComplete.then(() => {
      placeBeside(surface, anchor.getBoundingClientRect());
      (
        surface.querySelector<HTMLElement>('input:checked') ?? surface.querySelector<HTMLElement>('input')
      )?.focus();
    });
  };

  #onToggle = (event: ToggleEvent) => {
    this.isOpen = event.newState === 'open';
    if (!this.isOpen) {
      this.failure = '';
      this.noteText = null;
    }
  };

  /** What not everybody needs on every day is loaded when it is first asked for. */
  #openSettings = async () => {
    this.failure = '';
    try {
      await import('../settings/settings-dialog.ts');
    } catch {
      this.failure = t('problem.unreachable');
      return;
    }
    this.hasSettings = true;
    await this.updateComplete;
    this.#surface?.hidePopover();
    await this.renderRoot.querySelector('jb-settings')?.open();
  };

  async #do(work: () => Promise<unknown>): Promise<void> {
    this.failure = '';
    try {
      await work();
    } catch (error) {
      this.failure = t('state.refused', { detail: formatFailure(error) });
    }
    await this.client?.reloadOwn();
  }

  #prefer(availability: PreferredAvailability, activity: Activity | null = null): void {
    const { client } = this;
    if (!client) return;
    const end = endOf(this.duration, Date.now());
    void this.#do(() =>
      client.api.prefer({
        availability,
        ...(activity === null ? {} : { activity }),
        ...(end === null ? {} : { expiresAt: new Date(end).toISOString() }),
      }),
    );
  }

  #chooseDuration(event: Event): void {
    this.duration = (event.target as HTMLSelectElement).value as Duration;
    const current = this.client?.state().own?.preferred;
    if (current) this.#prefer(current.availability, current.activity);
  }

  #saveNote(): void {
    const { client, noteText } = this;
    if (!client || noteText === null) return;
    const text = noteText.trim();
    const end = endOf(this.noteDuration, Date.now());
    void this.#do(async () => {
      if (text === '') await client.api.clearNote();
      else await client.api.setNote({ text, expiresAt: end === null ? null : new Date(end).toISOString() });
      this.noteText = null;
    });
  }

  override render() {
    const { client } = this;
    if (!client) return nothing;
    const state = client.state();
    const shown = client.shown(state.me.id);
    const sentence = stateSentence(shown);
    return html`<button
        class="own"
        aria-haspopup="dialog"
        aria-expanded=${this.isOpen}
        title=${stateTooltip(shown) || nothing}
        @click=${this.#toggle}
      >
        <jb-face .name=${state.me.displayName} .personId=${state.me.id} .shown=${shown}></jb-face>
        <span class="words"
          ><span class="one-line" dir="auto">${state.me.displayName}</span><span class="quiet one-line" dir="auto">${sentence}</span></span
        >
        <span class="hidden">${t('state.open')}</span>${symbol('chevronDown', 16)}
      </button>
      <div popover role="dialog" aria-label=${t('state.title')} @toggle=${this.#onToggle}>${this.isOpen ? this.#renderMenu(state.own) : nothing}</div>
      ${this.hasSettings ? html`<jb-settings .client=${client} @jb-closed=${() => this.renderRoot.querySelector<HTMLElement>('.own')?.focus()}></jb-settings>` : nothing}`;
  }

  /** The manual states, off work, and what the organisation defined, each behind the availability it belongs to. */
  #statesOf(own: OwnPresence | null): readonly State[] {
    const offered = own?.offered;
    return preferredAvailabilities
      .filter((availability) => availability !== 'offline' || offered?.appearOffline !== false)
      .flatMap((availability): State[] => {
        const label =
          availability === 'offline' ? t('state.appearOffline') : t(`availability.${availability}`);
        const custom = (offered?.activities ?? []).filter((one) => one.availability === availability);
        return [
          { availability, activity: null, label },
          ...(availability === 'away'
            ? [{ availability, activity: 'off-work' as const, label: t('state.offWork') }]
            : []),
          ...custom.map(({ id, label }) => ({ availability, activity: id, label })),
        ];
      });
  }

  #renderMenu(own: OwnPresence | null) {
    const chosen = own?.preferred?.availability ?? null;
    const states = this.#statesOf(own);
    const isChosen = (one: State) =>
      own?.preferred?.availability === one.availability && own.preferred.activity === one.activity;
    return html`
      <fieldset class="states">
        <legend class="hidden">${t('state.title')}</legend>
        ${states.map(
          (one) => html`<label>
            <input type="radio" name="state" .checked=${isChosen(one)} @change=${() => this.#prefer(one.availability, one.activity)} @click=${() => isChosen(one) && this.#prefer(one.availability, one.activity)} />
            <presence-icon size="16" label="" availability=${one.availability}></presence-icon>
            <span class="grow">${one.label}</span>
            ${isChosen(one) ? symbol('check', 16) : nothing}
          </label>`,
        )}
        <label>
          <input type="radio" name="state" .checked=${own !== null && chosen === null} @change=${() => this.#do(() => this.client?.api.resetPreferred() ?? Promise.resolve())} />
          ${symbol('clock', 16)}
          <span class="grow">${t('state.reset')}</span>
          ${own !== null && chosen === null ? symbol('check', 16) : nothing}
        </label>
      </fieldset>
      ${
        own?.preferred
          ? html`<p class="manual quiet">${own.preferred.expiresAt ? t('state.manualUntil', { time: formatUntil(Date.parse(own.preferred.expiresAt), Date.now()) }) : t('state.manual')}</p>`
          : html`<p class="manual quiet">${t('state.resetHint')}</p>`
      }
      <div class="row">
        <label>${t('state.duration')}
          <select class="field" @change=${(event: Event) => this.#chooseDuration(event)}>
            ${durations.map((one) => html`<option value=${one} ?selected=${one === this.duration}>${this.#durationName(one, chosen)}</option>`)}
          </select>
        </label>
      </div>
      ${this.#renderNote(own)} ${this.#renderPreview(own)} ${this.#renderWhy(own)}
      ${this.failure ? html`<p class="failure" role="alert">${this.failure}</p>` : nothing}
      <div class="section">
        <button class="settings" @click=${this.#openSettings}>${symbol('options')}${t('settings.title')}</button>
      </div>
      <slot></slot>
    `;
  }

  #durationName(duration: Duration, chosen: PreferredAvailability | null): string {
    switch (duration) {
      case 'default':
        return chosen && endsAfterADay.has(chosen) ? t('state.duration.day') : t('state.duration.default');
      case 'minutes-30':
        return t('state.duration.minutes', { count: 30 });
      case 'hours-1':
        return t('state.duration.hours', { count: 1 });
      case 'hours-2':
        return t('state.duration.hours', { count: 2 });
      case 'today':
        return t('state.duration.today');
    }
  }

  #renderNote(own: OwnPresence | null) {
    const stored = own?.note?.kind === 'personal' ? own.note : null;
    const text = this.noteText ?? stored?.text ?? '';
    const left = limits.noteCharacters - text.length;
    return html`<div class="section">
      <label for="note">${t('state.note')}</label>
      <textarea id="note" class="field" rows="2" dir="auto" maxlength=${limits.noteCharacters} placeholder=${t('state.note.placeholder')} .value=${text}
        @input=${(event: Event) => {
          this.noteText = (event.target as HTMLTextAreaElement).value;
        }}></textarea>
      ${left < 100 ? html`<p class="quiet manual">${t('state.note.left', { count: left })}</p>` : nothing}
      ${stored?.expiresAt && this.noteText === null ? html`<p class="quiet manual">${t('state.until', { time: formatUntil(Date.parse(stored.expiresAt), Date.now()) })}</p>` : nothing}
      ${
        this.noteText !== null && this.noteText !== (stored?.text ?? '')
          ? html`<div class="row">
              <label>${t('state.note.until')}
                <select class="field" @change=${(event: Event) => {
                  this.noteDuration = (event.target as HTMLSelectElement).value as Duration;
                }}>
                  ${durations.map((one) => html`<option value=${one} ?selected=${one === this.noteDuration}>${this.#durationName(one, null)}</option>`)}
                </select>
              </label>
              <button class="button primary" @click=${() => this.#saveNote()}>${t('action.save')}</button>
            </div>`
          : stored
            ? html`<p class="manual"><button class="link" @click=${() => this.#do(() => this.client?.api.clearNote() ?? Promise.resolve())}>${t('state.note.clear')}</button></p>`
            : nothing
      }
    </div>`;
  }

  /** Every live source, and which of them decided. */
  #renderWhy(own: OwnPresence | null) {
    if (!own || own.sources.length === 0) return nothing;
    return html`<details class="section">
      <summary>${t('card.sources')}</summary>
      <ul>
        ${own.sources.map(
          (source) => html`<li class=${source.decides ? 'decides' : ''} dir="auto">
            ${source.decides ? html`<span class="quiet">${t('card.decided')}</span><br />` : nothing}${source.why.text}
          </li>`,
        )}
      </ul>
    </details>`;
  }

  /** A colleague sees sentence and note; somebody external only the availability (aggregation PV2). */
  #renderPreview(own: OwnPresence | null) {
    if (!own) return nothing;
    const note = own.privacy.hideActivity ? null : own.note;
    return html`<div class="section">
      <h2>${t('state.preview')}</h2>
      <div class="preview">
        <presence-icon size="16" label="" availability=${own.availability} ?out-of-office=${own.outOfOffice !== null}></presence-icon>
        <div><span class="quiet">${t('state.preview.colleague')}</span><br />${own.privacy.hideActivity ? t(`availability.${own.availability}`) : own.text}${note ? html`<br /><span class="quiet" dir="auto">${note.text}</span>` : nothing}</div>
        <presence-icon size="16" label="" availability=${own.availability}></presence-icon>
        <div><span class="quiet">${t('state.preview.external')}</span><br />${t(`availability.${own.availability}`)}</div>
      </div>
    </div>`;
  }
}
if (!customElements.get('jb-state')) customElements.define('jb-state', StateMenu);
