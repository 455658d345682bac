/**
 * How the tests run. `npm test` takes all of them; `npm test -- test/unit/ids.test.ts` takes some.
 * Two projects, because they want different things of a machine: the first runs its files side by side, the
 * second has the default ports and a browser to itself and so runs one file at a time, after the first.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  test: {
    pool: 'forks',
    // A busy machine may need so long: only a test that fails waits until then, and none proves anything by it.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'server',
          include: ['test/*.test.ts', 'test/{unit,contract,http,scenario,cluster,fuzz}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
