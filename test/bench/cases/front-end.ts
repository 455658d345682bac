/**
 * A Lync Front End's day in its busy hour: 5,000 people with two endpoints each, 50 contacts each, at the
 * rates of one Front End (6,660 users), five and ten of them, scaled in the rates because the endpoints of
 * ten do not fit one machine. A Front End mixes audio and video besides; this does not.
 */
import { type Jellybean, type Person, startJellybean } from '../jellybean.ts';
import type { LoadResult, MixedPublish, Profile } from '../load.ts';
import { postedProfile } from '../peers/peer.ts';
import { startReference } from '../peers/peers.ts';
import { readUsage } from '../processes.ts';
import { type Row, rowOf } from '../report.ts';
import { openWitnesses } from '../witnesses.ts';
import { type BenchCase, countDifferences, failures, takeTurns } from './bench-case.ts';
import { noteProfile } from './fan-out.ts';
import { openConversations, seedRing, signInRing } from './prepare.ts';

const PEOPLE = 5_000;
const ENDPOINTS_EACH = 2;
const CONTACTS = 50;

/** Per second for one Front End in the busy hour; publications and notifications at the upper end. */
const publicationsPerSecond = 11.1;
const readsPerSecond = 111;
const messagesPerSecond = 35;
const typingPerSecond = 70;

const request = (line: string, token: string, body: string) =>
  `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: @CL@\r\n\r\n${body}`;

/** Columns: 1 = bearer, 2 = conversation with the next person, 3 to 6 = ids of the people of one mail. */
const mixAt = (factor: number): MixedPublish[] => [
  {
    text: noteProfile.publish,
    perSecond: publicationsPerSecond * factor,
    fanOut: CONTACTS * ENDPOINTS_EACH,
  },
  {
    text: request('POST /api/v1/presence/query', '@1@', '{"ids":["@3@","@4@","@5@","@6@"]}'),
    perSecond: readsPerSecond * factor,
    fanOut: 0,
  },
  {
    // Two streams of each of the two people.
    text: request(
      'POST /api/v1/conversations/@2@/messages',
      '@1@',
      '{"text":"stamp=@T@ shall we meet at three?"}',
    ),
    perSecond: messagesPerSecond * factor,
    fanOut: 2 * ENDPOINTS_EACH,
  },
  {
    text: `POST /api/v1/conversations/@2@/typing HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer @1@\r\nContent-Length: 0\r\n\r\n`,
    perSecond: typingPerSecond * factor,
    fanOut: 0,
  },
];

async function prepare(jellybean: Jellybean): Promise<{ people: Person[]; columns: string[][] }> {
  const people = await signInRing(jellybean, PEOPLE);
  const pairs = people
    .filter((_person, index) => index % 2 === 0)
    .map((person, index) => [person, people[2 * index + 1] as Person] as const);
  const conversations = await openConversations(jellybean, pairs);
  const columns = people.map(({ token }, index) => [
    token,
    conversations[index >> 1] ?? '',
    ...[1, 2, 3, 4].map((step) => people[(index + step) % PEOPLE]?.id ?? ''),
  ]);
  return { people, columns };
}

/** The same traffic for the reference, which delivers what is published and answers everything else with nothing. Columns: 1 = pair. */
const referenceMixAt = (factor: number): MixedPublish[] => {
  const groups = ['note@G@', 'nobody', 'pair@1@', 'nobody'];
  return mixAt(factor).map((kind, index) => ({
    ...kind,
    text: postedProfile.publish.replace('/publish/@G@', `/publish/${groups[index]}`),
  }));
};
const referenceProfile: Profile = {
  ...postedProfile,
  subscribe: [
    { send: 'GET /stream/note@G@,pair@1@ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' },
    { expect: 'event: ready' },
  ],
};

const factors = [1, 5, 10] as const;
interface Measured {
  readonly factor: (typeof factors)[number];
  readonly results: Record<'jellybean' | 'reference', LoadResult[]>;
  readonly differences: number;
}

export const frontEnd: BenchCase = {
  name: 'front-end',
  async run(context) {
    const jellybean = await startJellybean(context.serverFlags, seedRing(PEOPLE, CONTACTS));
    const reference = await startReference();
    try {
      const { people, columns } = await prepare(jellybean);
      const base = {
        subscribers: PEOPLE * ENDPOINTS_EACH,
        groups: PEOPLE / CONTACTS,
        fanOut: 0,
        publishers: 64,
        rate: 0,
        outstanding: 0,
        warmSeconds: context.warmSeconds,
        seconds: context.seconds * 2,
        holdSeconds: 2,
      };
      const measured: Measured[] = [];
      for (const factor of factors) {
        context.say(`  ×${factor}`);
        const witnesses = await openWitnesses(jellybean, people.slice(0, 5));
        const results = await takeTurns(context, `×${factor}`, {
          jellybean: () =>
            context.run(
              {
                ...base,
                label: `front end x${factor}`,
                port: jellybean.port,
                profile: noteProfile,
                columns,
                mix: mixAt(factor),
                serverPids: [jellybean.server.pid],
              },
              'node',
            ),
          reference: () =>
            context.run(
              {
                ...base,
                label: 'reference',
                port: reference.port,
                profile: referenceProfile,
                columns: people.map((_person, index) => [String(index >> 1)]),
                mix: referenceMixAt(factor),
                serverPids: [reference.pid],
              },
              'node',
            ),
        });
        measured.push({ factor, results, differences: await countDifferences(context, witnesses) });
      }
      const figure = (
        what: string,
        unit: string,
        of: (result: LoadResult) => number | null,
        atMostAt10?: number,
      ): Row[] =>
        measured.flatMap(({ factor, results }) => [
          rowOf(
            `×${factor}: ${what}`,
            unit,
            results.jellybean.map(of),
            factor === 10 && atMostAt10 !== undefined ? { goal: { atMost: atMostAt10 } } : {},
          ),
          rowOf('the reference', unit, results.reference.map(of)),
        ]);
      return {
        name: 'front-end',
        title: 'The load of a Lync Front End, ×1, ×5 and ×10',
        rows: [
          ...figure('of one core', '%', (r) => r.serverCpuPercent, 70),
          ...figure('notification p50', 'ms', (r) => r.deliveryP50),
          ...figure('notification p99', 'ms', (r) => r.deliveryP99, 100),
          ...figure('answer p99', 'ms', (r) => r.ackP99),
          ...figure('notifications/s', '', (r) => r.eventsPerSecond),
          ...measured.flatMap(({ factor, results, differences }) => [
            rowOf(`×${factor}: lost, doubled, refused or closed`, '', [failures(results.jellybean)], {
              goal: { atMost: 0 },
            }),
            rowOf(`×${factor}: views unlike a fresh snapshot`, '', [differences], { goal: { atMost: 0 } }),
          ]),
          rowOf('memory at the end', 'MB', [readUsage([jellybean.server.pid])?.rssMb ?? null]),
        ],
        rounds: measured,
      };
    } finally {
      await Promise.all([jellybean.close(), reference.stop()]);
    }
  },
};
