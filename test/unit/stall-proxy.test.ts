/** The misbehaving proxy, before anything is proved with it: a stall must really look like a pulled cable. */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStallProxy, type StallProxy } from '../support/stall-proxy.ts';

let server: Server;
let proxy: StallProxy;
let accepted: Socket[];
let serverSaw: string;
let serverEnds: string[];

beforeEach(async () => {
  accepted = [];
  serverSaw = '';
  serverEnds = [];
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on('data', (bytes) => {
      serverSaw += bytes;
      socket.write(`echo ${bytes}`);
    });
    socket.on('end', () => serverEnds.push('end'));
    socket.on('error', () => serverEnds.push('reset'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await createStallProxy({ port: address.port });
});
afterEach(async () => {
  await proxy.close();
  for (const socket of accepted) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function connect(): Promise<{ socket: Socket; seen: () => string; ends: string[] }> {
  const socket = createConnection({ host: '127.0.0.1', port: proxy.port });
  let seen = '';
  const ends: string[] = [];
  socket.on('data', (bytes) => {
    seen += bytes;
  });
  socket.on('end', () => ends.push('end'));
  socket.on('error', () => ends.push('reset'));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, seen: () => seen, ends };
}
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) {
    if (what()) return;
    await wait(10);
  }
  throw new Error('did not happen within 20 s');
}

test('forwards both ways and passes on the end', async () => {
  const client = await connect();
  client.socket.write('hello');
  await until(() => client.seen() === 'echo hello');
  expect(proxy.connections).toBe(1);
  expect(proxy.forwarded).toEqual({ 'to-server': 5, 'to-client': 10 });
  client.socket.end();
  await until(() => serverEnds.length === 1 && client.ends.length === 1);
  await until(() => proxy.connections === 0);
});

test('a stall holds everything back, the end of a connection too, and loses nothing', async () => {
  const client = await connect();
  client.socket.write('a');
  await until(() => client.seen() === 'echo a');
  proxy.stall();
  client.socket.write('b');
  accepted[0]?.write('from the server');
  client.socket.end();
  await wait(100);
  expect(serverSaw).toBe('a');
  expect(client.seen()).toBe('echo a');
  expect(serverEnds).toEqual([]);
  proxy.resume();
  await until(() => serverSaw === 'ab' && serverEnds.length === 1);
  await until(() => client.seen() === 'echo afrom the serverecho b');
});

test('one direction can be stalled alone', async () => {
  const client = await connect();
  proxy.stall('to-client');
  client.socket.write('x');
  await until(() => serverSaw === 'x');
  await wait(50);
  expect(client.seen()).toBe('');
  proxy.resume('to-client');
  await until(() => client.seen() === 'echo x');
});

test('a client killed behind a stalled cable is not noticed by the server', async () => {
  const client = await connect();
  client.socket.write('x');
  await until(() => client.seen() === 'echo x');
  proxy.stall();
  client.socket.resetAndDestroy();
  await wait(100);
  expect(serverEnds).toEqual([]);
  expect(accepted[0]?.destroyed).toBe(false);
});

test('connections made during a stall are accepted and get through afterwards', async () => {
  proxy.stall();
  const client = await connect();
  client.socket.write('x');
  await wait(50);
  expect(serverSaw).toBe('');
  proxy.resume();
  await until(() => client.seen() === 'echo x');
});

test('delays keep order', async () => {
  const client = await connect();
  proxy.delay(80);
  const startedAt = Date.now();
  client.socket.write('1');
  await wait(20);
  client.socket.write('2');
  await until(() => serverSaw === '12');
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(95);
  proxy.delay(0);
  client.socket.write('3');
  await until(() => serverSaw === '123');
});

test('a stalled reader makes the sender meet back-pressure', async () => {
  const client = await connect();
  client.socket.write('x');
  await until(() => client.seen() === 'echo x');
  proxy.stall('to-client');
  const sender = accepted[0];
  if (!sender) throw new Error('no connection');
  const chunk = Buffer.alloc(64 * 1024);
  for (let sent = 0; sent < 400; sent++) {
    sender.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sender.writableLength).toBeGreaterThan(1_000_000);
  proxy.resume();
  await until(() => client.seen().length === 'echo x'.length + 400 * chunk.length);
});

test('dropping cuts both sides at once and lets new connections in', async () => {
  const client = await connect();
  client.socket.write('x');
  await until(() => client.seen() === 'echo x');
  proxy.drop();
  await until(() => client.ends.length === 1 && serverEnds.length === 1);
  expect(serverEnds).toEqual(['reset']);
  const again = await connect();
  again.socket.write('y');
  await until(() => again.seen() === 'echo y');
});

test('refusing cuts new connections and leaves open ones', async () => {
  const client = await connect();
  proxy.refuse(true);
  const refused = createConnection({ host: '127.0.0.1', port: proxy.port });
  await new Promise<void>((resolve) => {
    refused.on('error', () => {});
    refused.once('close', () => resolve());
  });
  client.socket.write('x');
  await until(() => client.seen() === 'echo x');
});
