import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoIds } from '../../server/adapters/directory/demo.ts';
import type { PresenceView } from '../../server/protocol/presence.ts';
import { createManualClock } from '../support/clock.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

type Contact = { person: { id: string; address: string }; view: PresenceView };

describe('demo life', () => {
  let server: TestServer;
  let alice: Person;
  const clock = createManualClock();
  beforeAll(async () => {
    server = await startServer({ JELLYBEAN_DEMO_LIFE: 'on' }, { clock });
    alice = await server.as('alice');
  });
  afterAll(() => server.stop());

  const colleagues = async () => {
    const { body } = await alice.get<{ items: Contact[] }>('/me/contacts');
    return body.items.filter(({ person }) => !/^(bob|dave)@/.test(person.address));
  };

  test('[CF9] the first screen shows several states, and one of them changes with time', async () => {
    const before = await colleagues();
    expect(new Set(before.map(({ view }) => view.availability)).size).toBeGreaterThanOrEqual(4);
    expect(before.some(({ view }) => view.outOfOffice !== null)).toBe(true);
    const texts = new Set<string>();
    for (let step = 0; step < 30; step += 1) {
      clock.advance(20_000);
      texts.add((await colleagues()).map(({ view }) => view.text).join());
    }
    expect(texts.size).toBeGreaterThan(10);
  });

  test('[CF9] the cast and most colleagues have a face, which is a picture that may be a photo', async () => {
    const shown = (await colleagues()).map(({ person }) => person.id);
    const ids = [...Object.values(demoIds), ...shown];
    const people = await Promise.all(
      ids.map(async (id) => (await alice.get<{ id: string; photo: string | null }>(`/people/${id}`)).body),
    );
    const tags = people.map(({ photo }) => photo).filter((tag) => tag !== null);
    // Somebody external is seen by name alone.
    expect(people.slice(0, 5).map(({ photo }) => photo !== null)).toEqual([true, true, true, true, false]);
    expect(tags.length).toBeGreaterThan(10);
    expect(tags.length).toBeLessThan(people.length);
    // No two look alike.
    expect(new Set(tags).size).toBe(tags.length);
    const photo = await fetch(`${server.http}/api/v1/people/${demoIds.bob}/photo`, {
      headers: { Authorization: `Bearer ${alice.token}` },
    });
    expect(photo.headers.get('Content-Type')).toBe('image/png');
    expect(
      Buffer.from(await photo.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  test('[CF9] a colleague belongs to whoever signs in as them, and the cast is not played', async () => {
    const here = (await colleagues()).find(({ view }) => view.availability !== 'offline') as Contact;
    const colleague = await server.as(here.person.address);
    const stateOf = async (id: string) =>
      (await alice.get<PresenceView>(`/presence/${id}`)).body.availability;
    expect(await stateOf(here.person.id)).toBe('offline');
    const stream = await colleague.stream('desk');
    await stream.next('presence.snapshot');
    expect(await stateOf(here.person.id)).toBe('available');
    await colleague.send('DELETE', '/me/endpoints/desk');
    for (let step = 0; step < 30; step += 1) {
      clock.advance(20_000);
      expect(await stateOf(here.person.id)).toBe('offline');
    }
    for (const name of ['bob', 'carol', 'erin'])
      expect(await stateOf((await server.as(name)).id)).toBe('offline');
  });
});
