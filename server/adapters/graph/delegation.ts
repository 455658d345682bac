/**
 * Mailboxes read in their owners' names: what somebody signed in with is exchanged by msal-node for a token of
 * Graph's, good for their own calendar and settings alone. For organisations that give no application the right
 * to all mailboxes.
 *
 * @SECURITY Assertions and tokens are in this memory and nowhere else. They go when they end, and when their
 * person is signed out, revoked or disabled; no message of an error says them.
 */
import { type INetworkModule, InteractionRequiredAuthError } from '@azure/msal-node';
import type { UserId } from '../../domain/ids.ts';
import { SourceFailure } from '../../domain/source-failure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Delegation, MailboxSource } from '../../ports/mailboxes.ts';
import type { GraphCalls, GraphClient } from './client.ts';
import { createGraphMailboxes } from './mailboxes.ts';
import { createApplication, type GraphAccount, tokenFailure } from './tokens.ts';

/** The least that does. */
export const delegatedScopes = ['Calendars.ReadBasic', 'MailboxSettings.Read'] as const;

/** Calls for single mailboxes at a time: half of what all of Graph is given, so that the rest goes on beside them. */
const atOnce = 2;
/** A token that ends sooner is not begun with. */
const marginMs = 60_000;

interface Held {
  readonly assertion: string;
  readonly endsAt: number;
  token: { readonly value: string; readonly endsAt: number } | null;
  isRefused: boolean;
  cancelEnd: () => void;
}

export function createDelegation(options: {
  readonly account: GraphAccount;
  readonly graph: Pick<GraphClient, 'inNameOf'>;
  readonly clock: Clock;
  readonly networkClient?: INetworkModule;
}): Delegation & { readonly source: Pick<MailboxSource, 'schedules' | 'replies'> } {
  const { account, graph, clock } = options;
  const application = createApplication(account, options.networkClient);
  const scopes = delegatedScopes.map((scope) => `${account.resource}/${scope}`);
  const held = new Map<UserId, Held>();
  const listeners: ((userId: UserId) => void)[] = [];

  function left(userId: UserId): void {
    held.get(userId)?.cancelEnd();
    held.delete(userId);
  }

  /** Has it end with the later of assertion and token. */
  function endWith(userId: UserId, one: Held): void {
    one.cancelEnd();
    const endsAt = Math.max(one.endsAt, one.token?.endsAt ?? 0);
    one.cancelEnd = clock.after(Math.max(0, endsAt - clock.now()), () => {
      if (held.get(userId) === one) held.delete(userId);
    });
  }

  const isGood = (endsAt: number | undefined): boolean =>
    endsAt !== undefined && endsAt - marginMs > clock.now();

  /** A token in somebody's name; null where Microsoft 365 refuses one, undefined where there is nothing to get it with. */
  async function tokenOf(userId: UserId): Promise<string | null | undefined> {
    const one = held.get(userId);
    if (one === undefined) return undefined;
    if (one.isRefused) return null;
    if (one.token !== null && isGood(one.token.endsAt)) return one.token.value;
    if (!isGood(one.endsAt)) return undefined;
    try {
      const result = await application.acquireTokenOnBehalfOf({
        oboAssertion: one.assertion,
        scopes,
        skipCache: true,
      });
      if (result === null || result.accessToken === '') throw new Error('no token came');
      // What is kept is kept here; the library would never let go of it.
      if (result.account === null) application.clearCache();
      else await application.getTokenCache().removeAccount(result.account);
      // Signed out meanwhile.
      if (held.get(userId) !== one) return undefined;
      const lastsMs = (result.expiresOn?.getTime() ?? 0) - Date.now();
      one.token = { value: result.accessToken, endsAt: clock.now() + lastsMs };
      endWith(userId, one);
      return result.accessToken;
    } catch (cause) {
      if (cause instanceof InteractionRequiredAuthError) {
        one.isRefused = true;
        return null;
      }
      // The assertion alone is refused: the next one may do.
      if ((cause as { errorCode?: string }).errorCode !== 'invalid_grant') throw tokenFailure(cause);
      if (held.get(userId) === one) left(userId);
      return undefined;
    }
  }

  /** Asks for each person with their own token: null where they may not be read, undefined where that cannot be told now. */
  async function each<Subject, Answer>(
    subjects: readonly Subject[],
    idOf: (subject: Subject) => UserId,
    ask: (mailboxes: Pick<MailboxSource, 'schedules' | 'replies'>, subject: Subject) => Promise<Answer>,
  ): Promise<(Answer | null | undefined)[]> {
    const answers: (Answer | null | undefined)[] = subjects.map(() => undefined);
    const queue = [...subjects.entries()];
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [at, subject] = next;
        const token = await tokenOf(idOf(subject));
        if (token == null) {
          answers[at] = token;
          continue;
        }
        const calls: GraphCalls = graph.inNameOf(token);
        try {
          answers[at] = await ask(createGraphMailboxes(calls), subject);
        } catch (error) {
          const status = statusOf(error);
          if (status === 401) forgetToken(idOf(subject), token);
          else if (status === 403 || status === 404) answers[at] = null;
          else {
            queue.length = 0;
            throw error;
          }
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return answers;
  }

  function forgetToken(userId: UserId, value: string): void {
    const one = held.get(userId);
    if (one?.token?.value === value) one.token = null;
  }

  return {
    source: {
      schedules: (mailboxes, from, to) =>
        each(
          mailboxes,
          ({ userId }) => userId,
          async (source, mailbox) => (await source.schedules([mailbox], from, to))[0] ?? null,
        ),
      replies: (ids) =>
        each(
          ids,
          (id) => id,
          async (source, id) => (await source.replies([id]))[0],
        ),
    },
    came(userId, assertion, endsAt) {
      const earlier = held.get(userId);
      if (earlier?.assertion === assertion || (earlier !== undefined && earlier.endsAt > endsAt)) return;
      earlier?.cancelEnd();
      const one: Held = {
        assertion,
        endsAt,
        token: earlier?.token ?? null,
        isRefused: false,
        cancelEnd: () => {},
      };
      held.set(userId, one);
      endWith(userId, one);
      if (earlier === undefined || earlier.isRefused) for (const listener of listeners) listener(userId);
    },
    left,
    reaches: (userId) => {
      const one = held.get(userId);
      return one !== undefined && (isGood(one.endsAt) || isGood(one.token?.endsAt));
    },
    isConsentMissing: (userId) => held.get(userId)?.isRefused === true,
    onReach: (listener) => void listeners.push(listener),
    close() {
      for (const { cancelEnd } of held.values()) cancelEnd();
      held.clear();
    },
  };
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof SourceFailure
    ? (error.cause as { statusCode?: number } | undefined)?.statusCode
    : undefined;
