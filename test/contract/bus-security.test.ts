/** A NATS that lets in only who it knows, over TLS alone: right credentials work, wrong ones are told apart. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openNatsBus } from '../../server/adapters/bus/nats.ts';
import type { NatsSettings } from '../../server/adapters/bus/nats-settings.ts';
import type { Bus, Notice } from '../../server/ports/bus.ts';
import { developmentCertificate } from '../support/development-certificate.ts';
import { hasNatsServer, type PrivateService, startPrivateNats } from '../support/private-services.ts';
import { freePorts } from '../support/server-process.ts';
import { skipUnless } from '../support/skip.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

type Pair = ReturnType<typeof nkeys.createUser>;

/** A token as NATS makes them: signed by an nkey, about another. */
function jwt(issuer: Pair, subject: Pair, nats: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { jti: 'test', iat: 1_700_000_000, iss: issuer.getPublicKey(), sub: subject.getPublicKey() };
  const text = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part({ ...claims, name: 'test', nats: { ...nats, version: 2 } })}`;
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`;
}
const textOf = (pair: Pair) => Buffer.from(pair.getSeed()).toString();
const credsOf = (token: string, pair: Pair) =>
  `-----BEGIN NATS USER JWT-----\n${token}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${textOf(pair)}\n------END USER NKEY SEED------\n`;

