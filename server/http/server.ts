/**
 * HTTP: one `serve` function runs a route row for the pre-router and for Express alike, so authentication,
 * validation and problems are the same on both ways. The pre-router matches hot routes exactly and lets
 * everything else fall through to Express.
 */
import { randomBytes } from 'node:crypto';
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Express, type Router } from 'express';
import { DomainError } from '../domain/errors.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Identity, Principal } from '../ports/identity.ts';
import type { EventStream } from '../services/event-stream.ts';
import type { ClientAddress } from './client-address.ts';
import type { Cors } from './cors.ts';
import { createGate, type Denial } from './gate.ts';
import { parse, readerOf, readIdempotency, readJson, readQuery } from './input.ts';
import { leaveHttp } from './leave-http.ts';
import { problemOf } from './problems.ts';
import type { createRateLimits } from './rate-limits.ts';
import type { Answer, Call, Route } from './route.ts';
import { SocketSink } from './sse.ts';

export const apiBase = '/api/v1';

export interface HttpOptions {
  readonly routes: readonly Route[];
  readonly identity: Identity;
  readonly eventStream: EventStream;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly rateLimits: ReturnType<typeof createRateLimits>;
  readonly cors: Cors;
  readonly clientAddress: ClientAddress;
  /** Told of everybody who was not let in, for the audit log. */
  readonly onDenied?: (denial: Denial) => void;
  readonly timeZone: string;
  readonly preRouter: boolean;
  /** Everything that is not the API: pages, assets, manifests, health. */
  readonly pages: readonly Router[];
}

const keyOf = ({ method, path }: Route): string => `${method} ${path}`;
const eventsKey = 'GET /events';

const noPrincipal = new Proxy({} as Principal, {
  get() {
    throw new Error('an anonymous route asked for its principal');
  },
});

const idPrefix = randomBytes(4).toString('hex');
let requests = 0;
const nextRequestId = () => `${idPrefix}-${(++requests).toString(36)}`;

