import { generateKeyPairSync, sign } from 'node:crypto';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { personIdOf } from '../../server/adapters/identity/admission.ts';
import { createEntraCheck, type EntraRules } from '../../server/adapters/identity/entra.ts';
import { cooldownMs, freshMs, keptMs } from '../../server/adapters/identity/jwks.ts';
import type { Genuine } from '../../server/adapters/identity/standing.ts';
import { DomainError } from '../../server/domain/errors.ts';
import type { PersonRecord } from '../../server/ports/directory.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts';

const home = 'a1a1a1a1-0000-4000-8000-000000000001';
const partner = 'b2b2b2b2-0000-4000-8000-000000000002';
const stranger = 'c3c3c3c3-0000-4000-8000-000000000003';
const audience = '11111111-2222-4333-8444-555555555555';
const pane = '99999999-2222-4333-8444-555555555555';
const robot = '77777777-2222-4333-8444-555555555555';
const alice = '0a0a0a0a-1111-4111-8111-111111111111';

let issuer: TokenIssuer;
let clock: ManualClock;
let check: (token: string) => Promise<Genuine>;
let rules: EntraRules;

const personOf = (id: string): PersonRecord =>
  ({ id, displayName: 'Alice', address: 'alice@contoso.example', roles: [], external: false }) as never;

const fresh = () =>
  createEntraCheck({
    rules,
    clock,
    admit: async (arrival) => ({ ...personOf(arrival.id), external: arrival.external }),
  });

beforeAll(async () => {
  issuer = await startTokenIssuer();
  await issuer.addKey('first');
  await issuer.addKey('second');
  issuer.withdrawKey('second');
});
afterAll(() => issuer.stop());
beforeEach(() => {
  issuer.answer = null;
  clock = createManualClock();
  rules = {
    authority: issuer.authority,
    tenants: [home, partner],
    audience,
    scope: 'access',
    clients: [pane],
    applications: [robot],
  };
  check = fresh();
});

/** Claims as anybody may write them, of any type or left out. */
type Claims = Readonly<Record<string, unknown>>;

