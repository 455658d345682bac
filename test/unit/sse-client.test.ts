/** The raw stream client that other tests lean on: if it lied, every stream test would. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStream } from '../support/sse-client.ts';

let server: Server;
let url: string;
let answers: ServerResponse[];
let requestHeaders: Record<string, unknown>[];
let status = 200;

beforeEach(async () => {
  answers = [];
  requestHeaders = [];
  status = 200;
  server = createServer((request, response) => {
    requestHeaders.push(request.headers);
    response.writeHead(status, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    answers.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const event = (type: string, data: unknown, id?: string) =>
  `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

describe('openStream', () => {
  test('sends the bearer and the last event id', async () => {
    const stream = await openStream(url, { token: 'secret', lastEventId: 'e.7' });
    expect(requestHeaders[0]).toMatchObject({
      accept: 'text/event-stream',
      authorization: 'Bearer secret',
      'last-event-id': 'e.7',
    });
    await stream.close();
  });

  test('takes events by type and leaves the others in order', async () => {
    const stream = await openStream(url);
    answers[0]?.write(
      event('ready', { n: 1 }) + event('typing', { n: 2 }) + event('typing', { n: 3 }, 'e.3'),
    );
    expect((await stream.next('typing')).data).toEqual({ n: 2 });
    expect((await stream.next('typing', { where: ({ n }) => n === 3 })).id).toBe('e.3');
    expect((await stream.next()).type).toBe('ready');
    expect(stream.events.map(({ type }) => type)).toEqual(['ready', 'typing', 'typing']);
    expect(stream.lastEventId).toBe('e.3');
    await stream.close();
  });

  test('waits for an event that comes later, and gives it to one waiter only', async () => {
    const stream = await openStream(url);
    const [first, second] = [stream.next('typing'), stream.next('typing')];
    answers[0]?.write(event('typing', { n: 1 }));
    answers[0]?.write(event('typing', { n: 2 }));
    expect([(await first).data, (await second).data]).toEqual([{ n: 1 }, { n: 2 }]);
    await stream.close();
  });

  test('puts together what arrives in pieces, within a character too', async () => {
    const stream = await openStream(url);
    const bytes = Buffer.from(event('note', { text: 'Grüße 🫘' }));
    for (const byte of bytes) {
      answers[0]?.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await stream.next('note')).data).toEqual({ text: 'Grüße 🫘' });
    await stream.close();
  });

  test('joins data lines, counts comments, keeps retry and takes CRLF', async () => {
    const stream = await openStream(url);
    answers[0]?.write(':\n\n: beat\n\nretry: 1500\nid: e.1\n\nevent: a\r\ndata: {"x":\r\ndata: 1}\r\n\r\n');
    expect(await stream.next('a')).toMatchObject({ data: { x: 1 }, id: null });
    expect(stream.heartbeats).toHaveLength(2);
    expect(stream.retryMs).toBe(1500);
    expect(stream.lastEventId).toBe('e.1');
    await stream.close();
  });

  test('says what did arrive when the wanted event does not', async () => {
    const stream = await openStream(url);
    answers[0]?.write(event('ready', {}));
    await expect(stream.next('typing', { withinMs: 50 })).rejects.toThrow(
      'no typing within 50 ms; arrived so far: ready',
    );
    await stream.close();
  });

  test('finds an event that should not be there', async () => {
    const stream = await openStream(url);
    await stream.expectNone('typing', 20);
    const check = stream.expectNone('typing', 50);
    answers[0]?.write(event('typing', { n: 1 }));
    await expect(check).rejects.toThrow('expected no typing');
    await stream.close();
  });

  test('tells waiters that the stream ended', async () => {
    const stream = await openStream(url);
    const wanted = stream.next('typing');
    answers[0]?.end();
    await expect(wanted).rejects.toThrow('the stream ended');
    await stream.closed;
    expect(stream.isOpen).toBe(false);
    await expect(stream.next('typing')).rejects.toThrow('the stream has ended');
  });

  test('shows status and problem document of a refusal', async () => {
    status = 401;
    const stream = await openStream(url);
    answers[0]?.end('{"code":"unauthenticated"}');
    await stream.closed;
    expect(stream.status).toBe(401);
    expect(JSON.parse(stream.raw)).toEqual({ code: 'unauthenticated' });
  });

  test('stops reading while paused, so that the server meets back-pressure', async () => {
    const stream = await openStream(url);
    stream.pause();
    const answer = answers[0];
    const chunk = event('filler', { text: 'x'.repeat(60_000) });
    for (let count = 0; count < 400; count++) {
      answer?.write(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(answer?.writableLength).toBeGreaterThan(1_000_000);
    expect(stream.events).toHaveLength(0);
    stream.resume();
    await stream.next('filler');
    await stream.close();
  });
});
