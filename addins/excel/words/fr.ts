/** Français des cellules et des commandes d’Excel. */
import type { CatalogueOf } from '../../shared/i18n/i18n.ts';
import type { en } from './en.ts';

export const fr = {
  signIn: '{sign} Ouvrez le volet Jellybean',
  noAddress: 'Donnez une adresse, par exemple bob@contoso.example.',
  notFound: 'Personne dans l’annuaire n’a cette adresse.',
  notNow: 'Jellybean n’a pas pu chercher cela. Recalculez pour réessayer.',
  noRuntime:
    'Cet Excel ne peut pas partager l’exécution du volet Jellybean ; ses fonctions n’y marchent donc pas.',
  colour: 'Colorer la présence dans les cellules sélectionnées',
  coloured: 'Les cellules sélectionnées prennent la couleur de la présence qu’elles montrent.',
  notColoured: 'Excel n’a pas pris les couleurs : {detail}',
  name: 'Nom',
  presence: 'Présence',
  address: 'Adresse',
  jobTitle: 'Fonction',
  department: 'Service',
  office: 'Bureau',
  phone: 'Téléphone',
} satisfies CatalogueOf<typeof en>;
