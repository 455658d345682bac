import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { developmentCertificate } from '../../server/adapters/certificate/development.ts';
import { ConfigurationError, parseConfig, readEnv, redacted } from '../../server/config.ts';

const mistakesOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes;
    throw error;
  }
  return [];
};

describe('settings', () => {
  test('[CF1] the defaults are the contract’s', () => {
    expect(parseConfig({})).toMatchObject({
      auth: 'demo',
      bind: '127.0.0.1',
      httpPort: 8480,
      tlsPort: 8443,
      lyncPort: 5061,
      store: 'sqlite:',
      bus: 'memory:',
      baseUrl: 'https://localhost:8443',
    });
  });

  test('[CF1] every mistake is reported, in one go', () => {
    const mistakes = mistakesOf({
      JELLYBEAN_HTTP_PORT: 'eighty',
      JELLYBEAN_TLS_PORT: '70000',
      JELLYBEAN_STORE: 'mysql://x',
      JELLYBEAN_BUS: 'kafka:',
      JELLYBEAN_BASE_URL: 'not a url',
      JELLYBEAN_ALLOWED_FRAMES: 'https://ok.contoso.example https://bad.contoso.example/path',
      JELLYBEAN_TIME_ZONE: 'Mars/Olympus',
      JELLYBEAN_METRICS_TOKEN: 'short',
      JELLYBEAN_TLS_CERT: '/somewhere/cert.pem',
      JELLYBEAN_BLOCKED_EXTENSIONS: 'default *.exe',
    });
    expect(mistakes).toHaveLength(10);
    for (const mistake of mistakes) expect(mistake).toMatch(/^JELLYBEAN_[A-Z_]+ .*\.$/);
    expect(mistakes.join()).not.toContain('ok.contoso');
  });

  test('[ID28] Exchange servers are named by safe addresses, and only where people can sign in first', () => {
    const url = 'https://mail.contoso.example/autodiscover/metadata/json/1';
    const name = 'JELLYBEAN_EXCHANGE_METADATA';
    expect(parseConfig({}).exchangeMetadataUrls).toEqual([]);
    expect(mistakesOf({ [name]: url })).toHaveLength(1);
    const oidc = {
      JELLYBEAN_AUTH: 'oidc',
      JELLYBEAN_OIDC_ISSUER: 'https://id.contoso.example',
      JELLYBEAN_OIDC_CLIENT_ID: 'jellybean',
      JELLYBEAN_TLS_CERT: 'cert.pem',
      JELLYBEAN_TLS_KEY: 'key.pem',
    };
    expect(parseConfig({ ...oidc, [name]: `${url} ${url}2` }).exchangeMetadataUrls).toEqual([url, `${url}2`]);
    expect(mistakesOf({ ...oidc, [name]: 'http://mail.contoso.example/metadata' })).toHaveLength(1);
  });

  test('[IM31] which files are blocked is a setting', () => {
    expect(parseConfig({}).blockedExtensions).toContain('exe');
    const { blockedExtensions } = parseConfig({ JELLYBEAN_BLOCKED_EXTENSIONS: 'default, svg -url' });
    expect(blockedExtensions).toEqual(expect.arrayContaining(['exe', 'svg']));
    expect(blockedExtensions).not.toContain('url');
    expect(parseConfig({ JELLYBEAN_BLOCKED_EXTENSIONS: 'none' }).blockedExtensions).toEqual([]);
  });

  test('[CF1] a bus between nodes needs a store that takes several, and addresses that can be read', () => {
    const store = 'postgres://db.contoso.example/presence';
    const bus = 'nats://one:4222,nats://two:4222';
    expect(parseConfig({ JELLYBEAN_STORE: store, JELLYBEAN_BUS: bus })).toMatchObject({ store, bus });
    expect(mistakesOf({ JELLYBEAN_BUS: bus })[0]).toContain('SQLite');
    for (const wrong of ['nats://', 'nats://one,two', 'nats:one', 'nats://one/path'])
      expect(mistakesOf({ JELLYBEAN_STORE: store, JELLYBEAN_BUS: wrong })).toHaveLength(1);
    expect(mistakesOf({ JELLYBEAN_STORE: store, JELLYBEAN_BUS_CERT: '/cert.pem' })).toHaveLength(1);
  });

  test('[CF2] demo mode refuses an address that others can reach', () => {
    expect(mistakesOf({ JELLYBEAN_BIND: '0.0.0.0' })).toHaveLength(1);
    expect(mistakesOf({ JELLYBEAN_BIND: '192.168.1.7' })[0]).toContain('loopback only');
    for (const bind of ['127.0.0.1', '127.8.8.8', '::1', 'localhost'])
      expect(mistakesOf({ JELLYBEAN_BIND: bind })).toEqual([]);
  });

  test.each([
    ['JELLYBEAN_HTTP_PORT', '5060'],
    ['JELLYBEAN_TLS_PORT', '6667'],
    ['JELLYBEAN_TLS_PORT', '10080'],
  ])('[CF3] %s %s is refused, for browsers refuse it', (name, port) => {
    expect(mistakesOf({ [name]: port })[0]).toContain('every browser refuses');
  });

  test('[CF3] the client port may be one that browsers refuse, but no two ports are the same', () => {
    expect(mistakesOf({ JELLYBEAN_LYNC_PORT: '5060' })).toEqual([]);
    expect(mistakesOf({ JELLYBEAN_TLS_PORT: '8480' })[0]).toContain('each needs its own port');
    expect(mistakesOf({ JELLYBEAN_HTTP_PORT: '0', JELLYBEAN_TLS_PORT: '0' })[0]).toContain(
      'nothing to connect to',
    );
  });

  test('[CF4] a misspelt setting is a mistake that names the right one', () => {
    expect(mistakesOf({ JELLYBEAN_HTTPPORT: '8080' })[0]).toContain('did you mean JELLYBEAN_HTTP_PORT?');
    expect(readEnv({ PATH: '/bin', JELLYBEAN_AUTH: 'demo', JELLYBEAN_DATA: '' })).toEqual({
      JELLYBEAN_AUTH: 'demo',
    });
  });

  test('[CF5] passwords and tokens are not printed', () => {
    const shown = JSON.stringify(
      redacted(
        parseConfig({
          JELLYBEAN_STORE: 'postgres://jelly:s3cretword@db.contoso.example/presence',
          JELLYBEAN_BUS: 'nats://bus:an0thersecret@bus.contoso.example:4222',
          JELLYBEAN_METRICS_TOKEN: 'a-very-long-metrics-token',
        }),
      ),
    );
    expect(shown).toContain('jelly:•••@db.contoso.example');
    expect(
      JSON.stringify(
        redacted(
          parseConfig({
            JELLYBEAN_STORE: 'postgres://db',
            JELLYBEAN_BUS: 'tls://t0kenword@one,nats://u:passw0rd@two',
          }),
        ),
      ),
    ).not.toMatch(/t0kenword|passw0rd/);
    for (const secret of ['s3cretword', 'an0thersecret', 'a-very-long-metrics-token'])
      expect(shown).not.toContain(secret);
  });
});

