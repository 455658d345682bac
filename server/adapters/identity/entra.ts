/**
 * Access tokens of Microsoft Entra ID for our own API (v2.0 format). Everything that decides is in the
 * signature, the ids and the lists below; names and addresses in a token are for display and admit nobody.
 */
import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { DomainError } from '../../domain/errors.ts';
import { toUserId, type UserId } from '../../domain/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Admission, addressOf, personIdOf, uuidOf } from './admission.ts';
import type { SignedIn } from './code-flow.ts';
import { createKeySet } from './jwks.ts';
import { adminRole, rolesOf } from './roles.ts';
import { refusalOf } from './session-tokens.ts';
import type { Genuine } from './standing.ts';

/** Clocks of honest servers differ by less. */
export const skewSeconds = 60;

/**
 * What the SharePoint package asks an administrator to grant, by names that say what it is for. Together they
 * are worth what our own scope is; either alone opens nothing, for a stream carries presence and messages both.
 */
const pageScopes = ['Presence.Read', 'Chat.ReadWrite'] as const;

export interface EntraRules {
  /** `https://login.microsoftonline.com`, or the authority of a national cloud; without a trailing slash. */
  readonly authority: string;
  /** Tenants that are let in, in lower case, the home tenant first: its people have their `oid` as id, others are external. */
  readonly tenants: readonly string[];
  /** The application (client) id of our API. */
  readonly audience: string;
  /** The delegated scope that a person's token must carry, such as `access`. */
  readonly scope: string;
  /** Clients that may ask in a person's name. */
  readonly clients: readonly string[];
  /** Clients that may come in their own name, with application roles. */
  readonly applications: readonly string[];
}

/** Creates the check of one bearer. Throws `unauthenticated`, `token-expired` or `identity-unavailable`. */
export function createEntraCheck(options: {
  rules: EntraRules;
  admit: Admission;
  clock: Clock;
}): (token: string) => Promise<Genuine> {
  const { rules, admit, clock } = options;
  const { tenants } = rules;
  const [home] = tenants;
  // One set of keys per tenant: the shared one also holds keys that sign for others.
  const keySets = new Map(
    tenants.map((tenant) => [
      tenant,
      createKeySet({ address: () => `${rules.authority}/${tenant}/discovery/v2.0/keys`, clock }),
    ]),
  );

  async function verified(token: string): Promise<JWTPayload & { tid: string; oid: string }> {
    try {
      // Not yet to be believed: it only chooses the keys, and the issuer must then say the same.
      const { tid } = decodeJwt(token);
      const keys = typeof tid === 'string' ? keySets.get(tid) : undefined;
      if (keys === undefined) throw new Error('the token is of no tenant that is let in');
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256'],
        issuer: `${rules.authority}/${tid as string}/v2.0`,
        audience: rules.audience,
        currentDate: new Date(clock.now()),
        clockTolerance: skewSeconds,
        requiredClaims: ['exp', 'nbf', 'iat', 'tid', 'oid', 'sub', 'azp', 'ver'],
      });
      if (payload.ver !== '2.0') throw new Error('the token is not of version 2.0');
      const oid = uuidOf(payload.oid);
      if (oid === null) throw new Error('the token names nobody by id');
      return { ...payload, tid: tid as string, oid };
    } catch (cause) {
      throw refusalOf(cause);
    }
  }

  const refuse = (why: string) => refusalOf(new Error(why));
  const identify = createEntraIdentify(rules, admit);

  return async (token) => {
    const claims = await verified(token);
    const common = {
      expiresAt: ((claims.exp as number) + skewSeconds) * 1_000,
      issued: { atSecond: claims.iat as number },
    };
    const azp = String(claims.azp);
    const roles = rolesOf(claims.roles);
    if (isApplication(claims)) {
      if (!rules.applications.includes(azp)) throw refuse('the application is not on the list');
      if (roles.size === 0) throw refuse('the application has no role of ours');
      return {
        ...common,
        kind: 'application',
        userId: idOf(home, claims.tid, claims.oid),
        roles,
        external: claims.tid !== home,
      };
    }
    const scopes = String(claims.scp ?? '').split(' ');
    const isOurs = scopes.includes(rules.scope);
    if (!isOurs && !pageScopes.every((scope) => scopes.includes(scope))) throw refuse('the scope is missing');
    if (!rules.clients.includes(azp)) throw refuse('the client is not on the list');
    const { person, roles: held, external } = await identify(claims);
    return {
      ...common,
      kind: 'person',
      userId: person.id,
      // @SECURITY Every script on a tenant's SharePoint pages can have such a token: it never administers.
      roles: isOurs ? held : new Set(),
      external,
      // Guests have their mailbox elsewhere.
      ...(external ? {} : { isAssertion: true }),
    };
  };
}

const idOf = (home: string | undefined, tid: string, oid: string): UserId =>
  tid === home ? toUserId(oid) : personIdOf(tid, oid);

/** From the claims of a genuine token of a tenant that is let in to a person here. */
export function createEntraIdentify(
  rules: EntraRules,
  admit: Admission,
): (claims: Readonly<Record<string, unknown>>) => Promise<SignedIn> {
  const [home] = rules.tenants;
  return async (claims) => {
    const oid = uuidOf(claims.oid);
    const { tid } = claims;
    if (oid === null || typeof tid !== 'string' || !rules.tenants.includes(tid))
      throw new DomainError('not-admitted', 'The account is of no tenant that is let in.');
    // `acct` 1 is a guest, where the registration asks for that claim.
    const external = tid !== home || claims.acct === 1;
    const person = await admit({
      id: idOf(home, tid, oid),
      displayName: typeof claims.name === 'string' ? claims.name : '',
      address:
        (hasVerifiedMail(claims) ? addressOf(claims.email) : null) ?? addressOf(claims.preferred_username),
      external,
      // Mail addresses and user names change hands; ids do not.
      byAddress: false,
    });
    const roles = [...person.roles, ...rolesOf(claims.roles)].filter((role) => role === adminRole);
    return { person, roles: new Set(roles), external: external || person.external };
  };
}

/** App-only: no delegated scope, and the service principal speaks for itself. `idtyp` says so where it is asked for. */
const isApplication = (claims: JWTPayload & { oid: string }): boolean =>
  claims.scp === undefined &&
  (claims.idtyp === 'app' || (claims.idtyp === undefined && claims.sub?.toLowerCase() === claims.oid));

/** @SECURITY `email` is whatever a tenant's administrator typed, unless Entra says that its domain is theirs. */
const hasVerifiedMail = ({ xms_edov: verified }: JWTPayload): boolean =>
  verified === true || verified === 1 || verified === '1' || verified === 'true';

/** What a client needs to ask Entra for a token of ours. */
export const describeEntra = (rules: EntraRules) => ({
  mode: 'entra',
  authority: `${rules.authority}/${rules.tenants[0] ?? 'organizations'}`,
  clientId: rules.clients[0] ?? rules.audience,
  scopes: [`api://${rules.audience}/${rules.scope}`],
});
