/**
 * `<jb-people-part>`: people on a page of another product, with live icons, what they do and the best way to reach
 * them, in three layouts, and a chat about the page. Everything that a chat needs is loaded when somebody wants
 * one. Names no host; `openPeoplePart` is how a host places it.
 */
import '../ui/face.ts';
import '../ui/person-row.ts';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { type Channel, limits } from '../../../server/protocol/vocabulary.ts';
import { type AddressBook, createAddressBook } from '../client/address-book.ts';
import type { Client } from '../client/client.ts';
import type { Shown } from '../client/presence-store.ts';
import { t } from '../i18n/i18n.ts';
import { stateSentence, stateTooltip } from '../ui/person-text.ts';
import { moveByKey } from '../ui/row-keys.ts';
import { baseStyles, buttonStyles } from '../ui/styles.ts';
import { symbol } from '../ui/symbol.ts';
import type { OpenPeoplePart, PeoplePartInput } from './page-api.ts';
import { connectPage, isServerAddress, type PageConnection, speakLanguages } from './page-connection.ts';
import { type PartRow, partRows } from './page-rows.ts';
import { themeRules } from './page-theme.ts';
import { p } from './page-words.ts';
import { partStyles } from './part-styles.ts';

/** More than this is a list that nobody reads; the rest is one click away. */
const firstShown = { list: 20, compact: 60, cards: 24 } as const;
const channels = {
  im: ['part.chat', 'chat'],
  call: ['part.call', 'call'],
  email: ['part.email', 'mail'],
} as const satisfies Record<Channel, readonly [string, string]>;

const emptyInput: PeoplePartInput = {
  people: null,
  problem: '',
  heading: '',
  layout: 'list',
  topic: null,
  theme: null,
};

export class PeoplePart extends LitElement {
  static override properties = {
    input: { attribute: false },
    connection: { attribute: false },
    conversationId: { state: true },
    isWhole: { state: true },
    hasTalk: { state: true },
    hasCard: { state: true },
  };
  declare input: PeoplePartInput;
  declare connection: PageConnection | null;
  declare conversationId: string;
  declare isWhole: boolean;
  /** The code of conversations is here. */
  declare hasTalk: boolean;
  declare hasCard: boolean;

  #client: Client | null = null;
  #book: AddressBook | null = null;
  #leave: (() => void)[] = [];
  #leaveClient: (() => void) | null = null;
  #theme = new CSSStyleSheet();
  #wasLive = false;

  constructor() {
    super();
    this.input = emptyInput;
    this.connection = null;
    this.conversationId = '';
    this.isWhole = false;
    this.hasTalk = false;
    this.hasCard = false;
  }

  static override styles = [baseStyles, buttonStyles, partStyles];

  override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = super.createRenderRoot();
    (root as ShadowRoot).adoptedStyleSheets.push(this.#theme);
    return root;
  }

