/**
 * An issuer of access tokens on loopback, as Entra ID is one: keys under each tenant's address, tokens
 * signed with any of them, and everything an attacker would change can be changed. It can be slow, down,
 * or answer nonsense.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';

export interface TokenIssuer {
  /** Stands where `https://login.microsoftonline.com` does. */
  readonly authority: string;
  /** How many times the keys were asked for. */
  readonly asked: number;
  /** What the next answers are; `null` = the keys as they are. */
  answer:
    | ((tenant: string) => { status: number; body: string; headers?: Record<string, string> } | null)
    | null;
  /** Adds a key; answers its id. */
  addKey(kid?: string, algorithm?: string): Promise<string>;
  withdrawKey(kid: string): void;
  publicKey(kid: string): JWK;
  /** Signs claims with a key, present or withdrawn. */
  sign(kid: string, claims: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>;
  stop(): Promise<void>;
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const keys = new Map<string, { privateKey: CryptoKey; jwk: JWK; algorithm: string; published: boolean }>();
  let asked = 0;
  const issuer: TokenIssuer = {
    authority: '',
    get asked() {
      return asked;
    },
    answer: null,
    async addKey(kid = `key-${keys.size + 1}`, algorithm = 'RS256') {
      const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
      keys.set(kid, {
        privateKey,
        jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' },
        algorithm,
        published: true,
      });
      return kid;
    },
    withdrawKey(kid) {
      const key = keys.get(kid);
      if (key !== undefined) key.published = false;
    },
    publicKey: (kid) => (keys.get(kid) as { jwk: JWK }).jwk,
    sign(kid, claims, header = {}) {
      const { privateKey, algorithm } = keys.get(kid) as { privateKey: CryptoKey; algorithm: string };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid, ...header })
        .sign(privateKey);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    asked += 1;
    const tenant = request.url?.split('/')[1] ?? '';
    const chosen = issuer.answer?.(tenant) ?? {
      status: 200,
      body: JSON.stringify({ keys: [...keys.values()].filter((key) => key.published).map((key) => key.jwk) }),
    };
    response.writeHead(chosen.status, { 'Content-Type': 'application/json', ...chosen.headers });
    response.end(chosen.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(issuer, { authority: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  return issuer;
}
