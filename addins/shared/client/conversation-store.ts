/**
 * Conversations and their messages as a pure reducer: the same state results from a fresh snapshot and from
 * an old one plus the events since. It never invents: where an event tells less than is needed (a name of
 * somebody new, a count of messages that are not here), the conversation is listed in `incomplete` and its
 * owner fetches it again.
 */
import type {
  Conversation,
  ConversationChange,
  LiveMessage,
  Message,
  Participant,
} from '../../../server/protocol/conversations.ts';
import type { StreamEvent } from './event-stream.ts';

/**
 * The part of a conversation's messages that is here: an unbroken run, ascending by seq. Seqs may have holes
 * that this person may not see; what is unbroken is the run as the server pages it.
 */
export interface MessageWindow {
  readonly messages: readonly Message[];
  /** What happened between these messages, ascending by time. */
  readonly changes: readonly ConversationChange[];
  readonly hasStart: boolean;
  /** False while an older part is shown, after a jump: then live messages do not join the run. */
  readonly hasEnd: boolean;
}

export interface ConversationState {
  readonly meId: string;
  readonly conversations: ReadonlyMap<string, Conversation>;
  readonly windows: ReadonlyMap<string, MessageWindow>;
  /** Conversation → person → when their typing signal runs out, epoch ms. */
  readonly typing: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly incomplete: ReadonlySet<string>;
}

export type ConversationAction =
  /** All conversations, or all on one page; `isWhole` drops what is not among them. */
  | { type: 'snapshot'; conversations: readonly Conversation[]; isWhole: boolean }
  | { type: 'fetched'; conversation: Conversation }
  | { type: 'gone'; conversationId: string }
  /** A page of history; `replace` begins a new run with it. */
  | {
      type: 'page';
      conversationId: string;
      messages: readonly Message[];
      changes?: readonly ConversationChange[];
      at: 'start' | 'end' | 'replace';
      hasStart?: boolean;
      hasEnd?: boolean;
    }
  /** Lets go of what is far from this message: a run that somebody scrolls through does not grow for ever. */
  | { type: 'kept-around'; conversationId: string; seq: number }
  /** The runs are void after a reset: what happened meanwhile is not known. */
  | { type: 'windows-void' }
  /** The answer to a send, an edit or a deletion: the message as it is now. */
  | { type: 'message'; message: Message }
  | { type: 'event'; event: StreamEvent; at: number }
  | { type: 'cleared'; meId: string };

const typingMs = 5_000;
/** Messages that stay in a run when it is cut: several screens on each side of what is looked at. */
export const keptMessages = 200;
/** A run that nobody looks at is cut by itself when it has grown to this. */
const mostMessages = 1_000;

export function emptyConversations(meId: string): ConversationState {
  return { meId, conversations: new Map(), windows: new Map(), typing: new Map(), incomplete: new Set() };
}

export function reduceConversations(state: ConversationState, action: ConversationAction): ConversationState {
  switch (action.type) {
    case 'cleared':
      return emptyConversations(action.meId);
    case 'snapshot': {
      const conversations = action.isWhole ? new Map<string, Conversation>() : new Map(state.conversations);
      for (const one of action.conversations) conversations.set(one.id, one);
      const incomplete = new Set([...state.incomplete].filter((id) => !conversations.has(id)));
      return { ...state, conversations, incomplete };
    }
    case 'fetched':
      return complete(putConversation(state, action.conversation), action.conversation.id);
    case 'gone':
      return removeConversation(state, action.conversationId);
    case 'page':
      return putPage(state, action);
    case 'kept-around':
      return keepAround(state, action.conversationId, action.seq);
    case 'windows-void':
      return { ...state, windows: new Map() };
    case 'message':
      return putMessage(state, action.message);
    case 'event':
      return onEvent(state, action.event, action.at);
  }
}

