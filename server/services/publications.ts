/**
 * What sources assert, between the wire and memory: which kind may say what, what replaces what, entity tags
 * and the form of the answer. Knows no person but through what they published. Called by services/presence.ts.
 */
import { activityFits } from '../domain/bands.ts';
import { DomainError } from '../domain/errors.ts';
import { toEndpointId } from '../domain/ids.ts';
import {
  type AggregationPolicy,
  counts,
  machineLevel,
  type Publication,
  type Registration,
  tremblingAfter,
} from '../domain/presence.ts';
import type { PublicationInput, PublicationWire } from '../protocol/presence.ts';
import type { Availability, PublicationKind } from '../protocol/vocabulary.ts';
import type { PresencePolicy } from './presence-policy.ts';
import type { Presentity } from './presentity.ts';

/** Which availability a source of each kind may assert; what it may not, it cannot know. */
const assertable: Record<PublicationKind, readonly Availability[]> = {
  machine: ['available', 'available-idle', 'away', 'offline'],
  phone: ['available', 'busy', 'offline'],
  calendar: ['available', 'busy', 'away'],
  application: ['available', 'available-idle', 'busy', 'do-not-disturb', 'be-right-back', 'away', 'offline'],
};

/** An instant as the wire has it. */
export const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** When the person last touched what publishes this; null where the source knows of no touch. */
function inputAt(input: PublicationInput, now: number, policy: AggregationPolicy): number | null {
  if (input.idleSeconds !== undefined) return now - input.idleSeconds * 1_000;
  if (input.kind !== 'machine') return null;
  return input.availability === 'available-idle' ? now - policy.idleAfterMs : now;
}

/** Clients cannot choose an id with a slash, so what comes from calendars and other systems never meets theirs. */
export const isFromSource = ({ id }: Publication): boolean => id.includes('/');

/** True where more changed than the lease and the last input: only that is worth a write. */
export const isOtherAssertion = (a: Publication, b: Publication): boolean =>
  a.kind !== b.kind ||
  a.endpoint !== b.endpoint ||
  a.availability !== b.availability ||
  a.activity !== b.activity ||
  a.device !== b.device ||
  a.subject !== b.subject ||
  a.location !== b.location ||
  a.startsAt !== b.startsAt ||
  // The end of anything but a lease is what watchers see.
  (a.kind !== 'machine' && a.expiresAt !== b.expiresAt);

/** The entity tag of a publication: it changes with every publish. */
export const etagOf = ({ publishedAt }: Publication): string => `"${publishedAt.toString(36)}"`;

/** Throws `precondition-failed` where `If-Match` names another state than the current one. */
export function checkMatch(current: Publication | undefined, ifMatch: string | null): void {
  if (ifMatch === null) return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (current !== undefined && (tags.includes('*') || tags.includes(etagOf(current)))) return;
  throw new DomainError(
    'precondition-failed',
    current === undefined
      ? 'There is no live publication of that id.'
      : `The publication was replaced in between; its entity tag is ${etagOf(current)}.`,
  );
}

function checkAssertion(
  kind: PublicationKind,
  availability: Availability,
  activity: string | null,
  policy: PresencePolicy,
): void {
  if (!assertable[kind].includes(availability))
    throw new DomainError(
      'availability-not-for-kind',
      `A ${kind} does not publish "${availability}"; it may publish ${assertable[kind].join(', ')}.`,
    );
  // An absence is shown beside any availability and changes none (PA12).
  if (activity !== 'out-of-office') checkActivity(availability, activity, policy);
}

/** Throws where an activity is not defined or does not belong to the availability (PA11). */
export function checkActivity(
  availability: Availability,
  activity: string | null,
  policy: PresencePolicy,
): void {
  if (activity === null) return;
  if (activity.startsWith('x-') && !policy.custom.has(activity))
    throw new DomainError('unknown-activity', `No activity "${activity}" is defined.`);
  if (!activityFits(activity as Parameters<typeof activityFits>[0], availability, policy.custom))
    throw new DomainError(
      'activity-contradicts-availability',
      `"${activity}" does not belong to "${availability}".`,
    );
}

