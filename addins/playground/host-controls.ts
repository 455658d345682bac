/**
 * `<jb-play-controls>`: what the host does with the add-in's calls and which requirement sets it has. Shows
 * the last calls, so that one sees what a pane asks of Office and how seldom.
 */
import { css, html, LitElement } from 'lit';
import type { LoggedCall } from './host/frame.ts';
import type { Conditions } from './host/model.ts';
import { playStyle } from './style.ts';
import { w } from './words.ts';

const delays = [0, 300, 2_000] as const;
const shownCalls = 12;
type Outcome = LoggedCall['outcome'];
const outcomes = ['answered', 'refused', 'silent'] as const satisfies readonly Outcome[];

export class HostControls extends LitElement {
  static override properties = {
    conditions: { attribute: false },
    callNames: { attribute: false },
    sets: { attribute: false },
    calls: { attribute: false },
    themes: { attribute: false },
    theme: {},
    locales: { attribute: false },
    locale: {},
  };
  declare conditions: Conditions;
  declare callNames: readonly string[];
  declare sets: readonly string[];
  declare calls: readonly LoggedCall[];
  declare themes: readonly ('light' | 'dark' | 'contrast')[];
  declare theme: string;
  declare locales: readonly string[];
  declare locale: string;

  static override styles = [
    playStyle,
    css`
      :host {
        background: var(--colorNeutralBackground2);
        border-inline-start: 1px solid var(--colorNeutralStroke2);
        display: block;
        overflow-y: auto;
        padding: 12px 16px;
      }
      section {
        margin-top: 20px;
      }
      h3 {
        font-size: var(--fontSizeBase200);
        margin-bottom: 6px;
      }
      label {
        align-items: center;
        display: flex;
        gap: 8px;
        min-height: 28px;
      }
      .choice {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
      }
      .call {
        justify-content: space-between;
      }
      .call select {
        min-height: 26px;
      }
      ol {
        font-family: var(--fontFamilyMonospace);
        font-size: var(--fontSizeBase200);
        list-style: none;
        margin: 0;
        padding: 0;
      }
      .refused,
      .silent {
        color: var(--colorStatusDangerForeground1);
      }
    `,
  ];

  override render(): unknown {
    return html`<h2>${w('controls.title')}</h2>
      <section>
        <h3 id="theme">${w('controls.theme')}</h3>
        <div class="choice" role="radiogroup" aria-labelledby="theme">
          ${this.themes.map((theme) => this.#radio('theme', theme, w(`controls.theme.${theme}`), theme === this.theme))}
        </div>
      </section>
      <section>
        <h3 id="language">${w('controls.language')}</h3>
        <div class="choice" role="radiogroup" aria-labelledby="language">
          ${this.locales.map((locale) => this.#radio('locale', locale, locale, locale === this.locale))}
        </div>
      </section>
      <section>
        <h3 id="delay">${w('controls.delay')}</h3>
        <div class="choice" role="radiogroup" aria-labelledby="delay">
          ${delays.map((delay) =>
            this.#radio(
              'delay',
              String(delay),
              delay === 0 ? w('controls.delay.none') : w('controls.delay.ms', { count: delay }),
              delay === this.conditions.delayMs,
            ),
          )}
        </div>
      </section>
      <section>
        <h3>${w('controls.calls')}</h3>
        ${this.callNames.map(
          (name) => html`<label class="call"
            ><code>${name}</code>
            <select @change=${(event: Event) => this.#setOutcome(name, (event.target as HTMLSelectElement).value as Outcome)}>
              ${outcomes.map(
                (outcome) =>
                  html`<option value=${outcome} ?selected=${outcome === this.#outcomeOf(name)}>${w(`controls.${outcome}`)}</option>`,
              )}
            </select></label
          >`,
        )}
      </section>
      <section>
        <h3>${w('controls.sets')}</h3>
        ${this.sets.map(
          (set) => html`<label
            ><input
              type="checkbox"
              ?checked=${!this.conditions.missing.has(set)}
              @change=${(event: Event) => this.#setMissing(set, !(event.target as HTMLInputElement).checked)}
            /><code>${set}</code></label
          >`,
        )}
        <div class="secondary">${w('controls.setsHint')}</div>
      </section>
      <section>
        <h3>${w('controls.log')}</h3>
        ${
          this.calls.length === 0
            ? html`<div class="secondary">${w('controls.logEmpty')}</div>`
            : html`<ol>
              ${this.calls.slice(-shownCalls).map((call) => html`<li class=${call.outcome}>${call.name}</li>`)}
            </ol>`
        }
      </section>`;
  }

  #radio(name: string, value: string, label: string, checked: boolean): unknown {
    return html`<label
      ><input
        type="radio"
        name=${name}
        value=${value}
        .checked=${checked}
        @change=${() => this.#choose(name, value)}
      />${label}</label
    >`;
  }

  #choose(name: string, value: string): void {
    if (name === 'delay') {
      this.conditions.delayMs = Number(value);
      this.requestUpdate();
    } else this.dispatchEvent(new CustomEvent(name, { detail: value }));
  }

  #outcomeOf(name: string): Outcome {
    if (this.conditions.silent.has(name)) return 'silent';
    return this.conditions.failing.has(name) ? 'refused' : 'answered';
  }

  #setOutcome(name: string, outcome: Outcome): void {
    const { failing, silent } = this.conditions;
    failing.delete(name);
    silent.delete(name);
    if (outcome === 'refused') failing.add(name);
    if (outcome === 'silent') silent.add(name);
  }

  #setMissing(set: string, isMissing: boolean): void {
    if (isMissing) this.conditions.missing.add(set);
    else this.conditions.missing.delete(set);
  }
}

customElements.define('jb-play-controls', HostControls);
