/** The facade as programs for Microsoft Graph speak to it; every answer is held against Graph's own description. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Client, type GraphError } from '@microsoft/microsoft-graph-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoIds } from '../../server/adapters/directory/demo.ts';
import { rights } from '../../server/http/rights.ts';
import { type EntraServer, startEntraServer } from '../support/entra-server.ts';
import {
  type GraphCaller,
  type GraphPresence,
  graphCaller,
  type ODataErrorBody,
} from '../support/graph-caller.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

const { alice: aliceId, bob: bobId, carol: carolId, dave: daveId } = demoIds;
const session = '22553876-f5ab-4529-bffb-cfe50aa89f87';
const page = 'https://pages.contoso.example';
/** One white pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);

describe('the facade', () => {
  let server: TestServer;
  let people: Record<'alice' | 'bob' | 'carol' | 'dave' | 'erin', Person>;
  let as: Record<'alice' | 'bob' | 'carol' | 'dave' | 'erin', GraphCaller>;

  beforeAll(async () => {
    server = await startServer({ JELLYBEAN_ALLOWED_ORIGINS: page, JELLYBEAN_RATE_FACTOR: '50' });
    const names = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
    const signedIn = await Promise.all(names.map(async (name) => [name, await server.as(name)] as const));
    people = Object.fromEntries(signedIn) as typeof people;
    as = Object.fromEntries(
      signedIn.map(([name, { token }]) => [name, graphCaller(server, token)]),
    ) as typeof as;
  });
  afterAll(() => server.stop());

  const presenceOf = async (caller: GraphCaller, id: string) =>
    (await caller<GraphPresence>(`/users/${id}/presence`)).body;

  test('[GR2] who is asked for is found by id, by sign-in name, as oneself, and by every spelling of the address', async () => {
    const { alice } = as;
    expect((await alice('/me')).body).toMatchObject({
      id: aliceId,
      userPrincipalName: 'alice@contoso.example',
      mail: 'alice@contoso.example',
    });
    for (const route of [
      `/users/${bobId}`,
      `/users/${bobId.toUpperCase()}`,
      '/users/bob%40contoso.example',
      '/users/bob@contoso.example',
      `/users('${bobId}')`,
    ])
      expect((await alice(route)).body, route).toMatchObject({ id: bobId, displayName: 'Bob Kovács' });
    const chosen = await alice('/users/bob@contoso.example?$select=id,displayName,department,displayName');
    expect(
      Object.keys(chosen.body)
        .filter((key) => !key.startsWith('@'))
        .sort(),
    ).toEqual(['department', 'displayName', 'id']);
    const stranger = await alice<ODataErrorBody>('/users/00000000-0000-4000-8000-000000000000');
    expect([stranger.status, stranger.body.error.code]).toEqual([404, 'Request_ResourceNotFound']);
  });

  test('[GR2] managers, reports and people around somebody', async () => {
    const { alice, bob } = as;
    expect((await bob('/me/manager')).body).toMatchObject({
      id: aliceId,
      '@odata.type': '#microsoft.graph.user',
    });
    const reports = await alice<{ value: { id: string }[] }>('/me/directReports');
    expect(reports.body.value.map(({ id }) => id)).toContain(bobId);
    const chain = await bob<{ manager: { id: string; manager: { id: string } } }>(
      '/me?$expand=manager($levels=max;$select=id)&$count=true',
      undefined,
      { ConsistencyLevel: 'eventual' },
    );
    expect(chain.body.manager.id).toBe(aliceId);
    expect(chain.body.manager.manager.id).toMatch(/-/);
    const own = await bob<{ value: { id: string; personType: { subclass: string } }[] }>('/me/people');
    expect(own.body.value).toMatchObject([{ id: aliceId, personType: { subclass: 'OrganizationUser' } }]);
    // Alice's contact list is not bob's to read.
    const others = await bob<{ value: { id: string }[] }>(`/users/${aliceId}/people?$top=50`);
    const around = new Set(reports.body.value.map(({ id }) => id)).add(chain.body.manager.manager.id);
    for (const { id } of others.body.value) expect(around).toContain(id);
    expect((await bob<ODataErrorBody>(`/users/${carolId}/manager`)).status).toBe(404);
  });

  test('[GR2] who has no photo is answered in the words by which clients know that', async () => {
    for (const route of ['/me/photo/$value', '/me/photo', `/users/${bobId}/photos/48x48/$value`]) {
      const { status, body } = await as.alice<ODataErrorBody>(route);
      expect([status, body.error.code], route).toEqual([404, 'ImageNotFound']);
    }
  });

  test('[GR2] a photo is answered as bytes, in a batch as base64, and only to who may see it', async () => {
    const put = await server.fetch('/api/v1/me/photo', {
      method: 'PUT',
      headers: { Authorization: `Bearer ${people.carol.token}`, 'Content-Type': 'image/png' },
      body: new Uint8Array(picture),
    });
    expect(put.status).toBe(200);
    const route = `/users/${carolId}/photo/$value`;
    const ask = ({ token }: Person) =>
      server.fetch(`/graph/v1.0${route}`, { headers: { Authorization: `Bearer ${token}` } });
    const got = await ask(people.alice);
    expect(got.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await got.arrayBuffer())).toEqual(picture);
    expect((await ask(people.erin)).status).toBe(404);
    const metadata = await as.alice(`/users/${carolId}/photo`);
    expect(metadata.body['@odata.mediaEtag']).toBe(got.headers.get('etag'));
    const batch = await as.alice<{ responses: { headers: Record<string, string>; body: string }[] }>(
      '/$batch',
      {
        requests: [{ id: '1', method: 'GET', url: route }],
      },
    );
    expect(batch.body.responses[0]).toMatchObject({
      headers: { 'Content-Type': 'image/png', ETag: got.headers.get('etag') },
      body: picture.toString('base64'),
    });
  });

  test('[GR2] presence is read as the caller may see it, and who hides looks like somebody signed out', async () => {
    const stream = await people.alice.stream('desk');
    await stream.next('ready');
    await people.alice.send('PUT', '/me/presence/preferred', { availability: 'do-not-disturb' });
    await people.alice.send('PUT', '/me/note', { text: 'Writing', expiresAt: '2036-01-01T00:00:00.000Z' });
    expect(await presenceOf(as.carol, aliceId)).toMatchObject({
      id: aliceId,
      availability: 'DoNotDisturb',
      activity: 'DoNotDisturb',
      statusMessage: { message: { content: 'Writing' } },
    });
    const own = (await as.alice<GraphPresence>('/me/presence')).body;
    expect(own.statusMessage?.expiryDateTime?.dateTime).toMatch(/^2036-01-01T00:00:00/);
    expect((await presenceOf(as.carol, aliceId)).statusMessage?.expiryDateTime).toBeUndefined();
    // Dave is blocked by alice: to him she is as somebody who has never signed in.
    const hidden = await presenceOf(as.dave, aliceId);
    const absent = await presenceOf(as.dave, carolId);
    expect({ ...hidden, id: '', '@odata.context': '' }).toEqual({ ...absent, id: '', '@odata.context': '' });
    // External: availability, and nothing more.
    expect(await presenceOf(as.erin, aliceId)).toMatchObject({
      availability: 'DoNotDisturb',
      statusMessage: null,
    });
    await people.alice.send('DELETE', '/me/presence/preferred');
    await people.alice.send('DELETE', '/me/note');
    stream.close();
  });

  test('[GR3] 650 presences in one call, in their order; who is unknown is PresenceUnknown and fails nobody', async () => {
    const { items } = (await people.alice.get<{ items: { id: string }[] }>('/people?q=a&limit=100')).body;
    const ids = ['nobody', daveId, bobId, bobId, ...items.map(({ id }) => id)];
    const { body, status } = await as.alice<{ value: GraphPresence[] }>(
      '/communications/getPresencesByUserId',
      { ids },
    );
    expect(status).toBe(200);
    expect(body.value.map(({ id }) => id)).toEqual(ids);
    expect(body.value[0]).toMatchObject({ availability: 'PresenceUnknown', activity: 'PresenceUnknown' });
    const many = (count: number) => Array.from({ length: count }, () => bobId);
    expect((await as.alice('/communications/getPresencesByUserId', { ids: many(650) })).status).toBe(200);
    const tooMany = await as.alice<ODataErrorBody>('/communications/getPresencesByUserId', {
      ids: many(651),
    });
    expect([tooMany.status, tooMany.body.error.code]).toEqual([400, 'BadRequest']);
    expect((await as.alice(`/communications/presences/${bobId}`)).body).toMatchObject({ id: bobId });
  });

  test('[GR4] a session takes its pairs, and ends when it is cleared', async () => {
    const { carol } = as;
    const taken: [string, string, string][] = [
      ['Available', 'Available', 'Available'],
      ['Busy', 'InACall', 'InACall'],
      ['Busy', 'InAConferenceCall', 'InAConferenceCall'],
      ['Away', 'Away', 'Away'],
      ['DoNotDisturb', 'Presenting', 'Presenting'],
      ['busy', 'inACall', 'InACall'],
    ];
    for (const [availability, activity, shown] of taken) {
      const { status, text } = await carol('/me/presence/setPresence', {
        sessionId: session,
        availability,
        activity,
      });
      expect([status, text]).toEqual([200, '']);
      expect((await carol<GraphPresence>('/me/presence')).body).toMatchObject({ activity: shown });
    }
    for (const [availability, activity] of [
      ['Busy', 'Busy'],
      ['Offline', 'OffWork'],
      ['Busy', 'InAMeeting'],
    ])
      expect(
        (await carol('/me/presence/setPresence', { sessionId: session, availability, activity })).status,
      ).toBe(400);
    for (const expirationDuration of ['PT4M59S', 'PT4H1S', 'P1D', 'soon'])
      expect(
        (
          await carol('/me/presence/setPresence', {
            sessionId: session,
            availability: 'Away',
            activity: 'Away',
            expirationDuration,
          })
        ).status,
        expirationDuration,
      ).toBe(400);
    expect((await carol('/me/presence/microsoft.graph.clearPresence', { sessionId: session })).status).toBe(
      200,
    );
    expect((await carol<ODataErrorBody>('/me/presence/clearPresence', { sessionId: session })).status).toBe(
      404,
    );
    expect((await carol<GraphPresence>('/me/presence')).body).toMatchObject({
      availability: 'Offline',
      activity: 'Offline',
    });
    expect((await carol('/me/presence/setPresence', { availability: 'Away', activity: 'Away' })).status).toBe(
      400,
    );
  });

  test('[GR4] a session lasts as long as it says, five minutes by itself', async () => {
    for (const [expirationDuration, minutes] of [
      [undefined, 5],
      ['PT2H', 120],
    ] as const) {
      await as.carol('/me/presence/setPresence', {
        sessionId: session,
        availability: 'Busy',
        activity: 'InACall',
        ...(expirationDuration && { expirationDuration }),
      });
      const { sources } = (
        await people.carol.get<{ sources: { source: string; expiresAt: string; publishedAt: string }[] }>(
          '/me/presence',
        )
      ).body;
      const source = sources.find((each) => each.source === `graph.${session}`)!;
      const lasts = Date.parse(source.expiresAt) - Date.parse(source.publishedAt);
      expect(Math.round(lasts / 60_000)).toBe(minutes);
    }
    await as.carol('/me/presence/clearPresence', { sessionId: session });
  });

  test('[GR4] a preferred presence takes its pairs and lasts a day for busy and do-not-disturb, seven for the rest', async () => {
    const cases: [string, string, string, number][] = [
      ['Available', 'Available', 'available', 7],
      ['Busy', 'Busy', 'busy', 1],
      ['DoNotDisturb', 'DoNotDisturb', 'do-not-disturb', 1],
      ['BeRightBack', 'BeRightBack', 'be-right-back', 7],
      ['Away', 'Away', 'away', 7],
      ['Offline', 'OffWork', 'offline', 7],
    ];
    for (const [availability, activity, ours, days] of cases) {
      const before = Date.now();
      expect((await as.bob('/me/presence/setUserPreferredPresence', { availability, activity })).status).toBe(
        200,
      );
      const { preferred } = (
        await people.bob.get<{ preferred: { availability: string; expiresAt: string } }>('/me/presence')
      ).body;
      expect(preferred.availability).toBe(ours);
      expect(Math.round((Date.parse(preferred.expiresAt) - before) / 86_400_000), availability).toBe(days);
    }
    expect(
      (await as.bob('/me/presence/setUserPreferredPresence', { availability: 'Busy', activity: 'InACall' }))
        .status,
    ).toBe(400);
    expect((await as.bob('/me/presence/clearUserPreferredPresence', {})).status).toBe(200);
    expect((await people.bob.get<{ preferred: null }>('/me/presence')).body.preferred).toBeNull();
  });

  test('[GR4] a status message is set, ends in its own time zone, and is cleared by an empty one', async () => {
    const statusMessage = {
      message: { content: 'At the dentist', contentType: 'text' },
      expiryDateTime: { dateTime: '2036-07-01T17:00:00.0000000', timeZone: 'Europe/Berlin' },
    };
    expect((await as.bob('/me/presence/setStatusMessage', { statusMessage })).status).toBe(200);
    const own = (await as.bob<GraphPresence>('/me/presence')).body.statusMessage;
    expect(own?.message.content).toBe('At the dentist');
    expect(own?.expiryDateTime?.dateTime).toMatch(/^2036-07-01T15:00:00/);
    // Outlook and Teams name zones as Windows does.
    const inWindows = { ...statusMessage.expiryDateTime, timeZone: 'Pacific Standard Time' };
    const again = { ...statusMessage, expiryDateTime: inWindows };
    expect((await as.bob('/me/presence/setStatusMessage', { statusMessage: again })).status).toBe(200);
    const moved = (await as.bob<GraphPresence>('/me/presence')).body.statusMessage;
    expect(moved?.expiryDateTime?.dateTime).toMatch(/^2036-07-02T00:00:00/);
    for (const wrong of [
      { message: { content: 'x', contentType: 'html' } },
      {
        message: { content: 'x' },
        expiryDateTime: { dateTime: '2036-07-01T17:00:00', timeZone: 'Middle Earth' },
      },
      { message: { content: 'x' }, expiryDateTime: { dateTime: 'tomorrow', timeZone: 'UTC' } },
      { message: { content: 'x' }, expiryDateTime: { dateTime: '2016-07-01T17:00:00', timeZone: 'UTC' } },
    ])
      expect(
        (await as.bob('/me/presence/setStatusMessage', { statusMessage: wrong })).status,
        JSON.stringify(wrong),
      ).toBe(400);
    await as.bob('/me/presence/setStatusMessage', {
      statusMessage: { message: { content: '', contentType: 'text' } },
    });
    expect((await as.bob<GraphPresence>('/me/presence')).body.statusMessage).toBeNull();
  });

  test('[GR4] nobody sets somebody else’s presence', async () => {
    for (const route of [`/users/${bobId}/presence`, `/communications/presences/${bobId}`]) {
      const { status, body } = await as.alice<ODataErrorBody>(`${route}/setUserPreferredPresence`, {
        availability: 'Busy',
        activity: 'Busy',
      });
      expect([status, body.error.code]).toEqual([403, 'Forbidden']);
      expect((await as.bob(`${route}/clearUserPreferredPresence`, {})).status).toBe(200);
    }
  });

  test('[GR5] a batch answers each request alone, with headers spelled as Graph spells them', async () => {
    const { status, body } = await as.alice<{
      responses: {
        id: string;
        status: number;
        headers: Record<string, string>;
        body: { id?: string; value?: unknown[]; error?: { code: string } };
      }[];
    }>('/$batch', {
      requests: [
        { id: '1', method: 'GET', url: '/me?$select=id' },
        { id: '2', method: 'GET', url: 'me/photo/$value' },
        { id: '3', method: 'GET', url: '/v1.0/users/bob%40contoso.example', dependsOn: ['1'] },
        {
          id: '4',
          method: 'POST',
          url: '/communications/getPresencesByUserId',
          headers: { 'content-type': 'application/json' },
          body: { ids: [bobId] },
        },
        { id: '5', method: 'GET', url: '/me', dependsOn: ['2'] },
        { id: '6', method: 'POST', url: '/communications/getPresencesByUserId', body: { ids: [bobId] } },
        {
          id: '7',
          method: 'POST',
          url: '/$batch',
          headers: { 'Content-Type': 'application/json' },
          body: { requests: [] },
        },
        { id: '8', method: 'DELETE', url: '/me' },
      ],
    });
    expect(status).toBe(200);
    expect(body.responses.map((each) => [each.id, each.status])).toEqual([
      ['1', 200],
      ['2', 404],
      ['3', 200],
      ['4', 200],
      ['5', 424],
      ['6', 400],
      ['7', 400],
      ['8', 405],
    ]);
    const by = Object.fromEntries(body.responses.map((each) => [each.id, each]));
    expect(by['1']?.headers).toEqual({ 'Content-Type': 'application/json' });
    expect(by['1']?.body.id).toBe(aliceId);
    expect(by['2']?.body.error?.code).toBe('ImageNotFound');
    expect(by['4']?.body.value).toHaveLength(1);
  });

  test('[GR5] a batch that makes no sense is refused whole', async () => {
    const item = (id: string, more: object = {}) => ({ id, method: 'GET', url: '/me', ...more });
    for (const requests of [
      Array.from({ length: 21 }, (_, at) => item(String(at))),
      [item('a'), item('A')],
      [item('1', { dependsOn: ['2'] }), item('2', { dependsOn: ['1'] })],
      [item('1', { dependsOn: ['9'] })],
      [{ id: '1' }],
    ])
      expect((await as.alice<ODataErrorBody>('/$batch', { requests })).status).toBe(400);
    expect((await as.alice('/$batch', {})).status).toBe(400);
    const slow = await graphCaller(server, null)<ODataErrorBody>('/$batch', { requests: [item('1')] });
    expect(slow.status).toBe(401);
  });

  test('[GR5] a limit answers its own item 429 with Retry-After, and the others go on', async () => {
    const tight = await startServer({ JELLYBEAN_RATE_FACTOR: '1' });
    try {
      const { token } = await tight.as('alice');
      const call = graphCaller(tight, token);
      const requests = Array.from({ length: 20 }, (_, at) => ({
        id: String(at),
        method: 'GET',
        url: at % 2 ? '/users?$top=1' : '/me?$select=id',
      }));
      const statuses = new Map<number, number>();
      let wait: string | undefined;
      for (let round = 0; round < 8; round += 1) {
        const { body } = await call<{ responses: { status: number; headers: Record<string, string> }[] }>(
          '/$batch',
          { requests },
        );
        for (const { status, headers } of body.responses) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status === 429) wait = headers['Retry-After'];
        }
      }
      expect([...statuses.keys()].sort()).toEqual([200, 429]);
      expect(Number(wait)).toBeGreaterThan(0);
    } finally {
      await tight.stop();
    }
  });

  test('[GR6] errors are OData’s, with what clients read of them', async () => {
    const asked = { 'client-request-id': 'my-own-id' };
    const { status, body, headers } = await as.alice<ODataErrorBody>('/nothing/here', undefined, asked);
    expect(status).toBe(404);
    expect(body.error.innerError['client-request-id']).toBe('my-own-id');
    expect(body.error.innerError['request-id']).toBe(headers.get('request-id'));
    expect(headers.get('client-request-id')).toBe('my-own-id');
    expect(Date.parse(body.error.innerError.date)).toBeGreaterThan(0);
    expect(headers.get('content-type')).toMatch(/^application\/json;/);
    for (const token of [null, 'nonsense']) {
      const refused = await graphCaller(server, token)<ODataErrorBody>('/me');
      expect([refused.status, refused.body.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    const malformed = await server.fetch('/graph/v1.0/communications/getPresencesByUserId', {
      method: 'POST',
      headers: { Authorization: `Bearer ${people.alice.token}`, 'Content-Type': 'application/json' },
      body: '{',
    });
    expect([malformed.status, ((await malformed.json()) as ODataErrorBody).error.code]).toEqual([
      400,
      'BadRequest',
    ]);
    for (const elsewhere of ['/graph/beta/users/x/profile', '/graph', '/graph/v1.0'])
      expect(
        (await (
          await server.fetch(elsewhere, { headers: { Authorization: `Bearer ${people.alice.token}` } })
        ).json()) as ODataErrorBody,
      ).toMatchObject({ error: { code: 'ResourceNotFound' } });
  });

  test('[GR6] pages of allowed origins may call with the headers of Graph’s clients, others may not', async () => {
    const preflight = (origin: string) =>
      server.fetch('/graph/v1.0/me', {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'authorization,client-request-id,sdkversion',
        },
      });
    const allowed = await preflight(page);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(page);
    const names = allowed.headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
    for (const name of [
      'authorization',
      'client-request-id',
      'content-type',
      'sdkversion',
      'consistencylevel',
      'x-peoplequery-querysources',
      'cache-control',
      'retry-attempt',
      'prefer',
    ])
      expect(names).toContain(name);
    expect(
      (await preflight('https://elsewhere.example')).headers.get('access-control-allow-origin'),
    ).toBeNull();
    const answer = await as.alice('/me', undefined, { Origin: page });
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    expect(answer.headers.get('access-control-expose-headers')).toContain('request-id');
  });

  test('[GR7] people are searched and filtered, in pages', async () => {
    type List = {
      value: { id: string; displayName: string; mail: string }[];
      '@odata.nextLink'?: string;
      '@odata.count'?: number;
    };
    const ask = async (options: string) =>
      (await as.alice<List>(`/users?${options}`, undefined, { ConsistencyLevel: 'eventual' })).body;
    expect((await ask('$search="displayName:kovacs bob"')).value[0]?.id).toBe(bobId);
    const either = await ask(
      `$search=${encodeURIComponent('"displayName:kovacs bob" OR "mail:carol"')}&$top=10`,
    );
    expect(either.value.map(({ id }) => id)).toEqual(expect.arrayContaining([bobId, carolId]));
    const exact = await ask(
      `$filter=${encodeURIComponent(`mail eq 'BOB@contoso.example' or id in ('${carolId}','nobody')`)}`,
    );
    expect(exact.value.map(({ id }) => id)).toEqual([bobId, carolId]);
    const begins = await ask(
      `$filter=${encodeURIComponent("startswith(displayName,'Bob K') and startswith(mail,'bob@')")}`,
    );
    expect(begins.value.map(({ id }) => id)).toEqual([bobId]);
    const first = await ask('$top=3&$count=true');
    expect(first.value).toHaveLength(3);
    expect(first['@odata.count']).toBe(5_000);
    const link = first['@odata.nextLink'] ?? '';
    const second = await as.alice<List>(link.slice(link.indexOf('/users')));
    expect(new Set([...first.value, ...second.body.value].map(({ id }) => id)).size).toBe(6);
    for (const filter of ["contains(displayName,'x')", "userType eq 'Guest'", "shoeSize eq '9'"])
      expect((await as.alice(`/users?$filter=${encodeURIComponent(filter)}`)).status, filter).toBe(400);
  });

  test('[GR7] nothing is learnt by filtering that is not shown', async () => {
    const asked = `/users?$filter=${encodeURIComponent(`id eq '${bobId}' and department eq 'Marketing'`)}`;
    expect((await as.alice<{ value: unknown[] }>(asked)).body.value).toHaveLength(1);
    // To somebody external the department is withheld.
    expect((await as.erin<{ value: unknown[] }>(asked)).body.value).toHaveLength(0);
  });

  test('[GR9] Microsoft’s own client works over TLS without a change', async () => {
    const certificate = await readFile(path.join(server.folder, 'development-certificate.pem'), 'utf8');
    setDefaultCACertificates([...getCACertificates('default'), certificate]);
    const client = Client.init({
      baseUrl: `${server.https}/graph`,
      customHosts: new Set(['localhost']),
      defaultVersion: 'v1.0',
      authProvider: (done) => done(null, people.bob.token),
    });
    expect(await client.api('/me').get()).toMatchObject({ id: bobId });
    const presences = (await client
      .api('/communications/getPresencesByUserId')
      .post({ ids: [aliceId, carolId] })) as { value: GraphPresence[] };
    expect(presences.value.map(({ id }) => id)).toEqual([aliceId, carolId]);
    await client
      .api('/me/presence/setPresence')
      .post({ sessionId: session, availability: 'Busy', activity: 'InACall' });
    expect(await client.api('/me/presence').get()).toMatchObject({
      availability: 'Busy',
      activity: 'InACall',
    });
    await client.api('/me/presence/clearPresence').post({ sessionId: session });
    const people20 = (await client
      .api('/users')
      .search('"displayName:bob"')
      .header('ConsistencyLevel', 'eventual')
      .top(5)
      .select(['id', 'displayName'])
      .get()) as { value: unknown[] };
    expect(people20.value.length).toBeGreaterThan(0);
    const refusal = await client
      .api('/users/nobody@contoso.example')
      .get()
      .catch((error: GraphError) => error);
    expect(refusal).toMatchObject({ statusCode: 404, code: 'Request_ResourceNotFound' });
    expect((refusal as GraphError).requestId).toMatch(/-/);
    const photo = await client
      .api('/me/photo/$value')
      .get()
      .catch((error: GraphError) => error);
    expect(photo).toMatchObject({ statusCode: 404, code: 'ImageNotFound' });
  });
});

describe('rights of the facade', () => {
  let server: EntraServer;
  let alice: Person;
  let bob: Person;
  beforeAll(async () => {
    server = await startEntraServer();
    alice = await server.as('alice');
    bob = await server.as('bob');
  });
  afterAll(() => server.stop());

  const rows = Object.entries(rights).filter(([key]) => key.includes(' /graph/v1.0'));
  const bodies: Record<string, unknown> = {
    getPresencesByUserId: { ids: [] },
    setPresence: { sessionId: session, availability: 'Away', activity: 'Away' },
    clearPresence: { sessionId: session },
    setUserPreferredPresence: { availability: 'Busy', activity: 'Busy' },
    clearUserPreferredPresence: {},
    setStatusMessage: { statusMessage: { message: { content: 'x' } } },
    $batch: { requests: [] },
  };
  const call = (key: string, token: string | null, id: string) => {
    const route = (key.split(' ')[1] as string)
      .replace('/graph/v1.0', '')
      .replace('{id}', id)
      .replace('{size}', '48x48');
    const isPost = key.startsWith('POST');
    return graphCaller(server, token)<ODataErrorBody>(
      route,
      isPost ? (bodies[route.split('/').at(-1) as string] ?? {}) : undefined,
    );
  };

  test('[ID20] without a good token nobody reaches the facade', async () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const [key] of rows)
      for (const token of [null, 'nonsense'])
        expect((await call(key, token, alice.id)).status, key).toBe(401);
  });

  test('[ID20] a program reaches in the facade what its roles open, and nothing else', async () => {
    for (const roles of [['Presence.Read.All'], ['Presence.ReadWrite.All'], ['Chat.Export']]) {
      const program = await server.program(roles);
      for (const [key, right] of rows) {
        const { status, body } = await call(key, program.token, alice.id);
        if (right.applications.some((role) => roles.includes(role)))
          expect([401, 403], `${roles} ${key}`).not.toContain(status);
        else
          expect([status, body?.error?.code], `${roles} ${key}`).toEqual([
            403,
            'Authorization_RequestDenied',
          ]);
      }
    }
  });

  test('[ID20] people reach their own in the facade, and change nobody else’s', async () => {
    for (const [key, right] of rows) {
      const own = await call(key, alice.token, alice.id);
      // Nobody has a photo or a manager here, and the session is not there any more.
      expect([200, 404], `${key} ${own.text}`).toContain(own.status);
      if (right.resource === 'own' && key.includes('{id}'))
        expect((await call(key, bob.token, alice.id)).status, key).toBe(403);
    }
  });
});
