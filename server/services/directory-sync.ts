/**
 * Keeps the directory as its source says: a whole load in pages, then changes. Every page is committed with the
 * place where it ends, so that a restart goes on there. Who leaves is disabled, which ends their streams. One
 * node does it at a time, by a lease in the store.
 */
import { createHash } from 'node:crypto';
import { readPhoto } from '../domain/photos.ts';
import { SourceFailure, waitAfter } from '../domain/source-failure.ts';
import type { Clock } from '../ports/clock.ts';
import { blankPerson, type Directory, type PersonRecord } from '../ports/directory.ts';
import type { Identity } from '../ports/identity.ts';
import type { PeoplePage, PeopleSource, PersonChange } from '../ports/people-source.ts';
import type { Store } from '../ports/store.ts';
import { takeLists } from './directory-lists.ts';
import { createLease } from './lease.ts';

/** Photos change rarely and there are many: each is asked for again after a week. */
const photoEveryMs = 7 * 86_400_000;
const photosPerCall = 20;
/** Between two calls for photos: 10,000 people take about 40 minutes, and leave Graph's limits to the rest. */
const photoPaceMs = 5_000;
const gonePerStep = 500;

interface Place {
  /** Counts whole loads, so that who was in none of a load is found. */
  readonly load: number;
  readonly phase: 'loading' | 'following';
  readonly from: string | null;
  readonly loaded: number;
}

/** How far the directory is, for administrators. */
export interface DirectoryProgress {
  readonly source: string;
  readonly phase: 'loading' | 'following';
  /** People named since this load began. */
  readonly loaded: number;
  readonly lastAt: string | null;
  readonly problem: string | null;
}

