import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAudit } from '../../server/services/audit.ts';
import { createPolicy, defaultPolicy, toPresencePolicy } from '../../server/services/policy.ts';
import { createQuotas } from '../../server/services/quotas.ts';
import { idOf, type Organisation, openOrganisation, reader } from '../support/presence-organisation.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

const minute = 60_000;
let org: Organisation;
beforeEach(async () => {
  org = await openOrganisation();
});
afterEach(async () => {
  expect(org.errors).toEqual([]);
  await org.dispose();
});
const policy = async (isDemo = false) => {
  const made = await createPolicy({
    store: org.store,
    bus: org.bus,
    onError: (error) => org.errors.push(error),
    isDemo,
    audit: createAudit({ store: org.store, clock: org.clock }),
  });
  made.onChange((changed) => org.presence.setPolicy(toPresencePolicy(changed)));
  return made;
};

describe('what the administrator decides', () => {
  test('[PA28] thresholds, appearing offline and custom activities are in force at once and after a restart', async () => {
    const decided = await policy();
    org.open('alice');
    org.clock.advance(2 * minute);
    expect(org.sees('bob', 'alice').availability).toBe('available');
    await decided.put(idOf('carol'), { presence: { idleAfterSeconds: 60, appearOffline: false } });
    expect(org.sees('bob', 'alice').availability).toBe('available-idle');
    await expect(org.presence.setPreferred(idOf('alice'), { availability: 'offline' })).rejects.toMatchObject(
      {
        code: 'appear-offline-not-allowed',
      },
    );
    const activities = [
      { id: 'x-surgery' as const, availability: 'busy' as const, labels: { en: 'In surgery', de: 'Im OP' } },
    ];
    await decided.put(idOf('carol'), { presence: { activities } });
    await org.presence.setPreferred(idOf('alice'), { availability: 'busy', activity: 'x-surgery' });
    org.presence.publish(
      idOf('alice'),
      'desk',
      { kind: 'machine', availability: 'available', expiresInSeconds: 60 },
      null,
    );
    expect(org.sees('bob', 'alice')).toMatchObject({
      activity: 'x-surgery',
      text: expect.stringMatching(/^In surgery until/),
    });
    await org.kill();
    await org.start();
    expect((await policy()).current().presence).toMatchObject({
      idleAfterSeconds: 60,
      appearOffline: false,
      activities,
    });
  });

  test('[PA28] a policy that contradicts itself is refused whole', async () => {
    const decided = await policy();
    await expect(
      decided.put(idOf('carol'), { presence: { idleAfterSeconds: 600, awayAfterSeconds: 300 } }),
    ).rejects.toMatchObject({ code: 'invalid-input' });
    const twice = { id: 'x-a' as const, availability: 'busy' as const, labels: { en: 'A' } };
    await expect(
      decided.put(idOf('carol'), { presence: { activities: [twice, twice] } }),
    ).rejects.toMatchObject({
      code: 'invalid-input',
    });
    expect(decided.current()).toEqual(defaultPolicy({ isDemo: false }));
  });

  test('[PV7] coarse, switched on, reaches those who watch', async () => {
    const decided = await policy();
    org.open('alice');
    org.clock.advance(6 * minute);
    expect(org.sees('bob', 'alice').availability).toBe('available-idle');
    org.notices.length = 0;
    await decided.put(idOf('carol'), { presence: { coarse: true } });
    await org.settle();
    expect(org.notices).toContainEqual({ kind: 'presence', personId: idOf('alice') });
    expect(org.sees('bob', 'alice')).toMatchObject({ availability: 'available', since: null });
  });

  test('[PV3, PV7] what coarse withholds of the signed-out goes to the hidden one like to a colleague', async () => {
    const decided = await policy();
    for (const name of ['alice', 'carol'] as const) org.open(name);
    await org.settle();
    const hiddenNotices = () => org.notices.filter(({ kind }) => kind === 'hiding');
    // Before anybody was left with a moment there is nothing to tell.
    await decided.put(idOf('carol'), { presence: { showLastActive: false } });
    await decided.put(idOf('carol'), { presence: { showLastActive: true } });
    expect(hiddenNotices()).toEqual([]);
    await org.contacts.put(idOf('alice'), idOf('dave'), { relationship: 'blocked' }, reader);
    org.shut('carol');
    const before = org.sees('dave', 'alice');
    expect(before.since).not.toBeNull();
    await decided.put(idOf('carol'), { presence: { coarse: true } });
    await org.settle();
    expect(hiddenNotices()).toEqual([{ kind: 'hiding', personId: idOf('alice') }]);
    const after = org.sees('dave', 'alice');
    expect(after).toEqual({
      ...org.sees('dave', 'carol'),
      id: idOf('alice'),
      sequence: before.sequence + 1,
    });
    expect(after).toMatchObject({ availability: 'offline', since: null, lastActiveAt: null });
    expect(org.presence.hasLeftTimes(idOf('alice'), idOf('dave'))).toBe(true);
    expect(org.presence.hasLeftTimes(idOf('alice'), idOf('bob'))).toBe(false);
  });

  test('[PA28] another word for a custom activity reaches those who see it', async () => {
    const decided = await policy();
    const call = (en: string) => ({
      presence: { activities: [{ id: 'x-surgery' as const, availability: 'busy' as const, labels: { en } }] },
    });
    await decided.put(idOf('carol'), call('In surgery'));
    for (const name of ['alice', 'bob'] as const) org.open(name);
    await org.presence.setPreferred(idOf('alice'), { availability: 'busy', activity: 'x-surgery' });
    const before = org.sees('bob', 'alice');
    org.sees('alice', 'bob');
    org.notices.length = 0;
    await decided.put(idOf('carol'), call('Operating'));
    expect(org.sees('bob', 'alice').text).toMatch(/^Operating/);
    expect(org.sees('bob', 'alice').sequence).toBe(before.sequence + 1);
    expect(org.notices).toEqual([{ kind: 'presence', personId: idOf('alice') }]);
  });

  test('[PV11] the default mode holds for who has chosen none, and for nobody else', async () => {
    const decided = await policy();
    org.open('alice');
    org.open('carol');
    await org.contacts.put(idOf('alice'), idOf('dave'), {}, reader);
    await org.presence.setPrivacy(idOf('carol'), { mode: 'open' });
    org.notices.length = 0;
    await decided.put(idOf('carol'), { privacy: { mode: 'contacts-only' } });
    await org.settle();
    expect(org.notices).toContainEqual({ kind: 'relationship', personId: idOf('alice'), watcherId: null });
    expect(org.sees('bob', 'alice').availability).toBe('offline');
    expect(org.sees('dave', 'alice').availability).toBe('available');
    expect(org.sees('bob', 'carol').availability).toBe('available');
    await decided.put(idOf('carol'), { privacy: { mode: 'open' } });
    expect(org.sees('bob', 'alice').availability).toBe('available');
  });
});

