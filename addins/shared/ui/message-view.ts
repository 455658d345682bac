/**
 * How one message, or one that is not sent yet, is drawn: a bubble by alignment and tint, its quote, files and
 * reactions, and the tools of the message that has the pointer or the focus. Functions, not an element: the
 * conversation is one shadow root, so that a thousand messages share one style sheet.
 */
import { css, html, nothing, type TemplateResult } from 'lit';
import type { LiveMessage, Message } from '../../../server/protocol/conversations.ts';
import { isLive } from '../client/conversation-store.ts';
import type { Unsent } from '../client/outbox.ts';
import { formatFull, formatSize, formatTime } from '../i18n/format.ts';
import { t } from '../i18n/i18n.ts';
import { plainText } from './markdown.ts';
import { type DrawMention, messageText } from './message-text.ts';
import { symbol } from './symbol.ts';

const quickReactions = ['👍', '❤️', '😄', '🎉', '😮', '😢'] as const;

export interface MessageContext {
  meId: string;
  nameOf(personId: string): string;
  drawMention: DrawMention;
  /** The message that another one answers, if it is here. */
  messageOf(messageId: string): Message | undefined;
  /** A blob URL of an image once it has been fetched with the bearer, or null; asking begins the fetch. */
  imageOf(attachmentId: string): string | null;
  /** Something came in that changes the height of what is drawn. */
  onLayout(): void;
  isActive: boolean;
  isPicking: boolean;
  /** The first of a group by one person: shows name and face in a conference. */
  isFirst: boolean;
  showsName: boolean;
  on(action: MessageAction, message: LiveMessage, detail?: string): void;
}

export type MessageAction = 'reply' | 'edit' | 'delete' | 'react' | 'pick' | 'go-to' | 'save';

