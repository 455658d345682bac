/** What every bus promises, and what those that join several nodes promise beyond. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createInProcessBus } from '../../server/adapters/bus/in-process.ts';
import { bucketOf, createInterest } from '../../server/adapters/bus/interest.ts';
import { openNatsBus } from '../../server/adapters/bus/nats.ts';
import { serversOf } from '../../server/adapters/bus/nats-settings.ts';
import { encodeToken, subjectOf } from '../../server/adapters/bus/subject.ts';
import { DomainError } from '../../server/domain/errors.ts';
import { type ConversationId, toUserId, type UserId } from '../../server/domain/ids.ts';
import type { Bus, Notice } from '../../server/ports/bus.ts';
import { hasNats, natsUrl } from '../support/nats.ts';
import { skipUnless } from '../support/skip.ts';
import { createStallProxy, type StallProxy } from '../support/stall-proxy.ts';
import { alice, bob } from './stores.ts';

const onNats = (organisation: string, url = natsUrl) => {
  let nodes = 0;
  return (onError: (error: unknown) => void): Promise<Bus> =>
    openNatsBus({
      settings: { url, credentialsFile: null, caFile: null, certificateFile: null, keyFile: null },
      organisation,
      nodeId: `node${++nodes}`,
      onError,
    });
};

const buses = [
  { name: 'in-process', make: async (onError: (error: unknown) => void) => createInProcessBus(onError) },
  ...(hasNats ? [{ name: 'NATS', make: onNats(`contract-${randomBytes(6).toString('hex')}`) }] : []),
];
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 20 });

describe.each(buses)('$name bus', ({ make }) => {
  let bus: Bus;
  let errors: unknown[];
  beforeEach(async () => {
    errors = [];
    bus = await make((error) => errors.push(error));
  });
  afterEach(() => bus.close());

  test('[ST17] every listener, the publisher’s own node included, gets every notice in order and unchanged', async () => {
    const heard: Notice[][] = [[], []];
    bus.subscribe((notice) => heard[0]?.push(notice));
    bus.subscribe((notice) => heard[1]?.push(notice));
    const notices: Notice[] = [
      { kind: 'events', seq: 1 },
      { kind: 'presence', personId: alice },
      { kind: 'relationship', personId: alice, watcherId: bob },
      { kind: 'relationship', personId: alice, watcherId: null },
      { kind: 'typing', conversationId: 'a.b *>' as never, personId: alice, recipients: [alice, bob] },
      { kind: 'end-streams', personId: bob, reason: 'revoked' },
    ];
    for (const notice of notices) bus.publish(notice);
    expect(heard).toEqual([[], []]);
    await until(() => heard.every((one) => one.length >= notices.length));
    expect(heard).toEqual([notices, notices]);
  });

  test('[ST17] a listener that throws takes nothing from the others; one that left hears nothing', async () => {
    const heard: number[] = [];
    bus.subscribe(() => {
      throw new Error('mine alone');
    });
    const leave = bus.subscribe(() => heard.push(1));
    bus.subscribe(() => heard.push(2));
    bus.publish({ kind: 'events', seq: 1 });
    await until(() => heard.length === 2);
    leave();
    leave();
    bus.publish({ kind: 'events', seq: 2 });
    await until(() => heard.length === 3 && errors.length === 2);
    await settled();
    expect(heard).toEqual([1, 2, 2]);
    expect(errors).toHaveLength(2);
  });

  test('[ST17] a listener may publish; after closing nothing is delivered and nothing throws', async () => {
    const heard: number[] = [];
    bus.subscribe((notice) => {
      if (notice.kind !== 'events') return;
      heard.push(notice.seq);
      if (notice.seq < 3) bus.publish({ kind: 'events', seq: notice.seq + 1 });
    });
    bus.publish({ kind: 'events', seq: 1 });
    await until(() => heard.length >= 3);
    expect(heard).toEqual([1, 2, 3]);
    await bus.close();
    bus.publish({ kind: 'events', seq: 1 });
    await settled();
    expect(heard).toEqual([1, 2, 3]);
  });

  test('[ST29] asking a node that is not there is refused, and not by waiting', async () => {
    const asked = bus.ask('nobody', { kind: 'x' });
    await expect(asked).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('subjects', () => {
  test('[ST29] nothing that comes from data is syntax: dots, blanks, stars, tails and the empty text', () => {
    expect(subjectOf('org', 'notice', 'a.b@c.example')).toBe('jellybean.org.notice.a=2eb=40c=2eexample');
    for (const text of ['a.b@c.example', 'a b', '*', '>', 'a.>', '', '\r\n', '=', 'ä.🙂', '\u0000', ' .* >'])
      expect(encodeToken(text)).toMatch(/^[A-Za-z0-9_=-]+$/);
    const texts = ['a.b', 'a=2eb', 'a b', 'a*b', 'a>b', 'ab', 'a', '', '='];
    expect(new Set(texts.map(encodeToken)).size).toBe(texts.length);
  });

  test('[ST29] an address with a name, a password or a token says who signs in, and where', () => {
    expect(serversOf('nats://jb:p%40ss@one:4223,nats://two')).toEqual({
      servers: ['one:4223', 'two:4222'],
      isTls: false,
      user: 'jb',
      pass: 'p@ss',
    });
    expect(serversOf('tls://s3cret@one')).toEqual({ servers: ['one:4222'], isTls: true, token: 's3cret' });
  });
});

skipUnless(hasNats, 'no NATS for tests answers at JELLYBEAN_TEST_NATS')('several nodes on NATS', () => {
  const open: Bus[] = [];
  const errors: unknown[] = [];
  const join = async (make: ReturnType<typeof onNats>) => {
    const bus = await make((error) => errors.push(error));
    open.push(bus);
    return bus;
  };
  const heardBy = (bus: Bus) => {
    const heard: Notice[] = [];
    bus.subscribe((notice) => heard.push(notice));
    return heard;
  };
  const fresh = (name = '') => `test ${name}.*>${randomBytes(6).toString('hex')}`;
  afterEach(async () => {
    for (const bus of open.splice(0)) await bus.close();
    errors.length = 0;
  });

  test('[ST29] a notice reaches every other node of the organisation, in order and unchanged, and no other organisation', async () => {
    const make = onNats(fresh('a.b@c.example'));
    const [a, b] = [await join(make), await join(make)];
    const stranger = await join(onNats(fresh()));
    const [own, other, elsewhere] = [heardBy(a), heardBy(b), heardBy(stranger)];
    const notices: Notice[] = [
      { kind: 'remembered', people: ['a.b@c.example' as never, '* >' as never], nodeId: a.nodeId },
      { kind: 'contacts', personId: 'a.b@c.example' as never },
      { kind: 'contacts', personId: ' > * . ' as never },
      { kind: 'photo', personId: 'a.*.>' as never, nodeId: a.nodeId },
      ...Array.from({ length: 200 }, (_, seq): Notice => ({ kind: 'events', seq })),
    ];
    for (const notice of notices) a.publish(notice);
    await until(() => other.length >= notices.length);
    expect(other).toEqual(notices);
    expect(own).toEqual(notices);
    expect(elsewhere).toEqual([]);
  });

  test('[ST29] what is about the memory of one node stays on it', async () => {
    const make = onNats(fresh());
    const [a, b] = [await join(make), await join(make)];
    const heard = heardBy(b);
    a.publish({ kind: 'presence', personId: alice });
    a.publish({ kind: 'relationship', personId: alice, watcherId: null });
    a.publish({ kind: 'events', seq: 7 });
    await until(() => heard.length > 0);
    expect(heard).toEqual([{ kind: 'events', seq: 7 }]);
  });

  const typing = (recipients: readonly UserId[], conversationId = 'a.*.>'): Notice => ({
    kind: 'typing',
    conversationId: conversationId as ConversationId,
    personId: alice,
    recipients,
  });
  /** Behind it, everything that was said before has come. */
  const last: Notice = { kind: 'events', seq: 1 };

  test('[ST34] what is said to people is sent to the nodes that attend them, and to no other', async () => {
    const make = onNats(fresh());
    const [a, b, c] = [await join(make), await join(make), await join(make)];
    expect(bucketOf(alice)).not.toBe(bucketOf(bob));
    await b.attend(bob);
    await c.attend(alice);
    const [own, atB, atC] = [heardBy(a), heardBy(b), heardBy(c)];
    a.publish(typing([alice, bob]));
    a.publish(typing([bob], 'another'));
    a.publish(last);
    await until(() => atB.length > 2);
    await until(() => atC.length > 1);
    expect(own).toEqual([typing([alice, bob]), typing([bob], 'another'), last]);
    expect(atB).toEqual([typing([bob]), typing([bob], 'another'), last]);
    expect(atC).toEqual([typing([alice]), last]);
  });

  test('[ST34] who attends while others say much misses nothing of what is said after', async () => {
    const make = onNats(fresh());
    const [a, b] = [await join(make), await join(make)];
    const people = Array.from({ length: 200 }, (_, at) => toUserId(`person-${at}`));
    const heard = heardBy(b);
    let said = 0;
    const saidAt = new Map<UserId, number>();
    const talk = async () => {
      for (; saidAt.size < people.length; said += 1) {
        for (const id of people) a.publish(typing([id], `${said}`));
        await new Promise(setImmediate);
      }
    };
    const talking = talk();
    for (const id of people) {
      await b.attend(id);
      saidAt.set(id, said);
    }
    await talking;
    // A round that was being said when somebody was attended is no longer promised whole.
    const rounds = 3;
    for (let round = 0; round < rounds; round += 1, said += 1)
      for (const id of people) a.publish(typing([id], `${said}`));
    a.publish(last);
    await until(() => heard.some(({ kind }) => kind === 'events'));
    const got = Map.groupBy(
      heard.filter((notice) => notice.kind === 'typing'),
      ({ recipients }) => recipients[0],
    );
    for (const [id, from] of saidAt) {
      const rounds = (got.get(id) ?? []).map(({ conversationId }) => Number(conversationId));
      expect(rounds.filter((round) => round > from)).toEqual(
        Array.from({ length: said - from - 1 }, (_, at) => from + 1 + at),
      );
    }
  });

  test('[ST34] a bucket is left a while after its last person, and taken again by who returns', async () => {
    const ended: number[] = [];
    const begun: number[] = [];
    const interest = createInterest((bucket) => {
      begun.push(bucket);
      return () => ended.push(bucket);
    }, 1);
    expect(interest.attend(bob)).toBe(true);
    expect(interest.attend(bob)).toBe(false);
    interest.leave(bob);
    await settled();
    expect(ended).toEqual([]);
    interest.leave(bob);
    expect(interest.attend(bob)).toBe(false);
    await settled();
    expect(ended).toEqual([]);
    interest.leave(bob);
    await until(() => ended.length > 0);
    expect(interest.attend(bob)).toBe(true);
    expect(begun).toEqual([bucketOf(bob), bucketOf(bob)]);
    interest.close();
  });

  test('[ST34] what is said to very many is said once, to every node', async () => {
    const make = onNats(fresh());
    const [a, b] = [await join(make), await join(make)];
    const heard = heardBy(b);
    const many = Array.from({ length: 300 }, (_, at) => toUserId(`person-${at}`));
    a.publish(typing(many));
    await until(() => heard.length > 0);
    expect(heard).toEqual([typing(many)]);
  });

  test('[ST29] a question gets the answer, or the refusal, of the node that was asked', async () => {
    const make = onNats(fresh());
    const [a, b] = [await join(make), await join(make)];
    b.onAsk(async (question) => {
      if (question === 'no') throw new DomainError('too-many-watched', 'Five thousand and one.');
      if (question === 'oh') throw new Error('a secret of the inside');
      return { heard: question };
    });
    await expect(a.ask(b.nodeId, { deep: ['ä', null] })).resolves.toEqual({ heard: { deep: ['ä', null] } });
    await expect(a.ask(b.nodeId, 'no')).rejects.toMatchObject({
      code: 'too-many-watched',
      message: 'Five thousand and one.',
    });
    await expect(a.ask(b.nodeId, 'oh')).rejects.not.toThrow(/secret/);
  });

  describe('through a line that can be cut', () => {
    let proxy: StallProxy;
    const url = () => `nats://127.0.0.1:${proxy.port}`;
    beforeEach(async () => {
      const { hostname, port } = new URL(natsUrl);
      proxy = await createStallProxy({ host: hostname, port: Number(port || 4222) });
    });
    afterEach(() => proxy.close());

    test('[ST29] after an interruption everybody is told that notices may be missing, and hears again', async () => {
      const organisation = fresh();
      const a = await join(onNats(organisation));
      const b = await join((onError) => onNats(organisation, url())(onError));
      const heard = heardBy(b);
      await b.attend(bob);
      let gaps = 0;
      b.onGap(() => {
        gaps += 1;
      });
      expect(b.isConnected()).toBe(true);
      proxy.drop();
      await until(() => gaps > 0);
      expect(b.isConnected()).toBe(true);
      a.publish(typing([bob]));
      a.publish({ kind: 'events', seq: 9 });
      await until(() => heard.length > 1);
      expect(heard).toEqual([typing([bob]), { kind: 'events', seq: 9 }]);
    });

    test('[ST29] a node starts without NATS, says so, and hears of the gap once NATS is there', async () => {
      proxy.refuse(true);
      const bus = await join(onNats(fresh(), url()));
      const heard = heardBy(bus);
      expect(bus.isConnected()).toBe(false);
      await expect(bus.ask('other', {})).rejects.toMatchObject({ code: 'node-unavailable' });
      bus.publish({ kind: 'events', seq: 1 });
      await settled();
      expect(heard).toEqual([{ kind: 'events', seq: 1 }]);
      let gaps = 0;
      bus.onGap(() => {
        gaps += 1;
      });
      proxy.refuse(false);
      await until(() => gaps > 0 && bus.isConnected());
    });
  });
});
