/**
 * Call detail records as they are made and read: a sweep ends sessions in which nobody writes any more and
 * writes their record, once and for ever. Records hold no content; reading them is written to the audit log.
 */
import { type CallDetailRecord, idleMs, type RegistrationRecord, toSessionRecord } from '../domain/cdr.ts';
import { DomainError } from '../domain/errors.ts';
import type { ConversationId, UserId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { ConversationReads } from '../ports/store-conversations.ts';
import type { OpenSession, RecordReads } from '../ports/store-records.ts';
import type { CdrSummary } from '../protocol/records.ts';
import { toInstant } from './conversation-views.ts';

const sweepEveryMs = 60_000;
const sliceSessions = 100;
const pageRecords = 1_000;

export interface CdrFilter {
  readonly from: number;
  readonly to: number;
  readonly personId: UserId | null;
}

export type CallDetails = ReturnType<typeof createCallDetails>;

export function createCallDetails({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
  const registeredAt = new Map<string, number>();
  /** Endpoints that may be back in a moment, with what calls off their end. */
  const leaving = new Map<string, () => void>();
  let cancel: (() => void) | null = null;
  let writing: Promise<unknown> = Promise.resolve();

  async function recordOf(
    reads: { readonly conversations: ConversationReads; readonly records: RecordReads },
    session: OpenSession,
    overBy: 'idle' | 'retention' | null,
  ) {
    const { conversationId: id, startedAt, firstSeq, lastSeq, lastAt } = session;
    const conversation = await reads.conversations.find(id);
    if (conversation === null) return null;
    return toSessionRecord({
      conversationId: id,
      kind: conversation.kind,
      importance: conversation.importance,
      startedAt,
      lastAt,
      overBy,
      messages: await reads.records.messageCounts(id, firstSeq, lastSeq),
      participations: await reads.records.participations(id),
      files: await reads.records.sentFiles(id, firstSeq, lastSeq),
    });
  }

  /** Ends a conversation's session and writes its record, if it is over by then. */
  async function end(
    conversationId: ConversationId,
    isOver: (session: OpenSession) => boolean,
    reason: 'idle' | 'retention',
  ): Promise<void> {
    await store.transaction([conversationId], async (tx) => {
      // Somebody may have written since: what counts is how it stands under the lock.
      const session = await tx.records.openSession(conversationId);
      if (session === null || !isOver(session)) return;
      const record = await recordOf(tx, session, reason);
      await tx.records.closeSession(conversationId);
      if (record === null) return;
      await tx.records.insertCdr({
        id: record.sessionId,
        type: 'session',
        startedAt: session.startedAt,
        endedAt: Date.parse(record.endedAt ?? record.startedAt),
        messageCount: record.messageCount,
        people: [...new Set(record.participants.map(({ personId }) => personId as UserId))],
        json: JSON.stringify(record),
      });
    });
  }

  /** Ends every session that has been idle for long enough and writes its record. */
  async function sweep(): Promise<void> {
    for (;;) {
      const idleSince = clock.now() - idleMs;
      const idle = await store.records.idleSessions(idleSince, sliceSessions);
      for (const { conversationId } of idle)
        await end(conversationId, ({ lastAt }) => lastAt < idleSince, 'idle');
      if (idle.length < sliceSessions) return;
    }
  }

  /**
   * Ends every session that began before this moment, also one that still goes on: its messages are about to
   * go, and what is counted afterwards would be too little. The next message begins another session.
   */
  async function endBegunBefore(cutoff: number): Promise<void> {
    await sweep();
    for (;;) {
      // The longest open come first.
      const open = await store.records.idleSessions(Number.MAX_SAFE_INTEGER, sliceSessions);
      const old = open.filter(({ startedAt }) => startedAt < cutoff);
      for (const { conversationId } of old)
        await end(conversationId, ({ startedAt }) => startedAt < cutoff, 'retention');
      if (old.length < sliceSessions) return;
    }
  }

  function schedule(): void {
    cancel = clock.after(sweepEveryMs, () => {
      writing = sweep()
        // The store is down or closing; sessions stay open and the next sweep ends them.
        .catch(() => {})
        .finally(() => {
          if (cancel !== null) schedule();
        });
    });
  }

  function writeRegistration(
    personId: UserId,
    endpoint: string,
    startedAt: number,
    endedAt: number,
    deregisterType: RegistrationRecord['deregisterType'],
  ): void {
    const record: RegistrationRecord = {
      type: 'registration',
      personId,
      endpoint,
      registeredAt: toInstant(startedAt),
      deregisteredAt: toInstant(endedAt),
      deregisterType,
    };
    const row = {
      id: `${personId} ${endpoint} ${startedAt.toString(36)}`,
      type: 'registration',
      startedAt,
      endedAt,
      messageCount: 0,
      people: [personId],
      json: JSON.stringify(record),
    } as const;
    // A registration record is statistics: one that a failing store refuses is lost, and nobody waits for it.
    const written = store.transaction([], (tx) => tx.records.insertCdr(row)).catch(() => {});
    writing = Promise.all([writing, written]);
  }

  async function* closed({ from, to, personId }: CdrFilter) {
    let after: { startedAt: number; id: string } | null = null;
    for (;;) {
      const rows = await store.records.cdr(from, to, personId, after, pageRecords);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageRecords) return;
      after = last;
    }
  }

  /** Sessions that are still open, as records without an end. */
  async function open({ from, to, personId }: CdrFilter): Promise<CallDetailRecord[]> {
    const records: CallDetailRecord[] = [];
    for (const session of await store.records.idleSessions(Number.MAX_SAFE_INTEGER, pageRecords)) {
      if (session.startedAt < from || session.startedAt >= to) continue;
      const record = await recordOf(store, session, null);
      if (record === null) continue;
      if (personId === null || record.participants.some((each) => each.personId === personId))
        records.push(record);
    }
    return records;
  }

  return {
    sweep,
    endBegunBefore,

    /** An endpoint has registered; remembered until it goes. */
    registered(personId: UserId, endpoint: string): void {
      const key = `${personId} ${endpoint}`;
      // A second stream of the same endpoint, or one that is back at once, is the same registration.
      leaving.get(key)?.();
      leaving.delete(key);
      if (!registeredAt.has(key)) registeredAt.set(key, clock.now());
    },

    /**
     * An endpoint is gone: its registration becomes a record, unless it is back within `graceMs` (a reloaded
     * pane is the same sign-in).
     */
    deregistered(
      personId: UserId,
      endpoint: string,
      deregisterType: RegistrationRecord['deregisterType'],
      graceMs = 0,
    ): void {
      const key = `${personId} ${endpoint}`;
      const startedAt = registeredAt.get(key);
      if (startedAt === undefined) return;
      leaving.get(key)?.();
      leaving.delete(key);
      const endedAt = clock.now();
      const end = () => {
        leaving.delete(key);
        registeredAt.delete(key);
        writeRegistration(personId, endpoint, startedAt, endedAt, deregisterType);
      };
      if (graceMs === 0) end();
      else leaving.set(key, clock.after(graceMs, end));
    },

    /** A page of records that began within the time, oldest first; the open sessions stand at the end. */
    async list(filter: CdrFilter, limit: number, cursor: string | null): Promise<string> {
      const rows = await store.records.cdr(
        filter.from,
        filter.to,
        filter.personId,
        parsePlace(cursor),
        limit + 1,
      );
      const shown = rows.slice(0, limit);
      const items = shown.map(({ json }) => json);
      const last = shown.at(-1);
      const isLast = rows.length <= limit;
      if (isLast) for (const record of await open(filter)) items.push(JSON.stringify(record));
      const next = isLast || last === undefined ? null : formatPlace(last);
      return `{"items":[${items.join(',')}],"next":${JSON.stringify(next)}}`;
    },

    /** Every record of the time, one after the other. */
    async *all(filter: CdrFilter): AsyncGenerator<CallDetailRecord> {
      for await (const { json } of closed(filter)) yield JSON.parse(json) as CallDetailRecord;
      yield* await open(filter);
    },

    /** The figures of the charts, in the days and hours of a time zone. */
    async summary(filter: CdrFilter, timeZone: string): Promise<CdrSummary> {
      const hours = new Map<number, { sessions: number; messages: number }>();
      const steps: { at: number; by: number }[] = [];
      const people = new Set<string>();
      let sessions = 0;
      let messages = 0;
      const count = (startedAt: number, endedAt: number, messageCount: number) => {
        sessions += 1;
        messages += messageCount;
        const hour = Math.floor(startedAt / 3_600_000);
        const sums = hours.get(hour) ?? { sessions: 0, messages: 0 };
        sums.sessions += 1;
        sums.messages += messageCount;
        hours.set(hour, sums);
        steps.push({ at: startedAt, by: 1 }, { at: endedAt + 1, by: -1 });
      };
      for await (const row of closed(filter)) {
        for (const id of row.people) people.add(id);
        if (row.type === 'session') count(row.startedAt, row.endedAt, row.messageCount);
      }
      for (const record of await open(filter)) {
        if (record.type !== 'session') continue;
        for (const { personId } of record.participants) people.add(personId);
        count(Date.parse(record.startedAt), clock.now(), record.messageCount);
      }
      return { sessions, messages, people: people.size, ...peakOf(steps), ...byDayAndHour(hours, timeZone) };
    },

    start: schedule,
    async close(): Promise<void> {
      cancel?.();
      cancel = null;
      for (const callOff of leaving.values()) callOff();
      await writing;
    },
  };
}

function peakOf(steps: { at: number; by: number }[]): Pick<CdrSummary, 'peakConcurrency' | 'peakAt'> {
  steps.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let peak = 0;
  let peakAt: number | null = null;
  for (const { at, by } of steps) {
    now += by;
    if (now > peak) [peak, peakAt] = [now, at];
  }
  return { peakConcurrency: peak, peakAt: peakAt === null ? null : toInstant(peakAt) };
}

/** Whole hours are told apart first, so that the calendar is asked a few hundred times and not once per record. */
function byDayAndHour(
  sums: ReadonlyMap<number, { readonly sessions: number; readonly messages: number }>,
  timeZone: string,
): Pick<CdrSummary, 'days' | 'hours'> {
  const calendar = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const days = new Map<string, { day: string; sessions: number; messages: number }>();
  const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, sessions: 0, messages: 0 }));
  for (const [hour, { sessions, messages }] of [...sums].sort(([a], [b]) => a - b)) {
    const [day = '', time = '0'] = calendar.format(hour * 3_600_000).split(' ');
    const ofDay = days.get(day) ?? { day, sessions: 0, messages: 0 };
    const ofHour = hours[Number.parseInt(time, 10)]!;
    for (const each of [ofDay, ofHour]) {
      each.sessions += sessions;
      each.messages += messages;
    }
    days.set(day, ofDay);
  }
  return { days: [...days.values()], hours };
}

const formatPlace = ({ startedAt, id }: { startedAt: number; id: string }): string =>
  Buffer.from(JSON.stringify([startedAt, id])).toString('base64url');

function parsePlace(cursor: string | null): { startedAt: number; id: string } | null {
  if (cursor === null) return null;
  try {
    const [startedAt, id]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Number.isSafeInteger(startedAt) && typeof id === 'string')
      return { startedAt: startedAt as number, id };
  } catch {
    // Falls through: it is none of our cursors.
  }
  throw new DomainError('invalid-input', 'The cursor is not one that this list gave out.', {
    errors: [{ pointer: '/cursor', message: 'Not a cursor of this list' }],
  });
}
