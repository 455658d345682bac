import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UserId } from '../../server/domain/ids.ts';
import {
  aggregate,
  defaultAggregationPolicy,
  type PresenceInputs,
  settle,
} from '../../server/domain/presence.ts';
import {
  channelsFor,
  classify,
  classifyEntry,
  type DisclosureClass,
  defaultDisclosurePolicy,
  formatView,
  isSameView,
  personFor,
  type Reachability,
  reachFor,
  type Standing,
  signedOutContent,
  unknownContent,
  type ViewContent,
  viewFor,
} from '../../server/domain/privacy.ts';
import { formatText } from '../../server/domain/sentences.ts';
import { personSchema } from '../../server/protocol/contacts.ts';
import { type Privacy, viewSchema } from '../../server/protocol/presence.ts';
import { availabilities, languages, standardActivities } from '../../server/protocol/vocabulary.ts';
import { at, call, chosen, machine, meeting, minute, noon, nothing } from '../support/presence-cases.ts';

const open: Privacy = { mode: 'open', hideActivity: false, hideLastActive: false };
const reach: Reachability = { email: true, call: true };
const reader = { language: 'en', timeZone: 'UTC' } as const;
const presence = (inputs: Partial<PresenceInputs>) =>
  settle(null, aggregate({ ...nothing, ...inputs }, noon, defaultAggregationPolicy), noon);
const seen = (inputs: Partial<PresenceInputs>, cls: Exclude<DisclosureClass, 'hidden'>, privacy = open) =>
  viewFor(presence(inputs), cls, privacy, reach, defaultDisclosurePolicy);

const rich: Partial<PresenceInputs> = {
  registrations: [at('desk')],
  publications: [machine('desk', 0, { location: 'Building 7' }), meeting()],
  note: { text: 'Call my mobile', setAt: noon, expiresAt: null },
  outOfOffice: { note: 'Back on Monday', from: noon - minute, until: noon + 90 * minute },
};

describe('who is who', () => {
  const standing: Standing = {
    isSelf: false,
    granted: null,
    external: false,
    mode: 'open',
    listed: false,
    watcherHides: false,
  };
  const cases: [string, Partial<Standing>, DisclosureClass][] = [
    ['[PV2] a colleague by default', {}, 'colleague'],
    ['[PV2] external where one of the two is outside', { external: true }, 'external'],
    [
      '[PV2] an explicit relationship wins over the default',
      { external: true, granted: 'workgroup' },
      'workgroup',
    ],
    ['[PV3] blocked is hidden', { granted: 'blocked' }, 'hidden'],
    ['[PV3] contacts-only hides from a stranger', { mode: 'contacts-only' }, 'hidden'],
    ['[PV3] contacts-only shows to a contact', { mode: 'contacts-only', listed: true }, 'colleague'],
    [
      '[PV3] contacts-only hides from a contact classed external',
      { mode: 'contacts-only', listed: true, granted: 'external' },
      'hidden',
    ],
    ['[PV3] reciprocal shows to who shows', { mode: 'reciprocal' }, 'colleague'],
    ['[PV3] reciprocal hides from who hides', { mode: 'reciprocal', watcherHides: true }, 'hidden'],
    ['[PV3] a mode never hides from oneself', { mode: 'contacts-only', isSelf: true }, 'self'],
  ];
  for (const [title, over, cls] of cases)
    test(title, () => {
      expect(classify({ ...standing, ...over })).toBe(cls);
    });
});

