/** `<jb-conversations>`: one's conversations, unread first. Event: `jb-open {conversationId}`. */
import './face.ts';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Conversation } from '../../../server/protocol/conversations.ts';
import type { Client } from '../client/client.ts';
import { isLive, listConversations } from '../client/conversation-store.ts';
import { formatNames, formatWhen } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import { plainText } from './markdown.ts';
import { shortName } from './person-text.ts';
import { moveByKey } from './row-keys.ts';
import { baseStyles, buttonStyles } from './styles.ts';
import { symbol } from './symbol.ts';

const atOnce = 50;

export class ConversationList extends LitElement {
  static override properties = {
    client: { attribute: false },
    selectedId: {},
    /** A context item whose conversation stands on top, marked. */
    itemId: {},
    limit: { state: true },
    showsArchived: { state: true },
  };
  declare client: Client | null;
  declare selectedId: string;
  declare itemId: string;
  declare limit: number;
  declare showsArchived: boolean;

  constructor() {
    super();
    this.client = null;
    this.selectedId = '';
    this.itemId = '';
    this.limit = atOnce;
    this.showsArchived = false;
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      ul {
        list-style: none;
      }
      .conversation {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        min-height: 52px;
        padding: 6px 8px;
        border: 0;
        border-radius: var(--borderRadiusMedium);
        background: none;
        text-align: start;
      }
      .conversation:hover {
        background: var(--colorNeutralBackground1Hover);
        --jb-surface: var(--colorNeutralBackground1Hover);
      }
      .conversation[aria-current='true'] {
        background: var(--colorNeutralBackground1Selected);
        --jb-surface: var(--colorNeutralBackground1Selected);
      }
      .words {
        flex: 1;
        min-width: 0;
      }
      .line {
        display: flex;
        gap: 8px;
        align-items: baseline;
      }
      .line > :first-child {
        flex: 1;
        min-width: 0;
      }
      .is-unread .name,
      .is-unread .last {
        font-weight: var(--fontWeightSemibold);
        color: var(--colorNeutralForeground1);
      }
      .count {
        flex: none;
        min-width: 18px;
        padding: 0 5px;
        border-radius: var(--borderRadiusCircular);
        background: var(--colorBrandBackground);
        color: var(--colorNeutralForegroundOnBrand);
        font-size: var(--fontSizeBase200);
        line-height: 18px;
        text-align: center;
      }
      .two {
        position: relative;
        width: 32px;
        height: 32px;
        flex: none;
      }
      .two jb-face {
        position: absolute;
        top: 0;
        inset-inline-start: 0;
      }
      .two jb-face + jb-face {
        top: auto;
        bottom: 0;
        inset-inline: auto 0;
        border-radius: 50%;
        box-shadow: 0 0 0 2px var(--jb-surface, var(--colorNeutralBackground1));
      }
      .empty,
      .failed {
        padding: 12px 8px;
      }
      .draft {
        color: var(--colorStatusDangerForeground1);
      }
      .foot {
        margin: 4px 8px;
      }
      .skeleton {
        height: 40px;
        margin: 6px 8px;
        border-radius: var(--borderRadiusMedium);
        background: var(--colorNeutralBackground3);
        animation: appear 0.3s 0.15s both;
      }
      @keyframes appear {
        from {
          opacity: 0;
        }
      }
      @media (forced-colors: active) {
        .conversation[aria-current='true'] {
          outline: 2px solid Highlight;
        }
        .count {
          forced-color-adjust: none;
        }
      }
    `,
  ];

  override willUpdate(_changed: PropertyValues<this>): void {
    const { client } = this;
    if (!client) return;
    const state = client.state();
    const ids = listConversations(state.conversations)
      .current.slice(0, this.limit)
      .flatMap((one) => one.participants.slice(0, 3).map(({ person }) => person.id));
    client.watch(
      this,
      ids.filter((id) => id !== state.me.id),
    );
  }

  override render() {
    const { client } = this;
    if (!client) return nothing;
    const state = client.state();
    const load = state.conversationsLoad;
    if (typeof load === 'object') {
      return html`<div class="failed quiet" role="alert">${t('conversations.failed', { detail: load.failed })} <button class="link" @click=${() => client.retryLoading()}>${t('action.retry')}</button></div>`;
    }
    const { current, archived } = listConversations(state.conversations);
    if (load === 'loading' && current.length === 0) {
      return html`<div role="status" aria-label=${t('conversation.loading')}><div class="skeleton"></div><div class="skeleton"></div></div>`;
    }
    if (current.length + archived.length === 0)
      return html`<p class="empty quiet">${t('conversations.empty')}</p>`;
    const about = current.filter((one) => this.itemId !== '' && one.context?.itemId === this.itemId);
    const ordered = [...about, ...current.filter((one) => !about.includes(one))];
    return html`<ul @keydown=${(event: KeyboardEvent) => moveByKey(event, this.renderRoot, '.conversation')}>
        ${repeat(
          ordered.slice(0, this.limit),
          ({ id }) => id,
          (one) => this.#renderConversation(one, about.includes(one)),
        )}
      </ul>
      ${
        ordered.length > this.limit
          ? html`<button class="link foot" @click=${() => {
              this.limit += atOnce;
            }}>+${ordered.length - this.limit}</button>`
          : nothing
      }
      ${
        archived.length > 0
          ? html`<button class="link foot" aria-expanded=${this.showsArchived} @click=${() => {
              this.showsArchived = !this.showsArchived;
            }}>${t('conversations.archived')} (${archived.length})</button>
            ${this.showsArchived ? html`<ul>${archived.map((one) => this.#renderConversation(one, false))}</ul>` : nothing}`
          : nothing
      }`;
  }

  #renderConversation(conversation: Conversation, isAbout: boolean) {
    const { client } = this;
    if (!client) return nothing;
    const me = client.state().me.id;
    const others = conversation.participants.map(({ person }) => person).filter(({ id }) => id !== me);
    const names = formatNames(
      others.map((one) => (others.length === 1 ? one.displayName : shortName(one.displayName))),
    );
    const title =
      conversation.subject || conversation.context?.title || names || client.state().me.displayName;
    const isUnread = conversation.unread > 0;
    const draft = client.outbox.draft(conversation.id).text;
    return html`<li>
      <button
        class="conversation ${isUnread && !conversation.muted ? 'is-unread' : ''}"
        aria-current=${conversation.id === this.selectedId ? 'true' : nothing}
        @click=${() => this.dispatchEvent(new CustomEvent('jb-open', { bubbles: true, composed: true, detail: { conversationId: conversation.id } }))}
      >
        ${
          others.length > 1
            ? html`<span class="two"
                >${others.slice(0, 2).map((one) => html`<jb-face size="20" .name=${one.displayName} .personId=${one.id}></jb-face>`)}</span
              >`
            : html`<jb-face .name=${others[0]?.displayName ?? title} .personId=${others[0]?.id ?? ''} .shown=${others[0] ? client.shown(others[0].id) : null}></jb-face>`
        }
        <span class="words">
          <span class="line"
            ><span class="name one-line" dir="auto">${isAbout ? symbol('link', 16) : nothing}${title}</span>
            ${conversation.muted ? symbol('mute', 16) : nothing}
            <span class="quiet">${conversation.lastMessage ? formatWhen(Date.parse(conversation.lastMessage.sentAt), Date.now()) : ''}</span></span
          >
          <span class="line"
            ><span class="last quiet one-line ${draft ? 'draft' : ''}" dir="auto"
              >${draft ? t('conversations.draft', { text: draft }) : this.#last(conversation, others.length > 1)}</span
            >
            ${isUnread ? html`<span class="count" aria-label=${t('conversations.unread', { count: conversation.unread })}>${conversation.unread > 99 ? '99+' : conversation.unread}</span>` : nothing}</span
          >
        </span>
      </button>
    </li>`;
  }

  #last(conversation: Conversation, namesSender: boolean): string {
    const last = conversation.lastMessage;
    if (!last) return '';
    if (!isLive(last)) return t('conversations.deleted');
    const file = last.attachments[0];
    const text = plainText(last.text) || (file ? t('conversations.file', { name: file.name }) : '');
    if (last.fromId === this.client?.state().me.id) return t('conversations.you', { text });
    const sender = conversation.participants.find(({ person }) => person.id === last.fromId)?.person;
    return namesSender && sender ? `${shortName(sender.displayName)}: ${text}` : text;
  }
}
if (!customElements.get('jb-conversations')) customElements.define('jb-conversations', ConversationList);
