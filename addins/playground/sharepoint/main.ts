/**
 * `/playground/sharepoint`: composes the played SharePoint around the web part and the column, which are built here
 * from the same source as in the SharePoint package. The address says with whom and what it begins:
 * `?as=bob&view=list&layout=cards&section=strong&language=de-DE`.
 */
import { pickLanguage, useLanguage } from '../../shared/i18n/i18n.ts';
import type { PagePerson, PeopleLayout } from '../../shared/page/page-api.ts';
import { installTheme } from '../../shared/ui/theme.ts';
import './screen.ts';
import { cast, type Player, players, type Section, type Source, sections, sources } from './site.ts';
import { s } from './words.ts';

const query = new URLSearchParams(location.search);
const oneOf = <Value extends string>(values: readonly Value[], name: string): Value | undefined =>
  values.find((value) => value === query.get(name));

const player: Player = oneOf(players, 'as') ?? 'alice';
const locale = query.get('language') ?? navigator.language;
const wanted = [locale, ...navigator.languages];
const crowdQueries = ['product', 'sales', 'finance', 'design'];

/** People of the demo organisation, so that the list and the large group show somebody. */
async function colleagues(): Promise<PagePerson[]> {
  try {
    const signedIn = await fetch('/api/v1/demo/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user: cast[player].address }),
    });
    const { access_token: token } = (await signedIn.json()) as { access_token: string };
    const get = async (path: string): Promise<PagePerson[]> => {
      const answer = await fetch(`/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
      const { items } = (await answer.json()) as { items: ({ person?: Named } & Named)[] };
      return items.map((one) => ({
        name: one.person?.displayName ?? one.displayName,
        address: one.person?.address ?? one.address,
      }));
    };
    const found = await Promise.all([
      get('/me/contacts'),
      ...crowdQueries.map((word) => get(`/people?q=${word}&limit=50`)),
    ]);
    const known = new Set<string>(Object.values(cast).map(({ address }) => address));
    return found.flat().filter(({ address }) => {
      const isNew = address !== '' && !known.has(address);
      known.add(address);
      return isNew;
    });
  } catch {
    // Without the demo organisation the site has its few people, shown as unknown.
    return [];
  }
}
interface Named {
  readonly displayName: string;
  readonly address: string;
}

installTheme();
const [crowd] = await Promise.all([colleagues(), useLanguage(pickLanguage(wanted), wanted)]);
document.documentElement.lang = pickLanguage(wanted);
document.title = `${s('title')} – Jellybean`;

const screen = document.createElement('jb-play-sharepoint');
screen.player = player;
screen.crowd = crowd;
screen.locale = locale;
screen.view = oneOf(['page', 'list'], 'view') ?? 'page';
screen.source = oneOf(sources, 'source') ?? ('page' satisfies Source);
screen.layout = oneOf(['list', 'compact', 'cards'], 'layout') ?? ('list' satisfies PeopleLayout);
screen.section = oneOf(sections, 'section') ?? ('none' satisfies Section);
document.body.append(screen);
