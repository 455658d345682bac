/**
 * `<jb-card>`: who somebody is, what they do now and why, and the best way to reach them. Fed by a client and a
 * person's id. Events: `jb-chat`, `jb-chat-with` are left to the owner; contacts and alerts it changes itself.
 */
import './face.ts';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { FreeBusy } from '../../../server/protocol/calendar.ts';
import type { Contact, Person } from '../../../server/protocol/contacts.ts';
import {
  type Channel,
  limits,
  type Relationship,
  relationships,
} from '../../../server/protocol/vocabulary.ts';
import type { Client } from '../client/client.ts';
import type { Shown } from '../client/presence-store.ts';
import { formatFailure } from '../client/problem.ts';
import { formatAgo, formatNames, formatTime, formatUntil } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import { stateSentence, stateTooltip } from './person-text.ts';
import { baseStyles, buttonStyles, fieldStyles } from './styles.ts';
import { type SymbolName, symbol } from './symbol.ts';

const channelSymbols = { im: 'chat', call: 'call', email: 'mail' } as const satisfies Record<
  Channel,
  SymbolName
>;
const channelWords = { im: 'card.chat', call: 'card.call', email: 'card.email' } as const satisfies Record<
  Channel,
  string
>;

/** True where somebody's clock shows another time than the reader's; a zone that is not known here does not. */
function hasOtherClock(timeZone: string | null): boolean {
  try {
    const now = Date.now();
    return timeZone !== null && formatTime(now, timeZone) !== formatTime(now);
  } catch {
    return false;
  }
}

export class ContactCard extends LitElement {
  static override properties = {
    client: { attribute: false },
    personId: {},
    showsWhy: { state: true },
    failure: { state: true },
    freeBusy: { state: true },
  };
  declare client: Client | null;
  declare personId: string;
  declare showsWhy: boolean;
  declare failure: string;
  /** When they work and are busy, once somebody asks why. */
  declare freeBusy: FreeBusy | null;

