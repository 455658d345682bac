/** The web client in a real browser against the real server: what two people see of each other, come what may. */
import { execFileSync } from 'node:child_process';
import axe from 'axe-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../server/protocol/conversations.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import {
  freePorts,
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';
import { root } from '../support/sources.ts';

type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

skipUnless(chromiumPath() !== null, 'Chromium is not installed')('the web client', () => {
  let browser: Browser;
  let server: ServerProcess;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let env: Record<string, string>;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root });
    folder = await temporaryFolder();
    // A restarted server must come back where its clients look for it.
    const [http, tls, lync] = await freePorts(3);
    env = {
      JELLYBEAN_HTTP_PORT: `${http}`,
      JELLYBEAN_TLS_PORT: `${tls}`,
      JELLYBEAN_LYNC_PORT: `${lync}`,
      // Long conversations are prepared faster than a person may write them.
      JELLYBEAN_RATE_FACTOR: '0',
    };
    server = await startServerProcess(folder.path, { env });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });

  async function openContext(options: ContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1000, height: 720 },
      ...options,
    });
    context.setDefaultTimeout(30_000);
    contexts.push(context);
    return context;
  }

  async function signIn(context: BrowserContext, name: string): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
    page.on('console', (message) => {
      // A server that is away is the browser's complaint, not ours.
      const text = message.text();
      if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(text))
        complaints.push(`${name}: ${text}`);
    });
    await page.goto(server.http);
    await page
      .locator('jb-sign-in')
      .getByRole('button', { name: new RegExp(name, 'i') })
      .click();
    await ownState(page).waitFor();
    return page;
  }
  const open = async (name: string, options?: ContextOptions) => signIn(await openContext(options), name);

  const eventually = <Value>(look: () => Value, timeout = 20_000) => expect.poll(look, { timeout });
  const ownState = (page: Page) => page.getByRole('button', { name: /Change your state|Zustand ändern/ });
  const composer = (page: Page) => page.getByRole('textbox', { name: /^(Message|Nachricht)$/ });
  const bubbles = (page: Page) => page.locator('jb-conversation .message:not(:has(.pending)) .bubble p');
  const iconOf = (row: Locator) => row.locator('presence-icon').first();

  /** Finds somebody by the filter and opens the conversation with them. */
  async function chatWith(page: Page, name: string): Promise<void> {
    await page.getByRole('searchbox', { name: 'Find people' }).first().fill(name);
    await page
      .locator('jb-contacts jb-person-row')
      .getByRole('button', { name: new RegExp(name, 'i') })
      .first()
      .click();
    await composer(page).waitFor();
  }
  async function say(page: Page, text: string): Promise<void> {
    await composer(page).fill(text);
    await composer(page).press('Enter');
  }

  const tokens = new Map<string, string>();
  async function api<Answer>(user: string, path: string, body?: unknown): Promise<Answer> {
    let token = tokens.get(user);
    if (token === undefined) {
      const signedIn = await fetch(`${server.http}/api/v1/demo/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ user: `${user}@contoso.example` }),
      });
      token = ((await signedIn.json()) as { access_token: string }).access_token;
      tokens.set(user, token);
    }
    const response = await fetch(`${server.http}/api/v1${path}`, {
      headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    });
    expect(response.ok).toBe(true);
    return response.json() as Promise<Answer>;
  }

  test('[UI15] two people talk: typing, unread counts, the title, seen', async () => {
    const alice = await open('alice');
    const bob = await open('bob');
    await chatWith(alice, 'Bob');
    await say(alice, 'Hello **Bob**, <b>see</b> https://contoso.example/budget');
    await bob.getByText('1', { exact: true }).waitFor();
    await eventually(() => bob.title()).toBe('(1) Jellybean');
    await bob.locator('jb-conversations').getByRole('button', { name: /Alice/ }).click();
    await eventually(() => bob.title()).toBe('Jellybean');
    const bubble = bubbles(bob).first();
    expect(await bubble.textContent()).toBe('Hello Bob, <b>see</b> https://contoso.example/budget');
    expect(await bubble.locator('a').getAttribute('rel')).toContain('noopener');
    await alice.getByText('Seen', { exact: true }).waitFor();

    await composer(bob).pressSequentially('Yes');
    await alice.getByText('Bob is writing…').waitFor();
    await composer(bob).press('Enter');
    await eventually(() => bubbles(alice).allInnerTexts()).toContain('Yes');
    await eventually(() => alice.getByText('Bob is writing…').count()).toBe(0);
  });

  test('[UI16] a state set in one client turns the icon in the other, without a reload', async () => {
    const alice = await open('alice');
    const bob = await open('bob');
    const row = alice.locator('jb-contacts jb-person-row').filter({ hasText: 'Bob' }).first();
    await eventually(() => iconOf(row).getAttribute('availability')).toBe('available');
    await ownState(bob).click();
    await bob.getByRole('radio', { name: 'Do not disturb' }).check({ force: true });
    await eventually(() => iconOf(row).getAttribute('availability')).toBe('do-not-disturb');
    await row
      .getByText(/^Do not disturb/)
      .first()
      .waitFor();
    await bob.getByRole('textbox', { name: 'Note' }).fill('Writing the report');
    await bob.getByRole('button', { name: 'Save' }).click();
    await row.getByRole('button').first().click();
    await alice.locator('jb-card').getByText('Writing the report').first().waitFor();
    await bob.getByRole('radio', { name: 'Reset to automatic' }).check({ force: true });
    await eventually(() => iconOf(row).getAttribute('availability')).toBe('available');
    await bob.getByRole('button', { name: 'Remove the note' }).click();
    await eventually(() => alice.locator('jb-card').getByText('Writing the report').count()).toBe(0);
  });

  test('[UI16] signing out turns the icon to offline at once', async () => {
    const alice = await open('alice');
    const bob = await open('bob');
    const row = alice.locator('jb-contacts jb-person-row').filter({ hasText: 'Bob' }).first();
    await eventually(() => iconOf(row).getAttribute('availability')).toBe('available');
    await ownState(bob).click();
    await bob.getByRole('button', { name: 'Sign out' }).click();
    // Well before the 5 s of grace that a stream gets which ends without a word, even on a busy machine.
    await eventually(() => iconOf(row).getAttribute('availability'), 4_000).toBe('offline');
  });

  test('[UI17] the server is killed in the middle of sending: every message is there once, and all come back', async () => {
    const alice = await open('alice');
    const carol = await open('carol');
    const acknowledged: string[] = [];
    alice.on('response', (response) => {
      if (response.status() !== 201 || !response.url().endsWith('/messages')) return;
      acknowledged.push(JSON.parse(response.request().postData() ?? '{}').text);
    });
    await chatWith(alice, 'Carol');
    await say(alice, 'm0');
    await carol.locator('jb-conversations').getByRole('button', { name: /Alice/ }).click();
    await eventually(() => bubbles(carol).count()).toBe(1);

    const wanted = Array.from({ length: 30 }, (_unused, index) => `m${index}`);
    let killed: Promise<unknown> | null = null;
    for (const text of wanted.slice(1)) {
      await say(alice, text);
      if (text === 'm12') killed = server.end('SIGKILL');
    }
    await killed;
    await alice.getByText('Reconnecting… Your text is safe.').waitFor();
    await alice.getByText('Waiting for the connection').first().waitFor();
    await composer(alice).fill('half a thought');
    expect(acknowledged.length).toBeLessThan(30);

    server = await startServerProcess(folder.path, { env });
    await eventually(() => bubbles(carol).allInnerTexts(), 40_000).toEqual(wanted);
    await eventually(() => bubbles(alice).allInnerTexts()).toEqual(wanted);
    await eventually(() => alice.getByText('Waiting for the connection').count()).toBe(0);
    await eventually(() => alice.getByText('Reconnecting… Your text is safe.').count()).toBe(0);
    expect(await composer(alice).inputValue()).toBe('half a thought');

    const { items } = await api<{
      items: { id: string; participants: { person: { displayName: string } }[] }[];
    }>('alice', '/conversations');
    const conversation = items.find((one) =>
      one.participants.some(({ person }) => person.displayName.startsWith('Carol')),
    );
    const history = await api<{ items: Message[] }>(
      'alice',
      `/conversations/${conversation?.id}/messages?after=0&limit=200`,
    );
    const texts = history.items.map((message) => ('text' in message ? message.text : ''));
    expect(texts).toEqual(wanted);
    for (const text of acknowledged) expect(texts).toContain(text);
  });

  test('[UI17] what was typed survives a reload, sent or not', async () => {
    const alice = await open('alice');
    await chatWith(alice, 'Bob');
    await composer(alice).fill('not finished');
    await alice.reload();
    await eventually(() => composer(alice).inputValue()).toBe('not finished');
    await alice.context().setOffline(true);
    await composer(alice).fill('sent while offline');
    await composer(alice).press('Enter');
    await alice.getByText('Waiting for the connection').waitFor();
    await alice.context().setOffline(false);
    await eventually(() => alice.getByText('Waiting for the connection').count()).toBe(0);
    await expect
      .poll(
        async () =>
          (await bubbles(alice).allInnerTexts()).filter((text) => text === 'sent while offline').length,
      )
      .toBe(1);
  });

  test('[UI18] two people in two tabs of one browser work side by side', async () => {
    const context = await openContext();
    const alice = await signIn(context, 'alice');
    const dave = await signIn(context, 'carol');
    await chatWith(dave, 'Alice');
    const text = `side by side ${Date.now()}`;
    await say(dave, text);
    await alice.locator('jb-conversations').getByText(text).waitFor();
    expect(await ownState(alice).textContent()).toContain('Alice');
    await alice.reload();
    expect(await ownState(alice).textContent()).toContain('Alice');
    expect(await ownState(dave).textContent()).toContain('Carol');
  });

  test('[UI18] two tabs of one person share one stream; when the first closes, the second goes on', async () => {
    const context = await openContext();
    const streams: string[] = [];
    context.on('request', (request) => {
      if (request.url().includes('/api/v1/events')) streams.push(request.url());
    });
    const first = await signIn(context, 'alice');
    await eventually(() => streams.length).toBe(1);
    const second = await signIn(context, 'alice');
    const bob = await open('bob');
    const row = second.locator('jb-contacts jb-person-row').filter({ hasText: 'Bob' }).first();
    await eventually(() => iconOf(row).getAttribute('availability')).toBe('available');
    expect(streams).toHaveLength(1);
    await first.close();
    await eventually(() => streams.length).toBe(2);
    await ownState(bob).click();
    await bob.getByRole('radio', { name: 'Be right back' }).check({ force: true });
    await eventually(() => iconOf(row).getAttribute('availability')).toBe('be-right-back');
    await bob.getByRole('radio', { name: 'Reset to automatic' }).check({ force: true });
    expect(streams).toHaveLength(2);
  });

  test('[UI19] adding a third person asks whether to share the history, and the window changes for everybody', async () => {
    const alice = await open('alice');
    const erin = await open('erin');
    await chatWith(alice, 'Erin');
    await say(alice, 'between us');
    await erin.locator('jb-conversations').getByRole('button', { name: /Alice/ }).click();
    await eventually(() => bubbles(erin).allInnerTexts()).toEqual(['between us']);
    await alice.getByRole('button', { name: 'Add a person' }).click();
    const dialog = alice.getByRole('dialog');
    await dialog.getByRole('searchbox').fill('carol');
    await dialog.getByRole('button', { name: /Carol/ }).click();
    await dialog.getByText('May Carol Diaz read what was written before?').waitFor();
    await dialog.getByRole('button', { name: 'Start from here' }).click();
    await erin.getByText('3 people').first().waitFor();
    await say(alice, 'now three');
    const carol = await open('carol');
    await carol
      .locator('jb-conversations')
      .getByRole('button', { name: /Alice and Erin|Erin and Alice/ })
      .click();
    await eventually(() => bubbles(carol).allInnerTexts()).toEqual(['now three']);
    await carol.getByRole('button', { name: 'Join' }).click();
    await eventually(() => carol.getByRole('button', { name: 'Join' }).count()).toBe(0);
  });

  test('[UI19] edit, delete, answer and react, seen at once by the other', async () => {
    const alice = await open('alice');
    const bob = await open('bob');
    await chatWith(alice, 'Bob');
    const stamp = `${Date.now()}`;
    await say(alice, `first ${stamp}`);
    await bob.locator('jb-conversations').getByRole('button', { name: /Alice/ }).click();
    const atBob = (text: string) => bob.locator('jb-conversation .message').filter({ hasText: text }).first();
    const atAlice = (text: string) =>
      alice.locator('jb-conversation .message').filter({ hasText: text }).first();
    await atBob(`first ${stamp}`).hover();
    await atBob(`first ${stamp}`).getByRole('button', { name: 'React' }).click();
    await atBob(`first ${stamp}`)
      .getByRole('button', { name: /React 🎉/ })
      .click();
    await atAlice(`first ${stamp}`).getByRole('button', { name: '🎉 1 person' }).waitFor();
    await atBob(`first ${stamp}`).hover();
    await atBob(`first ${stamp}`).getByRole('button', { name: 'Reply' }).click();
    await say(bob, `answer ${stamp}`);
    await atAlice(`answer ${stamp}`).locator('.answered').getByText(`first ${stamp}`).waitFor();
    await composer(alice).focus();
    await composer(alice).press('ArrowUp');
    await eventually(() => composer(alice).inputValue()).toBe(`first ${stamp}`);
    await say(alice, `changed ${stamp}`);
    await atBob(`changed ${stamp}`).getByText('edited').waitFor();
    await atAlice(`changed ${stamp}`).locator('.bubble').first().hover();
    await alice.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
    await bob.getByText('This message was deleted.').last().waitFor();
  });

  test('[UI21] a mention is offered while it is typed, and names the person with a live icon', async () => {
    const alice = await open('alice');
    const bob = await open('bob');
    await chatWith(alice, 'Bob');
    await composer(alice).pressSequentially('Ask @bo');
    await alice.getByRole('option', { name: 'Bob Kovács' }).waitFor();
    await composer(alice).press('Enter');
    await composer(alice).pressSequentially('about it');
    expect(await composer(alice).inputValue()).toBe('Ask @Bob Kovács about it');
    await composer(alice).press('Enter');
    await bob.locator('jb-conversations').getByRole('button', { name: /Alice/ }).first().click();
    await bob.locator('jb-conversation .mention.me').filter({ hasText: '@Bob Kovács' }).first().waitFor();
    const icon = alice.locator('jb-conversation .mention presence-icon').last();
    await eventually(() => icon.getAttribute('availability')).toBe('available');
  });

  test('[UI13] older messages come in above while what one reads stays where it is', async () => {
    const [me] = (await api<{ items: { id: string }[] }>('carol', '/people?q=dave&limit=1')).items;
    const { id } = await api<{ id: string }>('carol', '/conversations', {
      participants: [me?.id],
      context: { kind: 'page', title: 'History', url: 'https://contoso.example/history' },
    });
    for (let index = 1; index <= 230; index++)
      await api('carol', `/conversations/${id}/messages`, { text: `line ${index}` });
    const dave = await open('dave');
    await dave
      .locator('jb-conversations')
      .getByRole('button', { name: /History/ })
      .click();
    const messages = dave.locator('jb-conversation .message');
    await dave.locator('jb-conversation .unread').waitFor();
    // The line of the first unread message stands near the top of the first page, which may fetch the second.
    await dave.waitForTimeout(1_000);
    const count = await messages.count();
    expect(count).toBeLessThan(230);
    const before = await dave.locator('jb-conversation .log').evaluate((log) => {
      log.scrollTop = 150;
      const seen = [...log.querySelectorAll<HTMLElement>('.message')].find(
        (message) => message.getBoundingClientRect().top > log.getBoundingClientRect().top,
      );
      return { seq: seen?.dataset.seq, top: seen?.getBoundingClientRect().top ?? 0 };
    });
    await eventually(() => messages.count()).toBeGreaterThan(count);
    await dave.waitForTimeout(500);
    const after = await dave
      .locator(`jb-conversation .message[data-seq="${before.seq}"]`)
      .evaluate((message) => message.getBoundingClientRect().top);
    expect(Math.abs(after - before.top)).toBeLessThan(40);
  });

  test('[UI21] messages are found by their words, and a hit leads to its place', async () => {
    const alice = await open('alice');
    await chatWith(alice, 'Bob');
    await say(alice, 'the zygomorphic budget of Fabrikam');
    for (let index = 0; index < 60; index++) await say(alice, `filler ${index}`);
    await eventually(() => alice.locator('jb-conversation .pending').count(), 20_000).toBe(0);
    await alice.reload();
    await alice.getByRole('searchbox', { name: 'Find people' }).first().fill('zygomorphic');
    const hit = alice.locator('jb-message-search button').first();
    await hit.waitFor();
    expect(await hit.locator('mark').textContent()).toBe('zygomorphic');
    await hit.click();
    const target = alice.locator('jb-conversation .message').filter({ hasText: 'zygomorphic' });
    await eventually(() => target.evaluate((message) => message.matches(':focus'))).toBe(true);
    await alice.getByRole('button', { name: 'Go to the newest message' }).click();
    await alice.locator('jb-conversation .message').filter({ hasText: 'filler 59' }).waitFor();
  });

  test('[UI21] files travel with a message; pictures are shown, everything else is saved', async () => {
    const alice = await open('alice');
    const bob = await open('bob');
    await chatWith(alice, 'Bob');
    const picture = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await alice.locator('jb-composer input[type=file]').setInputFiles([
      { name: 'dot.png', mimeType: 'image/png', buffer: picture },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('some notes') },
    ]);
    await alice.getByRole('button', { name: 'Remove “notes.txt”' }).waitFor();
    await composer(alice).press('Enter');
    await bob.locator('jb-conversations').getByRole('button', { name: /Alice/ }).first().click();
    await bob.getByRole('img', { name: 'Picture dot.png' }).waitFor();
    const [download] = await Promise.all([
      bob.waitForEvent('download'),
      bob.getByRole('button', { name: /notes\.txt/ }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('notes.txt');
  });

  test('[UI21] a pointer that rests on somebody sees their card beside the row, never over it', async () => {
    // Somebody of whom there is something to say: since when they have been here.
    await open('bob');
    const alice = await open('alice');
    const row = alice.locator('jb-contacts jb-person-row').filter({ hasText: 'Bob' }).first();
    const card = alice.locator('jb-card-popover').getByRole('dialog', { name: /Bob/ });
    // The list may still be filling: whoever moves away under the pointer is pointed at again.
    await expect
      .poll(
        async () => {
          await alice.mouse.move(600, 400);
          await row.hover();
          await alice.waitForTimeout(1_500);
          return card.count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    const [at, of] = [await card.boundingBox(), await row.boundingBox()];
    const isApart =
      (at?.x ?? 0) >= (of?.x ?? 0) + (of?.width ?? 0) || (at?.y ?? 0) >= (of?.y ?? 0) + (of?.height ?? 0);
    expect(isApart).toBe(true);
    await card.hover();
    await card.getByRole('button', { name: 'Why?' }).click();
    await card.getByText(/^Since /).waitFor();
    await alice.keyboard.press('Escape');
    await eventually(() => card.count()).toBe(0);
  });

  test('[UI21] privacy shows who is watching and hides what somebody wants hidden', async () => {
    const alice = await open('alice');
    const bob = await open('bob');
    await ownState(bob).click();
    await bob.getByRole('button', { name: 'Settings' }).click();
    const dialog = bob.getByRole('dialog', { name: 'Settings' });
    await dialog.getByRole('tab', { name: 'Privacy' }).click();
    await dialog.getByText('Alice Lindgren').waitFor();
    await dialog.getByRole('radio', { name: 'Only my contacts' }).check();
    const carol = await open('carol');
    await chatWith(carol, 'Bob');
    await eventually(() => carol.locator('jb-card presence-icon').first().getAttribute('availability')).toBe(
      'offline',
    );
    const row = alice.locator('jb-contacts jb-person-row').filter({ hasText: 'Bob' }).first();
    await eventually(() => iconOf(row).getAttribute('availability')).toBe('available');
    await dialog.getByRole('radio', { name: 'Everybody in the organisation' }).check();
    await eventually(() => carol.locator('jb-card presence-icon').first().getAttribute('availability')).toBe(
      'available',
    );
  });

  test('[UI20] the keyboard alone: find somebody, write, read back', async () => {
    const alice = await open('alice');
    await alice.getByRole('searchbox', { name: 'Find people' }).focus();
    await alice.keyboard.type('bob');
    await eventually(() => alice.locator('jb-contacts jb-person-row').count()).toBeGreaterThan(0);
    await alice.keyboard.press('ArrowDown');
    await alice.keyboard.press('Enter');
    await eventually(() => composer(alice).evaluate((area) => area.matches(':focus'))).toBe(true);
    const text = `by keyboard ${Date.now()}`;
    await alice.keyboard.type(text);
    await alice.keyboard.press('Shift+Enter');
    await alice.keyboard.type('second line');
    await alice.keyboard.press('Enter');
    await eventually(() => bubbles(alice).last().innerHTML()).toMatch(/by keyboard.*<br>.*second line/s);
    await ownState(alice).focus();
    await alice.keyboard.press('Enter');
    await alice.getByRole('dialog', { name: 'Your state' }).waitFor();
    await alice.keyboard.press('Escape');
    await eventually(() => alice.getByRole('dialog', { name: 'Your state' }).count()).toBe(0);
    await eventually(() => ownState(alice).evaluate((button) => button.matches(':focus'))).toBe(true);
  });

  const looks: [string, ContextOptions][] = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['forced colours', { colorScheme: 'dark', forcedColors: 'active' }],
    ['light, 320 px, German', { viewport: { width: 320, height: 640 }, locale: 'de-DE' }],
  ];
  test.each(looks)(
    '[UI20] no accessibility rule is broken, and nothing overflows: %s',
    async (_name, options) => {
      async function check(page: Page, where: string): Promise<void> {
        await page.waitForTimeout(250);
        // Through the debugger, because the page's policy forbids scripts of others, as it should.
        await page.evaluate(axe.source);
        const result = await page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
            resultTypes: ['violations'],
          });
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
        });
        expect(result, where).toEqual([]);
        const excess = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(excess, where).toBeLessThanOrEqual(0);
      }
      const context = await openContext(options);
      const door = await context.newPage();
      await door.goto(server.http);
      await door.locator('jb-sign-in li').first().waitFor();
      await check(door, 'sign-in');
      const page = await signIn(context, 'alice');
      const isNarrow = (options.viewport?.width ?? 1_000) < 640;
      await page.locator('jb-contacts jb-person-row').first().waitFor();
      await check(page, 'lists');
      await ownState(page).click();
      await check(page, 'state menu');
      await page.keyboard.press('Escape');
      await page
        .locator('jb-contacts jb-person-row')
        .filter({ hasText: 'Bob' })
        .first()
        .getByRole('button')
        .first()
        .click();
      await composer(page).waitFor();
      await say(page, 'One\n\n- two\n- `three`\n\n> four');
      await eventually(() => page.locator('jb-conversation .message').count()).toBeGreaterThan(0);
      await page.locator('jb-conversation .message').last().hover();
      await check(page, 'conversation');
      if (isNarrow) {
        await page.getByRole('button', { name: /Karte von|Show the card/ }).click();
        await page.locator('jb-card-popover').getByRole('article').waitFor();
        await check(page, 'card');
      }
    },
  );
});
