/** What a single address or a slow client can take from the others: little, and for a short time. */
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClientAddress, limitKeyOf } from '../../server/http/client-address.ts';
import { clientTimeouts, listen } from '../../server/http/server.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

describe('limits per address', () => {
  let server: TestServer;
  let alice: Person;
  beforeAll(async () => {
    server = await startServer({ JELLYBEAN_TRUSTED_PROXIES: '127.0.0.1' });
    alice = await server.as('alice');
  });
  afterAll(() => server.stop());

  const from = (address: string, path: string, init: RequestInit = {}) =>
    server.fetch(`/api/v1${path}`, { ...init, headers: { ...init.headers, 'X-Forwarded-For': address } });
  const countsOf = async (times: number, call: () => Promise<Response>) => {
    const counts: Record<number, number> = {};
    let retryAfter: string | null = null;
    for (let at = 0; at < times; at += 1) {
      const response = await call();
      await response.body?.cancel();
      counts[response.status] = (counts[response.status] ?? 0) + 1;
      retryAfter = response.headers.get('retry-after') ?? retryAfter;
    }
    return { counts, retryAfter };
  };

  test('[TR10] who brings bad tokens again and again is told to wait; others, and good tokens, are not', async () => {
    const bad = { headers: { Authorization: 'Bearer made-up' } };
    const { counts, retryAfter } = await countsOf(320, () => from('203.0.113.7', '/me', bad));
    expect(counts[401]).toBeGreaterThanOrEqual(200);
    expect(counts[429]).toBeGreaterThan(0);
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
    expect((await from('203.0.113.8', '/me', bad)).status).toBe(401);
    expect(
      (await from('203.0.113.7', '/me', { headers: { Authorization: `Bearer ${alice.token}` } })).status,
    ).toBe(200);
  });

  test('[TR10] sign-in is limited per address, and not on this machine', async () => {
    const attempt = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"user":"alice@contoso.example"}',
    };
    const { counts } = await countsOf(520, () => from('203.0.113.9', '/demo/token', attempt));
    expect(counts[403]).toBeGreaterThanOrEqual(300);
    expect(counts[429]).toBeGreaterThan(0);
    const own = await countsOf(400, () => server.fetch('/api/v1/demo/token', attempt));
    expect(own.counts).toEqual({ 200: 400 });
  });
});

describe('where a request comes from', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as IncomingMessage;
  const of = (proxies: string[], ...given: Parameters<typeof request>) =>
    createClientAddress(proxies).of(request(...given));

  test('[TR10] a header is believed from our own proxies alone, and only as far as they wrote it', () => {
    expect(of([], '198.51.100.1', '127.0.0.1')).toEqual({ address: '198.51.100.1', isLocal: false });
    expect(of([], '127.0.0.1', '203.0.113.7')).toEqual({ address: '127.0.0.1', isLocal: true });
    expect(of(['10.0.0.0/8'], '198.51.100.1', '127.0.0.1').address).toBe('198.51.100.1');
    expect(of(['10.0.0.0/8'], '10.1.2.3', '127.0.0.1, 203.0.113.7').address).toBe('203.0.113.7');
    expect(of(['10.0.0.0/8'], '10.1.2.3', '203.0.113.7, 10.9.9.9').address).toBe('203.0.113.7');
    expect(of(['10.0.0.0/8'], '::ffff:10.1.2.3', '203.0.113.7').address).toBe('203.0.113.7');
    expect(of(['fd00::/8'], 'fd00::1', '2001:db8::5').address).toBe('2001:db8::5');
    expect(of(['10.0.0.0/8'], '10.1.2.3', 'nonsense').address).toBe('10.1.2.3');
    expect(of(['10.0.0.0/8'], '10.1.2.3').address).toBe('10.1.2.3');
    expect(of(['127.0.0.1'], '127.0.0.1', '203.0.113.7').isLocal).toBe(false);
  });

  test('[TR10] IPv6 is counted by the network that a household has', () => {
    expect(limitKeyOf('203.0.113.7')).toBe('203.0.113.7');
    expect(limitKeyOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(limitKeyOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(limitKeyOf('2001:db8::9')).toBe('2001:db8:0:0::/64');
  });
});

describe('slow clients', () => {
  let server: Server;
  beforeAll(async () => {
    const timeouts = { headersTimeout: 300, requestTimeout: 700, connectionsCheckingInterval: 50 };
    server = await listen(
      (request, response) => {
        request.resume().on('end', () => response.end('done'));
      },
      0,
      '127.0.0.1',
      null,
      timeouts,
    );
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Sends the parts with pauses; answers what came back, and how many were sent until the connection was closed. */
  async function drip(parts: string[], everyMs: number): Promise<{ answer: string; sent: number }> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    let sent = 0;
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    for (const part of parts) {
      if (socket.destroyed) break;
      socket.write(part);
      sent += 1;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    await closed;
    return { answer, sent };
  }

  test('[TR11] headers that come letter by letter end with 408', async () => {
    const { answer, sent } = await drip(
      ['GET / HTTP/1.1\r\n', ...Array.from({ length: 100 }, (_, at) => `X-${at}: y\r\n`)],
      40,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(sent).toBeLessThan(50);
  });

  test('[TR11] a body that never ends is cut off', async () => {
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n';
    const { answer, sent } = await drip([head, ...Array.from({ length: 100 }, () => 'x')], 40);
    expect(answer).not.toContain('200 OK');
    expect(sent).toBeLessThan(75);
  });

  test('[TR11] more headers than anybody honest sends are refused', async () => {
    const { answer } = await drip([`GET / HTTP/1.1\r\nHost: x\r\nX-Bomb: ${'y'.repeat(40_000)}\r\n\r\n`], 10);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('[TR11] the real server waits ten seconds for headers, a minute for a request, and looks often', () => {
    expect(clientTimeouts).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 2_000,
    });
  });
});
