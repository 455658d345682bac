/**
 * `npm run manifests -- --base-url https://im.contoso.com [--access mailbox|item] [--entra-client-id …] [--output folder]`: writes the
 * manifests for one server, for those who deploy without asking the server itself (`/manifests/…`).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { manifestFiles } from './files.ts';
import { accesses, parseBaseUrl } from './product.ts';

const usage =
  'npm run manifests -- --base-url https://im.contoso.com [--access mailbox|item] [--entra-client-id id] [--output folder]';

try {
  const { values } = parseArgs({
    options: {
      'base-url': { type: 'string' },
      access: { type: 'string', default: 'mailbox' },
      'entra-client-id': { type: 'string' },
      output: { type: 'string', default: path.join('dist', 'manifests') },
    },
  });
  const given = values['base-url'];
  if (given === undefined) throw new Error('--base-url is missing');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const access = accesses.find((one) => one === values.access);
  if (access === undefined) throw new Error(`--access is ${accesses.join(' or ')}, not "${values.access}"`);
  const entraClientId = values['entra-client-id'] ?? null;
  if (entraClientId !== null && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(entraClientId))
    throw new Error(`--entra-client-id is the id of an application, not "${entraClientId}"`);
  const input = { baseUrl: parseBaseUrl(given), version, access, entraClientId };
  mkdirSync(values.output, { recursive: true });
  for (const [name, { render }] of Object.entries(manifestFiles)) {
    const file = path.join(values.output, name);
    writeFileSync(file, render(input));
    process.stdout.write(`${file}\n`);
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nusage: ${usage}\n`);
  process.exitCode = 2;
}
