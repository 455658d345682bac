/** The real server with freshly built pages, for browser tests, and its API as one person. */
import { execFileSync } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import {
  type ServerProcess,
  type ServerProcessOptions,
  startServerProcess,
  temporaryFolder,
} from './server-process.ts';
import { root } from './sources.ts';

/** Builds what is stale and starts the server. */
export function startServerWithPages(
  folder: string,
  options: ServerProcessOptions = {},
): Promise<ServerProcess> {
  execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root, stdio: 'pipe' });
  return startServerProcess(folder, options);
}

export interface DemoPerson {
  readonly id: string;
  /** Calls the API and answers the parsed body; fails with the problem where the server refuses. */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
}

/** Signs in as somebody of the demo organisation. */
export async function signInAs(server: ServerProcess, user: string): Promise<DemoPerson> {
  const send = async (method: string, path: string, body: unknown, token: string | null): Promise<Response> =>
    fetch(`${server.http}/api/v1${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const signedIn = await send('POST', '/demo/token', { user: `${user}@contoso.example` }, null);
  const { access_token: token, person } = (await signedIn.json()) as {
    access_token: string;
    person: { id: string };
  };
  return {
    id: person.id,
    async call(method, path, body) {
      const response = await send(method, path, body, token);
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (response.status === 204 ? undefined : await response.json()) as never;
    },
  };
}

/** Publishes a machine that is in use, so that a state chosen by hand shows: nobody is present by words alone. */
export async function bePresent(person: DemoPerson, availability = 'available'): Promise<void> {
  await person.call('PUT', '/me/publications/test-app', {
    kind: 'application',
    availability,
    expiresInSeconds: 600,
  });
}

export interface OpenedHouse {
  readonly server: ServerProcess;
  readonly browser: Browser;
  /** Those who were asked for, in that order: signed in, and present. */
  readonly people: readonly DemoPerson[];
  close(): Promise<void>;
}

/** A server with its pages and data of its own, a browser, and somebody there: what most browser tests begin with. */
export async function openHouse<const Names extends readonly string[]>(
  ...names: Names
): Promise<OpenedHouse & { readonly people: { [Index in keyof Names]: DemoPerson } }> {
  const opened = new AsyncDisposableStack();
  try {
    const folder = opened.adopt(await temporaryFolder(), (one) => one.remove());
    const server = opened.adopt(await startServerWithPages(folder.path), (one) => one.end().then(() => {}));
    const browser = opened.adopt(await launchChromium(), (one) => one.close());
    const people = await Promise.all(names.map((name) => signInAs(server, name)));
    for (const person of people) await bePresent(person);
    return {
      server,
      browser,
      people: people as { [Index in keyof Names]: DemoPerson },
      close: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}
