/**
 * `/playground/outlook`: composes the played Outlook. The address says with whom and what it begins:
 * `?as=bob&item=budget-2027&theme=dark&language=de-DE`.
 */
import { speakTo } from '../../shared/i18n/page.ts';
import { installTheme } from '../../shared/ui/theme.ts';
import { w } from '../words.ts';
import { cast, demoMails, type Player, players } from './demo-mails.ts';
import { createMailbox, type Mailperson, type ThemeName, themes } from './mailbox.ts';
import './screen.ts';

const query = new URLSearchParams(location.search);
const oneOf = <Value extends string>(values: readonly Value[], given: string | null): Value | undefined =>
  values.find((value) => value === given);

const player: Player = oneOf(players, query.get('as')) ?? 'alice';
const systemTheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
const theme: ThemeName = oneOf(themes, query.get('theme')) ?? systemTheme;
const wanted = [query.get('language'), ...navigator.languages].filter((tag) => tag !== null);
const crowd = 30;

interface Listed {
  readonly displayName: string;
  readonly address: string;
}

/** Fills the mail that goes to many with people who exist: one's contacts, who are alive in the demo, and others. */
async function colleagues(): Promise<Mailperson[]> {
  try {
    const signedIn = await fetch('/api/v1/demo/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user: cast[player].address }),
    });
    const { access_token: token } = (await signedIn.json()) as { access_token: string };
    const get = async <Item>(path: string): Promise<readonly Item[]> => {
      const answer = await fetch(`/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
      return ((await answer.json()) as { items: Item[] }).items;
    };
    const [contacts, others] = await Promise.all([
      get<{ person: Listed }>('/me/contacts'),
      get<Listed>(`/people?q=product&limit=${crowd}`),
    ]);
    const known = new Set<string>(Object.values(cast).map(({ address }) => address));
    const people = [...contacts.map(({ person }) => person), ...others].filter(({ address }) => {
      const isNew = !known.has(address);
      known.add(address);
      return isNew;
    });
    return people.slice(0, crowd).map(({ displayName, address }) => ({ name: displayName, address }));
  } catch {
    // Without the demo organisation the crowd is made up, and shown as unknown.
    return Array.from({ length: crowd }, (_, index) => ({
      name: `Guest ${index + 1}`,
      address: `guest${index + 1}@fabrikam.example`,
    }));
  }
}

installTheme();
const [people] = await Promise.all([colleagues(), speakTo(wanted)]);
document.title = `${w('title.outlook')} – Jellybean`;
const mailbox = createMailbox(cast[player], demoMails(player, people, Date.now()));

const screen = document.createElement('jb-play-outlook');
screen.mailbox = mailbox;
screen.player = player;
screen.known = [...Object.values(cast), ...people];
screen.locale = query.get('language') ?? navigator.language;
document.body.append(screen);
mailbox.setTheme(theme);
const first = query.get('item') ?? 'budget-2027';
mailbox.openItem(first === 'none' ? null : `${player}-${first}`);

declare global {
  interface HTMLElementTagNameMap {
    'jb-play-outlook': import('./screen.ts').PlayOutlook;
  }
}
