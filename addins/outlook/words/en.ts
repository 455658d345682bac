/** English of Outlook’s own parts: the catalogue that defines their keys. */
import type { Sentence } from '../../shared/i18n/i18n.ts';

export const en = {
  'times.title': 'Who is free at {time}',
  'times.free': 'Free',
  'times.tentative': 'Tentative',
  'times.outside-hours': 'Outside working hours',
  'times.busy': 'Busy',
  'times.out-of-office': 'Out of office',
  'times.unknown': 'Not known',
  'message.one': '{name} wrote about this item: {text}',
  'message.several': '{name} and others wrote about this item ({count})',
  'message.open': 'Open chat',
  'diagnostics.title': 'What this Outlook can do',
  'diagnostics.host': 'Host',
  'diagnostics.platform': 'Platform',
  'diagnostics.version': 'Version',
  'diagnostics.language': 'Language',
  'diagnostics.feature': 'Feature',
  'diagnostics.needs': 'Needs',
  'diagnostics.yes': 'there',
  'diagnostics.no': 'missing',
  'diagnostics.unknown': 'Unknown',
  'diagnostics.none': 'This page shows what Outlook offers when Outlook opens it.',
} as const satisfies Record<string, Sentence>;
