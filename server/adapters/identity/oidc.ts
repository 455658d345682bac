/**
 * Any OpenID provider: people by the code flow (their bearer is ours), programs by access tokens that the
 * provider signs for our audience (RFC 9068). Which claim names a person, and which of the provider's
 * groups mean a role here, is configuration.
 */
import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { DomainError } from '../../domain/errors.ts';
import { toUserId, type UserId } from '../../domain/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Admission, addressOf, personIdOf, uuidOf } from './admission.ts';
import type { SignedIn } from './code-flow.ts';
import { skewSeconds } from './entra.ts';
import { createKeySet } from './jwks.ts';
import type { Provider } from './provider.ts';
import { adminRole, claimAt, rolesOf } from './roles.ts';
import { refusalOf } from './session-tokens.ts';
import type { Genuine } from './standing.ts';

export interface OidcRules {
  readonly issuer: string;
  /** The client id of this server at the provider; never an audience of access tokens. */
  readonly clientId: string;
  /** Audience of access tokens; null = no access tokens of the provider are taken. */
  readonly audience: string | null;
  /** Client ids of programs that may come in their own name. */
  readonly applications: readonly string[];
  /** The claim that names a person for ever; a UUID is taken as the id, anything else is made into one. */
  readonly idClaim: string;
  /** Where roles or groups are, dotted: `roles`, `realm_access.roles`, `groups`. */
  readonly rolesClaim: string;
  /** The provider's names → ours. */
  readonly roleNames: Readonly<Record<string, readonly string[]>>;
  /** `address`: somebody whose verified address the directory has is that person, whatever their id. */
  readonly matchBy: 'id' | 'address';
  /** Takes `email` as verified where the provider does not say so; for providers of one's own. */
  readonly trustEmail: boolean;
}

/** Signatures anybody can check and only the provider can make. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** From the claims of a genuine ID token to a person here. */
export function createOidcIdentify(
  rules: OidcRules,
  admit: Admission,
): (claims: Readonly<Record<string, unknown>>) => Promise<SignedIn> {
  return async (claims) => {
    const name = claimAt(claims, rules.idClaim);
    if (typeof name !== 'string' || name === '')
      throw new DomainError('not-admitted', `The provider names nobody: "${rules.idClaim}" is missing.`);
    const isVouchedFor = claims.email_verified === true || rules.trustEmail;
    const person = await admit({
      id: idOf(rules.issuer, name),
      displayName: typeof claims.name === 'string' ? claims.name : '',
      address: isVouchedFor ? addressOf(claims.email) : null,
      external: false,
      byAddress: rules.matchBy === 'address',
    });
    const roles = new Set([...person.roles, ...rolesOf(claimAt(claims, rules.rolesClaim), rules.roleNames)]);
    return { person, roles: [...roles].filter((role) => role === adminRole), external: person.external };
  };
}

/** The check of access tokens that the provider signs: programs on the list, and nobody else. */
export function createOidcCheck(options: {
  rules: OidcRules;
  provider: Provider;
  clock: Clock;
}): (token: string) => Promise<Genuine> {
  const { rules, provider, clock } = options;
  const keys = createKeySet({ address: () => provider.keysAddress(), clock });

  async function verified(token: string): Promise<JWTPayload> {
    try {
      if (rules.audience === null) throw new Error('no access tokens of the provider are taken');
      // Spares the look-up of keys; decides nothing.
      if (decodeJwt(token).iss !== rules.issuer) throw new Error('the token is of another issuer');
      const { payload } = await jwtVerify(token, keys, {
        algorithms,
        issuer: rules.issuer,
        audience: rules.audience,
        currentDate: new Date(clock.now()),
        clockTolerance: skewSeconds,
        requiredClaims: ['exp', 'iat'],
      });
      if ('nonce' in payload || 'at_hash' in payload) throw new Error('an ID token is no access token');
      return payload;
    } catch (cause) {
      throw refusalOf(cause);
    }
  }

  return async (token) => {
    const claims = await verified(token);
    const client = claims.client_id ?? claims.azp;
    if (typeof client !== 'string' || !rules.applications.includes(client))
      throw refusalOf(new Error('the application is not on the list'));
    const roles = new Set([
      ...rolesOf(claimAt(claims, rules.rolesClaim), rules.roleNames),
      ...rolesOf(claims.scope, rules.roleNames),
    ]);
    if (roles.size === 0) throw refusalOf(new Error('the application has no role of ours'));
    return {
      kind: 'application',
      userId: personIdOf(rules.issuer, `client ${client}`),
      roles,
      external: false,
      expiresAt: ((claims.exp as number) + skewSeconds) * 1_000,
      issued: { atSecond: claims.iat as number },
    };
  };
}

const idOf = (issuer: string, name: string): UserId => {
  const uuid = uuidOf(name);
  return uuid === null ? personIdOf(issuer, name) : toUserId(uuid);
};
