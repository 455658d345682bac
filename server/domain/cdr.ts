/**
 * Call detail records: who talked with whom, when, how much and how it ended; never a word of what was said.
 * A session of a conversation begins with its opening or a message and ends when nobody has written for a
 * quarter of an hour. The fields are those of Lync's CDR tables (facts/lync.md §3.5).
 */
import type { Importance, ParticipantRole } from '../protocol/vocabulary.ts';
import type { ConversationId, UserId } from './ids.ts';

/** Lync's client ends an IM session after 15 idle minutes; the next message begins a new one. */
export const idleMs = 15 * 60_000;

/** What is known of a session when it is over. Times are epoch ms. */
export interface SessionFacts {
  readonly conversationId: ConversationId;
  readonly kind: 'two-party' | 'conference';
  readonly importance: Importance;
  readonly startedAt: number;
  /** The last time anybody wrote. */
  readonly lastAt: number;
  /** Why it is over: nobody wrote any more, or its messages are past keeping; null while it may still go on. */
  readonly overBy: 'idle' | 'retention' | null;
  readonly messages: readonly {
    readonly personId: UserId;
    readonly count: number;
    readonly firstAt: number;
  }[];
  /** Everybody who took part at any time, in order of being added; a person who came back is there twice. */
  readonly participations: readonly {
    readonly personId: UserId;
    readonly role: ParticipantRole;
    readonly addedAt: number;
    readonly joinedAt: number | null;
    readonly leftAt: number | null;
  }[];
  readonly files: readonly {
    readonly byId: UserId;
    readonly name: string;
    readonly size: number;
    readonly mediaType: string;
    readonly sentAt: number;
  }[];
}

export interface SessionRecord {
  readonly type: 'session';
  readonly sessionId: string;
  readonly conversationId: string;
  readonly kind: 'two-party' | 'conference';
  readonly priority: Importance;
  readonly mediaTypes: readonly ('im' | 'file')[];
  readonly startedById: string;
  readonly startedAt: string;
  /** When somebody other than who started it first joined or wrote; null when nobody did. */
  readonly respondedAt: string | null;
  readonly response: 'accepted' | 'none';
  /** Null, as the reason, while the session is still open; only then is the record not final. */
  readonly endedAt: string | null;
  readonly endReason: 'idle' | 'everyone-left' | 'retention' | null;
  readonly messageCount: number;
  readonly peakParticipants: number;
  readonly participants: readonly {
    readonly personId: string;
    readonly role: ParticipantRole;
    readonly addedAt: string;
    readonly joinedAt: string | null;
    readonly leftAt: string | null;
    readonly messageCount: number;
  }[];
  readonly files: readonly {
    readonly byId: string;
    readonly name: string;
    readonly size: number;
    readonly mediaType: string;
    readonly sentAt: string;
  }[];
}

/** One sign-in of an endpoint, from first to last. */
export interface RegistrationRecord {
  readonly type: 'registration';
  readonly personId: string;
  readonly endpoint: string;
  readonly registeredAt: string;
  readonly deregisteredAt: string;
  readonly deregisterType: 'client' | 'expired';
}

export type CallDetailRecord = SessionRecord | RegistrationRecord;

const instant = (ms: number): string => new Date(ms).toISOString();
const instantOrNull = (ms: number | null): string | null => (ms === null ? null : instant(ms));

