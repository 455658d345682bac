/** The bench's own load generator against its own reference server: what measures must itself be right. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Load, LoadResult } from '../bench/load.ts';
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
      const result = await run({ port, serverPids: [server.pid] });
      expect(result).toMatchObject({ generator: 'node', lost: 0, refused: 0, closed: 0 });
      expect(result.eventsPerSecond).toBeGreaterThan(100);
      expect(result.eventsPerSecond / result.publishesPerSecond).toBeCloseTo(5, 0);
      expect(result.deliveryP50).toBeGreaterThan(0);
      expect(result.deliveryP99).toBeGreaterThanOrEqual(result.deliveryP50 ?? Number.NaN);
      const canMeasure = readUsage([process.pid]) !== null;
      expect(result.cpuMicrosPerEvent === null).toBe(!canMeasure);
    } finally {
      await server.stop();
    }
  });

  test('keeps to a rate', async () => {
    const server = await startServer([path.join(bench, 'reference.ts')], { isPinned: false });
    try {
      const port = Number(new URL(server.addresses[0] ?? '').port);
      const result = await run({ port, rate: 50, seconds: 1 });
      expect(result.publishesPerSecond).toBeGreaterThan(40);
      expect(result.publishesPerSecond).toBeLessThan(60);
    } finally {
      await server.stop();
    }
  });

  test('counts what is missing: half of the deliveries that a load expects', async () => {
    const server = await startServer([path.join(bench, 'reference.ts')], { isPinned: false });
    try {
      const port = Number(new URL(server.addresses[0] ?? '').port);
      const result = await run({ port, rate: 50, fanOut: 10 });
      expect(result.lost).toBeGreaterThan(50);
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