export function createHttpHandler(options: HttpOptions): RequestListener {
  const { log, metrics, rateLimits, cors } = options;
  const { admitted, authorise, limit } = createGate(options);

  async function serve(
    route: Route,
    params: Readonly<Record<string, string>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const requestId = nextRequestId();
    const startedAt = performance.now();
    try {
      let principal: Principal = noPrincipal;
      if (route.access !== 'anonymous') {
        const key = keyOf(route);
        const found = admitted(request, key);
        principal = found instanceof Promise ? await found : found;
        authorise(route.access, key, principal);
      }
      if (route.limit !== undefined)
        limit(route.limit, principal === noPrincipal ? null : principal, request);
      const url = request.url ?? '';
      const query = route.query === undefined ? undefined : parse(route.query, readQuery(url), 'query');
      let body: unknown;
      if (!route.upload && request.method !== 'GET') {
        const json = await readJson(request);
        if (route.body !== undefined) body = parse(route.body, json, 'body');
      }
      const call: Call = {
        principal,
        params,
        query,
        body,
        reader: readerOf(request, options.timeZone),
        requestId,
        idempotent: request.method === 'POST' ? readIdempotency(request, url, body) : null,
        ifMatch: request.headers['if-match'] ?? null,
        ifNoneMatch: request.headers['if-none-match'] ?? null,
        upload: route.upload ? { stream: request, contentType: request.headers['content-type'] ?? '' } : null,
        arrival: {
          host: request.headers.host ?? '',
          forwarded: [
            'forwarded',
            'x-forwarded-for',
            'x-forwarded-host',
            'x-forwarded-proto',
            'x-real-ip',
            'via',
          ].some((name) => request.headers[name] !== undefined),
        },
      };
      const answering = route.handle(call);
      const answer = answering instanceof Promise ? await answering : answering;
      await send(response, answer, requestId, cors.headersFor(request));
      observe(route, answer.status, startedAt);
    } catch (error) {
      const status = sendProblem(request, response, error, requestId);
      observe(route, status, startedAt);
    }
  }

  function observe(route: Route, status: number, startedAt: number): void {
    metrics.requests.inc({ method: route.method, route: route.path, status });
    metrics.requestSeconds.observe(
      { kind: route.hot ? 'hot' : 'other' },
      (performance.now() - startedAt) / 1_000,
    );
  }

  function sendProblem(
    request: IncomingMessage,
    response: ServerResponse,
    error: unknown,
    requestId: string,
  ): number {
    const { problem, headers } = problemOf(error, requestId, log);
    if (problem.status < 500) log.debug({ requestId, code: problem.code, route: request.method }, 'refused');
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return problem.status;
    }
    const json = JSON.stringify(problem);
    // A body that was not read to its end would be taken for the next request.
    if (!request.complete) response.shouldKeepAlive = false;
    response.writeHead(problem.status, {
      ...common,
      ...cors.headersFor(request),
      ...headers,
      'Content-Type': 'application/problem+json',
      'Content-Length': Buffer.byteLength(json),
      'X-Request-Id': requestId,
    });
    response.end(json);
    return problem.status;
  }

  /** Opens an event stream: same authentication, then the socket is handed over. */
  async function serveEvents(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = nextRequestId();
    try {
      const found = admitted(request, eventsKey);
      const principal = found instanceof Promise ? await found : found;
      authorise('any', eventsKey, principal);
      const { endpoint } = readQuery(request.url ?? '');
      if (endpoint === undefined || !/^[\w.:@-]{1,100}$/.test(endpoint))
        throw new DomainError(
          'invalid-input',
          'endpoint is missing or not 1 to 100 letters, digits, ".", ":", "@", "_" or "-".',
          {
            errors: [{ pointer: '/endpoint', message: 'missing or malformed' }],
          },
        );
      const accept = request.headers.accept ?? '*/*';
      if (!/text\/event-stream|text\/\*|\*\/\*/.test(accept))
        throw new DomainError(
          'invalid-input',
          'This route answers text/event-stream only; send that in Accept.',
        );
      rateLimits.take('stream', principal.userId);
      const lastEventId = request.headers['last-event-id'];
      const socket = request.socket;
      const corsLines = Object.entries(cors.headersFor(request))
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('');
      let tooSlow = () => socket.destroy();
      const sink = new SocketSink(socket, requestId, corsLines, () => tooSlow());
      socket.on('error', () => socket.destroy());
      const reader = readerOf(request, options.timeZone);
      request.resume();
      setImmediate(leaveHttp, request, response);
      try {
        const stream = await options.eventStream.open(
          principal,
          endpoint,
          typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : null,
          reader,
          sink,
        );
        tooSlow = () => {
          options.eventStream.tooSlow(stream.id);
          return socket;
        };
        if (socket.destroyed) stream.gone();
        else socket.once('close', stream.gone);
      } catch (error) {
        // The head is out: all that can be said is why it ends.
        const { problem } = problemOf(error, requestId, log);
        sink.end(
          Buffer.from(
            `event: closing\ndata: ${JSON.stringify({ code: 4002, retryAfterMs: null, problem })}\n\n`,
          ),
        );
      }
    } catch (error) {
      sendProblem(request, response, error, requestId);
    }
  }

  const hot = new HotRoutes(options.routes.filter((route) => route.hot));
  const app = createExpress(options, serve, serveEvents, sendProblem);

  return (request, response) => {
    if (options.preRouter) {
      const url = request.url ?? '';
      if (
        request.method === 'GET' &&
        url.startsWith(eventsPath) &&
        (url.length === eventsPath.length || url[eventsPath.length] === '?')
      )
        return void serveEvents(request, response);
      const match = hot.match(request.method ?? '', url);
      if (match !== null) return void serve(match.route, match.params, request, response);
    }
    app(request, response);
  };
}

const eventsPath = `${apiBase}/events`;

const common = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-site',
} as const;

async function send(
  response: ServerResponse,
  answer: Answer,
  requestId: string,
  cors: Record<string, string>,
): Promise<void> {
  const headers: Record<string, string | number> = {
    ...common,
    ...cors,
    'X-Request-Id': requestId,
    ...answer.headers,
  };
  if (answer.stream !== undefined) {
    response.writeHead(answer.status, headers);
    await pipeline(answer.stream as Readable, response);
    return;
  }
  const text = answer.text ?? answer.json ?? (answer.body === undefined ? null : JSON.stringify(answer.body));
  if (text === null) {
    response.writeHead(answer.status, headers);
    response.end();
    return;
  }
  if (answer.text === undefined) headers['Content-Type'] = 'application/json; charset=utf-8';
  headers['Content-Length'] = Buffer.byteLength(text);
  response.writeHead(answer.status, headers);
  response.end(text);
}

