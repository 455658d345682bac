/**
 * A PostgreSQL and a NATS of one's own, from the programs found on the machine, in a temporary folder and on
 * free ports: to be stopped and started at will, and gone afterwards. PostgreSQL refuses to run as root, so
 * there it runs as the account `postgres`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Where Debian keeps the server's own programs, newest first. */
const debian = '/usr/lib/postgresql';
const postgresFolders = (): string[] => {
  try {
    return readdirSync(debian)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => path.join(debian, version, 'bin'));
  } catch {
    return [];
  }
};

function find(program: string, more: readonly string[] = []): string | null {
  for (const folder of [...(process.env.PATH ?? '').split(':'), ...more, '/usr/sbin', '/usr/local/sbin']) {
    if (folder === '') continue;
    try {
      const file = path.join(folder, program);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return null;
}

const initdb = find('initdb', postgresFolders());
const postgres = find('postgres', postgresFolders());
const basebackup = find('pg_basebackup', postgresFolders());
const nats = find('nats-server');

export const hasNatsServer = nats !== null;
/** What is missing for private services, or null. */
export const missingPrograms: string | null =
  [
    ...(initdb === null || postgres === null ? ['initdb and postgres'] : []),
    ...(nats === null ? ['nats-server'] : []),
  ].join(' and ') || null;

/** What is missing for a PostgreSQL with a standby, or null. */
export const missingForStandby: string | null =
  [missingPrograms, basebackup === null ? 'pg_basebackup' : null].filter(Boolean).join(' and ') || null;

const isRoot = process.getuid?.() === 0;
/** The account and group of PostgreSQL where we are root. */
function account(): { uid: number; gid: number } | Record<string, never> {
  if (!isRoot) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export interface PrivateService {
  readonly url: string;
  /** Ends it and starts it again after `downMs`; resolves when it answers. */
  restart(signal: NodeJS.Signals, downMs: number): Promise<void>;
  /** Ends it for good, gently where no signal is named. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isThere) return;
    await wait(50);
  }
  child.kill('SIGKILL');
  throw new Error('it did not answer within 30 s');
}

async function service(
  url: string,
  port: number,
  start: () => ChildProcess,
  last: NodeJS.Signals,
): Promise<PrivateService> {
  let child = start();
  await answering(port, child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    url,
    async restart(signal, downMs) {
      await end(signal);
      await wait(downMs);
      child = start();
      await answering(port, child);
    },
    stop: (signal = last) => end(signal),
  };
}

/** Makes a cluster of databases in `folder` and starts it; the database is `postgres`, its owner `jellybean`. */
export async function startPrivatePostgres(folder: string, port: number): Promise<PrivateService> {
  if (initdb === null || postgres === null) throw new Error('PostgreSQL is not on this machine');
  const place = path.join(folder, 'postgres');
  const own = account();
  mkdirSync(place, { mode: 0o700 });
  if ('uid' in own) chownSync(place, own.uid as number, own.gid as number);
  const options = { ...own, cwd: place, stdio: 'ignore' } as const;
  execFileSync(
    initdb,
    ['-D', place, '-A', 'trust', '-U', 'jellybean', '-E', 'UTF8', '--locale=C', '--no-sync'],
    options,
  );
  return startOn(place, port);
}

/** Starts what lies in `place`. SIGINT is PostgreSQL's fast shutdown: it waits for no client. */
const startOn = (place: string, port: number): Promise<PrivateService> =>
  service(
    `postgres://jellybean@127.0.0.1:${port}/postgres`,
    port,
    () =>
      spawn(
        postgres as string,
        ['-D', place, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
        { ...account(), cwd: place, stdio: 'ignore' },
      ),
    'SIGINT',
  );

/** Copies a running PostgreSQL and starts the copy, which follows it and answers reads only. */
export async function startStandby(folder: string, of: number, port: number): Promise<PrivateService> {
  if (basebackup === null) throw new Error('pg_basebackup is not on this machine');
  const place = path.join(folder, 'standby');
  const own = account();
  mkdirSync(place, { mode: 0o700 });
  if ('uid' in own) chownSync(place, own.uid as number, own.gid as number);
  execFileSync(
    basebackup,
    [
      '-h',
      '127.0.0.1',
      '-p',
      `${of}`,
      '-U',
      'jellybean',
      '-D',
      place,
      '-R',
      '-X',
      'stream',
      '-c',
      'fast',
      '-N',
    ],
    { ...own, cwd: place, stdio: 'ignore' },
  );
  return startOn(place, port);
}

/** Starts a NATS that keeps nothing; `configuration` is a file in NATS's own words. */
export function startPrivateNats(port: number, configuration?: string): Promise<PrivateService> {
  if (nats === null) throw new Error('NATS is not on this machine');
  const more = configuration === undefined ? [] : ['-c', configuration];
  const start = () =>
    spawn(nats as string, ['-a', '127.0.0.1', '-p', `${port}`, ...more], { stdio: 'ignore' });
  return service(`nats://127.0.0.1:${port}`, port, start, 'SIGTERM');
}
