/**
 * A raw client of the event stream for tests: keeps every event in order of arrival, and the bytes they
 * came in, so that privacy can be asserted on what was really sent. It knows the SSE format and nothing of
 * Jellybean's events; it never reconnects by itself, since what happens then is what tests want to see.
 */
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface StreamEvent<Data = Record<string, unknown>> {
  readonly type: string;
  /** The `id:` of this event itself, null for soft and control events. */
  readonly id: string | null;
  /** Parsed JSON. */
  readonly data: Data;
  readonly arrivedAt: number;
}

export interface StreamOptions {
  readonly token?: string;
  readonly lastEventId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface NextOptions<Data> {
  readonly where?: (data: Data, event: StreamEvent<Data>) => boolean;
  /** Default 2 s: far above any delivery on one machine, short enough that a broken test ends soon. */
  readonly withinMs?: number;
}

interface Waiter {
  readonly accepts: (event: StreamEvent) => boolean;
  readonly resolve: (event: StreamEvent) => void;
  readonly reject: (error: Error) => void;
}

export class EventStreamClient {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Every event since the stream opened, taken or not. */
  readonly events: StreamEvent[] = [];
  /** Arrival times of comment lines, which is what heartbeats are. */
  readonly heartbeats: number[] = [];
  /** What a reconnecting client would send as `Last-Event-ID`. */
  lastEventId: string | null = null;
  /** The last `retry:` in ms. */
  retryMs: number | null = null;
  /** All text received, as it came. On an answer other than 200 this is the problem document. */
  raw = '';
  isOpen = true;
  /** Resolves when the other side ends the stream or the connection breaks. */
  readonly closed: Promise<void>;
  readonly #untaken: StreamEvent[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #request: ClientRequest;
  readonly #pause: (paused: boolean) => void;
  #line = '';
  #type = '';
  #id: string | null = null;
  #data: string[] = [];

  constructor(request: ClientRequest, response: IncomingMessage) {
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    this.#request = request;
    this.#pause = (paused) => (paused ? response.socket.pause() : response.socket.resume());
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#receive(text));
    this.closed = new Promise((resolve) => {
      // 'close' follows 'end', 'aborted' and a reset alike.
      response.on('error', () => {});
      response.on('close', () => {
        this.isOpen = false;
        for (const waiter of this.#waiters) waiter.reject(new Error(this.#missing('the stream ended')));
        this.#waiters.clear();
        resolve();
      });
    });
  }

  /**
   * Takes the first event of this type (any type without one) that has not been taken, or waits for it.
   * Events of other types stay where they are. Fails with the list of what did arrive.
   */
  next<Data = Record<string, unknown>>(
    type?: string,
    options: NextOptions<Data> = {},
  ): Promise<StreamEvent<Data>> {
    const { where, withinMs = 20_000 } = options;
    const accepts = (event: StreamEvent): boolean => {
      if (type !== undefined && event.type !== type) return false;
      const typed = event as StreamEvent<Data>;
      return where === undefined || where(typed.data, typed);
    };
    const index = this.#untaken.findIndex(accepts);
    if (index >= 0) return Promise.resolve(this.#untaken.splice(index, 1)[0] as StreamEvent<Data>);
    const wanted = type ?? 'an event';
    if (!this.isOpen)
      return Promise.reject(new Error(this.#missing(`the stream has ended without ${wanted}`)));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(this.#missing(`no ${wanted} within ${withinMs} ms`)));
      }, withinMs);
      const waiter: Waiter = {
        accepts,
        resolve: (event) => {
          clearTimeout(timer);
          resolve(event as StreamEvent<Data>);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** Fails if an untaken event of this type is there or arrives within the time. Takes nothing. */
  async expectNone(type: string, forMs = 200): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, forMs));
    const found = this.#untaken.find((event) => event.type === type);
    if (found) throw new Error(`expected no ${type}, but there was ${JSON.stringify(found.data)}`);
  }

  /** Takes all that is untaken, of one type or of all. */
  take(type?: string): StreamEvent[] {
    const taken = this.#untaken.filter((event) => type === undefined || event.type === type);
    const kept = this.#untaken.filter((event) => type !== undefined && event.type !== type);
    this.#untaken.splice(0, this.#untaken.length, ...kept);
    return taken;
  }

  /** Stops reading, so that the server sees a slow reader: the kernel's buffers fill and then its queue. */
  pause(): void {
    this.#pause(true);
  }

  resume(): void {
    this.#pause(false);
  }

  /** Hangs up and waits until the connection is gone on this side. */
  async close(): Promise<void> {
    this.#request.destroy();
    await this.closed;
  }

  #missing(what: string): string {
    const seen = this.events.map((event) => event.type).join(', ') || 'nothing';
    const body = this.status === 200 ? '' : `; status ${this.status}: ${this.raw.slice(0, 300)}`;
    return `${what}; arrived so far: ${seen}${body}`;
  }

  #receive(text: string): void {
    this.raw += text;
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  #takeLine(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    if (line.startsWith(':')) {
      this.heartbeats.push(Date.now());
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
    else if (field === 'retry') this.retryMs = Number(value);
  }

  #dispatch(): void {
    const [type, id, data] = [this.#type || 'message', this.#id, this.#data];
    this.#type = '';
    this.#id = null;
    this.#data = [];
    if (id !== null) this.lastEventId = id;
    if (data.length === 0) return;
    const event: StreamEvent = { type, id, data: JSON.parse(data.join('\n')), arrivedAt: Date.now() };
    this.events.push(event);
    for (const waiter of this.#waiters) {
      if (!waiter.accepts(event)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(event);
      return;
    }
    this.#untaken.push(event);
  }
}

/**
 * Opens a stream and resolves when the head of the answer is there, whatever its status. Every stream has a
 * connection of its own, and a self-signed certificate is accepted, as the development one is.
 */
export function openStream(url: string | URL, options: StreamOptions = {}): Promise<EventStreamClient> {
  const target = new URL(url);
  const isSecure = target.protocol === 'https:';
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
  if (options.lastEventId !== undefined) headers['last-event-id'] = options.lastEventId;
  Object.assign(headers, options.headers);
  return new Promise((resolve, reject) => {
    const request = isSecure
      ? httpsRequest(target, { headers, agent: false, rejectUnauthorized: false })
      : httpRequest(target, { headers, agent: false });
    request.once('response', (response) => {
      request.removeListener('error', reject);
      request.on('error', () => {});
      resolve(new EventStreamClient(request, response));
    });
    request.once('error', reject);
    request.end();
  });
}
