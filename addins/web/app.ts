/**
 * `<jb-web>`: the web client. Signs in, lays the shared views out in three columns (below 640 px they are one
 * pane with a way back), and keeps the place in the address, so that reload and the back button work.
 */
import '../shared/ui/card-popover.ts';
import '../shared/ui/connection-banner.ts';
import '../shared/ui/contact-list.ts';
import '../shared/ui/conversation-list.ts';
import '../shared/ui/roster.ts';
import '../shared/ui/state-menu.ts';
import './sign-in.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { PersonName } from '../../server/protocol/contacts.ts';
import { keepAskedChat, takeAskedChat } from '../shared/client/chat-link.ts';
import { type Client, createClient, type Notice } from '../shared/client/client.ts';
import { totalUnread } from '../shared/client/conversation-store.ts';
import { allowSensingMachine, canSenseMachine } from '../shared/client/sensing.ts';
import { rememberedUser, rememberUser, type Session } from '../shared/client/session.ts';
import { currentLocale, t } from '../shared/i18n/i18n.ts';
import { plainText } from '../shared/ui/markdown.ts';
import { baseStyles, buttonStyles } from '../shared/ui/styles.ts';
import { symbol } from '../shared/ui/symbol.ts';
import { createAttention } from './attention.ts';
import { createUrgency, type Urgency } from './urgency.ts';

/** Storage may be forbidden; then nothing outlives the page. */
function storageOf(kind: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return globalThis[kind];
  } catch {
    return null;
  }
}

interface Toast {
  key: string;
  text: string;
  open: (() => void) | null;
}

/** A third of the client's weight: fetched while people look at their lists, here before they open one. */
const loadConversations = () => import('../shared/ui/conversation-pane.ts');

const toastMs = 8_000;

export class WebClient extends LitElement {
  static override properties = {
    client: { state: true },
    conversationId: { state: true },
    cardId: { state: true },
    reason: { state: true },
    toasts: { state: true },
    isBlocked: { state: true },
    isNarrow: { state: true },
    sought: { state: true },
  };
  declare client: Client | null;
  declare conversationId: string;
  /** Whose card stands in the third column. */
  declare cardId: string;
  declare reason: string;
  declare toasts: readonly Toast[];
  declare isBlocked: boolean;
  /** One pane instead of columns. */
  declare isNarrow: boolean;
  /** What is typed into the filter: messages are sought too. */
  declare sought: string;

  readonly #narrow = matchMedia('(max-width: 639px)');
  readonly #attention = createAttention(t('app.name'), storageOf('localStorage'));
  #urgency: Urgency | null = null;
  #unsubscribe: (() => void) | null = null;

