/** The simulated host against the real office.js of the npm package: what the playground and every pane test stand on. */
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { officeJsFolder } from '../../server/http/office-js.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type HttpsPages, serveHttpsPages } from '../support/https-pages.ts';
import { skipUnless } from '../support/skip.ts';
import type { Play } from './pages/host.ts';

declare const play: Play;

const host =
  '<!doctype html><title>Host</title><button id="before">Host</button><script src="/host.js"></script>';
const addIn = `<!doctype html><title>Add-in</title>
<script src="/office-js/microsoft-ajax.js"></script><script src="/office-js/office.js"></script>
<script>
  window.heard = [];
  Office.actions.associate('greet', (event) => event.completed({ greeting: 'hello' }));
  window.ready = Office.onReady();
  window.asked = (object, method, ...args) =>
    new Promise((resolve) => object[method](...args, (result) => resolve({ status: result.status, value: result.value, code: result.error?.code })));
</script>
<button id="first">First</button><button id="last">Last</button>`;
const dialog = `<!doctype html><title>Dialog</title>
<script src="/office-js/microsoft-ajax.js"></script><script src="/office-js/office.js"></script>
<script>Office.onReady().then(() => Office.context.ui.messageParent('signed in'));</script>`;

skipUnless(chromiumPath() !== null, 'Chromium is not installed')(
  'the simulated host and the real office.js',
  () => {
    skipUnless(officeJsFolder() !== null, '@microsoft/office-js is not installed')('Outlook', () => {
      let pages: HttpsPages;
      let browser: Browser;
      let page: Page;
      let elsewhere: string[];

      beforeAll(async () => {
        pages = await serveHttpsPages({
          pages: { '/host': host, '/add-in': addIn, '/dialog': dialog },
          scripts: { '/host.js': 'test/browser/pages/host.ts' },
        });
        browser = await launchChromium();
      });
      afterAll(async () => {
        await browser?.close();
        await pages?.close();
      });

      beforeEach(async () => {
        const context = await browser.newContext({ ignoreHTTPSErrors: true });
        page = await context.newPage();
        elsewhere = [];
        page.on('request', (request) => {
          if (!request.url().startsWith(pages.origin)) elsewhere.push(request.url());
        });
        await page.goto(`${pages.origin}/host`);
        return () => context.close();
      });

      async function open(id: string | null): Promise<Frame> {
        await page.evaluate((item) => {
          play.mailbox.openItem(item);
          play.open('/add-in');
        }, id);
        return readyFrame();
      }

      async function readyFrame(): Promise<Frame> {
        await page.waitForFunction(() => play.frame?.element.contentWindow !== null);
        const handle = await page.waitForSelector('iframe');
        const frame = (await handle.contentFrame()) as Frame;
        await frame.waitForFunction(() => 'ready' in window);
        await frame.evaluate(() => (window as unknown as { ready: Promise<unknown> }).ready);
        return frame;
      }

      test('[OF1] office.js becomes ready in Outlook and calls nobody but this server', async () => {
        const frame = await open('budget');
        const about = await frame.evaluate(() => ({
          host: Office.context.diagnostics?.host ?? null,
          user: Office.context.mailbox.userProfile.emailAddress,
          mailbox: Office.context.requirements.isSetSupported('Mailbox', '1.13'),
          beyond: Office.context.requirements.isSetSupported('Mailbox', '1.99'),
        }));
        expect(about).toMatchObject({ user: 'alice@contoso.example', mailbox: true, beyond: false });
        expect(elsewhere).toEqual([]);
      });

      test('[OF1] office.js speaks the language of the host', async () => {
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        await page.evaluate(() => {
          play.mailbox.openItem('budget');
          play.open('/add-in', 'de-DE');
        });
        const frame = await readyFrame();
        expect(await frame.evaluate(() => Office.context.displayLanguage)).toBe('de-DE');
        expect(errors).toEqual([]);
        expect(elsewhere).toEqual([]);
      });

      test('[OF1] a mail that is read shows author, sender, recipients, subject and ids', async () => {
        const frame = await open('assistant');
        const item = await frame.evaluate(() => {
          const open = Office.context.mailbox.item as Office.MessageRead;
          return {
            type: open.itemType,
            from: open.from.emailAddress,
            sender: open.sender.emailAddress,
            to: open.to.length,
            subject: open.normalizedSubject,
            id: open.internetMessageId,
          };
        });
        expect(item).toEqual({
          type: 'message',
          from: 'bob@contoso.example',
          sender: 'dave@contoso.example',
          to: 20,
          subject: 'assistant',
          id: '<assistant@contoso.example>',
        });
      });

      test('[OF1] an expanded line hands over all its recipients', async () => {
        const frame = await open('assistant');
        await frame.evaluate(
          () =>
            new Promise((resolve) =>
              Office.context.mailbox.addHandlerAsync(Office.EventType.ItemChanged, () => {}, resolve),
            ),
        );
        await page.evaluate(() => play.mailbox.setExpanded(true));
        await frame.waitForFunction(
          () => (Office.context.mailbox.item as Office.MessageRead).to.length === 32,
        );
      });

      test('[OF1] an appointment shows organiser, attendees with their answers, times and place', async () => {
        const frame = await open('meeting');
        const item = await frame.evaluate(() => {
          const open = Office.context.mailbox.item as Office.AppointmentRead;
          return {
            type: open.itemType,
            organizer: open.organizer.emailAddress,
            required: open.requiredAttendees.map((one) => [one.emailAddress, one.appointmentResponse]),
            optional: open.optionalAttendees.map((one) => one.emailAddress),
            location: open.location,
            hours: (open.end.getTime() - open.start.getTime()) / 3_600_000,
          };
        });
        expect(item).toEqual({
          type: 'appointment',
          organizer: 'bob@contoso.example',
          required: [['alice@contoso.example', 'accepted']],
          optional: ['carol@contoso.example'],
          location: 'Room 4',
          hours: 1,
        });
      });

      test('[OF1] composing answers recipients when asked and raises RecipientsChanged', async () => {
        const frame = await open('draft');
        await frame.evaluate(async () => {
          const open = Office.context.mailbox.item as Office.MessageCompose;
          const heard = (window as unknown as { heard: unknown[] }).heard;
          await new Promise((resolve) =>
            open.addHandlerAsync(
              Office.EventType.RecipientsChanged,
              (event: Office.RecipientsChangedEventArgs) => heard.push(event.changedRecipientFields),
              resolve,
            ),
          );
        });
        await page.evaluate(() =>
          play.mailbox.setRecipients('to', [{ name: 'Bob', address: 'bob@contoso.example' }]),
        );
        await frame.waitForFunction(() => (window as unknown as { heard: unknown[] }).heard.length === 1);
        const [changed, to, bcc, from, subject] = await frame.evaluate(async () => {
          const { heard, asked } = window as unknown as {
            heard: unknown[];
            asked: (...args: unknown[]) => Promise<unknown>;
          };
          const open = Office.context.mailbox.item as Office.MessageCompose;
          return [
            heard[0],
            await asked(open.to, 'getAsync'),
            await asked(open.bcc, 'getAsync'),
            await asked(open.from, 'getAsync'),
            await asked(open.subject, 'getAsync'),
          ];
        });
        expect(changed).toMatchObject({ to: true });
        expect(to).toMatchObject({ status: 'succeeded', value: [{ emailAddress: 'bob@contoso.example' }] });
        expect(bcc).toMatchObject({ value: [{ emailAddress: 'erin@contoso.example' }] });
        expect(from).toMatchObject({ value: { emailAddress: 'alice@contoso.example' } });
        expect(subject).toMatchObject({ value: 'Re: draft' });
      });

      test('[OF1] composing an appointment answers attendees, times and organiser', async () => {
        const frame = await open('invitation');
        const answers = await frame.evaluate(async () => {
          const { asked } = window as unknown as {
            asked: (...args: unknown[]) => Promise<{ value: unknown }>;
          };
          const open = Office.context.mailbox.item as Office.AppointmentCompose;
          const start = (await asked(open.start, 'getAsync')).value as Date;
          return [
            await asked(open.requiredAttendees, 'getAsync'),
            start.toISOString(),
            await asked(open.organizer, 'getAsync'),
          ];
        });
        expect(answers).toMatchObject([
          { value: [{ emailAddress: 'bob@contoso.example' }] },
          '2026-11-02T12:00:00.000Z',
          { value: { emailAddress: 'alice@contoso.example' } },
        ]);
      });

      test('[OF1] ItemChanged brings the next item, or none', async () => {
        const frame = await open('budget');
        await frame.evaluate(
          () =>
            new Promise((resolve) =>
              Office.context.mailbox.addHandlerAsync(
                Office.EventType.ItemChanged,
                () =>
                  (window as unknown as { heard: unknown[] }).heard.push(
                    Office.context.mailbox.item?.itemId ?? null,
                  ),
                resolve,
              ),
            ),
        );
        await page.evaluate(() => play.mailbox.openItem('assistant'));
        await page.evaluate(() => play.mailbox.openItem(null));
        await frame.waitForFunction(() => (window as unknown as { heard: unknown[] }).heard.length === 2);
        expect(await frame.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([
          'assistant',
          null,
        ]);
      });

      test('[OF1] the theme is told to whoever listens, at once and when it changes', async () => {
        const frame = await open('budget');
        await frame.evaluate(
          () =>
            new Promise((resolve) =>
              Office.context.mailbox.addHandlerAsync(
                Office.EventType.OfficeThemeChanged,
                (event: Office.OfficeThemeChangedEventArgs) =>
                  (window as unknown as { heard: unknown[] }).heard.push(
                    event.officeTheme.bodyBackgroundColor,
                  ),
                resolve,
              ),
            ),
        );
        await page.evaluate(() => play.mailbox.setTheme('dark'));
        await frame.waitForFunction(() => (window as unknown as { heard: unknown[] }).heard.length === 2);
        expect(await frame.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([
          '#ffffff',
          '#1f1f1f',
        ]);
      });

      test('[OF1] messages on the item are added, replaced, limited and removed', async () => {
        const frame = await open('budget');
        const outcomes = await frame.evaluate(async () => {
          const { asked } = window as unknown as {
            asked: (...args: unknown[]) => Promise<{ status: string; code?: number }>;
          };
          const messages = (Office.context.mailbox.item as Office.MessageRead).notificationMessages;
          const message = {
            type: 'informationalMessage',
            message: 'Bob wrote',
            icon: 'Icon.16',
            persistent: false,
          };
          const seen = [];
          for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'a'])
            seen.push((await asked(messages, 'addAsync', key, message)).code ?? 0);
          seen.push(
            (await asked(messages, 'replaceAsync', 'a', { ...message, message: 'Bob left' })).code ?? 0,
          );
          seen.push((await asked(messages, 'removeAsync', 'b')).code ?? 0);
          seen.push((await asked(messages, 'removeAsync', 'b')).code ?? 0);
          return seen;
        });
        expect(outcomes).toEqual([0, 0, 0, 0, 0, 9025, 9023, 0, 0, 9024]);
        expect(await page.evaluate(() => play.mailbox.notifications.get('a'))).toEqual({
          type: 'information',
          message: 'Bob left',
        });
      });

      test('[OF1] roaming settings are saved and are there after a reload', async () => {
        let frame = await open('budget');
        await frame.evaluate(async () => {
          const { asked } = window as unknown as { asked: (...args: unknown[]) => Promise<unknown> };
          Office.context.roamingSettings.set('seen', { mails: 3 });
          await asked(Office.context.roamingSettings, 'saveAsync');
          Object.assign(window, { isOld: true });
          location.reload();
        });
        await frame.waitForFunction(() => !('isOld' in window));
        frame = await readyFrame();
        expect(await frame.evaluate(() => Office.context.roamingSettings.get('seen'))).toEqual({ mails: 3 });
      });

      test('[OF1] a function command runs and its completion comes back', async () => {
        await open('budget');
        await page.waitForFunction(() => play.frame?.registrations.has('appCommandInvoked'));
        const completed = await page.evaluate(() => play.frame?.runCommand('greet', 'button-1'));
        expect(JSON.parse(String(completed))).toMatchObject({
          completedContext: { greeting: 'hello' },
          source: { id: 'button-1' },
        });
      });

      test('[OF1] a dialog opens as a window of its own and its message comes back', async () => {
        const frame = await open('budget');
        const message = await frame.evaluate(
          (url) =>
            new Promise((resolve) =>
              Office.context.ui.displayDialogAsync(
                url,
                { promptBeforeOpen: false, width: 30, height: 30 },
                (result) =>
                  result.value.addEventHandler(Office.EventType.DialogMessageReceived, (event) => {
                    result.value.close();
                    resolve(event);
                  }),
              ),
            ),
          `${pages.origin}/dialog`,
        );
        expect(message).toMatchObject({ message: 'signed in' });
      });

      test('[OF1] forms that the add-in opens reach the host', async () => {
        const frame = await open('budget');
        await frame.evaluate(() =>
          Office.context.mailbox.displayNewMessageForm({
            toRecipients: ['bob@contoso.example'],
            subject: 'Hi',
          }),
        );
        await page.waitForFunction(() => play.shown.length === 1);
        expect(await page.evaluate(() => play.shown[0])).toEqual(['mail', ['bob@contoso.example'], 'Hi']);
      });

      test('[OF2] calls can be slow, refused, or never answered; sets can be missing', async () => {
        await page.evaluate(() => {
          play.conditions.missing.add('Mailbox');
          play.conditions.failing.add('recipients.get');
          play.conditions.silent.add('subject.get');
        });
        const frame = await open('draft');
        await page.evaluate(() => {
          play.conditions.delayMs = 300;
        });
        const [supported, refused, elapsed, silent] = await frame.evaluate(async () => {
          const { asked } = window as unknown as {
            asked: (...args: unknown[]) => Promise<{ status: string; code?: number }>;
          };
          const open = Office.context.mailbox.item as Office.MessageCompose;
          const began = performance.now();
          const answer = await asked(open.to, 'getAsync');
          const waited = performance.now() - began;
          const never = await Promise.race([
            asked(open.subject, 'getAsync'),
            new Promise((resolve) => setTimeout(resolve, 800, 'silent')),
          ]);
          return [Office.context.requirements.isSetSupported('Mailbox', '1.5'), answer, waited, never];
        });
        expect(supported).toBe(false);
        expect(refused).toMatchObject({ status: 'failed', code: 9002 });
        expect(elapsed).toBeGreaterThanOrEqual(290);
        expect(silent).toBe('silent');
      });

      test('[OF3] Tab, Shift+Tab and Escape hand the keyboard back to the host, and the host can give it', async () => {
        const frame = await open('budget');
        await page.evaluate(() => play.frame?.focusIn());
        await frame.waitForFunction(() => document.activeElement?.id === 'first');
        await page.keyboard.press('Tab');
        await frame.waitForFunction(() => document.activeElement?.id === 'last');
        await page.keyboard.press('Tab');
        await page.waitForFunction(() => play.focus.includes('forwards'));
        await frame.evaluate(() => document.getElementById('first')?.focus());
        await page.keyboard.press('Shift+Tab');
        await page.waitForFunction(() => play.focus.includes('backwards'));
        await page.keyboard.press('Escape');
        await page.waitForFunction(() => play.focus.includes('escape'));
      });
    });
  },
);
