/**
 * `<jb-message-search>`: messages of one's own conversations that hold what somebody types. Loaded when it is
 * first needed. Event: `jb-go-to {conversationId, seq}`.
 */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { SearchHit } from '../client/api.ts';
import type { Client } from '../client/client.ts';
import { formatFailure } from '../client/problem.ts';
import { formatNames, formatWhen } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { shortName } from './person-text.ts';
import { revealHidden } from './safe-link.ts';
import { baseStyles } from './styles.ts';

const debounceMs = 250;
/** Characters shown before the first match and in all. */
const lead = 30;
const excerpt = 140;

export class MessageSearch extends LitElement {
  static override properties = {
    client: { attribute: false },
    query: {},
    hits: { state: true },
    failure: { state: true },
    answered: { state: true },
  };
  declare client: Client | null;
  declare query: string;
  declare hits: readonly SearchHit[];
  declare failure: string;
  /** The question that `hits` answers. */
  declare answered: string;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asked: AbortController | null = null;

  constructor() {
    super();
    this.client = null;
    this.query = '';
    this.hits = [];
    this.failure = '';
    this.answered = '';
  }

  static override styles = [
    baseStyles,
    css`
      h3 {
        padding: 12px 8px 4px;
      }
      button {
        display: block;
        width: 100%;
        padding: 6px 8px;
        border: 0;
        border-radius: var(--borderRadiusMedium);
        background: none;
        text-align: start;
      }
      button:hover {
        background: var(--colorNeutralBackground1Hover);
      }
      .line {
        display: flex;
        gap: 8px;
      }
      .line > :first-child {
        flex: 1;
        min-width: 0;
      }
      .text {
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
      }
      mark {
        background: var(--colorStatusWarningBackground1);
        color: inherit;
        font-weight: var(--fontWeightSemibold);
      }
      .say {
        padding: 4px 8px;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('query')) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#asked?.abort();
    this.failure = '';
    const query = this.query.trim();
    if (query.length < 2) this.hits = [];
    else this.#timer = setTimeout(() => void this.#ask(query), debounceMs);
  }

  async #ask(query: string): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const answer = await this.client?.api.search(query, {}, asked.signal);
      if (asked.signal.aborted || !answer) return;
      this.hits = answer.items;
      this.answered = query;
    } catch (error) {
      if (!asked.signal.aborted) this.failure = formatFailure(error);
    }
  }

  override render() {
    if (this.query.trim().length < 2) return nothing;
    return html`<h3 class="quiet">${t('search.title')}</h3>
      ${this.failure ? html`<p class="say quiet" role="alert">${t('search.failed', { detail: this.failure })}</p>` : nothing}
      ${this.answered && this.hits.length === 0 && !this.failure ? html`<p class="say quiet" role="status">${t('search.none', { query: this.answered })}</p>` : nothing}
      ${this.hits.map((hit) => this.#renderHit(hit))}`;
  }

  #renderHit({ message, conversation, highlights }: SearchHit) {
    const me = this.client?.state().me.id;
    const others = conversation.participants.map(({ person }) => person).filter(({ id }) => id !== me);
    const where =
      conversation.subject ||
      conversation.context?.title ||
      formatNames(others.map((one) => shortName(one.displayName)));
    return html`<button
      @click=${() => this.dispatchEvent(new CustomEvent('jb-go-to', { bubbles: true, composed: true, detail: { conversationId: conversation.id, seq: message.seq } }))}
    >
      <span class="line"><span class="one-line" dir="auto">${where}</span><span class="quiet">${formatWhen(Date.parse(message.sentAt), Date.now())}</span></span>
      <span class="text quiet">${pieces(message.text, highlights).map(({ text, isHit }) => (isHit ? html`<mark>${text}</mark>` : text))}</span>
    </button>`;
  }
}

/** Cuts a text around its first match and says which pieces matched. Exported for its test. */
export function pieces(
  text: string,
  highlights: readonly (readonly [number, number])[],
): { text: string; isHit: boolean }[] {
  const from = Math.max(0, (highlights[0]?.[0] ?? 0) - lead);
  const to = Math.min(text.length, from + excerpt);
  const found: { text: string; isHit: boolean }[] = [];
  const add = (start: number, end: number, isHit: boolean) => {
    if (end > start)
      found.push({ text: revealHidden(text.slice(start, end)).text.replaceAll(/\s+/g, ' '), isHit });
  };
  let at = from;
  for (const [start, end] of highlights) {
    if (start >= to || start < at) continue;
    add(at, start, false);
    add(start, Math.min(end, to), true);
    at = Math.min(end, to);
  }
  add(at, to, false);
  if (from > 0) found.unshift({ text: '…', isHit: false });
  if (to < text.length) found.push({ text: '…', isHit: false });
  return found;
}
if (!customElements.get('jb-message-search')) customElements.define('jb-message-search', MessageSearch);
