/** The Excel pane as people meet it: in the played Excel, on the real office.js, against the real server. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { officeJsFolder } from '../../server/http/office-js.ts';
import {
  bePresent,
  type DemoPerson,
  type OpenedHouse,
  openHouse,
  signInAs,
} from '../support/browser-server.ts';
import { chromiumPath } from '../support/chromium.ts';
import { excelFile } from '../support/office-file.ts';
import { createPaneStage, type PaneWindow, rowOf, violationsIn, waitForIcon } from '../support/pane-stage.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

const canRun = chromiumPath() !== null && officeJsFolder() !== null;

skipUnless(canRun, 'Chromium or @microsoft/office-js is not installed')('the Excel pane', () => {
  let close: OpenedHouse['close'] | null = null;
  let server: ServerProcess;
  let browser: Browser;
  let bob: DemoPerson;
  const stage = createPaneStage(() => browser);
  const play = (query = '', options = {}): Promise<PaneWindow> =>
    stage.play(`${server.https}/playground/excel?${query}`, options);
  const cell = (page: Page, row: number, column: number) =>
    page.locator(`td[data-row="${row}"][data-column="${column}"]`);
  const column = (page: Page, at: number) => page.locator(`thead th[data-column="${at}"]`);

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

  describe('people', () => {
    test('[OF47] author, comments, replies and mentions, by live icons', async () => {
      const { pane } = await play('item=budget&as=bob');
      await pane.getByText('In this workbook').waitFor();
      await rowOf(pane, 'Carol Diaz').getByText('Author').waitFor();
      await rowOf(pane, 'Alice Lindgren').getByText('Mentioned').waitFor();
      await rowOf(pane, 'נועה').getByText('Mentioned').waitFor();
      const alice = await signInAs(server, 'alice');
      await bePresent(alice, 'busy');
      await waitForIcon(pane, 'Alice Lindgren', 'busy');
    });

    test('[OF47] selected cells: addresses in them, a link behind a name, a whole column, a comment first', async () => {
      const { page, pane } = await play('item=budget');
      await rowOf(pane, 'Carol Diaz').waitFor();
      const focus = pane.locator('section[aria-labelledby=focus]');
      const inFocus = focus.locator('jb-person-row');
      await cell(page, 6, 1).click();
      await focus.getByText('In the selection').waitFor();
      await inFocus.filter({ hasText: 'Erin Walsh' }).waitFor();
      await inFocus.filter({ hasText: 'maria@fabrikam.example' }).waitFor();
      await cell(page, 4, 1).click();
      await inFocus.filter({ hasText: 'María de los Ángeles' }).waitFor();
      expect(await inFocus.count()).toBe(1);
      await column(page, 1).click();
      await inFocus.filter({ hasText: 'Dave Osei' }).waitFor();
      // Oneself is left out, a link is seen where one cell is asked for.
      expect(await inFocus.count()).toBe(5);
      await cell(page, 2, 2).click();
      await focus.getByText('On this comment').waitFor();
      await inFocus.filter({ hasText: 'Bob Kovács' }).getByText('Comment').waitFor();
      await cell(page, 20, 5).click();
      await focus.waitFor({ state: 'detached' });
    });

    test('[OF42] a comment that somebody writes is heard of at once', async () => {
      const { page, pane } = await play('item=budget&as=carol');
      await rowOf(pane, 'Bob Kovács').waitFor();
      await page.evaluate(() => {
        const { workbook } = document.querySelector('jb-play-excel') as unknown as {
          workbook: { addComment(comment: object): void };
        };
        const by = { name: 'Dave Osei', address: 'dave@contoso.example' };
        workbook.addComment({
          by,
          at: new Date(),
          text: 'Mine',
          mentions: [],
          row: 5,
          column: 0,
          replies: [],
        });
      });
      // Sooner than the twenty seconds after which an Excel without events is asked.
      await rowOf(pane, 'Dave Osei').getByText('Comment').waitFor();
    });

    test('[OF47] five thousand addresses: as many as can be watched, the rest is said', async () => {
      const { page, pane } = await play('item=crowd');
      await cell(page, 0, 0).waitFor();
      await column(page, 1).click();
      await pane.getByRole('button', { name: /^\+4,9\d\d more$/ }).waitFor({ timeout: 30_000 });
      await pane.getByText('more addresses than are shown').waitFor();
      await pane.getByText('A chat holds fewer than 250 people').waitFor();
      const views = () =>
        pane.evaluate(
          () =>
            (
              document.querySelector('jb-item-pane') as unknown as {
                client: { state(): { presence: { views: ReadonlyMap<string, unknown> } } };
              }
            ).client.state().presence.views.size,
        );
      await expect.poll(views, { timeout: 30_000 }).toBeGreaterThan(4_900);
    });
  });

  test('[OF44] “chat with all” is with everybody in the selection, about the workbook', async () => {
    const { page, pane } = await play('item=budget');
    await rowOf(pane, 'Carol Diaz').waitFor();
    await cell(page, 2, 1).click();
    await page.keyboard.down('Shift');
    await cell(page, 3, 1).click();
    await page.keyboard.up('Shift');
    const focus = pane.locator('section[aria-labelledby=focus]');
    await focus.locator('jb-person-row', { hasText: 'Carol Diaz' }).waitFor();
    await focus.getByRole('button', { name: 'Chat with all' }).click();
    await pane.locator('jb-composer textarea').fill('Your two lines are too high.');
    await pane.locator('jb-composer textarea').press('Enter');
    await pane.locator('jb-conversation .log', { hasText: 'too high' }).waitFor();
    // The pane shows a message before the server has it.
    const about = await vi.waitFor(
      async () => {
        const { items } = await bob.call<{
          items: { kind: string; context: { kind: string; title: string } | null; participants: unknown[] }[];
        }>('GET', '/conversations');
        const found = items.find(({ context }) => context?.kind === 'workbook');
        if (!found) throw new Error('no conversation about a workbook yet');
        return found;
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(about).toMatchObject({ kind: 'conference', context: { title: 'Budget 2027' } });
    expect(about.participants).toHaveLength(3);
  });

  test('[OF45] a dropped .xlsx becomes the workbook, and its people appear; anything else is refused', async () => {
    const { page } = await play('item=budget');
    await page.setInputFiles('jb-play-excel input[type=file]', {
      name: 'photo.xlsx',
      mimeType: 'image/png',
      buffer: Buffer.from('PK'),
    });
    await page.getByRole('alert').filter({ hasText: 'photo.xlsx' }).waitFor();
    await page.setInputFiles('jb-play-excel input[type=file]', {
      name: 'rota.xlsx',
      mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      buffer: excelFile(),
    });
    await cell(page, 1, 0).filter({ hasText: 'carol@contoso.example' }).waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    const pane = await stage.paneOf(page);
    await rowOf(pane, 'Bob Kovács').getByText('Comment').waitFor();
    await rowOf(pane, 'Erin Walsh').getByText('Mentioned').waitFor();
    await rowOf(pane, 'Dave Osei').getByText('Last change').waitFor();
    await cell(page, 3, 0).click();
    await waitForIcon(pane, 'maria@fabrikam.example', 'unknown');
  });

  test.each([
    ['light', { colorScheme: 'light' }, 'light'],
    ['dark', { colorScheme: 'dark' }, 'dark'],
    ['forced colours', { forcedColors: 'active' }, 'light'],
  ] as const)(
    '[OF18] axe finds nothing in the played Excel and its pane: %s',
    async (_name, options, theme) => {
      const { page, pane } = await play(`item=budget&theme=${theme}&language=de-DE`, options);
      await rowOf(pane, 'Carol Diaz').waitFor();
      await column(page, 1).click();
      await pane.getByText('In der Auswahl').waitFor();
      await page.getByRole('button', { name: 'Zeigen, was der Host kann' }).click();
      expect(await violationsIn(page.mainFrame())).toEqual([]);
      expect(await violationsIn(pane)).toEqual([]);
    },
  );
});
