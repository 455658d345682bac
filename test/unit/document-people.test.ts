/** Following the people of a document: lines that are slow or refused, names, addresses in texts, tracked changes. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  addressesIn,
  addressOfLink,
  createDocumentPeople,
  type DocumentHost,
  uniteNames,
} from '../../addins/shared/office/document-people.ts';
import type { OfficeApi } from '../../addins/shared/office/host.ts';
import type { RunWord, WordContext } from '../../addins/shared/office/word.ts';
import type { ItemPerson, ItemState, OpenItem, PersonRole } from '../../addins/shared/people-source.ts';
import { reviewersIn } from '../../addins/word/ooxml.ts';
import { createWordPeople } from '../../addins/word/people.ts';

const person = (name: string, address: string, ...roles: PersonRole[]): ItemPerson => ({
  name,
  address,
  roles,
});
const context = { kind: 'document', title: 'Plan', itemId: 'document:plan' } as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Played {
  readonly told: ItemState[];
  readonly attention: { visible: boolean; back: () => void };
  select(): void;
  item(): OpenItem;
  close(): void;
}

function follow(host: Partial<DocumentHost>): Played {
  const told: ItemState[] = [];
  const attention = { visible: true, back: () => {} };
  let select = () => {};
  const source = createDocumentPeople(
    {
      kind: 'document',
      lines: [],
      identify: async () => context,
      readSelection: async () => ({ focus: null, isPartial: false }),
      follow: (onSelection) => {
        select = onSelection;
        return () => {};
      },
      ...host,
    },
    {
      isVisible: () => attention.visible,
      onReturn: (listener) => {
        attention.back = listener;
        return () => {};
      },
    },
  );
  source.subscribe((state) => told.push(state));
  return {
    told,
    attention,
    select: () => select(),
    item() {
      const state = source.current();
      if (state.state !== 'open') throw new Error(`still ${state.state}`);
      return state.item;
    },
    close: () => source.close(),
  };
}

const line = (role: PersonRole, read: () => Promise<readonly ItemPerson[]>, everyMs = 10_000) => ({
  role,
  read,
  everyMs,
});
const bob = person('Bob', 'bob@contoso.example', 'commenter');

describe('[OF41] lines', () => {
  test('[OF41] people are told as each line answers, in the order of the lines', async () => {
    const later = Promise.withResolvers<ItemPerson[]>();
    const played = follow({
      lines: [line('author', () => later.promise), line('commenter', async () => [bob])],
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(played.item().people).toEqual([bob]);
    later.resolve([person('Carol', 'carol@contoso.example', 'author')]);
    await vi.advanceTimersByTimeAsync(0);
    expect(played.item().people.map(({ name }) => name)).toEqual(['Carol', 'Bob']);
    expect(played.item()).toMatchObject({ kind: 'document', title: 'Plan', unanswered: [] });
    expect(played.item().context?.people).toEqual(['carol@contoso.example', 'bob@contoso.example']);
    played.close();
  });

  test('[OF41] a refused and a silent line are named, and what was known of them stands', async () => {
    let answer: () => Promise<readonly ItemPerson[]> = async () => [bob];
    const played = follow({
      lines: [line('commenter', () => answer()), line('linked', () => new Promise(() => {}), 60_000)],
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(played.item().unanswered).toEqual(['linked']);
    answer = () => Promise.reject(new Error('refused'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(played.item()).toMatchObject({ people: [bob], unanswered: ['commenter', 'linked'] });
    answer = async () => [];
    await vi.advanceTimersByTimeAsync(10_000);
    expect(played.item()).toMatchObject({ people: [], unanswered: ['linked'] });
    played.close();
  });

  test('[OF41] a late answer is nobody’s, and an empty document is told as empty', async () => {
    const first = Promise.withResolvers<ItemPerson[]>();
    const answers = [() => first.promise, async () => []];
    const played = follow({
      lines: [line('commenter', () => (answers.shift() ?? (async () => []))(), 1_000)],
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(played.told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(played.item().people).toEqual([]);
    first.resolve([bob]);
    await vi.advanceTimersByTimeAsync(0);
    expect(played.item().people).toEqual([]);
    played.close();
  });

  test('[OF41] nothing is asked while nobody looks, everything when somebody returns, and equal answers are told once', async () => {
    const read = vi.fn(async () => [bob]);
    const played = follow({ lines: [line('commenter', read, 2_000)] });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(played.told).toHaveLength(1);
    played.attention.visible = false;
    const asked = read.mock.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveBeenCalledTimes(asked);
    played.attention.back();
    expect(read).toHaveBeenCalledTimes(asked + 1);
    played.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveBeenCalledTimes(asked + 1);
  });
});

describe('[OF46] first people first', () => {
  test('[OF46] a heavy line waits for the light ones, but not for a silent host', async () => {
    const read = vi.fn(async () => [bob]);
    const heavy = { ...line('commenter', read), isHeavy: true };
    const played = follow({ lines: [line('author', async () => [bob]), heavy] });
    await vi.advanceTimersByTimeAsync(100);
    expect(played.item().people).toEqual([bob]);
    expect(read).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(read).toHaveBeenCalledTimes(1);
    played.close();
    const silent = follow({ lines: [line('author', () => new Promise(() => {})), heavy] });
    await vi.advanceTimersByTimeAsync(600);
    expect(read).toHaveBeenCalledTimes(2);
    silent.close();
  });
});

describe('[OF42] the selection', () => {
  test('[OF42] a moving caret is asked about when it rests; the newest answer alone counts', async () => {
    const answers = [Promise.withResolvers<ItemPerson>(), Promise.withResolvers<ItemPerson>()];
    let reads = 0;
    const played = follow({
      lines: [line('commenter', async () => [bob])],
      async readSelection() {
        reads += 1;
        const answer = answers[reads - 2];
        const people = answer === undefined ? [] : [await answer.promise];
        return { focus: people.length === 0 ? null : { quote: '', people, context: null }, isPartial: false };
      },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(reads).toBe(1);
    for (let step = 0; step < 10; step += 1) {
      played.select();
      await vi.advanceTimersByTimeAsync(30);
    }
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(reads).toBe(2);
    played.select();
    await vi.advanceTimersByTimeAsync(200);
    answers[1]?.resolve(person('Erin', 'erin@contoso.example', 'linked'));
    await vi.advanceTimersByTimeAsync(0);
    answers[0]?.resolve(person('Late', 'late@contoso.example', 'linked'));
    await vi.advanceTimersByTimeAsync(0);
    expect(played.item().focus?.people.map(({ name }) => name)).toEqual(['Erin']);
    played.close();
  });
});

describe('[OF40] names and addresses', () => {
  test('[OF40] a name is the one person of that name who has an address in the document, and nobody where there are two', () => {
    const all = [
      person('bob', '', 'author'),
      person('Carol', '', 'reviewer'),
      person('Bob', 'bob@contoso.example', 'commenter'),
      person('Carol', 'carol@contoso.example', 'commenter'),
      person('Carol', 'carol@fabrikam.example', 'linked'),
    ];
    expect(uniteNames(all).map(({ name, address, roles }) => [name, address, roles.join(' ')])).toEqual([
      ['bob', 'bob@contoso.example', 'author commenter'],
      ['Carol', '', 'reviewer'],
      ['Carol', 'carol@contoso.example', 'commenter'],
      ['Carol', 'carol@fabrikam.example', 'linked'],
    ]);
  });
  test('[OF40] addresses are found between words and marks, each once', () => {
    expect(
      addressesIn(
        'Ask <bob@contoso.example>, carol@contoso.example. Or "bob@contoso.example"; jörg@müller.example!',
      ),
    ).toEqual(['bob@contoso.example', 'carol@contoso.example', 'jörg@müller.example']);
    expect(addressesIn('no one @ home, a@b, @name, user@localhost')).toEqual([]);
  });
  test.each([
    ['mailto:bob@contoso.example', 'bob@contoso.example'],
    ['MAILTO:Bob%20K%20%3Cbob@contoso.example%3E?subject=x', 'bob@contoso.example'],
    ['https://contoso.example/bob@contoso.example', null],
    ['mailto:%E0%A4%A', null],
    ['mailto:nobody', null],
  ])('[OF40] the link %s leads to %s', (link, address) => {
    expect(addressOfLink(link)).toBe(address);
  });
  test('[OF40] authors of tracked changes are read from the text’s XML, with accounts where it holds them', () => {
    const ooxml = `<w:ins w:id="1" w:author="Dave &amp; Co" w:date="x"><w:r/></w:ins>
      <w:del w:id="2" w:author="Bob &#75;"><w:r/></w:del><w:rPrChange w:id="3" w:author="Dave &amp; Co"/>
      <w:comment w:author="Nobody"/><w15:person w15:author="Bob K"><w15:presenceInfo w15:providerId="AD" w15:userId="S::bob@contoso.example::1"/></w15:person>`;
    expect(reviewersIn(ooxml)).toEqual([
      person('Dave & Co', '', 'reviewer'),
      person('Bob K', 'bob@contoso.example', 'reviewer'),
    ]);
  });
});

describe('[OF40] newer Words', () => {
  /** What the npm package's library does not know: written down from Microsoft's reference, played in memory. */
  const many = <Item>(items: readonly Item[]) => ({ items, load: () => {} });
  const word = (more: object) => {
    const range = {
      text: '',
      hyperlink: '',
      contentControls: many([]),
      getComments: () => many([]),
      getHyperlinkRanges: () => many([]),
      load: () => {},
    };
    return {
      document: {
        body: {
          ...range,
          getRange: () => range,
          getOoxml: () => ({ value: '<w:ins w:author="From the XML"/>' }),
          getTrackedChanges: () => many([{ author: 'Dave' }, { author: 'Dave' }, { author: 'Bob' }]),
        },
        contentControls: many([]),
        properties: {
          title: 'Plan',
          author: 'Bob',
          lastAuthor: 'Carol',
          creationDate: new Date('2026-11-02T12:00:00Z'),
          load: () => {},
        },
        getSelection: () => range,
        coauthoring: { authors: many([{ name: 'Bob', emailAddress: 'bob@contoso.example' }]) },
        ...more,
      },
      sync: async () => {},
    } as unknown as WordContext;
  };
  const office = (sets: readonly string[]) =>
    ({
      context: {
        requirements: {
          isSetSupported: (name: string, version: string) => sets.includes(`${name} ${version}`),
        },
        document: { url: 'C:\\Users\\bob\\Plan.docx', addHandlerAsync: () => {} },
      },
      EventType: {},
    }) as unknown as OfficeApi;

  async function people(sets: readonly string[], more: object = {}): Promise<OpenItem> {
    const run: RunWord = (batch) => batch(word(more));
    const source = createWordPeople(office(sets), run, { isVisible: () => true, onReturn: () => () => {} });
    await vi.advanceTimersByTimeAsync(1_000);
    source.close();
    const state = source.current();
    if (state.state !== 'open') throw new Error(state.state);
    return state.item;
  }

  test('[OF40] co-authors come first and lend their address to names; changes are asked of Word itself', async () => {
    const item = await people(['WordApiDesktop 1.4', 'WordApi 1.6', 'WordApi 1.4']);
    expect(item.people).toEqual([
      person('Bob', 'bob@contoso.example', 'co-author', 'author', 'reviewer'),
      person('Carol', '', 'last-author'),
      person('Dave', '', 'reviewer'),
    ]);
  });
  test('[OF40] an older Word is asked for the XML, and is not asked for what it lacks', async () => {
    const item = await people([], { coauthoring: undefined });
    expect(item.people.map(({ name, roles }) => [name, roles[0]])).toEqual([
      ['Bob', 'author'],
      ['Carol', 'last-author'],
      ['From the XML', 'reviewer'],
    ]);
    expect(item.unanswered).toEqual([]);
  });
  test('[OF40] a file of one’s own is named by author and birth, which every copy has', async () => {
    const { context: about } = await people([]);
    expect(about).toMatchObject({ itemId: 'document:Bob:2026-11-02T12:00:00.000Z:Plan', title: 'Plan' });
    expect(about).not.toHaveProperty('url');
  });
});
