/** The demo organisation's workbooks: one thing of everything that a pane must get right, and one with a crowd. */
import { cast, type Player } from '../outlook/demo-mails.ts';
import type { Writer } from '../word/document.ts';
import type { Cell, CellComment, Remark, WorkbookFile } from './workbook.ts';

const minuteMs = 60_000;
export const demoWorkbooks = ['budget', 'presence', 'crowd'] as const;
export type DemoWorkbook = (typeof demoWorkbooks)[number];

const row = (...values: (string | number | Cell)[]): Cell[] =>
  values.map((value) => (typeof value === 'object' ? value : { value }));

/** Makes one of the workbooks. `crowd` fills the list of the one that many are on. */
export function demoWorkbook(
  id: DemoWorkbook,
  player: Player,
  crowd: readonly Writer[],
  now: number,
): WorkbookFile {
  const remark = (
    of: string,
    by: Writer,
    minutes: number,
    text: string,
    mentions: readonly Writer[] = [],
  ): Remark => ({
    id: of,
    by,
    at: new Date(now - minutes * minuteMs),
    text,
    mentions,
  });
  const about = {
    author: cast.carol.name,
    lastAuthor: cast[player].name,
    // Fixed, for it is part of what names the workbook to everybody.
    createdAt: new Date('2026-10-05T08:30:00Z'),
    url: `https://contoso.sharepoint.example/sites/finance/${id}.xlsx`,
  };
  if (id === 'presence') {
    const formula = (name: string, argument: string): Cell => ({
      value: '#BUSY!',
      formula: `=JELLYBEAN.${name}(${argument})`,
    });
    const listed = [
      cast.bob,
      cast.carol,
      cast.dave,
      cast.erin,
      cast.noa,
      cast.maria,
      cast.stranger,
      ...crowd,
    ];
    return {
      ...about,
      name: 'On call.xlsx',
      title: 'On call',
      sheet: 'On call',
      comments: [],
      rows: [
        row('Name', 'Address', 'Presence', 'Activity', 'Until', 'Card'),
        ...listed.map(({ name, address }, index) => {
          const cell = `B${index + 2}`;
          const live = formula('PRESENCE', cell);
          // Of the crowd the presence alone: a thousand cards are a thousand questions.
          if (index > 6) return row(name, address, live);
          return row(
            name,
            address,
            live,
            formula('ACTIVITY', cell),
            formula('UNTIL', cell),
            formula('PERSON', cell),
          );
        }),
      ],
    };
  }
  if (id === 'crowd') {
    return {
      ...about,
      name: 'Invitations.xlsx',
      title: 'Invitations',
      sheet: 'Guests',
      comments: [],
      rows: [row('Name', 'Address'), ...crowd.map(({ name, address }) => row(name, address))],
    };
  }
  const comments: CellComment[] = [
    {
      ...remark('travel', cast.bob, 60, `@${cast.alice.name} is travel still too low?`, [cast.alice]),
      row: 2,
      column: 2,
      replies: [remark('travel-1', cast.carol, 20, `@${cast.noa.name} has the newest figures.`, [cast.noa])],
    },
  ];
  return {
    ...about,
    name: 'Budget 2027.xlsx',
    title: 'Budget 2027',
    sheet: 'Budget',
    comments,
    rows: [
      row('Line', 'Owner', 'Amount', 'Due'),
      row('Agency', cast.alice.address, 48_000, 'March'),
      row('Travel', cast.bob.address, 12_500, 'all year'),
      row('Films', cast.carol.address, 96_000, 'June'),
      row(
        'Translations',
        { value: 'María de los Ángeles', link: `mailto:${cast.maria.address}` },
        7_200,
        'November',
      ),
      row('Legal', cast.dave.address, 15_000, 'all year'),
      row('Outside help', 'maria@fabrikam.example; erin@contoso.example', 22_000, 'May'),
      row('Total', '', 200_700, ''),
    ],
  };
}
