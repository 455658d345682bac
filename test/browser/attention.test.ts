/** How the web client calls for attention when nobody looks at it. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

interface Called {
  notes: { title: string; body: string; renotify: boolean }[];
  badges: number[];
  tones: number;
}

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('attention', () => {
  let browser: Browser;
  let server: ServerProcess;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let bob: DemoPerson;
  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path);
    bob = await signInAs(server, 'bob');
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });

  test('[UI32] title, badge, notification and sound call where they are allowed, and a muted conversation does not', async () => {
    const context = await browser.newContext({ locale: 'en-GB', permissions: ['notifications'] });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    // What the system would show, written down; and nobody looks at the page.
    await page.addInitScript(() => {
      const called: Called = { notes: [], badges: [], tones: 0 };
      Object.assign(globalThis, { called });
      class Note extends EventTarget {
        static readonly permission = 'granted';
        static requestPermission = async () => 'granted';
        constructor(title: string, { body = '', renotify = false } = {}) {
          super();
          called.notes.push({ title, body, renotify });
        }
        close() {}
      }
      Object.assign(globalThis, { Notification: Note });
      Object.assign(navigator, {
        setAppBadge: async (count: number) => {
          called.badges.push(count);
        },
      });
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...given) {
        called.tones += 1;
        return start.apply(this, given);
      };
      document.hasFocus = () => false;
    });
    const called = () => page.evaluate(() => (globalThis as unknown as { called: Called }).called);
    const eventually = <Value>(look: () => Promise<Value>) => expect.poll(look, { timeout: 20_000 });
    await page.goto(server.http);
    await page.locator('jb-sign-in').getByRole('button', { name: /alice/i }).click();
    const state = page.getByRole('button', { name: /Change your state/ });
    await state.waitFor();
    const me = await signInAs(server, 'alice');
    const { id } = await bob.call<{ id: string }>('POST', '/conversations', { participants: [me.id] });
    const say = (text: string, importance = 'normal') =>
      bob.call('POST', `/conversations/${id}/messages`, { text, importance });

    // Nothing is allowed yet: the numbers alone.
    await say('first');
    await eventually(() => page.title()).toMatch(/^\(1\) /);
    await eventually(async () => (await called()).badges.at(-1)).toBe(1);
    expect((await called()).notes).toEqual([]);

    await state.click();
    await page.getByRole('checkbox', { name: /notif/i }).check();
    await page.getByRole('checkbox', { name: /sound/i }).check();
    const { tones } = await called();
    await say('**second** with `code`');
    await eventually(async () => (await called()).notes).toEqual([
      { title: 'Bob Kovács', body: 'second with code', renotify: false },
    ]);
    await eventually(async () => (await called()).tones).toBeGreaterThan(tones);
    await eventually(() => page.title()).toMatch(/^\(2\) /);

    await me.call('PATCH', `/conversations/${id}`, { muted: true });
    await eventually(() => page.title()).not.toMatch(/^\(/);
    await say('third, muted');
    await say('fourth, urgent', 'urgent');
    await eventually(async () => (await called()).notes.map(({ body }) => body)).toEqual([
      'second with code',
      'fourth, urgent',
    ]);
    await context.close();
  });
});
