/** An identity of any mode over a store of its own, and the people of its tests. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInProcessBus } from '../../server/adapters/bus/in-process.ts';
import { createStoredDirectory } from '../../server/adapters/directory/stored.ts';
import {
  type IdentitySettings,
  type OpenedIdentity,
  openIdentity,
} from '../../server/adapters/identity/open.ts';
import { openStore } from '../../server/adapters/storage/open.ts';
import { toUserId } from '../../server/domain/ids.ts';
import type { Bus } from '../../server/ports/bus.ts';
import { blankPerson, type Directory, type PersonRecord } from '../../server/ports/directory.ts';
import type { SignIn } from '../../server/ports/sign-in.ts';
import type { Store } from '../../server/ports/store.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import type { OpenidProvider } from './openid-provider.ts';

export const ids = {
  alice: toUserId('0a0a0a0a-1111-4111-8111-111111111111'),
  bob: toUserId('0b0b0b0b-1111-4111-8111-111111111111'),
};

export const settings: IdentitySettings = {
  entra: null,
  oidc: null,
  admission: 'first-sign-in',
  exchangeMetadataUrls: [],
  baseUrl: 'https://jellybean.contoso.example',
  tokenLifetimeSeconds: 8 * 3_600,
  bearerSeconds: 900,
};

export const personNamed = (id: string, name: string): PersonRecord => ({
  ...blankPerson,
  id: toUserId(id),
  displayName: name,
  address: `${name}@contoso.example`,
});

export interface IdentityParts extends OpenedIdentity {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: ManualClock;
  readonly directory: Directory;
  readonly errors: unknown[];
  dispose(): Promise<void>;
}

/** Opens a mode. Providers live by the real clock, so ours begins there. */
export async function openParts(given: Partial<IdentitySettings>): Promise<IdentityParts> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-identity-'));
  const clock = createManualClock(Date.now());
  const store = await openStore({ url: 'sqlite:', folder, clock });
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const bus = createInProcessBus(onError);
  const directory = createStoredDirectory(store.accounts, clock);
  const opened = await openIdentity({ ...settings, ...given }, { store, directory, bus, clock, onError });
  return {
    ...opened,
    store,
    bus,
    clock,
    directory,
    errors,
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The rules for a provider of the tests, as the configuration would make them. */
export const oidcRules = ({ issuer, clientId, clientSecret }: OpenidProvider) => ({
  issuer,
  clientId,
  clientSecret,
  scope: 'openid profile email',
  audience: null as string | null,
  applications: [] as string[],
  idClaim: 'sub',
  rolesClaim: 'groups',
  roleNames: {} as Record<string, string[]>,
  matchBy: 'id' as 'id' | 'address',
  trustEmail: false,
});

/** A client's secret for one sign-in, and what it shows of it. */
export function newVerifier(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** Signs somebody in as a browser would; answers what came back to the client. */
export async function signInBy(signIn: SignIn, provider: OpenidProvider, sub: string | null) {
  provider.signingIn = sub;
  const { verifier, challenge } = newVerifier();
  const back = await provider.browse(await signIn.begin({ challenge, returnTo: '/somewhere' }));
  return { verifier, back, completion: await signIn.complete(back.search.slice(1)) };
}
