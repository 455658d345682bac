/** Deutsch der Zellen und Befehle in Excel. */
import type { CatalogueOf } from '../../shared/i18n/i18n.ts';
import type { en } from './en.ts';

export const de = {
  signIn: '{sign} Öffnen Sie den Jellybean-Bereich',
  noAddress: 'Geben Sie eine Adresse an, etwa bob@contoso.example.',
  notFound: 'Niemand im Verzeichnis hat diese Adresse.',
  notNow: 'Jellybean konnte das nicht nachschlagen. Berechnen Sie neu, um es noch einmal zu versuchen.',
  noRuntime:
    'Dieses Excel kann die Laufzeit des Jellybean-Bereichs nicht teilen, daher arbeiten dessen Funktionen hier nicht.',
  colour: 'Präsenz in den gewählten Zellen färben',
  coloured: 'Die gewählten Zellen nehmen die Farbe der Präsenz an, die darin steht.',
  notColoured: 'Excel hat die Farben nicht angenommen: {detail}',
  name: 'Name',
  presence: 'Präsenz',
  address: 'Adresse',
  jobTitle: 'Titel',
  department: 'Abteilung',
  office: 'Büro',
  phone: 'Telefon',
} satisfies CatalogueOf<typeof en>;
