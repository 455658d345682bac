/**
 * Who comes in: bearer → principal, the table of rights, and the limits of a caller. One gate for the API
 * and for the facade in Graph's shape, so that both let in the same people and count them alike.
 */
import type { IncomingMessage } from 'node:http';
import { DomainError } from '../domain/errors.ts';
import type { Identity, Principal } from '../ports/identity.ts';
import { type ClientAddress, limitKeyOf } from './client-address.ts';
import type { createRateLimits } from './rate-limits.ts';
import { refusalFor, rights } from './rights.ts';
import type { Access, RateLimit } from './route.ts';

/** Somebody who was not let in: without a good token, or without the right. */
export interface Denial {
  readonly principal: Principal | null;
  readonly code: string;
  readonly route: string;
  readonly address?: string;
}

export interface Gate {
  /** The verified caller, at once where the token is known. Throws what `Identity.verify` throws. */
  admitted(request: IncomingMessage, key: string): Principal | Promise<Principal>;
  /** Throws `forbidden` where the row of this route does not let the caller in. */
  authorise(access: Access, key: string, principal: Principal): void;
  /** Counts a call against its person, or against its address where nobody is signed in. */
  limit(kind: RateLimit, principal: Principal | null, request: IncomingMessage): void;
}

export function createGate(options: {
  readonly identity: Identity;
  readonly rateLimits: ReturnType<typeof createRateLimits>;
  readonly clientAddress: ClientAddress;
  /** Told of everybody who was not let in, for the audit log. */
  readonly onDenied?: (denial: Denial) => void;
}): Gate {
  const { identity, rateLimits } = options;

  /** The caller behind the bearer; a promise only when the token is seen for the first time. */
  function authenticate(request: IncomingMessage): Principal | Promise<Principal> {
    const header = request.headers.authorization;
    if (header === undefined) throw new DomainError('unauthenticated', 'Send "Authorization: Bearer …".');
    if (header.length > 16_384 || !/^bearer +[\w~+/.-]+=*$/i.test(header))
      throw new DomainError('unauthenticated', 'The Authorization header is not a bearer token.');
    return identity.verify(header.slice(7).trim());
  }

  return {
    admitted(request, key) {
      const refused = (error: unknown): never => {
        if (!(error instanceof DomainError) || (error.status !== 401 && error.status !== 403)) throw error;
        const { address, isLocal } = options.clientAddress.of(request);
        if (error.code !== 'token-expired')
          options.onDenied?.({ principal: null, code: error.code, route: key, address });
        // Guessing is answered 429 after a while; a good token of the same address is never held up.
        if (!isLocal) rateLimits.take('denial', `address ${limitKeyOf(address)}`);
        throw error;
      };
      try {
        const found = authenticate(request);
        return found instanceof Promise ? found.catch(refused) : found;
      } catch (error) {
        return refused(error);
      }
    },

    authorise(access, key, principal) {
      const refusal = refusalFor(access, rights[key], principal);
      if (refusal === null) return;
      options.onDenied?.({ principal, code: 'forbidden', route: key });
      throw new DomainError('forbidden', refusal);
    },

    limit(kind, principal, request) {
      if (principal !== null) {
        rateLimits.take(kind, principal.userId);
        return;
      }
      const { address, isLocal } = options.clientAddress.of(request);
      if (!isLocal) rateLimits.take(kind, `address ${limitKeyOf(address)}`);
    },
  };
}
