/**
 * The SharePoint package itself: what is in it, and its production bundles in a browser, loaded by their manifests
 * on a site of another origin. Wants `npm run sharepoint` before.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type EntraServer, startEntraServer } from '../support/entra-server.ts';
import { startProviderServer } from '../support/provider-server.ts';
import { startServer, type TestServer } from '../support/server.ts';
import {
  applicationId,
  type Framework,
  isFrameworkInstalled,
  serveFramework,
} from '../support/sharepoint-framework.ts';
import {
  isPackageBuilt,
  manifestOf,
  readPackage,
  type SharePointPackage,
  type SharePointSite,
  serveSharePointSite,
} from '../support/sharepoint-package.ts';
import { skipUnless } from '../support/skip.ts';
import { root } from '../support/sources.ts';

const webPart = '48a35d01-675f-4083-9fd2-796a5f5eeb3d';
const column = '730e9abd-b46c-46f3-b8ab-762d04f7437c';
/** SharePoint Online's own client, in whose name every web part asks for tokens. */
const sharePointClient = '08e18876-6177-487e-b8b5-cf950c1e598c';

declare global {
  interface Window {
    framework: {
      start(manifests: readonly object[], application: string, language: string, user: string): Promise<void>;
      place(manifest: { id: string }, properties: object): Promise<void>;
      setTheme(theme: object): Promise<void>;
      remove(): void;
      failures: string[];
    };
    asked: string[];
    loadComponent(manifest: unknown, given: unknown): Promise<new () => never>;
  }
}

skipUnless(isPackageBuilt(), 'addins/sharepoint/jellybean.sppkg is not there: npm run sharepoint')(
  'the SharePoint package',
  () => {
    let sharePoint: SharePointPackage;
    beforeAll(() => {
      sharePoint = readPackage();
    });

    test('[OF66] follows the version of the project, and its ids and what it asks for are fixed', () => {
      const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
      const manifest = sharePoint.text('AppManifest.xml');
      expect(manifest).toContain(`Version="${version}.0"`);
      expect(manifest).toContain('ProductID="51ebaf95-ed06-4285-bdf3-50fc16ce0ed1"');
      expect(manifest).toContain('IsClientSideSolution="true"');
      expect(manifest).toContain('SkipFeatureDeployment="true"');
      expect(manifest).toContain('IsDomainIsolated="false"');
      const asks = [...manifest.matchAll(/ResourceId="([^"]+)" Scope="([^"]+)"/g)].map((one) => one.slice(1));
      expect(asks).toEqual([
        ['Jellybean', 'Presence.Read'],
        ['Jellybean', 'Chat.ReadWrite'],
        ['Microsoft Graph', 'GroupMember.Read.All'],
      ]);
      for (const id of [webPart, column]) expect(manifestOf(sharePoint, id)).toMatchObject({ id, version });
      expect(manifestOf(sharePoint, webPart)).toMatchObject({
        supportedHosts: ['SharePointWebPart', 'SharePointFullPage', 'TeamsTab', 'TeamsPersonalApp'],
        supportsThemeVariants: true,
        supportsFullBleed: true,
      });
    });

    test('[OF66] holds every file that a manifest names, in four languages, its Teams icons, and no source map', () => {
      const held = new Set(sharePoint.names);
      for (const id of [webPart, column]) {
        const { loaderConfig } = manifestOf(sharePoint, id) as { loaderConfig: { scriptResources: object } };
        const paths = [...JSON.stringify(loaderConfig.scriptResources).matchAll(/"([\w.-]+\.js)"/g)];
        expect(paths.length).toBeGreaterThan(0);
        for (const [, file] of paths) expect(held, file).toContain(`ClientSideAssets/${file}`);
      }
      for (const language of ['en-us', 'de-de', 'fr-fr', 'zh-tw'])
        expect(
          sharePoint.names.some((name) => name.includes(`Strings_${language}_`)),
          language,
        ).toBe(true);
      for (const [shape, pixels] of [
        ['color', 192],
        ['outline', 32],
      ] as const) {
        const png = Buffer.from(sharePoint.bytes(`ClientSideAssets/${webPart}_${shape}.png`));
        expect([png.readUInt32BE(16), png.readUInt32BE(20)], shape).toEqual([pixels, pixels]);
      }
      expect(sharePoint.names.filter((name) => name.endsWith('.map'))).toEqual([]);
    });

    test('[OF65] brings no React, and gives every element this version’s name', () => {
      const scripts = sharePoint.names.filter((name) => name.endsWith('.js'));
      const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
      const suffix = `-v${version.replaceAll('.', '-')}`;
      let definitions = 0;
      for (const name of scripts) {
        const text = sharePoint.text(name);
        expect(text, name).not.toMatch(/react\.element|__SECRET_INTERNALS|react-dom/i);
        for (const [, element] of text.matchAll(/customElements\.define\("([^"]+)"/g)) {
          expect(element?.endsWith(suffix), element).toBe(true);
          definitions += 1;
        }
      }
      expect(definitions).toBeGreaterThan(5);
    });
  },
);

