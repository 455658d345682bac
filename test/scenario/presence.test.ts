import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DomainError } from '../../server/domain/errors.ts';
import { trembleMs } from '../../server/domain/presence.ts';
import { idOf, type Organisation, openOrganisation, reader } from '../support/presence-organisation.ts';

const second = 1_000;
const minute = 60 * second;

let org: Organisation;
beforeEach(async () => {
  org = await openOrganisation();
});
afterEach(async () => {
  expect(org.errors).toEqual([]);
  await org.dispose();
});
const presenceNotices = () => org.notices.filter(({ kind }) => kind === 'presence').length;
const code = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return (error as DomainError).code;
  }
  return null;
};

describe('endpoints', () => {
  test('[PA18] an endpoint that opens is available at once; sign-out is offline at once', () => {
    expect(org.sees('bob', 'alice').availability).toBe('offline');
    org.open('alice');
    expect(org.sees('bob', 'alice').availability).toBe('available');
    org.shut('alice', 'signed-out');
    expect(org.sees('bob', 'alice').availability).toBe('offline');
  });

  test('[PA19] a stream that ends leaves after five seconds, and a reload within them is seen by nobody', async () => {
    org.open('alice');
    org.sees('bob', 'alice');
    await org.settle();
    const before = presenceNotices();
    org.shut('alice', 'ended');
    org.clock.advance(4_900);
    org.open('alice');
    org.clock.advance(10 * second);
    expect(org.sees('bob', 'alice').availability).toBe('available');
    await org.settle();
    expect(presenceNotices()).toBe(before);
    org.shut('alice', 'ended');
    org.clock.advance(4_999);
    expect(org.sees('bob', 'alice').availability).toBe('available');
    org.clock.advance(1);
    expect(org.sees('bob', 'alice').availability).toBe('offline');
  });

  test('[PA19] a silent endpoint is gone at once', () => {
    org.open('alice');
    org.shut('alice', 'silent');
    expect(org.sees('bob', 'alice').availability).toBe('offline');
  });

  test('[PA20] what is bound to an endpoint goes with it, what is not stays', () => {
    org.open('alice');
    org.open('alice', 'phone');
    org.presence.publish(
      idOf('alice'),
      'desk',
      { kind: 'machine', availability: 'away', expiresInSeconds: 600 },
      null,
    );
    org.presence.publish(
      idOf('alice'),
      'call',
      {
        kind: 'phone',
        endpoint: 'phone',
        availability: 'busy',
        activity: 'in-a-call',
        expiresInSeconds: 600,
      },
      null,
    );
    expect(org.sees('bob', 'alice')).toMatchObject({ availability: 'busy', activity: 'in-a-call' });
    org.shut('alice', 'signed-out', 'phone');
    expect(org.sees('bob', 'alice')).toMatchObject({ availability: 'away', activity: null });
  });

  test('[PA10] five minutes without input are idle, ten are away, and nobody asked', () => {
    org.open('alice');
    org.sees('bob', 'alice');
    org.clock.advance(5 * minute - 1);
    expect(org.sees('bob', 'alice').availability).toBe('available');
    org.clock.advance(1);
    expect(org.sees('bob', 'alice')).toMatchObject({ availability: 'available-idle', activity: 'inactive' });
    org.clock.advance(5 * minute);
    expect(org.sees('bob', 'alice').availability).toBe('away');
  });
});

