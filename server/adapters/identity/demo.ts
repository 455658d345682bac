/**
 * Demo identity: anybody on this machine may become anybody of the demo organisation. The bind and host
 * guards that make this safe are in the configuration and in the sign-in route.
 */
import { DomainError } from '../../domain/errors.ts';
import { toUserId } from '../../domain/ids.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Directory, PersonRecord } from '../../ports/directory.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Store } from '../../ports/store.ts';
import { createSessionTokens } from './session-tokens.ts';
import { createStanding } from './standing.ts';

export interface DemoIdentity extends Identity {
  /** Issues a token for a person of the demo organisation, by any of their addresses; null for nobody. */
  issue(address: string): Promise<{ token: string; expiresAt: number; person: PersonRecord } | null>;
}

/** Creates the demo identity. `tokenLifetimeSeconds` is how long an issued token is good. */
export async function createDemoIdentity(options: {
  store: Pick<Store, 'accounts' | 'transaction'>;
  directory: Directory;
  bus: Bus;
  clock: Clock;
  key: string;
  tokenLifetimeSeconds: number;
}): Promise<DemoIdentity> {
  const { store, directory, bus, clock, tokenLifetimeSeconds } = options;
  const tokens = createSessionTokens({ issuer: 'jellybean-demo', key: options.key, clock });
  const identity = createStanding({
    store,
    bus,
    clock,
    describe: () => ({ mode: 'demo', tokenUrl: '/api/v1/demo/token' }),
    async check(token) {
      const claims = await tokens.verify(token);
      const userId = toUserId(claims.sub);
      const [person] = await directory.persons([userId]);
      if (person === null || person === undefined)
        throw new DomainError('unauthenticated', 'The token names nobody in the directory.');
      const { roles, external } = person;
      return {
        kind: 'person',
        userId,
        roles,
        external,
        expiresAt: claims.exp * 1_000,
        issued: { generation: claims.gen },
      };
    },
  });

  return {
    ...identity,
    async issue(address) {
      const [person] = await directory.resolve([address]);
      if (person === null || person === undefined) return null;
      const { generation, disabled } = await store.accounts.standing(person.id);
      if (disabled) throw new DomainError('disabled', 'This account has been disabled by an administrator.');
      const expiresAt = (Math.floor(clock.now() / 1_000) + tokenLifetimeSeconds) * 1_000;
      return { token: await tokens.issue(person.id, generation, expiresAt), expiresAt, person };
    },
  };
}
