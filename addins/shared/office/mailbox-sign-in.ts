/**
 * Signing in by the mailbox that Outlook has open, on one's own Exchange Server: Outlook hands out an identity
 * token without asking anybody, and our server knows whose mailbox it is once that person has linked it.
 */
import type { PersonName } from '../../../server/protocol/contacts.ts';
import type { Problem } from '../../../server/protocol/problems.ts';
import { ApiFailure, type FailureCode } from '../client/problem.ts';
import type { SignedIn } from '../client/session.ts';
import type { OfficeApi } from './host.ts';

const dueBeforeEndMs = 120_000;

/** Asks Outlook for a token of the open mailbox; null where it has none to give (Microsoft 365, other hosts). */
export function mailboxToken(office: OfficeApi): Promise<string | null> {
  return new Promise((resolve) => {
    const { mailbox } = office.context;
    if (mailbox?.getUserIdentityTokenAsync === undefined) return resolve(null);
    mailbox.getUserIdentityTokenAsync(({ status, value }) => resolve(status === 'succeeded' ? value : null));
  });
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  return new ApiFailure((problem?.code as FailureCode) ?? 'internal', response.status, problem);
}

/** Signs in with a token; the next ones are asked for as silently. Rejects with ApiFailure, `not-linked` among them. */
export async function signInByMailbox(office: OfficeApi, url: string): Promise<SignedIn> {
  const ask = async () => {
    const token = await mailboxToken(office);
    if (token === null) throw new ApiFailure('unauthenticated', 0, null);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
      credentials: 'omit',
    }).catch(() => null);
    if (response === null) throw new ApiFailure('unreachable', 0, null);
    if (!response.ok) throw await failureOf(response);
    return (await response.json()) as { access_token: string; expiresAt: string; person: PersonName };
  };
  let held = await ask();
  const isDue = () => Date.parse(held.expiresAt) - Date.now() < dueBeforeEndMs;
  return {
    person: held.person as SignedIn['person'],
    session: {
      async token(renew) {
        if (renew || isDue()) held = await ask();
        return held.access_token;
      },
      async renew(force) {
        if (!force && !isDue()) return false;
        held = await ask();
        return true;
      },
    },
  };
}

/** Links the open mailbox to whoever is signed in. Rejects with ApiFailure, `conflict` where it is somebody else's. */
export async function linkMailbox(office: OfficeApi, { session }: SignedIn): Promise<void> {
  const [token, bearer] = [await mailboxToken(office), await session.token(false)];
  const response = await fetch('/api/v1/me/exchange-account', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ token }),
    credentials: 'omit',
  });
  if (!response.ok) throw await failureOf(response);
}
