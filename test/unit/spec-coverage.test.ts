import { expect, test } from 'vitest';
import { parseSource } from '../support/sources.ts';
import { citedBy, citedIn, compare, rulesOf } from '../support/spec-coverage.ts';

const cited = (text: string) => [...citedIn(parseSource('made-up.test.ts', text))];

test('[OP1] a rule is a list item that begins with its id in bold', () => {
  expect(rulesOf('- **PA1** one\n- **PA2** two\ntext **PA3** no\n  - **PA4** nested no\n')).toEqual([
    'PA1',
    'PA2',
  ]);
});

test('[OP1] a title cites the ids at its start, one or several', () => {
  expect(citedBy('[OP1] says')).toEqual(['OP1']);
  expect(citedBy('[OP1, OP2] say')).toEqual(['OP1', 'OP2']);
  expect(citedBy('says [PA1]')).toEqual([]);
});

test('[OP1] titles count in calls, templates and tables, but not in comments, skip or todo', () => {
  expect(cited("// '[PA1] no'\ntest('[PA2] yes', () => {})")).toEqual(['PA2']);
  expect(cited(`test(\`[PA3] \${1 + 1}\`, () => {})`)).toEqual(['PA3']);
  expect(cited("const table = [{ title: '[PA4] yes' }]")).toEqual(['PA4']);
  expect(cited("test.skip('[PA5] no', () => {}); test.todo('[PA6] no')")).toEqual([]);
});

test('[OP1] both directions and repeated ids are complaints', () => {
  expect(
    compare(
      ['PA1', 'PA2'],
      new Map([
        ['PA1', 'a'],
        ['PA2', 'b'],
      ]),
    ),
  ).toEqual([]);
  expect(compare(['PA1'], new Map())).toEqual(['PA1 has no test']);
  expect(compare([], new Map([['PA9', 'x.test.ts']]))).toEqual([
    'x.test.ts cites PA9, which docs/SPEC.md lacks',
  ]);
  expect(compare(['PA1', 'PA1'], new Map([['PA1', 'a']]))).toHaveLength(1);
});
