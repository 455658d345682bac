/** The audit log: what administrators saw and did. Written before the answer leaves, read only by administrators. */
import type { UserId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store, Transaction } from '../ports/store.ts';
import { toInstant } from './conversation-views.ts';

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actorId: string;
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type Audit = ReturnType<typeof createAudit>;

/** A console that is left open asks every few seconds; that somebody looks is written once in this time. */
export const lookEveryMs = 15 * 60_000;

export function createAudit({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
  /** Who looked at what, and when that was last written. Short: administrators times kinds of looking. */
  const looks = new Map<string, number>();
  return {
    /**
     * Writes an entry, durably, before it resolves: what cannot be written down is not shown. `action` is
     * dotted, as `cdr.read`; `detail` holds ids and parameters, never content.
     */
    async record(actorId: UserId, action: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
      await store.transaction([], (tx) => this.recordIn(tx, actorId, action, detail));
    },

    /**
     * Writes that somebody looks at something that is the same for whoever looks and holds nobody's data: at
     * the first look and again after `lookEveryMs`, however often they look meanwhile.
     */
    async looked(actorId: UserId, action: string): Promise<void> {
      const key = `${actorId} ${action}`;
      const now = clock.now();
      if (now - (looks.get(key) ?? Number.NEGATIVE_INFINITY) < lookEveryMs) return;
      await this.record(actorId, action, {});
      looks.set(key, now);
    },

    /** An entry within a transaction that changes something, so that both happen or neither. */
    async recordIn(
      tx: Transaction,
      actorId: UserId,
      action: string,
      detail: Readonly<Record<string, unknown>>,
    ): Promise<void> {
      await tx.records.appendAudit({ at: clock.now(), actorId, action, detail: JSON.stringify(detail) });
    },

    /** Entries, the latest first. */
    async list(before: number | null, limit: number): Promise<{ items: AuditEntry[]; next: string | null }> {
      const rows = await store.records.audit(before, limit + 1);
      const shown = rows.slice(0, limit);
      return {
        items: shown.map((row) => ({
          id: String(row.seq),
          at: toInstant(row.at),
          actorId: row.actorId,
          action: row.action,
          detail: JSON.parse(row.detail) as Record<string, unknown>,
        })),
        next: rows.length > limit ? String(shown.at(-1)?.seq) : null,
      };
    },
  };
}