const canRun = isPackageBuilt() && chromiumPath() !== null;
skipUnless(canRun, 'Chromium is not installed, or npm run sharepoint was not run')(
  'the production bundles',
  () => {
    let site: SharePointSite;
    let demo: TestServer;
    let entra: EntraServer;
    let browser: Browser;
    let sharePoint: SharePointPackage;
    const contexts: BrowserContext[] = [];

    beforeAll(async () => {
      sharePoint = readPackage();
      site = await serveSharePointSite(sharePoint, {
        '/loader.js': 'test/browser/pages/sharepoint-loader.ts',
      });
      const env = { JELLYBEAN_ALLOWED_ORIGINS: site.origin };
      demo = await startServer(env);
      entra = await startEntraServer({ ...env, JELLYBEAN_ENTRA_CLIENTS: sharePointClient });
      browser = await launchChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await Promise.all([demo?.stop(), entra?.stop(), site?.close()]);
    });
    afterEach(async () => {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
    });

    async function open(): Promise<{ page: Page; problems: string[]; outside: string[] }> {
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      const problems: string[] = [];
      const outside: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('favicon')) problems.push(message.text());
      });
      await context.route('**/*', (route) => {
        const { protocol, hostname } = new URL(route.request().url());
        const isHere = protocol !== 'http:' || hostname === 'localhost' || hostname === '127.0.0.1';
        if (isHere) return route.continue();
        outside.push(route.request().url());
        return route.abort();
      });
      await page.goto(site.origin);
      return { page, problems, outside };
    }

    const given = (more: object) => ({
      assets: `${site.origin}/assets`,
      language: 'en-US',
      user: 'alice@contoso.example',
      token: null,
      site: {
        '$expand=Author': {
          Author: { Title: 'Carol Diaz', EMail: 'carol@contoso.example' },
          Editor: { Title: 'Bob Kovács', EMail: 'bob@contoso.example' },
        },
        '/versions': { value: [{ Editor: { LookupValue: 'Erin Walsh', Email: 'erin@contoso.example' } }] },
      },
      ...more,
    });

    /** Starts the web part in the page's main; it stays as `window.part`. */
    const startPart = (page: Page, more: object, properties: object) =>
      page.evaluate(
        async ([manifest, setting, properties]) => {
          const People = await window.loadComponent(manifest, setting);
          const part = new People() as {
            properties: object;
            domElement: HTMLElement;
            onInit(): Promise<void>;
            render(): void;
          };
          part.properties = properties as object;
          document.querySelector('main')?.append(part.domElement);
          Object.assign(window, { part });
          await part.onInit();
          part.render();
        },
        [
          manifestOf(sharePoint, webPart),
          given(more),
          {
            source: 'page',
            layout: 'list',
            heading: '',
            people: '',
            groupId: '',
            hasChat: true,
            ...properties,
          },
        ] as const,
      );

    test('[OF67] the web part renders, is themed, speaks another language and goes without a trace', async () => {
      const { page, problems, outside } = await open();
      // Somebody else was here first with every name of ours; a clash would show their red boxes.
      await page.evaluate(() => {
        for (const name of ['presence-icon', 'jb-face', 'jb-person-row', 'jb-people-part', 'jb-conversation'])
          customElements.define(
            name,
            class extends HTMLElement {
              connectedCallback() {
                this.textContent = 'not ours';
              }
            },
          );
      });
      await startPart(page, {}, { serverUrl: demo.http });
      await page.getByText('Carol Diaz').waitFor();
      await page.getByText('Author · Offline').waitFor();
      await page.getByText('Editor · Offline').first().waitFor();
      expect(await page.getByText('not ours').count()).toBe(0);

      const background = () =>
        page.evaluate(
          () => getComputedStyle(document.querySelector('main > div > *') as Element).backgroundColor,
        );
      expect(await background()).toBe('rgb(255, 255, 255)');
      await page.evaluate(() => {
        const { part } = window as unknown as { part: { onThemeChanged(theme: object): void } };
        part.onThemeChanged({ isInverted: true, semanticColors: { bodyBackground: '#102030' } });
      });
      await expect.poll(background).toBe('rgb(16, 32, 48)');

      // The chat comes in a chunk of its own, from the same place as the bundle.
      await page.getByRole('button', { name: 'Chat about this page' }).click();
      await page.getByText('This is the beginning of your conversation').waitFor();

      await page.evaluate(() => {
        const { part } = window as unknown as { part: { onDispose(): void } };
        part.onDispose();
      });
      expect(await page.locator('main > div > *').count()).toBe(0);
      const connections = () =>
        page.evaluate(
          () =>
            (globalThis as unknown as Record<symbol, Map<string, unknown>>)[
              Symbol.for('jellybean.page-connections.1')
            ]?.size,
        );
      expect(await connections()).toBe(0);

      const german = await open();
      await startPart(german.page, { language: 'de-DE' }, { serverUrl: demo.http });
      await german.page.getByText('Angelegt von · Offline').waitFor();
      await german.page.getByRole('button', { name: 'Über diese Seite chatten' }).waitFor();
      expect([...outside, ...german.outside]).toEqual([]);
      expect([...problems, ...german.problems]).toEqual([]);
    });

    test('[OF67] the property pane asks for what the choice needs, and the tenant may name the server', async () => {
      const { page, problems } = await open();
      const site = { GetStorageEntity: { Value: `${demo.http}/` } };
      await startPart(page, { site }, { source: 'chosen', people: 'bob@contoso.example', serverUrl: '' });
      await page.getByText('Bob Kovács').waitFor();
      const names = (source: string) =>
        page.evaluate((source) => {
          const { part } = window as unknown as {
            part: {
              properties: { source: string };
              getPropertyPaneConfiguration(): {
                pages: { groups: { groupFields: { name: string }[] }[] }[];
              };
            };
          };
          part.properties.source = source;
          return part
            .getPropertyPaneConfiguration()
            .pages.flatMap(({ groups }) => groups)
            .flatMap(({ groupFields }) => groupFields)
            .map(({ name }) => name);
        }, source);
      expect(await names('chosen')).toEqual([
        'source',
        'people',
        'heading',
        'layout',
        'hasChat',
        'serverUrl',
      ]);
      expect(await names('group')).toContain('groupId');
      expect(await names('page')).not.toContain('people');
      expect(problems).toEqual([]);
    });

    test('[OF67] with Entra the stream carries the bearer that SharePoint gives for the server’s own API', async () => {
      const granted = { azp: sharePointClient, scp: 'Presence.Read Chat.ReadWrite' };
      const ann = await entra.as('anna', granted);
      const token = await entra.token('anna', granted);
      const { page, outside } = await open();
      const bearers = new Map<string, string>();
      page.on('request', (request) => {
        const { pathname } = new URL(request.url());
        if (request.method() !== 'OPTIONS') bearers.set(pathname, request.headers().authorization ?? '');
      });
      await startPart(
        page,
        { token, user: ann.address },
        { source: 'chosen', people: ann.address, serverUrl: entra.http },
      );
      await page.getByText('Available').first().waitFor();
      expect(bearers.get('/api/v1/events')).toBe(`Bearer ${token}`);
      const asked = await page.evaluate(() => window.asked);
      expect(asked).toContain('token api://11111111-2222-4333-8444-555555555555');
      expect(outside).toEqual([]);
    });

    test('[OF68] without Entra a window of the server signs in, for pages on its list and for no others', async () => {
      execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root });
      const { base, provider, stop } = await startProviderServer(
        'http',
        { anna: 'Anna Adler' },
        { JELLYBEAN_ALLOWED_ORIGINS: site.origin },
      );
      provider.signingIn = 'anna';
      try {
        const { page, outside } = await open();
        await startPart(
          page,
          { user: 'anna@contoso.example' },
          { source: 'chosen', people: 'anna@contoso.example', serverUrl: base },
        );
        await page.getByText('Sign in to see who is available.').waitFor();
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByText('Anna Adler').waitFor();
        await page.getByText('Available').first().waitFor();
        const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
        expect(kept).not.toMatch(/verifier|eyJ/);
        expect(outside).toEqual([]);

        const asks = (origin: string, back = '/signin') =>
          fetch(
            `${base}/signin/start?${new URLSearchParams({ challenge: 'x'.repeat(43), return: back, for: origin })}`,
            { redirect: 'manual' },
          );
        expect((await asks(site.origin)).status).toBe(303);
        for (const [origin, back] of [
          ['https://evil.example', '/signin'],
          [`${site.origin}.evil.example`, '/signin'],
          ['*', '/signin'],
          [site.origin, '/'],
        ] as const)
          expect((await asks(origin, back)).status, `${origin} ${back}`).toBe(403);
      } finally {
        await Promise.all(contexts.splice(0).map((context) => context.close()));
        await stop();
      }
    });

    test('[OF67] the column draws several people in a cell, asks for all cells at once, and lets them go', async () => {
      const { page, problems } = await open();
      const asked: string[][] = [];
      page.on('request', (request) => {
        if (request.url().endsWith('/people/resolve') && request.method() === 'POST')
          asked.push(request.postDataJSON().addresses);
      });
      await page.evaluate(
        async ([manifest, setting, serverUrl]) => {
          const Column = await window.loadComponent(manifest, setting);
          const column = new Column() as {
            properties: object;
            onInit(): Promise<void>;
            onRenderCell(event: object): void;
            onDisposeCell(event: object): void;
            onDispose(): void;
          };
          column.properties = { serverUrl };
          await column.onInit();
          const person = (title: string) => ({ title, email: `${title.toLowerCase()}@contoso.example` });
          const cells = [[person('Alice'), person('Bob')], [person('Carol')], []].map((fieldValue) => {
            const domElement = document.createElement('div');
            document.querySelector('main')?.append(domElement);
            column.onRenderCell({ domElement, fieldValue });
            return { domElement, fieldValue };
          });
          Object.assign(window, { column, cells });
        },
        [manifestOf(sharePoint, column), given({}), demo.http] as const,
      );
      const icons = page.locator('main [availability]');
      await expect.poll(() => icons.count()).toBe(3);
      await page.locator('main > div:first-child [availability="available"]').waitFor();
      await page.locator('main > div:nth-child(2) [availability="offline"]').waitFor();
      expect(asked).toEqual([['alice@contoso.example', 'bob@contoso.example', 'carol@contoso.example']]);
      await page.evaluate(() => {
        const { column, cells } = window as unknown as {
          column: { onDisposeCell(event: object): void; onDispose(): void };
          cells: object[];
        };
        column.onDisposeCell(cells[0] as object);
        column.onDispose();
      });
      expect(await icons.count()).toBe(0);
      expect(problems).toEqual([]);
    });
  },
);

