/**
 * A certificate for this machine alone, so that panes and the client port speak TLS from the first start.
 * Made once, kept in the data folder, renewed before it ends. Browsers warn about it: nobody vouches for it.
 */
import 'reflect-metadata';
import { createPrivateKey, randomUUID, webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const day = 86_400_000;
/** Apple's platforms refuse server certificates that live longer than 825 days; a year is enough. */
const lifetimeMs = 365 * day;
const renewBeforeMs = 14 * day;

/** PEM certificate and key, from `folder` where they are good for another two weeks, else made afresh. */
export async function developmentCertificate(
  folder: string,
  now: number,
): Promise<{ cert: string; key: string }> {
  const certFile = join(folder, 'development-certificate.pem');
  const keyFile = join(folder, 'development-key.pem');
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    const parsed = new x509.X509Certificate(cert);
    const isInForce = parsed.notAfter.getTime() > now + renewBeforeMs && parsed.notBefore.getTime() <= now;
    // Nodes that share the folder may have made theirs in the same moment: then the two need not belong together.
    if (isInForce && new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return { cert, key };
  } catch {
    // None there yet, or not readable as one: a new one takes its place.
  }
  const made = await make(now);
  await mkdir(folder, { recursive: true });
  await writeWhole(keyFile, made.key, 0o600);
  await writeWhole(certFile, made.cert, 0o644);
  return made;
}

async function make(now: number): Promise<{ cert: string; key: string }> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost, O=Jellybean development',
    keys,
    signingAlgorithm: algorithm,
    // A clock that is a little behind must not find it "not yet valid".
    notBefore: new Date(now - day),
    notAfter: new Date(now + lifetimeMs),
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  });
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  return { cert: certificate.toString('pem'), key };
}

/** Writes beside and renames over, so that nobody ever reads half a file. */
async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const beside = `${file}.${randomUUID()}.new`;
  await writeFile(beside, text, { mode });
  await rename(beside, file);
}
