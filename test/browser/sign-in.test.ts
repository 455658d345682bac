/** Signing in as people do it, in a real browser: by nested app authentication, by the provider's page, and not from elsewhere. */

import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type HttpsPages, serveHttpsPages } from '../support/https-pages.ts';
import { type ProviderServer, startProviderServer } from '../support/provider-server.ts';
import { skipUnless } from '../support/skip.ts';
import { root } from '../support/sources.ts';
import type { Nested } from './pages/nested.ts';

declare const nested: Nested;

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('signing in', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function openPage(url: string): Promise<Page> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  describe('through the host', () => {
    let pages: HttpsPages;
    beforeAll(async () => {
      pages = await serveHttpsPages({
        pages: {
          '/pane': '<!doctype html><title>Pane</title><script type="module" src="/nested.js"></script>',
        },
        scripts: { '/nested.js': 'test/browser/pages/nested.ts' },
      });
    });
    afterAll(() => pages?.close());

    async function openPane(answer: Nested['bridge']['answer']): Promise<Page> {
      const page = await openPage(`${pages.origin}/pane`);
      // Our own server, which says who the token is.
      await page.route('**/api/v1/me', (route) =>
        /^Bearer token-of-the-host\.\d+$/.test(route.request().headers().authorization ?? '')
          ? route.fulfill({ json: { id: 'o', displayName: 'Alice', address: 'alice@contoso.example' } })
          : route.fulfill({ status: 401, json: { code: 'unauthenticated', detail: 'no' } }),
      );
      await page.waitForFunction(() => 'nested' in window);
      await page.evaluate(
        (given) => Object.assign(nested.bridge, { answer: given, token: 'token-of-the-host' }),
        answer,
      );
      return page;
    }
    const signIn = () =>
      nested
        .signInNested({
          mode: 'entra',
          authority: 'https://login.example/t',
          clientId: 'client-of-ours',
          scopes: ['api://ours/access'],
        })
        .then(
          async ({ person, session }) => ({
            person: person.displayName,
            first: await session.token(false),
            again: await session.token(false),
            forced: await session.token(true),
          }),
          (error: Error) => ({ error: error.name }),
        );

    test('[ID24] silently, with the scope of our API, and the bearer in memory alone', async () => {
      const page = await openPane('token');
      const { person, first, again, forced } = (await page.evaluate(signIn)) as Record<string, string>;
      expect(person).toBe('Alice');
      expect(again).toBe(first);
      expect(forced).not.toBe(first);
      const asked = await page.evaluate(() => nested.asked);
      expect(asked.map(({ method }) => method)).toEqual(['GetInitContext', 'GetToken', 'GetToken']);
      expect(asked[1]?.tokenParams).toMatchObject({
        clientId: 'client-of-ours',
        scope: expect.stringContaining('api://ours/access'),
      });
      expect(JSON.stringify(await page.evaluate(() => nested.stored()))).not.toContain('token-of-the-host');
      await page.context().close();
    });

    test('[ID24] where the host must ask somebody it does, and where it refuses that is said', async () => {
      const asking = await openPane('interaction');
      expect(await asking.evaluate(signIn)).toMatchObject({ person: 'Alice' });
      expect(await asking.evaluate(() => nested.asked.map(({ method }) => method))).toContain(
        'GetTokenPopup',
      );
      await asking.context().close();
      const refusing = await openPane('refused');
      expect(await refusing.evaluate(signIn)).toHaveProperty('error');
      await refusing.context().close();
    });
  });

  describe('by the provider’s page', () => {
    let own: ProviderServer;
    beforeAll(async () => {
      execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root });
      own = await startProviderServer('http', { alice: 'Alice Adler' });
    });
    afterAll(() => own?.stop());

    test('[ID16, ID17] a click, the provider, and the contacts; no cookie, no token in storage or address', async () => {
      own.provider.signingIn = 'alice';
      const addresses: string[] = [];
      const page = await openPage(`${own.base}/`);
      page.on('request', (request) => addresses.push(request.url()));
      page.on('framenavigated', (frame) => addresses.push(frame.url()));
      const cookies: Promise<string | null>[] = [];
      page.on('response', (response) => {
        if (response.url().startsWith(`${own.base}/`)) cookies.push(response.headerValue('set-cookie'));
      });
      let bearer = '';
      page.on('request', (request) => {
        bearer = request.headers().authorization?.slice(7) ?? bearer;
      });
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`${own.base}/`);
      await page.getByText('Alice Adler').first().waitFor();
      await expect.poll(() => bearer).not.toBe('');
      expect(addresses.join('\n')).not.toContain(bearer);
      const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
      expect(kept).not.toContain(bearer);
      expect(kept).not.toContain('verifier');
      page.removeAllListeners('response');
      expect(cookies.length).toBeGreaterThan(0);
      expect((await Promise.all(cookies)).filter((cookie) => cookie !== null)).toEqual([]);
      expect(page.url()).not.toContain('signin=');
      await page.context().close();
    });

    test('[ID16] somebody who cancels is back at the door, with a word', async () => {
      own.provider.signingIn = null;
      const page = await openPage(`${own.base}/`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      expect(page.url()).toBe(`${own.base}/`);
      await page.context().close();
    });

    test('[ID25] a page of a foreign origin cannot read the API, not even with a token, nor frame the client', async () => {
      const foreign = createServer((_request, response) => {
        response
          .setHeader('Content-Type', 'text/html')
          .end(`<!doctype html><title>Elsewhere</title><iframe src="${own.base}/"></iframe>`);
      });
      await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
      const page = await openPage(`http://localhost:${(foreign.address() as AddressInfo).port}/`);
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      const outcome = await page.evaluate(async (address) => {
        const tried = async (path: string, init?: RequestInit) => {
          try {
            const response = await fetch(`${address}${path}`, init);
            return `read ${response.status}`;
          } catch {
            return 'refused';
          }
        };
        return [
          await tried('/api/v1/config'),
          await tried('/api/v1/me', { headers: { Authorization: 'Bearer x' } }),
          await tried('/api/v1/me', { credentials: 'include' }),
          await tried('/api/v1/session/token', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: '{}',
          }),
          await tried('/api/v1/events?endpoint=x', { headers: { Authorization: 'Bearer x' } }),
          await tried('/'),
        ];
      }, own.base);
      expect(outcome).toEqual(Array(6).fill('refused'));
      await page.reload();
      await expect.poll(() => complaints.join('\n')).toMatch(/frame-ancestors/);
      await page.context().close();
      foreign.closeAllConnections();
      await new Promise((resolve) => foreign.close(resolve));
    });
  });
});
