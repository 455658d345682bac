/**
 * The server is killed (SIGKILL) at every point of a send that can be seen from outside; two clients that
 * repeat what was not acknowledged, with the same key, each end up with every message exactly once.
 */
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../support/server-process.ts';
import { type EventStreamClient, openStream } from '../support/sse-client.ts';

interface Client {
  readonly id: string;
  readonly token: string;
  stream: EventStreamClient | null;
  /** Messages as this client's streams told them, in order. */
  readonly heard: { id: string; seq: number; text: string }[];
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ServerProcess;
let clients: Client[];
let conversation: string;

const call = async <Body>(
  token: string | null,
  method: string,
  path: string,
  body?: unknown,
  key?: string,
) => {
  const response = await fetch(`${server.http}/api/v1${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      'Content-Type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
};

async function start(): Promise<void> {
  server = await startServerProcess(folder.path, { env: { JELLYBEAN_RATE_FACTOR: '0' } });
}

const readyCursor = (stream: EventStreamClient): string =>
  stream.events.find(({ type }) => type === 'ready')?.data.cursor as string;

/** Opens each client's stream where the last one ended; what it tells is kept once it is complete. */
async function listen(client: Client): Promise<void> {
  // A stream that ended before its first event is taken up at the place its `ready` named, as clients do.
  const last = client.stream && (client.stream.lastEventId ?? readyCursor(client.stream));
  client.stream = await openStream(`${server.http}/api/v1/events?endpoint=desk`, {
    token: client.token,
    ...(last ? { lastEventId: last } : {}),
  });
  await client.stream.next('presence.snapshot', { withinMs: 20_000 });
}

function collect({ stream, heard }: Client): void {
  for (const { type, data } of stream?.events ?? [])
    if (type === 'message.posted') heard.push(data.message as Client['heard'][number]);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await start();
  clients = await Promise.all(
    ['alice', 'bob'].map(async (name) => {
      const { body } = await call<{ access_token: string; person: { id: string } }>(
        null,
        'POST',
        '/demo/token',
        {
          user: `${name}@contoso.example`,
        },
      );
      return { id: body.person.id, token: body.access_token, stream: null, heard: [] };
    }),
  );
  const opened = await call<{ id: string }>(clients[0]!.token, 'POST', '/conversations', {
    participants: [clients[1]!.id],
    context: { kind: 'page', title: 'Killed', itemId: 'killed-while-sending' },
  });
  conversation = opened.body.id;
  await Promise.all(clients.map(listen));
});
afterAll(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

const path = () => `/api/v1/conversations/${conversation}/messages`;

/** Sends by hand, so that the kill can come between any two bytes. Resolves when it is time to kill. */
function sendUntil(point: string, client: Client, text: string, key: string): Promise<void> {
  const body = JSON.stringify({ text });
  const url = new URL(server.http);
  return new Promise((resolve) => {
    const outgoing = request({
      host: url.hostname,
      port: url.port,
      path: path(),
      method: 'POST',
      headers: {
        Authorization: `Bearer ${client.token}`,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'Idempotency-Key': key,
      },
      agent: false,
    });
    outgoing.on('error', () => {});
    if (point === 'half of the request is there') {
      outgoing.write(body.slice(0, body.length / 2), () => resolve());
      return;
    }
    outgoing.on('response', (response) => {
      response.on('error', () => {});
      response.once('data', () => {
        if (point === 'the answer begins') resolve();
      });
    });
    outgoing.end(body, () => {
      if (point === 'the request is sent') resolve();
      const delay = /^(\d+) ms later$/.exec(point)?.[1];
      if (delay !== undefined) setTimeout(resolve, Number(delay));
    });
    if (point === 'the other hears of it')
      clients[1]!.stream
        ?.next('message.posted', {
          where: ({ message }) => (message as { text: string }).text === text,
          withinMs: 20_000,
        })
        .then(
          () => resolve(),
          () => resolve(),
        );
  });
}

const points = [
  'half of the request is there',
  'the request is sent',
  '1 ms later',
  '2 ms later',
  '4 ms later',
  '8 ms later',
  'the answer begins',
  'the other hears of it',
];

test('[IM72] killed at any point of a send, both clients have every message exactly once', async () => {
  const sent: string[] = [];
  for (const [round, point] of points.entries()) {
    // Others send at the same time, so that the kill falls into a group of them.
    const batch = clients.flatMap((client, who) =>
      Array.from({ length: 4 }, (_, index) => ({
        client,
        text: `round ${round} of ${who}: ${index}`,
        key: `r${round}-${who}-${index}`,
      })),
    );
    const acknowledged = new Set<string>();
    const sending = batch.slice(1).map(({ client, text, key }) =>
      call(client.token, 'POST', `/conversations/${conversation}/messages`, { text }, key).then(
        ({ status }) => {
          if (status === 201) acknowledged.add(key);
        },
        () => {},
      ),
    );
    const first = batch[0]!;
    await sendUntil(point, first.client, first.text, first.key);
    await server.end('SIGKILL');
    await Promise.all(sending);
    await Promise.all(clients.map(({ stream }) => stream?.closed));
    for (const client of clients) collect(client);

    await start();
    await Promise.all(clients.map(listen));
    for (const { client, text, key } of batch) {
      const again = await call<{ text: string }>(
        client.token,
        'POST',
        `/conversations/${conversation}/messages`,
        { text },
        key,
      );
      expect(again, `${point}: ${key}`).toMatchObject({ status: 201, body: { text } });
      sent.push(text);
    }
    const { body } = await call<{ items: { text: string; seq: number }[] }>(
      first.client.token,
      'GET',
      `/conversations/${conversation}/messages?after=0&limit=200`,
    );
    expect(body.items.map(({ seq }) => seq)).toEqual(body.items.map((_, index) => index + 1));
    expect(body.items.map(({ text }) => text).sort(), point).toEqual([...sent].sort());
  }
  await wait(300);
  for (const client of clients) {
    collect(client);
    // The stream that is open now was collected whole; nothing came twice over any resume.
    expect(client.heard.map(({ text }) => text).sort()).toEqual([...sent].sort());
    expect(client.heard.map(({ seq }) => seq)).toEqual(client.heard.map((_, index) => index + 1));
  }
}, 180_000);
