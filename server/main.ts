/**
 * The only place that touches the process: environment → configuration → composition → listening → a
 * signal. Everything else takes what it needs as arguments.
 */
import { compose } from './compose.ts';
import { ConfigurationError, parseConfig, readEnv } from './config.ts';
import { createLog } from './log.ts';

/** Streams return within this time after a restart, spread so that they do not all come at once. */
const shutdownSpreadMs = 3_000;
/** What has not finished by then is abandoned; nothing acknowledged is lost by it. */
const shutdownLimitMs = 15_000;

async function main(): Promise<void> {
  const config = parseConfig(readEnv(process.env));
  const log = createLog(config.logLevel);
  const server = await compose(config, { log });
  const addresses = await server.listen();
  for (const address of addresses) process.stdout.write(`listening on ${address}\n`);
  if (config.auth === 'demo') process.stdout.write(invitation(addresses));

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    const limit = setTimeout(() => process.exit(1), shutdownLimitMs + config.drainSeconds * 1_000);
    limit.unref();
    await server.stop(shutdownSpreadMs);
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
  if (process.env.npm_lifecycle_event !== undefined) stopWithParent(() => void stop('npm ended'));
  // A promise that nobody waits for must not take the server down, but must be seen.
  process.on('unhandledRejection', (cause) => log.error({ err: cause }, 'a failure that nobody waited for'));
}

/** What somebody who tries it should open first. The ports that are off are not offered. */
function invitation(addresses: readonly string[]): string {
  const http = addresses.find((address) => address.startsWith('http:'));
  const https = addresses.find((address) => address.startsWith('https:'));
  const lines = [
    ...(http ? [`open ${http}/ for the web client, in two tabs to be two people`] : []),
    ...(https
      ? [
          `open ${https}/playground/outlook for the pane beside a mail; the browser warns once of our own certificate`,
        ]
      : []),
  ];
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

/**
 * Calls back when the process that started this one is gone. A signal to `npm start` ends npm and its shell and
 * never reaches the server, which would go on holding its ports with nobody to stop it.
 */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, 500).unref();
}

try {
  await main();
} catch (error) {
  const known = error instanceof ConfigurationError || (error as { code?: string }).code === 'EADDRINUSE';
  process.stderr.write(`${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(known ? 2 : 1);
}
