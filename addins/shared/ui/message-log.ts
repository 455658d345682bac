/**
 * `<jb-message-log>`: the messages of a conversation and what stands between them. A window on a history of
 * any length: pages come in where somebody scrolls, and what is far from there is let go, so that the page
 * stays as light as it began. Events that leave it: `jb-reply` and `jb-edit` (a message), `jb-discarded`
 * (a text), `jb-refused` (a sentence), `jb-compose` (the caret belongs in the composer).
 */
import './face.ts';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { LiveMessage, Message } from '../../../server/protocol/conversations.ts';
import { isLocal } from '../client/begun.ts';
import type { Client } from '../client/client.ts';
import { keptMessages, type MessageWindow, readersBySeq } from '../client/conversation-store.ts';
import type { Unsent } from '../client/outbox.ts';
import { formatFailure } from '../client/problem.ts';
import { formatNames } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { drawBetween } from './between-view.ts';
import { ClientController } from './client-controller.ts';
import { noticeStyles } from './conversation-pane-styles.ts';
import { conversationOf, nameIn, othersOf } from './conversation-people.ts';
import { messageLogStyles } from './message-log-styles.ts';
import { createMessagePictures, saveAttachment } from './message-pictures.ts';
import {
  drawMessage,
  drawUnsent,
  type MessageAction,
  type MessageContext,
  messageStyles,
} from './message-view.ts';
import { anchorOf, restoreAnchor, type ScrollAnchor } from './scroll-anchor.ts';
import { baseStyles, buttonStyles } from './styles.ts';
import { symbol } from './symbol.ts';
import { layOut } from './timeline.ts';
import { receiptOf, unsentIn } from './unsent-messages.ts';

type Loading = 'none' | 'more' | { failed: string };

/** Nearer to the end than this counts as reading the newest message. */
const nearEndPx = 48;
/** Nearer to an edge of what is here than this, the next page is fetched. */
const fetchPx = 300;
/** How far a run may grow before it is cut: a page or two, so that not every page cuts it. */
const uncutMessages = keptMessages + 100;

export class MessageLog extends LitElement {
  static override properties = {
    client: { attribute: false },
    conversationId: {},
    loading: { state: true },
    activeSeq: { state: true },
    isPicking: { state: true },
    newBelow: { state: true },
  };
  declare client: Client | null;
  declare conversationId: string;
  declare loading: Loading;
  declare activeSeq: number | null;
  declare isPicking: boolean;
  declare newBelow: number;

