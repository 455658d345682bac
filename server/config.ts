/**
 * Settings: environment → a typed configuration, or every mistake at once in sentences. Knows names,
 * defaults and what excludes what; opens nothing. `docs/OPERATIONS.md` is the prose of this table.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import {
  connectionVariables,
  type GraphSettings,
  readDirectoryFile,
  readGraph,
} from './connection-config.ts';
import { blockListOf } from './domain/attachments.ts';
import { isTimeZone } from './domain/reader.ts';
import {
  type EntraSettings,
  type OidcSettings,
  readEntra,
  readExchange,
  readOidc,
  signInVariables,
} from './sign-in-config.ts';

/** Ports that browsers refuse to open (WHATWG Fetch, "bad port"). */
const blockedPorts = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

export interface Config {
  readonly auth: 'demo' | 'entra' | 'oidc';
  /** Address to listen on; null = every address. */
  readonly bind: string | null;
  /** 0 = off. */
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly lyncPort: number;
  readonly tlsCertificateFile: string | null;
  readonly tlsKeyFile: string | null;
  readonly dataFolder: string;
  /** `sqlite:` (in the data folder), `sqlite:/path/to/file` or `postgres://…`. */
  readonly store: string;
  /** Where attachments lie: in a folder that all nodes share, or in the store (PostgreSQL). */
  readonly attachments: 'folder' | 'store';
  /** `memory:` or `nats://…`; several servers of one NATS cluster separated by commas. */
  readonly bus: string;
  /** Files for the bus; null = not needed. */
  readonly busCredentialsFile: string | null;
  readonly busCaFile: string | null;
  readonly busCertificateFile: string | null;
  readonly busKeyFile: string | null;
  /** Over how many seconds streams are sent elsewhere before a stop; 0 = all at once, with a wait of their own. */
  readonly drainSeconds: number;
  /** Public origin that manifests and links carry, without a trailing slash. */
  readonly baseUrl: string;
  /** Origins that may frame the panes and the embed page, beside the Office hosts. */
  readonly allowedFrames: readonly string[];
  /** Where panes get office.js: Microsoft's CDN, the npm copy of this server, or the address of a mirror's office.js. */
  readonly officeJs: string;
  /** Origins whose pages may call the API (CORS), beside our own. */
  readonly allowedOrigins: readonly string[];
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** IANA zone for sentences whose reader names none. */
  readonly timeZone: string;
  /** Bearer for `/metrics` from elsewhere than loopback; null = loopback only. */
  readonly metricsToken: string | null;
  /** How long somebody stays signed in; in demo mode, how long a token is good. */
  readonly tokenLifetimeSeconds: number;
  /** How long one bearer of ours is good where sessions are renewed. */
  readonly bearerSeconds: number;
  /** Null in other modes. */
  readonly entra: EntraSettings | null;
  readonly oidc: OidcSettings | null;
  /** Metadata documents of one's own Exchange servers, whose identity tokens sign in whoever linked their mailbox. */
  readonly exchangeMetadataUrls: readonly string[];
  /** What is read from Microsoft 365; null = nothing. */
  readonly graph: GraphSettings | null;
  /** A file of people that is the directory; null = there is none. */
  readonly directoryFile: string | null;
  /** What happens to people whom the directory does not have. */
  readonly admission: 'directory' | 'first-sign-in';
  /** Proxies whose `X-Forwarded-For` is believed, as addresses or networks. */
  readonly trustedProxies: readonly string[];
  /** Multiplies every rate limit of a person; 0 switches them off. */
  readonly rateFactor: number;
  /** Demo mode: the colleagues on Alice's list come and go by themselves. */
  readonly demoLife: boolean;
  /** False puts every route behind Express alone; the tests run both ways. */
  readonly preRouter: boolean;
  /** Extensions of files that nobody may send, lower case, without the dot. */
  readonly blockedExtensions: readonly string[];
  /** CIDR ranges inside one's own network from which calendars may be fetched. */
  readonly fetchPrivateRanges: readonly string[];
  /** Schemes and ports from which calendars may be fetched. */
  readonly fetchAllow: readonly { readonly scheme: 'https:' | 'http:'; readonly ports: readonly number[] }[];
}

export class ConfigurationError extends Error {
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(
      `${mistakes.length === 1 ? 'One setting is' : `${mistakes.length} settings are`} wrong:\n- ${mistakes.join('\n- ')}`,
    );
    this.name = 'ConfigurationError';
    this.mistakes = mistakes;
  }
}

