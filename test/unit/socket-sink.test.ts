import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { backlogBytes, SocketSink } from '../../server/http/sse.ts';

const patience = { timeout: 20_000, interval: 5 };

/** Real sockets: what is promised here is about writes and drains, which nothing else shows. */
describe('socket sink', () => {
  let server: Server;
  let near: Socket;
  let far: Socket;
  let received = '';

  beforeEach(async () => {
    received = '';
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    far = connect((server.address() as { port: number }).port, '127.0.0.1');
    [near] = (await once(server, 'connection')) as [Socket];
    far.setEncoding('utf8');
    far.on('data', (text: string) => {
      received += text;
    });
    near.on('error', () => undefined);
    far.on('error', () => undefined);
  });
  afterEach(() => {
    near.destroy();
    far.destroy();
    server.close();
  });

  const bodyOf = (text: string) =>
    text.startsWith('HTTP/') ? text.slice(text.indexOf('\r\n\r\n') + 4) : text;

  /** What is written from now on, write by write. */
  function watchWrites(): string[] {
    const writes: string[] = [];
    const write = near.write.bind(near);
    near.write = ((chunk: Buffer) => {
      writes.push(chunk.toString());
      return write(chunk);
    }) as typeof near.write;
    return writes;
  }

  test('[EV28] what one tick queues is one write, in order', async () => {
    const writes = watchWrites();
    const sink = new SocketSink(near, 'r1', '', () => undefined);
    for (const part of [Buffer.from('one\n'), 'zwei: ä, 二\n', Buffer.from('three\n')]) sink.send(part, 0);
    expect(writes).toEqual([]);
    await vi.waitFor(() => expect(received).toContain('three\n'), patience);
    sink.send(Buffer.from('four\n'), 0);
    await vi.waitFor(() => expect(received).toContain('four\n'), patience);
    expect(writes.map(bodyOf)).toEqual(['one\nzwei: ä, 二\nthree\n', 'four\n']);
    expect(bodyOf(received)).toBe('one\nzwei: ä, 二\nthree\nfour\n');
  });

  test('[EV28] what may be superseded leaves with what must arrive, never after it', async () => {
    const writes = watchWrites();
    const sink = new SocketSink(near, 'r1', '', () => undefined);
    const rounds = 50;
    for (let round = 0; round < rounds; round += 1) {
      sink.send(Buffer.from(`view ${round}\n`), 1);
      sink.send(Buffer.from(`message ${round}\n`), 0);
      // One write each: by the next tick nothing of this one may be left.
      await new Promise((resolve) => setImmediate(resolve));
    }
    sink.send(Buffer.from('the last view\n'), 1);
    await vi.waitFor(() => expect(received).toContain('the last view\n'), patience);
    const pairs = Array.from({ length: rounds }, (_, round) => `view ${round}\nmessage ${round}\n`);
    expect(writes.map(bodyOf)).toEqual([...pairs, 'the last view\n']);
  });

  test('[EV28] what the system has not taken yet is not overwritten by what other sockets send', async () => {
    const sink = new SocketSink(near, 'r1', '', () => undefined);
    far.pause();
    const block = `${'.'.repeat(30_000)}\n`;
    let sent = 0;
    for (; sent < 400 && !near.writableNeedDrain; sent += 1) {
      sink.send(block, 0);
      sink.send(`${sent}\n`, 0);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(near.writableNeedDrain).toBe(true);
    const otherServer = createServer();
    otherServer.listen(0, '127.0.0.1');
    await once(otherServer, 'listening');
    const otherFar = connect((otherServer.address() as { port: number }).port, '127.0.0.1');
    const [otherNear] = (await once(otherServer, 'connection')) as [Socket];
    try {
      let seen = '';
      otherFar.on('data', (bytes: Buffer) => {
        seen += bytes;
      });
      const other = new SocketSink(otherNear, 'r2', '', () => undefined);
      other.send('x'.repeat(50_000), 0);
      await vi.waitFor(() => expect(seen.length).toBeGreaterThan(50_000), patience);
    } finally {
      otherNear.destroy();
      otherFar.destroy();
      otherServer.close();
    }
    far.resume();
    const expected = Array.from({ length: sent }, (_, at) => `${block}${at}\n`).join('');
    await vi.waitFor(() => expect(bodyOf(received).length).toBe(expected.length), patience);
    expect(bodyOf(received) === expected).toBe(true);
  });

  /** Fills the pipe until the socket no longer drains. */
  async function block(sink: SocketSink): Promise<void> {
    far.pause();
    for (let round = 0; round < 400 && !near.writableNeedDrain; round += 1) {
      sink.send(Buffer.alloc(256 * 1024, '.'), 0);
      await wait(1);
    }
    expect(near.writableNeedDrain).toBe(true);
  }

  test('[EV29] superseded views, typing and heartbeats go first; the rest arrives in order', async () => {
    let slow = 0;
    const sink = new SocketSink(near, 'r2', '', () => {
      slow += 1;
    });
    await block(sink);
    const view = (name: string, version: number) => Buffer.from(`[${name}${version}${'v'.repeat(1_000)}]`);
    for (let version = 0; version < 1_000; version += 1) {
      sink.send(view('alice', version), 1);
      sink.send(view('bob', version), 2);
      sink.send(Buffer.from(`[typing${'t'.repeat(200)}]`), -1);
      if (version % 100 === 0) sink.send(Buffer.from(`[message${version}]`), 0);
    }
    expect(slow).toBe(0);
    far.resume();
    await sink.drained();
    // What comes last of each; the system still carries it when the socket has taken it.
    await vi.waitFor(() => {
      for (const last of ['[alice999', '[bob999', '[message900']) expect(received).toContain(last);
    }, patience);
    const parts = [...received.matchAll(/\[(alice|bob|message)(\d+)/g)].map(
      (match) => `${match[1]}${match[2]}`,
    );
    expect(parts.filter((part) => part.startsWith('message'))).toEqual(
      [0, 100, 200, 300, 400, 500, 600, 700, 800, 900].map((version) => `message${version}`),
    );
    expect(parts).toContain('alice999');
    expect(parts).toContain('bob999');
    expect(parts.length).toBeLessThan(700);
    const versions = parts.filter((part) => part.startsWith('alice')).map((part) => Number(part.slice(5)));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  test('[EV29] a reader that cannot take what must arrive is told off once the bound is passed', async () => {
    let slow = 0;
    const sink = new SocketSink(near, 'r3', '', () => {
      slow += 1;
      sink.end(Buffer.from('[closing]'));
    });
    await block(sink);
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 2_000; count += 1) sink.send(Buffer.alloc(1_000, 'm'), 0);
    expect(slow).toBe(1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000 * 1_000 + backlogBytes);
    far.resume();
    await once(near, 'close');
    expect(received.endsWith('[closing]')).toBe(true);
  });
});
