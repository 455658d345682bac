/** Microsoft Graph Toolkit, unchanged, against the facade: another origin, real elements, our presence. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bePresent, type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type HttpsPages, serveHttpsPages } from '../support/https-pages.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('Graph Toolkit', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let site: HttpsPages;
  let server: ServerProcess;
  let browser: Browser;
  let alice: DemoPerson;
  let bob: DemoPerson;
  let carol: DemoPerson;
  let token: string;
  const pages: Record<string, string> = {};

  beforeAll(async () => {
    folder = await temporaryFolder();
    site = await serveHttpsPages({ pages, scripts: { '/toolkit.js': 'test/browser/pages/toolkit.ts' } });
    server = await startServerWithPages(folder.path, {
      env: { JELLYBEAN_ALLOWED_ORIGINS: site.origin, JELLYBEAN_DEMO_LIFE: 'off' },
    });
    [alice, bob, carol] = (await Promise.all(
      ['alice', 'bob', 'carol'].map((name) => signInAs(server, name)),
    )) as [DemoPerson, DemoPerson, DemoPerson];
    const signedIn = await fetch(`${server.http}/api/v1/demo/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user: 'alice@contoso.example' }),
    });
    token = ((await signedIn.json()) as { access_token: string }).access_token;
    await bePresent(alice);
    await bob.call('PUT', '/me/publications/phone', {
      kind: 'phone',
      availability: 'busy',
      activity: 'in-a-call',
      expiresInSeconds: 900,
    });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.end(), site?.close()]);
    await folder?.remove();
  });

  /** Opens a page with these elements; answers what was asked of the facade as well. */
  async function open(
    path: string,
    body: string,
  ): Promise<{ page: Page; asked: string[]; failed: string[] }> {
    pages[path] =
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Team</title></head><body>${body}<script type="module" src="/toolkit.js"></script></body></html>`;
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const asked: string[] = [];
    const failed: string[] = [];
    page.on('request', (request) => {
      const at = request.url().indexOf('/graph/');
      if (at > 0 && request.method() !== 'OPTIONS')
        asked.push(`${request.method()} ${request.url().slice(at)}`);
    });
    page.on('pageerror', (error) => failed.push(error.message));
    await page.addInitScript(({ facade, bearer }) => Object.assign(window, { facade, token: bearer }), {
      facade: `${server.https}/graph`,
      bearer: token,
    });
    await page.goto(`${site.origin}${path}`);
    return { page, asked, failed };
  }
  const shown = (page: Page, of: string) => page.locator(`${of} .presence-wrapper`);

  test('[GR21] mgt-person draws oneself and others with our presence', async () => {
    const { page, asked, failed } = await open(
      '/person',
      `<mgt-person id="me" person-query="me" view="twolines" show-presence></mgt-person>
       <mgt-person id="bob" user-id="${bob.id}" view="twolines" show-presence></mgt-person>
       <mgt-person id="carol" user-id="carol@contoso.example" view="oneline" show-presence></mgt-person>`,
    );
    await page.locator('#me').getByText('Alice Lindgren').waitFor();
    await page.locator('#bob').getByText('Bob Kovács').waitFor();
    await expect.poll(() => shown(page, '#me').getAttribute('title'), { timeout: 20_000 }).toBe('Available');
    await expect.poll(() => shown(page, '#bob').getAttribute('title'), { timeout: 20_000 }).toBe('In a call');
    await expect.poll(() => shown(page, '#carol').getAttribute('title'), { timeout: 20_000 }).toBe('Offline');
    // Red is busy, in the toolkit's own drawing.
    expect(await shown(page, '#bob').innerHTML()).toMatch(/d13438/i);
    expect(asked.some((each) => each.startsWith('POST /graph/v1.0/$batch'))).toBe(true);
    expect(failed).toEqual([]);
    await page.context().close();
  });

  test('[GR21] mgt-people asks for everybody at once', async () => {
    const { page, asked, failed } = await open(
      '/people',
      `<mgt-people user-ids="${alice.id},${bob.id},${carol.id}" show-presence show-max="5"></mgt-people>`,
    );
    await expect.poll(() => shown(page, 'mgt-people').count(), { timeout: 20_000 }).toBe(3);
    const titles = await shown(page, 'mgt-people').evaluateAll((all) =>
      all.map((each) => each.getAttribute('title')),
    );
    expect(titles.toSorted()).toEqual(['Available', 'In a call', 'Offline']);
    expect(asked.filter((each) => each.includes('getPresencesByUserId'))).toHaveLength(1);
    expect(failed).toEqual([]);
    await page.context().close();
  });

  test('[GR21] the person card opens with what the caller may see, whatever else it asks for', async () => {
    const { page, failed } = await open(
      '/card',
      `<mgt-person id="bob" user-id="${bob.id}" view="twolines" show-presence person-card="click"></mgt-person>`,
    );
    await page.locator('#bob').getByText('Bob Kovács').click();
    const card = page.locator('mgt-person-card');
    await card.getByText('Campaign Specialist').first().waitFor();
    await card.locator('.presence-wrapper').first().waitFor();
    expect(await card.locator('.presence-wrapper').first().getAttribute('title')).toBe('In a call');
    expect(failed).toEqual([]);
    await page.context().close();
  });
});
