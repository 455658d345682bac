/**
 * `npm run cluster`: three nodes to try out, on a PostgreSQL and a NATS of their own in a temporary folder.
 * Everything is gone when it ends (Ctrl-C). The nodes listen on --port, 8480 by default, and ten and
 * twenty behind it. Needs `initdb`, `postgres` and `nats-server` on the machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  missingPrograms,
  type PrivateService,
  startPrivateNats,
  startPrivatePostgres,
} from '../support/private-services.ts';
import { freePorts } from '../support/server-process.ts';
import { root } from '../support/sources.ts';

if (missingPrograms !== null) {
  process.stderr.write(
    `${missingPrograms} cannot be found. Install PostgreSQL and NATS (Debian: postgresql, nats-server), or start the\n` +
      'nodes yourself with JELLYBEAN_STORE and JELLYBEAN_BUS, as docs/OPERATIONS.md says.\n',
  );
  process.exit(2);
}

const { values } = parseArgs({ options: { port: { type: 'string', default: '8480' } } });
const firstPort = Number(values.port);
const count = 3;
const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-cluster-'));
// PostgreSQL's own account has to get through to its folder.
chmodSync(folder, 0o711);
const services: PrivateService[] = [];
const nodes: ReturnType<typeof spawn>[] = [];
let isEnding = false;

async function end(code: number): Promise<never> {
  if (!isEnding) {
    isEnding = true;
    await Promise.all(
      nodes.map(async (node) => {
        if (node.exitCode !== null || node.signalCode !== null) return;
        const ended = once(node, 'exit');
        node.kill('SIGTERM');
        await ended;
      }),
    );
    for (const service of services) await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(code);
}
process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));

try {
  const [postgresPort = 0, natsPort = 0] = await freePorts(2);
  process.stdout.write('PostgreSQL and NATS are being started …\n');
  const store = await startPrivatePostgres(folder, postgresPort);
  services.push(store);
  const bus = await startPrivateNats(natsPort);
  services.push(bus);
  process.stdout.write(`  JELLYBEAN_STORE=${store.url}\n  JELLYBEAN_BUS=${bus.url}\n`);
  for (let node = 0; node < count; node += 1) {
    const [http, tls] = [firstPort + node * 10, firstPort + node * 10 + 1];
    const child = spawn(process.execPath, ['server/main.ts'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        JELLYBEAN_STORE: store.url,
        JELLYBEAN_BUS: bus.url,
        JELLYBEAN_DATA: path.join(folder, 'files'),
        JELLYBEAN_HTTP_PORT: `${http}`,
        JELLYBEAN_TLS_PORT: `${tls}`,
        JELLYBEAN_LYNC_PORT: '0',
        JELLYBEAN_BASE_URL: `https://localhost:${tls}`,
        JELLYBEAN_LOG_LEVEL: process.env.JELLYBEAN_LOG_LEVEL ?? 'warn',
        // npm ends us, and we end the nodes.
        npm_lifecycle_event: undefined,
      },
    });
    nodes.push(child);
    let said = '';
    for await (const text of child.stdout.setEncoding('utf8')) {
      said += text as string;
      if (said.includes(`:${tls}\n`)) break;
    }
    if (!said.includes(`:${tls}\n`)) throw new Error(`node ${node + 1} did not come up`);
    process.stdout.write(`node ${node + 1}: http://localhost:${http}/  (process ${child.pid})\n`);
  }
  process.stdout.write(
    '\nopen two of them and be two people; kill one (kill -9) and look at what the others show. Ctrl-C ends it all.\n',
  );
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  await end(1);
}