/** Every variable this server reads, for the check that no other `JELLYBEAN_…` is set by mistake. */
export const variables = [
  'JELLYBEAN_AUTH',
  'JELLYBEAN_BIND',
  'JELLYBEAN_HTTP_PORT',
  'JELLYBEAN_TLS_PORT',
  'JELLYBEAN_LYNC_PORT',
  'JELLYBEAN_TLS_CERT',
  'JELLYBEAN_TLS_KEY',
  'JELLYBEAN_DATA',
  'JELLYBEAN_STORE',
  'JELLYBEAN_ATTACHMENTS',
  'JELLYBEAN_BUS',
  'JELLYBEAN_BUS_CREDENTIALS',
  'JELLYBEAN_BUS_CA',
  'JELLYBEAN_BUS_CERT',
  'JELLYBEAN_BUS_KEY',
  'JELLYBEAN_DRAIN_SECONDS',
  'JELLYBEAN_BASE_URL',
  'JELLYBEAN_ALLOWED_FRAMES',
  'JELLYBEAN_OFFICE_JS',
  'JELLYBEAN_ALLOWED_ORIGINS',
  'JELLYBEAN_LOG_LEVEL',
  'JELLYBEAN_TIME_ZONE',
  'JELLYBEAN_METRICS_TOKEN',
  'JELLYBEAN_TOKEN_LIFETIME_SECONDS',
  'JELLYBEAN_RATE_FACTOR',
  'JELLYBEAN_TRUSTED_PROXIES',
  'JELLYBEAN_PRE_ROUTER',
  'JELLYBEAN_DEMO_LIFE',
  'JELLYBEAN_BLOCKED_EXTENSIONS',
  ...signInVariables,
  ...connectionVariables,
  'JELLYBEAN_FETCH_PRIVATE_RANGES',
  'JELLYBEAN_FETCH_ALLOW',
] as const;

/** What may stand in a file instead, named by the variable with `_FILE` behind it. */
const secretVariables = [
  'JELLYBEAN_STORE',
  'JELLYBEAN_BUS',
  'JELLYBEAN_METRICS_TOKEN',
  'JELLYBEAN_ENTRA_CLIENT_SECRET',
  'JELLYBEAN_OIDC_CLIENT_SECRET',
  'JELLYBEAN_GRAPH_CLIENT_SECRET',
] as const;

/**
 * The part of the environment that is ours; everything else stays unread. Secrets are read from their files
 * here, so that nothing else knows where they came from. Throws ConfigurationError for a file that cannot be
 * read, is empty, or stands beside the variable itself.
 */
export function readEnv(
  environment: NodeJS.ProcessEnv,
  readFile: (file: string) => string = (file) => readFileSync(file, 'utf8'),
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith('JELLYBEAN_') && value !== undefined && value !== '') env[name] = value;
  const mistakes: string[] = [];
  for (const name of secretVariables) {
    const file = env[`${name}_FILE`];
    if (file === undefined) continue;
    delete env[`${name}_FILE`];
    if (env[name] !== undefined) mistakes.push(`${name} and ${name}_FILE are both set; leave one out.`);
    try {
      env[name] = readFile(file).trim();
      if (env[name] === '') mistakes.push(`${name}_FILE names "${file}", which is empty.`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      mistakes.push(`${name}_FILE names "${file}", which cannot be read (${code ?? 'unknown error'}).`);
    }
  }
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return env;
}

export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));

