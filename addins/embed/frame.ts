/**
 * `/embed`: the hidden frame of our origin in a page of others. Keeps the sign-in of this site and the stream,
 * and tells the page what its icons show. Which pages may hold it is the browser's to enforce: the server
 * answers with `frame-ancestors` of the allow list (`JELLYBEAN_ALLOWED_FRAMES`).
 */

import { type SignedIn, signInDemo } from '../shared/client/session.ts';
import { createVerifier, exchangeCode } from '../shared/client/sign-in.ts';
import { currentLocale, pickLanguage, t, useLanguage } from '../shared/i18n/i18n.ts';
import {
  type EmbedState,
  type EmbedView,
  type FrameMessage,
  largestWatch,
  type PageMessage,
  parseMessage,
  type WindowMessage,
} from './messages.ts';
import { type Watching, watchAddresses } from './watching.ts';

const userKey = 'jellybean:embed:user';

let page: { source: Window; origin: string } | null = null;
let watching: Watching | null = null;
let addresses: readonly string[] = [];

/** Storage of a frame belongs to the site around it: signed in once, for every page of that site. */
function remembered(): string | null {
  try {
    return localStorage.getItem(userKey);
  } catch {
    return null;
  }
}
function remember(user: string | null): void {
  try {
    if (user === null) localStorage.removeItem(userKey);
    else localStorage.setItem(userKey, user);
  } catch {
    // Without storage every page asks anew.
  }
}

function tell(message: FrameMessage): void {
  page?.source.postMessage(message, page.origin);
}
function tellState(state: EmbedState): void {
  tell({ type: 'jellybean.state', state, hint: state === 'signed-in' ? '' : t('embed.signInHint') });
}

/** `user` is remembered for the next page where the server takes people by name alone, which only a demo does. */
async function signIn(begin: Promise<SignedIn>, user: string | null): Promise<void> {
  watching?.close();
  watching = null;
  try {
    watching = watchAddresses({
      signedIn: await begin,
      language: currentLocale,
      onViews: (views: readonly EmbedView[]) => tell({ type: 'jellybean.views', views }),
      onEnd: () => {
        watching = null;
        remember(null);
        tellState('signed-out');
      },
    });
    remember(user);
    tellState('signed-in');
    watching.watch(addresses);
  } catch {
    remember(null);
    tellState('signed-out');
  }
}

/** Kept here and nowhere else; a window that is opened anew gets a new one. */
let verifier = '';
async function answerWindow(window: Window): Promise<void> {
  const made = await createVerifier();
  verifier = made.verifier;
  const answer: WindowMessage = {
    type: 'jellybean.embedded-in',
    origin: page?.origin ?? '',
    challenge: made.challenge,
  };
  window.postMessage(answer, location.origin);
}

addEventListener('message', (event: MessageEvent) => {
  if (event.source === parent && parent !== window) {
    const message = parseMessage<PageMessage>(event.data);
    if (message?.type !== 'jellybean.watch' || !Array.isArray(message.addresses)) return;
    const isFirst = page === null;
    page = { source: parent, origin: event.origin };
    addresses = message.addresses.filter((one) => typeof one === 'string').slice(0, largestWatch);
    watching?.watch(addresses);
    if (isFirst) tellState(watching === null ? 'signed-out' : 'signed-in');
    return;
  }
  // Our own sign-in window: the browser vouches for its origin.
  if (event.origin !== location.origin) return;
  const message = parseMessage<WindowMessage>(event.data);
  if (message?.type === 'jellybean.who-embeds') void answerWindow(event.source as Window);
  else if (message?.type === 'jellybean.signed-in') void signIn(signInDemo('', message.user), message.user);
  else if (message?.type === 'jellybean.code') void signIn(exchangeCode('', message.code, verifier), null);
});

await useLanguage(pickLanguage(navigator.languages), navigator.languages);
const user = remembered();
if (user !== null) void signIn(signInDemo('', user), user);
// The page's origin is not known yet; this message says nothing that a stranger might not hear.
const ready: FrameMessage = { type: 'jellybean.ready' };
if (parent !== window) parent.postMessage(ready, '*');
