/**
 * The Markdown subset of messages as a pure parser: text → blocks of plain data, which `message-text.ts`
 * turns into DOM nodes. There is no HTML anywhere on the way, so none can be smuggled in. Everything that is
 * not understood stays the text it was.
 */

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'bold' | 'italic'; content: Inline[] }
  | { kind: 'link'; href: string; content: Inline[] }
  | { kind: 'mention'; personId: string; name: string };

export type Block =
  | { kind: 'paragraph' | 'quote'; lines: Inline[][] }
  | { kind: 'list'; ordered: boolean; start: number; items: Inline[][] }
  | { kind: 'code'; text: string };

/** Nesting beyond this stays text: it bounds the work that a hostile message can cause. */
const deepest = 4;

/** What people write behind a fence to name a language. */
const languages = new Set(
  'bash c cpp cs csharp css diff go html ini java javascript js json kotlin md php powershell ps1 py python rb ruby rust sh sql swift text toml ts typescript txt vb xml yaml yml'.split(
    ' ',
  ),
);

export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? '';
    if (line.trim() === '') index += 1;
    else if (/^\s{0,3}```/.test(line)) {
      const close = lines.findIndex((other, at) => at > index && /^\s{0,3}```\s*$/.test(other));
      const end = close < 0 ? lines.length : close;
      const rest = line.replace(/^\s{0,3}```/, '').trim();
      // A language behind the fence says how to read what follows; anything else there was written to be read.
      const first = rest === '' || languages.has(rest.toLowerCase()) ? [] : [rest];
      blocks.push({ kind: 'code', text: [...first, ...lines.slice(index + 1, end)].join('\n') });
      index = end + 1;
    } else if (/^\s{0,3}>/.test(line)) {
      const quoted = run(lines, index, (other) => /^\s{0,3}>/.test(other));
      blocks.push({ kind: 'quote', lines: quoted.map((one) => parseInline(one.replace(/^\s{0,3}> ?/, ''))) });
      index += quoted.length;
    } else if (listItem(line)) {
      const ordered = listItem(line)?.number !== undefined;
      const items = run(lines, index, (other) => {
        const item = listItem(other);
        return item !== null && (item.number !== undefined) === ordered;
      });
      blocks.push({
        kind: 'list',
        ordered,
        start: listItem(line)?.number ?? 1,
        items: items.map((one) => parseInline(listItem(one)?.text ?? '')),
      });
      index += items.length;
    } else {
      const paragraph = run(
        lines,
        index,
        (other, at) =>
          other.trim() !== '' && (at === index || (!/^\s{0,3}(>|```)/.test(other) && !listItem(other))),
      );
      blocks.push({ kind: 'paragraph', lines: paragraph.map((one) => parseInline(one)) });
      index += paragraph.length;
    }
  }
  return blocks;
}

function run(
  lines: readonly string[],
  from: number,
  belongs: (line: string, at: number) => boolean,
): string[] {
  let end = from;
  while (end < lines.length && belongs(lines[end] ?? '', end)) end += 1;
  return lines.slice(from, end);
}

function listItem(line: string): { number?: number; text: string } | null {
  const bullet = /^\s{0,3}[-*] +(.*)$/.exec(line);
  if (bullet) return { text: bullet[1] ?? '' };
  const numbered = /^\s{0,3}(\d{1,9})[.)] +(.*)$/.exec(line);
  return numbered ? { number: Number(numbered[1]), text: numbered[2] ?? '' } : null;
}

