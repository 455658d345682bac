/**
 * A Jellybean to be measured: started as anybody would start it, on a data folder of its own, with people
 * of the demo organisation signed in through the API. Nothing is switched off: authentication, privacy
 * filter, ids, cursors and the durable store are on. Only the rate limits are raised, for one machine here
 * plays a thousand people.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ServerProcess, startServer } from './processes.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Keeps the limiter at work, far above anything a case asks of one person. */
const RATE_FACTOR = '1000';
/** Calls under way at once while a case is being prepared. */
const PREPARING_CALLS = 64;

export interface Person {
  readonly id: string;
  readonly address: string;
  readonly token: string;
}

export interface Jellybean {
  readonly server: ServerProcess;
  readonly port: number;
  /** Signs a person in by address. */
  signIn(address: string): Promise<Person>;
  /** Calls the API; throws with the problem on anything but 2xx. */
  call<Answer>(token: string, method: string, route: string, body?: unknown): Promise<Answer>;
  /** Ends the server and deletes its data. */
  close(): Promise<void>;
}

export async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** The settings of a server that listens on one free port, with its data in `folder`. */
export async function settingsFor(folder: string): Promise<{ port: number; env: Record<string, string> }> {
  const port = await findFreePort();
  return {
    port,
    env: {
      JELLYBEAN_DATA: folder,
      JELLYBEAN_HTTP_PORT: String(port),
      JELLYBEAN_TLS_PORT: '0',
      JELLYBEAN_LYNC_PORT: '0',
      JELLYBEAN_LOG_LEVEL: 'warn',
      JELLYBEAN_DEMO_LIFE: 'off',
      JELLYBEAN_RATE_FACTOR: RATE_FACTOR,
    },
  };
}

/** Runs `task` for every item, so many at once. */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  task: (item: Item, index: number) => Promise<void>,
  atOnce = PREPARING_CALLS,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) await task(items[index] as Item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/**
 * Starts Jellybean. `nodeFlags` go to Node, e.g. `--cpu-prof`; `seed` fills the data folder before the
 * start, where going through the API would take longer than the measurement.
 */
export async function startJellybean(
  nodeFlags: readonly string[] = [],
  seed?: (folder: string) => Promise<void>,
  more: Readonly<Record<string, string>> = {},
): Promise<Jellybean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-bench-'));
  await seed?.(folder);
  const { port, env } = await settingsFor(folder);
  const server = await startServer([...nodeFlags, path.join(root, 'server/main.ts')], {
    cwd: root,
    env: { ...env, JELLYBEAN_DRAIN_SECONDS: '0', ...more },
  });
  const base = `http://127.0.0.1:${port}/api/v1`;

  async function call<Answer>(token: string, method: string, route: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${base}${route}`, {
      method,
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  return {
    server,
    port,
    call,
    signIn: async (address) => {
      const answer = await call<{ access_token: string; person: { id: string } }>('', 'POST', '/demo/token', {
        user: address,
      });
      return { id: answer.person.id, address, token: answer.access_token };
    },
    close: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
