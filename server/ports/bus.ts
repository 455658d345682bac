/**
 * The bus carries notices between nodes: droppable hints that something changed. A notice holds ids, never
 * content, and is never the only copy of anything; whoever may have missed one catches up from the store.
 */
import type { ConversationId, UserId } from '../domain/ids.ts';

/** About the memory of one node; it never leaves that node. Each node comes to its own from what the store says. */
type NodeNotice =
  /** What watchers may see of this person may have changed. */
  | { readonly kind: 'presence'; readonly personId: UserId }
  /** The relationship that `personId` grants (or the mode they hide behind) changed for one watcher, or for all (null). */
  | { readonly kind: 'relationship'; readonly personId: UserId; readonly watcherId: UserId | null }
  /** What those see from whom this person hides is another by policy: they are told as of somebody signed out. */
  | { readonly kind: 'hiding'; readonly personId: UserId };

/** For every node. `nodeId` names the one that publishes, which has done already what the notice asks for. */
type SharedNotice =
  /**
   * Events up to and including `seq` are committed; everyone may now read them in order. `recipients`: for whom
   * the last of them are, oldest first, so that a node need not read what is for nobody there; absent = read all.
   */
  | {
      readonly kind: 'events';
      readonly seq: number;
      readonly recipients?: readonly (readonly UserId[])[];
    }
  /** What the store remembers of these people's presence changed. */
  | { readonly kind: 'remembered'; readonly people: readonly UserId[]; readonly nodeId: string }
  /** What `ownerId` says of `personId` (grant, alert, listed) changed. */
  | {
      readonly kind: 'contact';
      readonly ownerId: UserId;
      readonly personId: UserId;
      readonly nodeId: string;
    }
  /** The contact list of this person changed: their streams watch others from now on. */
  | { readonly kind: 'contacts'; readonly personId: UserId }
  /** This person has another photo, or none. */
  | { readonly kind: 'photo'; readonly personId: UserId; readonly nodeId: string }
  /** The administrator decided something else. */
  | { readonly kind: 'policy'; readonly nodeId: string }
  /** The calendar settings of this person changed, or what was read there did. */
  | { readonly kind: 'calendar'; readonly personId: UserId; readonly nodeId: string }
  /** Somebody asked about these people: what quotas count (soft). */
  | {
      readonly kind: 'asked';
      readonly personId: UserId;
      readonly ids: readonly string[];
      readonly nodeId: string;
    }
  /** Someone is typing; soft, good for five seconds. */
  | {
      readonly kind: 'typing';
      readonly conversationId: ConversationId;
      readonly personId: UserId;
      readonly recipients: readonly UserId[];
    }
  /** One endpoint of this person has signed out: its streams end. */
  | {
      readonly kind: 'end-endpoint';
      readonly personId: UserId;
      readonly endpoint: string;
      readonly nodeId: string;
    }
  /** One signed-in session of this person has ended: its tokens are worthless and its streams end, now. */
  | { readonly kind: 'end-session'; readonly personId: UserId; readonly sessionId: string }
  /** Every stream of this person ends, now. */
  | { readonly kind: 'end-streams'; readonly personId: UserId; readonly reason: 'revoked' | 'disabled' };

export type Notice = NodeNotice | SharedNotice;

export interface Bus {
  /** Names this node to the others; another one at each start. Letters, digits, `-` and `_`. */
  readonly nodeId: string;
  /** True where other nodes may be there; false = this is the only one. */
  readonly isShared: boolean;
  /**
   * Offers a notice to every node, this one included. Returns at once; delivery is at most once, in the
   * order of publishing per publishing node. What is said to people (`typing`) reaches other nodes only where
   * one of them is attended, with those who are there alone as recipients; their order among other notices is
   * not kept. Never throws: a bus that is down drops, and says so through `onGap` when it is back.
   */
  publish(notice: Notice): void;
  /** Registers the one listener per interest; returns the function that removes it. */
  subscribe(listener: (notice: Notice) => void): () => void;
  /**
   * From now on this node hears what is said to this person; each call needs its `leave`. Null where that is so
   * at once, otherwise it resolves when nothing said later is missed: who attends first and reads then misses
   * nothing. It may hear what is said to some others as well. Never rejects: without the bus it is a gap.
   */
  attend(personId: UserId): Promise<void> | null;
  leave(personId: UserId): void;
  /** Called after any interruption: assume that notices were missed. In-process never calls it. */
  onGap(listener: () => void): () => void;
  /**
   * Asks one other node and resolves with its answer, which must survive JSON. Rejects with the DomainError
   * that the other node threw, `not-found` where no node of that name listens, `node-unavailable` (retryable)
   * where no answer came within two seconds: then the other may or may not have acted.
   */
  ask(nodeId: string, question: unknown): Promise<unknown>;
  /** Registers who answers other nodes; exactly one. */
  onAsk(answer: (question: unknown) => Promise<unknown>): void;
  /** False while notices of other nodes do not arrive. */
  isConnected(): boolean;
  /** Why not, for whoever runs the node; null while they arrive. Names no secret. */
  trouble(): string | null;
  close(): Promise<void>;
}
