/**
 * Presence in Graph's shape: reads for everybody who may, and the actions that write, with Graph's pairs,
 * durations and defaults. Privacy is applied where it always is: these rows only translate views.
 */
import type { ZodType } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { fromGraphPair, toGraphPair } from '../../domain/graph-words.ts';
import { isUuid, type UserId } from '../../domain/ids.ts';
import { wallToInstant } from '../../domain/zones.ts';
import type { Directory } from '../../ports/directory.ts';
import {
  graphClearPresenceSchema,
  graphIdsSchema,
  graphPreferredSchema,
  graphPresencesMost,
  graphSetPresenceSchema,
  graphStatusMessageSchema,
  parseDuration,
  preferredPairs,
  sessionPairs,
} from '../../protocol/graph.ts';
import type { PresenceView } from '../../protocol/presence.ts';
import type { PreferredAvailability } from '../../protocol/vocabulary.ts';
import type { PresenceService } from '../../services/presence.ts';
import type { Quotas } from '../../services/quotas.ts';
import { parse } from '../input.ts';
import {
  badRequest,
  type GraphAnswer,
  type GraphCall,
  type GraphRow,
  noSuchUser,
  ODataError,
  watcherOf,
} from './call.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Sessions live five minutes to four hours; five minutes where nothing is said (presence: setPresence). */
const session = { leastMs: 5 * minuteMs, mostMs: 240 * minuteMs, defaultMs: 5 * minuteMs };
const preferredDefaultMs = (availability: PreferredAvailability) =>
  availability === 'busy' || availability === 'do-not-disturb' ? dayMs : 7 * dayMs;
const preferredMostMs = 365 * dayMs;
/** About 20 MB. */
const translatedMost = 20_000;

/** Items with commas between two ends, in one piece and without a list in between. */
function enclose(head: string, items: readonly Buffer[], tail: string): Buffer {
  const commas = Math.max(0, items.length - 1);
  const inside = items.reduce((size, item) => size + item.length, commas);
  const whole = Buffer.allocUnsafe(Buffer.byteLength(head) + inside + tail.length);
  let end = whole.write(head);
  let before = '';
  for (const item of items) {
    end += whole.write(before, end);
    end += item.copy(whole, end);
    before = ',';
  }
  whole.write(tail, end);
  return whole;
}

const done: GraphAnswer = { status: 200 };

/** Sortable as text, as Graph promises; the view's own counter behind it. */
const sequenceOf = ({ sequence }: PresenceView): string => `A${String(sequence).padStart(15, '0')}`;

function presenceOf(view: PresenceView, isOwn: boolean): Record<string, unknown> {
  const { note, outOfOffice } = view;
  const content = note === null || note.kind === 'out-of-office' ? null : note;
  return {
    id: view.id,
    ...toGraphPair(view),
    outOfOfficeSettings: { isOutOfOffice: outOfOffice !== null, message: outOfOffice?.note ?? null },
    sequenceNumber: sequenceOf(view),
    statusMessage:
      content === null
        ? null
        : {
            message: { content: content.text, contentType: 'text' },
            // The end of somebody else's message is theirs to know.
            ...(isOwn && content.expiresAt !== null
              ? { expiryDateTime: { dateTime: content.expiresAt.replace('Z', '0000'), timeZone: 'UTC' } }
              : {}),
          },
    workLocation: null,
  };
}

