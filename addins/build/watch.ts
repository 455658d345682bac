/**
 * `npm run dev`: bundles at every change into a fresh build, which the server notices by `current.json` and
 * tells the open pages to reload. The server is started after the first build and ends with the watcher.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import webpack from 'webpack';
import { configurations } from '../../webpack.config.js';
import { finish, publish, report } from './bundle.ts';
import { dist } from './stamp.ts';

/** Watches until a signal comes or the command ends. */
export async function watch(command: string[]): Promise<void> {
  const output = path.join(dist, `.watch-${process.pid}`);
  let child: ChildProcess | undefined;
  const bundler = webpack(configurations({ output, isWatching: true }));

  const stop = (code: number) => {
    watching?.close(() => {
      rmSync(output, { recursive: true, force: true });
      process.exit(code);
    });
  };
  const start = () => {
    const [program, ...args] = command;
    if (!program || child) return;
    child = spawn(program, args, { stdio: 'inherit' });
    child.on('exit', (code) => stop(code ?? 0));
  };
  // One build after the other: a change during `finish` waits for it.
  let last = Promise.resolve();
  const watching = bundler.watch({ aggregateTimeout: 50 }, (error, stats) => {
    if (error) process.stderr.write(`${error.stack}\n`);
    if (!stats || !report(stats)) return;
    last = last.then(async () => {
      // The bundler rewrites only what has changed, so its folder stays and a copy is finished and published.
      const build = `watch-${randomUUID().slice(0, 8)}`;
      const copy = path.join(dist, `.${build}`);
      cpSync(output, copy, { recursive: true });
      await finish(copy, false);
      publish(copy, build, true);
      process.stdout.write('built the pages\n');
      start();
    });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => (child ? child.kill(signal) : stop(0)));
  }
}
