/** Web part and column as people meet them, in the played SharePoint, against the real server. */
import AxeBuilder from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bePresent, type DemoPerson, type OpenedHouse, openHouse } from '../support/browser-server.ts';
import { chromiumPath } from '../support/chromium.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('people on a SharePoint page', () => {
  let close: OpenedHouse['close'] | null = null;
  let server: ServerProcess;
  let browser: Browser;
  let bob: DemoPerson;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    ({
      server,
      browser,
      people: [bob],
      close,
    } = await openHouse('bob'));
  });
  afterAll(() => close?.());
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });

  async function open(query: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(`${server.http}/playground/sharepoint?${query}`);
    return page;
  }
  const bobs = (page: Page, availability: string) =>
    page.locator(`jb-people-part li:has-text("Bob Kovács") presence-icon[availability="${availability}"]`);

  test('[OF63] in every layout everybody has a live icon and a sentence, oneself and strangers too', async () => {
    for (const layout of ['list', 'compact', 'cards']) {
      const page = await open(`layout=${layout}&source=members`);
      await bobs(page, 'available').waitFor();
      await bob.call('PUT', '/me/presence/preferred', { availability: 'busy' });
      await bobs(page, 'busy').waitFor();
      await bob.call('DELETE', '/me/presence/preferred');
      await bobs(page, 'available').waitFor();
      const stranger = page.locator('jb-people-part li', { hasText: 'Maria Rossi' });
      await stranger.getByText('Not in your organisation').waitFor({ state: 'attached' });
      expect(await page.locator('jb-people-part li', { hasText: 'Alice Lindgren' }).count()).toBe(1);
      await page.context().close();
    }
  });

  test('[OF63] the best way to reach somebody follows their state', async () => {
    const page = await open('source=chosen&layout=cards');
    const tile = page.locator('jb-people-part li', { hasText: 'Bob Kovács' });
    await tile.getByRole('button', { name: 'Chat with Bob Kovács' }).waitFor();
    await bob.call('DELETE', '/me/publications/test-app');
    await tile.getByRole('link', { name: 'Mail Bob Kovács' }).waitFor();
    await bePresent(bob);
    await tile.getByRole('button', { name: 'Chat with Bob Kovács' }).waitFor();
  });

  test('[OF61] a chat about the page is one conversation for everybody who opens it', async () => {
    const [alice, other] = await Promise.all([open('as=alice'), open('as=bob')]);
    await alice.locator('jb-people-part .about').click();
    const field = alice.locator(
      'jb-people-part jb-composer textarea, jb-people-part jb-composer [contenteditable]',
    );
    await field.first().fill('Who has the final figures?');
    await field.first().press('Enter');
    await alice.locator('jb-conversation').getByText('Who has the final figures?').first().waitFor();
    await other.locator('jb-people-part .about').click();
    await other.locator('jb-conversation').getByText('Who has the final figures?').first().waitFor();
    await other.locator('jb-conversation').getByText('Launch plan for the spring').first().waitFor();
  });

  test('[OF63] a part wears its section’s colours and changes nothing around it', async () => {
    const page = await open('section=strong');
    await bobs(page, 'available').waitFor();
    const colours = () =>
      page.evaluate(() => {
        const part = document
          .querySelector('jb-play-sharepoint')
          ?.shadowRoot?.querySelector('jb-people-part') as Element;
        return {
          part: getComputedStyle(part).backgroundColor,
          body: getComputedStyle(document.body).backgroundColor,
        };
      });
    const before = await colours();
    expect(before.part).toBe('rgb(15, 84, 140)');
    await page.getByLabel('Soft').check();
    await expect.poll(async () => (await colours()).part).toBe('rgb(239, 246, 252)');
    expect((await colours()).body).toBe(before.body);
  });

  test('[OF62] a list of 5,000 draws the cells in view alone, and asks for their people together', async () => {
    const page = await open('view=list');
    const asked: number[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/people/resolve')) asked.push(request.postDataJSON().addresses.length);
    });
    const icons = page.locator('jb-play-tasks presence-icon');
    await page.locator('jb-play-tasks presence-icon[availability="available"]').first().waitFor();
    // Several people in one cell, each with an icon of their own.
    const third = page.locator('jb-play-tasks [aria-rowindex="4"] presence-icon');
    await expect.poll(() => third.count()).toBe(3);
    expect(await icons.count()).toBeLessThan(150);

    await page.locator('jb-play-tasks .view').evaluate(async (view) => {
      for (let top = 0; top <= 180_000; top += 4_000) {
        view.scrollTop = top;
        await new Promise((done) => requestAnimationFrame(done));
      }
    });
    await page.locator('jb-play-tasks [aria-rowindex="4100"]').waitFor();
    // Rows that went are gone, and what was asked came in batches and not cell by cell.
    expect(await icons.count()).toBeLessThan(150);
    expect(asked.length).toBeLessThan(60);
    await expect
      .poll(() => page.locator('jb-play-tasks presence-icon:not([availability="unknown"])').count())
      .toBeGreaterThan(5);
  });

  test('[OF64] page and list take turns on one connection; whoever goes last closes it', async () => {
    const page = await open('');
    const streams: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/events?')) streams.push(request.url());
    });
    await bobs(page, 'available').waitFor();
    await page.getByRole('button', { name: 'List' }).click();
    await page.locator('jb-play-tasks presence-icon[availability="available"]').first().waitFor();
    const open_ = () =>
      page.evaluate(() => {
        const held = (globalThis as unknown as Record<symbol, Map<string, { users: number }>>)[
          Symbol.for('jellybean.page-connections.1')
        ];
        return [...(held?.values() ?? [])].map(({ users }) => users);
      });
    expect(await open_()).toEqual([1]);
    await page.evaluate(() => document.querySelector('jb-play-sharepoint')?.remove());
    await expect.poll(open_).toEqual([]);
  });

  test('[OF63] axe finds no violation in light and dark, and nothing overflows at 320 px', async () => {
    for (const query of ['layout=cards&source=members', 'layout=list&section=dark', 'view=list']) {
      const page = await open(query, { viewport: { width: 320, height: 700 } });
      await page.locator('presence-icon[availability]').first().waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, query).toBeLessThanOrEqual(320);
      await page.evaluate(AxeBuilder.source);
      const violations = await page.evaluate(async () => {
        const axe = (
          globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          }
        ).axe;
        const { violations } = await axe.run();
        return violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
        );
      });
      expect(violations, query).toEqual([]);
      await page.context().close();
    }
  });
});
