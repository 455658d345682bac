/**
 * A real, certified OpenID provider on loopback, with accounts that sign in without a form: which one does is
 * said beforehand. `browse` plays the browser: it follows redirects with cookies until they lead elsewhere.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';

export interface Account {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

export interface OpenidProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Audience of access tokens for programs. */
  readonly audience: string;
  readonly accounts: Map<string, Account>;
  /** Who signs in next; null = whoever it is clicks "cancel". */
  signingIn: string | null;
  /** A token by client credentials for `robot`, with these scopes. */
  programToken(scope: string, client?: string): Promise<string>;
  /** Follows redirects from an address; answers the first that lies outside the provider. */
  browse(address: string): Promise<URL>;
  /** Stops answering, as a provider that is down; and answers again. */
  setDown(down: boolean): void;
  stop(): Promise<void>;
}

export async function startOpenidProvider(redirectUri: string): Promise<OpenidProvider> {
  const accounts = new Map<string, Account>();
  const clientId = 'jellybean';
  const clientSecret = 'a-secret-of-the-provider-0123456789';
  const audience = 'https://jellybean.contoso.example/api';
  let down = false;
  let listener: (request: never, response: never) => unknown = () => {};
  const server = createServer((request, response) => {
    if (down) return void response.writeHead(503).end();
    listener(request as never, response as never);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
      },
      ...['robot', 'stranger'].map((id) => ({
        client_id: id,
        client_secret: clientSecret,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
      })),
    ],
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: { openid: ['sub', 'groups', 'employee'], profile: ['name'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a-key-for-cookies'] },
    pkce: { required: () => true },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      IdToken: 600,
      RefreshToken: 3_600,
      Interaction: 600,
      Session: 600,
      Grant: 3_600,
    },
    async findAccount(_context, sub) {
      const account = accounts.get(sub);
      return account === undefined ? undefined : { accountId: sub, claims: async () => ({ ...account }) };
    },
    async loadExistingGrant(context: KoaContextWithOIDC) {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({
        clientId: client?.clientId as string,
        accountId: session?.accountId as string,
      });
      grant.addOIDCScope('openid profile email offline_access');
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async () => ({
          scope: 'Presence.Read.All Presence.ReadWrite.All Chat.Export Admin other',
          audience,
          accessTokenFormat: 'jwt',
        }),
      },
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  };
  const provider = new Provider(issuer, configuration);
  const callback = provider.callback();
  const opened: OpenidProvider = {
    issuer,
    clientId,
    clientSecret,
    audience,
    accounts,
    signingIn: null,
    async programToken(scope, client = 'robot') {
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { Authorization: `Basic ${Buffer.from(`${client}:${clientSecret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: audience }),
      });
      return ((await response.json()) as { access_token: string }).access_token;
    },
    async browse(address) {
      const cookies = new Map<string, string>();
      let url = new URL(address);
      for (let step = 0; step < 10; step += 1) {
        if (url.origin !== issuer) return url;
        const response = await fetch(url, {
          redirect: 'manual',
          headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        });
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        const location = response.headers.get('location');
        if (location === null)
          throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
        url = new URL(location, url);
      }
      throw new Error('too many redirects');
    },
    setDown(value) {
      down = value;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  listener = async (request: never, response: never) => {
    const { url = '' } = request as { url?: string };
    if (!url.startsWith('/interaction/')) return callback(request, response);
    const { signingIn } = opened;
    await provider.interactionFinished(
      request,
      response,
      signingIn === null
        ? { error: 'access_denied', error_description: 'cancelled' }
        : { login: { accountId: signingIn } },
      { mergeWithLastSubmission: false },
    );
  };
  return opened;
}
