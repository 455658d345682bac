/** First results of creating calls in SQL; a row older than a day counts as absent and is written over. */
import type { IdempotencyReads, Transaction } from '../../ports/store.ts';
import { conflict } from './failures.ts';
import type { Session } from './session.ts';
import type { Prepare } from './statement.ts';
import type { Tables } from './tables.ts';

/** Contract §1: a key is remembered for 24 h. */
export const keptMs = 24 * 3_600_000;

export function prepareIdempotency(prepare: Prepare) {
  return {
    find: prepare((db, p: { callerId: string; key: string; since: number }) =>
      db
        .selectFrom('idempotency')
        .select(['request_digest', 'status', 'json'])
        .where('caller_id', '=', p.callerId)
        .where('key', '=', p.key)
        .where('created_at', '>', p.since),
    ),
    remember: prepare((db, p: Tables['idempotency'] & { since: number }) =>
      db
        .insertInto('idempotency')
        .values({
          caller_id: p.caller_id,
          key: p.key,
          request_digest: p.request_digest,
          status: p.status,
          json: p.json,
          created_at: p.created_at,
        })
        .onConflict((existing) =>
          existing
            .columns(['caller_id', 'key'])
            .doUpdateSet((eb) => ({
              request_digest: eb.ref('excluded.request_digest'),
              status: eb.ref('excluded.status'),
              json: eb.ref('excluded.json'),
              created_at: eb.ref('excluded.created_at'),
            }))
            .where('idempotency.created_at', '<=', p.since),
        ),
    ),
    forget: prepare((db, p: { since: number; limit: number }) =>
      db
        .deleteFrom('idempotency')
        .where(({ eb, refTuple, selectFrom }) =>
          eb(
            refTuple('caller_id', 'key'),
            'in',
            selectFrom('idempotency')
              .select(['caller_id', 'key'])
              .where('created_at', '<=', p.since)
              .limit(p.limit)
              .$asTuple('caller_id', 'key'),
          ),
        ),
    ),
  };
}
type Statements = ReturnType<typeof prepareIdempotency>;

export function idempotencyReads(session: Session, statements: Statements): IdempotencyReads {
  return {
    find: async (callerId, key, now) => {
      const row = await session.first(statements.find, { callerId, key, since: now - keptMs });
      return row === undefined
        ? null
        : { requestDigest: row.request_digest, status: row.status, json: row.json };
    },
  };
}

export const rememberResult =
  (session: Session, statements: Statements): Transaction['rememberResult'] =>
  async (callerId, key, requestDigest, status, json, now) => {
    const changed = await session.run(statements.remember, {
      caller_id: callerId,
      key,
      request_digest: requestDigest,
      status,
      json,
      created_at: now,
      since: now - keptMs,
    });
    if (changed === 0) throw conflict(undefined);
  };
