/**
 * `<jb-item-pane>`: the pane beside an open item, the same in every Office host: one's own state, the people of
 * the item with live icons, conversations with those about the item on top, and one conversation over it all.
 * Fed by a client and a people source; knows no host.
 */
import './card-popover.ts';
import './connection-banner.ts';
import './conversation-list.ts';
import './person-row.ts';
import './state-menu.ts';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Person } from '../../../server/protocol/contacts.ts';
import { limits } from '../../../server/protocol/vocabulary.ts';
import { type AddressBook, createAddressBook } from '../client/address-book.ts';
import type { Client, Notice } from '../client/client.ts';
import { createListBook, type ListBook } from '../client/list-book.ts';
import { createNameBook, type NameBook } from '../client/name-book.ts';
import type { Shown } from '../client/presence-store.ts';
import { formatUntil } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import {
  absencesOf,
  firstRows,
  type ItemRow,
  membersOf,
  moreRows,
  rowsOf,
  withMembers,
} from '../item-rows.ts';
import type { ItemPerson, ItemState, OpenItem, PeopleSource } from '../people-source.ts';
import { ClientController } from './client-controller.ts';
import { stateSentence } from './person-text.ts';
import { moveByKey } from './row-keys.ts';
import { baseStyles, buttonStyles } from './styles.ts';
import { symbol } from './symbol.ts';

/** Somebody wrote about the open item while its conversation was not on the screen. */
export interface ItemMessage {
  readonly name: string;
  readonly text: string;
}

/** What the host does for the pane beside naming people. */
export interface HostActions {
  /** Opens the host's own form for a new mail; false where it has none, and the browser's link is followed. */
  writeMail(address: string): boolean;
  /** What else can be done with what is open. `run` answers a sentence that says how it went; never rejects. */
  readonly commands?: readonly { title(): string; run(): Promise<string> }[];
  /** Tells beside the item that somebody wrote about it; null when that has been seen. */
  tellMessage?(message: ItemMessage | null): void;
  /** Draws below the people what only this host has to say of them. */
  more?(item: OpenItem, rows: readonly ItemRow[], client: Client): unknown;
  /** Draws what stands at the very end. */
  foot?(): unknown;
}

const titles = {
  mail: { read: 'pane.onMail', compose: 'pane.writingTo' },
  appointment: { read: 'pane.onAppointment', compose: 'pane.inviting' },
  document: { read: 'pane.inDocument', compose: 'pane.inDocument' },
  workbook: { read: 'pane.inWorkbook', compose: 'pane.inWorkbook' },
} as const satisfies Record<OpenItem['kind'], Record<OpenItem['mode'], string>>;

const applications = {
  mail: 'Outlook',
  appointment: 'Outlook',
  document: 'Word',
  workbook: 'Excel',
} as const;

/** The people of the item, or those of what is selected in it. */
interface Section {
  readonly id: 'focus' | 'people';
  readonly title: string;
  readonly quote: string;
  readonly rows: readonly ItemRow[];
  /** Whom “chat with all” means: of the item everybody, though some stand above as selected. */
  readonly everybody: readonly ItemRow[];
  readonly context: OpenItem['context'];
}

export class ItemPane extends LitElement {
  static override properties = {
    client: { attribute: false },
    source: { attribute: false },
    host: { attribute: false },
    storage: { attribute: false },
    conversationId: { state: true },
    conversationItem: { state: true },
    shownRows: { state: true },
    openName: { state: true },
    openLists: { state: true },
    said: { state: true },
    itemState: { state: true },
    told: { state: true },
  };
  declare client: Client | null;
  declare source: PeopleSource | null;
  declare host: HostActions | null;
  /** Where the open conversation survives a reload of the pane; null where storage is forbidden. */
  declare storage: Storage | null;
  declare conversationId: string;
  /** The item that was open when the conversation was. */
  declare conversationItem: string;
  /** How many rows each section shows. */
  declare shownRows: Readonly<Record<Section['id'], number>>;
  /** The ambiguous name whose candidates are shown. */
  declare openName: string;
  /** The lists whose people are shown, each with how many of them. */
  declare openLists: ReadonlyMap<string, number>;
  /** How the last command went. */
  declare said: string;
  declare itemState: ItemState;
  /** What happened to oneself or to somebody whom one waits for, until it is read. */
  declare told: string;

