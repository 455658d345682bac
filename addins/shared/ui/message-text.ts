/** Draws a message's text as DOM nodes: every piece of user text is a text node, never HTML. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../i18n/i18n.ts';
import { type Block, type Inline, parseMarkdown } from './markdown.ts';
import { judgeLink, revealHidden } from './safe-link.ts';

type Drawn = TemplateResult | string | typeof nothing;

/** What a mention needs to be drawn: its own element with a live icon, made by the caller. */
export type DrawMention = (personId: string, name: string) => TemplateResult;

const cache = new Map<string, Block[]>();

/** Parsing is pure, and a list is drawn again with every event: the last texts are kept. */
function blocksOf(text: string): Block[] {
  let blocks = cache.get(text);
  if (!blocks) {
    blocks = parseMarkdown(text);
    if (cache.size > 500) cache.clear();
    cache.set(text, blocks);
  }
  return blocks;
}

export function messageText(text: string, drawMention: DrawMention): TemplateResult {
  return html`${blocksOf(text).map((block) => drawBlock(block, drawMention))}${
    revealHidden(text).found ? html`<p class="warning">${t('link.hidden')}</p>` : nothing
  }`;
}

function drawBlock(block: Block, drawMention: DrawMention): TemplateResult {
  switch (block.kind) {
    case 'code':
      return html`<pre tabindex="0"><code>${revealHidden(block.text).text}</code></pre>`;
    case 'quote':
      return html`<blockquote dir="auto">${drawLines(block.lines, drawMention)}</blockquote>`;
    case 'list': {
      const items = block.items.map((item) => html`<li dir="auto">${drawInlines(item, drawMention)}</li>`);
      return block.ordered ? html`<ol start=${block.start}>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    case 'paragraph':
      return html`<p dir="auto">${drawLines(block.lines, drawMention)}</p>`;
  }
}

function drawLines(lines: readonly Inline[][], drawMention: DrawMention): Drawn[] {
  return lines.map(
    (line, index) => html`${index > 0 ? html`<br />` : nothing}${drawInlines(line, drawMention)}`,
  );
}

function drawInlines(content: readonly Inline[], drawMention: DrawMention): Drawn[] {
  return content.map((one) => drawInline(one, drawMention));
}

function drawInline(one: Inline, drawMention: DrawMention): Drawn {
  switch (one.kind) {
    case 'text':
      return revealHidden(one.text).text;
    case 'code':
      return html`<code>${revealHidden(one.text).text}</code>`;
    case 'bold':
      return html`<strong>${drawInlines(one.content, drawMention)}</strong>`;
    case 'italic':
      return html`<em>${drawInlines(one.content, drawMention)}</em>`;
    case 'mention':
      return drawMention(one.personId, one.name);
    case 'link':
      return drawLink(one.href, one.content, drawMention);
  }
}

function drawLink(href: string, content: Inline[], drawMention: DrawMention): TemplateResult {
  const label = content.map((one) => (one.kind === 'text' || one.kind === 'code' ? one.text : '')).join('');
  const verdict = judgeLink(href, label);
  if (verdict.href === null) return html`${drawInlines(content, drawMention)}`;
  return html`<a href=${verdict.href} target="_blank" rel="noopener noreferrer nofollow" title=${verdict.href}
      >${drawInlines(content, drawMention)}</a
    >${
      verdict.warnHost
        ? html`<span class="warning" role="note">${t('link.suspicious', { host: verdict.warnHost })}</span>`
        : nothing
    }`;
}
