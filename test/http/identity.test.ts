import { request } from 'node:http';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createManualClock } from '../support/clock.ts';
import { startServer, type TestServer } from '../support/server.ts';

describe('demo identity', () => {
  let server: TestServer;
  const clock = createManualClock(Date.UTC(2026, 10, 2, 12));
  beforeAll(async () => {
    server = await startServer(
      { JELLYBEAN_TOKEN_LIFETIME_SECONDS: '3600', JELLYBEAN_RATE_FACTOR: '0' },
      { clock },
    );
  });
  afterAll(() => server.stop());

  const me = (token: string) =>
    server.fetch('/api/v1/me', { headers: { Authorization: `Bearer ${token}` } }).then(async (response) => ({
      status: response.status,
      body: (await response.json()) as { code?: string; id?: string },
    }));

  /** `fetch` cannot set Host. */
  const signIn = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const call = request(
        `${server.http}/api/v1/demo/token`,
        { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      call.on('error', reject);
      call.end('{"user":"alice@contoso.example"}');
    });

  test('[ID1] a token names its person and outlives a restart', async () => {
    const alice = await server.as('alice');
    expect((await me(alice.token)).body.id).toBe(alice.id);
    await server.restart();
    expect((await me(alice.token)).body.id).toBe(alice.id);
  });

  test('[ID1] any address of a person signs them in; nobody is not signed in', async () => {
    expect((await server.as('ALICE@Contoso.Example')).id).toBe((await server.as('alice')).id);
    const nobody = await server.fetch('/api/v1/demo/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"user":"nobody@contoso.example"}',
    });
    expect([nobody.status, ((await nobody.json()) as { code: string }).code]).toEqual([
      422,
      'unknown-person',
    ]);
  });

  test('[ID2] only direct calls to this machine may sign in', async () => {
    for (const host of ['localhost', 'localhost:8480', '127.0.0.1:8480', '[::1]:8443', 'LOCALHOST'])
      expect(await signIn({ Host: host }), host).toBe(200);
    for (const host of [
      'jellybean.contoso.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '192.168.0.7',
      '0.0.0.0',
    ])
      expect(await signIn({ Host: host }), host).toBe(403);
    for (const header of [
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'Forwarded',
      'X-Real-IP',
      'Via',
    ])
      expect(await signIn({ Host: 'localhost', [header]: 'for=192.0.2.1' }), header).toBe(403);
  });

  test('[ID3] forged, foreign, unsigned and expired tokens are refused', async () => {
    const alice = await server.as('alice');
    const claims = () => new SignJWT({ gen: 0 }).setSubject(alice.id).setIssuer('jellybean-demo').setJti('x');
    const end = clock.now() / 1_000 + 600;
    const foreignKey = Buffer.alloc(32, 7);
    const forged = await claims()
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(end)
      .sign(foreignKey);
    const unsigned = new UnsecuredJWT({ gen: 0 })
      .setSubject(alice.id)
      .setIssuer('jellybean-demo')
      .setExpirationTime(end)
      .encode();
    const [head, body, signature] = alice.token.split('.') as [string, string, string];
    const otherPerson = Buffer.from(
      Buffer.from(body, 'base64url')
        .toString()
        .replace(alice.id, (await server.as('bob')).id),
    ).toString('base64url');
    for (const token of [
      forged,
      unsigned,
      `${head}.${otherPerson}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      'x',
    ])
      expect(await me(token)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });

    expect((await me(alice.token)).status).toBe(200);
    clock.advance(3_600_000);
    expect(await me(alice.token)).toMatchObject({ status: 401, body: { code: 'token-expired' } });
    // Also where it was never seen before its end.
    const unseen = await server.as('carol');
    clock.advance(3_600_001);
    expect(await me(unseen.token)).toMatchObject({ status: 401, body: { code: 'token-expired' } });
  });

  test('[ID4] revoking ends every token so far; signing in again works; a restart does not bring one back', async () => {
    const [first, second, carol] = [await server.as('bob'), await server.as('bob'), await server.as('carol')];
    expect((await me(first.token)).status).toBe(200);
    expect((await carol.send('POST', `/admin/users/${first.id}/revoke`)).status).toBe(204);
    for (const { token } of [first, second])
      expect(await me(token)).toMatchObject({ status: 401, body: { code: 'token-revoked' } });
    const fresh = await server.as('bob');
    expect((await me(fresh.token)).status).toBe(200);
    await server.restart();
    expect((await me(first.token)).body.code).toBe('token-revoked');
    expect((await me(fresh.token)).status).toBe(200);
  });

  test('[ID4] only an administrator may', async () => {
    const [alice, bob] = [await server.as('alice'), await server.as('bob')];
    expect(await alice.send('POST', `/admin/users/${bob.id}/revoke`)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect((await me(bob.token)).status).toBe(200);
  });

  test('[ID5] a disabled person is out until enabled', async () => {
    const [dave, carol] = [await server.as('dave'), await server.as('carol')];
    expect((await carol.send('POST', `/admin/users/${dave.id}/disable`)).status).toBe(204);
    expect(await me(dave.token)).toMatchObject({ status: 403, body: { code: 'disabled' } });
    await expect(server.as('dave')).rejects.toThrow('disabled');
    expect((await carol.send('POST', `/admin/users/${dave.id}/enable`)).status).toBe(204);
    expect((await me((await server.as('dave')).token)).status).toBe(200);
  });
});
