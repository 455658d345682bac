/**
 * The processes of a bench: started on a core of their own where the system can pin them, measured through
 * /proc. Elsewhere than on Linux nothing is pinned and CPU and memory are null, which the table shows as
 * unknown.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

/** Servers have core 0, generators core 1, so that neither takes time from the other. */
export const SERVER_CORE = 0;
export const GENERATOR_CORE = 1;

export const canPin: boolean =
  availableParallelism() > 1 && spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;

function pinned(core: number, command: string, args: readonly string[]): [string, string[]] {
  return canPin ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]];
}

/** Runs a program on the generators' core to its end and gives what it printed. Throws with its last words. */
export async function runPinned(command: string, args: readonly string[]): Promise<string> {
  const [program, argv] = pinned(GENERATOR_CORE, command, args);
  try {
    const { stdout } = await promisify(execFile)(program, argv, { maxBuffer: 16 << 20 });
    return stdout;
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new Error(`${command} failed: ${stderr || stdout || String(error)}`, { cause: error });
  }
}

export interface ServerProcess {
  readonly pid: number;
  readonly process: ChildProcess;
  /** From the start of the process to its first line that begins with `listening on `. */
  readonly startMs: number;
  readonly addresses: readonly string[];
  /** Sends SIGTERM and waits; gives the exit code, null after a kill. */
  stop(): Promise<number | null>;
}

/** The port of the first address that it said. */
export const portOf = ({ addresses }: ServerProcess): number => Number(new URL(addresses[0] ?? '').port);

/** Ends each server that is up; a bench that is cut leaves none behind. */
const enders = new Set<() => void>();
process.once('exit', () => {
  for (const end of enders) end();
});

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default: this Node. */
  readonly command?: string;
  /** Default true: on the servers' core, where the system can do that. */
  readonly isPinned?: boolean;
  /** For commands that start others, such as npm: signals go to all of them. */
  readonly ownGroup?: boolean;
}

/**
 * Starts a server on the servers' core and waits until it has said `listening on …` (contract §9) and has
 * been quiet for a moment, since there is one line per address. Fails with its output if it ends before.
 */
export function startServer(args: readonly string[], options: StartOptions = {}): Promise<ServerProcess> {
  const command = options.command ?? process.execPath;
  const [program, argv] =
    options.isPinned === false ? [command, [...args]] : pinned(SERVER_CORE, command, args);
  const startedAt = performance.now();
  const child = spawn(program, argv, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup === true,
  });
  const signal = (name: NodeJS.Signals) => {
    if (options.ownGroup === true && child.pid !== undefined) process.kill(-child.pid, name);
    else child.kill(name);
  };
  const end = () => signal('SIGTERM');
  enders.add(end);
  let output = '';
  let startMs = 0;
  const addresses: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  void ended.then(() => enders.delete(end));
  return new Promise((resolve, reject) => {
    let settle: NodeJS.Timeout | undefined;
    const take = (bytes: Buffer) => {
      output = (output + bytes).slice(-20_000);
      for (const [, address] of String(bytes).matchAll(/^listening on (\S+)/gm)) {
        startMs ||= performance.now() - startedAt;
        addresses.push(address ?? '');
        clearTimeout(settle);
        settle = setTimeout(() => {
          resolve({
            pid: child.pid ?? 0,
            process: child,
            startMs,
            addresses,
            stop: async () => {
              signal('SIGTERM');
              const lastResort = setTimeout(() => signal('SIGKILL'), 10_000);
              const code = await ended;
              clearTimeout(lastResort);
              return code;
            },
          });
        }, 100);
      }
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    void ended.then((code) =>
      reject(new Error(`the server ended with ${code} before it listened:\n${output}`)),
    );
  });
}

export interface Usage {
  /** CPU time so far, all threads, in ms. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

const PAGE_BYTES = 4096;

/**
 * Reads what these processes have used. Run time comes from each thread's schedstat, which counts
 * nanoseconds, where /proc/PID/stat counts ticks of 10 ms. Null where there is no /proc.
 */
export function readUsage(pids: readonly number[]): Usage | null {
  if (pids.length === 0) return null;
  let nanoseconds = 0;
  let pages = 0;
  try {
    for (const pid of pids) {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
      }
      pages += Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    }
  } catch {
    return null;
  }
  return { cpuMs: nanoseconds / 1e6, rssMb: (pages * PAGE_BYTES) / 2 ** 20 };
}
