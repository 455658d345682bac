/**
 * Serves the built pages from memory: a build is a few hundred kilobytes, is read whole when the server
 * starts, and can therefore neither change nor vanish under a request. Which addresses exist, their entity
 * tags and compressed copies were worked out by addins/build.ts; this module only looks them up.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Request, type Response, Router } from 'express';
import { DomainError } from '../domain/errors.ts';
import { createHeaders, type HeaderOptions, type PageKind } from './headers.ts';

export interface PagesOptions extends HeaderOptions {
  /** The folder with `current.json`; by default `dist` of this installation. */
  readonly folder?: string;
  /** Where browsers reach this server; the event script of Outlook is told. */
  readonly baseUrl?: string;
}

type Encoding = 'br' | 'gzip' | 'identity';

interface BuiltPage {
  readonly file: string;
  readonly etag: string;
  /** Null for what is no page: scripts, styles, images. */
  readonly kind: PageKind | null;
  readonly contents: ReadonlyMap<Encoding, Buffer>;
}

interface Build {
  readonly name: string;
  readonly isWatching: boolean;
  readonly byAddress: ReadonlyMap<string, BuiltPage>;
}

const defaultFolder = fileURLToPath(new URL('../../dist', import.meta.url));
const reloadAddress = '/dev/reload';

/** Makes the routes of all pages and their assets. Without a build every page says how to make one. */
export function createPages(options: PagesOptions): Router {
  const folder = options.folder ?? defaultFolder;
  const headers = createHeaders(options);
  const routes = Router({ caseSensitive: true, strict: true });
  const read = () => readBuild(folder, options.baseUrl ?? '');
  let build = read();

  if (build?.isWatching) {
    serveReloads(routes, () => {
      if (readPointer(folder).build !== build?.name) build = read() ?? build;
      return build?.name ?? '';
    });
  }

  routes.use((request, response, next) => {
    const address = request.path;
    const page = build?.byAddress.get(address);
    if (page) {
      if (request.method === 'GET' || request.method === 'HEAD') {
        if (page.kind === null) return send(request, response, page);
        return headers[page.kind](request, response, () => send(request, response, page));
      }
      response.setHeader('Allow', 'GET, HEAD');
      return next(new DomainError('method-not-allowed', 'A page can only be read: GET or HEAD.'));
    }
    const elsewhere = build && addressMeant(address, build);
    if (elsewhere) return response.redirect(308, elsewhere + queryOf(request));
    if (build === null && address === '/') {
      return void response.status(503).type('text').send('The pages are not built yet: npm run build\n');
    }
    next();
  });
  return routes;
}

function send(request: Request, response: Response, page: BuiltPage): void {
  const encoding = (request.acceptsEncodings('br', 'gzip', 'identity') || 'identity') as Encoding;
  const chosen = page.contents.has(encoding) ? encoding : 'identity';
  const isHashed = page.file.startsWith('assets/');
  const isPublic = page.file.startsWith('public/');
  response.set({
    // A hashed name never changes its content. Icons are fetched by Office, which refuses `no-cache` on them.
    'Cache-Control': isHashed
      ? 'public, max-age=31536000, immutable'
      : isPublic
        ? 'public, max-age=3600'
        : 'no-cache',
    ETag: `W/${page.etag}`,
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
  });
  if (page.kind === null) {
    // Scripts and pictures hold nothing private, and pages of other origins use some of them.
    response.set({ 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' });
  }
  response.type(path.extname(page.file));
  if (request.fresh) return void response.status(304).end();
  if (chosen !== 'identity') response.set('Content-Encoding', chosen);
  response.send(page.contents.get(chosen));
}

/** The address that somebody who typed this one means: `/icons/` → `/icons`, `/addins/outlook` → its pane. */
function addressMeant(address: string, { byAddress }: Build): string | null {
  const bare = address.replace(/\/+$/, '');
  // `//elsewhere.example` would be another host.
  if (bare === '' || bare.startsWith('//')) return null;
  return [bare, `${bare}/pane.html`].find((one) => one !== address && byAddress.get(one)?.kind) ?? null;
}

/** Office marks its panes in the query (`?_host_Info=…`), so a redirect must keep it. */
function queryOf(request: Request): string {
  const at = request.originalUrl.indexOf('?');
  return at < 0 ? '' : request.originalUrl.slice(at);
}

function kindOf(page: string): PageKind {
  const host = page.split('/')[0] ?? '';
  if (['outlook', 'word', 'excel', 'sharepoint'].includes(host)) return 'pane';
  if (host === 'embed') return page === 'embed/index' ? 'embed' : 'popup';
  if (host === 'signin') return 'dialog';
  if (host === 'admin') return 'console';
  return host === 'playground' ? 'playground' : 'app';
}

function readPointer(folder: string): { build: string; isWatching: boolean } {
  return JSON.parse(readFileSync(path.join(folder, 'current.json'), 'utf8'));
}

/** Reads the current build; null when there is none. */
function readBuild(folder: string, baseUrl: string): Build | null {
  const read = (...names: string[]) => readFileSync(path.join(folder, ...names));
  try {
    const { build, isWatching } = readPointer(folder);
    const byAddress = new Map<string, BuiltPage>();
    for (const { address, file, etag, encodings, page } of JSON.parse(read(build, 'files.json').toString())) {
      const contents = new Map<Encoding, Buffer>([['identity', read(build, file)]]);
      for (const encoding of encodings) contents.set(encoding, read(build, `${file}.${encoding}`));
      const kind = page === undefined ? null : kindOf(page);
      if (isWatching && kind) contents.set('identity', withReload(contents.get('identity') as Buffer));
      byAddress.set(
        address,
        address === eventScript && baseUrl !== ''
          ? toldItsServer({ file, etag, kind, contents }, baseUrl)
          : { file, etag, kind, contents },
      );
    }
    return { name: build, isWatching, byAddress };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Classic Outlook on Windows runs this in an engine that does not know where a script came from. */
const eventScript = '/addins/outlook/launch-event.js';

/** The compressed copies go: the file is smaller than what a second set of them would cost to explain. */
function toldItsServer(page: BuiltPage, baseUrl: string): BuiltPage {
  const line = `var jellybeanServer=${JSON.stringify(baseUrl.replace(/\/+$/, ''))};\n`;
  const content = Buffer.concat([Buffer.from(line), page.contents.get('identity') as Buffer]);
  return {
    ...page,
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    contents: new Map([['identity', content]]),
  };
}

const withReload = (html: Buffer) =>
  Buffer.from(
    html.toString().replace('</head>', `<script type="module" src="${reloadAddress}.js"></script></head>`),
  );

/**
 * Only for builds that a watcher made: tells open pages when there is a newer build, or a newer server.
 * A build without a watcher has no such routes.
 */
function serveReloads(routes: Router, refresh: () => string): void {
  const server = Date.now();
  const current = () => `data: ${refresh()} ${server}\n\n`;
  routes.get(`${reloadAddress}.js`, (_request, response) => {
    response
      .type('js')
      .set('Cache-Control', 'no-cache')
      .send(`let first;
new EventSource('${reloadAddress}').onmessage = ({ data }) => {
  first ??= data;
  if (data !== first) location.reload();
};
`);
  });
  routes.get(reloadAddress, (_request, response) => {
    response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    let last = current();
    response.write(`retry: 300\n${last}`);
    const timer = setInterval(() => {
      const now = current();
      if (now !== last) response.write(now);
      last = now;
    }, 300);
    response.on('close', () => clearInterval(timer));
  });
}
