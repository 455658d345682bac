/** The address by which a button without a screen opens a chat in the web client. */
import { expect, test } from 'vitest';
import { chatLink, readChatLink } from '../../addins/shared/client/chat-link.ts';

const context = { kind: 'mail', title: 'Budget & more #1', itemId: '<a=b&c@contoso.example>' } as const;

test('[OF26] a chat link says with whom and about what, in the fragment alone', () => {
  const link = {
    addresses: ['bob@contoso.example', 'o’neil+x@contoso.example'],
    user: 'alice@contoso.example',
    context,
  };
  const address = chatLink(link);
  expect(new URL(address, 'https://im.contoso.example').search).toBe('');
  expect(readChatLink(new URL(address, 'https://im.contoso.example').hash)).toEqual(link);
});

test('[OF26] what is no chat link is none, and what is half one has no context', () => {
  expect(readChatLink('')).toBeNull();
  expect(readChatLink('#c=123')).toBeNull();
  expect(readChatLink('#chat=bob%40contoso.example&kind=page&itemId=1')).toEqual({
    addresses: ['bob@contoso.example'],
    user: '',
    context: null,
  });
});
