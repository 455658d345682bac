/** What a newcomer does with a fresh server, at the addresses that the README names, from hello to the archive. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';
import { root } from '../support/sources.ts';

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  const [event] = await Promise.race([
    once(probe, 'listening').then(() => ['listening']),
    once(probe, 'error').then(() => ['error']),
  ]);
  probe.close();
  return event === 'listening';
}
const portsAreFree = (await Promise.all([8480, 8443, 5061].map(isFree))).every(Boolean);

skipUnless(chromiumPath() !== null && portsAreFree, 'Chromium is not installed, or a default port is taken')(
  'a newcomer',
  () => {
    let browser: Browser;
    let server: ServerProcess;
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;

    beforeAll(async () => {
      execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root });
      folder = await temporaryFolder();
      server = await startServerProcess(folder.path, { isOnDefaultPorts: true });
      browser = await launchChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await server?.end();
      await folder?.remove();
    });

    async function signIn(name: string): Promise<Page> {
      const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1000, height: 720 } });
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      await page.goto('http://localhost:8480/');
      await page
        .locator('jb-sign-in')
        .getByRole('button', { name: new RegExp(name, 'i') })
        .click();
      await page.getByRole('button', { name: 'Change your state' }).waitFor();
      return page;
    }
    async function chatWith(page: Page, name: string): Promise<void> {
      await page.getByRole('searchbox', { name: 'Find people' }).first().fill(name);
      await page
        .locator('jb-contacts jb-person-row')
        .getByRole('button', { name: new RegExp(name, 'i') })
        .first()
        .click();
    }
    const composer = (page: Page) => page.getByRole('textbox', { name: /^Message$/ });

    test('[UI15, IM62] two people talk at the default ports, and an administrator exports it with proof', async () => {
      expect(new URL(server.http).port).toBe('8480');
      expect(new URL(server.https).port).toBe('8443');
      const token = async (name: string) => {
        const response = await fetch(`${server.http}/api/v1/demo/token`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ user: `${name}@contoso.example` }),
        });
        return ((await response.json()) as { access_token: string }).access_token;
      };
      const switched = await fetch(`${server.http}/api/v1/admin/retention`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await token('carol')}` },
        body: JSON.stringify({ messageDays: null, cdrDays: 60, auditDays: 365, archive: 'everyone' }),
      });
      expect(switched.status).toBe(200);

      const [alice, bob] = [await signIn('alice'), await signIn('bob')];
      await chatWith(alice, 'Bob');
      await composer(alice).fill('Shall we settle the budget?');
      await composer(alice).press('Enter');
      await bob.locator('jb-conversations').getByRole('button', { name: /Alice/ }).click();
      await bob.getByText('Shall we settle the budget?').first().waitFor();
      await composer(bob).fill('At three, in Vienna.');
      await composer(bob).press('Enter');
      await alice.getByText('At three, in Vienna.').first().waitFor();

      const admin = await (await browser.newContext({ locale: 'en-GB' })).newPage();
      await admin.goto('http://localhost:8480/admin');
      await admin.getByRole('button', { name: 'Sign in' }).click();
      await admin.getByText('1 session, 2 messages, 2 people').waitFor();
      const [download] = await Promise.all([
        admin.waitForEvent('download'),
        admin.getByRole('button', { name: 'Archive as JSON Lines' }).click(),
      ]);
      const archive = readFileSync(await download.path(), 'utf8');
      for (const text of ['Shall we settle the budget?', 'At three, in Vienna.'])
        expect(archive.split(text)).toHaveLength(2);

      const verify = (content: string) => {
        const file = path.join(folder.path, 'archive.jsonl');
        writeFileSync(file, content);
        return spawnSync(process.execPath, ['server/cli.ts', 'verify', file], {
          cwd: root,
          encoding: 'utf8',
        });
      };
      const whole = verify(archive);
      expect(whole.status, whole.stdout + whole.stderr).toBe(0);
      expect(verify(archive.replace('At three', 'At four')).status).not.toBe(0);
    });
  },
);
