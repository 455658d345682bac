/** What is remembered of presence in SQL: durable choices, and soft state that bridges a restart. */
import { sql } from 'kysely';
import type { EndpointId, UserId } from '../../domain/ids.ts';
import type {
  PersonalCalendar,
  PersonalPresence,
  PresenceReads,
  PresenceWrites,
  SettledPresence,
  StoredPublication,
  StoredRegistration,
} from '../../ports/store-presence.ts';
import type { Privacy } from '../../protocol/presence.ts';
import { inPages, jsonOrNull, pageRows, parseOrNull } from './rows.ts';
import type { Session } from './session.ts';
import type { Dialect, Prepare, Statement } from './statement.ts';
import type { Tables } from './tables.ts';

export function preparePresence(prepare: Prepare, { strings, rows }: Dialect) {
  return {
    personal: prepare((db, p: { id: string }) =>
      db.selectFrom('personal_presence').selectAll().where('person_id', '=', p.id),
    ),
    personalPage: prepare((db, p: { after: string }) =>
      db
        .selectFrom('personal_presence')
        .selectAll()
        .where('person_id', '>', p.after)
        .orderBy('person_id')
        .limit(pageRows),
    ),
    publicationPage: prepare((db, p: { personId: string; id: string }) =>
      db
        .selectFrom('publication')
        .selectAll()
        .where(({ eb, refTuple, tuple }) => eb(refTuple('person_id', 'id'), '>', tuple(p.personId, p.id)))
        .orderBy('person_id')
        .orderBy('id')
        .limit(pageRows),
    ),
    registrationPage: prepare((db, p: { personId: string; endpoint: string; nodeId: string }) =>
      db
        .selectFrom('registration')
        .selectAll()
        .where(({ eb, refTuple, tuple }) =>
          eb(refTuple('person_id', 'endpoint', 'node_id'), '>', tuple(p.personId, p.endpoint, p.nodeId)),
        )
        .orderBy('person_id')
        .orderBy('endpoint')
        .orderBy('node_id')
        .limit(pageRows),
    ),
    putPersonal: prepare((db, p: Tables['personal_presence']) =>
      db
        .insertInto('personal_presence')
        .values({
          person_id: p.person_id,
          preferred: p.preferred,
          note: p.note,
          privacy: p.privacy,
          out_of_office: p.out_of_office,
          last_active_at: p.last_active_at,
          offline_since: p.offline_since,
          curtain: p.curtain,
        })
        .onConflict((existing) =>
          existing.column('person_id').doUpdateSet((eb) => ({
            preferred: eb.ref('excluded.preferred'),
            note: eb.ref('excluded.note'),
            privacy: eb.ref('excluded.privacy'),
            out_of_office: eb.ref('excluded.out_of_office'),
            last_active_at: eb.ref('excluded.last_active_at'),
            offline_since: eb.ref('excluded.offline_since'),
            curtain: eb.ref('excluded.curtain'),
          })),
        ),
    ),
    policy: prepare((db) => db.selectFrom('policy').select('body')),
    putPolicy: prepare((db, p: { body: string }) =>
      db
        .insertInto('policy')
        .values({ id: 1, body: p.body })
        .onConflict((existing) =>
          existing.column('id').doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
        ),
    ),
    calendar: prepare((db, p: { id: string }) =>
      db.selectFrom('calendar').selectAll().where('person_id', '=', p.id),
    ),
    calendarPage: prepare((db, p: { after: string }) =>
      db
        .selectFrom('calendar')
        .selectAll()
        .where('person_id', '>', p.after)
        .orderBy('person_id')
        .limit(pageRows),
    ),
    putCalendar: prepare((db, p: Tables['calendar']) =>
      db
        .insertInto('calendar')
        .values({ person_id: p.person_id, body: p.body })
        .onConflict((existing) =>
          existing.column('person_id').doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
        ),
    ),
    forgetCalendar: prepare((db, p: { id: string }) =>
      db.deleteFrom('calendar').where('person_id', '=', p.id),
    ),
    putPublications: prepare((db, p: { rows: string }) =>
      db
        .insertInto('publication')
        .columns(['person_id', 'id', 'body'])
        .expression(rows(p.rows, ['text', 'text', 'text']))
        .onConflict((existing) =>
          existing.columns(['person_id', 'id']).doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
        ),
    ),
    removePublications: prepare((db, p: { rows: string }) =>
      db
        .deleteFrom('publication')
        .where(sql<boolean>`(person_id, id) in (${rows(p.rows, ['text', 'text'])})`),
    ),
    putRegistrations: prepare((db, p: { rows: string }) =>
      db
        .insertInto('registration')
        .columns(['person_id', 'endpoint', 'node_id', 'registered_at'])
        .expression(rows(p.rows, ['text', 'text', 'text', 'integer']))
        .onConflict((existing) => existing.columns(['person_id', 'endpoint', 'node_id']).doNothing()),
    ),
    removeRegistrations: prepare((db, p: { rows: string }) =>
      db
        .deleteFrom('registration')
        .where(sql<boolean>`(person_id, endpoint, node_id) in (${rows(p.rows, ['text', 'text', 'text'])})`),
    ),
    putSettled: prepare((db, p: { rows: string }) =>
      db
        .insertInto('settled')
        .columns(['person_id', 'body'])
        .expression(rows(p.rows, ['text', 'text']))
        .onConflict((existing) =>
          existing.column('person_id').doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
        ),
    ),
    settledPage: prepare((db, p: { after: string }) =>
      db
        .selectFrom('settled')
        .selectAll()
        .where('person_id', '>', p.after)
        .orderBy('person_id')
        .limit(pageRows),
    ),
    personalOf: prepare((db, p: { people: string }) =>
      db.selectFrom('personal_presence').selectAll().where('person_id', 'in', strings(p.people)),
    ),
    publicationsOf: prepare((db, p: { people: string }) =>
      db
        .selectFrom('publication')
        .selectAll()
        .where('person_id', 'in', strings(p.people))
        .orderBy('person_id')
        .orderBy('id'),
    ),
    registrationsOf: prepare((db, p: { people: string }) =>
      db
        .selectFrom('registration')
        .selectAll()
        .where('person_id', 'in', strings(p.people))
        .orderBy('person_id')
        .orderBy('endpoint')
        .orderBy('node_id'),
    ),
    settledOf: prepare((db, p: { people: string }) =>
      db.selectFrom('settled').selectAll().where('person_id', 'in', strings(p.people)),
    ),
  };
}
type Statements = ReturnType<typeof preparePresence>;

