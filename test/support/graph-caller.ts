/** Calls our facade as a program written for Microsoft Graph would, holding every answer against Microsoft's description. */
import { expect } from 'vitest';
import { type GraphContract, hasGraphContract, openGraphContract } from './graph-contract.ts';
import type { TestServer } from './server.ts';

let contract: GraphContract | null = null;
if (hasGraphContract()) contract = openGraphContract('relaxed');
else
  process.stderr.write(
    'not checked: answers against the OpenAPI document of Graph, which is not beside the repository\n',
  );

export interface GraphReply<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}
export interface ODataErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly innerError: Readonly<Record<'date' | 'request-id' | 'client-request-id', string>>;
  };
}
export interface GraphPresence {
  readonly id: string;
  readonly availability: string;
  readonly activity: string;
  readonly outOfOfficeSettings: { readonly isOutOfOffice: boolean; readonly message: string | null };
  readonly sequenceNumber: string;
  readonly statusMessage: {
    readonly message: { readonly content: string };
    readonly expiryDateTime?: { readonly dateTime: string };
  } | null;
}

export type GraphCaller = <Body = Record<string, unknown>>(
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<GraphReply<Body>>;

/** `call('/me')` reads, `call('/me/presence/setPresence', {…})` posts; the path is below `/graph/v1.0`. */
export function graphCaller(server: TestServer, token: string | null): GraphCaller {
  return async <Body>(path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const method = body === undefined ? 'GET' : 'POST';
    const response = await server.fetch(`/graph/v1.0${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    const plain = path.replace('microsoft.graph.', '');
    const trouble = contract?.answerTrouble(method, plain, response.status, parsed);
    expect(trouble ?? null, `${method} ${path} ${response.status}`).toBeNull();
    return { status: response.status, headers: response.headers, body: parsed as Body, text };
  };
}