/**
 * Makes the publication that an input stands for at `now`. Refuses what the kind cannot know and a start
 * behind the end. `earlier` is what it replaces, whether that is still alive or not.
 */
export function toPublication(
  id: string,
  input: PublicationInput,
  earlier: Publication | undefined,
  registrations: readonly Registration[],
  now: number,
  policy: PresencePolicy,
): Publication {
  checkAssertion(input.kind, input.availability, input.activity ?? null, policy);
  const expiresAt = now + input.expiresInSeconds * 1_000;
  const startsAt = input.startsAt === undefined ? null : Date.parse(input.startsAt);
  if (startsAt !== null && startsAt >= expiresAt)
    throw new DomainError('invalid-input', 'startsAt lies behind the expiry.', {
      errors: [{ pointer: '/startsAt', message: 'must lie before the expiry' }],
    });
  const named = toEndpointId(id);
  const bindsByName = registrations.some(({ endpoint }) => endpoint === named);
  return {
    id,
    kind: input.kind,
    endpoint: input.endpoint !== undefined ? toEndpointId(input.endpoint) : bindsByName ? named : null,
    availability: input.availability,
    activity: input.activity ?? null,
    inputAt: inputAt(input, now, policy),
    device: input.device ?? null,
    subject: input.subject ?? null,
    location: input.location ?? null,
    startsAt,
    // Strictly growing, so that it can serve as the entity tag.
    publishedAt: Math.max(now, (earlier?.publishedAt ?? 0) + 1),
    expiresAt,
  };
}

/**
 * PA32: a machine that becomes active again and again beside another one counts as idle until it has been
 * steady, so that a trembling mouse is not told to every watcher. Notes the moment in `person.rises`.
 */
export function steadied(
  person: Presentity,
  current: Publication | undefined,
  publication: Publication,
  now: number,
  policy: AggregationPolicy,
): Publication {
  if (publication.kind !== 'machine' || current === undefined) return publication;
  if (machineLevel(publication, now, policy) < 3) return publication;
  // It stays idle through everything that it repeats, until the moment comes.
  const steadyAt = current.steadyAt ?? Number.NEGATIVE_INFINITY;
  const { steadyAt: _, ...bare } = current;
  if (machineLevel(bare, now, policy) === 3)
    return steadyAt > now ? { ...publication, steadyAt } : publication;
  const isAlone = !person.publications.some(
    (other) =>
      other.kind === 'machine' &&
      other.id !== publication.id &&
      (other.device === null || other.device !== publication.device) &&
      counts(other, person.registrations, now),
  );
  if (isAlone) return publication;
  const trembling = tremblingAfter(person.rises?.get(publication.id) ?? [], now);
  person.rises ??= new Map();
  person.rises.set(publication.id, trembling.rises);
  return trembling.steadyAt === null ? publication : { ...publication, steadyAt: trembling.steadyAt };
}

/** A publication as it is answered, its times by the server's clock. */
export function publicationWire(publication: Publication): PublicationWire {
  const {
    id,
    kind,
    endpoint,
    availability,
    activity,
    inputAt: input,
    device,
    subject,
    location,
  } = publication;
  return {
    id,
    kind,
    ...(endpoint === null ? {} : { endpoint }),
    availability: availability as PublicationInput['availability'],
    activity,
    ...(input === null
      ? {}
      : { idleSeconds: Math.max(0, Math.round((publication.publishedAt - input) / 1_000)) }),
    ...(device === null ? {} : { device }),
    ...(subject === null ? {} : { subject }),
    ...(location === null ? {} : { location }),
    ...(publication.startsAt === null ? {} : { startsAt: new Date(publication.startsAt).toISOString() }),
    publishedAt: new Date(publication.publishedAt).toISOString(),
    expiresAt: iso(publication.expiresAt),
  };
}
