/**
 * `/embed/sign-in`: the window that a click on an unknown icon opens. It says which site asks, signs in on our
 * own origin, and hands the result to our own frames in that site: a message to any other origin is dropped by
 * the browser.
 */

import { formatFailure } from '../shared/client/problem.ts';
import { signInDemo } from '../shared/client/session.ts';
import { arrivalIn, authConfig } from '../shared/client/sign-in.ts';
import { t } from '../shared/i18n/i18n.ts';
import { speakTo } from '../shared/i18n/page.ts';
import { installTheme } from '../shared/ui/theme.ts';
import { parseMessage, type WindowMessage } from './messages.ts';

const demoCast = ['alice', 'bob', 'carol'];
const waitForSiteMs = 1_000;

/** Frames of the page that opened this window; which of them are ours, the target origin decides. */
function tellFrames(message: WindowMessage): void {
  const opened = window.opener as Window | null;
  for (let index = 0; index < (opened?.length ?? 0); index++)
    opened?.[index]?.postMessage(message, location.origin);
}

interface Asker {
  readonly origin: string;
  readonly challenge: string;
}

/** Asks our frame in which site it stands: it knows from the browser, not from the site's own words. */
function siteThatAsks(): Promise<Asker | null> {
  return new Promise((resolve) => {
    addEventListener('message', (event: MessageEvent) => {
      if (event.origin !== location.origin) return;
      const message = parseMessage<WindowMessage>(event.data);
      if (message?.type === 'jellybean.embedded-in') resolve(message);
    });
    tellFrames({ type: 'jellybean.who-embeds' });
    setTimeout(resolve, waitForSiteMs, null);
  });
}

installTheme();
await speakTo(navigator.languages);
document.title = t('embed.signInTitle');
// Back from the identity provider, with what only the frame that began can use.
const arrival = arrivalIn(location.hash);
if (arrival !== null) history.replaceState(null, '', location.pathname);
if (arrival !== null && 'code' in arrival) {
  tellFrames({ type: 'jellybean.code', code: arrival.code });
  close();
}
const [asker, auth] = await Promise.all([siteThatAsks(), authConfig('').catch(() => null)]);
const site = asker?.origin ?? null;
const isDemo = auth === null || auth.mode === 'demo';

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

async function signIn(user: string): Promise<void> {
  failure.textContent = '';
  try {
    const { person } = await signInDemo('', user);
    tellFrames({ type: 'jellybean.signed-in', user: person.address });
    close();
  } catch (error) {
    failure.textContent = t('signin.failed', { detail: formatFailure(error) });
  }
}

const failure = make('div', { role: 'alert' });
const input = make('input', { type: 'email', required: true, autocomplete: 'username', id: 'address' });
const form = make(
  'form',
  {},
  make('label', { htmlFor: 'address' }, t('signin.other')),
  input,
  make('button', { className: 'primary' }, t('signin.button')),
);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn(input.value);
});
const people = make(
  'div',
  { className: 'people' },
  ...demoCast.map((name) => {
    const button = make('button', { type: 'button' }, `${name[0]?.toUpperCase()}${name.slice(1)}`);
    button.addEventListener('click', () => void signIn(`${name}@contoso.example`));
    return button;
  }),
);
/** Out to the provider in this very window; it comes back here. */
function leave(): void {
  const query = new URLSearchParams({ challenge: asker?.challenge ?? '', return: '/embed/sign-in' });
  location.assign(`/signin/start?${query}`);
}
const provider = make('button', { className: 'primary', type: 'button' }, t('signin.button'));
provider.addEventListener('click', leave);
if (arrival !== null && 'failed' in arrival)
  failure.textContent = t('signin.failed', { detail: arrival.failed });
const ways = isDemo
  ? [make('p', {}, t('signin.lead')), people, form]
  : [make('p', {}, t('signin.organisation')), provider];
document
  .querySelector('main')
  ?.append(
    make('img', { src: '/icons/jellybean.svg', alt: '' }),
    make('h1', {}, t('embed.signInTitle')),
    ...(site
      ? [make('p', {}, t('embed.asks', { site })), ...ways, failure]
      : [make('p', { role: 'alert' }, t('embed.nobodyAsks'))]),
  );