  // ---- connection, people ----

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('connection')) this.#attach();
    if (changed.has('input')) {
      this.#theme.replaceSync(themeRules(this.input.theme));
      const before = changed.get('input') as PeoplePartInput | undefined;
      if (before?.people !== this.input.people) this.isWhole = false;
    }
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#detach();
  }

  #detach(): void {
    for (const leave of this.#leave.splice(0)) leave();
    this.#leaveClient?.();
    this.#leaveClient = null;
    this.#client?.watch(this, []);
    this.#client = null;
    this.#book = null;
  }

  #attach(): void {
    this.#detach();
    const { connection } = this;
    if (connection === null) return;
    this.#leave = [
      connection.subscribe(() => this.requestUpdate()),
      connection.onNotice((notice) => {
        if (notice.kind === 'created' && notice.localId === this.conversationId)
          this.conversationId = notice.conversation.id;
      }),
    ];
  }

  /** Takes the client when it is there, asks for addresses, watches people. */
  #follow(): void {
    const state = this.connection?.state();
    const client = state?.kind === 'ready' ? state.client : null;
    if (client !== this.#client) {
      this.#leaveClient?.();
      this.#client = client;
      this.#leaveClient = client?.subscribe(() => this.requestUpdate()) ?? null;
      this.#book =
        client === null
          ? null
          : createAddressBook({
              api: client.api,
              onChange: (people) => {
                client.rememberPeople(people);
                this.requestUpdate();
              },
            });
    }
    if (client === null) return;
    const isLive = client.state().link.kind === 'live';
    const rows = this.#rows();
    const unknown = rows.filter(
      ({ kind }) => kind === 'pending' || (kind === 'failed' && isLive && !this.#wasLive),
    );
    this.#wasLive = isLive;
    this.#book?.need(unknown.map(({ address }) => address));
    client.watch(
      this,
      rows.flatMap(({ person }) => (person === null ? [] : [person.id])),
    );
  }

  #rows(): PartRow[] {
    return partRows(this.input.people ?? [], this.#book);
  }

  #isMe(row: PartRow): boolean {
    return row.person !== null && row.person.id === this.#client?.state().me.id;
  }

  // ---- conversations, cards ----

  async #talk(ids: readonly string[]): Promise<void> {
    const client = this.#client;
    if (client === null || ids.length === 0) return;
    await import('../ui/conversation-pane.ts');
    const { topic } = this.input;
    this.conversationId = client.conversationWith(ids, topic === null ? null : { kind: 'page', ...topic });
    this.hasTalk = true;
    await this.updateComplete;
    // A part may be longer than the window: what was asked for must be seen.
    this.renderRoot.querySelector('.talk')?.scrollIntoView({ block: 'nearest' });
  }

  readonly #endTalk = (): void => {
    this.conversationId = '';
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('.about, [data-row]')?.focus(),
    );
  };

  async #card(anchor: HTMLElement, personId: string): Promise<void> {
    await import('../ui/card-popover.ts');
    this.hasCard = true;
    await this.updateComplete;
    this.renderRoot.querySelector('jb-card-popover')?.show(anchor, personId);
  }

  /** Where a call or a mail goes: the work number, else the address. */
  #hrefOf(channel: Channel, row: PartRow): string | null {
    if (channel === 'email') return row.address === '' ? null : `mailto:${encodeURIComponent(row.address)}`;
    const number = channel === 'call' ? (row.person?.phones?.work ?? row.person?.phones?.mobile) : undefined;
    return number ? `tel:${number.replaceAll(/[^\d+*#]/g, '')}` : null;
  }

  /** The first way that the person's state recommends and that there is. */
  #bestWay(row: PartRow, shown: Shown | null): Channel | null {
    if (this.#isMe(row)) return null;
    const order: readonly Channel[] =
      row.person === null ? ['email'] : [...(shown?.view?.contact ?? []), 'im', 'email'];
    return (
      order.find((one) => (one === 'im' ? row.person !== null : this.#hrefOf(one, row) !== null)) ?? null
    );
  }

  // ---- drawing ----

  override render() {
    const { input, conversationId } = this;
    const client = this.#client;
    const heading = input.heading || p('part.people');
    if (conversationId !== '' && this.hasTalk && client !== null) {
      return html`<section aria-label=${heading}>
        <div class="talk">
          <jb-conversation
            .client=${client}
            .conversationId=${conversationId}
            hasBack
            canAttach
            @jb-back=${this.#endTalk}
            @jb-gone=${this.#endTalk}
            @jb-card=${(event: CustomEvent<{ personId: string; anchor: HTMLElement }>) =>
              void this.#card(event.detail.anchor, event.detail.personId)}
          ></jb-conversation>
        </div>
        ${this.#popover()}
      </section>`;
    }
    const rows = this.#rows();
    const others = rows.flatMap((row) => (row.person === null || this.#isMe(row) ? [] : [row.person.id]));
    return html`<section aria-labelledby="heading">
      <header>
        <h2 id="heading">${heading}</h2>
        ${
          input.topic !== null && others.length > 0 && others.length < limits.participants
            ? html`<button class="button about" @click=${() => void this.#talk(others)}>
                ${symbol('chat')}${p('part.chatAbout')}
              </button>`
            : nothing
        }
      </header>
      ${this.#notice()} ${this.#people(rows)} ${this.#popover()}
    </section>`;
  }

  #popover() {
    return this.hasCard
      ? html`<jb-card-popover
          .client=${this.#client}
          @jb-chat=${(event: CustomEvent<{ personId: string }>) => void this.#talk([event.detail.personId])}
        ></jb-card-popover>`
      : nothing;
  }

  /** What stands in the way of presence; the people are shown all the same. */
  #notice() {
    const state = this.connection?.state();
    if (state === undefined) return html`<p class="notice" role="status">${p('part.noServer')}</p>`;
    const button = (label: string) =>
      html`<button class="button primary" @click=${() => this.connection?.signIn()}>${label}</button>`;
    if (state.kind === 'ask')
      return html`<div class="notice"><p role="status">${state.detail === '' ? p('part.signInWhy') : t('signin.failed', { detail: state.detail })}</p>${button(p('part.signIn'))}</div>`;
    if (state.kind === 'failed')
      return html`<div class="notice"><p role="status">${p('part.failed', { detail: state.detail })}</p>${button(p('part.retry'))}</div>`;
    return nothing;
  }

  #people(rows: readonly PartRow[]) {
    const { input } = this;
    if (input.problem !== '')
      return html`<p class="notice" role="alert">${p('part.cannotTell', { detail: input.problem })}</p>`;
    if (input.people === null)
      return html`<div class="skeleton" role="status" aria-label=${p('part.connecting')}><i></i><i></i><i></i></div>`;
    if (rows.length === 0) return html`<p class="notice">${p('part.none')}</p>`;
    const shown = this.isWhole ? rows : rows.slice(0, firstShown[input.layout]);
    const draw = { list: this.#asRow, compact: this.#asLine, cards: this.#asTile }[input.layout];
    return html`<ul class=${input.layout} role="list" @keydown=${(event: KeyboardEvent) => moveByKey(event, this.renderRoot, input.layout === 'list' ? 'jb-person-row' : '[data-row]')}>
        ${repeat(
          shown,
          ({ key }) => key,
          (row) => html`<li>${draw(row, this.#shownOf(row))}</li>`,
        )}
      </ul>
      ${
        shown.length < rows.length
          ? html`<button class="link more" @click=${() => {
              this.isWhole = true;
            }}>${p('part.more', { count: rows.length - shown.length })}</button>`
          : nothing
      }`;
  }

  #shownOf(row: PartRow): Shown | null {
    return this.#client === null ? null : this.#client.shown(row.person?.id ?? '');
  }

  #sentence(row: PartRow, shown: Shown | null): string {
    if (this.#client === null) return row.role;
    if (row.kind === 'stranger') return t('person.notInDirectory');
    if (row.kind === 'pending') return t('pane.lookingUp');
    if (row.kind === 'failed') return t('pane.lookupFailed');
    if (row.kind === 'nameless') return t('pane.nameless');
    const note = shown?.freshness === 'fresh' ? (shown.view?.note?.text ?? '') : '';
    return [shown === null ? '' : stateSentence(shown), note].filter((one) => one !== '').join(' · ');
  }

  readonly #pick = (row: PartRow, anchor: HTMLElement): void => {
    if (row.person !== null) void this.#card(anchor, row.person.id);
  };

  readonly #asRow = (row: PartRow, shown: Shown | null) => {
    const way = this.#bestWay(row, shown);
    const sentence = [row.role, this.#sentence(row, shown)].filter(
      (one, at, all) => one !== '' && all.indexOf(one) === at,
    );
    return html`<div class="row">
      <jb-person-row
        .personId=${row.person?.id ?? ''}
        .name=${row.name}
        .address=${row.address}
        .shown=${shown}
        .detail=${sentence.join(' · ')}
        .action=${'none'}
        @jb-pick=${(event: Event) => this.#pick(row, event.currentTarget as HTMLElement)}
      ></jb-person-row>
      ${this.#wayButton(row, way, true)}
    </div>`;
  };

  readonly #asLine = (row: PartRow, shown: Shown | null) => {
    const sentence = this.#sentence(row, shown);
    return html`<button
      class="line"
      data-row
      title=${[sentence, shown === null ? '' : stateTooltip(shown)].filter(Boolean).join(' · ')}
      @click=${(event: Event) => this.#pick(row, event.currentTarget as HTMLElement)}
    >
      ${this.#icon(shown, 12)}<span class="one-line" dir="auto">${row.name}</span
      ><span class="hidden">${sentence}</span>
    </button>`;
  };

  readonly #asTile = (row: PartRow, shown: Shown | null) => {
    const way = this.#bestWay(row, shown);
    return html`<div class="tile">
      <button
        class="who"
        data-row
        ?disabled=${row.person === null}
        @click=${(event: Event) => this.#pick(row, event.currentTarget as HTMLElement)}
      >
        <jb-face size="56" .name=${row.name} .personId=${row.person?.id || row.address} .shown=${shown}></jb-face>
        <span class="name" dir="auto">${row.name}</span>
      </button>
      <p class="quiet one-line" dir="auto">${row.role || (row.person?.title ?? '')}</p>
      <p class="quiet sentence" dir="auto">${this.#sentence(row, shown)}</p>
      ${this.#wayButton(row, way, false)}
    </div>`;
  };

  #icon(shown: Shown | null, size: number) {
    return html`<presence-icon
      size=${size}
      label=""
      availability=${shown?.availability ?? 'unknown'}
      ?stale=${shown?.freshness === 'stale'}
      ?out-of-office=${shown !== null && shown.freshness !== 'unknown' && shown.view?.outOfOffice != null}
    ></presence-icon>`;
  }

  /** The best way now, as a button with a word or with a picture alone. */
  #wayButton(row: PartRow, way: Channel | null, isSmall: boolean) {
    if (way === null) return html`<span class="no-way"></span>`;
    const [word, picture] = channels[way];
    const label =
      way === 'email'
        ? t('person.mail', { name: row.name })
        : way === 'im'
          ? t('person.chat', { name: row.name })
          : `${p(word)}: ${row.name}`;
    const content = isSmall ? symbol(picture) : html`${symbol(picture)}${p(word)}`;
    const look = isSmall ? 'icon-button' : 'button';
    const href = this.#hrefOf(way, row);
    if (way !== 'im' && href !== null)
      return html`<a class=${look} href=${href} aria-label=${label} title=${label}>${content}</a>`;
    const ids = row.person === null ? [] : [row.person.id];
    return html`<button class=${look} aria-label=${label} title=${label} @click=${() => void this.#talk(ids)}>${content}</button>`;
  }
}
if (!customElements.get('jb-people-part')) customElements.define('jb-people-part', PeoplePart);

/** Places a part and connects it; a server that is not named yet is said in the part. */
export const openPeoplePart: OpenPeoplePart = (place, access, input) => {
  const part = document.createElement('jb-people-part') as PeoplePart;
  part.input = input;
  let isClosed = false;
  let connection: PageConnection | null = null;
  void speakLanguages(access.languages).then(() => {
    if (isClosed) return;
    connection = isServerAddress(access.server) ? connectPage(access) : null;
    part.connection = connection;
    part.lang = access.languages[0] ?? '';
    place.replaceChildren(part);
  });
  return {
    update(change) {
      part.input = { ...part.input, ...change };
    },
    close() {
      isClosed = true;
      part.remove();
      connection?.release();
    },
  };
};

declare global {
  interface HTMLElementTagNameMap {
    'jb-people-part': PeoplePart;
  }
}
