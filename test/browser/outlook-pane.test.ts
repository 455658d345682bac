/** The Outlook pane as people meet it: in the playground, on the real office.js, against the real server. */
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { officeJsFolder } from '../../server/http/office-js.ts';
import { bePresent, type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { rowOf, violationsIn } from '../support/pane-stage.ts';
import { openPlayground, waitForIcon } from '../support/playground.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

const canRun = chromiumPath() !== null && officeJsFolder() !== null;

skipUnless(canRun, 'Chromium or @microsoft/office-js is not installed')('the Outlook pane', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let browser: Browser;
  let bob: DemoPerson;
  let carol: DemoPerson;
  const stage = openPlayground(
    () => browser,
    () => server,
  );

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServerWithPages(folder.path);
    browser = await launchChromium();
    [bob, carol] = await Promise.all([signInAs(server, 'bob'), signInAs(server, 'carol')]);
    await bePresent(bob);
    await bePresent(carol);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });
  afterEach(() => stage.closeAll());

  const iconOf = (pane: Frame, name: string) => rowOf(pane, name).locator('presence-icon');
  const openMail = (page: Page, subject: string) =>
    page.locator('jb-play-mails button', { hasText: subject }).first().click();

  describe('people', () => {
    test('[OF12] everybody on the mail has a live icon and a sentence; strangers are unknown and can be mailed', async () => {
      const { page, pane } = await stage.play('item=budget-2027');
      await waitForIcon(pane, 'Bob Kovács', 'available');
      await bob.call('PUT', '/me/presence/preferred', { availability: 'do-not-disturb' });
      await waitForIcon(pane, 'Bob Kovács', 'do-not-disturb');
      await bob.call('DELETE', '/me/presence/preferred');
      await waitForIcon(pane, 'Bob Kovács', 'available');
      expect(await pane.locator('jb-person-row').count()).toBe(3);

      await openMail(page, 'Contract with Fabrikam');
      await waitForIcon(pane, 'Maria Rossi', 'unknown');
      await rowOf(pane, 'Maria Rossi').getByText('Not in your organisation').waitFor();
      await rowOf(pane, 'Maria Rossi').locator('a').click();
      // Outlook's own form, not the browser's mail program.
      await page.locator('jb-play-item .chip', { hasText: 'Maria Rossi' }).waitFor();
    });

    test('[OF12] the pane follows the item: mail, appointment, nothing, writing', async () => {
      const { page, pane } = await stage.play('item=budget-2027');
      await pane.getByText('On this mail').waitFor();
      await openMail(page, 'Campaign kick-off');
      await pane.getByText('On this appointment').waitFor();
      await rowOf(pane, 'María de los Ángeles').waitFor();
      await page.getByRole('button', { name: 'Close the item' }).click();
      await pane.getByText('Open a mail or an appointment').waitFor();
      await page.getByRole('button', { name: 'New mail' }).click();
      await pane.getByText('There is nobody else on this item yet.').waitFor();
      await page.locator('#to').fill('carol@contoso.example');
      await page.locator('#to').press('Enter');
      await waitForIcon(pane, 'Carol Diaz', 'available');
    });

    test('[OF12] of many people the first twenty are shown and the rest counted; what Outlook holds back is said', async () => {
      const { page, pane } = await stage.play('item=town-hall');
      await pane.getByText('Outlook hands over only the first people').waitFor();
      await page.getByRole('button', { name: /and \d+ more/ }).click();
      // 33 people to and one from; oneself is left out.
      await pane.getByRole('button', { name: /^\+\d+ more$/ }).waitFor();
      expect(await pane.locator('jb-person-row').count()).toBe(20);
      await pane.getByRole('button', { name: /^\+\d+ more$/ }).click();
      await expect.poll(() => pane.locator('jb-person-row').count()).toBeGreaterThan(30);
    });

    test('[OF32] a list on the mail is opened into its people, who are in the chat with all', async () => {
      const { pane } = await stage.play('item=launch-plan');
      const list = pane.getByRole('button', { name: /^Launch team/ });
      await list.getByText('List · 16 people').waitFor();
      await waitForIcon(pane, 'Bob Kovács', 'available');
      expect(await list.getAttribute('aria-expanded')).toBe('false');
      // Who is on this one is nobody's business: there is nothing to open.
      await pane.getByText('List · Who is on it is not shown').waitFor();
      expect(await pane.getByRole('button', { name: /^Board/ }).count()).toBe(0);
      expect(await rowOf(pane, 'Carol Diaz').count()).toBe(0);
      await list.click();
      await waitForIcon(pane, 'Carol Diaz', 'available');
      await rowOf(pane, 'Dave Osei').waitFor();
      // Oneself is on the list and not in the rows; bob is beside the list and on it.
      expect(await pane.locator('.candidates jb-person-row').count()).toBe(15);
      await carol.call('PUT', '/me/presence/preferred', { availability: 'busy' });
      await waitForIcon(pane, 'Carol Diaz', 'busy');
      await carol.call('DELETE', '/me/presence/preferred');
      await waitForIcon(pane, 'Carol Diaz', 'available');
      await pane.getByRole('button', { name: 'Chat with all' }).click();
      await pane.locator('jb-composer textarea').fill('Which dates are firm?');
      await pane.locator('jb-composer textarea').press('Enter');
      await pane.locator('jb-conversation .log', { hasText: 'dates are firm' }).waitFor();
      const participants = async () => {
        const { items } = await carol.call<{
          items: { context: { title: string } | null; participants: unknown[] }[];
        }>('GET', '/conversations');
        const about = items.find(({ context }) => context?.title === 'Launch plan, second draft');
        return about?.participants.length;
      };
      // The list’s sixteen, oneself among them, and the one who is on the mail beside it. The writer sees a
      // message before the server has it.
      await expect.poll(participants, { timeout: 20_000 }).toBe(17);
    });

    test('[OF32] of a large list the first twenty are shown and the others counted, and it is too many for a chat', async () => {
      const { page, pane } = await stage.play('item=answer');
      await waitForIcon(pane, 'Bob Kovács', 'available');
      await page.locator('#to').fill('everybody@contoso.example');
      await page.locator('#to').press('Enter');
      const list = pane.getByRole('button', { name: /^Everybody at Contoso/ });
      await list.getByText('4,999 people').waitFor();
      await list.click();
      await pane.getByText(/A chat holds fewer than/).waitFor();
      const shown = pane.locator('.candidates jb-person-row');
      await shown.nth(19).waitFor();
      expect(await shown.count()).toBe(20);
      await pane
        .locator('.candidates')
        .getByRole('button', { name: /^\+[\d,]+ more$/ })
        .click();
      await shown.nth(219).waitFor();
      await list.click();
      await shown.first().waitFor({ state: 'detached' });
      expect(await pane.getByText(/A chat holds fewer than/).count()).toBe(0);
    });

    test('[OF12] a late answer of the item before shows nobody of it', async () => {
      const { page, pane } = await stage.play('item=budget-2027');
      await rowOf(pane, 'Erin Walsh').waitFor();
      await page.evaluate(() => {
        const screen = document.querySelector('jb-play-outlook') as unknown as {
          conditions: { delayMs: number };
        };
        screen.conditions.delayMs = 800;
      });
      await openMail(page, '[Draft]');
      await openMail(page, 'Lunch?');
      await rowOf(pane, 'Dave Osei').waitFor();
      await page.waitForTimeout(2_000);
      expect(await pane.locator('jb-person-row').count()).toBe(1);
    });

    test('[OF11] writing to somebody who is out of office warns with the date and the note', async () => {
      await carol.call('PUT', '/me/out-of-office', {
        note: 'Bob stands in for me.',
        until: '2030-11-04T08:00:00.000Z',
      });
      const { page, pane } = await stage.play('item=answer');
      await rowOf(pane, 'Erin Walsh').waitFor();
      expect(await pane.locator('.warning').count()).toBe(0);
      await page.locator('#cc').fill('carol@contoso.example');
      await page.locator('#cc').press('Enter');
      const warning = pane.locator('.warning', { hasText: 'Carol Diaz is out of office until' });
      await warning.getByText('Bob stands in for me.').waitFor();
      await carol.call('DELETE', '/me/out-of-office');
      await warning.waitFor({ state: 'detached' });
    });
  });

  describe('chat', () => {
    test('[OF13] a click starts a chat about the mail; the other finds it at the same mail and answers from there', async () => {
      const alice = await stage.play('item=press-release');
      await rowOf(alice.pane, 'Bob Kovács').click();
      await alice.pane.locator('jb-conversation', { hasText: 'Press release' }).waitFor();
      await alice.pane.locator('jb-composer textarea').fill('Is the second paragraph right?');
      await alice.pane.locator('jb-composer textarea').press('Enter');
      await alice.pane
        .locator('jb-conversation .log', { hasText: 'Is the second paragraph right?' })
        .waitFor();

      const bobs = await stage.play('as=bob&item=press-release');
      const listed = bobs.pane.locator('jb-conversations button', { hasText: 'Press release' });
      await listed.first().click();
      await bobs.pane
        .locator('jb-conversation .log', { hasText: 'Is the second paragraph right?' })
        .waitFor();
      await bobs.pane.locator('jb-composer textarea').fill('Yes, checked twice.');
      await bobs.pane.locator('jb-composer textarea').press('Enter');
      await alice.pane.locator('jb-conversation .log', { hasText: 'Yes, checked twice.' }).waitFor();

      // The same person about the same mail: the conversation that exists, with its history.
      await alice.pane.getByRole('button', { name: 'Back' }).click();
      await rowOf(alice.pane, 'Bob Kovács').click();
      await alice.pane.locator('jb-conversation .log', { hasText: 'Yes, checked twice.' }).waitFor();
    });

    test('[OF13] what is written in the web client arrives in the pane, and back', async () => {
      const { page, pane } = await stage.play('item=lunch&as=carol');
      await rowOf(pane, 'Dave Osei').waitFor();
      const bobs = await stage.newPage();
      await bobs.goto(server.https);
      await bobs.locator('jb-sign-in').getByRole('button', { name: /bob/i }).click();
      await bobs.locator('jb-contacts').waitFor();
      const { id } = await bob.call<{ id: string }>('POST', '/conversations', {
        participants: [carol.id],
        firstMessage: { text: 'Are you at your desk?' },
      });
      await pane.locator('jb-conversations button', { hasText: 'Are you at your desk?' }).click();
      await pane.locator('jb-composer textarea').fill('Yes, come over.');
      await pane.locator('jb-composer textarea').press('Enter');
      await bobs.locator('jb-conversations button', { hasText: 'Yes, come over.' }).waitFor();
      const { items } = await bob.call<{ items: { text: string }[] }>('GET', `/conversations/${id}/messages`);
      expect(items.map(({ text }) => text)).toEqual(['Are you at your desk?', 'Yes, come over.']);
      await page.close();
    });

    test('[OF13] “chat with all” starts a conference of everybody who is known', async () => {
      const { pane } = await stage.play('item=kick-off');
      await pane.getByRole('button', { name: 'Chat with all' }).click();
      await pane.locator('jb-composer textarea').fill('Shall we begin ten minutes later?');
      await pane.locator('jb-composer textarea').press('Enter');
      await pane.locator('jb-conversation .log', { hasText: 'ten minutes later' }).waitFor();
      const conference = async () => {
        const { items } = await carol.call<{
          items: { context: { title: string } | null; kind: string; participants: unknown[] }[];
        }>('GET', '/conversations');
        const about = items.find(({ context }) => context?.title === 'Campaign kick-off');
        return [about?.kind, about?.participants.length];
      };
      // The writer sees a message before the server has it.
      await expect.poll(conference, { timeout: 20_000 }).toEqual(['conference', 5]);
    });

    test('[UI60] the settings open in the pane, at its width, and the focus comes back', async () => {
      const { page, pane } = await stage.play('item=parking');
      await rowOf(pane, 'Dave Osei').waitFor();
      const own = pane.getByRole('button', { name: 'Change your state' });
      await own.click();
      await pane.getByRole('button', { name: 'Settings' }).click();
      const dialog = pane.getByRole('dialog', { name: 'Settings' });
      await dialog.getByRole('tab', { name: 'Privacy' }).click();
      await dialog.getByRole('radio', { name: 'Only my contacts' }).waitFor();
      const panel = dialog.getByRole('tabpanel');
      expect(await panel.evaluate((one) => one.scrollWidth - one.clientWidth)).toBeLessThanOrEqual(0);
      await page.keyboard.press('Escape');
      await expect.poll(() => dialog.count()).toBe(0);
      await expect.poll(() => own.evaluate((button) => button.matches(':focus'))).toBe(true);
    });

    test('[PA29] the end of a manual state is told in the pane, until it is read', async () => {
      const { pane } = await stage.play('item=parking');
      await rowOf(pane, 'Dave Osei').waitFor();
      const alice = await signInAs(server, 'alice');
      await alice.call('PUT', '/me/presence/preferred', {
        availability: 'busy',
        expiresAt: new Date(Date.now() + 6_000).toISOString(),
      });
      await pane.getByText(/^The state you chose has ended\. You are shown as: /).waitFor();
      await pane.getByRole('button', { name: 'Close' }).click();
      await expect.poll(() => pane.getByText(/^The state you chose has ended/).count()).toBe(0);
    });

    test('[OF14] a reload keeps the place and the unsent text', async () => {
      const { page, pane } = await stage.play('item=parking');
      await rowOf(pane, 'Dave Osei').click();
      await pane.locator('jb-composer textarea').fill('An unfinished thou');
      const kept = () => pane.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
      await expect.poll(kept).toContain('An unfinished thou');
      await page.locator('jb-play-frame').getByRole('button', { name: 'Reload the pane' }).click();
      const again = await stage.paneOf(page);
      await again.locator('jb-conversation', { hasText: 'Dave Osei' }).waitFor();
      expect(await again.locator('jb-composer textarea').inputValue()).toBe('An unfinished thou');
      // Nothing was sent yet: what the chat is about is known all the same.
      await again.locator('jb-conversation', { hasText: 'Parking behind building 4' }).waitFor();
    });

    test('[OF70] whoever is not on the item is found, and chatted with about nothing', async () => {
      const { pane } = await stage.play('item=none');
      await pane.getByRole('button', { name: 'Find people' }).click();
      const field = pane.getByRole('searchbox', { name: 'Find people' });
      await expect.poll(() => field.evaluate((one) => one.matches(':focus'))).toBe(true);
      await field.fill('osei dave');
      await rowOf(pane, 'Dave Osei').click();
      await pane.locator('jb-conversation', { hasText: 'Dave Osei' }).waitFor();
      expect(await pane.locator('jb-conversation').getByText('About').count()).toBe(0);
      await pane.getByRole('button', { name: 'Back' }).click();
      await pane.locator('jb-contacts').waitFor();
      expect(await violationsIn(pane)).toEqual([]);
      await pane.getByRole('button', { name: 'Find people' }).click();
      await pane.getByText('Open a mail or an appointment').waitFor();
    });

    test('[OF14] another item does not take an open conversation away, and says that it is there', async () => {
      const { page, pane } = await stage.play('item=lunch');
      await rowOf(pane, 'Dave Osei').click();
      await pane.locator('jb-conversation').waitFor();
      await openMail(page, 'Budget 2027');
      await pane.getByText('Another item is open now.').waitFor();
      await pane.getByRole('button', { name: 'Show its people' }).click();
      await rowOf(pane, 'Carol Diaz').waitFor();
    });
  });

  describe('what goes wrong', () => {
    test('[OF15] a readable page when office.js is blocked, and when there is no Office around the pane', async () => {
      const page = await stage.newPage();
      await page.route('**/office.js', (route) => route.abort());
      await page.goto(`${server.https}/playground/outlook`);
      const pane = (await (await page.waitForSelector('jb-play-frame iframe')).contentFrame()) as Frame;
      await pane.getByText('Office’s library could not be loaded').waitFor();
      await pane.getByRole('link', { name: 'Open Jellybean in the browser' }).waitFor();

      const alone = await stage.newPage();
      await alone.route('https://appsforoffice.microsoft.com/**', (route) => route.abort());
      await alone.goto(`${server.https}/addins/outlook/pane.html`);
      await alone.getByText('Office’s library could not be loaded').waitFor();
    });

    test('[OF15] a program that never runs leaves words, not a blank page', async () => {
      const page = await stage.newPage({ javaScriptEnabled: false });
      await page.goto(`${server.https}/addins/outlook/pane.html`);
      await expect
        .poll(() => page.locator('#starting').evaluate((element) => getComputedStyle(element).opacity), {
          timeout: 8_000,
        })
        .toBe('1');
    });
  });

  describe('keyboard, theme, languages', () => {
    test('[OF16] Tab goes through everything in the pane although office.js would skip it, and out at the end', async () => {
      const { page, pane } = await stage.play('item=budget-2027');
      await rowOf(pane, 'Bob Kovács').waitFor();
      await pane.locator('jb-state button').first().focus();
      const visited: string[] = [];
      const focused = () =>
        pane.evaluate(() => {
          let element = document.activeElement;
          while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
          return (
            element?.getAttribute('aria-label') ?? element?.textContent?.trim().replaceAll(/\s+/g, ' ') ?? ''
          );
        });
      for (let step = 0; step < 7; step += 1) {
        await page.keyboard.press('Tab');
        visited.push(await focused());
      }
      expect(visited[0]).toContain('Find people');
      expect(visited[1]).toContain('Chat with all');
      expect(visited.join('\n')).toContain('Bob Kovács');
      expect(visited.join('\n')).toContain('Show the card of Bob Kovács');
    });

    test('[OF16] Escape closes the card and stays in the pane', async () => {
      const { page, pane } = await stage.play('item=budget-2027');
      const open = pane.getByRole('button', { name: 'Show the card of Bob Kovács' });
      await open.focus();
      await page.keyboard.press('Enter');
      await pane.locator('jb-card').waitFor();
      await page.keyboard.press('Escape');
      await pane.locator('jb-card').waitFor({ state: 'hidden' });
      await expect.poll(() => pane.evaluate(() => document.hasFocus())).toBe(true);
    });

    test('[OF7] the pane follows the host’s theme while it is open', async () => {
      const { page, pane } = await stage.play('item=budget-2027&theme=light');
      await page.getByRole('button', { name: 'Show what the host can do' }).click();
      const background = () => pane.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(await background()).toBe('rgb(255, 255, 255)');
      await page.getByLabel('Dark').check();
      await expect.poll(background).toBe('rgb(41, 41, 41)');
    });

    test.each([
      ['light', { colorScheme: 'light' }, 'light'],
      ['dark', { colorScheme: 'dark' }, 'dark'],
      ['forced colours', { forcedColors: 'active' }, 'light'],
    ] as const)(
      '[OF18] axe finds nothing in the playground and the pane: %s',
      async (_name, options, theme) => {
        const { page, pane } = await stage.play(`item=budget-2027&theme=${theme}&language=de-DE`, options);
        await waitForIcon(pane, 'Bob Kovács', 'available');
        await page.getByRole('button', { name: 'Zeigen, was der Host kann' }).click();
        expect(await violationsIn(page.mainFrame())).toEqual([]);
        expect(await violationsIn(pane)).toEqual([]);
        await rowOf(pane, 'Bob Kovács').click();
        await pane.locator('jb-composer').waitFor();
        expect(await violationsIn(pane)).toEqual([]);
        await pane.getByRole('button', { name: 'Zurück' }).click();
        await openMail(page, 'Launch plan');
        await pane.getByRole('button', { name: /^Launch team/ }).click();
        await rowOf(pane, 'Dave Osei').waitFor();
        expect(await violationsIn(pane)).toEqual([]);
        await openMail(page, '[Entwurf]');
        await pane.getByText('Sie schreiben an').waitFor();
        expect(await violationsIn(page.mainFrame())).toEqual([]);
        expect(await violationsIn(pane)).toEqual([]);
      },
    );
  });

  test('[OF18] playground and pane fit a screen of 320 px', async () => {
    const { page, pane } = await stage.play('item=budget-2027', { viewport: { width: 320, height: 800 } });
    await rowOf(pane, 'Bob Kovács').waitFor();
    for (const frame of [page.mainFrame(), pane])
      expect(await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });

  describe('a mail of one’s own', () => {
    const eml = [
      'From: =?utf-8?B?SsO2cmcgTcO8bGxlcg==?= <joerg@fabrikam.example>',
      'To: Bob <bob@contoso.example>, "Team": carol@contoso.example, erin@contoso.example;',
      'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
      'Message-ID: <gruesse@fabrikam.example>',
      'Date: Mon, 2 Nov 2026 12:00:00 +0000',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<p>Hallo <b>Welt</b></p><script>window.stolen = true</script>',
    ].join('\r\n');

    test('[OF19] a dropped mail becomes the open item; strangers on it are unknown', async () => {
      const { page, pane } = await stage.play('item=none');
      await page.setInputFiles('jb-play-outlook input[type=file]', {
        name: 'gruesse.eml',
        mimeType: 'message/rfc822',
        buffer: Buffer.from(eml),
      });
      await page.locator('jb-play-item h2', { hasText: 'Grüße' }).waitFor();
      await page.locator('jb-play-item', { hasText: 'Hallo Welt' }).waitFor();
      expect(await page.evaluate(() => 'stolen' in window)).toBe(false);
      await waitForIcon(pane, 'Jörg Müller', 'unknown');
      await waitForIcon(pane, 'Bob Kovács', 'available');
      await rowOf(pane, 'Carol Diaz').waitFor();
    });

    test('[OF19] a file that is no mail is refused in words', async () => {
      const { page } = await stage.play('item=none');
      await page.setInputFiles('jb-play-outlook input[type=file]', {
        name: 'photo.eml',
        mimeType: 'image/png',
        buffer: Buffer.from('\x89PNG'),
      });
      await page.getByRole('alert').filter({ hasText: 'photo.eml' }).waitFor();
    });
  });

  test('[OF21] the first icon stands within half a second of a warm start', async () => {
    const { page, pane: first } = await stage.play('item=budget-2027');
    await waitForIcon(first, 'Bob Kovács', 'available');
    await page.addInitScript(() => {
      // Measures in the pane from its first moment, without a library that would slow it.
      const icons = (root: ParentNode): Element[] => [
        ...root.querySelectorAll('presence-icon'),
        ...[...root.querySelectorAll('*')].flatMap(({ shadowRoot }) => (shadowRoot ? icons(shadowRoot) : [])),
      ];
      const look = (): void => {
        const known = icons(document).some(
          (icon) => (icon.getAttribute('availability') ?? 'unknown') !== 'unknown',
        );
        if (known) Object.assign(window, { firstIconMs: performance.now() });
        else setTimeout(look, 10);
      };
      if (location.pathname.startsWith('/addins/')) look();
    });
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await page.locator('jb-play-frame').getByRole('button', { name: 'Reload the pane' }).click();
      const pane = await stage.paneOf(page);
      times.push(
        (await (
          await pane.waitForFunction(() => (window as unknown as { firstIconMs?: number }).firstIconMs)
        ).jsonValue()) as number,
      );
    }
    process.stderr.write(`first icon after ${times.map((ms) => Math.round(ms)).join(', ')} ms\n`);
    // The best of five: a test machine has other things to do.
    expect(Math.min(...times)).toBeLessThanOrEqual(500);
  });

  test('[OF20] a lost server is said, loses no text, and is found again by itself', async () => {
    const { pane } = await stage.play('item=budget-2027');
    await waitForIcon(pane, 'Bob Kovács', 'available');
    await rowOf(pane, 'Bob Kovács').click();
    await pane.locator('jb-composer textarea').fill('Written while nobody listens');
    await server.end('SIGKILL');
    await pane.getByText('Reconnecting… Your text is safe.').waitFor();
    await pane.locator('jb-composer textarea').press('Enter');
    await pane.locator('jb-conversation .log', { hasText: 'Written while nobody listens' }).waitFor();
    await pane.getByRole('button', { name: 'Back' }).click();
    // Confirmed by nobody for ten seconds: half transparent, never a guess.
    await iconOf(pane, 'Bob Kovács').and(pane.locator('[stale]')).waitFor({ timeout: 20_000 });

    const ports = {
      JELLYBEAN_HTTP_PORT: new URL(server.http).port,
      JELLYBEAN_TLS_PORT: new URL(server.https).port,
    };
    server = await startServerWithPages(folder.path, { env: ports });
    await pane.getByText('Reconnecting… Your text is safe.').waitFor({ state: 'detached', timeout: 40_000 });
    await expect
      .poll(
        async () => {
          const { items } = await bob.call<{ items: { lastMessage: { text: string } | null }[] }>(
            'GET',
            '/conversations',
          );
          return items.some(({ lastMessage }) => lastMessage?.text === 'Written while nobody listens');
        },
        { timeout: 30_000 },
      )
      .toBe(true);
  });
});
