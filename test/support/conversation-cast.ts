/** The cast and the fixed noon of conversation tests, and short ways to build and drive a conversation. */
import {
  apply,
  type Command,
  type Conversation,
  create,
  decide,
  isRefusal,
} from '../../server/domain/conversations.ts';
import { toConversationId, toUserId, type UserId } from '../../server/domain/ids.ts';

export const [alice, bob, carol, dave, erin] = [
  '00000000-0000-4000-8000-00000000000a',
  '00000000-0000-4000-8000-00000000000b',
  '00000000-0000-4000-8000-00000000000c',
  '00000000-0000-4000-8000-00000000000d',
  '00000000-0000-4000-8000-00000000000e',
].map(toUserId) as [UserId, UserId, UserId, UserId, UserId];

export const noon = Date.UTC(2026, 10, 21, 12);

/** A conversation opened by the first of these people at noon. */
export function opened(
  people: readonly UserId[],
  fields: Partial<Conversation> = {},
  withheldFrom: readonly UserId[] = [],
): Conversation {
  const [creatorId, ...others] = people;
  const made = create(
    {
      id: toConversationId('c1'),
      creatorId: creatorId!,
      others,
      subject: null,
      context: null,
      importance: 'normal',
      withheldFrom: new Set(withheldFrom),
    },
    noon,
  );
  if (isRefusal(made)) throw new Error(made.refused);
  return { ...made, ...fields };
}

/** Carries the commands out one after the other; throws at the first refusal. */
export function having(conversation: Conversation, ...commands: Command[]): Conversation {
  let now = noon;
  let state = conversation;
  for (const command of commands) {
    now += 1_000;
    const decided = decide(state, command, now);
    if (isRefusal(decided)) throw new Error(`${command.type}: ${decided.refused}`);
    for (const event of decided.events) state = apply(state, event, now);
  }
  return state;
}

export const joining = (byId: UserId): Command => ({ type: 'join', byId });
export const adding = (byId: UserId, ids: readonly UserId[], shareHistory = true): Command => ({
  type: 'add',
  byId,
  ids,
  shareHistory,
  withheldFrom: new Set(),
});
