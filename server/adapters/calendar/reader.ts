/**
 * Reads calendars and address cards in a worker of their own: what somebody's file holds can neither block
 * the server nor eat its memory. One worker, one file at a time; one that takes too long is ended with it.
 */
import { Worker } from 'node:worker_threads';
import { DomainError } from '../../domain/errors.ts';
import type { BusyTime, CalendarReader } from '../../ports/calendar.ts';
import type { Card, CardFile } from '../../ports/cards.ts';
import { writeCards } from './cards.ts';
import type { Task } from './worker.ts';

/** Far above what an honest calendar of 2 MB takes (well below one second). */
const patienceMs = 5_000;
const heapMegabytes = 128;

type Answer = { readonly read: unknown } | { readonly error: string };

/** What a file is called when it cannot be read. */
const refusals = {
  calendar: { code: 'calendar-unreadable', what: 'a calendar in iCalendar form' },
  cards: { code: 'cards-unreadable', what: 'a file of vCards' },
} as const;

export function createCalendarReader(patience = patienceMs): CalendarReader & { readonly cards: CardFile } {
  let worker: Worker | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function retire(): Promise<void> {
    const old = worker;
    worker = null;
    await old?.terminate();
  }

  function ask(task: Task): Promise<unknown> {
    if (closed) throw new DomainError('shutting-down', 'The server is shutting down.');
    worker ??= new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    const current = worker;
    current.unref();
    return new Promise((resolve, reject) => {
      const { code, what } = refusals[task.kind];
      const unreadable = (why: string) => new DomainError(code, why);
      const timer = setTimeout(() => {
        settle();
        void retire();
        reject(unreadable('Reading it took too long.'));
      }, patience);
      const settle = () => {
        clearTimeout(timer);
        current.off('message', answered);
        current.off('error', broke);
      };
      const answered = (answer: Answer) => {
        settle();
        if ('read' in answer) resolve(answer.read);
        else reject(unreadable(`This is not ${what}.`));
      };
      const broke = () => {
        settle();
        worker = null;
        reject(unreadable('Reading it took too much memory.'));
      };
      current.on('message', answered);
      current.on('error', broke);
      current.postMessage(task);
    });
  }

  function inTurn(task: Task): Promise<unknown> {
    const turn = queue.then(() => ask(task));
    queue = turn.catch(() => {});
    return turn;
  }

  return {
    read: (text, from, to, owner, timeZone) =>
      inTurn({ kind: 'calendar', input: { text, from, to, owner, timeZone } }) as Promise<
        readonly BusyTime[]
      >,
    cards: {
      read: (text, most) => inTurn({ kind: 'cards', text, most }) as Promise<readonly Card[]>,
      write: writeCards,
    },
    async close() {
      closed = true;
      await retire();
    },
  };
}
