/**
 * Signing in from a page of another origin by a window of the server: the page's challenge goes out, a one-time
 * code comes back, and only who has the verifier can exchange it. The server opens such a window for origins on
 * its own list alone (`JELLYBEAN_ALLOWED_ORIGINS`), and the code is posted to that origin and to no other.
 */
import { ApiFailure } from '../client/problem.ts';
import type { SignedIn } from '../client/session.ts';
import { createVerifier, exchangeCode } from '../client/sign-in.ts';

/** What the window says to the page that opened it. */
export interface WindowMessage {
  readonly type: 'jellybean.code';
  readonly code?: string;
  readonly failed?: string;
}

const lookEveryMs = 500;
/** A window says its word and closes at once: the word may be heard after the end is seen. */
const lastWordMs = 1_000;

/** Opens the window and waits for its code. Must be called from a click; rejects with ApiFailure. */
export async function signInByWindow(server: string): Promise<SignedIn> {
  // Opened empty and at once: what is awaited first would cost the click, and with it the window.
  const opened = window.open('about:blank', 'jellybean-sign-in', 'popup,width=480,height=640');
  if (opened === null) throw new ApiFailure('unauthenticated', 0, null);
  const { verifier, challenge } = await createVerifier();
  const query = new URLSearchParams({ challenge, return: '/signin', for: location.origin });
  const message = codeFrom(opened, server);
  opened.location.replace(`${server}/signin/start?${query}`);
  const { code } = await message;
  if (code === undefined) throw new ApiFailure('unauthenticated', 401, null);
  return exchangeCode(server, code, verifier);
}

function codeFrom(opened: Window, server: string): Promise<WindowMessage> {
  return new Promise((resolve) => {
    const end = (message: WindowMessage): void => {
      removeEventListener('message', onMessage);
      clearInterval(looking);
      resolve(message);
    };
    const onMessage = (event: MessageEvent<WindowMessage>): void => {
      if (event.origin !== new URL(server).origin || event.data?.type !== 'jellybean.code') return;
      end(event.data);
    };
    // Closed by hand: nobody says anything then.
    const looking = setInterval(() => {
      if (!opened.closed) return;
      clearInterval(looking);
      setTimeout(end, lastWordMs, { type: 'jellybean.code' } satisfies WindowMessage);
    }, lookEveryMs);
    addEventListener('message', onMessage);
  });
}
