/**
 * The OpenID Connect authorization code flow with PKCE, run by this server for the web client and for the
 * sign-in dialog in Office. The protocol and its checks are openid-client's; what is ours is what happens
 * before (a sealed state) and after (a one-time code, a short bearer, renewal).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { JWTPayload } from 'jose';
import * as openid from 'openid-client';
import { DomainError } from '../../domain/errors.ts';
import { toUserId } from '../../domain/ids.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PersonRecord } from '../../ports/directory.ts';
import type { Session, SignIn, SignInFailure } from '../../ports/sign-in.ts';
import type { Store } from '../../ports/store.ts';
import type { Tickets } from '../../ports/tickets.ts';
import type { Provider } from './provider.ts';
import type { Sealing } from './sealing.ts';
import type { SessionTokens } from './session-tokens.ts';
import { digestOf } from './token-cache.ts';

/** Time for typing a password and finding one's phone. */
const stateMs = 10 * 60_000;
/** Time for one redirect and one POST. */
const codeMs = 60_000;

/** Who a genuine ID token speaks of, here. */
export interface SignedIn {
  readonly person: PersonRecord;
  readonly roles: Iterable<string>;
  readonly external: boolean;
}

/** A session as it travels, sealed, between a code or a renewal and the next one. */
interface Sealed extends JWTPayload {
  readonly sub: string;
  readonly sid: string;
  readonly gen: number;
  readonly roles: string[];
  readonly external: boolean;
  readonly endsAt: number;
  readonly refresh: string | null;
  readonly challenge?: string;
}

export interface CodeFlowOptions {
  readonly provider: Provider;
  /** `<base address>/signin/callback`, as registered with the provider. */
  readonly redirectUri: string;
  readonly scope: string;
  readonly identify: (claims: Readonly<Record<string, unknown>>) => Promise<SignedIn>;
  readonly people: (ids: readonly string[]) => Promise<readonly (PersonRecord | null)[]>;
  readonly store: Pick<Store, 'accounts'>;
  readonly tickets: Tickets;
  readonly sealing: Sealing;
  readonly tokens: SessionTokens;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly bearerSeconds: number;
  readonly sessionSeconds: number;
  /** Told of failures that are no person's fault, for the log. */
  readonly onError: (error: unknown) => void;
}

const expired = () =>
  new DomainError('sign-in-expired', 'This sign-in has ended or was used already; begin again.');

