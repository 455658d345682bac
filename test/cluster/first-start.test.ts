/** The first start of all: several nodes in the same moment on an empty database. */
import { expect, test, vi } from 'vitest';
import { hasPostgres } from '../contract/stores.ts';
import { startCluster } from '../support/cluster.ts';
import { hasNats } from '../support/nats.ts';
import { skipUnless } from '../support/skip.ts';

vi.setConfig({ testTimeout: 300_000 });

skipUnless(hasPostgres && hasNats, 'no PostgreSQL or no NATS for tests answers')('the first start', () => {
  test.each([1, 2, 3])(
    '[CL9] three nodes that start at once on an empty database make one organisation, and all are ready (%i)',
    async () => {
      const cluster = await startCluster(3, { isAtOnce: true });
      try {
        const asked = async (node: number, path: string, init?: RequestInit) =>
          fetch(`${cluster.nodes[node]?.http}${path}`, init);
        for (const node of [0, 1, 2])
          await vi.waitFor(async () => expect(await (await asked(node, '/readyz')).text()).toBe('ready\n'), {
            timeout: 60_000,
          });
        const signedIn = await asked(0, '/api/v1/demo/token', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ user: 'carol@contoso.example' }),
        });
        const { access_token: token } = (await signedIn.json()) as { access_token: string };
        const headers = { Authorization: `Bearer ${token}` };
        const seen = new Set<string>();
        for (const node of [0, 1, 2])
          await vi.waitFor(
            async () => {
              const status = (await (await asked(node, '/api/v1/admin/status', { headers })).json()) as {
                people: number;
                store: { epoch: string };
                nodes: unknown[];
              };
              expect(status.people).toBe(5_000);
              expect(status.nodes).toHaveLength(3);
              seen.add(status.store.epoch);
            },
            { timeout: 60_000, interval: 200 },
          );
        expect(seen.size).toBe(1);
      } finally {
        await cluster.dispose();
      }
    },
  );
});
