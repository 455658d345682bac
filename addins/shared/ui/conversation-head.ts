/**
 * `<jb-conversation-head>`: whom one talks with, with live icons, and what can be done with the conversation.
 * Events that leave it: `jb-back`, `jb-card` (a person), `jb-add` (somebody is to be added), `jb-gone` (it was
 * left), `jb-refused` (a sentence).
 */
import './face.ts';
import { css, html, LitElement, nothing } from 'lit';
import type { PersonName } from '../../../server/protocol/contacts.ts';
import type { Conversation } from '../../../server/protocol/conversations.ts';
import { limits } from '../../../server/protocol/vocabulary.ts';
import type { Client } from '../client/client.ts';
import { formatFailure } from '../client/problem.ts';
import { formatNames } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import { conversationOf, othersOf } from './conversation-people.ts';
import { shortName, stateSentence } from './person-text.ts';
import { placeBeside } from './place.ts';
import { baseStyles, buttonStyles, fieldStyles, floatingStyles } from './styles.ts';
import { symbol } from './symbol.ts';

export class ConversationHead extends LitElement {
  static override properties = {
    client: { attribute: false },
    conversationId: {},
    hasBack: { type: Boolean },
    isRenaming: { state: true },
  };
  declare client: Client | null;
  declare conversationId: string;
  declare hasBack: boolean;
  declare isRenaming: boolean;

  constructor() {
    super();
    this.client = null;
    this.conversationId = '';
    this.hasBack = false;
    this.isRenaming = false;
    new ClientController(this);
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    floatingStyles,
    css`
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 56px;
        padding: 8px 8px 8px 12px;
        border-bottom: 1px solid var(--colorNeutralStroke2);
      }
      .who {
        display: flex;
        align-items: center;
        gap: 10px;
        flex: 1;
        min-width: 0;
        padding: 2px 4px;
        border: 0;
        background: none;
        text-align: start;
        border-radius: var(--borderRadiusMedium);
      }
      .who:is(button):hover {
        background: var(--colorSubtleBackgroundHover);
      }
        .faces {
        display: flex;
        flex: none;
        gap: 6px;
      }
      .title {
        min-width: 0;
        flex: 1;
      }
      .title .quiet {
        display: block;
      }
      hr {
        height: 1px;
        margin: 4px 0;
        border: 0;
        background: var(--colorNeutralStroke2);
      }
      h2 {
        font-size: var(--fontSizeBase400);
        line-height: var(--lineHeightBase400);
        font-weight: var(--fontWeightSemibold);
      }
      form {
        flex: 1;
        display: flex;
        gap: 8px;
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('conversationId') || changed.has('client')) this.isRenaming = false;
  }

  #tell(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }
  #refuse = (error: unknown) =>
    this.#tell('jb-refused', t('conversation.refused', { detail: formatFailure(error) }));

  override render() {
    const { client } = this;
    if (!client) return nothing;
    const conversation = conversationOf(client, this.conversationId);
    const others = othersOf(client, this.conversationId);
    return html`<header>
      ${
        this.hasBack
          ? html`<button class="icon-button" aria-label=${t('action.back')} title=${t('action.back')} @click=${() => this.#tell('jb-back')}>${symbol('back')}</button>`
          : nothing
      }
      ${this.isRenaming && conversation ? this.#renderForm(conversation) : this.#renderWho(client, conversation, others)}
      ${
        conversation
          ? html`<button class="icon-button" aria-label=${t('conversation.addPerson')} title=${t('conversation.addPerson')} @click=${() => this.#tell('jb-add')}>${symbol('peopleAdd')}</button>
              <button class="icon-button" aria-label=${t('action.more')} title=${t('action.more')} aria-haspopup="menu" @click=${this.#openMenu}>${symbol('more')}</button>
              <div class="menu" popover id="menu">${this.#renderMenu(client, conversation, others)}</div>`
          : nothing
      }
    </header>`;
  }

  #renderWho(client: Client, conversation: Conversation | null, others: readonly PersonName[]) {
    const only = others.length === 1 ? others[0] : undefined;
    const title = conversation?.subject || formatNames(others.map(({ displayName }) => displayName));
    const sentence = only
      ? stateSentence(client.shown(only.id))
      : conversation?.subject
        ? formatNames(others.map((one) => shortName(one.displayName)))
        : t('conversation.people', { count: others.length + 1 });
    const words = html`<span class="faces"
        >${others.slice(0, only ? 1 : 2).map((one) => html`<jb-face size=${only ? 32 : 24} .name=${one.displayName} .personId=${one.id} .shown=${client.shown(one.id)}></jb-face>`)}</span
      >
      <span class="title"><h2 class="one-line" dir="auto" title=${title}>${title}</h2><span class="quiet one-line sentence" dir="auto">${sentence}</span></span>`;
    return only
      ? html`<button class="who" @click=${(event: Event) => this.#openCard(only, event)}>${words}<span class="hidden">${t('person.openCard', { name: only.displayName })}</span></button>`
      : html`<div class="who">${words}</div>`;
  }

  #renderForm(conversation: Conversation) {
    const rename = async (event: Event) => {
      event.preventDefault();
      const subject =
        String(new FormData(event.target as HTMLFormElement).get('subject') ?? '').trim() || null;
      this.isRenaming = false;
      await this.client?.file(conversation.id, { subject }).catch(this.#refuse);
    };
    return html`<form
      @submit=${rename}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Escape') this.isRenaming = false;
      }}
    >
      <input class="field" name="subject" maxlength=${limits.subjectCharacters} aria-label=${t('conversation.subject')} placeholder=${t('conversation.subject')} .value=${conversation.subject ?? ''} />
      <button class="button primary">${t('action.save')}</button>
    </form>`;
  }

  #openCard(person: PersonName, event: Event): void {
    this.#tell('jb-card', { personId: person.id, anchor: event.currentTarget });
  }

  #openMenu = (event: Event) => {
    const menu = this.renderRoot.querySelector<HTMLElement>('#menu');
    const anchor = event.currentTarget as HTMLElement;
    if (!menu) return;
    menu.togglePopover();
    if (!menu.matches(':popover-open')) return;
    placeBeside(menu, anchor.getBoundingClientRect(), 'end');
    menu.querySelector('button')?.focus();
  };