describe('views', () => {
  test('[PV1] the workgroup sees manual do-not-disturb as busy for urgent interruptions only', () => {
    const quiet = { registrations: [at('desk')], preferred: chosen('do-not-disturb') };
    expect(seen(quiet, 'workgroup')).toMatchObject({
      availability: 'busy',
      activity: 'urgent-interruptions-only',
    });
    for (const cls of ['external', 'colleague', 'friends-and-family', 'self'] as const)
      expect(seen(quiet, cls).availability, cls).toBe('do-not-disturb');
  });

  test('[PV1] presenting stays do-not-disturb to the workgroup: it was not set by hand', () => {
    const slides = meeting({
      id: 'slides',
      kind: 'application',
      availability: 'do-not-disturb',
      activity: 'presenting',
    });
    expect(seen({ registrations: [at('desk')], publications: [slides] }, 'workgroup')).toMatchObject({
      availability: 'do-not-disturb',
      activity: 'presenting',
    });
  });

  test('[PV2] external sees availability alone', () => {
    expect(seen(rich, 'external')).toEqual({
      availability: 'busy',
      activity: null,
      note: null,
      outOfOffice: null,
      since: null,
      until: null,
      lastActiveAt: null,
      location: null,
      subject: null,
      contact: ['im', 'email'],
    });
  });

  test('[PV2] colleagues see all but what a meeting is about, which the workgroup sees', () => {
    expect(seen(rich, 'colleague')).toMatchObject({
      activity: 'in-a-meeting',
      location: 'Building 7',
      subject: null,
    });
    expect(seen(rich, 'colleague').note?.text).toBe('Back on Monday');
    expect(seen(rich, 'workgroup').subject).toBe('Budget 2027');
    expect(seen(rich, 'friends-and-family').subject).toBeNull();
  });

  test('[PV6] the owner may hide activity and last activity; the moment of going idle hides with it', () => {
    const hidden = { ...open, hideActivity: true, hideLastActive: true };
    expect(seen(rich, 'workgroup', hidden)).toMatchObject({
      availability: 'busy',
      activity: null,
      until: null,
      subject: null,
    });
    const idle = { registrations: [at('desk')], publications: [machine('desk', 7)] };
    expect(seen(idle, 'colleague', hidden)).toMatchObject({ since: null, lastActiveAt: null });
    expect(seen(idle, 'self', hidden).since).toBe(noon - 2 * minute);
  });

  test('[PV7] a coarse organisation shows who is there, and nothing finer', () => {
    const coarse = { ...defaultDisclosurePolicy, coarse: true };
    const idle = presence({ registrations: [at('desk')], publications: [machine('desk', 7)] });
    expect(viewFor(idle, 'friends-and-family', open, reach, coarse)).toMatchObject({
      availability: 'available',
      activity: null,
      since: null,
      lastActiveAt: null,
      location: null,
    });
    expect(viewFor(idle, 'external', open, reach, coarse).availability).toBe('available');
    expect(viewFor(idle, 'self', open, reach, coarse).availability).toBe('available-idle');
  });

  test('[PA14] channels, best first, for every availability; what cannot be used is left out', () => {
    const usable = (availability: (typeof availabilities)[number], absent = false, by = reach) =>
      channelsFor(availability, absent, by).join(' ');
    expect(usable('available')).toBe('im call email');
    expect(usable('available-idle')).toBe('im email call');
    for (const state of ['busy', 'busy-idle', 'be-right-back', 'away'] as const)
      expect(usable(state)).toBe('im email');
    expect(usable('do-not-disturb')).toBe('email');
    expect(usable('offline')).toBe('email im');
    expect(usable('unknown')).toBe('email');
    expect(usable('available', true)).toBe('email im call');
    expect(usable('available', false, { email: true, call: false })).toBe('im email');
    expect(usable('available', false, { email: false, call: false })).toBe('im');
  });
});

describe('blocked and hidden', () => {
  test('[PV3] hidden has the bytes of someone who signed out at that moment', () => {
    const active = presence({ registrations: [at('desk')] });
    const left = settle(active, aggregate(nothing, noon + minute, defaultAggregationPolicy), noon + minute);
    for (const cls of ['colleague', 'external'] as const) {
      const gone = viewFor(left, cls, open, reach, defaultDisclosurePolicy);
      const frozen = { since: noon + minute, lastActiveAt: noon + minute };
      const hidden = signedOutContent(cls, frozen, reach, defaultDisclosurePolicy);
      const bytes = (content: typeof gone) =>
        JSON.stringify(formatView('alice', content, 7, reader, noon + minute, new Map()));
      expect(bytes(hidden)).toBe(bytes(gone));
      expect(isSameView(hidden, gone)).toBe(true);
    }
  });

  test('[PV3] what the organisation withholds from everybody is withheld from the hidden as well', () => {
    const frozen = { since: noon, lastActiveAt: noon };
    for (const policy of [{ coarse: true }, { showLastActive: false }])
      expect(
        signedOutContent('colleague', frozen, reach, { ...defaultDisclosurePolicy, ...policy }),
      ).toMatchObject({ since: null, lastActiveAt: null });
  });
});