function onEvent(state: ConversationState, event: StreamEvent, at: number): ConversationState {
  switch (event.type) {
    case 'message.posted':
      return stopTyping(
        putMessage(state, event.data.message, true),
        event.data.conversationId,
        event.data.message.fromId,
      );
    case 'message.edited':
    case 'message.deleted':
      return putMessage(state, event.data.message);
    case 'message.reaction':
      return changeMessage(state, event.data.conversationId, event.data.messageId, (message) =>
        react(message, event.data.emoji, event.data.personId, event.data.on),
      );
    case 'conversation.created':
    case 'invitation.received':
      return putConversation(state, event.data.conversation);
    case 'conversation.updated': {
      const { conversation, changes } = event.data;
      return putChanges(putConversation(state, conversation), conversation.id, changes ?? []);
    }
    case 'participant.joined': {
      const { conversationId, personId, role, change } = event.data;
      return putChanges(
        onJoined(state, conversationId, personId, role),
        conversationId,
        change ? [change] : [],
      );
    }
    case 'participant.left':
    case 'participant.removed': {
      const { conversationId, personId, change } = event.data;
      return putChanges(onLeft(state, conversationId, personId), conversationId, change ? [change] : []);
    }
    case 'invitation.answered':
      // What follows from it (joined, left) comes as its own event.
      return state;
    case 'read.advanced':
      return onRead(state, event.data.conversationId, event.data.personId, event.data.seq);
    case 'delivered.advanced':
      return changeParticipant(state, event.data.conversationId, event.data.personId, (participant) => ({
        ...participant,
        deliveredSeq: Math.max(participant.deliveredSeq, event.data.seq),
      }));
    case 'typing': {
      if (event.data.personId === state.meId) return state;
      const typing = new Map(state.typing);
      const people = new Map(typing.get(event.data.conversationId));
      people.set(event.data.personId, at + typingMs);
      typing.set(event.data.conversationId, people);
      return { ...state, typing };
    }
    default:
      return state;
  }
}

function complete(state: ConversationState, id: string): ConversationState {
  if (!state.incomplete.has(id)) return state;
  const incomplete = new Set(state.incomplete);
  incomplete.delete(id);
  return { ...state, incomplete };
}

function needs(state: ConversationState, id: string): ConversationState {
  return state.incomplete.has(id) ? state : { ...state, incomplete: new Set(state.incomplete).add(id) };
}

/** Takes a conversation as the server shows it; marks only move forward, because events may overtake answers. */
function putConversation(state: ConversationState, conversation: Conversation): ConversationState {
  const known = state.conversations.get(conversation.id);
  const conversations = new Map(state.conversations);
  conversations.set(conversation.id, known ? merge(known, conversation) : conversation);
  return { ...state, conversations };
}

function merge(known: Conversation, next: Conversation): Conversation {
  const participants = next.participants.map((participant) => {
    const before = known.participants.find(({ person }) => person.id === participant.person.id);
    if (!before) return participant;
    return {
      ...participant,
      readSeq: Math.max(before.readSeq, participant.readSeq),
      deliveredSeq: Math.max(before.deliveredSeq, participant.deliveredSeq),
    };
  });
  const updatedAt = next.updatedAt.localeCompare(known.updatedAt) < 0 ? known.updatedAt : next.updatedAt;
  // A conversation that was read from the store before the last message keeps that message and its count.
  if (next.lastSeq < known.lastSeq) {
    const { lastSeq, lastMessage, unread } = known;
    return { ...next, participants, updatedAt, lastSeq, lastMessage, unread };
  }
  return { ...next, participants, updatedAt };
}

function removeConversation(state: ConversationState, id: string): ConversationState {
  const conversations = new Map(state.conversations);
  const windows = new Map(state.windows);
  conversations.delete(id);
  windows.delete(id);
  return complete({ ...state, conversations, windows }, id);
}

function changeConversation(
  state: ConversationState,
  id: string,
  change: (conversation: Conversation) => Conversation,
): ConversationState {
  const known = state.conversations.get(id);
  if (!known) return needs(state, id);
  const next = change(known);
  if (next === known) return state;
  return { ...state, conversations: new Map(state.conversations).set(id, next) };
}

function changeParticipant(
  state: ConversationState,
  id: string,
  personId: string,
  change: (participant: Participant) => Participant,
): ConversationState {
  return changeConversation(state, id, (conversation) => ({
    ...conversation,
    participants: conversation.participants.map((participant) =>
      participant.person.id === personId ? change(participant) : participant,
    ),
  }));
}

function onJoined(
  state: ConversationState,
  id: string,
  personId: string,
  role: Participant['role'],
): ConversationState {
  const known = state.conversations.get(id);
  const isHere = known?.participants.some(({ person }) => person.id === personId);
  // Their name is not in the event.
  if (!isHere) return needs(state, id);
  return changeParticipant(state, id, personId, (participant) => ({ ...participant, role, state: 'joined' }));
}

function onLeft(state: ConversationState, id: string, personId: string): ConversationState {
  if (personId === state.meId) return removeConversation(state, id);
  return changeConversation(state, id, (conversation) => ({
    ...conversation,
    participants: conversation.participants.filter(({ person }) => person.id !== personId),
  }));
}

