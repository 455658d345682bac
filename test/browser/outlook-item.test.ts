/** What stands on the item and beside it: messages about it, and what this Outlook can do. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { requirements } from '../../addins/shared/office/host.ts';
import { officeJsFolder } from '../../server/http/office-js.ts';
import { type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { rowOf, violationsIn } from '../support/pane-stage.ts';
import { openPlayground, type Playground } from '../support/playground.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

const canRun = chromiumPath() !== null && officeJsFolder() !== null;

skipUnless(canRun, 'Chromium or @microsoft/office-js is not installed')('beside the item', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let browser: Browser;
  let windows: Playground;
  let bob: DemoPerson;
  let alice: DemoPerson;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path);
    browser = await launchChromium();
    windows = openPlayground(
      () => browser,
      () => server,
    );
    [alice, bob] = await Promise.all([signInAs(server, 'alice'), signInAs(server, 'bob')]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });
  afterEach(() => windows.closeAll());

  const onItem = (page: Page) => page.locator('jb-play-item [data-key="jellybeanMessage"]');

  test('[OF30] a message about the open mail stands on it until its conversation is opened', async () => {
    const { page, pane } = await windows.play('item=budget-2027');
    await rowOf(pane, 'Bob Kovács').waitFor();
    await pane.locator('jb-connection').waitFor({ state: 'attached' });
    const { id } = await bob.call<{ id: string }>('POST', '/conversations', {
      participants: [alice.id],
      context: {
        kind: 'mail',
        title: 'Budget 2027: last questions',
        itemId: '<budget-2027@playground.contoso.example>',
      },
    });
    const other = await bob.call<{ id: string }>('POST', '/conversations', { participants: [alice.id] });
    const write = (conversation: string, text: string) =>
      bob.call('POST', `/conversations/${conversation}/messages`, { text });
    await write(other.id, 'This is about nothing');
    await write(id, 'The **sheet** is complete');
    await onItem(page).getByText('Bob Kovács wrote about this item: The sheet is complete').waitFor();
    await write(id, 'And signed');
    await onItem(page).getByText('Bob Kovács and others wrote about this item (2)').waitFor();
    expect(await page.locator('jb-play-item .notification').count()).toBe(1);
    await pane.locator('jb-conversations').getByText('And signed').click();
    await onItem(page).waitFor({ state: 'detached' });
  });

  test('[OF31] every feature is listed with the set that it needs, by what this host says', async () => {
    const { page, pane } = await windows.play('item=budget-2027&language=fr-FR&theme=dark');
    await pane.goto(`${server.https}/addins/outlook/diagnostics.html`);
    await pane.getByRole('heading', { name: 'Ce que sait faire cet Outlook' }).waitFor();
    const rows = await pane
      .locator('tr[data-feature]')
      .evaluateAll((all) =>
        all.map((row) => [
          row.getAttribute('data-feature'),
          ...[...row.querySelectorAll('td')].map((cell) => cell.textContent),
        ]),
      );
    expect(rows.map(([feature]) => feature)).toEqual(Object.keys(requirements));
    expect(rows).toContainEqual(['itemChanged', 'Mailbox 1.5', 'présent']);
    // The played Outlook is of Mailbox 1.14.
    expect(rows).toContainEqual(['loadItem', 'Mailbox 1.15', 'absent']);
    expect(await violationsIn(pane)).toEqual([]);
    expect(page.url()).toContain('/playground/outlook');
  });

  test('[OF31] opened outside Outlook it says so', async () => {
    const page = await windows.newPage();
    await page.route('https://appsforoffice.microsoft.com/**', (route) => route.abort());
    await page.goto(`${server.https}/addins/outlook/diagnostics.html`);
    await page.getByText('This page shows what Outlook offers when Outlook opens it.').waitFor();
  });
});
