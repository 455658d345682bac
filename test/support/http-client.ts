/** A person of the demo organisation over plain `fetch`, for servers in processes of their own. */
import { type EventStreamClient, openStream, type StreamOptions } from './sse-client.ts';

export interface HttpClient {
  readonly id: string;
  readonly token: string;
  /** Sends JSON, answers status and parsed body. A broken connection rejects. */
  call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: Body }>;
  stream(endpoint: string, options?: StreamOptions): Promise<EventStreamClient>;
}

/** Signs in `alice` and the like at a server such as `http://127.0.0.1:8480`. */
export async function signIn(server: string, name: string): Promise<HttpClient> {
  const response = await fetch(`${server}/api/v1/demo/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: `${name}@contoso.example` }),
  });
  if (!response.ok) throw new Error(`${name} cannot sign in: ${await response.text()}`);
  const { access_token: token, person } = (await response.json()) as {
    access_token: string;
    person: { id: string };
  };
  return clientOf(server, person.id, token);
}

/** The same person with the same token, at the same server or at one that took its place. */
export function clientOf(server: string, id: string, token: string): HttpClient {
  return {
    id,
    token,
    async call<Body>(
      method: string,
      path: string,
      body?: unknown,
      headers: Readonly<Record<string, string>> = {},
    ) {
      const response = await fetch(`${server}/api/v1${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
    },
    stream: (endpoint, options = {}) =>
      openStream(`${server}/api/v1/events?endpoint=${endpoint}`, { token, ...options }),
  };
}

export interface SentMessage {
  readonly seq: number;
  readonly text: string;
  readonly id: string;
}

/** Reads a whole conversation, page by page. */
export async function historyOf(client: HttpClient, conversationId: string): Promise<SentMessage[]> {
  const all: SentMessage[] = [];
  for (;;) {
    const after = all.at(-1)?.seq ?? 0;
    const { body } = await client.call<{ items: SentMessage[] }>(
      'GET',
      `/conversations/${conversationId}/messages?after=${after}&limit=200`,
    );
    if (body.items.length === 0) return all;
    all.push(...body.items);
  }
}
