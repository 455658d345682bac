/** The server as a process: what it prints, which signals it obeys, and what a restart keeps. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientOf, historyOf, signIn } from '../support/http-client.ts';
import {
  freePorts,
  type ServerProcess,
  serverEnvironment,
  startServerProcess,
  temporaryFolder,
} from '../support/server-process.ts';
import { root } from '../support/sources.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const running = new Set<ServerProcess>();

async function start(
  ...options: Parameters<typeof startServerProcess> extends [string, ...infer Rest] ? Rest : never
) {
  const server = await startServerProcess(folder.path, ...options);
  running.add(server);
  return server;
}

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await Promise.all([...running].map((server) => server.end('SIGKILL')));
  running.clear();
  await folder.remove();
});

/** Runs a server that is expected to give up, and answers how. */
async function failingStart(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['server/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

function statusOverTls(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpsRequest(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('[CF11] it says where it listens, one line per address, and answers on each', async () => {
  execFileSync(process.execPath, ['addins/build.ts', '--stale'], { cwd: root, stdio: 'pipe' });
  const server = await start();
  const addresses = [...server.output().matchAll(/^listening on (\S+)$/gm)].map(
    (match) => match[1] as string,
  );
  expect(addresses.map((address) => new URL(address).protocol)).toEqual(['http:', 'https:', 'https:']);
  // In demo mode it also says what to open first, and that is there.
  const [web, playground] = [...server.output().matchAll(/^open (\S+)/gm)].map((match) => match[1] as string);
  expect((await fetch((web ?? '').replace('localhost', '127.0.0.1'))).status).toBe(200);
  expect(await statusOverTls(playground ?? '')).toBe(200);
  expect((await fetch(`${server.http}/readyz`)).status).toBe(200);
  for (const address of addresses.slice(1)) expect(await statusOverTls(`${address}/healthz`)).toBe(200);
});

test('[CF1] a process with mistakes in its settings names them all, starts nothing and ends with 2', async () => {
  const env = await serverEnvironment(folder.path, {
    env: { JELLYBEAN_BIND: '0.0.0.0', JELLYBEAN_TLS_PORT: '6000', JELLYBEAN_LOG_LEVLE: 'info' },
  });
  const { code, output } = await failingStart(env);
  expect(code).toBe(2);
  expect(output).toContain('3 settings are wrong');
  for (const name of ['JELLYBEAN_BIND', 'JELLYBEAN_TLS_PORT', 'JELLYBEAN_LOG_LEVEL'])
    expect(output).toContain(name);
  expect(output).not.toContain('listening on');
  expect(output).not.toMatch(/^\s+at /m);
});

test('[CF11] a port that is taken is named, and the process ends with 2', async () => {
  const [port] = await freePorts(1);
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  try {
    const env = await serverEnvironment(folder.path, { env: { JELLYBEAN_TLS_PORT: `${port}` } });
    const { code, output } = await failingStart(env);
    expect(code).toBe(2);
    expect(output).toContain(`${port}`);
    expect(output).not.toMatch(/^\s+at /m);
  } finally {
    other.close();
  }
});

test('[CF7] on SIGTERM a stream is told 1001 with a time to come back, and the process ends with 0', async () => {
  const server = await start();
  const alice = await signIn(server.http, 'alice');
  const stream = await alice.stream('desk');
  await stream.next('ready');
  const ended = server.end('SIGTERM');
  const { data } = await stream.next<{ code: number; retryAfterMs: number }>('closing', { withinMs: 5_000 });
  expect(data.code).toBe(1001);
  expect(data.retryAfterMs).toBeGreaterThanOrEqual(0);
  expect(await ended).toBe(0);
  await stream.closed;
});

test('[CF7] SIGTERM while people send: what was acknowledged is there after the restart, once', async () => {
  const server = await start({ env: { JELLYBEAN_RATE_FACTOR: '0' } });
  const alice = await signIn(server.http, 'alice');
  const bob = await signIn(server.http, 'bob');
  const opened = await alice.call<{ id: string }>('POST', '/conversations', { participants: [bob.id] });
  const path = `/conversations/${opened.body.id}/messages`;
  const acknowledged: string[] = [];
  const senders = Array.from({ length: 8 }, async (_, sender) => {
    for (let count = 0; ; count += 1) {
      const text = `${sender}-${count}`;
      const answer = await alice.call('POST', path, { text }).catch(() => null);
      if (answer?.status === 201) acknowledged.push(text);
      else return;
    }
  });
  await expect.poll(() => acknowledged.length).toBeGreaterThan(50);
  const askedAt = performance.now();
  expect(await server.end('SIGTERM')).toBe(0);
  // Not by running into its own time limit of 5 s.
  expect(performance.now() - askedAt).toBeLessThan(4_000);
  await Promise.all(senders);

  const again = await start();
  const texts = (await historyOf(clientOf(again.http, bob.id, bob.token), opened.body.id)).map(
    ({ text }) => text,
  );
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts).toEqual(expect.arrayContaining(acknowledged));
});

test('[CF7] a signal to npm ends the server too', async () => {
  const server = await start({ command: ['npm', 'start'] });
  await server.end('SIGTERM');
  await expect
    .poll(
      () =>
        fetch(`${server.http}/healthz`).then(
          () => 'up',
          () => 'down',
        ),
      { timeout: 20_000 },
    )
    .toBe('down');
});

test('[CF8] a restart keeps tokens, messages, notes, contacts and preferred states', async () => {
  const server = await start();
  const alice = await signIn(server.http, 'alice');
  const carol = await signIn(server.http, 'carol');
  const opened = await alice.call<{ id: string }>('POST', '/conversations', {
    participants: [carol.id],
    firstMessage: { text: 'Are you there?' },
  });
  expect(opened.status).toBe(201);
  expect((await alice.call('PUT', '/me/note', { text: 'Back on Monday' })).status).toBe(200);
  expect((await alice.call('PUT', '/me/presence/preferred', { availability: 'busy' })).status).toBe(200);
  expect((await alice.call('PUT', `/me/contacts/${carol.id}`, {})).status).toBeLessThan(300);
  expect(await server.end('SIGTERM')).toBe(0);

  const again = await start();
  const same = clientOf(again.http, alice.id, alice.token);
  const messages = await same.call<{ items: { text: string; seq: number }[] }>(
    'GET',
    `/conversations/${opened.body.id}/messages`,
  );
  expect(messages.body.items).toMatchObject([{ seq: 1, text: 'Are you there?' }]);
  const stream = await same.stream('desk');
  await stream.next('ready');
  const own = await same.call<{ note: { text: string }; availability: string }>('GET', '/me/presence');
  expect(own.body).toMatchObject({ note: { text: 'Back on Monday' }, availability: 'busy' });
  const contacts = await same.call<{ items: { person: { id: string } }[] }>('GET', '/me/contacts');
  expect(contacts.body.items.map(({ person }) => person.id)).toContain(carol.id);
  await stream.close();
});
