/** The pane's way in where there is no silent one: the host's dialog, the provider in it, and a code that comes back. */
import { execFileSync } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type ProviderServer, startProviderServer } from '../support/provider-server.ts';
import { skipUnless } from '../support/skip.ts';
import { root } from '../support/sources.ts';

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('signing in from a pane', () => {
  let browser: Browser;
  let own: ProviderServer;
  beforeAll(async () => {
    execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root });
    // office.js speaks over HTTPS alone.
    own = await startProviderServer('https', { alice: 'Alice Adler' });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await own?.stop();
  });

  test('[ID24] in the simulated Outlook the dialog hands the pane a one-time code over messageParent, and the pane is in', async () => {
    own.provider.signingIn = 'alice';
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' });
    context.setDefaultTimeout(30_000);
    const addresses: string[] = [];
    let bearer = '';
    context.on('request', (request) => {
      addresses.push(request.url());
      bearer = request.headers().authorization?.slice(7) ?? bearer;
    });
    const page = await context.newPage();
    await page.goto(`${own.base}/playground/outlook`);
    const pane = page.frameLocator('iframe[src*="/addins/outlook/"]');
    const [dialog] = await Promise.all([
      context.waitForEvent('page'),
      pane.getByRole('button', { name: 'Sign in' }).click(),
    ]);
    await pane.locator('jb-item-pane').waitFor();
    await pane
      .getByRole('button', { name: /Alice Adler/ })
      .first()
      .waitFor();
    await expect.poll(() => dialog.isClosed()).toBe(true);
    await expect.poll(() => bearer).not.toBe('');
    // The bearer never was in an address, nor in what outlives the pane.
    expect(addresses.join('\n')).not.toContain(bearer);
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    expect(kept).not.toContain(bearer);
    await context.close();
  });

  test('[ID24] who cancels in the dialog is asked once more by a button, and no window opens by itself', async () => {
    own.provider.signingIn = null;
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      locale: 'de-DE',
      colorScheme: 'dark',
    });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    await page.goto(`${own.base}/playground/outlook`);
    const button = page
      .frameLocator('iframe[src*="/addins/outlook/"]')
      .getByRole('button', { name: 'Anmelden' });
    await button.waitFor();
    expect(context.pages()).toHaveLength(1);
    const [dialog] = await Promise.all([context.waitForEvent('page'), button.click()]);
    await expect.poll(() => dialog.isClosed(), { timeout: 30_000 }).toBe(true);
    await button.waitFor();
    await page.waitForTimeout(3_000);
    expect(context.pages()).toHaveLength(1);
    await context.close();
  });
});
