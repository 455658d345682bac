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

/**
 * So long what may be superseded gathers after such news have just left. Whoever comes is news for everybody who
 * watches them, and a write for each of those: when many come at once, that was most of what a connect cost.
 * News that come alone wait for nothing.
 */
const gatherMs = 4;

/** Those with something that must arrive leave at the end of the tick, those with other news as `gatherMs` says. */
let urgent: SocketSink[] = [];
let gathering: SocketSink[] = [];
let gatheredAt = 0;

function flushUrgent(): void {
  const batch = urgent;
  urgent = [];
  for (const sink of batch) sink.flush();
}

function flushGathered(): void {
  const batch = gathering;
  gathering = [];
  for (const sink of batch) sink.flushGathered();
  gatheredAt = performance.now();
}

function gather(sink: SocketSink): void {
  gathering.push(sink);
  if (gathering.length > 1) return;
  const rest = gatheredAt + gatherMs - performance.now();
  if (rest <= 0) setImmediate(flushGathered);
  else setTimeout(flushGathered, rest);
}

/**
 * Where the parts of a write are put together. One for all sockets, for nearly every write is taken at once; a
 * piece of memory of its own for each lay about until the next collection.
 */
const scratchBytes = 64 * 1024;
let scratch = Buffer.allocUnsafeSlow(scratchBytes);

function fill(target: Buffer, parts: readonly (Buffer | string)[]): Buffer {
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'string') at += target.write(part, at);
    else {
      target.set(part, at);
      at += part.length;
    }
  }
  return target.subarray(0, at);
}

const lengthOf = (part: Buffer | string): number =>
  typeof part === 'string' ? Buffer.byteLength(part) : part.length;

/** Takes over a socket whose request has been authenticated, and writes the response head. */
export class SocketSink implements Sink {
  readonly #socket: Socket;
  readonly #tooSlow: () => void;
  #queue: (Buffer | string)[] = [];
  #keys: number[] = [];
  #bytes = 0;
  #isUrgent = false;
  #isGathering = false;
  /** True while the socket has not drained; nothing is written until it has. */
  #waiting = false;
  #ended = false;
  #whenDrained: (() => void)[] = [];

  constructor(socket: Socket, requestId: string, corsLines: string, tooSlow: () => void) {
    this.#socket = socket;
    this.#tooSlow = tooSlow;
    socket.setTimeout(0);
    socket.setNoDelay(true);
    this.send(head(requestId, corsLines), 0);
  }

  send(part: Buffer | string, key: number): void {
    if (this.#ended) return;
    this.#queue.push(part);
    this.#keys.push(key);
    this.#bytes += lengthOf(part);
    if (this.#waiting) {
      if (this.#bytes > backlogBytes) this.#shed();
    } else if (key === 0) {
      if (this.#isUrgent) return;
      this.#isUrgent = true;
      urgent.push(this);
      if (urgent.length === 1) setImmediate(flushUrgent);
    } else if (!this.#isGathering) {
      this.#isGathering = true;
      gather(this);
    }
  }

  flushGathered(): void {
    this.#isGathering = false;
    this.flush();
  }

  flush(): void {
    this.#isUrgent = false;
    if (this.#waiting || this.#queue.length === 0) return;
    const isTaken = this.#write();
    this.#queue = [];
    this.#keys = [];
    this.#bytes = 0;
    if (isTaken || this.#socket.destroyed) {
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
    const rest = this.#waiting
      ? bytes
      : fill(Buffer.allocUnsafe(this.#bytes + bytes.length), [...this.#queue, bytes]);
    this.#queue = [];
    this.#release();
    this.#socket.end(rest);
    const timer = setTimeout(() => this.#socket.destroy(), lastBytesMs);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Writes the whole queue at once; false when the socket must drain first. */
  #write(): boolean {
    const socket = this.#socket;
    const [first] = this.#queue;
    if (this.#queue.length === 1 && typeof first === 'object') return socket.write(first);
    // TLS takes nothing at once.
    if (this.#bytes > scratchBytes || 'encrypted' in socket)
      return socket.write(fill(Buffer.allocUnsafe(this.#bytes), this.#queue));
    const isTaken = socket.write(fill(scratch, this.#queue));
    // What the system did not take at once is still read from there.
    if (socket.writableLength > 0) scratch = Buffer.allocUnsafeSlow(scratchBytes);
    return isTaken;
  }

  #release(): void {
    const waiting = this.#whenDrained;
    this.#whenDrained = [];
    for (const resolve of waiting) resolve();
  }

  /** Drops what a newer view of the same person supersedes, typing and heartbeats; if that is not enough, gives up. */
  #shed(): void {
    const newest = new Set<number>();
    const queue: (Buffer | string)[] = [];
    const keys: number[] = [];
    let bytes = 0;
    for (let at = this.#queue.length - 1; at >= 0; at -= 1) {
      const key = this.#keys[at] as number;
      if (key < 0 || (key > 0 && newest.has(key))) continue;
      newest.add(key);
      const part = this.#queue[at] as Buffer | string;
      queue.push(part);
      keys.push(key);
      bytes += lengthOf(part);
    }
    this.#queue = queue.reverse();
    this.#keys = keys.reverse();
    this.#bytes = bytes;
    if (bytes > backlogBytes) this.#tooSlow();
  }
}
