/** Is it well? One look at this node and its store, for the console and for scripts (contract §7). */
import { z } from 'zod';
import { instantSchema } from '../../protocol/presence.ts';
import type { Audit } from '../../services/audit.ts';
import { ok, type Route, route } from '../route.ts';

const statusSchema = z.object({
  version: z.string(),
  startedAt: instantSchema,
  now: instantSchema,
  /** Null when writes work. */
  trouble: z.string().nullable(),
  store: z.object({
    kind: z.string(),
    epoch: z.string(),
    lastSeq: z.int().nonnegative(),
    writable: z.boolean(),
  }),
  nodes: z
    .array(
      z.object({
        id: z.string(),
        version: z.string().nullable().describe('null where its version does not say'),
        startedAt: instantSchema.nullable(),
        leaving: z.boolean().describe('it was told to stop'),
        self: z.boolean().describe('the node that answers'),
      }),
    )
    .describe('every node that lives, the one that answers first'),
  people: z.int().nonnegative(),
  directory: z
    .object({
      source: z.string(),
      phase: z.enum(['loading', 'following']),
      loaded: z.int().nonnegative().describe('people named since this load began'),
      lastAt: instantSchema.nullable(),
      problem: z.string().nullable(),
    })
    .nullable()
    .describe('where people are read from, and how far; null where they are kept here'),
  streams: z.int().nonnegative(),
  registrations: z.int().nonnegative().describe('endpoints that are signed in'),
  publications: z.int().nonnegative(),
  memoryBytes: z.int().nonnegative(),
  load: z.number().nonnegative().describe('share of one core since the start'),
});
export type NodeStatus = z.infer<typeof statusSchema>;

export function adminStatusRoutes({
  status,
  audit,
}: {
  status: () => Promise<NodeStatus>;
  audit: Pick<Audit, 'looked'>;
}): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/status',
      access: 'admin',
      summary: 'The state of this node and its store: streams, endpoints, memory, load, trouble.',
      answers: { 200: statusSchema },
      handle: async ({ principal }) => {
        // It holds nobody's data, and it is asked for most when the store takes no writes.
        await audit.looked(principal.userId, 'status.read').catch(() => {});
        return ok(await status());
      },
    }),
  ];
}
