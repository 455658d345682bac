/** Two versions side by side: a rolling upgrade under traffic, and what an older program meets on the way. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStore } from '../../server/adapters/storage/open.ts';
import { hasPostgres, postgresSchema, runOn } from '../contract/stores.ts';
import { createManualClock } from '../support/clock.ts';
import { startCluster } from '../support/cluster.ts';
import { hasNats } from '../support/nats.ts';
import { asNextVersion, makeNextVersion, nextMigration } from '../support/next-version.ts';
import { skipUnless } from '../support/skip.ts';
import { judge } from './history.ts';
import { chanceFrom, type Person, Rehearsal } from './rehearsal.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

interface Status {
  readonly version: string;
  readonly nodes: readonly { readonly version: string | null; readonly self: boolean }[];
}

skipUnless(hasPostgres && hasNats, 'no PostgreSQL or no NATS for tests answers')('two versions', () => {
  test('[CL8] a rolling upgrade under traffic, with a step back on the way: nothing is lost or doubled, and each node says what it runs', async () => {
    const next = await makeNextVersion();
    const cluster = await startCluster(2, { env: { JELLYBEAN_DRAIN_SECONDS: '1' } });
    try {
      const rehearsal = new Rehearsal(() => cluster.nodes.map(({ http }) => http), chanceFrom(1));
      const names = ['alice', 'bob', 'carol', 'dave', 'angeles.fernandez', 'noa.bendavid'];
      const people: Person[] = [];
      for (const name of names) people.push(await rehearsal.signIn(`${name}@contoso.example`));
      await Promise.all(people.map((person) => rehearsal.follow(person)));
      const talks: { id: string; people: Person[] }[] = [];
      for (const three of [people.slice(0, 3), people.slice(3)]) {
        const [first, ...others] = three as [Person, ...Person[]];
        const { id } = await rehearsal.insist<{ id: string }>(first.token, 'POST', '/conversations', {
          participants: others.map((person) => person.id),
          subject: `talk ${talks.length}`,
        });
        talks.push({ id, people: three });
        rehearsal.send(first, id, 50);
      }
      const admin = people[2] as Person;
      const statusOf = async (node: number): Promise<Status> => {
        const base = cluster.nodes[node]!.http;
        return (await rehearsal.call<Status>(base, admin.token, 'GET', '/admin/status')).body;
      };
      const now = (await statusOf(0)).version;
      /** All that stand say which versions stand, and everybody goes on talking. */
      const stand = async (...versions: string[]) => {
        for (const node of [0, 1])
          await vi.waitFor(
            async () => {
              const { version, nodes } = await statusOf(node);
              expect(version).toBe(versions[node]);
              const living = nodes.filter((one) => !('leaving' in one && one.leaving));
              expect(living.map((one) => one.version).toSorted()).toEqual(versions.toSorted());
            },
            { timeout: 60_000, interval: 200 },
          );
        const before = rehearsal.acknowledged.length;
        const more = () => expect(rehearsal.acknowledged.length).toBeGreaterThan(before + 30);
        await vi.waitFor(more, { timeout: 60_000, interval: 50 });
      };
      const replace = async (place: number, command?: readonly string[]) => {
        await cluster.nodes[place]?.end('SIGTERM');
        await cluster.join(place, command);
      };

      await stand(now, now);
      await replace(0, next.command);
      await stand(next.version, now);
      // The older one is killed and starts again, on the database that the newer one has changed.
      await cluster.nodes[1]?.end('SIGKILL');
      await cluster.join(1);
      await vi.waitFor(async () => expect((await statusOf(1)).version).toBe(now), { timeout: 60_000 });
      await replace(1, next.command);
      await vi.waitFor(async () => expect((await statusOf(1)).version).toBe(next.version), {
        timeout: 60_000,
      });
      // Back to the older one, with all that the newer one wrote.
      await replace(0);
      const before = rehearsal.acknowledged.length;
      await vi.waitFor(() => expect(rehearsal.acknowledged.length).toBeGreaterThan(before + 30), {
        timeout: 60_000,
      });
      await rehearsal.stopSending();

      const isComplete = () => {
        for (const { id, people: three } of talks) {
          const last = rehearsal.acknowledged.findLast((one) => one.conversation === id)!;
          for (const person of three)
            expect(
              rehearsal.received
                .get(person.id)
                ?.some((one) => one.conversation === id && one.seq >= last.seq),
            ).toBe(true);
        }
      };
      await vi.waitFor(isComplete, { timeout: 60_000, interval: 100 });
      await rehearsal.end();
      const conversations = new Map<
        string,
        { people: string[]; onNodes: Awaited<ReturnType<Rehearsal['stored']>>[] }
      >();
      for (const { id, people: three } of talks)
        conversations.set(id, {
          people: three.map((person) => person.id),
          onNodes: await Promise.all(
            cluster.nodes.map(({ http }) => rehearsal.stored(http, three[0] as Person, id)),
          ),
        });
      expect([...rehearsal.failures, ...judge(rehearsal.history(conversations))]).toEqual([]);
      // Nobody stumbled over what they heard of tomorrow.
      for (const node of cluster.nodes) expect(node.output()).not.toMatch(/TypeError|tomorrow/);
    } finally {
      await cluster.dispose();
      await next.remove();
    }
  });
});

skipUnless(hasPostgres, 'no PostgreSQL for tests answers')('a database of the next version', () => {
  let schema: Awaited<ReturnType<typeof postgresSchema>>;
  const clock = createManualClock();
  beforeEach(async () => {
    schema = await postgresSchema();
  });
  afterEach(() => schema.remove());
  const open = () => openStore({ url: schema.url, folder: '', clock });

  test('[ST35] columns that are added under a running program fail nothing that it reads or writes', async () => {
    const store = await open();
    const about = { version: '1', startedAt: 0 };
    const use = async () => {
      await store.nodes.join('node', about);
      // On each of the connections that read.
      for (const ids of await Promise.all(Array.from({ length: 20 }, () => store.nodes.list())))
        expect(ids).toEqual([{ id: 'node', beat: 0, isLeaving: false, ...about }]);
      // A row that is read whole, by the one that writes.
      await store.transaction([], async (tx) => expect(await tx.records.holds()).toEqual([]));
    };
    await use();
    await runOn(schema.url, asNextVersion);
    await use();
    expect(store.healthy()).toBe(true);
    await store.close();
  });

  test('[ST35] a program that is too old for it says so and leaves it alone', async () => {
    await (await open()).close();
    await runOn(schema.url, [
      ...asNextVersion,
      `update schema_migration set works_from = ${nextMigration.number} where number = ${nextMigration.number}`,
    ]);
    await expect(open()).rejects.toThrow(
      `works with programs from schema ${nextMigration.number} on; this one knows ${nextMigration.number - 1}`,
    );
  });
});
