/** Contact lists, groups and the relationships that presentities grant. */
import type { GroupId, UserId } from '../domain/ids.ts';
import type { Relationship } from '../protocol/vocabulary.ts';

export interface ContactRow {
  readonly ownerId: UserId;
  readonly personId: UserId;
  readonly groups: readonly GroupId[];
  /** What the owner shows this person; null = the default (external or colleague). */
  readonly relationship: Relationship | null;
  /** Since when the owner waits to hear that this person is available; null = they do not. */
  readonly alertSetAt: number | null;
  /** False for a row that only holds a relationship (a blocked stranger is nobody's contact). */
  readonly listed: boolean;
  readonly addedAt: number;
  /** What this person was left with when the owner hid from them (SPEC PV3), so that it never changes; null = nothing. */
  readonly frozen: { readonly since: number | null; readonly lastActiveAt: number | null } | null;
}

export interface GroupRow {
  readonly id: GroupId;
  readonly ownerId: UserId;
  readonly name: string;
  readonly position: number;
  /** Its people as they were put by hand; who is not named follows by name. null = all by name. */
  readonly order: readonly UserId[] | null;
}

export interface ContactReads {
  list(ownerId: UserId): Promise<readonly ContactRow[]>;
  find(ownerId: UserId, personId: UserId): Promise<ContactRow | null>;
  groups(ownerId: UserId): Promise<readonly GroupRow[]>;
  /** Rows of other people that list or relate to this person ("who has me"). */
  about(personId: UserId): Promise<readonly ContactRow[]>;
  /** Every row. There may be millions; who needs only what a node keeps in memory asks for `marked`. */
  all(): AsyncIterable<ContactRow>;
  /** The rows that say more than who is listed: those with a relationship or an armed alert. Few, in no order. */
  marked(): AsyncIterable<ContactRow>;
}

export interface ContactWrites {
  put(row: ContactRow): Promise<void>;
  remove(ownerId: UserId, personId: UserId): Promise<void>;
  putGroup(row: GroupRow): Promise<void>;
  /** Removes the group and takes its id out of every contact of the owner. */
  removeGroup(ownerId: UserId, id: GroupId): Promise<void>;
}
