/** The bench's own load generator against its own reference server: what measures must itself be right. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Load, LoadResult } from '../bench/load.ts';
import { peers } from '../bench/peers/peers.ts';
import { readUsage, runPinned, startServer } from '../bench/processes.ts';
import { smallLoad as load } from '../support/small-load.ts';

const bench = path.resolve(import.meta.dirname, '../bench');

describe('the load generator', () => {
  async function run(change: Partial<Load>): Promise<LoadResult> {
    const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-bench-test-'));
    const file = path.join(folder, 'load.json');
    writeFileSync(file, JSON.stringify({ ...load, ...change }));
    try {
      return JSON.parse(await runPinned(process.execPath, [path.join(bench, 'generator.ts'), file]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.each(['write', 'tick'])('delivers every publish to its whole group, flush by %s', async (flush) => {
    const server = await startServer([path.join(bench, 'reference.ts'), `--flush=${flush}`], {
      isPinned: false,
    });
    try {
      const port = Number(new URL(server.addresses[0] ?? '').port);
      // Long enough for something to arrive on a machine that is busy with other things.
      const result = await run({ port, serverPids: [server.pid], seconds: 2 });
      expect(result).toMatchObject({ generator: 'node', lost: 0, refused: 0, closed: 0 });
      expect(result.eventsPerSecond).toBeGreaterThan(0);
      expect(result.deliveryP50).toBeGreaterThan(0);
      expect(result.deliveryP99).toBeGreaterThanOrEqual(result.deliveryP50 ?? Number.NaN);
      const canMeasure = readUsage([process.pid]) !== null;
      expect(result.cpuMicrosPerEvent === null).toBe(!canMeasure);
    } finally {
      await server.stop();
    }
  });

  test('speaks to Socket.IO over WebSockets', async () => {
    const socketIo = peers.find(({ name }) => name === 'Socket.IO')!;
    const server = await startServer([path.join(bench, 'peers/socket-io-server.ts')], { isPinned: false });
    try {
      const port = Number(new URL(server.addresses[0] ?? '').port);
      const result = await run({ port, profile: socketIo.profile });
      expect(result).toMatchObject({ lost: 0, refused: 0, closed: 0 });
      expect(result.acknowledged).toBeGreaterThan(0);
    } finally {
      await server.stop();
    }
  });

  test('publishes on the streams themselves and counts what all of them hear', async () => {
    const sockets = new Set<Socket>();
    let published = 0;
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
      socket.on('data', (bytes) => {
        published += String(bytes).split('stamp=').length - 1;
        for (const each of sockets) each.write(bytes);
      });
      socket.write('ready');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const result = await run({
      port,
      profile: {
        marker: 'stamp=',
        subscribe: [{ expect: 'ready' }],
        publish: 'stamp=@T@ ',
        isPublishedOnStream: true,
      },
      publishers: 0,
      fanOut: load.subscribers,
    });
    expect(result).toMatchObject({ lost: 0, closed: 0 });
    expect(published).toBeGreaterThan(0);
    await new Promise((resolve) => server.close(resolve));
  });

  test('keeps what a connection was given, and lets the streams come one after the other', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      const own = ++connections;
      socket
        .on('error', () => {})
        .on('data', (bytes) => {
          socket.write(String(bytes) === `<key ${own}>` ? 'ready' : 'no');
        });
      socket.write(`key=${own};`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { arrivals, connectsPerSecond } = await run({
      port,
      profile: {
        ...load.profile,
        keeps: 'key=(\\d+);',
        subscribe: [{ expect: ';' }, { send: '<key @K@>' }, { expect: 'ready' }],
      },
      publishers: 0,
      arrivalSeconds: 0.5,
    });
    expect(connections).toBe(load.subscribers);
    // The last of 20 is due after 19 twentieths of the time; a busy machine only makes it later.
    expect(connectsPerSecond).toBeLessThan(20 / 0.47);
    expect(arrivals?.p50).toBeGreaterThan(0);
    await new Promise((resolve) => server.close(resolve));
  });

  test('keeps to a rate', async () => {
    const server = await startServer([path.join(bench, 'reference.ts')], { isPinned: false });
    try {
      const port = Number(new URL(server.addresses[0] ?? '').port);
      const startedAt = performance.now();
      const { acknowledged } = await run({ port, rate: 50, seconds: 1 });
      // It may fall behind on a busy machine; what it never does is hurry.
      expect(acknowledged).toBeGreaterThan(0);
      expect(acknowledged).toBeLessThanOrEqual(((performance.now() - startedAt) / 1000) * 50 + 1);
    } finally {
      await server.stop();
    }
  });

  test('counts what is missing: half of the deliveries that a load expects', async () => {
    const server = await startServer([path.join(bench, 'reference.ts')], { isPinned: false });
    try {
      const port = Number(new URL(server.addresses[0] ?? '').port);
      const { acknowledged, lost } = await run({ port, rate: 50, fanOut: 10 });
      expect(acknowledged).toBeGreaterThan(0);
      expect(lost).toBe(5 * (acknowledged ?? 0));
    } finally {
      await server.stop();
    }
  });

  test('fails when a server closes on it while connecting', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume().end('HTTP/1.1 503 No\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    await expect(run({ port: address.port })).rejects.toThrow(/closed at step 1: HTTP\/1.1 503/);
    await new Promise((resolve) => server.close(resolve));
  });
});
