/** Mailboxes that are read in their owners' names: an exchange of what somebody signed in with, on a tenant that grants the application nothing. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGraphClient } from '../../server/adapters/graph/client.ts';
import { createDelegation } from '../../server/adapters/graph/delegation.ts';
import type { UserId } from '../../server/domain/ids.ts';
import type { OwnPresence } from '../../server/protocol/presence.ts';
import { createManualClock, type ManualClock, noon } from '../support/clock.ts';
import { type EntraServer, startEntraServer } from '../support/entra-server.ts';
import {
  type GraphTenant,
  startGraphTenant,
  tenantClientId,
  tenantId,
  tenantSecret,
  tenantSettings,
} from '../support/graph-tenant.ts';
import type { Person } from '../support/server.ts';

const minuteMs = 60_000;
const at = (minutes: number) => new Date(noon + minutes * minuteMs).toISOString();
const soon = { timeout: 25_000, interval: 25 };

describe('a server that reads in people’s names', () => {
  let tenant: GraphTenant;
  let clock: ManualClock;
  let server: EntraServer;

  beforeEach(async () => {
    tenant = await startGraphTenant();
    tenant.delegatedAlone = true;
    clock = createManualClock();
    server = await startEntraServer(
      { ...tenantSettings(tenant, 'calendar'), JELLYBEAN_GRAPH_MAILBOXES: 'delegated' },
      { clock },
    );
  });
  afterEach(async () => {
    await server.stop();
    expect(tenant.complaints).toEqual([]);
    await tenant.stop();
  });

  const comes = async (name: string, claims: Record<string, unknown> = {}) => {
    const person = await server.as(name, claims);
    tenant.put({ id: person.id, displayName: name, mail: person.address, userPrincipalName: person.address });
    tenant.setEvents(person.address, [{ start: at(-30), end: at(60), status: 'busy', subject: 'Budget' }]);
    return person;
  };
  const sources = async (person: Person) =>
    (await person.get<OwnPresence>('/me/presence')).body.sources.filter(({ source }) =>
      source.startsWith('exchange/'),
    );
  const connections = async (person: Person) => (await person.get('/me/connections')).body;
  const until = (check: () => Promise<void>) =>
    vi.waitFor(async () => {
      clock.advance(15_000);
      await check();
    }, soon);

  test('[GR23] the calendar of whoever is signed in is read with an exchanged token, and nobody else’s is', async () => {
    const alice = await comes('alice');
    tenant.setEvents(alice.address, [{ start: at(-30), end: at(600), status: 'busy' }]);
    tenant.put({ id: 'c', displayName: 'C', mail: 'c@contoso.example', userPrincipalName: 'c' });
    await until(async () => expect(await sources(alice)).toMatchObject([{ kind: 'calendar' }]));
    expect(tenant.exchanged()).toBe(1);
    for (const { path } of tenant.calls) expect(path).toContain(`/users/${alice.id}/`);

    // With the same bearer nothing is exchanged again; with the next one it is when the token has run out.
    clock.advance(50 * minuteMs);
    const renewed = await server.as('alice', { uti: 'renewed' });
    expect(tenant.exchanged()).toBe(1);
    clock.advance(20 * minuteMs);
    tenant.forgetCalls();
    await until(async () => expect(tenant.exchanged()).toBe(2));
    await until(async () => expect(await sources(renewed)).toMatchObject([{ expiresAt: at(600) }]));
    expect((await renewed.send('PUT', '/me/connections', { exchange: false })).status).toBe(200);
    expect(await sources(renewed)).toEqual([]);
  });

  test('[GR24] without consent nothing is read and the settings say so; it is tried again with the next sign-in', async () => {
    tenant.mayReadOnBehalf = false;
    const alice = await comes('alice');
    expect(await connections(alice)).toEqual({ exchange: true, teams: null });
    await until(async () =>
      expect(await connections(alice)).toEqual({
        exchange: true,
        teams: null,
        exchangeState: 'consent-missing',
      }),
    );
    expect(await sources(alice)).toEqual([]);
    expect(tenant.calls).toEqual([]);
    expect(tenant.exchanged()).toBe(1);
    // Who wants none of it misses no consent.
    const off = await alice.send('PUT', '/me/connections', { exchange: false });
    expect(off.body).toEqual({ exchange: false, teams: null });
    await alice.send('PUT', '/me/connections', { exchange: true });

    tenant.mayReadOnBehalf = true;
    clock.advance(1_000);
    const again = await server.as('alice', { uti: 'again' });
    await until(async () => expect(await sources(again)).toHaveLength(1));
    expect(await connections(again)).toEqual({ exchange: true, teams: null });
  });

  test('[GR25] who is revoked is read no longer, whatever their token would still be good for', async () => {
    const alice = await comes('alice');
    const root = await comes('root', { roles: ['Admin'] });
    await until(async () => {
      expect(await sources(alice)).toHaveLength(1);
      expect(await sources(root)).toHaveLength(1);
    });
    expect((await root.send('POST', `/admin/users/${alice.id}/revoke`, {})).status).toBe(204);
    tenant.forgetCalls();
    clock.advance(20 * minuteMs);
    // Both would be read a minute before their meeting ends, in one round: calendars first, then replies.
    await until(async () =>
      expect(tenant.calls.map(({ path }) => path)).toContain(`/v1.0/users/${root.id}/mailboxSettings`),
    );
    for (const { path } of tenant.calls) expect(path).not.toContain(alice.id);
  });
});

describe('what is held for somebody', () => {
  let tenant: GraphTenant;
  let clock: ManualClock;
  let delegation: ReturnType<typeof createDelegation>;
  let reached: UserId[];
  const alice = 'a0000000-0000-4000-8000-000000000001' as UserId;
  const bob = 'b0000000-0000-4000-8000-000000000001' as UserId;
  const assertionOf = (oid: string, aud = tenantClientId) =>
    `e30.${Buffer.from(JSON.stringify({ oid, aud })).toString('base64url')}.signature`;
  const mailboxes = [alice, bob].map((userId) => ({ userId, address: `${userId}@contoso.example` }));
  const schedules = () => delegation.source.schedules(mailboxes, noon, noon + 60 * minuteMs);
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => null,
      (error: unknown) => error,
    );

  beforeEach(async () => {
    tenant = await startGraphTenant();
    clock = createManualClock();
    const account = {
      authority: tenant.url,
      tenant: tenantId,
      clientId: tenantClientId,
      clientSecret: tenantSecret,
      resource: tenant.url,
    };
    const graph = createGraphClient({
      url: tenant.url,
      token: () => Promise.reject(new Error('the application has no token')),
      clock,
      chance: () => 0.5,
    });
    delegation = createDelegation({ account, graph, clock });
    reached = [];
    delegation.onReach((id) => reached.push(id));
    for (const id of [alice, bob])
      tenant.put({
        id,
        displayName: id,
        mail: `${id}@contoso.example`,
        userPrincipalName: `${id}@contoso.example`,
      });
  });
  afterEach(async () => {
    delegation.close();
    expect(clock.waiting).toBe(0);
    await tenant.stop();
  });

  test('[GR23] each is asked for with their own token, once while it lasts, and who never came not at all', async () => {
    delegation.came(alice, assertionOf(alice), noon + 60 * minuteMs);
    expect(await schedules()).toEqual([[], undefined]);
    delegation.came(bob, assertionOf(bob), noon + 60 * minuteMs);
    expect(await schedules()).toEqual([[], []]);
    expect(await delegation.source.replies([alice, bob])).toEqual([null, null]);
    expect(tenant.exchanged()).toBe(2);
    expect(reached).toEqual([alice, bob]);
    // Refused by Graph alone: another is fetched the next time, and nobody else waits for it.
    tenant.revokeTokens();
    expect(await schedules()).toEqual([undefined, undefined]);
    expect(await schedules()).toEqual([[], []]);
    expect(tenant.exchanged()).toBe(4);
  });

  test('[GR23] throttled for one, all of Graph is left alone, as with any other call', async () => {
    delegation.came(alice, assertionOf(alice), noon + 60 * minuteMs);
    tenant.instead = [
      { status: 429, headers: { 'Retry-After': '60' }, body: { error: { code: 'x', message: 'y' } } },
    ];
    expect(await failure(schedules())).toMatchObject({ kind: 'wait' });
    const calls = tenant.calls.length;
    expect(await failure(schedules())).toMatchObject({ kind: 'wait' });
    expect(tenant.calls.length).toBe(calls);
    clock.advance(70_000);
    expect(await schedules()).toEqual([[], undefined]);
  });

  test('[GR25] it ends with its time and with its person, is never said, and an assertion for others is worth nothing', async () => {
    const foreign = assertionOf(alice, 'another application');
    delegation.came(alice, foreign, noon + 60 * minuteMs);
    expect(await schedules()).toEqual([undefined, undefined]);
    expect(delegation.reaches(alice)).toBe(false);

    tenant.away = true;
    const assertion = assertionOf(bob);
    delegation.came(bob, assertion, noon + 60 * minuteMs);
    const error = await failure(schedules());
    expect(error).toMatchObject({ kind: 'wait' });
    expect(JSON.stringify([String(error), error, (error as Error).cause])).not.toContain(assertion);
    tenant.away = false;
    // Signed out while the exchange is under way: what comes of it is not used.
    tenant.slowMs = 100;
    const late = schedules();
    delegation.left(bob);
    expect(await late).toEqual([undefined, undefined]);
    expect(tenant.calls).toEqual([]);
    tenant.slowMs = 0;

    delegation.came(alice, assertionOf(alice), noon + 10 * minuteMs);
    await schedules();
    expect(delegation.reaches(alice)).toBe(true);
    clock.advance(61 * minuteMs);
    expect(delegation.reaches(alice)).toBe(false);
    expect(clock.waiting).toBe(0);
  });
});
