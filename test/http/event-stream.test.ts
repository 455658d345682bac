/** The event stream over a real server: what a client may rely on, in the order of contract §5. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EventType, eventSchemas } from '../../server/protocol/events.ts';
import type { PresenceView } from '../../server/protocol/presence.ts';
import { createManualClock } from '../support/clock.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import type { EventStreamClient } from '../support/sse-client.ts';

type Ready = { streamId: string; cursor: string; resumed: boolean; heartbeatSeconds: number };
type Snapshot = { items: PresenceView[] };

describe.each(['on', 'off'] as const)('event stream, pre-router %s', (preRouter) => {
  let server: TestServer;
  const clock = createManualClock(Date.UTC(2026, 10, 2, 12));
  const people = {} as Record<'alice' | 'bob' | 'carol' | 'dave' | 'erin', Person>;
  const open: EventStreamClient[] = [];

  beforeAll(async () => {
    server = await startServer(
      {
        JELLYBEAN_PRE_ROUTER: preRouter,
        JELLYBEAN_RATE_FACTOR: '0',
        JELLYBEAN_TOKEN_LIFETIME_SECONDS: '600000',
      },
      { clock },
    );
    for (const name of ['alice', 'bob', 'carol', 'dave', 'erin'] as const)
      people[name] = await server.as(name);
  });
  afterAll(async () => {
    for (const stream of open) await stream.close();
    await server.stop();
  });

  const stream = async (person: Person, endpoint: string, lastEventId?: string) => {
    const client = await person.stream(endpoint, lastEventId === undefined ? {} : { lastEventId });
    expect(client.status, client.raw).toBe(200);
    open.push(client);
    return client;
  };
  const conversationOf = async (from: Person, ...to: Person[]) =>
    (await from.send<{ id: string }>('POST', '/conversations', { participants: to.map(({ id }) => id) })).body
      .id;
  const post = (from: Person, conversation: string, text: string) =>
    from.send<{ id: string; seq: number }>('POST', `/conversations/${conversation}/messages`, { text });

  test('[EV20] ready, then the snapshot of the contacts, then what happens', async () => {
    const alice = await stream(people.alice, 'order');
    const ready = await alice.next<Ready>('ready');
    const snapshot = await alice.next<Snapshot>('presence.snapshot');
    expect(ready.data).toMatchObject({ resumed: false, heartbeatSeconds: 15 });
    expect(snapshot.data.items.map(({ id }) => id)).toContain(people.bob.id);
    const conversation = await conversationOf(people.bob, people.alice);
    await post(people.bob, conversation, 'hello');
    await alice.next('message.posted', {
      where: (data) => (data as { conversationId: string }).conversationId === conversation,
    });
    expect(alice.events.slice(0, 2).map(({ type }) => type)).toEqual(['ready', 'presence.snapshot']);
    expect(alice.headers['content-type']).toContain('text/event-stream');
  });

  test('[EV21] durable events are the same bytes for everyone, with the same id; soft ones have none', async () => {
    const conversation = await conversationOf(people.alice, people.bob);
    const streams = [
      await stream(people.alice, 'a1'),
      await stream(people.alice, 'a2'),
      await stream(people.bob, 'b1'),
    ];
    for (const each of streams) await each.next('presence.snapshot');
    await post(people.alice, conversation, 'same for all');
    await people.bob.send('POST', `/conversations/${conversation}/typing`);
    const blocks: string[] = [];
    for (const each of streams) {
      const event = await each.next('message.posted');
      expect(event.id).not.toBeNull();
      const at = each.raw.indexOf('id: ', each.raw.indexOf('presence.snapshot'));
      blocks.push(each.raw.slice(at, each.raw.indexOf('\n\n', at)));
    }
    expect(new Set(blocks).size).toBe(1);
    expect((await streams[0]!.next('typing')).id).toBeNull();
  });

  test('[EV22] a resume replays what was missed, once and in order, and keeps the cursor asked for', async () => {
    const conversation = await conversationOf(people.alice, people.bob);
    const before = await stream(people.bob, 'resume');
    await before.next('presence.snapshot');
    await post(people.alice, conversation, 'seen');
    await before.next('message.posted');
    const cursor = before.lastEventId as string;
    await before.close();
    const missed: string[] = [];
    for (let count = 0; count < 25; count += 1)
      missed.push((await post(people.alice, conversation, `missed ${count}`)).body.id);
    const after = await stream(people.bob, 'resume', cursor);
    expect((await after.next<Ready>('ready')).data).toMatchObject({ resumed: true, cursor });
    await after.next('presence.snapshot');
    missed.push((await post(people.alice, conversation, 'live again')).body.id);
    await after.next('message.posted', {
      where: (data) => (data as { message: { text: string } }).message.text === 'live again',
    });
    const posted = after.events.filter(({ type }) => type === 'message.posted');
    expect(posted.map(({ data }) => (data as { message: { id: string } }).message.id)).toEqual(missed);
    expect(
      after.events
        .filter(({ type }) => type === 'presence.changed' || type === 'typing')
        .every(({ id }) => id === null),
    ).toBe(true);
  });

  test('[EV20] writes that go on while a stream resumes are neither lost nor doubled nor out of order', async () => {
    const conversation = await conversationOf(people.alice, people.bob);
    const first = await stream(people.bob, 'race');
    await first.next('presence.snapshot');
    const start = (await post(people.alice, conversation, 'start')).body.seq;
    await first.next('message.posted');
    await first.close();
    for (let round = 0; round < 4; round += 1) {
      const sending = (async () => {
        const seqs: number[] = [];
        for (let count = 0; count < 60; count += 1)
          seqs.push((await post(people.alice, conversation, `r${round} m${count}`)).body.seq);
        return seqs;
      })();
      await wait(5 + round * 7);
      const again = await stream(people.bob, 'race', first.lastEventId as string);
      const seqs = await sending;
      const last = seqs.at(-1);
      await again.next('message.posted', {
        where: (data) => (data as { message: { seq: number } }).message.seq === last,
        withinMs: 5_000,
      });
      const got = again.events
        .filter(
          ({ type, data }) =>
            type === 'message.posted' && (data as { conversationId: string }).conversationId === conversation,
        )
        .map(({ data }) => (data as { message: { seq: number } }).message.seq);
      expect(got).toEqual(Array.from({ length: got.length }, (_, at) => (got[0] as number) + at));
      expect(got.at(-1)).toBe(last);
      const ids = again.events.flatMap(({ id }) => (id === null ? [] : [Number(id.split('.')[1])]));
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(new Set(ids).size).toBe(ids.length);
      await again.close();
      expect(got[0], `round ${round}`).toBe(start + 1);
    }
  });

  test.each([
    ['not a cursor', 'not-a-cursor'],
    ['AAAA.1', 'unknown-epoch'],
  ])('[EV23] the cursor “%s” gets one reset and no replay', async (cursor, reason) => {
    const bob = await stream(people.bob, 'reset', cursor);
    const ready = await bob.next<Ready>('ready');
    expect(ready.data.resumed).toBe(false);
    expect((await bob.next('reset')).data).toEqual({ reason });
    await bob.next('presence.snapshot');
    expect(bob.events.map(({ type }) => type)).toEqual(['ready', 'reset', 'presence.snapshot']);
    expect(bob.events.every(({ id }) => id === null)).toBe(true);
    await bob.close();
    // The cursor of `ready` is good.
    const again = await stream(people.bob, 'reset', ready.data.cursor);
    expect((await again.next<Ready>('ready')).data.resumed).toBe(true);
    await again.close();
  });

  test('[EV23] a cursor from the future is of no history we know', async () => {
    const probe = await stream(people.bob, 'future');
    const [epoch] = (await probe.next<Ready>('ready')).data.cursor.split('.');
    await probe.close();
    const bob = await stream(people.bob, 'future', `${epoch}.999999999`);
    expect((await bob.next('reset')).data).toEqual({ reason: 'unknown-epoch' });
    await bob.close();
  });

  test('[EV25] watch lists are put and patched, answer views, and stand apart from the contacts', async () => {
    const erin = await stream(people.carol, 'watch');
    const { streamId } = (await erin.next<Ready>('ready')).data;
    await erin.next('presence.snapshot');
    const put = await people.carol.send<Snapshot>('PUT', `/streams/${streamId}/watch`, {
      ids: [people.bob.id, people.bob.id],
    });
    expect(put.status).toBe(200);
    expect(put.body.items.map(({ id }) => id)).toEqual([people.bob.id]);
    const patched = await people.carol.send<Snapshot>('PATCH', `/streams/${streamId}/watch`, {
      add: [people.alice.id],
      remove: [people.bob.id],
    });
    expect(patched.body.items.map(({ id }) => id)).toEqual([people.alice.id]);
    await people.bob.send('PUT', '/me/note', { text: 'not watched any more' });
    await people.alice.send('PUT', '/me/note', { text: 'watched now' });
    const changed = await erin.next<PresenceView>('presence.changed');
    expect(changed.data).toMatchObject({ id: people.alice.id, note: { text: 'watched now' } });
    await erin.expectNone('presence.changed');
    expect((await people.alice.send('PUT', `/streams/${streamId}/watch`, { ids: [] })).status).toBe(404);
    const stranger = await people.carol.send<Snapshot>('PUT', `/streams/${streamId}/watch`, {
      ids: ['00000000-0000-4000-8000-00000000dead'],
    });
    expect(stranger.body.items).toMatchObject([{ availability: 'unknown' }]);
    await erin.close();
  });

  test('[EV25] 5,000 people are watched, 5,001 are not, and a refused change changes nothing', async () => {
    const carol = await stream(people.carol, 'many');
    const { streamId } = (await carol.next<Ready>('ready')).data;
    const ids = (from: number, count: number) =>
      Array.from(
        { length: count },
        (_, at) => `00000000-0000-4000-9000-${String(from + at).padStart(12, '0')}`,
      );
    for (let from = 0; from < 5_000; from += 1_000)
      expect(
        (await people.carol.send('PATCH', `/streams/${streamId}/watch`, { add: ids(from, 1_000) })).status,
      ).toBe(200);
    expect(
      (await people.carol.send('PATCH', `/streams/${streamId}/watch`, { add: ids(5_000, 1) })).body,
    ).toMatchObject({ status: 422, code: 'too-many-watched' });
    expect(
      (
        await people.carol.send('PATCH', `/streams/${streamId}/watch`, {
          add: ids(5_000, 1),
          remove: ids(0, 1),
        })
      ).status,
    ).toBe(200);
    await carol.close();
  });

  test('[EV26] equal views are not sent again', async () => {
    const bob = await stream(people.bob, 'equal');
    const { streamId } = (await bob.next<Ready>('ready')).data;
    await people.bob.send('PUT', `/streams/${streamId}/watch`, { ids: [people.alice.id] });
    await people.alice.send('PUT', '/me/note', { text: 'first' });
    await bob.next('presence.changed', { where: (data) => (data as PresenceView).note?.text === 'first' });
    await people.alice.send('PUT', '/me/note', { text: 'first' });
    await people.alice.send('PUT', '/me/note', { text: 'first' });
    await bob.expectNone('presence.changed');
    await bob.close();
  });

  test('[EV27] the hidden-from get nothing; a change of relationship is told at once', async () => {
    const bob = await stream(people.bob, 'relationship');
    const { streamId } = (await bob.next<Ready>('ready')).data;
    const alice = await stream(people.alice, 'relationship');
    await alice.next('presence.snapshot');
    await people.bob.send('PUT', `/streams/${streamId}/watch`, { ids: [people.alice.id] });
    await wait(50);
    bob.take();
    await people.alice.send('PUT', `/me/contacts/${people.bob.id}`, { relationship: 'blocked' });
    const hidden = await bob.next<PresenceView>('presence.changed', {
      where: (data) => (data as PresenceView).id === people.alice.id,
    });
    expect(hidden.data).toMatchObject({ availability: 'offline', note: null, activity: null });
    await people.alice.send('PUT', '/me/note', { text: 'secret of the blocked' });
    await people.alice.send('PUT', '/me/presence/preferred', { availability: 'do-not-disturb' });
    await bob.expectNone('presence.changed');
    expect(bob.raw).not.toContain('secret of the blocked');
    await people.alice.send('DELETE', '/me/presence/preferred');
    await people.alice.send('PUT', `/me/contacts/${people.bob.id}`, { relationship: 'colleague' });
    const shown = await bob.next<PresenceView>('presence.changed');
    expect(shown.data).toMatchObject({ id: people.alice.id, note: { text: 'secret of the blocked' } });
    await people.alice.send('DELETE', '/me/note');
    await alice.close();
    await bob.close();
  });

  test('[EV30] every stream gets a heartbeat in each fifteen seconds', async () => {
    const streams = await Promise.all(['h1', 'h2', 'h3'].map((endpoint) => stream(people.erin, endpoint)));
    for (const each of streams) await each.next('presence.snapshot');
    for (let second = 0; second < 30; second += 1) {
      clock.advance(1_000);
      await wait(2);
    }
    await wait(30);
    for (const each of streams) {
      expect(each.heartbeats.length).toBe(2);
      await each.close();
    }
  });

  test('[EV31] 40 s without alive and the endpoint is gone for presence; alive brings it back', async () => {
    const watching = await stream(people.bob, 'silence');
    const { streamId } = (await watching.next<Ready>('ready')).data;
    const dave = await stream(people.carol, 'silent');
    const mine = (await dave.next<Ready>('ready')).data.streamId;
    const put = await people.bob.send<Snapshot>('PUT', `/streams/${streamId}/watch`, {
      ids: [people.carol.id],
    });
    expect(put.body.items[0]?.availability).toBe('available');
    const tick = async (seconds: number, alive: boolean) => {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000);
        if (second % 10 === 9) {
          await people.bob.send('POST', `/streams/${streamId}/alive`);
          if (alive) await people.carol.send('POST', `/streams/${mine}/alive`);
        }
      }
      await wait(20);
    };
    await tick(60, true);
    const ofCarol = watching.take('presence.changed').filter(({ data }) => data.id === people.carol.id);
    expect(ofCarol).toEqual([]);
    await tick(45, false);
    const gone = await watching.next<PresenceView>('presence.changed', {
      where: (data) => (data as PresenceView).id === people.carol.id,
    });
    expect(gone.data.availability).toBe('offline');
    expect(dave.isOpen).toBe(true);
    expect((await people.carol.send('POST', `/streams/${mine}/alive`, {})).status).toBe(204);
    const back = await watching.next<PresenceView>('presence.changed', {
      where: (data) => (data as PresenceView).id === people.carol.id,
    });
    expect(back.data.availability).toBe('available');
    await dave.close();
    await watching.close();
  });

  test('[EV33] revoking closes the person’s streams with 4001, and nothing comes after', async () => {
    const victim = await server.as('employee0100@contoso.example').catch(() => people.dave);
    const before = await stream(victim, 'revoked');
    await before.next('presence.snapshot');
    const conversation = await conversationOf(people.bob, victim);
    await people.carol.send('POST', `/admin/users/${victim.id}/revoke`);
    expect((await before.next('closing')).data).toEqual({ code: 4001, retryAfterMs: null });
    await before.closed;
    const count = before.events.length;
    await post(people.bob, conversation, 'after the end');
    await wait(50);
    expect(before.events.length).toBe(count);
    expect((await victim.stream('revoked')).status).toBe(401);
  });

  test('[EV34] the fifth stream of an endpoint closes the oldest; a seventeenth endpoint is refused', async () => {
    const five: EventStreamClient[] = [];
    for (let count = 0; count < 5; count += 1) {
      five.push(await stream(people.erin, 'same'));
      await five.at(-1)!.next('ready');
    }
    expect((await five[0]!.next('closing')).data).toMatchObject({ code: 4002 });
    expect(five.slice(1).every(({ isOpen }) => isOpen)).toBe(true);
    const many: EventStreamClient[] = [];
    for (let count = 0; count < 15; count += 1) {
      many.push(await stream(people.erin, `many-${count}`));
      await many.at(-1)!.next('ready');
    }
    const seventeenth = await people.erin.stream('one-too-many');
    await seventeenth.closed;
    expect(seventeenth.raw).toContain('too-many-endpoints');
    for (const each of [...five, ...many]) await each.close();
  });

  test('[EV37] alive acknowledges up to its cursor; a cursor beyond the log acknowledges nothing', async () => {
    const conversation = await conversationOf(people.alice, people.bob);
    const bob = await stream(people.bob, 'acknowledge');
    const { streamId, cursor } = (await bob.next<Ready>('ready')).data;
    const alice = await stream(people.alice, 'acknowledge');
    await alice.next('presence.snapshot');
    await bob.next('presence.snapshot');
    const { body } = await post(people.alice, conversation, 'delivered?');
    await bob.next('message.posted');
    const [epoch] = cursor.split('.');
    for (const false_ of [`${epoch}.99999999`, 'AAAA.3', 'rubbish'])
      expect((await people.bob.send('POST', `/streams/${streamId}/alive`, { cursor: false_ })).status).toBe(
        204,
      );
    clock.advance(5_000);
    await alice.expectNone('delivered.advanced', 200);
    await people.bob.send('POST', `/streams/${streamId}/alive`, { cursor: bob.lastEventId });
    clock.advance(5_000);
    const delivered = await alice.next('delivered.advanced', { withinMs: 5_000 });
    expect(delivered.data).toEqual({ conversationId: conversation, personId: people.bob.id, seq: body.seq });
    await alice.close();
    await bob.close();
  });

  test('[EV20] what a stream is not fit for is a problem, not a stream', async () => {
    const get = (path: string, headers: Record<string, string>) =>
      server.fetch(`/api/v1/events${path}`, { headers });
    const bearer = { Authorization: `Bearer ${people.alice.token}` };
    expect((await get('?endpoint=x', {})).status).toBe(401);
    expect((await get('', bearer)).status).toBe(400);
    expect((await get('?endpoint=a%20b', bearer)).status).toBe(400);
    expect((await get('?endpoint=x', { ...bearer, Accept: 'application/json' })).status).toBe(400);
  });

  test('[EV20] every event of these tests is of the form the contract gives it', () => {
    let checked = 0;
    for (const client of open)
      for (const { type, data } of client.events) {
        const schema = eventSchemas[type as EventType];
        expect(schema, type).toBeDefined();
        if (type === 'closing') continue;
        expect(schema.safeParse(data), `${type} ${JSON.stringify(data)}`).toMatchObject({ success: true });
        checked += 1;
      }
    expect(checked).toBeGreaterThan(100);
  });
});

describe('end of a stream', () => {
  test('[EV32] an expired token closes with 2001; one renewed in place does not', async () => {
    const clock = createManualClock(Date.UTC(2026, 10, 2, 12));
    const server = await startServer({ JELLYBEAN_TOKEN_LIFETIME_SECONDS: '60' }, { clock });
    const first = await server.as('alice');
    const [kept, dropped] = [await first.stream('kept'), await first.stream('dropped')];
    const { streamId } = (await kept.next<Ready>('ready')).data;
    await dropped.next('presence.snapshot');
    clock.advance(30_000);
    const fresh = await server.as('alice');
    expect((await fresh.send('POST', `/streams/${streamId}/token`)).status).toBe(204);
    clock.advance(31_000);
    expect((await dropped.next('closing')).data).toEqual({ code: 2001, retryAfterMs: 0 });
    await kept.expectNone('closing', 50);
    expect(kept.isOpen).toBe(true);
    clock.advance(30_000);
    await kept.next('closing');
    await server.stop();
  });

  test('[EV35] shutdown ends every stream with 1001 and a jittered wait', async () => {
    const server = await startServer();
    const streams = [];
    for (const name of ['alice', 'bob', 'carol']) {
      const person = await server.as(name);
      for (const endpoint of ['1', '2']) {
        const client = await person.stream(endpoint);
        await client.next('presence.snapshot');
        streams.push(client);
      }
    }
    const stopped = server.running.stop(3_000);
    const waits = new Set<number>();
    for (const client of streams) {
      const { data } = await client.next<{ code: number; retryAfterMs: number }>('closing');
      expect(data.code).toBe(1001);
      expect(data.retryAfterMs).toBeGreaterThanOrEqual(0);
      expect(data.retryAfterMs).toBeLessThan(3_000);
      waits.add(data.retryAfterMs);
      await client.closed;
    }
    expect(waits.size).toBeGreaterThan(2);
    await stopped;
    await server.stop();
  });
});