  #renderMenu(client: Client, conversation: Conversation, others: readonly PersonName[]) {
    const item = (icon: Parameters<typeof symbol>[0], label: string, work: () => unknown) =>
      html`<button
        @click=${async () => {
          this.renderRoot.querySelector<HTMLElement>('#menu')?.hidePopover();
          try {
            await work();
          } catch (error) {
            this.#refuse(error);
          }
        }}
      >
        ${symbol(icon)}${label}
      </button>`;
    const isConference = conversation.kind === 'conference';
    return html`
      ${
        isConference
          ? html`${others.map(
              (one) =>
                html`<button @click=${(event: Event) => this.#openCard(one, event)}><jb-face size="24" .name=${one.displayName} .personId=${one.id} .shown=${client.shown(one.id)}></jb-face><span class="one-line">${one.displayName}</span></button>`,
            )}<hr />`
          : nothing
      }
      ${item('mute', t(conversation.muted ? 'conversation.unmute' : 'conversation.mute'), () => client.file(conversation.id, { muted: !conversation.muted }))}
      ${item('archive', t(conversation.archived ? 'conversation.unarchive' : 'conversation.archive'), () => client.file(conversation.id, { archived: !conversation.archived }))}
      ${item('edit', t('conversation.rename'), async () => {
        this.isRenaming = true;
        await this.updateComplete;
        this.renderRoot.querySelector<HTMLInputElement>('input[name=subject]')?.focus();
      })}
      ${
        isConference
          ? item('leave', t('conversation.leave'), async () => {
              await client.leave(conversation.id);
              this.#tell('jb-gone');
            })
          : nothing
      }
    `;
  }
}
if (!customElements.get('jb-conversation-head'))
  customElements.define('jb-conversation-head', ConversationHead);
declare global {
  interface HTMLElementTagNameMap {
    'jb-conversation-head': ConversationHead;
  }
}
