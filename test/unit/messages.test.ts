import { describe, expect, test } from 'vitest';
import { isRefusal } from '../../server/domain/conversations.ts';
import {
  edit,
  erase,
  isEmoji,
  mentionsIn,
  react,
  reactionsPerMessage,
  refuseEmpty,
} from '../../server/domain/messages.ts';
import type { LiveMessage } from '../../server/protocol/conversations.ts';
import { alice, bob, carol, dave } from '../support/conversation-cast.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

const at = '2026-11-21T12:00:00.000Z';
const message: LiveMessage = {
  id: 'm1',
  conversationId: 'c1',
  seq: 1,
  fromId: alice,
  sentAt: '2026-11-21T11:00:00.000Z',
  text: 'Budget is ready',
  importance: 'normal',
  replyTo: null,
  mentions: [],
  attachments: [],
  reactions: [],
  editedAt: null,
  deletedAt: null,
};

describe('text', () => {
  test.each([
    ['', 0, 'empty-message'],
    [' \n\t\u00a0', 0, 'empty-message'],
    ['', 1, undefined],
    ['.', 0, undefined],
  ])('[IM20] text %j with %i attachments → %s', (text, attachments, refused) => {
    expect(refuseEmpty(text, attachments)?.refused).toBe(refused);
  });

  test.each([
    ['nobody', 'see @Bob', []],
    ['one', `[@Bob Kovács](person:${bob}) look`, [bob]],
    ['each once, in order', `[@C](person:${carol}) [@B](person:${bob}) [@C](person:${carol})`, [carol, bob]],
    ['any case', `[@Bob](person:${bob.toUpperCase()})`, [bob]],
    ['strangers are text', `[@Dave](person:${dave})`, []],
    ['not without the sign', `[Bob](person:${bob})`, []],
    ['not across lines', `[@Bob\n](person:${bob})`, []],
  ])('[IM21] mentions: %s', (_, text, expected) => {
    expect(mentionsIn(text, [alice, bob, carol])).toEqual(expected);
  });

  test('[IM21] a text made of openings takes no time', () => {
    expect(cpuMsOf(() => mentionsIn(`${'[@'.repeat(8_000)}](person:`, [alice]))).toBeLessThan(200);
  });
});

describe('changes', () => {
  test('[IM22] editing keeps the place and the mark, and only the sender does it', () => {
    expect(edit(message, alice, 'Budget is done', [], at)).toEqual({
      ...message,
      text: 'Budget is done',
      editedAt: at,
    });
    expect(edit(message, bob, 'x', [], at)).toMatchObject({ refused: 'forbidden' });
    expect(edit(message, alice, '  ', [], at)).toMatchObject({ refused: 'empty-message' });
  });

  test('[IM23] a tombstone keeps place, sender and time, and nothing of what was said', () => {
    const tombstone = erase(message, alice, at);
    expect(tombstone).toEqual({
      id: 'm1',
      conversationId: 'c1',
      seq: 1,
      fromId: alice,
      sentAt: message.sentAt,
      deletedAt: at,
    });
    if (isRefusal(tombstone)) throw new Error('refused');
    expect(erase(tombstone, alice, 'later')).toBe(tombstone);
    expect(erase(message, bob, at)).toMatchObject({ refused: 'forbidden' });
    expect(edit(tombstone, alice, 'x', [], at)).toMatchObject({ refused: 'message-deleted' });
    expect(react(tombstone, bob, '👍', true)).toMatchObject({ refused: 'message-deleted' });
  });

  test('[IM24] a reaction is set once per person and emoji, and the last one taken back leaves none', () => {
    const once = react(message, bob, '👍', true) as LiveMessage;
    expect(once.reactions).toEqual([{ emoji: '👍', personIds: [bob] }]);
    expect(react(once, bob, '👍', true)).toBeNull();
    const twice = react(once, carol, '👍', true) as LiveMessage;
    expect(twice.reactions).toEqual([{ emoji: '👍', personIds: [bob, carol] }]);
    const back = react(react(twice, bob, '👍', false) as LiveMessage, carol, '👍', false) as LiveMessage;
    expect(back.reactions).toEqual([]);
    expect(react(back, carol, '👍', false)).toBeNull();
  });

  test('[IM24] a message takes twenty different reactions, and any number of people on each', () => {
    let full = message;
    for (let index = 0; index < reactionsPerMessage; index++)
      full = react(full, bob, String.fromCodePoint(0x1f600 + index), true) as LiveMessage;
    expect(react(full, bob, '🦄', true)).toMatchObject({ refused: 'too-many-reactions' });
    expect(react(full, carol, '😀', true)).not.toHaveProperty('refused');
  });

  test.each([
    ['👍', true],
    ['👍🏽', true],
    ['👩‍👩‍👧', true],
    ['🇩🇪', true],
    ['❤️', true],
    ['❤', true],
    ['1️⃣', true],
    ['a', false],
    ['1', false],
    ['👍👍', false],
    ['', false],
    ['<b>', false],
    ['👍'.repeat(30), false],
  ])('[IM24] %s as a reaction: %s', (text, expected) => {
    expect(isEmoji(text)).toBe(expected);
  });
});
