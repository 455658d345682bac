/**
 * `<jb-keeping>`: how long messages, records and the audit log are kept, what is archived, and the legal holds that
 * win over both. Reads and writes through what it is given; the server judges, and says in words what it refuses.
 */
import { css, html, LitElement, nothing } from 'lit';
import type { Hold, RetentionPolicy } from '../../server/protocol/records.ts';
import { formatFailure } from '../shared/client/problem.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../shared/ui/styles.ts';
import { w } from './words.ts';

export interface KeepingCalls {
  policy(): Promise<RetentionPolicy>;
  setPolicy(policy: RetentionPolicy): Promise<RetentionPolicy>;
  holds(): Promise<readonly Hold[]>;
  /** Holds all that the person at this address has taken part in. */
  hold(address: string, reason: string): Promise<unknown>;
  release(id: string): Promise<unknown>;
  nameOf(personId: string): Promise<string>;
  formatTime(instant: string): string;
}

export class KeepingSection extends LitElement {
  static override properties = {
    calls: { attribute: false },
    policy: { state: true },
    holds: { state: true },
    failure: { state: true },
    done: { state: true },
  };
  declare calls: KeepingCalls;
  declare policy: RetentionPolicy | null;
  declare holds: readonly (Hold & { readonly name: string })[];
  declare failure: string;
  declare done: string;

  constructor() {
    super();
    this.policy = null;
    this.holds = [];
    this.failure = '';
    this.done = '';
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
      h3 {
        padding: 20px 0 4px;
        font-size: var(--fontSizeBase300);
        line-height: var(--lineHeightBase300);
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: end;
        margin: 8px 0;
      }
      .line label {
        flex: 1 1 200px;
        max-width: 300px;
        margin: 0;
      }
      ul {
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        align-items: center;
        padding: 8px 0;
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      li div {
        flex: 1 1 200px;
        overflow-wrap: anywhere;
      }
      .failure {
        color: var(--colorStatusDangerForeground1);
        overflow-wrap: anywhere;
      }
    `,
  ];

  override firstUpdated(): void {
    void this.#do('', async () => {
      this.policy = await this.calls.policy();
      await this.#loadHolds();
    });
  }

  async #loadHolds(): Promise<void> {
    const holds = await this.calls.holds();
    this.holds = await Promise.all(
      holds.map(async (hold) => ({
        ...hold,
        name: hold.personId === null ? w('holds.conversation') : await this.calls.nameOf(hold.personId),
      })),
    );
  }

  async #do(done: string, work: () => Promise<unknown>): Promise<boolean> {
    this.failure = '';
    this.done = '';
    try {
      await work();
      this.done = done;
      return true;
    } catch (error) {
      this.failure = w('failed', { why: formatFailure(error) });
      return false;
    }
  }

  #savePolicy(event: SubmitEvent): void {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const days = (name: string) => Number(given.get(name));
    void this.#do(w('retention.saved'), async () => {
      this.policy = await this.calls.setPolicy({
        messageDays: given.get('messageDays') === '' ? null : days('messageDays'),
        cdrDays: days('cdrDays'),
        auditDays: days('auditDays'),
        archive: given.get('archive') as RetentionPolicy['archive'],
      });
    });
  }

  async #hold(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const held = await this.#do(w('holds.set'), async () => {
      await this.calls.hold(String(given.get('address')).trim(), String(given.get('reason')).trim());
      await this.#loadHolds();
    });
    if (held) form.reset();
  }

  override render() {
    const { policy } = this;
    return html`<h2 id="kept">${w('retention.title')}</h2>
      ${policy === null ? nothing : this.#renderPolicy(policy)}
      <h3>${w('holds.title')}</h3>
      <p class="quiet">${w('holds.lead')}</p>
      ${this.holds.length === 0 ? html`<p>${w('holds.none')}</p>` : this.#renderHolds()}
      <form class="line" aria-label=${w('holds.title')} @submit=${(event: SubmitEvent) => this.#hold(event)}>
        <label>${w('holds.address')}<input class="field" type="email" name="address" required autocomplete="off" spellcheck="false" /></label>
        <label>${w('holds.reason')}<input class="field" name="reason" required maxlength="500" autocomplete="off" /></label>
        <button class="button">${w('holds.hold')}</button>
      </form>
      <p role="status">${this.done}</p>
      ${this.failure ? html`<p class="failure" role="alert">${this.failure}</p>` : nothing}`;
  }

  #renderPolicy({ messageDays, cdrDays, auditDays, archive }: RetentionPolicy) {
    const days = (name: string, words: string, value: number | null) =>
      html`<label
        >${words}<input class="field" type="number" name=${name} min="1" max="36500" ?required=${name !== 'messageDays'} .value=${String(value ?? '')}
      /></label>`;
    return html`<form aria-labelledby="kept" @submit=${(event: SubmitEvent) => this.#savePolicy(event)}>
      <div class="line">
        ${days('messageDays', w('retention.messageDays'), messageDays)}
        ${days('cdrDays', w('retention.cdrDays'), cdrDays)}
        ${days('auditDays', w('retention.auditDays'), auditDays)}
        <label
          >${w('retention.archive')}<select class="field" name="archive">
            ${(['off', 'everyone'] as const).map((one) => html`<option value=${one} ?selected=${one === archive}>${w(`retention.archive.${one}`)}</option>`)}
          </select></label
        >
      </div>
      <p class="quiet">${w('retention.lead')}</p>
      <div class="line"><button class="button primary">${w('policy.save')}</button></div>
    </form>`;
  }

  #renderHolds() {
    return html`<ul aria-label=${w('holds.title')}>
      ${this.holds.map(
        ({ id, name, reason, createdAt }) => html`<li>
          <div>
            <b>${name}</b>: ${reason}
            <div class="quiet">${w('holds.since', { time: this.calls.formatTime(createdAt) })}</div>
          </div>
          <button
            class="button"
            aria-label="${w('holds.release')}: ${name}"
            @click=${() =>
              this.#do(w('holds.released'), async () => {
                await this.calls.release(id);
                await this.#loadHolds();
              })}
          >
            ${w('holds.release')}
          </button>
        </li>`,
      )}
    </ul>`;
  }
}
customElements.define('jb-keeping', KeepingSection);
