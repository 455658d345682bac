/**
 * `<jb-contacts>`: the contact list by groups, with a filter that also finds people of the whole organisation.
 * Events: `jb-pick {personId}` from its rows, `jb-filter` with what is typed; the slot `found` stands below its answers. The slot `before` stands under the filter while nobody is sought.
 */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Contact, Group, Person } from '../../../server/protocol/contacts.ts';
import { availabilities, teamGroupId } from '../../../server/protocol/vocabulary.ts';
import type { Client } from '../client/client.ts';
import { t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import { matches, PeopleSearch } from './people-search.ts';
import { PersonRow } from './person-row.ts';
import { moveByKey } from './row-keys.ts';
import { baseStyles, buttonStyles, fieldStyles } from './styles.ts';
import { symbol } from './symbol.ts';

const personType = 'application/x-jellybean-person';
const groupType = 'application/x-jellybean-group';

const away = new Set(['offline', 'unknown']);

export class ContactList extends LitElement {
  static override properties = {
    client: { attribute: false },
    selectedId: {},
    closed: { state: true },
    dropping: { state: true },
    said: { state: true },
  };
  declare client: Client | null;
  declare selectedId: string;
  /** Groups that are folded. */
  declare closed: ReadonlySet<string>;
  /** Over what something is dragged: a group's id, or a group and the person before whom it would stand. */
  declare dropping: string | null;
  /** What has just been moved where, for those who do not see it. */
  declare said: string;
  readonly #search: PeopleSearch;

  constructor() {
    super();
    this.client = null;
    this.selectedId = '';
    this.closed = new Set();
    this.dropping = null;
    this.said = '';
    new ClientController(this);
    this.#search = new PeopleSearch(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      .find {
        position: sticky;
        z-index: 1;
        top: 0;
        padding: 4px 8px 8px;
        background: var(--colorNeutralBackground1);
      }
      h3 {
        font-size: inherit;
      }
      .group {
        display: flex;
        align-items: center;
        gap: 6px;
        width: 100%;
        min-height: 32px;
        padding: 4px 8px;
        border: 0;
        border-radius: var(--borderRadiusMedium);
        background: none;
        text-align: start;
        color: var(--colorNeutralForeground2);
        font-weight: var(--fontWeightSemibold);
        font-size: var(--fontSizeBase200);
      }
      .group:hover {
        background: var(--colorSubtleBackgroundHover);
      }
      .group svg {
        transition: transform var(--durationFast);
      }
      .group[aria-expanded='true'] svg {
        transform: rotate(90deg);
      }
      .group span {
        flex: 1;
      }
      jb-person-row.before,
      section.before {
        box-shadow: 0 -2px 0 var(--colorBrandForeground1);
      }
      section.dropping {
        outline: 2px dashed var(--colorBrandForeground1);
        outline-offset: -2px;
        border-radius: var(--borderRadiusMedium);
      }
      .title {
        padding: 8px 8px 4px;
      }
      .say {
        padding: 8px;
      }
      .skeleton {
        display: flex;
        gap: 12px;
        align-items: center;
        height: 48px;
        padding: 0 8px;
        animation: appear 0.3s 0.15s both;
      }
      .skeleton::before {
        content: '';
        width: 32px;
        height: 32px;
        border-radius: 50%;
        background: var(--colorNeutralBackground4);
      }
      .skeleton::after {
        content: '';
        height: 12px;
        width: 50%;
        border-radius: var(--borderRadiusMedium);
        background: var(--colorNeutralBackground4);
      }
      @keyframes appear {
        from {
          opacity: 0;
        }
      }
    `,
  ];

  override willUpdate(_changed: PropertyValues<this>): void {
    // Contacts come with the stream; only strangers that a search shows must be watched for.
    const contacts = new Set(this.client?.state().contacts.map(({ person }) => person.id));
    this.client?.watch(
      this,
      this.#search.people.map(({ id }) => id).filter((id) => !contacts.has(id)),
    );
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus();
  }

  /** Empties the filter, after somebody was picked. */
  clear(): void {
    const input = this.renderRoot.querySelector('input');
    if (input) input.value = '';
    this.#find('');
  }

  #find(query: string): void {
    this.#search.search(query);
    this.dispatchEvent(new CustomEvent('jb-filter', { detail: query }));
  }

  #onFilterKey(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.renderRoot.querySelector<HTMLElement>('jb-person-row')?.focus();
    } else if (event.key === 'Escape') this.clear();
  }

  override render() {
    const { client } = this;
    if (!client) return nothing;
    const isFinding = this.#search.query.trim() !== '';
    return html`<div class="find">
        <input
          class="field"
          type="search"
          autocomplete="off"
          aria-label=${t('contacts.filter')}
          placeholder=${t('contacts.filter')}
          @input=${(event: Event) => this.#find((event.target as HTMLInputElement).value)}
          @keydown=${this.#onFilterKey}
        />
      </div>
      <p class="hidden" role="status">${this.said}</p>
      <div @keydown=${this.#onKey}>
        ${isFinding ? html`${this.#renderFound()}<slot name="found"></slot>` : html`<slot name="before"></slot>${this.#renderGroups()}`}
      </div>`;
  }

  #renderFound() {
    const { client } = this;
    if (!client) return nothing;
    const { query, people, isSearching, failure } = this.#search;
    const contacts = client.state().contacts.filter(({ person }) => matches(person, query));
    const others = people.filter((person) => !contacts.some((one) => one.person.id === person.id));
    return html`
      ${contacts.length > 0 ? html`<h3 class="title quiet">${t('contacts.inContacts')}</h3>${contacts.map(({ person }) => this.#renderPerson(person, true))}` : nothing}
      ${others.length > 0 ? html`<h3 class="title quiet">${t('contacts.inOrganisation')}</h3>${others.map((person) => this.#renderPerson(person, true))}` : nothing}
      ${failure ? html`<p class="say quiet" role="alert">${t('contacts.failed', { detail: failure })}</p>` : nothing}
      ${contacts.length + others.length === 0 && !isSearching && !failure ? html`<p class="say quiet" role="status">${t('contacts.noMatch', { query })}</p>` : nothing}
      ${contacts.length + others.length === 0 && isSearching ? html`<div class="skeleton"></div><div class="skeleton"></div>` : nothing}
    `;
  }

  #renderPerson(person: Person, showsDetail = false, groupId: string | null = null) {
    const { client } = this;
    return html`<jb-person-row
      .personId=${person.id}
      .name=${person.displayName}
      .address=${person.address}
      .detail=${showsDetail ? [person.department, person.address].filter(Boolean).join(' · ') : ''}
      .shown=${client?.shown(person.id) ?? null}
      ?selected=${person.id === this.selectedId}
      class=${groupId !== null && this.dropping === `${groupId}/${person.id}` ? 'before' : ''}
      data-group=${groupId ?? nothing}
      draggable="true"
      @dragstart=${(event: DragEvent) => {
        event.dataTransfer?.setData(personType, person.id);
        event.dataTransfer?.setData('text/plain', person.displayName);
      }}
    ></jb-person-row>`;
  }

  #renderGroups() {
    const { client } = this;
    if (!client) return nothing;
    const { contacts, groups, contactsLoad: load } = client.state();
    if (typeof load === 'object') {
      return html`<p class="say quiet" role="alert">${t('contacts.failed', { detail: load.failed })} <button class="link" @click=${() => client.retryLoading()}>${t('action.retry')}</button></p>`;
    }
    if (load === 'loading') {
      return html`<div role="status" aria-label=${t('contacts.title')}><div class="skeleton"></div><div class="skeleton"></div><div class="skeleton"></div></div>`;
    }
    const sections = groups.toSorted((a, b) => a.position - b.position || a.name.localeCompare(b.name));
    const ungrouped = contacts.filter(
      (one) => !one.groups.some((id) => groups.some((group) => group.id === id)),
    );
    return html`
      ${sections.map((group) =>
        this.#renderGroup(
          group.id,
          group.name,
          contacts.filter((one) => one.groups.includes(group.id)),
        ),
      )}
      ${ungrouped.length > 0 || groups.length === 0 ? this.#renderGroup('', groups.length === 0 ? t('contacts.title') : t('contacts.ungrouped'), ungrouped) : nothing}
      ${contacts.length === 0 ? html`<p class="say quiet">${t('contacts.empty')}</p>` : nothing}
    `;
  }

  #renderGroup(id: string, name: string, members: readonly Contact[]) {
    const { client } = this;
    if (!client) return nothing;
    const order = (contact: Contact) => availabilities.indexOf(client.shown(contact.person.id).availability);
    const isAway = (contact: Contact) => Number(away.has(client.shown(contact.person.id).availability));
    const { order: places } = this.#group(id) ?? { order: null };
    // Who was put somewhere stands there, whatever their state; the others follow.
    const place = ({ person }: Contact) => {
      const at = places?.indexOf(person.id) ?? -1;
      return at < 0 ? Number.MAX_SAFE_INTEGER : at;
    };
    const sorted = members.toSorted(
      (a, b) =>
        place(a) - place(b) ||
        isAway(a) - isAway(b) ||
        a.person.displayName.localeCompare(b.person.displayName) ||
        order(a) - order(b),
    );
    const online = members.filter((contact) => !isAway(contact)).length;
    const isOpen = !this.closed.has(id);
    return html`<section
      class=${this.dropping === id ? 'dropping' : this.dropping === `${id}/` ? 'before' : ''}
      aria-label=${name}
      @dragover=${(event: DragEvent) => this.#onDragOver(event, id)}
      @dragleave=${() => {
        this.dropping = null;
      }}
      @drop=${(event: DragEvent) => this.#drop(event, id)}
    >
      <h3>
        <button
          class="group"
          data-group=${id}
          aria-expanded=${isOpen}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
          draggable=${this.#isMovable(id)}
          @dragstart=${(event: DragEvent) => event.dataTransfer?.setData(groupType, id)}
          @click=${() => this.#fold(id)}
        >
          ${symbol('chevronRight', 16)}<span class="one-line" dir="auto">${name}</span>${t('contacts.online', { online, total: members.length })}
        </button>
      </h3>
      ${
        isOpen
          ? repeat(
              sorted,
              ({ person }) => person.id,
              ({ person }) => this.#renderPerson(person, false, id),
            )
          : nothing
      }
    </section>`;
  }

  #fold(id: string): void {
    const closed = new Set(this.closed);
    if (!closed.delete(id)) closed.add(id);
    this.closed = closed;
  }

  // ---- order by hand ----

  #group(id: string): Group | undefined {
    return this.client?.state().groups.find((group) => group.id === id);
  }
  /** The ready-made group and the rest stand where they stand. */
  #isMovable(id: string): boolean {
    return id !== '' && id !== teamGroupId;
  }
  /** The people of a group as they stand on the screen. */
  #shownIn(groupId: string): string[] {
    const rows = this.renderRoot.querySelectorAll<PersonRow>(
      `jb-person-row[data-group="${CSS.escape(groupId)}"]`,
    );
    return [...rows].map(({ personId }) => personId);
  }

  #onDragOver(event: DragEvent, groupId: string): void {
    const types = event.dataTransfer?.types ?? [];
    if (types.includes(groupType)) this.dropping = `${groupId}/`;
    else if (types.includes(personType)) {
      const row = this.#isMovable(groupId) ? this.#rowUnder(event) : undefined;
      this.dropping = row ? `${groupId}/${row.personId}` : groupId;
    } else return;
    event.preventDefault();
  }
  #rowUnder(event: Event): PersonRow | undefined {
    return event.composedPath().find((node): node is PersonRow => node instanceof PersonRow);
  }

  #drop(event: DragEvent, groupId: string): void {
    event.preventDefault();
    this.dropping = null;
    const { client } = this;
    const data = (type: string) => event.dataTransfer?.getData(type) ?? '';
    const movedGroup = data(groupType);
    if (movedGroup !== '') {
      const groups = client?.state().groups ?? [];
      const [from, to] = [movedGroup, groupId].map((id) => groups.findIndex((group) => group.id === id));
      if (from === undefined || to === undefined || from < 0) return;
      // Before the one it was dropped on, as that one stands once it is taken out.
      const place = to < 0 ? groups.length : to;
      this.#moveGroup(movedGroup, place > from ? place - 1 : place);
      return;
    }
    const personId = data(personType);
    if (!personId || !client) return;
    const before = this.#rowUnder(event)?.personId;
    const isMember =
      client
        .state()
        .contacts.find(({ person }) => person.id === personId)
        ?.groups.includes(groupId) ?? false;
    const order = this.#shownIn(groupId).filter((id) => id !== personId);
    const at = before === undefined || before === personId ? -1 : order.indexOf(before);
    if (at >= 0) order.splice(at, 0, personId);
    else order.push(personId);
    void this.#change(async () => {
      if (!isMember || groupId === '')
        await client.api.putContact(personId, { groups: groupId ? [groupId] : [] });
      if (before !== undefined && before !== personId && this.#isMovable(groupId))
        await client.api.changeGroup(groupId, { order });
    });
  }

  /** Alt and an arrow move what has the focus, a person among their group or a group among the groups. */
  #onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step === 0 || !event.altKey || event.ctrlKey || event.metaKey) {
      moveByKey(event, this.renderRoot, 'jb-person-row, .group');
      return;
    }
    const row = this.#rowUnder(event);
    const groupId = (row ?? (event.target as HTMLElement)).dataset.group ?? '';
    if (!this.#isMovable(groupId)) return;
    event.preventDefault();
    if (!row) {
      const at = this.client?.state().groups.findIndex((group) => group.id === groupId) ?? -1;
      this.#moveGroup(groupId, at + step);
      return;
    }
    const order = this.#shownIn(groupId);
    const at = order.indexOf(row.personId);
    const to = at + step;
    if (to < 0 || to >= order.length) return;
    order.splice(at, 1);
    order.splice(to, 0, row.personId);
    const { personId, name } = row;
    void this.#change(async () => {
      await this.client?.api.changeGroup(groupId, { order });
      this.said = t('contacts.placed', { name, place: to + 1, total: order.length });
    }).then(async () => {
      await this.updateComplete;
      const rows = this.renderRoot.querySelectorAll<PersonRow>('jb-person-row');
      [...rows].find((one) => one.personId === personId && one.dataset.group === groupId)?.focus();
    });
  };

  #moveGroup(id: string, position: number): void {
    const movable = this.client?.state().groups.filter((group) => this.#isMovable(group.id)) ?? [];
    const group = movable.find((one) => one.id === id);
    if (!group || position < 0 || position >= movable.length) return;
    void this.#change(async () => {
      await this.client?.api.changeGroup(id, { position });
      this.said = t('contacts.placed', { name: group.name, place: position + 1, total: movable.length });
    }).then(async () => {
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>(`.group[data-group="${CSS.escape(id)}"]`)?.focus();
    });
  }

  /** The list shows what is stored: a refused move is seen by nothing having moved. */
  async #change(work: () => Promise<unknown>): Promise<void> {
    await work().catch(() => {});
    await this.client?.reloadContacts();
  }
}
if (!customElements.get('jb-contacts')) customElements.define('jb-contacts', ContactList);
declare global {
  interface HTMLElementTagNameMap {
    'jb-contacts': ContactList;
  }
}
