/** Signing in by browser against a real OpenID provider: every way it may go, and every way it must not. */
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { personIdOf } from '../../server/adapters/identity/admission.ts';
import { DomainError } from '../../server/domain/errors.ts';
import type { Notice } from '../../server/ports/bus.ts';
import type { Session, SignIn } from '../../server/ports/sign-in.ts';
import {
  type IdentityParts,
  newVerifier,
  oidcRules,
  openParts,
  personNamed,
  settings,
  signInBy,
} from '../support/identity-parts.ts';
import { type OpenidProvider, startOpenidProvider } from '../support/openid-provider.ts';

let provider: OpenidProvider;
let parts: IdentityParts;
let signIn: SignIn;

beforeAll(async () => {
  provider = await startOpenidProvider(`${settings.baseUrl}/signin/callback`);
  const account = (sub: string, more = {}) =>
    provider.accounts.set(sub, {
      sub,
      name: sub,
      email: `${sub}@contoso.example`,
      email_verified: true,
      ...more,
    });
  account('alice', { groups: ['it-staff', 'everybody'] });
  account('bob', { name: 'Bob \u202Egnp.exe\u0000  Kovács' });
  account('mallory', { email: 'Alice@contoso.example' });
  account('unverified', { email_verified: false });
  account('without', { email: undefined });
  account('9d9d9d9d-1111-4111-8111-111111111111', { email: 'dora@contoso.example' });
});
afterAll(() => provider.stop());

async function open(
  rules: Partial<ReturnType<typeof oidcRules>> = {},
  more: Parameters<typeof openParts>[0] = {},
) {
  await parts?.dispose();
  parts = await openParts({ oidc: { ...oidcRules(provider), ...rules }, ...more });
  signIn = parts.signIn as SignIn;
}
afterEach(() => provider.setDown(false));
afterAll(() => parts.dispose());

