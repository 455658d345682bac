/** What Outlook runs without showing it: event code on mails that are written, and the button that opens a chat. */
import { runInNewContext } from 'node:vm';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { officeJsFolder } from '../../server/http/office-js.ts';
import { bePresent, type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { openPlayground, type Playground } from '../support/playground.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

const canRun = chromiumPath() !== null && officeJsFolder() !== null;

skipUnless(canRun, 'Chromium or @microsoft/office-js is not installed')('what Outlook runs unseen', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let browser: Browser;
  let windows: Playground;
  let bob: DemoPerson;
  let carol: DemoPerson;
  const backAt = new Date(Date.now() + 5 * 86_400_000);
  backAt.setHours(0, 0, 0, 0);

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path);
    browser = await launchChromium();
    windows = openPlayground(
      () => browser,
      () => server,
    );
    carol = await signInAs(server, 'carol');
    await bePresent(carol);
    bob = await signInAs(server, 'bob');
    await bePresent(bob);
    await carol.call('PUT', '/me/out-of-office', { until: backAt.toISOString(), note: 'Ask Bob' });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });
  afterEach(() => windows.closeAll());

  const insight = (page: Page) => page.locator('jb-play-item .notification');
  const addTo = async (page: Page, address: string) => {
    await page.locator('jb-play-item #to').fill(address);
    await page.locator('jb-play-item #to').press('Enter');
  };

  test('[OF25] a mail to somebody who is away says so as soon as they are a recipient, and no longer than they are', async () => {
    const { page } = await windows.play('item=none');
    await page.getByRole('button', { name: 'New mail' }).click();
    await addTo(page, 'bob@contoso.example');
    await addTo(page, 'carol@contoso.example');
    await insight(page)
      .filter({ hasText: 'carol@contoso.example is out of office until' })
      .or(insight(page).filter({ hasText: 'Carol Diaz is out of office until' }))
      .waitFor();
    await insight(page).getByText('Show people').waitFor();
    await page.getByRole('button', { name: /^Remove .*carol/i }).click();
    await insight(page).waitFor({ state: 'detached' });
  });

  test('[OF25] the same script runs in an engine that has neither page nor storage', async () => {
    const response = await fetch(`${server.http}/addins/outlook/launch-event.js`);
    const script = await response.text();
    expect(script).toContain(`var jellybeanServer="${server.https}"`);
    const handlers = new Map<string, (event: { completed(): void }) => void>();
    const shown: unknown[] = [];
    const line = (...addresses: string[]) => ({
      getAsync: (done: (result: unknown) => void) =>
        done({
          status: 'succeeded',
          value: addresses.map((emailAddress) => ({ emailAddress, displayName: '' })),
        }),
    });
    const engine: Record<string, unknown> = {
      setTimeout,
      clearTimeout,
      // The certificate of a test server is nobody's; the path is the script's own.
      fetch: (url: string, options: RequestInit) => fetch(url.replace(server.https, server.http), options),
      Office: {
        actions: {
          associate: (name: string, handler: (event: { completed(): void }) => void) =>
            handlers.set(name, handler),
        },
        context: {
          displayLanguage: 'de-DE',
          requirements: { isSetSupported: () => false },
          mailbox: {
            userProfile: { emailAddress: 'alice@contoso.example' },
            item: {
              to: line('carol@contoso.example', 'bob@contoso.example'),
              cc: line('maria@fabrikam.example'),
              bcc: line(),
              notificationMessages: {
                replaceAsync: (_key: string, details: unknown, done: () => void) => {
                  shown.push(details);
                  done();
                },
                removeAsync: (_key: string, done: () => void) => done(),
              },
            },
          },
        },
      },
    };
    runInNewContext(script, engine);
    expect([...handlers.keys()].toSorted()).toEqual(['onMessageRecipientsChanged', 'onNewMessageCompose']);
    await new Promise<void>((resolve) => {
      handlers.get('onNewMessageCompose')?.({ completed: resolve });
    });
    expect(shown).toEqual([
      {
        type: 'informationalMessage',
        message: expect.stringMatching(/^carol@contoso\.example ist bis .* nicht im Büro\.$/),
        icon: 'icon16',
        persistent: false,
      },
    ]);

    // A server that does not answer: the event is completed, and nobody is said to be away.
    engine.jellybeanServer = 'https://127.0.0.1:9';
    await new Promise<void>((resolve) => {
      handlers.get('onMessageRecipientsChanged')?.({ completed: resolve });
    });
    expect(shown).toHaveLength(1);
  });

  test('[OF26] “chat with sender” opens a chat with the author about the mail, in a window of Office', async () => {
    const { page } = await windows.play('item=budget-2027');
    const opened = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Chat with sender' }).click();
    const chat = await opened;
    // The chat that has not begun yet is named by its people and its context.
    const begun = new URLSearchParams({ c: `new:${bob.id}:<budget-2027@playground.contoso.example>` });
    await chat.waitForURL((url) => url.hash === `#${begun}`);
  });

  test('[OF26] “reply with chat” opens one chat with everybody on the mail', async () => {
    const { page } = await windows.play('item=budget-2027');
    const opened = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Reply with chat' }).click();
    const chat = await opened;
    // Three people and the mail, as the chat that has not begun yet is named.
    const begun = /^new:[^:,]+,[^:,]+,[^:,]+:<budget-2027@playground\.contoso\.example>$/;
    await chat.waitForURL(({ hash }) => begun.test(new URLSearchParams(hash.slice(1)).get('c') ?? ''));
  });
});
