/**
 * Why a presence is what it is (SPEC PA16): one entry for every source, which of them decides, and a reason
 * as code, parameters and sentence. Only the owner is ever shown this. Asks the same predicates as the
 * compositor, and runs only when somebody looks.
 */
import type { PresenceSource } from '../protocol/presence.ts';
import type { Activity, Availability } from '../protocol/vocabulary.ts';
import type { CustomActivity } from './bands.ts';
import {
  type Aggregate,
  type AggregationPolicy,
  begins,
  boundTo,
  counts,
  inputOf,
  isBusyTime,
  isLive,
  isLockedElsewhere,
  machineLevel,
  machineLevels,
  type PresenceInputs,
  type Publication,
} from './presence.ts';
import type { Reader } from './reader.ts';
import { formatEnd, nameActivity, nameAvailability } from './sentences.ts';
import { reasonSentence, type WhyCode } from './why.ts';

interface Why {
  readonly code: WhyCode;
  readonly params: Readonly<Record<string, string>>;
}

/** Lists every live source of a presence, the deciding ones first, with their reasons in the reader's language. */
export function explain(
  inputs: PresenceInputs,
  aggregate: Aggregate,
  now: number,
  policy: AggregationPolicy,
  reader: Reader,
): PresenceSource[] {
  const sources: PresenceSource[] = [];
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const add = (
    source: Omit<PresenceSource, 'why' | 'publishedAt' | 'expiresAt'> & {
      publishedAt: number;
      expiresAt: number | null;
    },
    why: Why,
  ) =>
    sources.push({
      ...source,
      publishedAt: new Date(source.publishedAt).toISOString(),
      expiresAt: iso(source.expiresAt),
      why: {
        code: why.code,
        params: { ...why.params },
        text: reasonSentence(why.code, wordParams(why.params, reader, now, policy.custom), reader.language),
      },
    });

  const { preferred } = inputs;
  if (preferred !== null && (preferred.expiresAt === null || preferred.expiresAt > now)) {
    const why = whyManual(aggregate, preferred.expiresAt);
    add(
      {
        kind: 'manual',
        source: 'manual',
        endpoint: null,
        availability: preferred.availability,
        activity: preferred.activity,
        publishedAt: preferred.setAt,
        expiresAt: preferred.expiresAt,
        decides: decidesManually(aggregate),
      },
      why,
    );
  }
  for (const publication of inputs.publications) {
    if (publication.expiresAt !== null && publication.expiresAt <= now) continue;
    const decides = isDecider(publication, inputs, aggregate, now, policy);
    add(
      {
        kind: publication.kind,
        source: publication.id,
        endpoint: boundTo(publication),
        availability: publication.availability,
        activity: publication.activity,
        publishedAt: publication.publishedAt,
        expiresAt: publication.expiresAt,
        decides,
      },
      whyPublication(publication, decides, inputs, aggregate, now, policy),
    );
  }
  for (const registration of inputs.registrations) {
    const spoken = inputs.publications.some(
      (publication) =>
        publication.kind === 'machine' &&
        boundTo(publication) === registration.endpoint &&
        isLive(publication, now),
    );
    if (spoken) continue;
    const decides =
      (aggregate.rule === 'PA8' || aggregate.rule === 'PA10') &&
      aggregate.decider === null &&
      aggregate.endpoint === registration.endpoint;
    const age = now - registration.registeredAt;
    const level = age >= policy.awayAfterMs ? 1 : age >= policy.idleAfterMs ? 2 : 3;
    add(
      {
        kind: 'registration',
        source: registration.endpoint,
        endpoint: registration.endpoint,
        availability: level === 3 ? 'available' : level === 2 ? 'available-idle' : 'away',
        activity: null,
        publishedAt: registration.registeredAt,
        expiresAt: null,
        decides,
      },
      decides
        ? {
            code: 'most-active-machine',
            params: { level: machineLevels[level], at: at(registration.registeredAt) },
          }
        : machineOutranked(aggregate, registration.endpoint),
    );
  }
  const absence = inputs.outOfOffice;
  if (absence !== null && (absence.until === null || absence.until > now))
    add(
      {
        kind: 'out-of-office',
        source: 'out-of-office',
        endpoint: null,
        availability: null,
        activity: 'out-of-office',
        publishedAt: absence.from,
        expiresAt: absence.until,
        decides: false,
      },
      absence.from > now
        ? { code: 'not-started', params: { at: at(absence.from) } }
        : { code: 'out-of-office-only', params: {} },
    );
  return sources.sort(
    (a, b) =>
      Number(b.decides) - Number(a.decides) ||
      (a.publishedAt < b.publishedAt ? 1 : a.publishedAt > b.publishedAt ? -1 : 0) ||
      (a.source < b.source ? -1 : 1),
  );
}

const at = (ms: number) => new Date(ms).toISOString();

const decidesManually = (aggregate: Aggregate): boolean =>
  aggregate.rule === 'PA2' ||
  aggregate.rule === 'PA3' ||
  aggregate.rule === 'PA4' ||
  aggregate.rule === 'PA7';

/** Where the machine decides the shade of something else (busy or busy-idle), it does not decide. */
function isDecider(
  publication: Publication,
  inputs: PresenceInputs,
  aggregate: Aggregate,
  now: number,
  policy: AggregationPolicy,
): boolean {
  if (aggregate.decider === null || aggregate.decider.id !== publication.id) return false;
  if (aggregate.rule === 'PA8' || aggregate.rule === 'PA10')
    return counts(publication, inputs.registrations, now) && machineLevel(publication, now, policy) > 0;
  return true;
}

