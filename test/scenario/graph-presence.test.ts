/** Meetings, absences and Teams presence from Microsoft 365, and what is shown when it falls silent. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OwnPresence } from '../../server/protocol/presence.ts';
import { createManualClock, type ManualClock, noon } from '../support/clock.ts';
import { type EntraServer, startEntraServer } from '../support/entra-server.ts';
import { type GraphTenant, startGraphTenant, tenantSettings } from '../support/graph-tenant.ts';
import type { Person } from '../support/server.ts';
import type { EventStreamClient } from '../support/sse-client.ts';

const minuteMs = 60_000;
const at = (minutes: number) => new Date(noon + minutes * minuteMs).toISOString();
const soon = { timeout: 25_000, interval: 25 };

describe('Microsoft 365 as a source of presence', () => {
  let tenant: GraphTenant;
  let clock: ManualClock;
  let server: EntraServer;
  let alice: Person;
  let bob: Person;
  let desk: EventStreamClient;
  let streamId: string;

  beforeEach(async () => {
    tenant = await startGraphTenant();
    clock = createManualClock();
    server = await startEntraServer(tenantSettings(tenant, 'calendar presence'), { clock });
    alice = await server.as('alice');
    bob = await server.as('bob');
    for (const { id, address } of [alice, bob])
      tenant.put({ id, displayName: address, mail: address, userPrincipalName: address });
    desk = await alice.stream('desk');
    streamId = (await desk.next<{ streamId: string }>('ready')).data.streamId;
  });
  afterEach(async () => {
    desk.close();
    await server.stop();
    expect(tenant.complaints).toEqual([]);
    await tenant.stop();
  });

  const own = async (person: Person) => (await person.get<OwnPresence>('/me/presence')).body;
  const sourceOf = async (person: Person, prefix: string) =>
    (await own(person)).sources.filter(({ source }) => source.startsWith(prefix));
  /** Steps of simulated time until something is true; alice's window stays alive and active. */
  const until = (stepMs: number, check: () => Promise<void>) =>
    vi.waitFor(async () => {
      clock.advance(stepMs);
      await alice.send('POST', `/streams/${streamId}/alive`, {});
      await alice.send('PUT', '/me/publications/desk', {
        kind: 'machine',
        availability: 'available',
        idleSeconds: 0,
        expiresInSeconds: 300,
      });
      await check();
    }, soon);

  test('[GR17] meetings make busy from their beginning to their end; tentative, free and private things say no more than they may', async () => {
    tenant.setEvents(alice.address, [
      { start: at(-30), end: at(60), status: 'Busy', subject: 'Budget' },
      { start: at(90), end: at(120), status: 'tentative', subject: 'Maybe' },
      { start: at(130), end: at(150), status: 'workingElsewhere' },
    ]);
    await until(15_000, async () =>
      expect(await own(alice)).toMatchObject({ activity: 'in-a-meeting', until: at(60) }),
    );
    const sources = await sourceOf(alice, 'exchange/');
    expect(sources).toHaveLength(1);
    expect(sources[0]).toMatchObject({ kind: 'calendar', decides: true, expiresAt: at(60) });
    // Our own Graph calls are of at most twenty, and everybody's mailbox was asked.
    expect(tenant.calls.filter(({ path }) => path.endsWith('/getSchedule')).length).toBeGreaterThan(0);
  });

  test('[GR17] automatic replies are an absence, with their words and their end', async () => {
    tenant.setReplies(alice.id, {
      status: 'Scheduled',
      start: at(-60).replace('.000', ''),
      end: at(24 * 60).replace('.000', ''),
      message:
        '<html><style>p{}</style><body><p>On leave &amp; hiking</p><p>Ask <b>Bob</b></p></body></html>',
    });
    tenant.setReplies(bob.id, {
      status: 'scheduled',
      start: at(600).replace('.000', ''),
      end: at(700).replace('.000', ''),
      message: 'later',
    });
    await until(15_000, async () =>
      expect((await own(alice)).outOfOffice).toEqual({
        until: at(24 * 60),
        note: 'On leave & hiking\nAsk Bob',
      }),
    );
    await until(15_000, async () => expect(await sourceOf(bob, 'exchange/')).toHaveLength(1));
    expect((await own(bob)).outOfOffice).toBeNull();
  });

  test('[GR18] Teams is one source among others, can be switched off, and then nothing of it is left', async () => {
    tenant.setPresence(bob.id, 'DoNotDisturb', 'Presenting');
    tenant.setPresence(alice.id, 'Busy', 'InACall');
    await until(5_000, async () =>
      expect(await own(bob)).toMatchObject({
        availability: 'do-not-disturb',
        activity: 'presenting',
        until: null,
      }),
    );
    expect(await sourceOf(bob, 'teams/')).toMatchObject([
      { source: 'teams/presence', kind: 'application', availability: 'do-not-disturb', decides: true },
    ]);
    await until(5_000, async () =>
      expect(await own(alice)).toMatchObject({ availability: 'busy', activity: 'in-a-call' }),
    );
    expect((await alice.get('/me/connections')).body).toEqual({ exchange: true, teams: true });
    expect((await alice.send('PUT', '/me/connections', { teams: false })).body).toEqual({
      exchange: true,
      teams: false,
    });
    expect(await sourceOf(alice, 'teams/')).toEqual([]);
    // Bob is heard anew meanwhile, alice is not.
    tenant.setPresence(bob.id, 'Available', 'Available');
    await until(5_000, async () => expect((await own(bob)).availability).toBe('available'));
    expect((await sourceOf(bob, 'teams/'))[0]?.why.text).toMatch(/^Teams has said so since/);
    expect(await sourceOf(alice, 'teams/')).toEqual([]);
    await alice.send('PUT', '/me/connections', { teams: true });
    await until(5_000, async () => expect(await sourceOf(alice, 'teams/')).toHaveLength(1));
  });

  test('[GR19] Graph away: other sources go on, its own part is unknown with its age, and nobody is called offline by it', async () => {
    tenant.setPresence(bob.id, 'Available', 'Available');
    tenant.setPresence(alice.id, 'Busy', 'InACall');
    await until(5_000, async () => {
      expect((await own(bob)).availability).toBe('available');
      expect((await own(alice)).activity).toBe('in-a-call');
    });
    const heard = clock.now();
    tenant.away = true;
    tenant.forgetCalls();
    await until(20_000, async () => expect((await sourceOf(bob, 'teams/'))[0]?.availability).toBe('unknown'));
    const [silent] = await sourceOf(bob, 'teams/');
    expect(silent?.why.code).toBe('source-silent');
    expect(silent?.why.text).toMatch(/not been heard since/);
    expect(Math.abs(Date.parse(silent?.publishedAt ?? '') - heard)).toBeLessThan(2 * minuteMs);
    // Bob has no client here: what Teams last said is not guessed on, and he is not called offline.
    expect((await own(bob)).availability).toBe('unknown');
    // Alice is at her desk, and that is all that is known of her now.
    expect((await own(alice)).availability).toBe('available');

    // Graph comes back lying, then well; it is asked one call at a time, not by everybody at once.
    tenant.away = false;
    tenant.instead = [{ status: 200, body: { value: 'everybody is fine' } }];
    tenant.forgetCalls();
    const before = clock.now();
    await until(20_000, async () => expect((await own(bob)).availability).toBe('available'));
    const minutes = (clock.now() - before) / minuteMs;
    expect(tenant.calls.filter(({ batched }) => !batched).length).toBeLessThan(20 + 8 * minutes);
    expect((await own(alice)).activity).toBe('in-a-call');
  });
});
