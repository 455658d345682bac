/**
 * Random lives of conversations against two witnesses: a model that is too simple to be wrong, and a client
 * that knows only its first snapshot and the events since. Both must agree with what the server answers.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toConversationId, toMessageId, type UserId } from '../../server/domain/ids.ts';
import type { Conversation, LiveMessage, Message } from '../../server/protocol/conversations.ts';
import { alice, bob, carol, dave } from '../support/conversation-cast.ts';
import { openStage, type Stage } from '../support/conversation-stage.ts';

const people = [alice, bob, carol, dave] as const;
const emojis = ['👍', '🎉'] as const;

const who = fc.nat({ max: people.length - 1 });
const nth = fc.nat({ max: 12 });
const is = <Name extends string>(name: Name) => fc.constant(name);
const commands = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: is('send'), by: who }) },
  { weight: 2, arbitrary: fc.record({ do: is('edit'), by: who, message: nth }) },
  { weight: 1, arbitrary: fc.record({ do: is('delete'), by: who, message: nth }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is('react'),
      by: who,
      message: nth,
      emoji: fc.nat({ max: 1 }),
      on: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: is('read'), by: who, seq: nth }) },
  { weight: 3, arbitrary: fc.record({ do: is('add'), by: who, whom: who, share: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: is('remove'), by: who, whom: who }) },
  { weight: 1, arbitrary: who.map((by) => ({ do: 'remove' as const, by, whom: by })) },
  { weight: 1, arbitrary: fc.record({ do: is('role'), by: who, whom: who, presenter: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: is('answer'), by: who, accept: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: is('rename'), by: who, subject: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: is('mute'), by: who, muted: fc.boolean() }) },
);
type Command = typeof commands extends fc.Arbitrary<infer Each> ? Each : never;

// ── the model ───────────────────────────────────────────────────────────────────────────────────────

interface Member {
  role: 'presenter' | 'attendee';
  joined: boolean;
  first: number;
  read: number;
  muted: boolean;
}
interface Model {
  conference: boolean;
  subject: string | null;
  members: Map<number, Member>;
  messages: { from: number; text: string | null }[];
}

const sees = ({ members, messages }: Model, by: number, message: number) =>
  message >= Math.max(1, members.get(by)?.first ?? Number.POSITIVE_INFINITY) && message <= messages.length;

/** What the server should answer; changes the model when it is `done`. */
function expected(model: Model, command: Command): string {
  const me = model.members.get(command.by);
  if (me === undefined) return 'not-found';
  switch (command.do) {
    case 'send':
      me.joined = true;
      model.messages.push({ from: command.by, text: `m${model.messages.length + 1}` });
      me.read = model.messages.length;
      return 'done';
    case 'edit':
    case 'delete': {
      if (!sees(model, command.by, command.message)) return 'not-found';
      const message = model.messages[command.message - 1]!;
      if (message.from !== command.by) return 'forbidden';
      if (message.text === null) return command.do === 'delete' ? 'done' : 'message-deleted';
      message.text = command.do === 'delete' ? null : `edited ${command.message}`;
      return 'done';
    }
    case 'react':
      if (!sees(model, command.by, command.message)) return 'not-found';
      return model.messages[command.message - 1]!.text === null ? 'message-deleted' : 'done';
    case 'read':
      if (command.seq > Math.max(model.messages.length, me.read)) return 'seq-beyond-last';
      me.read = Math.max(me.read, command.seq);
      return 'done';
    case 'add':
      if (model.members.has(command.whom)) return 'done';
      model.members.set(command.whom, {
        role: 'attendee',
        joined: false,
        first: command.share ? 1 : model.messages.length + 1,
        read: model.messages.length,
        muted: false,
      });
      if (model.members.size > 2) model.conference = true;
      return 'done';
    case 'remove':
      return leave(model, command.by, command.whom);
    case 'role': {
      const whom = model.members.get(command.whom);
      if (whom === undefined) return 'not-found';
      if (!model.conference || me.role !== 'presenter') return 'forbidden';
      const role = command.presenter ? 'presenter' : 'attendee';
      if (whom.role === role) return 'done';
      const presenters = [...model.members.values()].filter((each) => each.role === 'presenter');
      if (role === 'attendee' && presenters.length === 1) return 'last-presenter';
      whom.role = role;
      return 'done';
    }
    case 'answer':
      if (me.joined) return command.accept ? 'done' : 'conflict';
      if (!command.accept) return leave(model, command.by, command.by);
      me.joined = true;
      return 'done';
    case 'rename':
      model.subject = `subject ${command.subject}`;
      return 'done';
    case 'mute':
      me.muted = command.muted;
      return 'done';
  }
}