export const messageStyles = css`
  .message {
    position: relative;
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    padding: 1px 12px 1px 48px;
    outline-offset: 0;
  }
  .two-party .message {
    padding-inline-start: 12px;
  }
  .message.mine,
  .two-party .message.mine {
    align-items: flex-end;
    padding-inline-start: 48px;
    padding-inline-end: 12px;
  }
  .message.first {
    margin-top: 8px;
  }
  .message jb-face {
    position: absolute;
    inset-inline-start: 12px;
    top: 1px;
  }
  .author {
    margin: 0 2px 2px;
  }
  .bubble {
    max-width: min(100%, 60ch);
    padding: 6px 10px;
    border-radius: var(--borderRadiusXLarge);
    background: var(--colorNeutralBackground3);
    overflow-wrap: anywhere;
  }
  .mine .bubble {
    background: var(--colorBrandBackground2);
  }
  .bubble.urgent {
    box-shadow: inset 3px 0 0 var(--colorStatusDangerBackground3);
  }
  .bubble.deleted {
    background: none;
    border: 1px dashed var(--colorNeutralStroke1);
    color: var(--colorNeutralForeground3);
    font-style: italic;
  }
  .bubble.pending {
    opacity: 0.7;
  }
  .bubble.refused {
    opacity: 1;
    background: var(--colorStatusDangerBackground1);
  }
  .bubble > * + * {
    margin-top: 6px;
  }
  .bubble ul,
  .bubble ol {
    padding-inline-start: 22px;
  }
  .bubble a {
    color: var(--colorBrandForegroundLink);
    text-decoration: underline;
  }
  .bubble code {
    font: var(--fontSizeBase200) / 1.5 var(--fontFamilyMonospace);
    background: var(--colorNeutralBackground1);
    border-radius: var(--borderRadiusSmall);
    padding: 0 3px;
  }
  .bubble pre {
    margin: 0;
    padding: 8px;
    overflow-x: auto;
    border-radius: var(--borderRadiusMedium);
    background: var(--colorNeutralBackground1);
  }
  .bubble pre code {
    padding: 0;
  }
  .bubble blockquote,
  .answered {
    margin: 0;
    padding-inline-start: 8px;
    border-inline-start: 3px solid var(--colorNeutralStroke1);
    color: var(--colorNeutralForeground2);
  }
  .answered {
    display: block;
    width: 100%;
    padding-block: 0;
    border-width: 0 0 0 3px;
    background: none;
    text-align: start;
    font-size: var(--fontSizeBase200);
    line-height: var(--lineHeightBase200);
    margin-bottom: 4px;
  }
  .answered b {
    display: block;
  }
  .mention {
    display: inline-flex;
    align-items: center;
    gap: 3px;
    color: var(--colorBrandForegroundLink);
    font-weight: var(--fontWeightSemibold);
  }
  .mention.me {
    background: var(--colorStatusWarningBackground1);
    color: var(--colorStatusWarningForeground1);
    border-radius: var(--borderRadiusSmall);
    padding: 0 3px;
  }
  .warning {
    display: block;
    font-size: var(--fontSizeBase200);
    line-height: var(--lineHeightBase200);
    color: var(--colorStatusWarningForeground1);
  }
  .importance {
    display: flex;
    gap: 4px;
    align-items: center;
    color: var(--colorStatusDangerForeground1);
    font-size: var(--fontSizeBase200);
    font-weight: var(--fontWeightSemibold);
  }
  .attachment {
    display: flex;
    align-items: center;
    gap: 8px;
    max-width: 100%;
    padding: 6px 8px;
    border: 1px solid var(--colorNeutralStroke2);
    border-radius: var(--borderRadiusMedium);
    background: var(--colorNeutralBackground1);
    text-align: start;
  }
  .picture {
    display: block;
    padding: 0;
    border: 0;
    background: none;
  }
  .picture img {
    display: block;
    max-width: 100%;
    max-height: 240px;
    border-radius: var(--borderRadiusMedium);
  }
  .reactions {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    margin: 2px 0;
  }
  .reaction {
    display: inline-flex;
    gap: 4px;
    align-items: center;
    min-height: 24px;
    padding: 1px 8px;
    border: 1px solid var(--colorNeutralStroke2);
    border-radius: var(--borderRadiusCircular);
    background: var(--colorNeutralBackground1);
    font-size: var(--fontSizeBase200);
  }
  .reaction[aria-pressed='true'] {
    border-color: var(--colorBrandForeground1);
    background: var(--colorBrandBackground2);
  }
  .foot {
    display: flex;
    gap: 6px;
    align-items: center;
    min-height: 16px;
    padding: 0 2px;
  }
  .foot .link {
    font-size: var(--fontSizeBase200);
  }
  .refusal {
    color: var(--colorStatusDangerForeground1);
  }
  .tools {
    position: absolute;
    z-index: 1;
    top: -27px;
    inset-inline-end: 12px;
    display: flex;
    padding: 1px;
    border: 1px solid var(--colorNeutralStroke2);
    border-radius: var(--borderRadiusLarge);
    background: var(--colorNeutralBackground1);
    box-shadow: var(--shadow4);
  }
  .message:not(.mine) .tools {
    inset-inline-end: auto;
    inset-inline-start: 48px;
  }
  .two-party .message:not(.mine) .tools {
    inset-inline-start: 12px;
  }
  .tools .icon-button {
    width: 28px;
    height: 28px;
  }
  .bubble mark {
    background: var(--colorStatusWarningBackground1);
    color: inherit;
  }
  @media (forced-colors: active) {
    .bubble {
      border: 1px solid CanvasText;
    }
    .mine .bubble {
      border-style: double;
      border-width: 3px;
    }
  }
`;

/** Draws one message of the history. */
export function drawMessage(message: Message, context: MessageContext): TemplateResult {
  const isMine = message.fromId === context.meId;
  const author = context.nameOf(message.fromId);
  const sentAt = Date.parse(message.sentAt);
  return html`<div
    class="message ${isMine ? 'mine' : ''} ${context.isFirst ? 'first' : ''}"
    role="article"
    tabindex="-1"
    data-seq=${message.seq}
    aria-label=${t('message.by', { name: isMine ? t('person.you') : author, time: formatTime(sentAt) })}
  >
    ${
      context.showsName && context.isFirst && !isMine
        ? html`<jb-face size="28" .name=${author} .personId=${message.fromId}></jb-face><span class="author quiet" dir="auto">${author}</span>`
        : nothing
    }
    ${
      isLive(message)
        ? html`<div class="bubble ${message.importance === 'urgent' ? 'urgent' : ''}" title=${formatFull(sentAt)}>
              ${drawImportance(message.importance)} ${drawAnswered(message, context)}
              ${messageText(message.text, context.drawMention)} ${message.attachments.map((one) => drawAttachment(one, message, context))}
            </div>
            ${drawReactions(message, context)}
            ${message.editedAt ? html`<span class="foot quiet" title=${formatFull(Date.parse(message.editedAt))}>${t('conversation.edited')}</span>` : nothing}
            ${context.isActive ? drawTools(message, isMine, context) : nothing}`
        : html`<div class="bubble deleted">${t('conversation.deleted')}</div>`
    }
  </div>`;
}

function drawImportance(importance: LiveMessage['importance']) {
  if (importance === 'normal') return nothing;
  return html`<div class="importance">${symbol('important', 16)}${t(`conversation.importance.${importance}`)}</div>`;
}

