/** An Exchange server as add-ins meet it: it signs identity tokens with a certificate of its own and publishes that. */
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';
import { type JWTPayload, SignJWT } from 'jose';

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};

export interface SigningCertificate {
  readonly x5t: string;
  readonly base64: string;
  readonly key: CryptoKey;
}

export async function createSigningCertificate(): Promise<SigningCertificate> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Microsoft Exchange Server Auth Certificate',
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 86_400_000),
  });
  const der = Buffer.from(certificate.rawData);
  return {
    x5t: createHash('sha1').update(der).digest('base64url'),
    base64: der.toString('base64'),
    key: keys.privateKey as CryptoKey,
  };
}

export interface ExchangeServer {
  readonly amurl: string;
  /** What it publishes; tests change it. */
  certificates: { readonly x5t: string; readonly base64: string }[];
  isDown: boolean;
  /** How often its metadata was asked for. */
  asked: number;
  /** A token of a mailbox as Outlook hands it out; `claims` and `context` change it. */
  tokenOf(
    mailbox: string,
    more?: {
      readonly claims?: JWTPayload;
      readonly context?: Record<string, unknown>;
      readonly header?: Record<string, unknown>;
      readonly signer?: SigningCertificate;
      readonly isText?: boolean;
    },
  ): Promise<string>;
  close(): Promise<void>;
}

export async function startExchangeServer(options: {
  audience: string;
  now: () => number;
}): Promise<ExchangeServer> {
  const own = await createSigningCertificate();
  const http = createServer((_request, response) => {
    server.asked += 1;
    if (server.isDown) return void response.writeHead(503).end();
    const keys = server.certificates.map(({ x5t, base64 }) => ({
      usage: 'signing',
      keyinfo: { x5t },
      keyvalue: { type: 'x509Certificate', value: base64 },
    }));
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ name: 'Exchange', keys }));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const amurl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/autodiscover/metadata/json/1`;
  const server: ExchangeServer = {
    amurl,
    certificates: [own],
    isDown: false,
    asked: 0,
    async tokenOf(mailbox, { claims = {}, context = {}, header = {}, signer = own, isText = true } = {}) {
      const seconds = Math.floor(options.now() / 1_000);
      const appctx = { msexchuid: mailbox, version: 'ExIdTok.V1', amurl, ...context };
      return new SignJWT({
        aud: options.audience,
        iss: '00000002-0000-0ff1-ce00-000000000000@contoso.example',
        nbf: seconds - 60,
        exp: seconds + 8 * 3_600,
        appctxsender: options.audience,
        isbrowserhostedapp: 'true',
        appctx: isText ? JSON.stringify(appctx) : appctx,
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', x5t: signer.x5t, ...header })
        .sign(signer.key);
    },
    close: () =>
      new Promise((closed) => {
        http.close(() => closed());
        http.closeAllConnections();
      }),
  };
  return server;
}
