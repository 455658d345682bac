import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backlogBytes, SocketSink } from '../../server/http/sse.ts';

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

  const bodyOf = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4);

  test('[EV28] what one tick queues is one write, in order', async () => {
    const sink = new SocketSink(near, 'r1', '', () => undefined);
    const writes: string[] = [];
    const write = near.write.bind(near);
    near.write = ((chunk: Buffer) => {
      writes.push(chunk.toString());
      return write(chunk);
    }) as typeof near.write;
    for (const text of ['one\n', 'two\n', 'three\n']) sink.send(Buffer.from(text), 0);
    expect(writes).toEqual([]);
    await wait(5);
    sink.send(Buffer.from('four\n'), 0);
    await wait(20);
    expect(writes).toEqual(['one\ntwo\nthree\n', 'four\n']);
    expect(bodyOf(received)).toBe('one\ntwo\nthree\nfour\n');
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
    await wait(50);
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
