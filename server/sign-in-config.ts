/**
 * The settings of sign-in: environment → typed rules for Entra ID or an OpenID provider. Part of
 * `config.ts`, in a file of its own because there are many; the table in docs/OPERATIONS.md is its prose.
 */
import { isUuid } from './domain/ids.ts';

export interface EntraSettings {
  readonly authority: string;
  readonly tenants: readonly string[];
  readonly audience: string;
  readonly scope: string;
  readonly clients: readonly string[];
  readonly applications: readonly string[];
  /** For sign-in in browsers and dialogs; null = nested app authentication and programs only. */
  readonly clientSecret: string | null;
}

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scope: string;
  readonly audience: string | null;
  readonly applications: readonly string[];
  readonly idClaim: string;
  readonly rolesClaim: string;
  readonly roleNames: Readonly<Record<string, readonly string[]>>;
  readonly matchBy: 'id' | 'address';
  readonly trustEmail: boolean;
}

export const signInVariables = [
  'JELLYBEAN_ENTRA_AUTHORITY',
  'JELLYBEAN_ENTRA_TENANTS',
  'JELLYBEAN_ENTRA_CLIENT_ID',
  'JELLYBEAN_ENTRA_CLIENT_SECRET',
  'JELLYBEAN_ENTRA_SCOPE',
  'JELLYBEAN_ENTRA_CLIENTS',
  'JELLYBEAN_ENTRA_APPLICATIONS',
  'JELLYBEAN_OIDC_ISSUER',
  'JELLYBEAN_OIDC_CLIENT_ID',
  'JELLYBEAN_OIDC_CLIENT_SECRET',
  'JELLYBEAN_OIDC_SCOPE',
  'JELLYBEAN_OIDC_AUDIENCE',
  'JELLYBEAN_OIDC_APPLICATIONS',
  'JELLYBEAN_OIDC_ID_CLAIM',
  'JELLYBEAN_OIDC_ROLES_CLAIM',
  'JELLYBEAN_OIDC_ROLE_NAMES',
  'JELLYBEAN_OIDC_MATCH',
  'JELLYBEAN_OIDC_TRUST_EMAIL',
  'JELLYBEAN_EXCHANGE_METADATA',
  'JELLYBEAN_ADMISSION',
  'JELLYBEAN_BEARER_SECONDS',
] as const;

/** What `config.ts` lends: the environment and its readers, which collect mistakes. */
export interface Readers {
  readonly env: Readonly<Record<string, string>>;
  readonly mistake: (sentence: string) => void;
  readonly choice: <Value extends string>(name: string, values: readonly Value[], fallback: Value) => Value;
}

const listOf = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter(Boolean);

/** Reads a setting that must be there. */
function needed({ env, mistake }: Readers, name: string, what: string): string {
  const value = env[name];
  if (value === undefined) mistake(`${name} is missing; it takes ${what}.`);
  return value ?? '';
}

/** An address that decides who comes in: HTTPS, plain HTTP on loopback only, no query. */
function trustworthy({ mistake }: Readers, name: string, text: string): string {
  const url = URL.parse(text);
  const isLocal = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const isSafe = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal));
  if (text !== '' && (!isSafe || url.search !== '' || url.hash !== '' || url.username !== ''))
    mistake(`${name} is "${text}"; it takes an https address without query and password.`);
  return text;
}

export function readEntra(readers: Readers): EntraSettings {
  const { env, mistake } = readers;
  const audience = needed(readers, 'JELLYBEAN_ENTRA_CLIENT_ID', 'the application (client) id of your API');
  const tenants = listOf(needed(readers, 'JELLYBEAN_ENTRA_TENANTS', 'tenant ids, your own first'));
  const clients = listOf(env.JELLYBEAN_ENTRA_CLIENTS ?? audience);
  const applications = listOf(env.JELLYBEAN_ENTRA_APPLICATIONS);
  for (const [name, ids] of [
    ['JELLYBEAN_ENTRA_CLIENT_ID', audience === '' ? [] : [audience]],
    ['JELLYBEAN_ENTRA_TENANTS', tenants],
    ['JELLYBEAN_ENTRA_CLIENTS', clients],
    ['JELLYBEAN_ENTRA_APPLICATIONS', applications],
  ] as const)
    for (const id of ids)
      if (!isUuid(id)) mistake(`${name} holds "${id}", which is not an id of Entra such as 8b0c7e4e-….`);
  const lower = (ids: readonly string[]) => ids.map((id) => id.toLowerCase());
  return {
    authority: trustworthy(
      readers,
      'JELLYBEAN_ENTRA_AUTHORITY',
      (env.JELLYBEAN_ENTRA_AUTHORITY ?? 'https://login.microsoftonline.com').replace(/\/+$/, ''),
    ),
    tenants: lower(tenants),
    audience: audience.toLowerCase(),
    scope: env.JELLYBEAN_ENTRA_SCOPE ?? 'access',
    clients: lower(clients),
    applications: lower(applications),
    clientSecret: env.JELLYBEAN_ENTRA_CLIENT_SECRET ?? null,
  };
}