describe('development certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jellybean-certificate-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const noon = Date.UTC(2026, 10, 2, 12);
  const day = 86_400_000;

  test('[CF6] it names localhost and loopback, and is made once', async () => {
    const made = await developmentCertificate(folder, noon);
    const certificate = new X509Certificate(made.cert);
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.publicKey.asymmetricKeyType).toBe('ec');
    expect(statSync(join(folder, 'development-key.pem')).mode & 0o777).toBe(0o600);
    expect(await developmentCertificate(folder, noon + 300 * day)).toEqual(made);
  });

  test('[CF6] it is renewed two weeks before it ends, and when it cannot be read', async () => {
    const before = readFileSync(join(folder, 'development-certificate.pem'), 'utf8');
    const renewed = await developmentCertificate(folder, noon + 352 * day);
    expect(renewed.cert).not.toBe(before);
    expect(new X509Certificate(renewed.cert).validToDate.getTime()).toBeGreaterThan(noon + 700 * day);
  });
});

describe('settings of sign-in', () => {
  const tls = { JELLYBEAN_TLS_CERT: 'c', JELLYBEAN_TLS_KEY: 'k' };
  const tenant = 'a1a1a1a1-0000-4000-8000-000000000001';
  const entra = {
    ...tls,
    JELLYBEAN_AUTH: 'entra',
    JELLYBEAN_ENTRA_TENANTS: tenant,
    JELLYBEAN_ENTRA_CLIENT_ID: tenant,
  };
  const oidc = {
    ...tls,
    JELLYBEAN_AUTH: 'oidc',
    JELLYBEAN_OIDC_ISSUER: 'https://login.contoso.example',
    JELLYBEAN_OIDC_CLIENT_ID: 'jellybean',
  };

  test('[CF1] what is enough, is enough, and ids are kept in lower case', () => {
    expect(mistakesOf(entra)).toEqual([]);
    expect(mistakesOf(oidc)).toEqual([]);
    const config = parseConfig({ ...entra, JELLYBEAN_ENTRA_TENANTS: `${tenant.toUpperCase()} ${tenant}` });
    expect(config.entra?.tenants).toEqual([tenant, tenant]);
    expect(config.bind).toBeNull();
    expect(config.httpPort).toBe(0);
  });

  test.each([
    ['no tenants', { ...entra, JELLYBEAN_ENTRA_TENANTS: '' }, 'JELLYBEAN_ENTRA_TENANTS'],
    ['a tenant by name', { ...entra, JELLYBEAN_ENTRA_TENANTS: 'common' }, 'JELLYBEAN_ENTRA_TENANTS'],
    ['a client that is no id', { ...entra, JELLYBEAN_ENTRA_CLIENTS: '*' }, 'JELLYBEAN_ENTRA_CLIENTS'],
    [
      'an authority without TLS',
      { ...entra, JELLYBEAN_ENTRA_AUTHORITY: 'http://login.evil.example' },
      'JELLYBEAN_ENTRA_AUTHORITY',
    ],
    [
      'settings of another mode',
      { ...entra, JELLYBEAN_OIDC_ISSUER: 'https://x.example' },
      'JELLYBEAN_OIDC_ISSUER',
    ],
    ['settings of a mode in demo', { JELLYBEAN_ENTRA_TENANTS: tenant }, 'JELLYBEAN_ENTRA_TENANTS'],
    [
      'an issuer without TLS',
      { ...oidc, JELLYBEAN_OIDC_ISSUER: 'http://login.contoso.example' },
      'JELLYBEAN_OIDC_ISSUER',
    ],
    [
      'an issuer with a query',
      { ...oidc, JELLYBEAN_OIDC_ISSUER: 'https://x.example/?a=b' },
      'JELLYBEAN_OIDC_ISSUER',
    ],
    ['the client as audience', { ...oidc, JELLYBEAN_OIDC_AUDIENCE: 'jellybean' }, 'JELLYBEAN_OIDC_AUDIENCE'],
    [
      'programs without an audience',
      { ...oidc, JELLYBEAN_OIDC_APPLICATIONS: 'robot' },
      'JELLYBEAN_OIDC_APPLICATIONS',
    ],
    ['a role that is none', { ...oidc, JELLYBEAN_OIDC_ROLE_NAMES: 'it=admin' }, 'JELLYBEAN_OIDC_ROLE_NAMES'],
    ['a scope without openid', { ...oidc, JELLYBEAN_OIDC_SCOPE: 'profile' }, 'JELLYBEAN_OIDC_SCOPE'],
    ['a proxy that is no address', { JELLYBEAN_TRUSTED_PROXIES: '10.0.0.0/33' }, 'JELLYBEAN_TRUSTED_PROXIES'],
  ])('[CF1] %s is a mistake', (_what, env, name) => {
    const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
    expect(mistakesOf(given)).toEqual([expect.stringContaining(name)]);
  });

  test('[CF1] a secret’s file that is missing, empty or beside its variable is a mistake', () => {
    const read = (file: string): string => {
      if (file === '/empty') return '\n';
      throw Object.assign(new Error('no'), { code: 'ENOENT' });
    };
    const mistakes = (env: Record<string, string>) => {
      try {
        readEnv(env, read);
      } catch (error) {
        return (error as ConfigurationError).mistakes;
      }
      return [];
    };
    expect(mistakes({ JELLYBEAN_STORE_FILE: '/nowhere' })).toEqual([expect.stringContaining('ENOENT')]);
    expect(mistakes({ JELLYBEAN_METRICS_TOKEN_FILE: '/empty' })).toEqual([expect.stringContaining('empty')]);
    expect(mistakes({ JELLYBEAN_BUS: 'memory:', JELLYBEAN_BUS_FILE: '/empty' })).toHaveLength(2);
  });
});