export function presenceRows(services: {
  readonly presence: PresenceService;
  readonly directory: Directory;
  readonly quotas: Quotas;
  readonly now: () => number;
}): GraphRow[] {
  const { presence, directory, quotas, now } = services;

  const toJson = (viewJson: string, isOwn: boolean): Buffer =>
    Buffer.from(JSON.stringify(presenceOf(JSON.parse(viewJson) as PresenceView, isOwn)));

  /**
   * Graph's JSON by ours: a view is serialised once until it changes, and so is its translation. Kept as bytes: an
   * answer of 650 joined as text is garbage of twice its size, and one call in a hundred would wait for the collector.
   */
  const translated = new Map<string, Buffer>();
  function translate(viewJson: string): Buffer {
    let json = translated.get(viewJson);
    if (json === undefined) {
      json = toJson(viewJson, false);
      if (translated.size >= translatedMost) translated.clear();
      translated.set(viewJson, json);
    }
    return json;
  }

  /** What Graph's clients get for these ids, as JSON, in their order; PresenceUnknown for who is not in the directory. */
  async function presencesFor(call: GraphCall, ids: readonly string[]): Promise<Buffer[]> {
    const { principal, reader } = call;
    await quotas.ask(principal, ids);
    const views = await presence.viewsFor(watcherOf(principal), ids, reader);
    return views.map((json, at) =>
      ids[at]?.toLowerCase() === principal.userId ? toJson(json, true) : translate(json),
    );
  }

  /** Whom a path means: oneself, or an id; sign-in names are taken as well, which Graph itself does not. */
  async function personOf(call: GraphCall): Promise<UserId> {
    const { id } = call.params;
    if (id === undefined) return call.principal.userId;
    const [record] = isUuid(id) ? await directory.persons([id]) : await directory.resolve([id]);
    if (record == null) throw noSuchUser(id);
    return record.id;
  }

  async function read(call: GraphCall): Promise<GraphAnswer> {
    const id = await personOf(call);
    const [found] = await presencesFor(call, [id]);
    const context = JSON.stringify(`${call.root}/$metadata#users('${id}')/presence/$entity`);
    return { status: 200, json: `{"@odata.context":${context},${String(found).slice(1)}` };
  }

  async function readMany(call: GraphCall): Promise<GraphAnswer> {
    const { ids } = parse(graphIdsSchema, call.body, 'body');
    if (ids.length > graphPresencesMost)
      throw badRequest(`At most ${graphPresencesMost} ids are taken; these are ${ids.length}.`);
    const context = JSON.stringify(`${call.root}/$metadata#Collection(microsoft.graph.presence)`);
    const found = await presencesFor(call, ids);
    return { status: 200, json: enclose(`{"@odata.context":${context},"value":[`, found, ']}') };
  }

  /** Whose presence an action changes: people their own, programs anybody's who is in the directory. */
  async function subjectOf(call: GraphCall): Promise<UserId> {
    const id = await personOf(call);
    if (call.principal.kind === 'person' && id !== call.principal.userId)
      throw new ODataError(403, 'Forbidden', 'Cannot set the presence of another user.');
    return id;
  }

  function pairOf(body: { availability: string; activity: string }, taken: readonly string[]) {
    const name = `${body.availability}/${body.activity}`.toLowerCase();
    if (!taken.includes(name))
      throw badRequest(
        `The availability and activity combination '${body.availability}/${body.activity}' is not supported.`,
      );
    return fromGraphPair(body);
  }

  const sessionIdOf = (sessionId: string) => `graph.${sessionId.toLowerCase()}`;

  const actions: Record<string, (id: UserId, call: GraphCall) => GraphAnswer | Promise<GraphAnswer>> = {
    setPresence(id, { body }) {
      const input = read400(graphSetPresenceSchema, body);
      const { availability, activity } = pairOf(input, sessionPairs);
      const lastsMs =
        input.expirationDuration == null ? session.defaultMs : (parseDuration(input.expirationDuration) ?? 0);
      if (lastsMs < session.leastMs || lastsMs > session.mostMs)
        throw badRequest('expirationDuration must be between PT5M and PT4H.');
      presence.publish(
        id,
        sessionIdOf(input.sessionId),
        {
          kind: 'application',
          availability: availability as Exclude<typeof availability, 'unknown'>,
          activity,
          // An available session goes idle and away by itself unless it is set again, as in Teams.
          ...(availability === 'available' ? { idleSeconds: 0 } : {}),
          expiresInSeconds: Math.round(lastsMs / 1_000),
        },
        null,
      );
      return done;
    },

    clearPresence(id, { body }) {
      const { sessionId } = read400(graphClearPresenceSchema, body);
      try {
        presence.withdraw(id, sessionIdOf(sessionId), null);
      } catch (error) {
        if (error instanceof DomainError && error.code === 'not-found')
          throw new ODataError(404, 'NotFound', 'There is no presence session of that id.');
        throw error;
      }
      return done;
    },

    async setUserPreferredPresence(id, { body }) {
      const input = read400(graphPreferredSchema, body);
      const availability = pairOf(input, preferredPairs).availability as PreferredAvailability;
      const lastsMs =
        input.expirationDuration == null
          ? preferredDefaultMs(availability)
          : (parseDuration(input.expirationDuration) ?? 0);
      if (lastsMs <= 0 || lastsMs > preferredMostMs)
        throw badRequest('expirationDuration must be more than nothing and at most P365D.');
      await presence.setPreferred(id, { availability, expiresAt: new Date(now() + lastsMs).toISOString() });
      return done;
    },

    async clearUserPreferredPresence(id) {
      await presence.clearPreferred(id);
      return done;
    },

    async setStatusMessage(id, { body }) {
      const { statusMessage } = read400(graphStatusMessageSchema, body);
      const text = statusMessage?.message?.content ?? '';
      if (text === '') {
        await presence.clearNote(id);
        return done;
      }
      const end = statusMessage?.expiryDateTime;
      await presence.setNote(id, { text, ...(end == null ? {} : { expiresAt: instantOf(end) }) });
      return done;
    },
  };

  const everywhere = ['/me/presence', '/users/{id}/presence', '/communications/presences/{id}'];
  return [
    ...everywhere.map((path): GraphRow => ({ method: 'GET', path, limit: 'query', handle: read })),
    { method: 'POST', path: '/communications/getPresencesByUserId', limit: 'query', handle: readMany },
    ...everywhere.flatMap((path) =>
      Object.entries(actions).map(
        ([name, act]): GraphRow => ({
          method: 'POST',
          path: `${path}/${name}`,
          limit: 'write',
          handle: async (call) => act(await subjectOf(call), call),
        }),
      ),
    ),
  ];
}

const read400 = <Value>(schema: ZodType<Value>, body: unknown): Value => parse(schema, body ?? {}, 'body');

/** Graph's moment without an offset, in a zone by its IANA or its Windows name. */
function instantOf({
  dateTime,
  timeZone,
}: {
  dateTime: string;
  timeZone?: string | null | undefined;
}): string {
  const found = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?$/.exec(dateTime);
  const wall = found === null ? Number.NaN : Date.parse(`${found[1]}Z`);
  if (Number.isNaN(wall))
    throw badRequest(`expiryDateTime.dateTime '${dateTime}' is no moment such as 2026-11-21T17:00:00.`);
  const at = wallToInstant(wall, timeZone ?? 'UTC');
  if (at === null)
    throw badRequest(`The time zone '${timeZone}' is not known; give an IANA or a Windows name, or UTC.`);
  return new Date(at).toISOString();
}