/** Types the settings. Throws ConfigurationError with every mistake, each a sentence that says what to do. */
export function parseConfig(env: Readonly<Record<string, string>>): Config {
  const mistakes: string[] = [];
  const known = new Set<string>(variables);
  for (const name of Object.keys(env))
    if (!known.has(name)) mistakes.push(`${name} is no setting of this version${nearest(name)}.`);

  const choice = <Value extends string>(name: string, values: readonly Value[], fallback: Value): Value => {
    const value = env[name];
    if (value === undefined) return fallback;
    if (!(values as readonly string[]).includes(value)) {
      mistakes.push(`${name} is "${value}"; it takes ${values.map((each) => `"${each}"`).join(', ')}.`);
      return fallback;
    }
    return value as Value;
  };
  const whole = (name: string, fallback: number, lowest: number, highest: number): number => {
    const value = env[name];
    if (value === undefined) return fallback;
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < lowest || number > highest) {
      mistakes.push(`${name} is "${value}"; it takes a whole number from ${lowest} to ${highest}.`);
      return fallback;
    }
    return number;
  };
  const origins = (name: string): string[] => {
    const found: string[] = [];
    for (const text of (env[name] ?? '').split(/[\s,]+/).filter(Boolean)) {
      const bare = text.replace('://*.', '://wildcard.');
      const url = URL.parse(bare);
      if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== bare.replace(/\/$/, ''))
        mistakes.push(
          `${name} holds "${text}", which is not an origin such as https://intranet.contoso.example.`,
        );
      else found.push(text.replace(/\/$/, ''));
    }
    return found;
  };

  const officeJsSource = (): string => {
    const value = env.JELLYBEAN_OFFICE_JS ?? 'cdn';
    const url = URL.parse(value);
    if (
      value !== 'cdn' &&
      value !== 'own' &&
      (url?.protocol !== 'https:' || !url.pathname.endsWith('/office.js'))
    )
      mistakes.push(
        `JELLYBEAN_OFFICE_JS is "${value}"; it takes "cdn", "own", or the https address of a mirror's office.js.`,
      );
    return value;
  };

  const list = (name: string, fallback: string): string[] =>
    (env[name] ?? fallback).split(/[\s,]+/).filter(Boolean);
  const fetchPrivateRanges = list('JELLYBEAN_FETCH_PRIVATE_RANGES', '');
  for (const range of fetchPrivateRanges) {
    const [address = '', bits = '', ...rest] = range.split('/');
    const most = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > most || rest.length > 0)
      mistakes.push(
        `JELLYBEAN_FETCH_PRIVATE_RANGES holds "${range}", which is not a range such as 10.1.0.0/16.`,
      );
  }
  const ports = new Map<'https:' | 'http:', number[]>();
  for (const text of list('JELLYBEAN_FETCH_ALLOW', 'https:443')) {
    const [, scheme, port] = /^(https?):(\d{1,5})$/.exec(text) ?? [];
    if (scheme === undefined || Number(port) < 1 || Number(port) > 65_535) {
      mistakes.push(`JELLYBEAN_FETCH_ALLOW holds "${text}"; it takes entries such as https:443.`);
      continue;
    }
    const key = scheme === 'https' ? 'https:' : 'http:';
    ports.set(key, [...(ports.get(key) ?? []), Number(port)]);
  }

  const blockList = blockListOf(list('JELLYBEAN_BLOCKED_EXTENSIONS', 'default'));
  for (const entry of blockList.wrong)
    mistakes.push(
      `JELLYBEAN_BLOCKED_EXTENSIONS holds "${entry}"; it takes extensions such as zip, "default" for the built-in list, -zip to take one out, or "none" alone.`,
    );

  const auth = choice('JELLYBEAN_AUTH', ['demo', 'entra', 'oidc'], 'demo');
  const readers = { env, choice, mistake: (sentence: string) => mistakes.push(sentence) };
  const entra = auth === 'entra' ? readEntra(readers) : null;
  const oidc = auth === 'oidc' ? readOidc(readers) : null;
  const graph = readGraph(readers, entra);
  const exchangeMetadataUrls = readExchange(readers, oidc !== null || entra?.clientSecret != null);
  for (const name of Object.keys(env))
    if (
      (name.startsWith('JELLYBEAN_ENTRA_') && entra === null) ||
      (name.startsWith('JELLYBEAN_OIDC_') && oidc === null)
    )
      mistakes.push(`${name} is set, but JELLYBEAN_AUTH is "${auth}", so it would be ignored.`);
  const bindText = env.JELLYBEAN_BIND ?? (auth === 'demo' ? '127.0.0.1' : null);
  if (bindText !== null && bindText !== 'localhost' && isIP(bindText) === 0)
    mistakes.push(`JELLYBEAN_BIND is "${bindText}"; it takes an IP address to listen on.`);
  else if (auth === 'demo' && bindText !== null && !isLoopback(bindText))
    mistakes.push(
      `JELLYBEAN_BIND is "${bindText}", but in demo mode anybody may sign in as anybody, so it listens on loopback only; set JELLYBEAN_AUTH to let others in.`,
    );

  const httpPort = whole('JELLYBEAN_HTTP_PORT', auth === 'demo' ? 8480 : 0, 0, 65_535);
  const tlsPort = whole('JELLYBEAN_TLS_PORT', 8443, 0, 65_535);
  const lyncPort = whole('JELLYBEAN_LYNC_PORT', 5061, 0, 65_535);
  if (auth !== 'demo' && httpPort !== 0)
    mistakes.push(
      'JELLYBEAN_HTTP_PORT is set, but plain HTTP is for demo mode only; put a proxy in front or leave it out.',
    );
  for (const [name, port] of [
    ['JELLYBEAN_HTTP_PORT', httpPort],
    ['JELLYBEAN_TLS_PORT', tlsPort],
  ] as const)
    if (port !== 0 && blockedPorts.has(port))
      mistakes.push(
        `${name} is ${port}, a port that every browser refuses to open; choose another, such as 8443.`,
      );
  const taken = new Map<number, string>();
  for (const [name, port] of [
    ['JELLYBEAN_HTTP_PORT', httpPort],
    ['JELLYBEAN_TLS_PORT', tlsPort],
    ['JELLYBEAN_LYNC_PORT', lyncPort],
  ] as const) {
    if (port === 0) continue;
    const other = taken.get(port);
    if (other !== undefined) mistakes.push(`${name} and ${other} are both ${port}; each needs its own port.`);
    taken.set(port, name);
  }
  if (httpPort === 0 && tlsPort === 0)
    mistakes.push(
      'JELLYBEAN_HTTP_PORT and JELLYBEAN_TLS_PORT are both off; there would be nothing to connect to.',
    );

  const tlsCertificateFile = env.JELLYBEAN_TLS_CERT ?? null;
  const tlsKeyFile = env.JELLYBEAN_TLS_KEY ?? null;
  if ((tlsCertificateFile === null) !== (tlsKeyFile === null))
    mistakes.push('JELLYBEAN_TLS_CERT and JELLYBEAN_TLS_KEY belong together; one of them is missing.');
  if (auth !== 'demo' && tlsCertificateFile === null)
    mistakes.push(
      'JELLYBEAN_TLS_CERT and JELLYBEAN_TLS_KEY are needed outside demo mode; Office loads panes over HTTPS only.',
    );

  const store = env.JELLYBEAN_STORE ?? 'sqlite:';
  if (!/^(sqlite:|postgres(ql)?:\/\/)/.test(store))
    mistakes.push(`JELLYBEAN_STORE begins with neither "sqlite:" nor "postgres://".`);
  const bus = env.JELLYBEAN_BUS ?? 'memory:';
  const attachments = choice('JELLYBEAN_ATTACHMENTS', ['folder', 'store'], 'folder');
  if (attachments === 'store' && store.startsWith('sqlite:'))
    mistakes.push(
      'JELLYBEAN_ATTACHMENTS is "store", which is for PostgreSQL; with SQLite they lie in a folder.',
    );
  const isBus = (text: string) => /^(nats|tls):\/\/[^/]+\/?$/.test(text) && URL.canParse(text);
  if (bus !== 'memory:' && !bus.split(',').every((one) => isBus(one.trim())))
    mistakes.push(`JELLYBEAN_BUS takes "memory:" or "nats://host:4222", several separated by commas.`);
  if (bus !== 'memory:' && store.startsWith('sqlite:'))
    mistakes.push(
      'JELLYBEAN_BUS joins several nodes, but JELLYBEAN_STORE is an SQLite file, which one node has to itself; use postgres://….',
    );
  if ((env.JELLYBEAN_BUS_CERT === undefined) !== (env.JELLYBEAN_BUS_KEY === undefined))
    mistakes.push('JELLYBEAN_BUS_CERT and JELLYBEAN_BUS_KEY belong together; one of them is missing.');

  const baseText = env.JELLYBEAN_BASE_URL ?? `https://localhost:${tlsPort || 8443}`;
  const base = URL.parse(baseText);
  if (base === null || !/^https?:$/.test(base.protocol) || base.search !== '' || base.hash !== '')
    mistakes.push(
      `JELLYBEAN_BASE_URL is "${baseText}"; it takes an address such as https://presence.contoso.example.`,
    );

  const timeZone = env.JELLYBEAN_TIME_ZONE ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!isTimeZone(timeZone))
    mistakes.push(`JELLYBEAN_TIME_ZONE is "${timeZone}"; it takes an IANA name such as Europe/Berlin.`);
  const metricsToken = env.JELLYBEAN_METRICS_TOKEN ?? null;
  if (metricsToken !== null && metricsToken.length < 16)
    mistakes.push('JELLYBEAN_METRICS_TOKEN is shorter than 16 characters, which can be guessed.');

  const trustedProxies = (env.JELLYBEAN_TRUSTED_PROXIES ?? '').split(/[\s,]+/).filter(Boolean);
  for (const text of trustedProxies) {
    const [address = '', bits = '0'] = text.split('/');
    const most = isIP(address) === 6 ? 128 : 32;
    if (isIP(address) === 0 || !/^\d+$/.test(bits) || Number(bits) > most)
      mistakes.push(
        `JELLYBEAN_TRUSTED_PROXIES holds "${text}", which is neither an address nor a network such as 10.0.0.0/8.`,
      );
  }

  const config: Config = {
    auth,
    bind: bindText,
    httpPort,
    tlsPort,
    lyncPort,
    tlsCertificateFile,
    tlsKeyFile,
    dataFolder: resolve(env.JELLYBEAN_DATA ?? './var'),
    store,
    bus,
    attachments,
    busCredentialsFile: env.JELLYBEAN_BUS_CREDENTIALS ?? null,
    busCaFile: env.JELLYBEAN_BUS_CA ?? null,
    busCertificateFile: env.JELLYBEAN_BUS_CERT ?? null,
    drainSeconds: whole('JELLYBEAN_DRAIN_SECONDS', bus === 'memory:' ? 0 : 10, 0, 3_600),
    busKeyFile: env.JELLYBEAN_BUS_KEY ?? null,
    baseUrl: baseText.replace(/\/$/, ''),
    allowedFrames: origins('JELLYBEAN_ALLOWED_FRAMES'),
    officeJs: officeJsSource(),
    allowedOrigins: origins('JELLYBEAN_ALLOWED_ORIGINS'),
    logLevel: choice('JELLYBEAN_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'info'),
    timeZone,
    metricsToken,
    tokenLifetimeSeconds: whole('JELLYBEAN_TOKEN_LIFETIME_SECONDS', 8 * 3600, 5, 7 * 86_400),
    bearerSeconds: whole('JELLYBEAN_BEARER_SECONDS', 900, 30, 3_600),
    entra,
    oidc,
    exchangeMetadataUrls,
    graph,
    directoryFile: readDirectoryFile(readers),
    admission: choice('JELLYBEAN_ADMISSION', ['directory', 'first-sign-in'], 'first-sign-in'),
    trustedProxies,
    rateFactor: whole('JELLYBEAN_RATE_FACTOR', 1, 0, 1_000),
    demoLife: choice('JELLYBEAN_DEMO_LIFE', ['on', 'off'], 'on') === 'on',
    preRouter: choice('JELLYBEAN_PRE_ROUTER', ['on', 'off'], 'on') === 'on',
    blockedExtensions: blockList.blocked,
    fetchPrivateRanges,
    fetchAllow: [...ports].map(([scheme, allowed]) => ({ scheme, ports: allowed })),
  };
  if (mistakes.length > 0) throw new ConfigurationError(mistakes);
  return config;
}

