/**
 * Rosters of recently used conversations. Each is kept under the version that its conversation row names; a
 * version is never used twice, not even by a change that is rolled back, so an old roster is never taken for
 * a new one, on any node.
 */
import type { RosterEntry } from '../../ports/store-conversations.ts';

/** About 30 MB of two-party rosters. */
const keptRosters = 50_000;
/** Large rosters fill the memory sooner: how many people are kept in all. */
const keptPeople = 200_000;

export interface RosterMemory {
  get(conversationId: string, version: number): readonly RosterEntry[] | undefined;
  set(conversationId: string, version: number, people: readonly RosterEntry[]): void;
  newVersion(): number;
}

export function createRosterMemory(): RosterMemory {
  const kept = new Map<string, { readonly version: number; readonly people: readonly RosterEntry[] }>();
  let peopleKept = 0;
  const forget = (conversationId: string) => {
    peopleKept -= kept.get(conversationId)?.people.length ?? 0;
    kept.delete(conversationId);
  };
  return {
    get: (conversationId, version) => {
      const found = kept.get(conversationId);
      return found?.version === version ? found.people : undefined;
    },
    set: (conversationId, version, people) => {
      forget(conversationId);
      kept.set(conversationId, { version, people });
      peopleKept += people.length;
      for (const oldest of kept.keys()) {
        if (kept.size <= keptRosters && peopleKept <= keptPeople) break;
        forget(oldest);
      }
    },
    // 52 random bits: numbers that count up would be used again after a rollback.
    newVersion: () => Number(crypto.getRandomValues(new BigUint64Array(1))[0]! >> 12n),
  };
}
