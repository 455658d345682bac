/** Which other systems may say something of one's presence. */
import { connectionsInputSchema, connectionsSchema } from '../../protocol/connections.ts';
import type { Connections } from '../../services/connections.ts';
import { ok, type Route, route } from '../route.ts';

export function connectionRoutes({ connections }: { connections: Connections }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/me/connections',
      access: 'person',
      limit: 'query',
      summary: 'What one lets Microsoft 365 say of oneself.',
      answers: { 200: connectionsSchema },
      handle: ({ principal }) => ok(connections.get(principal.userId)),
    }),
    route({
      method: 'PUT',
      path: '/me/connections',
      access: 'person',
      limit: 'write',
      summary: 'Switches calendar and Teams presence from Microsoft 365 on or off; what is not named stays.',
      body: connectionsInputSchema,
      answers: { 200: connectionsSchema },
      handle: async ({ principal, body }) => {
        const { exchange, teams } = body;
        return ok(
          await connections.put(principal.userId, {
            ...(exchange === undefined ? {} : { exchange }),
            ...(teams === undefined ? {} : { teams }),
          }),
        );
      },
    }),
  ];
}
