/**
 * The rules of conversations: who may do what, and what becomes of the roster. Pure: a command and the
 * conversation as it is give the events that happen, or a refusal with a stable code; `apply` folds an event
 * in. Knows nothing of storage, wire shapes or names; `services/conversations.ts` is the caller.
 */
import type { ConversationContext } from '../protocol/conversations.ts';
import type { ProblemCode } from '../protocol/problems.ts';
import {
  type Importance,
  limits,
  type ParticipantRole,
  type ParticipantState,
} from '../protocol/vocabulary.ts';
import type { ConversationId, UserId } from './ids.ts';

/** A member and their state. Times are epoch ms; people who left are not participants. */
export interface Participant {
  readonly personId: UserId;
  readonly role: ParticipantRole;
  readonly state: ParticipantState;
  readonly addedAt: number;
  readonly addedBy: UserId;
  readonly joinedAt: number | null;
  /** The first message this participant may see (history shared or not). */
  readonly firstSeq: number;
  /** How far this person has read; a message of their own counts as read. `unread` = what lies behind it. */
  readonly readSeq: number;
  /** The read mark that others see: it stands still while this person's read receipts are off. */
  readonly shownReadSeq: number;
  readonly deliveredSeq: number;
  readonly muted: boolean;
  readonly archived: boolean;
  /** Invited by someone they block: on the roster for the others, but they have not been told and have no rights (PV5). */
  readonly withheld: boolean;
  /** While set, the invitation rings at every endpoint of this person; past it, nobody answered. */
  readonly ringsUntil: number | null;
}

export interface Conversation {
  readonly id: ConversationId;
  readonly kind: 'two-party' | 'conference';
  readonly subject: string | null;
  readonly context: ConversationContext | null;
  readonly importance: Importance;
  readonly lastSeq: number;
  /** True once a message was withheld from its recipient (PV5): only then do views need to look for gaps. */
  readonly hasWithheld: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly participants: readonly Participant[];
}

/** How long an unanswered invitation rings (facts: Lync's toast opens by itself after about 30 s). */
export const ringMs = 30_000;

export type Command =
  | {
      readonly type: 'add';
      readonly byId: UserId;
      readonly ids: readonly UserId[];
      readonly shareHistory: boolean;
      /** Of `ids`, who blocks the inviter and so is not told. */
      readonly withheldFrom: ReadonlySet<UserId>;
    }
  /** The person opens by themselves a conversation that was withheld from them. */
  | { readonly type: 'open'; readonly byId: UserId }
  | { readonly type: 'answer'; readonly byId: UserId; readonly answer: 'accept' | 'decline' }
  | { readonly type: 'ring-out'; readonly personId: UserId }
  | { readonly type: 'join'; readonly byId: UserId }
  | { readonly type: 'leave'; readonly byId: UserId }
  | { readonly type: 'remove'; readonly byId: UserId; readonly personId: UserId }
  | {
      readonly type: 'set-role';
      readonly byId: UserId;
      readonly personId: UserId;
      readonly role: ParticipantRole;
    }
  | { readonly type: 'rename'; readonly byId: UserId; readonly subject: string | null }
  | { readonly type: 'file'; readonly byId: UserId; readonly muted?: boolean; readonly archived?: boolean }
  | { readonly type: 'read'; readonly byId: UserId; readonly seq: number; readonly receipts: boolean }
  | { readonly type: 'deliver'; readonly personId: UserId; readonly seq: number };

export type ConversationEvent =
  | { readonly type: 'participant-added'; readonly participant: Participant }
  /** A withheld participant is told after all: from here on they see what is said. */
  | { readonly type: 'participant-told'; readonly personId: UserId; readonly byId: UserId }
  | { readonly type: 'became-conference' }
  | {
      readonly type: 'invitation-answered';
      readonly personId: UserId;
      readonly answer: 'accept' | 'decline' | 'timeout';
    }
  | { readonly type: 'participant-joined'; readonly personId: UserId }
  | { readonly type: 'participant-left'; readonly personId: UserId; readonly byId: UserId }
  | { readonly type: 'role-changed'; readonly personId: UserId; readonly role: ParticipantRole }
  | { readonly type: 'renamed'; readonly subject: string | null }
  | { readonly type: 'filed'; readonly personId: UserId; readonly muted: boolean; readonly archived: boolean }
  | {
      readonly type: 'read-advanced';
      readonly personId: UserId;
      readonly seq: number;
      readonly shown: boolean;
    }
  | { readonly type: 'delivered-advanced'; readonly personId: UserId; readonly seq: number };