/** Folds what happened in a session into its record. Depends on nothing but the facts, so it can be made again. */
export function toSessionRecord(facts: SessionFacts): SessionRecord {
  const { startedAt, lastAt } = facts;
  const within = facts.participations.filter(
    ({ addedAt, leftAt }) => addedAt <= lastAt && (leftAt === null || leftAt >= startedAt),
  );
  const counts = new Map(facts.messages.map((each) => [each.personId, each]));
  const startedById =
    earliest(facts.messages, ({ firstAt }) => firstAt)?.personId ?? within[0]?.personId ?? '';
  const responses = [
    ...within
      .filter(({ personId, joinedAt }) => personId !== startedById && (joinedAt ?? 0) >= startedAt)
      .map(({ joinedAt }) => joinedAt as number),
    ...facts.messages.filter(({ personId }) => personId !== startedById).map(({ firstAt }) => firstAt),
  ];
  const respondedAt = responses.length === 0 ? null : Math.min(...responses);
  const everyoneLeft = within.length > 0 && within.every(({ leftAt }) => leftAt !== null);
  const counted = new Set<string>();
  const endedAt = everyoneLeft ? Math.max(lastAt, ...within.map(({ leftAt }) => leftAt ?? 0)) : lastAt;
  return {
    type: 'session',
    sessionId: `${facts.conversationId}.${startedAt.toString(36)}`,
    conversationId: facts.conversationId,
    kind: facts.kind,
    priority: facts.importance,
    mediaTypes: facts.files.length > 0 ? ['im', 'file'] : ['im'],
    startedById,
    startedAt: instant(startedAt),
    respondedAt: instantOrNull(respondedAt),
    response: respondedAt === null ? 'none' : 'accepted',
    endedAt: facts.overBy === null ? null : instant(endedAt),
    endReason: facts.overBy !== null && everyoneLeft ? 'everyone-left' : facts.overBy,
    messageCount: facts.messages.reduce((sum, { count }) => sum + count, 0),
    peakParticipants: peak(within, startedAt),
    participants: within.map(({ personId, role, addedAt, joinedAt, leftAt }) => {
      // Messages are counted per person; who came back is counted at the first of their stays.
      const messageCount = counted.has(personId) ? 0 : (counts.get(personId)?.count ?? 0);
      counted.add(personId);
      return {
        personId,
        role,
        addedAt: instant(addedAt),
        joinedAt: instantOrNull(joinedAt),
        leftAt: instantOrNull(leftAt),
        messageCount,
      };
    }),
    files: facts.files.map(({ sentAt, ...file }) => ({ ...file, sentAt: instant(sentAt) })),
  };
}

function earliest<Each>(list: readonly Each[], of: (each: Each) => number): Each | undefined {
  return list.reduce<Each | undefined>(
    (best, each) => (best === undefined || of(each) < of(best) ? each : best),
    undefined,
  );
}

/** The most people who were in it at once. Who leaves and who comes in the same millisecond do not add up. */
function peak(stays: readonly { addedAt: number; leftAt: number | null }[], startedAt: number): number {
  const steps = stays.flatMap(({ addedAt, leftAt }) => [
    { at: Math.max(addedAt, startedAt), by: 1 },
    ...(leftAt === null ? [] : [{ at: leftAt, by: -1 }]),
  ]);
  steps.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of steps) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

const csvColumns = [
  'sessionId',
  'conversationId',
  'kind',
  'priority',
  'mediaTypes',
  'startedById',
  'startedAt',
  'respondedAt',
  'response',
  'endedAt',
  'endReason',
  'messageCount',
  'peakParticipants',
] as const satisfies readonly (keyof SessionRecord)[];

/** The head line of the CSV form. */
export const csvHead = `${[...csvColumns, 'files', 'personId', 'role', 'addedAt', 'joinedAt', 'leftAt', 'personMessageCount'].join(',')}\r\n`;

/** A session as CSV lines (RFC 4180), one per participant, so that a spreadsheet can sum and pivot. */
export function toCsv(record: SessionRecord): string {
  const shared = csvColumns.map((name) => {
    const value = record[name];
    return cell(Array.isArray(value) ? value.join(' ') : value);
  });
  return record.participants
    .map((each) =>
      [
        ...shared,
        cell(record.files.length),
        cell(each.personId),
        cell(each.role),
        cell(each.addedAt),
        cell(each.joinedAt),
        cell(each.leftAt),
        cell(each.messageCount),
      ].join(','),
    )
    .map((line) => `${line}\r\n`)
    .join('');
}

/** One cell; text that a spreadsheet would run as a formula is made text. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
