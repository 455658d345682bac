/**
 * Which nodes live. A node renews its row; another that sees no renewal for long enough by its own clock
 * ends it, so no two clocks are ever compared. Each call is a transaction of its own.
 */
import type { UserId } from '../domain/ids.ts';

/** What a node says of itself; null where its version did not say it yet. */
export interface NodeAbout {
  readonly version: string | null;
  readonly startedAt: number | null;
}

/** Of a node that is known by its registrations alone. */
export const saysNothing: NodeAbout = Object.freeze({ version: null, startedAt: null });

export interface NodeRow extends NodeAbout {
  readonly id: string;
  /** Grows with every renewal. */
  readonly beat: number;
  /** True once the node has ended by itself: its endpoints return elsewhere in a moment. */
  readonly isLeaving: boolean;
}

export interface Nodes {
  /** Enters a node that is not there; one that is keeps its row, and what it says of itself now. */
  join(id: string, about: NodeAbout): Promise<void>;
  /** Renews; false where the row is gone, because the others took this node for dead. */
  renew(id: string): Promise<boolean>;
  /** Tells that the node ends by itself. Its registrations stay until somebody ends it. */
  leave(id: string): Promise<void>;
  list(): Promise<readonly NodeRow[]>;
  /**
   * Ends a node as it stood at `beat`: its row and its registrations are gone. Answers whose they were, or
   * null where it has renewed since or another has ended it already.
   */
  end(id: string, beat: number): Promise<readonly UserId[] | null>;
}