export interface Refusal {
  readonly refused: ProblemCode;
  readonly detail: string;
}
export type Decision = { readonly events: readonly ConversationEvent[] } | Refusal;

const nothing: Decision = { events: [] };
const happened = (...events: ConversationEvent[]): Decision => ({ events });

/** Foreign and unknown conversations look the same, so that nobody learns that one exists (IM2). */
export const notHere: Refusal = {
  refused: 'not-found',
  detail: 'There is no conversation of that id that you take part in.',
};

/** The participant if this person may act in the conversation: on the roster, and told of it. */
export function memberOf(conversation: Pick<Conversation, 'participants'>, id: UserId): Participant | null {
  const found = conversation.participants.find((participant) => participant.personId === id);
  return found === undefined || found.withheld ? null : found;
}

/** Tells a refusal from what was asked for. */
export const isRefusal = (result: object): result is Refusal => 'refused' in result;

/** A new conversation; the creator has joined, everybody else is invited. Ids are distinct and include the creator. */
export function create(
  given: {
    readonly id: ConversationId;
    readonly creatorId: UserId;
    readonly others: readonly UserId[];
    readonly subject: string | null;
    readonly context: ConversationContext | null;
    readonly importance: Importance;
    readonly withheldFrom: ReadonlySet<UserId>;
  },
  now: number,
): Conversation | Refusal {
  if (given.others.length === 0)
    return { refused: 'not-yourself', detail: 'A conversation needs somebody beside yourself.' };
  if (given.others.length + 1 > limits.participants) return tooMany(given.others.length + 1);
  const kind = given.others.length === 1 ? 'two-party' : 'conference';
  const creator: Participant = {
    ...invited(given.creatorId, given.creatorId, 'presenter', 1, false, now),
    state: 'joined',
    joinedAt: now,
    ringsUntil: null,
  };
  const others = given.others.map((id) =>
    invited(
      id,
      given.creatorId,
      // Two people talk as equals; in a conference whoever called it presents until they say otherwise (IM6).
      kind === 'two-party' ? 'presenter' : 'attendee',
      1,
      given.withheldFrom.has(id),
      now,
    ),
  );
  return {
    id: given.id,
    kind,
    subject: given.subject,
    context: given.context,
    importance: given.importance,
    lastSeq: 0,
    hasWithheld: false,
    createdAt: now,
    updatedAt: now,
    participants: [creator, ...others],
  };
}

/** Decides what a command makes happen, or why not. A command that changes nothing gives no events. */
export function decide(conversation: Conversation, command: Command, now: number): Decision {
  switch (command.type) {
    case 'ring-out':
      return ringOut(conversation, command.personId, now);
    case 'deliver':
      return deliver(conversation, command.personId, command.seq);
    case 'open':
      return open(conversation, command.byId);
  }
  const by = memberOf(conversation, command.byId);
  if (by === null) return notHere;
  switch (command.type) {
    case 'add':
      return add(conversation, by, command, now);
    case 'answer':
      return answer(conversation, by, command.answer);
    case 'join':
      return by.state === 'joined' ? nothing : accept(by);
    case 'leave':
      return happened(...leaving(conversation, by.personId, by.personId));
    case 'remove':
      return remove(conversation, by, command.personId);
    case 'set-role':
      return setRole(conversation, by, command.personId, command.role);
    case 'rename':
      return command.subject === conversation.subject
        ? nothing
        : happened({ type: 'renamed', subject: command.subject });
    case 'file': {
      const muted = command.muted ?? by.muted;
      const archived = command.archived ?? by.archived;
      if (muted === by.muted && archived === by.archived) return nothing;
      return happened({ type: 'filed', personId: by.personId, muted, archived });
    }
    case 'read':
      return read(conversation, by, command.seq, command.receipts);
  }
}