export function createDirectorySync(options: {
  readonly source: PeopleSource;
  readonly store: Store;
  readonly directory: Pick<Directory, 'forget'>;
  readonly identity: Pick<Identity, 'setDisabled'>;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly onError: (error: unknown) => void;
  /** From 0 to 1. */
  readonly chance?: () => number;
}) {
  const { source, store, directory, identity, clock, onError } = options;
  const chance = options.chance ?? Math.random;
  const placeName = `directory/${source.name}`;
  const lease = createLease({ store, clock, name: placeName, nodeId: options.nodeId });
  let failures = 0;
  let lastAt: number | null = null;
  let problem: string | null = null;
  let place: Place = { load: 1, phase: 'loading', from: null, loaded: 0 };
  let cancel = () => {};
  let cancelPhotos = () => {};
  let running: Promise<void> = Promise.resolve();
  let closed = false;

  const again = (afterMs: number) => {
    if (closed) return;
    cancel();
    cancel = clock.after(afterMs, () => {
      running = turn();
    });
  };

  /** One round: pages until there is no more, or until something fails. */
  async function turn(): Promise<void> {
    try {
      if (!(await lease.take())) return again(lease.everyMs);
      place = await placeNow();
      for (;;) {
        if (closed) return;
        const page = await source.page(place.from);
        await take(page);
        failures = 0;
        problem = null;
        lastAt = clock.now();
        if (page.next === null) break;
        if (!(await lease.take())) return again(lease.everyMs);
      }
      again(source.everyMs);
    } catch (error) {
      if (error instanceof SourceFailure && error.kind === 'restart' && place.from !== null) {
        // What the source forgot is loaded anew, whole; who is not in it has left meanwhile.
        place = { load: place.load + 1, phase: 'loading', from: null, loaded: 0 };
        await keep(place).catch(onError);
        return again(0);
      }
      failures += 1;
      problem = error instanceof Error ? error.message : String(error);
      onError(error);
      again(waitAfter(failures, error instanceof SourceFailure ? error.retryAfterMs : null, chance()));
    }
  }

  async function placeNow(): Promise<Place> {
    const kept = await store.sync.state(placeName);
    return kept === null ? place : (JSON.parse(kept) as Place);
  }
  const keep = (next: Place) =>
    store.transaction([placeName], (tx) => tx.sync.putState(placeName, JSON.stringify(next)));

  async function take(page: PeoplePage): Promise<void> {
    const isEnd = page.next === null;
    const next: Place = {
      load: place.load,
      phase: isEnd ? 'following' : place.phase,
      from: page.next ?? page.token,
      loaded: place.loaded + page.changes.length,
    };
    // The last word of a page about somebody counts.
    const changes = [...new Map(page.changes.map((change) => [change.id, change])).values()];
    const ids = changes.map(({ id }) => id);
    const earlier = new Map((await store.sync.brought(ids)).map((row) => [row.personId, row]));
    // Before the place moves on: what is repeated after a crash does no harm, what is left out would.
    for (const { id, gone } of changes) {
      const wasGone = earlier.get(id)?.gone ?? false;
      if (gone === true && !wasGone && earlier.has(id)) await identity.setDisabled(id, true);
      if (gone === false && wasGone) await identity.setDisabled(id, false);
    }
    await store.transaction([placeName], async (tx) => {
      const known = await tx.accounts.people(ids);
      const records = changes.flatMap((change, at) => {
        const record = merged(known[at] ?? null, change);
        return record === null ? [] : [record];
      });
      await tx.accounts.putPeople(records);
      await tx.sync.putBrought(
        changes
          .filter(({ id }) => earlier.has(id) || records.some((record) => record.id === id))
          .map(({ id, gone }) => ({
            personId: id,
            load: place.load,
            gone: gone ?? earlier.get(id)?.gone ?? false,
          })),
      );
      await takeLists(tx.accounts, page.lists ?? [], place.load);
      // Lists of which the source said nothing at all are not gone for that.
      if (isEnd && place.phase === 'loading' && page.lists !== undefined)
        await tx.accounts.removeListsBefore(place.load);
      await tx.sync.putState(placeName, JSON.stringify(next));
    });
    // Somebody new who may not sign in there may not here either; their row exists only now.
    for (const { id, gone } of changes)
      if (gone === true && !earlier.has(id)) await identity.setDisabled(id, true);
    for (const id of ids) directory.forget(id);
    if (isEnd && place.phase === 'loading') await disableUnnamed();
    place = next;
  }

  /** After a whole load: who was brought once and is named no more. */
  async function disableUnnamed(): Promise<void> {
    for (;;) {
      const ids = await store.sync.unnamedSince(place.load, gonePerStep);
      if (ids.length === 0) return;
      for (const id of ids) await identity.setDisabled(id, true);
      await store.transaction([placeName], (tx) =>
        tx.sync.putBrought(ids.map((personId) => ({ personId, load: place.load, gone: true }))),
      );
    }
  }

  async function askPhotos(): Promise<void> {
    if (source.photos === undefined || place.phase === 'loading' || !(await lease.holds())) return;
    const now = clock.now();
    const ids = await store.sync.photosBefore(now - photoEveryMs, photosPerCall);
    if (ids.length === 0) return;
    const answers = await source.photos(ids);
    await store.transaction([placeName], async (tx) => {
      for (const [at, id] of ids.entries()) {
        const bytes = answers[at];
        if (bytes === undefined) continue;
        const read = bytes === null ? null : readPhoto(bytes);
        if (read !== null && 'refused' in read) continue;
        const tag = read === null ? '' : createHash('sha256').update(read.bytes).digest('hex');
        await tx.accounts.putPhoto(id, 'directory', read === null ? null : { ...read, tag });
      }
      await tx.sync.photosAsked(
        ids.filter((_, at) => answers[at] !== undefined),
        now,
      );
    });
    for (const id of ids) directory.forget(id);
  }

  const photosAgain = (failed: number) => {
    if (closed || source.photos === undefined) return;
    cancelPhotos = clock.after(failed === 0 ? photoPaceMs : waitAfter(failed, null, chance()), () => {
      askPhotos().then(
        () => photosAgain(0),
        () => photosAgain(failed + 1),
      );
    });
  };

  return {
    /** Begins at once, or goes on where it stopped. */
    start(): void {
      again(0);
      photosAgain(0);
    },
    progress: (): DirectoryProgress => ({
      source: source.name,
      phase: place.phase,
      loaded: place.loaded,
      lastAt: lastAt === null ? null : new Date(lastAt).toISOString(),
      problem,
    }),
    async close(): Promise<void> {
      closed = true;
      cancel();
      cancelPhotos();
      await running;
      await lease.release();
    },
  };
}

/** The record with the change laid over it; null for somebody of whom there is no name or address yet. */
function merged(known: PersonRecord | null, { id, fields }: PersonChange): PersonRecord | null {
  const base = { ...blankPerson, ...known };
  const displayName = fields.displayName ?? known?.displayName;
  const address = fields.address ?? known?.address ?? fields.upn;
  if (displayName === undefined || address == null) return null;
  const addresses = fields.addresses ?? base.addresses;
  return {
    ...base,
    ...fields,
    id,
    displayName,
    address,
    addresses: addresses.includes(address) ? addresses : [address, ...addresses],
    phones: { ...base.phones, ...fields.phones },
  };
}