const toRegistration = (row: Tables['registration']): StoredRegistration => ({
  personId: row.person_id as UserId,
  endpoint: row.endpoint as EndpointId,
  registeredAt: row.registered_at,
  nodeId: row.node_id,
});

const toPersonal = (row: Tables['personal_presence']): PersonalPresence => ({
  preferred: parseOrNull(row.preferred),
  note: parseOrNull(row.note),
  privacy: JSON.parse(row.privacy) as Privacy | null,
  outOfOffice: parseOrNull(row.out_of_office),
  lastActiveAt: row.last_active_at,
  offlineSince: row.offline_since,
  curtain: parseOrNull(row.curtain),
});

export function presenceReads(session: Session, statements: Statements): PresenceReads {
  return {
    personal: async (id) => {
      const row = await session.first(statements.personal, { id });
      return row === undefined ? null : toPersonal(row);
    },
    allPersonal: async function* () {
      const rows = inPages<Tables['personal_presence']>((last) =>
        session.all(statements.personalPage, { after: last?.person_id ?? '' }),
      );
      for await (const row of rows) yield [row.person_id as UserId, toPersonal(row)] as const;
    },
    policy: async () => parseOrNull((await session.first(statements.policy, {}))?.body ?? null),
    calendar: async (id) => {
      const row = await session.first(statements.calendar, { id });
      return row === undefined ? null : (JSON.parse(row.body) as PersonalCalendar);
    },
    allCalendars: async function* () {
      const rows = inPages<Tables['calendar']>((last) =>
        session.all(statements.calendarPage, { after: last?.person_id ?? '' }),
      );
      for await (const row of rows)
        yield [row.person_id as UserId, JSON.parse(row.body) as PersonalCalendar] as const;
    },
    allPublications: async function* () {
      const rows = inPages<Tables['publication']>((last) =>
        session.all(statements.publicationPage, { personId: last?.person_id ?? '', id: last?.id ?? '' }),
      );
      for await (const row of rows) yield JSON.parse(row.body) as StoredPublication;
    },
    allRegistrations: async function* () {
      const rows = inPages<Tables['registration']>((last) =>
        session.all(statements.registrationPage, {
          personId: last?.person_id ?? '',
          endpoint: last?.endpoint ?? '',
          nodeId: last?.node_id ?? '',
        }),
      );
      for await (const row of rows) yield toRegistration(row);
    },
    allSettled: async function* () {
      const rows = inPages<Tables['settled']>((last) =>
        session.all(statements.settledPage, { after: last?.person_id ?? '' }),
      );
      for await (const row of rows)
        yield [row.person_id as UserId, JSON.parse(row.body) as SettledPresence] as const;
    },
    remembered: async (people) => {
      const list = { people: JSON.stringify(people) };
      const [personal, publications, registrations, settled] = await Promise.all([
        session.all(statements.personalOf, list),
        session.all(statements.publicationsOf, list),
        session.all(statements.registrationsOf, list),
        session.all(statements.settledOf, list),
      ]);
      const personalOf = new Map(personal.map((row) => [row.person_id, toPersonal(row)]));
      const publicationsOf = Map.groupBy(publications, (row) => row.person_id);
      const registrationsOf = Map.groupBy(registrations, (row) => row.person_id);
      const settledOf = new Map(settled.map((row) => [row.person_id, row.body]));
      return people.map((personId) => ({
        personId,
        personal: personalOf.get(personId) ?? null,
        publications: (publicationsOf.get(personId) ?? []).map(
          ({ body }) => JSON.parse(body) as StoredPublication,
        ),
        registrations: (registrationsOf.get(personId) ?? []).map(toRegistration),
        settled: parseOrNull<SettledPresence>(settledOf.get(personId) ?? null),
      }));
    },
  };
}

