/**
 * Puts together the identity of one mode: who checks bearers, who signs people in. The composition root
 * gives it the settings; which classes stand behind them is known here only.
 */
import { randomBytes } from 'node:crypto';
import type { Bus } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Identity } from '../../ports/identity.ts';
import type { MailboxSignIn, SignIn } from '../../ports/sign-in.ts';
import type { Store } from '../../ports/store.ts';
import { type AdmissionPolicy, createAdmission } from './admission.ts';
import { createCodeFlow, type SignedIn } from './code-flow.ts';
import { createDemoIdentity, type DemoIdentity } from './demo.ts';
import { createEntraCheck, createEntraIdentify, describeEntra, type EntraRules } from './entra.ts';
import { createExchangeCheck } from './exchange.ts';
import { createMailboxSignIn } from './mailbox-sign-in.ts';
import { createOidcCheck, createOidcIdentify, type OidcRules } from './oidc.ts';
import { createProvider, type Provider } from './provider.ts';
import { createSealing } from './sealing.ts';
import { createSessionTokens } from './session-tokens.ts';
import { createSessionCheck, endedSessions, sessionIssuer } from './sessions.ts';
import { type AssertionTaker, createStanding, type Genuine } from './standing.ts';

export interface IdentitySettings {
  readonly entra: (EntraRules & { readonly clientSecret: string | null }) | null;
  readonly oidc: (OidcRules & { readonly clientSecret: string | null; readonly scope: string }) | null;
  readonly admission: AdmissionPolicy;
  /** Metadata addresses of one's own Exchange servers; empty = nobody signs in by a mailbox. */
  readonly exchangeMetadataUrls: readonly string[];
  /** Where callbacks come back to, without a trailing slash. */
  readonly baseUrl: string;
  readonly tokenLifetimeSeconds: number;
  readonly bearerSeconds: number;
}

export interface OpenedIdentity {
  readonly identity: Identity;
  /** Issues demo tokens; null in every other mode. */
  readonly demo: DemoIdentity | null;
  /** Sign-in by browser; null where there is none. */
  readonly signIn: SignIn | null;
  /** Sign-in by a mailbox on Exchange Server; null where it is off. */
  readonly mailbox: MailboxSignIn | null;
}

interface Parts {
  readonly store: Store;
  readonly directory: Directory;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly assertions?: AssertionTaker;
  readonly onError: (error: unknown) => void;
}

const newKey = () => randomBytes(32).toString('base64url');

export async function openIdentity(settings: IdentitySettings, parts: Parts): Promise<OpenedIdentity> {
  const { store } = parts;
  if (settings.entra !== null) return openEntra(settings, settings.entra, parts);
  if (settings.oidc !== null) return openOidc(settings, settings.oidc, parts);
  const demo = await createDemoIdentity({
    ...parts,
    key: await store.secret('demo-signing-key', newKey),
    tokenLifetimeSeconds: settings.tokenLifetimeSeconds,
  });
  return { identity: demo, demo, signIn: null, mailbox: null };
}

async function openEntra(
  settings: IdentitySettings,
  rules: NonNullable<IdentitySettings['entra']>,
  parts: Parts,
): Promise<OpenedIdentity> {
  const admit = createAdmission({ ...parts, policy: settings.admission });
  const check = createEntraCheck({ rules, admit, clock: parts.clock });
  if (rules.clientSecret === null) {
    const identity = createStanding({ ...parts, check, describe: () => describeEntra(rules) });
    return { identity, demo: null, signIn: null, mailbox: null };
  }
  return withSessions(settings, parts, {
    provider: createProvider({
      issuer: `${rules.authority}/${rules.tenants[0] as string}/v2.0`,
      clientId: rules.audience,
      clientSecret: rules.clientSecret,
      clock: parts.clock,
    }),
    clientSecret: rules.clientSecret,
    scope: 'openid profile offline_access',
    identify: createEntraIdentify(rules, admit),
    foreign: check,
    about: describeEntra(rules),
  });
}

function openOidc(
  settings: IdentitySettings,
  rules: NonNullable<IdentitySettings['oidc']>,
  parts: Parts,
): Promise<OpenedIdentity> {
  const { issuer, clientId, clientSecret, scope } = rules;
  const provider = createProvider({ issuer, clientId, clientSecret, clock: parts.clock });
  const admit = createAdmission({ ...parts, policy: settings.admission });
  return withSessions(settings, parts, {
    provider,
    clientSecret,
    scope,
    identify: createOidcIdentify(rules, admit),
    foreign: createOidcCheck({ rules, provider, clock: parts.clock }),
    about: { mode: 'oidc' },
  });
}

/** The code flow, bearers of our own, and the provider's tokens beside them. */
async function withSessions(
  settings: IdentitySettings,
  parts: Parts,
  given: {
    readonly provider: Provider;
    readonly clientSecret: string | null;
    readonly scope: string;
    readonly identify: (claims: Readonly<Record<string, unknown>>) => Promise<SignedIn>;
    readonly foreign: (token: string) => Promise<Genuine>;
    readonly about: { readonly mode: string };
  },
): Promise<OpenedIdentity> {
  const { store, directory, bus, clock, onError } = parts;
  const { tickets } = store;
  const key = await store.secret('session-signing-key', newKey);
  const tokens = createSessionTokens({ issuer: sessionIssuer, key, clock });
  const sealing = createSealing([await store.secret('sealing-key', newKey), given.clientSecret ?? ''], clock);
  const hasMailboxes = settings.exchangeMetadataUrls.length > 0;
  const identity = createStanding({
    ...parts,
    check: createSessionCheck({ tokens, tickets, foreign: given.foreign }),
    endedSessions: endedSessions(tickets),
    describe: () => ({
      ...given.about,
      signInUrl: '/signin/start',
      tokenUrl: '/api/v1/session/token',
      renewUrl: '/api/v1/session/renew',
      endUrl: '/api/v1/session/end',
      ...(hasMailboxes ? { exchangeUrl: '/api/v1/session/exchange' } : {}),
    }),
  });
  const signIn = createCodeFlow({
    provider: given.provider,
    redirectUri: `${settings.baseUrl}/signin/callback`,
    scope: given.scope,
    identify: given.identify,
    people: (ids) => directory.persons(ids),
    store,
    tickets,
    sealing,
    tokens,
    bus,
    clock,
    bearerSeconds: settings.bearerSeconds,
    sessionSeconds: settings.tokenLifetimeSeconds,
    onError,
  });
  const mailbox = createMailboxSignIn({
    check: createExchangeCheck({
      rules: { metadataUrls: settings.exchangeMetadataUrls, baseUrl: settings.baseUrl },
      clock,
    }),
    store,
    directory,
    tokens,
    clock,
    bearerSeconds: settings.bearerSeconds,
  });
  return { identity, demo: null, signIn, mailbox: hasMailboxes ? mailbox : null };
}