export function createCodeFlow(options: CodeFlowOptions): SignIn {
  const { provider, sealing, tickets, tokens, store, clock } = options;

  async function signedIn(
    claims: Readonly<Record<string, unknown>>,
    refresh: string | null,
    earlier: { sid: string; endsAt: number } | null,
  ): Promise<Sealed & { person: PersonRecord }> {
    const { person, roles, external } = await options.identify(claims);
    const { generation, disabled } = await store.accounts.standing(person.id);
    if (disabled) throw new DomainError('disabled', 'This account has been disabled by an administrator.');
    return {
      person,
      sub: person.id,
      sid: earlier?.sid ?? randomBytes(16).toString('base64url'),
      gen: generation,
      roles: [...roles],
      external,
      endsAt: earlier?.endsAt ?? clock.now() + options.sessionSeconds * 1_000,
      refresh,
    };
  }

  /** Bearer and renewal for a session that has just been found good. */
  async function sessionOf(sealed: Sealed, person: PersonRecord): Promise<Session> {
    const { sub, sid, gen, roles, external, endsAt, refresh } = sealed;
    const bearerEnd = Math.min(clock.now() + options.bearerSeconds * 1_000, endsAt);
    const expiresAt = Math.floor(bearerEnd / 1_000) * 1_000;
    return {
      token: await tokens.issue(toUserId(sub), gen, expiresAt, { sid, roles, external }),
      expiresAt,
      renewal: await sealing.seal('renewal', { sub, sid, gen, roles, external, endsAt, refresh }, endsAt),
      endsAt,
      person,
    };
  }

  async function personOf(id: string): Promise<PersonRecord> {
    const [person] = await options.people([id]);
    if (person === null || person === undefined)
      throw new DomainError(
        'not-admitted',
        'The directory of this server does not have this account any more.',
      );
    return person;
  }

  async function mustStand(sealed: Sealed): Promise<void> {
    const { generation, disabled } = await store.accounts.standing(toUserId(sealed.sub));
    if (disabled) throw new DomainError('disabled', 'This account has been disabled by an administrator.');
    if (generation !== sealed.gen || (await tickets.has(endedKey(sealed.sid))))
      throw new DomainError('token-revoked', 'This session has been ended; sign in again.');
  }

  async function opened(renewal: string): Promise<Sealed> {
    const sealed = await sealing.open('renewal', renewal);
    if (sealed === 'expired') throw new DomainError('token-expired', 'The session has ended; sign in again.');
    if (sealed === null)
      throw new DomainError('unauthenticated', 'This is no renewal of this server; sign in again.');
    return sealed as Sealed;
  }

  return {
    async begin({ challenge, returnTo }) {
      const config = await provider.configuration();
      const verifier = openid.randomPKCECodeVerifier();
      const nonce = openid.randomNonce();
      const state = await sealing.seal(
        'state',
        { challenge, returnTo, verifier, nonce },
        clock.now() + stateMs,
      );
      return openid.buildAuthorizationUrl(config, {
        redirect_uri: options.redirectUri,
        scope: options.scope,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).href;
    },

    async complete(query) {
      let returnTo = '/signin';
      try {
        const state = new URLSearchParams(query).get('state') ?? '';
        const begun = await sealing.open('state', state);
        if (begun === null || begun === 'expired') return { returnTo, failed: 'expired' };
        const { challenge, verifier, nonce } = begun as Record<string, string>;
        returnTo = String(begun.returnTo);
        const config = await provider.configuration();
        const answer = await openid.authorizationCodeGrant(
          config,
          new URL(`${options.redirectUri}?${query}`),
          {
            expectedState: state,
            expectedNonce: nonce as string,
            pkceCodeVerifier: verifier as string,
            idTokenExpected: true,
          },
        );
        const { person, ...sealed } = await signedIn(
          answer.claims() as Record<string, unknown>,
          answer.refresh_token ?? null,
          null,
        );
        const code = randomBytes(32).toString('base64url');
        const body = await sealing.seal('code', { ...sealed, challenge }, clock.now() + codeMs);
        await tickets.put(`code ${digestOf(code)}`, body, clock.now() + codeMs);
        return { returnTo, code, person };
      } catch (error) {
        const failed = failureOf(error);
        if (failed === 'failed' || failed === 'unavailable') options.onError(error);
        return { returnTo, failed };
      }
    },

    async redeem(code, verifier) {
      const body = await tickets.take(`code ${digestOf(code)}`);
      const sealed = body === null ? null : await sealing.open('code', body);
      if (sealed === null || sealed === 'expired') throw expired();
      const session = sealed as Sealed;
      if (!matches(verifier, session.challenge ?? '')) throw expired();
      await mustStand(session);
      return sessionOf(session, await personOf(session.sub));
    },

    async renew(renewal) {
      const sealed = await opened(renewal);
      await mustStand(sealed);
      if (sealed.refresh === null) return sessionOf(sealed, await personOf(sealed.sub));
      const answer = await refreshed(await provider.configuration(), sealed.refresh);
      const claims = answer.claims();
      const refresh = answer.refresh_token ?? sealed.refresh;
      if (claims === undefined) return sessionOf({ ...sealed, refresh }, await personOf(sealed.sub));
      const { person, ...next } = await signedIn(claims as Record<string, unknown>, refresh, sealed);
      if (next.sub !== sealed.sub)
        throw new DomainError(
          'token-revoked',
          'The identity provider now speaks of somebody else; sign in again.',
        );
      // Revoked while the provider was being asked: the new generation must not slip in.
      return sessionOf({ ...next, gen: sealed.gen }, person);
    },

    async end(renewal) {
      const sealed = await sealing.open('renewal', renewal);
      if (sealed === null || sealed === 'expired') return;
      const { sid, sub, endsAt, refresh } = sealed as Sealed;
      await tickets.put(endedKey(sid), '', endsAt);
      options.bus.publish({ kind: 'end-session', personId: toUserId(sub), sessionId: sid });
      if (refresh !== null)
        await openid.tokenRevocation(await provider.configuration(), refresh).catch(options.onError);
    },
  };
}

/** The ticket that says that a session has ended. */
export const endedKey = (sessionId: string): string => `ended ${sessionId}`;

function matches(verifier: string, challenge: string): boolean {
  const given = createHash('sha256').update(verifier).digest();
  const wanted = Buffer.from(challenge, 'base64url');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function refreshed(config: openid.Configuration, refresh: string) {
  try {
    return await openid.refreshTokenGrant(config, refresh);
  } catch (cause) {
    if (cause instanceof openid.ResponseBodyError && cause.status < 500)
      throw new DomainError('token-revoked', 'The identity provider ended this session; sign in again.', {
        cause,
      });
    throw new DomainError('identity-unavailable', 'The identity provider does not answer.', { cause });
  }
}

function failureOf(error: unknown): SignInFailure {
  if (error instanceof DomainError) {
    if (error.code === 'not-admitted' || error.code === 'disabled') return error.code;
    return error.code === 'identity-unavailable' ? 'unavailable' : 'failed';
  }
  if (error instanceof openid.AuthorizationResponseError && error.error === 'access_denied')
    return 'cancelled';
  return 'failed';
}