const codeOf = async (work: () => unknown) => {
  try {
    await work();
    return 'done';
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
};
async function sessionOf(sub: string): Promise<Session> {
  const { completion, verifier } = await signInBy(signIn, provider, sub);
  if (!('code' in completion)) throw new Error(completion.failed);
  return signIn.redeem(completion.code, verifier);
}
const failureOf = async (sub: string | null) => {
  const { completion } = await signInBy(signIn, provider, sub);
  return 'failed' in completion ? completion.failed : 'signed in';
};

describe('the way in', () => {
  beforeAll(() => open({ roleNames: { 'it-staff': ['admin'] } }));

  test('[ID16] a code for the one who began, then a short bearer', async () => {
    const { completion, verifier } = await signInBy(signIn, provider, 'alice');
    expect(completion).toMatchObject({
      returnTo: '/somewhere',
      person: { address: 'alice@contoso.example' },
    });
    const { code } = completion as { code: string };
    const session = await signIn.redeem(code, verifier);
    expect(session.expiresAt - parts.clock.now()).toBeLessThanOrEqual(900_000);
    expect(session.endsAt - parts.clock.now()).toBe(8 * 3_600_000);
    const principal = await parts.identity.verify(session.token);
    expect(principal).toMatchObject({ kind: 'person', userId: personIdOf(provider.issuer, 'alice') });
    expect([...principal.roles]).toEqual(['admin']);
    expect(session.renewal).not.toContain('eyJzdWIi');
  });

  test('[ID16] the address of the provider carries challenge, nonce and a sealed state, and nothing else of ours', async () => {
    const { challenge, verifier } = newVerifier();
    const url = new URL(await signIn.begin({ challenge, returnTo: '/somewhere' }));
    expect(url.origin).toBe(provider.issuer);
    const { state, nonce, code_challenge, ...rest } = Object.fromEntries(url.searchParams);
    expect(rest).toEqual({
      client_id: 'jellybean',
      redirect_uri: `${settings.baseUrl}/signin/callback`,
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge_method: 'S256',
    });
    expect(code_challenge).not.toBe(challenge);
    for (const secret of [challenge, verifier, 'somewhere', nonce as string])
      expect(Buffer.from(state as string, 'base64url').toString('latin1') + state).not.toContain(secret);
  });

  test('[ID17] a one-time code is good once', async () => {
    const { completion, verifier } = await signInBy(signIn, provider, 'alice');
    const { code } = completion as { code: string };
    const outcomes = await Promise.all([1, 2, 3].map(() => codeOf(() => signIn.redeem(code, verifier))));
    expect(outcomes.sort()).toEqual(['done', 'sign-in-expired', 'sign-in-expired']);
  });

  test('[ID17] a code is worth nothing to somebody else, and a wrong try uses it up', async () => {
    const { completion, verifier } = await signInBy(signIn, provider, 'alice');
    const { code } = completion as { code: string };
    expect(await codeOf(() => signIn.redeem(code, newVerifier().verifier))).toBe('sign-in-expired');
    expect(await codeOf(() => signIn.redeem(code, verifier))).toBe('sign-in-expired');
  });

  test('[ID17] a code ends after a minute', async () => {
    const { completion, verifier } = await signInBy(signIn, provider, 'alice');
    parts.clock.advance(60_001);
    expect(await codeOf(() => signIn.redeem((completion as { code: string }).code, verifier))).toBe(
      'sign-in-expired',
    );
  });

  test('[ID16] a sign-in that somebody else began is worth nothing to the one who is lured into it', async () => {
    // The attacker's address is opened by the victim: the code is bound to the attacker's verifier …
    const attacker = newVerifier();
    provider.signingIn = 'bob';
    const back = await provider.browse(await signIn.begin({ challenge: attacker.challenge, returnTo: '/' }));
    const completion = await signIn.complete(back.search.slice(1));
    // … so the victim's client, which has its own, cannot be made to use it.
    const victim = newVerifier();
    expect(await codeOf(() => signIn.redeem((completion as { code: string }).code, victim.verifier))).toBe(
      'sign-in-expired',
    );
  });

  test('[ID16] a state that is forged, changed, too old or of another purpose goes nowhere', async () => {
    provider.signingIn = 'alice';
    const start = async () =>
      provider.browse(await signIn.begin({ challenge: newVerifier().challenge, returnTo: '/x' }));
    const failed = async (query: URLSearchParams) => {
      const completion = await signIn.complete(String(query));
      return 'failed' in completion ? [completion.failed, completion.returnTo] : 'signed in';
    };
    const back = await start();
    const { renewal } = await sessionOf('alice');
    for (const state of ['', 'x', renewal, back.searchParams.get('state')?.slice(0, -4) ?? '']) {
      const query = new URLSearchParams(back.searchParams);
      query.set('state', state);
      expect(await failed(query)).toEqual(['expired', '/signin']);
    }
    const late = await start();
    parts.clock.advance(10 * 60_000 + 1_000);
    expect(await failed(late.searchParams)).toEqual(['expired', '/signin']);
  });

  test('[ID16] an answer that belongs to another sign-in, another issuer, or is used twice is refused', async () => {
    const starts = [];
    for (const sub of ['alice', 'bob']) {
      provider.signingIn = sub;
      starts.push(
        await provider.browse(await signIn.begin({ challenge: newVerifier().challenge, returnTo: '/x' })),
      );
    }
    const [first, second] = starts as [URL, URL];
    const mixed = new URLSearchParams(first.searchParams);
    mixed.set('code', second.searchParams.get('code') as string);
    const foreign = new URLSearchParams(first.searchParams);
    foreign.set('iss', 'https://evil.example');
    const doubled = `${first.searchParams}&code=another`;
    for (const query of [String(mixed), String(foreign), doubled]) {
      const completion = await signIn.complete(query);
      expect('failed' in completion && completion.failed, query.slice(0, 60)).toBe('failed');
    }
    expect('code' in (await signIn.complete(String(first.searchParams)))).toBe(true);
    expect('code' in (await signIn.complete(String(first.searchParams)))).toBe(false);
  });

  test('[ID16] who cancels at the provider comes back with that', async () => {
    expect(await failureOf(null)).toBe('cancelled');
  });

  test('[ID16] a bearer of ours that somebody made is refused, whatever it says', async () => {
    const { token } = await sessionOf('alice');
    const claims = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString());
    for (const key of [Buffer.alloc(32), Buffer.from('jellybean')]) {
      const forged = await new SignJWT({ ...claims, roles: ['admin'] })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.concat([key, Buffer.alloc(32)]));
      expect(await codeOf(() => parts.identity.verify(forged))).toBe('unauthenticated');
    }
    const { renewal } = await sessionOf('alice');
    expect(await codeOf(() => parts.identity.verify(renewal))).toBe('unauthenticated');
  });
});