/** Addresses of metadata documents of Exchange servers, whose identity tokens then sign people in. */
export function readExchange(readers: Readers, canIssue: boolean): readonly string[] {
  const name = 'JELLYBEAN_EXCHANGE_METADATA';
  const urls = listOf(readers.env[name]);
  for (const url of urls) trustworthy(readers, name, url);
  if (urls.length > 0 && !canIssue)
    readers.mistake(
      `${name} is set, but this server signs nobody in by browser; set JELLYBEAN_AUTH to oidc, or to entra with JELLYBEAN_ENTRA_CLIENT_SECRET, so that people can link their mailbox.`,
    );
  return urls;
}

export function readOidc(readers: Readers): OidcSettings {
  const { env, mistake, choice } = readers;
  const clientId = needed(readers, 'JELLYBEAN_OIDC_CLIENT_ID', 'the id of this server at the provider');
  const audience = env.JELLYBEAN_OIDC_AUDIENCE ?? null;
  // @SECURITY An ID token has the client as audience; it must never pass for an access token.
  if (audience !== null && audience === clientId)
    mistake('JELLYBEAN_OIDC_AUDIENCE is the client id, so that ID tokens would pass for access tokens.');
  const applications = listOf(env.JELLYBEAN_OIDC_APPLICATIONS);
  if (applications.length > 0 && audience === null)
    mistake('JELLYBEAN_OIDC_APPLICATIONS needs JELLYBEAN_OIDC_AUDIENCE, the audience of their tokens.');
  const scope = env.JELLYBEAN_OIDC_SCOPE ?? 'openid profile email';
  if (!scope.split(' ').includes('openid')) mistake('JELLYBEAN_OIDC_SCOPE does not hold "openid".');
  return {
    issuer: trustworthy(
      readers,
      'JELLYBEAN_OIDC_ISSUER',
      needed(readers, 'JELLYBEAN_OIDC_ISSUER', 'the issuer of your provider'),
    ),
    clientId,
    clientSecret: env.JELLYBEAN_OIDC_CLIENT_SECRET ?? null,
    scope,
    audience,
    applications,
    idClaim: env.JELLYBEAN_OIDC_ID_CLAIM ?? 'sub',
    rolesClaim: env.JELLYBEAN_OIDC_ROLES_CLAIM ?? 'roles',
    roleNames: readRoleNames(readers),
    matchBy: choice('JELLYBEAN_OIDC_MATCH', ['id', 'address'], 'id'),
    trustEmail: choice('JELLYBEAN_OIDC_TRUST_EMAIL', ['on', 'off'], 'off') === 'on',
  };
}

const ourRoles: Readonly<Record<string, string>> = {
  Admin: 'admin',
  'Presence.Read.All': 'Presence.Read.All',
  'Presence.ReadWrite.All': 'Presence.ReadWrite.All',
  'Chat.Export': 'Chat.Export',
};

/** `it-staff=Admin watchers=Presence.Read.All`: the provider's name, then ours. */
function readRoleNames({ env, mistake }: Readers): Record<string, string[]> {
  const names: Record<string, string[]> = Object.create(null);
  for (const pair of listOf(env.JELLYBEAN_OIDC_ROLE_NAMES)) {
    const at = pair.lastIndexOf('=');
    const role = ourRoles[pair.slice(at + 1)];
    if (at < 1 || role === undefined)
      mistake(
        `JELLYBEAN_OIDC_ROLE_NAMES holds "${pair}"; each is name=role, with a role of ${Object.keys(ourRoles).join(', ')}.`,
      );
    else names[pair.slice(0, at)] = [...(names[pair.slice(0, at)] ?? []), role];
  }
  return names;
}
