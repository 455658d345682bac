/** Signing in by a mailbox on Exchange Server: which tokens are good, and whose they are. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MailboxSignIn } from '../../server/ports/sign-in.ts';
import {
  createSigningCertificate,
  type ExchangeServer,
  startExchangeServer,
} from '../support/exchange-server.ts';
import {
  type IdentityParts,
  ids,
  oidcRules,
  openParts,
  personNamed,
  settings,
} from '../support/identity-parts.ts';
import { type OpenidProvider, startOpenidProvider } from '../support/openid-provider.ts';

const audience = `${settings.baseUrl}/addins/outlook/pane.html`;
let provider: OpenidProvider;
let exchange: ExchangeServer;
let parts: IdentityParts;
let mailbox: MailboxSignIn;
beforeAll(async () => {
  provider = await startOpenidProvider(`${settings.baseUrl}/signin/callback`);
  exchange = await startExchangeServer({ audience, now: () => parts.clock.now() });
  parts = await openParts({ oidc: oidcRules(provider), exchangeMetadataUrls: [exchange.amurl] });
  if (parts.mailbox === null) throw new Error('sign-in by mailbox is off');
  mailbox = parts.mailbox;
  await parts.store.transaction([], (tx) =>
    tx.accounts.putPeople([personNamed(ids.alice, 'alice'), personNamed(ids.bob, 'bob')]),
  );
});
afterAll(async () => {
  await parts.dispose();
  await exchange.close();
  await provider.stop();
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );

test('[ID28] a mailbox is nobody’s before somebody links it; then its tokens sign that person in', async () => {
  const token = await exchange.tokenOf('mailbox-a');
  expect(await codeOf(mailbox.signIn(token))).toBe('not-linked');
  await mailbox.link(ids.alice, token);
  await mailbox.link(ids.alice, token);
  const { person, token: bearer, expiresAt } = await mailbox.signIn(await exchange.tokenOf('mailbox-a'));
  expect(person.address).toBe('alice@contoso.example');
  expect(expiresAt - parts.clock.now()).toBeLessThanOrEqual(settings.bearerSeconds * 1_000);
  const principal = await parts.identity.verify(bearer);
  expect(principal).toMatchObject({ kind: 'person', userId: ids.alice, external: false });
  expect([...principal.roles]).toEqual([]);
  // As an object, as some servers write it.
  expect((await mailbox.signIn(await exchange.tokenOf('mailbox-a', { isText: false }))).person.id).toBe(
    ids.alice,
  );
  expect(await codeOf(mailbox.signIn(await exchange.tokenOf('mailbox-b')))).toBe('not-linked');
});

test('[ID28] a mailbox belongs to one person; ending the link frees it', async () => {
  const token = await exchange.tokenOf('mailbox-c');
  await mailbox.link(ids.bob, token);
  expect(await codeOf(mailbox.link(ids.alice, token))).toBe('conflict');
  await mailbox.unlink(ids.bob);
  expect(await codeOf(mailbox.signIn(token))).toBe('not-linked');
  await mailbox.link(ids.alice, token);
  expect((await mailbox.signIn(token)).person.id).toBe(ids.alice);
});

test('[ID28] a token that is forged, for another add-in, out of its time or of another kind is refused', async () => {
  await mailbox.link(ids.alice, await exchange.tokenOf('mailbox-d'));
  const stranger = await createSigningCertificate();
  const seconds = Math.floor(parts.clock.now() / 1_000);
  const good = await exchange.tokenOf('mailbox-d');
  const [, body = ''] = good.split('.');
  const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${body}.`;
  // The public certificate as a shared secret: the classic confusion of algorithms.
  const confused = await new SignJWT(JSON.parse(Buffer.from(body, 'base64url').toString()))
    .setProtectedHeader({ alg: 'HS256', x5t: exchange.certificates[0]?.x5t ?? '' })
    .sign(Buffer.from(exchange.certificates[0]?.base64 ?? '', 'base64'));
  const bad: Record<string, string> = {
    'signed by a stranger': await exchange.tokenOf('mailbox-d', { signer: stranger }),
    'signed by a stranger under the server’s thumbprint': await exchange.tokenOf('mailbox-d', {
      signer: stranger,
      header: { x5t: exchange.certificates[0]?.x5t },
    }),
    'without a thumbprint': await exchange.tokenOf('mailbox-d', { header: { x5t: undefined } }),
    unsigned,
    confused,
    'for another site': await exchange.tokenOf('mailbox-d', {
      claims: { aud: 'https://evil.example/addins/outlook/pane.html' },
    }),
    'for another page of ours': await exchange.tokenOf('mailbox-d', {
      claims: { aud: `${settings.baseUrl}/` },
    }),
    'for a look-alike': await exchange.tokenOf('mailbox-d', {
      claims: { aud: `${settings.baseUrl}.evil.example/addins/x` },
    }),
    'not yet good': await exchange.tokenOf('mailbox-d', { claims: { nbf: seconds + 600 } }),
    'without an end': await exchange.tokenOf('mailbox-d', { claims: { exp: undefined } as never }),
    'of another version': await exchange.tokenOf('mailbox-d', { context: { version: 'ExIdTok.V2' } }),
    'of nobody': await exchange.tokenOf('', {}),
    'no token': 'a.b.c',
  };
  for (const [what, token] of Object.entries(bad))
    expect(await codeOf(mailbox.signIn(token)), what).toBe('unauthenticated');
  const old = await exchange.tokenOf('mailbox-d', { claims: { nbf: seconds - 7_200, exp: seconds - 61 } });
  expect(await codeOf(mailbox.signIn(old))).toBe('token-expired');
  expect(await codeOf(mailbox.signIn(good))).toBe('done');
});

test('[ID28] the address in a token is never asked unless the configuration names it', async () => {
  let asked = 0;
  const other = createServer((_request, response) => {
    asked += 1;
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => other.once('listening', listening));
  const { port } = other.address() as AddressInfo;
  for (const amurl of [
    `http://127.0.0.1:${port}/autodiscover/metadata/json/1`,
    `${exchange.amurl}?x=1`,
    exchange.amurl.replace('127.0.0.1', `127.0.0.1:${port}@127.0.0.1`),
    'file:///etc/passwd',
    'not an address',
  ])
    expect(
      await codeOf(mailbox.signIn(await exchange.tokenOf('mailbox-a', { context: { amurl } }))),
      amurl,
    ).toBe('unauthenticated');
  expect(asked).toBe(0);
  await new Promise((closed) => other.close(closed));
});

test('[ID28] the same name on another server is another mailbox; a new certificate is found, a false thumbprint is none', async () => {
  const second = await startExchangeServer({ audience, now: () => parts.clock.now() });
  const both = await openParts({
    oidc: oidcRules(provider),
    exchangeMetadataUrls: [exchange.amurl, second.amurl],
  });
  await both.store.transaction([], (tx) => tx.accounts.putPeople([personNamed(ids.alice, 'alice')]));
  const signIn = (token: string) => codeOf(both.mailbox?.signIn(token) ?? Promise.resolve());
  await both.mailbox?.link(ids.alice, await exchange.tokenOf('mailbox-e'));
  expect(await signIn(await exchange.tokenOf('mailbox-e'))).toBe('done');
  expect(await signIn(await second.tokenOf('mailbox-e'))).toBe('not-linked');

  const renewed = await createSigningCertificate();
  const liar = await createSigningCertificate();
  exchange.certificates.push(renewed, { x5t: 'of-somebody-else', base64: liar.base64 });
  both.clock.advance(31_000);
  expect(await signIn(await exchange.tokenOf('mailbox-e', { signer: renewed }))).toBe('done');
  const claimed = await exchange.tokenOf('mailbox-e', { signer: liar, header: { x5t: 'of-somebody-else' } });
  expect(await signIn(claimed)).toBe('unauthenticated');
  // Made-up thumbprints do not make us ask all day.
  const before = exchange.asked;
  for (let index = 0; index < 20; index++) {
    const x5t = createHash('sha1').update(`${index}`).digest('base64url');
    await signIn(await exchange.tokenOf('mailbox-e', { signer: liar, header: { x5t } }));
  }
  expect(exchange.asked - before).toBeLessThanOrEqual(1);

  // While it is down, what was known is good, and nothing else.
  exchange.isDown = true;
  both.clock.advance(2 * 3_600_000);
  expect(await signIn(await exchange.tokenOf('mailbox-e'))).toBe('done');
  both.clock.advance(25 * 3_600_000);
  expect(await signIn(await exchange.tokenOf('mailbox-e', { claims: { exp: 4e9 } }))).toBe(
    'identity-unavailable',
  );
  exchange.isDown = false;
  await both.dispose();
  await second.close();
});

test('[ID28] revoking ends what a mailbox gave, disabling closes the way in, erasing forgets the link', async () => {
  const token = await exchange.tokenOf('mailbox-f');
  await mailbox.link(ids.bob, token);
  const { token: bearer } = await mailbox.signIn(token);
  expect((await parts.identity.verify(bearer)).userId).toBe(ids.bob);
  await parts.identity.revoke(ids.bob);
  expect(await codeOf(Promise.resolve().then(() => parts.identity.verify(bearer)))).toBe('token-revoked');
  expect(await codeOf(mailbox.signIn(token))).toBe('done');
  await parts.identity.setDisabled(ids.bob, true);
  expect(await codeOf(mailbox.signIn(token))).toBe('disabled');
  await parts.identity.setDisabled(ids.bob, false);
  await parts.store.transaction([], (tx) => tx.records.erase(ids.bob));
  expect(await codeOf(mailbox.signIn(token))).toBe('not-linked');
});

test('[ID28] it is off unless it is configured', async () => {
  const off = await openParts({ oidc: oidcRules(provider) });
  expect(off.mailbox).toBeNull();
  expect(off.identity.describe()).not.toHaveProperty('exchangeUrl');
  expect(parts.identity.describe()).toMatchObject({ exchangeUrl: '/api/v1/session/exchange' });
  await off.dispose();
});