function onRead(state: ConversationState, id: string, personId: string, seq: number): ConversationState {
  const next = changeParticipant(state, id, personId, (participant) => ({
    ...participant,
    readSeq: Math.max(participant.readSeq, seq),
    deliveredSeq: Math.max(participant.deliveredSeq, seq),
  }));
  if (personId !== state.meId) return next;
  const conversation = next.conversations.get(id);
  if (!conversation) return next;
  // The mark may be further on than this event says: an own message moved it, or the snapshot was newer.
  const mark = conversation.participants.find(({ person }) => person.id === personId)?.readSeq ?? seq;
  if (mark >= conversation.lastSeq) return changeConversation(next, id, (known) => ({ ...known, unread: 0 }));
  const window = next.windows.get(id);
  const first = window?.messages[0];
  // Countable only when everything behind the mark is here.
  if (window?.hasEnd && first && (window.hasStart || first.seq <= mark + 1)) {
    const unread = window.messages.filter((message) => message.seq > mark).length;
    return changeConversation(next, id, (known) => ({ ...known, unread }));
  }
  return needs(next, id);
}

const bySeq = (a: Message, b: Message) => a.seq - b.seq;

/** Puts messages into a run, each once; a tombstone or an edit in the newer batch wins. */
function union(known: readonly Message[], more: readonly Message[]): Message[] {
  const bySequence = new Map(known.map((message) => [message.seq, message]));
  for (const message of more) bySequence.set(message.seq, message);
  return [...bySequence.values()].sort(bySeq);
}

function putPage(
  state: ConversationState,
  action: Extract<ConversationAction, { type: 'page' }>,
): ConversationState {
  const known = action.at === 'replace' ? undefined : state.windows.get(action.conversationId);
  const window: MessageWindow = {
    messages: union(known?.messages ?? [], action.messages),
    changes: unionOfChanges(known?.changes ?? [], action.changes ?? []),
    hasStart: action.hasStart ?? known?.hasStart ?? false,
    hasEnd: action.hasEnd ?? known?.hasEnd ?? false,
  };
  return { ...state, windows: new Map(state.windows).set(action.conversationId, window) };
}

/** Puts changes into their order, each once. */
function unionOfChanges(
  known: readonly ConversationChange[],
  more: readonly ConversationChange[],
): readonly ConversationChange[] {
  if (more.length === 0) return known;
  const byId = new Map([...known, ...more].map((change) => [change.id, change]));
  return [...byId.values()].sort((a, b) => a.at.localeCompare(b.at) || a.id.localeCompare(b.id));
}

/** Takes what has just happened. A run that does not reach the end gets it with its page. */
function putChanges(
  state: ConversationState,
  id: string,
  changes: readonly ConversationChange[],
): ConversationState {
  const window = state.windows.get(id);
  if (!window?.hasEnd || changes.length === 0) return state;
  const next = { ...window, changes: unionOfChanges(window.changes, changes) };
  return { ...state, windows: new Map(state.windows).set(id, next) };
}

/** The part of a run from one place to another. A change stands before the first message of its time or later. */
function part(window: MessageWindow, from: number, to: number): MessageWindow {
  const messages = window.messages.slice(from, to);
  const before = from === 0 ? '' : (window.messages[from - 1]?.sentAt ?? '');
  const isToEnd = to >= window.messages.length;
  const last = messages.at(-1)?.sentAt ?? '';
  return {
    messages,
    changes: window.changes.filter(({ at }) => at > before && (isToEnd || at <= last)),
    hasStart: window.hasStart && from === 0,
    hasEnd: window.hasEnd && isToEnd,
  };
}

function keepAround(state: ConversationState, id: string, seq: number): ConversationState {
  const window = state.windows.get(id);
  if (!window || window.messages.length <= keptMessages) return state;
  const place = window.messages.findIndex((message) => message.seq >= seq);
  const middle = place < 0 ? window.messages.length : place;
  const latest = window.messages.length - keptMessages;
  const from = Math.max(0, Math.min(latest, middle - keptMessages / 2));
  return { ...state, windows: new Map(state.windows).set(id, part(window, from, from + keptMessages)) };
}

/**
 * Takes one message as it is now: new, edited, or a tombstone. Only its posting moves its writer's marks: who
 * left and came back begins with none, and an edit of what they said before changes nothing in that.
 */
