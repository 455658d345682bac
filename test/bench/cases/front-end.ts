/**
 * A Lync Front End's day in its busy hour: 5,000 people with two endpoints each, 50 contacts each, at the
 * rates of one Front End (6,660 users), five and ten of them, scaled in the rates because the endpoints of
 * ten do not fit one machine. A Front End mixes audio and video besides; this does not.
 */
import { type Jellybean, type Person, startJellybean } from '../jellybean.ts';
import type { LoadResult, MixedPublish } from '../load.ts';
import { readUsage } from '../processes.ts';
import { type Row, rowOf } from '../report.ts';
import { openWitnesses } from '../witnesses.ts';
import { type BenchCase, failures } from './bench-case.ts';
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

export const frontEnd: BenchCase = {
  name: 'front-end',
  async run(context) {
    const jellybean = await startJellybean(context.serverFlags, seedRing(PEOPLE, CONTACTS));
    try {
      const { people, columns } = await prepare(jellybean);
      const rows: Row[] = [];
      const rounds: Record<string, LoadResult[]> = {};
      for (const factor of [1, 5, 10]) {
        const results: LoadResult[] = [];
        const witnesses = await openWitnesses(jellybean, people.slice(0, 5));
        for (let round = 1; round <= Math.min(3, context.rounds); round++) {
          const result = await context.run(
            {
              label: `front end x${factor}`,
              port: jellybean.port,
              profile: noteProfile,
              columns,
              subscribers: PEOPLE * ENDPOINTS_EACH,
              groups: 1,
              fanOut: 0,
              publishers: 64,
              rate: 0,
              outstanding: 0,
              mix: mixAt(factor),
              warmSeconds: context.warmSeconds,
              seconds: context.seconds * 2,
              holdSeconds: 2,
              serverPids: [jellybean.server.pid],
            },
            'node',
          );
          results.push(result);
          context.say(
            `  ×${factor}: ${result.serverCpuPercent?.toFixed(0) ?? '?'} % of a core, ${result.eventsPerSecond.toFixed(0)} events/s, p99 ${result.deliveryP99?.toFixed(1) ?? '?'} ms, lost ${result.lost}`,
          );
        }
        const differences = await witnesses.check();
        for (const difference of differences.slice(0, 3)) context.say(`  ${difference}`);
        rounds[`x${factor}`] = results;
        const goals = factor === 10;
        rows.push(
          rowOf(
            `×${factor}: of one core`,
            '%',
            results.map((r) => r.serverCpuPercent),
            goals ? { goal: { atMost: 70 } } : {},
          ),
          rowOf(
            `×${factor}: notification p50`,
            'ms',
            results.map((r) => r.deliveryP50),
          ),
          rowOf(
            `×${factor}: notification p99`,
            'ms',
            results.map((r) => r.deliveryP99),
            goals ? { goal: { atMost: 100 } } : {},
          ),
          rowOf(
            `×${factor}: answer p99`,
            'ms',
            results.map((r) => r.ackP99),
          ),
          rowOf(
            `×${factor}: notifications/s`,
            '',
            results.map((r) => r.eventsPerSecond),
          ),
          rowOf(`×${factor}: lost, doubled, refused or closed`, '', [failures(results)], {
            goal: { atMost: 0 },
          }),
          rowOf(`×${factor}: views unlike a fresh snapshot`, '', [differences.length], {
            goal: { atMost: 0 },
          }),
        );
      }
      rows.push(rowOf('memory at the end', 'MB', [readUsage([jellybean.server.pid])?.rssMb ?? null]));
      return { name: 'front-end', title: 'The load of a Lync Front End, ×1, ×5 and ×10', rows, rounds };
    } finally {
      await jellybean.close();
    }
  },
};
