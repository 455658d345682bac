import type { CatalogueOf } from '../../i18n/i18n.ts';
import type { en } from './en.ts';

export const de: CatalogueOf<typeof en> = {
  'part.people': 'Personen',
  'part.chatAbout': 'Über diese Seite chatten',
  'part.none': 'Hier ist niemand genannt.',
  'part.cannotTell': 'Wer gemeint ist, ließ sich nicht feststellen: {detail}',
  'part.connecting': 'Verbinden…',
  'part.signIn': 'Anmelden',
  'part.signInWhy': 'Melden Sie sich an, um zu sehen, wer verfügbar ist.',
  'part.failed': 'Präsenz ist hier nicht verfügbar: {detail}',
  'part.retry': 'Erneut versuchen',
  'part.noServer':
    'Die Adresse des Jellybean-Servers fehlt. Tragen Sie sie in den Eigenschaften dieses Webparts ein.',
  'part.blocked': 'Der Browser hat das Anmeldefenster blockiert. Erlauben Sie dieser Website Fenster.',
  'part.more': { one: '{count} weitere Person', other: '{count} weitere Personen' },
  'part.chat': 'Chat',
  'part.call': 'Anrufen',
  'part.email': 'Mail',
};
