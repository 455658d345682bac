/**
 * Presence, people and contacts over HTTP: what comes in wrong, what goes out, and stories of the demo
 * organisation over REST and the stream. Every answer is checked against its route's schema by the client.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoPeople } from '../../server/adapters/directory/demo.ts';
import type { Contact, ExpandedList } from '../../server/protocol/contacts.ts';
import type { OwnPresence, PresenceView } from '../../server/protocol/presence.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

/** One red point. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

for (const preRouter of ['on', 'off'])
  describe(`with the pre-router ${preRouter}`, () => {
    let server: TestServer;
    let alice: Person;
    let bob: Person;
    let dave: Person;
    let erin: Person;
    beforeAll(async () => {
      server = await startServer({ JELLYBEAN_PRE_ROUTER: preRouter });
      [alice, bob, dave, erin] = (await Promise.all(
        ['alice', 'bob', 'dave', 'erin'].map((name) => server.as(name)),
      )) as [Person, Person, Person, Person];
    });
    afterAll(() => server.stop());

    const publish = (person: Person, id: string, body: object, headers: Record<string, string> = {}) =>
      person.send('PUT', `/me/publications/${id}`, body, headers);
    const machine = { kind: 'machine', availability: 'available', expiresInSeconds: 60 };

    test('[PA21] publish answers 201, then 200, with an entity tag; If-Match holds; withdrawing twice is 404', async () => {
      const first = await publish(alice, 'desk', machine);
      expect(first.status).toBe(201);
      const tag = first.headers.get('etag') ?? '';
      expect(tag).toMatch(/^"\w+"$/);
      expect((await publish(alice, 'desk', machine, { 'If-Match': tag })).status).toBe(200);
      const stale = await publish(alice, 'desk', machine, { 'If-Match': tag });
      expect([stale.status, stale.body.code]).toEqual([412, 'precondition-failed']);
      expect((await alice.send('DELETE', '/me/publications/desk')).status).toBe(204);
      expect((await alice.send('DELETE', '/me/publications/desk')).status).toBe(404);
    });

    const wrong: [string, string, object | undefined, string][] = [
      ['no body', '/me/publications/x', undefined, 'invalid-input'],
      ['an unknown kind', '/me/publications/x', { ...machine, kind: 'mood' }, 'invalid-input'],
      [
        'an unknown availability',
        '/me/publications/x',
        { ...machine, availability: 'unknown' },
        'invalid-input',
      ],
      ['a key too many', '/me/publications/x', { ...machine, colour: 'red' }, 'invalid-input'],
      ['no expiry', '/me/publications/x', { kind: 'machine', availability: 'available' }, 'invalid-input'],
      ['an expiry of zero', '/me/publications/x', { ...machine, expiresInSeconds: 0 }, 'invalid-input'],
      ['negative idleness', '/me/publications/x', { ...machine, idleSeconds: -1 }, 'invalid-input'],
      [
        'a location too long',
        '/me/publications/x',
        { ...machine, location: 'x'.repeat(61) },
        'invalid-input',
      ],
      ['an id with a slash', '/me/publications/a%2Fb', machine, 'invalid-input'],
      ['an id too long', `/me/publications/${'x'.repeat(101)}`, machine, 'invalid-input'],
      [
        'a start behind the end',
        '/me/publications/x',
        { ...machine, startsAt: '2099-01-01T00:00:00Z' },
        'invalid-input',
      ],
      [
        'what a machine cannot know',
        '/me/publications/x',
        { ...machine, availability: 'busy' },
        'availability-not-for-kind',
      ],
      [
        'an activity against the colour',
        '/me/publications/x',
        { ...machine, activity: 'in-a-call' },
        'activity-contradicts-availability',
      ],
      [
        'an activity nobody defined',
        '/me/publications/x',
        { ...machine, activity: 'x-nothing' },
        'unknown-activity',
      ],
      ['a manual idle', '/me/presence/preferred', { availability: 'available-idle' }, 'invalid-input'],
      [
        'an end that has passed',
        '/me/presence/preferred',
        { availability: 'busy', expiresAt: '2020-01-01T00:00:00Z' },
        'expires-in-the-past',
      ],
      [
        'an end that is no moment',
        '/me/presence/preferred',
        { availability: 'busy', expiresAt: 'tomorrow' },
        'invalid-input',
      ],
      ['an empty note', '/me/note', { text: '' }, 'invalid-input'],
      ['a note too long', '/me/note', { text: 'x'.repeat(501) }, 'invalid-input'],
      ['no mode', '/me/privacy', { mode: 'secret' }, 'invalid-input'],
      [
        'an absence that ends first',
        '/me/out-of-office',
        { from: '2098-01-02T00:00:00Z', until: '2098-01-01T00:00:00Z' },
        'invalid-input',
      ],
      ['oneself as contact', '/me/contacts/SELF', {}, 'not-yourself'],
      ['nobody as contact', '/me/contacts/00000000-0000-4000-8000-00000000dead', {}, 'not-found'],
      ['a group that is not there', '/me/contacts/BOB', { groups: ['none'] }, 'unknown-group'],
    ];
    for (const [what, path, body, code] of wrong)
      test(`[PA21, PA23, CO4] ${what} is refused with ${code}`, async () => {
        const answer = await alice.send('PUT', path.replace('SELF', alice.id).replace('BOB', bob.id), body);
        expect(answer.body.code).toBe(code);
        expect(answer.status).toBe(code === 'not-found' ? 404 : code === 'invalid-input' ? 400 : 422);
      });

    test('[PA15] a query answers in request order by id and address; who is not there is unknown', async () => {
      const { body } = await alice.send<{ items: PresenceView[] }>('POST', '/presence/query', {
        ids: [bob.id, 'nobody', bob.id.toUpperCase()],
        addresses: ['DAVE@contoso.example', 'nobody@nowhere.example'],
      });
      expect(body.items.map(({ id, availability }) => [id, availability])).toEqual([
        [bob.id, 'offline'],
        ['nobody', 'unknown'],
        [bob.id, 'offline'],
        [dave.id, 'offline'],
        ['nobody@nowhere.example', 'unknown'],
      ]);
      expect((await alice.get('/presence/nobody')).status).toBe(404);
      const many = Array.from({ length: 1_001 }, () => bob.id);
      expect((await alice.send('POST', '/presence/query', { ids: many })).body.code).toBe('invalid-input');
      expect((await alice.send<{ items: object[] }>('POST', '/presence/query', {})).body.items).toEqual([]);
    });

    test('[PV8] the sentence is in the language and time zone of who asks', async () => {
      const endpoint = await bob.stream('phone');
      await publish(bob, 'meeting', {
        kind: 'calendar',
        availability: 'busy',
        activity: 'in-a-meeting',
        expiresInSeconds: 600,
      });
      const ask = async (language: string, zone: string) =>
        (
          await alice.get<PresenceView>(`/presence/${bob.id}`, {
            'Accept-Language': language,
            'Time-Zone': zone,
          })
        ).body.text;
      // With the weekday in the last minutes before midnight, when the meeting ends tomorrow.
      expect(await ask('en', 'UTC')).toMatch(
        /^In a meeting until (Mon |Tue |Wed |Thu |Fri |Sat |Sun )?\d\d:\d\d$/,
      );
      expect(await ask('de-AT, en;q=0.5', 'UTC')).toMatch(
        /^In einer Besprechung bis (\p{L}{2}\., )?\d\d:\d\d$/u,
      );
      expect(await ask('zh-TW', 'UTC')).toMatch(/^會議中/);
      expect(await ask('fr', 'Asia/Kathmandu')).not.toBe(await ask('fr', 'UTC'));
      await bob.send('DELETE', '/me/publications/meeting');
      await endpoint.close();
      await bob.send('DELETE', '/me/endpoints/phone');
    });

    test('[PA16] one’s own presence names its sources, and explains a meeting that was skipped', async () => {
      const endpoint = await alice.stream('desk');
      await publish(alice, 'meeting', {
        kind: 'calendar',
        availability: 'busy',
        activity: 'in-a-meeting',
        expiresInSeconds: 600,
      });
      await alice.send('PUT', '/me/presence/preferred', { availability: 'available' });
      const { body } = await alice.get<OwnPresence>('/me/presence', { 'Accept-Language': 'de' });
      expect(body).toMatchObject({
        availability: 'available',
        preferred: { availability: 'available', expiresAt: null },
      });
      const why = Object.fromEntries(body.sources.map((source) => [source.source, source.why]));
      expect(why.meeting?.code).toBe('skipped-by-choice');
      expect(why.meeting?.text).toMatch(/„Verfügbar“/);
      expect(body.sources.filter(({ decides }) => decides)).toHaveLength(1);
      await alice.send('DELETE', '/me/presence/preferred');
      await alice.send('DELETE', '/me/publications/meeting');
      await endpoint.close();
      await alice.send('DELETE', '/me/endpoints/desk');
    });

    test('[PV3] to the blocked one, by REST and stream, alice has the bytes of a colleague who is really signed out', async () => {
      // The control: somebody of the organisation who was never here.
      const control = (await dave.get<{ items: { id: string }[] }>('/people?q=finance&limit=1')).body
        .items[0]!.id;
      const bytes = (text: string, id: string) => text.replaceAll(id, 'ID');
      const same = async (path: (id: string) => Promise<string>) =>
        expect(bytes(await path(alice.id), alice.id)).toBe(bytes(await path(control), control));
      const watching = await dave.stream('watching');
      const { streamId } = (await watching.next<{ streamId: string }>('ready')).data;
      const watch = await dave.send<{ items: PresenceView[] }>('PUT', `/streams/${streamId}/watch`, {
        ids: [alice.id, control],
      });
      expect({ ...watch.body.items[0], id: '' }).toEqual({ ...watch.body.items[1], id: '' });
      const checks = async () => {
        await same(async (id) => (await dave.get(`/presence/${id}`)).text);
        await same(async (id) => (await dave.send('POST', '/presence/query', { ids: [id] })).text);
      };
      await checks();
      const endpoint = await alice.stream('desk');
      await alice.send('PUT', '/me/note', { text: 'canary-note' });
      await publish(alice, 'desk', { ...machine, location: 'canary-location' });
      await alice.send('PUT', '/me/presence/preferred', { availability: 'do-not-disturb' });
      await alice.send('PUT', '/me/out-of-office', { note: 'canary-absence' });
      await checks();
      await watching.expectNone('presence.changed', 300);
      expect(watching.raw.includes('canary')).toBe(false);
      expect(watching.raw.includes('presence.changed')).toBe(false);

      // And to erin, who is outside, no more than the availability, in any byte.
      const outside = await erin.stream('watching');
      const ready = await outside.next<{ streamId: string }>('ready');
      await erin.send('PUT', `/streams/${ready.data.streamId}/watch`, { ids: [alice.id] });
      await alice.send('PUT', '/me/presence/preferred', { availability: 'busy' });
      const { data } = await outside.next<PresenceView & Record<string, unknown>>('presence.changed');
      expect(data).toMatchObject({
        availability: 'busy',
        text: 'Busy',
        activity: null,
        note: null,
        since: null,
        until: null,
      });
      expect(outside.raw.includes('canary')).toBe(false);

      for (const path of ['/me/note', '/me/presence/preferred', '/me/out-of-office', '/me/publications/desk'])
        await alice.send('DELETE', path);
      for (const stream of [endpoint, outside, watching]) await stream.close();
      await alice.send('DELETE', '/me/endpoints/desk');
    });

    test('[CO1] people are shown by relationship: to erin the address book is thin', async () => {
      const toBob = (await bob.get(`/people/${alice.id}`)).body;
      const toErin = (await erin.get(`/people/${alice.id}`)).body;
      expect(toBob).toMatchObject({ department: expect.any(String), upn: expect.any(String) });
      expect(toErin).toMatchObject({
        title: expect.any(String),
        department: null,
        office: null,
        upn: null,
        managerId: null,
      });
      const resolved = await erin.send<{ items: { address: string; person: { department: null } | null }[] }>(
        'POST',
        '/people/resolve',
        {
          addresses: ['sip:Alice@Contoso.example', 'nobody@nowhere.example'],
        },
      );
      expect(resolved.body.items).toMatchObject([
        { address: 'sip:Alice@Contoso.example', person: { id: alice.id, department: null } },
        { address: 'nobody@nowhere.example', person: null },
      ]);
      expect((await bob.get('/me')).body).toMatchObject({ id: bob.id, roles: expect.any(Array) });
    });

    test('[CO11] a list’s address tells its people to colleagues, and nothing to whoever is external', async () => {
      const addresses = ['LAUNCH@contoso.example', 'board@contoso.example', 'nobody@nowhere.example'];
      type Answer = { items: { address: string; list: ExpandedList | null }[] };
      const expand = (person: Person, asked: readonly string[]) =>
        person.send<Answer>('POST', '/people/expand', { addresses: asked });
      const { status, body } = await expand(bob, addresses);
      expect(status).toBe(200);
      expect(body.items.map(({ address }) => address)).toEqual(addresses);
      expect(body.items[0]?.list).toMatchObject({ displayName: 'Launch team', more: 0, hidden: false });
      expect(body.items[0]?.list?.people.map(({ id }) => id)).toEqual(
        expect.arrayContaining([alice.id, bob.id, erin.id]),
      );
      expect(body.items[1]?.list).toMatchObject({ displayName: 'Board', people: [], more: 0, hidden: true });
      expect(body.items[2]?.list).toBeNull();
      // Whoever is external learns of no list at all.
      expect((await expand(erin, addresses)).body.items.map(({ list }) => list)).toEqual([null, null, null]);
      const all = (await expand(bob, ['everybody@contoso.example'])).body.items[0]?.list;
      expect([all?.people.length, all?.more]).toEqual([500, demoPeople - 1 - 500]);
      for (const wrong of [[], Array.from({ length: 51 }, (_, at) => `${at}@contoso.example`)])
        expect((await expand(bob, wrong)).status).toBe(400);
    });

    const send = (person: Person, body: Uint8Array, type = 'image/png') =>
      server.fetch('/api/v1/me/photo', {
        method: 'PUT',
        headers: { Authorization: `Bearer ${person.token}`, 'Content-Type': type },
        body: new Uint8Array(body),
      });
    const photoOf = (person: Person, id: string, headers: Record<string, string> = {}) =>
      server.fetch(`/api/v1/people/${id}/photo`, {
        headers: { Authorization: `Bearer ${person.token}`, ...headers },
      });

    test('[CO9] a photo is taken in, shown from colleague on by its tag, and forgotten', async () => {
      expect((await photoOf(bob, alice.id)).status).toBe(404);
      const put = await send(alice, picture);
      expect(put.status).toBe(200);
      const { photo } = (await put.json()) as { photo: string };
      expect((await alice.get('/me')).body.photo).toBe(photo);
      expect((await bob.get(`/people/${alice.id}`)).body.photo).toBe(photo);
      expect((await erin.get(`/people/${alice.id}`)).body.photo).toBeNull();
      const got = await photoOf(bob, alice.id);
      expect(got.headers.get('content-type')).toBe('image/png');
      expect(Buffer.from(await got.arrayBuffer())).toEqual(picture);
      const tag = got.headers.get('etag') ?? '';
      expect(tag).toBe(`"${photo}"`);
      const again = await photoOf(bob, alice.id, { 'If-None-Match': `"other", ${tag}` });
      expect([again.status, await again.text()]).toEqual([304, '']);
      // Who is external is told what a person without a photo tells.
      expect((await photoOf(erin, alice.id)).status).toBe(404);

      const page = await send(alice, Buffer.from('<script>alert(1)</script>'));
      expect([page.status, ((await page.json()) as { code: string }).code]).toEqual([
        415,
        'unsupported-media-type',
      ]);
      expect((await send(alice, Buffer.alloc(512 * 1024 + 1))).status).toBe(413);
      expect((await photoOf(bob, alice.id)).status).toBe(200);
      expect((await alice.send('DELETE', '/me/photo')).status).toBe(204);
      expect((await photoOf(bob, alice.id)).status).toBe(404);
      expect((await bob.get(`/people/${alice.id}`)).body.photo).toBeNull();
    });

    test('[PV3] to the blocked one the entry has the bytes that it has for any colleague, by every way', async () => {
      const [someone] = (
        await bob.get<{ items: { id: string; address: string }[] }>('/people?q=sales&limit=1')
      ).body.items;
      const colleague = await server.as(someone!.address);
      await send(alice, picture);
      const both = async (ask: (person: Person) => Promise<string>) =>
        expect(await ask(dave)).toBe(await ask(colleague));
      await both(async (person) => (await person.get(`/people/${alice.id}`)).text);
      await both(async (person) => (await person.get('/people?q=alice+lindgren')).text);
      await both(
        async (person) =>
          (await person.send('POST', '/people/resolve', { addresses: ['alice@contoso.example'] })).text,
      );
      await both(async (person) => {
        const answer = await photoOf(person, alice.id);
        const bytes = Buffer.from(await answer.arrayBuffer()).toString('hex');
        return JSON.stringify([answer.status, answer.headers.get('etag'), bytes]);
      });
      // To whom the person did not block, and who has no calendar: the same.
      const control = (await dave.get(`/people/${someone!.id}/free-busy`)).text;
      await alice.send('PUT', '/me/calendar', {
        workingHours: { days: ['monday'], from: '09:00', to: '17:00', timeZone: 'Pacific/Auckland' },
      });
      expect((await dave.get(`/people/${alice.id}/free-busy`)).text).toBe(control);
      // The zone of the working hours is in the entry, for the local time on the card.
      expect((await bob.get(`/people/${alice.id}`)).body.timeZone).toBe('Pacific/Auckland');
      expect((await erin.get(`/people/${alice.id}`)).body.timeZone).toBeNull();
      await alice.send('DELETE', '/me/calendar');
      await alice.send('DELETE', '/me/photo');
    });

    test('[CO2, CO5] a story: bob adds carol, wishes to hear of her, goes, and hears of it when he returns', async () => {
      const carol = await server.as('carol');
      const hers = await carol.stream('desk');
      await hers.next('presence.snapshot');
      const before = await bob.stream('desk');
      await before.next('presence.snapshot');
      const added = await bob.send<Contact>('PUT', `/me/contacts/${carol.id}`, { alert: true });
      expect(added.status).toBe(201);
      expect(added.body).toMatchObject({ alert: true, relationship: 'colleague', person: { id: carol.id } });
      expect((await hers.next('contact.added-you')).data).toMatchObject({ person: { id: bob.id } });
      const { id } = await before.next('contact.changed');
      await before.close();
      await hers.close();
      await carol.send('DELETE', '/me/endpoints/desk');
      const returned = await carol.stream('laptop');
      await returned.next('presence.snapshot');

      const after = await bob.stream('desk', { lastEventId: id ?? '' });
      expect((await after.next<{ view: PresenceView; reason: string }>('presence.alert')).data).toMatchObject(
        {
          view: { id: carol.id, availability: 'available' },
          reason: 'available',
        },
      );
      expect(
        (await bob.get<{ items: Contact[] }>('/me/contacts')).body.items.find(
          ({ person }) => person.id === carol.id,
        ),
      ).toMatchObject({ alert: false });
      expect((await carol.get<{ items: object[] }>('/me/watchers')).body.items).toContainEqual(
        expect.objectContaining({
          asContact: true,
          watching: true,
          person: expect.objectContaining({ id: bob.id }),
        }),
      );
      expect((await bob.send('DELETE', `/me/contacts/${carol.id}`)).status).toBe(204);
      for (const stream of [after, returned]) await stream.close();
      await carol.send('DELETE', '/me/endpoints/laptop');
    });
  });
