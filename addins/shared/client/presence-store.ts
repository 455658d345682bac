/**
 * What is known of people's presence, as a pure reducer: snapshots and events in, one state out. The same
 * state results from a fresh snapshot and from an old one plus the events since. What the connection does
 * not confirm ages: after 10 s it is shown as stale, after 60 s as unknown. Time comes in as an argument.
 */
import type { PresenceView } from '../../../server/protocol/presence.ts';
import type { Availability } from '../../../server/protocol/vocabulary.ts';

interface Known {
  view: PresenceView;
  /** The connection that confirmed it; sequences are only comparable within one. */
  connection: number;
}

export interface PresenceState {
  readonly views: ReadonlyMap<string, Known>;
  readonly connection: number;
  readonly isLive: boolean;
  /** When the last connection ended, epoch ms; null before the first. */
  readonly lostAt: number | null;
}

export type PresenceAction =
  | { type: 'connected' }
  | { type: 'lost'; at: number }
  /** A snapshot, the answer to a query, or one change. */
  | { type: 'views'; views: readonly PresenceView[] }
  /** Everything known is void: the server asked for a fresh start, or somebody else signed in. */
  | { type: 'cleared' };

export type Freshness = 'fresh' | 'stale' | 'unknown';

/** What a screen shows of one person: never a guess, with its age where it is not confirmed. */
export interface Shown {
  availability: Availability;
  /** The last view there was; null when there never was one. Its sentence must not be shown as current when unknown. */
  view: PresenceView | null;
  freshness: Freshness;
  /** Since when this is not confirmed, epoch ms; null while fresh. */
  asOf: number | null;
}

const staleAfterMs = 10_000;
const unknownAfterMs = 60_000;

export const emptyPresence: PresenceState = { views: new Map(), connection: 0, isLive: false, lostAt: null };

export function reducePresence(state: PresenceState, action: PresenceAction): PresenceState {
  switch (action.type) {
    case 'connected':
      return state.isLive ? state : { ...state, isLive: true, connection: state.connection + 1 };
    case 'lost':
      return state.isLive ? { ...state, isLive: false, lostAt: action.at } : state;
    case 'views': {
      const views = new Map(state.views);
      let changed = false;
      for (const view of action.views) {
        const known = views.get(view.id);
        const isOlder = known?.connection === state.connection && known.view.sequence > view.sequence;
        // An answer that was on its way while an event overtook it must not turn the clock back.
        if (isOlder) continue;
        views.set(view.id, { view, connection: state.connection });
        changed = true;
      }
      return changed ? { ...state, views } : state;
    }
    case 'cleared':
      return { ...emptyPresence, connection: state.connection, isLive: state.isLive, lostAt: state.lostAt };
  }
}

const nothingKnown: Shown = { availability: 'unknown', view: null, freshness: 'unknown', asOf: null };

/** Says what may be shown of a person now. */
export function shownOf(state: PresenceState, id: string, now: number): Shown {
  const known = state.views.get(id);
  if (!known) return nothingKnown;
  const isConfirmed = state.isLive && known.connection === state.connection;
  const age = isConfirmed || state.lostAt === null ? 0 : now - state.lostAt;
  if (age >= unknownAfterMs) {
    return { availability: 'unknown', view: known.view, freshness: 'unknown', asOf: state.lostAt };
  }
  return {
    availability: known.view.availability,
    view: known.view,
    freshness: age >= staleAfterMs ? 'stale' : 'fresh',
    asOf: age >= staleAfterMs ? state.lostAt : null,
  };
}

/** Says when a screen must look again although no event came, epoch ms; null when nothing is ageing. */
export function nextAgeing(state: PresenceState, now: number): number | null {
  if (state.isLive || state.lostAt === null) return null;
  const ends = [state.lostAt + staleAfterMs, state.lostAt + unknownAfterMs];
  return ends.find((end) => end > now) ?? null;
}