describe('quotas', () => {
  const alice = { userId: idOf('alice'), kind: 'person' } as const;
  const strangers = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => `stranger-${from + at}`);

  test('[PV12] 300 strangers an hour, the same ones again for nothing, contacts not counted, the next hour anew', async () => {
    const quotas = createQuotas({
      clock: org.clock,
      bus: org.bus,
      policy: await policy(),
      contactsOf: org.contacts.contactsOf,
    });
    await org.contacts.put(idOf('alice'), idOf('bob'), {}, reader);
    await quotas.ask(alice, strangers(0, 300));
    await quotas.ask(alice, [...strangers(0, 300), idOf('bob'), idOf('alice')]);
    await expect(quotas.ask(alice, strangers(300, 1))).rejects.toMatchObject({ code: 'policy-quota' });
    await quotas.ask({ userId: idOf('bob'), kind: 'person' }, strangers(300, 1));
    await quotas.ask({ ...alice, kind: 'application' }, strangers(300, 500));
    org.clock.advance(60 * minute);
    await quotas.ask(alice, strangers(300, 300));
  });

  test('[PV12] a grant lifts both, and in a demo there are none', async () => {
    const decided = await policy();
    const quotas = createQuotas({
      clock: org.clock,
      bus: org.bus,
      policy: decided,
      contactsOf: org.contacts.contactsOf,
    });
    expect(quotas.watchedMost(alice)).toBe(1_000);
    await decided.put(idOf('carol'), { watching: { grants: [idOf('alice')] } });
    expect(quotas.watchedMost(alice)).toBeNull();
    await quotas.ask(alice, strangers(0, 2_000));
    expect(defaultPolicy({ isDemo: true }).watching).toMatchObject({ people: null, strangersPerHour: null });
  });
});

