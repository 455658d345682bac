/** Tickets in SQL, so that the node that gives one out and the node that takes it back may differ. */
import type { Clock } from '../../ports/clock.ts';
import type { Tickets } from '../../ports/tickets.ts';
import type { Session } from './session.ts';
import type { Dialect, Prepare } from './statement.ts';
import type { Tables } from './tables.ts';

/** How many that have ended a new one sweeps away: more than come in, so that the table stays small. */
const sweptRows = 20;

export function prepareTickets(prepare: Prepare, { strings }: Dialect) {
  return {
    put: prepare((db, p: Tables['ticket']) =>
      db
        .insertInto('ticket')
        .values({ key: p.key, body: p.body, expires_at: p.expires_at })
        .onConflict((existing) =>
          existing.column('key').doUpdateSet((eb) => ({
            body: eb.ref('excluded.body'),
            expires_at: eb.ref('excluded.expires_at'),
          })),
        ),
    ),
    find: prepare((db, p: { key: string; now: number }) =>
      db.selectFrom('ticket').select('body').where('key', '=', p.key).where('expires_at', '>', p.now),
    ),
    findAny: prepare((db, p: { keys: string; now: number }) =>
      db
        .selectFrom('ticket')
        .select('key')
        .where('key', 'in', strings(p.keys))
        .where('expires_at', '>', p.now),
    ),
    remove: prepare((db, p: { key: string }) => db.deleteFrom('ticket').where('key', '=', p.key)),
    sweep: prepare((db, p: { now: number; limit: number }) =>
      db
        .deleteFrom('ticket')
        .where(
          'key',
          'in',
          db.selectFrom('ticket').select('key').where('expires_at', '<=', p.now).limit(p.limit),
        ),
    ),
  };
}

/** `run` puts work into a group of the store. */
export function createTickets(options: {
  committed: Session;
  run: <Result>(locks: readonly string[], work: (session: Session) => Promise<Result>) => Promise<Result>;
  statements: ReturnType<typeof prepareTickets>;
  clock: Clock;
}): Tickets {
  const { committed, run, statements, clock } = options;
  return {
    put: (key, body, expiresAt) =>
      run([], async (session) => {
        await session.run(statements.sweep, { now: clock.now(), limit: sweptRows });
        await session.run(statements.put, { key, body, expires_at: expiresAt });
      }),
    take: (key) =>
      run([`ticket ${key}`], async (session) => {
        const row = await session.first(statements.find, { key, now: clock.now() });
        await session.run(statements.remove, { key });
        return row?.body ?? null;
      }),
    hasAny: async (keys) => {
      if (keys.length === 0) return new Set();
      const given = { keys: JSON.stringify(keys), now: clock.now() };
      return new Set((await committed.all(statements.findAny, given)).map(({ key }) => key));
    },
    has: async (key) => (await committed.first(statements.find, { key, now: clock.now() })) !== undefined,
  };
}