/** Sticky patterns, tried at each place where one of their first characters stands. */
const escapePattern = /\\([\\`*_[\]()>~-])/y;
const codePattern = /(`+)([^\n]+?)\1(?!`)/y;
const mentionPattern = /\[@([^\][\n]{1,200})\]\(person:([0-9A-Za-z-]{1,64})\)/y;
const linkPattern =
  /\[([^\][\n]{1,500})\]\(((?:https?:\/\/|mailto:|tel:)[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)\)/y;
const boldPattern = /\*\*(?=\S)((?:[^*\n]|\*(?!\*)){1,16000}?\S?)\*\*(?!\*)/y;
const italicPattern = /([*_])(?=[^\s*_])([^*_\n]{1,16000}?[^\s*_]|[^\s*_])\1(?![\p{L}\p{N}])/uy;
const urlPattern = /(?:https?:\/\/|www\.)[^\s<>"'`]+/iy;
const special = /[\\`*_[hHwW]/g;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

export function parseInline(text: string, depth = 0, inLink = false): Inline[] {
  const found: Inline[] = [];
  let plain = '';
  const add = (inline: Inline) => {
    if (plain !== '') found.push({ kind: 'text', text: plain });
    plain = '';
    found.push(inline);
  };
  let at = 0;
  while (at < text.length) {
    special.lastIndex = at;
    const next = special.exec(text);
    if (!next) break;
    plain += text.slice(at, next.index);
    at = next.index;
    const length = inlineAt(text, at, depth, inLink, add, (literal) => {
      plain += literal;
    });
    if (length > 0) at += length;
    else {
      plain += text[at];
      at += 1;
    }
  }
  plain += text.slice(at);
  if (plain !== '') found.push({ kind: 'text', text: plain });
  return found;
}

/** Reads one construct at a place; gives its length, or 0 when there is none and the character is itself. */
function inlineAt(
  text: string,
  at: number,
  depth: number,
  inLink: boolean,
  add: (inline: Inline) => void,
  literal: (text: string) => void,
): number {
  const first = text[at] ?? '';
  if (first === '\\') {
    const match = matchAt(escapePattern, text, at);
    if (match) literal(match[1] ?? '');
    return match?.[0].length ?? 0;
  }
  if (first === '`') {
    const match = matchAt(codePattern, text, at);
    if (match) add({ kind: 'code', text: match[2] ?? '' });
    return match?.[0].length ?? 0;
  }
  if (first === '[') {
    const mention = matchAt(mentionPattern, text, at);
    if (mention) {
      add({ kind: 'mention', name: mention[1] ?? '', personId: mention[2] ?? '' });
      return mention[0].length;
    }
    const link = inLink || depth >= deepest ? null : matchAt(linkPattern, text, at);
    if (link)
      add({ kind: 'link', href: link[2] ?? '', content: parseInline(link[1] ?? '', depth + 1, true) });
    return link?.[0].length ?? 0;
  }
  const before = text[at - 1] ?? '';
  if (first === '*' || first === '_') {
    if (depth >= deepest) return 0;
    const bold = first === '*' ? matchAt(boldPattern, text, at) : null;
    if (bold) {
      add({ kind: 'bold', content: parseInline(bold[1] ?? '', depth + 1, inLink) });
      return bold[0].length;
    }
    // `snake_case_names` are no italics.
    if (/[\p{L}\p{N}]/u.test(before)) return 0;
    const italic = matchAt(italicPattern, text, at);
    if (italic) add({ kind: 'italic', content: parseInline(italic[2] ?? '', depth + 1, inLink) });
    return italic?.[0].length ?? 0;
  }
  if (inLink || /[\p{L}\p{N}]/u.test(before)) return 0;
  const url = matchAt(urlPattern, text, at);
  if (!url) return 0;
  const address = trimUrl(url[0]);
  const href = /^www\./i.test(address) ? `https://${address}` : address;
  if (!URL.canParse(href)) return 0;
  add({ kind: 'link', href, content: [{ kind: 'text', text: address }] });
  return address.length;
}

const openingOf: Record<string, string> = { ')': '(', ']': '[' };

/** Leaves to the sentence what stands at the end of an address but belongs to the sentence. */
function trimUrl(address: string): string {
  const counts: Record<string, number> = { '(': 0, ')': 0, '[': 0, ']': 0 };
  for (const character of address) if (character in counts) counts[character] = (counts[character] ?? 0) + 1;
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1] ?? '';
    const opening = openingOf[last];
    const isUnbalanced = opening !== undefined && (counts[last] ?? 0) > (counts[opening] ?? 0);
    if (!isUnbalanced && !/[.,;:!?*_~]/.test(last)) break;
    if (isUnbalanced) counts[last] = (counts[last] ?? 0) - 1;
  }
  return address.slice(0, end);
}

/** Gives the text without its marks, for a list, a title or a notification. */
export function plainText(text: string): string {
  const flat = (content: readonly Inline[]): string =>
    content
      .map((one) => {
        if (one.kind === 'text' || one.kind === 'code') return one.text;
        return one.kind === 'mention' ? `@${one.name}` : flat(one.content);
      })
      .join('');
  return parseMarkdown(text)
    .map((block) => {
      if (block.kind === 'code') return block.text;
      return (block.kind === 'list' ? block.items : block.lines).map(flat).join(' ');
    })
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