function putMessage(state: ConversationState, message: Message, isPosting = false): ConversationState {
  const { conversationId: id, seq, fromId, sentAt } = message;
  const known = state.conversations.get(id);
  if (!known) return needs(state, id);
  const isNew = seq > known.lastSeq;
  // Writing means having read: the server moves the writer's marks with their message. Also for one that is
  // not new here, because its writer may have come back into the list by an event older than the snapshot.
  const hasMarks =
    !(isPosting || isNew) ||
    known.participants.every(
      ({ person, readSeq, deliveredSeq }) => person.id !== fromId || Math.min(readSeq, deliveredSeq) >= seq,
    );
  let next = state;
  if (isNew || seq === known.lastSeq || !hasMarks) {
    next = changeConversation(next, id, (conversation) => ({
      ...conversation,
      lastSeq: Math.max(conversation.lastSeq, seq),
      lastMessage: seq >= conversation.lastSeq ? message : conversation.lastMessage,
      unread: !isNew ? conversation.unread : fromId === state.meId ? 0 : conversation.unread + 1,
      updatedAt: isNew ? sentAt : conversation.updatedAt,
      participants: hasMarks
        ? conversation.participants
        : conversation.participants.map((participant) =>
            participant.person.id === fromId
              ? {
                  ...participant,
                  readSeq: Math.max(participant.readSeq, seq),
                  deliveredSeq: Math.max(participant.deliveredSeq, seq),
                }
              : participant,
          ),
    }));
  }
  const window = next.windows.get(id);
  if (!window) return next;
  const isHere = window.messages.some((one) => one.seq === seq);
  const isNext = window.hasEnd && seq > (window.messages.at(-1)?.seq ?? 0);
  if (!isHere && !isNext) return next;
  const messages = isHere
    ? window.messages.map((one) => (one.seq === seq ? message : one))
    : [...window.messages, message];
  const grown = { ...window, messages };
  const { length } = messages;
  const kept = length > mostMessages ? part(grown, length - keptMessages, length) : grown;
  return { ...next, windows: new Map(next.windows).set(id, kept) };
}

function changeMessage(
  state: ConversationState,
  conversationId: string,
  messageId: string,
  change: (message: Message) => Message,
): ConversationState {
  const window = state.windows.get(conversationId);
  let next = state;
  if (window?.messages.some(({ id }) => id === messageId)) {
    const messages = window.messages.map((message) => (message.id === messageId ? change(message) : message));
    next = { ...next, windows: new Map(next.windows).set(conversationId, { ...window, messages }) };
  }
  const conversation = next.conversations.get(conversationId);
  if (conversation?.lastMessage?.id === messageId) {
    const lastMessage = change(conversation.lastMessage);
    next = changeConversation(next, conversationId, (known) => ({ ...known, lastMessage }));
  }
  return next;
}

function react(message: Message, emoji: string, personId: string, on: boolean): Message {
  if (!isLive(message)) return message;
  const reactions = message.reactions.map((one) => ({ ...one, personIds: [...one.personIds] }));
  const found = reactions.find((one) => one.emoji === emoji);
  if (on && !found) reactions.push({ emoji, personIds: [personId] });
  else if (on && found && !found.personIds.includes(personId)) found.personIds.push(personId);
  else if (!on && found) found.personIds = found.personIds.filter((id) => id !== personId);
  return { ...message, reactions: reactions.filter((one) => one.personIds.length > 0) };
}

function stopTyping(state: ConversationState, conversationId: string, personId: string): ConversationState {
  const people = state.typing.get(conversationId);
  if (!people?.has(personId)) return state;
  const rest = new Map(people);
  rest.delete(personId);
  return { ...state, typing: new Map(state.typing).set(conversationId, rest) };
}

/** Says whether a message still has its content. */
export function isLive(message: Message): message is LiveMessage {
  return message.deletedAt === null;
}

/** People who are writing in a conversation now. */
export function typingIn(state: ConversationState, conversationId: string, now: number): string[] {
  const people = state.typing.get(conversationId);
  return people ? [...people].flatMap(([id, until]) => (until > now ? [id] : [])) : [];
}

/** When the next typing signal runs out, epoch ms; null when nobody is writing. */
export function nextTypingEnd(state: ConversationState, now: number): number | null {
  const ends = [...state.typing.values()]
    .flatMap((people) => [...people.values()])
    .filter((end) => end > now);
  return ends.length > 0 ? Math.min(...ends) : null;
}

/** Conversations as a list shows them: unread first, then the latest; archived ones apart. */
export function listConversations(state: ConversationState): {
  current: Conversation[];
  archived: Conversation[];
} {
  const all = [...state.conversations.values()].sort(
    (a, b) =>
      Number(b.unread > 0 && !b.muted) - Number(a.unread > 0 && !a.muted) ||
      b.updatedAt.localeCompare(a.updatedAt) ||
      a.id.localeCompare(b.id),
  );
  return {
    current: all.filter((one) => !one.archived || one.unread > 0),
    archived: all.filter((one) => one.archived && one.unread === 0),
  };
}

/** How many messages wait in all: what the title and a badge show. Muted conversations do not call. */
export function totalUnread(state: ConversationState): number {
  let total = 0;
  for (const one of state.conversations.values()) if (!one.muted) total += one.unread;
  return total;
}

/** Who has read up to each message: person ids by the seq at which their face stands. */
export function readersBySeq(state: ConversationState, conversation: Conversation): Map<number, string[]> {
  const readers = new Map<number, string[]>();
  for (const { person, readSeq } of conversation.participants) {
    if (person.id === state.meId || readSeq === 0) continue;
    readers.set(readSeq, [...(readers.get(readSeq) ?? []), person.id]);
  }
  return readers;
}