/** The configuration as `check-config` prints it: secrets are named, never shown. */
export function redacted(config: Config): Record<string, unknown> {
  const withoutPassword = (text: string) => text.replace(/\/\/([^:@/,]*):[^@/,]*@/g, '//$1:•••@');
  return {
    ...config,
    store: withoutPassword(config.store),
    // A name without a password is a token there.
    bus: withoutPassword(config.bus).replace(/\/\/[^:@/,]+@/g, '//•••@'),
    metricsToken: config.metricsToken === null ? null : '•••',
    entra: config.entra && { ...config.entra, clientSecret: config.entra.clientSecret && '•••' },
    graph: config.graph && { ...config.graph, clientSecret: '•••' },
    oidc: config.oidc && { ...config.oidc, clientSecret: config.oidc.clientSecret && '•••' },
  };
}

/** " (did you mean …?)" for a name that differs by a letter or two. */
function nearest(name: string): string {
  const letters = (text: string) => new Set(text.match(/../g));
  let best = '';
  let most = 0.6;
  for (const candidate of variables) {
    const a = letters(name);
    const b = letters(candidate);
    const score = (2 * [...a].filter((pair) => b.has(pair)).length) / (a.size + b.size);
    if (score > most) [most, best] = [score, candidate];
  }
  return best === '' ? '' : ` (did you mean ${best}?)`;
}
