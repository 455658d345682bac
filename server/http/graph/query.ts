/**
 * OData's query options as far as the facade takes them: `$select`, `$search`, `$filter`, `$top`, `$count`,
 * `$expand`, `$skiptoken`. Unknown options are passed over, as Graph's clients expect; a filter that is not
 * understood is refused, because leaving it out would answer another question.
 */
import { badRequest } from './call.ts';

export interface ODataQuery {
  /** Lower case; null = the default properties. */
  readonly select: ReadonlySet<string> | null;
  /** Alternatives, each the words of one term. */
  readonly search: readonly string[];
  readonly filter: Filter | null;
  readonly top: number | null;
  readonly count: boolean;
  /** How many managers up `$expand=manager` asks for; 0 = none. */
  readonly managers: number;
  readonly after: string | null;
}

/** `values` in the case they were written in; properties in lower case. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'equals'; readonly property: string; readonly values: readonly string[] }
  | { readonly kind: 'starts'; readonly property: string; readonly value: string };

/** As many levels as an organisation has. */
const managersMost = 20;
const topMost = 999;

export function readODataQuery(url: string): ODataQuery {
  const mark = url.indexOf('?');
  const options = new Map<string, string>();
  if (mark >= 0)
    for (const [name, value] of new URLSearchParams(url.slice(mark + 1)))
      options.set(name.toLowerCase().replace(/^\$/, ''), value);
  const select = options.get('select');
  const filter = options.get('filter');
  const top = options.get('top');
  if (top !== undefined && (!/^\d{1,6}$/.test(top) || Number(top) < 1))
    throw badRequest(
      `Invalid page size specified: '${top.slice(0, 20)}'. Must be between 1 and ${topMost} inclusive.`,
    );
  const expand = options.get('expand') ?? '';
  const managers = /^manager\b(?:\((.*)\))?/i.exec(expand);
  const levels = /\$levels=(max|\d{1,4})/i.exec(managers?.[1] ?? '')?.[1];
  return {
    select:
      select === undefined || select.trim() === '' || select.trim() === '*'
        ? null
        : new Set(select.split(',').map((name) => name.trim().toLowerCase())),
    search: termsOf(options.get('search') ?? ''),
    filter: filter === undefined || filter.trim() === '' ? null : parseFilter(filter),
    top: top === undefined ? null : Math.min(Number(top), topMost),
    count: options.get('count')?.toLowerCase() === 'true',
    managers:
      managers === null
        ? 0
        : levels === undefined
          ? 1
          : levels === 'max'
            ? managersMost
            : Math.min(Number(levels), managersMost),
    after: options.get('skiptoken') ?? null,
  };
}

/** `"displayName:ann" OR "mail:ann"` → the terms without the property they name, each once. */
function termsOf(text: string): string[] {
  const alternatives = text.split(/\s+OR\s+/).map((alternative) =>
    alternative
      .split(/\s+AND\s+/)
      .map((term) =>
        term
          .trim()
          .replace(/^["'(]+|["')]+$/g, '')
          .replace(/^\w+:/, ''),
      )
      .join(' ')
      .trim(),
  );
  return [...new Set(alternatives.filter((term) => term !== ''))];
}

type Token = { readonly kind: 'word' | 'text' | 'sign'; readonly value: string };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:'((?:[^']|'')*)'|([\w./-]+)|([(),]))/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(text);
    if (found === null) throw badRequest(`Invalid filter clause at position ${at}.`);
    const [, quoted, word, sign] = found;
    if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted.replaceAll("''", "'") });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else tokens.push({ kind: 'sign', value: sign as string });
  }
  return tokens;
}

/** Bounded, so that no filter is deeper than the stack. */
const filterMost = 2_000;

/** Reads `eq`, `in`, `startswith`, `and`, `or` and brackets. Throws for anything else. */
export function parseFilter(text: string): Filter {
  if (text.length > filterMost) throw badRequest(`The filter is longer than ${filterMost} characters.`);
  const tokens = tokensOf(text);
  let at = 0;
  const unsupported = () =>
    badRequest('Unsupported or invalid query filter clause: eq, in, startswith, and, or are taken.');
  const next = (): Token => {
    const token = tokens[at];
    if (token === undefined) throw unsupported();
    at += 1;
    return token;
  };
  const sign = (value: string) => {
    const token = next();
    if (token.kind !== 'sign' || token.value !== value) throw unsupported();
  };
  const isWord = (value: string) => tokens[at]?.kind === 'word' && tokens[at]?.value.toLowerCase() === value;
  const isSign = (value: string) => tokens[at]?.kind === 'sign' && tokens[at]?.value === value;
  const literal = (): string => {
    const token = next();
    if (token.kind === 'sign') throw unsupported();
    return token.value;
  };
  const property = (): string => {
    const token = next();
    if (token.kind !== 'word') throw unsupported();
    return token.value.toLowerCase();
  };

  function joined(kind: 'and' | 'or', part: () => Filter): Filter {
    const parts = [part()];
    while (isWord(kind)) {
      at += 1;
      parts.push(part());
    }
    return parts.length === 1 ? (parts[0] as Filter) : { kind, parts };
  }
  const either = (): Filter => joined('or', () => joined('and', single));
  function single(): Filter {
    if (isSign('(')) {
      at += 1;
      const inner = either();
      sign(')');
      return inner;
    }
    const name = property();
    if (name === 'startswith') {
      sign('(');
      const of = property();
      sign(',');
      const value = literal();
      sign(')');
      return { kind: 'starts', property: of, value };
    }
    if (isWord('eq')) {
      at += 1;
      return { kind: 'equals', property: name, values: [literal()] };
    }
    if (!isWord('in')) throw unsupported();
    at += 1;
    sign('(');
    const values = [literal()];
    while (isSign(',')) {
      at += 1;
      values.push(literal());
    }
    sign(')');
    return { kind: 'equals', property: name, values };
  }

  const filter = either();
  if (at !== tokens.length) throw unsupported();
  return filter;
}
