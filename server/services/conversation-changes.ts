/**
 * Writes what the rules decided: rows that changed, and the durable events that tell every participant. One
 * place for "who is told what", so that no story forgets somebody and nobody withheld learns anything.
 */
import { linesOf } from '../domain/conversation-lines.ts';
import {
  apply,
  type Conversation,
  type ConversationEvent,
  type Participant,
} from '../domain/conversations.ts';
import type { UserId } from '../domain/ids.ts';
import type { Transaction } from '../ports/store.ts';
import type { ChangeRow } from '../ports/store-conversations.ts';
import type { ConversationChange } from '../protocol/conversations.ts';
import { type OwnFields, ownFields, toChange, toConversation } from './conversation-views.ts';
import { newId } from './ordered-ids.ts';
import type { PersonNames } from './person-names.ts';

const told = (conversation: Conversation): UserId[] =>
  conversation.participants.filter(({ withheld }) => !withheld).map(({ personId }) => personId);

/** Applies the events, saves what differs and appends what clients hear. Gives the conversation as it is then. */
export async function carryOut(
  tx: Transaction,
  names: PersonNames,
  before: Conversation,
  events: readonly ConversationEvent[],
  byId: UserId,
  now: number,
): Promise<Conversation> {
  if (events.length === 0) return before;
  let after = before;
  for (const event of events) after = apply(after, event, now);
  // Marks and filing are one's own business and do not move a conversation to the top of anybody's list.
  if (events.some(movesToTop)) after = { ...after, updatedAt: now };
  await save(tx, before, after, now);
  const changes = await keepLines(tx, names, before, events, byId, now);
  await tell(tx, names, before, after, events, byId, changes);
  return after;
}

/** These have no event of their own: whoever hears of the conversation as a whole hears of them. */
const toldWithTheWhole: ReadonlySet<ConversationChange['kind']> = new Set([
  'added',
  'renamed',
  'presenter',
  'attendee',
]);

const movesToTop = ({ type }: ConversationEvent): boolean =>
  type === 'participant-added' || type === 'became-conference' || type === 'renamed';

async function save(tx: Transaction, before: Conversation, after: Conversation, now: number): Promise<void> {
  const { participants: old, ...wasHead } = before;
  const { participants: current, ...head } = after;
  if (
    wasHead.kind !== head.kind ||
    wasHead.subject !== head.subject ||
    wasHead.updatedAt !== head.updatedAt ||
    wasHead.hasWithheld !== head.hasWithheld
  )
    await tx.conversations.update(after);
  // `apply` keeps untouched participants the same object, so identity tells what changed.
  const untouched = new Set(old);
  for (const participant of current)
    if (!untouched.has(participant)) await tx.conversations.putParticipant(after.id, participant);
  const present = new Set(current.map(({ personId }) => personId));
  for (const { personId } of old)
    if (!present.has(personId)) await tx.conversations.removeParticipant(after.id, personId, now);
}

/** Keeps what is to be read of these events between the messages; gives it as everybody reads it. */
async function keepLines(
  tx: Transaction,
  names: PersonNames,
  before: Conversation,
  events: readonly ConversationEvent[],
  byId: UserId,
  now: number,
): Promise<readonly ConversationChange[]> {
  const lines = linesOf(before, events, byId);
  if (lines.length === 0) return [];
  const rows: ChangeRow[] = lines.map((line) => ({
    ...line,
    conversationId: before.id,
    at: now,
    id: newId(now),
  }));
  for (const row of rows) await tx.conversations.appendChange(row);
  const who = await names.of(rows.flatMap((row) => [row.byId, row.personId ?? row.byId]));
  return rows.map((row) => toChange(row, who));
}

