/**
 * Wire types of presence (contract §3): zod schemas and the types derived from them.
 * Panes import the types only (`import type`), so zod never reaches a bundle.
 */
import { z } from 'zod';
import {
  availabilities,
  channels,
  limits,
  preferredAvailabilities,
  privacyModes,
  publicationKinds,
  standardActivities,
} from './vocabulary.ts';

/** An opaque id as clients send it; which person it names, if any, is the directory's business. */
export const idSchema = z.string().min(1).max(200);

/** An instant on the wire: ISO 8601, UTC, milliseconds. */
export const instantSchema = z.iso.datetime({ offset: true }).describe('ISO 8601 instant');

export const availabilitySchema = z.enum(availabilities);
export const activitySchema = z.union([
  z.enum(standardActivities),
  z.templateLiteral(['x-', z.string().regex(/^[a-z0-9-]{1,40}$/)]),
]);

export const noteSchema = z.object({
  text: z.string(),
  kind: z.enum(['personal', 'out-of-office']),
  expiresAt: instantSchema.nullable(),
});

export const outOfOfficeSchema = z.object({ until: instantSchema.nullable(), note: z.string().nullable() });

/** What one watcher may see of one presentity. Every key is always there; what is withheld is null or empty. */
export const viewSchema = z.object({
  id: z.string(),
  availability: availabilitySchema,
  activity: activitySchema.nullable(),
  text: z.string().describe('a sentence ready to show, in the language of Accept-Language'),
  note: noteSchema.nullable(),
  outOfOffice: outOfOfficeSchema.nullable(),
  since: instantSchema.nullable(),
  until: instantSchema.nullable(),
  lastActiveAt: instantSchema.nullable(),
  location: z.string().nullable(),
  contact: z.array(z.enum(channels)).describe('ways to reach the person now, best first'),
  sequence: z.int().nonnegative().describe('counts changes of this view'),
});
export type PresenceView = z.infer<typeof viewSchema>;

export const sourceSchema = z.object({
  kind: z.enum([...publicationKinds, 'manual', 'out-of-office', 'registration']),
  source: z.string(),
  endpoint: z.string().nullable(),
  availability: availabilitySchema.nullable(),
  activity: activitySchema.nullable(),
  publishedAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  decides: z.boolean(),
  why: z.object({ code: z.string(), params: z.record(z.string(), z.string()), text: z.string() }),
});
export type PresenceSource = z.infer<typeof sourceSchema>;

export const preferredSchema = z.object({
  availability: z.enum(preferredAvailabilities),
  activity: activitySchema.nullable(),
  expiresAt: instantSchema.nullable(),
});
export type Preferred = z.infer<typeof preferredSchema>;

export const privacySchema = z.object({
  mode: z.enum(privacyModes),
  hideActivity: z.boolean(),
  hideLastActive: z.boolean(),
});
export type Privacy = z.infer<typeof privacySchema>;

export const publicationInputSchema = z.strictObject({
  kind: z.enum(publicationKinds),
  endpoint: z.string().min(1).max(100).optional(),
  availability: availabilitySchema.exclude(['unknown']),
  activity: activitySchema.nullable().optional(),
  idleSeconds: z.int().min(0).max(31_536_000).optional(),
  device: z.string().max(100).optional(),
  subject: z.string().max(255).optional(),
  location: z.string().max(60).optional(),
  startsAt: instantSchema.optional(),
  expiresInSeconds: z.int().min(1).max(31_536_000),
});
export type PublicationInput = z.infer<typeof publicationInputSchema>;

export const publicationSchema = publicationInputSchema
  .omit({ expiresInSeconds: true })
  .extend({ id: z.string(), publishedAt: instantSchema, expiresAt: instantSchema.nullable() });
/** A publication as it is answered: with its id and its times by the server's clock. */
export type PublicationWire = z.infer<typeof publicationSchema>;

export const preferredInputSchema = z.strictObject({
  availability: z.enum(preferredAvailabilities),
  activity: activitySchema.nullable().optional(),
  expiresAt: instantSchema.nullable().optional(),
});
export type PreferredInput = z.infer<typeof preferredInputSchema>;

export const noteInputSchema = z.strictObject({
  text: z.string().min(1).max(limits.noteCharacters),
  expiresAt: instantSchema.nullable().optional(),
});
export type NoteInput = z.infer<typeof noteInputSchema>;
export const noteAnswerSchema = z.object({ text: z.string(), expiresAt: instantSchema.nullable() });

/** `PUT /me/out-of-office`: without `from` it begins now, without `until` it lasts until it is ended. */
export const outOfOfficeInputSchema = z.strictObject({
  note: z.string().trim().max(limits.noteCharacters).nullable().optional(),
  from: instantSchema.optional(),
  until: instantSchema.nullable().optional(),
});
export type OutOfOfficeInput = z.infer<typeof outOfOfficeInputSchema>;
export const outOfOfficeAnswerSchema = z.object({
  note: z.string().nullable(),
  from: instantSchema,
  until: instantSchema.nullable(),
});
export type OutOfOfficeAnswer = z.infer<typeof outOfOfficeAnswerSchema>;

/** `GET /me/presence`: one's own view, unfiltered, with every live source, the manual choices and what may be chosen. */
export const ownPresenceSchema = viewSchema.extend({
  sources: z.array(sourceSchema),
  preferred: preferredSchema.nullable(),
  privacy: privacySchema,
  absence: outOfOfficeAnswerSchema
    .nullable()
    .describe('what one said of being out of office, also while it lies ahead'),
  offered: z.object({
    appearOffline: z.boolean(),
    activities: z
      .array(z.object({ id: activitySchema, availability: availabilitySchema, label: z.string() }))
      .describe('the organisation’s own activities, in the language of Accept-Language'),
  }),
});
export type OwnPresence = z.infer<typeof ownPresenceSchema>;

export const privacyInputSchema = z.strictObject({
  mode: z.enum(privacyModes),
  hideActivity: z.boolean().optional(),
  hideLastActive: z.boolean().optional(),
});

export type PrivacyInput = z.infer<typeof privacyInputSchema>;

export const presenceQuerySchema = z
  .strictObject({
    ids: z.array(idSchema).max(limits.idsPerQuery).optional(),
    addresses: z.array(z.string().min(1).max(512)).max(limits.idsPerQuery).optional(),
  })
  .refine((query) => (query.ids?.length ?? 0) + (query.addresses?.length ?? 0) <= limits.idsPerQuery, {
    message: `ids and addresses together are at most ${limits.idsPerQuery}`,
  });

export const viewListSchema = z.object({ items: z.array(viewSchema), next: z.string().nullable() });
