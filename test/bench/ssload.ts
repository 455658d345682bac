/**
 * The C load generator, if its source lies beside the project and there is a compiler: it takes a quarter
 * of the CPU of our own, so at high rates it is the server that is measured. It is used as it is; nothing
 * of it is kept in the project.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Load, LoadResult } from './load.ts';
import { runPinned } from './processes.ts';

const source = path.resolve(import.meta.dirname, '../../../shared/bench/ssload.c');

/** Compiles the C generator; null where it is not to be had. */
export function buildSsload(): ((load: Load) => Promise<LoadResult>) | null {
  if (!existsSync(source)) return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-bench-'));
  const program = path.join(folder, 'ssload');
  const build = spawnSync('gcc', ['-O2', '-o', program, source, '-lm'], { stdio: 'ignore' });
  return build.status === 0 ? (load) => run(program, folder, load) : null;
}

/** Its profile format: one line each, with CR, LF and backslash escaped. */
function formatProfile({ profile }: Load): string {
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  const hexadecimal = (byte: number) => `\\x${byte.toString(16).padStart(2, '0')}`;
  const steps = profile.subscribe.map((step) => {
    if ('expect' in step) return `E ${escaped(step.expect)}`;
    return `S ${'send' in step ? escaped(step.send) : step.sendBytes.map(hexadecimal).join('')}`;
  });
  return `${[`M ${profile.marker}`, ...steps, `P ${escaped(profile.publish)}`].join('\n')}\n`;
}

/** The fields of its JSON line that are read here; times in µs. */
interface Line {
  pubs: number;
  evs: number;
  lost: number;
  bad: number;
  closed: number;
  cpu_us: number;
  srv_pct: number;
  gen_pct: number;
  p50: number;
  p99: number;
  conn_rate: number;
  conn_cpu_us: number;
  idle_mb: number;
  kb_conn: number;
}

async function run(program: string, folder: string, load: Load): Promise<LoadResult> {
  const [profile, columns, result] = ['profile', 'columns', 'result'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  writeFileSync(profile, formatProfile(load));
  writeFileSync(columns, load.columns.map((row) => `${row.join('\t')}\n`).join(''));
  writeFileSync(result, '');
  const options: Record<string, string | number> = {
    '-a': `127.0.0.1:${load.port}`,
    '-f': profile,
    ...(load.columns.length > 0 && { '-v': columns }),
    '-c': load.subscribers,
    '-g': load.groups,
    '-n': load.publishers,
    '-F': load.fanOut,
    '-r': load.rate,
    '-q': load.outstanding,
    '-w': load.warmSeconds,
    '-d': load.seconds,
    '-I': load.holdSeconds,
    // All from 127.0.0.1: a server may rightly treat other loopback addresses as other people.
    '-i': 0,
    '-l': 'run',
    '-j': result,
    ...(load.serverPids.length > 0 && { '-k': load.serverPids.join(',') }),
  };
  const flags = load.profile.isPublishedOnStream ? ['-x'] : [];
  await runPinned(program, [
    ...Object.entries(options).flatMap(([name, value]) => [name, String(value)]),
    ...flags,
  ]);
  const line = JSON.parse(readFileSync(result, 'utf8')) as Line;
  const isMeasured = load.serverPids.length > 0;
  return {
    generator: 'c',
    publishesPerSecond: line.pubs,
    eventsPerSecond: line.evs,
    lost: line.lost,
    superseded: null,
    acknowledged: null,
    refused: line.bad,
    closed: line.closed,
    cpuMicrosPerEvent: isMeasured ? line.cpu_us : null,
    serverCpuPercent: isMeasured ? line.srv_pct : null,
    generatorCpuPercent: line.gen_pct,
    deliveryP50: line.p50 > 0 ? line.p50 / 1000 : null,
    deliveryP99: line.p99 > 0 ? line.p99 / 1000 : null,
    ackP50: null,
    ackP99: null,
    connectsPerSecond: line.conn_rate,
    connectCpuMicros: isMeasured ? line.conn_cpu_us : null,
    idleRssMb: isMeasured ? line.idle_mb : null,
    rssKbPerStream: isMeasured ? line.kb_conn : null,
    arrivals: null,
    storm: null,
  };
}
