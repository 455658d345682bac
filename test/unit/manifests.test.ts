/** The manifests: what the schemas say where they are at hand, and what they do not say. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import AjvDraft04Module from 'ajv-draft-04';
import addFormatsModule from 'ajv-formats';
import express from 'express';
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { type ManifestFileName, manifestFiles } from '../../manifests/files.ts';
import { renderOfficeManifest } from '../../manifests/office.ts';
import { renderOutlookManifest } from '../../manifests/outlook.ts';
import {
  addresses,
  iconSizes,
  iconUrl,
  ids,
  type ManifestInput,
  otherLocales,
  parseBaseUrl,
  toManifestVersion,
} from '../../manifests/product.ts';
import { renderLanguageFiles, renderUnifiedManifest } from '../../manifests/unified.ts';
import { words } from '../../manifests/words.ts';
import { xml } from '../../manifests/xml.ts';
import { manifests } from '../../server/http/manifests.ts';
import { skipUnless } from '../support/skip.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const input: ManifestInput = {
  baseUrl: 'https://im.contoso.example:8443',
  version: '1.2.3-rc.1',
  access: 'mailbox',
  entraClientId: null,
};
const least: ManifestInput = { ...input, access: 'item' };
const entraClientId = '11111111-2222-4333-8444-555555555555';
const withEntra: ManifestInput = { ...input, entraClientId };
const outlook = renderOutlookManifest(input);
const office = renderOfficeManifest(input);
const both: [name: string, manifest: string][] = [
  ['outlook.xml', outlook],
  ['office.xml', office],
];
const allIn = (manifest: string, pattern: RegExp): string[] =>
  [...manifest.matchAll(pattern)].map((match) => match[1] as string);

/** Width and height out of a PNG's header. */
function pixelsOf(bytes: Uint8Array): [number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect(String.fromCharCode(...bytes.subarray(1, 4))).toBe('PNG');
  return [view.getUint32(16), view.getUint32(20)];
}
const iconFile = (name: string) => path.join(root, 'addins/icons/public', name);

const schemas = path.join(root, '../shared/data/manifest-schemas');
const xsd = path.join(schemas, 'xml/OfficeAppManifestV1_1.xsd');
const hasXmllint = spawnSync('xmllint', ['--version']).error === undefined;
// The schemas are Microsoft's and lie beside the project where somebody has put them; CI does not have them.
const canValidate = existsSync(xsd) && hasXmllint;
const validating =
  canValidate || process.env.CI
    ? describe.skipIf(!canValidate)
    : skipUnless(false, 'xmllint or the manifest schemas are not there');

validating('[OF8] the schemas', () => {
  const validate = (text: string) => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'manifest-')), 'manifest.xml');
    writeFileSync(file, text);
    return spawnSync('xmllint', ['--noout', '--nonet', '--schema', xsd, file], { encoding: 'utf8' });
  };
  const validator = (name: string) => {
    // Both are CommonJS: the class is the module's default.
    const Ajv = AjvDraft04Module.default;
    const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
    addFormatsModule.default(ajv);
    return ajv.compile(JSON.parse(readFileSync(path.join(schemas, 'unified', name), 'utf8')));
  };

  test.each([
    ...both,
    ['outlook.xml with less', renderOutlookManifest(least)],
    ['outlook.xml with Entra', renderOutlookManifest(withEntra)],
    ['office.xml with Entra', renderOfficeManifest(withEntra)],
  ])('[OF8, OF33] %s is valid', (_name, manifest) => {
    const checked = validate(manifest);
    expect(checked.stderr).toContain('validates');
    expect(checked.status).toBe(0);
  });
  test('[OF8] the schemas would notice a wrong order', () => {
    const moved = outlook
      .replace(/( *<Permissions>.*\n)/, '')
      .replace('<Requirements>', '<Permissions>ReadItem</Permissions><Requirements>');
    expect(validate(moved).status).not.toBe(0);
    expect(validate(office.replace('<Runtimes>', '<Runtimers>')).status).not.toBe(0);
  });
  test.each([
    ['everything', input],
    ['less', least],
    ['Entra', withEntra],
  ])('[OF24] manifest.json is valid, with %s', (_name, given) => {
    const check = validator('MicrosoftTeams.schema.json');
    const valid = check(JSON.parse(renderUnifiedManifest(given)));
    expect(check.errors).toBeNull();
    expect(valid).toBe(true);
    expect(check({ ...JSON.parse(renderUnifiedManifest(given)), id: 'not-a-guid' })).toBe(false);
  });
  test('[OF24] its language files are valid', () => {
    const check = validator('MicrosoftTeams.Localization.schema.json');
    for (const [name, text] of Object.entries(renderLanguageFiles(input))) {
      check(JSON.parse(text));
      expect(check.errors, name).toBeNull();
    }
  });
});

