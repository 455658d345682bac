/**
 * Follows the people of a document in Word or Excel. The host says what can be asked (its lines) and what is
 * selected; here is decided when, how often, and what is told: each line by itself, so that one that is slow or
 * refused takes nothing else with it, and never a late answer.
 */
import {
  type ItemFocus,
  type ItemPerson,
  type ItemState,
  type OpenItem,
  type PeopleSource,
  type PersonRole,
  unitePeople,
} from '../people-source.ts';
import { type Attention, documentAttention } from './attention.ts';

export interface DocumentLine {
  readonly role: PersonRole;
  /** Asks the host. May reject, and may never settle. */
  read(): Promise<readonly ItemPerson[]>;
  /** How soon it is asked again while somebody looks: comments raise no event, text is long. */
  readonly everyMs: number;
  /** Thousands of answers may come: it waits until the first people are on the screen. */
  readonly isHeavy?: boolean;
}

export interface Selected {
  readonly focus: ItemFocus | null;
  /** More was selected than is shown. */
  readonly isPartial: boolean;
}

export interface DocumentHost {
  readonly kind: 'document' | 'workbook';
  readonly lines: readonly DocumentLine[];
  /** What a conversation about the document is about. */
  identify(): Promise<OpenItem['context']>;
  readSelection(context: OpenItem['context']): Promise<Selected>;
  /** Calls back when the selection, or the roles named, have changed; the answer ends it. */
  follow(onSelection: () => void, onChange: (roles: readonly PersonRole[]) => void): () => void;
}

/** Longer than a slow host needs, shorter than a person waits. Request batches themselves never time out. */
const answerWithinMs = 5_000;
/** A caret that is moved by keys changes the selection thirty times a second. */
const selectionRestMs = 120;
/** What the first people need to be looked up and drawn, on a good network; a silent host is not waited for. */
const heavyAfterMs = 150;
const heavyAtLatestMs = 400;
const nothingSelected: Selected = { focus: null, isPartial: false };

interface Line {
  readonly source: DocumentLine;
  people: readonly ItemPerson[];
  state: 'asked' | 'answered' | 'unanswered';
  asking: number;
  askedAt: number;
}

/** Begins to follow. `attention` is the document's own by default, `now` the time in ms. */
export function createDocumentPeople(
  host: DocumentHost,
  attention: Attention = documentAttention(),
  now: () => number = Date.now,
): PeopleSource {
  const listeners = new Set<(state: ItemState) => void>();
  const lines = host.lines.map(
    (source): Line => ({ source, people: [], state: 'asked', asking: 0, askedAt: 0 }),
  );
  let state: ItemState = { state: 'waiting' };
  let shown = '';
  let context: OpenItem['context'] = null;
  let isIdentified = false;
  let selected = nothingSelected;
  let selecting = 0;
  let resting: ReturnType<typeof setTimeout> | null = null;
  let closed = false;

  function tell(): void {
    const people = uniteNames(unitePeople(lines.flatMap((line) => line.people)));
    const hasSomebody = people.length > 0 || selected.focus !== null;
    if (closed || !isIdentified || (!hasSomebody && lines.some((line) => line.state === 'asked'))) return;
    const focus = selected.focus && { ...selected.focus, people: nameAfter(selected.focus.people, people) };
    const item: OpenItem = {
      key: context?.itemId ?? host.kind,
      kind: host.kind,
      mode: 'read',
      title: context?.title ?? '',
      people,
      isPartial: selected.isPartial,
      unanswered: [
        ...new Set(lines.filter((line) => line.state === 'unanswered').map(({ source }) => source.role)),
      ],
      context: context && { ...context, people: addressesOf(people) },
      focus,
    };
    const text = JSON.stringify(item);
    if (text === shown) return;
    shown = text;
    state = { state: 'open', item };
    for (const listener of listeners) listener(state);
  }

  async function ask(line: Line): Promise<void> {
    line.asking += 1;
    line.askedAt = now();
    const mine = line.asking;
    try {
      const people = await within(line.source.read());
      if (closed || mine !== line.asking) return;
      line.people = people;
      line.state = 'answered';
    } catch {
      if (closed || mine !== line.asking) return;
      // What was known of the line stands; that it may be old is said.
      line.state = 'unanswered';
    }
    tell();
  }

  async function select(): Promise<void> {
    selecting += 1;
    const mine = selecting;
    const next = await within(host.readSelection(context)).catch(() => nothingSelected);
    if (closed || mine !== selecting) return;
    selected = next;
    tell();
  }

  function onSelection(): void {
    if (resting !== null) clearTimeout(resting);
    resting = setTimeout(() => void select(), selectionRestMs);
  }

  function askOld(): void {
    if (!attention.isVisible()) return;
    for (const line of lines)
      if (line.asking > 0 && now() - line.askedAt >= line.source.everyMs) void ask(line);
  }

  const unfollow = host.follow(onSelection, (roles) => {
    for (const line of lines) if (roles.includes(line.source.role)) void ask(line);
  });
  const poll = setInterval(askOld, 1_000);
  const leave = attention.onReturn(() => {
    for (const line of lines) void ask(line);
    onSelection();
  });
  void within(host.identify())
    .catch(() => null)
    .then((identified) => {
      context = identified;
      isIdentified = true;
      tell();
      return select();
    });
  const [heavy, light] = [lines.filter(isHeavy), lines.filter((line) => !isHeavy(line))];
  void Promise.race([Promise.all(light.map(ask)), wait(heavyAtLatestMs)]).then(async () => {
    if (heavy.length > 0) await wait(heavyAfterMs);
    // Unless the whole was asked for meanwhile.
    for (const line of heavy) if (!closed && line.asking === 0) void ask(line);
  });

  return {
    current: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      clearInterval(poll);
      if (resting !== null) clearTimeout(resting);
      unfollow();
      leave();
      listeners.clear();
    },
  };
}

