/**
 * What presence costs: publications per second through the pure compositor, a whole publish through the
 * service, and the memory of a large organisation. Run by hand or by `npm run bench`:
 * `node --expose-gc test/bench/presence.ts`. Prints a table and one line of JSON.
 */
import { createInProcessBus } from '../../server/adapters/bus/in-process.ts';
import type { EndpointId, UserId } from '../../server/domain/ids.ts';
import {
  aggregate,
  type PresenceInputs,
  type Publication,
  defaultAggregationPolicy as policy,
} from '../../server/domain/presence.ts';
import type { Clock } from '../../server/ports/clock.ts';
import type { Directory } from '../../server/ports/directory.ts';
import type { Store } from '../../server/ports/store.ts';
import { createPresence } from '../../server/services/presence.ts';

const noon = Date.UTC(2026, 2, 2, 12);
const people = 100_000;
const perPerson = 2;

/** The mixtures of an ordinary day: most at a machine, some in meetings, a few on the phone or focusing. */
const mixture = (person: number): PresenceInputs => {
  const endpoint = `desk-${person}` as EndpointId;
  const base = {
    endpoint,
    activity: null,
    inputAt: null,
    device: null,
    subject: null,
    location: null,
    startsAt: null,
    publishedAt: noon,
    expiresAt: noon + 600_000,
  };
  const machine: Publication = {
    ...base,
    id: endpoint,
    kind: 'machine',
    availability: person % 7 === 0 ? 'away' : 'available',
    inputAt: noon - (person % 12) * 60_000,
  };
  const second: Publication =
    person % 3 === 0
      ? {
          ...base,
          id: 'calendar',
          kind: 'calendar',
          endpoint: null,
          availability: 'busy',
          activity: 'in-a-meeting',
          startsAt: noon - 60_000,
        }
      : person % 3 === 1
        ? { ...base, id: 'call', kind: 'phone', availability: 'busy', activity: 'in-a-call' }
        : { ...base, id: 'laptop', kind: 'machine', availability: 'available', inputAt: noon - 360_000 };
  return {
    publications: [machine, second],
    registrations: [{ endpoint, registeredAt: noon - 3_600_000 }],
    preferred:
      person % 11 === 0
        ? { availability: 'busy', activity: null, setAt: noon, expiresAt: noon + 3_600_000 }
        : null,
    note: null,
    outOfOffice: null,
  };
};

/** Publications per second through the compositor, best of five rounds of at least half a second. */
function compositorRate(): number {
  const inputs = Array.from({ length: 1_000 }, (_, person) => mixture(person));
  let best = 0;
  let checksum = 0;
  for (let round = 0; round < 5; round += 1) {
    const started = performance.now();
    let publications = 0;
    while (performance.now() - started < 500)
      for (const input of inputs) {
        checksum += aggregate(input, noon, policy).availability.length;
        publications += input.publications.length;
      }
    best = Math.max(best, (publications / (performance.now() - started)) * 1_000);
  }
  if (checksum === 0) throw new Error('nothing was reckoned');
  return best;
}

const nothing = async function* () {};

/** Ports that remember nothing: what is measured is the memory of presence, not of a database. */
function ports(): { store: Store; directory: Directory; clock: Clock } {
  const store = {
    presence: {
      allPersonal: nothing,
      allPublications: nothing,
      allRegistrations: nothing,
      allSettled: nothing,
    },
    contacts: { marked: nothing },
    transaction: async () => undefined,
  } as unknown as Store;
  const directory = {
    persons: async (ids: readonly string[]) =>
      ids.map((id) => ({
        id,
        address: `${id}@contoso.example`,
        phones: { work: '+1', mobile: null, home: null },
        external: false,
      })),
  } as unknown as Directory;
  return { store, directory, clock: { now: () => noon, after: () => () => {} } };
}

async function organisation() {
  const collect = globalThis.gc ?? (() => {});
  const { store, directory, clock } = ports();
  const bus = createInProcessBus(() => {});
  collect();
  const before = process.memoryUsage();
  const presence = await createPresence({
    store,
    bus,
    directory,
    clock,
    onError: (error) => {
      throw error;
    },
  });
  const ids = Array.from(
    { length: people },
    (_, person) => `10000000-0000-4000-8000-${String(person).padStart(12, '0')}` as UserId,
  );
  for (let first = 0; first < people; first += 1_000) await presence.know(ids.slice(first, first + 1_000));
  for (const id of ids) {
    presence.endpointOpened(id, `desk of ${id}`);
    presence.publish(
      id,
      `desk of ${id}`,
      {
        kind: 'machine',
        availability: 'available',
        idleSeconds: 3,
        expiresInSeconds: 600,
        device: `PC ${id}`,
      },
      null,
    );
    presence.publish(
      id,
      'calendar',
      { kind: 'calendar', availability: 'busy', activity: 'in-a-meeting', expiresInSeconds: 3_600 },
      null,
    );
  }
  collect();
  const after = process.memoryUsage();
  const { publications } = presence.counts();
  // Heartbeats: what nearly every publish of a day is.
  const started = performance.now();
  let beats = 0;
  for (const id of ids) {
    presence.publish(
      id,
      `desk of ${id}`,
      {
        kind: 'machine',
        availability: 'available',
        idleSeconds: 3,
        expiresInSeconds: 600,
        device: `PC ${id}`,
      },
      null,
    );
    beats += 1;
  }
  const publishRate = (beats / (performance.now() - started)) * 1_000;
  return {
    publications,
    megabytes: (after.heapUsed - before.heapUsed + after.external - before.external) / 1_048_576,
    publishRate,
  };
}

const rate = compositorRate();
const { publications, megabytes, publishRate } = await organisation();
const collected = globalThis.gc === undefined ? ' (without --expose-gc: garbage counts)' : '';
process.stdout.write(
  [
    `compositor            ${Math.round(rate).toLocaleString('en')} publications/s on one core (promised 1,000,000)`,
    `publish, no change    ${Math.round(publishRate).toLocaleString('en')} /s on one core`,
    `${people.toLocaleString('en')} people, ${publications.toLocaleString('en')} publications   ${megabytes.toFixed(0)} MB (promised 250)${collected}`,
    JSON.stringify({
      case: 'presence',
      compositorPerSecond: Math.round(rate),
      publishPerSecond: Math.round(publishRate),
      people,
      perPerson,
      publications,
      megabytes: Math.round(megabytes),
    }),
    '',
  ].join('\n'),
);
