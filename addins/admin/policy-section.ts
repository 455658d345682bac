/**
 * `<jb-policy>`: what the administrator decides about presence for everybody: thresholds, what is shown, who is
 * watched, and the organisation's own activities in every language. Reads and writes through what it is given;
 * the server judges, and says in words what it refuses.
 */
import { css, html, LitElement, nothing } from 'lit';
import type { Policy } from '../../server/protocol/policy.ts';
import { type Language, languages, privacyModes } from '../../server/protocol/vocabulary.ts';
import { formatFailure } from '../shared/client/problem.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../shared/ui/styles.ts';
import { w } from './words.ts';

type CustomActivity = Policy['presence']['activities'][number];
/** A row as it is being edited: a new one has no name yet. */
interface Row {
  readonly id: string;
  readonly availability: CustomActivity['availability'];
  readonly labels: { readonly [One in Language]?: string | undefined };
}

/** As many as the server takes, and the availabilities beside which one may stand (server/protocol/policy.ts). */
const activitiesMost = 16;
const availabilities = [
  'available',
  'busy',
  'do-not-disturb',
  'be-right-back',
  'away',
] as const satisfies readonly CustomActivity['availability'][];

export interface PolicyCalls {
  get(): Promise<Policy>;
  put(policy: Partial<Policy>): Promise<Policy>;
}

export class PolicySection extends LitElement {
  static override properties = {
    calls: { attribute: false },
    policy: { state: true },
    rows: { state: true },
    failure: { state: true },
    saved: { state: true },
  };
  declare calls: PolicyCalls | null;
  declare policy: Policy | null;
  declare rows: readonly Row[];
  declare failure: string;
  declare saved: string;

