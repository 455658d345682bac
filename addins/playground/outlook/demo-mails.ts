/**
 * The demo organisation's post: one mail or appointment for each thing that a pane must get right. Times are
 * told from now, so that the inbox is never old.
 */
import type { MailboxItem, Mailperson } from './mailbox.ts';

const named = (name: string, local: string): Mailperson => ({ name, address: `${local}@contoso.example` });

export const cast = {
  alice: named('Alice Lindgren', 'alice'),
  bob: named('Bob Kovács', 'bob'),
  carol: named('Carol Diaz', 'carol'),
  dave: named('Dave Osei', 'dave'),
  erin: { ...named('Erin Walsh', 'erin'), type: 'external' },
  /** Distribution lists: one with a list on it, one whose people are nobody's business. */
  launch: named('Launch team', 'launch'),
  board: named('Board', 'board'),
  noa: named('נועה בן־דוד', 'noa.bendavid'),
  maria: named('María de los Ángeles Fernández de Córdoba y Álvarez-Quiñones', 'angeles.fernandez'),
  stranger: { name: 'Maria Rossi', address: 'maria@fabrikam.example', type: 'external' },
} as const satisfies Record<string, Mailperson>;

/** Who can sit before the playground: the people who have something to see. */
export const players = ['alice', 'bob', 'carol'] as const;
export type Player = (typeof players)[number];

const minuteMs = 60_000;

/** Makes the inbox. `colleagues` fill the mail that goes to many. */
export function demoMails(player: Player, colleagues: readonly Mailperson[], now: number): MailboxItem[] {
  const me = cast[player];
  const before = (minutes: number): Date => new Date(now - minutes * minuteMs);
  const halfHour = Math.ceil(now / (30 * minuteMs)) * 30 * minuteMs;

  const mail = (id: string, minutes: number, more: Partial<MailboxItem>): MailboxItem => ({
    id: `${player}-${id}`,
    kind: 'mail',
    mode: 'read',
    subject: id,
    from: cast.bob,
    to: [cast.alice],
    cc: [],
    conversationId: `thread-${id}`,
    // The same in everybody's mailbox, which is what lets two people meet over one mail.
    internetMessageId: `<${id}@playground.contoso.example>`,
    at: before(minutes),
    text: '',
    ...more,
  });

  return [
    mail('budget-2027', 12, {
      subject: 'Budget 2027: last questions',
      to: [cast.alice, cast.carol],
      cc: [cast.erin],
      text: `Hi Alice, hi Carol,

the sheet is complete except for two lines: travel, and the agency in spring. Can we settle both today? I am in meetings until three, but a short chat beside them is fine.

Erin, I have put your figures under “external services”.

Bob`,
    }),
    {
      ...mail('kick-off', 26, {
        subject: 'Campaign kick-off',
        text: 'Bring your three best ideas, and one that is too bold.',
        to: [
          { ...cast.alice, response: 'accepted' },
          { ...cast.carol, response: 'tentative' },
          { ...cast.maria, response: 'accepted' },
        ],
        cc: [{ ...cast.erin, response: 'declined' }],
      }),
      kind: 'appointment',
      at: new Date(halfHour + 60 * minuteMs),
      until: new Date(halfHour + 120 * minuteMs),
      location: 'Room Elderflower',
    },
    mail('fabrikam-contract', 48, {
      subject: 'RE: Contract with Fabrikam',
      from: cast.stranger,
      to: [cast.alice],
      cc: [cast.erin, cast.bob],
      text: `Dear Ms Lindgren,

our legal department has signed. The countersigned copy is on its way to you by courier.

With kind regards
Maria Rossi`,
    }),
    mail('press-release', 95, {
      subject: 'Press release: final check, please',
      from: cast.carol,
      to: [cast.alice, cast.noa, cast.maria],
      cc: [cast.bob],
      text: `Hello all,

the text goes out at four. Noa, are the numbers in the second paragraph still right?

Carol`,
    }),
    mail('town-hall', 140, {
      subject: 'Town hall on Thursday',
      from: cast.carol,
      to: [cast.alice, cast.bob, cast.noa, ...colleagues],
      text: `Dear colleagues,

we meet on Thursday at ten, in the atrium and on screen. Questions are collected until Wednesday evening; the most wanted ones are answered first.

Carol`,
    }),
    mail('launch-plan', 180, {
      subject: 'Launch plan, second draft',
      from: cast.bob,
      to: [cast.launch],
      cc: [cast.maria, cast.board],
      text: `Dear launch team,

the second draft is in the usual place. Sales are on this list from now on, so that nobody hears of dates from a customer.

Bob`,
    }),
    mail('parking', 260, {
      subject: 'Parking behind building 4',
      from: cast.carol,
      sender: cast.dave,
      to: [cast.alice, cast.bob],
      text: `The yard behind building 4 is being repaved on Friday. Please park in the street until noon.

Sent by Dave for Carol`,
    }),
    mail('lunch', 320, {
      subject: 'Lunch?',
      from: cast.dave,
      text: 'The new place by the river has a table at half past twelve. My treat.',
    }),
    mail('answer', 3, {
      subject: 'RE: Budget 2027: last questions',
      mode: 'compose',
      from: me,
      to: [cast.bob].filter((person) => person.address !== me.address),
      cc: [cast.erin],
      conversationId: 'thread-budget-2027',
      text: 'Hi Bob, travel stays as it is.',
    }),
  ];
}