/** What another message said, in one line, for a quote above an answer. */
export function summarise(message: Message | undefined): string {
  if (!message || !isLive(message)) return t('conversation.deletedQuote');
  return plainText(message.text).slice(0, 140) || (message.attachments[0]?.name ?? '');
}

function drawAnswered(message: LiveMessage, context: MessageContext) {
  if (!message.replyTo) return nothing;
  const answered = context.messageOf(message.replyTo);
  return html`<button class="answered" title=${t('message.goTo')} @click=${() => context.on('go-to', message)}>
    <b dir="auto">${answered ? context.nameOf(answered.fromId) : t('message.reply')}</b>
    <span dir="auto">${answered ? summarise(answered) : '…'}</span>
  </button>`;
}

function drawAttachment(
  one: LiveMessage['attachments'][number],
  message: LiveMessage,
  context: MessageContext,
) {
  // Only these are shown as pictures; anything else, SVG above all, is a file to save.
  if (/^image\/(png|jpeg|gif|webp|avif)$/.test(one.mediaType)) {
    const source = context.imageOf(one.id);
    if (source) {
      return html`<button class="picture" title=${t('message.download', { name: one.name })} @click=${() => context.on('save', message, one.id)}>
        <img @load=${context.onLayout} src=${source} alt=${t('message.image', { name: one.name })} />
      </button>`;
    }
  }
  return html`<button class="attachment" title=${t('message.download', { name: one.name })} @click=${() => context.on('save', message, one.id)}>
    ${symbol('document')}<span class="one-line" dir="auto">${one.name}</span><span class="quiet">${formatSize(one.size)}</span>
  </button>`;
}

function drawReactions(message: LiveMessage, context: MessageContext) {
  if (message.reactions.length === 0) return nothing;
  return html`<div class="reactions">
    ${message.reactions.map(({ emoji, personIds }) => {
      const isMine = personIds.includes(context.meId);
      const names = personIds.map((id) => context.nameOf(id)).join(', ');
      return html`<button
        class="reaction"
        aria-pressed=${isMine}
        title=${names}
        aria-label=${t('message.reaction', { emoji, count: personIds.length })}
        @click=${() => context.on('react', message, emoji)}
      >
        <span aria-hidden="true">${emoji}</span><span aria-hidden="true">${personIds.length}</span>
      </button>`;
    })}
  </div>`;
}

function drawTools(message: LiveMessage, isMine: boolean, context: MessageContext) {
  const tool = (action: MessageAction, icon: TemplateResult, label: string) =>
    html`<button class="icon-button" aria-label=${label} title=${label} @click=${() => context.on(action, message)}>${icon}</button>`;
  return html`<div class="tools" role="toolbar" aria-label=${t('action.more')}>
    ${
      context.isPicking
        ? quickReactions.map(
            (emoji) =>
              html`<button class="icon-button" aria-label=${`${t('message.react')} ${emoji}`} @click=${() => context.on('react', message, emoji)}>${emoji}</button>`,
          )
        : html`${tool('pick', symbol('emoji'), t('message.react'))} ${tool('reply', symbol('reply'), t('message.reply'))}
          ${isMine ? html`${tool('edit', symbol('edit'), t('message.edit'))} ${tool('delete', symbol('delete'), t('message.delete'))}` : nothing}`
    }
  </div>`;
}

/** Draws a message that nobody has confirmed yet. */
export function drawUnsent(
  unsent: Unsent,
  state: 'sending' | 'waiting',
  drawMention: DrawMention,
  on: { retry(): void; discard(): void },
): TemplateResult {
  const isRefused = unsent.refusal !== null;
  return html`<div class="message mine" role="article" aria-label=${t('message.by', { name: t('person.you'), time: formatTime(unsent.queuedAt) })}>
    <div class="bubble pending ${isRefused ? 'refused' : ''}">
      ${drawImportance(unsent.importance)} ${messageText(unsent.text, drawMention)}
      ${unsent.attachments.map((one) => html`<span class="attachment">${symbol('document')}${one.name}</span>`)}
    </div>
    <span class="foot quiet">
      ${
        isRefused
          ? html`<span class="refusal" role="alert">${t('conversation.refused', { detail: unsent.refusal ?? '' })}</span>
              <button class="link" @click=${on.retry}>${t('message.sendAgain')}</button>
              <button class="link" @click=${on.discard}>${t('message.discard')}</button>`
          : t(state === 'sending' ? 'conversation.sending' : 'conversation.waiting')
      }
    </span>
  </div>`;
}
