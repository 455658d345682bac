/**
 * Everybody at once: 10,000 streams drop in one moment and return within 20 s, while notes go on changing.
 * Nothing was missed, so nobody's return may cost a query; five seconds after the last one delivery must be
 * as quick as before.
 */
import { startJellybean } from '../jellybean.ts';
import type { LoadResult } from '../load.ts';
import { rowOf } from '../report.ts';
import { openWitnesses } from '../witnesses.ts';
import { type BenchCase, failures } from './bench-case.ts';
import { noteProfile } from './fan-out.ts';
import { seedRing, signInRing } from './prepare.ts';
import { resumeSteps } from './streams.ts';

const PEOPLE = 5_000;
const ENDPOINTS_EACH = 2;
const CONTACTS = 50;
/** 20 notes a second to a hundred streams each. */
const NOTES_PER_SECOND = 20;

export const storm: BenchCase = {
  name: 'storm',
  async run(context) {
    const results: LoadResult[] = [];
    let differences = 0;
    for (let round = 1; round <= Math.min(3, context.rounds); round++) {
      const jellybean = await startJellybean(context.serverFlags, seedRing(PEOPLE, CONTACTS));
      try {
        const people = await signInRing(jellybean, PEOPLE);
        const witnesses = await openWitnesses(jellybean, people.slice(0, 5));
        const result = await context.run(
          {
            label: 'storm',
            port: jellybean.port,
            profile: { ...noteProfile, resubscribe: resumeSteps('@K@') },
            columns: people.map(({ token }) => [token]),
            subscribers: PEOPLE * ENDPOINTS_EACH,
            groups: 1,
            fanOut: CONTACTS * ENDPOINTS_EACH,
            publishers: 16,
            rate: NOTES_PER_SECOND,
            outstanding: 0,
            storm: { returnSeconds: 20, settleSeconds: 5 },
            warmSeconds: context.warmSeconds,
            seconds: context.seconds,
            holdSeconds: 2,
            serverPids: [jellybean.server.pid],
          },
          'node',
        );
        results.push(result);
        const found = await witnesses.check();
        for (const difference of found.slice(0, 3)) context.say(`  ${difference}`);
        differences += found.length;
        context.say(
          `  ${round}: return p99 ${result.storm?.returnP99?.toFixed(0)} ms, delivery p99 ${result.storm?.deliveryP99Before?.toFixed(1)} ms before, ` +
            `${result.deliveryP99?.toFixed(1)} ms after, ${result.storm?.cpuPercentMeanwhile?.toFixed(0) ?? '?'} % of a core meanwhile`,
        );
      } finally {
        await jellybean.close();
      }
    }
    return {
      name: 'storm',
      title: 'Reconnect storm: 10,000 streams drop and return within 20 s',
      rounds: results,
      rows: [
        rowOf(
          'delivery p99 after ÷ before',
          '',
          results.map((r) =>
            r.deliveryP99 && r.storm?.deliveryP99Before ? r.deliveryP99 / r.storm.deliveryP99Before : null,
          ),
        ),
        rowOf(
          'delivery p99 before',
          'ms',
          results.map((r) => r.storm?.deliveryP99Before ?? null),
        ),
        rowOf(
          'delivery p99, from 5 s after the last return',
          'ms',
          results.map((r) => r.deliveryP99),
        ),
        rowOf(
          'time to return p50',
          'ms',
          results.map((r) => r.storm?.returnP50 ?? null),
        ),
        rowOf(
          'time to return p99',
          'ms',
          results.map((r) => r.storm?.returnP99 ?? null),
        ),
        rowOf(
          'of one core meanwhile',
          '%',
          results.map((r) => r.storm?.cpuPercentMeanwhile ?? null),
        ),
        rowOf(
          'memory after ÷ before',
          '',
          results.map((r) =>
            r.storm?.rssMbAfter && r.storm.rssMbBefore ? r.storm.rssMbAfter / r.storm.rssMbBefore : null,
          ),
          { goal: { atMost: 1.1 } },
        ),
        rowOf('lost, doubled, refused or closed afterwards', '', [failures(results)], {
          goal: { atMost: 0 },
        }),
        rowOf('views unlike a fresh snapshot', '', [differences], { goal: { atMost: 0 } }),
      ],
    };
  },
};