function whyManual(aggregate: Aggregate, expiresAt: number | null): Why {
  switch (aggregate.rule) {
    case 'PA1':
    case 'PA15':
      return { code: 'nobody-here', params: {} };
    case 'PA2':
      return { code: 'appears-offline', params: {} };
    case 'PA3':
    case 'PA4':
    case 'PA7':
      return expiresAt === null
        ? { code: 'chosen', params: {} }
        : { code: 'chosen-until', params: { at: at(expiresAt) } };
    case 'PA8':
      return { code: 'chosen-available', params: {} };
    default:
      return outranked(aggregate);
  }
}

/** What stands above: the deciding source by its name and kind. */
function outranked(aggregate: Aggregate): Why {
  const { decider, rule } = aggregate;
  if (rule === 'PA1' || rule === 'PA15') return { code: 'nobody-here', params: {} };
  if (rule === 'PA2') return { code: 'behind-offline', params: {} };
  if (rule === 'PA3' || rule === 'PA4' || rule === 'PA7') return { code: 'outranked-by-choice', params: {} };
  if (rule === 'PA5') return { code: 'outranked-by-focus', params: { source: decider?.id ?? '' } };
  if (rule === 'PA6') return { code: 'outranked-by-call', params: { source: decider?.id ?? '' } };
  if (rule === 'PA9') return { code: 'outranked-by-calendar', params: { source: decider?.id ?? '' } };
  return { code: 'outranked-by-machine', params: { source: decider?.id ?? aggregate.endpoint ?? '' } };
}

function machineOutranked(aggregate: Aggregate, endpoint: string): Why {
  if (aggregate.rule !== 'PA8' && aggregate.rule !== 'PA10') return outranked(aggregate);
  return aggregate.endpoint === endpoint
    ? { code: 'same-endpoint', params: { source: endpoint } }
    : { code: 'less-active', params: { source: aggregate.decider?.id ?? aggregate.endpoint ?? '' } };
}

function whyPublication(
  publication: Publication,
  decides: boolean,
  inputs: PresenceInputs,
  aggregate: Aggregate,
  now: number,
  policy: AggregationPolicy,
): Why {
  const { kind, activity } = publication;
  if (publication.availability === 'unknown')
    return { code: 'source-silent', params: { at: at(publication.publishedAt) } };
  if (publication.startsAt !== null && publication.startsAt > now)
    return { code: 'not-started', params: { at: at(publication.startsAt) } };
  const endpoint = boundTo(publication);
  if (endpoint !== null && !counts(publication, inputs.registrations, now))
    return { code: 'endpoint-not-here', params: { endpoint } };
  if (activity === 'out-of-office') return { code: 'out-of-office-only', params: {} };
  if (kind === 'calendar') {
    if (!isBusyTime(publication)) return { code: 'free-time', params: {} };
    if (
      aggregate.rule !== 'PA9' &&
      inputs.preferred?.availability === 'available' &&
      begins(publication) < inputs.preferred.setAt
    )
      return { code: 'skipped-by-choice', params: { at: at(inputs.preferred.setAt) } };
  }
  if (decides) return whyDecides(publication, aggregate, now, policy);
  if (
    activity !== null &&
    activity === aggregate.activity &&
    aggregate.rule !== 'PA1' &&
    aggregate.rule !== 'PA2'
  )
    return { code: 'gives-activity', params: { activity } };
  if (kind === 'machine' || (kind === 'application' && publication.inputAt !== null)) {
    if (publication.availability === 'offline') return { code: 'machine-off', params: {} };
    if (isLockedElsewhere(publication, inputs, now)) return { code: 'locked-elsewhere', params: {} };
    return machineOutranked(aggregate, endpoint ?? publication.id);
  }
  if (publication.availability === 'available' && kind === 'phone') return { code: 'phone-only', params: {} };
  return outranked(aggregate);
}

function whyDecides(
  publication: Publication,
  aggregate: Aggregate,
  now: number,
  policy: AggregationPolicy,
): Why {
  if (aggregate.rule === 'PA5') return { code: 'do-not-disturb-by-application', params: {} };
  if (aggregate.rule === 'PA6') return { code: 'on-a-call', params: {} };
  if (aggregate.rule === 'PA9')
    return publication.expiresAt === null
      ? { code: 'calendar-busy', params: {} }
      : { code: 'calendar-busy-until', params: { at: at(publication.expiresAt) } };
  if (publication.kind === 'machine' && publication.availability === 'away')
    return { code: 'locked', params: {} };
  if (publication.id.startsWith('teams/'))
    return { code: 'said-by-teams', params: { at: at(publication.publishedAt) } };
  if (publication.steadyAt !== undefined && publication.steadyAt > now)
    return { code: 'unsteady-machine', params: { at: at(publication.steadyAt) } };
  return {
    code: 'most-active-machine',
    params: { level: machineLevels[machineLevel(publication, now, policy)], at: at(inputOf(publication)) },
  };
}

/** Turns parameters into words for the sentence: times into the reader's clock, names into their language. */
function wordParams(
  params: Readonly<Record<string, string>>,
  reader: Reader,
  now: number,
  custom: ReadonlyMap<string, CustomActivity>,
): Record<string, string> {
  const worded: Record<string, string> = { ...params };
  if (params.at !== undefined) worded.at = formatEnd(Date.parse(params.at), reader, now);
  if (params.activity !== undefined)
    worded.activity = nameActivity(params.activity as Activity, reader.language, custom) ?? params.activity;
  if (params.level !== undefined) {
    const shown: Availability =
      params.level === 'active' ? 'available' : params.level === 'idle' ? 'available-idle' : 'away';
    worded.level = nameAvailability(shown, reader.language);
  }
  return worded;
}
