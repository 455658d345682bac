/** Builders for presence inputs: noon of a fixed day, and sources said in few words. */
import { type EndpointId, toEndpointId } from '../../server/domain/ids.ts';
import type { Preferred, PresenceInputs, Publication, Registration } from '../../server/domain/presence.ts';

export const noon = Date.UTC(2026, 10, 2, 12, 0, 0);
export const minute = 60_000;

export const nothing: PresenceInputs = {
  publications: [],
  registrations: [],
  preferred: null,
  note: null,
  outOfOffice: null,
};

export const at = (endpoint: string, registeredAt = noon): Registration => ({
  endpoint: toEndpointId(endpoint),
  registeredAt,
});

/** A publication, live since noon for an hour, with whatever the case is about. */
export const publication = (
  over: Partial<Omit<Publication, 'endpoint'>> & { endpoint?: string | null },
): Publication => ({
  id: 'desk',
  kind: 'machine',
  availability: 'available',
  activity: null,
  inputAt: null,
  device: null,
  subject: null,
  location: null,
  startsAt: null,
  publishedAt: noon,
  expiresAt: noon + 60 * minute,
  ...over,
  endpoint: (over.endpoint ?? null) as EndpointId | null,
});

/** A machine bound to the endpoint of its name, last touched `idleMinutes` before noon. */
export const machine = (id: string, idleMinutes = 0, over: Partial<Publication> = {}): Publication =>
  publication({ id, endpoint: id, inputAt: noon - idleMinutes * minute, ...over });

export const chosen = (
  availability: Preferred['availability'],
  over: Partial<Preferred> = {},
): Preferred => ({
  availability,
  activity: null,
  setAt: noon,
  expiresAt: null,
  ...over,
});

export const meeting = (over: Parameters<typeof publication>[0] = {}) =>
  publication({
    id: 'meeting',
    kind: 'calendar',
    availability: 'busy',
    activity: 'in-a-meeting',
    startsAt: noon - 30 * minute,
    subject: 'Budget 2027',
    ...over,
  });
export const call = (over: Parameters<typeof publication>[0] = {}) =>
  publication({ id: 'call', kind: 'phone', availability: 'busy', activity: 'in-a-call', ...over });
export const focus = (over: Parameters<typeof publication>[0] = {}) =>
  publication({
    id: 'focus',
    kind: 'application',
    availability: 'do-not-disturb',
    activity: 'focusing',
    ...over,
  });
