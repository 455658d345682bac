/** Wire types of `GET|PUT /admin/policy`: what an administrator decides for everybody. */
import { z } from 'zod';
import { availabilities, languages, privacyModes } from './vocabulary.ts';

/** Lync allowed four; sixteen is as many as a menu can hold. */
export const customActivitiesMost = 16;

const labelSchema = z.string().trim().min(1).max(64);
export const customActivitySchema = z.strictObject({
  id: z.templateLiteral(['x-', z.string().regex(/^[a-z0-9-]{1,40}$/)]),
  /** Beside which availability it may stand. */
  availability: z.enum(availabilities).exclude(['unknown', 'offline', 'available-idle', 'busy-idle']),
  /** What people read, by language; English is needed and stands in for what is missing. */
  labels: z.strictObject(
    Object.fromEntries(
      languages.map((language) => [language, language === 'en' ? labelSchema : labelSchema.optional()]),
    ) as { en: typeof labelSchema } & Record<
      Exclude<(typeof languages)[number], 'en'>,
      z.ZodOptional<typeof labelSchema>
    >,
  ),
});

const presenceSection = z.strictObject({
  /** Without input for so long, a machine is idle. */
  idleAfterSeconds: z.int().min(60).max(3_600),
  /** Without input for so long, it is away; counted from the input. */
  awayAfterSeconds: z.int().min(120).max(14_400),
  /** Whether people may appear offline. */
  appearOffline: z.boolean(),
  /** Shows others who is there and nothing finer: no idleness, activity, times or places. */
  coarse: z.boolean(),
  showLastActive: z.boolean(),
  /** Whether the workgroup sees what a meeting is about. */
  showMeetingSubject: z.boolean(),
  activities: z.array(customActivitySchema).max(customActivitiesMost),
});
const privacySection = z.strictObject({
  /** The mode of everybody who has not chosen one. */
  mode: z.enum(privacyModes),
});
const contactsSection = z.strictObject({
  /** Manager and reports as a ready-made group of everybody. */
  teamGroup: z.boolean(),
});
const watchingSection = z.strictObject({
  /** People whom one person may watch on one stream beside their contacts; null = as many as a stream takes. */
  people: z.int().min(0).max(5_000).nullable(),
  /** People who are no contacts that one may ask about in an hour; null = as many as one likes. */
  strangersPerHour: z.int().min(0).max(1_000_000).nullable(),
  /** Ids of people and applications to whom neither applies. */
  grants: z.array(z.string().min(1).max(200)).max(1_000),
});

export const policySchema = z.object({
  presence: presenceSection,
  privacy: privacySection,
  contacts: contactsSection,
  watching: watchingSection,
});
export type Policy = z.infer<typeof policySchema>;

/** What is not named stays as it is. */
export const policyInputSchema = z.strictObject({
  presence: presenceSection.partial().optional(),
  privacy: privacySection.partial().optional(),
  contacts: contactsSection.partial().optional(),
  watching: watchingSection.partial().optional(),
});
export type PolicyInput = z.infer<typeof policyInputSchema>;
