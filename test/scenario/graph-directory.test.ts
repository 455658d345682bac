/** The directory from Microsoft 365, through a tenant on loopback that has all of Graph's moods. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFileDirectory } from '../../server/adapters/directory/file.ts';
import { createStoredDirectory } from '../../server/adapters/directory/stored.ts';
import { openGraph } from '../../server/adapters/graph/open.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import type { UserId } from '../../server/domain/ids.ts';
import { SourceFailure } from '../../server/domain/source-failure.ts';
import type { Directory } from '../../server/ports/directory.ts';
import type { ListChange, PeopleSource } from '../../server/ports/people-source.ts';
import type { Store } from '../../server/ports/store.ts';
import { createDirectorySync } from '../../server/services/directory-sync.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import { startEntraServer } from '../support/entra-server.ts';
import {
  type GraphTenant,
  startGraphTenant,
  type TenantGroup,
  type TenantUser,
  tenantClientId,
  tenantId,
  tenantSecret,
  tenantSettings,
} from '../support/graph-tenant.ts';

const idOf = (at: number) => `${String(at).padStart(8, '0')}-0000-4000-8000-000000000000` as UserId;
const userOf = (at: number, more: Partial<TenantUser> = {}): TenantUser => ({
  id: idOf(at),
  displayName: `Person ${at}`,
  mail: `Person.${at}@contoso.example`,
  userPrincipalName: `p${at}@contoso.example`,
  proxyAddresses: [
    `SMTP:Person.${at}@contoso.example`,
    `smtp:old.${at}@contoso.example`,
    `sip:p${at}@contoso.example`,
  ],
  jobTitle: 'Engineer',
  department: 'Research',
  businessPhones: ['+49 30 1'],
  mobilePhone: null,
  ...more,
});
/** One white pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);
const soon = { timeout: 20_000, interval: 20 };

describe('a directory that follows its source', () => {
  let tenant: GraphTenant;
  let folder: string;
  let clock: ManualClock;
  let store: Store;
  let directory: Directory;
  let disabled: Map<UserId, boolean>;
  let errors: unknown[];
  let sync: ReturnType<typeof createDirectorySync>;

  const begin = (source?: PeopleSource, nodeId = 'one') => {
    const graph = openGraph(
      {
        authority: tenant.url,
        tenant: tenantId,
        clientId: tenantClientId,
        clientSecret: tenantSecret,
        url: tenant.url,
      },
      { clock, chance: () => 0.5 },
    );
    sync = createDirectorySync({
      source: source ?? graph.people,
      store,
      directory,
      identity: { setDisabled: async (id, is) => void disabled.set(id, is) },
      clock,
      nodeId,
      onError: (error) => errors.push(error),
      chance: () => 0.5,
    });
    sync.start();
    clock.advance(0);
  };
  const people = () => store.accounts.count();
  const nameOf = async (at: number) => (await store.accounts.people([idOf(at)]))[0]?.displayName ?? null;
  const following = () =>
    vi.waitFor(() => expect(sync.progress()).toMatchObject({ phase: 'following', problem: null }), soon);
  /** Time goes on until something is true: what waits on the network waits in real time. */
  const advancing = (ms: number, check: () => unknown) =>
    vi.waitFor(async () => {
      clock.advance(ms);
      await check();
    }, soon);

  beforeEach(async () => {
    tenant = await startGraphTenant();
    folder = await mkdtemp(path.join(tmpdir(), 'jellybean-graph-'));
    clock = createManualClock();
    store = await openStore({ url: 'sqlite:', folder, clock });
    directory = createStoredDirectory(store.accounts, clock);
    disabled = new Map();
    errors = [];
  });
  afterEach(async () => {
    await sync.close();
    expect(tenant.complaints).toEqual([]);
    await tenant.stop();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('[GR10] everybody is loaded in pages, then changes alone', async () => {
    for (let at = 1; at <= 250; at += 1) tenant.put(userOf(at, at > 1 ? { managerId: idOf(1) } : {}));
    tenant.put(userOf(251, { userType: 'Guest', mail: null, proxyAddresses: [] }));
    begin();
    await following();
    expect(await people()).toBe(251);
    expect(sync.progress().loaded).toBe(251);
    expect(
      (
        await store.accounts.resolve([
          'old.7@contoso.example',
          'sip:P7@contoso.example',
          'p7@contoso.example',
        ])
      ).map((one) => one?.id),
    ).toEqual([idOf(7), idOf(7), idOf(7)]);
    expect(await store.accounts.people([idOf(7), idOf(251)])).toMatchObject([
      {
        displayName: 'Person 7',
        address: 'person.7@contoso.example',
        title: 'Engineer',
        managerId: idOf(1),
        phones: { work: '+49 30 1', mobile: null },
        external: false,
      },
      { address: 'p251@contoso.example', external: true },
    ]);
    // Three pages of people, one of groups.
    expect(tenant.calls).toHaveLength(4);

    tenant.forgetCalls();
    tenant.change(idOf(7), { displayName: 'Person Seven', managerId: null });
    tenant.put(userOf(300));
    await advancing(5 * 60_000, async () => expect(await nameOf(7)).toBe('Person Seven'));
    await following();
    expect((await directory.persons([idOf(7)]))[0]?.managerId).toBeNull();
    expect(await nameOf(300)).toBe('Person 300');
    for (const { path: called } of tenant.calls) expect(called).toContain('deltatoken');
  });

  test('[GR11] throttled, failing and restarted, it goes on where it stopped', async () => {
    for (let at = 1; at <= 450; at += 1) tenant.put(userOf(at));
    const throttled = {
      status: 429,
      headers: { 'Retry-After': '120' },
      body: { error: { code: 'TooManyRequests', message: 'slow down' } },
    };
    tenant.instead = [null, null, throttled];
    begin();
    await vi.waitFor(() => expect(sync.progress().problem).toMatch(/429/), soon);
    expect(await people()).toBe(200);
    const before = tenant.calls.length;
    // As long as it was asked to stay away, it does.
    clock.advance(119_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(tenant.calls.length).toBe(before);
    await sync.close();

    tenant.forgetCalls();
    tenant.instead = [
      { status: 500, body: { error: { code: 'x', message: 'y' } } },
      { status: 200, body: { nonsense: true } },
    ];
    begin();
    await advancing(10_000, () => expect(sync.progress().phase).toBe('following'));
    expect(await people()).toBe(450);
    // Not one page was loaded twice: two failures, the three pages that were left, and one of groups.
    expect(tenant.calls).toHaveLength(6);
    expect(errors.length).toBeGreaterThan(0);
  });

  test('[GR12] who leaves is disabled, who returns is not, and what an administrator decided stands', async () => {
    for (let at = 1; at <= 5; at += 1) tenant.put(userOf(at));
    tenant.put(userOf(6, { accountEnabled: false }));
    begin();
    await following();
    expect([...disabled]).toEqual([[idOf(6), true]]);
    disabled.clear();
    tenant.remove(idOf(2));
    tenant.change(idOf(3), { accountEnabled: false });
    tenant.change(idOf(4), { displayName: 'Still here' });
    await advancing(5 * 60_000, () => expect(disabled.size).toBe(2));
    expect(disabled).toEqual(
      new Map([
        [idOf(2), true],
        [idOf(3), true],
      ]),
    );
    // Person 4 may be disabled here by hand: the directory, which never disabled them, does not enable them.
    tenant.change(idOf(3), { accountEnabled: true });
    tenant.change(idOf(4), { displayName: 'Still here too' });
    await advancing(5 * 60_000, () => expect(disabled.get(idOf(3))).toBe(false));
    expect(disabled.has(idOf(4))).toBe(false);
  });

  test('[GR12] where the place to go on from is forgotten, everybody is loaded anew, and who is missing has left', async () => {
    for (let at = 1; at <= 150; at += 1) tenant.put(userOf(at));
    begin();
    await following();
    // Gone without a trace: a new load does not name them.
    tenant.users.delete(idOf(5));
    tenant.forgetDeltas();
    await advancing(5 * 60_000, () => expect(disabled.get(idOf(5))).toBe(true));
    await following();
    expect(disabled.size).toBe(1);
    expect(await nameOf(5)).toBe('Person 5');
  });

  test('[GR10] photos come twenty at a time; one that is throttled is asked for again', async () => {
    for (let at = 1; at <= 25; at += 1) tenant.put(userOf(at));
    for (const at of [1, 2, 24]) tenant.setPhoto(idOf(at), picture);
    let refusals = 1;
    tenant.insteadOfItem = (url) =>
      url.includes(idOf(2)) && refusals-- > 0 ? { status: 429, headers: { 'Retry-After': '7' } } : null;
    begin();
    await following();
    await advancing(5_000, async () => {
      const found = await Promise.all([1, 2, 24].map((at) => store.accounts.photo(idOf(at))));
      expect(found.every((photo) => photo !== null)).toBe(true);
    });
    expect(await store.accounts.photo(idOf(3))).toBeNull();
    const asked = tenant.calls.filter(({ path: called }) => called.includes('/photos/'));
    expect(asked.filter(({ path: called }) => called.includes(idOf(2)))).toHaveLength(2);
    expect(asked).toHaveLength(26);
  });

  const groupOf = (at: number, more: Partial<TenantGroup> = {}): TenantGroup => ({
    id: idOf(at),
    displayName: `List ${at}`,
    mail: `List.${at}@contoso.example`,
    proxyAddresses: [`SMTP:List.${at}@contoso.example`, `smtp:alias.${at}@contoso.example`],
    visibility: null,
    ...more,
  });
  const onList = async (address: string) => {
    const [found] = await store.accounts.expand([address], 500);
    return found === null ? null : found?.people.map(({ displayName }) => displayName).sort();
  };

  test('[GR22] groups with a mail address come with their members, in pages, and are followed', async () => {
    for (let at = 1; at <= 5; at += 1) tenant.put(userOf(at));
    tenant.pageSize = 2;
    tenant.putGroup(groupOf(90), [idOf(1), idOf(2), idOf(91)]);
    // A list on a list, and one that is on itself by way of the other.
    tenant.putGroup(groupOf(91), [idOf(3), idOf(90)]);
    tenant.putGroup(groupOf(92, { mail: null, proxyAddresses: [] }), [idOf(4)]);
    tenant.putGroup(groupOf(93, { visibility: 'HiddenMembership' }), [idOf(4)]);
    begin();
    await following();
    expect(await onList('list.90@CONTOSO.example')).toEqual(['Person 1', 'Person 2', 'Person 3']);
    expect(await onList('alias.91@contoso.example')).toEqual(['Person 1', 'Person 2', 'Person 3']);
    expect(await store.accounts.lists([idOf(92)])).toEqual([]);
    expect(await store.accounts.expand(['list.93@contoso.example'], 500)).toMatchObject([
      { list: { displayName: 'List 93', isHidden: true }, people: [], total: 0 },
    ]);

    tenant.forgetCalls();
    tenant.changeGroup(
      idOf(90),
      { displayName: 'Renamed', mail: 'new.90@contoso.example', proxyAddresses: [] },
      { added: [idOf(5)], removed: [idOf(1)] },
    );
    tenant.removeGroup(idOf(91));
    await advancing(5 * 60_000, async () =>
      expect(await onList('new.90@contoso.example')).toEqual(['Person 2', 'Person 5']),
    );
    await following();
    expect(await onList('list.90@contoso.example')).toBeNull();
    expect(await onList('list.91@contoso.example')).toBeNull();
    for (const { path: called } of tenant.calls) expect(called).toMatch(/deltatoken|skiptoken/);
  });

  test('[GR22] a list that comes in several parts is one, and a new load takes up none of the last', async () => {
    let load = 0;
    const part = (added: readonly string[], fields: ListChange['fields'] = {}): ListChange => ({
      id: 'large',
      fields,
      added,
      removed: [],
    });
    const someone = (at: number) => ({
      id: idOf(at),
      fields: { displayName: `Person ${at}`, address: `p${at}@contoso.example` },
    });
    begin({
      name: 'parts',
      everyMs: 60_000,
      async page(from) {
        if (from === 'end') throw new SourceFailure('restart', 'forgotten');
        if (from === null) {
          load += 1;
          const named = { displayName: 'Large', address: 'large@contoso.example' };
          return {
            changes: [1, 2, 3].map(someone),
            lists: [part([idOf(load)], named)],
            next: 'on',
            token: null,
          };
        }
        return { changes: [], lists: [part([]), part([idOf(3)])], next: null, token: 'end' };
      },
    });
    await following();
    expect(await onList('large@contoso.example')).toEqual(['Person 1', 'Person 3']);
    await advancing(60_000, async () =>
      expect(await onList('large@contoso.example')).toEqual(['Person 2', 'Person 3']),
    );
  });

  test('[GR22] a list that went unseen is gone after a whole load, and so is who left it', async () => {
    for (let at = 1; at <= 3; at += 1) tenant.put(userOf(at));
    tenant.putGroup(groupOf(90), [idOf(1), idOf(2)]);
    tenant.putGroup(groupOf(91), [idOf(3)]);
    begin();
    await following();
    tenant.loseGroup(idOf(91));
    tenant.putGroup(groupOf(90), [idOf(2)]);
    tenant.forgetDeltas();
    await advancing(5 * 60_000, async () => expect(await onList('list.91@contoso.example')).toBeNull());
    expect(await onList('list.90@contoso.example')).toEqual(['Person 2']);
  });

  test('[GR22] without consent for groups people come all the same, lists stay, and follow once it is given', async () => {
    tenant.put(userOf(1));
    tenant.mayReadGroups = false;
    tenant.putGroup(groupOf(90), [idOf(1)]);
    begin();
    await following();
    expect(await nameOf(1)).toBe('Person 1');
    expect(await onList('list.90@contoso.example')).toBeNull();
    tenant.mayReadGroups = true;
    await advancing(5 * 60_000, async () =>
      expect(await onList('list.90@contoso.example')).toEqual(['Person 1']),
    );
    // Taken away again while everything is loaded anew: what is not told is not gone.
    tenant.mayReadGroups = false;
    tenant.change(idOf(1), { displayName: 'Person one' });
    tenant.forgetDeltas();
    await advancing(5 * 60_000, async () => expect(await nameOf(1)).toBe('Person one'));
    await following();
    expect(await onList('list.90@contoso.example')).toEqual(['Person one']);
    expect(errors.every((error) => /410/.test(String(error)))).toBe(true);
  });

  test('[GR13] of several nodes one reads the directory; the next takes over when it is gone', async () => {
    tenant.put(userOf(1));
    begin(undefined, 'one');
    await following();
    const first = sync;
    tenant.forgetCalls();
    begin(undefined, 'two');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(tenant.calls).toHaveLength(0);
    await first.close();
    tenant.change(idOf(1), { displayName: 'Told to two' });
    await advancing(30_000, async () => expect(await nameOf(1)).toBe('Told to two'));
  });

  const csv = (rows: string[]) =>
    `displayName,address,addresses,title,department,manager,external\n${rows.join('\n')}\n`;

  test('[GR14] a CSV file is the directory: read whole, followed, and who is no longer in it has left', async () => {
    const file = path.join(folder, 'people.csv');
    await writeFile(
      file,
      `\ufeff${csv(['"Lindgren, Alice",ALICE@contoso.example,a@contoso.example;sip:al@contoso.example,"Head of ""X""",Research,,', 'Bob,bob@contoso.example,,,,alice@contoso.example,no', 'Erin,erin@fabrikam.example,,,,,yes'])}`,
    );
    begin(createFileDirectory(file));
    await following();
    const [alice, bob, erin] = await store.accounts.resolve([
      'a@contoso.example',
      'bob@contoso.example',
      'erin@fabrikam.example',
    ]);
    expect(alice).toMatchObject({
      displayName: 'Lindgren, Alice',
      address: 'alice@contoso.example',
      title: 'Head of "X"',
    });
    expect(bob?.managerId).toBe(alice?.id);
    expect(erin?.external).toBe(true);
    await writeFile(file, csv(['Alice,alice@contoso.example,,,,,', 'Erin,erin@fabrikam.example,,,,,yes']));
    await advancing(60_000, () => expect(disabled.get(bob!.id)).toBe(true));
    await following();
    expect((await store.accounts.people([alice!.id]))[0]?.displayName).toBe('Alice');
    expect(disabled.size).toBe(1);
  });

  test('[GR14, GR22] a row with members is a list; one that is no longer in the file is none', async () => {
    const file = path.join(folder, 'people.csv');
    const header = 'displayName,address,members,hideMembers\n';
    const rows = ['Alice,alice@contoso.example,,', 'Bob,bob@contoso.example,,'];
    await writeFile(
      file,
      `${header}${[
        ...rows,
        'Team,TEAM@contoso.example,alice@contoso.example;inner@contoso.example;maria@fabrikam.example,',
        'Inner,inner@contoso.example,Bob@contoso.example,',
        'Secret,secret@contoso.example,bob@contoso.example,yes',
      ].join('\n')}`,
    );
    begin(createFileDirectory(file));
    await following();
    expect(await people()).toBe(2);
    expect(await onList('team@contoso.example')).toEqual(['Alice', 'Bob']);
    expect(await store.accounts.expand(['secret@contoso.example'], 9)).toMatchObject([
      { list: { isHidden: true }, people: [], total: 0 },
    ]);
    await writeFile(
      file,
      `${header}${[...rows, 'Team,team@contoso.example,bob@contoso.example,'].join('\n')}`,
    );
    await advancing(60_000, async () => expect(await onList('team@contoso.example')).toEqual(['Bob']));
    await following();
    expect(await onList('inner@contoso.example')).toBeNull();
    await writeFile(
      file,
      JSON.stringify([
        { displayName: 'Bob', address: 'bob@contoso.example' },
        { displayName: 'Nobody yet', address: 'team@contoso.example', members: [] },
      ]),
    );
    await advancing(60_000, async () => expect(await onList('team@contoso.example')).toEqual([]));
  });

  test('[GR14] a JSON file too; a file with a mistake is refused whole, with its place, and nobody leaves by it', async () => {
    const file = path.join(folder, 'people.json');
    await writeFile(
      file,
      JSON.stringify([
        {
          id: idOf(1).toUpperCase(),
          displayName: 'Alice',
          address: 'alice@contoso.example',
          title: null,
          addresses: ['x@contoso.example'],
        },
      ]),
    );
    begin(createFileDirectory(file));
    await following();
    expect(await nameOf(1)).toBe('Alice');
    for (const [text, complaint] of [
      ['[{"displayName":"A","address":"nonsense"}]', /person 1: address/],
      ['[]', /holds nobody/],
      ['[{', /not valid JSON/],
      [csv(['A,a@b.example,,,,,', '"B\nC",nonsense,,,,,']), /line 3: address/],
      ['name;address\nA;a@b.example\n', /column "name"/],
      [csv(['A,a@b.example,,,,,', 'A,A@b.example,,,,,']), /there twice/],
    ] as const) {
      await writeFile(file, text);
      await advancing(60_000, () => expect(sync.progress().problem).toMatch(complaint));
    }
    await rm(file);
    await advancing(60_000, () => expect(sync.progress().problem).toMatch(/cannot be read/));
    expect(disabled.size).toBe(0);
  });
});

test('[GR12] a person who leaves Microsoft 365 loses stream and sign-in here', async () => {
  const tenant = await startGraphTenant();
  const clock = createManualClock();
  const server = await startEntraServer(tenantSettings(tenant, 'directory'), { clock });
  try {
    // Time goes on in steps as long as it takes: nobody's token ends by it.
    const exp = Math.floor(clock.now() / 1_000) + 365 * 86_400;
    const bob = await server.as('bob', { exp });
    tenant.put(
      userOf(1, {
        id: bob.id,
        displayName: 'Bob of 365',
        mail: 'bob@contoso.example',
        userPrincipalName: 'bob@contoso.example',
      } as Partial<TenantUser>),
    );
    const admin = await server.as('admin', { exp, roles: ['Admin'] });
    await vi.waitFor(async () => {
      clock.advance(5 * 60_000);
      expect((await bob.get<{ displayName: string }>('/me')).body.displayName).toBe('Bob of 365');
    }, soon);
    // He is known as soon as his page is read; that all pages are is told a moment later.
    await vi.waitFor(async () => {
      clock.advance(5 * 60_000);
      const { body } = await admin.get('/admin/status');
      expect(body).toMatchObject({ directory: { source: 'graph', phase: 'following' } });
    }, soon);
    const stream = await bob.stream('desk');
    await stream.next('ready');
    tenant.remove(bob.id);
    await vi.waitFor(async () => {
      clock.advance(5 * 60_000);
      expect((await bob.get('/me')).status).toBe(403);
    }, soon);
    expect((await stream.next<{ code: number }>('closing')).data.code).toBe(4003);
    stream.close();
  } finally {
    await server.stop();
    await tenant.stop();
  }
});
