/** Wire types of the switches by which a person lets other systems speak of them. */
import { z } from 'zod';

export const connectionNames = ['exchange', 'teams'] as const;

/** Null where this server does not read it. */
export const connectionsSchema = z.object({
  exchange: z.boolean().nullable().describe('meetings and absences from the mailbox in Microsoft 365'),
  teams: z.boolean().nullable().describe('the presence that Teams shows'),
  exchangeState: z
    .enum(['consent-missing'])
    .optional()
    .describe('why the mailbox cannot be read; absent where nothing is known against it'),
});
export type Connections = z.infer<typeof connectionsSchema>;

export const connectionsInputSchema = z.strictObject({
  exchange: z.boolean().optional(),
  teams: z.boolean().optional(),
});
export type ConnectionsInput = z.infer<typeof connectionsInputSchema>;
