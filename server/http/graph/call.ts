/**
 * One call of the facade, and what answers it: the same for a request of its own and for an item of a
 * batch. Errors are Graph's, with the code that its clients look at.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Watcher } from '../../domain/privacy.ts';
import type { Reader } from '../../domain/reader.ts';
import type { Principal } from '../../ports/identity.ts';
import type { ProblemCode } from '../../protocol/problems.ts';
import type { ODataQuery } from './query.ts';

export interface GraphCall {
  readonly principal: Principal;
  readonly params: Readonly<Record<string, string>>;
  readonly query: ODataQuery;
  readonly body: unknown;
  readonly reader: Reader;
  /** `https://host/graph/v1.0`: what links and contexts begin with. */
  readonly root: string;
}

export interface GraphAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Already serialised, instead of `body`; in UTF-8 where it is put together from pieces that are kept. */
  readonly json?: string | Buffer;
  readonly bytes?: { readonly mediaType: string; readonly content: Buffer };
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GraphRow {
  readonly method: 'GET' | 'POST';
  /** Below `/graph/v1.0`, parameters as `{name}`. */
  readonly path: string;
  readonly limit: 'query' | 'search' | 'write';
  readonly handle: (call: GraphCall) => GraphAnswer | Promise<GraphAnswer>;
}

export const watcherOf = ({ userId, external, kind }: Principal): Watcher => ({ userId, external, kind });

/** A refusal in Graph's words. Clients look at `code`; the sentence is for people. */
export class ODataError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, code: string, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.name = 'ODataError';
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const badRequest = (message: string) => new ODataError(400, 'BadRequest', message);
export const noSuchUser = (id: string) =>
  new ODataError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

const codes: Partial<Record<ProblemCode, string>> = {
  unauthenticated: 'InvalidAuthenticationToken',
  'token-expired': 'InvalidAuthenticationToken',
  'token-revoked': 'InvalidAuthenticationToken',
  forbidden: 'Authorization_RequestDenied',
  disabled: 'Authorization_RequestDenied',
  'not-admitted': 'Authorization_RequestDenied',
  'not-found': 'ResourceNotFound',
  'method-not-allowed': 'MethodNotAllowed',
  'rate-limited': 'TooManyRequests',
  internal: 'InternalServerError',
};

/** What Graph would say to an error of ours; null where it is none that anyone may be told of. */
export function toODataError(error: unknown): ODataError | null {
  if (error instanceof ODataError) return error;
  if (!(error instanceof DomainError) || error.code === 'internal') return null;
  // A quota is a limit over time: clients that wait and come back do right.
  const status = error.code === 'policy-quota' ? 403 : error.status === 422 ? 400 : error.status;
  const code =
    codes[error.code] ??
    (status === 503 ? 'ServiceUnavailable' : status === 403 ? 'Forbidden' : 'BadRequest');
  const wait = status === 429 || status === 503 ? (error.retryAfterSeconds ?? 1) : null;
  return new ODataError(status, code, error.message, wait);
}

/** The body of an error answer. Microsoft's clients read `innerError`, spelled so. */
export const errorBody = (error: ODataError, requestId: string, clientRequestId: string, now: number) => ({
  error: {
    code: error.code,
    message: error.message,
    innerError: {
      date: `${new Date(now).toISOString().slice(0, 19)}Z`,
      'request-id': requestId,
      'client-request-id': clientRequestId,
    },
  },
});
