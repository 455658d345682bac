/**
 * Follows the presence of addresses for one signed-in person: resolves them, watches them on the stream, ages
 * what is not confirmed. The part of the frame that needs the server.
 */
import { createApi } from '../shared/client/api.ts';
import { createEventStream, type StreamState } from '../shared/client/event-stream.ts';
import {
  emptyPresence,
  nextAgeing,
  type PresenceAction,
  reducePresence,
  shownOf,
} from '../shared/client/presence-store.ts';
import type { SignedIn } from '../shared/client/session.ts';
import {
  createSharedConnection,
  type Locks,
  openBroadcastChannel,
} from '../shared/client/shared-connection.ts';
import { t } from '../shared/i18n/i18n.ts';
import type { EmbedView } from './messages.ts';

export interface Watching {
  watch(addresses: readonly string[]): void;
  close(): void;
}

export interface WatchingOptions {
  readonly signedIn: SignedIn;
  language(): string;
  onViews(views: readonly EmbedView[]): void;
  /** The sign-in has ended for good: revoked, disabled. */
  onEnd(): void;
}

interface Found {
  readonly id: string;
  readonly name: string;
}

/** Longer than any state lasts; renewed with the stream. */
const awaySeconds = 3_600;
const hourSeconds = 3_600;

/** Begins, for somebody who is signed in. */
export function watchAddresses(options: WatchingOptions): Watching {
  const { session, person } = options.signedIn;
  const api = createApi({ baseUrl: '', language: options.language, token: session.token });
  const endpoint = endpointOf(person.id);
  const found = new Map<string, Found | null>();
  let wanted: readonly string[] = [];
  let presence = emptyPresence;
  let told = new Map<string, string>();
  let ageing: ReturnType<typeof setTimeout> | null = null;
  let isClosed = false;

  function viewOf(address: string): EmbedView {
    const one = found.get(address);
    const nothing = { address, availability: 'unknown', isOutOfOffice: false, isStale: false } as const;
    if (one === undefined) return { ...nothing, label: `${address}: ${t('availability.unknown')}` };
    if (one === null) return { ...nothing, label: `${address}: ${t('person.notInDirectory')}` };
    const { availability, freshness, view } = shownOf(presence, one.id, Date.now());
    const isKnown = freshness !== 'unknown' && view !== null;
    const state = isKnown ? view.text : t('availability.unknown');
    return {
      address,
      availability,
      isOutOfOffice: isKnown && view.outOfOffice !== null,
      isStale: freshness === 'stale',
      label: t('person.label', { name: one.name, state }),
    };
  }

  /** Tells what has changed, and comes back when something grows old by itself. */
  function tell(): void {
    if (isClosed) return;
    const next = new Map(wanted.map((address) => [address, JSON.stringify(viewOf(address))]));
    const changed = wanted.filter((address) => next.get(address) !== told.get(address));
    told = next;
    if (changed.length > 0) options.onViews(changed.map(viewOf));
    if (ageing !== null) clearTimeout(ageing);
    const at = nextAgeing(presence, Date.now());
    ageing = at === null ? null : setTimeout(tell, Math.max(50, at - Date.now() + 20));
  }
  function reduce(action: PresenceAction): void {
    presence = reducePresence(presence, action);
    tell();
  }

  function onState(state: StreamState): void {
    if (state.kind === 'live') {
      reduce({ type: 'connected' });
      void resolve();
      // A page that shows icons does not vouch for anybody's presence: it never makes its reader available.
      void api
        .publish(`machine-${endpoint}`, {
          kind: 'machine',
          endpoint,
          availability: 'away',
          idleSeconds: awaySeconds,
          expiresInSeconds: hourSeconds,
        })
        .catch(() => {});
    } else if (state.kind === 'stopped' && state.reason !== 'closed') options.onEnd();
    else reduce({ type: 'lost', at: Date.now() });
  }

  const connection = createSharedConnection({
    scope: `embed:${location.origin}:${person.id}`,
    pageId: crypto.randomUUID(),
    locks: (navigator.locks as Locks | undefined) ?? null,
    openChannel: typeof BroadcastChannel === 'function' ? openBroadcastChannel : null,
    openStream: (given) => createEventStream({ ...given, api, endpoint, renewToken: session.renew }),
    viewsOf: (ids) => ids.flatMap((id) => presence.views.get(id)?.view ?? []),
    onEvent(event) {
      if (event.type === 'presence.snapshot') reduce({ type: 'views', views: event.data.items });
      if (event.type === 'presence.changed') reduce({ type: 'views', views: [event.data] });
    },
    onViews: (views) => reduce({ type: 'views', views }),
    onState,
    onFresh: () => {},
  });

  async function resolve(): Promise<void> {
    const missing = wanted.filter((address) => !found.has(address));
    if (missing.length > 0) {
      const { items } = await api.resolve(missing).catch(() => ({ items: [] }));
      for (const { address, person: one } of items) {
        found.set(address.toLowerCase(), one && { id: one.id, name: one.displayName });
      }
    }
    if (isClosed) return;
    connection.watch(new Set(wanted.flatMap((address) => found.get(address)?.id ?? [])));
    tell();
  }

  return {
    watch(addresses) {
      wanted = addresses;
      void resolve();
    },
    close() {
      isClosed = true;
      connection.close();
      if (ageing !== null) clearTimeout(ageing);
    },
  };
}

/** One name for all pages of a site: they share the stream of one of them, and its publication must be theirs. */
function endpointOf(personId: string): string {
  const key = `jellybean:embed:endpoint:${personId}`;
  const made = `embed-${crypto.randomUUID().slice(0, 8)}`;
  try {
    const kept = localStorage.getItem(key);
    if (kept !== null) return kept;
    localStorage.setItem(key, made);
  } catch {
    // Without storage nothing is shared either.
  }
  return made;
}
