/**
 * Presence as a story: somebody publishes, signs in, chooses, or time passes; the rules are asked, and who
 * may see a difference is told. Everything a node knows of presence is in memory; choices are durable
 * before they are answered, the rest is written lazily (PA17). Event streams and routes call it.
 */
import { DomainError } from '../domain/errors.ts';
import { explain } from '../domain/explain.ts';
import { type EndpointId, toEndpointId, type UserId } from '../domain/ids.ts';
import {
  aggregate,
  boundTo,
  isActive,
  isSamePresence,
  type Presence,
  type Publication,
  settle,
} from '../domain/presence.ts';
import {
  type Disclosed,
  type DisclosureClass,
  type FrozenAbsence,
  formatView,
  personFor,
  unknownContent,
  type Watcher,
  withholdsTimes,
} from '../domain/privacy.ts';
import { type Reader, readerFor } from '../domain/reader.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory, PersonRecord } from '../ports/directory.ts';
import type { Store } from '../ports/store.ts';
import type { RememberedPresence, SettledPresence } from '../ports/store-presence.ts';
import type { Person } from '../protocol/contacts.ts';
import type {
  OwnPresence,
  PresenceView,
  Privacy,
  PublicationInput,
  PublicationWire,
} from '../protocol/presence.ts';
import { limits } from '../protocol/vocabulary.ts';
import { createKnownPeople } from './known-people.ts';
import { absenceWire, createPresenceChoices, preferredWire } from './presence-choices.ts';
import { createPresenceMemory, loadPresence } from './presence-memory.ts';
import { joined } from './presence-merge.ts';
import { defaultPresencePolicy, type PresencePolicy, privacyOf } from './presence-policy.ts';
import { createPresenceSight } from './presence-sight.ts';
import { createPresenceViews } from './presence-views.ts';
import type { Presentity } from './presentity.ts';
import {
  checkMatch,
  etagOf,
  isFromSource,
  isOtherAssertion,
  publicationWire,
  steadied,
  toPublication,
} from './publications.ts';
import { createRelationshipIndex } from './relationships.ts';
import { createSchedule } from './schedule.ts';

/** A stream that ended may be a reload: so long its endpoint stays, so that nobody flickers (contract §5: 5 s). */
const graceMs = 5_000;
/** After a start, registrations known before stand this long for their clients to return (PA17). */
const restartGraceMs = 30_000;
/** Told after each visible change of a person's presence, before anybody is notified. */
export type PresenceListener = (personId: UserId, previous: Presence, next: Presence) => void;

export interface PublishResult {
  readonly publication: PublicationWire;
  readonly etag: string;
  readonly created: boolean;
}

export type PresenceService = Awaited<ReturnType<typeof createPresence>>;

