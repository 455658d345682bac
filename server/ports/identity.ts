/**
 * Who is calling. Only an adapter behind this port makes a `Principal`, so no route can act for someone
 * who has not been authenticated.
 */
import type { UserId } from '../domain/ids.ts';

/** What an application may be allowed; with `admin`, which people have too, these are all roles there are. */
export const applicationRoles = ['Presence.Read.All', 'Presence.ReadWrite.All', 'Chat.Export'] as const;
export type ApplicationRole = (typeof applicationRoles)[number];

declare const principalBrand: unique symbol;

/** A verified caller. `tokenId` is a digest of the token and safe to log; the token itself is kept nowhere. */
export interface Principal {
  readonly [principalBrand]: true;
  readonly kind: 'person' | 'application';
  readonly userId: UserId;
  readonly roles: ReadonlySet<string>;
  readonly external: boolean;
  readonly tokenId: string;
  /** What signing out ends: all tokens of one sign-in share it. Null where tokens stand alone. */
  readonly sessionId: string | null;
  /** What the account's revocations stood at when the token was verified: another number means that one came since. */
  readonly generation: number;
  /** Epoch ms after which the token is good for nothing. */
  readonly expiresAt: number;
}

/** What something that outlives a request stands on, as it was when its token was verified. */
export type Right = Pick<Principal, 'userId' | 'sessionId' | 'generation'>;
export interface EndedRight<Given extends Right = Right> {
  readonly right: Given;
  readonly reason: 'revoked' | 'disabled';
}

export interface Identity {
  /**
   * Verifies a bearer token and returns its principal. Throws DomainError `unauthenticated`,
   * `token-expired`, `token-revoked`, `disabled` or `not-admitted` (genuine, but nobody here), and
   * `identity-unavailable` or `store-unavailable` while a dependency fails: it never fails open.
   * Verified tokens are remembered by digest until expiry or revocation, so a repeated call is cheap and
   * resolves synchronously (a plain value, not a promise).
   */
  verify(token: string): Principal | Promise<Principal>;
  /**
   * Which of these rights have ended since, asked of the store and not of what this node remembers: once for
   * all their people and once for all their sessions. Throws `store-unavailable`.
   */
  ended<Given extends Right>(rights: readonly Given[]): Promise<readonly EndedRight<Given>[]>;
  /** Makes every token of a person issued so far worthless on all nodes; sign-in stays possible. */
  revoke(userId: UserId): Promise<void>;
  /** Disables or enables a person; a disabled one cannot sign in and their tokens are refused. */
  setDisabled(userId: UserId, disabled: boolean): Promise<void>;
  /** What a client needs to know to sign in, for `GET /config`. */
  describe(): { readonly mode: string; readonly [key: string]: unknown };
}
