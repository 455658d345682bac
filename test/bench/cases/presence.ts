/**
 * What presence costs by itself: publications through the pure compositor, publishes through the service, and
 * the memory of a large organisation. Each round is a process of its own on the server's core, with its garbage
 * collected before memory is read (test/bench/presence.ts).
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { canPin, SERVER_CORE } from '../processes.ts';
import { rowOf } from '../report.ts';
import type { BenchCase } from './bench-case.ts';

const program = path.resolve(import.meta.dirname, '../presence.ts');

interface Figures {
  readonly compositorPerSecond: number;
  readonly publishPerSecond: number;
  readonly people: number;
  readonly publications: number;
  readonly megabytes: number;
}

function measure(): Figures {
  const node = [process.execPath, '--expose-gc', program] as const;
  const [command, ...args] = canPin ? (['taskset', '-c', String(SERVER_CORE), ...node] as const) : node;
  const output = execFileSync(command, args, { encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Figures;
}

export const presence: BenchCase = {
  name: 'presence',
  async run(context) {
    const rounds: Figures[] = [];
    for (let round = 1; round <= context.rounds; round += 1) {
      const figures = measure();
      rounds.push(figures);
      context.keep('rounds', rounds);
      context.say(
        `  ${round}/${context.rounds} ${figures.compositorPerSecond} publications/s, ${figures.publishPerSecond} publishes/s, ${figures.megabytes} MB`,
      );
    }
    const { people = 0, publications = 0 } = rounds[0] ?? {};
    const held = `${people.toLocaleString('en')} people with ${publications.toLocaleString('en')} publications`;
    return {
      name: 'presence',
      title: 'Presence by itself, on one core',
      rounds,
      rows: [
        rowOf(
          'publications through the compositor',
          '/s',
          rounds.map((one) => one.compositorPerSecond),
          { goal: { atLeast: 1_000_000 } },
        ),
        rowOf(
          'publishes that change nothing',
          '/s',
          rounds.map((one) => one.publishPerSecond),
        ),
        rowOf(
          held,
          'MB',
          rounds.map((one) => one.megabytes),
          { goal: { atMost: 250 } },
        ),
      ],
    };
  },
};
