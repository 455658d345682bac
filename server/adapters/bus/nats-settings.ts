/**
 * How a node comes to NATS: where it is, who signs in, and by which certificates; and what it means when it is
 * not let in. Nothing that is asked for is ever done without: no plain line in place of TLS, no anonymous one.
 */
import { access, constants, readFile } from 'node:fs/promises';

import {
  type Authenticator,
  credsAuthenticator,
  errors,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node';

export interface NatsSettings {
  /** `nats://[user:password@]host:4222` or `tls://…`; several of one NATS cluster separated by commas. */
  readonly url: string;
  /** A `.creds` file (JWT and key) or one with the seed of an nkey, or null. */
  readonly credentialsFile: string | null;
  /** PEM files; each null where the system's own will do. */
  readonly caFile: string | null;
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
}

/** What of a URL NATS wants apart: the servers without what is secret, and who signs in. */
export function serversOf(url: string): Pick<NodeConnectionOptions, 'servers' | 'user' | 'pass' | 'token'> & {
  isTls: boolean;
} {
  const urls = url.split(',').map((one) => new URL(one.trim()));
  const signed = urls.find(({ username }) => username !== '');
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || '4222'}`),
    isTls: urls.some(({ protocol }) => protocol === 'tls:'),
    ...(signed === undefined
      ? {}
      : signed.password === ''
        ? { token: decodeURIComponent(signed.username) }
        : { user: decodeURIComponent(signed.username), pass: decodeURIComponent(signed.password) }),
  };
}

/** The seed of a user's nkey. */
const seed = /^SU[A-Z2-7]{56}$/;

async function authenticatorOf(file: string): Promise<Authenticator> {
  const text = await readFile(file, 'utf8');
  if (seed.test(text.trim())) return nkeyAuthenticator(Buffer.from(text.trim()));
  if (/BEGIN NATS USER JWT/.test(text) && /BEGIN USER NKEY SEED/.test(text))
    return credsAuthenticator(Buffer.from(text));
  throw new Error(`${file} is neither a .creds file of NATS nor the seed of an nkey.`);
}

/** The part of the options that comes from settings. Rejects for files that cannot be read or hold something else. */
export async function connectionOf({
  url,
  credentialsFile,
  caFile,
  certificateFile,
  keyFile,
}: NatsSettings): Promise<NodeConnectionOptions> {
  const { isTls, ...servers } = serversOf(url);
  // The files are read anew at each connect, so that a certificate can be renewed; that they are there is known now.
  const tls = {
    ...(caFile === null ? {} : { caFile }),
    ...(certificateFile === null ? {} : { certFile: certificateFile }),
    ...(keyFile === null ? {} : { keyFile }),
  };
  for (const file of Object.values(tls)) await access(file, constants.R_OK);
  return {
    ...servers,
    ...(isTls || Object.keys(tls).length > 0 ? { tls } : {}),
    ...(credentialsFile === null ? {} : { authenticator: await authenticatorOf(credentialsFile) }),
  };
}

/** Why there is no connection, in words that hold nothing secret. */
export function troubleOf(error: unknown): string {
  const { code, cause, message } = error as { code?: unknown; cause?: unknown; message?: string };
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError)
    return 'NATS refuses who signs in; see JELLYBEAN_BUS and JELLYBEAN_BUS_CREDENTIALS';
  if (error instanceof errors.ConnectionError && message === "server does not support 'tls'")
    return 'NATS offers no TLS, and without it nothing is said';
  const said = typeof code === 'string' ? code : (cause as { code?: unknown } | undefined)?.code;
  if (typeof said === 'string' && /CERT|SIGNATURE|TLS|SSL/.test(said))
    return `TLS with NATS fails (${said}); see JELLYBEAN_BUS_CA, JELLYBEAN_BUS_CERT and JELLYBEAN_BUS_KEY`;
  return 'NATS does not answer';
}
