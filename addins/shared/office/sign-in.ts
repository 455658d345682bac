/**
 * Signing in from a pane: silently through the host where it can (by the mailbox on Exchange Server, or nested
 * app authentication, loaded only then, for it is larger than the pane itself), else by the host's dialog, which hands back a one-time code
 * and never a token.
 */
import type { Person } from '../../../server/protocol/contacts.ts';
import { ApiFailure } from '../client/problem.ts';
import type { SignedIn } from '../client/session.ts';
import { type AuthConfig, createVerifier, exchangeCode } from '../client/sign-in.ts';
import { type OfficeApi, supports } from './host.ts';

/** How long before its end a token of the host counts as old. */
const dueBeforeEndMs = 120_000;

/** `link` ties the open mailbox to the person, so that it signs them in from then on; there where that is to be asked. */
export interface PaneSignedIn extends SignedIn {
  readonly link?: () => Promise<void>;
}

/**
 * Signs in by the best way that host and server have. Rejects with ApiFailure. A dialog is opened only where
 * somebody `isAsking` by a press: elsewhere browsers block it, and Office puts a question of its own before it.
 */
export async function signInFromPane(
  office: OfficeApi,
  auth: AuthConfig,
  isAsking = true,
): Promise<PaneSignedIn> {
  if (auth.exchangeUrl !== undefined && office.context.mailbox?.getUserIdentityTokenAsync !== undefined) {
    const { linkMailbox, signInByMailbox } = await import('./mailbox-sign-in.ts');
    try {
      return await signInByMailbox(office, auth.exchangeUrl);
    } catch (error) {
      const isNew = error instanceof ApiFailure && error.code === 'not-linked';
      if (isNew && isAsking && hasDialog(office, auth)) {
        const signedIn = await signInByDialog(office);
        return { ...signedIn, link: () => linkMailbox(office, signedIn) };
      }
      // A mailbox of Microsoft 365 has no such token any more: the other ways are as good.
    }
  }
  if (auth.mode === 'entra' && auth.clientId !== undefined && supports(office, 'nestedAppAuth')) {
    try {
      return await signInNested(auth);
    } catch (error) {
      // Some hosts say that they can and cannot (office-js#6275, #6610): the dialog works there.
      if (auth.signInUrl === undefined) throw error;
    }
  }
  if (!hasDialog(office, auth)) throw new ApiFailure('unauthenticated', 401, null);
  if (!isAsking) throw new ApiFailure('unauthenticated', 0, null);
  return signInByDialog(office);
}

const hasDialog = (office: OfficeApi, auth: AuthConfig): boolean =>
  auth.signInUrl !== undefined && office.context.ui !== undefined;

/** Asks the host, which asks Entra. The token is for our own API; who it is, our server says. */
export async function signInNested(auth: AuthConfig): Promise<SignedIn> {
  const { createNestablePublicClientApplication, InteractionRequiredAuthError } = await import(
    '@azure/msal-browser'
  );
  const client = await createNestablePublicClientApplication({
    auth: { clientId: auth.clientId as string, authority: auth.authority as string },
    // Nothing of it outlives the pane.
    cache: { cacheLocation: 'memoryStorage' },
  });
  const scopes = [...(auth.scopes ?? [])];
  const ask = async (forceRefresh: boolean) => {
    try {
      return await client.acquireTokenSilent({ scopes, forceRefresh });
    } catch (error) {
      if (!(error instanceof InteractionRequiredAuthError)) throw error;
      return client.acquireTokenPopup({ scopes });
    }
  };
  let held = await ask(false);
  const isDue = () => (held.expiresOn?.getTime() ?? 0) - Date.now() < dueBeforeEndMs;
  const session: SignedIn['session'] = {
    async token(renew) {
      if (renew || isDue()) held = await ask(true);
      return held.accessToken;
    },
    async renew(force) {
      if (!force && !isDue()) return false;
      const before = held.accessToken;
      held = await ask(true);
      return held.accessToken !== before;
    },
  };
  const response = await fetch('/api/v1/me', {
    headers: { Authorization: `Bearer ${held.accessToken}` },
    cache: 'no-store',
    credentials: 'omit',
  });
  if (!response.ok)
    throw new ApiFailure('unauthenticated', response.status, await response.json().catch(() => null));
  return { session, person: (await response.json()) as Person };
}

/** What the page of the dialog tells its pane. */
export type DialogMessage = { readonly code: string } | { readonly failed: string };

/** Opens `/signin` in the host's dialog and exchanges the code that it hands back. */
export async function signInByDialog(office: OfficeApi): Promise<SignedIn> {
  const { verifier, challenge } = await createVerifier();
  const url = `${location.origin}/signin?challenge=${challenge}`;
  const message = await new Promise<DialogMessage>((resolve, reject) => {
    const size = { height: 60, width: 30, promptBeforeOpen: false };
    office.context.ui?.displayDialogAsync(url, size, ({ status, value: dialog }) => {
      if (status !== 'succeeded') return reject(new ApiFailure('unauthenticated', 0, null));
      dialog.addEventHandler('dialogMessageReceived', (event) => {
        dialog.close();
        const heard = readMessage(event);
        if (heard === null) reject(new ApiFailure('unauthenticated', 0, null));
        else resolve(heard);
      });
      // Closed by hand, or the host lost it.
      dialog.addEventHandler('dialogEventReceived', () => resolve({ failed: 'cancelled' }));
    });
  });
  if ('failed' in message) throw new ApiFailure('unauthenticated', 0, null);
  return exchangeCode('', message.code, verifier);
}

/** Takes a code from our own page alone: where the host says where a message is from, it must be us. */
function readMessage(event: { message?: string; origin?: string }): DialogMessage | null {
  if (event.origin !== undefined && event.origin !== location.origin) return null;
  try {
    const { code, failed } = JSON.parse(event.message ?? '') as { code?: unknown; failed?: unknown };
    if (typeof code === 'string') return { code };
    return typeof failed === 'string' ? { failed } : null;
  } catch {
    return null;
  }
}

/** The dialog's side: hands the message to the pane that opened it, and to no page of another origin. */
export function tellPane(office: OfficeApi, message: DialogMessage): void {
  const text = JSON.stringify(message);
  if (supports(office, 'dialogOrigin'))
    office.context.ui?.messageParent(text, { targetOrigin: location.origin });
  else office.context.ui?.messageParent(text);
}
