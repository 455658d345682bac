/** The console's page for whoever deploys the add-ins, against a server that is reached over HTTPS. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { violationsIn } from '../support/pane-stage.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('deploying the add-ins', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });

  async function open(
    officeJs: 'reached' | 'blocked',
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<Page> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', ...options });
    const page = await context.newPage();
    await page.route('https://appsforoffice.microsoft.com/**', (route) =>
      officeJs === 'reached' ? route.fulfill({ body: '' }) : route.abort(),
    );
    await page.goto(`${server.https}/admin`);
    await page.getByRole('textbox').fill('carol@contoso.example');
    await page.getByRole('button').click();
    return page;
  }
  const result = (page: Page, check: string) => page.locator('jb-deploy li', { hasText: check });

  test('[UI51] manifests, steps for each way, and a check of what Office will find', async () => {
    const page = await open('reached');
    for (const check of [
      'This server answers over HTTPS',
      'All manifests are there and name this server',
      'Office on the web may frame the panes',
      'No header forbids what Office needs',
      'The icons are there',
      'The event script is there and may call this server',
      'office.js is reached at https://appsforoffice.microsoft.com',
    ])
      await result(page, `${check}: works`).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Microsoft 365 alone: manifest.zip' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('manifest.zip');
    for (const way of ['Microsoft 365', 'Exchange on-premises', 'SharePoint catalogue', 'Only for myself']) {
      await page.locator('jb-deploy summary').getByText(way, { exact: true }).click();
    }
    await page.getByText('New-App -OrganizationApp').waitFor();
    expect(await violationsIn(page.mainFrame())).toEqual([]);
    await page.context().close();
  });

  test('[UI51] a network that blocks office.js is told from one that does not', async () => {
    const page = await open('blocked', {
      locale: 'de-DE',
      colorScheme: 'dark',
      viewport: { width: 320, height: 700 },
    });
    await result(
      page,
      'office.js ist unter https://appsforoffice.microsoft.com zu erreichen: nicht in Ordnung',
    ).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(await violationsIn(page.mainFrame())).toEqual([]);
    await page.context().close();
  });
});
