/**
 * A message from one person to one other, acknowledged after the durable commit: 1,000 conversations, the
 * recipients hold streams, the senders do not, so a message leads to one delivery. The reference stores
 * nothing; what is compared is how many sends a second one core takes.
 */
import { forEachAtOnce, startJellybean } from '../jellybean.ts';
import type { Profile } from '../load.ts';
import { postedProfile } from '../peers/peer.ts';
import { startReference } from '../peers/peers.ts';
import { rowOf } from '../report.ts';
import { type BenchCase, failures, ratios, takeTurns } from './bench-case.ts';
import { openConversations, seedRing, signInRing } from './prepare.ts';

const PAIRS = 1_000;

/** Columns: 1 = bearer of the recipient, 2 = bearer of the sender, 3 = conversation. */
export const messageProfile: Profile = {
  marker: 'stamp=',
  subscribe: [
    {
      send: 'GET /api/v1/events?endpoint=e@I@ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nAuthorization: Bearer @1@\r\n\r\n',
    },
    { expect: 'event: presence.snapshot' },
  ],
  publish:
    'POST /api/v1/conversations/@3@/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer @2@\r\nContent-Type: application/json\r\nContent-Length: @CL@\r\n\r\n{"text":"stamp=@T@ shall we meet at three?"}',
};

export const sendToOne: BenchCase = {
  name: 'send-to-one',
  async run(context) {
    const jellybean = await startJellybean(context.serverFlags, seedRing(2 * PAIRS, 0));
    const reference = await startReference();
    try {
      context.say(`  ${PAIRS} pairs open a conversation`);
      const people = await signInRing(jellybean, 2 * PAIRS);
      const pairs = Array.from(
        { length: PAIRS },
        (_, index) => [people[index + PAIRS]!, people[index]!] as const,
      );
      const conversations = await openConversations(jellybean, pairs);
      const base = {
        subscribers: PAIRS,
        groups: PAIRS,
        fanOut: 1,
        rate: 0,
        warmSeconds: context.warmSeconds,
        seconds: context.seconds,
        holdSeconds: 2,
      };
      const ours =
        (changes: { publishers: number; outstanding: number; rate?: number }) =>
        // Our own generator: the C one does not time answers, and these rates are no load for it.
        () =>
          context.run(
            {
              ...base,
              ...changes,
              label: 'jellybean',
              port: jellybean.port,
              profile: messageProfile,
              columns: pairs.map(([from, to], index) => [to.token, from.token, conversations[index] ?? '']),
              serverPids: [jellybean.server.pid],
            },
            'node',
          );
      const closed = { publishers: 64, outstanding: 64 };
      const results = await takeTurns(context, '64 outstanding', {
        jellybean: ours(closed),
        reference: () =>
          context.run({
            ...base,
            ...closed,
            label: 'reference',
            port: reference.port,
            profile: postedProfile,
            columns: [],
            serverPids: [reference.pid],
          }),
      });
      context.say('  500 sends/s');
      const steady = await takeTurns(context, '500 sends/s', {
        jellybean: ours({ publishers: 64, outstanding: 0, rate: 500 }),
      });
      // What was acknowledged is stored, once: the numbers of messages are gapless.
      const acknowledged = [...results.jellybean, ...steady.jellybean].reduce(
        (sum, result) => sum + (result.acknowledged ?? 0),
        0,
      );
      let stored = 0;
      await forEachAtOnce(pairs, async ([from], index) => {
        const { lastSeq } = await jellybean.call<{ lastSeq: number }>(
          from.token,
          'GET',
          `/conversations/${conversations[index]}`,
        );
        stored += lastSeq;
      });
      return {
        name: 'send-to-one',
        title: 'Send to one, durable',
        rounds: { closed: results, steady },
        rows: [
          rowOf(
            'sends/s ÷ reference',
            '',
            ratios(results.jellybean, results.reference, (r) => r.publishesPerSecond),
            { goal: { atLeast: 0.25 } },
          ),
          rowOf(
            'sends/s, 64 outstanding',
            '',
            results.jellybean.map((r) => r.publishesPerSecond),
          ),
          rowOf(
            'the reference, nothing stored',
            '',
            results.reference.map((r) => r.publishesPerSecond),
          ),
          rowOf(
            'CPU per send',
            'µs',
            results.jellybean.map((r) => r.cpuMicrosPerEvent),
          ),
          rowOf(
            'CPU per send ÷ reference',
            '',
            ratios(results.jellybean, results.reference, (r) => r.cpuMicrosPerEvent),
          ),
          rowOf(
            '64 outstanding: acknowledged p50',
            'ms',
            results.jellybean.map((r) => r.ackP50),
          ),
          rowOf(
            '64 outstanding: acknowledged p99',
            'ms',
            results.jellybean.map((r) => r.ackP99),
            { goal: { atMost: 20 } },
          ),
          rowOf(
            '500 sends/s: acknowledged p50',
            'ms',
            steady.jellybean.map((r) => r.ackP50),
          ),
          rowOf(
            '500 sends/s: acknowledged p99',
            'ms',
            steady.jellybean.map((r) => r.ackP99),
            { goal: { atMost: 20 } },
          ),
          rowOf(
            '500 sends/s: delivered p99',
            'ms',
            steady.jellybean.map((r) => r.deliveryP99),
          ),
          rowOf(
            'stored messages beyond or short of the acknowledged',
            '',
            [Math.abs(stored - acknowledged)],
            {
              goal: { atMost: 0 },
            },
          ),
          rowOf(
            'lost, doubled, refused or closed',
            '',
            [failures([...results.jellybean, ...steady.jellybean])],
            {
              goal: { atMost: 0 },
            },
          ),
        ],
      };
    } finally {
      await Promise.all([jellybean.close(), reference.stop()]);
    }
  },
};
