/**
 * One conference of 250, everybody with a stream, 50 messages a second from changing people: every message
 * is stored once, durably, and delivered 250 times.
 */
import { startJellybean } from '../jellybean.ts';
import type { LoadResult } from '../load.ts';
import { rowOf } from '../report.ts';
import { type BenchCase, failures } from './bench-case.ts';
import { seedRing, signInRing } from './prepare.ts';
import { messageProfile } from './send-to-one.ts';

const PEOPLE = 250;
const MESSAGES_PER_SECOND = 50;

export const conference: BenchCase = {
  name: 'conference',
  async run(context) {
    const results: LoadResult[] = [];
    for (let round = 1; round <= context.rounds; round++) {
      const jellybean = await startJellybean(context.serverFlags, seedRing(PEOPLE, 0));
      try {
        const people = await signInRing(jellybean, PEOPLE);
        const [first, ...others] = people;
        const { id } = await jellybean.call<{ id: string }>(first!.token, 'POST', '/conversations', {
          participants: others.map((person) => person.id),
        });
        const result = await context.run(
          {
            label: 'conference',
            port: jellybean.port,
            profile: messageProfile,
            columns: people.map(({ token }) => [token, token, id]),
            subscribers: PEOPLE,
            groups: 1,
            fanOut: PEOPLE,
            publishers: 16,
            rate: MESSAGES_PER_SECOND,
            outstanding: 0,
            warmSeconds: context.warmSeconds,
            seconds: context.seconds,
            holdSeconds: 1,
            serverPids: [jellybean.server.pid],
          },
          'node',
        );
        results.push(result);
        context.keep('rounds', results);
        context.say(
          `  ${round}/${context.rounds} ${Math.round(result.eventsPerSecond)} events/s, delivery p99 ${result.deliveryP99?.toFixed(1) ?? '?'} ms, ${result.serverCpuPercent?.toFixed(0) ?? '?'} % of a core`,
        );
      } finally {
        await jellybean.close();
      }
    }
    return {
      name: 'conference',
      title: `A conference of ${PEOPLE}, ${MESSAGES_PER_SECOND} messages/s`,
      rounds: results,
      rows: [
        rowOf(
          'deliveries/s',
          '',
          results.map((result) => result.eventsPerSecond),
        ),
        rowOf(
          'sent to read by the last: p50',
          'ms',
          results.map((result) => result.deliveryP50),
        ),
        rowOf(
          'sent to read by the last: p99',
          'ms',
          results.map((result) => result.deliveryP99),
          { goal: { atMost: 100 } },
        ),
        rowOf(
          'server',
          '% of a core',
          results.map((result) => result.serverCpuPercent),
        ),
        rowOf('lost, refused, closed', '', [failures(results)], { goal: { atMost: 0 } }),
      ],
    };
  },
};
