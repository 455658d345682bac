/**
 * Several nodes as processes of their own, on one new database of the PostgreSQL and the NATS that are found:
 * for tests that kill, stop and restart nodes, or put a proxy between them and what they stand on.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { natsUrl } from './nats.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from './server-process.ts';

/** The address of a database that tests may connect to, to make others from. */
export const postgresUrl = process.env.JELLYBEAN_TEST_POSTGRES ?? 'postgres://root@127.0.0.1:5432/test';

async function ask(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A new, empty database; `remove` takes it away, whoever is still connected. */
export async function newDatabase(): Promise<{ name: string; url: string; remove(): Promise<void> }> {
  const name = `jellybean_test_${randomBytes(6).toString('hex')}`;
  await ask(`create database ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return { name, url: url.href, remove: () => ask(`drop database if exists ${name} with (force)`) };
}

export interface TestCluster {
  readonly nodes: ServerProcess[];
  readonly storeUrl: string;
  /** Starts one more node, or one in the place of another; `command` where it is another program. */
  join(place?: number, command?: readonly string[]): Promise<ServerProcess>;
  dispose(): Promise<void>;
}

/** Starts `count` nodes; `store` and `bus` go before what is found, such as the address of a proxy. */
export async function startCluster(
  count: number,
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly bus?: string;
    readonly store?: (url: string) => string;
    /** Starts all in the same moment, on an empty database. */
    readonly isAtOnce?: boolean;
  } = {},
): Promise<TestCluster> {
  const database = await newDatabase();
  const folder = await temporaryFolder();
  const nodes: ServerProcess[] = [];
  const env = {
    JELLYBEAN_STORE: options.store?.(database.url) ?? database.url,
    JELLYBEAN_BUS: options.bus ?? natsUrl,
    JELLYBEAN_RATE_FACTOR: '0',
    ...options.env,
  };
  const join = async (place = nodes.length, command?: readonly string[]) => {
    const node = await startServerProcess(folder.path, { env, ...(command && { command }) });
    nodes[place] = node;
    return node;
  };
  const dispose = async () => {
    for (const node of nodes) await node?.end('SIGKILL');
    await database.remove();
    await folder.remove();
  };
  try {
    if (options.isAtOnce) await Promise.all(Array.from({ length: count }, (_, place) => join(place)));
    // The first makes what all find.
    else for (let place = 0; place < count; place += 1) await join();
  } catch (error) {
    await dispose();
    throw error;
  }
  return { nodes, storeUrl: database.url, join, dispose };
}
