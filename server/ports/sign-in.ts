/**
 * Signing in with a browser: out to the identity provider, back with a one-time code, and the code for a
 * bearer. The client proves with its verifier that it is the one that began (RFC 7636 between it and us), so
 * a code that somebody else sees, or plants, is worth nothing. No cookie is involved.
 */
import type { UserId } from '../domain/ids.ts';
import type { PersonRecord } from './directory.ts';

/** What a client holds in memory while somebody is signed in. */
export interface Session {
  readonly token: string;
  /** Epoch ms after which the token is good for nothing. */
  readonly expiresAt: number;
  /** Exchanged for the next session; encrypted, so that a client cannot look into it. */
  readonly renewal: string;
  /** Epoch ms after which nothing renews it: the person signs in again. */
  readonly endsAt: number;
  readonly person: PersonRecord;
}

/** Signing in by the mailbox that is open in Outlook on one's own Exchange Server, without asking anybody. */
export interface MailboxSignIn {
  /**
   * A short bearer, without any role, for the person who has linked the mailbox of this token. There is no
   * renewal: Outlook gives out the next token as silently. Throws `not-linked`, `disabled`,
   * `unauthenticated`, `token-expired`, `identity-unavailable`.
   */
  signIn(token: string): Promise<Pick<Session, 'token' | 'expiresAt' | 'person'>>;
  /** Links the token's mailbox to a person who is signed in; again is no error. Throws `conflict` where it is somebody else's. */
  link(personId: UserId, token: string): Promise<void>;
  /** Ends all links of a person; bearers issued by them end by themselves within minutes. */
  unlink(personId: UserId): Promise<void>;
}

/** How a sign-in came back; `failed` names why in a word that a page has a sentence for. */
export type Completion = { readonly returnTo: string } & (
  | { readonly code: string; readonly person: PersonRecord }
  | { readonly failed: SignInFailure }
);
export type SignInFailure = 'cancelled' | 'expired' | 'not-admitted' | 'disabled' | 'unavailable' | 'failed';

export interface SignIn {
  /**
   * The provider's address to send the browser to. `challenge` is the S256 of the client's verifier;
   * `returnTo` a path of this server. Keeps nothing, so that nobody can fill a memory with it. Throws
   * `invalid-input` or `identity-unavailable`.
   */
  begin(request: { readonly challenge: string; readonly returnTo: string }): Promise<string>;
  /** Takes the provider's answer, the query of the callback. Never throws: the browser must land somewhere. */
  complete(query: string): Promise<Completion>;
  /** Exchanges a one-time code, once and within a minute. Throws `sign-in-expired`, `disabled`. */
  redeem(code: string, verifier: string): Promise<Session>;
  /**
   * A new bearer for somebody who is signed in, after asking the provider (where it allows that) whether
   * they still may. Throws `token-expired`, `token-revoked`, `disabled`, `not-admitted`, `identity-unavailable`.
   */
  renew(renewal: string): Promise<Session>;
  /** Ends a session on every node, whatever is left of its time. Unknown ones are ended already. */
  end(renewal: string): Promise<void>;
}