describe('[OF33] the application in Entra', () => {
  const resource = `api://im.contoso.example:8443/${entraClientId}`;
  test('[OF33] is named last in the newest overrides of each manifest, with the host in its resource', () => {
    for (const manifest of [renderOutlookManifest(withEntra), renderOfficeManifest(withEntra)]) {
      expect(allIn(manifest, /<WebApplicationInfo>\s*<Id>(.*)<\/Id>/g)).toEqual([entraClientId]);
      expect(allIn(manifest, /<Resource>(.*)<\/Resource>/g)).toEqual([resource]);
      expect(allIn(manifest, /<Scope>(.*)<\/Scope>/g)).toEqual(['openid', 'profile']);
      expect(manifest).toMatch(/<\/WebApplicationInfo>\s*<\/VersionOverrides>/);
    }
    expect(JSON.parse(renderUnifiedManifest(withEntra)).webApplicationInfo).toEqual({
      id: entraClientId,
      resource,
    });
  });
  test('[OF33] is in none where the server does not sign people in by Entra', () => {
    for (const text of [outlook, office, renderUnifiedManifest(input)])
      expect(text).not.toMatch(/WebApplicationInfo/i);
  });
  test('[OF33] is named by the server that is configured with it, and by npm run manifests', async () => {
    const server = express()
      .use(manifests({ version: '0.1.0', baseUrl: input.baseUrl, entraClientId }))
      .listen(0);
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as AddressInfo;
      const served = await fetch(`http://127.0.0.1:${port}/manifests/outlook.xml`);
      expect(await served.text()).toContain(`<Resource>${resource}</Resource>`);
    } finally {
      server.close();
    }
    const output = mkdtempSync(path.join(tmpdir(), 'manifests-'));
    const render = (id: string) =>
      spawnSync(
        process.execPath,
        ['manifests/render.ts', '--base-url', input.baseUrl, '--entra-client-id', id, '--output', output],
        { cwd: root, encoding: 'utf8' },
      );
    expect(render(entraClientId).status).toBe(0);
    expect(readFileSync(path.join(output, 'office.xml'), 'utf8')).toContain(resource);
    expect(render('<nonsense>')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('id of an application'),
    });
  });
});