  constructor() {
    super();
    this.calls = null;
    this.policy = null;
    this.rows = [];
    this.failure = '';
    this.saved = '';
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      h2 {
        font-size: var(--fontSizeBase400);
        line-height: var(--lineHeightBase400);
      }
      fieldset {
        border: 0;
        margin: 0 0 16px;
        padding: 0;
        min-width: 0;
      }
      legend {
        padding: 8px 0 4px;
        font-weight: var(--fontWeightSemibold);
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: end;
      }
      .line label {
        flex: 1 1 150px;
        max-width: 300px;
        margin: 0;
      }
      .choice {
        display: flex;
        gap: 8px;
        align-items: center;
        min-height: 32px;
        margin: 0;
        font-size: var(--fontSizeBase300);
        line-height: var(--lineHeightBase300);
        color: var(--colorNeutralForeground1);
      }
      .choice input {
        flex: none;
      }
      .activity {
        padding: 8px 0 12px;
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      .line + .line,
      .line + p,
      .actions {
        margin-top: 8px;
      }
      .failure {
        color: var(--colorStatusDangerForeground1);
        overflow-wrap: anywhere;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.#do(() => this.calls?.get(), ''));
  }

  async #do(work: () => Promise<Policy> | undefined, done: string): Promise<void> {
    this.failure = '';
    this.saved = '';
    try {
      const policy = await work();
      if (policy === undefined) return;
      this.policy = policy;
      this.rows = policy.presence.activities;
      this.saved = done;
    } catch (error) {
      this.failure = formatFailure(error);
    }
  }

  #save(event: SubmitEvent): void {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const number = (name: string) => Number(given.get(name));
    const numberOrNull = (name: string) => (given.get(name) === '' ? null : number(name));
    const activities = this.rows.map(({ id, availability, labels }) => ({
      id: `x-${id.replace(/^x-/, '').trim()}`,
      availability,
      // An empty label is none: English stands in for it.
      labels: Object.fromEntries(Object.entries(labels).filter(([, label]) => label?.trim())),
    })) as CustomActivity[];
    const { policy } = this;
    if (!policy) return;
    void this.#do(
      () =>
        this.calls?.put({
          presence: {
            idleAfterSeconds: Math.round(number('idle') * 60),
            awayAfterSeconds: Math.round(number('away') * 60),
            appearOffline: given.has('appearOffline'),
            coarse: given.has('coarse'),
            showLastActive: given.has('showLastActive'),
            showMeetingSubject: given.has('showMeetingSubject'),
            activities,
          },
          privacy: { mode: given.get('mode') as Policy['privacy']['mode'] },
          contacts: { teamGroup: given.has('teamGroup') },
          watching: {
            people: numberOrNull('people'),
            strangersPerHour: numberOrNull('strangers'),
            grants: policy.watching.grants,
          },
        }),
      w('policy.saved'),
    );
  }

  #edit(at: number, change: Partial<Row>): void {
    this.rows = this.rows.map((row, index) => (index === at ? { ...row, ...change } : row));
  }

  override render() {
    const { policy } = this;
    return html`<h2 id="policy">${w('policy.title')}</h2>
      <p class="quiet">${w('policy.lead')}</p>
      ${policy ? this.#renderForm(policy) : nothing}
      <p role="status">${this.saved}</p>
      ${this.failure ? html`<p class="failure" role="alert">${this.failure}</p>` : nothing}`;
  }

  #renderForm({ presence, privacy, contacts, watching }: Policy) {
    const box = (
      name: 'appearOffline' | 'coarse' | 'showLastActive' | 'showMeetingSubject' | 'teamGroup',
      isOn: boolean,
    ) =>
      html`<label class="choice"><input type="checkbox" name=${name} .checked=${isOn} />${w(`policy.${name}`)}</label>`;
    return html`<form aria-labelledby="policy" @submit=${(event: SubmitEvent) => this.#save(event)}>
      <fieldset>
        <legend>${w('policy.presence')}</legend>
        <div class="line">
          <label>${w('policy.idle')}<input class="field" type="number" name="idle" required min="1" max="60" step="any" .value=${String(presence.idleAfterSeconds / 60)} /></label>
          <label>${w('policy.away')}<input class="field" type="number" name="away" required min="2" max="240" step="any" .value=${String(presence.awayAfterSeconds / 60)} /></label>
        </div>
        ${box('appearOffline', presence.appearOffline)}${box('showLastActive', presence.showLastActive)}
        ${box('showMeetingSubject', presence.showMeetingSubject)}${box('coarse', presence.coarse)}
      </fieldset>
      <fieldset>
        <legend>${w('policy.people')}</legend>
        <div class="line">
          <label
            >${w('policy.mode')}<select class="field" name="mode">
              ${privacyModes.map((mode) => html`<option value=${mode} ?selected=${mode === privacy.mode}>${w(`policy.mode.${mode}`)}</option>`)}
            </select></label
          >
          <label>${w('policy.watch')}<input class="field" type="number" name="people" min="0" max="5000" .value=${String(watching.people ?? '')} /></label>
          <label>${w('policy.strangers')}<input class="field" type="number" name="strangers" min="0" max="1000000" .value=${String(watching.strangersPerHour ?? '')} /></label>
        </div>
        <p class="quiet">${w('policy.empty')}</p>
        ${box('teamGroup', contacts.teamGroup)}
      </fieldset>
      <fieldset>
        <legend>${w('policy.activities')}</legend>
        <p class="quiet">${w('policy.activities.hint')}</p>
        ${this.rows.map((row, at) => this.#renderRow(row, at))}
        <div class="actions">
          <button
            type="button"
            class="button"
            ?disabled=${this.rows.length >= activitiesMost}
            @click=${() => {
              this.rows = [...this.rows, { id: '', availability: 'busy', labels: {} }];
            }}
          >
            ${w('policy.activities.add')}
          </button>
        </div>
      </fieldset>
      <button class="button primary">${w('policy.save')}</button>
    </form>`;
  }

  #renderRow({ id, availability, labels }: Row, at: number) {
    const names = new Intl.DisplayNames(document.documentElement.lang || 'en', { type: 'language' });
    return html`<div class="activity" role="group" aria-label=${labels.en ?? ''}>
      <div class="line">
        <label
          >${w('policy.activities.id')}<input
            class="field"
            required
            pattern="[a-z0-9\\-]{1,40}"
            title="a-z, 0-9, -"
            .value=${id.replace(/^x-/, '')}
            @input=${(event: Event) => this.#edit(at, { id: (event.target as HTMLInputElement).value })}
        /></label>
        <label
          >${w('policy.activities.beside')}<select
            class="field"
            @change=${(event: Event) =>
              this.#edit(at, {
                availability: (event.target as HTMLSelectElement).value as Row['availability'],
              })}
          >
            ${availabilities.map((one) => html`<option value=${one} ?selected=${one === availability}>${w(`policy.availability.${one}`)}</option>`)}
          </select></label
        >
        <button type="button" class="button" @click=${() => {
          this.rows = this.rows.filter((_row, index) => index !== at);
        }}>${w('policy.activities.remove')}</button>
      </div>
      <div class="line">
        ${languages.map(
          (language) =>
            html`<label
              >${names.of(language)}<input
                class="field"
                lang=${language}
                maxlength="64"
                ?required=${language === 'en'}
                .value=${labels[language] ?? ''}
                @input=${(event: Event) => this.#edit(at, { labels: { ...labels, [language]: (event.target as HTMLInputElement).value } })}
            /></label>`,
        )}
      </div>
    </div>`;
  }
}
customElements.define('jb-policy', PolicySection);
