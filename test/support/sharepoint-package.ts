/** Reads the SharePoint package that `npm run sharepoint` wrote, and serves its assets as SharePoint's CDN does. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { unzipSync } from 'fflate';
import { root } from './sources.ts';

export const packageFile = path.join(root, 'addins/sharepoint/jellybean.sppkg');
export const isPackageBuilt = (): boolean => existsSync(packageFile);

export interface SharePointPackage {
  readonly names: readonly string[];
  /** The text of one file in it. */
  text(name: string): string;
  bytes(name: string): Uint8Array;
}

export function readPackage(): SharePointPackage {
  const files = unzipSync(readFileSync(packageFile));
  const bytes = (name: string): Uint8Array => {
    const found = files[name];
    if (found === undefined) throw new Error(`the package has no ${name}`);
    return found;
  };
  return {
    names: Object.keys(files).filter((name) => !name.endsWith('/')),
    bytes,
    text: (name) => Buffer.from(bytes(name)).toString('utf8'),
  };
}

/** The manifest of a component, as its element in the feature holds it. */
export function manifestOf(sharePoint: SharePointPackage, id: string): Record<string, unknown> {
  const name = sharePoint.names.find((one) => one.endsWith(`_${id}.xml`)) ?? '';
  const [, escaped = ''] = /ComponentManifest="([^"]*)"/.exec(sharePoint.text(name)) ?? [];
  const entities: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" };
  return JSON.parse(
    escaped
      .replaceAll(/&#x([\da-f]+);/gi, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
      .replaceAll(/&(quot|amp|lt|gt|apos);/g, (_all, name: string) => entities[name] as string),
  );
}

export interface SharePointSite {
  readonly origin: string;
  close(): Promise<void>;
}

/** A site on loopback with SharePoint's content security policy: scripts of its own and none inline. */
export async function serveSharePointSite(
  sharePoint: SharePointPackage,
  scripts: Readonly<Record<string, string>>,
): Promise<SharePointSite> {
  const bundles = Object.entries(scripts).map(([address, source]) => {
    const { outputFiles } = buildSync({
      entryPoints: [path.join(root, source)],
      bundle: true,
      format: 'iife',
      write: false,
      target: 'es2022',
    });
    return [address, outputFiles[0]?.text ?? ''] as const;
  });
  const byAddress = new Map(bundles);
  const tags = bundles.map(([address]) => `<script src="${address}"></script>`).join('');
  const page = `<!doctype html><html lang="en"><head><title>Plan</title>${tags}</head><body><main></main></body></html>`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const asset = `ClientSideAssets${pathname.replace(/^\/assets/, '')}`;
    const script =
      byAddress.get(pathname) ??
      (pathname.startsWith('/assets/') && sharePoint.names.includes(asset) ? sharePoint.text(asset) : null);
    if (script !== null) response.setHeader('Content-Type', 'text/javascript; charset=utf-8').end(script);
    else if (pathname === '/') {
      response.setHeader('Content-Security-Policy', "script-src 'self'; object-src 'none'");
      response.setHeader('Content-Type', 'text/html; charset=utf-8').end(page);
    } else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
