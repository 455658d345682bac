/**
 * Who is signed in on this page. The bearer lives in memory only; what is kept is the person's address, in
 * `sessionStorage`, so that a reload stays signed in and two tabs can be two people. Demo sign-in is the
 * first mode; others fill the same interface.
 */
import type { Me, Person } from '../../../server/protocol/contacts.ts';
import type { Problem } from '../../../server/protocol/problems.ts';
import { ApiFailure, type FailureCode } from './problem.ts';

export interface Session {
  /** Gives the bearer, getting a new one when `renew` says that the last was refused, or when it is about to end. */
  token(renew: boolean): Promise<string | null>;
  /** Renews when due (or when forced); resolves to true when there is a token that was not there before. */
  renew(force: boolean): Promise<boolean>;
  /** Ends it on the server, where it is one that can be ended; the bearer is worth nothing after. */
  end?(): Promise<void>;
}

/** The person as sign-in answers them; `GET /me` adds the roles. */
export interface SignedIn {
  session: Session;
  person: Person | Me;
}

const dueBeforeEndMs = 120_000;

/** Signs in as somebody of the demo organisation (contract §9). */
export async function signInDemo(
  baseUrl: string,
  user: string,
  send: typeof fetch = globalThis.fetch.bind(globalThis),
  now: () => number = Date.now,
): Promise<SignedIn> {
  async function request(): Promise<{ access_token: string; expiresAt: string; person: Person }> {
    let response: Response;
    try {
      response = await send(`${baseUrl}/api/v1/demo/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ user }),
        cache: 'no-store',
        credentials: 'omit',
      });
    } catch {
      throw new ApiFailure('unreachable', 0, null);
    }
    if (response.ok) return response.json();
    const problem = (await response.json().catch(() => null)) as Problem | null;
    throw new ApiFailure((problem?.code as FailureCode | undefined) ?? 'internal', response.status, problem);
  }

  let answer = await request();
  let renewing: Promise<void> | null = null;
  const person = answer.person;

  /** Several calls that find the token too old wait for one renewal. */
  function renewOnce(): Promise<void> {
    renewing ??= request()
      .then((next) => {
        answer = next;
      })
      .finally(() => {
        renewing = null;
      });
    return renewing;
  }
  const isDue = () => Date.parse(answer.expiresAt) - now() < dueBeforeEndMs;

  return {
    person,
    session: {
      async token(renew) {
        if (renew || isDue()) {
          // Without an answer the old token is as good as none; the call itself will tell.
          await renewOnce().catch((error: unknown) => {
            if (renew) throw error;
          });
        }
        return answer.access_token;
      },
      async renew(force) {
        if (!force && !isDue()) return false;
        const before = answer.access_token;
        await renewOnce();
        return answer.access_token !== before;
      },
    },
  };
}

const rememberedKey = 'jellybean:user';

/** The address under which this tab last signed in, or null. */
export function rememberedUser(storage: Storage | null): string | null {
  try {
    return storage?.getItem(rememberedKey) ?? null;
  } catch {
    return null;
  }
}

/** Keeps the address for this tab, or forgets it with null. */
export function rememberUser(storage: Storage | null, user: string | null): void {
  try {
    if (user === null) storage?.removeItem(rememberedKey);
    else storage?.setItem(rememberedKey, user);
  } catch {
    // A browser without storage asks again after a reload.
  }
}
