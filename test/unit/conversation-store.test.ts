/**
 * What a screen knows of conversations. The fuzz plays a small server that speaks the contract's events: a
 * client that took an old snapshot and the events since must show what a fresh snapshot shows.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConversationAction,
  type ConversationState,
  emptyConversations,
  listConversations,
  reduceConversations,
  totalUnread,
  typingIn,
} from '../../addins/shared/client/conversation-store.ts';
import type { StreamEvent } from '../../addins/shared/client/event-stream.ts';
import type {
  Conversation,
  ConversationChange,
  LiveMessage,
  Message,
  Participant,
} from '../../server/protocol/conversations.ts';

const noon = Date.UTC(2026, 10, 16, 12);
const at = (second: number) => new Date(noon + second * 1_000).toISOString();
const names: Record<string, string> = { alice: 'Alice', bob: 'Bob', carol: 'Carol', dave: 'Dave' };

function participant(id: string): Participant {
  return {
    person: { id, displayName: names[id] ?? id, address: `${id}@contoso.example` },
    role: 'presenter',
    state: 'joined',
    joinedAt: at(0),
    readSeq: 0,
    deliveredSeq: 0,
  };
}

function message(conversationId: string, seq: number, fromId: string, text = `m${seq}`): LiveMessage {
  return {
    id: `${conversationId}-${seq}`,
    conversationId,
    seq,
    fromId,
    sentAt: at(seq),
    text,
    importance: 'normal',
    replyTo: null,
    mentions: [],
    attachments: [],
    reactions: [],
    editedAt: null,
    deletedAt: null,
  };
}

function conversation(id: string, people: string[]): Conversation {
  return {
    id,
    kind: people.length > 2 ? 'conference' : 'two-party',
    subject: null,
    context: null,
    importance: 'normal',
    participants: people.map(participant),
    lastSeq: 0,
    lastMessage: null,
    unread: 0,
    muted: false,
    archived: false,
    createdAt: at(0),
    updatedAt: at(0),
  };
}

const event = <Type extends StreamEvent['type']>(
  type: Type,
  data: Extract<StreamEvent, { type: Type }>['data'],
): ConversationAction => ({ type: 'event', at: noon, event: { type, id: 'e', data } as StreamEvent });
const play = (...actions: ConversationAction[]): ConversationState =>
  actions.reduce(reduceConversations, emptyConversations('alice'));
const withBob = (): ConversationAction => ({
  type: 'snapshot',
  conversations: [conversation('c', ['alice', 'bob'])],
  isWhole: true,
});
const window = (...messages: Message[]): ConversationAction => ({
  type: 'page',
  conversationId: 'c',
  messages,
  at: 'replace',
  hasStart: true,
  hasEnd: true,
});
const posted = (seq: number, fromId: string) =>
  event('message.posted', { conversationId: 'c', message: message('c', seq, fromId) });

describe('conversation store', () => {
  test('[UI7] a message of another counts as unread, a message of one’s own as read', () => {
    const one = play(withBob(), posted(1, 'bob'), posted(2, 'bob'));
    expect(one.conversations.get('c')).toMatchObject({ unread: 2, lastSeq: 2, lastMessage: { text: 'm2' } });
    expect(totalUnread(one)).toBe(2);
    expect(totalUnread(reduceConversations(one, posted(3, 'alice')))).toBe(0);
  });

  test('[UI7] the same message twice, by answer and by event, stands once and counts once', () => {
    const state = play(
      withBob(),
      window(),
      { type: 'message', message: message('c', 1, 'bob') },
      posted(1, 'bob'),
    );
    expect(state.windows.get('c')?.messages).toHaveLength(1);
    expect(state.conversations.get('c')?.unread).toBe(1);
  });

  test('[UI7] reading on another screen clears the count here', () => {
    const state = play(
      withBob(),
      posted(1, 'bob'),
      event('read.advanced', { conversationId: 'c', personId: 'alice', seq: 1 }),
    );
    expect(state.conversations.get('c')?.unread).toBe(0);
  });

  test('[UI7] a count that cannot be known here is fetched, not guessed', () => {
    const state = play(
      withBob(),
      posted(1, 'bob'),
      posted(2, 'bob'),
      event('read.advanced', { conversationId: 'c', personId: 'alice', seq: 1 }),
    );
    expect([...state.incomplete]).toEqual(['c']);
    expect(
      reduceConversations(state, { type: 'fetched', conversation: conversation('c', ['alice', 'bob']) })
        .incomplete.size,
    ).toBe(0);
  });

  test('[UI7] an event about a conversation that is not here has it fetched', () => {
    expect([...play(posted(1, 'bob')).incomplete]).toEqual(['c']);
  });

  test('[UI7] a conversation read from the store before its last message does not take that back', () => {
    const state = play(withBob(), posted(1, 'bob'), {
      type: 'fetched',
      conversation: { ...conversation('c', ['alice', 'bob']), subject: 'Budget' },
    });
    expect(state.conversations.get('c')).toMatchObject({ subject: 'Budget', lastSeq: 1, unread: 1 });
  });

  test('[UI7] a deleted message becomes a tombstone in the run and in the list', () => {
    const { id, conversationId, seq, fromId, sentAt } = message('c', 1, 'bob');
    const tombstone = { id, conversationId, seq, fromId, sentAt, deletedAt: at(9) };
    const state = play(
      withBob(),
      window(),
      posted(1, 'bob'),
      event('message.deleted', { conversationId: 'c', message: tombstone }),
    );
    expect(state.windows.get('c')?.messages).toEqual([tombstone]);
    expect(state.conversations.get('c')?.lastMessage).toEqual(tombstone);
  });

  test('[UI7] while an older part is shown, live messages do not pretend to follow it', () => {
    const state = play(
      withBob(),
      {
        type: 'page',
        conversationId: 'c',
        messages: [message('c', 1, 'bob')],
        at: 'replace',
        hasStart: true,
        hasEnd: false,
      },
      posted(9, 'bob'),
    );
    expect(state.windows.get('c')?.messages.map(({ seq }) => seq)).toEqual([1]);
    expect(state.conversations.get('c')?.lastSeq).toBe(9);
  });

  test('[UI7] a page that was read before the last message does not hide it', () => {
    // The event came while the page was on its way, and is told again after it.
    const state = play(withBob(), posted(1, 'bob'), window(), posted(1, 'bob'));
    expect(state.windows.get('c')?.messages.map(({ seq }) => seq)).toEqual([1]);
    expect(state.conversations.get('c')?.unread).toBe(1);
  });

  const change = (id: string, minute: number, kind: ConversationChange['kind'] = 'joined') => ({
    id,
    at: at(minute),
    kind,
    person: { id: 'dave', displayName: 'Dave Osei', address: '' },
    by: { id: 'bob', displayName: 'Bob Kovács', address: '' },
    subject: null,
  });
  const long = (count: number) =>
    play(withBob(), {
      type: 'page',
      conversationId: 'c',
      messages: Array.from({ length: count }, (_, index) => message('c', index + 1, 'bob')),
      changes: [change('a', 1), change('z', count)],
      at: 'replace',
      hasStart: true,
      hasEnd: true,
    });

  test('[UI31] changes come with their page and live, each once; where the end is not shown, with its page alone', () => {
    const { id: conversationId } = conversation('c', ['alice', 'bob', 'dave']);
    const told = {
      conversationId,
      personId: 'dave',
      role: 'attendee' as const,
      byId: 'bob',
      change: change('b', 3, 'removed'),
    };
    const page = window(message('c', 1, 'bob'), message('c', 2, 'bob'));
    const withPage = play(withBob(), { ...page, changes: [change('a', 2)] } as ConversationAction);
    const live = reduceConversations(withPage, event('participant.removed', told));
    const ids = (state: ConversationState) => state.windows.get('c')?.changes.map(({ id }) => id);
    expect(ids(live)).toEqual(['a', 'b']);
    expect(ids(reduceConversations(live, event('participant.removed', told)))).toEqual(['a', 'b']);
    const renamed = event('conversation.updated', {
      conversation: { ...conversation('c', ['alice', 'bob']), subject: 'Budget' },
      changes: [change('c', 4, 'renamed')],
    });
    expect(ids(reduceConversations(live, renamed))).toEqual(['a', 'b', 'c']);
    const elsewhere = play(withBob(), { ...page, hasEnd: false } as ConversationAction, renamed);
    expect(ids(elsewhere)).toEqual([]);
  });

  test('[UI30] a long run is cut around what is looked at, with the changes that belong to it', () => {
    const around = (seq: number) => {
      const state = reduceConversations(long(450), { type: 'kept-around', conversationId: 'c', seq });
      const cut = state.windows.get('c');
      return {
        from: cut?.messages[0]?.seq,
        to: cut?.messages.at(-1)?.seq,
        changes: cut?.changes.map(({ id }) => id),
        hasStart: cut?.hasStart,
        hasEnd: cut?.hasEnd,
      };
    };
    expect(around(1)).toEqual({ from: 1, to: 200, changes: ['a'], hasStart: true, hasEnd: false });
    expect(around(225)).toEqual({ from: 125, to: 324, changes: [], hasStart: false, hasEnd: false });
    expect(around(450)).toEqual({ from: 251, to: 450, changes: ['z'], hasStart: false, hasEnd: true });
    const short = long(150);
    expect(reduceConversations(short, { type: 'kept-around', conversationId: 'c', seq: 1 })).toBe(short);
  });

  test('[UI30] a run that nobody looks at does not grow for ever', () => {
    let state = long(900);
    for (let seq = 901; seq <= 1_100; seq++) state = reduceConversations(state, posted(seq, 'bob'));
    const cut = state.windows.get('c');
    expect(cut?.messages.length).toBeLessThan(400);
    expect(cut).toMatchObject({ hasStart: false, hasEnd: true });
    expect(cut?.messages.at(-1)?.seq).toBe(1_100);
  });

  test('[UI7] typing lasts 5 s and ends with the message', () => {
    const state = play(withBob(), event('typing', { conversationId: 'c', personId: 'bob' }));
    expect(typingIn(state, 'c', noon + 4_999)).toEqual(['bob']);
    expect(typingIn(state, 'c', noon + 5_000)).toEqual([]);
    expect(typingIn(reduceConversations(state, posted(1, 'bob')), 'c', noon)).toEqual([]);
    expect(
      typingIn(play(withBob(), event('typing', { conversationId: 'c', personId: 'alice' })), 'c', noon),
    ).toEqual([]);
  });

  test('[UI7] leaving takes the conversation away, somebody else leaving only them', () => {
    const gone = { conversationId: 'c', role: 'presenter', byId: 'bob' } as const;
    expect(
      play(withBob(), event('participant.removed', { ...gone, personId: 'alice' })).conversations.size,
    ).toBe(0);
    const rest = play(withBob(), event('participant.left', { ...gone, personId: 'bob' }));
    expect(rest.conversations.get('c')?.participants.map(({ person }) => person.id)).toEqual(['alice']);
  });

  test('[UI7] unread conversations stand first, archived ones apart until somebody writes', () => {
    const archived = { ...conversation('old', ['alice', 'bob']), archived: true, updatedAt: at(99) };
    const quiet = { ...conversation('quiet', ['alice', 'carol']), updatedAt: at(50) };
    const state = play(
      {
        type: 'snapshot',
        conversations: [archived, quiet, conversation('c', ['alice', 'bob'])],
        isWhole: true,
      },
      posted(1, 'bob'),
    );
    expect(listConversations(state).current.map(({ id }) => id)).toEqual(['c', 'quiet']);
    expect(listConversations(state).archived.map(({ id }) => id)).toEqual(['old']);
  });
});

/** A server of one conversation as the contract describes it, seen by alice. */
function createModel() {
  const state = conversation('c', ['alice', 'bob']);
  let messages: Message[] = [];
  const emit: ConversationAction[] = [];
  const me = () => state.participants.find(({ person }) => person.id === 'alice') as Participant;
  const recount = () => {
    state.unread = messages.filter(({ seq }) => seq > me().readSeq).length;
    state.lastMessage = messages.at(-1) ?? null;
  };
  const replace = (next: Message) => {
    messages = messages.map((one) => (one.seq === next.seq ? next : one));
  };
  return {
    snapshot: (): Conversation => structuredClone(state),
    history: (): Message[] => structuredClone(messages),
    take: () => emit.splice(0),
    post(fromId: string) {
      const sender = state.participants.find(({ person }) => person.id === fromId);
      if (!sender) return;
      const next = message('c', state.lastSeq + 1, fromId);
      messages.push(next);
      state.lastSeq = next.seq;
      state.updatedAt = next.sentAt;
      sender.readSeq = next.seq;
      sender.deliveredSeq = next.seq;
      recount();
      emit.push(event('message.posted', { conversationId: 'c', message: structuredClone(next) }));
    },
    change(which: number, how: 'edit' | 'delete') {
      const target = messages[which % Math.max(1, messages.length)];
      if (!target || target.deletedAt !== null) return;
      if (how === 'edit') {
        const next = { ...(target as LiveMessage), text: 'edited', editedAt: at(500) };
        replace(next);
        emit.push(event('message.edited', { conversationId: 'c', message: structuredClone(next) }));
      } else {
        const { id, conversationId, seq, fromId, sentAt } = target;
        const next = { id, conversationId, seq, fromId, sentAt, deletedAt: at(600) };
        replace(next);
        emit.push(event('message.deleted', { conversationId: 'c', message: next }));
      }
      recount();
    },
    react(which: number, personId: string, on: boolean) {
      const target = messages[which % Math.max(1, messages.length)];
      if (!target || target.deletedAt !== null) return;
      const found = (target as LiveMessage).reactions.find(({ emoji }) => emoji === '👍');
      const has = found?.personIds.includes(personId) ?? false;
      if (has === on) return;
      const personIds = on
        ? [...(found?.personIds ?? []), personId]
        : (found?.personIds ?? []).filter((id) => id !== personId);
      replace({
        ...(target as LiveMessage),
        reactions: personIds.length ? [{ emoji: '👍', personIds }] : [],
      });
      recount();
      emit.push(
        event('message.reaction', { conversationId: 'c', messageId: target.id, personId, emoji: '👍', on }),
      );
    },
    read(personId: string, upTo: number) {
      const reader = state.participants.find(({ person }) => person.id === personId);
      const seq = upTo % (state.lastSeq + 1);
      if (!reader || seq <= reader.readSeq) return;
      reader.readSeq = seq;
      reader.deliveredSeq = Math.max(reader.deliveredSeq, seq);
      recount();
      emit.push(event('read.advanced', { conversationId: 'c', personId, seq }));
    },
    join(personId: string) {
      if (state.participants.some(({ person }) => person.id === personId)) return;
      state.participants.push(participant(personId));
      state.kind = 'conference';
      emit.push(
        event('conversation.updated', { conversation: structuredClone(state) }),
        event('participant.joined', { conversationId: 'c', personId, role: 'presenter', byId: 'alice' }),
      );
    },
    leave(personId: string) {
      const index = state.participants.findIndex(({ person }) => person.id === personId);
      if (index < 0 || personId === 'alice') return;
      state.participants.splice(index, 1);
      emit.push(
        event('participant.left', { conversationId: 'c', personId, role: 'presenter', byId: personId }),
      );
    },
  };
}

