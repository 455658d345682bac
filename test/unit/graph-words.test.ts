import { describe, expect, test } from 'vitest';
import { activityBands, bands } from '../../server/domain/bands.ts';
import { fromGraphPair, toGraphPair } from '../../server/domain/graph-words.ts';
import { parseFilter, readODataQuery } from '../../server/http/graph/query.ts';
import { parseDuration, preferredPairs, sessionPairs } from '../../server/protocol/graph.ts';
import { type Activity, type Availability, availabilities } from '../../server/protocol/vocabulary.ts';

const away = { until: null, note: 'on leave' };

describe('presence in Graph’s words', () => {
  test('[GR1] what is said in Graph’s words means the same when it is heard', () => {
    for (const availability of availabilities) {
      const { value } = bands[availability];
      const activities = Object.entries(activityBands)
        .filter(([, [from, to]]) => availability !== 'unknown' && value >= from && value <= to)
        .map(([activity]) => activity as Activity);
      for (const activity of [null, ...activities]) {
        const pair = toGraphPair({ availability, activity, outOfOffice: null });
        // Inactive is what idle says there, and be-right-back has but one word.
        const kept = activity === 'inactive' || availability === 'unknown' ? null : activity;
        expect(fromGraphPair(pair), JSON.stringify(pair)).toEqual({ availability, activity: kept });
      }
    }
  });

  test('[GR1] pairs of both generations are understood in any case', () => {
    const cases: [string, string, Availability, Activity | null][] = [
      ['Available', 'Available', 'available', null],
      ['available', 'outOfOffice', 'available', 'out-of-office'],
      ['Available', 'AvailableInactive', 'available-idle', null],
      ['Busy', 'InAMeeting', 'busy', 'in-a-meeting'],
      ['inAMeeting', 'busy', 'busy', 'in-a-meeting'],
      ['DoNotDisturb', 'Presenting', 'do-not-disturb', 'presenting'],
      ['focusing', 'doNotDisturb', 'do-not-disturb', 'focusing'],
      ['BeRightBack', 'BeRightBack', 'be-right-back', null],
      ['Away', 'BeRightBack', 'be-right-back', null],
      ['Offline', 'OffWork', 'offline', null],
      ['Offline', 'OutOfOffice', 'offline', 'out-of-office'],
      ['PresenceUnknown', 'PresenceUnknown', 'unknown', null],
      ['SomethingNew', 'Busy', 'unknown', null],
    ];
    for (const [availability, activity, ours, why] of cases)
      expect(fromGraphPair({ availability, activity }), `${availability}/${activity}`).toEqual({
        availability: ours,
        activity: why,
      });
    expect(fromGraphPair({})).toEqual({ availability: 'unknown', activity: null });
    for (const pair of [...sessionPairs, ...preferredPairs]) {
      const [availability, activity] = pair.split('/');
      expect(fromGraphPair({ availability, activity }).availability).not.toBe('unknown');
    }
  });

  test('[GR1] out-of-office is told beside every availability, and never instead of one', () => {
    expect(toGraphPair({ availability: 'offline', activity: null, outOfOffice: away })).toEqual({
      availability: 'Offline',
      activity: 'OutOfOffice',
    });
    expect(toGraphPair({ availability: 'available', activity: null, outOfOffice: away }).activity).toBe(
      'OutOfOffice',
    );
    expect(toGraphPair({ availability: 'busy', activity: 'in-a-call', outOfOffice: away }).activity).toBe(
      'InACall',
    );
    expect(toGraphPair({ availability: 'unknown', activity: null, outOfOffice: away }).activity).toBe(
      'PresenceUnknown',
    );
    // What an organisation invented is no word of Graph's.
    expect(toGraphPair({ availability: 'busy', activity: 'x-lab', outOfOffice: null }).activity).toBe('Busy');
  });
});

describe('query options', () => {
  test('[GR7] options are read as OData writes them, and unknown ones are passed over', () => {
    const query = readODataQuery(
      '/users?$search=%22displayName:ann%22%20OR%20%22mail:ann%20b%22&$top=2000&$select=id,%20Mail,id&$count=true&$orderby=x&$expand=manager($levels=max;$select=id)',
    );
    expect(query).toMatchObject({ search: ['ann', 'ann b'], top: 999, count: true, managers: 20 });
    expect([...(query.select ?? [])]).toEqual(['id', 'mail']);
    expect(readODataQuery('/me')).toMatchObject({
      select: null,
      search: [],
      filter: null,
      top: null,
      managers: 0,
    });
    for (const bad of ['/users?$top=0', '/users?$top=-1', '/users?$top=x'])
      expect(() => readODataQuery(bad)).toThrow(/page size/);
  });

  test('[GR7] a filter is understood whole or refused', () => {
    expect(
      parseFilter("startswith(displayName,'O''Br') and (mail eq 'a@b.example' or id in ('1', '2'))"),
    ).toEqual({
      kind: 'and',
      parts: [
        { kind: 'starts', property: 'displayname', value: "O'Br" },
        {
          kind: 'or',
          parts: [
            { kind: 'equals', property: 'mail', values: ['a@b.example'] },
            { kind: 'equals', property: 'id', values: ['1', '2'] },
          ],
        },
      ],
    });
    for (const bad of [
      "displayName ne 'x'",
      "mail eq 'x' and",
      "startswith(mail 'x')",
      "contains(mail,'x')",
      "'x'",
      '(((',
      'id in ()',
      'a;b',
      `${'('.repeat(3_000)}`,
    ])
      expect(() => parseFilter(bad), bad).toThrow(/filter/);
  });

  test('[GR4] durations are ISO 8601', () => {
    expect(parseDuration('PT5M')).toBe(300_000);
    expect(parseDuration('PT1H30M')).toBe(5_400_000);
    expect(parseDuration('P1DT12H')).toBe(36 * 3_600_000);
    for (const bad of ['P', 'PT', '5M', 'PT-5M', 'P1Y', 'PT5', ' PT5M'])
      expect(parseDuration(bad), bad).toBeNull();
  });
});