const second = () => Math.floor(clock.now() / 1_000);
const claimsOf = (more: Claims = {}): JWTPayload => {
  const tid = String(more.tid ?? home);
  return {
    aud: audience,
    iss: `${issuer.authority}/${tid}/v2.0`,
    tid,
    oid: alice,
    sub: 'pairwise-subject',
    azp: pane,
    azpacr: '0',
    scp: 'openid access',
    name: 'Alice Adler',
    preferred_username: 'alice@contoso.example',
    ver: '2.0',
    iat: second() - 10,
    nbf: second() - 10,
    exp: second() + 3_600,
    ...more,
  } as JWTPayload;
};
const codeOf = (token: string) =>
  check(token).then(
    () => 'let in',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
const signed = (more: Claims = {}, kid = 'first', header = {}) => issuer.sign(kid, claimsOf(more), header);

describe('a token of Entra ID', () => {
  test('[ID10] a genuine one is let in, as the person of its oid', async () => {
    expect(await check(await signed())).toMatchObject({
      kind: 'person',
      userId: alice,
      external: false,
      roles: new Set(),
      expiresAt: (second() + 3_600 + 60) * 1_000,
    });
  });

  test('[ID10] the two scopes that pages of SharePoint ask for let a person in, and never an administrator', async () => {
    const roles = ['Admin'];
    const ours = await check(await signed({ roles }));
    expect(ours).toMatchObject({ userId: alice, roles: new Set(['admin']) });
    const pages = await check(await signed({ scp: 'Chat.ReadWrite Presence.Read', roles }));
    expect(pages).toMatchObject({ kind: 'person', userId: alice, roles: new Set() });
  });

  const wrong: [what: string, claims: () => Claims, code?: string][] = [
    ['another audience', () => ({ aud: 'https://graph.microsoft.com' })],
    ['the audience of v1.0', () => ({ aud: `api://${audience}` })],
    ['a list of audiences without ours', () => ({ aud: ['a', 'b'] })],
    ['no audience', () => ({ aud: undefined })],
    ['expired beyond the skew', () => ({ exp: second() - 61 }), 'token-expired'],
    ['not yet valid beyond the skew', () => ({ nbf: second() + 61 })],
    ['no end', () => ({ exp: undefined })],
    ['an end that is no number', () => ({ exp: '9999999999' })],
    ['no nbf', () => ({ nbf: undefined })],
    ['a tenant that is not let in', () => ({ tid: stranger })],
    ['an issuer of another tenant than its tid', () => ({ iss: `${issuer.authority}/${partner}/v2.0` })],
    ['a foreign issuer with our tid', () => ({ iss: `https://evil.example/${home}/v2.0` })],
    ['the issuer of v1.0', () => ({ iss: `https://sts.windows.net/${home}/` })],
    ['no tid', () => ({ tid: undefined, iss: `${issuer.authority}/${home}/v2.0` })],
    ['a tid in another case', () => ({ tid: home.toUpperCase() })],
    ['a tid that is a list', () => ({ tid: [home], iss: `${issuer.authority}/${home}/v2.0` })],
    ['a tid from the prototype', () => ({ tid: '__proto__' })],
    ['no oid', () => ({ oid: undefined })],
    ['an oid that is no id', () => ({ oid: 'alice@contoso.example' })],
    ['version 1.0', () => ({ ver: '1.0' })],
    ['no version', () => ({ ver: undefined })],
    ['an ID token, which has no scope', () => ({ scp: undefined, nonce: 'n' })],
    ['another scope', () => ({ scp: 'openid profile' })],
    ['a scope that only begins like ours', () => ({ scp: 'access.all accessible' })],
    ['one of the two scopes for pages', () => ({ scp: 'openid Presence.Read' })],
    ['the other of the two', () => ({ scp: 'Chat.ReadWrite Chat.Read' })],
    ['a role instead of the scope', () => ({ scp: undefined, roles: ['Admin'] })],
    ['another client', () => ({ azp: '00000000-0000-4000-8000-000000000000' })],
    ['no client', () => ({ azp: undefined })],
    [
      'an application that is not on the list',
      () => ({ scp: undefined, sub: alice, idtyp: 'app', roles: ['Admin'] }),
    ],
    ['an application without a role', () => ({ scp: undefined, sub: alice, azp: robot })],
    [
      'an application with a role that is none of ours',
      () => ({ scp: undefined, sub: alice, azp: robot, roles: ['User.Read.All'] }),
    ],
    ['a person whose token says app', () => ({ azp: robot, idtyp: 'app' })],
  ];
  test.each(wrong)('[ID10] %s is refused', async (_what, claims, code = 'unauthenticated') => {
    expect(await codeOf(await signed(claims()))).toBe(code);
  });

  test('[ID10] clocks may differ by a minute', async () => {
    expect(await codeOf(await signed({ exp: second() - 59 }))).toBe('let in');
    expect(await codeOf(await signed({ nbf: second() + 59 }))).toBe('let in');
  });

  test('[ID10] an unsigned token is refused, however it says so', async () => {
    const unsecured = new UnsecuredJWT(claimsOf()).encode();
    const body = unsecured.split('.')[1] as string;
    const headers = ['none', 'None', 'NONE', ''].map((alg) =>
      Buffer.from(JSON.stringify({ alg, kid: 'first' })).toString('base64url'),
    );
    const [head] = (await signed()).split('.') as [string];
    for (const token of [
      unsecured,
      ...headers.map((each) => `${each}.${body}.`),
      `${head}.${body}.`,
      `${head}.${body}`,
      '',
      '..',
      'a.b.c',
    ])
      expect(await codeOf(token), token.slice(0, 40)).toBe('unauthenticated');
  });

  test('[ID10] the public key as an HMAC secret is refused', async () => {
    const jwk = issuer.publicKey('first');
    for (const secret of [JSON.stringify(jwk), jwk.n as string]) {
      const token = await new SignJWT(claimsOf())
        .setProtectedHeader({ alg: 'HS256', kid: 'first' })
        .sign(Buffer.from(secret.padEnd(32, ' ')));
      expect(await codeOf(token)).toBe('unauthenticated');
    }
  });

  test('[ID10] other algorithms are refused, also with a published key', async () => {
    const pss = await issuer.addKey('pss', 'PS256');
    const curve = await issuer.addKey('curve', 'ES256');
    clock.advance(cooldownMs);
    expect(await codeOf(await signed({}, pss))).toBe('unauthenticated');
    expect(await codeOf(await signed({}, curve))).toBe('unauthenticated');
    issuer.withdrawKey(pss);
    issuer.withdrawKey(curve);
  });

  test('[ID10] a key that the token brings along is not used', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const jwk = publicKey.export({ format: 'jwk' });
    const asked: string[] = [];
    issuer.answer = (tenant) => {
      asked.push(tenant);
      return null;
    };
    for (const header of [
      { jwk },
      { jku: `${issuer.authority}/evil/keys` },
      { x5u: `${issuer.authority}/evil/keys` },
      { kid: '../../evil' },
      { kid: 'first', crit: ['exp'] },
    ]) {
      const parts = [{ alg: 'RS256', kid: 'first', ...header }, claimsOf()].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      );
      const signature = sign('sha256', Buffer.from(parts.join('.')), privateKey).toString('base64url');
      expect(await codeOf(`${parts.join('.')}.${signature}`), JSON.stringify(header).slice(0, 30)).toBe(
        'unauthenticated',
      );
    }
    expect(new Set(asked)).toEqual(new Set([home]));
  });

  test('[ID10] a signature by a withdrawn key, and a changed body, are refused', async () => {
    expect(await codeOf(await signed({}, 'second'))).toBe('unauthenticated');
    const [head, , signature] = (await signed()).split('.') as [string, string, string];
    const body = Buffer.from(JSON.stringify(claimsOf({ oid: home }))).toString('base64url');
    expect(await codeOf(`${head}.${body}.${signature}`)).toBe('unauthenticated');
  });
});

