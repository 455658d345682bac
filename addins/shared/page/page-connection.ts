/**
 * One signed-in client per page and server, however many parts of ours stand on it: whoever comes first opens
 * it, whoever goes last closes it. Kept at the window under a symbol, because a page may have loaded this code
 * more than once (SharePoint bundles each component by itself).
 *
 * Signing in is the page's own bearer where the server takes one (Entra), the demo's where it is a demo, else a
 * window of the server, which hands back a one-time code; a window needs a click, so the state asks for one.
 */
import { createApi } from '../client/api.ts';
import { type Client, createClient, type Notice } from '../client/client.ts';
import { ApiFailure, formatFailure } from '../client/problem.ts';
import { type Session, type SignedIn, signInDemo } from '../client/session.ts';
import { type AuthConfig, authConfig } from '../client/sign-in.ts';
import { currentLocale, pickLanguage, useLanguage } from '../i18n/i18n.ts';
import type { ServerAccess } from './page-api.ts';
import { p } from './page-words.ts';
import { signInByWindow } from './window-sign-in.ts';

/** `ask`: a click on “Sign in” is needed. `failed`: it will not work by itself; the sentence says why. */
export type PageState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'ask'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'ready'; readonly client: Client };

export interface PageConnection {
  state(): PageState;
  subscribe(listener: () => void): () => void;
  /** Notices of the client, such as a conversation that exists now. */
  onNotice(listener: (notice: Notice) => void): () => void;
  /** From a click: opens the window, or tries again what failed. */
  signIn(): void;
  /** This user of it has gone; the last one closes it. */
  release(): void;
}

interface Entry {
  users: number;
  readonly connection: Omit<PageConnection, 'release'>;
  close(): void;
}

/** Raised when what is kept under it changes its shape. */
const registryKey = Symbol.for('jellybean.page-connections.1');
const retryAfterMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

const registry = (): Map<string, Entry> => {
  const holder = globalThis as unknown as Record<symbol, Map<string, Entry> | undefined>;
  const entries = holder[registryKey] ?? new Map<string, Entry>();
  holder[registryKey] = entries;
  return entries;
};

/** Says whether this is an origin that a server can have; the properties of a part are typed by people. */
export const isServerAddress = (server: string): boolean => /^https?:\/\/[^/?#\s]+$/.test(server);

/** Takes part in the page's connection to this server, opening it where nobody has. */
export function connectPage(access: ServerAccess): PageConnection {
  const key = `${access.server} ${access.user.toLowerCase()}`;
  const entries = registry();
  const entry = entries.get(key) ?? openConnection(access);
  entries.set(key, entry);
  entry.users += 1;
  let isReleased = false;
  return {
    ...entry.connection,
    release() {
      if (isReleased) return;
      isReleased = true;
      entry.users -= 1;
      if (entry.users > 0) return;
      entries.delete(key);
      entry.close();
    },
  };
}

/** The words of a bundle are its own, so each part names its languages itself. Resolves when they are there. */
export async function speakLanguages(languages: readonly string[]): Promise<void> {
  await useLanguage(pickLanguage(languages), languages);
}

function openConnection(access: ServerAccess): Entry {
  const listeners = new Set<() => void>();
  const noticed = new Set<(notice: Notice) => void>();
  let state: PageState = { kind: 'connecting' };
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isClosed = false;
  let auth: AuthConfig | null = null;

  function set(next: PageState): void {
    state = next;
    for (const listener of [...listeners]) listener();
  }

  function open({ session, person }: SignedIn): void {
    if (isClosed) return;
    const client = createClient({
      baseUrl: access.server,
      session,
      me: { id: person.id, displayName: person.displayName, address: person.address },
      language: currentLocale,
      storage: openStorage(),
      host: 'sharepoint',
      onNotice: (notice) => {
        for (const listener of noticed) listener(notice);
      },
    });
    set({ kind: 'ready', client });
  }

  async function connect(byClick: boolean, attempt = 0): Promise<void> {
    timer = null;
    if (isClosed) return;
    set({ kind: 'connecting' });
    try {
      // The window must be opened while the click still counts, before anything is waited for.
      if (byClick && auth !== null && wayOf(auth, access) === 'window')
        return open(await signInByWindow(access.server));
      auth ??= await authConfig(access.server);
      const way = wayOf(auth, access);
      if (way === 'bearer') open(await signInByBearer(access, auth));
      else if (way === 'demo') open(await signInDemo(access.server, access.user));
      else if (!isClosed) set({ kind: 'ask', detail: '' });
    } catch (error) {
      if (isClosed) return;
      const isRetryable = error instanceof ApiFailure && error.retryable && error.code !== 'unauthenticated';
      if (isRetryable) {
        set({ kind: 'failed', detail: formatFailure(error) });
        const wait = retryAfterMs[Math.min(attempt, retryAfterMs.length - 1)];
        timer = setTimeout(() => void connect(false, attempt + 1), wait);
      } else if (auth !== null && wayOf(auth, access) === 'window')
        set({ kind: 'ask', detail: windowDetail(error) });
      else set({ kind: 'failed', detail: formatFailure(error) });
    }
  }
  void connect(false);

  return {
    users: 0,
    connection: {
      state: () => state,
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      onNotice(listener) {
        noticed.add(listener);
        return () => noticed.delete(listener);
      },
      signIn() {
        if (state.kind === 'ready' || state.kind === 'connecting') return;
        if (timer !== null) clearTimeout(timer);
        void connect(true);
      },
    },
    close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      if (state.kind === 'ready') state.client.close();
      listeners.clear();
      noticed.clear();
    },
  };
}

/** A window that was closed by hand needs no explanation, one that never opened does. */
function windowDetail(error: unknown): string {
  if (!(error instanceof ApiFailure) || error.code !== 'unauthenticated') return formatFailure(error);
  return error.status === 0 ? p('part.blocked') : '';
}

function wayOf(auth: AuthConfig, access: ServerAccess): 'bearer' | 'demo' | 'window' {
  if (auth.mode === 'demo') return 'demo';
  return auth.mode === 'entra' && access.bearer !== null ? 'bearer' : 'window';
}

/** `api://id/scope` → `api://id`: hosts ask for a resource and get every scope that was granted. */
export function resourceOf(auth: Pick<AuthConfig, 'scopes'>): string {
  return auth.scopes?.[0]?.replace(/\/[^/]*$/, '') ?? '';
}

/** Signs in with the page's own bearer: the host keeps and renews it, we keep the last one in memory. */
async function signInByBearer(access: ServerAccess, auth: AuthConfig): Promise<SignedIn> {
  const ask = access.bearer as NonNullable<ServerAccess['bearer']>;
  const resource = resourceOf(auth);
  let held = await ask(resource, false);
  const session: Session = {
    async token(renew) {
      // The host answers from its own cache while the token is good, so asking is how it stays fresh.
      held = await ask(resource, renew);
      return held;
    },
    async renew(force) {
      const before = held;
      held = await ask(resource, force);
      return held !== before;
    },
  };
  const api = createApi({ baseUrl: access.server, language: currentLocale, token: session.token });
  return { session, person: await api.me() };
}

/** Even naming the storage throws where a browser forbids it. */
function openStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
