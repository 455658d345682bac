/**
 * A small HTTPS server for browser tests that need pages and no Jellybean: pages as text, scripts bundled from
 * the source tree, office.js from its package. HTTPS, because office.js on the web refuses anything else.
 */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buildSync } from 'esbuild';
import express from 'express';
import { officeJs } from '../../server/http/office-js.ts';
import { developmentCertificate } from './development-certificate.ts';

export interface HttpsPages {
  /** `https://localhost:port`, without a slash. */
  readonly origin: string;
  close(): Promise<void>;
}

export interface PagesInput {
  /** Pages by path. */
  readonly pages: Readonly<Record<string, string>>;
  /** Scripts by path: the source file that is bundled for it. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Starts the server on a free port of the loopback interface. */
export async function serveHttpsPages({ pages, scripts }: PagesInput): Promise<HttpsPages> {
  const app = express();
  app.use(officeJs());
  // Looked up at each request, so that a page may name an address that is known only later.
  app.use((request, response, next) => {
    const text = pages[request.path];
    if (text === undefined) next();
    else response.type('html').send(text);
  });
  for (const [path, source] of Object.entries(scripts)) {
    const built = buildSync({
      entryPoints: [source],
      bundle: true,
      format: 'esm',
      write: false,
      target: 'es2022',
    });
    const script = built.outputFiles[0]?.text ?? '';
    app.get(path, (_request, response) => {
      response.type('text/javascript').send(script);
    });
  }
  const server = createServer(await developmentCertificate(), app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
