/**
 * An OpenID provider as this server knows it: found by its issuer, remembered for an hour, asked for by all
 * who wait together. While it cannot be reached, what was last found stands.
 */
import * as openid from 'openid-client';
import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';

const keptMs = 3_600_000;
const cooldownMs = 5_000;
const timeoutSeconds = 5;

export interface Provider {
  /** Throws `identity-unavailable` when it has never been reached. */
  configuration(): Promise<openid.Configuration>;
  /** Where its keys are. */
  keysAddress(): Promise<string>;
}

export function createProvider(options: {
  issuer: string;
  clientId: string;
  /** Null for a public client: PKCE alone. */
  clientSecret: string | null;
  clock: Clock;
}): Provider {
  const { clock } = options;
  let found: openid.Configuration | null = null;
  let foundAt = 0;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown = null;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    triedAt = clock.now();
    try {
      const config = await openid.discovery(
        new URL(options.issuer),
        options.clientId,
        undefined,
        clientAuth,
        {
          timeout: timeoutSeconds,
          execute: [
            // The ID token comes over TLS; its signature is checked all the same.
            openid.enableNonRepudiationChecks,
            // Loopback only: the configuration refuses plain HTTP to anywhere else.
            ...(options.issuer.startsWith('http://') ? [openid.allowInsecureRequests] : []),
          ],
        },
      );
      found = config;
      foundAt = clock.now();
      failure = null;
    } catch (error) {
      failure = error;
    }
  }

  /** As the provider wants it (OpenID Connect Discovery §3: Basic when it does not say). */
  const clientAuth: openid.ClientAuth = (server, client, body, headers) => {
    if (options.clientSecret === null) return openid.None()(server, client, body, headers);
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const by = methods.includes('client_secret_basic') ? openid.ClientSecretBasic : openid.ClientSecretPost;
    return by(options.clientSecret)(server, client, body, headers);
  };

  async function configuration(): Promise<openid.Configuration> {
    const now = clock.now();
    const isOld = found === null || now - foundAt > keptMs || now < foundAt;
    if (isOld && (looking !== null || now - triedAt >= cooldownMs || now < triedAt)) {
      looking ??= look().finally(() => {
        looking = null;
      });
      if (found === null) await looking;
    }
    if (found === null)
      throw new DomainError('identity-unavailable', 'The identity provider does not answer.', {
        cause: failure,
        retryAfterSeconds: 5,
      });
    return found;
  }

  return {
    configuration,
    async keysAddress() {
      const { jwks_uri: address } = (await configuration()).serverMetadata();
      if (address === undefined) throw new Error('the provider names no keys');
      return address;
    },
  };
}
