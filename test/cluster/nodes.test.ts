/** Three nodes, one organisation: any of them serves anybody, and all show the same. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PresenceView } from '../../server/protocol/presence.ts';
import { hasPostgres } from '../contract/stores.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { hasNats } from '../support/nats.ts';
import { skipUnless } from '../support/skip.ts';
import { type EventStreamClient, openStream } from '../support/sse-client.ts';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

skipUnless(hasPostgres && hasNats, 'no PostgreSQL or no NATS for tests answers')('three nodes', () => {
  let cluster: TestCluster;
  const tokens = new Map<string, { token: string; id: string }>();
  const streams: EventStreamClient[] = [];

  const call = async (
    node: number,
    token: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer> => {
    const response = await fetch(`${cluster.nodes[node]!.http}/api/v1${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  };
  /** A person as every node knows them: signed in on one, speaking to any. */
  const as = (name: string) => {
    const { token, id } = tokens.get(name)!;
    return {
      id,
      on: (node: number) => ({
        get: (path: string) => call(node, token, 'GET', path),
        send: (method: string, path: string, body?: unknown) => call(node, token, method, path, body),
        async stream(endpoint: string, lastEventId?: string) {
          const stream = await openStream(`${cluster.nodes[node]!.http}/api/v1/events?endpoint=${endpoint}`, {
            token,
            ...(lastEventId === undefined ? {} : { lastEventId }),
          });
          streams.push(stream);
          return stream;
        },
      }),
    };
  };
  const viewOn = async (node: number, by: string, of: string): Promise<PresenceView> => {
    const answer = await as(by)
      .on(node)
      .get(`/presence/${as(of).id}`);
    expect(answer.status).toBe(200);
    return answer.body as unknown as PresenceView;
  };
  const eventually = (check: () => Promise<void> | void) =>
    vi.waitFor(check, { timeout: 45_000, interval: 100 });
  /** What everybody sees but the counter, which is each view's own. */
  const shown = ({ sequence: _, ...view }: PresenceView) => view;

  beforeAll(async () => {
    cluster = await startCluster(3, { env: { JELLYBEAN_DRAIN_SECONDS: '1' } });
    for (const [at, name] of ['alice', 'bob', 'carol', 'dave'].entries()) {
      const { body } = await call(at % 3, '', 'POST', '/demo/token', { user: `${name}@contoso.example` });
      const { access_token: token, person } = body as { access_token: string; person: { id: string } };
      tokens.set(name, { token, id: person.id });
    }
  });
  afterAll(async () => {
    for (const stream of streams) stream.close();
    await cluster.dispose();
  });

  test('[CL1] a token of one node is good on every other, and what is written on one is read on all', async () => {
    for (const node of [0, 1, 2]) expect((await as('alice').on(node).get('/me')).status).toBe(200);
    const made = await as('alice')
      .on(0)
      .send('POST', '/conversations', {
        participants: [as('bob').id],
        firstMessage: { text: 'from node 0' },
      });
    expect([200, 201]).toContain(made.status);
    const { id } = made.body as { id: string };
    for (const node of [1, 2]) {
      const { body } = await as('bob').on(node).get(`/conversations/${id}/messages?after=0`);
      expect((body.items as { text: string }[]).map(({ text }) => text)).toContain('from node 0');
    }
  });

  test('[CL1] whatever node sends, a stream on any node gets every message once and in order', async () => {
    const stream = await as('bob').on(2).stream('order');
    await stream.next('presence.snapshot', { withinMs: 30_000 });
    const { body } = await as('alice')
      .on(0)
      .send('POST', '/conversations', { participants: [as('bob').id] });
    const path = `/conversations/${(body as { id: string }).id}/messages`;
    const texts: string[] = [];
    for (let round = 0; round < 20; round += 1)
      for (const [node, name] of [
        [0, 'alice'],
        [1, 'alice'],
        [2, 'bob'],
      ] as const) {
        const text = `${round} from ${node}`;
        texts.push(text);
        expect((await as(name).on(node).send('POST', path, { text })).status).toBe(201);
      }
    const got = () =>
      stream.events
        .filter(({ type }) => type === 'message.posted')
        .map(({ data }) => (data as { message: { text: string } }).message.text)
        .filter((text) => texts.includes(text));
    await eventually(() => expect(got()).toEqual(texts));
    // The same cursor on another node: everything behind it, once.
    const middle = stream.events.filter(({ type }) => type === 'message.posted').at(-31)!;
    const again = await as('bob')
      .on(1)
      .stream('order-again', middle.id as string);
    await eventually(() => {
      const seen = again.events
        .filter(({ type }) => type === 'message.posted')
        .map(({ data }) => (data as { message: { text: string } }).message.text);
      expect(seen).toEqual(texts.slice(-30));
    });
    stream.close();
    again.close();
  });

  test('[ST34] who types on one node is seen typing by streams on the others', async () => {
    const streams = await Promise.all([0, 1, 2].map((node) => as('bob').on(node).stream(`typing-${node}`)));
    for (const stream of streams) await stream.next('presence.snapshot', { withinMs: 30_000 });
    const { body } = await as('alice')
      .on(0)
      .send('POST', '/conversations', { participants: [as('bob').id] });
    const { id } = body as { id: string };
    expect((await as('alice').on(1).send('POST', `/conversations/${id}/typing`)).status).toBe(204);
    for (const stream of streams) {
      expect((await stream.next('typing', { withinMs: 30_000 })).data).toEqual({
        conversationId: id,
        personId: as('alice').id,
      });
      stream.close();
    }
  });

  test('[CL2] who signs in, publishes, chooses and signs out on one node is seen so on all, with the same moments', async () => {
    const watcher = await as('bob').on(1).stream('watch');
    await watcher.next('presence.snapshot', { withinMs: 30_000 });
    const agree = (expected: Partial<PresenceView>) =>
      eventually(async () => {
        const views = await Promise.all([0, 1, 2].map((node) => viewOn(node, 'bob', 'alice')));
        expect(views[0]).toMatchObject(expected);
        for (const view of views) expect(shown(view)).toEqual(shown(views[0]!));
      });
    await agree({ availability: 'offline' });
    const stream = await as('alice').on(0).stream('desk');
    await agree({ availability: 'available' });
    // The publication comes to another node than the stream.
    await as('alice').on(2).send('PUT', '/me/publications/call', {
      kind: 'phone',
      availability: 'busy',
      activity: 'in-a-call',
      expiresInSeconds: 600,
    });
    await agree({ availability: 'busy', activity: 'in-a-call' });
    await as('alice').on(1).send('PUT', '/me/note', { text: 'on the phone' });
    await agree({ note: { text: 'on the phone', kind: 'personal', expiresAt: null } });
    await as('alice').on(0).send('DELETE', '/me/publications/call');
    await as('alice').on(1).send('PUT', '/me/presence/preferred', { availability: 'do-not-disturb' });
    await agree({ availability: 'do-not-disturb' });
    await as('alice').on(2).send('DELETE', '/me/presence/preferred');
    await agree({ availability: 'available' });
    // Signed out on a node that does not have the stream.
    expect((await as('alice').on(2).send('DELETE', '/me/endpoints/desk')).status).toBe(204);
    await agree({ availability: 'offline' });
    await stream.next('closing', { withinMs: 30_000 });
    await as('alice').on(2).send('DELETE', '/me/note');
    const told = watcher.events
      .filter(
        ({ type, data }) => type === 'presence.changed' && (data as { id: string }).id === as('alice').id,
      )
      .map(({ data }) => (data as PresenceView).availability);
    for (const availability of ['available', 'busy', 'do-not-disturb', 'offline'])
      expect(told).toContain(availability);
    watcher.close();
  });

  test('[CL3] what belongs to a stream may be said to any node, and only by its owner', async () => {
    const stream = await as('bob').on(0).stream('remote');
    const { streamId, cursor } = (await stream.next('ready', { withinMs: 30_000 })).data as {
      streamId: string;
      cursor: string;
    };
    const put = await as('bob')
      .on(1)
      .send('PUT', `/streams/${streamId}/watch`, { ids: [as('carol').id] });
    expect(put.status).toBe(200);
    expect((put.body.items as PresenceView[]).map(({ id }) => id)).toEqual([as('carol').id]);
    const carol = await as('carol').on(2).stream('desk');
    await eventually(() => {
      const seen = stream.events
        .filter(({ type }) => type === 'presence.changed')
        .map(({ data }) => data as PresenceView);
      expect(seen.some(({ id, availability }) => id === as('carol').id && availability === 'available')).toBe(
        true,
      );
    });
    expect((await as('bob').on(2).send('POST', `/streams/${streamId}/alive`, { cursor })).status).toBe(204);
    expect((await as('bob').on(1).send('POST', `/streams/${streamId}/token`)).status).toBe(204);
    expect((await as('dave').on(1).send('POST', `/streams/${streamId}/alive`)).status).toBe(404);
    expect((await as('bob').on(1).send('POST', '/streams/nowhere.at-all/alive')).status).toBe(404);
    const watchers = await as('carol').on(1).get('/me/watchers');
    expect(
      (watchers.body.items as { person: { id: string }; watching: boolean }[]).find(
        ({ person }) => person.id === as('bob').id,
      )?.watching,
    ).toBe(true);
    stream.close();
    carol.close();
  });

  test('[CL2] blocks, modes and policies of one node hold on all', async () => {
    const carol = await as('carol').on(0).stream('desk-2');
    const sees = (by: string, availability: string) =>
      eventually(async () => {
        for (const node of [0, 1, 2])
          expect((await viewOn(node, by, 'carol')).availability).toBe(availability);
      });
    await sees('dave', 'available');
    await as('carol')
      .on(1)
      .send('PUT', `/me/contacts/${as('dave').id}`, { relationship: 'blocked' });
    await sees('dave', 'offline');
    await as('carol')
      .on(2)
      .send('PUT', `/me/contacts/${as('dave').id}`, { relationship: null });
    await as('carol')
      .on(2)
      .send('DELETE', `/me/contacts/${as('dave').id}`);
    await sees('dave', 'available');
    await as('carol').on(0).send('PUT', '/me/privacy', { mode: 'contacts-only' });
    await sees('dave', 'offline');
    await as('carol').on(1).send('PUT', '/me/privacy', { mode: 'open' });
    await sees('dave', 'available');
    const policy = { presence: { appearOffline: false } };
    expect((await as('carol').on(1).send('PUT', '/admin/policy', policy)).status).toBe(200);
    await eventually(async () => {
      for (const node of [0, 1, 2])
        expect(
          (await as('carol').on(node).send('PUT', '/me/presence/preferred', { availability: 'offline' })).body
            .code,
        ).toBe('appear-offline-not-allowed');
    });
    carol.close();
  });

  test('[CL4] a node that is told to stop sends its streams elsewhere, and nobody flickers', async () => {
    const watcher = await as('bob').on(0).stream('beside');
    await watcher.next('presence.snapshot', { withinMs: 30_000 });
    const there = await as('alice').on(2).stream('moving');
    await there.next('presence.snapshot', { withinMs: 30_000 });
    await eventually(async () => expect((await viewOn(0, 'bob', 'alice')).availability).toBe('available'));
    const from = watcher.events.length;
    const ended = cluster.nodes[2]!.end('SIGTERM');
    const closing = await there.next('closing', { withinMs: 30_000 });
    expect(closing.data).toMatchObject({ code: 1002 });
    expect(await ended).toBe(0);
    const here = await as('alice')
      .on(1)
      .stream('moving', there.lastEventId ?? undefined);
    await here.next('presence.snapshot', { withinMs: 30_000 });
    const { streamId } = here.events.find(({ type }) => type === 'ready')!.data as { streamId: string };
    let isJoined = false;
    const joining = cluster.join(2).then(() => {
      isJoined = true;
    });
    // Longer than the patience with a node that said that it ends; the client says meanwhile that it is there.
    for (const begun = Date.now(); Date.now() - begun < 33_000 || !isJoined; ) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect((await as('alice').on(1).send('POST', `/streams/${streamId}/alive`)).status).toBe(204);
    }
    await joining;
    for (const node of [0, 1, 2]) expect((await viewOn(node, 'bob', 'alice')).availability).toBe('available');
    const changes = watcher.events
      .slice(from)
      .filter(
        ({ type, data }) => type === 'presence.changed' && (data as { id: string }).id === as('alice').id,
      );
    expect(changes).toEqual([]);
    here.close();
    watcher.close();
  });
});
