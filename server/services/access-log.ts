/**
 * Who came in and who was turned away, for the audit log. Never in the way of an answer: entries are written
 * a moment later, equal denials of a minute as one with their number, and a flood of them is counted and not
 * written. Ids, routes, codes and addresses; no token, no text.
 */
import { toUserId, type UserId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Audit } from './audit.ts';

/** Stands for somebody who could not say who they are. */
export const nobody: UserId = toUserId('00000000-0000-0000-0000-000000000000');

/** How long equal denials are gathered. */
export const gatherMs = 60_000;
/** How often a way in that is silent is written down for a person. */
export const everyMs = 8 * 3_600_000;
/** Different denials that are gathered at once; more than an honest day brings in an hour. */
const mostGathered = 500;

export interface Denial {
  readonly actorId: UserId | null;
  readonly code: string;
  readonly route: string;
  readonly address?: string | undefined;
}

export type AccessLog = ReturnType<typeof createAccessLog>;

export function createAccessLog(options: {
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  onError: (error: unknown) => void;
}) {
  const { audit, clock } = options;
  let gathered = new Map<string, { readonly denial: Denial; count: number }>();
  /** Who came in silently, and when that was last written; as long as there are people. */
  const cameIn = new Map<string, number>();
  let beyond = 0;
  let cancel: (() => void) | null = null;
  const writing = new Set<Promise<void>>();

  const write = (actorId: UserId, action: string, detail: Readonly<Record<string, unknown>>): void => {
    const entry: Promise<void> = audit
      .record(actorId, action, detail)
      .catch(options.onError)
      .finally(() => writing.delete(entry));
    writing.add(entry);
  };

  function flush(): void {
    cancel?.();
    cancel = null;
    const entries = [...gathered.values()];
    gathered = new Map();
    for (const { denial, count } of entries) {
      const { actorId, ...detail } = denial;
      write(actorId ?? nobody, 'access.denied', { ...detail, count });
    }
    if (beyond > 0) write(nobody, 'access.denied', { code: 'many', count: beyond });
    beyond = 0;
  }

  return {
    /** Somebody signed in; `how` is the mode. */
    signedIn(personId: UserId, how: string, address: string): void {
      write(personId, 'sign-in', { how, address });
    },
    /** The same for a way in that is gone through every few minutes, without anybody's doing: once in `everyMs`. */
    cameInAgain(personId: UserId, how: string): void {
      const key = `${personId} ${how}`;
      const now = clock.now();
      if (now - (cameIn.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
      cameIn.set(key, now);
      write(personId, 'sign-in', { how });
    },
    /** A sign-in came to nothing. */
    signInFailed(code: string, address: string): void {
      this.denied({ actorId: null, code, route: 'sign-in', address });
    },
    /** A request was refused for want of a good token or of the right. */
    denied(denial: Denial): void {
      const key = JSON.stringify([denial.actorId, denial.code, denial.route, denial.address]);
      const known = gathered.get(key);
      if (known !== undefined) known.count += 1;
      else if (gathered.size < mostGathered) gathered.set(key, { denial, count: 1 });
      else beyond += 1;
      cancel ??= clock.after(gatherMs, flush);
    },
    /** Writes what is gathered and waits for it; the last thing before the store closes. */
    async close(): Promise<void> {
      flush();
      await Promise.all(writing);
    },
  };
}
