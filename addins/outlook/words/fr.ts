/** Français des parties propres à Outlook. */
import type { CatalogueOf } from '../../shared/i18n/i18n.ts';
import type { en } from './en.ts';

export const fr = {
  'times.title': 'Qui est libre : {time}',
  'times.free': 'Libre',
  'times.tentative': 'Provisoire',
  'times.outside-hours': 'Hors des heures de travail',
  'times.busy': 'Occupé',
  'times.out-of-office': 'Absent du bureau',
  'times.unknown': 'Inconnu',
  'message.one': '{name} écrit à propos de cet élément : {text}',
  'message.several': '{name} et d’autres écrivent à propos de cet élément ({count})',
  'message.open': 'Ouvrir la discussion',
  'diagnostics.title': 'Ce que sait faire cet Outlook',
  'diagnostics.host': 'Hôte',
  'diagnostics.platform': 'Plateforme',
  'diagnostics.version': 'Version',
  'diagnostics.language': 'Langue',
  'diagnostics.feature': 'Fonction',
  'diagnostics.needs': 'Exige',
  'diagnostics.yes': 'présent',
  'diagnostics.no': 'absent',
  'diagnostics.unknown': 'Inconnu',
  'diagnostics.none': 'Cette page montre ce qu’offre Outlook quand Outlook l’ouvre.',
} as const satisfies CatalogueOf<typeof en>;
