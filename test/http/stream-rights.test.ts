/** A stream ends, or falls silent, within five seconds of the right to it; nothing comes after (issue: streams end with the right). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type EntraServer, startEntraServer } from '../support/entra-server.ts';
import { newVerifier } from '../support/identity-parts.ts';
import {
  publicAddress as base,
  type ProviderServer,
  startProviderServer,
} from '../support/provider-server.ts';
import type { Person, TestServer } from '../support/server.ts';
import type { EventStreamClient } from '../support/sse-client.ts';

const withinMs = 5_000;
const skewSeconds = 60;
const open: EventStreamClient[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

async function streamOf(
  person: Person,
  endpoint = 'desk',
): Promise<EventStreamClient & { streamId: string }> {
  const stream = await person.stream(endpoint);
  open.push(stream);
  const { data } = await stream.next<{ streamId: string }>('ready');
  await stream.next('presence.snapshot');
  return Object.assign(stream, { streamId: data.streamId });
}
const closing = async (stream: EventStreamClient, ms = withinMs) =>
  (await stream.next<{ code: number; retryAfterMs: number | null }>('closing', { withinMs: ms })).data;

describe('tokens of a provider', () => {
  let server: EntraServer;
  let admin: Person;
  beforeAll(async () => {
    server = await startEntraServer();
    admin = await server.as('admin', { roles: ['Admin'] });
  });
  afterAll(() => server.stop());

  /** A token that ends soon, but not before a busy machine has opened a stream with it and renewed it. */
  const endingIn = (seconds: number) => ({ exp: Math.floor(Date.now() / 1_000) + seconds - skewSeconds });
  const soon = 8;

  test('[ID21] an expired token ends its stream; one renewed in place keeps it and its place', async () => {
    const [alice, bob] = [await server.as('alice', endingIn(soon)), await server.as('bob', endingIn(soon))];
    const conversation = (
      await bob.send<{ id: string }>('POST', '/conversations', { participants: [alice.id] })
    ).body.id;
    const [kept, lost] = [await streamOf(alice), await streamOf(bob)];
    const renewed = await server.as('alice');
    expect((await renewed.send('POST', `/streams/${kept.streamId}/token`)).status).toBe(204);
    expect(await closing(lost, soon * 1_000 + withinMs)).toEqual({ code: 2001, retryAfterMs: 0 });
    await lost.closed;
    expect(kept.isOpen).toBe(true);
    const later = await server.as('bob');
    await later.send('POST', `/conversations/${conversation}/messages`, { text: 'still there?' });
    await kept.next('message.posted', { withinMs });
  });

  test('[ID21] somebody else’s token does not renew a stream', async () => {
    const [alice, mallory] = [await server.as('alice'), await server.as('mallory')];
    const stream = await streamOf(alice);
    expect((await mallory.send('POST', `/streams/${stream.streamId}/token`)).status).toBe(404);
    expect((await admin.send('POST', `/streams/${stream.streamId}/token`)).status).toBe(404);
  });

  test('[ID21] revoked: every stream of that person ends, no other, and the token opens none', async () => {
    const [carol, other] = [await server.as('carol'), await server.as('dave')];
    const [desk, phone, bystander] = [
      await streamOf(carol, 'desk'),
      await streamOf(carol, 'phone'),
      await streamOf(other),
    ];
    const at = performance.now();
    expect((await admin.send('POST', `/admin/users/${carol.id}/revoke`)).status).toBe(204);
    for (const stream of [desk, phone])
      expect(await closing(stream)).toEqual({ code: 4001, retryAfterMs: null });
    expect(performance.now() - at).toBeLessThan(withinMs);
    await desk.closed;
    expect(bystander.isOpen).toBe(true);
    expect((await carol.get('/me')).status).toBe(401);
    expect(
      (
        await server.fetch('/api/v1/events?endpoint=desk', {
          headers: { Authorization: `Bearer ${carol.token}` },
        })
      ).status,
    ).toBe(401);
  });

  test('[ID21] disabled: the streams end, and neither an old nor a new token opens one', async () => {
    const erin = await server.as('erin');
    const stream = await streamOf(erin);
    expect((await admin.send('POST', `/admin/users/${erin.id}/disable`)).status).toBe(204);
    expect(await closing(stream)).toEqual({ code: 4003, retryAfterMs: null });
    const fresh = await server.token('erin', { iat: Math.floor(Date.now() / 1_000) + 2 });
    for (const token of [erin.token, fresh]) {
      const answer = await server.fetch('/api/v1/events?endpoint=desk', {
        headers: { Authorization: `Bearer ${token}` },
      });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'disabled']);
    }
  });

  test('[ID21] removed from a conversation: nothing of it reaches the stream any more, also after a resume', async () => {
    const [alice, frank, bob] = [await server.as('alice'), await server.as('frank'), await server.as('bob')];
    const { id } = (
      await alice.send<{ id: string }>('POST', '/conversations', {
        participants: [frank.id, bob.id],
        subject: 'Plan',
      })
    ).body;
    await frank.send('POST', `/conversations/${id}/invitation`, { answer: 'accept' });
    const stream = await streamOf(frank);
    await alice.send('POST', `/conversations/${id}/messages`, { text: 'before' });
    const last = await stream.next('message.posted', { withinMs });
    expect((await alice.send('DELETE', `/conversations/${id}/participants/${frank.id}`)).status).toBe(204);
    await stream.next('participant.removed', { withinMs });
    const { body: message } = await alice.send<{ id: string }>('POST', `/conversations/${id}/messages`, {
      text: 'after',
    });
    await alice.send('PATCH', `/conversations/${id}/messages/${message.id}`, { text: 'after, changed' });
    await alice.send('POST', `/conversations/${id}/typing`);
    await alice.send('PATCH', `/conversations/${id}`, { subject: 'Secret plan' });
    for (const type of ['message.posted', 'message.edited', 'typing', 'conversation.updated'])
      await stream.expectNone(type, 100);
    const resumed = await frank.stream('desk', { lastEventId: last.id as string });
    open.push(resumed);
    await resumed.next('presence.snapshot');
    for (const type of ['message.posted', 'message.edited', 'conversation.updated'])
      await resumed.expectNone(type, 50);
  });

  test('[ID21] a block silences presence for the blocked, who sees somebody signed out', async () => {
    const [alice, grace] = [await server.as('alice'), await server.as('gina')];
    await streamOf(alice);
    const stream = await streamOf(grace);
    expect((await grace.send('PUT', `/streams/${stream.streamId}/watch`, { ids: [alice.id] })).status).toBe(
      200,
    );
    expect(
      (await alice.send('PUT', `/me/contacts/${grace.id}`, { relationship: 'blocked' })).status,
    ).toBeLessThan(300);
    const gone = await stream.next<{ availability: string }>('presence.changed', { withinMs });
    expect(gone.data.availability).toBe('offline');
    await alice.send('PUT', '/me/presence/preferred', { availability: 'busy' });
    await alice.send('PUT', '/me/note', { text: 'not for everybody' });
    await stream.expectNone('presence.changed', 500);
  });

  test('[ID22] a program watches more people than a person may, within its grant, for as long as its token is renewed', async () => {
    const token = endingIn(soon);
    const program = await server.program(['Presence.Read.All'], token);
    const stream = await streamOf(program, 'watcher');
    const renewed = await server.program(['Presence.Read.All']);
    expect((await renewed.send('POST', `/streams/${stream.streamId}/token`)).status).toBe(204);
    const alice = await server.as('alice');
    const everybody = Array.from(
      { length: 5_001 },
      (_, at) => `0000${String(at).padStart(4, '0')}-0000-4000-8000-000000000000`,
    );
    for (let at = 0; at < everybody.length; at += 1_000) {
      const answer = await renewed.send('PATCH', `/streams/${stream.streamId}/watch`, {
        add: everybody.slice(at, at + 1_000),
      });
      expect(answer.status, answer.text.slice(0, 200)).toBe(200);
    }
    await renewed.send('PATCH', `/streams/${stream.streamId}/watch`, { add: [alice.id] });
    await alice.send('PUT', '/me/presence/preferred', { availability: 'do-not-disturb' });
    await streamOf(alice);
    await stream.next<{ id: string }>('presence.changed', { withinMs, where: ({ id }) => id === alice.id });
    const endsInMs = (token.exp + skewSeconds) * 1_000 - Date.now();
    await new Promise((resolve) => setTimeout(resolve, endsInMs + 2_000));
    expect(stream.isOpen).toBe(true);
    // A program is nobody's presence, and no person.
    expect((await alice.get(`/presence/${program.id}`)).status).toBe(404);
    expect((await renewed.get('/me')).status).toBe(403);
  });
});