describe('staying in, and leaving', () => {
  beforeAll(() => open());

  test('[ID18] a renewal asks the provider, and a bearer follows a bearer until the session ends', async () => {
    const first = await sessionOf('alice');
    parts.clock.advance(890_000);
    const second = await signIn.renew(first.renewal);
    expect(second.token).not.toBe(first.token);
    expect(second.endsAt).toBe(first.endsAt);
    expect(await codeOf(() => parts.identity.verify(second.token))).toBe('done');
    // The provider rotates: an old renewal, stolen or repeated, is answered by the end of the session there.
    expect(await codeOf(() => signIn.renew(first.renewal))).toBe('token-revoked');
  });

  test('[ID18] nothing renews beyond the end of the session', async () => {
    const { renewal, endsAt } = await sessionOf('bob');
    parts.clock.advance(endsAt - parts.clock.now());
    expect(await codeOf(() => signIn.renew(renewal))).toBe('token-expired');
  });

  test('[ID18] whom the provider does not know any more is not renewed; while it is down nobody is', async () => {
    const { renewal } = await sessionOf('bob');
    provider.setDown(true);
    expect(await codeOf(() => signIn.renew(renewal))).toBe('identity-unavailable');
    provider.setDown(false);
    const bob = provider.accounts.get('bob');
    provider.accounts.delete('bob');
    expect(await codeOf(() => signIn.renew(renewal))).toBe('token-revoked');
    if (bob) provider.accounts.set('bob', bob);
  });

  test('[ID18] revoked or disabled between two bearers: no renewal', async () => {
    const { renewal, person } = await sessionOf('alice');
    await parts.identity.revoke(person.id);
    expect(await codeOf(() => signIn.renew(renewal))).toBe('token-revoked');
    const fresh = await sessionOf('alice');
    await parts.identity.setDisabled(person.id, true);
    expect(await codeOf(() => signIn.renew(fresh.renewal))).toBe('disabled');
    expect(await failureOf('alice')).toBe('disabled');
    await parts.identity.setDisabled(person.id, false);
  });

  test('[ID19] signing out ends that session and no other, at once and for its renewal too', async () => {
    const [here, there] = [await sessionOf('bob'), await sessionOf('bob')];
    for (const { token } of [here, there]) await parts.identity.verify(token);
    const notices: Notice[] = [];
    const stop = parts.bus.subscribe((notice) => notices.push(notice));
    await signIn.end(here.renewal);
    await expect.poll(() => notices.map(({ kind }) => kind)).toEqual(['end-session']);
    expect(await codeOf(() => parts.identity.verify(here.token))).toBe('token-revoked');
    expect(await codeOf(() => signIn.renew(here.renewal))).toBe('token-revoked');
    expect(await codeOf(() => parts.identity.verify(there.token))).toBe('done');
    await signIn.end(here.renewal);
    await signIn.end('nonsense');
    stop();
  });

  test('[ID27] a session that was signed out on another node is found, and no other of the person', async () => {
    const [here, there] = [await sessionOf('bob'), await sessionOf('bob')];
    const [one, other] = [await parts.identity.verify(here.token), await parts.identity.verify(there.token)];
    expect(await parts.identity.ended([one, other])).toEqual([]);
    await signIn.end(here.renewal);
    expect(await parts.identity.ended([one, other])).toEqual([{ right: one, reason: 'revoked' }]);
  });

  test('[ID12] a provider that is down when the server starts is found when it is back', async () => {
    provider.setDown(true);
    await open();
    const begin = () => codeOf(() => signIn.begin({ challenge: newVerifier().challenge, returnTo: '/' }));
    expect(await begin()).toBe('identity-unavailable');
    provider.setDown(false);
    parts.clock.advance(5_000);
    expect(await begin()).toBe('done');
  });
});

