/**
 * The cast around a real store, with presence and contacts as services and a clock that stands still: for
 * stories that are about time and who sees what, below HTTP.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInProcessBus } from '../../server/adapters/bus/in-process.ts';
import { createStoredDirectory } from '../../server/adapters/directory/stored.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import type { UserId } from '../../server/domain/ids.ts';
import type { Watcher } from '../../server/domain/privacy.ts';
import { readerFor } from '../../server/domain/reader.ts';
import type { Bus, Notice } from '../../server/ports/bus.ts';
import type { PersonRecord } from '../../server/ports/directory.ts';
import type { CommittedEvent, Store } from '../../server/ports/store.ts';
import type { PresenceView } from '../../server/protocol/presence.ts';
import { createContacts } from '../../server/services/contacts.ts';
import { createPresence } from '../../server/services/presence.ts';
import type { PresencePolicy } from '../../server/services/presence-policy.ts';
import { createManualClock } from './clock.ts';

export const cast = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
export type Member = (typeof cast)[number];

/** The cast's ids, in the form of the directory's. */
export const idOf = (name: Member): UserId =>
  `00000000-0000-4000-8000-00000000000${cast.indexOf(name) + 1}` as UserId;

const record = (name: Member): PersonRecord => ({
  id: idOf(name),
  displayName: `${name[0]!.toUpperCase()}${name.slice(1)} Example`,
  address: `${name}@${name === 'erin' ? 'fabrikam' : 'contoso'}.example`,
  addresses: [`${name}@${name === 'erin' ? 'fabrikam' : 'contoso'}.example`],
  upn: null,
  title: 'Engineer',
  company: 'Contoso',
  department: 'Research',
  office: '7/101',
  phones: { work: '+36 1 1', mobile: '+36 30 2', home: '+36 1 3' },
  managerId: name === 'carol' ? null : idOf('carol'),
  external: name === 'erin',
  roles: [],
  timeZone: null,
  photo: null,
});

export const reader = readerFor('en', 'UTC');

export type Organisation = Awaited<ReturnType<typeof openOrganisation>>;

/** Opens the organisation with everybody known and nobody signed in. */
export async function openOrganisation(policy?: PresencePolicy) {
  const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-presence-'));
  const clock = createManualClock();
  const errors: unknown[] = [];
  const team = { isOn: false };
  const notices: Notice[] = [];
  const events: CommittedEvent[] = [];
  let store: Store;
  let bus: Bus;
  let presence: Awaited<ReturnType<typeof createPresence>>;
  let contacts: Awaited<ReturnType<typeof createContacts>>;
  let end = () => {};

  async function start(): Promise<void> {
    store = await openStore({ url: 'sqlite:', folder, clock });
    store.onCommitted((committed) => {
      events.push(...committed);
    });
    const onError = (error: unknown) => errors.push(error);
    bus = createInProcessBus(onError);
    bus.subscribe((notice) => {
      notices.push(notice);
    });
    const directory = createStoredDirectory(store.accounts, clock);
    // A killed process runs no timers any more; the clock goes on for its successor.
    const life = { over: false };
    const own = {
      now: clock.now,
      after: (ms: number, task: () => void) => clock.after(ms, () => life.over || task()),
    };
    end = () => {
      life.over = true;
    };
    const ports = { store, bus, directory, clock: own, onError };
    presence = await createPresence(policy === undefined ? ports : { ...ports, policy });
    contacts = await createContacts({ ...ports, presence, hasTeamGroup: () => team.isOn });
    await presence.know(cast.map(idOf));
  }
  await start();
  await store!.transaction([], (tx) => tx.accounts.putPeople(cast.map(record)));
  await presence!.know(cast.map(idOf));

  const watcher = (name: Member): Watcher => ({
    userId: idOf(name),
    external: name === 'erin',
    kind: 'person',
  });

  return {
    clock,
    errors,
    notices,
    events,
    /** Whether manager and reports are a ready-made group. */
    team,
    get bus() {
      return bus;
    },
    get store() {
      return store;
    },
    get presence() {
      return presence;
    },
    get contacts() {
      return contacts;
    },
    watcher,
    /** The bytes that one of the cast gets for another. */
    json(presentity: Member, by: Member, as = reader): string {
      const id = idOf(presentity);
      return presence.viewJson(id, presence.disclosureClass(id, watcher(by)), as, idOf(by));
    },
    sees(by: Member, presentity: Member): PresenceView {
      return JSON.parse(this.json(presentity, by)) as PresenceView;
    },
    open: (name: Member, endpoint = 'desk') => presence.endpointOpened(idOf(name), endpoint),
    shut: (name: Member, how: 'ended' | 'silent' | 'signed-out' = 'signed-out', endpoint = 'desk') =>
      presence.endpointClosed(idOf(name), endpoint, how),
    /** Durable events that one of the cast received, as [type, payload]. */
    inbox: (name: Member) =>
      events
        .filter(({ recipients }) => recipients.includes(idOf(name)))
        .map(({ type, json }) => [type, JSON.parse(json)] as const),
    /** Lets everything that is under way in the background come to its end. */
    async settle(): Promise<void> {
      for (let round = 0; round < 4; round += 1) {
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        // Whatever was given to the store before is durable, and told, when this is; tests count transactions.
        await store.tickets.take('none').catch(() => {});
      }
    },
    /** Stops like a server that is told to; `restart` then finds what was kept. */
    async stop(): Promise<void> {
      presence.stopping();
      await presence.close();
      await store.close();
    },
    /** Ends as a killed process does: nothing more is written. */
    async kill(): Promise<void> {
      end();
      await store.close();
    },
    start,
    async dispose(): Promise<void> {
      await presence.close().catch(() => {});
      await store.close().catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}
