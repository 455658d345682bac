/**
 * Conversations that somebody has begun and written nothing into yet: they exist on this side alone, so that
 * looking at somebody rings at nobody. Each has a name of its own until the first message makes it real; what it is
 * about is kept beyond the page, which may be thrown away between the click and the first word.
 */
import type { ConversationContext } from '../../../server/protocol/conversations.ts';

export interface Begun {
  readonly ids: readonly string[];
  readonly context: ConversationContext | null;
}

const prefix = 'new:';
/** Somebody has one of them open; those before it are found again by picking the same people. */
const keptMost = 10;

export function isLocal(conversationId: string): boolean {
  return conversationId.startsWith(prefix);
}

type Entry = readonly [localId: string, context: ConversationContext];
type Kept = readonly Entry[];
/** Somebody else may have written there, or an older version of this. */
const isEntry = (found: unknown): found is Entry =>
  Array.isArray(found) && typeof found[0] === 'string' && typeof found[1] === 'object' && found[1] !== null;

/** `scope` names server and person; `storage` is null where a browser forbids one. */
export function createBegun({
  scope,
  storage,
}: {
  readonly scope: string;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null;
}) {
  const key = `jellybean:begun:${scope}`;
  const known = new Map<string, Begun>();

  function kept(): Kept {
    try {
      const found: unknown = JSON.parse(storage?.getItem(key) ?? '[]');
      return Array.isArray(found) ? found.filter(isEntry) : [];
    } catch {
      return [];
    }
  }
  function keep(entries: Kept): void {
    try {
      storage?.setItem(key, JSON.stringify(entries.slice(-keptMost)));
    } catch {
      // Full or forbidden: the page knows it as long as it lives.
    }
  }
  const without = (localId: string): Kept => kept().filter(([id]) => id !== localId);

  return {
    /** Names a conversation with these people, oneself left out; the same people and subject have the same name. */
    begin(ids: readonly string[], context: ConversationContext | null): string {
      const about = context ? `:${context.itemId ?? context.url ?? context.title}` : '';
      const localId = `${prefix}${ids.join(',')}${about}`;
      known.set(localId, { ids, context });
      if (context) keep([...without(localId), [localId, context]]);
      return localId;
    },
    /** With whom and about what; null where the name is a real conversation's. */
    find(id: string): Begun | null {
      if (!isLocal(id)) return null;
      const here = known.get(id);
      if (here !== undefined) return here;
      const ids = id.slice(prefix.length).split(':')[0]?.split(',') ?? [];
      return { ids, context: kept().find(([localId]) => localId === id)?.[1] ?? null };
    },
    /** It is a real one now. */
    end(localId: string): void {
      known.delete(localId);
      if (kept().some(([id]) => id === localId)) keep(without(localId));
    },
  };
}