  readonly #pictures = createMessagePictures(() => this.requestUpdate());
  readonly #resized = new ResizeObserver(() => this.#keepEnd());
  #unreadAfter: number | null = null;
  #isAtEnd = true;
  #anchor: ScrollAnchor | null = null;
  #lastSeq = 0;
  #jumpTo: number | null = null;
  #opening = '';
  #wasLive = false;
  /** Settled when the first page is here; a jump waits for it, or the page would come after and undo it. */
  #opened: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this.client = null;
    this.conversationId = '';
    this.loading = 'none';
    this.activeSeq = null;
    this.isPicking = false;
    this.newBelow = 0;
    new ClientController(this);
  }

  static override styles = [baseStyles, buttonStyles, messageStyles, noticeStyles, messageLogStyles];

  get #window(): MessageWindow | undefined {
    return this.client?.state().conversations.windows.get(this.conversationId);
  }
  get #log(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.log');
  }

  // ---- opening and paging ----

  override willUpdate(changed: PropertyValues<this>): void {
    const { client } = this;
    if (!client) return;
    if (changed.has('conversationId') || changed.has('client')) this.#enter();
    const isLive = client.state().link.kind === 'live';
    if (isLive && !this.#wasLive && typeof this.loading === 'object') {
      // The server is back: what could not be loaded is loaded now, without anybody asking.
      this.loading = 'none';
      this.#opening = '';
    }
    this.#wasLive = isLive;
    if (!this.#window && this.loading === 'none' && this.#opening !== this.conversationId)
      this.#opened = this.#open();
    const conversation = conversationOf(client, this.conversationId);
    const lastSeq = conversation?.lastSeq ?? 0;
    const isMine = conversation?.lastMessage?.fromId === client.state().me.id;
    if (lastSeq > this.#lastSeq && !this.#isAtEnd && this.#lastSeq > 0 && !isMine)
      this.newBelow += lastSeq - this.#lastSeq;
    this.#lastSeq = lastSeq;
    // Whoever has left is on no roster; their messages still have a name.
    const here = new Set(conversation?.participants.map(({ person }) => person.id));
    for (const { fromId } of this.#window?.messages ?? [])
      if (!here.has(fromId)) void client.needPerson(fromId);
  }

  #enter(): void {
    const { client } = this;
    this.loading = 'none';
    this.newBelow = 0;
    this.activeSeq = null;
    this.isPicking = false;
    this.#opening = '';
    this.#isAtEnd = true;
    this.#anchor = null;
    this.#lastSeq = 0;
    const conversation = conversationOf(client, this.conversationId);
    const me = conversation?.participants.find(({ person }) => person.id === client?.state().me.id);
    this.#unreadAfter = conversation && conversation.unread > 0 ? (me?.readSeq ?? 0) : null;
  }

  async #open(): Promise<void> {
    const { client, conversationId } = this;
    if (!client || isLocal(conversationId)) return;
    this.#opening = conversationId;
    try {
      await client.openConversation(conversationId);
      if (this.conversationId === conversationId) this.#opening = '';
    } catch (error) {
      if (this.conversationId === conversationId) this.loading = { failed: formatFailure(error) };
    }
  }

  async #fetch(fetch: (client: Client, id: string) => Promise<void>): Promise<void> {
    const { client, conversationId } = this;
    if (!client || this.loading !== 'none') return;
    this.loading = 'more';
    try {
      await fetch(client, conversationId);
      if (this.conversationId === conversationId) this.loading = 'none';
    } catch (error) {
      if (this.conversationId === conversationId) this.loading = { failed: formatFailure(error) };
    }
  }
  #older = () => this.#fetch((client, id) => client.loadOlder(id));

  #retry = () => {
    this.loading = 'none';
    this.#opening = '';
    this.requestUpdate();
  };

  // ---- place ----

  protected override update(changed: PropertyValues<this>): void {
    const log = this.hasUpdated ? this.#log : null;
    const isSame = !changed.has('conversationId') && !changed.has('client');
    this.#anchor = log && isSame && !this.#isAtEnd ? anchorOf(log) : null;
    super.update(changed);
  }

  override updated(): void {
    const log = this.#log;
    if (!log) return;
    if (this.#jumpTo !== null) {
      const target = log.querySelector<HTMLElement>(`[data-seq="${this.#jumpTo}"]`);
      if (target) {
        target.scrollIntoView({ block: 'center' });
        target.focus();
        this.#jumpTo = null;
      }
    } else if (this.#anchor) restoreAnchor(log, this.#anchor);
    else if (this.#isAtEnd) {
      const line = log.querySelector<HTMLElement>('.unread');
      if (line && this.#lastSeq > 0 && log.scrollTop === 0) line.scrollIntoView({ block: 'start' });
      else log.scrollTop = log.scrollHeight;
    }
    this.#letGo(log);
    this.#read();
  }

  /** Lets go of what is far from what somebody looks at. */
  #letGo(log: HTMLElement): void {
    const { client, conversationId } = this;
    const window = this.#window;
    if (!client || !window || window.messages.length <= uncutMessages || this.#jumpTo !== null) return;
    const seq = this.#isAtEnd ? window.messages.at(-1)?.seq : Number(anchorOf(log)?.seq);
    if (seq) queueMicrotask(() => client.keepAround(conversationId, seq));
  }

  /** Marks as read what somebody can see: the newest messages, in a page that is in front. */
  #read(): void {
    const window = this.#window;
    const last = window?.messages.at(-1);
    if (!last || !window?.hasEnd || !this.#isNearEnd() || document.visibilityState !== 'visible') return;
    if (!document.hasFocus()) return;
    this.client?.markRead(this.conversationId, last.seq);
  }

  #isNearEnd(): boolean {
    const log = this.#log;
    return !log || log.scrollHeight - log.scrollTop - log.clientHeight < nearEndPx;
  }

  override firstUpdated(): void {
    if (this.#log) this.#resized.observe(this.#log);
  }
  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('focus', this.#onFocus);
    document.addEventListener('visibilitychange', this.#onFocus);
    if (this.hasUpdated && this.#log) this.#resized.observe(this.#log);
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('focus', this.#onFocus);
    document.removeEventListener('visibilitychange', this.#onFocus);
    this.#resized.disconnect();
    this.#pictures.clear();
  }
  #onFocus = () => this.#read();

  /** A picture has come in, or the composer has grown: whoever reads the end stays at the end. */
  #keepEnd = () => {
    const log = this.#log;
    if (log && this.#isAtEnd) log.scrollTop = log.scrollHeight;
  };

  #onScroll = () => {
    const log = this.#log;
    const window = this.#window;
    if (!log || !window) return;
    this.#isAtEnd = window.hasEnd && this.#isNearEnd();
    if (this.#isAtEnd) {
      this.newBelow = 0;
      this.#read();
    }
    if (!window.hasStart && log.scrollTop < fetchPx) void this.#older();
    else if (!window.hasEnd && log.scrollHeight - log.scrollTop - log.clientHeight < fetchPx)
      void this.#fetch((client, id) => client.loadNewer(id));
  };

  /** Shows one message with what stands around it, as a search result or a quote asks for. */
  async goTo(seq: number): Promise<void> {
    await this.updateComplete;
    await this.#opened;
    this.#isAtEnd = false;
    await this.client?.jumpTo(this.conversationId, seq);
    this.#jumpTo = seq;
    this.requestUpdate();
  }

  /** Something is being sent: its place is the end, and nothing is new any more. */
  stayAtEnd(): void {
    this.#unreadAfter = null;
    void this.#toEnd();
  }

  #toEnd = async () => {
    this.#isAtEnd = true;
    this.newBelow = 0;
    const { client, conversationId } = this;
    if (this.#window && !this.#window.hasEnd)
      await client?.toEnd(conversationId).catch((error: unknown) => this.#refuse(error));
    this.requestUpdate();
  };

  // ---- acting on messages ----

  #tell(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }
  #refuse = (error: unknown) =>
    this.#tell('jb-refused', t('conversation.refused', { detail: formatFailure(error) }));

  #act = (action: MessageAction, message: LiveMessage, detail?: string) => {
    const { client, conversationId } = this;
    if (!client) return;
    switch (action) {
      case 'pick':
        this.isPicking = true;
        return;
      case 'react': {
        const emoji = detail ?? '👍';
        const isOn = message.reactions.some(
          (one) => one.emoji === emoji && one.personIds.includes(client.state().me.id),
        );
        this.isPicking = false;
        client.react(conversationId, message.id, emoji, !isOn).catch(this.#refuse);
        return;
      }
      case 'reply':
        this.#tell('jb-reply', message);
        return;
      case 'edit':
        this.#tell('jb-edit', message);
        return;
      case 'delete':
        client.remove(conversationId, message.id).catch(this.#refuse);
        return;
      case 'go-to': {
        const { replyTo } = message;
        const here = this.#window?.messages.find(({ id }) => id === replyTo);
        if (here) void this.goTo(here.seq);
        else if (replyTo)
          // Said long before: its place is asked for, and fetched with what stands around it.
          client.api
            .message(conversationId, replyTo)
            .then(({ seq }) => this.goTo(seq))
            .catch(this.#refuse);
        return;
      }
      case 'save':
        saveAttachment(client, message, detail ?? '').catch(this.#refuse);
        return;
    }
  };

  #onKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown' && event.key !== 'Escape') return;
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('.message[data-seq]')];
    const path = event.composedPath();
    const index = rows.findIndex((row) => path.includes(row));
    if (event.key === 'Escape') {
      if (index < 0) return;
      this.isPicking = false;
      this.#tell('jb-compose');
      return;
    }
    const next = index < 0 ? rows.at(-1) : rows[index + (event.key === 'ArrowUp' ? -1 : 1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  #activate = (event: Event) => {
    const message = event
      .composedPath()
      .find((one): one is HTMLElement => one instanceof HTMLElement && one.dataset.seq !== undefined);
    const seq = message ? Number(message.dataset.seq) : null;
    if (seq === this.activeSeq) return;
    this.activeSeq = seq;
    this.isPicking = false;
  };

  // ---- drawing ----

  override render() {
    const { client } = this;
    if (!client) return nothing;
    const conversation = conversationOf(client, this.conversationId);
    const isTwoParty = conversation
      ? conversation.kind === 'two-party'
      : othersOf(client, this.conversationId).length < 2;
    return html`<div class="area ${isTwoParty ? 'two-party' : ''}">
      <div
        class="log"
        role="log"
        tabindex="0"
        aria-label=${t('conversation.log')}
        @scroll=${this.#onScroll}
        @keydown=${this.#onKey}
        @pointerover=${this.#activate}
        @focusin=${this.#activate}
        @pointerleave=${() => {
          if (!this.renderRoot.querySelector('.message:focus-within')) this.activeSeq = null;
        }}
      >
        ${this.#renderLog(client, isTwoParty)}
      </div>
      ${
        this.newBelow > 0
          ? html`<button class="button to-end" @click=${this.#toEnd}>${symbol('down')}${t('conversation.newBelow', { count: this.newBelow })}</button>`
          : (this.#window?.hasEnd ?? true)
            ? nothing
            : html`<button class="button to-end" @click=${this.#toEnd}>${symbol('down')}${t('conversation.toEnd')}</button>`
      }
    </div>`;
  }

  #renderFailed(detail: string) {
    return html`<div class="failed" role="alert">
      <span>${t('conversation.failed', { detail })}</span><button class="button" @click=${this.#retry}>${t('action.retry')}</button>
    </div>`;
  }

  #renderLog(client: Client, isTwoParty: boolean) {
    const window = this.#window;
    const { loading } = this;
    if (!window && !isLocal(this.conversationId)) {
      const instead =
        typeof loading === 'object'
          ? this.#renderFailed(loading.failed)
          : html`<div class="skeleton" role="status" aria-label=${t('conversation.loading')}><i></i><i></i><i></i></div>`;
      // What is waiting to be sent is shown whatever else could not be loaded.
      return html`${instead}<div class="push"></div>${this.#renderUnsent(client, unsentIn(client, this.conversationId))}`;
    }
    const state = client.state();
    const messages = window?.messages ?? [];
    const conversation = conversationOf(client, this.conversationId);
    const readers = conversation
      ? readersBySeq(state.conversations, conversation)
      : new Map<number, string[]>();
    const lastMine = messages.findLast(({ fromId }) => fromId === state.me.id)?.seq;
    const unsent = unsentIn(client, this.conversationId);
    const now = Date.now();
    return html`
      <div class="push"></div>
      ${this.#renderStart(client, window)}
      ${repeat(
        layOut(messages, this.#unreadAfter, state.me.id, window?.changes),
        ({ key }) => key,
        (entry) => {
          if (entry.kind !== 'message') return drawBetween(entry, now, state.me.id);
          const { message } = entry;
          const faces = isTwoParty
            ? []
            : (readers.get(message.seq) ?? []).filter((id) => id !== message.fromId);
          return html`${drawMessage(message, this.#context(client, message.seq, entry.isFirst, !isTwoParty, messages))}${
            faces.length > 0 ? this.#renderReaders(faces) : nothing
          }${
            isTwoParty && message.seq === lastMine && unsent.length === 0
              ? html`<span class="status quiet">${receiptOf(client, this.conversationId, message.seq)}</span>`
              : nothing
          }`;
        },
      )}
      ${window?.hasEnd === false && typeof loading === 'object' ? this.#renderFailed(loading.failed) : nothing}
      ${this.#renderUnsent(client, unsent)}
    `;
  }

  #renderStart(client: Client, window: MessageWindow | undefined) {
    const { loading } = this;
    if (!window || window.hasStart) {
      const names = formatNames(othersOf(client, this.conversationId).map((one) => one.displayName));
      return html`<div class="beginning">${t('conversation.start', { names })}</div>`;
    }
    if (typeof loading === 'object') return this.#renderFailed(loading.failed);
    const isLoading = loading === 'more';
    return html`<button class="button older" ?disabled=${isLoading} @click=${this.#older}>${t(isLoading ? 'conversation.loading' : 'conversation.loadOlder')}</button>`;
  }

  #renderUnsent(client: Client, unsent: readonly Unsent[]) {
    return repeat(
      unsent,
      ({ key }) => key,
      (one) =>
        drawUnsent(one, client.outbox.isSending(one.key) ? 'sending' : 'waiting', this.#drawMention, {
          retry: () => client.outbox.retry(one.key),
          discard: () => {
            const gone = client.outbox.discard(one.key);
            if (gone) this.#tell('jb-discarded', gone.text);
          },
        }),
    );
  }

  #context(
    client: Client,
    seq: number,
    isFirst: boolean,
    showsName: boolean,
    messages: readonly Message[],
  ): MessageContext {
    return {
      meId: client.state().me.id,
      nameOf: this.#nameOf,
      drawMention: this.#drawMention,
      messageOf: (id) => messages.find((one) => one.id === id),
      imageOf: (id) => this.#pictures.of(client, id),
      onLayout: this.#keepEnd,
      isActive: seq === this.activeSeq,
      isPicking: this.isPicking,
      isFirst,
      showsName,
      on: this.#act,
    };
  }

  #nameOf = (id: string): string => nameIn(this.client, this.conversationId, id);

  #drawMention = (personId: string, name: string) => {
    const { client } = this;
    const isMe = personId === client?.state().me.id;
    // A stranger's id may be anything: only people of this conversation get a live icon.
    const isKnown = othersOf(client, this.conversationId).some(({ id }) => id === personId);
    return html`<span class="mention ${isMe ? 'me' : ''}"
      >${isKnown && !isMe && client ? html`<presence-icon size="10" label="" availability=${client.shown(personId).availability}></presence-icon>` : nothing}@${name}</span
    >`;
  };

  #renderReaders(ids: readonly string[]) {
    const label = t('conversation.seenBy', { names: formatNames(ids.map(this.#nameOf)) });
    return html`<div class="readers" role="img" aria-label=${label} title=${label}>
      ${ids.slice(0, 8).map((id) => html`<jb-face size="16" .name=${this.#nameOf(id)} .personId=${id}></jb-face>`)}
    </div>`;
  }
}
if (!customElements.get('jb-message-log')) customElements.define('jb-message-log', MessageLog);
declare global {
  interface HTMLElementTagNameMap {
    'jb-message-log': MessageLog;
  }
}
