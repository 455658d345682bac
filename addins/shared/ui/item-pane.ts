/**
 * `<jb-item-pane>`: the pane beside an open item, the same in every Office host: one's own state, the people of
 * the item, conversations with those about the item on top, one's contacts and everybody else to be found, and
 * one conversation over it all. Fed by a client and a people source; knows no host.
 */
import './card-popover.ts';
import './connection-banner.ts';
import './conversation-list.ts';
import './state-menu.ts';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Client, Notice } from '../client/client.ts';
import { t } from '../i18n/i18n.ts';
import type { ItemState, OpenItem, PeopleSource } from '../people-source.ts';
import { ClientController } from './client-controller.ts';
import { ItemPeople, type PeopleActions, type Talk } from './item-people.ts';
import { baseStyles, buttonStyles, paneSectionStyles } from './styles.ts';
import { symbol } from './symbol.ts';

/** Somebody wrote about the open item while its conversation was not on the screen. */
export interface ItemMessage {
  readonly name: string;
  readonly text: string;
}

/** What the host does for the pane beside naming people. */
export interface HostActions extends PeopleActions {
  /** Tells beside the item that somebody wrote about it; null when that has been seen. */
  tellMessage?(message: ItemMessage | null): void;
  /** Draws what stands at the very end. */
  foot?(): unknown;
}

export class ItemPane extends LitElement {
  static override properties = {
    client: { attribute: false },
    source: { attribute: false },
    host: { attribute: false },
    storage: { attribute: false },
    conversationId: { state: true },
    conversationItem: { state: true },
    isFinding: { state: true },
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
  /** One's contacts, and whoever else is sought, stand where the item's people did. */
  declare isFinding: boolean;
  declare itemState: ItemState;
  /** What happened to oneself or to somebody whom one waits for, until it is read. */
  declare told: string;

  /** Outlives the conversation that covers it: what somebody opened among the people stays open. */
  readonly #people = new ItemPeople();
  #unsubscribe: (() => void) | null = null;

  constructor() {
    super();
    this.client = null;
    this.source = null;
    this.host = null;
    this.storage = null;
    this.conversationId = '';
    this.conversationItem = '';
    this.isFinding = false;
    this.itemState = { state: 'waiting' };
    this.told = '';
    this.#people.addEventListener('jb-talk', (event) => {
      const { ids, context } = (event as CustomEvent<Talk>).detail;
      this.#chat(ids, context);
    });
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    paneSectionStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100dvh;
        min-height: 0;
        background: var(--colorNeutralBackground1);
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
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
      main > * + section {
        margin-top: 12px;
        border-top: 1px solid var(--colorNeutralStroke3);
        padding-top: 4px;
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
          this.itemState = state;
        }) ?? null;
    }
    if (changed.has('client')) this.#recallPlace();
    const { client, host } = this;
    Object.assign(this.#people, { client, host, item: this.#item });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  get #item(): OpenItem | null {
    return this.itemState.state === 'open' ? this.itemState.item : null;
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
    const isTalking = this.conversationId !== '' && client !== null;
    return html`<jb-connection .client=${client}></jb-connection>${this.#tell()}
      ${isTalking ? this.#talk(client) : this.#lists()}
      <jb-card-popover .client=${client} @jb-chat=${this.#onChat}></jb-card-popover>`;
  }

  #talk(client: Client) {
    const isElsewhere = this.#item !== null && this.#item.key !== this.conversationItem;
    return html`<main class="talk"><h1 class="hidden">${t('app.name')}</h1>${
      isElsewhere
        ? html`<div class="bar" role="status"><span>${t('pane.otherItem')}</span>
            <button class="link" @click=${this.#close}>${t('pane.showPeople')}</button></div>`
        : nothing
    }
      <jb-conversation
        .client=${client}
        .conversationId=${this.conversationId}
        hasBack
        canAttach
        @jb-back=${this.#close}
        @jb-gone=${this.#close}
        @jb-card=${this.#onCard}
      ></jb-conversation></main>`;
  }

  #lists() {
    return html`<header>
        <h1 class="hidden">${t('app.name')}</h1>
        <jb-state .client=${this.client}></jb-state>
        <button
          class="icon-button"
          aria-label=${t('contacts.filter')}
          title=${t('contacts.filter')}
          aria-pressed=${this.isFinding}
          @click=${this.#toggleFinding}
        >
          ${symbol('search')}
        </button>
      </header>
      <main
        tabindex="-1"
        @jb-chat=${this.#onChat}
        @jb-open=${(event: CustomEvent<{ conversationId: string }>) => this.#open(event.detail.conversationId)}
        @jb-card=${this.#onCard}
      >
        ${this.isFinding ? this.#contacts() : html`${this.#about()}${this.#talks()}${this.host?.foot?.()}`}
      </main>`;
  }

  /** Whoever is picked here is not picked for the item: the chat is about nothing. */
  #contacts() {
    return html`<h2 class="hidden">${t('contacts.title')}</h2><jb-contacts
      .client=${this.client}
      @jb-pick=${(event: CustomEvent<{ personId: string }>) => this.#chat([event.detail.personId], null)}
    ></jb-contacts>`;
  }

  #toggleFinding = async (): Promise<void> => {
    this.isFinding = !this.isFinding;
    if (!this.isFinding) return;
    // Found when first asked for: most days the people are those of the item.
    await Promise.all([import('./contact-list.ts'), this.updateComplete]).catch(() => {});
    this.renderRoot.querySelector('jb-contacts')?.focus();
  };

  #onChat = (event: CustomEvent<{ personId: string }>): void => this.#chat([event.detail.personId]);
  #onCard = (event: CustomEvent<{ personId: string; anchor: HTMLElement }>): void =>
    this.renderRoot.querySelector('jb-card-popover')?.show(event.detail.anchor, event.detail.personId);

  #tell() {
    if (this.told === '') return nothing;
    return html`<div class="bar" role="status"><span>${this.told}</span>
      <button class="link" @click=${() => {
        this.told = '';
      }}>${t('action.close')}</button></div>`;
  }

  #about() {
    const { itemState } = this;
    if (itemState.state === 'none') return html`<p class="hint">${t('pane.noItem')}</p>`;
    if (itemState.state === 'waiting' || this.client === null) {
      return html`<div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div>`;
    }
    return this.#people;
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