const hasFramework = canRun && isFrameworkInstalled();
skipUnless(hasFramework, 'Microsoft’s framework is not installed: npm run sharepoint')(
  'Microsoft’s own framework',
  () => {
    let demo: TestServer;
    let framework: Framework;
    let browser: Browser;

    beforeAll(async () => {
      framework = await serveFramework(readPackage(), [webPart, column]);
      demo = await startServer({ JELLYBEAN_ALLOWED_ORIGINS: framework.origin });
      browser = await launchChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await Promise.all([demo?.stop(), framework?.close()]);
    });

    test.each([
      ['en-US', 'Chat about this page'],
      ['de-DE', 'Über diese Seite chatten'],
    ])(
      '[OF67] its loader and web part base run the package in %s: drawn, themed, removed, nobody else asked',
      async (language, chat) => {
        const context = await browser.newContext();
        const page = await context.newPage();
        const problems: string[] = [];
        const outside: string[] = [];
        page.on('pageerror', (error) => problems.push(error.message));
        await context.route('**/*', (route) => {
          const { protocol, hostname } = new URL(route.request().url());
          if (protocol !== 'http:' || hostname === 'localhost' || hostname === '127.0.0.1')
            return route.continue();
          outside.push(route.request().url());
          return route.abort();
        });
        await page.goto(framework.origin);
        const manifest = framework.manifests.find(({ id }) => id === webPart);
        await page.evaluate(
          async ([manifests, application, language, manifest, serverUrl]) => {
            await window.framework.start(manifests, application, language, 'alice@contoso.example');
            const properties = {
              source: 'chosen',
              people: 'bob@contoso.example',
              layout: 'list',
              hasChat: true,
              serverUrl,
            };
            await window.framework.place(manifest as { id: string }, properties);
          },
          [framework.manifests, applicationId, language, manifest, demo.http] as const,
        );
        await page.getByText('Bob Kovács').waitFor();
        await page.getByRole('button', { name: chat }).waitFor();
        const part = page.locator('main > div > *');
        await page.evaluate(() =>
          window.framework.setTheme({ isInverted: true, semanticColors: { bodyBackground: '#102030' } }),
        );
        await expect
          .poll(() => part.evaluate((element) => getComputedStyle(element).backgroundColor))
          .toBe('rgb(16, 32, 48)');
        await page.evaluate(() => window.framework.remove());
        await expect.poll(() => part.count()).toBe(0);
        expect(await page.evaluate(() => window.framework.failures)).toEqual([]);
        expect(outside).toEqual([]);
        expect(problems).toEqual([]);
        await context.close();
      },
    );
  },
);