describe('publications', () => {
  const publish = (over: object = {}, ifMatch: string | null = null) =>
    org.presence.publish(
      idOf('alice'),
      'desk',
      { kind: 'machine', availability: 'available', expiresInSeconds: 60, ...over },
      ifMatch,
    );

  test('[PA21] a publication has an entity tag; If-Match refuses what was replaced in between', () => {
    org.open('alice');
    const first = publish();
    expect(first.created).toBe(true);
    const second = publish({ idleSeconds: 2 }, first.etag);
    expect(second).toMatchObject({ created: false });
    expect(second.etag).not.toBe(first.etag);
    expect(code(() => publish({}, first.etag))).toBe('precondition-failed');
    expect(code(() => org.presence.withdraw(idOf('alice'), 'desk', first.etag))).toBe('precondition-failed');
    org.presence.withdraw(idOf('alice'), 'desk', second.etag);
    expect(code(() => publish({}, '*'))).toBe('precondition-failed');
    expect(code(() => org.presence.withdraw(idOf('alice'), 'desk', null))).toBe('not-found');
  });

  test('[PA21] what a source cannot know, it cannot publish', () => {
    expect(code(() => publish({ availability: 'busy' }))).toBe('availability-not-for-kind');
    expect(code(() => publish({ kind: 'phone', availability: 'busy', activity: 'presenting' }))).toBe(
      'activity-contradicts-availability',
    );
    expect(code(() => publish({ kind: 'phone', availability: 'busy', activity: 'x-nothing' }))).toBe(
      'unknown-activity',
    );
    for (let number = 0; number < 64; number += 1)
      org.presence.publish(
        idOf('alice'),
        `p${number}`,
        { kind: 'application', availability: 'available', expiresInSeconds: 60 },
        null,
      );
    expect(code(publish)).toBe('too-many-publications');
  });

  test('[PA22] an expired publication is gone without anybody asking', async () => {
    org.open('alice');
    org.presence.publish(
      idOf('alice'),
      'slides',
      { kind: 'application', availability: 'do-not-disturb', activity: 'presenting', expiresInSeconds: 60 },
      null,
    );
    expect(org.sees('bob', 'alice').activity).toBe('presenting');
    org.clock.advance(60 * second);
    await org.settle();
    expect(org.notices.at(-1)).toEqual({ kind: 'presence', personId: idOf('alice') });
    expect(org.sees('bob', 'alice').availability).toBe('available');
  });

  test('[PA17] who arrives while others are being written waits for the next writing, and is not forgotten', async () => {
    let writes = 0;
    const { transaction } = org.store;
    org.store.transaction = (locks, work) => {
      writes += 1;
      if (writes === 1) org.open('bob');
      return transaction(locks, work);
    };
    org.open('alice');
    org.clock.advance(2 * second);
    await org.settle();
    expect(writes).toBe(1);
    org.clock.advance(2 * second);
    await org.settle();
    expect(writes).toBe(2);
    const kept: string[] = [];
    for await (const { personId } of org.store.presence.allRegistrations()) kept.push(personId);
    expect(kept.sort()).toEqual([idOf('alice'), idOf('bob')]);
  });

  test('[PA17] a heartbeat that changes nothing costs no notice and no write', async () => {
    org.open('alice');
    publish();
    org.sees('bob', 'alice');
    org.clock.advance(10 * second);
    await org.settle();
    const notices = org.notices.length;
    let writes = 0;
    const { transaction } = org.store;
    org.store.transaction = (locks, work) => {
      writes += 1;
      return transaction(locks, work);
    };
    for (let beat = 0; beat < 50; beat += 1) {
      publish();
      org.clock.advance(30 * second);
      await org.settle();
    }
    expect(org.notices.length).toBe(notices);
    expect(writes).toBe(0);
  });

  test('[PV4] a change that a class cannot see leaves its view and counter as they are', () => {
    org.open('alice');
    const external = org.json('alice', 'erin');
    const colleague = org.sees('bob', 'alice');
    publish({ location: 'Building 7' });
    expect(org.sees('bob', 'alice').sequence).toBe(colleague.sequence + 1);
    expect(org.json('alice', 'erin')).toBe(external);
  });
});

