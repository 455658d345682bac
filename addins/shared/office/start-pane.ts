/**
 * Starts a pane in any Office host: theme, language, office.js, sign-in, client, people, screen. A host brings
 * its people source and its actions; everything else is the same everywhere. What goes wrong on the way is
 * said in words on the page, never by a blank one.
 */
import { html, nothing, render } from 'lit';
import { type Client, createClient } from '../client/client.ts';
import { ApiFailure, formatFailure } from '../client/problem.ts';
import { type SignedIn, signInDemo } from '../client/session.ts';
import { type AuthConfig, authConfig } from '../client/sign-in.ts';
import { currentLocale, t } from '../i18n/i18n.ts';
import { speakTo } from '../i18n/page.ts';
import type { PeopleSource } from '../people-source.ts';
import type { HostActions, ItemPane } from '../ui/item-pane.ts';
import '../ui/item-pane.ts';
import { buttonStyles } from '../ui/styles.ts';
import { installTheme, setTheme } from '../ui/theme.ts';
import { followTheme, keepKeyboard, type OfficeApi, startOffice } from './host.ts';
import { signInFromPane } from './sign-in.ts';

export interface PaneHost {
  /** Part of the endpoint's name. */
  readonly name: 'outlook' | 'word' | 'excel';
  createPeople(office: OfficeApi): PeopleSource;
  actions(office: OfficeApi): HostActions;
  /** Somebody is signed in: whatever else runs in this page may use the client. */
  opened?(client: Client): void;
}

/** Who this pane last was: signing in begins before office.js has said it, which saves a third of a second. */
const userKey = 'jellybean:pane-user';
/** In a demo, where nobody has a password, the address of the page may say who it is. */
const demoUser = new URLSearchParams(location.search).get('demo-user');
const retryAfterMs = [1_000, 2_000, 5_000, 10_000] as const;

/** Starts it. Resolves when the screen stands; what comes later comes by itself. */
export async function startPane(host: PaneHost): Promise<void> {
  keepKeyboard();
  installTheme();
  document.adoptedStyleSheets.push(...(buttonStyles.styleSheet ? [buttonStyles.styleSheet] : []));
  const storage = openStorage(() => localStorage);
  const lastUser = demoUser ?? read(storage, userKey);
  const early = lastUser === null ? null : signInDemo('', lastUser).catch(() => null);
  const [started] = await Promise.all([startOffice(), speakTo(navigator.languages)]);
  performance.mark('jellybean-office');
  if (started.kind !== 'host') {
    drawAway(started.kind, host.name);
    return;
  }
  const { office } = started;
  followTheme(office, setTheme);
  await speakTo([office.context.displayLanguage ?? '', ...navigator.languages]);
  const user = office.context.mailbox?.userProfile.emailAddress.toLowerCase() ?? lastUser ?? '';
  const signedIn = (user === lastUser ? await early : null) ?? (await signIn(office, user));
  write(storage, userKey, user);

  const people = host.createPeople(office);
  const pane = document.createElement('jb-item-pane');
  pane.storage = openStorage(() => sessionStorage);
  pane.source = people;
  pane.host = host.actions(office);
  pane.client = openClient(host.name, signedIn, storage, pane);
  host.opened?.(pane.client);
  document.body.replaceChildren(pane);
  performance.mark('jellybean-pane');
}

function openClient(
  host: string,
  { session, person }: SignedIn,
  storage: Storage | null,
  pane: ItemPane,
): Client {
  const client = createClient({
    baseUrl: '',
    session,
    me: { id: person.id, displayName: person.displayName, address: person.address },
    language: currentLocale,
    storage,
    host,
    onNotice: (notice) => pane.notice(notice),
  });
  // A pane is thrown away at any moment: the stream must not outlive it.
  addEventListener('pagehide', () => client.close());
  // Brought back out of the browser's cache it would be a picture of a pane.
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
  return client;
}

