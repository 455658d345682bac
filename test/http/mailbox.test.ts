/** Signing in by a mailbox on Exchange Server, over HTTP as the pane does it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExchangeServer, startExchangeServer } from '../support/exchange-server.ts';
import { newVerifier } from '../support/identity-parts.ts';
import {
  publicAddress as base,
  type ProviderServer,
  startProviderServer,
} from '../support/provider-server.ts';

let exchange: ExchangeServer;
let own: ProviderServer;
let provider: ProviderServer['provider'];
let server: ProviderServer['server'];
beforeAll(async () => {
  exchange = await startExchangeServer({ audience: `${base}/addins/outlook/pane.html`, now: Date.now });
  own = await startProviderServer(
    'by-fetch',
    { alice: 'alice', bob: 'bob' },
    { JELLYBEAN_EXCHANGE_METADATA: exchange.amurl },
  );
  ({ provider, server } = own);
});
afterAll(async () => {
  await own?.stop();
  await exchange?.close();
});

const post = async (path: string, body: unknown) => {
  const response = await server.fetch(`/api/v1${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

/** Signs in by the provider, as the dialog does. */
async function signIn(sub: string) {
  provider.signingIn = sub;
  const { verifier, challenge } = newVerifier();
  const begun = await server.fetch(`/signin/start?challenge=${challenge}&return=/`, {
    redirect: 'manual',
  });
  const back = await provider.browse(begun.headers.get('location') ?? '');
  const landed = await server.fetch(`${back.pathname}${back.search}`, { redirect: 'manual' });
  const code = new URLSearchParams(new URL(landed.headers.get('location') ?? '', base).hash.slice(1)).get(
    'signin',
  );
  const { body } = await post('/session/token', { code, verifier });
  return server.client(String(body.access_token), (body.person as { id: string }).id);
}

test('[ID28] linked once by somebody who is signed in, a mailbox signs them in; to others it is taken', async () => {
  expect(((await (await server.fetch('/api/v1/config')).json()) as { auth: object }).auth).toMatchObject({
    exchangeUrl: '/api/v1/session/exchange',
  });
  const token = await exchange.tokenOf('mailbox-1');
  expect(await post('/session/exchange', { token })).toMatchObject({
    status: 403,
    body: { code: 'not-linked' },
  });
  const alice = await signIn('alice');
  expect((await alice.send('PUT', '/me/exchange-account', { token: 'nonsense' })).status).toBe(401);
  expect((await alice.send('PUT', '/me/exchange-account', { token })).status).toBe(204);
  const { status, body } = await post('/session/exchange', { token: await exchange.tokenOf('mailbox-1') });
  expect(status).toBe(200);
  const byMailbox = server.client(String(body.access_token), alice.id);
  expect((await byMailbox.get('/me')).body).toMatchObject({ id: alice.id, address: 'alice@contoso.example' });
  expect((await byMailbox.get('/admin/status')).status).toBe(403);

  const bob = await signIn('bob');
  expect((await bob.send('PUT', '/me/exchange-account', { token })).body).toMatchObject({ code: 'conflict' });
  expect((await alice.send('DELETE', '/me/exchange-account')).status).toBe(204);
  expect((await post('/session/exchange', { token })).body).toMatchObject({ code: 'not-linked' });
  expect((await bob.send('PUT', '/me/exchange-account', { token })).status).toBe(204);
});

test('[ID28] what is no identity token is refused like any other bad bearer, and says nothing of why', async () => {
  const forged = await exchange.tokenOf('mailbox-1', { claims: { aud: 'https://evil.example/addins/x' } });
  for (const token of ['x', 'a.b.c', forged])
    expect(await post('/session/exchange', { token })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated', detail: expect.not.stringContaining('add-in') },
    });
  expect((await post('/session/exchange', {})).status).toBe(400);
});
