/** Wire types of personal calendars, working hours and free/busy. */
import { z } from 'zod';
import { instantSchema } from './presence.ts';

export const calendarLimits = { bytes: 2 * 1024 * 1024, textCharacters: 200_000 } as const;

const clockSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day such as 09:00');
export const workingHoursSchema = z
  .strictObject({
    days: z
      .array(z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']))
      .max(7),
    from: clockSchema,
    to: clockSchema,
    timeZone: z.string().min(1).max(64),
  })
  .refine(({ from, to }) => from < to, { message: 'working hours begin before they end', path: ['to'] });
export type WorkingHours = z.infer<typeof workingHoursSchema>;

export const calendarInputSchema = z
  .strictObject({
    url: z.string().min(1).max(2_000).nullable().optional(),
    text: z.string().min(1).max(calendarLimits.textCharacters).nullable().optional(),
    enabled: z.boolean().optional(),
    workingHours: workingHoursSchema.nullable().optional(),
  })
  .refine(({ url, text }) => url == null || text == null, { message: 'give url or text, not both' });
export type CalendarInput = z.infer<typeof calendarInputSchema>;

export const calendarAnswerSchema = z.object({
  source: z.enum(['url', 'text']).nullable(),
  url: z.string().nullable(),
  enabled: z.boolean(),
  workingHours: workingHoursSchema.nullable(),
  lastReadAt: instantSchema.nullable(),
  problem: z
    .object({ code: z.string(), detail: z.string() })
    .nullable()
    .describe('why the last reading failed; what was read before stands until it is over'),
});
export type CalendarAnswer = z.infer<typeof calendarAnswerSchema>;

/** `GET /people/{id}/free-busy`: the coming days of a person, as far as the relationship shows them. */
export const freeBusySchema = z.object({
  workingHours: workingHoursSchema.nullable(),
  items: z.array(
    z.object({
      startsAt: instantSchema,
      endsAt: instantSchema,
      state: z.enum(['busy', 'tentative', 'out-of-office']),
      subject: z.string().nullable(),
    }),
  ),
});
export type FreeBusy = z.infer<typeof freeBusySchema>;
