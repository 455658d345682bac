import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  activityFits,
  availabilityOf,
  bands,
  type CustomActivity,
  numberOf,
} from '../../server/domain/bands.ts';
import { explain } from '../../server/domain/explain.ts';
import type { EndpointId } from '../../server/domain/ids.ts';
import {
  aggregate,
  isSamePresence,
  type PresenceInputs,
  type Publication,
  defaultAggregationPolicy as policy,
  settle,
} from '../../server/domain/presence.ts';
import { whyCodes } from '../../server/domain/why.ts';
import {
  availabilities,
  languages,
  publicationKinds,
  standardActivities,
} from '../../server/protocol/vocabulary.ts';
import {
  at,
  call,
  chosen,
  focus,
  machine,
  meeting,
  minute,
  noon,
  nothing,
  publication,
} from '../support/presence-cases.ts';

const of = (inputs: Partial<PresenceInputs>, now = noon) => aggregate({ ...nothing, ...inputs }, now, policy);
const desk = [at('desk')];

/** title, inputs at noon, availability, activity, rule */
type Case = [
  title: string,
  inputs: Partial<PresenceInputs>,
  availability: string,
  activity: string | null,
  rule: string,
];

const cases: Case[] = [
  ['[PA1] nobody signed in is offline', {}, 'offline', null, 'PA1'],
  ['[PA1] manual available makes nobody present', { preferred: chosen('available') }, 'offline', null, 'PA1'],
  [
    '[PA1] manual do-not-disturb waits for an endpoint',
    { preferred: chosen('do-not-disturb') },
    'offline',
    null,
    'PA1',
  ],
  ['[PA1] a meeting makes nobody present', { publications: [meeting()] }, 'offline', null, 'PA1'],
  [
    '[PA1] a machine without its endpoint makes nobody present',
    { publications: [machine('desk')] },
    'offline',
    null,
    'PA1',
  ],
  [
    '[PA1] a call bound to an endpoint that is gone makes nobody present',
    { publications: [call({ endpoint: 'desk' })] },
    'offline',
    null,
    'PA1',
  ],
  [
    '[PA1] an endpoint whose machine says that it is off is not here',
    { registrations: desk, publications: [machine('desk', 0, { availability: 'offline' })] },
    'offline',
    null,
    'PA1',
  ],
  ['[PA1] a live phone call makes present', { publications: [call()] }, 'busy', 'in-a-call', 'PA6'],
  [
    '[PA1] an application makes present',
    { publications: [publication({ kind: 'application' })] },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA1] a phone alone is nobody at a machine',
    { publications: [publication({ kind: 'phone' })] },
    'away',
    null,
    'PA10',
  ],
  [
    '[PA2] manual offline hides an active machine',
    { registrations: desk, publications: [machine('desk')], preferred: chosen('offline') },
    'offline',
    null,
    'PA2',
  ],
  [
    '[PA2] manual offline hides call and meeting and their words',
    { registrations: desk, publications: [call(), meeting()], preferred: chosen('offline') },
    'offline',
    null,
    'PA2',
  ],
  [
    '[PA3] manual do-not-disturb',
    { registrations: desk, preferred: chosen('do-not-disturb') },
    'do-not-disturb',
    null,
    'PA3',
  ],
  [
    '[PA3] manual do-not-disturb is not lowered by idleness',
    { registrations: desk, publications: [machine('desk', 30)], preferred: chosen('do-not-disturb') },
    'do-not-disturb',
    null,
    'PA3',
  ],
  [
    '[PA3] manual do-not-disturb stands above a call',
    { registrations: desk, publications: [call()], preferred: chosen('do-not-disturb') },
    'do-not-disturb',
    null,
    'PA3',
  ],
  [
    '[PA4] manual be-right-back',
    { registrations: desk, preferred: chosen('be-right-back') },
    'be-right-back',
    null,
    'PA4',
  ],
  [
    '[PA4] manual away beside an active machine',
    { registrations: desk, publications: [machine('desk')], preferred: chosen('away') },
    'away',
    null,
    'PA4',
  ],
  [
    '[PA4] off-work is away with an activity',
    { registrations: desk, preferred: chosen('away', { activity: 'off-work' }) },
    'away',
    'off-work',
    'PA4',
  ],
  [
    '[PA4] manual be-right-back stands above calls',
    { registrations: desk, publications: [call(), focus()], preferred: chosen('be-right-back') },
    'be-right-back',
    null,
    'PA4',
  ],
  [
    '[PA5] presenting is do-not-disturb',
    { registrations: desk, publications: [focus({ activity: 'presenting' })] },
    'do-not-disturb',
    'presenting',
    'PA5',
  ],
  [
    '[PA5] focusing stands above manual available',
    { registrations: desk, publications: [focus()], preferred: chosen('available') },
    'do-not-disturb',
    'focusing',
    'PA5',
  ],
  [
    '[PA5] focusing stands above manual busy',
    { registrations: desk, publications: [focus()], preferred: chosen('busy') },
    'do-not-disturb',
    'focusing',
    'PA5',
  ],
  [
    '[PA5] focusing stands above a call',
    { registrations: desk, publications: [call(), focus()] },
    'do-not-disturb',
    'focusing',
    'PA5',
  ],
  [
    '[PA6] a call is busy',
    { registrations: desk, publications: [machine('desk'), call()] },
    'busy',
    'in-a-call',
    'PA6',
  ],
  [
    '[PA6] a call is never idle',
    { registrations: desk, publications: [machine('desk', 30), call()] },
    'busy',
    'in-a-call',
    'PA6',
  ],
  [
    '[PA6] an application may say it too',
    { registrations: desk, publications: [call({ kind: 'application', activity: 'in-a-conference-call' })] },
    'busy',
    'in-a-conference-call',
    'PA6',
  ],
  [
    '[PA6] a call stands above manual available',
    { registrations: desk, publications: [call()], preferred: chosen('available') },
    'busy',
    'in-a-call',
    'PA6',
  ],
  [
    '[PA7] manual busy with an active machine',
    { registrations: desk, preferred: chosen('busy') },
    'busy',
    null,
    'PA7',
  ],
  [
    '[PA7] manual busy with an idle machine',
    { registrations: desk, publications: [machine('desk', 6)], preferred: chosen('busy') },
    'busy-idle',
    null,
    'PA7',
  ],
  [
    '[PA7] manual busy with a machine left alone',
    { registrations: desk, publications: [machine('desk', 60)], preferred: chosen('busy') },
    'busy-idle',
    null,
    'PA7',
  ],
  [
    '[PA7] manual busy in a meeting says what it is',
    { registrations: desk, publications: [machine('desk'), meeting()], preferred: chosen('busy') },
    'busy',
    'in-a-meeting',
    'PA7',
  ],
  [
    '[PA8] manual available skips the meeting that had begun',
    { registrations: desk, publications: [machine('desk'), meeting()], preferred: chosen('available') },
    'available',
    null,
    'PA8',
  ],
  [
    '[PA8] a later meeting counts',
    {
      registrations: desk,
      publications: [machine('desk'), meeting({ startsAt: noon - minute })],
      preferred: chosen('available', { setAt: noon - 2 * minute }),
    },
    'busy',
    'in-a-meeting',
    'PA9',
  ],
  [
    '[PA8] manual available goes idle',
    { registrations: desk, publications: [machine('desk', 5)], preferred: chosen('available') },
    'available-idle',
    'inactive',
    'PA8',
  ],
  [
    '[PA8] manual available goes away',
    { registrations: desk, publications: [machine('desk', 10)], preferred: chosen('available') },
    'away',
    null,
    'PA8',
  ],
  [
    '[PA9] a meeting makes busy',
    { registrations: desk, publications: [machine('desk'), meeting()] },
    'busy',
    'in-a-meeting',
    'PA9',
  ],
  [
    '[PA9] an appointment is busy without being a meeting',
    { registrations: desk, publications: [machine('desk'), meeting({ activity: null })] },
    'busy',
    null,
    'PA9',
  ],
  [
    '[PA9] a meeting beside an idle machine is busy-idle',
    { registrations: desk, publications: [machine('desk', 7), meeting()] },
    'busy-idle',
    'in-a-meeting',
    'PA9',
  ],
  [
    '[PA9] free and tentative time never enters',
    { registrations: desk, publications: [machine('desk'), meeting({ availability: 'available' })] },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA9] a meeting that has not begun does not count',
    { registrations: desk, publications: [machine('desk'), meeting({ startsAt: noon + minute })] },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA10] an active machine is available',
    { registrations: desk, publications: [machine('desk')] },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA10] a registered endpoint that says nothing is active since its registration',
    { registrations: desk },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA10] and ages from there',
    { registrations: [at('desk', noon - 5 * minute)] },
    'available-idle',
    'inactive',
    'PA10',
  ],
  [
    '[PA10] five minutes without input are idle',
    { registrations: desk, publications: [machine('desk', 5)] },
    'available-idle',
    'inactive',
    'PA10',
  ],
  [
    '[PA10] a second less is not',
    { registrations: desk, publications: [machine('desk', 4.98)] },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA10] ten minutes are away',
    { registrations: desk, publications: [machine('desk', 10)] },
    'away',
    null,
    'PA10',
  ],
  [
    '[PA10] a lock is away at once',
    { registrations: desk, publications: [machine('desk', 0, { availability: 'away' })] },
    'away',
    null,
    'PA10',
  ],
  [
    '[PA10] the most active of two machines counts',
    { registrations: [at('desk'), at('lap')], publications: [machine('desk', 30), machine('lap', 0)] },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA10] a machine that says idle is never taken for active',
    { registrations: desk, publications: [machine('desk', 0, { availability: 'available-idle' })] },
    'available-idle',
    'inactive',
    'PA10',
  ],
  [
    '[PA10] an application that says away is a machine',
    {
      registrations: [at('desk', noon - 20 * minute)],
      publications: [publication({ kind: 'application', availability: 'away' })],
    },
    'away',
    null,
    'PA10',
  ],
  [
    '[PA10] a lock holds for every window on that machine',
    {
      registrations: [at('desk'), at('pane')],
      publications: [
        machine('desk', 1, { availability: 'away', device: 'PC-7' }),
        machine('pane', 1, { device: 'PC-7' }),
      ],
    },
    'away',
    null,
    'PA10',
  ],
  [
    '[PA10] until there is input again after it',
    {
      registrations: [at('desk'), at('pane')],
      publications: [
        machine('desk', 1, { availability: 'away', device: 'PC-7', publishedAt: noon - 2 * minute }),
        machine('pane', 0, { device: 'PC-7' }),
      ],
    },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA10] another machine is not locked with it',
    {
      registrations: [at('desk'), at('lap')],
      publications: [
        machine('desk', 1, { availability: 'away', device: 'PC-7' }),
        machine('lap', 1, { device: 'Surface' }),
      ],
    },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA11] conference call before call',
    { registrations: desk, publications: [call(), call({ id: 'conf', activity: 'in-a-conference-call' })] },
    'busy',
    'in-a-conference-call',
    'PA6',
  ],
  [
    '[PA11] call before meeting',
    { registrations: desk, publications: [meeting(), call()] },
    'busy',
    'in-a-call',
    'PA6',
  ],
  [
    '[PA11] the activity never contradicts the colour: no call under do-not-disturb',
    { registrations: desk, publications: [call(), meeting()], preferred: chosen('do-not-disturb') },
    'do-not-disturb',
    null,
    'PA3',
  ],
  [
    '[PA11] presenting shows under manual do-not-disturb',
    {
      registrations: desk,
      publications: [focus({ activity: 'presenting' }), call()],
      preferred: chosen('do-not-disturb'),
    },
    'do-not-disturb',
    'presenting',
    'PA3',
  ],
  [
    '[PA11] presenting before focusing',
    { registrations: desk, publications: [focus(), focus({ id: 'slides', activity: 'presenting' })] },
    'do-not-disturb',
    'presenting',
    'PA5',
  ],
  [
    '[PA11] off-work before out-of-office',
    {
      registrations: desk,
      preferred: chosen('away', { activity: 'off-work' }),
      outOfOffice: { note: null, from: noon, until: null },
    },
    'away',
    'off-work',
    'PA4',
  ],
  [
    '[PA11] a custom activity that nobody defined is not shown',
    { registrations: desk, preferred: chosen('busy', { activity: 'x-surgery' }) },
    'busy',
    null,
    'PA7',
  ],
  [
    '[PA12] out of office leaves available available',
    { registrations: desk, outOfOffice: { note: 'Back Monday', from: noon, until: null } },
    'available',
    null,
    'PA10',
  ],
  [
    '[PA12] out of office is the activity of who is away',
    {
      registrations: desk,
      publications: [machine('desk', 20)],
      outOfOffice: { note: null, from: noon, until: null },
    },
    'away',
    'out-of-office',
    'PA10',
  ],
  [
    '[PA12] and of who is offline',
    { outOfOffice: { note: null, from: noon - minute, until: null } },
    'offline',
    'out-of-office',
    'PA1',
  ],
  [
    '[PA12] a calendar item out-of-office makes nobody busy',
    { registrations: desk, publications: [meeting({ activity: 'out-of-office' })] },
    'available',
    null,
    'PA10',
  ],
];

