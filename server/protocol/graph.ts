/**
 * The bodies that the facade in Microsoft Graph's shape takes. Graph's own rules, with its limits: which
 * pairs an action takes, how long it may last and lasts by itself.
 */
import { z } from 'zod';
import { limits } from './vocabulary.ts';

/** Most ids in one getPresencesByUserId, as there. */
export const graphPresencesMost = 650;
/** Most requests in one $batch, as there. */
export const graphBatchMost = 20;

/** ISO 8601 duration in days, hours, minutes and seconds → ms; null for anything else. */
export function parseDuration(text: string): number | null {
  const found = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/.exec(text);
  if (found === null || /^P$|T$/.test(text)) return null;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = found.map(Number).map((n) => n || 0);
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}

const durationSchema = z
  .string()
  .refine((text) => parseDuration(text) !== null, { message: 'is no ISO 8601 duration such as PT1H' })
  .nullish();

const pairSchema = z.object({ availability: z.string(), activity: z.string() });

/** Sessions are named by the client id of the application that holds them. */
const sessionSchema = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, { message: 'is no application id' });

export const graphSetPresenceSchema = pairSchema.extend({
  sessionId: sessionSchema,
  expirationDuration: durationSchema,
});
export const graphClearPresenceSchema = z.object({ sessionId: sessionSchema });
export const graphPreferredSchema = pairSchema.extend({ expirationDuration: durationSchema });
export const graphStatusMessageSchema = z.object({
  statusMessage: z
    .object({
      message: z
        .object({
          content: z.string().max(limits.noteCharacters).nullish(),
          contentType: z
            .string()
            .transform((text) => text.toLowerCase())
            .pipe(z.literal('text', { message: 'only text is taken' }))
            .nullish(),
        })
        .nullish(),
      expiryDateTime: z
        .object({ dateTime: z.string().max(40), timeZone: z.string().max(64).nullish() })
        .nullish(),
    })
    .nullish(),
});
export const graphIdsSchema = z.object({ ids: z.array(z.string().max(200)) });

export const graphBatchSchema = z.object({
  requests: z
    .array(
      z.object({
        id: z.string().min(1).max(100),
        method: z.string().max(10),
        url: z.string().min(1).max(8_000),
        headers: z.record(z.string(), z.string()).nullish(),
        body: z.unknown().optional(),
        dependsOn: z.array(z.string()).nullish(),
      }),
    )
    .max(graphBatchMost, { message: `at most ${graphBatchMost} requests are taken` }),
});
export type GraphBatchItem = z.infer<typeof graphBatchSchema>['requests'][number];

/** Which pairs `setPresence` takes. Busy/Busy is not among them: manual busy is a preferred presence. */
export const sessionPairs = [
  'available/available',
  'busy/inacall',
  'busy/inaconferencecall',
  'away/away',
  'donotdisturb/presenting',
] as const;

/** Which pairs `setUserPreferredPresence` takes. */
export const preferredPairs = [
  'available/available',
  'busy/busy',
  'donotdisturb/donotdisturb',
  'berightback/berightback',
  'away/away',
  'offline/offwork',
] as const;
