/** The pane in every language of Office, and laid out from right to left. */
import type { Browser, Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { officeJsFolder } from '../../server/http/office-js.ts';
import { bePresent, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { rowOf, violationsIn } from '../support/pane-stage.ts';
import { openPlayground, type Playground, waitForIcon } from '../support/playground.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

const canRun = chromiumPath() !== null && officeJsFolder() !== null;

skipUnless(canRun, 'Chromium or @microsoft/office-js is not installed')('languages of the pane', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let browser: Browser;
  let windows: Playground;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path);
    browser = await launchChromium();
    windows = openPlayground(
      () => browser,
      () => server,
    );
    await bePresent(await signInAs(server, 'bob'));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });
  afterEach(() => windows.closeAll());

  test.each([
    ['en-US', 'en', 'On this mail', 'Available'],
    ['de-DE', 'de', 'Zu dieser Mail', 'Verfügbar'],
    ['fr-FR', 'fr', 'Dans ce message', 'Disponible'],
    ['zh-TW', 'zh-Hant', '此郵件中的人員', '有空'],
  ])(
    '[OF17] an Office in %s has the pane in %s, sentences of the server included',
    async (locale, language, title, state) => {
      const { pane } = await windows.play(`item=budget-2027&language=${locale}`);
      await pane.getByRole('heading', { name: title }).waitFor();
      await waitForIcon(pane, 'Bob Kovács', 'available');
      expect(await rowOf(pane, 'Bob Kovács').locator('.detail').textContent()).toContain(state);
      expect(
        await pane.evaluate(() => [document.documentElement.lang, document.documentElement.dir]),
      ).toEqual([language, 'ltr']);
    },
  );

  /** Where the middle of something is, from the left, in the pane's own pixels. */
  const middleOf = async (pane: Frame, selector: string): Promise<number> =>
    pane
      .locator(selector)
      .first()
      .evaluate((element) => {
        const { left, width } = element.getBoundingClientRect();
        return left + width / 2;
      });

  test('[UI50] beside an Office in Hebrew the pane is mirrored, overflows nowhere, and keeps sentences in their order', async () => {
    const { page, pane } = await windows.play('item=budget-2027&language=he-IL&theme=dark');
    await waitForIcon(pane, 'Bob Kovács', 'available');
    expect(await pane.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual([
      'en',
      'rtl',
    ]);
    const width = await pane.evaluate(() => innerWidth);
    expect(await middleOf(pane, 'jb-person-row jb-face')).toBeGreaterThan(width / 2);
    expect(await middleOf(pane, 'h2')).toBeGreaterThan(width / 2);
    expect(await middleOf(pane, 'jb-person-row > .icon-button')).toBeLessThan(width / 2);
    expect(await pane.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    // The full stop stands at the right end of an English sentence: its last letter is the rightmost.
    const stop = await pane
      .locator('jb-conversations')
      .getByText('Pick somebody and write.')
      .evaluate((element) => {
        const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        let node = text.nextNode() as Text;
        while (!node.data.includes('write.')) node = text.nextNode() as Text;
        const boxOf = (at: number) => {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + 1);
          return range.getBoundingClientRect();
        };
        const end = node.data.indexOf('write.') + 5;
        return boxOf(end).left - boxOf(end - 1).left;
      });
    expect(stop).toBeGreaterThan(0);
    expect(await violationsIn(pane)).toEqual([]);
    expect(await violationsIn(page.mainFrame())).toEqual([]);

    await rowOf(pane, 'Bob Kovács').click();
    await pane.locator('jb-composer').waitFor();
    expect(await middleOf(pane, 'jb-composer .send')).toBeLessThan(width / 2);
    const turned = await pane
      .getByRole('button', { name: 'Back' })
      .locator('svg')
      .evaluate((element) => getComputedStyle(element).transform);
    expect(turned).toBe('matrix(-1, 0, 0, 1, 0, 0)');
  });
});
