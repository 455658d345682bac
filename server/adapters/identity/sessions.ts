/**
 * The check of bearers where people sign in elsewhere: tokens of our own for those who came by the code
 * flow, and the provider's access tokens for everybody else.
 */
import { decodeJwt } from 'jose';
import { DomainError } from '../../domain/errors.ts';
import { toUserId } from '../../domain/ids.ts';
import type { Tickets } from '../../ports/tickets.ts';
import { endedKey } from './code-flow.ts';
import type { SessionTokens } from './session-tokens.ts';
import type { Genuine } from './standing.ts';

/** The issuer name in our own tokens. No provider can have it: theirs are addresses. */
export const sessionIssuer = 'jellybean';

/** Creates the check: who issued the token chooses which rules it must meet, never whether it meets them. */
export function createSessionCheck(options: {
  tokens: SessionTokens;
  tickets: Pick<Tickets, 'has'>;
  /** For tokens that are not ours. */
  foreign: (token: string) => Promise<Genuine>;
}): (token: string) => Promise<Genuine> {
  return async (token) => {
    if (issuerOf(token) !== sessionIssuer) return options.foreign(token);
    const { sub, gen, exp, sid, roles, external } = await options.tokens.verify(token);
    if (await options.tickets.has(endedKey(String(sid))))
      throw new DomainError('token-revoked', 'This session has been signed out; sign in again.');
    return {
      kind: 'person',
      userId: toUserId(sub),
      roles: roles as string[],
      external: external === true,
      expiresAt: exp * 1_000,
      sessionId: String(sid),
      issued: { generation: gen },
    };
  };
}

/** Asks which of these sessions have been signed out, on whatever node. */
export const endedSessions =
  (tickets: Pick<Tickets, 'hasAny'>) =>
  async (sessionIds: readonly string[]): Promise<ReadonlySet<string>> => {
    const found = await tickets.hasAny(sessionIds.map(endedKey));
    return new Set(sessionIds.filter((id) => found.has(endedKey(id))));
  };

function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}
