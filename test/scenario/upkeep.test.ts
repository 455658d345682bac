/** The store of a server that runs for weeks. */
import { expect, test } from 'vitest';
import { createUpkeep } from '../../server/services/upkeep.ts';
import { alice, stores } from '../contract/stores.ts';

test('[EV7] what is past keeping is forgotten within the hour, again and again, and after a failure', async () => {
  const under = await stores[0]!.open();
  const { store, clock } = under;
  const errors: unknown[] = [];
  let fails = false;
  const upkeep = createUpkeep({
    store: { ...store, prune: () => (fails ? Promise.reject(new Error('away')) : store.prune()) },
    clock,
    onError: (error) => errors.push(error),
  });
  upkeep.start();
  const append = () =>
    store.transaction([], async (tx) => {
      tx.appendEvent({ type: 'read.advanced', recipients: [alice], body: {} });
    });
  const hour = 3_600_000;
  const forgotten = (through: number) => expect.poll(() => store.events.completeAfter(alice)).toBe(through);

  /** Time goes on, and the round that falls due within it has ended. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    await expect.poll(() => clock.waiting).toBe(1);
  };

  await append();
  await pass(hour);
  await pass(14 * 24 * hour - hour);
  expect(await store.events.completeAfter(alice)).toBe(0);
  await pass(hour);
  await forgotten(1);

  await append();
  fails = true;
  await pass(15 * 24 * hour);
  expect(errors).toHaveLength(1);
  fails = false;
  await pass(hour);
  await forgotten(2);
  await upkeep.close();
  expect(clock.waiting).toBe(0);
  await under.dispose();
});