describe('aggregation, case by case', () => {
  for (const [title, inputs, availability, activity, rule] of cases)
    test(title, () => {
      expect(of(inputs)).toMatchObject({ availability, activity, rule });
    });

  test('[PA11] a custom activity shows only beside its own availability', () => {
    const surgery: CustomActivity = { id: 'x-surgery', availability: 'busy', labels: { en: 'In surgery' } };
    const custom = new Map([[surgery.id as string, surgery]]);
    const inputs = {
      ...nothing,
      registrations: desk,
      preferred: chosen('busy', { activity: 'x-surgery' as const }),
    };
    expect(aggregate(inputs, noon, { ...policy, custom }).activity).toBe('x-surgery');
    const idle = { ...inputs, publications: [machine('desk', 8)] };
    expect(aggregate(idle, noon, { ...policy, custom })).toMatchObject({
      availability: 'busy-idle',
      activity: null,
    });
    expect(activityFits('x-surgery', 'away', custom)).toBe(false);
  });

  test('[PA12] out of office carries its end and its note, and the note overrides the personal one', () => {
    const result = of({
      registrations: desk,
      note: { text: 'Coffee', setAt: noon, expiresAt: null },
      outOfOffice: { note: 'Back on Monday', from: noon - minute, until: noon + 3 * minute },
    });
    expect(result.outOfOffice).toEqual({ until: noon + 3 * minute, note: 'Back on Monday' });
    expect(result.note).toEqual({
      text: 'Back on Monday',
      kind: 'out-of-office',
      expiresAt: noon + 3 * minute,
    });
    expect(result.nextAt).toBe(noon + 3 * minute);
  });

  test('[PA12] out of office begins and ends by its dates', () => {
    const outOfOffice = { note: null, from: noon, until: noon + minute };
    expect(of({ outOfOffice }, noon - 1).outOfOffice).toBeNull();
    expect(of({ outOfOffice }, noon).outOfOffice).not.toBeNull();
    expect(of({ outOfOffice }, noon + minute).outOfOffice).toBeNull();
  });

  test('[PA2] behind a chosen offline there is no end, no location and no absence bound to an endpoint', () => {
    const hidden = of({
      registrations: desk,
      publications: [
        machine('desk', 0, { location: 'Building 7' }),
        meeting({ id: 'oof', activity: 'out-of-office', endpoint: 'desk' }),
      ],
      preferred: chosen('offline', { expiresAt: noon + minute }),
    });
    expect(hidden).toMatchObject({ until: null, location: null, outOfOffice: null, subject: null });
  });
});