test('[UI7] an old snapshot and the events since equal a fresh snapshot, however the fetch and the events overlap', () => {
  const who = fc.constantFrom('alice', 'bob', 'carol', 'dave');
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('post' as const), who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('edit' as const), n: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), n: fc.nat(30) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('react' as const), who, n: fc.nat(30), on: fc.boolean() }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), who, n: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const), who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), fc.nat(20), fc.nat(20), (commands, attachAt, lag) => {
      const model = createModel();
      let client = emptyConversations('alice');
      let isAttached = false;
      let isLoaded = false;
      const waiting: ConversationAction[] = [];
      const fetchMissing = () => {
        if (client.incomplete.has('c'))
          client = reduceConversations(client, { type: 'fetched', conversation: model.snapshot() });
      };
      commands.forEach((one, index) => {
        // The stream is open first; the snapshot is read `lag` commands later, and events in between are held.
        if (index === attachAt) isAttached = true;
        if (isAttached && !isLoaded && index >= attachAt + lag) {
          isLoaded = true;
          client = reduceConversations(client, {
            type: 'snapshot',
            conversations: [model.snapshot()],
            isWhole: true,
          });
          client = reduceConversations(client, {
            type: 'page',
            conversationId: 'c',
            messages: model.history(),
            at: 'replace',
            hasStart: true,
            hasEnd: true,
          });
          for (const action of waiting) client = reduceConversations(client, action);
          fetchMissing();
        }
        if (one.do === 'post') model.post(one.who);
        else if (one.do === 'edit' || one.do === 'delete') model.change(one.n, one.do);
        else if (one.do === 'react') model.react(one.n, one.who, one.on);
        else if (one.do === 'read') model.read(one.who, one.n);
        else if (one.do === 'join') model.join(one.who);
        else model.leave(one.who);
        const events = model.take();
        if (isLoaded) for (const action of events) client = reduceConversations(client, action);
        else if (isAttached) waiting.push(...events);
        if (isLoaded) fetchMissing();
      });
      if (!isLoaded) return;
      expect(client.windows.get('c')?.messages).toEqual(model.history());
      expect(client.conversations.get('c')).toEqual(model.snapshot());
    }),
    {
      numRuns: 1_000,
      // Found once: a mark that was already further on than the event told.
      examples: [
        [
          [
            { do: 'post', who: 'bob' },
            { do: 'read', who: 'alice', n: 15 },
            { do: 'post', who: 'alice' },
            { do: 'post', who: 'bob' },
          ],
          0,
          3,
        ],
        // Found once: an edit of what somebody said before they left and came back moved their marks.
        [
          [
            { do: 'post', who: 'bob' },
            { do: 'leave', who: 'bob' },
            { do: 'join', who: 'bob' },
            { do: 'edit', n: 0 },
          ],
          0,
          0,
        ],
        // Found once: a writer who left and came back between the snapshot and the events.
        [
          [
            { do: 'leave', who: 'bob' },
            { do: 'join', who: 'bob' },
            { do: 'post', who: 'bob' },
            { do: 'react', who: 'alice', n: 0, on: false },
          ],
          0,
          3,
        ],
      ],
    },
  );
});
