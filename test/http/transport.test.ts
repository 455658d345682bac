/** What every route owes its caller, tried both ways: through the pre-router and through Express alone. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemSchema } from '../../server/protocol/problems.ts';
import { limits } from '../../server/protocol/vocabulary.ts';
import { createManualClock } from '../support/clock.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

describe.each(['on', 'off'] as const)('pre-router %s', (preRouter) => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;
  let conversationId = '';
  const logged: string[] = [];

  beforeAll(async () => {
    const log = pino(
      { level: 'trace' },
      new Writable({
        write(chunk, _encoding, done) {
          logged.push(String(chunk));
          done();
        },
      }),
    );
    server = await startServer(
      {
        JELLYBEAN_PRE_ROUTER: preRouter,
        JELLYBEAN_ALLOWED_ORIGINS: 'https://contoso.sharepoint.example https://*.intranet.example',
      },
      { log },
    );
    alice = await server.as('alice');
    bob = await server.as('bob');
    const made = await alice.send<{ id: string }>('POST', '/conversations', { participants: [bob.id] });
    expect(made.status, made.text).toBe(201);
    conversationId = made.body.id;
  });
  afterAll(() => server.stop());

  /** One request as raw bytes; answers everything the server sent until it closed. */
  async function raw(text: string | Buffer): Promise<string> {
    const socket = connect(Number(new URL(server.http).port), '127.0.0.1');
    await once(socket, 'connect');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    return answer;
  }

  const hotRoutes = () =>
    [
      [
        'PUT',
        '/me/publications/machine',
        { kind: 'machine', availability: 'available', expiresInSeconds: 60 },
      ],
      ['POST', '/presence/query', { ids: [bob.id] }],
      ['POST', `/conversations/${conversationId}/messages`, { text: 'hello' }],
      ['POST', `/conversations/${conversationId}/typing`, {}],
      ['PUT', `/conversations/${conversationId}/read`, { seq: 0 }],
    ] as const;

  test('[TR1] the hot routes answer', async () => {
    for (const [method, path, body] of hotRoutes()) {
      const answer = await alice.send(method, path, body);
      expect([200, 201, 204], `${method} ${path}: ${answer.text}`).toContain(answer.status);
      expect(answer.headers.get('x-request-id')).toBeTruthy();
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-powered-by')).toBeNull();
    }
  });

  test('[TR1] every hot route refuses without a token, with a false one and with a mangled header', async () => {
    for (const [method, path, body] of hotRoutes())
      for (const authorization of [
        undefined,
        'Bearer nonsense',
        `Basic ${alice.token}`,
        'Bearer a b',
        `Bearer ${alice.token}x`,
      ]) {
        const response = await server.fetch(`/api/v1${path}`, {
          method,
          headers: {
            'Content-Type': 'application/json',
            ...(authorization ? { Authorization: authorization } : {}),
          },
          body: JSON.stringify(body),
        });
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toContain('Bearer');
        expect(problemSchema.parse(await response.json()).code).toBe('unauthenticated');
      }
  });

  test('[TR2] what is wrong with a body has its own code', async () => {
    const send = (body: string | Buffer, type = 'application/json') =>
      server.fetch('/api/v1/presence/query', {
        method: 'POST',
        headers: { Authorization: `Bearer ${alice.token}`, 'Content-Type': type },
        body: body as string,
      });
    const cases: [string | Buffer, string, number, string][] = [
      ['{', 'application/json', 400, 'not-json'],
      ['', 'application/json', 400, 'invalid-input'],
      ['[]', 'application/json', 400, 'invalid-input'],
      ['null', 'application/json', 400, 'invalid-input'],
      ['{"ids":"alice"}', 'application/json', 400, 'invalid-input'],
      ['{"ids":[1]}', 'application/json', 400, 'invalid-input'],
      ['{"ids":[],"extra":1}', 'application/json', 400, 'invalid-input'],
      ['{"__proto__":{"admin":true}}', 'application/json', 400, 'not-json'],
      ['{"a":[{"__pr\\u006fto__":{"admin":true}}]}', 'application/json', 400, 'not-json'],
      [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'application/json', 400, 'not-json'],
      ['{"ids":[]}', 'text/plain', 415, 'unsupported-media-type'],
      ['{"ids":[]}', 'application/json; charset=latin1', 415, 'unsupported-media-type'],
      [`{"ids":["${'x'.repeat(limits.bodyBytes)}"]}`, 'application/json', 413, 'body-too-large'],
      [JSON.stringify({ ids: Array(1_001).fill('x') }), 'application/json', 400, 'invalid-input'],
    ];
    for (const [body, type, status, code] of cases) {
      const response = await send(body, type);
      const problem = problemSchema.parse(await response.json());
      expect([response.status, problem.code], String(body).slice(0, 60)).toEqual([status, code]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
    expect((await send('{"ids":[]}')).status).toBe(200);
    expect((await send('{"ids":[]}', 'application/json; charset=utf-8')).status).toBe(200);
  });

  test('[TR2] a schema mistake points at the place', async () => {
    const answer = await alice.send('POST', '/presence/query', { ids: ['ok', 7] });
    expect(answer.body).toMatchObject({ code: 'invalid-input', errors: [{ pointer: '/ids/1' }] });
  });

  test('[TR2] a body without a length that never ends is cut at the limit, and the connection closes', async () => {
    const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
    const answer = await raw(
      `POST /api/v1/presence/query HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${alice.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(70)}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  test('[TR3] unknown routes and wrong methods are problems of their own', async () => {
    expect((await alice.get('/nowhere')).body).toMatchObject({ status: 404, code: 'not-found' });
    const wrong = await alice.send('DELETE', '/presence/query');
    expect(wrong.body).toMatchObject({ status: 405, code: 'method-not-allowed' });
    expect(wrong.headers.get('allow')).toBe('GET, POST');
    expect((await alice.get('/conversations/%zz')).body).toMatchObject({
      status: 400,
      code: 'invalid-input',
    });
    expect(
      (await alice.send('POST', `/conversations/${encodeURIComponent('../x')}/messages`, { text: 'x' }))
        .status,
    ).toBe(404);
  });

  test('[TR3] unknown and foreign ids look the same', async () => {
    const carol = await server.as('carol');
    const bodyOf = async (id: string) => {
      const { status, body } = await carol.get(`/conversations/${id}`);
      return { status, ...body, requestId: '' };
    };
    expect(await bodyOf(conversationId)).toEqual(await bodyOf('00000000-0000-4000-8000-000000000000'));
    expect((await bodyOf(conversationId)).status).toBe(404);
  });

  test('[TR4] a problem has type, title, status, code, detail and the id of its request', async () => {
    const { body, headers } = await alice.get('/nowhere');
    expect(problemSchema.strict().parse(body)).toMatchObject({
      type: 'urn:jellybean:problem:not-found',
      requestId: headers.get('x-request-id'),
    });
  });

  test('[TR5] allowed origins may read, others may not, and nobody gets credentials', async () => {
    const from = (origin: string, method = 'GET') =>
      server.fetch('/api/v1/config', {
        method,
        headers: { Origin: origin, 'Access-Control-Request-Method': 'GET' },
      });
    for (const origin of ['https://contoso.sharepoint.example', 'https://hr.intranet.example']) {
      expect((await from(origin)).headers.get('access-control-allow-origin')).toBe(origin);
      const preflight = await from(origin, 'OPTIONS');
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
    }
    for (const origin of [
      'https://evil.example',
      'http://hr.intranet.example',
      'https://xintranet.example',
      'null',
    ]) {
      const response = await from(origin);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect((await from(origin, 'OPTIONS')).headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(
      (await from('https://contoso.sharepoint.example')).headers.get('access-control-allow-credentials'),
    ).toBeNull();
  });

  test('[TR6] the stated rates pass, what is beyond is answered 429 with the wait, and after it all is well', async () => {
    // Time stands still but where the test moves it, so the counts are exact.
    const clock = createManualClock();
    const strict = await startServer({ JELLYBEAN_PRE_ROUTER: preRouter }, { clock });
    try {
      const [carol, dora] = [await strict.as('carol'), await strict.as('bob')];
      const made = await carol.send<{ id: string }>('POST', '/conversations', { participants: [dora.id] });
      const send = (from: Person) =>
        from.send('POST', `/conversations/${made.body.id}/messages`, { text: 'burst' });
      const burst = async (count: number) => {
        const answers = await Promise.all(Array.from({ length: count }, () => send(carol)));
        return answers.filter(({ status }) => status === 201).length;
      };
      expect(await burst(230)).toBe(200);
      const refused = await send(carol);
      expect(refused.body).toMatchObject({ status: 429, code: 'rate-limited' });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect((await send(dora)).status).toBe(201);
      clock.advance(1_000);
      expect(await burst(60)).toBe(50);
    } finally {
      await strict.stop();
    }
  });

  test('[TR8] sentences follow Accept-Language and Time-Zone', async () => {
    const stream = await alice.stream('reader');
    await stream.next('presence.snapshot');
    await alice.send('PUT', '/me/presence/preferred', { availability: 'be-right-back' });
    const textFor = async (language: string) => {
      const { body } = await alice.get<{ text: string }>(`/presence/${alice.id}`, {
        'Accept-Language': language,
      });
      return body.text;
    };
    const [english, german, unknown] = [
      await textFor('en-GB'),
      await textFor('de-AT,de;q=0.9,en;q=0.5'),
      await textFor('tlh'),
    ];
    expect(german).not.toBe(english);
    expect(unknown).toBe(english);
    const until = new Date(Date.now() + 30 * 60_000).toISOString();
    await alice.send('PUT', '/me/presence/preferred', { availability: 'busy', expiresAt: until });
    const inZone = async (zone: string) =>
      (
        await alice.get<{ text: string }>(`/presence/${alice.id}`, {
          'Accept-Language': 'de',
          'Time-Zone': zone,
        })
      ).body.text;
    const [berlin, tokyo, nowhere] = [
      await inZone('Europe/Berlin'),
      await inZone('Asia/Tokyo'),
      await inZone('Mars/Olympus'),
    ];
    expect(berlin).not.toBe(tokyo);
    expect(nowhere).toBe(berlin);
    await alice.send('DELETE', '/me/presence/preferred');
    await stream.close();
  });

  test('[TR9] neither tokens nor texts are in the log, though it was told everything', async () => {
    const canary = 'the quick brown canary sings at dawn';
    await alice.send('POST', `/conversations/${conversationId}/messages`, { text: canary });
    await alice.send('PUT', '/me/note', { text: canary });
    await alice.send('POST', `/conversations/${conversationId}/messages`, { text: canary, extra: canary });
    await alice.send('POST', '/nowhere', { text: canary });
    const all = logged.join('');
    expect(all).toContain('refused');
    expect(all).not.toContain(canary);
    expect(all).not.toContain(alice.token);
    expect(all).not.toContain(alice.token.split('.')[1]);
    const metrics = await (await server.fetch('/metrics')).text();
    expect(metrics).toContain('jellybean_requests_total');
    expect(metrics).not.toContain(conversationId);
  });
});
