/**
 * The one way to Microsoft Graph. Calls go through Microsoft's client; how many at a time, and when again after
 * a refusal, is decided here for all of them: a 429 or a failure holds everybody off, and after it one call goes
 * ahead to see whether Graph is back. Answers are believed only in the shape that they must have.
 */
import { Client, GraphError, HTTPMessageHandler } from '@microsoft/microsoft-graph-client';
import type { ZodType } from 'zod';
import { SourceFailure, waitAfter } from '../../domain/source-failure.ts';
import type { Clock } from '../../ports/clock.ts';
import { batchAnswerSchema } from './shapes.ts';

/** Graph allows four at a time for a mailbox; so many in all leave room for others. */
const atOnceMost = 4;
const withinMs = 30_000;
/** As Graph takes them. */
export const batchMost = 20;

export interface BatchItem {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: unknown;
}
/** One item's answer; `wait` where Graph wants to be asked again later. */
export type BatchReply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'wait'; readonly retryAfterMs: number };

export type GraphClient = ReturnType<typeof createGraphClient>;
/** The calls with one kind of token. */
export type GraphCalls = Omit<GraphClient, 'inNameOf'>;

export function createGraphClient(options: {
  /** `https://graph.microsoft.com`, without a slash at the end. */
  readonly url: string;
  /** `isDoubted`: Graph refused the last one. */
  readonly token: (isDoubted: boolean) => Promise<string>;
  readonly clock: Clock;
  /** Counts calls by outcome, for `/metrics`. */
  readonly onCall?: (outcome: 'answered' | 'throttled' | 'failed') => void;
  readonly chance?: () => number;
}) {
  const { url, clock } = options;
  const chance = options.chance ?? Math.random;
  let underWay = 0;
  let heldUntil = Number.NEGATIVE_INFINITY;
  /** Failures since the last answer; while there are any, one call at a time goes ahead. */
  let failures = 0;
  let isTokenDoubted = false;

  const client = Client.initWithMiddleware({
    middleware: new HTTPMessageHandler(),
    baseUrl: url,
    defaultVersion: 'v1.0',
    customHosts: new Set([new URL(url).hostname]),
  });

  /** A request with its token. Microsoft's own step for that would swallow why there is none. */
  async function request(path: string, signal: AbortSignal, bearer: () => Promise<string>) {
    // @SECURITY The token goes to the configured host alone, whatever a link in an answer says.
    const target = new URL(path, url);
    if (target.origin !== url)
      throw new SourceFailure('broken', `Graph's answer leads to ${target.origin}, which is not Graph.`);
    const token = await bearer();
    return client.api(path).header('Authorization', `Bearer ${token}`).options({ signal, redirect: 'error' });
  }

  /** Runs a call when its turn is; fails at once while Graph is to be left alone. */
  async function call<Shape>(
    ask: (signal: AbortSignal) => Promise<unknown>,
    shape: ZodType<Shape>,
    isPersons: boolean,
  ): Promise<Shape> {
    const now = clock.now();
    if (now < heldUntil)
      throw new SourceFailure('wait', 'Microsoft Graph is left alone for a while.', {
        retryAfterMs: heldUntil - now,
      });
    if (underWay >= (failures > 0 ? 1 : atOnceMost))
      throw new SourceFailure('wait', 'Enough calls to Microsoft Graph are under way.', {
        retryAfterMs: 1_000,
      });
    underWay += 1;
    try {
      const answer = await ask(AbortSignal.timeout(withinMs));
      const read = shape.safeParse(answer);
      if (!read.success)
        throw new SourceFailure(
          'broken',
          `Microsoft Graph answered in another form: ${read.error.issues[0]?.path.join('.') ?? ''} ${read.error.issues[0]?.message ?? ''}.`,
        );
      failures = 0;
      if (!isPersons) isTokenDoubted = false;
      options.onCall?.('answered');
      return read.data;
    } catch (error) {
      throw failed(error, isPersons);
    } finally {
      underWay -= 1;
    }
  }

  function failed(error: unknown, isPersons: boolean): SourceFailure {
    if (!isPersons && error instanceof GraphError && error.statusCode === 401) isTokenDoubted = true;
    if (error instanceof SourceFailure && error.kind === 'restart') return error;
    const failure = error instanceof SourceFailure ? error : failureOf(error);
    // A place that is forgotten, or one thing that is refused, says nothing against the next call.
    if (
      failure.kind === 'restart' ||
      (error instanceof GraphError &&
        error.statusCode >= 400 &&
        error.statusCode < 500 &&
        error.statusCode !== 429 &&
        (error.statusCode !== 401 || isPersons))
    ) {
      options.onCall?.('answered');
      failures = 0;
      return failure;
    }
    failures += 1;
    options.onCall?.(failure.retryAfterMs === null ? 'failed' : 'throttled');
    const waitMs =
      failure.retryAfterMs !== null
        ? failure.retryAfterMs * (1 + chance() * 0.1)
        : waitAfter(failures, null, chance());
    heldUntil = Math.max(heldUntil, clock.now() + waitMs);
    return failure.kind === 'wait'
      ? new SourceFailure('wait', failure.message, { retryAfterMs: waitMs, cause: error })
      : failure;
  }

  const callsWith = (bearer: () => Promise<string>, isPersons: boolean) => ({
    /** GET of a path below the version, or of a whole address that Graph gave. */
    get: <Shape>(path: string, shape: ZodType<Shape>): Promise<Shape> =>
      call(async (signal) => (await request(path, signal, bearer)).get(), shape, isPersons),
    post: <Shape>(path: string, body: unknown, shape: ZodType<Shape>): Promise<Shape> =>
      call(async (signal) => (await request(path, signal, bearer)).post(body), shape, isPersons),
    /** Up to 20 requests in one; each has its own answer, in their order. */
    async batch(items: readonly BatchItem[]): Promise<readonly BatchReply[]> {
      const requests = items.map(({ method, url: path, body }, at) => ({
        id: String(at),
        method,
        url: path,
        ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body }),
      }));
      const { responses } = await call(
        async (signal) => (await request('/$batch', signal, bearer)).post({ requests }),
        batchAnswerSchema,
        isPersons,
      );
      const byId = new Map(responses.map((response) => [response.id, response]));
      return items.map((_, at): BatchReply => {
        const response = byId.get(String(at));
        if (response === undefined) return { kind: 'wait', retryAfterMs: 60_000 };
        const { status, headers } = response;
        if (status !== 429 && status < 500) return { kind: 'answer', status, body: response.body };
        const given = Object.entries(headers ?? {}).find(
          ([name]) => name.toLowerCase() === 'retry-after',
        )?.[1];
        return { kind: 'wait', retryAfterMs: secondsOf(given) ?? 30_000 };
      });
    },
  });

  return {
    ...callsWith(() => options.token(isTokenDoubted), false),
    /** The same calls, in the same turn, with a person's token: one that is refused holds nobody else off. */
    inNameOf: (token: string) => callsWith(async () => token, true),
  };
}