  constructor() {
    super();
    this.client = null;
    this.personId = '';
    this.showsWhy = false;
    this.failure = '';
    this.freeBusy = null;
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      :host {
        padding: 16px;
      }
      .head {
        display: flex;
        gap: 16px;
        align-items: center;
      }
      .names {
        min-width: 0;
        flex: 1;
      }
      h2 {
        font-size: var(--fontSizeBase500);
        line-height: var(--lineHeightBase500);
        font-weight: var(--fontWeightSemibold);
        overflow-wrap: anywhere;
      }
      .state {
        margin-top: 16px;
        display: flex;
        gap: 8px;
        align-items: flex-start;
      }
      .state presence-icon {
        margin-top: 2px;
      }
      .state div {
        flex: 1;
        min-width: 0;
      }
      .why {
        margin: 8px 0 0 24px;
        padding: 8px 10px;
        border-inline-start: 2px solid var(--colorNeutralStroke2);
      }
      .note {
        margin-top: 12px;
        padding: 8px 12px;
        border-radius: var(--borderRadiusMedium);
        background: var(--colorNeutralBackground3);
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      .reach {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 16px;
      }
      .reach .button {
        /* A word that does not fit takes the next line whole: cut in two it is no label. */
        flex: 1 1 80px;
        white-space: nowrap;
      }
      dl {
        margin: 16px 0 0;
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 8px 10px;
        align-items: center;
        color: var(--colorNeutralForeground2);
      }
      dt {
        display: grid;
      }
      dd {
        margin: 0;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      dd a {
        color: var(--colorBrandForegroundLink);
        text-decoration: none;
      }
      dd a:hover {
        text-decoration: underline;
      }
      .more {
        margin-top: 16px;
        padding-top: 12px;
        border-top: 1px solid var(--colorNeutralStroke2);
        display: grid;
        gap: 8px;
        justify-items: start;
      }
      .more .link {
        display: inline-flex;
        gap: 8px;
        align-items: center;
        min-height: 28px;
      }
      .more label,
      .more select {
        width: 100%;
      }
      details {
        width: 100%;
      }
      summary {
        min-height: 28px;
        cursor: pointer;
        color: var(--colorNeutralForeground2);
      }
      .more .choice {
        display: flex;
        gap: 8px;
        align-items: center;
        min-height: 28px;
        margin: 0;
        color: var(--colorNeutralForeground1);
        font-size: var(--fontSizeBase300);
      }
      form {
        display: flex;
        gap: 8px;
        padding-top: 4px;
      }
      .failure {
        color: var(--colorStatusDangerForeground1);
      }
      .badge {
        display: inline-block;
        padding: 0 6px;
        border: 1px solid var(--colorNeutralStroke1);
        border-radius: var(--borderRadiusCircular);
        font-size: var(--fontSizeBase200);
        line-height: 18px;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('personId') && !changed.has('client')) return;
    this.showsWhy = false;
    this.freeBusy = null;
    this.failure = '';
    this.client?.watch(this, this.personId ? [this.personId] : []);
    if (this.personId) void this.client?.needPerson(this.personId);
  }

  async #do(work: () => Promise<unknown>): Promise<void> {
    this.failure = '';
    try {
      await work();
      await this.client?.reloadContacts();
    } catch (error) {
      this.failure = t('state.refused', { detail: formatFailure(error) });
    }
  }

  override render() {
    const { client } = this;
    if (!client || !this.personId) return nothing;
    const state = client.state();
    const person = state.people.get(this.personId);
    const shown = client.shown(this.personId);
    const name =
      person?.displayName ??
      state.contacts.find((one) => one.person.id === this.personId)?.person.displayName;
    if (!name) return html`<div class="quiet" role="status">…</div>`;
    const contact = state.contacts.find((one) => one.person.id === this.personId);
    const isMe = this.personId === state.me.id;
    return html`<article aria-label=${t('card.of', { name })}>
      <div class="head">
        <jb-face size="64" .name=${name} .personId=${this.personId} .shown=${shown}></jb-face>
        <div class="names">
          <h2 dir="auto">${name}</h2>
          ${person?.title ? html`<p class="quiet" dir="auto">${person.title}</p>` : nothing}
          ${person?.department ? html`<p class="quiet" dir="auto">${person.department}</p>` : nothing}
          ${person?.external ? html`<span class="badge">${t('person.external')}</span>` : nothing}
        </div>
      </div>
      ${this.#renderState(shown)} ${this.#renderNote(shown)}
      ${isMe ? nothing : this.#renderReach(shown, person)} ${this.#renderDetails(person)}
      ${isMe || !person ? nothing : this.#renderRelation(person, contact, shown)}
      ${this.failure ? html`<p class="failure" role="alert">${this.failure}</p>` : nothing}
    </article>`;
  }

  #renderState(shown: Shown) {
    const now = Date.now();
    const { view } = shown;
    const isKnown = shown.freshness !== 'unknown' && view !== null;
    return html`<div class="state">
        <presence-icon size="16" label="" availability=${shown.availability} ?stale=${shown.freshness === 'stale'} ?out-of-office=${isKnown && view.outOfOffice !== null}></presence-icon>
        <div>
          <span title=${stateTooltip(shown) || nothing} dir="auto">${stateSentence(shown)}</span>
          ${
            isKnown && view.outOfOffice
              ? html`<p class="quiet">${view.outOfOffice.until ? t('card.outOfOfficeUntil', { time: formatUntil(Date.parse(view.outOfOffice.until), now) }) : t('card.outOfOffice')}</p>`
              : nothing
          }
        </div>
        ${
          isKnown
            ? html`<button class="link" aria-expanded=${this.showsWhy} aria-controls="why" @click=${() => {
                this.showsWhy = !this.showsWhy;
                if (this.showsWhy) void this.#loadFreeBusy();
              }}>${t('card.why')}</button>`
            : nothing
        }
      </div>
      ${isKnown ? html`<div id="why" class="why quiet" ?hidden=${!this.showsWhy}>${this.showsWhy ? this.#renderWhy(shown) : nothing}</div>` : nothing}`;
  }

  /** What is known of the reason: one's own sources in full, of others what their view tells. */
  #renderWhy({ view }: Shown) {
    const { client } = this;
    const now = Date.now();
    if (!view || !client) return nothing;
    const own = this.personId === client.state().me.id ? client.state().own : null;
    const facts = [
      view.activity && view.text,
      view.since && t('card.since', { time: formatUntil(Date.parse(view.since), now) }),
      view.until && t('card.until', { time: formatUntil(Date.parse(view.until), now) }),
      view.lastActiveAt && t('card.lastActive', { time: formatAgo(Date.parse(view.lastActiveAt), now) }),
      view.location,
      ...this.#times(now),
    ].filter((fact) => typeof fact === 'string' && fact !== '');
    return html`${facts.map((fact) => html`<p dir="auto">${fact}</p>`)}
      ${facts.length === 0 && !own ? html`<p>${t('card.noReason')}</p>` : nothing}
      ${own ? html`<ul>${own.sources.map((source) => html`<li dir="auto">${source.decides ? html`<strong>${t('card.decided')}: </strong>` : nothing}${source.why.text}</li>`)}</ul>` : nothing}`;
  }

