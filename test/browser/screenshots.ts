/**
 * `npm run screenshots`: the pictures of the README, taken from the real server in a real browser, so that
 * they show what there is. Written to docs/images; a scene that cannot be played is a failure.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type HttpClient, signIn } from '../support/http-client.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../support/server-process.ts';
import { root } from '../support/sources.ts';

const images = path.join(root, 'docs/images');

/** Sends and insists on an answer that is no problem. */
async function must<Body>(
  client: HttpClient,
  method: string,
  address: string,
  body?: unknown,
): Promise<Body> {
  const answer = await client.call<Body>(method, address, body);
  if (answer.status >= 400) throw new Error(`${method} ${address}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

interface Cast {
  readonly alice: HttpClient;
  readonly bob: HttpClient;
  readonly carol: HttpClient;
}

/** Makes the people present and lets them say a few things. */
async function play(server: ServerProcess): Promise<Cast> {
  const alice = await signIn(server.http, 'alice');
  const bob = await signIn(server.http, 'bob');
  const carol = await signIn(server.http, 'carol');
  const inAnHour = new Date(Date.now() + 3_600_000);
  inAnHour.setMinutes(0, 0, 0);
  // Present for as long as it takes to photograph them: a stream that nobody keeps alive would not last.
  for (const client of [bob, carol])
    await must(client, 'PUT', '/me/publications/desk', {
      kind: 'application',
      availability: 'available',
      expiresInSeconds: 3_600,
    });
  await must(bob, 'PUT', '/me/publications/calendar', {
    kind: 'calendar',
    availability: 'busy',
    activity: 'in-a-meeting',
    startsAt: new Date(Date.now() - 600_000).toISOString(),
    expiresInSeconds: Math.round((inAnHour.getTime() - Date.now()) / 1_000),
  });
  await must(bob, 'PUT', '/me/note', { text: 'In Vienna until Thursday, back at my desk on Friday' });

  const { id: press } = await must<{ id: string }>(alice, 'POST', '/conversations', {
    participants: [carol.id],
    subject: 'Press release',
    firstMessage: { text: 'Is the second paragraph right?' },
  });
  await must(carol, 'POST', `/conversations/${press}/messages`, { text: 'Yes, checked twice.' });

  const { id: budget } = await must<{ id: string }>(alice, 'POST', '/conversations', {
    participants: [bob.id],
    firstMessage: { text: 'Morning! Did you see the figures for next year?' },
  });
  const say = (client: HttpClient, text: string) =>
    must(client, 'POST', `/conversations/${budget}/messages`, { text });
  await say(bob, 'Just now. Travel looks **too low**, the rest is fine.');
  await say(alice, 'By how much?');
  await say(bob, 'About a tenth:\n\n- two more trips to Vienna\n- the spring meeting in Graz');
  await must(alice, 'PUT', `/conversations/${budget}/read`, { seq: 4 });
  await say(alice, 'Then I put it in. Thank you.');
  return { alice, bob, carol };
}

/** The web client as Alice. */
async function openWeb(
  browser: Browser,
  server: ServerProcess,
  options: BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext({ deviceScaleFactor: 2, ...options });
  const page = await context.newPage();
  await page.goto(server.http);
  await page.getByRole('button', { name: /^Alice/ }).click();
  await page.getByText('My team').first().waitFor();
  return page;
}

const shoot = async (page: Page, name: string) => {
  // Cross-fades and slides have ended by then.
  await page.waitForTimeout(600);
  await page.screenshot({ path: path.join(images, `${name}.png`) });
  process.stdout.write(`docs/images/${name}.png\n`);
};

/** Word and Excel at the widths that people have: a window, half of one, and panes of both sizes. */
async function takeDocuments(browser: Browser, server: ServerProcess): Promise<void> {
  const open = async (address: string, width: number, options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({
      viewport: { width, height: 760 },
      deviceScaleFactor: 2,
      ignoreHTTPSErrors: true,
      ...options,
    });
    const page = await context.newPage();
    await page.goto(`${server.https}/playground/${address}`);
    const pane = page.frameLocator('jb-play-frame iframe');
    await pane.locator('jb-person-row', { hasText: 'Carol Diaz' }).first().waitFor();
    return { page, pane };
  };
  const onComment = async ({ page, pane }: Awaited<ReturnType<typeof open>>): Promise<void> => {
    await page.locator('.comment').first().click();
    await pane.locator('section[aria-labelledby=focus]').waitFor();
    await page.mouse.move(0, 0);
  };
  const word = await open('word?item=campaign', 900);
  await onComment(word);
  await shoot(word.page, 'word');
  for (const [width, colorScheme] of [
    [320, 'light'],
    [450, 'dark'],
  ] as const) {
    const narrow = await open(`word?item=campaign&theme=${colorScheme}`, width, { colorScheme });
    await onComment(narrow);
    await narrow.page.locator('jb-play-frame').evaluate((frame) => frame.scrollIntoView());
    await shoot(narrow.page, `word-${width}`);
  }
  const excel = await open('excel?item=presence', 1_280);
  await excel.page.locator('td', { hasText: '■ Busy' }).first().waitFor();
  await excel.page.locator('thead th[data-column="2"]').click();
  await excel.pane.getByRole('button', { name: 'Colour presence' }).click();
  await excel.page.locator('td[data-row="1"][data-column="1"]').click();
  await excel.pane.locator('section[aria-labelledby=focus] jb-person-row').first().waitFor();
  await excel.page.mouse.move(0, 0);
  await excel.page.locator('.sheet').evaluate((sheet) => sheet.scrollTo(0, 0));
  await shoot(excel.page, 'excel');
}

async function takeAll(browser: Browser, server: ServerProcess): Promise<void> {
  const web = await openWeb(browser, server, { viewport: { width: 1180, height: 640 } });
  await web
    .getByRole('button', { name: /Bob Kovács/ })
    .first()
    .click();
  await web.getByText('Then I put it in').last().waitFor();
  await shoot(web, 'web');

  const dark = await openWeb(browser, server, { viewport: { width: 400, height: 720 }, colorScheme: 'dark' });
  await dark.getByRole('button', { name: /Change your state/ }).click();
  await shoot(dark, 'state-menu');

  const office = await browser.newContext({
    viewport: { width: 1280, height: 760 },
    deviceScaleFactor: 2,
    ignoreHTTPSErrors: true,
  });
  const outlook = await office.newPage();
  await outlook.goto(`${server.https}/playground/outlook?item=budget-2027`);
  const pane = outlook.frameLocator('jb-play-frame iframe');
  await pane
    .locator('jb-person-row', { hasText: 'Bob Kovács' })
    .locator('presence-icon[availability=busy]')
    .waitFor();
  await shoot(outlook, 'outlook');

  const sharePoint = await browser.newPage({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: 2 });
  await sharePoint.goto(`${server.http}/playground/sharepoint?source=members&layout=cards&section=soft`);
  await sharePoint
    .locator('jb-people-part li', { hasText: 'Bob Kovács' })
    .locator('presence-icon[availability=busy]')
    .waitFor();
  await shoot(sharePoint, 'sharepoint');

  await takeDocuments(browser, server);

  const icons = await browser.newPage({ viewport: { width: 920, height: 720 }, deviceScaleFactor: 2 });
  await icons.goto(`${server.http}/icons`);
  await icons.locator('presence-icon').first().waitFor();
  await shoot(icons, 'icons');
}

mkdirSync(images, { recursive: true });
execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root, stdio: 'inherit' });
const folder = await temporaryFolder();
const server = await startServerProcess(folder.path, { env: { JELLYBEAN_DEMO_LIFE: 'on' } });
const browser = await launchChromium();
try {
  await play(server);
  await takeAll(browser, server);
} finally {
  await browser.close();
  await server.end();
  await folder.remove();
}
