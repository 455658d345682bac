/**
 * A run under faults: nodes, streams that find another node when theirs is gone, senders that repeat until
 * they are acknowledged. Knows how clients behave and what each fault does; `history.ts` judges.
 */
import { openStream } from '../support/sse-client.ts';
import type { Acknowledged, History, Received, Stored } from './history.ts';

/** A generator of numbers in [0, 1) from a seed (mulberry32), so that a run can be repeated by its seed. */
export function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Person {
  readonly id: string;
  readonly token: string;
}

/** Addresses of the nodes as they are now; a node that was started anew has another one. */
export type Addresses = () => readonly string[];

/** How long a client waits for an answer before it asks another node. */
const answerMs = 4_000;
/** A stream without a byte for so long is given up (two heartbeats and a bit). */
const silentMs = 35_000;
/** How long a node that did not answer is left alone. */
const shunnedMs = 10_000;

export class Rehearsal {
  readonly #addresses: Addresses;
  readonly #chance: () => number;
  readonly acknowledged: Acknowledged[] = [];
  readonly received = new Map<string, Received[]>();
  /** Per stream that was lost: how long until it was live on some node again. */
  readonly returns: number[] = [];
  readonly #shunned = new Map<string, number>();
  #isSending = true;
  #isOver = false;
  readonly #streams: Promise<void>[] = [];
  readonly #senders: Promise<void>[] = [];
  /** What ended a stream or a sender for good. */
  readonly failures: string[] = [];

  constructor(addresses: Addresses, chance: () => number) {
    this.#addresses = addresses;
    this.#chance = chance;
  }

  /** A node by chance; one that has just not answered is left alone for a while, as a balancer does. */
  #any(): string {
    const all = this.#addresses();
    const now = Date.now();
    const well = all.filter((base) => (this.#shunned.get(base) ?? 0) < now);
    const among = well.length > 0 ? well : all;
    return among[Math.floor(this.#chance() * among.length)] as string;
  }

  #shun(base: string): void {
    this.#shunned.set(base, Date.now() + shunnedMs);
  }

  async call<Body>(
    base: string,
    token: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(answerMs),
      headers: {
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
  }

  /** Asks one node after another until one answers as wanted. */
  async insist<Body>(
    token: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Body> {
    for (let tries = 0; ; tries += 1) {
      const base = this.#any();
      try {
        const answer = await this.call<Body>(base, token, method, path, body, headers);
        if (answer.status < 300) return answer.body;
        if (answer.status < 500 && answer.status !== 429)
          throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      } catch (error) {
        if (tries > 300 || (error instanceof Error && error.message.startsWith(method))) throw error;
        this.#shun(base);
      }
      await pause(50 + this.#chance() * 150);
    }
  }

  async signIn(address: string): Promise<Person> {
    const { access_token: token, person } = await this.insist<{
      access_token: string;
      person: { id: string };
    }>('', 'POST', '/demo/token', { user: address });
    return { id: person.id, token };
  }

  /** Keeps a stream of this person open on some node until the end; resolves when it is live for the first time. */
  follow(person: Person, endpoint = 'desk'): Promise<void> {
    const received: Received[] = [];
    this.received.set(person.id, received);
    return new Promise<void>((live) => {
      this.#streams.push(this.#told(this.#followFor(person, endpoint, received, live)));
    });
  }

  #told(work: Promise<void>): Promise<void> {
    return work.catch((error) => {
      this.failures.push(String(error));
    });
  }

  async #followFor(person: Person, endpoint: string, received: Received[], live: () => void): Promise<void> {
    let cursor: string | null = null;
    let lostAt: number | null = null;
    while (!this.#isOver) {
      const base = this.#any();
      const opening = openStream(`${base}/api/v1/events?endpoint=${endpoint}`, {
        token: person.token,
        ...(cursor === null ? {} : { lastEventId: cursor }),
      });
      opening.catch(() => {});
      const stream = await Promise.race([opening, pause(answerMs).then(() => null)]).catch(() => null);
      if (stream === null) {
        this.#shun(base);
        lostAt ??= Date.now();
        // It may still come up: then nobody wants it any more.
        opening.then((late) => late.close()).catch(() => {});
        continue;
      }
      let read = 0;
      let heardAt = Date.now();
      let aliveAt = Date.now();
      let bytes = 0;
      while (stream.isOpen && stream.status === 200 && !this.#isOver) {
        for (; read < stream.events.length; read += 1) {
          const { type, id, data } = stream.events[read]!;
          if (type === 'ready' && cursor === null) cursor = (data as { cursor: string }).cursor;
          if (type === 'reset')
            throw new Error(`${person.id} was told to start afresh: ${JSON.stringify(data)}`);
          if (type === 'presence.snapshot') {
            if (lostAt !== null) this.returns.push(Date.now() - lostAt);
            lostAt = null;
            live();
          }
          if (id === null) continue;
          cursor = id;
          if (type !== 'message.posted') continue;
          const { message } = data as { message: { id: string; conversationId: string; seq: number } };
          received.push({
            event: Number(id.slice(id.lastIndexOf('.') + 1)),
            conversation: message.conversationId,
            id: message.id,
            seq: message.seq,
          });
        }
        const now = Date.now();
        if (stream.raw.length !== bytes) [bytes, heardAt] = [stream.raw.length, now];
        if (now - heardAt > silentMs) {
          this.#shun(base);
          break;
        }
        if (now - aliveAt > 10_000) {
          aliveAt = now;
          const ready = stream.events.find(({ type }) => type === 'ready');
          const path = `/streams/${(ready?.data as { streamId: string } | undefined)?.streamId}/alive`;
          // To any node: it reaches the one that has the stream.
          this.call(this.#any(), person.token, 'POST', path).catch(() => {});
        }
        await pause(20);
      }
      stream.close();
      lostAt ??= Date.now();
      await pause(20 + this.#chance() * 100);
    }
  }

  /** Sends to a conversation, one message after the other, each repeated under one key until it is acknowledged. */
  send(person: Person, conversation: string, everyMs: number): void {
    const work = async () => {
      for (let number = 1; this.#isSending; number += 1) {
        const text = `${conversation} ${number}`;
        const { id, seq } = await this.insist<{ id: string; seq: number }>(
          person.token,
          'POST',
          `/conversations/${conversation}/messages`,
          { text },
          { 'Idempotency-Key': text.replaceAll(' ', '-') },
        );
        this.acknowledged.push({ conversation, text, id, seq });
        await pause(everyMs * (0.5 + this.#chance()));
      }
    };
    this.#senders.push(this.#told(work()));
  }

  /** Ends the sending; resolves when all that was under way is acknowledged. */
  async stopSending(): Promise<void> {
    this.#isSending = false;
    await Promise.all(this.#senders);
  }

  /** Ends the streams and the senders. */
  async end(): Promise<void> {
    await this.stopSending();
    this.#isOver = true;
    await Promise.all(this.#streams);
  }

  /** The whole history of a conversation as one node answers it. */
  async stored(base: string, person: Person, conversation: string): Promise<Stored[]> {
    const rows: Stored[] = [];
    for (;;) {
      const path = `/conversations/${conversation}/messages?after=${rows.at(-1)?.seq ?? 0}&limit=200`;
      const { body } = await this.call<{ items: Stored[] }>(base, person.token, 'GET', path);
      rows.push(...body.items.map(({ id, seq, text }) => ({ id, seq, text })));
      if (body.items.length < 200) return rows;
    }
  }

  history(conversations: History['conversations']): History {
    return { acknowledged: this.acknowledged, conversations, received: this.received };
  }
}
