/** Messages as data: the Markdown subset, links that lie, characters that hide, and what stands between messages. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeText } from '../../addins/shared/ui/change-text.ts';
import { type Inline, parseInline, parseMarkdown, plainText } from '../../addins/shared/ui/markdown.ts';
import { judgeLink, revealHidden } from '../../addins/shared/ui/safe-link.ts';
import { layOut } from '../../addins/shared/ui/timeline.ts';
import type { ConversationChange, Message } from '../../server/protocol/conversations.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

const text = (value: string): Inline => ({ kind: 'text', text: value });

describe('Markdown subset', () => {
  test.each<[string, Inline[]]>([
    ['plain', [text('plain')]],
    ['a **bold** b', [text('a '), { kind: 'bold', content: [text('bold')] }, text(' b')]],
    [
      '*slanted* and _too_',
      [
        { kind: 'italic', content: [text('slanted')] },
        text(' and '),
        { kind: 'italic', content: [text('too')] },
      ],
    ],
    [
      '**bold *and* more**',
      [{ kind: 'bold', content: [text('bold '), { kind: 'italic', content: [text('and')] }, text(' more')] }],
    ],
    ['snake_case_name', [text('snake_case_name')]],
    ['2 * 3 * 4', [text('2 * 3 * 4')]],
    ['`a*b*`', [{ kind: 'code', text: 'a*b*' }]],
    ['\\*not\\*', [text('*not*')]],
    [
      '[text](https://a.example/x_(y))',
      [{ kind: 'link', href: 'https://a.example/x_(y)', content: [text('text')] }],
    ],
    [
      'see https://a.example/b.',
      [
        text('see '),
        { kind: 'link', href: 'https://a.example/b', content: [text('https://a.example/b')] },
        text('.'),
      ],
    ],
    [
      '(www.a.example)',
      [
        text('('),
        { kind: 'link', href: 'https://www.a.example', content: [text('www.a.example')] },
        text(')'),
      ],
    ],
    ['[@Bob Kovács](person:0A-b1)', [{ kind: 'mention', name: 'Bob Kovács', personId: '0A-b1' }]],
    ['[x](javascript:alert(1))', [text('[x](javascript:alert(1))')]],
    ['[x](data:text/html,y)', [text('[x](data:text/html,y)')]],
    ['**', [text('**')]],
    ['xhttps://a.example', [text('xhttps://a.example')]],
  ])('[UI11] %s', (source, expected) => {
    expect(parseInline(source)).toEqual(expected);
  });

  test('[UI11] paragraphs, quotes, lists and code are blocks', () => {
    expect(
      parseMarkdown('one\ntwo\n\n> said\n\n- a\n- b\n\n3. c\n4. d\n\n```ts\n<b>**x**</b>\n```\nend'),
    ).toEqual([
      { kind: 'paragraph', lines: [[text('one')], [text('two')]] },
      { kind: 'quote', lines: [[text('said')]] },
      { kind: 'list', ordered: false, start: 1, items: [[text('a')], [text('b')]] },
      { kind: 'list', ordered: true, start: 3, items: [[text('c')], [text('d')]] },
      { kind: 'code', text: '<b>**x**</b>' },
      { kind: 'paragraph', lines: [[text('end')]] },
    ]);
  });

  test('[UI11] HTML is text like any other', () => {
    const source = '<img src=x onerror=alert(1)>';
    expect(parseMarkdown(source)).toEqual([{ kind: 'paragraph', lines: [[text(source)]] }]);
  });

  test('[UI11] what stands behind a fence is code, unless it names a language', () => {
    expect(plainText('```x y')).toBe('x y');
    expect(plainText('```sql\nselect 1\n```')).toBe('select 1');
  });

  test('[UI11] nothing that was written disappears', () => {
    const letters = (value: string) => value.replaceAll(/[^\p{L}\p{N}]/gu, '');
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('**', '*', '_', '`', 'word', 'Ωμέγα', ' ', '\n', '> ', '- ', '[', ']', '\\', 'x y'),
          { maxLength: 40 },
        ),
        (parts) => {
          const source = parts.join('');
          expect(letters(plainText(source))).toBe(letters(source));
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['stars', '*'.repeat(16_000)],
    ['bold begun', '**a'.repeat(5_000)],
    ['italic begun', '_a '.repeat(5_000)],
    ['ticks', '`'.repeat(16_000)],
    ['brackets', '['.repeat(16_000)],
    ['links begun', '[a]('.repeat(4_000)],
    ['addresses', 'http://'.repeat(2_200)],
    ['closing brackets', `http://a.example/${')'.repeat(15_000)}`],
    ['quotes', '>'.repeat(16_000)],
  ])('[UI11] 16,000 hostile characters (%s) are read in a moment', (_name, source) => {
    expect(cpuMsOf(() => parseMarkdown(source))).toBeLessThan(500);
  });
});

describe('links', () => {
  test.each([
    ['https://bank.example/', 'https://bank.example', null],
    ['https://www.bank.example/', 'bank.example', null],
    ['https://evil.example/', 'bank.example', 'evil.example'],
    ['https://evil.example/', 'https://bank.example/login', 'evil.example'],
    ['https://evil.example/', 'click here', null],
    ['https://bank.example@evil.example/', 'x', 'evil.example'],
    ['https://аpple.example/', 'аpple.example', 'xn--pple-43d.example'],
    ['mailto:bob@contoso.example', 'write', null],
  ])('[UI12] %s under “%s” warns of %s', (href, label, warnHost) => {
    const verdict = judgeLink(href, label);
    expect(verdict.href).not.toBeNull();
    expect(verdict.warnHost).toBe(warnHost);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'not a link',
    'JaVaScRiPt:x',
  ])('[UI12] %s is no link', (href) => {
    expect(judgeLink(href, 'x').href).toBeNull();
  });

  test('[UI12] characters that hide or turn text around are made visible', () => {
    expect(revealHidden('exe.\u202Egpj')).toEqual({ text: 'exe.⟦202E⟧gpj', found: true });
    expect(revealHidden('a\u200Bb\u{E0041}')).toEqual({ text: 'a⟦200B⟧b⟦E0041⟧', found: true });
  });

  test.each(['👨‍👩‍👧', 'שלום\u200F עולם', 'क्‍ष', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'naïve'])('[UI12] %s is ordinary text', (ordinary) => {
    expect(revealHidden(ordinary)).toEqual({ text: ordinary, found: false });
  });
});

describe('timeline', () => {
  const noon = new Date(2026, 10, 16, 12).getTime();
  const said = (seq: number, fromId: string, minutes: number): Message =>
    ({
      id: `m${seq}`,
      conversationId: 'c',
      seq,
      fromId,
      sentAt: new Date(noon + minutes * 60_000).toISOString(),
      deletedAt: null,
    }) as Message;
  const shape = (messages: Message[], unreadAfter: number | null) =>
    layOut(messages, unreadAfter, 'alice').map((entry) =>
      entry.kind === 'message' ? `${entry.message.seq}${entry.isFirst ? '!' : ''}` : entry.kind,
    );

  test('[UI13] messages of one person within five minutes stand together, under one time', () => {
    expect(
      shape([said(1, 'bob', 0), said(2, 'bob', 4), said(3, 'alice', 5), said(4, 'alice', 11)], null),
    ).toEqual(['day', '1!', '2', '3!', 'time', '4!']);
  });

  test('[UI13] each day begins with its name', () => {
    expect(shape([said(1, 'bob', 0), said(2, 'bob', 24 * 60)], null)).toEqual(['day', '1!', 'day', '2!']);
  });

  const change = (
    kind: ConversationChange['kind'],
    who: string | null,
    minutes: number,
    by = who ?? 'bob',
  ): ConversationChange => ({
    id: `${kind}-${who}-${minutes}`,
    at: new Date(noon + minutes * 60_000).toISOString(),
    kind,
    person: who === null ? null : { id: who, displayName: who, address: '' },
    by: { id: by, displayName: by, address: '' },
    subject: kind === 'renamed' ? 'Budget' : null,
  });
  const told = (messages: Message[], changes: ConversationChange[]) =>
    layOut(messages, null, 'alice', changes).map((entry) =>
      entry.kind === 'message'
        ? `${entry.message.seq}${entry.isFirst ? '!' : ''}`
        : entry.kind === 'changes'
          ? changeText(entry.changes, 'alice')
          : entry.kind,
    );

  test('[UI31] a change stands before the first message of its time or later, and breaks a group', () => {
    const messages = [said(1, 'bob', 0), said(2, 'bob', 2), said(3, 'bob', 3)];
    const changes = [
      change('added', 'dave', 1, 'alice'),
      change('joined', 'dave', 3),
      change('left', 'dave', 4),
    ];
    expect(told(messages, changes)).toEqual([
      'day',
      '1!',
      'You added dave',
      '2!',
      'dave joined',
      '3!',
      'dave left',
    ]);
    expect(told([], [change('renamed', null, 0)])).toEqual(['day', 'bob named the conversation “Budget”']);
    expect(told([said(1, 'bob', 0)], [change('left', 'dave', 24 * 60)])).toEqual([
      'day',
      '1!',
      'day',
      'dave left',
    ]);
  });

  test('[UI31] a role that is given, taken, given up or inherited', () => {
    const lines = (changes: ConversationChange[]) => told([], changes).slice(1);
    expect(lines([change('presenter', 'bob', 0, 'dave'), change('presenter', 'erin', 1, 'dave')])).toEqual([
      'dave made bob and erin presenter',
    ]);
    expect(lines([change('presenter', 'bob', 0, 'alice')])).toEqual(['You made bob presenter']);
    expect(lines([change('presenter', 'alice', 0, 'bob')])).toEqual(['bob made you presenter']);
    expect(lines([change('presenter', 'bob', 0)])).toEqual(['bob is presenter now']);
    expect(lines([change('presenter', 'alice', 0)])).toEqual(['You are presenter now']);
    expect(lines([change('attendee', 'bob', 0, 'dave')])).toEqual(['dave made bob attendee']);
    expect(lines([change('attendee', 'bob', 0)])).toEqual(['bob is attendee now']);
    expect(lines([change('attendee', 'bob', 0, 'alice')])).toEqual(['You made bob attendee']);
    expect(lines([change('attendee', 'alice', 0, 'bob')])).toEqual(['bob made you attendee']);
    expect(lines([change('attendee', 'alice', 0)])).toEqual(['You are attendee now']);
  });

  test('[UI31] the same deed reads as one, with as many names as can be read; oneself stands apart', () => {
    const people = ['ben', 'cleo', 'dave', 'erin', 'finn', 'gwen'];
    const added = (name: string, by = 'bob') => change('added', name, 1, by);
    expect(
      told(
        [],
        people.slice(0, 2).map((name) => added(name)),
      ),
    ).toEqual(['day', 'bob added ben and cleo']);
    expect(
      told(
        [],
        people.map((name) => added(name)),
      ),
    ).toEqual(['day', 'bob added ben, cleo, dave, erin, and 2 others']);
    expect(told([], [added('ben'), added('alice'), added('cleo'), added('dave', 'erin')])).toEqual([
      'day',
      'bob added ben',
      'bob added you',
      'bob added cleo',
      'erin added dave',
    ]);
    expect(
      told([], [change('left', 'ben', 1), change('left', 'cleo', 1), change('declined', 'dave', 1)]),
    ).toEqual(['day', 'ben and cleo left', 'dave declined the invitation']);
    expect(told([], [change('removed', 'alice', 1, 'bob'), change('removed', 'ben', 2, 'alice')])).toEqual([
      'day',
      'bob removed you',
      'You removed ben',
    ]);
  });

  test('[UI13] the unread line stands once, before the first message of another that was not read', () => {
    expect(shape([said(1, 'bob', 0), said(2, 'alice', 1), said(3, 'bob', 2), said(4, 'bob', 3)], 1)).toEqual([
      'day',
      '1!',
      '2!',
      'unread',
      '3!',
      '4',
    ]);
    expect(shape([said(1, 'bob', 0)], 1)).toEqual(['day', '1!']);
  });
});
