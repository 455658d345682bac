/**
 * `<jb-item-people>`: the people of the open item, those of what is selected in it above: who they are, how they
 * are, and the ways to reach them. Events: `jb-talk {ids, context}` asks for a conversation, `jb-card {personId,
 * anchor}` for a card. What somebody opened here stays open while the element lives, until the item is another.
 */
import './person-row.ts';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { limits } from '../../../server/protocol/vocabulary.ts';
import type { Client } from '../client/client.ts';
import type { Shown } from '../client/presence-store.ts';
import { formatUntil } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { absencesOf, firstRows, type ItemRow, membersOf, moreRows } from '../item-rows.ts';
import type { ItemPerson, OpenItem } from '../people-source.ts';
import { ClientController } from './client-controller.ts';
import { createItemDirectory, type ItemDirectory } from './item-directory.ts';
import { stateSentence } from './person-text.ts';
import { moveByKey } from './row-keys.ts';
import { baseStyles, buttonStyles, paneSectionStyles } from './styles.ts';
import { symbol } from './symbol.ts';

/** With whom a conversation is asked for, and about what. */
export interface Talk {
  readonly ids: readonly string[];
  readonly context: OpenItem['context'];
}

/** What the host adds to its people. */
export interface PeopleActions {
  /** Opens the host's own form for a new mail; false where it has none, and the browser's link is followed. */
  writeMail(address: string): boolean;
  /** What else can be done with what is open. `run` answers a sentence that says how it went; never rejects. */
  readonly commands?: readonly { title(): string; run(): Promise<string> }[];
  /** Draws below the people what only this host has to say of them: all who are shown, those of open lists too. */
  more?(item: OpenItem, rows: readonly ItemRow[], client: Client): unknown;
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

export class ItemPeople extends LitElement {
  static override properties = {
    client: { attribute: false },
    item: { attribute: false },
    host: { attribute: false },
    shownRows: { state: true },
    openName: { state: true },
    openLists: { state: true },
    said: { state: true },
  };
  declare client: Client | null;
  declare item: OpenItem | null;
  declare host: PeopleActions | null;
  /** How many rows each section shows. */
  declare shownRows: Readonly<Record<Section['id'], number>>;
  /** The ambiguous name whose candidates are shown. */
  declare openName: string;
  /** The lists whose people are shown, each with how many of them. */
  declare openLists: ReadonlyMap<string, number>;
  /** How the last command went. */
  declare said: string;

  #directory: ItemDirectory | null = null;
  #key = '';

  constructor() {
    super();
    this.client = null;
    this.item = null;
    this.host = null;
    this.shownRows = { focus: firstRows, people: firstRows };
    this.openName = '';
    this.openLists = new Map();
    this.said = '';
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    paneSectionStyles,
    css`
      section + section {
        margin-top: 12px;
        border-top: 1px solid var(--colorNeutralStroke3);
        padding-top: 4px;
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
      [slot='beside'] {
        opacity: 0;
      }
      jb-person-row:is(:hover, :focus-within) > [slot='beside'] {
        opacity: 1;
      }
      @media (hover: none) {
        [slot='beside'] {
          opacity: 1;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    // Whoever is not on the screen is not watched: begin again.
    this.requestUpdate();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const { client, item } = this;
    if (changed.has('client'))
      this.#directory = client === null ? null : createItemDirectory(client, () => this.requestUpdate());
    if (item !== null && item.key !== this.#key) {
      this.#key = item.key;
      this.shownRows = { focus: firstRows, people: firstRows };
      this.openLists = new Map();
    }
    if (this.isConnected) this.#directory?.follow(this, item, this.openLists);
  }

  #rows(people: readonly ItemPerson[]): readonly ItemRow[] {
    return this.#directory?.rows(people) ?? [];
  }
  #unfolded(rows: readonly ItemRow[]): readonly ItemRow[] {
    return this.#directory?.unfolded(rows, this.openLists) ?? rows;
  }

  #sections(item: OpenItem): Section[] {
    const focused = item.focus ? this.#rows(item.focus.people) : [];
    const above = new Set(focused.map(({ key }) => key));
    const { context } = item;
    const quote = item.focus?.quote ?? '';
    const everybody = this.#rows(item.people);
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

  override render() {
    const { client, item } = this;
    if (client === null || item === null) return nothing;
    const all = this.#unfolded(this.#rows(item.people));
    return html`${this.#sections(item).map((section) => this.#section(item, section))}${this.#commands()}${this.host?.more?.(item, all, client)}`;
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
    const all = this.#unfolded(everybody);
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
        this.#talk([event.detail.personId], context);
      }}
    >
      <div class="head">
        <h2 id=${id}>${title}</h2>
        ${
          known.length > 1 && !isTooMany
            ? html`<button class="button" @click=${() => this.#talk(known, context)}>${t('pane.chatAll')}</button>`
            : nothing
        }
      </div>
      ${quote === '' ? nothing : html`<blockquote class="quiet" dir="auto">${quote}</blockquote>`}
      ${item.mode === 'compose' ? this.#warnings(this.#unfolded(rows)) : nothing}
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
    return html`<jb-person-row
      offers
      .personId=${person?.id ?? ''}
      .name=${row.name}
      .address=${row.address}
      .shown=${shown ?? null}
      .detail=${person === null ? details[row.kind] : this.#sentence(row, shown)}
      .action=${this.#bestWay(row, shown)}
      @jb-pick=${() => this.#pick(row, context)}
      @click=${(event: MouseEvent) => this.#mail(event, row)}
    >
      ${
        person === null
          ? nothing
          : html`<button
            class="icon-button"
            slot="beside"
            aria-label=${t('person.openCard', { name: row.name })}
            title=${t('person.openCard', { name: row.name })}
            @click=${(event: Event) => this.#showCard(event.currentTarget as HTMLElement, person.id)}
          >
            ${symbol('contactCard')}
          </button>`
      }
    </jb-person-row>
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
          offers
          .personId=${person.id}
          .name=${person.displayName}
          .address=${person.address}
          .shown=${shown}
          .detail=${[person.department, person.address].filter(Boolean).join(' · ')}
          .action=${'chat'}
          @jb-pick=${() => this.#talk([person.id], context)}
        ></jb-person-row>`;
      })}
    </div>`;
  }

  #pick(row: ItemRow, context: OpenItem['context']): void {
    if (row.person !== null) this.#talk([row.person.id], context);
    else if (row.kind === 'ambiguous') this.openName = this.openName === row.key ? '' : row.key;
  }

  /**
   * The sentence with the person's own words, where both are confirmed, and in a document with their part in it:
   * in a mail that is seen beside the pane. Alone the sentence is the row's own.
   */
  #sentence({ roles: [role] }: ItemRow, shown: Shown | undefined): string {
    if (shown === undefined) return '';
    const note = (shown.freshness === 'fresh' && shown.view?.note?.text) || null;
    const kind = this.item?.kind;
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
    this.dispatchEvent(new CustomEvent('jb-card', { bubbles: true, detail: { personId, anchor } }));
  }

  #talk(ids: readonly string[], context: OpenItem['context']): void {
    this.dispatchEvent(new CustomEvent('jb-talk', { detail: { ids, context } satisfies Talk }));
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
      list?.querySelectorAll<HTMLElement>('.people > jb-person-row, .people > .list')[from]?.focus(),
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
}

if (!customElements.get('jb-item-people')) customElements.define('jb-item-people', ItemPeople);
declare global {
  interface HTMLElementTagNameMap {
    'jb-item-people': ItemPeople;
  }
}
