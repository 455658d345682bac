/**
 * The store over an engine: every noun's reads on committed state, every noun's writes within a group. This
 * is the one place that knows all nouns; each of them is a file of its own beside this one.
 */
import type { Clock } from '../../ports/clock.ts';
import type { CommittedEvent, NewEvent, Store, Transaction } from '../../ports/store.ts';
import { accountReads, accountWrites, prepareAccounts } from './accounts.ts';
import { contactReads, contactWrites, prepareContacts } from './contacts.ts';
import { prepareConversations } from './conversation-statements.ts';
import { conversationReads, conversationWrites } from './conversations.ts';
import { appendEvents, eventReads, type PendingEvent, prepareEvents, toPending } from './event-log.ts';
import { createGroupCommit } from './group-commit.ts';
import { idempotencyReads, prepareIdempotency, rememberResult } from './idempotency.ts';
import { createNodes, prepareNodes } from './nodes.ts';
import { prepareOrganisation } from './organisation.ts';
import { preparePresence, presenceReads, presenceWrites } from './presence.ts';
import { preparePrune, pruneSteps } from './prune.ts';
import { prepareRecords, recordReads, recordWrites } from './records.ts';
import { createRosterMemory, type RosterMemory } from './roster-memory.ts';
import type { Engine, Session, WritingSession } from './session.ts';
import { createPrepare, type Dialect, dialects, type Prepare } from './statement.ts';
import { prepareSync, syncReads, syncWrites } from './sync.ts';
import { createTickets, prepareTickets } from './tickets.ts';

const prepareAll = (prepare: Prepare, dialect: Dialect) => ({
  organisation: prepareOrganisation(prepare),
  accounts: prepareAccounts(prepare, dialect),
  contacts: prepareContacts(prepare),
  presence: preparePresence(prepare, dialect),
  conversations: prepareConversations(prepare, dialect),
  records: prepareRecords(prepare, dialect),
  idempotency: prepareIdempotency(prepare),
  events: prepareEvents(prepare, dialect),
  prune: preparePrune(prepare),
  tickets: prepareTickets(prepare, dialect),
  nodes: prepareNodes(prepare),
  sync: prepareSync(prepare, dialect),
});
type Statements = ReturnType<typeof prepareAll>;

const reads = (session: Session, statements: Statements, rosters: RosterMemory) => ({
  accounts: accountReads(session, statements.accounts),
  contacts: contactReads(session, statements.contacts),
  presence: presenceReads(session, statements.presence),
  conversations: conversationReads(session, statements.conversations, rosters),
  records: recordReads(session, statements.records),
  idempotency: idempotencyReads(session, statements.idempotency),
  sync: syncReads(session, statements.sync),
});

/** All of a transaction but `appendEvent`, which belongs to one work; made once per session. */
function nouns(
  session: WritingSession,
  statements: Statements,
  rosters: RosterMemory,
): Omit<Transaction, 'appendEvent'> {
  const { accounts, contacts, presence, conversations, records, idempotency, sync } = reads(
    session,
    statements,
    rosters,
  );
  return {
    accounts: { ...accounts, ...accountWrites(session, statements.accounts) },
    contacts: { ...contacts, ...contactWrites(session, statements.contacts) },
    presence: { ...presence, ...presenceWrites(session, statements.presence) },
    conversations: { ...conversations, ...conversationWrites(session, statements.conversations, rosters) },
    records: { ...records, ...recordWrites(session, statements.records) },
    idempotency,
    sync: { ...sync, ...syncWrites(session, statements.sync) },
    rememberResult: rememberResult(session, statements.idempotency),
  };
}

/** How long after a failed commit a write is tried again. */
const probeMs = 1_000;

/** Makes the store of an opened and migrated engine. */
export async function createSqlStore(engine: Engine, clock: Clock): Promise<Store> {
  const statements = prepareAll(createPrepare(engine.builder), dialects[engine.kind]);
  const rosters = createRosterMemory();
  let listener: (events: readonly CommittedEvent[]) => void = () => {};
  let closing: Promise<void> | undefined;
  const groups = createGroupCommit(
    engine,
    (session, events) => appendEvents(session, statements.events, events, clock.now()),
    (events) => listener(events),
    () => probe(),
  );

  // Whoever is told that the store is away sends nothing more, so it has to find out by itself that it is back.
  let cancelProbe = () => {};
  const probe = () => {
    cancelProbe();
    if (closing !== undefined) return;
    cancelProbe = clock.after(probeMs, () => {
      const write = groups.run([], async (session) => session.run(statements.organisation.touch, {}));
      // A failed one is followed by the next.
      write.catch(() => {});
    });
  };

  const made = new WeakMap<Session, Omit<Transaction, 'appendEvent'>>();
  const nounsOf = (session: WritingSession) => {
    let of = made.get(session);
    if (of === undefined) {
      of = nouns(session, statements, rosters);
      made.set(session, of);
    }
    return of;
  };
  const transactionOf = (session: WritingSession, events: PendingEvent[]): Transaction => {
    const all = nounsOf(session);
    const appendEvent = (event: NewEvent) => {
      events.push(toPending(event));
    };
    return { ...all, appendEvent };
  };

  const { begin, epoch, makeSecret, secret } = statements.organisation;
  await groups.run([], async (session) => {
    await session.run(begin, { epoch: crypto.randomUUID().slice(0, 13).replace('-', '') });
  });
  const organisation = await engine.committed.first(epoch, {});
  if (organisation === undefined) throw new Error('The store has no organisation row.');

  return {
    epoch: organisation.epoch,
    ...reads(engine.committed, statements, rosters),
    events: eventReads(engine.committed, statements.events),
    tickets: createTickets({
      committed: engine.committed,
      run: (locks, work) => groups.run(locks, work),
      statements: statements.tickets,
      clock,
    }),
    nodes: createNodes({
      committed: engine.committed,
      run: (locks, work) => groups.run(locks, work),
      statements: statements.nodes,
    }),
    transaction: (locks, work) =>
      groups.run(locks, (session, events) => work(transactionOf(session, events))),
    onCommitted: (given) => {
      listener = given;
    },
    secret: async (name, make) => {
      const known = await engine.committed.first(secret, { name });
      if (known !== undefined) return known.value;
      return groups.run([`secret ${name}`], async (session) => {
        await session.run(makeSecret, { name, value: make() });
        const row = await session.first(secret, { name });
        if (row === undefined) throw new Error(`The secret ${name} was not stored.`);
        return row.value;
      });
    },
    prune: async () => {
      for (const slice of pruneSteps(statements, clock.now())) while (await groups.run([], slice));
    },
    healthy: groups.healthy,
    close: () => {
      cancelProbe();
      closing ??= groups.close().then(() => engine.close());
      return closing;
    },
  };
}
