/** `<jb-set-calendar>`: where one's calendar is read from, what Microsoft 365 may say, and one's working hours. */
import { html, nothing } from 'lit';
import type { CalendarAnswer, CalendarInput, WorkingHours } from '../../../server/protocol/calendar.ts';
import type { Connections, ConnectionsInput } from '../../../server/protocol/connections.ts';
import { formatWhen } from '../i18n/format.ts';
import { currentLocale } from '../i18n/i18n.ts';
import { SettingsSection } from './section.ts';
import { settingsCalls } from './settings-calls.ts';
import { w } from './words.ts';

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
/** A Monday, to ask the language for the names of the days. */
const someMonday = Date.UTC(2024, 0, 1);
const dayMs = 86_400_000;

export class CalendarSection extends SettingsSection {
  static override properties = {
    ...SettingsSection.properties,
    calendar: { state: true },
    connections: { state: true },
  };
  declare calendar: CalendarAnswer | null;
  declare connections: Connections | null;

  constructor() {
    super();
    this.calendar = null;
    this.connections = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }
  async #load(): Promise<void> {
    await this.updateComplete;
    const { client } = this;
    if (!client) return;
    const calls = settingsCalls(client);
    await this.attempt(async () => {
      [this.calendar, this.connections] = await Promise.all([calls.calendar(), calls.connections()]);
    }, '');
  }

  #put(input: CalendarInput, done?: string): Promise<boolean> {
    const { client } = this;
    if (!client) return Promise.resolve(false);
    return this.attempt(async () => {
      this.calendar = await settingsCalls(client).putCalendar(input);
      await client.reloadOwn();
    }, done);
  }

  #putConnections(input: ConnectionsInput): Promise<boolean> {
    const { client } = this;
    if (!client) return Promise.resolve(false);
    return this.attempt(async () => {
      this.connections = await settingsCalls(client).putConnections(input);
      await client.reloadOwn();
    });
  }

  override render() {
    const { calendar } = this;
    return html`${calendar ? html`${this.#renderSource(calendar)}${this.#renderConnections()}${this.#renderHours(calendar.workingHours)}` : nothing}
      ${this.isWorking ? html`<p class="quiet" role="status">${w('calendar.reading')}</p>` : nothing}
      ${this.renderOutcome()}`;
  }

  #renderSource(calendar: CalendarAnswer) {
    const readAt = calendar.lastReadAt;
    return html`<div class="part">
      <h3>${w('calendar.source')}</h3>
      <p class="quiet">${w('calendar.hint')}</p>
      <form
        class="row"
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          const url = String(new FormData(event.target as HTMLFormElement).get('url') ?? '').trim();
          if (url !== '') void this.#put({ url, enabled: true }, '');
        }}
      >
        <label
          >${w('calendar.address')}<input
            class="field"
            name="url"
            type="url"
            required
            dir="ltr"
            placeholder="https://…/calendar.ics"
            .value=${calendar.url ?? ''}
        /></label>
        <button class="button" ?disabled=${this.isWorking}>${w('calendar.read')}</button>
      </form>
      <div class="row">
        <label class="button file"
          >${w('calendar.file')}<input
            type="file"
            accept=".ics,.ifb,text/calendar"
            @change=${async (event: Event) => {
              const input = event.target as HTMLInputElement;
              const text = await input.files?.[0]?.text();
              input.value = '';
              if (text) await this.#put({ text, enabled: true }, '');
            }}
        /></label>
        ${
          calendar.source
            ? html`<button
                class="button"
                ?disabled=${this.isWorking}
                @click=${() => this.#put({ url: null, text: null }, '')}
              >
                ${w('calendar.forget')}
              </button>`
            : nothing
        }
      </div>
      <p class="quiet" role="status">
        ${
          calendar.source === null
            ? w('calendar.none')
            : [
                calendar.source === 'text' ? w('calendar.fromFile') : '',
                readAt
                  ? w('calendar.readAt', { time: formatWhen(Date.parse(readAt), Date.now()) })
                  : w('calendar.never'),
              ].join(' ')
        }
      </p>
      ${calendar.problem ? html`<p class="failure" role="alert">${w('calendar.problem', { detail: calendar.problem.detail })}</p>` : nothing}
      ${
        calendar.source
          ? html`<label class="choice"
              ><input
                type="checkbox"
                .checked=${calendar.enabled}
                ?disabled=${this.isWorking}
                @change=${(event: Event) => this.#put({ enabled: (event.target as HTMLInputElement).checked })}
              />${w('calendar.enabled')}</label
            >`
          : nothing
      }
    </div>`;
  }

  /** What this server reads in Microsoft 365, each with its switch; nothing where it reads nothing there. */
  #renderConnections() {
    const { connections } = this;
    if (connections === null) return nothing;
    const shown = (['exchange', 'teams'] as const).filter((name) => connections[name] !== null);
    if (shown.length === 0) return nothing;
    return html`<div class="part">
      <h3>Microsoft 365</h3>
      ${shown.map(
        (name) =>
          html`<label class="choice"
            ><input
              type="checkbox"
              name=${name}
              .checked=${connections[name] === true}
              ?disabled=${this.isWorking}
              @change=${(event: Event) =>
                this.#putConnections({ [name]: (event.target as HTMLInputElement).checked })}
            />${w(`connections.${name}`)}</label
          >${
            name === 'exchange' && connections.exchangeState !== undefined
              ? html`<p class="failure" role="status">${w(`connections.exchange.${connections.exchangeState}`)}</p>`
              : nothing
          }`,
      )}
    </div>`;
  }

  #renderHours(hours: WorkingHours | null) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const zone = hours?.timeZone ?? own;
    const zones = [...new Set([zone, own, ...Intl.supportedValuesOf('timeZone')])].sort();
    const chosen: readonly string[] = hours?.days ?? days.slice(0, 5);
    const name = new Intl.DateTimeFormat(currentLocale(), { weekday: 'short', timeZone: 'UTC' });
    return html`<form class="part" @submit=${(event: SubmitEvent) => this.#saveHours(event)}>
      <h3>${w('hours.title')}</h3>
      <fieldset class="row tight">
        <legend class="hidden">${w('hours.days')}</legend>
        ${days.map(
          (day, at) =>
            html`<label class="choice day"
              ><input type="checkbox" name="day" value=${day} .checked=${chosen.includes(day)} />${name.format(someMonday + at * dayMs)}</label
            >`,
        )}
      </fieldset>
      <div class="row">
        <label>${w('hours.from')}<input class="field" type="time" name="from" required .value=${hours?.from ?? '09:00'} /></label>
        <label>${w('hours.to')}<input class="field" type="time" name="to" required .value=${hours?.to ?? '17:00'} /></label>
      </div>
      <div class="row">
        <label
          >${w('hours.zone')}<select class="field" name="zone">
            ${zones.map((one) => html`<option value=${one} ?selected=${one === zone}>${one.replaceAll('_', ' ')}</option>`)}
          </select></label
        >
      </div>
      <div class="row">
        <button class="button primary" ?disabled=${this.isWorking}>${w('hours.save')}</button>
        ${
          hours
            ? html`<button type="button" class="button" ?disabled=${this.isWorking} @click=${() => this.#put({ workingHours: null })}>${w('hours.remove')}</button>`
            : nothing
        }
      </div>
    </form>`;
  }

  #saveHours(event: SubmitEvent): void {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    void this.#put({
      workingHours: {
        days: given.getAll('day') as WorkingHours['days'],
        from: String(given.get('from')),
        to: String(given.get('to')),
        timeZone: String(given.get('zone')),
      },
    });
  }
}
if (!customElements.get('jb-set-calendar')) customElements.define('jb-set-calendar', CalendarSection);
