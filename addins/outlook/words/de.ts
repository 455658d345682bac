/** Deutsch der Teile, die nur Outlook hat. */
import type { CatalogueOf } from '../../shared/i18n/i18n.ts';
import type { en } from './en.ts';

export const de = {
  'times.title': 'Wer um diese Zeit frei ist: {time}',
  'times.free': 'Frei',
  'times.tentative': 'Mit Vorbehalt',
  'times.outside-hours': 'Außerhalb der Arbeitszeit',
  'times.busy': 'Beschäftigt',
  'times.out-of-office': 'Außer Haus',
  'times.unknown': 'Nicht bekannt',
  'message.one': '{name} schreibt zu diesem Element: {text}',
  'message.several': '{name} und andere schreiben zu diesem Element ({count})',
  'message.open': 'Chat öffnen',
  'diagnostics.title': 'Was dieses Outlook kann',
  'diagnostics.host': 'Host',
  'diagnostics.platform': 'Plattform',
  'diagnostics.version': 'Version',
  'diagnostics.language': 'Sprache',
  'diagnostics.feature': 'Funktion',
  'diagnostics.needs': 'Braucht',
  'diagnostics.yes': 'vorhanden',
  'diagnostics.no': 'fehlt',
  'diagnostics.unknown': 'Unbekannt',
  'diagnostics.none': 'Diese Seite zeigt, was Outlook bietet, wenn Outlook sie öffnet.',
} as const satisfies CatalogueOf<typeof en>;
