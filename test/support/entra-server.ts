/** A whole server in Entra mode with an issuer on loopback: people and programs with any claims. */
import type { JWTPayload } from 'jose';
import type { Overrides } from '../../server/compose.ts';
import { type Person, startServer, type TestServer } from './server.ts';
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts';

const tenant = 'a1a1a1a1-0000-4000-8000-000000000001';
const audience = '11111111-2222-4333-8444-555555555555';
const robot = '77777777-2222-4333-8444-555555555555';

/** People by name, each with an object id. */
const oidOf = (name: string): string =>
  `${Buffer.from(name.padEnd(4, '-').slice(0, 4)).toString('hex')}-1111-4111-8111-111111111111`;

export interface EntraServer extends TestServer {
  readonly issuer: TokenIssuer;
  /** Signs in, adding the person at the first time. */
  as(name: string, claims?: Record<string, unknown>): Promise<Person>;
  /** A program with these application roles. */
  program(roles: readonly string[], claims?: Record<string, unknown>): Promise<Person>;
  token(name: string, claims?: Record<string, unknown>): Promise<string>;
}

export async function startEntraServer(
  env: Readonly<Record<string, string>> = {},
  overrides: Overrides = {},
): Promise<EntraServer> {
  const issuer = await startTokenIssuer();
  const kid = await issuer.addKey();
  const server = await startServer(
    {
      JELLYBEAN_AUTH: 'entra',
      JELLYBEAN_BIND: '127.0.0.1',
      JELLYBEAN_ENTRA_AUTHORITY: issuer.authority,
      JELLYBEAN_ENTRA_TENANTS: tenant,
      JELLYBEAN_ENTRA_CLIENT_ID: audience,
      JELLYBEAN_ENTRA_APPLICATIONS: robot,
      JELLYBEAN_RATE_FACTOR: '0',
      // Never read: these servers speak plain HTTP.
      JELLYBEAN_TLS_CERT: '/nowhere/certificate.pem',
      JELLYBEAN_TLS_KEY: '/nowhere/key.pem',
      ...env,
    },
    overrides,
    { httpPort: 1, tlsPort: 0, lyncPort: 0, tlsCertificateFile: null, tlsKeyFile: null },
  );
  const sign = (claims: Record<string, unknown>) => {
    const second = Math.floor((overrides.clock ?? { now: Date.now }).now() / 1_000);
    return issuer.sign(kid, {
      aud: audience,
      iss: `${issuer.authority}/${tenant}/v2.0`,
      tid: tenant,
      ver: '2.0',
      iat: second,
      nbf: second,
      exp: second + 3_600,
      ...claims,
    } as JWTPayload);
  };
  const token = (name: string, claims: Record<string, unknown> = {}) =>
    sign({
      oid: oidOf(name),
      sub: `pairwise ${name}`,
      azp: audience,
      scp: 'access',
      name,
      preferred_username: `${name}@contoso.example`,
      ...claims,
    });
  return Object.assign(server, {
    issuer,
    token,
    async as(name: string, claims: Record<string, unknown> = {}) {
      const person = server.client(await token(name, claims), oidOf(name), `${name}@contoso.example`);
      const me = await person.get('/me');
      if (me.status !== 200) throw new Error(`${name} cannot sign in: ${me.text}`);
      return person;
    },
    program: async (roles: readonly string[], claims: Record<string, unknown> = {}) =>
      server.client(await sign({ oid: robot, sub: robot, azp: robot, roles, ...claims }), robot),
    stop: ((stop) => async () => {
      await stop();
      await issuer.stop();
    })(server.stop),
  });
}