describe('ends, beginnings and the last time seen', () => {
  test('[PA13] until is the earliest known end of what decided', () => {
    const until = (inputs: Partial<PresenceInputs>) => of({ registrations: desk, ...inputs }).until;
    expect(until({ publications: [meeting({ expiresAt: noon + 20 * minute }), meeting({ id: 'b' })] })).toBe(
      noon + 20 * minute,
    );
    expect(until({ preferred: chosen('busy', { expiresAt: noon + 9 * minute }) })).toBe(noon + 9 * minute);
    expect(
      until({ preferred: chosen('busy', { expiresAt: noon + 90 * minute }), publications: [meeting()] }),
    ).toBe(noon + 60 * minute);
    expect(until({ publications: [focus()] })).toBe(noon + 60 * minute);
    expect(until({ preferred: chosen('available', { expiresAt: noon + minute }) })).toBe(noon + minute);
  });

  test('[PA13] the lease of a machine or a call is no end that anyone knows', () => {
    expect(of({ registrations: desk, publications: [machine('desk')] }).until).toBeNull();
    expect(of({ registrations: desk, publications: [call()] }).until).toBeNull();
    const application = focus({ availability: 'available', activity: null });
    expect(of({ publications: [application] })).toMatchObject({ availability: 'available', until: null });
  });

  test('[PA13] since stays while availability and activity do', () => {
    const first = settle(null, of({ registrations: desk }), noon);
    const later = settle(
      first,
      of({ registrations: desk, publications: [machine('desk')] }, noon + minute),
      noon + minute,
    );
    expect(later.since).toBe(noon);
    const busy = settle(
      later,
      of({ registrations: desk, publications: [call()] }, noon + 2 * minute),
      noon + 2 * minute,
    );
    expect(busy.since).toBe(noon + 2 * minute);
  });

  test('[PA13] leaving the active states stamps the last time seen, and idle keeps it', () => {
    const active = settle(null, of({ registrations: desk }), noon);
    expect(active.lastActiveAt).toBeNull();
    const idle = settle(active, of({ registrations: desk }, noon + 5 * minute), noon + 5 * minute);
    expect(idle).toMatchObject({ availability: 'available-idle', lastActiveAt: noon + 5 * minute });
    const away = settle(idle, of({ registrations: desk }, noon + 10 * minute), noon + 10 * minute);
    expect(away).toMatchObject({ availability: 'away', lastActiveAt: noon + 5 * minute });
    const offline = settle(away, of({}, noon + 11 * minute), noon + 11 * minute);
    expect(offline).toMatchObject({
      availability: 'offline',
      lastActiveAt: noon + 5 * minute,
      since: noon + 11 * minute,
    });
  });

  test('[PA13] a presence without a past begins where its sources say', () => {
    const began = (inputs: Partial<PresenceInputs>) =>
      settle(null, of({ registrations: desk, ...inputs }), noon).since;
    expect(began({ publications: [meeting()] })).toBe(noon - 30 * minute);
    expect(began({ preferred: chosen('do-not-disturb', { setAt: noon - 7 * minute }) })).toBe(
      noon - 7 * minute,
    );
    expect(began({ publications: [machine('desk', 7)] })).toBe(noon - 2 * minute);
  });

  test('[PA15] nothing that is known becomes unknown, and no number is made up for it', () => {
    for (const inputs of cases.map(([, inputs]) => inputs))
      expect(of(inputs).availability).not.toBe('unknown');
    expect(numberOf('unknown', null)).toBeNull();
    expect(availabilityOf(Number.NaN)).toBe('unknown');
    expect(availabilityOf(-1)).toBe('unknown');
    expect(availabilityOf(2_999)).toBe('unknown');
  });

  test('[PA11] Lync’s numbers map both ways, and the bands leave no gap', () => {
    const published: [Parameters<typeof numberOf>[0], Parameters<typeof numberOf>[1], number][] = [
      ['available', null, 3_500],
      ['available-idle', 'inactive', 5_000],
      ['busy', null, 6_500],
      ['busy', 'urgent-interruptions-only', 6_900],
      ['busy', 'in-a-conference-call', 7_000],
      ['busy-idle', null, 7_500],
      ['do-not-disturb', 'presenting', 9_500],
      ['be-right-back', null, 12_500],
      ['away', 'off-work', 15_500],
      ['offline', null, 18_500],
    ];
    for (const [availability, activity, value] of published) {
      expect(numberOf(availability, activity)).toBe(value);
      expect(availabilityOf(value)).toBe(availability);
    }
    const ordered = Object.values(bands).sort((a, b) => a.from - b.from);
    for (const [index, band] of ordered.entries()) {
      if (index > 0) expect(band.from).toBe((ordered[index - 1]?.to ?? 0) + 1);
      expect(band.value).toBeGreaterThanOrEqual(band.from);
      expect(band.value).toBeLessThanOrEqual(band.to);
    }
  });
});

