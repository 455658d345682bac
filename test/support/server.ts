/**
 * A whole server for a test: real SQLite in a folder of its own, real HTTP on free ports, the demo
 * organisation. `restart` keeps the data; `as('alice')` is that person's client.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { compose, type JellybeanServer, type Overrides } from '../../server/compose.ts';
import { type Config, parseConfig } from '../../server/config.ts';
import type { Route } from '../../server/http/route.ts';
import { silentLog } from '../../server/log.ts';
import { problemSchema } from '../../server/protocol/problems.ts';
import { type EventStreamClient, openStream, type StreamOptions } from './sse-client.ts';

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

export interface Person {
  readonly id: string;
  readonly address: string;
  readonly token: string;
  get<Body = Record<string, unknown>>(path: string, headers?: Record<string, string>): Promise<Answer<Body>>;
  send<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
  /** Opens a stream of the given endpoint; the test closes it. */
  stream(endpoint?: string, options?: StreamOptions): Promise<EventStreamClient>;
}

export interface TestServer {
  readonly folder: string;
  readonly http: string;
  readonly https: string;
  readonly running: JellybeanServer;
  /** Signs in a person of the demo organisation by the part before the @. */
  as(name: string): Promise<Person>;
  /** A client with a token that was got elsewhere. */
  client(token: string, id: string, address?: string): Person;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Stops, and starts again on the same data (and other ports). */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startServer(
  env: Readonly<Record<string, string>> = {},
  overrides: Overrides = {},
  /** What the settings cannot say, such as plain HTTP outside demo mode. */
  more: Partial<Config> = {},
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'jellybean-'));
  const config: Config = {
    ...parseConfig({
      JELLYBEAN_DATA: folder,
      JELLYBEAN_TIME_ZONE: 'Europe/Berlin',
      JELLYBEAN_DEMO_LIFE: 'off',
      ...env,
    }),
    ...more,
  };
  let running: JellybeanServer;
  let http = '';
  let https = '';
  const start = async () => {
    running = await compose(config, { log: silentLog, freePorts: true, ...overrides });
    const addresses = await running.listen();
    // By number: `localhost` may resolve to an address that the server does not listen on.
    http = (addresses.find((each) => each.startsWith('http:')) ?? '').replace('localhost', '127.0.0.1');
    https = addresses.find((each) => each.startsWith('https:')) ?? '';
  };
  await start();

  const call = async <Body>(
    token: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${http}/api/v1${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : {};
    checkAnswer(running.routes, method, path, response.status, parsed);
    return { status: response.status, headers: response.headers, text, body: parsed as Body };
  };

  const client = (token: string, id: string, address = ''): Person => ({
    id,
    address,
    token,
    get: (path, headers) => call(token, 'GET', path, undefined, headers),
    send: (method, path, body, headers) => call(token, method, path, body, headers),
    stream: (endpoint = 'desk', options = {}) =>
      openStream(`${http}/api/v1/events?endpoint=${encodeURIComponent(endpoint)}`, { token, ...options }),
  });

  return {
    folder,
    get http() {
      return http;
    },
    get https() {
      return https;
    },
    get running() {
      return running;
    },
    async as(name) {
      const address = name.includes('@') ? name : `${name}@contoso.example`;
      const signedIn = await call<{ access_token: string; person: { id: string } }>(
        null,
        'POST',
        '/demo/token',
        { user: address },
      );
      if (signedIn.status !== 200) throw new Error(`${address} cannot sign in: ${signedIn.text}`);
      return client(signedIn.body.access_token, signedIn.body.person.id, address);
    },
    client,
    fetch: (path, init) => fetch(`${http}${path}`, init),
    async restart() {
      await running.stop();
      await start();
    },
    async stop() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Fails where an answer is not what its route promises in the OpenAPI document: an unknown status, a body of
 * another form, or a key that the document does not name.
 */
function checkAnswer(
  routes: readonly Route[],
  method: string,
  path: string,
  status: number,
  body: unknown,
): void {
  if (status >= 400) {
    problemSchema.strict().parse(body);
    return;
  }
  const [bare = ''] = path.split('?');
  const route = routes.find(
    (row) => row.method === method && new RegExp(`^${row.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(bare),
  );
  if (route === undefined) throw new Error(`${method} ${path} answered ${status}, but is no route`);
  const schema = route.answers[status];
  if (schema === undefined)
    throw new Error(`${method} ${route.path} answered ${status}, which its row does not name`);
  if (schema === null) return;
  expect(schema.parse(body), `${method} ${path} answers with keys that the document does not name`).toEqual(
    body,
  );
}