async function tell(
  tx: Transaction,
  names: PersonNames,
  before: Conversation,
  after: Conversation,
  events: readonly ConversationEvent[],
  byId: UserId,
  changes: readonly ConversationChange[],
): Promise<void> {
  const changeOf = (id: UserId, ...kinds: ConversationChange['kind'][]) => {
    const change = changes.find(({ kind, person }) => person?.id === id && kinds.includes(kind));
    return change === undefined ? {} : { change };
  };
  const conversationId = after.id;
  const everybody = told(after);
  const newcomers: UserId[] = [];
  const invited: UserId[] = [];
  const changedFor = new Set<UserId>();
  let changedForAll = false;
  for (const event of events) {
    switch (event.type) {
      case 'participant-added':
        changedForAll = true;
        if (!event.participant.withheld) {
          newcomers.push(event.participant.personId);
          invited.push(event.participant.personId);
        }
        break;
      case 'participant-told':
        newcomers.push(event.personId);
        if (event.byId !== event.personId) invited.push(event.personId);
        break;
      case 'became-conference':
      case 'renamed':
      case 'role-changed':
        changedForAll = true;
        break;
      case 'filed':
        changedFor.add(event.personId);
        break;
      case 'invitation-answered':
        tx.appendEvent({
          type: 'invitation.answered',
          // Whoever declines hears it too, at the endpoints that still ring.
          recipients: [...new Set([...everybody, event.personId])],
          body: { conversationId, personId: event.personId, answer: event.answer },
        });
        break;
      case 'participant-joined':
        tx.appendEvent({
          type: 'participant.joined',
          recipients: everybody,
          body: {
            conversationId,
            personId: event.personId,
            role: roleOf(after, event.personId),
            byId: event.personId,
            ...changeOf(event.personId, 'joined'),
          },
        });
        break;
      case 'participant-left': {
        const gone = before.participants.find(({ personId }) => personId === event.personId);
        // One who was never told of the conversation is not told of its end either.
        const whom = gone?.withheld === true ? everybody : [...everybody, event.personId];
        tx.appendEvent({
          type: event.byId === event.personId ? 'participant.left' : 'participant.removed',
          recipients: whom,
          body: {
            conversationId,
            personId: event.personId,
            role: gone?.role ?? 'attendee',
            byId: event.byId,
            ...changeOf(event.personId, 'left', 'declined', 'removed'),
          },
        });
        break;
      }
      case 'read-advanced':
        tx.appendEvent({
          type: 'read.advanced',
          recipients: event.shown ? everybody : [event.personId],
          body: { conversationId, personId: event.personId, seq: event.seq },
        });
        break;
      case 'delivered-advanced':
        tx.appendEvent({
          type: 'delivered.advanced',
          recipients: everybody,
          body: { conversationId, personId: event.personId, seq: event.seq },
        });
        break;
    }
  }
  const fresh = new Set(newcomers);
  if (changedForAll) for (const id of everybody) if (!fresh.has(id)) changedFor.add(id);
  const read = changes.filter(({ kind }) => toldWithTheWhole.has(kind));
  await appendConversation(tx, names, after, 'conversation.updated', [...changedFor], {
    ...(read.length === 0 ? {} : { changes: read }),
  });
  await appendConversation(tx, names, after, 'conversation.created', newcomers);
  await appendConversation(tx, names, after, 'invitation.received', invited, { fromId: byId });
}

/**
 * Tells these participants of the conversation as a whole. Those who see the same last message share one
 * event; only `unread`, `muted` and `archived` are laid over it per person, so that the store never keeps
 * what was said in a place where a deletion does not reach.
 */
export async function appendConversation(
  tx: Transaction,
  names: PersonNames,
  conversation: Conversation,
  type: 'conversation.created' | 'conversation.updated' | 'invitation.received',
  recipients: readonly UserId[],
  more: { readonly fromId?: UserId; readonly changes?: readonly ConversationChange[] } = {},
): Promise<void> {
  if (recipients.length === 0) return;
  const who = await names.of(conversation.participants.map(({ personId }) => personId));
  const whom = new Set<string>(recipients);
  // Most people of a conference have equal fields: they share one object, and the store serialises it once.
  const known = new Map<string, OwnFields>();
  const audiences = new Map<number, Map<UserId, OwnFields>>();
  for (const participant of conversation.participants) {
    if (!whom.has(participant.personId)) continue;
    const key = conversation.hasWithheld ? participant.personId : ownKey(conversation, participant);
    let fields = known.get(key);
    if (fields === undefined) {
      fields = await ownFields(tx.conversations, conversation, participant);
      known.set(key, fields);
    }
    const lastVisible = fields.lastMessage?.seq ?? 0;
    const audience = audiences.get(lastVisible) ?? new Map<UserId, OwnFields>();
    audiences.set(lastVisible, audience.set(participant.personId, fields));
  }
  for (const audience of audiences.values()) {
    const [first] = audience.values();
    if (first === undefined) continue;
    const shared = toConversation(conversation, who, first);
    const alike = [...audience.values()].every((fields) => fields === first);
    const laidOver = new Map<OwnFields, Pick<OwnFields, 'unread' | 'muted' | 'archived'>>();
    for (const fields of audience.values()) {
      const { unread, muted, archived } = fields;
      if (!laidOver.has(fields)) laidOver.set(fields, { unread, muted, archived });
    }
    tx.appendEvent({
      type,
      recipients: [...audience.keys()],
      body: { conversation: shared, ...more },
      ...(alike ? {} : { own: new Map([...audience].map(([id, fields]) => [id, laidOver.get(fields)!])) }),
    });
  }
}

const ownKey = (conversation: Conversation, { firstSeq, readSeq, muted, archived }: Participant): string =>
  `${firstSeq <= conversation.lastSeq} ${Math.max(readSeq, firstSeq - 1)} ${muted} ${archived}`;

const roleOf = (conversation: Conversation, id: UserId) =>
  conversation.participants.find(({ personId }) => personId === id)?.role ?? 'attendee';
