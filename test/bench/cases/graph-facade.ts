/** `getPresencesByUserId` of the facade with as many people as one call takes, one call after another. */
import { request } from 'node:http';
import { startJellybean } from '../jellybean.ts';
import { rowOf } from '../report.ts';
import { createHistogram } from '../statistics.ts';
import type { BenchCase } from './bench-case.ts';

const idsMost = 650;
const callsPerRound = 300;
const warmCalls = 100;

/** One call over a connection that stays open; resolves with its milliseconds, to the last byte. */
function timed(port: number, token: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const call = request(
      {
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/graph/v1.0/communications/getPresencesByUserId',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
        response.resume();
        response.on('end', () => resolve(performance.now() - startedAt));
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

export const graphFacade: BenchCase = {
  name: 'graph-facade',
  async run(context) {
    const jellybean = await startJellybean(context.serverFlags);
    try {
      const { token } = await jellybean.signIn('alice@contoso.example');
      const answer = await fetch(
        `http://127.0.0.1:${jellybean.port}/graph/v1.0/users?$top=${idsMost}&$select=id`,
        { headers: { authorization: `Bearer ${token}` } },
      );
      const { value } = (await answer.json()) as { value: { id: string }[] };
      if (value.length !== idsMost) throw new Error(`${value.length} people came, not ${idsMost}`);
      const body = JSON.stringify({ ids: value.map(({ id }) => id) });
      for (let call = 0; call < warmCalls; call += 1) await timed(jellybean.port, token, body);
      const rounds: { p50: number; p99: number }[] = [];
      for (let round = 1; round <= context.rounds; round += 1) {
        const histogram = createHistogram();
        for (let call = 0; call < callsPerRound; call += 1)
          histogram.record(1_000 * (await timed(jellybean.port, token, body)));
        const figures = { p50: histogram.percentile(0.5) / 1_000, p99: histogram.percentile(0.99) / 1_000 };
        rounds.push(figures);
        context.keep('rounds', rounds);
        context.say(
          `  ${round}/${context.rounds} p50 ${figures.p50.toFixed(1)} ms, p99 ${figures.p99.toFixed(1)} ms`,
        );
      }
      return {
        name: 'graph-facade',
        title: `The facade: presence of ${idsMost} people in one call`,
        rounds,
        rows: [
          rowOf(
            'p50',
            'ms',
            rounds.map(({ p50 }) => p50),
          ),
          rowOf(
            'p99',
            'ms',
            rounds.map(({ p99 }) => p99),
            { goal: { atMost: 10 } },
          ),
        ],
      };
    } finally {
      await jellybean.close();
    }
  },
};
