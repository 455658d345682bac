/** The played site: who belongs to it, who wrote its page, what its list holds. Made of people who exist. */
import type { PagePerson, PageTheme } from '../../shared/page/page-api.ts';

export const cast = {
  alice: { name: 'Alice Lindgren', address: 'alice@contoso.example' },
  bob: { name: 'Bob Kovács', address: 'bob@contoso.example' },
  carol: { name: 'Carol Diaz', address: 'carol@contoso.example' },
} as const satisfies Record<string, PagePerson>;
export type Player = keyof typeof cast;
export const players = Object.keys(cast) as Player[];

const stranger: PagePerson = { name: 'Maria Rossi', address: 'maria@fabrikam.example' };
const erin: PagePerson = { name: 'Erin Walsh', address: 'erin@contoso.example' };
export const listLength = 5_000;

export interface Roles {
  readonly author: string;
  readonly editor: string;
  readonly owner: string;
}

export const sources = ['page', 'members', 'group', 'chosen'] as const;
export type Source = (typeof sources)[number];

/** Whom the web part is about; `crowd` are colleagues of the demo organisation. */
export function peopleOf(
  source: Source,
  crowd: readonly PagePerson[],
  chosen: string,
  roles: Roles,
): PagePerson[] {
  const { alice, bob, carol } = cast;
  if (source === 'page')
    return [
      { ...carol, role: roles.author },
      { ...bob, role: roles.editor },
      { ...alice, role: roles.editor },
      { ...erin, role: roles.editor },
    ];
  if (source === 'members')
    return [{ ...carol, role: roles.owner }, alice, bob, erin, stranger, ...crowd.slice(0, 8)];
  if (source === 'group') return [...crowd];
  return chosen
    .split(/[\n;,]+/)
    .map((address) => ({ name: '', address: address.trim() }))
    .filter(({ address }) => address !== '');
}

export interface Task {
  readonly number: number;
  readonly word: number;
  readonly people: readonly PagePerson[];
  readonly dueInDays: number;
  readonly state: number;
}

/** Row by row the same at each visit: one person, now and then two or three. */
export function taskAt(index: number, crowd: readonly PagePerson[]): Task {
  const all: readonly PagePerson[] = [cast.bob, cast.alice, cast.carol, erin, stranger, ...crowd];
  const many = index % 7 === 2 ? 3 : index % 3 === 1 ? 2 : 1;
  const people = Array.from(
    { length: many },
    (_, nth) => all[(index * 5 + nth * 11) % all.length] as PagePerson,
  );
  return {
    number: index + 1,
    word: index % 6,
    people: [...new Set(people)],
    dueInDays: ((index * 13) % 45) - 5,
    state: (index * 7) % 3,
  };
}

export const sections = ['none', 'neutral', 'soft', 'strong', 'dark'] as const;
export type Section = (typeof sections)[number];

/** What SharePoint hands to a web part in a section of that background, in the names of Fluent UI 8. */
export const sectionThemes: Readonly<Record<Section, PageTheme>> = {
  none: {
    isDark: false,
    colours: { bodyBackground: '#ffffff', bodyText: '#323130', bodySubtext: '#605e5c' },
  },
  neutral: {
    isDark: false,
    colours: { bodyBackground: '#faf9f8', bodyText: '#323130', bodySubtext: '#605e5c' },
  },
  soft: {
    isDark: false,
    colours: { bodyBackground: '#eff6fc', bodyText: '#323130', bodySubtext: '#4f4d4b' },
  },
  strong: {
    isDark: true,
    colours: {
      bodyBackground: '#0f548c',
      bodyText: '#ffffff',
      bodySubtext: '#eff6fc',
      bodyDivider: '#5c8db5',
      link: '#ffffff',
      primaryButtonBackground: '#ffffff',
      primaryButtonBackgroundHovered: '#eff6fc',
      primaryButtonText: '#0f548c',
      inputBorder: '#a6c4dc',
      listItemBackgroundHovered: '#0c4370',
    },
  },
  dark: {
    isDark: true,
    colours: {
      bodyBackground: '#1b1a19',
      bodyText: '#f3f2f1',
      bodySubtext: '#d2d0ce',
      bodyDivider: '#484644',
    },
  },
};