describe('sessions by browser', () => {
  let own: ProviderServer;
  let provider: ProviderServer['provider'];
  let server: TestServer;
  beforeAll(async () => {
    own = await startProviderServer('by-fetch', { alice: 'Alice' });
    ({ provider, server } = own);
  });
  afterAll(() => own?.stop());

  const post = (path: string, body: unknown) =>
    server.fetch(`/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });

  /** As the web client does it, but for the pages. */
  async function signIn() {
    provider.signingIn = 'alice';
    const { verifier, challenge } = newVerifier();
    const start = await server.fetch(`/signin/start?challenge=${challenge}&return=/`, { redirect: 'manual' });
    expect([start.status, start.headers.get('set-cookie'), start.headers.get('referrer-policy')]).toEqual([
      303,
      null,
      'no-referrer',
    ]);
    const back = await provider.browse(start.headers.get('location') as string);
    expect(back.origin).toBe(base);
    const callback = await server.fetch(back.pathname + back.search, { redirect: 'manual' });
    expect([
      callback.status,
      callback.headers.get('set-cookie'),
      callback.headers.get('cache-control'),
    ]).toEqual([303, null, 'no-store']);
    const landing = new URL(callback.headers.get('location') as string, base);
    expect([landing.origin, landing.pathname, landing.search]).toEqual([base, '/', '']);
    const code = new URLSearchParams(landing.hash.slice(1)).get('signin') as string;
    const answer = await post('/session/token', { code, verifier });
    expect(answer.status).toBe(200);
    const session = (await answer.json()) as {
      access_token: string;
      renewal: string;
      person: { id: string };
    };
    return { ...session, client: server.client(session.access_token, session.person.id) };
  }

  test('[ID16] out to the provider, back to a page of ours, and in; without a cookie, without a token in any address', async () => {
    const { client, person } = await signIn();
    expect((await client.get<{ id: string }>('/me')).body.id).toBe(person.id);
    const config = (await (await server.fetch('/api/v1/config')).json()) as { auth: object };
    expect(config.auth).toMatchObject({
      mode: 'oidc',
      signInUrl: '/signin/start',
      tokenUrl: '/api/v1/session/token',
    });
    expect(JSON.stringify(config)).not.toContain(provider.clientSecret);
  });

  test('[ID19, ID21] signing out ends the streams of that session and no other', async () => {
    const [here, there] = [await signIn(), await signIn()];
    const [gone, kept] = [await streamOf(here.client, 'here'), await streamOf(there.client, 'there')];
    expect((await post('/session/end', { renewal: here.renewal })).status).toBe(204);
    expect(await closing(gone)).toEqual({ code: 4001, retryAfterMs: null });
    expect((await here.client.get('/me')).status).toBe(401);
    expect((await post('/session/renew', { renewal: here.renewal })).status).toBe(401);
    expect(kept.isOpen).toBe(true);
    const renewed = await post('/session/renew', { renewal: there.renewal });
    expect(renewed.status).toBe(200);
    const { access_token: token } = (await renewed.json()) as { access_token: string };
    expect((await server.client(token, '').send('POST', `/streams/${kept.streamId}/token`)).status).toBe(204);
  });

  test('[ID16] an address to return to that is not ours is refused, and so is a missing challenge', async () => {
    const { challenge } = newVerifier();
    for (const to of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/%2F/evil.example',
      'javascript:alert(1)',
      '/a?b=c',
      '/../x',
      'x',
    ])
      expect(
        (
          await server.fetch(`/signin/start?challenge=${challenge}&return=${encodeURIComponent(to)}`, {
            redirect: 'manual',
          })
        ).status,
        to,
      ).toBe(400);
    for (const query of [
      '',
      '?challenge=short',
      `?challenge=${challenge}x`,
      `?challenge=${challenge}&challenge=${challenge}`,
    ])
      expect((await server.fetch(`/signin/start${query}`, { redirect: 'manual' })).status, query).toBe(400);
  });

  test('[ID16] a callback that nobody asked for lands on our page with a word', async () => {
    const answer = await server.fetch('/signin/callback?code=x&state=y', { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/signin#signin-error=expired']);
  });

  test('[ID23] sign-ins, failures and denials are in the audit log', async () => {
    await signIn();
    provider.signingIn = null;
    const { challenge } = newVerifier();
    const start = await server.fetch(`/signin/start?challenge=${challenge}`, { redirect: 'manual' });
    const back = await provider.browse(start.headers.get('location') as string);
    await server.fetch(back.pathname + back.search, { redirect: 'manual' });
    const { client } = await signIn();
    for (let at = 0; at < 3; at += 1) await client.get('/admin/audit');
    await server.running.stop();
    // Entries are gathered for a minute and written when the server stops.
    await server.restart();
    const entries = (await server.running.store.records.audit(null, 100)).map(({ action, detail }) => ({
      action,
      ...JSON.parse(detail),
    }));
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'sign-in', how: 'oidc', address: '127.0.0.1' }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'access.denied', code: 'cancelled', route: 'sign-in' }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'access.denied',
        code: 'forbidden',
        route: 'GET /admin/audit',
        count: 3,
      }),
    );
  });
});