skipUnless(hasNatsServer, 'nats-server cannot be found')('a NATS that is locked', () => {
  let folder: string;
  const servers: PrivateService[] = [];
  const open: Bus[] = [];
  const errors: unknown[] = [];
  const ports = { known: 0, token: 0, jwt: 0, mutual: 0, plain: 0 };
  const keys = { user: nkeys.createUser(), stranger: nkeys.createUser() };
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jellybean-nats-'));
    const { cert, key } = await developmentCertificate();
    await writeFile(file('cert.pem'), cert);
    await writeFile(file('key.pem'), key);
    const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
    const nothing = { subs: -1, data: -1, payload: -1 };
    const limits = { ...nothing, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
    const stranger = nkeys.createAccount();
    await writeFile(file('user.creds'), credsOf(jwt(account, user, { type: 'user', ...nothing }), user));
    await writeFile(file('stranger.creds'), credsOf(jwt(stranger, user, { type: 'user', ...nothing }), user));
    await writeFile(file('user.nk'), `${textOf(keys.user)}\n`);
    await writeFile(file('stranger.nk'), textOf(keys.stranger));
    await writeFile(file('broken.creds'), 'nothing of the kind');
    const tls = (more = '') =>
      `tls { cert_file: "${file('cert.pem')}", key_file: "${file('key.pem')}", timeout: 20 ${more} }\n`;
    const configurations: Record<keyof typeof ports, string> = {
      known: `${tls()}authorization { timeout: 20, users: [
        { user: "jb", password: "p@ss:word" }
        { nkey: ${keys.user.getPublicKey()} }
        { user: "narrow", password: "pass", permissions: { subscribe: "elsewhere.>" } }
      ] }`,
      token: `${tls()}authorization { token: "s3cret", timeout: 20 }`,
      jwt: `${tls()}authorization { timeout: 20 }
        operator: "${jwt(operator, operator, { type: 'operator' })}"
        resolver: MEMORY
        resolver_preload: { ${account.getPublicKey()}: "${jwt(operator, account, { type: 'account', limits })}" }`,
      mutual: `${tls(`, ca_file: "${file('cert.pem')}", verify: true`)}authorization { timeout: 20 }`,
      plain: '',
    };
    const free = await freePorts(Object.keys(ports).length);
    for (const [at, name] of (Object.keys(ports) as (keyof typeof ports)[]).entries()) {
      ports[name] = free[at]!;
      await writeFile(file(`${name}.conf`), configurations[name]);
      servers.push(await startPrivateNats(ports[name], file(`${name}.conf`)));
    }
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const bus of open.splice(0)) await bus.close();
    errors.length = 0;
  });

  let nodes = 0;
  const joined = async (url: string, files: Partial<NatsSettings> = {}) => {
    const bus = await openNatsBus({
      settings: {
        url,
        credentialsFile: null,
        caFile: file('cert.pem'),
        certificateFile: null,
        keyFile: null,
        ...files,
      },
      organisation: 'secured',
      nodeId: `node${++nodes}`,
      onError: (error) => errors.push(error),
    });
    open.push(bus);
    return bus;
  };
  const until = (condition: () => boolean) =>
    vi.waitFor(() => expect(condition()).toBe(true), { timeout: 40_000, interval: 20 });
  const at = (name: keyof typeof ports, who = '', scheme = 'tls') =>
    `${scheme}://${who}localhost:${ports[name]}`;

  test.each([
    ['a name and a password', 'known', 'jb:p%40ss%3Aword@', {}],
    ['a token', 'token', 's3cret@', {}],
    ['an nkey', 'known', '', { credentialsFile: 'user.nk' }],
    ['a credentials file', 'jwt', '', { credentialsFile: 'user.creds' }],
    ['a certificate of the node', 'mutual', '', { certificateFile: 'cert.pem', keyFile: 'key.pem' }],
  ] as const)('[ST33] nodes hear each other who come with %s', async (_, name, who, given) => {
    const files = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, file(value)]));
    const [a, b] = [await joined(at(name, who), files), await joined(at(name, who), files)];
    await until(() => a.isConnected() && b.isConnected());
    expect([a.trouble(), b.trouble()]).toEqual([null, null]);
    const heard: Notice[] = [];
    b.subscribe((notice) => heard.push(notice));
    a.publish({ kind: 'events', seq: 7 });
    await until(() => heard.length > 0);
    expect(heard).toEqual([{ kind: 'events', seq: 7 }]);
    expect(errors).toEqual([]);
  });

  test.each([
    ['a wrong password', 'known', 'jb:guess@', {}, /refuses who signs in/],
    ['nobody’s name', 'known', '', {}, /refuses who signs in/],
    ['a wrong token', 'token', 'guess@', {}, /refuses who signs in/],
    ['an unknown nkey', 'known', '', { credentialsFile: 'stranger.nk' }, /refuses who signs in/],
    ['credentials of another account', 'jwt', '', { credentialsFile: 'stranger.creds' }, /refuses/],
    ['a certificate that nobody vouches for', 'known', 'jb:p%40ss%3Aword@', { caFile: null }, /TLS .*CERT/],
  ] as const)(
    '[ST33] with %s a node starts without the bus and says why, without the secret',
    async (_, name, who, given, reason) => {
      const files = Object.fromEntries(
        Object.entries(given).map(([key, value]) => [key, value === null ? null : file(value)]),
      );
      const bus = await joined(at(name, who), files);
      await until(() => reason.test(bus.trouble() ?? ''));
      expect(bus.isConnected()).toBe(false);
      await expect(bus.ask('other', {})).rejects.toMatchObject({ code: 'node-unavailable' });
      // However often it tries, it is said once.
      expect(errors).toHaveLength(1);
      expect(String(errors[0])).toMatch(reason);
      expect(JSON.stringify([bus.trouble(), String(errors[0])])).not.toMatch(/guess|p@ss/);
    },
  );

  test('[ST33] where TLS is asked for nothing is said without it', async () => {
    const bus = await joined(at('plain', 'jb:p%40ss%3Aword@'));
    await until(() => bus.trouble()?.includes('no TLS') ?? false);
    expect(bus.isConnected()).toBe(false);
  });

  test('[ST33] a node that may not hear its organisation says so, and is not taken for connected', async () => {
    const bus = await joined(at('known', 'narrow:pass@'));
    await until(() => bus.trouble()?.includes('does not allow') ?? false);
    expect(bus.isConnected()).toBe(false);
  });

  test('[ST33] files that are not there, or hold something else, are mistakes of the start', async () => {
    await expect(joined(at('known'), { caFile: file('missing.pem') })).rejects.toThrow(/missing\.pem/);
    await expect(joined(at('known'), { credentialsFile: file('missing.creds') })).rejects.toThrow(/missing/);
    await expect(joined(at('known'), { credentialsFile: file('broken.creds') })).rejects.toThrow(
      /neither a \.creds file/,
    );
  });
});
