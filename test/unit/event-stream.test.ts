/** The stream that is kept open: what it sends, when it comes back, and when it gives up. */
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../addins/shared/client/backoff.ts';
import {
  createEventStream,
  type StreamEvent,
  type StreamState,
} from '../../addins/shared/client/event-stream.ts';
import { ApiFailure } from '../../addins/shared/client/problem.ts';
import { closingCodes } from '../../server/protocol/vocabulary.ts';

/** Timers that run when the test says so. */
function createTimers() {
  let now = 0;
  let next = 0;
  const waiting = new Map<number, { at: number; work(): void }>();
  return {
    timers: {
      set(work: () => void, ms: number) {
        waiting.set(++next, { at: now + ms, work });
        return next;
      },
      clear: (timer: unknown) => void waiting.delete(timer as number),
    },
    async advance(ms: number) {
      const end = now + ms;
      for (;;) {
        const due = [...waiting].filter(([, { at }]) => at <= end).toSorted(([, a], [, b]) => a.at - b.at)[0];
        if (!due) break;
        waiting.delete(due[0]);
        now = due[1].at;
        due[1].work();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
};

interface Opened {
  lastEventId: string | null;
  say(text: string): Promise<void>;
  ready(cursor: string, resumed?: boolean): Promise<void>;
  end(): Promise<void>;
  isAborted(): boolean;
}

function start(cursor: string | null = null) {
  const { timers, advance } = createTimers();
  const opened: Opened[] = [];
  const calls: [string, ...unknown[]][] = [];
  const events: StreamEvent[] = [];
  const states: StreamState[] = [];
  const refusals: ApiFailure[] = [];
  const watchFailures: Error[] = [];
  let renewals = 0;
  let isDue = false;
  const stream = createEventStream({
    endpoint: 'web-1',
    cursor,
    timers,
    random: () => 0,
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    onViews: () => {},
    async renewToken(force) {
      if (!force && !isDue) return false;
      isDue = false;
      renewals += 1;
      return true;
    },
    api: {
      async openEvents(_endpoint, lastEventId, signal) {
        const refusal = refusals.shift();
        if (refusal) throw refusal;
        let controller!: ReadableStreamDefaultController<Uint8Array>;
        const body = new ReadableStream<Uint8Array>({
          start(given) {
            controller = given;
          },
        });
        signal.addEventListener('abort', () => {
          try {
            controller.error(new DOMException('aborted', 'AbortError'));
          } catch {
            // Already closed.
          }
        });
        const say = async (text: string) => {
          controller.enqueue(new TextEncoder().encode(text));
          await settle();
        };
        opened.push({
          lastEventId,
          say,
          ready: (at, resumed = false) =>
            say(
              `event: ready\ndata: ${JSON.stringify({ streamId: `s${opened.length}`, cursor: at, heartbeatSeconds: 15, resumed })}\n\n`,
            ),
          async end() {
            controller.close();
            await settle();
          },
          isAborted: () => signal.aborted,
        });
        return new Response(body);
      },
      async alive(stream, at) {
        calls.push(['alive', stream, at]);
      },
      async renewStream(stream) {
        calls.push(['renew', stream]);
      },
      async putWatch(stream, ids) {
        calls.push(['put', stream, ...ids]);
        const failure = watchFailures.shift();
        if (failure) throw failure;
        return { items: [], next: null };
      },
      async patchWatch(stream, { add, remove }) {
        calls.push(['patch', stream, [...(add ?? [])], [...(remove ?? [])]]);
        return { items: [], next: null };
      },
    },
  });
  return {
    stream,
    opened,
    calls,
    events,
    states,
    refusals,
    watchFailures,
    advance,
    renewals: () => renewals,
    makeDue: () => {
      isDue = true;
    },
    last: () => opened.at(-1) as Opened,
  };
}

describe('event stream', () => {
  test('[UI9] it resumes from the last durable event; soft events do not move the cursor', async () => {
    const one = start();
    await settle();
    expect(one.last().lastEventId).toBeNull();
    await one.last().ready('e.5');
    await one.last().say('event: contact.changed\nid: e.6\ndata: {"contact":{}}\n\n');
    await one.last().say('event: typing\ndata: {"conversationId":"c","personId":"p"}\n\n');
    await one.last().end();
    await one.advance(1_000);
    expect(one.last().lastEventId).toBe('e.6');
    expect(one.events.map(({ type }) => type)).toEqual(['ready', 'contact.changed', 'typing']);
    one.stream.close();
  });

  test('[UI9] alive is posted on every second heartbeat that arrives, with the cursor', async () => {
    const one = start();
    await settle();
    await one.last().ready('e.1');
    await one.last().say(': 1\n\n');
    expect(one.calls).toEqual([]);
    await one.last().say(': 2\n\n: 3\n\n: 4\n\n');
    expect(one.calls).toEqual([
      ['alive', 's1', 'e.1'],
      ['alive', 's1', 'e.1'],
    ]);
    one.stream.close();
  });

  test('[UI9] a message that arrived is acknowledged soon, many of them once', async () => {
    const one = start();
    await settle();
    await one.last().ready('e.1');
    await one
      .last()
      .say('event: message.posted\nid: e.2\ndata: {}\n\nevent: message.posted\nid: e.3\ndata: {}\n\n');
    await one.advance(1_600);
    expect(one.calls).toEqual([['alive', 's1', 'e.3']]);
    one.stream.close();
  });

  test('[UI9] a token that is about to end is renewed on the open stream', async () => {
    const one = start();
    await settle();
    await one.last().ready('e.1');
    one.makeDue();
    await one.last().say(': 1\n\n: 2\n\n');
    expect(one.calls).toEqual([
      ['renew', 's1'],
      ['alive', 's1', 'e.1'],
    ]);
    one.stream.close();
  });

  test('[UI9] two and a half heartbeats of silence are a dead connection', async () => {
    const one = start();
    await settle();
    await one.last().ready('e.1');
    await one.advance(37_000);
    expect(one.opened).toHaveLength(1);
    await one.advance(1_500);
    expect(one.opened).toHaveLength(2);
    expect(one.last().lastEventId).toBe('e.1');
    one.stream.close();
  });

  test('[UI9] the whole watch list is put after every ready, and only differences in between', async () => {
    const one = start();
    await settle();
    one.stream.watch(new Set(['a', 'b']));
    await one.last().ready('e.1');
    one.stream.watch(new Set(['b', 'c']));
    await settle();
    await one.last().end();
    await one.advance(1_000);
    await one.last().ready('e.1', true);
    expect(one.calls).toEqual([
      ['put', 's1', 'a', 'b'],
      ['patch', 's1', ['c'], ['a']],
      ['put', 's2', 'b', 'c'],
    ]);
    one.stream.close();
  });

  test('[UI9] a watch list that could not be put is put again', async () => {
    const one = start();
    await settle();
    one.watchFailures.push(new Error('busy'));
    one.stream.watch(new Set(['a']));
    await one.last().ready('e.1');
    await one.advance(2_000);
    expect(one.calls).toEqual([
      ['put', 's1', 'a'],
      ['put', 's1', 'a'],
    ]);
    one.stream.close();
  });

  test.each([
    [closingCodes.restart, 'resumes', 'e.1'],
    [closingCodes.drain, 'resumes', 'e.1'],
    [closingCodes.slowReader, 'resumes', 'e.1'],
    [closingCodes.tokenExpired, 'resumes', 'e.1'],
    [closingCodes.refetch, 'starts anew', null],
  ])('[UI9] closing %i %s', async (code, _what, cursor) => {
    const one = start();
    await settle();
    await one.last().ready('e.1');
    await one.last().say(`event: closing\ndata: {"code":${code},"retryAfterMs":2000}\n\n`);
    await one.last().end();
    await one.advance(1_900);
    expect(one.opened).toHaveLength(1);
    await one.advance(200);
    expect(one.opened).toHaveLength(2);
    expect(one.last().lastEventId).toBe(cursor);
    expect(one.renewals()).toBe(code === closingCodes.tokenExpired ? 1 : 0);
    one.stream.close();
  });

  test.each([
    [closingCodes.revoked, 'revoked'],
    [closingCodes.tooManyStreams, 'too-many-streams'],
    [closingCodes.disabled, 'disabled'],
  ])('[UI9] closing %i is the end: %s', async (code, reason) => {
    const one = start();
    await settle();
    await one.last().ready('e.1');
    await one.last().say(`event: closing\ndata: {"code":${code},"retryAfterMs":null}\n\n`);
    await one.advance(120_000);
    expect(one.opened).toHaveLength(1);
    expect(one.states.at(-1)).toEqual({ kind: 'stopped', reason });
  });

  test.each([
    [new ApiFailure('unauthenticated', 401, null), 'signed-out'],
    [new ApiFailure('token-revoked', 401, null), 'revoked'],
    [new ApiFailure('disabled', 403, null), 'disabled'],
  ])('[UI9] %s at the door ends it: %s', async (refusal, reason) => {
    const one = start();
    one.refusals.push(refusal);
    await settle();
    // The first door was open before the refusal was laid down.
    await one.last().end();
    await one.advance(60_000);
    expect(one.states.at(-1)).toEqual({ kind: 'stopped', reason });
  });

  test('[UI9] a server that is away is asked again, later and later, and at once when nudged', async () => {
    const one = start();
    for (let index = 0; index < 30; index++) one.refusals.push(new ApiFailure('unreachable', 0, null));
    await settle();
    await one.last().end();
    const before = one.refusals.length;
    await one.advance(10_000);
    const asked = before - one.refusals.length;
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(9);
    const left = one.refusals.length;
    one.stream.nudge();
    await settle();
    expect(one.refusals.length).toBe(left - 1);
    one.stream.close();
  });

  test('[UI9] Retry-After is obeyed', async () => {
    const one = start();
    await settle();
    one.refusals.push(new ApiFailure('rate-limited', 429, null, 9_000));
    await one.last().end();
    await one.advance(300);
    expect(one.refusals).toHaveLength(0);
    await one.advance(8_900);
    expect(one.opened).toHaveLength(1);
    await one.advance(200);
    expect(one.opened).toHaveLength(2);
    one.stream.close();
  });

  test('[UI9] a reset forgets the cursor; an event of a newer server is passed over', async () => {
    const one = start('old.1');
    await settle();
    expect(one.last().lastEventId).toBe('old.1');
    await one.last().say('event: reset\ndata: {"reason":"too-old"}\n\nevent: hologram\nid: x\ndata: {}\n\n');
    await one.last().end();
    await one.advance(1_000);
    expect(one.events.map(({ type }) => type)).toEqual(['reset']);
    expect(one.last().lastEventId).toBeNull();
    one.stream.close();
  });

  test('[UI9] text that is no JSON ends the connection instead of being half believed', async () => {
    const one = start();
    await settle();
    await one.last().ready('e.1');
    await one.last().say('event: typing\ndata: {"conv\n\n');
    expect(one.last().isAborted()).toBe(true);
    await one.advance(1_000);
    expect(one.last().lastEventId).toBe('e.1');
    one.stream.close();
  });

  test('[UI9] closing by oneself ends the request and asks no more', async () => {
    const one = start();
    await settle();
    await one.last().ready('e.1');
    one.stream.close();
    expect(one.last().isAborted()).toBe(true);
    await one.advance(120_000);
    expect(one.opened).toHaveLength(1);
  });
});

describe('backoff', () => {
  test('[UI9] waits double from half a second to half a minute, between half and the whole of each', () => {
    expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, () => 0))).toEqual([250, 500, 1_000, 2_000]);
    expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, () => 1))).toEqual([500, 1_000, 2_000, 4_000]);
    expect(backoffMs(1_000, () => 1)).toBe(30_000);
  });
});