/** Retry-After in ms; null where it says nothing that can be believed. */
function secondsOf(text: string | null | undefined): number | null {
  if (text == null || !/^\d{1,6}$/.test(text.trim())) return null;
  // An hour at most: who asks for more is asked again then.
  return Math.min(3_600, Math.max(1, Number(text))) * 1_000;
}

function failureOf(error: unknown): SourceFailure {
  if (!(error instanceof GraphError))
    return new SourceFailure(
      'wait',
      `Microsoft Graph does not answer: ${(error as Error)?.message ?? error}.`,
      { cause: error },
    );
  const { statusCode, code } = error;
  const what = `Microsoft Graph answers ${statusCode} ${code ?? ''}`.trim();
  if (statusCode === 410 || /syncState|resyncRequired/i.test(code ?? ''))
    return new SourceFailure('restart', `${what}.`, { cause: error });
  if (statusCode === 429 || statusCode === 503 || statusCode === 504)
    return new SourceFailure('wait', `${what}.`, {
      retryAfterMs: secondsOf(error.headers?.get('Retry-After')) ?? 30_000,
      cause: error,
    });
  if (statusCode >= 500 || statusCode === -1 || statusCode === 401)
    return new SourceFailure('wait', `${what}.`, { cause: error });
  return new SourceFailure('broken', `${what}: ${error.message}`, { cause: error });
}
