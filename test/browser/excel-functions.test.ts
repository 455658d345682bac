/** Custom functions through the real runtime of office.js, in the played Excel, against the real server. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { officeJsFolder } from '../../server/http/office-js.ts';
import { type DemoPerson, type OpenedHouse, openHouse } from '../support/browser-server.ts';
import { chromiumPath } from '../support/chromium.ts';
import { createPaneStage } from '../support/pane-stage.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

const canRun = chromiumPath() !== null && officeJsFolder() !== null;

skipUnless(canRun, 'Chromium or @microsoft/office-js is not installed')('custom functions', () => {
  let close: OpenedHouse['close'] | null = null;
  let server: ServerProcess;
  let browser: Browser;
  let bob: DemoPerson;
  const stage = createPaneStage(() => browser);
  const cell = (page: Page, row: number, column: number) =>
    page.locator(`td[data-row="${row}"][data-column="${column}"]`);
  const shows = (page: Page, row: number, column: number, text: string) =>
    cell(page, row, column).filter({ hasText: text }).waitFor();
  interface Counts {
    started: number;
    cancelled: number;
    results: number;
  }
  const counts = (page: Page): Promise<Counts> =>
    page.evaluate(
      () =>
        (document.querySelector('jb-play-excel') as unknown as { host: { functions: { counts: Counts } } })
          .host.functions.counts,
    );

  beforeAll(async () => {
    ({
      server,
      browser,
      people: [bob],
      close,
    } = await openHouse('bob'));
  });
  afterAll(() => close?.());
  afterEach(() => stage.closeAll());

  test('[OF49] two thousand cells stream over one connection, change live, and are cancelled with their formula', async () => {
    const page = await stage.newPage();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.frame() !== page.mainFrame()) asked.push(new URL(request.url()).pathname);
    });
    await page.goto(`${server.https}/playground/excel?item=presence`);
    await shows(page, 1, 2, '● Available');
    await bob.call('PUT', '/me/presence/preferred', { availability: 'do-not-disturb' });
    await shows(page, 1, 2, '⊖ Do not disturb');
    await bob.call('DELETE', '/me/presence/preferred');
    await shows(page, 1, 2, '● Available');
    await shows(page, 7, 2, '◌ Unknown');
    await shows(page, 7, 3, 'Not in your organisation');
    await shows(page, 7, 5, '#N/A');
    await expect.poll(async () => (await counts(page)).results, { timeout: 30_000 }).toBeGreaterThan(2_000);
    const started = (await counts(page)).started;
    expect(started).toBeGreaterThan(2_000);
    expect(asked.filter((path) => path.endsWith('/events'))).toHaveLength(1);
    // Neither one call for each cell nor one for each person.
    expect(asked.filter((path) => path.endsWith('/people/resolve')).length).toBeLessThan(40);
    expect(asked.filter((path) => path.endsWith('/watch')).length).toBeLessThan(40);

    // Another argument is another call; an empty cell is none.
    await cell(page, 1, 1).click();
    await page.locator('form.line input').fill('carol@contoso.example');
    await page.locator('form.line input').press('Enter');
    await shows(page, 1, 5, 'Carol Diaz');
    await cell(page, 1, 2).click();
    await page.locator('form.line input').fill('');
    await page.locator('form.line input').press('Enter');
    await expect.poll(async () => (await counts(page)).cancelled, { timeout: 10_000 }).toBe(5);
  });

  test('[OF49] a person is a card; a wrong argument and an unknown function are errors', async () => {
    const page = await stage.newPage();
    await page.goto(`${server.https}/playground/excel?item=presence`);
    await shows(page, 1, 5, 'Bob Kovács');
    await cell(page, 1, 5).click();
    await page.locator('dl.card', { hasText: 'Campaign Specialist' }).waitFor();
    const type = async (row: number, formula: string): Promise<void> => {
      await cell(page, row, 6).click();
      await page.locator('form.line input').fill(formula);
      await page.locator('form.line input').press('Enter');
    };
    await type(1, '=JELLYBEAN.PRESENCE("nobody")');
    await shows(page, 1, 6, '#VALUE!');
    await type(2, '=JELLYBEAN.MOOD("bob@contoso.example")');
    await shows(page, 2, 6, '#NAME?');
    await type(3, '=jellybean.activity("bob@contoso.example")');
    await shows(page, 3, 6, 'Available');
  });

  test('[OF49] a button gives the selected cells the colour of the presence in them', async () => {
    const page = await stage.newPage();
    await page.goto(`${server.https}/playground/excel?item=presence`);
    const pane = await stage.paneOf(page);
    await shows(page, 1, 2, '● Available');
    await page.locator('thead th[data-column="2"]').click();
    await pane.getByRole('button', { name: 'Colour presence in the selected cells' }).click();
    await pane.getByText('take the colour of the presence').waitFor();
    await expect
      .poll(() => cell(page, 1, 2).evaluate((element) => getComputedStyle(element).color))
      .toBe('rgb(14, 112, 14)');
  });

  test('[OF49] a pane that is opened anew is asked again for every cell', async () => {
    const page = await stage.newPage();
    await page.goto(`${server.https}/playground/excel?item=presence`);
    await shows(page, 1, 2, '● Available');
    const before = (await counts(page)).started;
    await page.locator('jb-play-frame').getByRole('button', { name: 'Reload the pane' }).click();
    await expect.poll(async () => (await counts(page)).started, { timeout: 30_000 }).toBe(2 * before);
    await bob.call('PUT', '/me/presence/preferred', { availability: 'busy' });
    await shows(page, 1, 2, '■ Busy');
    await bob.call('DELETE', '/me/presence/preferred');
  });
});
