/** What people decide for themselves, in the web client in a real browser, and what others see of it. */
import { readFile } from 'node:fs/promises';
import axe from 'axe-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type DemoPerson, signInAs, startServerWithPages } from '../support/browser-server.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { tenantSettings } from '../support/graph-tenant.ts';
import { type ServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** One red point. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
const card = (name: string, address: string | null) =>
  [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${name}`,
    ...(address ? [`EMAIL:${address}`] : []),
    'END:VCARD',
    '',
  ].join('\r\n');

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('settings', () => {
  let browser: Browser;
  let server: ServerProcess;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let alice: DemoPerson;
  let bob: DemoPerson;
  let contexts: BrowserContext[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    // Nobody answers there: what a person lets Microsoft 365 say is theirs to decide all the same.
    server = await startServerWithPages(folder.path, {
      env: tenantSettings({ url: 'https://localhost:1' }, 'presence'),
    });
    [alice, bob] = [await signInAs(server, 'alice'), await signInAs(server, 'bob')];
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    expect(complaints.splice(0)).toEqual([]);
  });

  async function open(name: string, options: ContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      viewport: { width: 1_000, height: 720 },
      ...options,
    });
    context.setDefaultTimeout(30_000);
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(text)) complaints.push(text);
    });
    await page.goto(server.http);
    await page
      .locator('jb-sign-in')
      .getByRole('button', { name: new RegExp(name, 'i') })
      .click();
    await page.locator('jb-contacts .group').first().waitFor();
    return page;
  }
  const ownState = (page: Page) => page.getByRole('button', { name: /Change your state|Zustand ändern/ });
  async function openSettings(page: Page, tab?: string): Promise<Locator> {
    await ownState(page).click();
    await page.getByRole('button', { name: /^(Settings|Einstellungen)$/ }).click();
    const dialog = page.getByRole('dialog', { name: /^(Settings|Einstellungen)$/ });
    if (tab) await dialog.getByRole('tab', { name: tab }).click();
    return dialog;
  }
  const eventually = <Value>(look: () => Value) => expect.poll(look, { timeout: 20_000 });
  const file = (name: string, mimeType: string, content: string | Buffer) => ({
    name,
    mimeType,
    buffer: Buffer.from(content),
  });
  /** The list as it stands: each group with its people. */
  const list = (page: Page) =>
    page
      .locator('jb-contacts section')
      .evaluateAll((sections) =>
        sections.map((section) => [
          section.getAttribute('aria-label'),
          ...[...section.querySelectorAll('jb-person-row')].map(
            (row) => (row as HTMLElement & { name: string }).name,
          ),
        ]),
      );

  test('[UI60] a photo and an absence are set, seen by a colleague, and taken back', async () => {
    const page = await open('bob');
    const dialog = await openSettings(page);
    await dialog.locator('input[type=file]').setInputFiles(file('me.png', 'image/png', picture));
    await dialog.getByRole('button', { name: 'Remove the photo' }).waitFor();
    const other = await open('alice');
    const face = other.locator('jb-contacts jb-person-row').filter({ hasText: 'Bob' }).locator('jb-face img');
    await eventually(() => face.first().getAttribute('src')).toMatch(/^blob:/);
    await dialog.locator('input[type=file]').setInputFiles(file('me.png', 'image/png', 'no picture'));
    await dialog.getByText('This picture cannot be read.').waitFor();

    await dialog.locator('input[name=until]').fill('2099-11-30T08:00');
    await dialog.getByRole('textbox', { name: 'What people read meanwhile' }).fill('Back on Monday');
    await dialog.getByRole('button', { name: 'Save absence' }).click();
    await dialog.getByText(/^You are out of office until /).waitFor();
    const row = other.locator('jb-contacts jb-person-row').filter({ hasText: 'Bob' }).first();
    await row.getByText(/out of office/i).waitFor();
    const view = await alice.call<{ note: object }>('GET', `/presence/${bob.id}`);
    expect(view.note).toMatchObject({ text: 'Back on Monday', kind: 'out-of-office' });
    await dialog.getByRole('button', { name: 'End absence' }).click();
    await eventually(() => row.getByText(/out of office/i).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Remove the photo' }).click();
    await eventually(() => dialog.getByRole('button', { name: 'Remove the photo' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await eventually(() => ownState(page).evaluate((button) => button.matches(':focus'))).toBe(true);
  });

  test('[GR18] what Teams may say of oneself is switched off and on again where it is read', async () => {
    const page = await open('Alice');
    const dialog = await openSettings(page, 'Calendar');
    const teams = dialog.getByRole('checkbox', { name: 'Use what Teams says of me' });
    const kept = async () => (await alice.call<{ teams: boolean }>('GET', '/me/connections')).teams;
    await teams.uncheck();
    await eventually(kept).toBe(false);
    // This server reads no mailboxes, so there is nothing to switch.
    expect(await dialog.getByRole('checkbox', { name: /mailbox/ }).count()).toBe(0);
    await teams.check();
    await eventually(kept).toBe(true);
  });

  test('[GR24] where consent for the mailbox is missing, the settings say so until it is given or switched off', async () => {
    const page = await open('Alice', { viewport: { width: 360, height: 720 } });
    // As a server answers that reads mailboxes in people's names; this one has no Entra to be refused by.
    let exchangeState: string | undefined = 'consent-missing';
    await page.context().route('**/api/v1/me/connections', (route) => {
      const input = route.request().postDataJSON() as { exchange?: boolean } | null;
      if (input?.exchange === false) exchangeState = undefined;
      return route.fulfill({
        json: { exchange: input?.exchange ?? true, teams: true, ...(exchangeState && { exchangeState }) },
      });
    });
    const dialog = await openSettings(page, 'Calendar');
    const problem = dialog.getByText(/^Nothing of my mailbox is used: Microsoft 365 asks for a consent/);
    await problem.waitFor();
    const { width, right } = await problem.evaluate((text) => text.getBoundingClientRect());
    expect(width).toBeGreaterThan(100);
    expect(right).toBeLessThanOrEqual(360);
    await dialog.getByRole('checkbox', { name: 'Use meetings and absences from my mailbox' }).uncheck();
    await eventually(() => problem.count()).toBe(0);
  });

  test('[UI60] a calendar: why one is refused, one from a file, switched off; the working hours give the local time', async () => {
    const page = await open('bob');
    const dialog = await openSettings(page, 'Calendar');
    await dialog
      .getByRole('textbox', { name: /Address of an iCalendar/ })
      .fill('https://localhost/secret.ics');
    await dialog.getByRole('button', { name: 'Read it' }).click();
    await dialog.getByRole('alert').first().waitFor();
    const stamp = (at: number) => new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const now = Date.now();
    const event = [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:test',
      'BEGIN:VEVENT',
      'UID:1',
      `DTSTAMP:${stamp(now)}`,
      `DTSTART:${stamp(now - 600_000)}`,
      `DTEND:${stamp(now + 7_200_000)}`,
      'SUMMARY:Budget',
      'ATTENDEE:mailto:alice@contoso.example',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n');
    await dialog.locator('input[type=file]').setInputFiles(file('mine.ics', 'text/calendar', event));
    await dialog.getByText(/Read from a file\. Last read /).waitFor();
    const state = async () => (await bob.call<{ activity: string | null }>('GET', '/me/presence')).activity;
    await eventually(state).toBe('in-a-meeting');
    await dialog.getByRole('checkbox', { name: 'Use my calendar for my state' }).uncheck();
    await eventually(state).toBeNull();
    await dialog.getByRole('combobox', { name: 'Time zone' }).selectOption('Pacific/Auckland');
    await dialog.getByRole('button', { name: 'Save working hours' }).click();
    await dialog.getByText('Saved.').waitFor();

    const other = await open('alice');
    await other
      .locator('jb-contacts jb-person-row')
      .filter({ hasText: 'Bob' })
      .first()
      .getByRole('button')
      .first()
      .click();
    await other
      .locator('jb-card')
      .getByText(/^Local time /)
      .first()
      .waitFor();
    await dialog.getByRole('checkbox', { name: 'Use my calendar for my state' }).check();
    await eventually(state).toBe('in-a-meeting');
    await other.locator('jb-card').getByRole('button', { name: 'Why?' }).first().click();
    await other.locator('jb-card').getByText('Working hours 09:00–17:00').first().waitFor();
    await other
      .locator('jb-card')
      .getByText(/^Busy today: \d\d:\d\d–\d\d:\d\d$/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'Forget the calendar' }).click();
    await dialog.getByText('No calendar is read.').waitFor();
  });

  test('[UI60] privacy: read receipts, and what each watcher sees', async () => {
    const page = await open('bob');
    const dialog = await openSettings(page, 'Privacy');
    const receipts = dialog.getByRole('checkbox', { name: 'Show others how far I have read' });
    await eventually(() => receipts.isEnabled()).toBe(true);
    await receipts.uncheck();
    const stored = async () =>
      (await bob.call<{ readReceipts: boolean }>('GET', '/me/messaging')).readReceipts;
    await eventually(stored).toBe(false);
    await receipts.check();
    await eventually(stored).toBe(true);
    // Alice lists Bob, and Bob has her as a contact: any relationship may be chosen.
    await dialog.getByRole('combobox', { name: 'What Alice Lindgren sees of you' }).selectOption('workgroup');
    const relationship = async () =>
      (
        await bob.call<{ items: { person: { id: string }; relationship: string }[] }>('GET', '/me/contacts')
      ).items.find(({ person }) => person.id === alice.id)?.relationship;
    await eventually(relationship).toBe('workgroup');
    await dialog.getByRole('combobox', { name: 'What Alice Lindgren sees of you' }).selectOption('colleague');
    await eventually(relationship).toBe('colleague');
  });

  test('[UI60] address cards go in with a report of what was skipped, and out as a file', async () => {
    const page = await open('alice');
    const dialog = await openSettings(page, 'Contacts');
    const cards = [
      card('Carol', 'carol@contoso.example'),
      card('Stranger', 'nobody@nowhere.example'),
      card('Myself', 'alice@contoso.example'),
      card('Nameless', null),
      // More than one piece goes over the wire.
      ...Array.from({ length: 60 }, (_, at) => card(`Other ${at}`, `other-${at}@nowhere.example`)),
    ];
    await dialog.locator('input[type=file]').setInputFiles(file('all.vcf', 'text/vcard', cards.join('')));
    await dialog.getByText('1 added, 0 changed, 0 as they were.').waitFor();
    await dialog.getByText('Skipped (63)').waitFor();
    await dialog.getByText('Stranger, nobody@nowhere.example – is not in the directory').waitFor();
    await dialog.getByText('Nameless – has no address').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Export my contacts' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('contacts.vcf');
    expect(await readFile(await download.path(), 'utf8')).toContain('carol@contoso.example');
    await dialog.locator('input[type=file]').setInputFiles(file('none.vcf', 'text/vcard', 'no cards at all'));
    await dialog.getByText('There is no address card in this file.').waitFor();
  });

  test('[UI61] people and groups are put in order with Alt and arrows and by dragging, on every screen', async () => {
    const page = await open('alice');
    const other = await open('alice');
    const before = await list(page);
    const [first = [], second = []] = before;
    const [, one = '', two = '', ...rest] = first;
    const row = (name: string) =>
      page
        .locator('jb-contacts jb-person-row')
        .filter({ hasText: name ?? '' })
        .first();
    await row(two ?? '')
      .getByRole('button')
      .first()
      .focus();
    await page.keyboard.press('Alt+ArrowUp');
    await eventually(() => list(page)).toEqual([[first[0], two, one, ...rest], ...before.slice(1)]);
    await page
      .getByRole('status')
      .filter({ hasText: 'is now number 1 of' })
      .first()
      .waitFor({ state: 'attached' });
    // It is stored with the group: the other screen shows it as well, without a reload.
    await eventually(() => list(other)).toEqual([[first[0], two, one, ...rest], ...before.slice(1)]);
    // Once more, from where the focus stayed.
    await page.keyboard.press('Alt+ArrowDown');
    await eventually(() => list(page)).toEqual(before);

    await page.locator('jb-contacts .group').first().focus();
    await page.keyboard.press('Alt+ArrowDown');
    await eventually(() => list(other)).toEqual([second, first, ...before.slice(2)]);
    await page.keyboard.press('Alt+ArrowUp');
    await eventually(() => list(other)).toEqual(before);

    await row(two ?? '').dragTo(row(one ?? ''));
    await eventually(() => list(other)).toEqual([[first[0], two, one, ...rest], ...before.slice(1)]);
    const dialog = await openSettings(page, 'Contacts');
    await dialog.getByRole('button', { name: 'Sort its people by name again' }).click();
    await eventually(() => list(other)).toEqual(before);
    await dialog.getByRole('button', { name: `Move ${second[0]} up` }).click();
    await eventually(() => list(other)).toEqual([second, first, ...before.slice(2)]);
    await dialog.getByRole('button', { name: `Move ${second[0]} down` }).click();
    await eventually(() => list(other)).toEqual(before);
  });

  const looks: [string, ContextOptions][] = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['forced colours', { colorScheme: 'dark', forcedColors: 'active' }],
    ['light, 320 px, German', { viewport: { width: 320, height: 640 }, locale: 'de-DE' }],
  ];
  test.each(looks)(
    '[UI60] every section is accessible, by keyboard alone, and overflows nowhere: %s',
    async (_name, options) => {
      const page = await open('alice', options);
      const dialog = await openSettings(page);
      await dialog.getByRole('tab').first().focus();
      for (const section of ['you', 'calendar', 'privacy', 'contacts']) {
        const part = dialog.locator(`jb-set-${section}`);
        await part.getByRole('heading').first().waitFor();
        // Colours fade in.
        await page.waitForTimeout(250);
        await page.evaluate(axe.source);
        const violations = await page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
            resultTypes: ['violations'],
          });
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
        });
        expect(violations, section).toEqual([]);
        const panel = dialog.getByRole('tabpanel');
        expect(await panel.evaluate((one) => one.scrollWidth - one.clientWidth), section).toBeLessThanOrEqual(
          0,
        );
        await page.keyboard.press('ArrowRight');
      }
      expect(await dialog.getByRole('tab').first().getAttribute('aria-selected')).toBe('true');
      await page.keyboard.press('Escape');
      await eventually(() => dialog.count()).toBe(0);
    },
  );
});
