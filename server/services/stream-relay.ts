/**
 * What belongs to a stream may be said to any node; the stream itself is on one. Calls about streams of this
 * node are made at once, others are put to the node whose name the stream's id begins with. Routes talk to
 * this, and never notice which node they are on.
 */
import { DomainError } from '../domain/errors.ts';
import type { StreamId, UserId } from '../domain/ids.ts';
import type { Watcher } from '../domain/privacy.ts';
import { type Reader, readerFor } from '../domain/reader.ts';
import type { Bus } from '../ports/bus.ts';
import type { Language } from '../protocol/vocabulary.ts';
import type { EventStream, StreamOwner, WatchChange } from './event-stream.ts';

type Question =
  | {
      readonly kind: 'watch';
      readonly owner: StreamOwner;
      readonly streamId: string;
      readonly change: WatchChange;
      readonly most: number | null;
    }
  | {
      readonly kind: 'alive';
      readonly owner: StreamOwner;
      readonly streamId: string;
      readonly cursor: string | null;
    }
  | { readonly kind: 'renew'; readonly owner: StreamOwner; readonly streamId: string }
  | { readonly kind: 'watchers'; readonly personId: UserId };

interface Watched {
  readonly ids: readonly string[];
  readonly language: Language;
  readonly timeZone: string;
}

export type StreamRelay = ReturnType<typeof createStreamRelay>;

export function createStreamRelay(options: {
  eventStream: EventStream;
  bus: Bus;
  viewsFor: (watcher: Watcher, ids: readonly string[], reader: Reader) => Promise<readonly string[]>;
  /** The other nodes that live. */
  others: () => readonly string[];
}) {
  const { eventStream, bus, viewsFor, others } = options;

  /** The node that has this stream, or null where it is this one (or none that ever was). */
  function elsewhere(streamId: string): string | null {
    const end = streamId.indexOf('.');
    if (!bus.isShared || end <= 0 || eventStream.has(streamId as StreamId)) return null;
    const nodeId = streamId.slice(0, end);
    return nodeId === bus.nodeId ? null : nodeId;
  }

  async function ask(nodeId: string, question: Question): Promise<unknown> {
    try {
      return await bus.ask(nodeId, question);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not-found')
        throw new DomainError('not-found', 'There is no such stream of yours; open a new one.');
      throw error;
    }
  }

  // Only what is asked for goes over the wire, nothing of who asks beyond it.
  const ownerOf = ({
    userId,
    kind,
    external,
    sessionId,
    generation,
    expiresAt,
  }: StreamOwner): StreamOwner => ({
    userId,
    kind,
    external,
    sessionId,
    generation,
    expiresAt,
  });

  bus.onAsk(async (asked) => {
    const question = asked as Question;
    switch (question.kind) {
      case 'watch': {
        const { ids, reader } = await eventStream.rewatch(
          question.owner,
          question.streamId,
          question.change,
          question.most,
        );
        return { ids, ...reader } satisfies Watched;
      }
      case 'alive':
        return eventStream.alive(question.owner, question.streamId, question.cursor);
      case 'renew':
        return eventStream.renew(question.owner, question.streamId);
      case 'watchers':
        return eventStream.watchersOf(question.personId);
    }
  });

  return {
    /** Puts or patches the watch list of a stream; answers the current views of the people named, as JSON. */
    async watch(
      owner: StreamOwner,
      streamId: string,
      change: WatchChange,
      most: number | null,
    ): Promise<readonly string[]> {
      const nodeId = elsewhere(streamId);
      if (nodeId === null) return eventStream.watch(owner, streamId, change, most);
      const question: Question = { kind: 'watch', owner: ownerOf(owner), streamId, change, most };
      const { ids, language, timeZone } = (await ask(nodeId, question)) as Watched;
      return viewsFor(owner, ids, readerFor(language, timeZone));
    },

    /** The client is there and has received everything up to `cursor`; null = done at once, on this node. */
    alive(owner: StreamOwner, streamId: string, cursor: string | null): Promise<unknown> | null {
      const nodeId = elsewhere(streamId);
      if (nodeId === null) {
        eventStream.alive(owner, streamId, cursor);
        return null;
      }
      return ask(nodeId, { kind: 'alive', owner: ownerOf(owner), streamId, cursor });
    },

    /** Puts a fresh right in place of the old one, without losing the stream's place. */
    async renew(owner: StreamOwner, streamId: string): Promise<void> {
      const nodeId = elsewhere(streamId);
      if (nodeId === null) eventStream.renew(owner, streamId);
      else await ask(nodeId, { kind: 'renew', owner: ownerOf(owner), streamId });
    },

    /** Who watches this person now, on any node that answers. */
    async watchersOf(personId: UserId): Promise<readonly UserId[]> {
      const answers = await Promise.all(
        others().map((nodeId) =>
          // A node that does not answer shows nothing to anybody either.
          bus.ask(nodeId, { kind: 'watchers', personId } satisfies Question).catch(() => []),
        ),
      );
      return [...new Set([...eventStream.watchersOf(personId), ...(answers as UserId[][]).flat()])];
    },
  };
}
