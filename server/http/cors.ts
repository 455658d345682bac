/** Which foreign pages may call the API: an allow list of origins, never `*`, never credentials. */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';

export interface Cors {
  /** Whether this origin is on the list. */
  allows(origin: string): boolean;
  /** Headers for an answer to this request; empty for same-origin calls and for foreign origins. */
  headersFor(request: IncomingMessage): Record<string, string>;
  /** Answers preflight requests of allowed origins; lets everything else pass. */
  readonly preflight: RequestHandler;
}

const requestHeaders = [
  'Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Accept-Language, Time-Zone',
  // What clients of Microsoft Graph send beside those (seen on the wire).
  'client-request-id, SdkVersion, ConsistencyLevel, X-PeopleQuery-QuerySources, Cache-Control, Retry-Attempt, Prefer',
].join(', ');
const answerHeaders =
  'ETag, Idempotent-Replay, Retry-After, X-Request-Id, request-id, client-request-id, OData-Version';

/** Creates the allow list from origins such as `https://contoso.sharepoint.com` and `https://*.contoso.example`. */
export function createCors(origins: readonly string[]): Cors {
  const exact = new Set(origins.filter((origin) => !origin.includes('://*.')));
  const suffixes = origins.filter((origin) => origin.includes('://*.')).map((origin) => origin.split('://*'));
  const allowed = (origin: string) =>
    exact.has(origin) ||
    suffixes.some(
      ([scheme, suffix]) => origin.startsWith(`${scheme}://`) && origin.endsWith(suffix as string),
    );
  const headersFor = (request: IncomingMessage): Record<string, string> => {
    const origin = request.headers.origin;
    if (origin === undefined || !allowed(origin)) return {};
    return {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': answerHeaders,
      'Cross-Origin-Resource-Policy': 'cross-origin',
      Vary: 'Origin',
    };
  };
  return {
    allows: allowed,
    headersFor,
    preflight(request, response, next) {
      if (request.method !== 'OPTIONS') return next();
      response.writeHead(204, {
        ...headersFor(request),
        'Access-Control-Allow-Methods': 'GET, PUT, POST, PATCH, DELETE',
        'Access-Control-Allow-Headers': requestHeaders,
        'Access-Control-Max-Age': '600',
      });
      response.end();
    },
  };
}
