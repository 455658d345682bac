/**
 * `<jb-meeting-times>`: who of the people of an appointment is free at its time. Asks for each calendar once a
 * minute at most, so that moving the time answers at once; who cannot be judged is shown as unknown.
 */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { FreeBusy } from '../../server/protocol/calendar.ts';
import type { Api } from '../shared/client/api.ts';
import { formatUntil } from '../shared/i18n/format.ts';
import { t } from '../shared/i18n/i18n.ts';
import type { ItemRow } from '../shared/item-rows.ts';
import { baseStyles } from '../shared/ui/styles.ts';
import { symbol } from '../shared/ui/symbol.ts';
import { type Fit, fitOf, fits } from './meeting-fit.ts';
import { w } from './words.ts';

await w.load();

const keptMs = 60_000;
/** Calendars of a large meeting are one request each; nobody compares more by eye. */
const peopleLimit = 60;

export class MeetingTimes extends LitElement {
  static override properties = {
    api: { attribute: false },
    time: { attribute: false },
    rows: { attribute: false },
  };
  declare api: Pick<Api, 'freeBusy'> | null;
  declare time: { readonly startsAt: string; readonly endsAt: string } | null;
  declare rows: readonly ItemRow[];
  readonly #known = new Map<string, { readonly at: number; readonly calendar: FreeBusy | null }>();
  readonly #asked = new Set<string>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.api = null;
    this.time = null;
    this.rows = [];
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        padding: 12px 8px 4px;
      }
      h2 {
        font-size: var(--fontSizeBase300);
        font-weight: var(--fontWeightSemibold);
      }
      ul {
        list-style: none;
      }
      li {
        display: flex;
        align-items: start;
        gap: 8px;
        padding: 4px 0;
      }
      .names {
        color: var(--colorNeutralForeground2);
        flex: 1;
        min-width: 0;
      }
      .fit {
        flex: none;
        display: inline-flex;
        align-items: center;
        gap: 4px;
        width: 42%;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), keptMs);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const { api } = this;
    if (api === null) return;
    const now = Date.now();
    for (const { person } of this.rows.filter((row) => row.person !== null).slice(0, peopleLimit)) {
      if (person === null || this.#asked.has(person.id)) continue;
      const known = this.#known.get(person.id);
      if (known !== undefined && now - known.at < keptMs) continue;
      this.#asked.add(person.id);
      void api
        .freeBusy(person.id)
        .catch(() => null)
        .then((calendar) => {
          this.#asked.delete(person.id);
          this.#known.set(person.id, { at: Date.now(), calendar });
          this.requestUpdate();
        });
    }
  }

  protected override render() {
    const { time } = this;
    const everybody = this.rows.flatMap(({ person }) => (person === null ? [] : [person]));
    const people = everybody.slice(0, peopleLimit);
    if (time === null || people.length === 0) return nothing;
    const now = Date.now();
    const groups = new Map<Fit, string[]>(fits.map((fit) => [fit, []]));
    for (const { id, displayName } of people) {
      const calendar = this.#known.get(id)?.calendar ?? null;
      groups.get(calendar === null ? 'unknown' : fitOf(calendar, time, now))?.push(displayName);
    }
    const when = formatUntil(Date.parse(time.startsAt), now);
    return html`<section aria-labelledby="times">
      <h2 id="times">${w('times.title', { time: when })}</h2>
      <ul>
        ${fits.map((fit) => {
          const names = groups.get(fit) ?? [];
          return names.length === 0
            ? nothing
            : html`<li data-fit=${fit}>
                <span class="fit">${symbol(fit === 'free' ? 'check' : fit === 'unknown' ? 'info' : 'clock', 16)}${w(`times.${fit}`)}</span>
                <span class="names">${names.map((name, index) => html`${index > 0 ? ', ' : ''}<bdi>${name}</bdi>`)}</span>
              </li>`;
        })}
      </ul>
      ${everybody.length > people.length ? html`<p class="quiet">${t('pane.more', { count: everybody.length - people.length })}</p>` : nothing}
    </section>`;
  }
}

if (!customElements.get('jb-meeting-times')) customElements.define('jb-meeting-times', MeetingTimes);
declare global {
  interface HTMLElementTagNameMap {
    'jb-meeting-times': MeetingTimes;
  }
}
