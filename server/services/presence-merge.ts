/**
 * One person's soft state where several nodes write it: what this node has changed since it last read or
 * wrote, and how that meets what the store remembers. Three-way: what was not touched here is taken as it
 * is stored, what was touched here stays until it is written. Pure but for the presentity it is given.
 */
import type { EndpointId } from '../domain/ids.ts';
import { boundTo, type Publication, type Registration } from '../domain/presence.ts';
import type { RememberedPresence, SoftChange, StoredPublication } from '../ports/store-presence.ts';
import type { Presentity } from './presentity.ts';

/** The state as the store has it, as far as this node knows: the base of the next comparison. */
export interface Saved {
  readonly publications: readonly Publication[];
  readonly registrations: readonly Registration[];
}

export const nothingSaved: Saved = Object.freeze({
  publications: Object.freeze([]),
  registrations: Object.freeze([]),
});

/** Every endpoint once, as long here as it has been on any node. */
export function joined(
  here: readonly Registration[],
  elsewhere: readonly Registration[],
): readonly Registration[] {
  if (elsewhere.length === 0) return here;
  const found = new Map<EndpointId, Registration>();
  for (const one of [...here, ...elsewhere]) {
    const known = found.get(one.endpoint);
    if (known === undefined || one.registeredAt < known.registeredAt) found.set(one.endpoint, one);
  }
  return [...found.values()];
}

/** What differs from what is saved, for the store. */
export function changesOf(person: Presentity, now: number): SoftChange {
  const { saved, publications, here, presence } = person;
  const savedById = new Map(saved.publications.map((one) => [one.id, one]));
  const published: StoredPublication[] = [];
  for (const one of publications) {
    if (savedById.get(one.id) !== one) published.push({ ...one, personId: person.id, savedAt: now });
    savedById.delete(one.id);
  }
  const has = (list: readonly Registration[], endpoint: EndpointId) =>
    list.some((one) => one.endpoint === endpoint);
  return {
    personId: person.id,
    published,
    withdrawn: [...savedById.values()].map((one) => ({
      id: one.id,
      // Its endpoint left this node: where another has it, its word still counts.
      endpoint: isUnregistered(person, one) ? boundTo(one) : null,
    })),
    registered: here.filter(({ endpoint }) => !has(saved.registrations, endpoint)),
    unregistered: saved.registrations.map(({ endpoint }) => endpoint).filter((one) => !has(here, one)),
    settled: {
      availability: presence.availability,
      activity: presence.activity,
      since: presence.since,
      lastActiveAt: presence.lastActiveAt,
    },
  };
}

const isUnregistered = (person: Presentity, publication: Publication): boolean => {
  const endpoint = boundTo(publication);
  return endpoint !== null && !person.registrations.some((one) => one.endpoint === endpoint);
};

const isSame = (a: Publication, b: Publication): boolean =>
  a.publishedAt === b.publishedAt && a.expiresAt === b.expiresAt && a.inputAt === b.inputAt;

/** Takes over what the store remembers. Answers true where this node still has something to write. */
export function mergeRemembered(person: Presentity, remembered: RememberedPresence, nodeId: string): boolean {
  const base = new Map(person.saved.publications.map((one) => [one.id, one]));
  const local = new Map(person.publications.map((one) => [one.id, one]));
  const theirs = remembered.publications.map((stored): Publication => {
    const known = local.get(stored.id) ?? base.get(stored.id);
    if (known !== undefined && isSame(known, stored)) return known;
    const { personId: _, savedAt: __, ...publication } = stored;
    return publication;
  });
  const isMine = (id: string) => local.get(id) !== base.get(id);
  const publications: Publication[] = [];
  for (const one of theirs) if (!isMine(one.id)) publications.push(one);
  for (const [id, one] of local) if (isMine(id)) publications.push(one);
  const own = remembered.registrations.filter((one) => one.nodeId === nodeId);
  person.publications = publications;
  person.saved = { publications: theirs, registrations: own };
  person.elsewhere = remembered.registrations.filter((one) => one.nodeId !== nodeId);
  person.registrations = joined(person.here, person.elsewhere);
  return (
    publications.length !== theirs.length ||
    publications.some((one) => !theirs.includes(one)) ||
    own.length !== person.here.length ||
    person.here.some(({ endpoint }) => !own.some((one) => one.endpoint === endpoint))
  );
}
