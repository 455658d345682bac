/** The console in a real browser: what an administrator sees, and what anybody else does. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OwnPresence } from '../../server/protocol/presence.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';
import { root } from '../support/sources.ts';

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('the console', () => {
  let browser: Browser;
  let server: TestServer;

  beforeAll(async () => {
    execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root });
    server = await startServer();
    const [alice, bob, carol] = [await server.as('alice'), await server.as('bob'), await server.as('carol')];
    for (const [from, to, count] of [
      [alice, bob, 5],
      [bob, carol, 2],
    ] as const) {
      const { body } = await from.send<{ id: string }>('POST', '/conversations', { participants: [to.id] });
      for (let at = 0; at < count; at += 1)
        await from.send('POST', `/conversations/${body.id}/messages`, { text: `message ${at}` });
    }
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function open(name: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1000, height: 800 },
      ...options,
    });
    const page = await context.newPage();
    await page.goto(`${server.http}/admin`);
    await page.getByRole('textbox').fill(`${name}@contoso.example`);
    await page.getByRole('button').click();
    return page;
  }

  const violations = async (page: Page) => {
    await page.evaluate(axe.source);
    const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  };

  test('[OP20] [UI40] an administrator of several nodes sees which of them runs what', async () => {
    const page = await open('carol');
    await page.route('**/admin/status', async (route) => {
      const status = await (await route.fetch()).json();
      const other = { ...status.nodes[0], self: false };
      const nodes = [
        ...status.nodes,
        { ...other, id: 'upgraded', version: '99.1.0' },
        { ...other, id: 'ending', leaving: true },
        { ...other, id: 'silent', version: null, startedAt: null },
      ];
      await route.fulfill({ json: { ...status, nodes } });
    });
    // The page asks again every ten seconds.
    await page.getByRole('heading', { name: '4 nodes' }).waitFor({ timeout: 30_000 });
    await page.getByText('Node upgraded: version 99.1.0, running since').waitFor();
    await page.getByText(/Node ending: version .*, told to stop/).waitFor();
    await page.getByText('Node silent: an older version').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  test('[UI40] an administrator sees the state, the records as chart and table, what is kept and who looked', async () => {
    const page = await open('carol');
    await page.getByText('Everything works').waitFor();
    await page.getByText('2 sessions, 7 messages, 3 people').waitFor();
    const charts = page.locator('jb-bars');
    await expect.poll(() => charts.locator('canvas').count()).toBe(2);
    const days = charts.first();
    await days.getByText('The same as a table').click();
    const rows = await days.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(14);
    expect(rows.at(-1)).toMatch(/\t2\t7$/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      days.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    expect(
      readFileSync(await download.path(), 'utf8')
        .trim()
        .split('\r\n')
        .at(-1),
    ).toMatch(/,2,7$/);
    await page.getByText('Carol Diaz read records').first().waitFor();
    await page.getByText('Demo: whoever reaches this machine').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test('[UI40] it fits 320 px in German and dark, without a violation', async () => {
    const page = await open('carol', {
      locale: 'de-DE',
      colorScheme: 'dark',
      viewport: { width: 320, height: 700 },
    });
    await page.getByText('Alles läuft').waitFor();
    await page.locator('jb-bars canvas').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test('[UI62] the policy is changed in words: an activity in two languages is in everybody’s menu at once', async () => {
    const page = await open('carol');
    const policy = page.locator('jb-policy');
    await policy.getByRole('button', { name: 'Add an activity' }).click();
    await policy.getByRole('textbox', { name: 'Short name' }).fill('surgery');
    await policy.getByRole('textbox', { name: 'English' }).fill('In surgery');
    await policy.getByRole('textbox', { name: 'German' }).fill('Im OP');
    await policy.getByRole('spinbutton', { name: 'Inactive after (minutes)' }).fill('3');
    await policy.getByRole('button', { name: 'Save' }).click();
    await policy.getByText('Saved. It is in force.').waitFor();
    expect(await violations(page)).toEqual([]);
    const bob = await server.as('bob');
    const offered = async (language: string) =>
      (await bob.get<OwnPresence>('/me/presence', { 'Accept-Language': language })).body.offered;
    expect((await offered('de')).activities).toEqual([
      { id: 'x-surgery', availability: 'busy', label: 'Im OP' },
    ]);
    expect((await offered('fr')).activities).toMatchObject([{ label: 'In surgery' }]);
    const preferred = { availability: 'busy', activity: 'x-surgery' };
    expect((await bob.send('PUT', '/me/presence/preferred', preferred)).status).toBe(200);
    // What contradicts itself is refused whole, with the reason, and what was typed stays.
    await policy.getByRole('spinbutton', { name: 'Inactive after (minutes)' }).fill('30');
    await policy.getByRole('spinbutton', { name: 'Away after (minutes)' }).fill('10');
    await policy.getByRole('button', { name: 'Save' }).click();
    await policy.getByRole('alert').waitFor();
    await policy.getByRole('spinbutton', { name: 'Inactive after (minutes)' }).fill('5');
    await policy.getByRole('button', { name: 'Remove' }).click();
    await policy.getByRole('button', { name: 'Save' }).click();
    await policy.getByText('Saved. It is in force.').waitFor();
    expect((await offered('en')).activities).toEqual([]);
    await page.context().close();
  });

  test('[UI63] retention, archiving and legal holds are set in words, and what the server refuses is said', async () => {
    const page = await open('carol');
    const keeping = page.locator('jb-keeping');
    await keeping.getByRole('spinbutton', { name: /^Messages, days/ }).fill('30');
    await keeping.getByRole('combobox', { name: 'Archiving' }).selectOption('everyone');
    await keeping.getByRole('button', { name: 'Save' }).click();
    await keeping.getByText('Saved. It is in force.').waitFor();
    const carol = await server.as('carol');
    expect((await carol.get('/admin/retention')).body).toMatchObject({
      messageDays: 30,
      cdrDays: 60,
      archive: 'everyone',
    });
    const hold = async (address: string) => {
      await keeping.getByRole('textbox', { name: 'Address of the person' }).fill(address);
      await keeping.getByRole('textbox', { name: 'Reason' }).fill('A case');
      await keeping.getByRole('button', { name: 'Hold', exact: true }).click();
    };
    await hold('nobody@contoso.example');
    await keeping.getByRole('alert').waitFor();
    expect(await keeping.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('A case');
    await hold('bob@contoso.example');
    await keeping.getByText('Held from now on.').waitFor();
    await keeping.getByText('Bob Kovács: A case').waitFor();
    expect((await carol.get('/admin/holds')).body).toMatchObject({ items: [{ reason: 'A case' }] });
    expect(await violations(page)).toEqual([]);
    await keeping.getByRole('button', { name: 'Release: Bob Kovács' }).click();
    await keeping.getByText('There is none.').waitFor();
    expect((await carol.get('/admin/holds')).body).toMatchObject({ items: [] });
    await keeping.getByRole('spinbutton', { name: /^Messages, days/ }).fill('');
    await keeping.getByRole('combobox', { name: 'Archiving' }).selectOption('off');
    await keeping.getByRole('button', { name: 'Save' }).click();
    await keeping.getByText('Saved. It is in force.').waitFor();
    await page.context().close();
  });

  test('[UI40] somebody else is told that they are no administrator, and sees nothing', async () => {
    const page = await open('alice');
    await page.getByText('Alice Lindgren is not an administrator').waitFor();
    expect(await page.locator('jb-bars').count()).toBe(0);
    await page.context().close();
  });
});
