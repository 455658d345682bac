/** One conversation on the screen: one of a thousand messages, and who comes and goes in it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

const eventually = <Value>(look: () => Value) => expect.poll(look, { timeout: 20_000 });

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('a conversation on the screen', () => {
  let browser: Browser;
  let server: ServerProcess;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let alice: DemoPerson;
  let bob: DemoPerson;
  let carol: DemoPerson;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path, { env: { JELLYBEAN_RATE_FACTOR: '0' } });
    alice = await signInAs(server, 'alice');
    bob = await signInAs(server, 'bob');
    carol = await signInAs(server, 'carol');
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });

  async function open(conversationId: string): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1000, height: 720 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${server.http}/#c=${conversationId}`);
    await page.locator('jb-sign-in').getByRole('button', { name: /alice/i }).click();
    await page.locator('jb-conversation .message').first().waitFor();
    return page;
  }
  const rows = (page: Page) => page.locator('jb-conversation .message');
  const log = (page: Page) => page.locator('jb-conversation .log');
  /** The first message that can be seen, and how far from the top of the log it stands. */
  const firstSeen = (page: Page) =>
    log(page).evaluate((element) => {
      const { top } = element.getBoundingClientRect();
      const row = [...element.querySelectorAll<HTMLElement>('.message')].find(
        (one) => one.getBoundingClientRect().bottom > top,
      );
      return { seq: Number(row?.dataset.seq), at: (row?.getBoundingClientRect().top ?? 0) - top };
    });

  test('[UI30] a thousand messages are read up to the first and back, and the page stays light', async () => {
    const { id } = await bob.call<{ id: string }>('POST', '/conversations', {
      participants: [alice.id],
      context: { kind: 'page', title: 'Long', url: 'https://contoso.example/long' },
    });
    for (let seq = 1; seq <= 1_000; seq += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          bob.call('POST', `/conversations/${id}/messages`, {
            text: `message ${'and more of it '.repeat(index % 9)}`,
          }),
        ),
      );
    await alice.call('PUT', `/conversations/${id}/read`, { seq: 1_000 });
    const page = await open(id);
    await page.locator('jb-conversation .message[data-seq="1000"]').waitFor();

    let most = 0;
    const beginning = page.locator('jb-conversation .beginning');
    await expect
      .poll(
        async () => {
          await log(page).evaluate((element) => {
            element.scrollTop = Math.max(0, element.scrollTop - 1_200);
          });
          most = Math.max(most, await rows(page).count());
          return beginning.count();
        },
        { timeout: 60_000, interval: 20 },
      )
      .toBe(1);
    expect(most).toBeGreaterThan(200);
    expect(most).toBeLessThanOrEqual(400);
    await log(page).evaluate((element) => {
      element.scrollTop = 0;
    });
    expect((await firstSeen(page)).seq).toBe(1);

    // Live messages come to the end, which is not here: what is read does not move, and they are counted.
    await bob.call('POST', `/conversations/${id}/messages`, { text: 'a new one' });
    await page.getByRole('button', { name: '1 new message' }).waitFor();
    expect((await firstSeen(page)).seq).toBe(1);

    // Downwards again; what is read stays where it is whenever a page comes in or goes.
    for (let step = 0; step < 12; step++) {
      await log(page).evaluate((element) => {
        element.scrollTop += 1_500;
      });
      const before = await firstSeen(page);
      await page.waitForTimeout(150);
      const after = await firstSeen(page);
      expect(after.seq).toBe(before.seq);
      expect(Math.abs(after.at - before.at)).toBeLessThan(2);
    }
    expect(await rows(page).count()).toBeLessThanOrEqual(400);
    await page.getByRole('button', { name: '1 new message' }).click();
    await page.locator('jb-conversation .message', { hasText: 'a new one' }).waitFor();
    await eventually(() => page.locator('jb-conversation .to-end').count()).toBe(0);

    // An answer to something far away leads there.
    const { items } = await bob.call<{ items: { id: string }[] }>(
      'GET',
      `/conversations/${id}/messages?after=41&limit=1`,
    );
    await bob.call('POST', `/conversations/${id}/messages`, { text: 'as I said', replyTo: items[0]?.id });
    await page.locator('jb-conversation .message', { hasText: 'as I said' }).locator('.answered').click();
    await eventually(() =>
      page
        .locator('jb-conversation .message[data-seq="42"]')
        .evaluateAll((rows) => rows.some((row) => row.matches(':focus'))),
    ).toBe(true);
  });

  test('[UI31] who comes and goes and what it is called is read between the messages, live and after a reload', async () => {
    const { id } = await bob.call<{ id: string }>('POST', '/conversations', {
      participants: [alice.id],
      firstMessage: { text: 'Shall we?' },
    });
    const page = await open(id);
    const between = () => page.locator('jb-conversation .change').allInnerTexts();
    expect(await between()).toEqual([]);
    await bob.call('POST', `/conversations/${id}/participants`, { ids: [carol.id] });
    await eventually(between).toEqual(['Bob Kovács added Carol Diaz']);
    await carol.call('POST', `/conversations/${id}/messages`, { text: 'Gladly.' });
    await page.locator('jb-conversation-head [aria-haspopup]').click();
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Subject' }).fill('Budget <b>2027</b>');
    await page.getByRole('button', { name: 'Save' }).click();
    await bob.call('PATCH', `/conversations/${id}`, { subject: null });
    await bob.call('DELETE', `/conversations/${id}/participants/${carol.id}`);
    const whole = [
      'Bob Kovács added Carol Diaz',
      'Carol Diaz joined',
      'You named the conversation “Budget <b>2027</b>”',
      'Bob Kovács took the name of the conversation away',
      'Bob Kovács removed Carol Diaz',
    ];
    await eventually(between).toEqual(whole);
    await page.reload();
    await eventually(between).toEqual(whole);
    // Whose name stands at a message that they sent before they went.
    await eventually(() => page.locator('jb-conversation .author').allInnerTexts()).toContain('Carol Diaz');
  });
});
