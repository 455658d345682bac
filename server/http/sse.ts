/**
 * The socket side of the event stream. After authentication the socket is written directly; everything
 * queued for a socket within one tick becomes one write, for the cost is per write, not per byte.
 * Backlog is bounded: superseded presence views go first, and messages never: then the stream is closed
 * with a retryable code and the cursor resumes.
 */
import type { Socket } from 'node:net';
import type { Sink } from '../services/event-stream.ts';

/** Queued bytes per socket beyond what it has taken; past this a reader counts as too slow. */
export const backlogBytes = 256 * 1024;
/** How long a closing socket may take to swallow its last bytes. */
const lastBytesMs = 5_000;

const head = (requestId: string, corsLines: string): Buffer =>
  Buffer.from(
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-store, no-transform\r\n' +
      `X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: ${requestId}\r\n${corsLines}Connection: close\r\n\r\n`,
  );

let dirty: SocketSink[] = [];
let scheduled = false;

function flushAll(): void {
  const batch = dirty;
  dirty = [];
  scheduled = false;
  for (const sink of batch) sink.flush();
}

/** Takes over a socket whose request has been authenticated, and writes the response head. */
export class SocketSink implements Sink {
  readonly #socket: Socket;
  readonly #tooSlow: () => void;
  #queue: Buffer[] = [];
  #keys: number[] = [];
  #bytes = 0;
  #dirty = false;
  /** True while the socket has not drained; nothing is written until it has. */
  #waiting = false;
  #ended = false;
  #whenDrained: (() => void)[] = [];

  constructor(socket: Socket, requestId: string, corsLines: string, tooSlow: () => void) {
    this.#socket = socket;
    this.#tooSlow = tooSlow;
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.write(head(requestId, corsLines));
  }

  send(bytes: Buffer, key: number): void {
    if (this.#ended) return;
    this.#queue.push(bytes);
    this.#keys.push(key);
    this.#bytes += bytes.length;
    if (this.#waiting) {
      if (this.#bytes > backlogBytes) this.#shed();
      return;
    }
    if (this.#dirty) return;
    this.#dirty = true;
    dirty.push(this);
    if (!scheduled) {
      scheduled = true;
      setImmediate(flushAll);
    }
  }

  flush(): void {
    this.#dirty = false;
    if (this.#waiting || this.#queue.length === 0) return;
    const chunk =
      this.#queue.length === 1 ? (this.#queue[0] as Buffer) : Buffer.concat(this.#queue, this.#bytes);
    this.#queue = [];
    this.#keys = [];
    this.#bytes = 0;
    if (this.#socket.write(chunk) || this.#socket.destroyed) {
      this.#release();
      return;
    }
    this.#waiting = true;
    this.#socket.once('drain', () => {
      this.#waiting = false;
      this.#release();
      this.flush();
    });
  }

  drained(): Promise<void> {
    if (this.#ended || this.#socket.destroyed || (this.#queue.length === 0 && !this.#waiting))
      return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenDrained.push(resolve);
      this.#socket.once('close', resolve);
    });
  }

  end(bytes: Buffer): void {
    if (this.#ended) return;
    this.#ended = true;
    // A reader that cannot take its backlog will not take it now; only the reason is worth a try.
    const rest = this.#waiting ? bytes : Buffer.concat([...this.#queue, bytes]);
    this.#queue = [];
    this.#release();
    this.#socket.end(rest);
    const timer = setTimeout(() => this.#socket.destroy(), lastBytesMs);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #release(): void {
    const waiting = this.#whenDrained;
    this.#whenDrained = [];
    for (const resolve of waiting) resolve();
  }

  /** Drops what a newer view of the same person supersedes, typing and heartbeats; if that is not enough, gives up. */
  #shed(): void {
    const newest = new Set<number>();
    const queue: Buffer[] = [];
    const keys: number[] = [];
    let bytes = 0;
    for (let at = this.#queue.length - 1; at >= 0; at -= 1) {
      const key = this.#keys[at] as number;
      if (key < 0 || (key > 0 && newest.has(key))) continue;
      newest.add(key);
      queue.push(this.#queue[at] as Buffer);
      keys.push(key);
      bytes += (this.#queue[at] as Buffer).length;
    }
    this.#queue = queue.reverse();
    this.#keys = keys.reverse();
    this.#bytes = bytes;
    if (bytes > backlogBytes) this.#tooSlow();
  }
}
