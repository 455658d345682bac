/**
 * What an idle stream costs and how fast they come: 10,000 streams of 5,000 people with two endpoints
 * each, everybody with 80 contacts, whose views travel in the snapshot that follows every connect. The
 * reference sends two lines.
 */
import { openStream } from '../../support/sse-client.ts';
import { startJellybean } from '../jellybean.ts';
import type { LoadResult, Step } from '../load.ts';
import { startReference } from '../peers/peers.ts';
import { type Row, rowOf } from '../report.ts';
import { type BenchCase, type BenchContext, ratios, runReference } from './bench-case.ts';
import { noteProfile } from './fan-out.ts';
import { seedRing, signInRing } from './prepare.ts';

const PEOPLE = 5_000;
const STREAMS = 10_000;
const CONTACTS = 80;

/** Comes back with a cursor; everything that `ready` and the snapshot say is awaited. */
export const resumeSteps = (cursor: string): Step[] => [
  {
    send: `GET /api/v1/events?endpoint=e@I@ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nAuthorization: Bearer @1@\r\nLast-Event-ID: ${cursor}\r\n\r\n`,
  },
  { expect: '"resumed":true' },
  { expect: 'event: presence.snapshot' },
];

export const streams: BenchCase = {
  name: 'streams',
  async run(context: BenchContext) {
    const rounds: Record<'cold' | 'resume' | 'reference', LoadResult[]> = {
      cold: [],
      resume: [],
      reference: [],
    };
    const base = {
      subscribers: STREAMS,
      groups: 100,
      fanOut: 0,
      publishers: 0,
      rate: 1,
      outstanding: 0,
      warmSeconds: 0,
      seconds: 1,
      holdSeconds: 2,
    };
    // Each round with fresh processes: memory that was used once is not given back.
    for (let round = 1; round <= context.rounds; round++) {
      const jellybean = await startJellybean(context.serverFlags, seedRing(PEOPLE, CONTACTS));
      const reference = await startReference();
      try {
        const people = await signInRing(jellybean, PEOPLE);
        const first = await openStream(`http://127.0.0.1:${jellybean.port}/api/v1/events?endpoint=first`, {
          token: people[0]?.token ?? '',
        });
        const { data } = await first.next<{ cursor: string }>('ready');
        await first.close();
        const ours = (subscribe: readonly Step[]) =>
          context.run(
            {
              ...base,
              label: 'jellybean',
              port: jellybean.port,
              profile: { ...noteProfile, subscribe },
              columns: people.map(({ token }) => [token, data.cursor]),
              serverPids: [jellybean.server.pid],
            },
            'node',
          );
        rounds.cold.push(await ours(noteProfile.subscribe));
        rounds.reference.push(await runReference(context, base, reference));
        // Everybody has been gone for longer than the grace period, so that coming back is a full return.
        await new Promise((resolve) => setTimeout(resolve, 8_000));
        rounds.resume.push(await ours(resumeSteps('@2@')));
      } finally {
        await Promise.all([jellybean.close(), reference.stop()]);
      }
      context.keep('rounds', rounds);
      const [cold, back, other] = [rounds.cold.at(-1), rounds.resume.at(-1), rounds.reference.at(-1)];
      context.say(
        `  ${round}/${context.rounds} ${cold?.connectsPerSecond.toFixed(0)} connects/s, with resume ${back?.connectsPerSecond.toFixed(0)}, ` +
          `reference ${other?.connectsPerSecond.toFixed(0)}; ${cold?.rssKbPerStream?.toFixed(1)} KB per stream, ${cold?.idleRssMb?.toFixed(0)} MB`,
      );
    }
    const rate = (result: LoadResult) => result.connectsPerSecond;
    const rows: Row[] = [
      rowOf(
        'memory per idle stream',
        'KB',
        rounds.cold.map((r) => r.rssKbPerStream),
        { goal: { atMost: 20 } },
      ),
      rowOf(
        'memory in total',
        'MB',
        rounds.cold.map((r) => r.idleRssMb),
        { goal: { atMost: 300 } },
      ),
      rowOf(
        'the reference, per stream',
        'KB',
        rounds.reference.map((r) => r.rssKbPerStream),
      ),
      rowOf('connects/s ÷ reference, cold', '', ratios(rounds.cold, rounds.reference, rate), {
        goal: { atLeast: 0.35 },
      }),
      rowOf('connects/s ÷ reference, with resume', '', ratios(rounds.resume, rounds.reference, rate), {
        goal: { atLeast: 0.6 },
      }),
      rowOf('connects/s, cold', '', rounds.cold.map(rate)),
      rowOf('connects/s, with resume', '', rounds.resume.map(rate)),
      rowOf('the reference', '', rounds.reference.map(rate)),
      rowOf(
        'CPU per connect, cold',
        'µs',
        rounds.cold.map((r) => r.connectCpuMicros),
      ),
      rowOf(
        'CPU per connect, with resume',
        'µs',
        rounds.resume.map((r) => r.connectCpuMicros),
      ),
      rowOf(
        'the reference',
        'µs',
        rounds.reference.map((r) => r.connectCpuMicros),
      ),
    ];
    return {
      name: 'streams',
      title: `${STREAMS.toLocaleString('en')} idle streams, each watching ${CONTACTS} people`,
      rows,
      rounds,
    };
  },
};
