/** What holds for every page as a browser gets it from the real server, and the pages that have no test of their own. */
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

/** Every page that opens without a sign-in, with something that is there when it is ready. */
const pages = [
  ['/', 'jb-sign-in'],
  ['/icons', 'presence-icon'],
  ['/api/docs', 'details'],
  ['/playground/outlook', 'jb-play-frame iframe'],
] as const;

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('pages', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let browser: Browser;
  const opened: Page[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path);
    browser = await launchChromium();
  });
  afterEach(async () => {
    for (const page of opened.splice(0)) await page.context().close();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true, ...options })).newPage();
    opened.push(page);
    return page;
  }

  test.each(pages)(
    '[OP5] %s needs nothing that its own policy forbids, and nothing from elsewhere',
    async (address, ready) => {
      const page = await open();
      const complaints: string[] = [];
      page.on('console', (message) => {
        const { url, lineNumber } = message.location();
        // Office.js styles a box of its own inline; that it stays unstyled hurts nobody, and it is not our code.
        if (url.includes('/office-js/')) return;
        if (/Content.Security.Policy|Refused to/i.test(message.text()))
          complaints.push(`${message.text()} at ${url}:${lineNumber}`);
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        const isOurs = origin === server.https || ['data:', 'blob:', 'about:'].includes(protocol);
        if (!isOurs) complaints.push(`asks ${request.url()}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
      });
      await page.goto(`${server.https}${address}`);
      await page.locator(ready).first().waitFor();
      // A stream may be open, so the network is never idle.
      await page.waitForTimeout(1_000);
      expect(complaints).toEqual([]);
    },
  );

  test('[OP11] the page of the API has every operation, event and problem code of the document', async () => {
    const page = await open();
    await page.goto(`${server.http}/api/docs`);
    await page.locator('details').first().waitFor();
    const document = await (await fetch(`${server.http}/api/v1/openapi.json`)).json();
    const operations = Object.values(
      document.paths as Record<string, Record<string, { operationId: string }>>,
    )
      .flatMap((methods) => Object.values(methods))
      .map(({ operationId }) => operationId);
    const events = Object.keys(document.components.schemas).filter((name) => name.startsWith('event.'));
    const shown = await page.locator('details').evaluateAll((all) => all.map(({ id }) => id));
    expect(shown.sort()).toEqual([...operations, ...events].sort());
    const codes = await page.locator('td:first-child code').allTextContents();
    expect(codes).toEqual(expect.arrayContaining(Object.keys(document['x-problem-codes'])));
  });

  test('[OP11] a link to an operation opens it', async () => {
    const page = await open();
    await page.goto(`${server.http}/api/docs#getMePresence`);
    await page.locator('details[open] code', { hasText: '/api/v1/me/presence' }).first().waitFor();
    expect(await page.locator('details[open]').count()).toBe(1);
  });

  test.each([
    ['light', { colorScheme: 'light', viewport: { width: 1100, height: 800 } }],
    ['dark, 320 px', { colorScheme: 'dark', viewport: { width: 320, height: 700 } }],
    ['forced colours', { forcedColors: 'active', viewport: { width: 700, height: 700 } }],
  ] as const)('[OP11] the page of the API is accessible: %s', async (_name, options) => {
    const page = await open(options);
    await page.goto(`${server.http}/api/docs`);
    await page.locator('details').first().waitFor();
    await page.locator('summary').nth(1).click();
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const result = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
        resultTypes: ['violations'],
      });
      return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    });
    expect(violations).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  });
});
