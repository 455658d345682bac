/**
 * Tokens for Microsoft Graph in the server's own name, by msal-node: kept in memory, renewed before they end,
 * fetched once for all who wait. The account is the same for tokens in a person's name.
 */
import { ConfidentialClientApplication, type INetworkModule, LogLevel } from '@azure/msal-node';
import { SourceFailure } from '../../domain/source-failure.ts';

export interface GraphAccount {
  /** `https://login.microsoftonline.com`, or the authority of a national cloud. */
  readonly authority: string;
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** `https://graph.microsoft.com`, or the Graph of a national cloud: what the tokens are for. */
  readonly resource: string;
}

/** Microsoft's library for this account; it keeps what it knows in memory. */
export function createApplication(
  account: GraphAccount,
  networkClient?: INetworkModule,
): ConfidentialClientApplication {
  return new ConfidentialClientApplication({
    auth: {
      clientId: account.clientId,
      clientSecret: account.clientSecret,
      authority: `${account.authority}/${account.tenant}`,
      // The configuration is trusted; nobody else is asked whether this authority is one.
      knownAuthorities: [new URL(account.authority).host],
    },
    system: {
      ...(networkClient === undefined ? {} : { networkClient }),
      // How often to come back is decided in one place, for tokens and calls alike.
      disableInternalRetries: true,
      loggerOptions: { loggerCallback: () => {}, logLevel: LogLevel.Error, piiLoggingEnabled: false },
    },
  });
}

/** Why there is no token: a wrong secret stays wrong; a network does not stay away. */
export function tokenFailure(cause: unknown): SourceFailure {
  const { errorCode, message } = cause as { errorCode?: string; message?: string };
  const isRefused = /invalid_client|unauthorized_client|invalid_request|invalid_scope/.test(errorCode ?? '');
  return new SourceFailure(
    isRefused ? 'broken' : 'wait',
    `No token for Microsoft Graph: ${errorCode ?? message ?? 'unknown error'}.`,
    { cause },
  );
}

/** Returns the function that answers a good token; `isDoubted` has the kept one replaced. Throws SourceFailure. */
export function createGraphTokens(
  account: GraphAccount,
  networkClient?: INetworkModule,
): (isDoubted?: boolean) => Promise<string> {
  const application = createApplication(account, networkClient);
  let asking: Promise<string> | null = null;

  async function ask(isDoubted: boolean): Promise<string> {
    try {
      const result = await application.acquireTokenByClientCredential({
        scopes: [`${account.resource}/.default`],
        skipCache: isDoubted,
      });
      if (result === null || result.accessToken === '') throw new Error('no token came');
      return result.accessToken;
    } catch (cause) {
      throw tokenFailure(cause);
    }
  }

  return (isDoubted = false) => {
    asking ??= ask(isDoubted).finally(() => {
      asking = null;
    });
    return asking;
  };
}
