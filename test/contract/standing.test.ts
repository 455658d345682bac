/** The moment between asking whether a person still stands and remembering the answer. */
import { expect, test } from 'vitest';
import { createDemoIdentity } from '../../server/adapters/identity/demo.ts';
import { ids, openParts, personNamed } from '../support/identity-parts.ts';

test('[ID14] a revocation that falls between reading the standing and remembering the token is not lost', async () => {
  const parts = await openParts({});
  const { store, directory, bus, clock } = parts;
  await store.transaction([], (tx) => tx.accounts.putPeople([personNamed(ids.alice, 'alice')]));
  let arrived = () => {};
  let release = () => {};
  let holding: Promise<void> | null = null;
  /** Answers what was true when it was asked, as late as the test wants. */
  const slow = {
    transaction: store.transaction,
    accounts: {
      ...store.accounts,
      standing: async (id: typeof ids.alice) => {
        const standing = await store.accounts.standing(id);
        arrived();
        const held = holding;
        holding = null;
        await held;
        return standing;
      },
    },
  };
  const identity = await createDemoIdentity({
    store: slow,
    directory,
    bus,
    clock,
    key: Buffer.alloc(32, 1).toString('base64url'),
    tokenLifetimeSeconds: 3_600,
  });
  const { token } = (await identity.issue('alice@contoso.example')) as { token: string };
  holding = new Promise((resolve) => {
    release = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const verifying = Promise.resolve(identity.verify(token));
  await asked;
  await identity.revoke(ids.alice);
  release();
  await expect(verifying).rejects.toMatchObject({ code: 'token-revoked' });
  await expect(Promise.resolve(identity.verify(token))).rejects.toMatchObject({ code: 'token-revoked' });
  await parts.dispose();
});

test('[ID27] between nodes a remembered token that is in use is asked for again, so that a lost notice is not for ever', async () => {
  const parts = await openParts({});
  const { store, directory, clock } = parts;
  await store.transaction([], (tx) => tx.accounts.putPeople([personNamed(ids.alice, 'alice')]));
  let asked = 0;
  const identity = await createDemoIdentity({
    store: {
      transaction: store.transaction,
      accounts: {
        ...store.accounts,
        standings: (given) => {
          asked += 1;
          return store.accounts.standings(given);
        },
      },
    },
    directory,
    // What is said on it reaches nobody.
    bus: { ...parts.bus, isShared: true },
    clock,
    key: Buffer.alloc(32, 1).toString('base64url'),
    tokenLifetimeSeconds: 3_600,
  });
  const { token } = (await identity.issue('alice@contoso.example')) as { token: string };
  const inUse = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await identity.verify(token);
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
  };
  await inUse(100);
  expect(asked).toBe(3);
  await store.transaction([], (tx) => tx.accounts.putStanding(ids.alice, { generation: 5, disabled: false }));
  await expect(inUse(35)).rejects.toMatchObject({ code: 'token-revoked' });
  await parts.dispose();
});
