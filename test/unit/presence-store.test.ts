/** What a screen knows of presence: events against snapshots, and how unconfirmed knowledge ages. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptyPresence,
  nextAgeing,
  type PresenceAction,
  type PresenceState,
  reducePresence,
  shownOf,
} from '../../addins/shared/client/presence-store.ts';
import type { PresenceView } from '../../server/protocol/presence.ts';
import { availabilities } from '../../server/protocol/vocabulary.ts';

function view(id: string, availability: PresenceView['availability'], sequence: number): PresenceView {
  return {
    id,
    availability,
    activity: null,
    text: availability,
    note: null,
    outOfOffice: null,
    since: null,
    until: null,
    lastActiveAt: null,
    location: null,
    contact: [],
    sequence,
  };
}

const play = (...actions: PresenceAction[]): PresenceState => actions.reduce(reducePresence, emptyPresence);
const noon = Date.UTC(2026, 10, 16, 12);
const bobBusy = { type: 'views', views: [view('bob', 'busy', 3)] } as const;

describe('presence store', () => {
  test('[UI6] nothing is known of somebody never heard of', () => {
    expect(shownOf(play({ type: 'connected' }), 'bob', noon)).toEqual({
      availability: 'unknown',
      view: null,
      freshness: 'unknown',
      asOf: null,
    });
  });

  test.each([
    [0, 'busy', 'fresh', null],
    [9_999, 'busy', 'fresh', null],
    [10_000, 'busy', 'stale', noon],
    [59_999, 'busy', 'stale', noon],
    [60_000, 'unknown', 'unknown', noon],
  ])(
    '[UI6] %i ms after the stream was lost busy is shown as %s, %s',
    (after, availability, freshness, asOf) => {
      const state = play({ type: 'connected' }, bobBusy, { type: 'lost', at: noon });
      expect(shownOf(state, 'bob', noon + after)).toMatchObject({ availability, freshness, asOf });
    },
  );

  test('[UI6] after a reconnect only what was confirmed again is fresh', () => {
    const state = play(
      { type: 'connected' },
      bobBusy,
      { type: 'views', views: [view('carol', 'away', 1)] },
      { type: 'lost', at: noon },
      { type: 'connected' },
      { type: 'views', views: [view('bob', 'available', 4)] },
    );
    expect(shownOf(state, 'bob', noon + 300_000).availability).toBe('available');
    expect(shownOf(state, 'carol', noon + 20_000)).toMatchObject({
      availability: 'away',
      freshness: 'stale',
    });
    expect(shownOf(state, 'carol', noon + 300_000).availability).toBe('unknown');
  });

  test('[UI6] an answer that an event overtook does not turn the clock back', () => {
    const state = play({ type: 'connected' }, bobBusy, {
      type: 'views',
      views: [view('bob', 'available', 2)],
    });
    expect(shownOf(state, 'bob', noon).availability).toBe('busy');
  });

  test('[UI6] sequences of an earlier connection do not outrank a server that began anew', () => {
    const state = play(
      { type: 'connected' },
      bobBusy,
      { type: 'lost', at: noon },
      { type: 'connected' },
      {
        type: 'views',
        views: [view('bob', 'offline', 0)],
      },
    );
    expect(shownOf(state, 'bob', noon).availability).toBe('offline');
  });

  test('[UI6] a screen is told when to look again although no event comes', () => {
    const lost = play({ type: 'connected' }, bobBusy, { type: 'lost', at: noon });
    expect(nextAgeing(lost, noon)).toBe(noon + 10_000);
    expect(nextAgeing(lost, noon + 10_000)).toBe(noon + 60_000);
    expect(nextAgeing(lost, noon + 60_000)).toBeNull();
    expect(nextAgeing(play({ type: 'connected' }), noon)).toBeNull();
  });

  test('[UI6] an old snapshot and the events since equal a fresh snapshot, late answers or not', () => {
    const people = ['alice', 'bob', 'carol'];
    const step = fc.record({
      who: fc.constantFrom(...people),
      availability: fc.constantFrom(...availabilities),
      /** 0 = the event; 1 = a query answered late with the view before it; 2 = the event twice. */
      disturbance: fc.constantFrom(0, 1, 2),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, startAt) => {
        const server = new Map(people.map((id) => [id, view(id, 'unknown', 0)]));
        let client: PresenceState = emptyPresence;
        steps.forEach((one, index) => {
          if (index === Math.min(startAt, steps.length - 1)) {
            client = play({ type: 'connected' }, { type: 'views', views: [...server.values()] });
          }
          const before = server.get(one.who) as PresenceView;
          const after = view(one.who, one.availability, before.sequence + 1);
          server.set(one.who, after);
          if (!client.isLive) return;
          client = reducePresence(client, { type: 'views', views: [after] });
          if (one.disturbance === 1) client = reducePresence(client, { type: 'views', views: [before] });
          if (one.disturbance === 2) client = reducePresence(client, { type: 'views', views: [after] });
        });
        if (!client.isLive) return;
        for (const id of people) expect(shownOf(client, id, noon).view).toEqual(server.get(id));
      }),
      { numRuns: 500 },
    );
  });
});
