import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyChain } from '../../server/services/archive-chain.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

interface Said {
  id: string;
  seq: number;
  text: string;
}
interface Talk {
  id: string;
  unread: number;
  lastSeq: number;
  participants: { person: { id: string }; state: string; readSeq: number; deliveredSeq: number }[];
}

describe.each([
  ['through the pre-router', {}],
  ['through Express alone', { JELLYBEAN_PRE_ROUTER: 'off' }],
])('conversations %s', (_, env) => {
  let server: TestServer;
  let [alice, bob, carol, dave] = [] as unknown as [Person, Person, Person, Person];
  beforeAll(async () => {
    server = await startServer({ JELLYBEAN_RATE_FACTOR: '0', ...env });
    [alice, bob, carol, dave] = (await Promise.all(
      ['alice', 'bob', 'carol', 'dave'].map((name) => server.as(name)),
    )) as [Person, Person, Person, Person];
  });
  afterAll(() => server.stop());

  const open = async (by: Person, others: Person[], more: Record<string, unknown> = {}) => {
    const answer = await by.send<Talk>('POST', '/conversations', {
      participants: others.map(({ id }) => id),
      ...more,
    });
    expect([200, 201]).toContain(answer.status);
    return answer.body;
  };
  const say = async (by: Person, id: string, text: string) => {
    const answer = await by.send<Said>('POST', `/conversations/${id}/messages`, { text });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const code = ({ status, body }: { status: number; body: object }) =>
    `${status} ${'code' in body ? String(body.code) : ''}`.trim();

  test('[IM1] [IM9] [IM14] a talk of two from the first word to the last mark, over streams', async () => {
    const stream = await bob.stream('pane');
    await stream.next('presence.snapshot');
    const { id } = await open(alice, [bob], { context: { kind: 'mail', title: 'Budget', itemId: 'mail-1' } });
    await stream.next('invitation.received', {
      where: ({ conversation }) => (conversation as Talk).id === id,
    });
    const sent = await say(alice, id, 'Hello Bob');
    const posted = await stream.next('message.posted', {
      where: ({ conversationId }) => conversationId === id,
    });
    expect(posted.data.message).toEqual(sent);
    const aliceStream = await alice.stream('desk');
    await aliceStream.next('presence.snapshot');
    expect((await bob.send('POST', `/conversations/${id}/typing`)).status).toBe(204);
    expect((await aliceStream.next('typing')).data).toEqual({ conversationId: id, personId: bob.id });
    expect((await say(bob, id, 'Hello Alice')).seq).toBe(2);
    await aliceStream.next('participant.joined', { where: ({ conversationId }) => conversationId === id });
    expect((await alice.send('PUT', `/conversations/${id}/read`, { seq: 2 })).status).toBe(204);
    await stream.next('read.advanced', { where: ({ conversationId }) => conversationId === id });
    await say(alice, id, 'One more');
    const last = await stream.next('message.posted', { where: ({ message }) => (message as Said).seq === 3 });
    const ready = stream.events.find(({ type }) => type === 'ready')?.data as { streamId: string };
    await bob.send('POST', `/streams/${ready.streamId}/alive`, { cursor: last.id });
    const delivered = await aliceStream.next('delivered.advanced', {
      where: ({ conversationId, seq }) => conversationId === id && seq === 3,
      withinMs: 5_000,
    });
    expect(delivered.data.personId).toBe(bob.id);
    const seen = (await bob.get<Talk>(`/conversations/${id}`)).body;
    expect(seen).toMatchObject({ unread: 1, lastSeq: 3 });
    stream.close();
    aliceStream.close();
  });

  test('[IM18] a repeated Idempotency-Key answers the first result and says so', async () => {
    const { id } = await open(alice, [carol]);
    const send = (text: string) =>
      alice.send<Said>('POST', `/conversations/${id}/messages`, { text }, { 'Idempotency-Key': `key-${id}` });
    const first = await send('once');
    const again = await send('once');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect(first.headers.get('idempotent-replay')).toBeNull();
    expect(code(await send('twice'))).toBe('409 idempotency-key-reused');
  });

  test('[IM29] history over HTTP: default, after, before, limits', async () => {
    const { id } = await open(alice, [bob, carol]);
    for (let index = 1; index <= 5; index++) await say(alice, id, `m${index}`);
    const seqs = async (query: string) =>
      (await bob.get<{ items: Said[] }>(`/conversations/${id}/messages${query}`)).body.items.map(
        ({ seq }) => seq,
      );
    expect(await seqs('')).toEqual([1, 2, 3, 4, 5]);
    expect(await seqs('?after=0&limit=2')).toEqual([1, 2]);
    expect(await seqs('?before=4&limit=2')).toEqual([2, 3]);
    for (const query of ['?limit=0', '?limit=201', '?after=-1', '?after=x', '?nonsense=1'])
      expect(code(await bob.get(`/conversations/${id}/messages${query}`))).toBe('400 invalid-input');
  });

  test('[IM70] bad input is refused with its own code, and nothing is lost or half done', async () => {
    const { id } = await open(alice, [bob], {
      context: { kind: 'page', title: 'Bad input', url: 'https://x.example/1' },
    });
    const mine = await say(alice, id, 'before');
    const people = await Promise.all(
      Array.from({ length: 3 }, (_, page) =>
        alice.get<{ items: { id: string }[] }>(`/people?q=${'aeo'[page]}&limit=100`),
      ),
    );
    const others = [...new Set(people.flatMap(({ body }) => body.items.map((person) => person.id)))].filter(
      (person) => person !== alice.id,
    );
    expect(others.length).toBeGreaterThanOrEqual(250);
    const messages = `/conversations/${id}/messages`;
    const cases: [string, string, string, unknown, string][] = [
      ['16,001 characters', 'POST', messages, { text: 'x'.repeat(16_001) }, '400 invalid-input'],
      ['16,000 characters', 'POST', messages, { text: 'x'.repeat(16_000) }, '201'],
      ['blanks', 'POST', messages, { text: ' \n ' }, '422 empty-message'],
      ['no text', 'POST', messages, {}, '400 invalid-input'],
      ['a number for a text', 'POST', messages, { text: 5 }, '400 invalid-input'],
      ['a field that is none', 'POST', messages, { text: 'x', fromId: bob.id }, '400 invalid-input'],
      ['an unknown importance', 'POST', messages, { text: 'x', importance: 'wow' }, '400 invalid-input'],
      [
        'a foreign attachment',
        'POST',
        messages,
        { text: 'x', attachments: ['none'] },
        '422 unknown-attachment',
      ],
      [
        'eleven attachments',
        'POST',
        messages,
        { text: 'x', attachments: Array(11).fill('a') },
        '400 invalid-input',
      ],
      ['a reply to nothing', 'POST', messages, { text: 'x', replyTo: 'none' }, '404 not-found'],
      ['reading what is not there', 'PUT', `/conversations/${id}/read`, { seq: 99 }, '422 seq-beyond-last'],
      [
        '251 participants',
        'POST',
        '/conversations',
        { participants: others.slice(0, 250) },
        '422 too-many-participants',
      ],
      ['nobody', 'POST', '/conversations', { participants: [] }, '400 invalid-input'],
      ['oneself', 'POST', '/conversations', { participants: [alice.id] }, '422 not-yourself'],
      ['a stranger', 'POST', '/conversations', { participants: ['nobody'] }, '422 unknown-person'],
      ['an unknown conversation', 'POST', '/conversations/none/messages', { text: 'x' }, '404 not-found'],
      ['a word as emoji', 'PUT', `${messages}/${mine.id}/reactions/ok`, undefined, '400 invalid-input'],
      [
        'an unknown answer',
        'POST',
        `/conversations/${id}/invitation`,
        { answer: 'maybe' },
        '400 invalid-input',
      ],
      [
        'answering twice differently',
        'POST',
        `/conversations/${id}/invitation`,
        { answer: 'decline' },
        '409 conflict',
      ],
      [
        'a role between two',
        'PATCH',
        `/conversations/${id}/participants/${bob.id}`,
        { role: 'attendee' },
        '403 forbidden',
      ],
      ['a list for a subject', 'PATCH', `/conversations/${id}`, { subject: [] }, '400 invalid-input'],
      ['a cursor of elsewhere', 'GET', '/conversations?cursor=abc', undefined, '400 invalid-input'],
    ];
    for (const [what, method, path, body, expected] of cases)
      expect(`${what}: ${code(await alice.send(method, path, body))}`).toBe(`${what}: ${expected}`);
    expect(code(await bob.send('PATCH', `${messages}/${mine.id}`, { text: 'x' }))).toBe('403 forbidden');
    expect(code(await bob.send('DELETE', `${messages}/${mine.id}`))).toBe('403 forbidden');
    const history = (await bob.get<{ items: Said[] }>(messages)).body.items;
    expect(history.map(({ seq, text }) => [seq, text.length])).toEqual([
      [1, 6],
      [2, 16_000],
    ]);
  });

  test('[IM2] a foreign conversation is not found by any route, exactly as one that does not exist', async () => {
    const { id } = await open(alice, [bob], {
      context: { kind: 'page', title: 'Foreign', url: 'https://x.example/2' },
    });
    const mine = await say(alice, id, 'private');
    const routes: [string, string, unknown?][] = [
      ['GET', ''],
      ['PATCH', '', { muted: true }],
      ['POST', '/participants', { ids: [carol.id] }],
      ['DELETE', '/participants/me'],
      ['DELETE', `/participants/${bob.id}`],
      ['PATCH', `/participants/${bob.id}`, { role: 'attendee' }],
      ['POST', '/invitation', { answer: 'accept' }],
      ['POST', '/messages', { text: 'x' }],
      ['GET', '/messages'],
      ['PATCH', `/messages/${mine.id}`, { text: 'x' }],
      ['DELETE', `/messages/${mine.id}`],
      ['GET', `/messages/${mine.id}/versions`],
      ['PUT', `/messages/${mine.id}/reactions/${encodeURIComponent('👍')}`],
      ['DELETE', `/messages/${mine.id}/reactions/${encodeURIComponent('👍')}`],
      ['PUT', '/read', { seq: 1 }],
      ['POST', '/typing'],
    ];
    const told = ({ status, body }: { status: number; body: Record<string, unknown> }) => ({
      status,
      ...body,
      requestId: '',
    });
    for (const [method, path, body] of routes) {
      const foreign = await dave.send(method, `/conversations/${id}${path}`, body);
      const unknown = await dave.send(method, `/conversations/unknown0000000000000000${path}`, body);
      expect([method, path, code(foreign)]).toEqual([method, path, '404 not-found']);
      expect(told(foreign)).toEqual(told(unknown));
    }
    expect((await bob.get<Talk>(`/conversations/${id}`)).body.lastSeq).toBe(1);
  });

  test('[IM12] the demo’s dave, whom alice blocks, sees nothing unusual and she nothing at all', async () => {
    const stream = await alice.stream('other');
    await stream.next('presence.snapshot');
    const before = (await alice.get<{ items: Talk[] }>('/conversations?limit=200')).body.items.length;
    const opened = await open(dave, [alice], { firstMessage: { text: 'hi' } });
    await say(dave, opened.id, 'please');
    expect(opened.participants.map(({ state }) => state)).toEqual(['joined', 'invited']);
    expect((await alice.get<{ items: Talk[] }>('/conversations?limit=200')).body.items).toHaveLength(before);
    expect(code(await alice.get(`/conversations/${opened.id}`))).toBe('404 not-found');
    await new Promise((later) => setTimeout(later, 100));
    expect(stream.raw).not.toContain(opened.id);
    stream.close();
  });

  describe('attachments', () => {
    const upload = async (by: Person, name: string, content: BlobPart, type = 'text/html') => {
      const form = new FormData();
      form.append('file', new Blob([content], { type }), name);
      const response = await server.fetch('/api/v1/attachments', {
        method: 'POST',
        headers: { Authorization: `Bearer ${by.token}` },
        body: form,
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const download = (by: Person, id: unknown) =>
      server.fetch(`/api/v1/attachments/${String(id)}`, { headers: { Authorization: `Bearer ${by.token}` } });

    test('[IM32] [IM35] an HTML file comes back as a download that no browser would run', async () => {
      const { id } = await open(alice, [bob]);
      const page = '<script>alert(1)</script>';
      const { status, body } = await upload(alice, 'Übersicht.html', page);
      expect([status, body]).toMatchObject([
        201,
        { name: 'Übersicht.html', mediaType: 'text/plain', size: page.length },
      ]);
      expect((await download(bob, body.id)).status).toBe(404);
      const sent = await alice.send<{ attachments: unknown[] }>('POST', `/conversations/${id}/messages`, {
        text: '',
        attachments: [body.id],
      });
      expect(sent.body.attachments).toEqual([body]);
      const got = await download(bob, body.id);
      expect(await got.text()).toBe(page);
      expect(Object.fromEntries(got.headers)).toMatchObject({
        'content-type': 'text/plain',
        'content-disposition': `attachment; filename="_bersicht.html"; filename*=UTF-8''%C3%9Cbersicht.html`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "sandbox; default-src 'none'",
      });
      expect((await download(carol, body.id)).status).toBe(404);
    });

    test('[IM31] [IM33] programs, bombs and what is no file are refused with their codes', async () => {
      expect(await upload(alice, 'setup.exe', 'MZ')).toMatchObject({
        status: 422,
        body: { code: 'attachment-blocked' },
      });
      const tooLarge = await upload(alice, 'big.bin', Buffer.alloc(25 * 1024 * 1024 + 1));
      expect(tooLarge).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
      expect(await upload(alice, 'large.bin', Buffer.alloc(25 * 1024 * 1024))).toMatchObject({ status: 201 });
      const json = await server.fetch('/api/v1/attachments', {
        method: 'POST',
        headers: { Authorization: `Bearer ${alice.token}`, 'Content-Type': 'application/json' },
        body: '{}',
      });
      expect(json.status).toBe(415);
    });
  });

  test('[IM60] what was sent is found within a second, by those who take part', async () => {
    const { id } = await open(alice, [bob], {
      context: { kind: 'page', title: 'Search', url: 'https://x.example/3' },
    });
    const word = `zebra${id.slice(-6).replace(/[^a-z0-9]/gi, 'x')}`;
    const sent = await say(alice, id, `the ${word} runs`);
    const at = Date.now();
    type Found = { items: { message: Said; conversation: Talk; highlights: [number, number][] }[] };
    let found: Found['items'] = [];
    while (found.length === 0 && Date.now() - at < 3_000)
      found = (await bob.get<Found>(`/search?q=${word}`)).body.items;
    expect(found).toMatchObject([
      { message: { id: sent.id }, conversation: { id }, highlights: [[4, 4 + word.length]] },
    ]);
    expect((await carol.get<Found>(`/search?q=${word}`)).body.items).toEqual([]);
    for (const query of ['', '?q=', '?q=!!', '?q=x&before=yesterday', '?q=x&limit=1000'])
      expect(code(await bob.get(`/search${query}`))).toBe('400 invalid-input');
  });

  describe('for administrators', () => {
    test('[IM55] records, archive, retention and holds are theirs alone, and every look is written down', async () => {
      const paths = [
        '/admin/cdr',
        '/admin/cdr/summary',
        '/admin/archive',
        '/admin/retention',
        '/admin/holds',
        '/admin/audit',
      ];
      for (const path of paths) expect(code(await bob.get(path))).toBe('403 forbidden');
      for (const path of paths.slice(0, 5))
        expect(
          (await server.fetch(`/api/v1${path}`, { headers: { Authorization: `Bearer ${carol.token}` } }))
            .status,
        ).toBe(200);
      const { body } = await carol.get<{ items: { action: string; actorId: string }[] }>(
        '/admin/audit?limit=5',
      );
      expect(body.items.map(({ action, actorId }) => [action, actorId])).toEqual(
        ['audit.read', 'hold.read', 'retention.read', 'archive.read', 'cdr.read'].map((action) => [
          action,
          carol.id,
        ]),
      );
    });

    test('[IM42] [IM43] records as JSON and as CSV', async () => {
      const { id } = await open(alice, [bob], {
        context: { kind: 'page', title: 'CDR', url: 'https://x.example/4' },
      });
      await say(alice, id, 'canary-cdr-text');
      const json = await carol.get<{ items: { conversationId?: string; messageCount?: number }[] }>(
        `/admin/cdr?user=${bob.id}&limit=1000`,
      );
      expect(json.body.items.find(({ conversationId }) => conversationId === id)).toMatchObject({
        messageCount: 1,
        endedAt: null,
      });
      const csv = await server.fetch(`/api/v1/admin/cdr?format=csv&user=${bob.id}`, {
        headers: { Authorization: `Bearer ${carol.token}` },
      });
      const text = await csv.text();
      expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(text.split('\r\n').filter((line) => line.includes(id))).toHaveLength(2);
      expect(json.text + text).not.toContain('canary-cdr-text');
      for (const query of ['?from=yesterday', '?format=xml', '?cursor=zz'])
        expect(code(await carol.get(`/admin/cdr${query}`))).toBe('400 invalid-input');
    });

    test('[IM51] [IM52] an archive leaves whole and verifiable', async () => {
      const { id } = await open(alice, [bob], {
        context: { kind: 'page', title: 'Archive', url: 'https://x.example/5' },
      });
      const policy = { messageDays: null, cdrDays: 60, auditDays: 365, archive: 'everyone' };
      expect((await carol.send('PUT', '/admin/retention', policy)).body).toEqual(policy);
      expect(code(await carol.send('PUT', '/admin/retention', { ...policy, messageDays: 0 }))).toBe(
        '400 invalid-input',
      );
      await say(alice, id, 'for the record');
      const response = await server.fetch(`/api/v1/admin/archive?user=${bob.id}`, {
        headers: { Authorization: `Bearer ${carol.token}` },
      });
      const lines = (await response.text()).trimEnd().split('\n');
      expect(lines.join()).toContain('for the record');
      expect(await verifyChain(lines)).toMatchObject({ intact: true, lines: lines.length });
      const hold = await carol.send<{ id: string }>('POST', '/admin/holds', {
        personId: bob.id,
        reason: 'case',
      });
      expect(hold.status).toBe(201);
      expect(code(await carol.send('POST', '/admin/holds', { reason: 'case' }))).toBe('400 invalid-input');
      expect((await carol.send('DELETE', `/admin/holds/${hold.body.id}`)).status).toBe(204);
      expect(code(await carol.send('DELETE', `/admin/holds/${hold.body.id}`))).toBe('404 not-found');
    });
  });
});