export function presenceWrites(session: Session, statements: Statements): PresenceWrites {
  return {
    putPersonal: async (id, personal) => {
      await session.run(statements.putPersonal, {
        person_id: id,
        preferred: jsonOrNull(personal.preferred),
        note: jsonOrNull(personal.note),
        privacy: JSON.stringify(personal.privacy),
        out_of_office: jsonOrNull(personal.outOfOffice),
        last_active_at: personal.lastActiveAt,
        offline_since: personal.offlineSince,
        curtain: jsonOrNull(personal.curtain),
      });
    },
    putPolicy: async (policy) => {
      await session.run(statements.putPolicy, { body: JSON.stringify(policy) });
    },
    putCalendar: async (id, calendar) => {
      if (calendar === null) await session.run(statements.forgetCalendar, { id });
      else await session.run(statements.putCalendar, { person_id: id, body: JSON.stringify(calendar) });
    },
    saveSoftState: async (nodeId, changes) => {
      // One order for everybody, so that two nodes that write the same people wait instead of blocking each other.
      const sorted = changes.toSorted((a, b) => (a.personId < b.personId ? -1 : 1));
      const run = async (statement: Statement<{ rows: string }, unknown>, list: readonly unknown[]) => {
        if (list.length > 0) await session.run(statement, { rows: JSON.stringify(list) });
      };
      await run(
        statements.removeRegistrations,
        sorted.flatMap(({ personId, unregistered }) =>
          unregistered.map((endpoint) => [personId, endpoint, nodeId]),
        ),
      );
      await run(
        statements.putRegistrations,
        sorted.flatMap(({ personId, registered }) =>
          registered.map(({ endpoint, registeredAt }) => [personId, endpoint, nodeId, registeredAt]),
        ),
      );
      const bound = sorted.filter(({ withdrawn }) => withdrawn.some(({ endpoint }) => endpoint !== null));
      const still = new Set(
        bound.length === 0
          ? []
          : (
              await session.all(statements.registrationsOf, {
                people: JSON.stringify(bound.map(({ personId }) => personId)),
              })
            ).map((row) => `${row.person_id} ${row.endpoint}`),
      );
      await run(
        statements.removePublications,
        sorted.flatMap(({ personId, withdrawn }) =>
          withdrawn
            .filter(({ endpoint }) => endpoint === null || !still.has(`${personId} ${endpoint}`))
            .map(({ id }) => [personId, id]),
        ),
      );
      await run(
        statements.putPublications,
        sorted.flatMap(({ published }) =>
          published.map((row) => [row.personId, row.id, JSON.stringify(row)]),
        ),
      );
      await run(
        statements.putSettled,
        sorted.map(({ personId, settled }) => [personId, JSON.stringify(settled)]),
      );
    },
  };
}
