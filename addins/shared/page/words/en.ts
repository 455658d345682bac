/** English: what our parts on pages of others say. */
import type { Sentence } from '../../i18n/i18n.ts';

export const en = {
  'part.people': 'People',
  'part.chatAbout': 'Chat about this page',
  'part.none': 'Nobody is named here.',
  'part.cannotTell': 'Who is meant could not be found out: {detail}',
  'part.connecting': 'Connecting…',
  'part.signIn': 'Sign in',
  'part.signInWhy': 'Sign in to see who is available.',
  'part.failed': 'Presence is not available here: {detail}',
  'part.retry': 'Try again',
  'part.noServer': 'The address of the Jellybean server is missing. Set it in the properties of this part.',
  'part.blocked': 'The browser has blocked the sign-in window. Allow windows for this site.',
  'part.more': { one: '{count} more person', other: '{count} more people' },
  'part.chat': 'Chat',
  'part.call': 'Call',
  'part.email': 'Mail',
} as const satisfies Record<string, Sentence>;
