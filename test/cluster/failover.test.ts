/** PostgreSQL fails over to a synchronous standby: the nodes stay, and nothing acknowledged is lost. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import {
  missingForStandby,
  type PrivateService,
  startPrivateNats,
  startPrivatePostgres,
  startStandby,
} from '../support/private-services.ts';
import { freePorts, type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';
import { createSwitch } from '../support/switch.ts';
import { judge } from './history.ts';
import { chanceFrom, type Person, Rehearsal } from './rehearsal.ts';

vi.setConfig({ testTimeout: 300_000 });

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

skipUnless(missingForStandby === null, `${missingForStandby} cannot be found`)('failover', () => {
  test.each(['cut', 'silent'] as const)(
    '[CL10] PostgreSQL fails over to its standby (connections %s): first it only reads, then all goes on, and nothing acknowledged is lost',
    async (how) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-failover-'));
      chmodSync(folder, 0o711);
      const services: PrivateService[] = [];
      const nodes: ServerProcess[] = [];
      const [first = 0, second = 0, natsPort = 0] = await freePorts(3);
      const turn = await createSwitch(first);
      try {
        const primary = await startPrivatePostgres(folder, first);
        services.push(primary);
        const answering = async (url: string) =>
          vi.waitFor(() => ask(url, 'select 1'), { timeout: 60_000, interval: 200 });
        await answering(primary.url);
        const standby = await startStandby(folder, first, second);
        services.push(standby);
        await answering(standby.url);
        // From here on a commit is answered when the standby has it.
        await ask(primary.url, `alter system set synchronous_standby_names = '*'`);
        await ask(primary.url, 'select pg_reload_conf()');
        await vi.waitFor(
          async () =>
            expect(await ask(primary.url, 'select sync_state from pg_stat_replication')).toEqual([
              { sync_state: 'sync' },
            ]),
          { timeout: 60_000, interval: 200 },
        );
        const bus = await startPrivateNats(natsPort);
        services.push(bus);
        for (let node = 0; node < 2; node += 1)
          nodes.push(
            await startServerProcess(path.join(folder, 'files'), {
              env: {
                JELLYBEAN_STORE: `postgres://jellybean@127.0.0.1:${turn.port}/postgres`,
                JELLYBEAN_BUS: bus.url,
                JELLYBEAN_RATE_FACTOR: '0',
              },
            }),
          );

        const rehearsal = new Rehearsal(() => nodes.map(({ http }) => http), chanceFrom(2));
        const people: Person[] = [];
        for (const name of ['alice', 'bob', 'carol'])
          people.push(await rehearsal.signIn(`${name}@contoso.example`));
        await Promise.all(people.map((person) => rehearsal.follow(person)));
        const [alice, bob, carol] = people as [Person, Person, Person];
        const { id } = await rehearsal.insist<{ id: string }>(alice.token, 'POST', '/conversations', {
          participants: [bob.id, carol.id],
          subject: 'through it all',
        });
        rehearsal.send(alice, id, 50);
        const goOn = async () => {
          const before = rehearsal.acknowledged.length;
          const more = () => expect(rehearsal.acknowledged.length).toBeGreaterThan(before + 30);
          await vi.waitFor(more, { timeout: 120_000, interval: 50 });
        };
        await goOn();

        turn.turnTo(second, how);
        await primary.stop('SIGKILL');
        // The standby answers, and takes nothing: who writes is told to come back, who reads is served.
        for (const { http } of nodes) {
          await vi.waitFor(
            async () => {
              const sent = await rehearsal.call<{ code: string }>(
                http,
                bob.token,
                'POST',
                `/conversations/${id}/messages`,
                { text: 'while nothing is taken' },
              );
              expect([sent.status, sent.body.code]).toEqual([503, 'store-unavailable']);
              expect((await fetch(`${http}/readyz`)).status).toBe(503);
              expect((await rehearsal.stored(http, carol, id)).length).toBeGreaterThan(30);
            },
            { timeout: 120_000, interval: 200 },
          );
        }
        await ask(standby.url, 'select pg_promote(true, 60)');
        await goOn();
        await rehearsal.stopSending();

        for (const { http } of nodes)
          await vi.waitFor(async () => expect((await fetch(`${http}/readyz`)).status).toBe(200), {
            timeout: 60_000,
          });
        const last = rehearsal.acknowledged.at(-1)!;
        await vi.waitFor(
          () => {
            for (const person of people)
              expect(rehearsal.received.get(person.id)?.some(({ seq }) => seq >= last.seq)).toBe(true);
          },
          { timeout: 60_000, interval: 100 },
        );
        await rehearsal.end();
        const onNodes = await Promise.all(nodes.map(({ http }) => rehearsal.stored(http, alice, id)));
        const history = rehearsal.history(
          new Map([[id, { people: people.map((person) => person.id), onNodes }]]),
        );
        expect([...rehearsal.failures, ...judge(history)]).toEqual([]);
        expect(nodes.map(({ process }) => process.exitCode)).toEqual([null, null]);
      } finally {
        for (const node of nodes) await node.end('SIGKILL');
        await turn.close();
        for (const service of services) await service.stop('SIGQUIT');
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
