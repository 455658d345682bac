/** Tokens by msal-node and calls by Microsoft's client, with a network that the test plays. */
import type { INetworkModule } from '@azure/msal-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createGraphClient } from '../../server/adapters/graph/client.ts';
import { createGraphTokens } from '../../server/adapters/graph/tokens.ts';
import { parseConfig, redacted } from '../../server/config.ts';
import { SourceFailure, waitAfter } from '../../server/domain/source-failure.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import {
  type GraphTenant,
  startGraphTenant,
  tenantClientId,
  tenantId,
  tenantSecret,
  tenantSettings,
} from '../support/graph-tenant.ts';

const account = {
  authority: 'https://login.contoso.example',
  tenant: tenantId,
  clientId: tenantClientId,
  clientSecret: tenantSecret,
  resource: 'https://graph.contoso.example',
};

describe('tokens', () => {
  const asked: { url: string; body: string }[] = [];
  let answer: () => { status: number; body: Record<string, unknown> };
  const network: INetworkModule = {
    async sendGetRequestAsync<Body>() {
      return {
        status: 200,
        headers: {},
        body: {
          issuer: `https://login.contoso.example/${tenantId}/v2.0`,
          authorization_endpoint: `https://login.contoso.example/${tenantId}/oauth2/v2.0/authorize`,
          token_endpoint: `https://login.contoso.example/${tenantId}/oauth2/v2.0/token`,
          jwks_uri: `https://login.contoso.example/${tenantId}/discovery/v2.0/keys`,
        } as Body,
      };
    },
    async sendPostRequestAsync<Body>(url: string, options?: { body?: string }) {
      asked.push({ url, body: options?.body ?? '' });
      const { status, body } = answer();
      return { status, headers: {}, body: body as Body };
    },
  };
  beforeEach(() => {
    asked.length = 0;
    answer = () => ({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 3_599, access_token: `token ${asked.length}` },
    });
  });

  test('[GR15] a token is asked for once by all who wait, for Graph as a whole, and kept', async () => {
    const token = createGraphTokens(account, network);
    expect(await Promise.all([token(), token(), token()])).toEqual(['token 1', 'token 1', 'token 1']);
    expect(await token()).toBe('token 1');
    const form = new URLSearchParams(asked[0]?.body);
    expect(
      Object.fromEntries(['client_id', 'grant_type', 'scope'].map((name) => [name, form.get(name)])),
    ).toMatchObject({
      client_id: tenantClientId,
      grant_type: 'client_credentials',
    });
    expect(form.get('scope')).toContain('https://graph.contoso.example/.default');
    expect(asked).toHaveLength(1);
  });

  test('[GR15] a wrong secret is broken, a provider in trouble is waited for, and neither says the secret', async () => {
    answer = () => ({
      status: 401,
      body: { error: 'invalid_client', error_description: `AADSTS7000215 ${tenantClientId}` },
    });
    const refused = await createGraphTokens(account, network)().catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'broken' });
    expect(String(refused)).not.toContain(tenantSecret);
    answer = () => ({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(await createGraphTokens(account, network)().catch((error: unknown) => error)).toMatchObject({
      kind: 'wait',
    });
    answer = () => ({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 3_599, access_token: 'later' },
    });
    expect(await createGraphTokens(account, network)()).toBe('later');
  });
});

