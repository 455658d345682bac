import type { CatalogueOf } from '../../i18n/i18n.ts';
import type { en } from './en.ts';

export const fr: CatalogueOf<typeof en> = {
  'part.people': 'Personnes',
  'part.chatAbout': 'Discuter de cette page',
  'part.none': 'Personne n’est nommé ici.',
  'part.cannotTell': 'Impossible de savoir qui est concerné : {detail}',
  'part.connecting': 'Connexion…',
  'part.signIn': 'Se connecter',
  'part.signInWhy': 'Connectez-vous pour voir qui est disponible.',
  'part.failed': 'La présence n’est pas disponible ici : {detail}',
  'part.retry': 'Réessayer',
  'part.noServer': 'L’adresse du serveur Jellybean manque. Indiquez-la dans les propriétés de ce composant.',
  'part.blocked': 'Le navigateur a bloqué la fenêtre de connexion. Autorisez les fenêtres pour ce site.',
  'part.more': {
    one: '{count} autre personne',
    many: '{count} autres personnes',
    other: '{count} autres personnes',
  },
  'part.chat': 'Discuter',
  'part.call': 'Appeler',
  'part.email': 'E-mail',
};
