/** The rules behind our parts on pages of others: rows, words, colours, names of elements. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { renameElements } from '../../addins/build/sharepoint.ts';
import type { Found } from '../../addins/shared/client/address-book.ts';
import { isServerAddress, resourceOf, speakLanguages } from '../../addins/shared/page/page-connection.ts';
import { partRows } from '../../addins/shared/page/page-rows.ts';
import { themeRules } from '../../addins/shared/page/page-theme.ts';
import { p } from '../../addins/shared/page/page-words.ts';
import type { Person } from '../../server/protocol/contacts.ts';
import { solutionFile } from '../support/sharepoint-source.ts';
import { root } from '../support/sources.ts';

const bob = { id: 'b', displayName: 'Bob Kovács', address: 'bob@contoso.example' } as Person;
const book = {
  find: (address: string): Found =>
    address.startsWith('bob') ? { kind: 'person', person: bob } : { kind: 'stranger' },
};

describe('rows of a part', () => {
  test('[OF60] each person once however many addresses they have, in the page’s order, with the first role', () => {
    const rows = partRows(
      [
        { name: 'Robert', address: 'bob.k@contoso.example' },
        { name: 'Maria', address: ' maria@fabrikam.example ' },
        { name: 'Bob', address: 'BOB@contoso.example'.toLowerCase(), role: 'Author' },
        { name: 'Nobody’s address', address: '' },
      ],
      book,
    );
    expect(rows.map(({ name, kind, role }) => [name, kind, role])).toEqual([
      ['Bob Kovács', 'person', 'Author'],
      ['Maria', 'stranger', ''],
      ['Nobody’s address', 'nameless', ''],
    ]);
  });

  test('[OF60] before the server has answered everybody is there, looked up or not', () => {
    expect(partRows([{ name: 'Bob', address: 'bob@contoso.example' }], null)).toMatchObject([
      { kind: 'pending', name: 'Bob', person: null },
    ]);
  });
});

describe('words', () => {
  test.each([
    [['de-AT', 'en'], 'Personen'],
    [['zh-TW'], '人員'],
    [['zh-HK', 'en'], '人員'],
    [['fr-CA'], 'Personnes'],
    [['ja', 'xx'], 'People'],
    [['constructor'], 'People'],
  ])('[OF60] a page in %j says %s', async (tags, word) => {
    await speakLanguages(tags);
    expect(p('part.people')).toBe(word);
    await speakLanguages(['en']);
  });
});

describe('colours', () => {
  test('[OF63] a part wears the colours of its section, and only colours get in', () => {
    const rules = themeRules({
      isDark: true,
      colours: { bodyBackground: '#0f548c', bodyText: 'red;} body{display:none', link: 'rgba(1, 2, 3, 0.5)' },
    });
    expect(rules).toContain('--colorNeutralBackground1:#0f548c');
    expect(rules).toContain('--colorBrandForegroundLink:rgba(1, 2, 3, 0.5)');
    expect(rules).toContain('color-scheme:dark');
    expect(rules).not.toContain('display:none');
    expect(rules.startsWith(':host{') && rules.indexOf('}') === rules.length - 1).toBe(true);
  });
});

describe('names of elements', () => {
  test.each([
    ['<presence-icon size=12></presence-icon>', '<presence-icon-v1 size=12></presence-icon-v1>'],
    ["customElements.define('jb-face', Face)", "customElements.define('jb-face-v1', Face)"],
    ['.row jb-person-row {', '.row jb-person-row-v1 {'],
    ['@jb-pick=f', '@jb-pick-v1=f'],
    ["import '../ui/jb-face.ts'", "import '../ui/jb-face.ts'"],
    ["import '../icon/presence-icon.ts'", "import '../icon/presence-icon.ts'"],
    ['var(--jb-surface)', 'var(--jb-surface)'],
    ['`<jb-card>`', '`<jb-card-v1>`'],
    ["querySelector('jb-card-popover')", "querySelector('jb-card-popover-v1')"],
  ])('[OF65] %s becomes %s', (source, scoped) => {
    expect(renameElements(source, 'v1')).toBe(scoped);
  });
});

describe('the server', () => {
  test.each([
    ['https://im.contoso.com', true],
    ['http://localhost:8480', true],
    ['', false],
    ['https://im.contoso.com/', false],
    ['javascript:alert(1)', false],
  ])('[OF61] %j as an address: %s', (address, isGood) => {
    expect(isServerAddress(address)).toBe(isGood);
  });
  test('[OF61] the resource to ask Entra for is the scope without its last part', () => {
    expect(resourceOf({ scopes: ['api://1111/access'] })).toBe('api://1111');
    expect(resourceOf({})).toBe('');
  });
});

describe('the solution', () => {
  test('[OF66] its version is the project’s: `npm run sharepoint` writes it', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const { solution } = solutionFile('config/package-solution.json') as {
      solution: { version: string; features: { version: string }[] };
    };
    expect([solution.version, ...solution.features.map((one) => one.version)]).toEqual([
      `${version}.0`,
      `${version}.0`,
    ]);
  });

  test('[OF66] every language has every word of the property pane', () => {
    const words = ['en-us', 'de-de', 'fr-fr', 'zh-tw'].map((language) => {
      const text = readFileSync(path.join(root, `addins/sharepoint/src/web-part/loc/${language}.js`), 'utf8');
      return [...text.matchAll(/^ {2}(\w+):\s+'(.+)',$/gm)].map(([, key]) => key);
    });
    expect(words[0]?.length).toBeGreaterThan(20);
    for (const keys of words) expect(keys).toEqual(words[0]);
  });
});
