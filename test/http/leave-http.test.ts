import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { leaveHttp } from '../../server/http/leave-http.ts';
import { developmentCertificate } from '../support/development-certificate.ts';

const patience = { timeout: 20_000, interval: 5 };

interface Opened {
  readonly near: Socket;
  readonly far: Socket;
  readonly left: boolean;
  received(): string;
}

describe('a socket that leaves node:http', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** Sends `text` to a server that takes the socket away from HTTP in the next tick. */
  async function open(secure: boolean, text: string): Promise<Opened> {
    const taken = Promise.withResolvers<{ near: Socket; left: boolean }>();
    const handle: RequestListener = (request: IncomingMessage, response) => {
      request.resume();
      setImmediate(() => taken.resolve({ near: request.socket, left: leaveHttp(request, response) }));
    };
    const server = (
      secure ? createHttps({ ...(await developmentCertificate()) }, handle) : createServer(handle)
    ) as Server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const far = secure
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect(port, '127.0.0.1');
    closing.push(
      () => far.destroy(),
      () => server.close(),
      () => server.closeAllConnections(),
    );
    let received = '';
    far.setEncoding('utf8');
    far.on('data', (part: string) => {
      received += part;
    });
    far.on('error', () => undefined);
    far.write(text);
    const { near, left } = await taken.promise;
    closing.push(() => near.destroy());
    near.on('error', () => undefined);
    return { near, far, left, received: () => received };
  }

  const parserOf = (socket: Socket) => (socket as Socket & { parser?: unknown }).parser ?? null;
  const get = 'GET /events HTTP/1.1\r\nHost: here\r\n\r\n';

  for (const secure of [false, true]) {
    const how = secure ? 'over TLS' : 'in the clear';

    test(`[EV39] ${how} it has no parser and no listener of HTTP, and what is written arrives`, async () => {
      const { near, left, received } = await open(secure, get);
      expect(left).toBe(true);
      expect(parserOf(near)).toBe(null);
      for (const event of ['data', 'end', 'close', 'drain', 'error', 'timeout', 'resume', 'pause'])
        for (const { name } of near.listeners(event))
          expect(name).not.toMatch(/^(bound )?socketOn|^onSocket(Resume|Pause)/);
      near.write('first ');
      await vi.waitFor(() => expect(received()).toBe('first '), patience);
      near.write('second');
      await vi.waitFor(() => expect(received()).toBe('first second'), patience);
    });

    test(`[EV39] ${how} what the client sends after it is dropped, and its end closes the connection`, async () => {
      const { near, far, received } = await open(secure, get);
      far.write(`${get}${'x'.repeat(300_000)}`);
      near.write('still here');
      await vi.waitFor(() => expect(received()).toBe('still here'), patience);
      expect(near.destroyed).toBe(false);
      const closed = once(near, 'close');
      far.end();
      await closed;
      expect(near.destroyed).toBe(true);
    });
  }

  test('[EV39] a request that has not ended stays with HTTP', async () => {
    const { near, left, received } = await open(
      false,
      'POST /events HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nab',
    );
    expect(left).toBe(false);
    expect(near.destroyed).toBe(false);
    expect(parserOf(near)).not.toBe(null);
    near.write('all the same');
    await vi.waitFor(() => expect(received()).toBe('all the same'), patience);
  });
});