  constructor() {
    super();
    this.client = null;
    this.conversationId = '';
    this.cardId = '';
    this.reason = '';
    this.toasts = [];
    this.isBlocked = false;
    this.isNarrow = this.#narrow.matches;
    this.sought = '';
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      .columns {
        flex: 1;
        min-height: 0;
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        grid-template-rows: minmax(0, 1fr);
      }
      nav,
      .talk,
      .aside {
        min-width: 0;
        min-height: 0;
      }
      nav {
        display: flex;
        flex-direction: column;
        background: var(--colorNeutralBackground1);
      }
      .own {
        display: flex;
        align-items: center;
        gap: 4px;
        padding: 8px;
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      .own jb-state {
        flex: 1;
      }
      .lists {
        flex: 1;
        min-height: 0;
        overflow-y: auto;
        padding: 8px 4px;
      }
      h2 {
        display: flex;
        padding: 12px 8px 4px;
        font-size: var(--fontSizeBase200);
        line-height: var(--lineHeightBase200);
        font-weight: var(--fontWeightSemibold);
        color: var(--colorNeutralForeground2);
      }
      .talk {
        display: flex;
        flex-direction: column;
      }
      .aside {
        overflow-y: auto;
        background: var(--colorNeutralBackground1);
        border-inline-start: 1px solid var(--colorNeutralStroke2);
      }
      .nobody {
        flex: 1;
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 12px;
        padding: 24px;
        text-align: center;
        color: var(--colorNeutralForeground3);
      }
      .options {
        margin: 12px 0 0;
        padding-top: 8px;
        border-top: 1px solid var(--colorNeutralStroke2);
        display: grid;
        gap: 2px;
      }
      .options label,
      .options button {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 32px;
        padding: 0 8px;
      }
      .options button {
        border: 0;
        background: none;
        border-radius: var(--borderRadiusMedium);
      }
      .options button:hover,
      .options label:hover {
        background: var(--colorSubtleBackgroundHover);
      }
      .toasts {
        position: fixed;
        z-index: 2;
        inset-inline-end: 12px;
        bottom: 12px;
        display: grid;
        gap: 8px;
        width: min(320px, calc(100vw - 24px));
      }
      .toast {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 8px 8px 8px 12px;
        border: 1px solid var(--colorNeutralStroke2);
        border-radius: var(--borderRadiusLarge);
        background: var(--colorNeutralBackground1);
        box-shadow: var(--shadow16);
      }
      .toast span,
      .toast .link {
        flex: 1;
        min-width: 0;
      }
      @media (max-width: 639px) {
        .has-conversation nav,
        :not(.has-conversation) > .talk,
        .aside {
          display: none;
        }
      }
      @media (min-width: 640px) {
        .columns {
          grid-template-columns: minmax(240px, 300px) minmax(0, 1fr);
        }
        nav {
          border-inline-end: 1px solid var(--colorNeutralStroke2);
        }
        .aside {
          display: none;
        }
      }
      @media (min-width: 900px) {
        .columns.has-card {
          grid-template-columns: minmax(240px, 280px) minmax(0, 1fr) 300px;
        }
        .aside {
          display: block;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const storage = storageOf('sessionStorage');
    const asking = keepAskedChat(storage);
    if (asking !== null && rememberedUser(storage) === null) rememberUser(storage, asking);
    addEventListener('popstate', this.#onPlace);
    addEventListener('pagehide', this.#onHide);
    this.#narrow.addEventListener('change', this.#onWidth);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('popstate', this.#onPlace);
    removeEventListener('pagehide', this.#onHide);
    this.#narrow.removeEventListener('change', this.#onWidth);
    this.#unsubscribe?.();
    this.#urgency?.close();
    this.client?.close();
  }
  #onWidth = () => {
    this.isNarrow = this.#narrow.matches;
  };
  /** Frees the lock of the shared stream at once; a page that the browser keeps for going back starts anew. */
  #onHide = (event: PageTransitionEvent) => {
    if (event.persisted) addEventListener('pageshow', () => location.reload(), { once: true });
    this.client?.close();
  };

  #onSignedIn(event: CustomEvent<{ session: Session; person: PersonName; user: string }>): void {
    const { session, person, user } = event.detail;
    rememberUser(storageOf('sessionStorage'), user);
    this.reason = '';
    void loadConversations().catch(() => {});
    this.client = createClient({
      baseUrl: '',
      session,
      me: { id: person.id, displayName: person.displayName, address: person.address },
      language: currentLocale,
      storage: storageOf('localStorage'),
      host: 'web',
      onNotice: (notice) => this.#onNotice(notice),
    });
    this.#urgency = createUrgency({
      meId: person.id,
      call: ({ conversationId, from, text }) =>
        this.#attention.call({
          title: `${t('conversation.importance.urgent')}: ${from.displayName}`,
          text: plainText(text).slice(0, 200),
          tag: conversationId,
          open: () => this.#open(conversationId),
          again: true,
        }),
      every: (ms, work) => {
        const timer = setInterval(work, ms);
        return () => clearInterval(timer);
      },
    });
    this.#unsubscribe = this.client.subscribe(() => this.#onChange());
    this.#onPlace();
    void this.#openAskedChat(this.client);
  }

  #onChange(): void {
    const { client } = this;
    if (!client) return;
    const { conversations, conversationsLoad } = client.state();
    this.#attention.showUnread(totalUnread(conversations));
    this.#urgency?.follow(conversations.conversations);
    const isGone =
      this.conversationId !== '' &&
      !this.conversationId.startsWith('new:') &&
      conversationsLoad === 'ready' &&
      conversations.conversations.size > 0 &&
      !conversations.conversations.has(this.conversationId) &&
      !conversations.incomplete.has(this.conversationId);
    if (isGone) this.#open('', true);
    this.requestUpdate();
  }

  #onNotice(notice: Notice): void {
    switch (notice.kind) {
      case 'created':
        if (this.conversationId === notice.localId) this.#open(notice.conversation.id, true);
        return;
      case 'message':
        if (notice.urgent) this.#urgency?.arrived(notice.conversation, notice.message);
        this.#attention.call({
          title: notice.from.displayName,
          text: plainText(notice.message.text).slice(0, 200),
          tag: notice.conversation.id,
          open: () => this.#open(notice.conversation.id),
        });
        return;
      case 'added-you':
        this.#toast(t('contacts.added', { name: notice.person.displayName }), () =>
          this.#showCard(notice.person.id),
        );
        return;
      case 'state-ended':
        this.#toast(t('me.ended', { state: notice.view.text }), null);
        return;
      case 'available': {
        const { id } = notice.view;
        void this.client?.needPerson(id).then(() => {
          const name = this.client?.state().people.get(id)?.displayName ?? '';
          const text = t('contacts.alert', { name });
          this.#toast(text, () => this.#chat(id));
          this.#attention.call({ title: text, text: '', tag: `alert-${id}`, open: () => this.#chat(id) });
        });
        return;
      }
    }
  }

  #toast(text: string, open: (() => void) | null): void {
    const toast: Toast = { key: crypto.randomUUID(), text, open };
    this.toasts = [...this.toasts.slice(-2), toast];
    setTimeout(() => this.#dismiss(toast), toastMs);
  }
  #dismiss(toast: Toast): void {
    this.toasts = this.toasts.filter((one) => one !== toast);
  }

  // ---- place ----

  /** Takes the place from the address: `#c=…` is a conversation, nothing is the lists. */
  #onPlace = () => {
    const place = new URLSearchParams(location.hash.slice(1));
    this.conversationId = place.get('c') ?? '';
    this.#followCard();
  };

  #open(conversationId: string, replaces = false): void {
    if (conversationId !== this.conversationId) {
      const address = conversationId ? `#${new URLSearchParams({ c: conversationId })}` : location.pathname;
      history[replaces ? 'replaceState' : 'pushState'](null, '', address);
    }
    this.conversationId = conversationId;
    this.#followCard();
    if (conversationId) {
      void Promise.all([loadConversations(), this.updateComplete])
        .then(() => this.renderRoot.querySelector('jb-conversation')?.focus())
        // The server is away: opening it again tries again, and the banner says why.
        .catch(() => {});
    }
  }

  /** The third column shows the other one of two; of a conference nobody until somebody is chosen. */
  #followCard(): void {
    const { client } = this;
    if (!client || !this.conversationId) return;
    const conversation = client.state().conversations.conversations.get(this.conversationId);
    const others =
      conversation?.participants.map(({ person }) => person.id).filter((id) => id !== client.state().me.id) ??
      client.begunWith(this.conversationId)?.ids ??
      [];
    this.cardId = others.length === 1 ? (others[0] ?? '') : '';
  }

  /** What not everybody needs on every day is loaded when it is first asked for. */
  #seek(query: string): void {
    this.sought = query;
    if (query.trim() !== '') void import('../shared/ui/message-search.ts');
  }

  async #goTo({ conversationId, seq }: { conversationId: string; seq: number }): Promise<void> {
    this.#open(conversationId);
    await Promise.all([loadConversations(), this.updateComplete]);
    await this.renderRoot.querySelector('jb-conversation')?.goTo(seq);
  }

  /** A chat that another program asked for by this page's address; nobody it knows, nothing to open. */
  async #openAskedChat(client: Client): Promise<void> {
    const asked = takeAskedChat(storageOf('sessionStorage'));
    if (asked === null) return;
    const { items } = await client.api.resolve([...asked.addresses]);
    const people = items.flatMap(({ person }) =>
      person === null || person.id === client.state().me.id ? [] : [person],
    );
    if (people.length === 0) return;
    client.rememberPeople(people);
    const ids = people.map(({ id }) => id);
    this.#open(client.conversationWith(ids, asked.context));
  }

  #chat(personId: string): void {
    const { client } = this;
    if (!client) return;
    this.renderRoot.querySelector('jb-contacts')?.clear();
    if (personId === client.state().me.id) this.#showCard(personId);
    else this.#open(client.conversationWith([personId]));
    this.cardId = personId;
  }

  #showCard(personId: string, anchor: HTMLElement = this): void {
    if (matchMedia('(min-width: 900px)').matches) this.cardId = personId;
    else this.renderRoot.querySelector('jb-card-popover')?.show(anchor, personId);
  }

  #back = () => {
    this.#open('');
    void this.updateComplete.then(() => this.renderRoot.querySelector('jb-contacts')?.focus());
  };

  #signOut = () => {
    this.#unsubscribe?.();
    this.#urgency?.close();
    this.#urgency = null;
    this.client?.close(true);
    this.client = null;
    rememberUser(storageOf('sessionStorage'), null);
    history.replaceState(null, '', location.pathname);
    this.conversationId = '';
    this.cardId = '';
    document.title = t('app.name');
  };

  override render() {
    const { client } = this;
    if (!client) {
      return html`<jb-sign-in
        .remembered=${rememberedUser(storageOf('sessionStorage'))}
        .reason=${this.reason}
        @jb-signed-in=${this.#onSignedIn}
      ></jb-sign-in>`;
    }
    const hasConversation = this.conversationId !== '';
    return html`<jb-connection .client=${client}></jb-connection>
      <main
        class="columns ${hasConversation ? 'has-conversation' : ''} ${this.#hasAside(client) ? 'has-card' : ''}"
        @jb-open=${(event: CustomEvent<{ conversationId: string }>) => this.#open(event.detail.conversationId)}
        @jb-pick=${(event: CustomEvent<{ personId: string }>) => this.#chat(event.detail.personId)}
        @jb-chat=${(event: CustomEvent<{ personId: string }>) => this.#chat(event.detail.personId)}
        @jb-card=${(event: CustomEvent<{ personId: string; anchor: HTMLElement }>) => this.#showCard(event.detail.personId, event.detail.anchor)}
        @jb-go-to=${(event: CustomEvent<{ conversationId: string; seq: number }>) => this.#goTo(event.detail)}
        @jb-back=${this.#back}
        @jb-gone=${() => this.#open('', true)}
      >
        <h1 class="hidden">${t('app.name')}</h1>
        <nav aria-label=${t('contacts.title')}>
          <div class="own"><jb-state .client=${client}>${this.#renderOptions()}</jb-state></div>
          <div class="lists">
            <jb-contacts
              .client=${client}
              .selectedId=${this.conversationId.startsWith('new:') ? this.cardId : ''}
              @jb-filter=${(event: CustomEvent<string>) => this.#seek(event.detail)}
            >
              <h2 slot="before">${t('conversations.title')}</h2>
              <jb-conversations slot="before" .client=${client} .selectedId=${this.conversationId}></jb-conversations>
              <jb-message-search slot="found" .client=${client} .query=${this.sought}></jb-message-search>
            </jb-contacts>
          </div>
        </nav>
        <div class="talk">
          ${
            hasConversation
              ? html`<jb-conversation .client=${client} .conversationId=${this.conversationId} ?hasBack=${this.isNarrow} canAttach></jb-conversation>`
              : html`<div class="nobody">${symbol('chat', 40)}<p>${t('conversations.none')}</p></div>`
          }
        </div>
        ${this.#renderAside(client)}
        <jb-card-popover .client=${client}></jb-card-popover>
      </main>
      <div class="toasts" role="status">
        ${this.toasts.map(
          (toast) => html`<div class="toast">
            ${
              toast.open
                ? html`<button class="link" @click=${() => {
                    toast.open?.();
                    this.#dismiss(toast);
                  }}>${toast.text}</button>`
                : html`<span>${toast.text}</span>`
            }
            <button class="icon-button" aria-label=${t('action.close')} @click=${() => this.#dismiss(toast)}>${symbol('dismiss', 16)}</button>
          </div>`,
        )}
      </div>`;
  }

  #hasAside(client: Client): boolean {
    return (
      this.cardId !== '' ||
      client.state().conversations.conversations.get(this.conversationId)?.kind === 'conference'
    );
  }

  /** The third column: the card of one person, or who takes part when there are several. */
  #renderAside(client: Client) {
    const conversation = client.state().conversations.conversations.get(this.conversationId);
    const isConference = conversation?.kind === 'conference';
    if (!this.#hasAside(client)) return nothing;
    return html`<section class="aside" aria-label=${t('card.reach')}>
      ${this.cardId ? html`<jb-card .client=${client} .personId=${this.cardId}></jb-card>` : nothing}
      ${isConference ? html`<jb-roster .client=${client} .conversationId=${this.conversationId}></jb-roster>` : nothing}
    </section>`;
  }

  #renderOptions() {
    return html`<div class="options">
      <label
        ><input
          type="checkbox"
          .checked=${this.#attention.isNotifying()}
          @change=${async (event: Event) => {
            const box = event.target as HTMLInputElement;
            const wanted = box.checked;
            box.checked = await this.#attention.setNotifying(wanted);
            this.isBlocked = wanted && !box.checked;
          }}
        />${t('notify.enable')}</label
      >
      ${this.isBlocked ? html`<p class="quiet" role="alert">${t('notify.blocked')}</p>` : nothing}
      <label
        ><input type="checkbox" .checked=${this.#attention.hasSound()} @change=${(event: Event) => this.#attention.setSound((event.target as HTMLInputElement).checked)} />${t('notify.sound')}</label
      >
      ${
        canSenseMachine()
          ? html`<button @click=${async () => {
              if (await allowSensingMachine()) this.client?.senseAgain();
            }}>${symbol('eye')}${t('notify.machine')}</button>`
          : nothing
      }
      <button @click=${this.#signOut}>${symbol('signOut')}${t('signin.signOut')}</button>
    </div>`;
  }
}
if (!customElements.get('jb-web')) customElements.define('jb-web', WebClient);