describe('[OF8] what schemas do not say', () => {
  test('[OF8] ids never change, or nobody’s deployment would be updated', () => {
    expect(allIn(outlook, /<Id>(.*)<\/Id>/g)).toEqual(['6b1ec9f4-1c0b-4d0e-9d3a-0b7a2f5c8e41']);
    expect(allIn(office, /<Id>(.*)<\/Id>/g)).toEqual(['c27d0f5e-7e34-4a8b-8f6d-52c1b90e3a77']);
    expect(ids.unified).toBe('0e9a6c3b-5b1f-4f27-9c54-d8f13e7a2b60');
  });
  test('[OF8] the parts stand in the order that Office demands', () => {
    const head = [
      'Id',
      'Version',
      'ProviderName',
      'DefaultLocale',
      'DisplayName',
      'Description',
      'IconUrl',
      'HighResolutionIconUrl',
      'SupportUrl',
      'AppDomains',
      'Hosts',
      'Requirements',
    ];
    expect(allIn(outlook, /^ {2}<([A-Z]\w+)/gm)).toEqual([
      ...head,
      'FormSettings',
      'Permissions',
      'Rule',
      'DisableEntityHighlighting',
      'VersionOverrides',
    ]);
    expect(allIn(office, /^ {2}<([A-Z]\w+)/gm)).toEqual([
      ...head,
      'DefaultSettings',
      'Permissions',
      'VersionOverrides',
    ]);
  });
  test('[OF8] every resid is defined in its own version, none twice, none longer than 32 characters', () => {
    const [older, newer] = outlook.split(
      '<VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides/1.1"',
    ) as [string, string];
    for (const part of [older, newer, office]) {
      const used = allIn(part, /resid="([^"]+)"/g);
      const defined = allIn(part, /<bt:(?:Image|Url|String) id="([^"]+)"/g);
      expect(used.filter((id) => !defined.includes(id))).toEqual([]);
      // Pictures for phones stand beside the ribbon's, some sizes of which Office picks by itself.
      expect(defined.filter((id) => !used.includes(id))).toEqual([]);
      expect(defined.length).toBe(new Set(defined).size);
      expect(Math.max(...defined.map((id) => id.length))).toBeLessThanOrEqual(32);
    }
  });
  test.each(both)('[OF8] %s: controls and groups have ids of their own', (_name, manifest) => {
    const part = manifest.split('VersionOverridesV1_1').at(-1) ?? '';
    const given = allIn(part, /<(?:Control|Group)[^>]* id="([^"]+)"/g);
    expect(given.length).toBeGreaterThan(3);
    expect(given.length).toBe(new Set(given).size);
  });
  test.each(both)(
    '[OF8] %s: texts keep to the lengths that Office allows, in every language',
    (_name, manifest) => {
      for (const text of allIn(manifest, /<bt:ShortStrings>([\s\S]*?)<\/bt:ShortStrings>/g)) {
        for (const [, value] of text.matchAll(/Value="([^"]+)"/g))
          expect(value?.length).toBeLessThanOrEqual(125);
      }
      for (const part of allIn(manifest, /<bt:LongStrings>([\s\S]*?)<\/bt:LongStrings>/g))
        for (const value of allIn(part, /Value="([^"]+)"/g)) expect(value.length).toBeLessThanOrEqual(250);
      const strings = [
        ...manifest.matchAll(/<bt:String id="(\w+)"[^>]*?(\/)?>([\s\S]*?)(?=<bt:String|<\/bt:\w+Strings>)/g),
      ];
      for (const [, id, isEmpty, inner = ''] of strings)
        if (!isEmpty) expect(allIn(inner, /Locale="([^"]+)"/g), id).toEqual(Object.values(otherLocales));
      expect(strings.length).toBeGreaterThan(4);
    },
  );
  test('[OF8] what stands on buttons fits the unified manifest too', () => {
    for (const key of [
      'people',
      'group',
      'itemTitle',
      'sender',
      'reply',
      'documentTitle',
      'selection',
    ] as const)
      for (const text of Object.values(words[key])) expect(text.length).toBeLessThanOrEqual(64);
    for (const text of Object.values(words.shortDescription)) expect(text.length).toBeLessThanOrEqual(80);
  });
  test.each(both)('[OF8] %s: every address is this server’s', (_name, manifest) => {
    const found = allIn(manifest, /DefaultValue="(https?:[^"]+)"/g);
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter((address) => new URL(address).origin !== input.baseUrl)).toEqual([]);
    expect(allIn(manifest, /<AppDomain>(.*)<\/AppDomain>/g)).toEqual([input.baseUrl]);
  });
  test.each(both)('[OF8] %s: every picture exists with the pixels it is asked for', (name, manifest) => {
    for (const size of iconSizes)
      expect(pixelsOf(readFileSync(iconFile(`jellybean-${size}.png`)))).toEqual([size, size]);
    const used = [...manifest.matchAll(/<bt:Image size="(\d+)"(?: scale="(\d)")? resid="(\w+)"/g)];
    expect(used.length).toBeGreaterThan(10);
    for (const [, size, scale = '1', resid] of used) {
      const address = new RegExp(`<bt:Image id="${resid}" DefaultValue="([^"]+)"`).exec(manifest)?.[1];
      expect(address).toBe(iconUrl(input, (Number(size) * Number(scale)) as 16));
    }
    const [small, large] = name === 'outlook.xml' ? ([64, 128] as const) : ([32, 64] as const);
    expect(allIn(manifest, /<IconUrl DefaultValue="([^"]+)"/g)).toEqual([iconUrl(input, small)]);
    expect(allIn(manifest, /<HighResolutionIconUrl DefaultValue="([^"]+)"/g)).toEqual([
      iconUrl(input, large),
    ]);
  });
  test('[OF8] the minimum is what Exchange Server has; pinning and several mails are asked for only where they can be', () => {
    expect(new Set(allIn(outlook, /MinVersion="([^"]+)"/g))).toEqual(new Set(['1.5']));
    const [older, newer] = outlook.split('VersionOverridesV1_1') as [string, string];
    for (const word of ['SupportsPinning', 'SupportsMultiSelect', 'Mobile', 'LaunchEvent', 'Runtimes'])
      expect(older).not.toContain(word);
    const asking = (part: string, what: string) =>
      [
        ...part.matchAll(
          new RegExp(`xsi:type="(\\w+CommandSurface)">(?:(?!</ExtensionPoint>)[\\s\\S])*${what}`, 'g'),
        ),
      ].map((match) => match[1]);
    expect(asking(newer, 'SupportsPinning')).toEqual([
      'MessageReadCommandSurface',
      'MessageComposeCommandSurface',
    ]);
    expect(asking(newer, 'SupportsMultiSelect')).toEqual(['MessageReadCommandSurface']);
  });
  test('[OF24] who wants the least permission gets it, and then nothing that needs more', () => {
    expect(allIn(outlook, /<Permissions>(.*)<\/Permissions>/g)).toEqual(['ReadWriteMailbox']);
    expect(allIn(renderOutlookManifest(least), /<Permissions>(.*)<\/Permissions>/g)).toEqual(['ReadItem']);
    expect(renderOutlookManifest(least)).not.toContain('SupportsMultiSelect');
    expect(renderUnifiedManifest(least)).toContain('MailboxItem.Read.User');
    expect(renderUnifiedManifest(least)).not.toMatch(/multiselect|Mailbox\.ReadWrite/);
  });
  test('[OF24] functions that Office calls by name are associated under that name by the script that it loads', () => {
    const associated = (file: string) =>
      allIn(readFileSync(path.join(root, file), 'utf8'), /associate\(\s*'(\w+)'/g);
    expect(allIn(outlook, /<LaunchEvent [^>]*FunctionName="(\w+)"/g).toSorted()).toEqual(
      associated('addins/outlook/launch-event.standalone.ts').toSorted(),
    );
    expect(new Set(allIn(outlook, /<FunctionName>(\w+)</g))).toEqual(
      new Set(associated('addins/outlook/commands.ts')),
    );
    const { runtimes, autoRunEvents, ribbons } = JSON.parse(renderUnifiedManifest(input)).extensions[0];
    const actions = runtimes.flatMap((runtime: { actions: { id: string }[] }) =>
      runtime.actions.map(({ id }) => id),
    );
    const named = allIn(JSON.stringify([autoRunEvents, ribbons]), /"actionId":"(\w+)"/g);
    expect(named.filter((id) => !actions.includes(id))).toEqual([]);
  });
  test('[OF24] pages and scripts that manifests name are built here', () => {
    const sourceOf = (address: string) => {
      const file = address.replace('/addins/', 'addins/');
      if (file.endsWith('.js')) return file.replace(/\.js$/, '.standalone.ts');
      return file.endsWith('.json') ? file.replace(/\/(\w+\.json)$/, '/public/$1') : file;
    };
    const missing = Object.values(addresses).filter(
      (address) => !existsSync(path.join(root, sourceOf(address))),
    );
    expect(missing).toEqual([]);
  });
  test('[OF24] custom functions are described under the names that the Excel page associates', () => {
    const { functions } = JSON.parse(
      readFileSync(path.join(root, 'addins/excel/public/functions.json'), 'utf8'),
    ) as { functions: { id: string }[] };
    const page = readFileSync(path.join(root, 'addins/excel/main.ts'), 'utf8');
    expect(functions.length).toBeGreaterThan(3);
    expect(functions.filter(({ id }) => !page.includes(id))).toEqual([]);
  });
  test('[OF8] the version has four numbers', () => {
    expect(['1.2.3-rc.1', '2', '1.2.3.4.5'].map(toManifestVersion)).toEqual([
      '1.2.3.0',
      '2.0.0.0',
      '1.2.3.4',
    ]);
  });
});