describe('who is let in', () => {
  test('[ID15] somebody new is added with what the provider vouches for, and cleaned of what deceives the eye', async () => {
    await open();
    const { person } = await sessionOf('bob');
    expect(person).toMatchObject({
      displayName: 'Bob gnp.exe Kovács',
      address: 'bob@contoso.example',
      external: false,
      roles: [],
    });
    expect((await parts.directory.resolve(['BOB@contoso.example']))[0]?.id).toBe(person.id);
    expect((await sessionOf('bob')).person.id).toBe(person.id);
  });

  test('[ID15] an address that is not vouched for, or somebody else’s, lets nobody in', async () => {
    await open();
    await sessionOf('alice');
    expect(await failureOf('mallory')).toBe('not-admitted');
    expect(await failureOf('unverified')).toBe('not-admitted');
    expect(await failureOf('without')).toBe('not-admitted');
    expect((await parts.directory.resolve(['alice@contoso.example']))[0]?.id).toBe(
      personIdOf(provider.issuer, 'alice'),
    );
    expect(await parts.directory.count()).toBe(1);
  });

  test('[ID15] two first sign-ins at once make one person', async () => {
    await open();
    const people = await Promise.all([sessionOf('alice'), sessionOf('alice')]);
    expect(new Set(people.map(({ person }) => person.id)).size).toBe(1);
    expect(await parts.directory.count()).toBe(1);
  });

  test('[ID15] with the policy "directory" only people of the directory come in: by id, or by address where that is chosen', async () => {
    const dora = '9d9d9d9d-1111-4111-8111-111111111111';
    for (const matchBy of ['id', 'address'] as const) {
      await open({ matchBy }, { admission: 'directory' });
      await parts.store.transaction([], (tx) =>
        tx.accounts.putPeople([
          personNamed(dora, 'dora'),
          personNamed('0a0a0a0a-1111-4111-8111-111111111111', 'alice'),
        ]),
      );
      expect((await sessionOf(dora)).person.id).toBe(dora);
      expect(await failureOf('bob')).toBe('not-admitted');
      if (matchBy === 'id') expect(await failureOf('alice')).toBe('not-admitted');
      else expect((await sessionOf('alice')).person.id).toBe('0a0a0a0a-1111-4111-8111-111111111111');
      // Not vouched for, so it matches nobody either.
      expect(await failureOf('unverified')).toBe('not-admitted');
    }
  });

  test('[ID15] roles come from a claim by the mapping; what is not mapped gives nothing', async () => {
    const rolesWith = async (roleNames: Record<string, string[]>) => {
      await open({ roleNames });
      return [...(await parts.identity.verify((await sessionOf('alice')).token)).roles];
    };
    expect(await rolesWith({})).toEqual([]);
    expect(await rolesWith({ 'it-staff': ['admin'] })).toEqual(['admin']);
    expect(await rolesWith({ everybody: ['Presence.ReadWrite.All'], constructor: ['admin'] })).toEqual([]);
  });
});

describe('programs', () => {
  beforeAll(() =>
    open({ audience: 'https://jellybean.contoso.example/api', applications: ['robot'], rolesClaim: 'scope' }),
  );

  test('[ID13] a program on the list comes in by its own token with the roles it was given', async () => {
    const principal = await parts.identity.verify(await provider.programToken('Presence.Read.All other'));
    expect(principal).toMatchObject({ kind: 'application', external: false });
    expect([...principal.roles]).toEqual(['Presence.Read.All']);
  });

  test('[ID13] without a role, not on the list, or for another audience it stays outside', async () => {
    expect(await codeOf(async () => parts.identity.verify(await provider.programToken('other')))).toBe(
      'unauthenticated',
    );
    expect(
      await codeOf(async () => parts.identity.verify(await provider.programToken('Admin', 'stranger'))),
    ).toBe('unauthenticated');
    const token = await provider.programToken('Admin');
    await open({ audience: 'https://another.example', applications: ['robot'], rolesClaim: 'scope' });
    expect(await codeOf(() => parts.identity.verify(token))).toBe('unauthenticated');
    await open({ applications: ['robot'] });
    expect(await codeOf(() => parts.identity.verify(token))).toBe('unauthenticated');
  });
});
