import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import express from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DomainError } from '../../server/domain/errors.ts';
import { createPages, type PagesOptions } from '../../server/http/pages.ts';
import { sendRequest } from '../support/raw-request.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-pages-'));
const servers: Server[] = [];

const html = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body></body></html>`;
const script = 'console.log(1);'.repeat(100);

/** Writes a build as addins/build.ts leaves it. */
function writeBuild(build: string, isWatching: boolean, title = 'Jellybean') {
  const listed = [
    { address: '/', file: 'addins/web/index.html', page: 'web/index', content: html(title) },
    { address: '/icons', file: 'addins/icons/index.html', page: 'icons/index', content: html('Icons') },
    {
      address: '/addins/outlook/pane.html',
      file: 'addins/outlook/pane.html',
      page: 'outlook/pane',
      content: html('Pane'),
    },
    {
      address: '/embed/sign-in',
      file: 'addins/embed/sign-in.html',
      page: 'embed/sign-in',
      content: html('Sign in'),
    },
    { address: '/embed', file: 'addins/embed/index.html', page: 'embed/index', content: html('Embed') },
    {
      address: '/playground/outlook',
      file: 'addins/playground/outlook/index.html',
      page: 'playground/outlook/index',
      content: html('Playground'),
    },
    { address: '/assets/main.abc.js', file: 'assets/main.abc.js', content: script },
    { address: '/embed/presence-icon.js', file: 'embed/presence-icon.js', content: script },
    { address: '/favicon.svg', file: 'public/web/favicon.svg', content: '<svg/>' },
  ];
  const files = listed.map(({ content, ...one }) => {
    const full = path.join(folder, build, one.file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, content);
    const encodings = one.file.endsWith('.js') ? ['br', 'gzip'] : [];
    if (encodings.length > 0) {
      writeFileSync(`${full}.br`, brotliCompressSync(content));
      writeFileSync(`${full}.gzip`, gzipSync(content));
    }
    return { ...one, etag: `"${build}-${one.file.length}"`, encodings };
  });
  writeFileSync(path.join(folder, build, 'files.json'), JSON.stringify(files));
  writeFileSync(path.join(folder, 'current.json'), JSON.stringify({ build, isWatching }));
}

async function serve(options: Partial<PagesOptions> = {}): Promise<number> {
  const app = express();
  app.use(createPages({ folder, isDemo: true, allowedFrames: [], ...options }));
  app.use(
    (error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(error instanceof DomainError ? error.status : 500).end();
    },
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

const directive = (policy: string | undefined, name: string) =>
  policy
    ?.split(';')
    .find((one) => one.startsWith(`${name} `))
    ?.slice(name.length + 1)
    .split(' ');

beforeAll(() => writeBuild('first', false));
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('caching', () => {
  test('[OP4] hashed assets are immutable, pages are not, icons are cacheable for Office', async () => {
    const port = await serve();
    const cacheOf = async (address: string) => (await sendRequest(port, address)).headers['cache-control'];
    expect(await cacheOf('/assets/main.abc.js')).toBe('public, max-age=31536000, immutable');
    expect(await cacheOf('/')).toBe('no-cache');
    expect(await cacheOf('/embed/presence-icon.js')).toBe('no-cache');
    expect(await cacheOf('/favicon.svg')).toBe('public, max-age=3600');
  });

  test('[OP4] an unchanged page is answered 304 without a body, a changed one in full', async () => {
    const port = await serve();
    const first = await sendRequest(port, '/');
    expect(first.body.toString()).toBe(html('Jellybean'));
    const again = await sendRequest(port, '/', {
      headers: { 'If-None-Match': first.headers.etag as string },
    });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    const other = await sendRequest(port, '/', { headers: { 'If-None-Match': 'W/"something-else"' } });
    expect(other.status).toBe(200);
  });

  test.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['gzip;q=0.5, br;q=0', 'gzip'],
    ['identity', undefined],
    ['', undefined],
  ])('[OP4] a browser that accepts “%s” gets %s', async (accepted, sent) => {
    const port = await serve();
    const { headers, body } = await sendRequest(port, '/assets/main.abc.js', {
      headers: { 'Accept-Encoding': accepted },
    });
    expect(headers['content-encoding']).toBe(sent);
    expect(headers.vary).toContain('Accept-Encoding');
    expect(headers['content-type']).toMatch(/javascript; charset=utf-8/);
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[sent ?? ''] ?? ((bytes: Buffer) => bytes);
    expect(decode(body).toString()).toBe(script);
  });

  test('[OP4] HEAD has the headers of GET and no body', async () => {
    const port = await serve();
    const { status, headers, body } = await sendRequest(port, '/', { method: 'HEAD' });
    expect([status, body.length]).toEqual([200, 0]);
    expect(Number(headers['content-length'])).toBe(html('Jellybean').length);
  });
});

describe('security headers', () => {
  test('[OP5] no page allows inline or foreign scripts, but for those of office.js in a pane', async () => {
    const port = await serve();
    for (const address of ['/', '/icons', '/embed', '/playground/outlook']) {
      const { headers } = await sendRequest(port, address);
      const policy = headers['content-security-policy'] as string;
      expect(directive(policy, 'default-src'), address).toEqual(["'self'"]);
      expect(directive(policy, 'script-src'), address).toEqual(["'self'"]);
      expect(directive(policy, 'style-src'), address).toEqual(["'self'"]);
      expect(policy, address).not.toContain('unsafe-');
    }
    const pane = (await sendRequest(port, '/addins/outlook/pane.html')).headers[
      'content-security-policy'
    ] as string;
    expect(directive(pane, 'script-src')).toEqual([
      "'self'",
      'https://appsforoffice.microsoft.com',
      'https://ajax.aspnetcdn.com',
    ]);
    expect(pane).not.toContain('unsafe-');
  });

  test('[OP5] apps are framed by nobody, embed by the allow list, panes by Office and the allow list', async () => {
    const port = await serve({ allowedFrames: ['https://intranet.contoso.example'] });
    const framesOf = async (address: string) =>
      directive(
        (await sendRequest(port, address)).headers['content-security-policy'] as string,
        'frame-ancestors',
      );
    expect(await framesOf('/')).toEqual(["'none'"]);
    expect(await framesOf('/playground/outlook')).toEqual(["'none'"]);
    expect(await framesOf('/embed')).toEqual(["'self'", 'https://intranet.contoso.example']);
    expect(await framesOf('/embed/sign-in')).toEqual(["'none'"]);
    const pane = await framesOf('/addins/outlook/pane.html');
    expect(pane).toContain('https://outlook.cloud.microsoft');
    expect(pane).toContain('https://intranet.contoso.example');
    const { headers } = await sendRequest(port, '/addins/outlook/pane.html');
    expect(headers['x-frame-options']).toBeUndefined();
  });

  test('[OP5] a window keeps its opener where it must answer it', async () => {
    const port = await serve();
    const openerOf = async (address: string) =>
      (await sendRequest(port, address)).headers['cross-origin-opener-policy'];
    expect(await openerOf('/')).toBe('same-origin-allow-popups');
    for (const address of ['/embed/sign-in', '/addins/outlook/pane.html']) {
      expect(await openerOf(address), address).toBeUndefined();
    }
  });

  test('[OP5] demo mode insists on no HTTPS, every other mode does', async () => {
    const demo = (await sendRequest(await serve(), '/')).headers;
    expect(demo['strict-transport-security']).toBeUndefined();
    expect(demo['content-security-policy']).not.toContain('upgrade-insecure-requests');
    const real = (await sendRequest(await serve({ isDemo: false }), '/')).headers;
    expect(real['strict-transport-security']).toBe('max-age=31536000');
    expect(real['content-security-policy']).toContain('upgrade-insecure-requests');
  });

  test('[OP5] scripts and pictures may be used by pages of others, pages may not', async () => {
    const port = await serve();
    const policyOf = async (address: string) =>
      (await sendRequest(port, address)).headers['cross-origin-resource-policy'];
    expect(await policyOf('/embed/presence-icon.js')).toBe('cross-origin');
    expect(await policyOf('/')).toBe('same-site');
  });
});

describe('addresses', () => {
  test.each([
    ['/icons/', '/icons'],
    ['/icons/?a=1', '/icons?a=1'],
    ['/addins/outlook/', '/addins/outlook/pane.html'],
    ['/addins/outlook?_host_Info=Outlook$Web', '/addins/outlook/pane.html?_host_Info=Outlook$Web'],
    ['/playground/outlook/', '/playground/outlook'],
  ])('[OP6] %s leads to %s', async (from, to) => {
    const { status, headers } = await sendRequest(await serve(), from);
    expect([status, headers.location]).toEqual([308, to]);
  });

  test.each([
    '/current.json',
    '/files.json',
    '/first/files.json',
    '/../current.json',
    '/assets/../files.json',
    '/%2e%2e/current.json',
    '/assets/%2e%2e%2ffiles.json',
    '/assets/main.abc.js.br',
    '//elsewhere.example/icons/',
    '/__proto__',
    '/ICONS',
    '/dev/reload',
    '/%',
  ])('[OP6] %s is not to be had', async (address) => {
    const { status, headers } = await sendRequest(await serve(), address);
    expect([status, headers.location]).toEqual([404, undefined]);
  });

  test('[OP6] a page cannot be posted to', async () => {
    const { status, headers } = await sendRequest(await serve(), '/', { method: 'POST' });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

describe('builds', () => {
  test('[OP3] without a build the first page says what to do', async () => {
    const port = await serve({ folder: path.join(folder, 'nothing-here') });
    const { status, body } = await sendRequest(port, '/');
    expect([status, body.toString()]).toEqual([503, 'The pages are not built yet: npm run build\n']);
  });

  test('[OP3] a running server goes on with its build, even when that is deleted', async () => {
    writeBuild('short-lived', false);
    const port = await serve();
    rmSync(path.join(folder, 'short-lived'), { recursive: true });
    writeBuild('first', false, 'Another title');
    expect((await sendRequest(port, '/')).body.toString()).toBe(html('Jellybean'));
    writeBuild('first', false);
  });

  test('[OP7] pages of a watched build reload when there is another; those of others have no such script', async () => {
    expect((await sendRequest(await serve(), '/')).body.toString()).not.toContain('/dev/reload');
    writeBuild('watch-1', true);
    const port = await serve();
    expect((await sendRequest(port, '/')).body.toString()).toContain(
      '<script type="module" src="/dev/reload.js">',
    );
    const response = await fetch(`http://127.0.0.1:${port}/dev/reload`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toMatch(/data: watch-1 \d+\n\n/);
    writeBuild('watch-2', true, 'Newer');
    expect((await reader?.read())?.value).toMatch(/data: watch-2 \d+\n\n/);
    expect((await sendRequest(port, '/')).body.toString()).toContain('Newer');
    await reader?.cancel();
    writeBuild('first', false);
  });
});
