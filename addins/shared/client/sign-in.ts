/**
 * Signing in where people have accounts elsewhere: the page goes out to the identity provider and comes back
 * with a one-time code, which only this client can exchange, for it alone has the verifier. Bearer and renewal
 * live in memory; what outlasts the way out and back is the verifier, in this tab's own storage, until used.
 */
import type { PersonName } from '../../../server/protocol/contacts.ts';
import type { Problem } from '../../../server/protocol/problems.ts';
import { ApiFailure, type FailureCode } from './problem.ts';
import type { SignedIn } from './session.ts';

/** What `GET /config` says of signing in. */
export interface AuthConfig {
  readonly mode: string;
  /** Where a browser begins; absent where there is no sign-in by browser. */
  readonly signInUrl?: string;
  /** Where a mailbox on Exchange Server signs its person in; absent where that is off. */
  readonly exchangeUrl?: string;
  /** Microsoft Entra ID: what nested app authentication needs. */
  readonly authority?: string;
  readonly clientId?: string;
  readonly scopes?: readonly string[];
}

interface SessionAnswer {
  readonly access_token: string;
  readonly expiresAt: string;
  readonly renewal: string;
  readonly person: PersonName;
}

const verifierKey = 'jellybean:verifier';
/** Renewed so long before its end, or at half its life where it is short. */
const dueBeforeEndMs = 120_000;

export async function authConfig(baseUrl: string): Promise<AuthConfig> {
  let response: Response;
  try {
    response = await fetch(`${baseUrl}/api/v1/config`, { cache: 'no-store', credentials: 'omit' });
  } catch {
    throw new ApiFailure('unreachable', 0, null);
  }
  if (!response.ok) throw new ApiFailure('internal', response.status, null);
  return ((await response.json()) as { auth: AuthConfig }).auth;
}

/** A secret of this client, and what it may show of it (RFC 7636, S256). */
export async function createVerifier(): Promise<{ verifier: string; challenge: string }> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Leaves the page for the provider; `returnTo` is where it comes back to. */
export async function leaveToSignIn(storage: Storage, returnTo: string): Promise<void> {
  const { verifier, challenge } = await createVerifier();
  storage.setItem(verifierKey, verifier);
  location.assign(`/signin/start?${new URLSearchParams({ challenge, return: returnTo })}`);
}

/** What the address of a page that somebody came back to says: a code, a failure, or nothing. */
export function arrivalIn(hash: string): { code: string } | { failed: string } | null {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const code = parameters.get('signin');
  if (code !== null) return { code };
  const failed = parameters.get('signin-error');
  return failed === null ? null : { failed };
}

/**
 * Finishes on the page that somebody came back to: takes the code out of the address before anything else
 * sees it, and exchanges it. Null where nobody came back; throws `sign-in-expired` where the code is not for
 * this tab.
 */
export async function finishSignIn(storage: Storage): Promise<SignedIn | { failed: string } | null> {
  const arrival = arrivalIn(location.hash);
  if (arrival === null) return null;
  history.replaceState(null, '', location.pathname + location.search);
  const verifier = storage.getItem(verifierKey);
  storage.removeItem(verifierKey);
  if ('failed' in arrival) return arrival;
  if (verifier === null) throw new ApiFailure('sign-in-expired', 422, null);
  return exchangeCode('', arrival.code, verifier);
}

/** Exchanges a one-time code for a session that renews itself. */
export async function exchangeCode(
  baseUrl: string,
  code: string,
  verifier: string,
  now: () => number = Date.now,
): Promise<SignedIn> {
  let answer = await post<SessionAnswer>(baseUrl, 'token', { code, verifier });
  let gotAt = now();
  let renewing: Promise<void> | null = null;

  /** One renewal at a time: the provider takes a second use of the same one for theft. */
  function renewOnce(): Promise<void> {
    renewing ??= post<SessionAnswer>(baseUrl, 'renew', { renewal: answer.renewal })
      .then((next) => {
        answer = next;
        gotAt = now();
      })
      .finally(() => {
        renewing = null;
      });
    return renewing;
  }
  const isDue = () => {
    const end = Date.parse(answer.expiresAt);
    return end - now() < Math.min(dueBeforeEndMs, (end - gotAt) / 2);
  };

  return {
    person: answer.person as SignedIn['person'],
    session: {
      async token(renew) {
        if (renew || isDue())
          await renewOnce().catch((error: unknown) => {
            if (renew) throw error;
          });
        return answer.access_token;
      },
      async renew(force) {
        if (!force && !isDue()) return false;
        const before = answer.access_token;
        await renewOnce();
        return answer.access_token !== before;
      },
      async end() {
        await post(baseUrl, 'end', { renewal: answer.renewal }).catch(() => {});
      },
    },
  };
}

async function post<Answer>(baseUrl: string, what: string, body: object): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${baseUrl}/api/v1/session/${what}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      keepalive: what === 'end',
    });
  } catch {
    throw new ApiFailure('unreachable', 0, null);
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer;
  const problem = (await response.json().catch(() => null)) as Problem | null;
  throw new ApiFailure((problem?.code as FailureCode | undefined) ?? 'internal', response.status, problem);
}
