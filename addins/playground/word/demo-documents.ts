/** The demo organisation's documents: one thing of everything that a pane must get right, and one with a crowd. */
import { cast, type Player } from '../outlook/demo-mails.ts';
import type { Comment, Paragraph, Run, WordFile, Writer } from './document.ts';

const minuteMs = 60_000;
const text = (...runs: (string | Run)[]): Paragraph => ({
  style: 'text',
  runs: runs.map((run) => (typeof run === 'string' ? { text: run } : run)),
});
const heading = (words: string): Paragraph => ({ style: 'heading', runs: [{ text: words }] });

export const demoDocuments = ['campaign', 'letter', 'crowd'] as const;
export type DemoDocument = (typeof demoDocuments)[number];

/** Makes one of the documents. `crowd` writes the comments of the one that many have read. */
export function demoDocument(
  id: DemoDocument,
  player: Player,
  crowd: readonly Writer[],
  now: number,
): WordFile {
  const at = (minutes: number): Date => new Date(now - minutes * minuteMs);
  // Fixed, for it is part of what names the document to everybody.
  const createdAt = new Date('2026-10-05T08:30:00Z');
  const kept = (name: string) => `https://contoso.sharepoint.example/sites/marketing/${name}`;
  const comment = (
    of: string,
    by: Writer,
    minutes: number,
    words: string,
    replies: Comment['replies'] = [],
  ): Comment => ({
    id: of,
    by,
    at: at(minutes),
    text: words,
    isResolved: false,
    replies,
  });

  if (id === 'letter') {
    return {
      name: 'Letter.docx',
      url: '',
      title: 'Letter to the landlord',
      author: cast[player].name,
      lastAuthor: cast[player].name,
      createdAt,
      comments: [],
      paragraphs: [
        { style: 'title', runs: [{ text: 'Letter to the landlord' }] },
        text('The heating has been off since Monday.'),
      ],
    };
  }
  if (id === 'crowd') {
    return {
      name: 'Handbook.docx',
      url: kept('Handbook.docx'),
      title: 'Staff handbook: everybody’s remarks',
      author: cast.carol.name,
      lastAuthor: cast.bob.name,
      createdAt,
      comments: crowd.map((by, index) => comment(`remark-${index}`, by, index, `Remark ${index + 1}`)),
      paragraphs: [
        { style: 'title', runs: [{ text: 'Staff handbook' }] },
        text({
          text: 'Everybody was asked, and everybody answered.',
          comments: crowd.map((_, index) => `remark-${index}`),
        }),
      ],
    };
  }
  return {
    name: 'Campaign 2027.docx',
    url: kept('Campaign%202027.docx'),
    title: 'Campaign 2027',
    author: cast.alice.name,
    // Two of her colleagues are called so.
    lastAuthor: 'Abigail Edwards',
    createdAt,
    comments: [
      comment(
        'slogan',
        cast.bob,
        50,
        'Is this still the slogan that legal has cleared? I remember a shorter one.',
        [
          {
            id: 'slogan-1',
            by: cast.carol,
            at: at(31),
            text: 'The short one is taken. This one is cleared.',
          },
          { id: 'slogan-2', by: cast.alice, at: at(12), text: 'Then we keep it.' },
        ],
      ),
      comment('agency', cast.noa, 95, 'The agency asks for an answer by Friday.'),
    ],
    paragraphs: [
      { style: 'title', runs: [{ text: 'Campaign 2027' }] },
      text(
        'Responsible: ',
        { text: 'Bob Kovács', field: { tag: 'owner', title: 'Owner' } },
        '. Approved by ',
        {
          text: 'carol@contoso.example',
          field: { tag: 'person:approver', title: 'Approver' },
        },
        '.',
      ),
      heading('The idea'),
      text(
        'One sentence carries it: ',
        { text: '“Good work is never loud.”', comments: ['slogan'] },
        ' Everything else follows from it, ',
        { text: 'from the posters ', change: { kind: 'deleted', by: cast.dave.name } },
        { text: 'from the first film ', change: { kind: 'inserted', by: cast.dave.name } },
        'to the last leaflet.',
      ),
      heading('Who does what'),
      text(
        'The films are made by ',
        { text: 'our agency', comments: ['agency'] },
        '; their contact is ',
        { text: 'Maria Rossi', link: 'mailto:maria@fabrikam.example' },
        '. Questions about the budget go to erin@contoso.example.',
      ),
      text(
        'Translations: ',
        { text: cast.maria.name, link: `mailto:${cast.maria.address}` },
        ' until the end of November.',
      ),
    ],
  };
}