/** Exact matching of the hot routes on the raw method and path; anything unusual falls through to Express. */
class HotRoutes {
  readonly #byShape = new Map<string, { route: Route; segments: string[] }[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const segments = route.path.split('/').slice(1);
      const shape = `${route.method} ${segments.length}`;
      const rows = this.#byShape.get(shape) ?? [];
      rows.push({ route, segments });
      this.#byShape.set(shape, rows);
    }
  }

  match(method: string, url: string): { route: Route; params: Record<string, string> } | null {
    if (!url.startsWith(`${apiBase}/`)) return null;
    const end = url.indexOf('?');
    const segments = (end < 0 ? url : url.slice(0, end)).slice(apiBase.length + 1).split('/');
    const rows = this.#byShape.get(`${method} ${segments.length}`);
    if (rows === undefined) return null;
    for (const row of rows) {
      const params = match(row.segments, segments);
      if (params !== null) return { route: row.route, params };
    }
    return null;
  }
}

/** Parameters of a path, or null when it is another or holds anything that needs decoding. */
function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (let at = 0; at < pattern.length; at += 1) {
    const wanted = pattern[at] as string;
    const given = segments[at] as string;
    if (wanted.startsWith('{')) {
      if (given === '' || given.includes('%')) return null;
      params[wanted.slice(1, -1)] = given;
    } else if (wanted !== given) return null;
  }
  return params;
}

type Serve = (
  route: Route,
  params: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

function createExpress(
  options: HttpOptions,
  serve: Serve,
  serveEvents: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  sendProblem: (
    request: IncomingMessage,
    response: ServerResponse,
    error: unknown,
    requestId: string,
  ) => number,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);

  const api = express.Router({ caseSensitive: true });
  api.use(options.cors.preflight);
  api.get('/events', (request, response) => serveEvents(request, response));
  for (const route of options.routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const verb = route.method.toLowerCase() as 'get' | 'put' | 'post' | 'patch' | 'delete';
    api[verb](path, (request, response) =>
      serve(route, request.params as Record<string, string>, request, response),
    );
  }
  const rows = [{ method: 'GET', path: '/events' }, ...options.routes];
  const shapes = rows.map(({ method, path }) => ({
    method,
    shape: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
  }));
  api.use((request, response) => {
    const allowed = new Set(
      shapes.filter(({ shape }) => shape.test(request.path)).map(({ method }) => method),
    );
    if (allowed.size > 0) response.setHeader('Allow', [...allowed].sort().join(', '));
    const problem =
      allowed.size > 0
        ? new DomainError('method-not-allowed', `This route takes ${[...allowed].sort().join(', ')}.`)
        : new DomainError('not-found', 'There is no such route.');
    sendProblem(request, response, problem, nextRequestId());
  });
  app.use(apiBase, api);
  app.use(...options.pages);
  app.use((request, response) => {
    sendProblem(request, response, new DomainError('not-found', 'There is no such page.'), nextRequestId());
  });
  app.use(
    (error: unknown, request: express.Request, response: express.Response, _next: express.NextFunction) => {
      const malformed = error instanceof URIError || (error as { status?: number }).status === 400;
      const known = malformed
        ? new DomainError('invalid-input', 'The address holds a malformed escape.')
        : error;
      sendProblem(request, response, known, nextRequestId());
    },
  );
  return app;
}

/** How long a client may take over its headers and its whole request, and how often that is looked at. */
export const clientTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 2_000,
} as const;

/** Listens on one port; TLS where a certificate is given. Resolves when it accepts connections. */
export function listen(
  handler: RequestListener,
  port: number,
  bind: string | null,
  tls: { cert: string; key: string } | null,
  timeouts: Readonly<Record<keyof typeof clientTimeouts, number>> = clientTimeouts,
): Promise<Server> {
  const settings = {
    ...timeouts,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 32_768,
  };
  const server =
    tls === null ? createHttp(settings, handler) : (createHttps({ ...settings, ...tls }, handler) as Server);
  server.maxRequestsPerSocket = 0;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(bind === null ? {} : { host: bind }) }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
