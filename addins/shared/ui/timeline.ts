/**
 * In what order and with what between them messages are drawn: days, gaps of five minutes, groups by one
 * person, who came and went, the unread line. Pure, so that it can be tested as tables.
 */
import type { ConversationChange, Message } from '../../../server/protocol/conversations.ts';

export type TimelineEntry =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'time'; key: string; at: number }
  | { kind: 'unread'; key: string }
  /** Changes of one kind that follow each other and read as one line. */
  | { kind: 'changes'; key: string; changes: readonly [ConversationChange, ...ConversationChange[]] }
  | { kind: 'message'; key: string; message: Message; isFirst: boolean };

const gapMs = 5 * 60_000;

/**
 * Lays messages out with the changes between them (a day's line carries the time too); `unreadAfter` is the
 * seq behind which the unread line stands, null for none. A change stands before the first message of its
 * time or later.
 */
export function layOut(
  messages: readonly Message[],
  unreadAfter: number | null,
  meId: string,
  changes: readonly ConversationChange[] = [],
): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  let before: Message | null = null;
  let day = '';
  let hasLine = unreadAfter === null;
  let next = 0;

  const beginDay = (at: number, key: string): boolean => {
    const name = new Date(at).toDateString();
    if (name === day) return false;
    day = name;
    entries.push({ kind: 'day', key: `day-${key}`, at });
    return true;
  };
  /** Puts the changes up to this time; true when there were any. */
  const tellUntil = (time: string | null): boolean => {
    const first = next;
    for (let change = changes[next]; change; change = changes[++next]) {
      if (time !== null && change.at > time) break;
      const isNewDay = beginDay(Date.parse(change.at), change.id);
      const last = entries.at(-1);
      if (!isNewDay && next > first && last?.kind === 'changes' && readsAsOne(last.changes[0], change, meId))
        entries[entries.length - 1] = { ...last, changes: [...last.changes, change] };
      else entries.push({ kind: 'changes', key: `change-${change.id}`, changes: [change] });
    }
    return next > first;
  };

  for (const message of messages) {
    const hasChanges = tellUntil(message.sentAt);
    const at = Date.parse(message.sentAt);
    const since = before === null ? Number.POSITIVE_INFINITY : at - Date.parse(before.sentAt);
    const isNewDay = beginDay(at, `${message.seq}`);
    const needsLine = !hasLine && message.seq > (unreadAfter ?? 0) && message.fromId !== meId;
    if (needsLine) {
      entries.push({ kind: 'unread', key: 'unread' });
      hasLine = true;
    }
    const hasGap = since >= gapMs;
    if (hasGap && !isNewDay) entries.push({ kind: 'time', key: `time-${message.seq}`, at });
    const isFirst = before?.fromId !== message.fromId || hasGap || isNewDay || needsLine || hasChanges;
    entries.push({ kind: 'message', key: `m${message.seq}`, message, isFirst });
    before = message;
  }
  tellUntil(null);
  return entries;
}

/** "Alice added Bob and Carol": the same deed, by the same person where somebody else did it; oneself apart. */
function readsAsOne(one: ConversationChange, other: ConversationChange, meId: string): boolean {
  if (one.kind !== other.kind || one.kind === 'renamed') return false;
  if (one.person?.id === meId || other.person?.id === meId) return false;
  return one.by.id === one.person?.id ? other.by.id === other.person?.id : one.by.id === other.by.id;
}
