/**
 * The two addresses of sign-in that a browser visits itself: out to the identity provider and back. They
 * answer redirects only; what a page must know travels in the fragment, which reaches no server and no log.
 */
import { type Request, type Response, Router } from 'express';
import { DomainError } from '../domain/errors.ts';
import type { Completion, SignIn } from '../ports/sign-in.ts';

export interface SignInPagesOptions {
  readonly signIn: SignIn;
  /** Throws `rate-limited` when this caller asks too often. */
  readonly limit: (request: Request) => void;
  /** Whether pages of this origin may have somebody sign in for them: the list of those that may call the API. */
  readonly mayAsk: (origin: string) => boolean;
  readonly onComplete?: (completion: Completion, request: Request) => void;
}

/** A path of ours, never another host's: no `//`, no backslash, no dots to climb, no query. */
const isOwnPath = (path: string): boolean =>
  /^\/[\w.~/-]{0,200}$/.test(path) && !path.includes('//') && !path.includes('..');

export function createSignInPages({ signIn, limit, mayAsk, onComplete }: SignInPagesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });

  router.get('/signin/start', async (request, response) => {
    limit(request);
    const { challenge, return: returnTo = '/' } = request.query;
    if (typeof challenge !== 'string' || !/^[\w-]{43}$/.test(challenge))
      throw new DomainError('invalid-input', 'challenge is missing or no S256 challenge of 43 characters.');
    if (typeof returnTo !== 'string' || !isOwnPath(returnTo))
      throw new DomainError('invalid-input', 'return is not a path of this server.');
    redirect(response, await signIn.begin({ challenge, returnTo: returnTo + askerIn(request, returnTo) }));
  });

  router.get('/signin/callback', async (request, response) => {
    limit(request);
    const at = request.originalUrl.indexOf('?');
    const completion = await signIn.complete(at < 0 ? '' : request.originalUrl.slice(at + 1));
    onComplete?.(completion, request);
    const fragment = 'code' in completion ? `signin=${completion.code}` : `signin-error=${completion.failed}`;
    redirect(response, `${completion.returnTo}#${fragment}`);
  });

  /**
   * @SECURITY A window that a foreign page opened hands its code to that page. Whose that may be is decided here,
   * before anybody signs in, and sealed into the state: whoever is not on the list gets no code at all.
   */
  function askerIn(request: Request, returnTo: string): string {
    const asker = request.query.for;
    if (asker === undefined) return '';
    if (typeof asker !== 'string' || returnTo !== '/signin' || !mayAsk(asker))
      throw new DomainError('forbidden', 'Pages of this origin may not have people sign in here.');
    return `?${new URLSearchParams({ for: asker })}`;
  }

  return router;
}

/** 303: whatever came here, the browser goes on with GET. No referrer, for the callback's address holds a code. */
function redirect(response: Response, location: string): void {
  response
    .status(303)
    .set({ Location: location, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
    .end();
}
