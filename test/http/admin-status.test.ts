import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('[OP20] the status tells the truth about streams, endpoints and the log, to administrators only', async () => {
  const [alice, carol] = [await server.as('alice'), await server.as('carol')];
  expect((await alice.get('/admin/status')).status).toBe(403);
  const before = (await carol.get('/admin/status')).body;
  expect(before).toMatchObject({
    trouble: null,
    people: 5_000,
    streams: 0,
    registrations: 0,
    store: { kind: 'sqlite', writable: true },
    nodes: [{ version: expect.stringMatching(/^\d/), leaving: false, self: true }],
  });
  const stream = await alice.stream('desk');
  await stream.next('presence.snapshot');
  await alice.send('POST', '/conversations', { participants: [carol.id], firstMessage: { text: 'hello' } });
  const after = (await carol.get('/admin/status')).body as {
    store: { lastSeq: number };
    memoryBytes: number;
  };
  expect(after).toMatchObject({ streams: 1, registrations: 1 });
  expect(after.store.lastSeq).toBeGreaterThan((before as typeof after).store.lastSeq);
  expect(after.memoryBytes).toBeGreaterThan(10_000_000);
  await stream.close();
});