describe('explain', () => {
  const reader = { language: 'en', timeZone: 'Europe/Budapest' } as const;
  const told = (inputs: Partial<PresenceInputs>) => {
    const whole = { ...nothing, ...inputs };
    return explain(whole, aggregate(whole, noon, policy), noon, policy, reader);
  };

  test('[PA16] every live source is listed with its reason, and the deciding one first', () => {
    const sources = told({
      registrations: [at('desk'), at('lap', noon - 20 * minute)],
      publications: [
        machine('desk'),
        meeting(),
        call({ endpoint: 'gone' }),
        publication({ id: 'old', expiresAt: noon }),
      ],
      preferred: chosen('available', { setAt: noon - 40 * minute }),
      outOfOffice: { note: null, from: noon, until: null },
    });
    expect(sources.map((source) => [source.kind, source.source, source.decides, source.why.code])).toEqual([
      ['calendar', 'meeting', true, 'calendar-busy-until'],
      ['phone', 'call', false, 'endpoint-not-here'],
      ['machine', 'desk', false, 'outranked-by-calendar'],
      ['out-of-office', 'out-of-office', false, 'out-of-office-only'],
      ['registration', 'lap', false, 'outranked-by-calendar'],
      ['manual', 'manual', false, 'outranked-by-calendar'],
    ]);
    expect(sources[0]?.why).toEqual({
      code: 'calendar-busy-until',
      params: { at: new Date(noon + 60 * minute).toISOString() },
      text: 'Your calendar says that you are busy until 14:00.',
    });
  });

  const reasons: [string, Partial<PresenceInputs>, string, string][] = [
    ['[PA16] manual without an endpoint waits', { preferred: chosen('busy') }, 'manual', 'nobody-here'],
    [
      '[PA16] manual with an end says it',
      { registrations: desk, preferred: chosen('busy', { expiresAt: noon + minute }) },
      'manual',
      'chosen-until',
    ],
    [
      '[PA16] the skipped meeting is named as skipped',
      { registrations: desk, publications: [meeting()], preferred: chosen('available') },
      'meeting',
      'skipped-by-choice',
    ],
    [
      '[PA16] a meeting under manual busy gives the activity',
      { registrations: desk, publications: [meeting()], preferred: chosen('busy') },
      'meeting',
      'gives-activity',
    ],
    [
      '[PA16] a machine under a call',
      { registrations: desk, publications: [machine('desk'), call()] },
      'desk',
      'outranked-by-call',
    ],
    [
      '[PA16] the less active machine names the other',
      { registrations: [at('desk'), at('lap')], publications: [machine('desk', 8), machine('lap', 0)] },
      'desk',
      'less-active',
    ],
    [
      '[PA16] a locked machine',
      { registrations: desk, publications: [machine('desk', 0, { availability: 'away' })] },
      'desk',
      'locked',
    ],
    [
      '[PA16] behind a chosen offline',
      { registrations: desk, publications: [call()], preferred: chosen('offline') },
      'call',
      'behind-offline',
    ],
    [
      '[PA16] free time',
      { registrations: desk, publications: [meeting({ availability: 'available' })] },
      'meeting',
      'free-time',
    ],
    [
      '[PA16] what has not begun',
      { registrations: desk, publications: [meeting({ startsAt: noon + minute })] },
      'meeting',
      'not-started',
    ],
  ];
  for (const [title, inputs, source, code] of reasons)
    test(title, () => {
      expect(told(inputs).find((entry) => entry.source === source)?.why.code).toBe(code);
    });

  test('[PA16] exactly one source decides, save where nobody is here', () => {
    for (const [title, inputs, , , rule] of cases) {
      const deciding = told(inputs).filter((source) => source.decides);
      expect(deciding.length, title).toBe(rule === 'PA1' || title.includes('a phone alone') ? 0 : 1);
    }
  });

  test('[PA16] every reason reads as a sentence in every language, with no parameter left open', () => {
    const seen = new Set<string>();
    for (const language of languages)
      for (const inputs of [...cases.map(([, inputs]) => inputs), ...reasons.map(([, inputs]) => inputs)]) {
        const whole = { ...nothing, ...inputs };
        const result = aggregate(whole, noon, policy);
        for (const { why } of explain(whole, result, noon, policy, { language, timeZone: 'UTC' })) {
          expect(whyCodes).toContain(why.code);
          expect(why.text).toMatch(/[.。]$/);
          expect(why.text).not.toMatch(/[{}…]/);
          seen.add(why.code);
        }
      }
    expect(seen.size).toBeGreaterThan(15);
  });
});

