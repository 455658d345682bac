/** Presence icons on a page of others: another origin, a strict content security policy, sign-in in a window of ours. */
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bePresent, type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type HttpsPages, serveHttpsPages } from '../support/https-pages.ts';
import { startProviderServer } from '../support/provider-server.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

/** The intranet's page allows our origin in two directives and nothing else, not even a style of its own. */
const intranet = (origin: string) => `<!doctype html><html lang="en"><head><title>Intranet</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${origin}; frame-src ${origin}">
<script src="${origin}/embed.js" defer></script></head>
<body><main><h1>Team</h1>
<p>Bob <presence-icon address="bob@contoso.example"></presence-icon></p>
<p>Maria <presence-icon address="maria@fabrikam.example"></presence-icon></p></main></body></html>`;

/** A page that had its links before. */
const linked = (origin: string) => `<!doctype html><html lang="en"><head><title>Contacts</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${origin}; frame-src ${origin}">
<script src="${origin}/embed.js"></script></head>
<body><main><h1>Contacts</h1><ul>
<li><a href="mailto:bob@contoso.example?subject=Hello" data-presence>Bob</a></li>
<li><a href="mailto:carol@contoso.example">Carol, not marked</a></li>
<li><span data-presence="carol@contoso.example">Carol</span></li></ul></main></body></html>`;

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('presence icons on any page', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let allowed: HttpsPages;
  let stranger: HttpsPages;
  let browser: Browser;
  let context: BrowserContext;
  let bob: DemoPerson;
  const pagesOf: Record<string, string> = {};

  beforeAll(async () => {
    folder = await temporaryFolder();
    [allowed, stranger] = (await Promise.all(
      [1, 2].map(() => serveHttpsPages({ pages: pagesOf, scripts: {} })),
    )) as [HttpsPages, HttpsPages];
    server = await startServerWithPages(folder.path, { env: { JELLYBEAN_ALLOWED_FRAMES: allowed.origin } });
    pagesOf['/'] = intranet(server.https);
    pagesOf['/links'] = linked(server.https);
    browser = await launchChromium();
    bob = await signInAs(server, 'bob');
    await bePresent(bob);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.end(), allowed?.close(), stranger?.close()]);
    await folder?.remove();
  });
  beforeEach(async () => {
    context = await browser.newContext({ ignoreHTTPSErrors: true });
  });
  afterEach(() => context.close());

  async function open(site: HttpsPages) {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.addInitScript(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      addEventListener('message', (event) => heard.push(JSON.stringify(event.data)));
    });
    await page.goto(site.origin);
    const icon = (address: string) => page.locator(`presence-icon[address="${address}"]`);
    return { page, problems, icon };
  }
  async function signIn(page: Awaited<ReturnType<typeof open>>['page']) {
    const [window] = await Promise.all([
      context.waitForEvent('page'),
      page.locator('presence-icon').first().click(),
    ]);
    await window.getByText(allowed.origin).waitFor();
    await window.getByRole('button', { name: 'Alice' }).click();
  }

  test('[OF22] icons are unknown until somebody signs in on our origin, and live from then on', async () => {
    const { page, problems, icon } = await open(allowed);
    const bobs = icon('bob@contoso.example');
    await expect.poll(() => bobs.getAttribute('availability')).toBe('unknown');
    await expect.poll(() => bobs.getAttribute('role')).toBe('button');
    expect(await bobs.getAttribute('aria-label')).toContain('unknown until you sign in');

    await signIn(page);
    await expect.poll(() => bobs.getAttribute('availability')).toBe('available');
    expect(await bobs.getAttribute('role')).toBe('img');
    await bob.call('PUT', '/me/presence/preferred', { availability: 'do-not-disturb' });
    await expect.poll(() => bobs.getAttribute('availability')).toBe('do-not-disturb');
    await expect.poll(() => bobs.getAttribute('aria-label')).toContain('Bob Kovács');
    await bob.call('DELETE', '/me/presence/preferred');
    expect(await icon('maria@fabrikam.example').getAttribute('availability')).toBe('unknown');
    expect(problems).toEqual([]);
  });

  test('[OF22] the sign-in lasts for the site, and an icon that comes later is drawn too', async () => {
    const { page, icon } = await open(allowed);
    await expect.poll(() => icon('bob@contoso.example').getAttribute('role')).toBe('button');
    await signIn(page);
    await expect.poll(() => icon('bob@contoso.example').getAttribute('availability')).toBe('available');
    await page.reload();
    await expect.poll(() => icon('bob@contoso.example').getAttribute('availability')).toBe('available');
    await page.evaluate(() => {
      const late = document.createElement('presence-icon');
      late.setAttribute('address', 'CAROL@contoso.example');
      document.querySelector('main')?.append(late);
    });
    await expect.poll(() => icon('CAROL@contoso.example').getAttribute('aria-label')).toContain('Carol Diaz');
  });

  test('[OF23] the page around learns what its icons show, and neither who is signed in nor a token', async () => {
    const { page, icon } = await open(allowed);
    await expect.poll(() => icon('bob@contoso.example').getAttribute('role')).toBe('button');
    await signIn(page);
    await expect.poll(() => icon('bob@contoso.example').getAttribute('availability')).toBe('available');
    const heard = (await page.evaluate(() => (window as unknown as { heard: string[] }).heard)).join('\n');
    expect(heard).toContain('jellybean.views');
    expect(heard).not.toMatch(/alice|token|eyJ/i);
  });

  test('[OF23] a page that is not on the allow list gets nothing', async () => {
    const { page, icon } = await open(stranger);
    await page.waitForTimeout(1_000);
    expect(await icon('bob@contoso.example').getAttribute('availability')).toBe('unknown');
    const frame = page.frames().find((one) => one !== page.mainFrame());
    expect(frame?.url() ?? '').not.toContain('/embed');
  });

  test('[OF69] marked links and names get an icon, come they early or late, beside another presence-icon', async () => {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.addInitScript(() => {
      customElements.define('presence-icon', class extends HTMLElement {});
    });
    await page.goto(`${allowed.origin}/links`);
    const icon = (address: string) => page.locator(`jellybean-presence-icon[address="${address}"]`);
    await expect.poll(() => page.locator('jellybean-presence-icon').count()).toBe(2);
    const [window] = await Promise.all([context.waitForEvent('page'), icon('bob@contoso.example').click()]);
    await window.getByRole('button', { name: 'Alice' }).click();
    await expect.poll(() => icon('bob@contoso.example').getAttribute('availability')).toBe('available');
    expect(await page.locator('li').first().locator('> :first-child').getAttribute('address')).toBe(
      'bob@contoso.example',
    );
    await page.evaluate(() => {
      const item = document.createElement('li');
      const late = document.createElement('a');
      late.href = 'sip:alice@contoso.example';
      late.dataset.presence = '';
      item.append(late);
      document.querySelector('ul')?.append(item);
      document.querySelector('span[data-presence]')?.remove();
    });
    await expect.poll(() => icon('alice@contoso.example').getAttribute('aria-label')).toContain('Alice');
    await expect.poll(() => icon('carol@contoso.example').count()).toBe(0);
    await page.evaluate(() => document.querySelector('a[data-presence]')?.removeAttribute('data-presence'));
    await expect.poll(() => icon('bob@contoso.example').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test('[OF22] where people sign in elsewhere the window goes there and comes back, and the frame alone can use it', async () => {
    const { base, provider, stop } = await startProviderServer(
      'http',
      { anna: 'Anna Adler' },
      { JELLYBEAN_ALLOWED_FRAMES: allowed.origin },
    );
    provider.signingIn = 'anna';
    try {
      pagesOf['/elsewhere'] = linked(base).replaceAll('bob@', 'anna@');
      const page = await context.newPage();
      await page.goto(`${allowed.origin}/elsewhere`);
      const icon = page.locator('presence-icon[address="anna@contoso.example"]');
      await expect.poll(() => icon.getAttribute('role')).toBe('button');
      const [window] = await Promise.all([context.waitForEvent('page'), icon.click()]);
      await window.getByText(allowed.origin).waitFor();
      await window.getByRole('button', { name: 'Sign in' }).click();
      await expect.poll(() => icon.getAttribute('aria-label')).toContain('Anna Adler');
      await expect.poll(() => window.isClosed()).toBe(true);
    } finally {
      await context.close();
      await stop();
    }
  });

  test('[OF22] an icon page does not make its reader available', async () => {
    const { page, icon } = await open(allowed);
    await expect.poll(() => icon('bob@contoso.example').getAttribute('role')).toBe('button');
    await signIn(page);
    await expect.poll(() => icon('bob@contoso.example').getAttribute('availability')).toBe('available');
    const alice = await signInAs(server, 'alice');
    await expect
      .poll(
        async () => (await bob.call<{ availability: string }>('GET', `/presence/${alice.id}`)).availability,
      )
      .toBe('away');
  });
});