describe('choices', () => {
  test('[PA23] manual busy without an end lasts 24 hours and says so; be-right-back lasts', async () => {
    org.open('alice');
    const busy = await org.presence.setPreferred(idOf('alice'), { availability: 'busy' });
    expect(busy.expiresAt).toBe(new Date(org.clock.now() + 24 * 60 * minute).toISOString());
    expect(org.sees('bob', 'alice').until).toBe(busy.expiresAt);
    const back = await org.presence.setPreferred(idOf('alice'), { availability: 'be-right-back' });
    expect(back.expiresAt).toBeNull();
    const own = await org.presence.setPreferred(idOf('alice'), {
      availability: 'do-not-disturb',
      expiresAt: null,
    });
    expect(own.expiresAt).toBeNull();
  });

  test('[PA23] what is chosen while nobody is here takes effect when an endpoint registers', async () => {
    await org.presence.setPreferred(idOf('alice'), { availability: 'do-not-disturb' });
    expect(org.sees('bob', 'alice').availability).toBe('offline');
    org.open('alice');
    expect(org.sees('bob', 'alice').availability).toBe('do-not-disturb');
    await org.presence.clearPreferred(idOf('alice'));
    expect(org.sees('bob', 'alice').availability).toBe('available');
  });

  test('[PA33] of notes that are under way at once, the one acknowledged last stands, and none is shown after a later one', async () => {
    org.open('alice');
    // Only what somebody has looked at is compared and told of.
    expect(org.sees('bob', 'alice').note).toBeNull();
    const shown: string[] = [];
    org.bus.subscribe((notice) => {
      if (notice.kind === 'presence') shown.push(org.sees('bob', 'alice').note?.text ?? '');
    });
    const acknowledged: string[] = [];
    const under = Array.from({ length: 40 }, async (_, index) => {
      // Some meet in one commit, some arrive while another is under way.
      for (let turn = 0; turn < index % 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      await org.presence.setNote(idOf('alice'), { text: `note ${index}`, expiresAt: null });
      acknowledged.push(`note ${index}`);
    });
    await Promise.all(under);
    await org.settle();
    const last = acknowledged.at(-1);
    expect(org.sees('bob', 'alice').note?.text).toBe(last);
    expect((await org.store.presence.personal(idOf('alice')))?.note?.text).toBe(last);
    expect(shown.at(-1)).toBe(last);
    const order = shown.map((text) => acknowledged.indexOf(text));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test('[PA23] an end in the past is refused, and choices survive a restart', async () => {
    await expect(
      org.presence.setNote(idOf('alice'), { text: 'x', expiresAt: '2020-01-01T00:00:00Z' }),
    ).rejects.toMatchObject({ code: 'expires-in-the-past' });
    org.open('alice');
    await org.presence.setNote(idOf('alice'), { text: 'In the lab', expiresAt: null });
    await org.presence.setPreferred(idOf('alice'), { availability: 'busy' });
    await org.kill();
    await org.start();
    org.open('alice');
    expect(org.sees('bob', 'alice')).toMatchObject({ availability: 'busy', note: { text: 'In the lab' } });
  });
});

describe('restart', () => {
  test('[PA17] who was here stays through a restart, and who returns within 30 s is never seen grey', async () => {
    org.open('alice');
    org.presence.publish(
      idOf('alice'),
      'desk',
      { kind: 'machine', availability: 'available', expiresInSeconds: 60 },
      null,
    );
    org.open('carol');
    org.clock.advance(3 * second);
    await org.settle();
    await org.stop();
    org.clock.advance(40 * second);
    await org.start();
    expect(org.sees('bob', 'alice').availability).toBe('available');
    org.clock.advance(29 * second);
    expect(org.sees('bob', 'alice').availability).toBe('available');
    expect(org.sees('bob', 'carol').availability).toBe('available');
    org.open('alice');
    org.clock.advance(1 * second);
    expect(org.sees('bob', 'alice').availability).toBe('available');
    expect(org.sees('bob', 'carol').availability).toBe('offline');
  });

  test('[PA17] after a kill, what was written lazily stands, and an idle machine stays as idle as it was', async () => {
    org.open('alice');
    org.presence.publish(
      idOf('alice'),
      'desk',
      { kind: 'machine', availability: 'available', idleSeconds: 400, expiresInSeconds: 60 },
      null,
    );
    org.clock.advance(3 * second);
    await org.settle();
    await org.kill();
    org.clock.advance(20 * minute);
    await org.start();
    expect(org.sees('bob', 'alice').availability).toBe('available-idle');
  });

  test('[PA17] since when somebody is offline is the same after a restart', async () => {
    org.open('alice');
    org.clock.advance(minute);
    org.shut('alice');
    const before = org.sees('bob', 'alice');
    org.clock.advance(3 * second);
    await org.settle();
    await org.stop();
    org.clock.advance(minute);
    await org.start();
    const { sequence: _, ...after } = org.sees('bob', 'alice');
    const { sequence: __, ...expected } = before;
    expect(after).toEqual(expected);
  });
});

describe('relationships', () => {
  const grant = (relationship: 'blocked' | 'workgroup' | 'colleague') =>
    org.contacts.put(idOf('alice'), idOf('bob'), { relationship }, reader);
  const stripped = (json: string) => json.replace(/00000000-0000-4000-8000-\d+/, 'id');

  test('[PV3] who is blocked gets the bytes of one who signed out at that moment, for ever after', async () => {
    // carol is the control: she signs out in the very moment in which alice blocks bob.
    org.open('alice');
    org.open('carol');
    org.sees('bob', 'alice');
    org.sees('bob', 'carol');
    org.clock.advance(7 * minute);
    await grant('blocked');
    org.shut('carol');
    const look = () => stripped(org.json('alice', 'bob'));
    expect(look()).toBe(stripped(org.json('carol', 'bob')));
    const frozen = look();
    org.clock.advance(minute);
    org.shut('alice');
    org.open('alice', 'phone');
    await org.presence.setNote(idOf('alice'), { text: 'secret', expiresAt: null });
    await org.presence.setPreferred(idOf('alice'), { availability: 'do-not-disturb' });
    org.clock.advance(60 * minute);
    expect(look()).toBe(frozen);
    await org.settle();
    await org.stop();
    await org.start();
    expect(look()).toBe(stripped(org.json('carol', 'bob')));
    expect(JSON.parse(look())).toMatchObject({ ...JSON.parse(frozen), sequence: expect.any(Number) });
  });

  test('[PV3] a block tells the blocked one’s streams once and counts on, so that a client takes it', async () => {
    org.open('alice');
    const before = org.sees('bob', 'alice').sequence;
    org.notices.length = 0;
    await grant('blocked');
    expect(org.notices).toContainEqual({
      kind: 'relationship',
      personId: idOf('alice'),
      watcherId: idOf('bob'),
    });
    const hidden = org.sees('bob', 'alice').sequence;
    expect(hidden).toBeGreaterThan(before);
    await grant('colleague');
    expect(org.sees('bob', 'alice').sequence).toBeGreaterThan(hidden);
    await grant('workgroup');
    expect(org.sees('bob', 'alice').sequence).toBeGreaterThan(hidden + 1);
  });

  test('[PV1] the workgroup sees through manual do-not-disturb, and its messages interrupt', async () => {
    org.open('alice');
    await org.presence.setPreferred(idOf('alice'), { availability: 'do-not-disturb' });
    expect(org.presence.doNotDisturb(idOf('alice'), idOf('bob'))).toBe(true);
    await grant('workgroup');
    expect(org.sees('bob', 'alice')).toMatchObject({
      availability: 'busy',
      activity: 'urgent-interruptions-only',
    });
    expect(org.presence.doNotDisturb(idOf('alice'), idOf('bob'))).toBe(false);
    await grant('blocked');
    expect(org.presence.doNotDisturb(idOf('alice'), idOf('bob'))).toBe(false);
    expect(org.presence.blocks(idOf('alice'), idOf('bob'))).toBe(true);
  });

  test('[PV9] contacts-only hides from everybody who is not listed, until they are', async () => {
    org.open('alice');
    await org.contacts.put(idOf('alice'), idOf('carol'), {}, reader);
    await org.presence.setPrivacy(idOf('alice'), { mode: 'contacts-only' });
    expect(org.sees('bob', 'alice').availability).toBe('offline');
    expect(org.sees('carol', 'alice').availability).toBe('available');
    await org.contacts.put(idOf('alice'), idOf('bob'), {}, reader);
    expect(org.sees('bob', 'alice').availability).toBe('available');
    await org.contacts.remove(idOf('alice'), idOf('carol'));
    expect(org.sees('carol', 'alice').availability).toBe('offline');
    await org.settle();
    await org.kill();
    await org.start();
    org.open('alice');
    expect(org.sees('carol', 'alice').availability).toBe('offline');
    expect(org.sees('bob', 'alice').availability).toBe('available');
    await org.presence.setPrivacy(idOf('alice'), { mode: 'open' });
    expect(org.sees('carol', 'alice').availability).toBe('available');
  });

  test('[PV9] reciprocal shows nothing to who shows nothing, whatever makes them hide', async () => {
    org.open('alice');
    await org.presence.setPrivacy(idOf('alice'), { mode: 'reciprocal' });
    expect(org.sees('bob', 'alice').availability).toBe('available');
    await org.contacts.put(idOf('bob'), idOf('alice'), { relationship: 'blocked' }, reader);
    expect(org.sees('bob', 'alice').availability).toBe('offline');
    await org.contacts.remove(idOf('bob'), idOf('alice'));
    expect(org.sees('bob', 'alice').availability).toBe('available');
    org.notices.length = 0;
    await org.presence.setPrivacy(idOf('bob'), { mode: 'contacts-only' });
    expect(org.sees('bob', 'alice').availability).toBe('offline');
    expect(org.notices).toContainEqual({
      kind: 'relationship',
      personId: idOf('alice'),
      watcherId: idOf('bob'),
    });
    await org.presence.setPrivacy(idOf('bob'), { mode: 'reciprocal' });
    expect(org.sees('bob', 'alice').availability).toBe('available');
  });
});

describe('contacts', () => {
  test('[CO2] adding tells the added person once, and never one who has blocked', async () => {
    await org.contacts.put(idOf('bob'), idOf('alice'), {}, reader);
    await org.contacts.put(idOf('bob'), idOf('alice'), { alert: true }, reader);
    expect(org.inbox('alice')).toEqual([
      [
        'contact.added-you',
        { person: { id: idOf('bob'), displayName: 'Bob Example', address: 'bob@contoso.example' } },
      ],
    ]);
    await org.contacts.put(idOf('carol'), idOf('dave'), { relationship: 'blocked' }, reader);
    await org.contacts.put(idOf('dave'), idOf('carol'), {}, reader);
    expect(org.inbox('carol').map(([type]) => type)).toEqual(['contact.changed']);
  });

  test('[CO3] blocking a stranger lists nobody; removing a blocked contact keeps the block until removed again', async () => {
    await org.contacts.put(idOf('alice'), idOf('dave'), { relationship: 'blocked' }, reader);
    expect(await org.contacts.contactsOf(idOf('alice'))).toEqual([]);
    expect(await org.contacts.list(idOf('alice'), reader)).toMatchObject([
      { relationship: 'blocked', listed: false },
    ]);
    await org.contacts.put(idOf('alice'), idOf('bob'), {}, reader);
    await org.contacts.put(idOf('alice'), idOf('bob'), { relationship: 'blocked' }, reader);
    await org.contacts.remove(idOf('alice'), idOf('bob'));
    expect(org.presence.blocks(idOf('alice'), idOf('bob'))).toBe(true);
    await org.contacts.remove(idOf('alice'), idOf('bob'));
    expect(org.presence.blocks(idOf('alice'), idOf('bob'))).toBe(false);
    await expect(org.contacts.remove(idOf('alice'), idOf('bob'))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('[CO4] groups are ordered without gaps, a contact may be in many, and an unknown one is refused', async () => {
    const add = async (name: string, position?: number) =>
      (
        JSON.parse((await org.contacts.addGroup(idOf('alice'), { name, position }, null)).json) as {
          id: string;
        }
      ).id;
    const team = await add('Team');
    const lunch = await add('Lunch');
    await add('First', 0);
    const names = async () =>
      (await org.contacts.groups(idOf('alice'), reader)).map(({ name, position }) => `${position} ${name}`);
    expect(await names()).toEqual(['0 First', '1 Team', '2 Lunch']);
    await org.contacts.changeGroup(idOf('alice'), lunch, { position: 0, name: 'Lunch break' }, reader);
    expect(await names()).toEqual(['0 Lunch break', '1 First', '2 Team']);
    const { contact } = await org.contacts.put(idOf('alice'), idOf('bob'), { groups: [team, lunch] }, reader);
    expect(contact.groups).toEqual([team, lunch]);
    await expect(
      org.contacts.put(idOf('alice'), idOf('bob'), { groups: ['nothing'] }, reader),
    ).rejects.toMatchObject({ code: 'unknown-group' });
    await org.contacts.removeGroup(idOf('alice'), team);
    expect((await org.contacts.list(idOf('alice'), reader))[0]?.groups).toEqual([lunch]);
    await expect(org.contacts.put(idOf('alice'), idOf('alice'), {}, reader)).rejects.toMatchObject({
      code: 'not-yourself',
    });
  });

  test('[CO10] a group’s people stand as they were put, the others by name; one’s other clients are told', async () => {
    const { id } = JSON.parse((await org.contacts.addGroup(idOf('alice'), { name: 'Team' }, null)).json) as {
      id: string;
    };
    const order = async () => (await org.contacts.groups(idOf('alice'), reader))[0]?.order;
    expect(await order()).toBeNull();
    for (const name of ['bob', 'carol'] as const)
      await org.contacts.put(idOf('alice'), idOf(name), { groups: [id] }, reader);
    const before = org.inbox('alice').length;
    const put = [idOf('carol'), idOf('bob')];
    const answer = await org.contacts.changeGroup(idOf('alice'), id, { order: [...put, put[0]!] }, reader);
    expect(answer).toMatchObject({ name: 'Team', order: put });
    expect(await order()).toEqual(put);
    expect(org.inbox('alice').slice(before)).toMatchObject([['contact.changed', { contact: {} }]]);
    await org.contacts.changeGroup(idOf('alice'), id, { name: 'Other name' }, reader);
    expect(await order()).toEqual(put);
    await org.contacts.changeGroup(idOf('alice'), id, { order: null }, reader);
    expect(await order()).toBeNull();
  });
});

describe('a trembling machine', () => {
  const say = (endpoint: string, availability: 'available' | 'available-idle') =>
    org.presence.publish(
      idOf('alice'),
      endpoint,
      { kind: 'machine', availability, device: endpoint, expiresInSeconds: 3_600 },
      null,
    );
  const shown = () => org.sees('bob', 'alice').availability;
  /** Becomes active and idle again every two seconds; answers how many changes watchers were told of. */
  const tremble = async (times: number) => {
    shown();
    await org.settle();
    org.notices.length = 0;
    for (let round = 0; round < times; round += 1) {
      say('laptop', 'available');
      org.clock.advance(2_000);
      say('laptop', 'available-idle');
      org.clock.advance(2_000);
    }
    await org.settle();
    return org.notices.filter(({ kind }) => kind === 'presence').length;
  };
  beforeEach(() => {
    org.open('alice', 'laptop');
    say('laptop', 'available-idle');
  });

  test('[PA32] beside another machine it is told twice within three minutes, then counts as idle and says why', async () => {
    org.open('alice', 'desk');
    say('desk', 'available-idle');
    expect(await tremble(20)).toBe(4);
    say('laptop', 'available');
    expect(shown()).toBe('available-idle');
    const own = await org.presence.own(idOf('alice'), reader);
    expect(own.sources.find(({ decides }) => decides)).toMatchObject({
      source: 'laptop',
      why: { code: 'unsteady-machine' },
    });
  });

  test('[PA32] it counts as active again when it has been for three minutes, by itself; another one at once', async () => {
    org.open('alice', 'desk');
    say('desk', 'available-idle');
    await tremble(5);
    say('laptop', 'available');
    expect(shown()).toBe('available-idle');
    org.clock.advance(trembleMs / 2);
    say('laptop', 'available');
    expect(shown()).toBe('available-idle');
    say('desk', 'available');
    expect(shown()).toBe('available');
    say('desk', 'available-idle');
    expect(shown()).toBe('available-idle');
    org.clock.advance(trembleMs / 2);
    expect(shown()).toBe('available');
  });

  test('[PA32] a machine that is alone is believed', async () => {
    expect(await tremble(5)).toBe(10);
    say('laptop', 'available');
    expect(shown()).toBe('available');
  });
});

describe('alerts', () => {
  const wish = () => org.contacts.put(idOf('alice'), idOf('bob'), { alert: true }, reader);
  const alerts = () => org.inbox('alice').filter(([type]) => type === 'presence.alert');

  test('[CO5] one durable alert when the person becomes available, and the wish is granted with it', async () => {
    await wish();
    org.open('bob');
    await org.settle();
    expect(alerts()).toMatchObject([
      ['presence.alert', { view: { id: idOf('bob'), availability: 'available' } }],
    ]);
    expect(org.inbox('alice').at(-1)).toMatchObject(['contact.changed', { contact: { alert: false } }]);
    org.shut('bob');
    org.open('bob');
    await org.settle();
    expect(alerts()).toHaveLength(1);
  });

  test('[CO5] the wish survives a restart', async () => {
    await wish();
    await org.kill();
    await org.start();
    org.open('bob');
    await org.settle();
    expect(alerts()).toHaveLength(1);
  });

  test('[CO6] held back while one is in do-not-disturb oneself; told on leaving it if it is still so', async () => {
    org.open('alice');
    await org.presence.setPreferred(idOf('alice'), { availability: 'do-not-disturb' });
    org.clock.advance(second);
    await wish();
    org.clock.advance(second);
    org.open('bob');
    await org.settle();
    expect(alerts()).toHaveLength(0);
    org.clock.advance(minute);
    await org.presence.clearPreferred(idOf('alice'));
    await org.settle();
    expect(alerts()).toHaveLength(1);
  });

  test('[PV5] someone who blocked me never alerts me', async () => {
    await wish();
    await org.contacts.put(idOf('bob'), idOf('alice'), { relationship: 'blocked' }, reader);
    org.open('bob');
    await org.settle();
    expect(alerts()).toHaveLength(0);
  });
});

describe('unknown', () => {
  test('[PA15] an id outside the directory is unknown in its place', async () => {
    org.open('bob');
    const views = await org.presence.viewsFor(
      org.watcher('alice'),
      ['nobody', idOf('bob').toUpperCase(), 'x'],
      reader,
    );
    expect(views.map((json) => JSON.parse(json))).toMatchObject([
      { id: 'nobody', availability: 'unknown', text: 'Unknown', contact: ['email'] },
      { id: idOf('bob'), availability: 'available' },
      { id: 'x', availability: 'unknown' },
    ]);
  });
});
