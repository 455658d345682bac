/**
 * `<jb-conversation>`: one conversation with its people, its context, its messages and the composer. Fed by a
 * client and an id; a conversation that does not exist yet (it begins with the first message) looks the same.
 * Events that leave it: `jb-back`, `jb-card` (a person was clicked), `jb-gone`.
 */
import './composer.ts';
import './conversation-head.ts';
import './message-log.ts';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { PersonName } from '../../../server/protocol/contacts.ts';
import type { Conversation, LiveMessage } from '../../../server/protocol/conversations.ts';
import { limits } from '../../../server/protocol/vocabulary.ts';
import type { Client } from '../client/client.ts';
import { isLive, typingIn } from '../client/conversation-store.ts';
import { type Draft, emptyDraft } from '../client/outbox.ts';
import { formatFailure } from '../client/problem.ts';
import { formatNames, formatSize } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { ClientController } from './client-controller.ts';
import type { Uploading } from './composer.ts';
import { conversationPaneStyles, noticeStyles } from './conversation-pane-styles.ts';
import { conversationOf, nameIn, othersOf } from './conversation-people.ts';
import { fromMentions, toMentions } from './mentions.ts';
import { summarise } from './message-view.ts';
import { shortName } from './person-text.ts';
import { baseStyles, buttonStyles } from './styles.ts';
import { symbol } from './symbol.ts';

export class ConversationPane extends LitElement {
  static override properties = {
    client: { attribute: false },
    conversationId: {},
    hasBack: { type: Boolean },
    canAttach: { type: Boolean },
    editing: { state: true },
    uploading: { state: true },
    notice: { state: true },
  };
  declare client: Client | null;
  declare conversationId: string;
  declare hasBack: boolean;
  declare canAttach: boolean;
  declare editing: LiveMessage | null;
  declare uploading: readonly Uploading[];
  declare notice: string;

  #draft: Draft = emptyDraft;

  constructor() {
    super();
    this.client = null;
    this.conversationId = '';
    this.hasBack = false;
    this.canAttach = false;
    this.editing = null;
    this.uploading = [];
    this.notice = '';
    new ClientController(this);
  }

  static override styles = [baseStyles, buttonStyles, noticeStyles, conversationPaneStyles];

