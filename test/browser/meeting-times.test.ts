/** Who is free at the time of an appointment, in the pane beside one that is being written. */
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { officeJsFolder } from '../../server/http/office-js.ts';
import { type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { violationsIn } from '../support/pane-stage.ts';
import { openPlayground, type Playground } from '../support/playground.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

const canRun = chromiumPath() !== null && officeJsFolder() !== null;

skipUnless(canRun, 'Chromium or @microsoft/office-js is not installed')('times of appointments', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let browser: Browser;
  let windows: Playground;
  let carol: DemoPerson;
  // Tomorrow at noon, which is never in the past and always within the days that are read.
  const noon = new Date(Date.now() + 86_400_000);
  noon.setUTCHours(12, 0, 0, 0);
  const stamp = (at: Date) => at.toISOString().replaceAll(/[-:]|\.\d+/g, '');

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path);
    browser = await launchChromium();
    windows = openPlayground(
      () => browser,
      () => server,
    );
    carol = await signInAs(server, 'carol');
    await carol.call('PUT', '/me/calendar', {
      text: [
        'BEGIN:VCALENDAR',
        'VERSION:2.0',
        'PRODID:-//t//EN',
        'BEGIN:VEVENT',
        'UID:one',
        'DTSTAMP:20260101T000000Z',
        `DTSTART:${stamp(noon)}`,
        `DTEND:${stamp(new Date(noon.getTime() + 3_600_000))}`,
        'SUMMARY:Secret plans',
        'END:VEVENT',
        'END:VCALENDAR',
      ].join('\r\n'),
      enabled: true,
      workingHours: {
        days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
        from: '00:00',
        to: '23:59',
        timeZone: 'UTC',
      },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });
  afterEach(() => windows.closeAll());

  const invite = async (page: Page, address: string) => {
    await page.locator('jb-play-item #to').fill(address);
    await page.locator('jb-play-item #to').press('Enter');
  };
  const start = async (page: Page, at: Date) => {
    await page.locator('jb-play-item #start').fill(at.toISOString().slice(0, 16));
    await page.locator('jb-play-item #start').press('Tab');
  };
  const line = (pane: Frame, fit: string, name: string) =>
    pane.locator(`jb-meeting-times [data-fit="${fit}"]`, { hasText: name });

  test('[OF29] moving the appointment moves people between free and busy; without a calendar nobody is free', async () => {
    const { page, pane } = await windows.play('item=none', { timezoneId: 'UTC' });
    await page.getByRole('button', { name: 'New appointment' }).click();
    await invite(page, 'carol@contoso.example');
    await invite(page, 'bob@contoso.example');
    await start(page, new Date(noon.getTime() + 1_800_000));
    await line(pane, 'busy', 'Carol Diaz').waitFor();
    await line(pane, 'unknown', 'Bob Kovács').waitFor();
    await start(page, new Date(noon.getTime() + 2 * 3_600_000));
    await line(pane, 'free', 'Carol Diaz').waitFor();
    expect(await pane.locator('jb-meeting-times').textContent()).not.toContain('Secret plans');
    expect(await violationsIn(pane)).toEqual([]);
    await page.getByRole('button', { name: /^Remove .*carol/i }).click();
    await line(pane, 'free', 'Carol Diaz').waitFor({ state: 'detached' });
  });

  test('[OF29] the people of a list are judged like the others once it is opened', async () => {
    const { page, pane } = await windows.play('item=none', { timezoneId: 'UTC' });
    await page.getByRole('button', { name: 'New appointment' }).click();
    await invite(page, 'launch@contoso.example');
    await start(page, noon);
    await pane.getByRole('button', { name: /^Launch team/ }).click();
    await line(pane, 'unknown', 'Dave Osei').waitFor();
  });

  test('[OF29] it speaks the language of Office, and an appointment that is read shows it too', async () => {
    const { pane } = await windows.play('item=kick-off&language=de-DE&theme=dark');
    await pane.locator('jb-meeting-times').getByText('Wer um diese Zeit frei ist').waitFor();
    expect(await violationsIn(pane)).toEqual([]);
  });

  test('[OF29] it is read in forced colours and fits a pane of 320 px', async () => {
    const { pane } = await windows.play('item=kick-off', { forcedColors: 'active' });
    await pane.locator('jb-meeting-times li').first().waitFor();
    expect(await pane.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    expect(await violationsIn(pane)).toEqual([]);
  });
});
