/** The plan of asking Microsoft 365, on a clock that the test moves; the real services, and a Graph that is counted. */
import { describe, expect, test } from 'vitest';
import { plainText } from '../../server/adapters/graph/mailboxes.ts';
import type { UserId } from '../../server/domain/ids.ts';
import { aggregate, defaultAggregationPolicy, type Publication } from '../../server/domain/presence.ts';
import type { PersonRecord } from '../../server/ports/directory.ts';
import { createMailboxes, mailboxPlan } from '../../server/services/mailboxes.ts';
import { teamsPlan } from '../../server/services/teams-presence.ts';
import { createManualClock, noon } from '../support/clock.ts';
import { cpuMsOf } from '../support/cpu-time.ts';
import { simulateDay } from '../support/graph-simulation.ts';

describe('the plan', () => {
  test('[GR20] watched people are read every five minutes, others within the hour, and Graph’s limits are far away', async () => {
    const day = await simulateDay({ people: 800, watched: 100, hours: 3 });
    expect(day.startMinutes).toBeLessThanOrEqual(12);
    expect(day.watchedAgeMinutes).toBeLessThanOrEqual(6);
    expect(day.othersAgeMinutes).toBeLessThanOrEqual(65);
    expect(day.requestsToAMailbox).toBeLessThanOrEqual(20);
    // Two slices of 650 at a time, one round in half a minute.
    expect(day.presenceCallsIn30Seconds).toBeLessThanOrEqual(4);
    expect(mailboxPlan.perCall).toBe(20);
    expect(teamsPlan.perCall).toBe(650);
  });

  test('[GR17] everybody is read again a minute before what is known to begin or end', async () => {
    const clock = createManualClock();
    const minute = 60_000;
    const meeting = { id: '1', startsAt: noon + 30 * minute, endsAt: noon + 45 * minute };
    const readAt: number[] = [];
    const published: (readonly Publication[])[] = [];
    const mailboxes = createMailboxes({
      source: {
        async schedules() {
          readAt.push(Math.round((clock.now() - noon) / minute));
          return [[{ ...meeting, kind: 'busy', isMeeting: true, subject: null }]];
        },
        replies: async () => [null],
        presences: async () => new Map(),
      },
      directory: {
        page: async () => [
          { id: 'a', address: 'a@contoso.example', external: false } as unknown as PersonRecord,
        ],
      },
      presence: { setSource: (_id, _source, items) => void published.push(items) },
      clock,
      isWatched: () => false,
      isSwitchedOff: () => false,
      lease: { take: async () => true, release: async () => {}, everyMs: minute },
      onError: (error) => {
        throw error;
      },
      chance: () => 0,
    });
    mailboxes.start();
    for (let second = 0; second < 100 * 60; second += 1) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // At the start, before the beginning, before the end, and within the hour after that.
    expect(readAt.slice(0, 3)).toEqual([0, 29, 44]);
    expect(readAt).toHaveLength(3);
    expect(published[0]).toMatchObject([
      { id: 'exchange/0', activity: 'in-a-meeting', expiresAt: meeting.endsAt },
    ]);
    expect(mailboxes.timesOf('a' as UserId)).toHaveLength(1);
    await mailboxes.close();
    expect(clock.waiting).toBe(0);
  });

  test('[GR25] who has left is unknown until what was known would have ended, and then is not spoken of', async () => {
    const minute = 60_000;
    for (const [endsAt, last] of [
      [
        noon + 300 * minute,
        [{ id: 'exchange/silent', availability: 'unknown', expiresAt: noon + 300 * minute }],
      ],
      [noon + 30 * minute, []],
    ] as const) {
      const clock = createManualClock();
      const published: (readonly Publication[])[] = [];
      let isHere = true;
      let asked = 0;
      const mailboxes = createMailboxes({
        source: {
          async schedules() {
            asked += 1;
            return [[{ id: '1', startsAt: noon, endsAt, kind: 'busy', isMeeting: true, subject: null }]];
          },
          replies: async () => [null],
          presences: async () => new Map(),
        },
        directory: {
          page: async () => [
            { id: 'a', address: 'a@contoso.example', external: false } as unknown as PersonRecord,
          ],
        },
        presence: { setSource: (_id, _source, items) => void published.push(items) },
        clock,
        isWatched: () => true,
        isSwitchedOff: () => false,
        reaches: () => isHere,
        lease: { take: async () => true, release: async () => {}, everyMs: minute },
        onError: (error) => {
          throw error;
        },
        chance: () => 0,
      });
      const pass = async (minutes: number) => {
        for (let second = 0; second < minutes * 60; second += 5) {
          clock.advance(5_000);
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      mailboxes.start();
      await pass(1);
      expect(published.at(-1)).toMatchObject([{ id: 'exchange/0' }]);
      isHere = false;
      const before = asked;
      await pass(125);
      expect(asked).toBe(before);
      expect(published.at(-1)).toMatchObject(last);
      expect(published.at(-1)).toHaveLength(last.length);
      // Back again, they are read at once.
      isHere = true;
      mailboxes.reached('a' as UserId);
      await pass(1);
      expect(asked).toBeGreaterThan(before);
      await mailboxes.close();
    }
  });

  test('[GR20] when Graph returns after an hour, nobody storms it', async () => {
    const day = await simulateDay({ people: 2_000, watched: 200, hours: 4, awayBetween: [1, 2] });
    // One call for calendars and one for replies in a second, and a round of presence.
    expect(day.callsInASecond).toBeLessThanOrEqual(8);
    expect(day.startMinutes).toBeLessThanOrEqual(12);
  });
});

describe('a source that is silent', () => {
  const silent: Publication = {
    id: 'teams/presence',
    kind: 'application',
    endpoint: null,
    availability: 'unknown',
    activity: null,
    inputAt: null,
    device: null,
    subject: null,
    location: null,
    startsAt: null,
    publishedAt: noon,
    expiresAt: null,
  };
  const nothing = { publications: [], registrations: [], preferred: null, note: null, outOfOffice: null };
  const of = (publications: readonly Publication[], more: object = {}) =>
    aggregate({ ...nothing, publications, ...more }, noon, defaultAggregationPolicy);

  test('[GR19] says nothing beside another, and without one leaves a person unknown, not offline', () => {
    const call: Publication = {
      ...silent,
      id: 'phone',
      kind: 'phone',
      availability: 'busy',
      activity: 'in-a-call',
    };
    expect(of([silent]).availability).toBe('unknown');
    expect(of([]).availability).toBe('offline');
    expect(of([silent, call])).toMatchObject({ availability: 'busy', rule: 'PA6' });
    expect(of([call, silent]).availability).toBe('busy');
    // Who appears offline does, whatever is silent.
    const preferred = { availability: 'offline', activity: null, setAt: noon, expiresAt: null };
    expect(of([silent], { preferred }).availability).toBe('offline');
  });

  test('[GR17] only an automatic reply shows its words; what a calendar item is about stays its owner’s', () => {
    const absence: Publication = {
      ...silent,
      id: 'exchange/0',
      kind: 'calendar',
      availability: 'away',
      activity: 'out-of-office',
      subject: 'Hospital',
    };
    expect(of([absence]).outOfOffice).toEqual({ until: null, note: null });
    expect(
      of([{ ...absence, id: 'exchange/automatic-reply', subject: 'Back on Monday' }]).outOfOffice,
    ).toEqual({ until: null, note: 'Back on Monday' });
  });
});

test('[GR17] an automatic reply becomes plain words in time that grows with its length only', () => {
  expect(plainText('<div>On&nbsp;leave<br>until <b>Monday</b></div><script>alert(1)</script>')).toBe(
    'On leave\nuntil Monday',
  );
  expect(plainText('a &lt;b&gt; &amp;lt; c')).toBe('a <b> &lt; c');
  expect(plainText('<p> </p>')).toBeNull();
  expect(plainText('x'.repeat(900))).toHaveLength(500);
  const hostiles = [
    '<style'.repeat(5_000),
    '<'.repeat(20_000),
    '<style>'.repeat(3_000),
    '&'.repeat(20_000),
    ' \n'.repeat(10_000),
  ];
  const tookMs = cpuMsOf(() => {
    for (const hostile of hostiles) plainText(hostile);
  });
  expect(tookMs).toBeLessThan(5_000);
});