/** Loads what was remembered and starts; `close` writes what is not yet written. */
export async function createPresence(options: {
  store: Store;
  bus: Bus;
  directory: Directory;
  clock: Clock;
  onError: (error: unknown) => void;
  policy?: PresencePolicy;
  /** The organisation's time zone, for what is written to people who have not called yet. */
  timeZone?: string;
  /** The zone of a person's own working hours, which goes before the directory's; null where there are none. */
  timeZoneOf?: (personId: UserId) => string | null;
}) {
  const { store, bus, directory, clock, onError } = options;
  let policy = options.policy ?? defaultPresencePolicy;
  let defaultPrivacy = privacyOf(policy.defaultMode);
  const listeners: PresenceListener[] = [];
  const defaultReader = readerFor('en', options.timeZone ?? 'UTC');
  const startedAt = clock.now();
  /** Set when the server is about to end all streams itself: those endpoints are not leaving. */
  let stopping = false;

  const known = createKnownPeople({
    directory,
    clock,
    onError,
    defaultPrivacy: () => defaultPrivacy,
    onLearnt: (person) => showChange(person),
  });
  const { people, personOf, know, isExternal } = known;
  const memory = createPresenceMemory({
    store,
    clock,
    bus,
    onError,
    personOf,
    everybody: () => people.keys(),
    adopt,
  });
  const index = createRelationshipIndex(
    (id) => people.get(id)?.privacy.mode ?? defaultPrivacy.mode,
    isExternal,
  );
  const views = createPresenceViews({
    policy: () => policy,
    now: () => clock.now(),
    firstSequence: Math.floor(startedAt / 1_000),
    // Between nodes only time says what is later: a client may ask one while another tells it of changes.
    nextSequence: bus.isShared
      ? (sequence) => Math.max(sequence + 1, clock.now())
      : (sequence) => sequence + 1,
    isExternal,
  });
  const schedule = createSchedule<Presentity>(clock, (person, now) => {
    const publications = person.publications.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    if (publications.length < person.publications.length) {
      person.publications = publications;
      if (isToWrite(person)) memory.changed(person);
    }
    // What time does, it does on every node: they agree on the moment where it is the one that was foretold.
    let at = Math.min(person.presence.nextAt, now);
    for (const one of person.leaving)
      if (one.at <= now) {
        unregister(person, one.endpoint);
        at = now;
      }
    recompute(person, at, null, isToWrite(person));
    const { preferred } = person;
    if (preferred?.expiresAt != null && preferred.expiresAt <= now) choices.announceEnd(person, preferred);
  });

  // ── what changes a presence ─────────────────────────────────────────────────────────────────────

  /** Asks the rules; where anything visible differs, refreshes the views and tells. Most heartbeats end here. */
  function recompute(
    person: Presentity,
    now: number,
    /** What another node has settled; its moments are taken over where the state is the same. */
    settled: SettledPresence | null = null,
    isWritten = true,
  ): void {
    const previous = person.presence;
    const next = settle(settled ?? previous, aggregate(person, now, policy), now);
    person.presence = next;
    let nextAt = next.nextAt;
    for (const { at } of person.leaving) if (at < nextAt) nextAt = at;
    if (nextAt !== Number.POSITIVE_INFINITY) schedule.at(person, nextAt);
    if (isSamePresence(previous, next)) return;
    if (isWritten) memory.changed(person);
    for (const listener of listeners) listener(person.id, previous, next);
    showChange(person);
  }

  /** Refreshes what each class sees of a person; where that differs, every node is told. */
  function showChange(person: Presentity): void {
    if (views.refresh(person)) bus.publish({ kind: 'presence', personId: person.id });
  }

  /** Of what time does alone, one node writes it down: one that the person is connected to, if there is any. */
  function isToWrite({ here, elsewhere }: Presentity): boolean {
    return here.length > 0 || elsewhere.length === 0;
  }

  /** Takes over what another node wrote. */
  function adopt(person: Presentity, { personal, settled }: RememberedPresence): void {
    person.preferred = personal?.preferred ?? null;
    person.note = personal?.note ?? null;
    person.outOfOffice = personal?.outOfOffice ?? null;
    const privacy = personal?.privacy ?? defaultPrivacy;
    sight.adoptPrivacy(person, privacy, personal?.curtain ?? null).catch(onError);
    recompute(person, clock.now(), settled, false);
  }

  /** Takes an endpoint away, and with it everything that is bound to it. */
  function unregister(person: Presentity, endpoint: EndpointId): void {
    person.leaving = person.leaving.filter((one) => one.endpoint !== endpoint);
    const here = person.here.filter((one) => one.endpoint !== endpoint);
    if (here.length === person.here.length) return;
    person.here = here;
    person.registrations = joined(here, person.elsewhere);
    memory.changed(person);
    // Connected to another node meanwhile, it has only moved.
    if (person.registrations.some((one) => one.endpoint === endpoint)) return;
    const gone = person.publications.filter((one) => boundTo(one) === endpoint);
    for (const { id } of gone) person.rises?.delete(id);
    if (person.rises?.size === 0) person.rises = null;
    person.publications = person.publications.filter((one) => boundTo(one) !== endpoint);
  }

  const unknownView = (id: string, reader: Reader): Disclosed<PresenceView> =>
    formatView(id, unknownContent, 0, reader, clock.now(), policy.custom);

  function disclosureClass(presentity: UserId, watcher: Watcher): DisclosureClass {
    return index.classOf(presentity, watcher);
  }

  const asWatcher = (id: UserId): Watcher => ({ userId: id, external: isExternal(id), kind: 'person' });

  const choices = createPresenceChoices({
    store,
    clock,
    onError,
    policy: () => policy,
    defaultPrivacy: () => defaultPrivacy,
    personOf,
    recompute,
    onChosen: memory.chose,
    async ownView(person) {
      await know([person.id]);
      return views.view(person, 'self', person.reader ?? defaultReader, person.id);
    },
  });
  const sight = createPresenceSight({
    store,
    bus,
    people,
    index,
    views,
    asWatcher,
    personOf,
    choose: choices.choose,
  });

  // ── start ───────────────────────────────────────────────────────────────────────────────────────

  for (const [person, kept] of await loadPresence(store, personOf, startedAt, bus)) {
    person.leaving = person.here.map(({ endpoint }) => ({
      endpoint,
      at: startedAt + restartGraceMs,
    }));
    const found = aggregate(person, startedAt, policy);
    const isSettled =
      kept.settled?.availability === found.availability && kept.settled.activity === found.activity;
    const settled = settle(isSettled ? kept.settled : null, found, startedAt);
    const isOffline = settled.availability === 'offline';
    person.presence = {
      ...settled,
      since: isOffline ? kept.offlineSince : settled.since,
      lastActiveAt: isActive(settled.availability) ? null : kept.lastActiveAt,
    };
    sight.restore(person, kept.curtain);
    let nextAt = settled.nextAt;
    if (person.leaving.length > 0) nextAt = Math.min(nextAt, startedAt + restartGraceMs);
    // What ended while the server was down is announced as well.
    if (person.preferred?.expiresAt != null) nextAt = Math.min(nextAt, person.preferred.expiresAt);
    if (nextAt !== Number.POSITIVE_INFINITY) schedule.at(person, nextAt);
  }
  // Whom somebody lists counts only where they hide behind their list. Reading every row to drop most left more
  // memory behind than all that a node keeps.
  const isListedByAll = defaultPrivacy.mode === 'contacts-only';
  const behindLists = isListedByAll
    ? []
    : [...people.values()].filter(({ privacy }) => privacy.mode === 'contacts-only');
  for (const { id } of behindLists)
    for (const row of await store.contacts.list(id)) index.put(id, row.personId, row);
  for await (const row of isListedByAll ? store.contacts.all() : store.contacts.marked()) {
    index.put(row.ownerId, row.personId, row);
    if (row.relationship === 'blocked')
      views.restore(personOf(row.ownerId), row.personId, row.frozen ?? { since: null, lastActiveAt: null });
  }
  memory.start();

  return {
    know,
    disclosureClass,

    // ── for event streams: synchronous, from memory ──

    viewJson(presentity: UserId, cls: DisclosureClass, reader: Reader, watcherId: UserId): string {
      const person = people.get(presentity);
      if (person === undefined || person.knownAt === 0)
        return JSON.stringify(unknownView(presentity, reader));
      return views.json(person, cls, reader, watcherId);
    },

    /** True where a hidden watcher was left with moments, which a policy may show or withhold. */
    hasLeftTimes(presentity: UserId, watcherId: UserId): boolean {
      const person = people.get(presentity);
      return person !== undefined && views.hasLeftTimes(person, watcherId);
    },

    viewSequence(presentity: UserId, cls: DisclosureClass): number {
      const person = people.get(presentity);
      return person === undefined ? 0 : views.sequence(person, cls);
    },

    /** An endpoint has its first stream, or one again: it is here at once. */
    endpointOpened(userId: UserId, endpointName: string): void {
      const endpoint = toEndpointId(endpointName);
      const person = personOf(userId);
      const now = clock.now();
      person.leaving = person.leaving.filter((one) => one.endpoint !== endpoint);
      if (!person.here.some((one) => one.endpoint === endpoint)) {
        person.here = [...person.here, { endpoint, registeredAt: now }];
        person.registrations = joined(person.here, person.elsewhere);
        memory.changed(person);
      }
      recompute(person, now);
    },

    /** An endpoint has no stream left (`ended`: it may be a reload), was silent too long, or signed out. */
    endpointClosed(userId: UserId, endpointName: string, how: 'ended' | 'silent' | 'signed-out'): void {
      const endpoint = toEndpointId(endpointName);
      const person = personOf(userId);
      if (stopping || !person.here.some((one) => one.endpoint === endpoint)) return;
      const now = clock.now();
      if (how === 'ended') {
        const others = person.leaving.filter((one) => one.endpoint !== endpoint);
        person.leaving = [...others, { endpoint, at: now + graceMs }];
        schedule.at(person, now + graceMs);
        return;
      }
      unregister(person, endpoint);
      recompute(person, now);
    },

    /** The server is about to end every stream itself: nobody leaves by that, and the next start finds them (PA17). */
    stopping(): void {
      stopping = true;
    },

    // ── for routes ──

    /** The views of these people in request order, as JSON; `unknown` for who is not in the directory. */
    async viewsFor(watcher: Watcher, ids: readonly string[], reader: Reader): Promise<readonly string[]> {
      const known = await know([...ids, watcher.userId]);
      return ids.map((id, at) => {
        const canonical = known[at];
        if (canonical == null) return JSON.stringify(unknownView(id, reader));
        const cls = index.classOf(canonical, watcher);
        return views.json(people.get(canonical)!, cls, reader, watcher.userId as UserId);
      });
    },

    /** One person's view as a class sees it now; for bodies of durable events and contact lists. */
    view(
      presentity: UserId,
      cls: DisclosureClass,
      reader: Reader,
      watcherId: UserId,
    ): Disclosed<PresenceView> {
      const person = people.get(presentity);
      return person === undefined || person.knownAt === 0
        ? unknownView(presentity, reader)
        : views.view(person, cls, reader, watcherId);
    },

    /** A directory entry as this watcher may see it (SPEC CO1). */
    personFor(record: PersonRecord, watcher: Watcher): Disclosed<Person> {
      known.learn(record, clock.now());
      const timeZone = options.timeZoneOf?.(record.id) ?? record.timeZone;
      return personFor({ ...record, timeZone }, index.entryClassOf(record.id, watcher));
    },

    /** The class by which this watcher sees the person's entry and photo (SPEC CO1). */
    entryClass: (personId: UserId, watcher: Watcher): DisclosureClass =>
      index.entryClassOf(personId, watcher),

    /** How this person watches others: as a person of this organisation or from outside. */
    asWatcher,

    /** Own presence with every source and why (PA16). */
    async own(userId: UserId, reader: Reader): Promise<OwnPresence> {
      await know([userId]);
      const person = personOf(userId);
      person.reader = reader;
      const now = clock.now();
      const { preferred } = person;
      const holds = preferred !== null && (preferred.expiresAt === null || preferred.expiresAt > now);
      return {
        ...views.view(person, 'self', reader, userId),
        sources: explain(person, person.presence, now, policy, reader),
        preferred: holds ? preferredWire(person) : null,
        privacy: person.privacy,
        absence: absenceWire(person, now),
        offered: {
          appearOffline: policy.appearOffline,
          activities: [...policy.custom.values()].map(({ id, availability, labels }) => ({
            id,
            availability,
            label: labels[reader.language] ?? labels.en,
          })),
        },
      };
    },

    /** Publishes, or replaces what is published under this id. Soft: it lives in memory until its expiry. */
    publish(
      userId: UserId,
      publicationId: string,
      input: PublicationInput,
      ifMatch: string | null,
    ): PublishResult {
      const person = personOf(userId);
      const now = clock.now();
      const earlier = person.publications.find(({ id }) => id === publicationId);
      const current =
        earlier !== undefined && (earlier.expiresAt === null || earlier.expiresAt > now)
          ? earlier
          : undefined;
      checkMatch(current, ifMatch);
      const own = person.publications.filter((one) => !isFromSource(one)).length;
      if (earlier === undefined && own >= limits.publicationsPerPerson)
        throw new DomainError(
          'too-many-publications',
          `${own} publications are live; withdraw one, or let one expire.`,
        );
      const publication = steadied(
        person,
        current,
        toPublication(publicationId, input, earlier, person.registrations, now, policy),
        now,
        policy,
      );
      person.publications =
        earlier === undefined
          ? [...person.publications, publication]
          : person.publications.map((one) => (one === earlier ? publication : one));
      if (earlier === undefined || isOtherAssertion(earlier, publication)) memory.changed(person);
      else memory.renewed(person);
      recompute(person, now);
      return {
        publication: publicationWire(publication),
        etag: etagOf(publication),
        created: current === undefined,
      };
    },

    /**
     * Replaces what a source of another system says of a person; equal items stay the publications that they
     * are. `source` begins their ids: `calendar/`, `exchange/`, `teams/`.
     */
    setSource(userId: UserId, source: `${string}/`, items: readonly Publication[]): void {
      const person = personOf(userId);
      const isOf = ({ id }: Publication) => id.startsWith(source);
      const earlier = person.publications.filter(isOf);
      if (items.length === 0 && earlier.length === 0) return;
      const same =
        items.length === earlier.length && items.every((item, at) => !isOtherAssertion(earlier[at]!, item));
      if (same) return;
      person.publications = [...person.publications.filter((one) => !isOf(one)), ...items];
      memory.changed(person);
      recompute(person, clock.now());
    },

    /** Takes a publication back; throws `not-found` where there is none. */
    withdraw(userId: UserId, publicationId: string, ifMatch: string | null): void {
      const person = personOf(userId);
      const now = clock.now();
      const found = person.publications.find(
        ({ id, expiresAt }) => id === publicationId && (expiresAt === null || expiresAt > now),
      );
      checkMatch(found, ifMatch);
      if (found === undefined) throw new DomainError('not-found', 'There is no publication of that id.');
      person.publications = person.publications.filter((one) => one !== found);
      memory.changed(person);
      recompute(person, now);
    },

    setPreferred: choices.setPreferred,
    clearPreferred: choices.clearPreferred,
    setNote: choices.setNote,
    clearNote: choices.clearNote,
    setOutOfOffice: choices.setOutOfOffice,
    /** Another node ended: whose endpoints it had are read anew. */
    reload: memory.reload,

    setPrivacy: sight.setPrivacy,
    contactChanged: sight.contactChanged,

    privacyOf: (userId: UserId): Privacy => people.get(userId)?.privacy ?? defaultPrivacy,

    /** What somebody is to be left with who is about to be blocked; stored with the block, so that it never changes. */
    leftWith(ownerId: UserId, watcherId: UserId): FrozenAbsence {
      return views.leftWith(personOf(ownerId), watcherId, index.classOf(ownerId, asWatcher(watcherId)));
    },

    grantedPairs: index.grantedPairs,

    /** The nodes to which somebody's endpoints are connected, beside this one. */
    otherNodes(): ReadonlySet<string> {
      const found = new Set<string>();
      for (const { elsewhere } of people.values()) for (const { nodeId } of elsewhere) found.add(nodeId);
      return found;
    },

    /** Everybody with an endpoint on this node. */
    peopleHere: (): UserId[] =>
      [...people.values()].filter(({ here }) => here.length > 0).map(({ id }) => id),

    /** What an owner grants somebody, or the default. */
    relationshipOf(ownerId: UserId, personId: UserId) {
      return (
        index.granted(ownerId, personId) ??
        (isExternal(personId) || isExternal(ownerId) ? 'external' : 'colleague')
      );
    },

    // ── for conversations ──

    /** True where `owner` has blocked `other`. */
    blocks: (owner: UserId, other: UserId): boolean => index.granted(owner, other) === 'blocked',

    /** True where `person` is in do-not-disturb as far as `from` may see: what they send waits (PV1). */
    doNotDisturb(personId: UserId, from: UserId): boolean {
      const person = people.get(personId);
      if (person === undefined || person.presence.availability !== 'do-not-disturb') return false;
      const cls = index.classOf(personId, asWatcher(from));
      return cls !== 'hidden' && views.content(person, cls).availability === 'do-not-disturb';
    },

    /** A person's own presence, unfiltered: for rules that act in their own name, never for showing. */
    presenceOf: (userId: UserId): Presence | null => people.get(userId)?.presence ?? null,

    /** The reader in whose language something is written to a person unasked. */
    readerOf: (userId: UserId): Reader => people.get(userId)?.reader ?? defaultReader,

    /** Remembers the language and zone in which a person calls. */
    heard(userId: UserId, reader: Reader): void {
      personOf(userId).reader = reader;
    },

    /** Registers who is told of visible changes. */
    onChange(listener: PresenceListener): void {
      listeners.push(listener);
    },

    policy: (): PresencePolicy => policy,

    /** Puts another policy in force: everybody is reckoned anew, and watchers are moved to their new class. */
    async setPolicy(next: PresencePolicy): Promise<void> {
      const earlier = defaultPrivacy;
      const isOtherMode = next.defaultMode !== policy.defaultMode;
      const isReworded = JSON.stringify([...next.custom]) !== JSON.stringify([...policy.custom]);
      const isRehidden = withholdsTimes(next) !== withholdsTimes(policy);
      if (isOtherMode) {
        const privacy = privacyOf(next.defaultMode);
        await sight.setDefaultMode(earlier, privacy, () => {
          defaultPrivacy = privacy;
        });
      }
      policy = next;
      const now = clock.now();
      for (const person of people.values()) {
        recompute(person, now);
        const reworded = isReworded && views.reword(person);
        if (views.refresh(person) || reworded) bus.publish({ kind: 'presence', personId: person.id });
        if (isRehidden && views.rehide(person)) bus.publish({ kind: 'hiding', personId: person.id });
      }
    },

    /** How much is held, for metrics. */
    counts(): { people: number; publications: number; registrations: number } {
      let publications = 0;
      let registrations = 0;
      for (const person of people.values()) {
        publications += person.publications.length;
        registrations += person.registrations.length;
      }
      return { people: people.size, publications, registrations };
    },

    /** Stops all timers and writes what is not yet written. */
    async close(): Promise<void> {
      stopping = true;
      schedule.close();
      await memory.close(people.values());
    },
  };
}