describe('people', () => {
  const record = {
    id: 'alice' as UserId,
    displayName: 'Alice Novak',
    address: 'alice@contoso.example',
    addresses: ['alice@contoso.example', 'a.novak@contoso.example'],
    upn: 'alice@contoso.example',
    title: 'Engineer',
    company: 'Contoso',
    department: 'Research',
    office: '7/101',
    phones: { work: '+36 1 1', mobile: '+36 30 2', home: '+36 1 3' },
    managerId: 'carol' as UserId,
    external: false,
    timeZone: 'Europe/Budapest',
    photo: 'a1b2',
  };

  /** Lync's field table (facts §2.2): which class sees what, least first. */
  const table: [string, (person: ReturnType<typeof personFor>) => unknown, DisclosureClass][] = [
    ['title', (person) => person.title, 'external'],
    ['company', (person) => person.company, 'external'],
    ['department', (person) => person.department, 'colleague'],
    ['office', (person) => person.office, 'colleague'],
    ['work phone', (person) => person.phones.work, 'colleague'],
    ['mobile phone', (person) => person.phones.mobile, 'workgroup'],
    ['home phone', (person) => person.phones.home, 'friends-and-family'],
    ['manager', (person) => person.managerId, 'colleague'],
    ['sign-in name', (person) => person.upn, 'colleague'],
    ['time zone', (person) => person.timeZone, 'colleague'],
    ['photo', (person) => person.photo, 'colleague'],
  ];
  const order: DisclosureClass[] = [
    'hidden',
    'external',
    'colleague',
    'workgroup',
    'friends-and-family',
    'self',
  ];
  for (const [field, read, least] of table)
    test(`[CO1] ${field} is shown from ${least} on`, () => {
      for (const cls of order) {
        const person = personFor(record, cls);
        expect(read(person) !== null, cls).toBe(order.indexOf(cls) >= order.indexOf(least));
      }
    });

  test('[CO1] name and address are everybody’s, every key is always there', () => {
    for (const cls of order) {
      const person = personFor(record, cls);
      expect(personSchema.parse(person)).toEqual(person);
      expect(person).toMatchObject({ displayName: 'Alice Novak', address: 'alice@contoso.example' });
      expect(Object.keys(person)).toEqual(Object.keys(personFor(record, 'self')));
    }
  });

  test('[CO1, PV3] modes and blocks hide presence, not the address book: a thinner entry would tell', () => {
    expect(classifyEntry({ isSelf: false, granted: null, external: false })).toBe('colleague');
    expect(classifyEntry({ isSelf: false, granted: 'blocked', external: false })).toBe('colleague');
    expect(classifyEntry({ isSelf: false, granted: 'blocked', external: true })).toBe('external');
  });

  test('[PA14] a number that the class may not see is no way to call', () => {
    const mobileOnly = { ...record, phones: { work: null, mobile: '+36 30 2', home: null } };
    expect(reachFor(mobileOnly, 'colleague').call).toBe(false);
    expect(reachFor(mobileOnly, 'workgroup').call).toBe(true);
  });
});