describe('[OF24] the unified manifest', () => {
  test('[OF24] hides the two others, so that nobody sees an add-in twice', () => {
    const { alternates } = JSON.parse(renderUnifiedManifest(input)).extensions[0];
    expect(
      alternates.map(
        (one: { hide: { customOfficeAddin: { officeAddinId: string } } }) =>
          one.hide.customOfficeAddin.officeAddinId,
      ),
    ).toEqual([ids.outlook, ids.office]);
  });
  test('[OF24] its package holds manifest, languages and two pictures at its root, the same bytes each time', () => {
    const files = unzipSync(manifestFiles['manifest.zip'].render(input));
    expect(Object.keys(files).toSorted()).toEqual([
      'color.png',
      'de-DE.json',
      'fr-FR.json',
      'manifest.json',
      'outline.png',
      'zh-TW.json',
    ]);
    expect(pixelsOf(files['color.png'] as Uint8Array)).toEqual([192, 192]);
    expect(pixelsOf(files['outline.png'] as Uint8Array)).toEqual([32, 32]);
    const manifest = JSON.parse(strFromU8(files['manifest.json'] as Uint8Array));
    for (const { file } of manifest.localizationInfo.additionalLanguages) expect(files[file]).toBeDefined();
    const german = JSON.parse(strFromU8(files['de-DE.json'] as Uint8Array));
    expect(german['extensions[0].ribbons[0].tabs[0].groups[0].controls[0].label']).toBe('Personen');
    expect(manifestFiles['manifest.zip'].render(input)).toEqual(manifestFiles['manifest.zip'].render(input));
  });
});