describe('the end of a manual state', () => {
  const told = () => org.inbox('alice').filter(([type]) => type === 'presence.alert');

  test('[PA29] is announced once, durably, with what one is shown as from then on', async () => {
    org.open('alice');
    const { expiresAt } = await org.presence.setPreferred(idOf('alice'), {
      availability: 'do-not-disturb',
      expiresAt: new Date(org.clock.now() + minute).toISOString(),
    });
    expect(org.sees('bob', 'alice').until).toBe(expiresAt);
    org.clock.advance(minute);
    await org.settle();
    expect(told()).toMatchObject([
      [
        'presence.alert',
        { reason: 'preferred-ended', view: { id: idOf('alice'), availability: 'available' } },
      ],
    ]);
    expect((await org.presence.own(idOf('alice'), reader)).preferred).toBeNull();
    await org.kill();
    await org.start();
    await org.settle();
    expect(told()).toHaveLength(1);
  });

  test('[PA29] one that ended while the server was down is announced at its start; one replaced meanwhile is not', async () => {
    org.open('alice');
    const until = (ms: number) => new Date(org.clock.now() + ms).toISOString();
    await org.presence.setPreferred(idOf('alice'), { availability: 'busy', expiresAt: until(minute) });
    await org.presence.setPreferred(idOf('alice'), { availability: 'busy', expiresAt: until(10 * minute) });
    org.clock.advance(2 * minute);
    await org.settle();
    expect(told()).toHaveLength(0);
    await org.kill();
    org.clock.advance(60 * minute);
    await org.start();
    org.clock.advance(1);
    await org.settle();
    expect(told()).toHaveLength(1);
  });
});

describe('over HTTP', () => {
  let server: TestServer;
  let carol: Person;
  beforeEach(async () => {
    server = await startServer();
    carol = await server.as('carol');
  });
  afterEach(() => server.stop());

  test('[PA28] only an administrator reads and changes the policy; what is not named stays', async () => {
    const alice = await server.as('alice');
    expect((await alice.get('/admin/policy')).body.code).toBe('forbidden');
    expect((await alice.send('PUT', '/admin/policy', {})).body.code).toBe('forbidden');
    const before = (await carol.get('/admin/policy')).body;
    const after = await carol.send('PUT', '/admin/policy', { watching: { people: 2 } });
    expect(after.body).toEqual({ ...before, watching: { ...(before.watching as object), people: 2 } });
    const { items } = (await carol.get<{ items: object[] }>('/admin/audit')).body;
    expect(items).toContainEqual(
      expect.objectContaining({
        actorId: carol.id,
        action: 'policy.change',
        detail: { watching: { people: 2 } },
      }),
    );
    expect((await carol.send('PUT', '/admin/policy', { watching: { people: -1 } })).body.code).toBe(
      'invalid-input',
    );
    expect((await carol.send('PUT', '/admin/policy', { nothing: {} })).body.code).toBe('invalid-input');
  });

  test('[PV12] watching more than the policy allows is refused and changes nothing', async () => {
    await carol.send('PUT', '/admin/policy', { watching: { people: 2, strangersPerHour: 5 } });
    const alice = await server.as('alice');
    const found = (await alice.get<{ items: { id: string }[] }>('/people?q=a&limit=6')).body.items.map(
      ({ id }) => id,
    );
    const stream = await alice.stream();
    const { streamId } = (await stream.next<{ streamId: string }>('ready')).data;
    const watch = (ids: string[]) =>
      alice.send<{ code: string; items: unknown[] }>('PUT', `/streams/${streamId}/watch`, { ids });
    expect((await watch(found.slice(0, 3))).body.code).toBe('policy-quota');
    expect((await watch(found.slice(0, 2))).body.items).toHaveLength(2);
    expect((await alice.send('POST', '/presence/query', { ids: found })).body.code).toBe('policy-quota');
    await stream.close();
  });
});
