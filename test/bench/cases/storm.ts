/**
 * Everybody at once: 10,000 streams drop in one moment and return within 20 s, while notes go on changing.
 * Nothing was missed, so nobody's return may cost a query; five seconds after the last one delivery must be
 * as quick as before. The reference goes through the same, with two lines for each return.
 */
import { startJellybean } from '../jellybean.ts';
import type { LoadResult } from '../load.ts';
import { startReference } from '../peers/peers.ts';
import { rowOf } from '../report.ts';
import { openWitnesses } from '../witnesses.ts';
import { type BenchCase, countDifferences, failures, runReference } from './bench-case.ts';
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
    const results: Record<'jellybean' | 'reference', LoadResult[]> = { jellybean: [], reference: [] };
    let differences = 0;
    const base = {
      subscribers: PEOPLE * ENDPOINTS_EACH,
      groups: PEOPLE / CONTACTS,
      fanOut: CONTACTS * ENDPOINTS_EACH,
      publishers: 16,
      rate: NOTES_PER_SECOND,
      outstanding: 0,
      storm: { returnSeconds: 20, settleSeconds: 5 },
      warmSeconds: context.warmSeconds,
      seconds: context.seconds,
      holdSeconds: 2,
    };
    for (let round = 1; round <= context.rounds; round++) {
      const jellybean = await startJellybean(context.serverFlags, seedRing(PEOPLE, CONTACTS));
      const reference = await startReference();
      try {
        const people = await signInRing(jellybean, PEOPLE);
        const witnesses = await openWitnesses(jellybean, people.slice(0, 5));
        results.jellybean.push(
          await context.run(
            {
              ...base,
              label: 'storm',
              port: jellybean.port,
              profile: { ...noteProfile, keeps: '"cursor":"([^"]+)"', resubscribe: resumeSteps('@K@') },
              columns: people.map(({ token }) => [token]),
              serverPids: [jellybean.server.pid],
            },
            'node',
          ),
        );
        differences += await countDifferences(context, witnesses);
        results.reference.push(await runReference(context, base, reference));
      } finally {
        await Promise.all([jellybean.close(), reference.stop()]);
      }
      context.keep('rounds', results);
      for (const name of ['jellybean', 'reference'] as const) {
        const last = results[name].at(-1);
        context.say(
          `  ${round}/${context.rounds} ${name.padEnd(9)} return p99 ${last?.storm?.returnP99?.toFixed(0)} ms, delivery p99 ${last?.storm?.deliveryP99Before?.toFixed(1)} ms before, ` +
            `${last?.deliveryP99?.toFixed(1)} ms after, ${last?.storm?.cpuPercentMeanwhile?.toFixed(0) ?? '?'} % of a core meanwhile`,
        );
      }
    }
    const stormy = (figure: (storm: NonNullable<LoadResult['storm']>) => number | null) =>
      [results.jellybean, results.reference].map((of) => of.map(({ storm }) => storm && figure(storm))) as [
        (number | null)[],
        (number | null)[],
      ];
    const [p50, p50OfReference] = stormy(({ returnP50 }) => returnP50);
    const [p99, p99OfReference] = stormy(({ returnP99 }) => returnP99);
    const [cpu, cpuOfReference] = stormy(({ cpuPercentMeanwhile }) => cpuPercentMeanwhile);
    return {
      name: 'storm',
      title: 'Reconnect storm: 10,000 streams drop and return within 20 s',
      rounds: results,
      rows: [
        rowOf(
          'delivery p99 after ÷ before',
          '',
          results.jellybean.map((r) =>
            r.deliveryP99 && r.storm?.deliveryP99Before ? r.deliveryP99 / r.storm.deliveryP99Before : null,
          ),
        ),
        rowOf(
          'delivery p99 before',
          'ms',
          results.jellybean.map((r) => r.storm?.deliveryP99Before ?? null),
        ),
        rowOf(
          'delivery p99, from 5 s after the last return',
          'ms',
          results.jellybean.map((r) => r.deliveryP99),
        ),
        rowOf(
          'the reference',
          'ms',
          results.reference.map((r) => r.deliveryP99),
        ),
        rowOf('time to return p50', 'ms', p50),
        rowOf('the reference', 'ms', p50OfReference),
        rowOf('time to return p99', 'ms', p99),
        rowOf('the reference', 'ms', p99OfReference),
        rowOf('of one core meanwhile', '%', cpu),
        rowOf('the reference', '%', cpuOfReference),
        rowOf(
          'memory after ÷ before',
          '',
          results.jellybean.map((r) =>
            r.storm?.rssMbAfter && r.storm.rssMbBefore ? r.storm.rssMbAfter / r.storm.rssMbBefore : null,
          ),
          { goal: { atMost: 1.1 } },
        ),
        rowOf('lost, doubled, refused or closed afterwards', '', [failures(results.jellybean)], {
          goal: { atMost: 0 },
        }),
        rowOf('views unlike a fresh snapshot', '', [differences], { goal: { atMost: 0 } }),
      ],
    };
  },
};
