/** The one maker of principals: every identity adapter goes through here, nothing else does. */
import type { UserId } from '../../domain/ids.ts';
import type { Principal } from '../../ports/identity.ts';

/** Brands verified facts about a caller. Call it only after the token has been verified. */
export function principalOf(facts: {
  kind: 'person' | 'application';
  userId: UserId;
  roles: Iterable<string>;
  external: boolean;
  tokenId: string;
  sessionId: string | null;
  generation: number;
  expiresAt: number;
}): Principal {
  return { ...facts, roles: new Set(facts.roles) } as unknown as Principal;
}