/** Signs in as the mailbox's owner; asks who it is where the server does not know them. Goes on until it works. */
async function signIn(office: OfficeApi, user: string): Promise<SignedIn> {
  let asked = user;
  let auth: AuthConfig | null = null;
  let isAsking = false;
  for (let attempt = 0; ; attempt += 1) {
    const byPress = isAsking;
    isAsking = false;
    try {
      auth ??= await authConfig('');
      if (isDemo(auth)) return await signInDemo('', asked);
      const signedIn = await signInFromPane(office, auth, byPress);
      if (signedIn.link !== undefined) await offerLink(signedIn.person.displayName, signedIn.link);
      return signedIn;
    } catch (error) {
      // A dialog that was closed is nobody's failure, and is not opened again by itself.
      const isUnreachable =
        error instanceof ApiFailure && error.retryable && error.code !== 'unauthenticated';
      if (isUnreachable) {
        drawUnreachable();
        await new Promise((resolve) =>
          setTimeout(resolve, retryAfterMs[Math.min(attempt, retryAfterMs.length - 1)]),
        );
      } else if (auth === null || isDemo(auth)) asked = await askWho(asked, formatFailure(error));
      else {
        await askToSignIn(error instanceof ApiFailure && error.status === 0 ? '' : formatFailure(error));
        isAsking = true;
      }
    }
  }
}

const isDemo = (auth: AuthConfig): boolean => auth.mode === 'demo';

/** Asks once whether this mailbox may sign its person in from now on. Who says no is asked at the next sign-in. */
function offerLink(name: string, link: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const ask = (detail: string): void =>
      draw(html`<h1>${t('pane.link')}</h1>
        <p>${t('pane.linkWhy', { name })}</p>
        ${detail === '' ? nothing : html`<p role="alert">${detail}</p>`}
        <p>
          <button class="button primary" @click=${() => link().then(resolve, (error: unknown) => ask(formatFailure(error)))}>${t('pane.linkYes')}</button>
          <button class="button" @click=${() => resolve()}>${t('pane.linkNo')}</button>
        </p>`);
    ask('');
  });
}

/** The host's dialog may be opened only when somebody has pressed a button: browsers block it otherwise. */
function askToSignIn(detail: string): Promise<void> {
  return new Promise((resolve) => {
    draw(html`<h1>${t('signin.button')}</h1>
      <p role="status">${detail === '' ? t('signin.organisation') : t('signin.failed', { detail })}</p>
      <p><button class="button primary" @click=${() => resolve()}>${t('signin.button')}</button></p>
      <p>${webLink()}</p>`);
  });
}

// ---- pages for what goes wrong ----

/** The way on where the pane has none; beside a way on it stands back. */
const webLink = (isOnlyWay = false) =>
  html`<a class="button ${isOnlyWay ? 'primary' : ''}" href="/" target="_blank" rel="noopener">${t('pane.openWeb')}</a>`;

function draw(content: unknown): void {
  document.querySelector('#starting')?.remove();
  render(html`<main class="notice">${content}</main>`, document.body);
}

const applications = { outlook: 'Outlook', word: 'Word', excel: 'Excel' } as const;

function drawAway(kind: 'blocked' | 'no-host', name: PaneHost['name']): void {
  const isBlocked = kind === 'blocked';
  const application = { host: applications[name] };
  draw(html`<img src="/icons/jellybean.svg" alt="" width="40" height="40" />
    <h1>${isBlocked ? t('pane.blocked') : t('pane.noHost', application)}</h1>
    <p>${isBlocked ? t('pane.blockedWhy') : t('pane.noHostWhy', application)}</p>
    <p>
      ${webLink(true)}
      ${isBlocked ? nothing : html`<a class="button" href=${`/playground/${name}`}>${t('pane.openPlayground')}</a>`}
    </p>`);
}

function drawUnreachable(): void {
  draw(html`<h1>${t('connection.lost')}</h1><p role="status">${t('signin.unreachable')}</p>`);
}

/** Only a demo server comes here: it signs in whoever is named, if it knows them. */
function askWho(user: string, detail: string): Promise<string> {
  return new Promise((resolve) => {
    const onSubmit = (event: SubmitEvent): void => {
      event.preventDefault();
      const given = new FormData(event.target as HTMLFormElement).get('user');
      if (typeof given === 'string' && given.trim() !== '') resolve(given.trim());
    };
    draw(html`<h1>${t('pane.notKnown', { address: user })}</h1>
      <p role="status">${t('signin.failed', { detail })}</p>
      <form @submit=${onSubmit}>
        <label>${t('signin.other')} <input name="user" type="email" autocomplete="username" required /></label>
        <button class="button primary">${t('signin.button')}</button>
      </form>
      <p>${webLink()}</p>`);
  });
}

// ---- storage ----

/** Even naming the storage throws where a browser forbids it to frames of others. */
function openStorage(open: () => Storage): Storage | null {
  try {
    return open();
  } catch {
    return null;
  }
}
function read(storage: Storage | null, key: string): string | null {
  try {
    return storage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}
function write(storage: Storage | null, key: string, value: string): void {
  try {
    storage?.setItem(key, value);
  } catch {
    // Next time begins a little slower.
  }
}
