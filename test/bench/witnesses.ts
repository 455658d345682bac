/**
 * Correctness under load: a few ordinary clients that take part in a run and reduce what they receive. At
 * the end their views must equal a fresh snapshot, field by field and sequence by sequence.
 */
import { isDeepStrictEqual } from 'node:util';
import { type EventStreamClient, openStream } from '../support/sse-client.ts';
import type { Jellybean, Person } from './jellybean.ts';

type View = { readonly id: string } & Readonly<Record<string, unknown>>;

export interface Witnesses {
  /** Waits for quiet, compares, closes. Gives the differences, at most one per witness and person. */
  check(): Promise<string[]>;
}

const QUIET_MS = 300;
const PATIENCE_MS = 15_000;
const IDS_PER_QUERY = 1_000;

/** Lets these people watch on an endpoint of their own. */
export async function openWitnesses(jellybean: Jellybean, people: readonly Person[]): Promise<Witnesses> {
  const streams: { person: Person; stream: EventStreamClient; snapshot: View[] }[] = [];
  for (const person of people) {
    const stream = await openStream(`http://127.0.0.1:${jellybean.port}/api/v1/events?endpoint=witness`, {
      token: person.token,
    });
    const { data } = await stream.next<{ items: View[] }>('presence.snapshot', { withinMs: 10_000 });
    streams.push({ person, stream, snapshot: data.items });
  }

  const reduce = (snapshot: readonly View[], stream: EventStreamClient): Map<string, View> => {
    const views = new Map(snapshot.map((view) => [view.id, view]));
    for (const event of stream.events)
      if (event.type === 'presence.changed') views.set(event.data.id as string, event.data as View);
    return views;
  };

  async function settle(): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    for (let before = -1; Date.now() < until; ) {
      const now = streams.reduce((sum, { stream }) => sum + stream.events.length, 0);
      if (now === before) return;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }

  return {
    check: async () => {
      await settle();
      const differences: string[] = [];
      for (const { person, stream, snapshot } of streams) {
        if (!stream.isOpen) differences.push(`the stream of ${person.address} was closed`);
        const views = [...reduce(snapshot, stream).values()];
        for (let from = 0; from < views.length; from += IDS_PER_QUERY) {
          const held = views.slice(from, from + IDS_PER_QUERY);
          const { items } = await jellybean.call<{ items: View[] }>(person.token, 'POST', '/presence/query', {
            ids: held.map(({ id }) => id),
          });
          for (const [index, view] of held.entries())
            if (!isDeepStrictEqual(view, items[index]))
              differences.push(
                `${person.address} holds ${JSON.stringify(view)}, the server says ${JSON.stringify(items[index])}`,
              );
        }
        await stream.close();
      }
      return differences;
    },
  };
}
