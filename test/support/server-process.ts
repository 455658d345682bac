/**
 * The real server as a process of its own, as `npm start` runs it, on free ports and in a data folder of its
 * own: for tests that stop, kill and restart it, and for the browser.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './sources.ts';

export interface ServerProcess {
  /** Addresses as the server printed them: `http` and `https` without a trailing slash. */
  readonly http: string;
  readonly https: string;
  readonly process: ChildProcess;
  /** All that it has written so far, standard output and errors. */
  output(): string;
  /** Sends a signal and waits for the end; answers the exit code, or the signal's name where that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface ServerProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: `node server/main.ts` on the Node that runs the tests. */
  readonly command?: readonly string[];
  /** The ports of the configuration's defaults instead of free ones; only one such server runs at a time. */
  readonly isOnDefaultPorts?: boolean;
}

/** A data folder that is gone after the test; a restarted server gets the same one. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jellybean-'));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Finds ports that nobody listens on now. All are held until all are found, so they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => server.listening || once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** The environment of a server of the tests: nothing of ours from outside, everything else as it is. */
export async function serverEnvironment(
  dataFolder: string,
  { env = {}, isOnDefaultPorts = false }: ServerProcessOptions = {},
): Promise<NodeJS.ProcessEnv> {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('JELLYBEAN_'));
  const [http, tls, lync] = isOnDefaultPorts ? [8480, 8443, 5061] : await freePorts(3);
  return {
    ...Object.fromEntries(outside),
    JELLYBEAN_DATA: dataFolder,
    JELLYBEAN_HTTP_PORT: `${http}`,
    JELLYBEAN_TLS_PORT: `${tls}`,
    JELLYBEAN_LYNC_PORT: `${lync}`,
    JELLYBEAN_LOG_LEVEL: 'warn',
    JELLYBEAN_DEMO_LIFE: 'off',
    ...env,
  };
}

/** Starts a server and waits until it listens. One that ends before is an error with all it has said. */
export async function startServerProcess(
  dataFolder: string,
  options: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const env = await serverEnvironment(dataFolder, options);
  const [program = process.execPath, ...args] = options.command ?? [process.execPath, 'server/main.ts'];
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'exit');
  const address = (scheme: string, port: string | undefined) =>
    new RegExp(`^listening on (${scheme}://\\S+:${port})$`, 'm').exec(output)?.[1];
  const listening = async () => {
    // A start takes a second or two; only a machine that is busy with much else needs more.
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline && child.exitCode === null) {
      const http = env.JELLYBEAN_HTTP_PORT === '0' ? '' : address('http', env.JELLYBEAN_HTTP_PORT);
      const https = env.JELLYBEAN_TLS_PORT === '0' ? '' : address('https', env.JELLYBEAN_TLS_PORT);
      if (http !== undefined && https !== undefined) {
        // By number: `localhost` may also name an address that the server does not listen on.
        return { http: http.replace('localhost', '127.0.0.1'), https };
      }
      await new Promise((later) => setTimeout(later, 10));
    }
    child.kill('SIGKILL');
    throw new Error(`the server did not come up (exit ${child.exitCode}):\n${output}`);
  };

  return {
    ...(await listening()),
    process: child,
    output: () => output,
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
      return child.exitCode ?? (child.signalCode as NodeJS.Signals);
    },
  };
}
