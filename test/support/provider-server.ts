/** A server at which people sign in by a provider, and that provider, for tests of signing in. */
import { type OpenidProvider, startOpenidProvider } from './openid-provider.ts';
import { startServer, type TestServer } from './server.ts';
import { freePorts } from './server-process.ts';

/** What the server calls itself where no browser goes there; the tests follow its redirects by hand. */
export const publicAddress = 'https://jellybean.contoso.example';

export interface ProviderServer {
  /** The address that the provider sends people back to. */
  readonly base: string;
  readonly provider: OpenidProvider;
  readonly server: TestServer;
  stop(): Promise<void>;
}

/**
 * Starts both.
 * @param listening `http` and `https` are for browsers: the redirect names the port, so it is chosen beforehand.
 * @param people display names by the part of the address before the @.
 */
export async function startProviderServer(
  listening: 'http' | 'https' | 'by-fetch',
  people: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<ProviderServer> {
  const [port = 0] = listening === 'by-fetch' ? [1] : await freePorts(1);
  const base = {
    http: `http://127.0.0.1:${port}`,
    https: `https://localhost:${port}`,
    'by-fetch': publicAddress,
  }[listening];
  const provider = await startOpenidProvider(`${base}/signin/callback`);
  for (const [sub, name] of Object.entries(people))
    provider.accounts.set(sub, { sub, name, email: `${sub}@contoso.example`, email_verified: true });
  try {
    const server = await startServer(
      {
        JELLYBEAN_AUTH: 'oidc',
        JELLYBEAN_BIND: '127.0.0.1',
        JELLYBEAN_BASE_URL: base,
        JELLYBEAN_OIDC_ISSUER: provider.issuer,
        JELLYBEAN_OIDC_CLIENT_ID: provider.clientId,
        JELLYBEAN_OIDC_CLIENT_SECRET: provider.clientSecret,
        JELLYBEAN_TLS_CERT: '/nowhere/certificate.pem',
        JELLYBEAN_TLS_KEY: '/nowhere/key.pem',
        ...env,
      },
      { freePorts: listening === 'by-fetch' },
      {
        httpPort: listening === 'https' ? 0 : port,
        tlsPort: listening === 'https' ? port : 0,
        lyncPort: 0,
        tlsCertificateFile: null,
        tlsKeyFile: null,
      },
    );
    return {
      base,
      provider,
      server,
      async stop() {
        await server.stop();
        await provider.stop();
      },
    };
  } catch (error) {
    await provider.stop();
    throw error;
  }
}