const isHeavy = ({ source }: Line): boolean => source.isHeavy === true;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function within<Value>(answer: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, answerWithinMs, new Error('silent'));
    answer.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/**
 * A name without an address is the person of that name who has one in the same document, if there is exactly
 * one: Word names the author of a change by name alone, and the author of a comment with an address.
 */
export function uniteNames(people: readonly ItemPerson[]): ItemPerson[] {
  return unitePeople(nameAfter(people, people));
}

function nameAfter(people: readonly ItemPerson[], all: readonly ItemPerson[]): ItemPerson[] {
  const addresses = new Map<string, Set<string>>();
  for (const { name, address } of all) {
    if (name === '' || address === '') continue;
    const key = name.toLowerCase();
    addresses.set(key, (addresses.get(key) ?? new Set()).add(address));
  }
  return people.map((person) => {
    const known = person.address === '' ? addresses.get(person.name.toLowerCase()) : undefined;
    const [only] = known?.size === 1 ? known : [];
    return only === undefined ? person : { ...person, address: only };
  });
}

const contextLimits = { people: 250, address: 512 } as const;
function addressesOf(people: readonly ItemPerson[]): string[] {
  return people
    .map(({ address }) => address)
    .filter((address) => address !== '' && address.length <= contextLimits.address)
    .slice(0, contextLimits.people);
}

/** Mail addresses in a text, each once, in order. As strict as a cell or a sentence wants, not as RFC 5322 allows. */
export function addressesIn(text: string): string[] {
  const found = text.match(/[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu) ?? [];
  return [...new Set(found.map((address) => address.replace(/^['.]+|['.]+$/g, '')))];
}

/** The address that a `mailto:` link leads to, or null. */
export function addressOfLink(link: string): string | null {
  const given = /^mailto:([^?]+)/i.exec(link)?.[1];
  if (given === undefined) return null;
  try {
    return addressesIn(decodeURIComponent(given))[0] ?? null;
  } catch {
    return null;
  }
}

// ---- what a conversation is about ----

const nameLimits = { title: 500, itemId: 1_000, url: 2_000 } as const;

/**
 * Names the document so that everybody who has it names it alike: by where it is kept, or, for a file of one's
 * own, by its author and the moment it was made, which go with every copy.
 */
export function nameDocument(
  kind: 'document' | 'workbook',
  url: string,
  { title, author, creationDate }: { title: string; author: string; creationDate: Date },
): NonNullable<OpenItem['context']> {
  const isShared = /^https:/i.test(url) && url.length <= nameLimits.url;
  const fileName = decodeName(url.split(/[\\/]/).at(-1)?.split('?')[0] ?? '');
  const made = `${kind}:${author}:${new Date(creationDate).toISOString()}:${title}`;
  return {
    kind,
    title: (title || fileName).slice(0, nameLimits.title),
    itemId: (isShared ? `${kind}:${url.split('?')[0]}` : made).slice(0, nameLimits.itemId),
    ...(isShared ? { url } : {}),
  };
}

/** Ids of comments are a session's own; who wrote it and when is the same for everybody. */
export function aboutComment(
  comment: { readonly authorName: string; readonly creationDate: Date },
  quote: string,
  whole: NonNullable<OpenItem['context']>,
): NonNullable<OpenItem['context']> {
  const { url: _url, ...document } = whole;
  const mark = `${comment.authorName}:${comment.creationDate.toISOString()}`;
  return {
    ...document,
    title: `“${quote}” – ${whole.title}`.slice(0, nameLimits.title),
    itemId: `${whole.itemId}#${mark}`.slice(0, nameLimits.itemId),
  };
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
