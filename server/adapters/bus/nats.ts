/**
 * The bus between nodes, over NATS. This node's own listeners hear from this node directly, so that losing
 * NATS costs it nothing of its own; the others hear by way of NATS, at most once. Whatever interrupts the
 * connection, the first one included, is a gap: who listens catches up from the store.
 */
import { setTimeout as wait } from 'node:timers/promises';

import {
  connect,
  errors,
  type Msg,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { DomainError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import type { Bus, Notice } from '../../ports/bus.ts';
import { type ProblemCode, problemCodes } from '../../protocol/problems.ts';
import { bucketOf, createInterest } from './interest.ts';
import { createListeners } from './listeners.ts';
import { connectionOf, type NatsSettings, troubleOf } from './nats-settings.ts';
import { encodeToken, subjectOf } from './subject.ts';

/** How long a start waits for NATS before it goes on without. */
const firstConnectMs = 2_000;
const askMs = 2_000;
const reconnectMs = 250;
/** Said to people of more buckets than this, a notice goes to every node: one message costs less than many. */
const mostBuckets = 16;
/** A peer that is gone without a word is noticed after twice this. */
const pingMs = 5_000;

type Reply = { readonly result: unknown } | { readonly code: ProblemCode; readonly detail: string };

const optionsOf = (connection: NodeConnectionOptions, nodeId: string): NodeConnectionOptions => ({
  ...connection,
  name: `jellybean ${nodeId}`,
  // Own notices come by the short way.
  noEcho: true,
  reconnect: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: reconnectMs,
  reconnectJitter: reconnectMs,
  reconnectJitterTLS: reconnectMs,
  pingInterval: pingMs,
  maxPingOut: 2,
  timeout: firstConnectMs,
  // A password that is changed while we run must not end the search for a server that takes ours.
  ignoreAuthErrorAbort: true,
});

/**
 * Opens the bus of one organisation: nodes that give the same name to `organisation` hear each other, and
 * nobody else does. Resolves when NATS answers, or after two seconds without it; then it goes on trying.
 * Rejects for files that cannot be read.
 */
export async function openNatsBus(options: {
  settings: NatsSettings;
  organisation: string;
  nodeId: string;
  onError: (error: unknown) => void;
}): Promise<Bus> {
  const { organisation, nodeId, onError } = options;
  const listeners = createListeners(onError);
  const gapListeners = new Set<() => void>();
  let connection: NatsConnection | null = null;
  let isUp = false;
  /** Why it is not up, as far as that is known. */
  let trouble = 'NATS does not answer';
  /** What the account of this node may not do there; it stays so until a start with another. */
  let denied: string | null = null;
  let isClosed = false;
  let answer: ((question: unknown) => Promise<unknown>) | null = null;

  const gap = () => {
    for (const listener of gapListeners) {
      try {
        listener();
      } catch (error) {
        onError(error);
      }
    }
  };

  const hear = (error: Error | null, message: Msg) => {
    if (error !== null) {
      onError(error);
      return;
    }
    try {
      listeners.deliver(message.json<Notice>());
    } catch (cause) {
      onError(cause);
    }
  };

  const reply = async (error: Error | null, message: Msg): Promise<void> => {
    if (error !== null || answer === null) return;
    let said: Reply;
    try {
      said = { result: (await answer(message.json())) ?? null };
    } catch (cause) {
      if (!(cause instanceof DomainError)) onError(cause);
      said =
        cause instanceof DomainError
          ? { code: cause.code, detail: cause.message }
          : { code: 'internal', detail: 'The other node failed.' };
    }
    message.respond(JSON.stringify(said));
  };

  const interest = createInterest((bucket) => {
    const taken = connection?.subscribe(subjectOf(organisation, 'people', String(bucket)), {
      callback: hear,
    });
    return () => taken?.unsubscribe();
  });

  /** Says it to the nodes that have streams of these people, to each in the words for its own. */
  function sayTo(said: NatsConnection, notice: Notice & { kind: 'typing' }): boolean {
    const byBucket = Map.groupBy(notice.recipients, bucketOf);
    if (byBucket.size > mostBuckets) return false;
    for (const [bucket, recipients] of byBucket)
      said.publish(
        subjectOf(organisation, 'people', String(bucket)),
        JSON.stringify({ ...notice, recipients }),
      );
    return true;
  }

  /** Every try fails in the same way: it is said once, and again when it is another. */
  function failed(error: unknown): void {
    const now = troubleOf(error);
    if (now !== trouble) onError(new Error(`${now}.`, { cause: error }));
    trouble = now;
  }

  async function follow(opened: NatsConnection): Promise<void> {
    for await (const status of opened.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') {
        if (isUp) trouble = 'NATS does not answer';
        isUp = false;
      } else if (status.type === 'reconnect') {
        isUp = true;
        gap();
      } else if (status.type === 'error') {
        const { error } = status;
        if (error instanceof errors.PermissionViolationError) {
          denied = `NATS does not allow this node the ${error.operation} of ${error.subject}`;
          onError(error);
        } else if (isUp) onError(error);
        else failed(error);
      }
    }
  }

  /** The first connection is tried for by us: the library would not say why it fails. */
  async function connected(): Promise<NatsConnection | null> {
    while (!isClosed) {
      try {
        return await connect(settings);
      } catch (error) {
        failed(error);
        await wait(reconnectMs * (1 + Math.random()), undefined, { ref: false });
      }
    }
    return null;
  }

  async function open(): Promise<void> {
    const opened = await connected();
    if (opened === null || isClosed) {
      await opened?.close();
      return;
    }
    connection = opened;
    opened.subscribe(`${subjectOf(organisation, 'notice')}.>`, { callback: hear });
    opened.subscribe(subjectOf(organisation, 'ask', nodeId), {
      callback: (error, message) => {
        reply(error, message).catch(onError);
      },
    });
    interest.renew();
    follow(opened).catch(onError);
    // Only when the server has taken the subscriptions is nothing missed any more.
    await opened.flush();
    isUp = true;
    gap();
  }

  const settings = optionsOf(await connectionOf(options.settings), nodeId);
  const opening = open().catch((error) => {
    if (!isClosed) onError(error);
  });
  await Promise.race([opening, wait(firstConnectMs, undefined, { ref: false })]);

  return {
    nodeId,
    isShared: true,
    publish: (notice) => {
      listeners.deliver(notice);
      if (connection === null || !isUp || isClosed) return;
      if (notice.kind === 'presence' || notice.kind === 'relationship' || notice.kind === 'hiding') return;
      try {
        if (notice.kind === 'typing' && sayTo(connection, notice)) return;
        connection.publish(
          `${subjectOf(organisation, 'notice', notice.kind)}.${encodeToken(aboutOf(notice))}`,
          JSON.stringify(notice),
        );
      } catch (error) {
        // Too large, or closed in this very moment: a notice may be lost, and the others find out later.
        onError(error);
      }
    },
    subscribe: listeners.subscribe,
    attend(personId: UserId) {
      if (!interest.attend(personId) || connection === null || !isUp) return null;
      // The server answers in order: what is said after this is heard. A line that breaks now is a gap.
      return Promise.race([connection.flush(), wait(askMs, undefined, { ref: false })]).catch(() => {});
    },
    leave: interest.leave,
    onGap: (listener) => {
      gapListeners.add(listener);
      return () => {
        gapListeners.delete(listener);
      };
    },
    async ask(other, question) {
      if (connection === null || !isUp) throw unavailable();
      let said: Reply;
      try {
        const message = await connection.request(
          subjectOf(organisation, 'ask', other),
          JSON.stringify(question),
          { timeout: askMs },
        );
        said = message.json<Reply>();
      } catch (cause) {
        if (isNobody(cause)) throw new DomainError('not-found', 'That node is gone.', { cause });
        throw unavailable(cause);
      }
      if ('code' in said)
        throw new DomainError(said.code in problemCodes ? said.code : 'internal', said.detail);
      return said.result;
    },
    onAsk: (given) => {
      answer = given;
    },
    isConnected: () => isUp && denied === null,
    trouble: () => (isUp ? denied : trouble),
    async close() {
      isClosed = true;
      isUp = false;
      listeners.clear();
      gapListeners.clear();
      interest.close();
      await connection?.close();
    },
  };
}

const unavailable = (cause?: unknown) =>
  new DomainError('node-unavailable', 'Another node of this server does not answer; try again in a moment.', {
    cause,
    retryAfterSeconds: 1,
  });

/** Nobody listens to what was asked: NATS says so at once. */
const isNobody = (error: unknown): boolean => error instanceof errors.RequestError && error.isNoResponders();

/** Whom or what a notice is about, for the subject. */
function aboutOf(notice: Notice): string {
  if ('conversationId' in notice) return notice.conversationId;
  if ('personId' in notice) return notice.personId;
  if ('nodeId' in notice) return notice.nodeId;
  return 'all';
}
