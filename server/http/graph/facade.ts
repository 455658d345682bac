/**
 * `/graph/v1.0`: presence and people for programs that were written for Microsoft Graph. The same bearer,
 * the same rights and the same privacy as the API; only words, routes and errors are Graph's.
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Router } from 'express';
import type { Log } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';
import type { Principal } from '../../ports/identity.ts';
import type { Cors } from '../cors.ts';
import type { Gate } from '../gate.ts';
import { readerOf, readJson } from '../input.ts';
import { rights } from '../rights.ts';
import { type BatchRequest, errorAnswer, runBatch } from './batch.ts';
import { errorBody, type GraphAnswer, type GraphRow, ODataError, toODataError } from './call.ts';
import { readODataQuery } from './query.ts';

export const graphBase = '/graph/v1.0';

interface FacadeOptions {
  readonly rows: readonly GraphRow[];
  readonly gate: Gate;
  readonly cors: Cors;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly timeZone: string;
  readonly baseUrl: string;
  readonly now: () => number;
}

const common = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-site',
  'OData-Version': '4.0',
} as const;
const jsonType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

const keyOf = ({ method, path }: Pick<GraphRow, 'method' | 'path'>): string =>
  `${method} ${graphBase}${path}`;
const batchKey = `POST ${graphBase}/$batch`;

/** The router of the facade; everything below `/graph` that it does not know is Graph's 404. */
export function createGraphFacade(options: FacadeOptions): Router {
  const { gate, cors, log, metrics, now } = options;
  const rows = options.rows.map((row) => ({ row, segments: row.path.split('/').slice(1), key: keyOf(row) }));
  for (const { key } of rows)
    if (rights[key] === undefined) throw new Error(`${key} has no row in the table of rights`);
  const root = `${options.baseUrl}${graphBase}`;

  /** The row for a method and a path below the version, with its parameters. Throws Graph's 404 or 405. */
  function find(method: string, path: string) {
    const given = segmentsOf(path);
    let isKnown = false;
    for (const { row, segments, key } of rows) {
      const params = match(segments, given);
      if (params === null) continue;
      isKnown = true;
      if (row.method === method) return { row, params, key };
    }
    if (isKnown)
      throw new ODataError(405, 'MethodNotAllowed', 'The method is not allowed for this resource.');
    throw new ODataError(
      404,
      'ResourceNotFound',
      `Resource not found for the segment '${given.at(-1) ?? ''}'.`,
    );
  }

  /** One request that has been let in: its own, or an item of a batch. */
  async function respond(
    request: IncomingMessage,
    principal: Principal,
    asked: BatchRequest,
  ): Promise<GraphAnswer> {
    const mark = asked.url.indexOf('?');
    const { row, params, key } = find(asked.method, mark < 0 ? asked.url : asked.url.slice(0, mark));
    gate.authorise(rights[key]?.access ?? 'admin', key, principal);
    gate.limit(row.limit, principal, request);
    return row.handle({
      principal,
      params,
      query: readODataQuery(asked.url),
      body: asked.body,
      reader: readerOf(request, options.timeZone),
      root,
    });
  }

  async function serve(
    request: IncomingMessage & { originalUrl?: string },
    response: ServerResponse,
    path: string,
  ): Promise<void> {
    const startedAt = performance.now();
    const requestId = randomUUID();
    const wish = String(request.headers['client-request-id'] ?? '');
    const clientRequestId = /^[\w.-]{1,100}$/.test(wish) ? wish : requestId;
    const headers = {
      ...common,
      ...cors.headersFor(request),
      'request-id': requestId,
      'client-request-id': clientRequestId,
    };
    const refused = (error: unknown): ODataError => {
      const known = toODataError(error);
      if (known !== null) return known;
      log.error({ requestId, err: error }, 'request failed');
      return new ODataError(
        500,
        'InternalServerError',
        'Something failed on the server; the log has it under this request id.',
      );
    };
    const bodyOf = (error: ODataError) => errorBody(error, requestId, clientRequestId, now());

    let route = `${request.method} ${graphBase}/…`;
    let answer: GraphAnswer;
    try {
      const method = request.method ?? 'GET';
      const isBatch = /^\/\$batch(\?|$)/.test(path);
      const mark = path.indexOf('?');
      // Nobody learns which routes there are without a good token.
      const found = gate.admitted(request, isBatch ? batchKey : `${method} ${graphBase}`);
      const principal = found instanceof Promise ? await found : found;
      const body = method === 'GET' ? undefined : await readJson(request);
      if (isBatch) {
        if (method !== 'POST') throw new ODataError(405, 'MethodNotAllowed', 'A batch is posted.');
        route = batchKey;
        gate.authorise('any', batchKey, principal);
        answer = await runBatch(body, async (item) => {
          try {
            return await respond(request, principal, item);
          } catch (error) {
            const known = refused(error);
            return errorAnswer(known, bodyOf(known));
          }
        });
      } else {
        route = find(method, mark < 0 ? path : path.slice(0, mark)).key;
        answer = await respond(request, principal, { method, url: path, body });
      }
    } catch (error) {
      const known = refused(error);
      answer = errorAnswer(known, bodyOf(known));
      if (known.status === 401)
        answer = { ...answer, headers: { 'WWW-Authenticate': 'Bearer realm="", error="invalid_token"' } };
      if (!request.complete) response.shouldKeepAlive = false;
    }
    send(response, answer, headers);
    const [verb = '', name = ''] = route.split(' ');
    metrics.requests.inc({ method: verb, route: name, status: answer.status });
    metrics.requestSeconds.observe({ kind: 'other' }, (performance.now() - startedAt) / 1_000);
  }

  const router = express.Router({ caseSensitive: true });
  router.use('/graph', cors.preflight, (request, response, next) => {
    const path = request.url;
    const below = path.startsWith('/v1.0/') ? path.slice('/v1.0'.length) : '/unknown';
    serve(request, response, below).catch(next);
  });
  return router;
}

