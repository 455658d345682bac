/** What belongs to an open stream: its watch list, its sign of life, its right (contract §5). */
import type { Principal } from '../../ports/identity.ts';
import { aliveInputSchema, watchPatchSchema, watchPutSchema } from '../../protocol/events.ts';
import { viewListSchema } from '../../protocol/presence.ts';
import type { Quotas } from '../../services/quotas.ts';
import type { StreamRelay } from '../../services/stream-relay.ts';
import { type Answer, noContent, type Route, route } from '../route.ts';

const listOf = (views: readonly string[]): Answer => ({
  status: 200,
  json: `{"items":[${views.join(',')}],"next":null}`,
});

export function streamRoutes({ streams, quotas }: { streams: StreamRelay; quotas: Quotas }): Route[] {
  async function watch(
    principal: Principal,
    streamId: string,
    change: { put?: readonly string[]; add?: readonly string[]; remove?: readonly string[] },
  ): Promise<Answer> {
    await quotas.ask(principal, change.put ?? change.add ?? []);
    return listOf(await streams.watch(principal, streamId, change, quotas.watchedMost(principal)));
  }
  return [
    route({
      method: 'PUT',
      path: '/streams/{streamId}/watch',
      access: 'any',
      summary: 'Replaces the watch list of a stream; answers the current views of everyone on it.',
      limit: 'query',
      body: watchPutSchema,
      answers: { 200: viewListSchema },
      problems: ['not-found', 'too-many-watched', 'policy-quota', 'node-unavailable'],
      handle: async ({ principal, params, body }) =>
        watch(principal, params.streamId as string, { put: body.ids }),
    }),
    route({
      method: 'PATCH',
      path: '/streams/{streamId}/watch',
      access: 'any',
      summary:
        'Adds people to the watch list of a stream and removes others; answers the current views of the added.',
      limit: 'query',
      body: watchPatchSchema,
      answers: { 200: viewListSchema },
      problems: ['not-found', 'too-many-watched', 'policy-quota', 'node-unavailable'],
      handle: async ({ principal, params, body }) =>
        watch(principal, params.streamId as string, { add: body.add ?? [], remove: body.remove ?? [] }),
    }),
    route({
      method: 'POST',
      path: '/streams/{streamId}/alive',
      access: 'any',
      summary: 'Tells that the client is there; `cursor` acknowledges every event up to it.',
      hot: true,
      body: aliveInputSchema.optional(),
      answers: { 204: null },
      problems: ['not-found', 'node-unavailable'],
      handle({ principal, params, body }) {
        const told = streams.alive(principal, params.streamId as string, body?.cursor ?? null);
        return told === null ? noContent : told.then(() => noContent);
      },
    }),
    route({
      method: 'POST',
      path: '/streams/{streamId}/token',
      access: 'any',
      summary: "Renews the stream's right with the bearer of this call, without losing its place.",
      answers: { 204: null },
      problems: ['not-found', 'node-unavailable'],
      async handle({ principal, params }) {
        await streams.renew(principal, params.streamId as string);
        return noContent;
      },
    }),
  ];
}