describe('sentences', () => {
  const content = (over: Partial<ViewContent>): ViewContent => ({ ...unknownContent, ...over });
  const say = (over: Partial<ViewContent>, language: (typeof languages)[number] = 'en', timeZone = 'UTC') =>
    formatText(content(over), { language, timeZone }, noon, new Map());

  test('[PV8] the sentence says the activity and its end by the reader’s clock', () => {
    const meetingNow = {
      availability: 'busy',
      activity: 'in-a-meeting',
      until: noon + 3 * 60 * minute,
    } as const;
    expect(say(meetingNow)).toBe('In a meeting until 15:00');
    expect(say(meetingNow, 'en', 'Europe/Budapest')).toBe('In a meeting until 16:00');
    expect(say(meetingNow, 'de')).toBe('In einer Besprechung bis 15:00');
    expect(say(meetingNow, 'fr')).toBe('En réunion jusqu’à 15:00');
    expect(say(meetingNow, 'zh-Hant')).toBe('會議中，直到 15:00');
    expect(say({ ...meetingNow, subject: 'Budget 2027' })).toBe('In a meeting until 15:00: Budget 2027');
  });

  test('[PV8] tomorrow carries its day, and an absence ends by date, midnight belonging to the day before', () => {
    expect(say({ availability: 'busy', until: noon + 20 * 60 * minute })).toBe('Busy until Tue 08:00');
    const until = Date.UTC(2026, 10, 9);
    expect(say({ availability: 'away', activity: 'out-of-office', outOfOffice: { until, note: null } })).toBe(
      'Out of office until Sun 8 Nov',
    );
    expect(say({ availability: 'available', outOfOffice: { until, note: null } })).toBe(
      'Available, out of office until Sun 8 Nov',
    );
  });

  test('[PV8] every state and activity has its words in every language', () => {
    for (const language of languages) {
      const spoken = new Set([
        ...availabilities.map((availability) => say({ availability }, language)),
        ...standardActivities.map((activity) => say({ availability: 'busy', activity }, language)),
      ]);
      expect(spoken.size).toBeGreaterThanOrEqual(availabilities.length + standardActivities.length - 2);
      for (const sentence of spoken) expect(sentence).toMatch(/^\p{L}/u);
    }
  });

  test('[PV8] a custom activity speaks the reader’s language, else English; one that is gone says the colour', () => {
    const custom = new Map([
      [
        'x-surgery',
        { id: 'x-surgery', availability: 'busy', labels: { en: 'In surgery', de: 'Im OP' } } as const,
      ],
    ]);
    const surgery = content({ availability: 'busy', activity: 'x-surgery' });
    expect(formatText(surgery, { language: 'de', timeZone: 'UTC' }, noon, custom)).toBe('Im OP');
    expect(formatText(surgery, { language: 'fr', timeZone: 'UTC' }, noon, custom)).toBe('In surgery');
    expect(formatText(surgery, { language: 'fr', timeZone: 'UTC' }, noon, new Map())).toBe('Occupé');
  });
});

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

test(`[PV2, PV3] no denied word or moment is ever in the bytes of a view (FUZZ_SEED=${seed})`, () => {
  const canary = 'canary-';
  const moment = Date.UTC(2031, 4, 5, 6, 7, 8, 901);
  fc.assert(
    fc.property(
      fc.record({
        registered: fc.boolean(),
        calls: fc.boolean(),
        preferred: fc.option(fc.constantFrom('available', 'busy', 'do-not-disturb', 'away', 'offline')),
        absent: fc.boolean(),
      }),
      ({ registered, calls, preferred, absent }) => {
        const inputs: PresenceInputs = {
          registrations: registered ? [at('desk')] : [],
          publications: [
            machine('desk', 0, { location: `${canary}location` }),
            meeting({ subject: `${canary}subject`, expiresAt: moment }),
            ...(calls ? [call()] : []),
          ],
          preferred: preferred === null ? null : chosen(preferred, { expiresAt: moment }),
          note: { text: `${canary}note`, setAt: noon, expiresAt: moment },
          outOfOffice: absent ? { note: `${canary}absence`, from: noon - 1, until: moment } : null,
        };
        const bytes = (view: ReturnType<typeof viewFor>) => {
          const wire = formatView('alice', view, 1, reader, noon, new Map());
          expect(viewSchema.parse(wire)).toEqual(wire);
          return JSON.stringify(wire);
        };
        const whole = presence(inputs);
        const external = bytes(viewFor(whole, 'external', open, reach, defaultDisclosurePolicy));
        for (const denied of [canary, '2031', 'meeting', 'desk'])
          expect(external.includes(denied), denied).toBe(false);
        const colleague = bytes(viewFor(whole, 'colleague', open, reach, defaultDisclosurePolicy));
        expect(colleague.includes(`${canary}subject`)).toBe(false);
        if (preferred === 'offline') {
          expect(colleague.includes(`${canary}location`)).toBe(false);
          expect(colleague.includes('call')).toBe(false);
        }
      },
    ),
    { seed, numRuns: 500 },
  );
});