  get #log() {
    return this.renderRoot.querySelector('jb-message-log');
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const { client } = this;
    if (!client) return;
    const others = othersOf(client, this.conversationId);
    if (changed.has('conversationId') || changed.has('client')) {
      this.editing = null;
      this.uploading = [];
      this.notice = '';
      this.#draft = client.outbox.draft(this.conversationId);
      for (const { id } of others) void client.needPerson(id);
    }
    client.watch(
      this,
      others.slice(0, limits.participants).map(({ id }) => id),
    );
  }

  /** Shows one message with what stands around it, as a search result asks for. */
  async goTo(seq: number): Promise<void> {
    await this.updateComplete;
    await this.#log?.goTo(seq);
  }

  /** Puts the caret into the composer, as soon as there is one. */
  override focus(): void {
    void this.updateComplete.then(async () => {
      const composer = this.renderRoot.querySelector('jb-composer');
      await composer?.updateComplete;
      composer?.focus();
    });
  }

  // ---- writing ----

  #saveDraft(draft: Draft): void {
    this.#draft = draft;
    if (!this.editing) this.client?.outbox.saveDraft(this.conversationId, draft);
  }

  #refuse = (error: unknown) => {
    this.notice = t('conversation.refused', { detail: formatFailure(error) });
  };

  #send(draft: Draft): void {
    const { client, conversationId } = this;
    if (!client) return;
    const text = toMentions(draft.text, othersOf(client, conversationId));
    if (this.editing) {
      const target = this.editing;
      this.#cancel();
      client.edit(conversationId, target.id, text).catch(this.#refuse);
      return;
    }
    this.#saveDraft(emptyDraft);
    client.send(conversationId, { ...draft, text });
    this.#log?.stayAtEnd();
    this.requestUpdate();
  }

  #cancel = () => {
    if (this.editing) {
      this.editing = null;
      this.#draft = this.client?.outbox.draft(this.conversationId) ?? emptyDraft;
    } else this.#saveDraft({ ...this.#draft, replyTo: null });
    this.requestUpdate();
  };

  #reply = (event: CustomEvent<LiveMessage>) => {
    this.#saveDraft({ ...this.#draft, replyTo: event.detail.id });
    this.requestUpdate();
    this.focus();
  };

  #edit(message: LiveMessage): void {
    this.editing = message;
    this.#draft = { ...emptyDraft, text: fromMentions(message.text) };
    this.focus();
  }

  #editLast(event: Event): void {
    const { client } = this;
    const mine = client
      ?.state()
      .conversations.windows.get(this.conversationId)
      ?.messages.findLast((one) => one.fromId === client.state().me.id && isLive(one));
    if (!mine || !isLive(mine)) return;
    event.preventDefault();
    this.#edit(mine);
  }

  /** A discarded message goes back to the composer when there is room: nothing that was typed is lost. */
  #takeBack = (event: CustomEvent<string>) => {
    if (this.#draft.text !== '' || this.editing) return;
    this.#saveDraft({ ...this.#draft, text: fromMentions(event.detail) });
    this.requestUpdate();
  };

  async #attach(files: File[]): Promise<void> {
    const { client, conversationId } = this;
    for (const file of files) {
      if (file.size > limits.attachmentBytes) {
        const failure = t('composer.tooLarge', { name: file.name, size: formatSize(limits.attachmentBytes) });
        this.uploading = [...this.uploading, { name: file.name, failure }];
        continue;
      }
      const entry: Uploading = { name: file.name, failure: null };
      this.uploading = [...this.uploading, entry];
      try {
        const attachment = await client?.api.upload(file, crypto.randomUUID());
        this.uploading = this.uploading.filter((one) => one !== entry);
        if (attachment && this.conversationId === conversationId) {
          this.#saveDraft({ ...this.#draft, attachments: [...this.#draft.attachments, attachment] });
          this.requestUpdate();
        }
      } catch (error) {
        const failure = t('composer.uploadFailed', { name: file.name, detail: formatFailure(error) });
        this.uploading = this.uploading.map((one) => (one === entry ? { ...entry, failure } : one));
      }
    }
    setTimeout(() => {
      this.uploading = this.uploading.filter(({ failure }) => failure === null);
    }, 8_000);
  }

  // ---- drawing ----

  override render() {
    const { client, conversationId } = this;
    if (!client || !conversationId) return nothing;
    const conversation = conversationOf(client, conversationId);
    const others = othersOf(client, conversationId);
    return html`
      <jb-conversation-head
        .client=${client}
        .conversationId=${conversationId}
        .hasBack=${this.hasBack}
        @jb-add=${() => this.#askForPeople(others)}
        @jb-refused=${this.#onRefused}
      ></jb-conversation-head>
      ${this.#renderContext(conversation)}
      <div class="area">
        ${this.#renderInvitation(conversation, others)}
        <jb-message-log
          .client=${client}
          .conversationId=${conversationId}
          @jb-reply=${this.#reply}
          @jb-edit=${(event: CustomEvent<LiveMessage>) => this.#edit(event.detail)}
          @jb-discarded=${this.#takeBack}
          @jb-compose=${() => this.focus()}
          @jb-refused=${this.#onRefused}
        ></jb-message-log>
      </div>
      <div class="typing quiet" aria-live="polite">${this.#renderTyping(client)}</div>
      ${
        this.notice
          ? html`<div class="failed" role="alert"><span>${this.notice}</span><button class="icon-button" aria-label=${t('action.close')} @click=${() => {
              this.notice = '';
            }}>${symbol('dismiss', 16)}</button></div>`
          : nothing
      }
      <jb-composer
        .draft=${this.#draft}
        .placeholder=${t('composer.placeholder', { names: formatNames(others.slice(0, 3).map((one) => shortName(one.displayName))) })}
        .hint=${this.#hint(client, others)}
        .quoted=${this.#quoted(client)}
        .isEditing=${this.editing !== null}
        .canAttach=${this.canAttach}
        .uploading=${this.uploading}
        .people=${others}
        @jb-draft=${(event: CustomEvent<Draft>) => this.#saveDraft(event.detail)}
        @jb-send=${(event: CustomEvent<Draft>) => this.#send(event.detail)}
        @jb-typing=${() => client.typing(conversationId)}
        @jb-cancel=${this.#cancel}
        @jb-edit-last=${(event: Event) => this.#editLast(event)}
        @jb-attach=${(event: CustomEvent<File[]>) => this.#attach(event.detail)}
      ></jb-composer>
      <jb-add-people
        .client=${client}
        @jb-added=${({ detail }: CustomEvent<{ ids: string[]; shareHistory: boolean }>) => {
          client.addPeople(conversationId, detail.ids, detail.shareHistory).catch(this.#refuse);
        }}
      ></jb-add-people>
    `;
  }

  /** Loaded when it is first asked for: most conversations stay as they are. */
  async #askForPeople(others: readonly PersonName[]): Promise<void> {
    await import('./add-people.ts');
    this.renderRoot.querySelector('jb-add-people')?.open(others.map(({ id }) => id));
  }

  #onRefused = (event: CustomEvent<string>) => {
    this.notice = event.detail;
  };

  #renderContext(conversation: Conversation | null) {
    const context = conversation?.context ?? this.client?.begunWith(this.conversationId)?.context ?? null;
    if (!context) return nothing;
    const isWeb = context.url !== undefined && /^https?:/.test(context.url);
    const icon = context.kind === 'mail' ? 'mail' : context.kind === 'appointment' ? 'calendar' : 'document';
    return html`<div class="context">
      ${symbol(icon)}
      <div>
        <span class="quiet">${t('conversation.about')}</span>
        <span class="one-line" dir="auto" title=${context.title}
          >${isWeb ? html`<a href=${context.url ?? ''} target="_blank" rel="noopener noreferrer">${context.title}</a>` : context.title}</span
        >
      </div>
    </div>`;
  }

  #renderInvitation(conversation: Conversation | null, others: readonly PersonName[]) {
    const me = conversation?.participants.find(({ person }) => person.id === this.client?.state().me.id);
    if (!conversation || me?.state !== 'invited' || conversation.kind !== 'conference') return nothing;
    const answer = (given: 'accept' | 'decline') => async () => {
      try {
        await this.client?.answerInvitation(conversation.id, given);
        if (given === 'decline')
          this.dispatchEvent(new CustomEvent('jb-gone', { bubbles: true, composed: true }));
      } catch (error) {
        this.notice = formatFailure(error);
      }
    };
    return html`<div class="invitation">
      <span>${t('conversation.invitation', { name: others[0]?.displayName ?? '' })}</span>
      <button class="button primary" @click=${answer('accept')}>${t('conversation.accept')}</button>
      <button class="button" @click=${answer('decline')}>${t('conversation.decline')}</button>
    </div>`;
  }

  #renderTyping(client: Client) {
    const ids = typingIn(client.state().conversations, this.conversationId, Date.now());
    if (ids.length === 0) return nothing;
    const [first = '', second = ''] = ids.map((id) => shortName(nameIn(client, this.conversationId, id)));
    const sentence =
      ids.length === 1
        ? t('conversation.typingOne', { name: first })
        : ids.length === 2
          ? t('conversation.typingTwo', { first, second })
          : t('conversation.typingMany');
    return html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${sentence}`;
  }

  #hint(client: Client, others: readonly PersonName[]): string {
    const held = client.state().held.get(this.conversationId) ?? [];
    const waiting = others.find(
      ({ id }) => held.includes(id) || client.shown(id).availability === 'do-not-disturb',
    );
    if (waiting) return t('conversation.held', { name: waiting.displayName });
    const only = others.length === 1 ? others[0] : undefined;
    if (only && client.shown(only.id).availability === 'offline') {
      return t('conversation.offline', { name: only.displayName });
    }
    return '';
  }

  #quoted(client: Client): string {
    const id = this.#draft.replyTo;
    if (!id) return '';
    const message = client
      .state()
      .conversations.windows.get(this.conversationId)
      ?.messages.find((one) => one.id === id);
    const name = message ? nameIn(client, this.conversationId, message.fromId) : '';
    return `${t('composer.replying', { name })}: ${summarise(message)}`;
  }
}
if (!customElements.get('jb-conversation')) customElements.define('jb-conversation', ConversationPane);
declare global {
  interface HTMLElementTagNameMap {
    'jb-conversation': ConversationPane;
  }
}
