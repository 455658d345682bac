/**
 * The morning: 1,250 people sign in on two endpoints each, one after the other at a steady pace, with 50 contacts
 * each, half of whom are there on average and are told. Signing in is what a page does: a token, contacts, groups,
 * conversations, one's own presence, the publication of the machine, the stream with its snapshot. A Lync Front
 * End's 6,660 users have two hours for it, 1.76 endpoints a second; here it goes 70 times as fast. The reference has
 * no sign-in: two lines for each stream.
 */
import { startJellybean } from '../jellybean.ts';
import type { LoadResult, Profile } from '../load.ts';
import { startReference } from '../peers/peers.ts';
import { rowOf } from '../report.ts';
import { openWitnesses } from '../witnesses.ts';
import { type BenchCase, countDifferences, failures, ratios, runReference } from './bench-case.ts';
import { chooseRecords, seedRing, signInRing } from './prepare.ts';

const PEOPLE = 1_250;
const ENDPOINTS = 2 * PEOPLE;
const CONTACTS = 50;
const SECONDS = 20;
const WITNESSES = 5;

const ask = (line: string, body?: string) =>
  `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer @K@\r\n${
    body === undefined ? '' : 'Content-Type: application/json\r\nContent-Length: @CL@\r\n'
  }\r\n${body ?? ''}`;

/** Columns: 1 = address. */
const signInProfile: Profile = {
  marker: 'stamp=',
  keeps: '"access_token":"([^"]+)"',
  subscribe: [
    {
      send: 'POST /api/v1/demo/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: @CL@\r\n\r\n{"user":"@1@"}',
    },
    { expect: '"access_token":"' },
    ...[
      ask('GET /api/v1/me/contacts'),
      ask('GET /api/v1/me/groups'),
      ask('GET /api/v1/conversations'),
      ask('GET /api/v1/me/presence'),
      ask(
        'PUT /api/v1/me/publications/machine-e@I@',
        '{"kind":"machine","availability":"available","idleSeconds":0,"expiresInSeconds":600}',
      ),
    ].flatMap((send) => [{ send }, { expect: 'HTTP/1.1 20' }]),
    { send: ask('GET /api/v1/events?endpoint=e@I@') },
    { expect: 'event: presence.snapshot' },
  ],
  publish: '',
};

export const signInRamp: BenchCase = {
  name: 'sign-in-ramp',
  async run(context) {
    const results: Record<'jellybean' | 'reference', LoadResult[]> = { jellybean: [], reference: [] };
    let differences = 0;
    const base = {
      subscribers: ENDPOINTS,
      arrivalSeconds: SECONDS,
      groups: 50,
      fanOut: 0,
      publishers: 0,
      rate: 1,
      outstanding: 0,
      warmSeconds: 0,
      seconds: 1,
      holdSeconds: 1,
    };
    for (let round = 1; round <= context.rounds; round++) {
      // Fresh, as on a morning: nobody is known yet but the witnesses.
      const jellybean = await startJellybean(context.serverFlags, seedRing(PEOPLE, CONTACTS));
      const reference = await startReference();
      try {
        const witnesses = await openWitnesses(jellybean, await signInRing(jellybean, WITNESSES));
        results.jellybean.push(
          await context.run(
            {
              ...base,
              label: 'sign-in ramp',
              port: jellybean.port,
              profile: signInProfile,
              columns: chooseRecords(PEOPLE).map(({ address }) => [address]),
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
          `  ${round}/${context.rounds} ${name.padEnd(9)} signed in p50 ${last?.arrivals?.p50?.toFixed(1)} ms, p99 ${last?.arrivals?.p99?.toFixed(1)} ms, ` +
            `${last?.connectCpuMicros?.toFixed(0) ?? '?'} µs CPU each, ${last?.arrivals?.serverCpuPercent?.toFixed(0) ?? '?'} % of a core`,
        );
      }
    }
    const { jellybean, reference } = results;
    const cpu = (result: LoadResult) => result.connectCpuMicros;
    return {
      name: 'sign-in-ramp',
      title: `Sign-in ramp: ${ENDPOINTS.toLocaleString('en')} endpoints in ${SECONDS} s`,
      rounds: results,
      rows: [
        rowOf(
          'signed in after, p50',
          'ms',
          jellybean.map((r) => r.arrivals?.p50 ?? null),
        ),
        rowOf(
          'the reference',
          'ms',
          reference.map((r) => r.arrivals?.p50 ?? null),
        ),
        rowOf(
          'signed in after, p99',
          'ms',
          jellybean.map((r) => r.arrivals?.p99 ?? null),
        ),
        rowOf(
          'the reference',
          'ms',
          reference.map((r) => r.arrivals?.p99 ?? null),
        ),
        rowOf(
          'of one core meanwhile',
          '%',
          jellybean.map((r) => r.arrivals?.serverCpuPercent ?? null),
        ),
        rowOf(
          'the reference',
          '%',
          reference.map((r) => r.arrivals?.serverCpuPercent ?? null),
        ),
        rowOf('CPU per sign-in', 'µs', jellybean.map(cpu), {
          remark: 'with what it tells those who are there',
        }),
        rowOf('CPU per sign-in ÷ reference', '', ratios(jellybean, reference, cpu)),
        rowOf('closed', '', [failures(jellybean)], { goal: { atMost: 0 } }),
        rowOf('views unlike a fresh snapshot', '', [differences], { goal: { atMost: 0 } }),
      ],
    };
  },
};