describe('calls', () => {
  let tenant: GraphTenant;
  let clock: ManualClock;
  let outcomes: string[];
  let graph: ReturnType<typeof createGraphClient>;
  const shape = z.object({ value: z.array(z.unknown()) });
  const ask = () => graph.get('/users/delta', shape);
  const failureOf = (promise: Promise<unknown>) =>
    promise.then(
      () => null,
      (error: SourceFailure) => error,
    );
  const busy = (after: string) => ({
    status: 429,
    headers: { 'Retry-After': after },
    body: { error: { code: 'TooManyRequests', message: 'x' } },
  });

  beforeEach(async () => {
    tenant = await startGraphTenant();
    clock = createManualClock();
    outcomes = [];
    graph = createGraphClient({
      url: tenant.url,
      token: createGraphTokens({ ...account, authority: tenant.url, resource: tenant.url }),
      clock,
      onCall: (outcome) => outcomes.push(outcome),
      chance: () => 0.5,
    });
  });
  afterEach(() => tenant.stop());

  test('[GR15] the token comes from the provider on loopback and goes with every call', async () => {
    expect(await ask()).toEqual({ value: [] });
    expect(await ask()).toEqual({ value: [] });
    expect(tenant.tokensIssued()).toBe(1);
    expect(outcomes).toEqual(['answered', 'answered']);
  });

  test('[GR15] a token that Graph refuses is replaced, not repeated', async () => {
    await ask();
    tenant.revokeTokens();
    expect(await failureOf(ask())).toMatchObject({ kind: 'wait' });
    clock.advance(60_000);
    expect(await ask()).toEqual({ value: [] });
    expect(tenant.tokensIssued()).toBe(2);
  });

  test('[GR16] one 429 holds everybody off for as long as it says', async () => {
    tenant.instead = [busy('60')];
    expect(await failureOf(ask())).toMatchObject({ kind: 'wait' });
    const before = tenant.calls.length;
    const held = await Promise.all(Array.from({ length: 20 }, () => failureOf(ask())));
    expect(held.every((each) => each?.kind === 'wait' && (each.retryAfterMs ?? 0) >= 60_000)).toBe(true);
    expect(tenant.calls.length).toBe(before);
    clock.advance(59_000);
    expect(await failureOf(ask())).not.toBeNull();
    clock.advance(10_000);
    expect(await ask()).toEqual({ value: [] });
    expect(outcomes).toEqual(['throttled', 'answered']);
  });

  test('[GR16] after trouble one call goes ahead, not a herd; then at most four at a time', async () => {
    tenant.away = true;
    expect(await failureOf(ask())).toMatchObject({ kind: 'wait' });
    tenant.away = false;
    tenant.slowMs = 50;
    clock.advance(15 * 60_000);
    const first = await Promise.all(Array.from({ length: 10 }, () => failureOf(ask())));
    expect(first.filter((each) => each === null)).toHaveLength(1);
    const next = await Promise.all(Array.from({ length: 10 }, () => failureOf(ask())));
    expect(next.filter((each) => each === null)).toHaveLength(4);
  });

  test('[GR16] what is no answer of Graph’s is not believed', async () => {
    for (const lie of [
      { status: 200, body: { value: 'everybody' } },
      { status: 200, body: '<html>' },
      { status: 200, body: {} },
      { status: 302, headers: { Location: 'https://elsewhere.example' } },
    ]) {
      tenant.instead = [lie];
      expect(await failureOf(ask()), JSON.stringify(lie)).toBeInstanceOf(SourceFailure);
      clock.advance(60 * 60_000);
      // The clock of the test runs ahead of the one by which tokens end; they are still good.
    }
  });

  test('[GR16] the token goes to Graph alone, whatever a link says', async () => {
    for (const link of [
      'https://elsewhere.example/v1.0/users',
      tenant.url.replace('https:', 'http:'),
      'https://localhost:1/v1.0/x',
    ]) {
      expect(await failureOf(graph.get(link, shape)), link).toMatchObject({ kind: 'broken' });
      clock.advance(60 * 60_000);
    }
    expect(tenant.calls).toHaveLength(0);
  });

  test('[GR16] a batch answers each request alone, in their order', async () => {
    tenant.insteadOfItem = (url) => (url.endsWith('b') ? busy('9') : null);
    const replies = await graph.batch(
      ['a', 'b', 'c'].map((name) => ({ method: 'GET', url: `/users/${name}` })),
    );
    expect(replies).toMatchObject([
      { kind: 'answer', status: 404 },
      { kind: 'wait', retryAfterMs: 9_000 },
      { kind: 'answer', status: 404 },
    ]);
  });

  test('[GR16] a provider whose clock is wrong by minutes does no harm', async () => {
    tenant.skewMs = -4 * 60_000;
    expect(await ask()).toEqual({ value: [] });
    tenant.skewMs = 4 * 60_000;
    expect(await ask()).toEqual({ value: [] });
  });
});