/** Folds one event into the conversation. Total: an event about somebody who is gone changes nothing. */
export function apply(conversation: Conversation, event: ConversationEvent, now: number): Conversation {
  switch (event.type) {
    case 'participant-added':
      return { ...conversation, participants: [...conversation.participants, event.participant] };
    case 'participant-told':
      return change(conversation, event.personId, {
        withheld: false,
        addedBy: event.byId,
        firstSeq: conversation.lastSeq + 1,
        readSeq: conversation.lastSeq,
        shownReadSeq: 0,
        // Whoever opens it themselves needs no ringing, and has not joined before they say something.
        ringsUntil: event.byId === event.personId ? null : now + ringMs,
      });
    case 'became-conference':
      return { ...conversation, kind: 'conference' };
    case 'invitation-answered':
      return change(conversation, event.personId, { ringsUntil: null });
    case 'participant-joined':
      return change(conversation, event.personId, { state: 'joined', joinedAt: now, ringsUntil: null });
    case 'participant-left':
      return {
        ...conversation,
        participants: conversation.participants.filter(({ personId }) => personId !== event.personId),
      };
    case 'role-changed':
      return change(conversation, event.personId, { role: event.role });
    case 'renamed':
      return { ...conversation, subject: event.subject };
    case 'filed':
      return change(conversation, event.personId, { muted: event.muted, archived: event.archived });
    case 'read-advanced': {
      const before = conversation.participants.find(({ personId }) => personId === event.personId);
      return change(conversation, event.personId, {
        readSeq: event.seq,
        shownReadSeq: event.shown ? event.seq : (before?.shownReadSeq ?? 0),
        deliveredSeq: Math.max(before?.deliveredSeq ?? 0, event.shown ? event.seq : 0),
      });
    }
    case 'delivered-advanced':
      return change(conversation, event.personId, { deliveredSeq: event.seq });
  }
}

function change(conversation: Conversation, id: UserId, fields: Partial<Participant>): Conversation {
  return {
    ...conversation,
    participants: conversation.participants.map((participant) =>
      participant.personId === id ? { ...participant, ...fields } : participant,
    ),
  };
}

function invited(
  personId: UserId,
  addedBy: UserId,
  role: ParticipantRole,
  firstSeq: number,
  withheld: boolean,
  now: number,
): Participant {
  return {
    personId,
    role,
    state: 'invited',
    addedAt: now,
    addedBy,
    joinedAt: null,
    firstSeq,
    // What was said before one was invited is no unread message, shared or not.
    readSeq: firstSeq - 1,
    shownReadSeq: 0,
    deliveredSeq: 0,
    muted: false,
    archived: false,
    withheld,
    ringsUntil: withheld ? null : now + ringMs,
  };
}

function add(
  conversation: Conversation,
  by: Participant,
  command: Extract<Command, { type: 'add' }>,
  now: number,
): Decision {
  const events: ConversationEvent[] = [];
  let size = conversation.participants.length;
  for (const id of new Set(command.ids)) {
    const present = conversation.participants.find(({ personId }) => personId === id);
    if (present !== undefined) {
      // Somebody they do not block asks them: now they are told (IM12).
      if (present.withheld && !command.withheldFrom.has(id))
        events.push({ type: 'participant-told', personId: id, byId: by.personId });
      continue;
    }
    size += 1;
    const firstSeq = command.shareHistory ? 1 : conversation.lastSeq + 1;
    const newcomer = invited(id, by.personId, 'attendee', firstSeq, command.withheldFrom.has(id), now);
    events.push({
      type: 'participant-added',
      participant: { ...newcomer, readSeq: conversation.lastSeq },
    });
  }
  if (size > limits.participants) return tooMany(size);
  if (conversation.kind === 'two-party' && size > 2) events.push({ type: 'became-conference' });
  return { events };
}

function open(conversation: Conversation, id: UserId): Decision {
  const present = conversation.participants.find(({ personId }) => personId === id);
  if (present === undefined) return notHere;
  return present.withheld ? happened({ type: 'participant-told', personId: id, byId: id }) : nothing;
}

function accept(by: Participant): Decision {
  return happened(
    { type: 'invitation-answered', personId: by.personId, answer: 'accept' },
    { type: 'participant-joined', personId: by.personId },
  );
}

