/**
 * One row per route: method, path, who may call it, what it takes and gives, and one handler. Express, the
 * pre-router in front of it, the OpenAPI document and the table of rights are all made from these rows, so
 * they cannot disagree. Handlers know nothing of sockets, headers or Express.
 */
import type { Readable } from 'node:stream';
import type { ZodType } from 'zod';
import type { Reader } from '../domain/reader.ts';
import type { Principal } from '../ports/identity.ts';
import type { IdempotentRequest } from '../services/idempotency.ts';

/** Who may call: nobody signed in, a signed-in person, a person or application, or the role `admin`. */
export type Access = 'anonymous' | 'person' | 'any' | 'admin';

/** Rate limits of a person; the numbers stand in rate-limits.ts. */
export type RateLimit = 'send' | 'query' | 'search' | 'stream' | 'upload' | 'sign-in' | 'write' | 'denial';

export interface Call<Body = unknown, Query = unknown> {
  /** Present on every route but anonymous ones, where reading it throws. */
  readonly principal: Principal;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly reader: Reader;
  readonly requestId: string;
  /** Digest of the parsed request and the caller's key, on POSTs that create; null without the header. */
  readonly idempotent: IdempotentRequest | null;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  /** Present on rows with `upload: true`, null elsewhere. */
  readonly upload: Upload | null;
  /** How the request came, for routes that trust only direct calls from this machine. */
  readonly arrival: { readonly host: string; readonly forwarded: boolean };
}

/** A body that is not JSON, read by the handler itself: `POST /attachments`. */
export interface Upload {
  readonly stream: Readable;
  readonly contentType: string;
}

export interface Answer {
  readonly status: number;
  /** Serialised once as JSON; absent for 204. */
  readonly body?: unknown;
  /** Already serialised JSON, instead of `body`. */
  readonly json?: string;
  /** Bytes of another media type, sent as they come; `headers` name it. */
  readonly stream?: Readable;
  /** Text of another media type; `headers` name it. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, parameters as `{name}`: `/conversations/{id}/messages`. */
  readonly path: string;
  readonly access: Access;
  /** One sentence for the OpenAPI document. */
  readonly summary: string;
  readonly query?: ZodType;
  readonly body?: ZodType;
  /** Success answers by status; null = no body. Tests check every answer against them. */
  readonly answers: Readonly<Record<number, ZodType | null>>;
  /** Problem codes this route can answer beside the general ones. */
  readonly problems?: readonly string[];
  /** True where the handler reads a body that is not JSON. */
  readonly upload?: boolean;
  /** Which of the caller's rate limits a call counts against; none without it. */
  readonly limit?: RateLimit;
  /** True for the few routes that also stand on the pre-router, in front of Express. */
  readonly hot?: boolean;
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

/** Types a row's handler from its own schemas; adds nothing at run time. */
export function route<Body extends ZodType = ZodType<undefined>, Query extends ZodType = ZodType<unknown>>(
  row: Omit<Route, 'handle' | 'body' | 'query'> & {
    readonly body?: Body;
    readonly query?: Query;
    readonly handle: (call: Call<Body['_output'], Query['_output']>) => Answer | Promise<Answer>;
  },
): Route {
  return row as unknown as Route;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent: Answer = { status: 204 };