function leave(model: Model, by: number, whom: number): string {
  if (!model.members.has(whom)) return 'not-found';
  if (by !== whom && (!model.conference || model.members.get(by)?.role !== 'presenter')) return 'forbidden';
  model.members.delete(whom);
  const rest = [...model.members.values()];
  if (model.conference && rest.length > 0 && !rest.some(({ role }) => role === 'presenter'))
    (rest.find(({ joined }) => joined) ?? rest[0]!).role = 'presenter';
  return 'done';
}

// ── the server ──────────────────────────────────────────────────────────────────────────────────────

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

function perform(id: string, ids: readonly string[], command: Command): Promise<string> {
  const { conversations } = stage;
  const { messages } = conversations;
  const cid = toConversationId(id);
  const by = people[command.by]!;
  const mid = (seq: number) => toMessageId(ids[seq - 1] ?? 'none');
  const act = (): Promise<unknown> => {
    switch (command.do) {
      case 'send':
        return stage.send(by, id, `m${ids.length + 1}`);
      case 'edit':
        return messages.edit(by, cid, mid(command.message), `edited ${command.message}`);
      case 'delete':
        return messages.remove(by, cid, mid(command.message));
      case 'react':
        return messages.react(by, cid, mid(command.message), emojis[command.emoji]!, command.on);
      case 'read':
        return messages.read(by, cid, command.seq);
      case 'add':
        return conversations.add(by, cid, [people[command.whom]!], command.share, null);
      case 'remove':
        return conversations.remove(by, cid, people[command.whom]!);
      case 'role':
        return conversations.setRole(
          by,
          cid,
          people[command.whom]!,
          command.presenter ? 'presenter' : 'attendee',
        );
      case 'answer':
        return conversations.answer(by, cid, command.accept ? 'accept' : 'decline');
      case 'rename':
        return conversations.update(by, cid, { subject: `subject ${command.subject}` });
      case 'mute':
        return conversations.update(by, cid, { muted: command.muted });
    }
  };
  return act().then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );
}

// ── the client ──────────────────────────────────────────────────────────────────────────────────────

interface Client {
  conversation: Omit<Conversation, 'lastMessage'>;
  messages: Map<number, Message>;
}
/** The fields of all durable events that concern a conversation. */
interface Told {
  conversation: Conversation;
  message: Message;
  messageId: string;
  personId: string;
  seq: number;
  emoji: string;
  on: boolean;
}

/** The reducer that any client would write, from the events alone. */
function reduce(state: Client | null, type: string, told: Told, me: UserId): Client | null {
  if (type === 'conversation.created' || type === 'conversation.updated') {
    const { lastMessage, ...conversation } = told.conversation;
    const messages = state?.messages ?? new Map<number, Message>();
    if (lastMessage !== null) messages.set(lastMessage.seq, lastMessage);
    return { conversation, messages };
  }
  if (state === null) return null;
  const { conversation, messages } = state;
  const find = (id: string) => conversation.participants.find(({ person }) => person.id === id);
  const participant = find(told.personId);
  switch (type) {
    case 'message.posted': {
      messages.set(told.message.seq, told.message);
      conversation.lastSeq = told.message.seq;
      conversation.unread = told.message.fromId === me ? 0 : conversation.unread + 1;
      const sender = find(told.message.fromId);
      if (sender !== undefined) {
        sender.readSeq = told.message.seq;
        sender.deliveredSeq = told.message.seq;
      }
      break;
    }
    case 'message.edited':
    case 'message.deleted':
      messages.set(told.message.seq, told.message);
      break;
    case 'message.reaction': {
      const message = [...messages.values()].find(({ id }) => id === told.messageId) as
        | LiveMessage
        | undefined;
      if (message === undefined) break;
      const others = message.reactions.filter(({ emoji }) => emoji !== told.emoji);
      const had = message.reactions.find(({ emoji }) => emoji === told.emoji)?.personIds ?? [];
      const personIds = told.on ? [...had, told.personId] : had.filter((id) => id !== told.personId);
      const reactions = personIds.length > 0 ? [...others, { emoji: told.emoji, personIds }] : others;
      messages.set(message.seq, { ...message, reactions });
      break;
    }
    case 'participant.joined':
      if (participant !== undefined) participant.state = 'joined';
      break;
    case 'participant.left':
    case 'participant.removed':
      if (told.personId === me) return null;
      conversation.participants = conversation.participants.filter(
        ({ person }) => person.id !== told.personId,
      );
      break;
    case 'read.advanced':
      if (participant !== undefined) {
        participant.readSeq = told.seq;
        participant.deliveredSeq = Math.max(participant.deliveredSeq, told.seq);
      }
      if (told.personId === me) conversation.unread = conversation.lastSeq - told.seq;
      break;
  }
  return state;
}