function answer(conversation: Conversation, by: Participant, given: 'accept' | 'decline'): Decision {
  // The second endpoint to answer finds it answered: the same answer again is no error (IM9).
  if (by.state === 'joined')
    return given === 'accept'
      ? nothing
      : { refused: 'conflict', detail: 'You have joined already; leave the conversation instead.' };
  if (given === 'accept') return accept(by);
  return happened(
    { type: 'invitation-answered', personId: by.personId, answer: 'decline' },
    ...leaving(conversation, by.personId, by.personId),
  );
}

function ringOut(conversation: Conversation, id: UserId, now: number): Decision {
  const participant = memberOf(conversation, id);
  if (participant?.ringsUntil == null || participant.ringsUntil > now) return nothing;
  return happened({ type: 'invitation-answered', personId: id, answer: 'timeout' });
}

/** The events of somebody going: whoever stays longest takes over when the last presenter goes (IM8). */
function leaving(conversation: Conversation, id: UserId, byId: UserId): ConversationEvent[] {
  const events: ConversationEvent[] = [{ type: 'participant-left', personId: id, byId }];
  const rest = conversation.participants.filter(({ personId }) => personId !== id);
  if (conversation.kind === 'conference' && !rest.some(({ role }) => role === 'presenter')) {
    const heir = rest.find(({ state }) => state === 'joined') ?? rest.find(({ withheld }) => !withheld);
    if (heir !== undefined) events.push({ type: 'role-changed', personId: heir.personId, role: 'presenter' });
  }
  return events;
}

function remove(conversation: Conversation, by: Participant, id: UserId): Decision {
  if (id === by.personId) return happened(...leaving(conversation, id, id));
  const whom = conversation.participants.find(({ personId }) => personId === id);
  if (whom === undefined)
    return { refused: 'not-found', detail: 'This person does not take part in the conversation.' };
  if (conversation.kind === 'two-party')
    return {
      refused: 'forbidden',
      detail: 'In a two-party conversation nobody can remove the other; leave it instead.',
    };
  if (by.role !== 'presenter')
    return { refused: 'forbidden', detail: 'Only a presenter can remove others from a conference.' };
  return happened(...leaving(conversation, id, by.personId));
}

function setRole(conversation: Conversation, by: Participant, id: UserId, role: ParticipantRole): Decision {
  const whom = conversation.participants.find(({ personId }) => personId === id);
  if (whom === undefined)
    return { refused: 'not-found', detail: 'This person does not take part in the conversation.' };
  if (conversation.kind === 'two-party')
    return {
      refused: 'forbidden',
      detail: 'A two-party conversation has no roles; they appear when a third person is added.',
    };
  if (by.role !== 'presenter') return { refused: 'forbidden', detail: 'Only a presenter can change roles.' };
  if (whom.role === role) return nothing;
  const presenters = conversation.participants.filter((participant) => participant.role === 'presenter');
  if (role === 'attendee' && presenters.length === 1)
    return {
      refused: 'last-presenter',
      detail: 'A conference needs a presenter: make somebody else one first.',
    };
  return happened({ type: 'role-changed', personId: id, role });
}

function read(conversation: Conversation, by: Participant, seq: number, receipts: boolean): Decision {
  if (seq > conversation.lastSeq)
    return {
      refused: 'seq-beyond-last',
      detail: `The last message of this conversation is number ${conversation.lastSeq}, not ${seq}.`,
    };
  if (seq <= by.readSeq) {
    // Read before the receipts were switched on: showing it now takes a mark that moves.
    const shows = receipts && seq > by.shownReadSeq && seq === by.readSeq;
    return shows ? happened({ type: 'read-advanced', personId: by.personId, seq, shown: true }) : nothing;
  }
  return happened({ type: 'read-advanced', personId: by.personId, seq, shown: receipts });
}

function deliver(conversation: Conversation, id: UserId, seq: number): Decision {
  const participant = memberOf(conversation, id);
  if (participant === null || seq <= participant.deliveredSeq || seq > conversation.lastSeq) return nothing;
  return happened({ type: 'delivered-advanced', personId: id, seq });
}

function tooMany(size: number): Refusal {
  return {
    refused: 'too-many-participants',
    detail: `A conversation has at most ${limits.participants} participants; this one would have ${size}.`,
  };
}
