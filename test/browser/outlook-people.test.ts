/** The people of the open item, on the real office.js in the simulated host: the suite of the in-memory Outlook. */
import type { Browser, BrowserContext, Frame } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { ItemState } from '../../addins/shared/people-source.ts';
import { officeJsFolder } from '../../server/http/office-js.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type HttpsPages, serveHttpsPages } from '../support/https-pages.ts';
import { type Stage, testOutlookPeople } from '../support/people-source-suite.ts';
import { skipUnless } from '../support/skip.ts';

const canRun = chromiumPath() !== null && officeJsFolder() !== null;
const why = 'Chromium or @microsoft/office-js is not installed';

skipUnless(canRun, why)('the open item in the simulated Outlook', () => {
  let pages: HttpsPages;
  let browser: Browser;

  beforeAll(async () => {
    pages = await serveHttpsPages({
      pages: {
        '/host': '<!doctype html><title>Host</title><script src="/host.js"></script>',
        '/add-in': `<!doctype html><title>Add-in</title>
          <script src="/office-js/microsoft-ajax.js"></script><script src="/office-js/office.js"></script>
          <script type="module" src="/people.js"></script>`,
      },
      scripts: { '/host.js': 'test/browser/pages/host.ts', '/people.js': 'test/browser/pages/people.ts' },
    });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
  });

  testOutlookPeople(async (): Promise<Stage> => {
    const context: BrowserContext = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${pages.origin}/host`);
    let frame: Frame | null = null;
    return {
      play: (act, argument) =>
        page.evaluate(`(${act.toString()})(window.play, ${JSON.stringify(argument)})`).then(() => undefined),
      async start() {
        await page.evaluate("play.open('/add-in')");
        frame = (await (await page.waitForSelector('iframe')).contentFrame()) as Frame;
        await frame.waitForFunction('window.told?.length > 0');
      },
      history: async () => (await frame?.evaluate('window.told')) as readonly ItemState[],
      close: () => context.close(),
    };
  });
});