describe('[OF9] the address that manifests are rendered for', () => {
  test('[OF9] a base URL is normalised, a path is kept, and what Office would refuse is refused first', () => {
    expect(parseBaseUrl('https://im.contoso.example/')).toBe('https://im.contoso.example');
    expect(parseBaseUrl('https://mail.contoso.example/im/')).toBe('https://mail.contoso.example/im');
    for (const bad of [
      'http://im.contoso.example',
      'im.contoso.example',
      'https://a:b@x.example',
      'https://x.example/?q',
      'https://x.example/#a',
    ]) {
      expect(() => parseBaseUrl(bad), bad).toThrow();
    }
  });
  test('[OF9] values are escaped', () => {
    expect(xml`<A b="${'"<&>'}" />`.xml).toBe('<A b="&quot;&lt;&amp;&gt;" />');
  });

  async function ask(baseUrl: string, address: string): Promise<Response> {
    const server = express()
      .use(manifests({ version: '0.1.0', baseUrl, entraClientId: null }))
      .listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const response = await fetch(`http://localhost:${port}${address}`);
    // The body is read before the server goes.
    const body = await response.arrayBuffer();
    server.close();
    return new Response(body, { status: response.status, headers: response.headers });
  }

  test.each([
    ['outlook.xml', 'application/xml; charset=utf-8'],
    ['office.xml', 'application/xml; charset=utf-8'],
    ['manifest.json', 'application/json; charset=utf-8'],
    ['manifest.zip', 'application/zip'],
  ] as [ManifestFileName, string][])(
    '[OF9] the server offers %s for its own address',
    async (name, mediaType) => {
      const answer = await ask('https://im.contoso.example', `/manifests/${name}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, mediaType]);
      expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
      const expected = manifestFiles[name].render({
        baseUrl: 'https://im.contoso.example',
        version: '0.1.0',
        access: 'mailbox',
        entraClientId: null,
      });
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(expected as string));
    },
  );
  test('[OF9] it says why it cannot without https, and knows two amounts of permission', async () => {
    const plain = await ask('http://im.contoso.example', '/manifests/office.xml');
    expect([plain.status, await plain.text()]).toEqual([
      404,
      expect.stringContaining('must begin with https'),
    ]);
    const item = await ask('https://im.contoso.example', '/manifests/outlook.xml?access=item');
    expect(await item.text()).toContain('<Permissions>ReadItem</Permissions>');
    expect((await ask('https://im.contoso.example', '/manifests/outlook.xml?access=all')).status).toBe(400);
  });
  test('[OF24] the event script of classic Outlook is named where it looks', async () => {
    const answer = await ask(
      'https://im.contoso.example/',
      '/.well-known/microsoft-officeaddins-allowed.json',
    );
    expect(await answer.json()).toEqual({
      allowed: ['https://im.contoso.example/addins/outlook/launch-event.js'],
    });
  });
  test('[OF9] npm run manifests writes the files, and says what it lacks', () => {
    const output = mkdtempSync(path.join(tmpdir(), 'manifests-'));
    const run = (...more: string[]) =>
      execFileSync(process.execPath, ['manifests/render.ts', '--output', output, ...more], {
        cwd: root,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    run('--base-url', 'https://im.contoso.example/', '--access', 'item');
    expect(readdirSync(output).toSorted()).toEqual(Object.keys(manifestFiles).toSorted());
    expect(readFileSync(path.join(output, 'outlook.xml'), 'utf8')).toContain(
      '"https://im.contoso.example/addins/outlook/pane.html"',
    );
    expect(() => run()).toThrow(/--base-url is missing/);
    expect(() => run('--base-url', 'http://x.example')).toThrow(/must begin with https/);
    expect(() => run('--base-url', 'https://x.example', '--access', 'all')).toThrow(/--access is/);
  });
});