/** Reactions in a fixed order; joinedAt and updatedAt are told by no event of their own. */
const comparable = (conversation: Omit<Conversation, 'lastMessage'>, messages: readonly Message[]) => ({
  ...conversation,
  updatedAt: '',
  participants: conversation.participants.map((each) => ({ ...each, joinedAt: '' })),
  messages: messages.map((message) =>
    'reactions' in message
      ? { ...message, reactions: message.reactions.toSorted((a, b) => (a.emoji < b.emoji ? -1 : 1)) }
      : message,
  ),
});

let runs = 0;

async function live(others: readonly number[], life: readonly Command[]): Promise<void> {
  const context = { kind: 'page', title: 'Model', itemId: `model-${++runs}` };
  const { id } = await stage.open([alice, ...others.map((index) => people[index]!)], { context });
  const conference = others.length > 1;
  const member = (joined: boolean): Member => ({
    role: joined || !conference ? 'presenter' : 'attendee',
    joined,
    first: 1,
    read: 0,
    muted: false,
  });
  const model: Model = {
    conference,
    subject: null,
    members: new Map([[0, member(true)], ...others.map((index): [number, Member] => [index, member(false)])]),
    messages: [],
  };
  const clients: (Client | null)[] = people.map(() => null);
  const hear = async () => {
    for (const [index, person] of people.entries())
      for (const { type, body } of await stage.heard(person))
        clients[index] = reduce(clients[index] ?? null, type, body as unknown as Told, person);
  };
  await hear();
  const ids: string[] = [];
  for (const command of life) {
    expect([command, await perform(id, ids, command)]).toEqual([command, expected(model, command)]);
    await hear();
    const last = model.messages.at(-1);
    if (last !== undefined && model.messages.length > ids.length)
      ids.push(clients[last.from]!.messages.get(model.messages.length)!.id);
  }

  for (const [index, person] of people.entries()) {
    const standing = model.members.get(index);
    const client = clients[index] ?? null;
    if (standing === undefined) {
      await expect(stage.conversations.get(person, toConversationId(id))).rejects.toMatchObject({
        code: 'not-found',
      });
      expect(client).toBeNull();
      continue;
    }
    const { lastMessage: _, ...fresh } = await stage.conversations.get(person, toConversationId(id));
    const history = await stage.history(person, id);
    expect(history.map((message) => ('text' in message ? message.text : null))).toEqual(
      model.messages.slice(standing.first - 1).map(({ text }) => text),
    );
    expect(fresh).toMatchObject({
      kind: model.conference ? 'conference' : 'two-party',
      subject: model.subject,
      unread: model.messages.length - Math.max(standing.read, standing.first - 1),
      muted: standing.muted,
      participants: [...model.members].map(([at, each]) => ({
        person: { id: people[at] },
        role: each.role,
        state: each.joined ? 'joined' : 'invited',
      })),
    });
    // Who came late fetches the history before them once; from then on events must do.
    const known = new Map(history.map((message) => [message.seq, message]));
    for (const [seq, message] of client!.messages) known.set(seq, message);
    const messages = [...known.values()].sort((a, b) => a.seq - b.seq);
    expect(comparable(client!.conversation, messages)).toEqual(comparable(fresh, history));
  }
}

test('[IM71] any life of a conversation is what the model says, and old snapshot + events = fresh snapshot', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray([1, 2, 3], { minLength: 1 }),
      fc.array(commands, { minLength: 1, maxLength: 40, size: 'max' }),
      live,
    ),
    {
      numRuns: 100,
    },
  );
}, 180_000);