test('[GR16] waits double, are never shorter than asked, and differ between two who wait', () => {
  expect(waitAfter(1, null, 0)).toBeLessThan(waitAfter(2, null, 0));
  expect(waitAfter(50, null, 1)).toBeLessThanOrEqual(15 * 60_000);
  expect(waitAfter(1, 120_000, 0)).toBe(120_000);
  expect(waitAfter(1, 120_000, 1)).toBeGreaterThan(waitAfter(1, 120_000, 0));
});

describe('settings', () => {
  const settings = tenantSettings({ url: 'https://graph.contoso.example' }, 'directory');

  test('[CF1] mailboxes are read in people’s names only where the application that signs them in reads Graph', () => {
    const entra = {
      JELLYBEAN_AUTH: 'entra',
      JELLYBEAN_BIND: '127.0.0.1',
      JELLYBEAN_ENTRA_TENANTS: tenantId,
      JELLYBEAN_ENTRA_CLIENT_ID: tenantClientId,
      JELLYBEAN_TLS_CERT: '/nowhere/certificate.pem',
      JELLYBEAN_TLS_KEY: '/nowhere/key.pem',
      JELLYBEAN_GRAPH_CLIENT_SECRET: tenantSecret,
      JELLYBEAN_GRAPH_SOURCES: 'calendar',
    };
    const delegated = { ...entra, JELLYBEAN_GRAPH_MAILBOXES: 'delegated' };
    expect(parseConfig(entra).graph).toMatchObject({ isDelegated: false });
    expect(parseConfig(delegated).graph).toMatchObject({ isDelegated: true });
    expect(() => parseConfig({ ...delegated, JELLYBEAN_GRAPH_CLIENT_ID: tenantId })).toThrow(
      /the same application and tenant/,
    );
    expect(() =>
      parseConfig({
        ...tenantSettings({ url: 'https://localhost:1' }, 'calendar'),
        JELLYBEAN_GRAPH_MAILBOXES: 'delegated',
      }),
    ).toThrow(/takes sign-in with Entra/);
    expect(() => parseConfig({ ...entra, JELLYBEAN_GRAPH_MAILBOXES: 'off' })).toThrow(
      /takes application or delegated/,
    );
    expect(() => parseConfig({ ...delegated, JELLYBEAN_GRAPH_SOURCES: 'presence' })).toThrow(
      /does not name calendar/,
    );
  });

  test('[CF1] what is read from Microsoft 365 needs its ids and a secret, which is never shown', () => {
    const config = parseConfig(settings);
    expect(config.graph).toMatchObject({ sources: ['directory'], tenant: tenantId });
    expect(JSON.stringify(redacted(config))).not.toContain(tenantSecret);
    expect(() => parseConfig({ JELLYBEAN_GRAPH_SOURCES: 'directory people' })).toThrow(
      /"people".*\n.*GRAPH_TENANT is missing|GRAPH_CLIENT_SECRET is missing/s,
    );
    expect(() => parseConfig({ JELLYBEAN_GRAPH_TENANT: tenantId })).toThrow(/names nothing to read/);
    expect(() =>
      parseConfig({ ...settings, JELLYBEAN_GRAPH_URL: 'http://graph.contoso.example/v1.0' }),
    ).toThrow(/GRAPH_URL/);
    expect(() => parseConfig({ ...settings, JELLYBEAN_DIRECTORY_FILE: 'people.csv' })).toThrow(
      /two directories/,
    );
  });
});
