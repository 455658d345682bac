/**
 * Builds the pages: `npm run build`. A build is a folder `dist/<stamp>/` that is complete before
 * `dist/current.json` names it, so that a server never sees half of one; the stamp is a hash of everything
 * that goes in, so that `--stale` knows in milliseconds whether there is anything to do.
 *
 * --stale    builds only when the sources have changed since the current build
 * --sizes    prints what each page weighs, and fails above the budgets
 * --watch    builds at every change and makes open pages reload; what follows `--` is started and stopped with it
 */
import { readCurrent, stampOf } from './build/stamp.ts';

const options = process.argv.slice(2);
const command = options.includes('--') ? options.splice(options.indexOf('--')).slice(1) : [];
const unknown = options.filter((option) => !['--stale', '--sizes', '--watch'].includes(option));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown option ${unknown.join(' ')}; there are --stale, --sizes and --watch -- command\n`,
  );
  process.exit(2);
}

if (options.includes('--watch')) {
  const { watch } = await import('./build/watch.ts');
  await watch(command);
} else {
  const current = readCurrent();
  const isFresh = options.includes('--stale') && current?.build === stampOf();
  if (!isFresh) {
    // The bundler takes a quarter of a second to load, which a start that builds nothing does not pay.
    const { build } = await import('./build/bundle.ts');
    if (!(await build())) process.exit(1);
  }
  if (options.includes('--sizes')) {
    const { printSizes } = await import('./build/sizes.ts');
    if (!printSizes()) process.exitCode = 1;
  }
}