describe('properties', () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  const run = { seed, numRuns: 2_000 };
  const time = fc.integer({ min: -15, max: 15 }).map((minutes) => noon + minutes * minute);
  const endpoints = fc.constantFrom('a', 'b', 'c');
  const arbitrary: fc.Arbitrary<Publication> = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    kind: fc.constantFrom(...publicationKinds),
    endpoint: fc.option(endpoints.map((name) => name as EndpointId)),
    availability: fc.constantFrom(...availabilities.filter((name) => name !== 'unknown')),
    activity: fc.option(fc.constantFrom(...standardActivities)),
    inputAt: fc.option(time),
    device: fc.option(fc.constantFrom('PC-7', 'PC-8')),
    subject: fc.option(fc.constant('Budget')),
    location: fc.option(fc.constantFrom('here', 'there')),
    startsAt: fc.option(time),
    publishedAt: time,
    expiresAt: fc.option(time),
  });
  const inputs: fc.Arbitrary<PresenceInputs> = fc.record({
    publications: fc.uniqueArray(arbitrary, { maxLength: 6, selector: ({ id }) => id }),
    registrations: fc.uniqueArray(
      fc.record({ endpoint: endpoints.map((name) => name as EndpointId), registeredAt: time }),
      { maxLength: 3, selector: ({ endpoint }) => endpoint },
    ),
    preferred: fc.option(
      fc.record({
        availability: fc.constantFrom(
          'available',
          'busy',
          'do-not-disturb',
          'be-right-back',
          'away',
          'offline',
        ),
        activity: fc.option(fc.constantFrom(...standardActivities)),
        setAt: time,
        expiresAt: fc.option(time),
      }),
    ),
    note: fc.option(fc.record({ text: fc.constant('note'), setAt: time, expiresAt: fc.option(time) })),
    outOfOffice: fc.option(fc.record({ note: fc.constant(null), from: time, until: fc.option(time) })),
  });
  const visible = ({ decider, ...rest }: ReturnType<typeof aggregate>) => ({ ...rest, decider: decider?.id });

  test(`[PA11, PA13] the order of the inputs never matters, and once more changes nothing (FUZZ_SEED=${seed})`, () => {
    fc.assert(
      fc.property(inputs, fc.array(fc.nat(), { minLength: 9, maxLength: 9 }), (given, keys) => {
        const shuffle = <Item>(items: readonly Item[]) =>
          items
            .map((item, index) => [keys[index] ?? 0, item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        const shuffled = {
          ...given,
          publications: shuffle(given.publications),
          registrations: shuffle(given.registrations),
        };
        const once = aggregate(given, noon, policy);
        expect(visible(aggregate(shuffled, noon, policy))).toEqual(visible(once));
        const settled = settle(null, once, noon);
        expect(isSamePresence(settle(settled, aggregate(given, noon, policy), noon), settled)).toBe(true);
      }),
      run,
    );
  });

  test(`[PA11] the activity always fits the colour (FUZZ_SEED=${seed})`, () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const { activity, availability } = aggregate(given, noon, policy);
        if (activity !== null) expect(activityFits(activity, availability, policy.custom)).toBe(true);
      }),
      run,
    );
  });

  test(`[PA13] nothing changes by itself before nextAt (FUZZ_SEED=${seed})`, () => {
    fc.assert(
      fc.property(inputs, fc.double({ min: 0, max: 0.999, noNaN: true }), (given, share) => {
        const first = aggregate(given, noon, policy);
        expect(first.nextAt).toBeGreaterThan(noon);
        const horizon = Number.isFinite(first.nextAt) ? first.nextAt : noon + 60 * minute;
        const then = Math.min(noon + Math.floor((horizon - noon) * share), horizon - 1);
        const later = aggregate(given, then, policy);
        expect({ ...visible(later), beganAt: null }).toEqual({ ...visible(first), beganAt: null });
      }),
      run,
    );
  });

  test(`[PA2] behind a chosen offline, all inputs look alike (FUZZ_SEED=${seed})`, () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const hidden = aggregate({ ...given, preferred: chosen('offline') }, noon, policy);
        const gone = aggregate(
          {
            ...given,
            preferred: chosen('offline'),
            registrations: [],
            publications: given.publications.filter((p) => p.endpoint === null && p.kind === 'calendar'),
          },
          noon,
          policy,
        );
        expect(isSamePresence(settle(null, hidden, noon), settle(null, gone, noon))).toBe(true);
      }),
      run,
    );
  });
});