describe('who it is', () => {
  test('[ID11] the name in a token decides nothing: the same oid is the same person', async () => {
    const renamed = await check(
      await signed({
        preferred_username: 'ceo@contoso.example',
        name: 'CEO',
        upn: 'ceo',
        email: 'ceo@contoso.example',
      }),
    );
    expect(renamed.userId).toBe(alice);
    expect(renamed.roles).toEqual(new Set());
  });

  test('[ID11] the same oid in another tenant is somebody else, and external', async () => {
    const other = await check(await signed({ tid: partner }));
    expect(other).toMatchObject({ userId: personIdOf(partner, alice), external: true });
    expect(other.userId).not.toBe(alice);
    expect(other.userId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('[ID11] a guest of the home tenant is external', async () => {
    expect((await check(await signed({ acct: 1 }))).external).toBe(true);
  });

  test('[ID11] an address that the tenant does not own is not offered as theirs', async () => {
    const addresses: (string | null)[] = [];
    const asking = createEntraCheck({
      rules,
      clock,
      admit: async (arrival) => {
        addresses.push(arrival.address);
        return personOf(arrival.id);
      },
    });
    await asking(await signed({ email: 'ceo@contoso.example' }));
    await asking(await signed({ email: 'Owned@Contoso.example', xms_edov: true }));
    await asking(await signed({ preferred_username: 'no address at all' }));
    expect(addresses).toEqual(['alice@contoso.example', 'owned@contoso.example', null]);
  });

  test('[ID13] the app role Admin makes an administrator; other roles give a person nothing', async () => {
    const roles = async (claim: unknown) => [...(await check(await signed({ roles: claim }))).roles];
    expect(await roles(['Admin'])).toEqual(['admin']);
    expect(
      await roles(['admin', 'Presence.ReadWrite.All', 'Chat.Export', 'constructor', '__proto__']),
    ).toEqual([]);
  });

  test('[ID13] an application has the roles it was given and no others', async () => {
    const genuine = await check(
      await signed({
        scp: undefined,
        azp: robot,
        sub: alice,
        roles: ['Presence.Read.All', 'Chat.Export', 'Mail.Read'],
      }),
    );
    expect(genuine).toMatchObject({
      kind: 'application',
      userId: alice,
      roles: new Set(['Presence.Read.All', 'Chat.Export']),
    });
    expect(await codeOf(await signed({ scp: undefined, azp: robot, idtyp: 'app', roles: ['Admin'] }))).toBe(
      'let in',
    );
    expect(
      await codeOf(await signed({ scp: undefined, azp: robot, idtyp: 'user', sub: alice, roles: ['Admin'] })),
    ).toBe('unauthenticated');
  });
});

describe('the keys of an issuer', () => {
  const asking = async (work: () => Promise<unknown>) => {
    const before = issuer.asked;
    await work();
    return issuer.asked - before;
  };

  test('[ID12] they are fetched once, however many ask at the same time', async () => {
    const token = await signed();
    expect(await asking(() => Promise.all(Array.from({ length: 50 }, () => check(token))))).toBe(1);
    expect(await asking(() => check(token))).toBe(0);
  });

  test('[ID12] a new key is found when it is first used', async () => {
    await check(await signed());
    const rotated = await issuer.addKey(`rotated-${issuer.asked}`);
    clock.advance(cooldownMs);
    const token = await signed({}, rotated);
    expect(await asking(() => Promise.all(Array.from({ length: 20 }, () => check(token))))).toBe(1);
    issuer.withdrawKey(rotated);
  });

  test('[ID12] made-up key ids do not make the server ask more often than the cooldown', async () => {
    await check(await signed());
    clock.advance(cooldownMs);
    const count = await asking(async () => {
      for (let at = 0; at < 30; at += 1) {
        expect(await codeOf(await signed({}, 'first', { kid: `made-up-${at}` }))).toBe('unauthenticated');
        clock.advance(1_000);
      }
    });
    expect(count).toBe(1);
  });

  test('[ID12] a withdrawn key stops being good after the keys have been fetched again', async () => {
    const shortLived = await issuer.addKey(`short-lived-${issuer.asked}`);
    const token = await signed({}, shortLived);
    expect(await codeOf(token)).toBe('let in');
    issuer.withdrawKey(shortLived);
    clock.advance(freshMs + 1);
    await codeOf(await signed());
    await expect.poll(() => codeOf(token)).toBe('unauthenticated');
  });

  test('[ID12] while the issuer is down the last good keys stand for a day, and nobody comes in after', async () => {
    await check(await signed());
    const failures: Exclude<TokenIssuer['answer'], null>[] = [
      () => ({ status: 503, body: '' }),
      () => ({ status: 200, body: 'not json' }),
      () => ({ status: 200, body: '{"keys":[]}' }),
      () => ({ status: 200, body: JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'first' }] }) }),
      () => ({ status: 302, body: '', headers: { Location: `${issuer.authority}/${home}/elsewhere` } }),
      () => ({ status: 200, body: `"${'x'.repeat(600_000)}"` }),
    ];
    for (const answer of failures) {
      issuer.answer = answer;
      clock.advance(freshMs + 1);
      expect(await codeOf(await signed())).toBe('let in');
      // A key id that nobody knows may be a new one: the client is told to come again.
      await expect
        .poll(async () => codeOf(await signed({}, 'first', { kid: 'newer' })))
        .toBe('identity-unavailable');
    }
    clock.advance(keptMs);
    expect(await codeOf(await signed())).toBe('identity-unavailable');
    issuer.answer = null;
    clock.advance(cooldownMs);
    expect(await codeOf(await signed())).toBe('let in');
  });

  test('[ID12] an issuer that was never reached lets nobody in, and is asked again after the cooldown', async () => {
    issuer.answer = () => ({ status: 500, body: '' });
    const token = await signed();
    expect(
      await asking(async () => {
        expect(await codeOf(token)).toBe('identity-unavailable');
        expect(await codeOf(token)).toBe('identity-unavailable');
      }),
    ).toBe(1);
    issuer.answer = null;
    clock.advance(cooldownMs);
    expect(await codeOf(token)).toBe('let in');
  });

  test('[ID12] a clock that is set back does not freeze the keys', async () => {
    let setBack = 0;
    check = createEntraCheck({
      rules,
      clock: { ...clock, now: () => clock.now() - setBack },
      admit: async (arrival) => personOf(arrival.id),
    });
    await check(await signed());
    const rotated = await issuer.addKey(`after-setback-${issuer.asked}`);
    setBack = 3_600_000;
    expect(await codeOf(await signed({ nbf: 0 }, rotated))).toBe('let in');
    issuer.withdrawKey(rotated);
  });

  test('[ID12] each tenant has its own keys', async () => {
    issuer.answer = (tenant) =>
      tenant === partner
        ? { status: 200, body: JSON.stringify({ keys: [issuer.publicKey('second')] }) }
        : null;
    expect(await codeOf(await signed({ tid: partner }, 'second'))).toBe('let in');
    expect(await codeOf(await signed({ tid: home }, 'second'))).toBe('unauthenticated');
  });
});