  async #loadFreeBusy(): Promise<void> {
    const { client, personId } = this;
    try {
      const freeBusy = await client?.api.freeBusy(personId);
      if (freeBusy && personId === this.personId) this.freeBusy = freeBusy;
    } catch {
      // A reason more or less: what is known stands.
    }
  }

  /** Working hours by their own clock, and what is left of today's busy times by the reader's. */
  #times(now: number): string[] {
    const { workingHours, items = [] } = this.freeBusy ?? {};
    const tonight = new Date(now).setHours(24, 0, 0, 0);
    const busy = items
      .filter(({ startsAt, state }) => Date.parse(startsAt) < tonight && state !== 'out-of-office')
      .slice(0, 6)
      .map(({ startsAt, endsAt }) => `${formatTime(Date.parse(startsAt))}–${formatTime(Date.parse(endsAt))}`);
    return [
      ...(busy.length > 0 ? [t('card.busyToday', { times: formatNames(busy) })] : []),
      ...(workingHours ? [t('card.workingHours', { from: workingHours.from, to: workingHours.to })] : []),
    ];
  }

  #renderNote(shown: Shown) {
    const note = shown.freshness === 'unknown' ? null : shown.view?.note;
    const away = shown.freshness === 'unknown' ? null : shown.view?.outOfOffice?.note;
    if (!note && !away) return nothing;
    return html`${note ? html`<div class="note" dir="auto">${note.text}${note.expiresAt ? html`<div class="quiet">${t('card.noteUntil', { time: formatUntil(Date.parse(note.expiresAt), Date.now()) })}</div>` : nothing}</div>` : nothing}
    ${away && away !== note?.text ? html`<div class="note" dir="auto">${away}</div>` : nothing}`;
  }

  #renderReach(shown: Shown, person: Person | undefined) {
    // Without a confirmed view the order is a guess, so the patient ways come first.
    const order: readonly Channel[] =
      shown.freshness !== 'unknown' && shown.view && shown.view.contact.length > 0
        ? shown.view.contact
        : ['email', 'im'];
    const phone = person?.phones.work ?? person?.phones.mobile ?? null;
    const ways = order.filter((channel) =>
      channel === 'call' ? phone !== null : channel !== 'email' || person?.address,
    );
    return html`<h3 class="hidden">${t('card.reach')}</h3>
      <div class="reach">
        ${ways.map((channel, index) => {
          const look = `button ${index === 0 ? 'primary' : ''}`;
          const inside = html`${symbol(channelSymbols[channel])}${t(channelWords[channel])}`;
          if (channel === 'im') {
            return html`<button class=${look} @click=${() => this.dispatchEvent(new CustomEvent('jb-chat', { bubbles: true, composed: true, detail: { personId: this.personId } }))}>${inside}</button>`;
          }
          const href =
            channel === 'call'
              ? `tel:${(phone ?? '').replaceAll(/[^+\d]/g, '')}`
              : `mailto:${encodeURIComponent(person?.address ?? '')}`;
          return html`<a class=${look} href=${href}>${inside}</a>`;
        })}
      </div>`;
  }

  #renderDetails(person: Person | undefined) {
    if (!person) return nothing;
    const phone = (number: string) =>
      html`<a href=${`tel:${number.replaceAll(/[^+\d]/g, '')}`}>${number}</a>`;
    const { work, mobile } = person.phones;
    return html`<dl>
      ${person.address ? html`<dt>${symbol('mail', 16)}<span class="hidden">${t('card.email')}</span></dt><dd><a href=${`mailto:${encodeURIComponent(person.address)}`}>${person.address}</a></dd>` : nothing}
      ${[work, mobile].map((number) => (number ? html`<dt>${symbol('call', 16)}<span class="hidden">${t('card.call')}</span></dt><dd>${phone(number)}</dd>` : nothing))}
      ${hasOtherClock(person.timeZone) ? html`<dt>${symbol('clock', 16)}</dt><dd>${t('card.localTime', { time: formatTime(Date.now(), person.timeZone ?? '') })}</dd>` : nothing}
      ${person.office ? html`<dt>${symbol('contactCard', 16)}</dt><dd dir="auto">${person.office}</dd>` : nothing}
    </dl>`;
  }

  #renderGroups(contact: Contact) {
    const { client } = this;
    if (!client) return nothing;
    const { groups } = client.state();
    const put = (ids: string[]) => client.api.putContact(contact.person.id, { groups: ids });
    const toggle = (id: string, on: boolean) =>
      this.#do(() => put(on ? [...contact.groups, id] : contact.groups.filter((one) => one !== id)));
    const create = (event: SubmitEvent) => {
      event.preventDefault();
      const form = event.target as HTMLFormElement;
      const name = String(new FormData(form).get('name') ?? '').trim();
      if (name === '') return;
      form.reset();
      void this.#do(async () =>
        put([...contact.groups, (await client.api.createGroup(name, crypto.randomUUID())).id]),
      );
    };
    return html`<details>
      <summary>${t('card.groups')}</summary>
      ${groups.map(
        (group) => html`<label class="choice"
          ><input type="checkbox" .checked=${contact.groups.includes(group.id)} @change=${(event: Event) => toggle(group.id, (event.target as HTMLInputElement).checked)} /><span dir="auto">${group.name}</span></label
        >`,
      )}
      <form @submit=${create}>
        <input class="field" name="name" maxlength=${limits.groupNameCharacters} aria-label=${t('card.newGroup')} placeholder=${t('card.newGroup')} />
        <button class="button">${t('card.addGroup')}</button>
      </form>
    </details>`;
  }

  #renderRelation(person: Person, contact: Contact | undefined, shown: Shown) {
    const { client } = this;
    if (!client) return nothing;
    const { api } = client;
    const isAlertOffered = shown.availability !== 'available' || contact?.alert;
    return html`<div class="more">
      ${
        isAlertOffered
          ? html`<button class="link" aria-pressed=${contact?.alert ?? false} @click=${() => this.#do(() => api.putContact(person.id, { alert: !contact?.alert }))}>
              ${symbol(contact?.alert ? 'alertOn' : 'alert')}${t(contact?.alert ? 'card.alertSet' : 'card.alertOn')}
            </button>`
          : nothing
      }
      <button class="link" @click=${() => this.#do(() => (contact ? api.removeContact(person.id) : api.putContact(person.id, {})))}>
        ${symbol(contact ? 'removePerson' : 'personAdd')}${t(contact ? 'card.removeContact' : 'card.addContact')}
      </button>
      ${
        contact
          ? html`<label>${t('card.relationship')}
              <select class="field" @change=${(event: Event) => this.#do(() => api.putContact(person.id, { relationship: (event.target as HTMLSelectElement).value as Relationship }))}>
                ${relationships.toReversed().map((one) => html`<option value=${one} ?selected=${one === contact.relationship}>${t(`relationship.${one}`)}</option>`)}
              </select></label>
            ${this.#renderGroups(contact)}
            ${contact.relationship === 'blocked' ? html`<p class="quiet">${t('card.blocked')}</p>` : nothing}`
          : nothing
      }
    </div>`;
  }
}
if (!customElements.get('jb-card')) customElements.define('jb-card', ContactCard);
