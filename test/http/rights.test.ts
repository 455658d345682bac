/**
 * The table of rights, tried: every route of the OpenAPI document, by every kind of caller, with ids of
 * things that are not theirs, through the pre-router and through Express. A route without a row fails.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Right, rights, rightsInWords } from '../../server/http/rights.ts';
import { type EntraServer, startEntraServer } from '../support/entra-server.ts';
import type { Person } from '../support/server.ts';
import type { EventStreamClient } from '../support/sse-client.ts';

const nowhere = '00000000-0000-4000-8000-000000000000';

/** A body that each route with one takes, so that a refusal is never about the form. */
const bodies: Readonly<Record<string, (ids: Ids) => unknown>> = {
  'POST /presence/query': ({ alice }) => ({ ids: [alice] }),
  'PUT /me/publications/{publicationId}': () => ({
    kind: 'application',
    availability: 'busy',
    expiresInSeconds: 60,
  }),
  'PUT /me/presence/preferred': () => ({ availability: 'busy' }),
  'PUT /me/note': () => ({ text: 'a note' }),
  'PUT /me/out-of-office': () => ({ from: '2026-01-01T00:00:00.000Z', until: '2036-01-01T00:00:00.000Z' }),
  'PUT /me/privacy': () => ({ mode: 'open' }),
  'PUT /me/calendar': () => ({ text: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n' }),
  'PUT /me/connections': () => ({ teams: true }),
  'PUT /me/messaging': () => ({ readReceipts: true }),
  'POST /people/resolve': () => ({ addresses: ['alice@contoso.example'] }),
  'POST /people/expand': () => ({ addresses: ['sales@contoso.example'] }),
  'PUT /me/contacts/{id}': () => ({}),
  'POST /me/groups': () => ({ name: 'A group' }),
  'PATCH /me/groups/{id}': () => ({ name: 'Another name' }),
  'POST /conversations': ({ alice, bob }) => ({ participants: [alice, bob] }),
  'PATCH /conversations/{id}': () => ({ muted: true }),
  'POST /conversations/{id}/participants': ({ stranger }) => ({ ids: [stranger] }),
  'PATCH /conversations/{id}/participants/{personId}': () => ({ role: 'presenter' }),
  'POST /conversations/{id}/invitation': () => ({ answer: 'accept' }),
  'POST /conversations/{id}/messages': () => ({ text: 'from somebody' }),
  'PATCH /conversations/{id}/messages/{messageId}': () => ({ text: 'changed' }),
  'PUT /conversations/{id}/read': () => ({ seq: 0 }),
  'PUT /streams/{streamId}/watch': ({ alice }) => ({ ids: [alice] }),
  'PATCH /streams/{streamId}/watch': ({ alice }) => ({ add: [alice] }),
  'POST /streams/{streamId}/alive': () => ({}),
  'PUT /admin/archive/people/{id}': () => ({ archived: null }),
  'PUT /admin/policy': () => ({}),
  'PUT /admin/retention': () => ({ messageDays: null, cdrDays: 60, auditDays: 365, archive: 'off' }),
  'POST /admin/holds': ({ alice }) => ({ personId: alice, reason: 'a reason' }),
};

interface Ids {
  readonly alice: string;
  readonly bob: string;
  readonly stranger: string;
  readonly conversation: string;
  readonly message: string;
  readonly attachment: string;
  readonly group: string;
  readonly hold: string;
  readonly stream: string;
}

describe.each(['on', 'off'] as const)('pre-router %s', (preRouter) => {
  let server: EntraServer;
  let ids: Ids;
  let aliceStream: EventStreamClient;
  const people: Record<'alice' | 'bob' | 'carol' | 'stranger' | 'former' | 'admin', Person> = {} as never;
  const routes: { key: string; right: Right | undefined; method: string; path: string; hasBody: boolean }[] =
    [];

  beforeAll(async () => {
    server = await startEntraServer({ JELLYBEAN_PRE_ROUTER: preRouter });
    for (const name of ['alice', 'bob', 'carol', 'stranger', 'former'] as const)
      people[name] = await server.as(name);
    people.admin = await server.as('admin', { roles: ['Admin'] });
    const { alice, bob, carol, former, stranger, admin } = people;
    const made = async (answer: Promise<{ status: number; text: string; body: unknown }>) => {
      const { status, text, body } = await answer;
      if (status >= 300) throw new Error(text);
      return (body as { id: string }).id;
    };
    const conversation = await made(
      alice.send('POST', '/conversations', { participants: [bob.id, carol.id, former.id] }),
    );
    await former.send('POST', `/conversations/${conversation}/messages`, { text: 'I was here' });
    const message = await made(
      alice.send('POST', `/conversations/${conversation}/messages`, { text: 'a secret of the group' }),
    );
    await alice.send('DELETE', `/conversations/${conversation}/participants/${former.id}`);
    const form = new FormData();
    form.append('file', new Blob(['plain text of a file'], { type: 'text/plain' }), 'file.txt');
    const uploaded = await server.fetch('/api/v1/attachments', {
      method: 'POST',
      headers: { Authorization: `Bearer ${alice.token}` },
      body: form,
    });
    const attachment = ((await uploaded.json()) as { id: string }).id;
    aliceStream = await alice.stream('desk');
    const { data } = await aliceStream.next<{ streamId: string }>('ready');
    ids = {
      alice: alice.id,
      bob: bob.id,
      stranger: stranger.id,
      conversation,
      message,
      attachment,
      group: await made(alice.send('POST', '/me/groups', { name: 'Project' })),
      hold: await made(admin.send('POST', '/admin/holds', { personId: bob.id, reason: 'a reason' })),
      stream: data.streamId,
    };
    for (const [path, operations] of Object.entries(server.running.openApi.paths))
      for (const [verb, operation] of Object.entries(operations)) {
        const method = verb.toUpperCase();
        const short = path.replace('/api/v1', '');
        const key = `${method} ${short}`;
        routes.push({
          key,
          right: rights[key],
          method,
          path: short,
          hasBody: 'requestBody' in (operation as object),
        });
      }
    // What removes things comes last.
    const order = ({ method, path }: { method: string; path: string }) =>
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].indexOf(method) * 10 - path.split('/').length;
    routes.sort((a, b) => order(a) - order(b));
  });
  afterAll(async () => {
    aliceStream.close();
    await server.stop();
  });

  /** A route's path with ids of alice's things in it. */
  const pathOf = (path: string, strange = false): string =>
    path
      .replace('{streamId}', strange ? 'nowhere' : ids.stream)
      .replace('{messageId}', strange ? nowhere : ids.message)
      .replace('{personId}', ids.bob)
      .replace('{publicationId}', 'mine')
      .replace('{emoji}', encodeURIComponent('👍'))
      .replace('{id}', () => {
        if (strange) return nowhere;
        if (path.startsWith('/conversations')) return ids.conversation;
        if (path.startsWith('/attachments')) return ids.attachment;
        if (path.startsWith('/me/groups')) return ids.group;
        if (path.startsWith('/me/contacts')) return ids.bob;
        if (path.startsWith('/me/endpoints')) return 'desk';
        if (path.startsWith('/admin/holds')) return ids.hold;
        return path.startsWith('/admin/users') ? ids.bob : ids.alice;
      }) +
    (path === '/search'
      ? '?q=secret'
      : path === '/people'
        ? '?q=a'
        : path === '/events'
          ? '?endpoint=x'
          : '');

  async function call(
    caller: Person | null,
    route: (typeof routes)[number],
    strange = false,
  ): Promise<{ status: number; code: string }> {
    const body = route.hasBody ? bodies[route.key]?.(ids) : undefined;
    const abort = new AbortController();
    const response = await server.fetch(`/api/v1${pathOf(route.path, strange)}`, {
      method: route.method,
      headers: {
        ...(caller === null ? {} : { Authorization: `Bearer ${caller.token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: abort.signal,
    });
    const text = route.path === '/events' && response.status === 200 ? '' : await response.text();
    abort.abort();
    const isProblem = response.headers.get('content-type') === 'application/problem+json';
    return { status: response.status, code: isProblem ? (JSON.parse(text) as { code: string }).code : '' };
  }

  const withAccess = (...access: Right['access'][]) =>
    routes.filter(({ right }) => right && access.includes(right.access));
  const about = (...resources: Right['resource'][]) =>
    routes.filter(({ right }) => right && resources.includes(right.resource));
  const stateOf = async () => {
    const { alice, admin } = people;
    const answers = await Promise.all([
      alice.get(`/conversations/${ids.conversation}`),
      alice.get(`/conversations/${ids.conversation}/messages`),
      alice.get('/me/groups'),
      alice.get('/me/contacts'),
      admin.get('/admin/holds'),
    ]);
    return answers.map(({ body }) => body);
  };

  test('[ID20] every route has a row, of the same access as the route, and a body to try it with', () => {
    expect(routes.length).toBeGreaterThan(50);
    for (const { key, right, hasBody } of routes) {
      expect(right, `${key} has no row in server/http/rights.ts`).toBeDefined();
      const [method, path] = key.split(' ') as [string, string];
      const operations = server.running.openApi.paths[`/api/v1${path}`] as Record<
        string,
        { 'x-access': string }
      >;
      expect(right?.access, key).toBe(operations[method.toLowerCase()]?.['x-access']);
      if (hasBody) expect(bodies[key], `${key} has no body in this test`).toBeDefined();
    }
  });

  test('[ID20] without a token, or with a bad one, only anonymous routes answer', async () => {
    for (const route of withAccess('person', 'any', 'admin'))
      for (const caller of [null, server.client('nonsense', ''), server.client(`${people.alice.token}x`, '')])
        expect(await call(caller, route), route.key).toEqual({ status: 401, code: 'unauthenticated' });
    for (const route of withAccess('anonymous'))
      expect((await call(null, route)).status, route.key).not.toBe(401);
  });

  test('[ID20] administrators’ routes are for administrators', async () => {
    const before = await stateOf();
    for (const route of withAccess('admin'))
      for (const caller of [people.alice, people.stranger, people.former])
        expect(await call(caller, route), route.key).toEqual({ status: 403, code: 'forbidden' });
    expect(await stateOf()).toEqual(before);
  });

  test('[ID20] a program reaches what its roles open, and nothing else', async () => {
    const before = await stateOf();
    for (const roles of [['Presence.Read.All'], ['Presence.ReadWrite.All'], ['Chat.Export']]) {
      const program = await server.program(roles);
      for (const route of routes.filter(({ right }) => right?.access !== 'anonymous')) {
        const isOpen = route.right?.applications.some((role) => roles.includes(role));
        const answer = await call(program, route);
        if (isOpen) expect([401, 403], `${roles} ${route.key}`).not.toContain(answer.status);
        else expect(answer, `${roles} ${route.key}`).toEqual({ status: 403, code: 'forbidden' });
      }
    }
    expect(await stateOf()).toEqual(before);
  });

  test('[ID20] to strangers, former participants and administrators a conversation is not there, whatever they ask', async () => {
    const before = await stateOf();
    for (const route of about('conversation', 'message', 'attachment', 'stream'))
      for (const caller of [people.stranger, people.former, people.admin]) {
        const answer = await call(caller, route);
        expect(answer, `${route.key} ${caller.address}`).toEqual({ status: 404, code: 'not-found' });
        // What is somebody else's looks like what does not exist.
        expect(answer, route.key).toEqual(await call(caller, route, true));
      }
    expect(await stateOf()).toEqual(before);
  });

  test('[ID20] what is one’s own cannot be reached with somebody else’s id', async () => {
    const before = await stateOf();
    for (const route of about('own').filter(
      ({ path }) => path.startsWith('/me/groups/') || path.startsWith('/me/endpoints/'),
    ))
      for (const caller of [people.stranger, people.admin])
        expect([204, 404], route.key).toContain((await call(caller, route)).status);
    expect(await stateOf()).toEqual(before);
    expect(aliceStream.isOpen).toBe(true);
  });

  test('[ID20] another participant’s message is not changed by a participant', async () => {
    for (const route of about('message'))
      if (route.method !== 'GET')
        expect(await call(people.bob, route), route.key).toEqual({ status: 403, code: 'forbidden' });
  });

  test('[ID20] whoever has the right gets an answer', async () => {
    for (const route of about(
      'public',
      'own',
      'directory',
      'conversation',
      'message',
      'attachment',
      'stream',
    ).filter(
      ({ key }) => !key.startsWith('DELETE /me/endpoints') && key !== 'POST /conversations/{id}/invitation',
    )) {
      const { status, code } = await call(people.alice, route);
      // Nobody has a photo here, and the uploads bring no file.
      const expected: Record<string, number> = {
        'GET /people/{id}/photo': 404,
        'POST /attachments': 415,
        'PUT /me/photo': 415,
        'POST /me/contacts/import': 415,
      };
      if (route.key in expected) expect(status, route.key).toBe(expected[route.key]);
      else expect([200, 201, 204], `${route.key}: ${status} ${code}`).toContain(status);
    }
  });

  /** What somebody did, the latest first; their coming in is written a moment later and no part of it. */
  const entriesOf = async (id: string) => {
    const { body } = await people.admin.get<{ items: { id: string; actorId: string; action: string }[] }>(
      '/admin/audit?limit=1000',
    );
    return body.items.filter(({ actorId, action }) => actorId === id && action !== 'sign-in');
  };

  test('[IM55] every administrators’ route leaves an entry of who called it in the audit log', async () => {
    for (const [index, route] of withAccess('admin').entries()) {
      // Somebody new each time, so that the entry is of this call.
      const auditor = await server.as(`auditor${index}`, { roles: ['Admin'] });
      const standing = ids;
      if (route.path.startsWith('/admin/holds/')) {
        const made = await people.admin.send('POST', '/admin/holds', {
          personId: ids.bob,
          reason: 'one more',
        });
        ids = { ...ids, hold: (made.body as { id: string }).id };
      }
      const [before] = await entriesOf(auditor.id);
      const { status, code } = await call(auditor, route);
      ids = standing;
      expect([200, 201, 204], `${route.key}: ${status} ${code}`).toContain(status);
      const entries = (await entriesOf(auditor.id)).filter(({ id }) => Number(id) > Number(before?.id ?? 0));
      expect(entries, `${route.key} leaves no entry`).toHaveLength(1);
      expect(entries[0]?.action).toMatch(/^[a-z]+\.[a-z]+$/);
    }
  });

  test('[ID20] administrators, and programs with Admin, reach every administrators’ route', async () => {
    const program = await server.program(['Admin']);
    for (const route of withAccess('admin').filter(({ key }) => !key.includes('/users/')))
      for (const caller of [people.admin, program])
        expect([401, 403], `${route.key}`).not.toContain((await call(caller, route)).status);
  });
});

test('[ID20] docs/RIGHTS.md shows the table as it is', async () => {
  const text = `# Who may do what

One row for each route, below \`/api/v1\` where it does not begin with \`/graph\`, made from \`server/http/rights.ts\`; \`test/http/rights.test.ts\` tries each with every
kind of caller. “People” are signed in; “programs” come by a token of their own with one of the application roles named.
What is somebody else's is answered like what does not exist (404), with the same words.

- **own**: the caller's; there is no way to name somebody else's.
- **directory**: everybody who is signed in may ask; how much they see is decided by the relationship (SPEC, PV and CO).
- **conversation**: for its participants of this moment. Administrators who take no part in it are strangers to it.
- **message**: changed by its sender alone; another participant is told so (403), everybody else finds nothing.
- **attachment**: for its sender and the participants of the conversation it was sent to.
- **stream**: for whose bearer opened it.
- **organisation**: for administrators; every read of people's data is in the audit log.

| route | people | programs | whose |
|---|---|---|---|
${rightsInWords()}`;
  await expect(text).toMatchFileSnapshot('../../docs/RIGHTS.md');
});
