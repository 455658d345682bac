/**
 * The rules of one utterance: what a message may hold, whom it mentions, and what becomes of it by edit,
 * deletion and reaction. Pure; a message is the wire shape itself, so that nothing is mapped twice.
 */
import type { LiveMessage, Message, Tombstone } from '../protocol/conversations.ts';
import type { Refusal } from './conversations.ts';
import type { UserId } from './ids.ts';

/** A message needs text that is not only blanks, or an attachment (IM20). */
export function refuseEmpty(text: string, attachments: number): Refusal | null {
  if (attachments > 0 || text.trim() !== '') return null;
  return { refused: 'empty-message', detail: 'The message has neither text nor an attachment.' };
}

/** A mention in the text is a link to a person: `[@Bob Kovács](person:ID)`. Ids as written, in any case. */
const mentionPattern = /\[@[^\][\n]{1,200}\]\(person:([0-9A-Za-z-]{1,64})\)/g;

/** Who of `present` is mentioned, in order of appearance, each once; strangers are plain text (IM21). */
export function mentionsIn(text: string, present: Iterable<UserId>): UserId[] {
  // Nearly every message has none: the look for the scheme spares them the pattern.
  if (!text.includes('](person:')) return [];
  const known = new Map<string, UserId>();
  for (const id of present) known.set(id.toLowerCase(), id);
  const found = new Set<UserId>();
  for (const [, id = ''] of text.matchAll(mentionPattern)) {
    const person = known.get(id.toLowerCase());
    if (person !== undefined) found.add(person);
  }
  return [...found];
}

export const isTombstone = (message: Message): message is Tombstone => message.deletedAt !== null;

const deletedAlready: Refusal = {
  refused: 'message-deleted',
  detail: 'This message has been deleted; nothing more can be done with it.',
};

/** The message with new text, or why not. Only its sender edits; the mark stays for ever (IM22). */
export function edit(
  message: Message,
  byId: UserId,
  text: string,
  mentions: readonly UserId[],
  at: string,
): LiveMessage | Refusal {
  if (message.fromId !== byId) return notYours('edit');
  if (isTombstone(message)) return deletedAlready;
  const empty = refuseEmpty(text, message.attachments.length);
  if (empty !== null) return empty;
  return { ...message, text, mentions: [...mentions], editedAt: at };
}

/** The tombstone of a message, or why not. Deleting twice gives the same tombstone (IM23). */
export function erase(message: Message, byId: UserId, at: string): Tombstone | Refusal {
  if (message.fromId !== byId) return notYours('delete');
  if (isTombstone(message)) return message;
  return tombstoneOf(message, at);
}

/** What is left of a message: where it stood, who said it and when, and that it was deleted. */
export function tombstoneOf(message: Message, at: string): Tombstone {
  const { id, conversationId, seq, fromId, sentAt } = message;
  return { id, conversationId, seq, fromId, sentAt, deletedAt: at };
}

/** At most this many different reactions on one message: a row of faces, not a wall (IM24). */
export const reactionsPerMessage = 20;

/** The message with a person's reaction set or withdrawn; null when that changes nothing. */
export function react(
  message: Message,
  personId: UserId,
  emoji: string,
  on: boolean,
): LiveMessage | Refusal | null {
  if (isTombstone(message)) return deletedAlready;
  const there = message.reactions.find((reaction) => reaction.emoji === emoji);
  if ((there?.personIds.includes(personId) ?? false) === on) return null;
  if (on && there === undefined && message.reactions.length >= reactionsPerMessage)
    return {
      refused: 'too-many-reactions',
      detail: `A message takes at most ${reactionsPerMessage} different reactions.`,
    };
  const personIds = on
    ? [...(there?.personIds ?? []), personId]
    : (there?.personIds ?? []).filter((id) => id !== personId);
  const changed = { emoji, personIds };
  const reactions =
    there === undefined
      ? [...message.reactions, changed]
      : message.reactions.map((reaction) => (reaction === there ? changed : reaction));
  return { ...message, reactions: reactions.filter((reaction) => reaction.personIds.length > 0) };
}

// By constructor, as the compiler's target is older than the flag; every supported Node knows it.
const emojiPattern = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic}\uFE0F?)$/v;

/** True for one emoji as people see it, with its skin tone, joiners or flag. Text is no reaction (IM24). */
export const isEmoji = (text: string): boolean => text.length <= 40 && emojiPattern.test(text);

function notYours(verb: string): Refusal {
  return { refused: 'forbidden', detail: `Only its sender can ${verb} a message.` };
}
