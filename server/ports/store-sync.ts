/** What connections to other systems remember: where they stopped, whom a directory brought. */
import type { UserId } from '../domain/ids.ts';

/** Somebody whom a directory brought. `load` counts the whole loads, so that who is in none is found. */
export interface BroughtPerson {
  readonly personId: UserId;
  readonly load: number;
  /** True where the directory took them away, or disabled them there. */
  readonly gone: boolean;
}

export interface SyncReads {
  /** What is kept under this name, or null. */
  state(name: string): Promise<string | null>;
  /** Everything kept under names that begin so, by name. */
  states(prefix: string): Promise<readonly { readonly name: string; readonly body: string }[]>;
  /** Which of these people a directory brought. */
  brought(ids: readonly UserId[]): Promise<readonly BroughtPerson[]>;
  /** People still there whom no load since this one has named. */
  unnamedSince(load: number, limit: number): Promise<readonly UserId[]>;
  /** People still there whose photo was last asked for before this moment, the longest ago first. */
  photosBefore(at: number, limit: number): Promise<readonly UserId[]>;
}

export interface SyncWrites {
  /** Null forgets it. */
  putState(name: string, body: string | null): Promise<void>;
  putBrought(people: readonly BroughtPerson[]): Promise<void>;
  photosAsked(ids: readonly UserId[], at: number): Promise<void>;
}