  #book: AddressBook | null = null;
  #names: NameBook | null = null;
  #lists: ListBook | null = null;
  /** Rows of thousands of people are made again only when people or answers are new. */
  #made = new WeakMap<readonly ItemPerson[], { answers: number; rows: ItemRow[] }>();
  #answers = 0;
  #unsubscribe: (() => void) | null = null;
  #wasLive = false;

  constructor() {
    super();
    this.client = null;
    this.source = null;
    this.host = null;
    this.storage = null;
    this.conversationId = '';
    this.conversationItem = '';
    this.shownRows = { focus: firstRows, people: firstRows };
    this.openName = '';
    this.openLists = new Map();
    this.said = '';
    this.itemState = { state: 'waiting' };
    this.told = '';
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100dvh;
        min-height: 0;
        background: var(--colorNeutralBackground1);
      }
      header {
        padding: 6px 8px;
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      main {
        flex: 1;
        min-height: 0;
        overflow-y: auto;
        padding: 4px 4px 16px;
      }
      main.talk {
        display: flex;
        flex-direction: column;
        overflow: hidden;
        padding: 0;
      }
      .head {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 40px;
        padding: 4px 4px 0 8px;
      }
      h2 {
        flex: 1;
        min-width: 0;
        font-size: var(--fontSizeBase300);
        font-weight: var(--fontWeightSemibold);
      }
      section + section {
        margin-top: 12px;
        border-top: 1px solid var(--colorNeutralStroke3);
        padding-top: 4px;
      }
      .hint {
        padding: 8px;
        color: var(--colorNeutralForeground3);
      }
      .warning {
        display: flex;
        gap: 8px;
        margin: 4px 8px;
        padding: 8px 10px;
        border: 1px solid var(--colorStatusWarningBorder1);
        border-radius: var(--borderRadiusMedium);
        background: var(--colorStatusWarningBackground1);
      }
      .more {
        margin: 4px 8px;
      }
      blockquote {
        display: -webkit-box;
        overflow: hidden;
        margin: 0 8px 4px;
        padding-inline-start: 8px;
        border-inline-start: 3px solid var(--colorNeutralStroke1);
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 3;
      }
      .commands {
        margin: 8px;
      }
      .candidates {
        margin-inline-start: 24px;
      }
      .list {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        min-height: 48px;
        padding: 6px 8px;
        border: 0;
        border-radius: var(--borderRadiusMedium);
        background: none;
        text-align: start;
      }
      button.list:hover {
        background: var(--colorNeutralBackground1Hover);
      }
      .list > svg {
        flex: none;
      }
      .list > svg:first-child {
        width: 32px;
      }
      .list > span {
        flex: 1;
        min-width: 0;
      }
      .list .one-line {
        display: block;
      }
      .person {
        display: flex;
        align-items: center;
        border-radius: var(--borderRadiusMedium);
      }
      .person jb-person-row {
        flex: 1;
        min-width: 0;
      }
      .person > .icon-button {
        opacity: 0;
      }
      .person:is(:hover, :focus-within) > .icon-button {
        opacity: 1;
      }
      @media (hover: none) {
        .person > .icon-button {
          opacity: 1;
        }
      }
      .bar {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 6px 12px;
        background: var(--colorBrandBackground2);
        font-size: var(--fontSizeBase200);
      }
      .bar span {
        flex: 1;
      }
      .skeleton {
        padding: 12px 8px;
        display: grid;
        gap: 16px;
        animation: appear 0.3s 0.15s both;
      }
      .skeleton i {
        height: 32px;
        border-radius: var(--borderRadiusXLarge);
        background: var(--colorNeutralBackground4);
      }
      .skeleton i:nth-child(2) {
        width: 80%;
      }
      @keyframes appear {
        from {
          opacity: 0;
        }
      }
      jb-conversation {
        flex: 1;
        min-height: 0;
      }
    `,
  ];

  /**
   * A conversation weighs a third of the pane and people come first; it is fetched as soon as they stand, for
   * the server may be gone when somebody wants to write.
   */
  override firstUpdated(): void {
    const later = globalThis.requestIdleCallback ?? setTimeout;
    later(() => void import('./conversation-pane.ts').catch(() => {}));
  }

  // ---- the item and its people ----

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('source')) {
      this.#unsubscribe?.();
      this.itemState = this.source?.current() ?? { state: 'waiting' };
      this.#unsubscribe =
        this.source?.subscribe((state) => {
          const before = this.#item?.key;
          this.itemState = state;
          if (before === this.#item?.key) return;
          this.shownRows = { focus: firstRows, people: firstRows };
          this.openLists = new Map();
        }) ?? null;
    }
    if (changed.has('client')) {
      const { client } = this;
      if (client === null) this.#book = this.#names = this.#lists = null;
      else {
        const onChange = (people: readonly Person[]) => {
          this.#answers += 1;
          client.rememberPeople(people);
          this.requestUpdate();
        };
        this.#book = createAddressBook({ api: client.api, onChange });
        this.#names = createNameBook({ api: client.api, onChange });
        this.#lists = createListBook({ api: client.api, onChange });
      }
      this.#recallPlace();
    }
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  get #item(): OpenItem | null {
    return this.itemState.state === 'open' ? this.itemState.item : null;
  }

  #rows(people: readonly ItemPerson[] = this.#item?.people ?? []): readonly ItemRow[] {
    const { client } = this;
    if (client === null || this.#book === null || this.#names === null || this.#lists === null) return [];
    const made = this.#made.get(people);
    if (made?.answers === this.#answers) return made.rows;
    const { me } = client.state();
    // One's own name is most likely oneself: it waits for the answer, lest a row comes and goes under a pointer.
    const rows = rowsOf({ people }, this.#book, me.id, this.#names, this.#lists).filter(
      ({ kind, address, name }) => kind !== 'pending' || address !== '' || name !== me.displayName,
    );
    this.#made.set(people, { answers: this.#answers, rows });
    return rows;
  }

  /** With the people of the lists that are open. */
  #withMembers(rows: readonly ItemRow[]): readonly ItemRow[] {
    const meId = this.client?.state().me.id ?? '';
    return this.openLists.size === 0 ? rows : withMembers(rows, (key) => this.openLists.has(key), meId);
  }

  #sections(item: OpenItem): Section[] {
    const focused = item.focus ? this.#rows(item.focus.people) : [];
    const above = new Set(focused.map(({ key }) => key));
    const { context } = item;
    const quote = item.focus?.quote ?? '';
    const everybody = this.#rows();
    const rest: Section = {
      id: 'people',
      everybody,
      title:
        item.count === undefined ? t(titles[item.kind][item.mode]) : t('pane.onMails', { count: item.count }),
      quote: '',
      rows: above.size === 0 ? everybody : everybody.filter(({ key }) => !above.has(key)),
      context,
    };
    if (!item.focus || focused.length === 0) return [rest];
    const title = t(quote === '' ? 'pane.inSelection' : 'pane.onComment');
    const focus: Section = {
      id: 'focus',
      title,
      quote,
      rows: focused,
      everybody: focused,
      context: item.focus.context ?? context,
    };
    // A title with nobody under it says nothing; a line that did not answer does.
    return rest.rows.length === 0 && item.unanswered.length === 0 ? [focus] : [focus, rest];
  }

  /** Asks for addresses and watches people; after an outage, asks again for what could not be answered. */
  #follow(): void {
    const { client } = this;
    if (client === null) return;
    const isLive = client.state().link.kind === 'live';
    const rows = this.#withMembers([...this.#rows(this.#item?.focus?.people ?? []), ...this.#rows()]);
    const unknown = rows.filter(
      ({ kind }) => kind === 'pending' || (kind === 'failed' && isLive && !this.#wasLive),
    );
    this.#wasLive = isLive;
    this.#book?.need(unknown.map(({ address }) => address));
    const isNobodys = ({ address }: ItemRow) =>
      address !== '' && this.#book?.find(address).kind === 'stranger';
    this.#lists?.need(unknown.filter(isNobodys).map(({ address }) => address));
    // Has no row yet, and is asked for all the same.
    const own = client.state().me.displayName;
    const named = [...(this.#item?.focus?.people ?? []), ...(this.#item?.people ?? [])];
    if (
      this.#names?.find(own).kind === 'pending' &&
      named.some((one) => one.address === '' && one.name === own)
    )
      this.#names.need([own]);
    this.#names?.need(unknown.flatMap(({ address, name }) => (address === '' ? [name] : [])));
    const ids = new Set(
      rows.flatMap(({ person, candidates = [] }) =>
        person === null ? candidates.map(({ id }) => id) : [person.id],
      ),
    );
    // One place of the stream's list is one's own.
    client.watch(this, [...ids].slice(0, limits.watchedPerStream - 1));
  }

  // ---- conversations ----

  #open(conversationId: string): void {
    void import('./conversation-pane.ts').catch(() => {});
    this.conversationId = conversationId;
    this.conversationItem = this.#item?.key ?? '';
    const about = this.client?.state().conversations.conversations.get(conversationId)?.context?.itemId;
    if (about && about === this.#item?.context?.itemId) this.host?.tellMessage?.(null);
    this.#keepPlace();
  }

  /** Something to tell once: one's state has ended, somebody is here now, a conversation has become a real one. */
  notice(notice: Notice): void {
    if (notice.kind === 'message') {
      const about = notice.conversation.context?.itemId;
      const isOpen = about !== undefined && about !== null && about === this.#item?.context?.itemId;
      if (isOpen && notice.conversation.id !== this.conversationId)
        this.host?.tellMessage?.({ name: notice.from.displayName, text: notice.message.text });
    } else if (notice.kind === 'state-ended') this.told = t('me.ended', { state: notice.view.text });
    else if (notice.kind === 'available') {
      const { id } = notice.view;
      void this.client?.needPerson(id).then(() => {
        const name = this.client?.state().people.get(id)?.displayName;
        if (name) this.told = t('contacts.alert', { name });
      });
    } else if (notice.kind === 'created' && notice.localId === this.conversationId) {
      this.conversationId = notice.conversation.id;
      this.#keepPlace();
    }
  }

  #close(): void {
    this.conversationId = '';
    this.#keepPlace();
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('main')?.focus());
  }

  #chat(ids: readonly string[], context: OpenItem['context'] = this.#item?.context ?? null): void {
    const { client } = this;
    if (client !== null && ids.length > 0) this.#open(client.conversationWith(ids, context));
  }

  get #placeKey(): string {
    return `jellybean:place:${this.client?.state().me.id}`;
  }
  #keepPlace(): void {
    try {
      this.storage?.setItem(this.#placeKey, JSON.stringify([this.conversationId, this.conversationItem]));
    } catch {
      // Without storage a reload begins with the people.
    }
  }
  #recallPlace(): void {
    try {
      const [conversationId, item] = JSON.parse(this.storage?.getItem(this.#placeKey) ?? '["",""]');
      if (typeof conversationId !== 'string' || typeof item !== 'string') return;
      this.conversationId = conversationId;
      this.conversationItem = item;
    } catch {
      // Not ours, or not readable: the people it is.
    }
  }

  // ---- drawing ----

  override render() {
    const { client } = this;
    if (this.conversationId !== '' && client !== null) {
      const isElsewhere = this.#item !== null && this.#item.key !== this.conversationItem;
      return html`<main class="talk"><h1 class="hidden">${t('app.name')}</h1>${
        isElsewhere
          ? html`<div class="bar" role="status"><span>${t('pane.otherItem')}</span>
              <button class="link" @click=${this.#close}>${t('pane.showPeople')}</button></div>`
          : nothing
      }<jb-connection .client=${client}></jb-connection>${this.#tell()}
        <jb-conversation
          .client=${client}
          .conversationId=${this.conversationId}
          hasBack
          canAttach
          @jb-back=${this.#close}
          @jb-gone=${this.#close}
          @jb-card=${(event: CustomEvent<{ personId: string; anchor: HTMLElement }>) =>
            this.#showCard(event.detail.anchor, event.detail.personId)}
        ></jb-conversation>
        <jb-card-popover
          .client=${client}
          @jb-chat=${(event: CustomEvent<{ personId: string }>) => this.#chat([event.detail.personId])}
        ></jb-card-popover></main>`;
    }
    return html`<jb-connection .client=${client}></jb-connection>${this.#tell()}
      <header><h1 class="hidden">${t('app.name')}</h1><jb-state .client=${client}></jb-state></header>
      <main
        tabindex="-1"
        @jb-chat=${(event: CustomEvent<{ personId: string }>) => this.#chat([event.detail.personId])}
        @jb-open=${(event: CustomEvent<{ conversationId: string }>) => this.#open(event.detail.conversationId)}
      >
        ${this.#people()}${this.#talks()}${this.host?.foot?.()}
        <jb-card-popover .client=${client}></jb-card-popover>
      </main>`;
  }

  #tell() {
    if (this.told === '') return nothing;
    return html`<div class="bar" role="status"><span>${this.told}</span>
      <button class="link" @click=${() => {
        this.told = '';
      }}>${t('action.close')}</button></div>`;
  }

  #people() {
    const { itemState } = this;
    if (itemState.state === 'none') return html`<p class="hint">${t('pane.noItem')}</p>`;
    if (itemState.state === 'waiting' || this.client === null) {
      return html`<div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div>`;
    }
    const { item } = itemState;
    return html`${this.#sections(item).map((section) => this.#section(item, section))}${this.#commands()}${this.host?.more?.(item, this.#rows(), this.client)}`;
  }

  #commands() {
    const { commands = [] } = this.host ?? {};
    if (commands.length === 0) return nothing;
    return html`<div class="commands">
      ${commands.map(
        ({ title, run }) =>
          html`<button
            class="button"
            @click=${async () => {
              this.said = await run();
            }}
          >
            ${title()}
          </button>`,
      )}
      <p class="quiet" role="status">${this.said}</p>
    </div>`;
  }

  #section(item: OpenItem, { id, title, quote, rows, everybody, context }: Section) {
    const all = this.#withMembers(everybody);
    const known = [...new Set(all.flatMap(({ person }) => (person === null ? [] : [person.id])))];
    const shown = rows.slice(0, this.shownRows[id]);
    const isTooMany =
      known.length >= limits.participants ||
      // Whom the server did not name would be missing from a chat with all.
      all.some(({ key, list }) => this.openLists.has(key) && (list?.more ?? 0) > 0);
    return html`<section
      aria-labelledby=${id}
      @jb-chat=${(event: CustomEvent<{ personId: string }>) => {
        event.stopPropagation();
        this.#chat([event.detail.personId], context);
      }}
    >
      <div class="head">
        <h2 id=${id}>${title}</h2>
        ${
          known.length > 1 && !isTooMany
            ? html`<button class="button" @click=${() => this.#chat(known, context)}>${t('pane.chatAll')}</button>`
            : nothing
        }
      </div>
      ${quote === '' ? nothing : html`<blockquote class="quiet" dir="auto">${quote}</blockquote>`}
      ${item.mode === 'compose' ? this.#warnings(this.#withMembers(rows)) : nothing}
      <div class="people" @keydown=${(event: KeyboardEvent) => moveByKey(event, this.renderRoot, 'jb-person-row, button.list')}>
        ${repeat(
          shown,
          ({ key }) => key,
          (row) => (row.list === undefined ? this.#row(row, context) : this.#list(row, row.list, context)),
        )}
      </div>
      ${
        shown.length < rows.length
          ? html`<button class="link more" @click=${(event: Event) => this.#showMore(event, id)}>${t('pane.more', { count: rows.length - shown.length })}</button>`
          : nothing
      }
      ${isTooMany ? html`<p class="hint">${t('pane.chatLimit', { count: limits.participants })}</p>` : nothing}
      ${id === 'focus' && item.isPartial ? html`<p class="hint">${t('pane.partialSelection')}</p>` : nothing}
      ${id === 'people' ? this.#hints(item, everybody) : nothing}
    </section>`;
  }

  #row(row: ItemRow, context: OpenItem['context']) {
    const { client } = this;
    const details = {
      person: '',
      list: '',
      stranger: t('person.notInDirectory'),
      nameless: t('pane.nameless'),
      ambiguous: t('pane.ambiguous', { count: row.candidates?.length ?? 0 }),
      pending: t('pane.lookingUp'),
      failed: t('pane.lookupFailed'),
    } as const;
    const shown = row.person === null ? client?.shown('') : client?.shown(row.person.id);
    const { person } = row;
    return html`<div class="person">
      <jb-person-row
        .personId=${person?.id ?? ''}
        .name=${row.name}
        .address=${row.address}
        .shown=${shown ?? null}
        .detail=${person === null ? details[row.kind] : this.#sentence(row, shown)}
        .action=${this.#bestWay(row, shown)}
        @jb-pick=${() => this.#pick(row, context)}
        @click=${(event: MouseEvent) => this.#mail(event, row)}
      ></jb-person-row>
      ${
        person === null
          ? nothing
          : html`<button
            class="icon-button"
            aria-label=${t('person.openCard', { name: row.name })}
            title=${t('person.openCard', { name: row.name })}
            @click=${(event: Event) => this.#showCard(event.currentTarget as HTMLElement, person.id)}
          >
            ${symbol('contactCard')}
          </button>`
      }
    </div>
    ${row.kind === 'ambiguous' && this.openName === row.key ? this.#candidates(row, context) : nothing}`;
  }

  /** A distribution list: its name, how many it is, and its people once it is opened. */
  #list(row: ItemRow, list: NonNullable<ItemRow['list']>, context: OpenItem['context']) {
    const members = membersOf(row, this.client?.state().me.id ?? '');
    const shown = this.openLists.get(row.key);
    const rest = Math.max(0, members.length - (shown ?? 0)) + list.more;
    const count = list.people.length + list.more;
    const show = (many: number | undefined): void => {
      const next = new Map(this.openLists);
      if (many === undefined) next.delete(row.key);
      else next.set(row.key, many);
      this.openLists = next;
    };
    const words = html`${symbol('people')}<span
        ><span class="one-line" dir="auto">${row.name}</span
        ><span class="quiet one-line"
          >${t('pane.list')} · ${list.hidden ? t('pane.listHidden') : t('conversation.people', { count })}</span
        ></span
      >`;
    if (members.length === 0) return html`<div class="list">${words}</div>`;
    return html`<button
        class="list"
        aria-expanded=${shown !== undefined}
        @click=${() => show(shown === undefined ? firstRows : undefined)}
      >
        ${words}${symbol(shown === undefined ? 'chevronRight' : 'chevronDown')}
      </button>
      ${
        shown === undefined
          ? nothing
          : html`<div class="candidates" role="group" aria-label=${row.name}>
            ${repeat(
              members.slice(0, shown),
              ({ key }) => key,
              (member) => this.#row(member, context),
            )}
            ${
              rest === 0
                ? nothing
                : shown < members.length
                  ? html`<button class="link more" @click=${(event: Event) => {
                      const group = (event.currentTarget as HTMLElement).parentElement;
                      show(shown + moreRows);
                      void this.updateComplete.then(() =>
                        group?.querySelectorAll<HTMLElement>('jb-person-row')[shown]?.focus(),
                      );
                    }}>${t('pane.more', { count: rest })}</button>`
                  : html`<p class="hint">${t('pane.more', { count: rest })}</p>`
            }
          </div>`
      }`;
  }

  /** Everybody who has the name: which of them is meant, only the reader can say. */
  #candidates({ candidates = [] }: ItemRow, context: OpenItem['context']) {
    return html`<div class="candidates">
      ${candidates.map((person) => {
        const shown = this.client?.shown(person.id) ?? null;
        return html`<jb-person-row
          .personId=${person.id}
          .name=${person.displayName}
          .address=${person.address}
          .shown=${shown}
          .detail=${[person.department, person.address].filter(Boolean).join(' · ')}
          .action=${'chat'}
          @jb-pick=${() => this.#chat([person.id], context)}
        ></jb-person-row>`;
      })}
    </div>`;
  }

  #pick(row: ItemRow, context: OpenItem['context']): void {
    if (row.person !== null) this.#chat([row.person.id], context);
    else if (row.kind === 'ambiguous') this.openName = this.openName === row.key ? '' : row.key;
  }

  /**
   * The sentence with the person's own words, where both are confirmed, and in a document with their part in it:
   * in a mail that is seen beside the pane. Alone the sentence is the row's own.
   */
  #sentence({ roles: [role] }: ItemRow, shown: Shown | undefined): string {
    if (shown === undefined) return '';
    const note = (shown.freshness === 'fresh' && shown.view?.note?.text) || null;
    const kind = this.#item?.kind;
    const part = role && (kind === 'document' || kind === 'workbook') ? t(`role.${role}`) : null;
    const more = [note, part].filter((one) => one !== null);
    return more.length === 0 ? '' : [stateSentence(shown), ...more].join(' · ');
  }

  /** The button beside the row is the way that the person's state recommends now. */
  #bestWay(row: ItemRow, shown: Shown | undefined): 'chat' | 'mail' | 'none' {
    if (row.address === '') return 'none';
    return row.person === null || shown?.view?.contact[0] === 'email' ? 'mail' : 'chat';
  }

  #showCard(anchor: HTMLElement, personId: string): void {
    this.renderRoot.querySelector('jb-card-popover')?.show(anchor, personId);
  }

  /** Outlook's own form instead of the browser's mail program, which in a pane is a stranger. */
  #mail(event: MouseEvent, row: ItemRow): void {
    const isMail = event
      .composedPath()
      .some((one) => one instanceof HTMLAnchorElement && one.protocol === 'mailto:');
    if (isMail && this.host?.writeMail(row.address)) event.preventDefault();
  }

  #showMore({ currentTarget }: Event, id: Section['id']): void {
    const from = this.shownRows[id];
    const list = (currentTarget as HTMLElement).parentElement?.querySelector('.people') ?? null;
    this.shownRows = { ...this.shownRows, [id]: from + moreRows };
    void this.updateComplete.then(() =>
      list?.querySelectorAll<HTMLElement>('.people > .person jb-person-row, .people > .list')[from]?.focus(),
    );
  }

  #warnings(rows: readonly ItemRow[]) {
    const absences = absencesOf(rows, (id) => {
      const { freshness, view } = this.client?.shown(id) ?? { freshness: 'unknown', view: null };
      return freshness === 'unknown' ? null : view;
    });
    return absences.map(
      ({ row, until, note }) => html`<div class="warning" role="status">
        ${symbol('info')}
        <div>
          <div>${until === null ? t('pane.absent', { name: row.name }) : t('pane.absentUntil', { name: row.name, time: formatUntil(Date.parse(until), Date.now()) })}</div>
          ${note ? html`<div class="quiet" dir="auto">${note}</div>` : nothing}
        </div>
      </div>`,
    );
  }

  #hints(item: OpenItem, rows: readonly ItemRow[]) {
    const isSettled = rows.every(({ kind }) => kind === 'stranger' || kind === 'nameless');
    const lines = item.unanswered.map((role) => t(`role.${role}`)).join(', ');
    return html`${rows.length === 0 && lines === '' ? html`<p class="hint">${t('pane.nobody')}</p>` : nothing}
      ${rows.length > 0 && isSettled ? html`<p class="hint">${t('pane.nobodyKnown')}</p>` : nothing}
      ${item.isPartial && !item.focus ? html`<p class="hint">${t('pane.partial')}</p>` : nothing}
      ${lines === '' ? nothing : html`<p class="hint" role="status">${t('pane.unanswered', { host: applications[item.kind], lines })}</p>`}`;
  }

  #talks() {
    return html`<section aria-labelledby="talks">
      <div class="head"><h2 id="talks">${t('conversations.title')}</h2></div>
      <jb-conversations .client=${this.client} .itemId=${this.#item?.context?.itemId ?? ''}></jb-conversations>
    </section>`;
  }
}

if (!customElements.get('jb-item-pane')) customElements.define('jb-item-pane', ItemPane);
declare global {
  interface HTMLElementTagNameMap {
    'jb-item-pane': ItemPane;
  }
}
