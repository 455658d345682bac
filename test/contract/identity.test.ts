/** Runs the identity suite on every mode, each with the tokens that its own clients get. */
import { personIdOf } from '../../server/adapters/identity/admission.ts';
import type { IdentitySettings } from '../../server/adapters/identity/open.ts';
import { DomainError } from '../../server/domain/errors.ts';
import type { SignIn } from '../../server/ports/sign-in.ts';
import {
  type IdentityParts,
  ids,
  oidcRules,
  openParts,
  personNamed,
  settings,
  signInBy,
} from '../support/identity-parts.ts';
import { startOpenidProvider } from '../support/openid-provider.ts';
import { startTokenIssuer } from '../support/token-issuer.ts';
import { describeIdentity, type IdentityUnderTest } from './identity.ts';

type Lent = Pick<IdentityUnderTest, 'signIn' | 'lifetimeSeconds'> & {
  readonly idOf?: IdentityUnderTest['idOf'];
  readonly stop?: () => Promise<void>;
};

async function open(
  given: Partial<IdentitySettings>,
  lend: (parts: IdentityParts) => Lent,
): Promise<IdentityUnderTest> {
  const parts = await openParts(given);
  const { stop, ...lent } = lend(parts);
  if (parts.demo !== null)
    await parts.store.transaction([], (tx) =>
      tx.accounts.putPeople([personNamed(ids.alice, 'alice'), personNamed(ids.bob, 'bob')]),
    );
  return {
    ...parts,
    idOf: (name) => ids[name],
    ...lent,
    async dispose() {
      await stop?.();
      await parts.dispose();
    },
  };
}

describeIdentity('demo', () =>
  open({}, ({ demo }) => ({
    lifetimeSeconds: settings.tokenLifetimeSeconds,
    async signIn(name) {
      const issued = await demo?.issue(`${name}@contoso.example`);
      if (!issued) throw new DomainError('unknown-person', name);
      return issued.token;
    },
  })),
);

describeIdentity('Entra ID', async () => {
  const issuer = await startTokenIssuer();
  const kid = await issuer.addKey();
  const tenant = 'a1a1a1a1-0000-4000-8000-000000000001';
  const audience = '11111111-2222-4333-8444-555555555555';
  const entra = {
    authority: issuer.authority,
    tenants: [tenant],
    audience,
    scope: 'access',
    clients: [audience],
    applications: [],
    clientSecret: null,
  };
  let serial = 0;
  return open({ entra }, ({ clock }) => ({
    lifetimeSeconds: 3_660,
    stop: () => issuer.stop(),
    signIn: (name) => {
      const second = Math.floor(clock.now() / 1_000);
      serial += 1;
      return issuer.sign(kid, {
        aud: audience,
        iss: `${issuer.authority}/${tenant}/v2.0`,
        tid: tenant,
        oid: ids[name],
        sub: `pairwise ${name}`,
        azp: audience,
        scp: 'access',
        preferred_username: `${name}@contoso.example`,
        ver: '2.0',
        iat: second,
        nbf: second,
        exp: second + 3_600,
        uti: String(serial),
      });
    },
  }));
});

describeIdentity('OpenID Connect', async () => {
  const provider = await startOpenidProvider(`${settings.baseUrl}/signin/callback`);
  for (const sub of ['alice', 'bob'])
    provider.accounts.set(sub, { sub, name: sub, email: `${sub}@contoso.example`, email_verified: true });
  return open({ oidc: oidcRules(provider) }, ({ signIn }) => ({
    lifetimeSeconds: settings.bearerSeconds,
    stop: () => provider.stop(),
    idOf: (name) => personIdOf(provider.issuer, name),
    async signIn(name) {
      const { completion, verifier } = await signInBy(signIn as SignIn, provider, name);
      if (!('code' in completion))
        throw new DomainError(completion.failed === 'disabled' ? 'disabled' : 'internal', completion.failed);
      return (await (signIn as SignIn).redeem(completion.code, verifier)).token;
    },
  }));
});
