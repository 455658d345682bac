/** What machines ask of a node: is it alive, is it ready, what are its numbers. Beside the API, no bearer. */
import { timingSafeEqual } from 'node:crypto';
import { type Request, Router } from 'express';
import type { Metrics } from '../metrics.ts';

export function createSystemRoutes(options: {
  metrics: Metrics;
  /** Why the node cannot serve now, or null when it can. */
  unready: () => string | null;
  /** What is missing although the node serves, or null. */
  degraded: () => string | null;
  /** Brings up to date what is only known when it is asked for. */
  beforeScrape: () => void;
  /** Bearer for /metrics; null = loopback only. */
  metricsToken: string | null;
}): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').type('text/plain').send('ok\n');
  });
  router.get('/readyz', (_request, response) => {
    const reason = options.unready();
    response
      .status(reason === null ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .type('text/plain')
      .send(`${reason ?? ['ready', options.degraded()].filter(Boolean).join('; ')}\n`);
  });
  router.get('/metrics', async (request, response) => {
    if (!mayScrape(request, options.metricsToken)) {
      response
        .status(401)
        .set('WWW-Authenticate', 'Bearer')
        .type('text/plain')
        .send('A token of its own, or loopback.\n');
      return;
    }
    options.beforeScrape();
    const text = await options.metrics.registry.metrics();
    response.set('Cache-Control', 'no-store').type(options.metrics.registry.contentType).send(text);
  });
  return router;
}

function mayScrape(request: Request, token: string | null): boolean {
  if (token !== null) {
    const given = Buffer.from(request.get('authorization') ?? '');
    const wanted = Buffer.from(`Bearer ${token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
  const address = request.socket.remoteAddress ?? '';
  const direct = /^(127\.|::1$|::ffff:127\.)/.test(address);
  return direct && request.get('x-forwarded-for') === undefined && request.get('forwarded') === undefined;
}