/** Path → decoded segments. Keys in brackets count as segments, qualified action names as plain ones. */
function segmentsOf(path: string): string[] {
  let decoded: string[];
  try {
    decoded = path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    throw new ODataError(400, 'BadRequest', 'The address holds a malformed escape.');
  }
  if (decoded.at(-1) === '') decoded.pop();
  return decoded.flatMap((segment) => {
    const plain = segment.replace(/^microsoft\.graph\./i, '').replace(/\(\)$/, '');
    const keyed = /^([A-Za-z]+)\('([^']*)'\)$/.exec(plain);
    return keyed === null ? [plain] : [keyed[1] as string, keyed[2] as string];
  });
}

/** Parameters, or null where it is another path. Names of resources are taken in any case, as there. */
function match(pattern: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (pattern.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, wanted] of pattern.entries()) {
    const segment = given[at] as string;
    if (wanted.startsWith('{')) {
      if (segment === '') return null;
      params[wanted.slice(1, -1)] = segment;
    } else if (wanted.toLowerCase() !== segment.toLowerCase()) return null;
  }
  return params;
}

const toBuffer = (json: string | Buffer): Buffer => (typeof json === 'string' ? Buffer.from(json) : json);

function send(response: ServerResponse, answer: GraphAnswer, headers: Record<string, string>): void {
  if (response.destroyed) return;
  const content =
    answer.bytes?.content ??
    toBuffer(answer.json ?? (answer.body === undefined ? '' : JSON.stringify(answer.body)));
  response.writeHead(answer.status, {
    ...headers,
    ...(content.length === 0 ? {} : { 'Content-Type': answer.bytes?.mediaType ?? jsonType }),
    ...answer.headers,
    'Content-Length': content.length,
  });
  response.end(content);
}
