/** Wire types of what administrators see of conversations (contract §7): records, archive, retention, holds, audit. */
import { z } from 'zod';
import { idSchema, instantSchema } from './presence.ts';
import { importances, participantRoles } from './vocabulary.ts';

export const sessionRecordSchema = z.object({
  type: z.literal('session'),
  sessionId: z.string(),
  conversationId: z.string(),
  kind: z.enum(['two-party', 'conference']),
  priority: z.enum(importances),
  mediaTypes: z.array(z.enum(['im', 'file'])),
  startedById: z.string(),
  startedAt: instantSchema,
  respondedAt: instantSchema.nullable(),
  response: z.enum(['accepted', 'none']),
  /** Null, as the reason, while the session is still open. */
  endedAt: instantSchema.nullable(),
  endReason: z.enum(['idle', 'everyone-left', 'retention']).nullable(),
  messageCount: z.int(),
  peakParticipants: z.int(),
  participants: z.array(
    z.object({
      personId: z.string(),
      role: z.enum(participantRoles),
      addedAt: instantSchema,
      joinedAt: instantSchema.nullable(),
      leftAt: instantSchema.nullable(),
      messageCount: z.int(),
    }),
  ),
  files: z.array(
    z.object({
      byId: z.string(),
      name: z.string(),
      size: z.int(),
      mediaType: z.string(),
      sentAt: instantSchema,
    }),
  ),
});
export const registrationRecordSchema = z.object({
  type: z.literal('registration'),
  personId: z.string(),
  endpoint: z.string(),
  registeredAt: instantSchema,
  deregisteredAt: instantSchema,
  deregisterType: z.enum(['client', 'expired']),
});
export const cdrListSchema = z.object({
  items: z.array(z.union([sessionRecordSchema, registrationRecordSchema])),
  next: z.string().nullable(),
});

/** What the charts show. Days and hours are those of the asked-for time zone. */
export const cdrSummarySchema = z.object({
  sessions: z.int(),
  messages: z.int(),
  people: z.int(),
  peakConcurrency: z.int(),
  peakAt: instantSchema.nullable(),
  days: z.array(z.object({ day: z.string(), sessions: z.int(), messages: z.int() })),
  hours: z.array(z.object({ hour: z.int(), sessions: z.int(), messages: z.int() })),
});
export type CdrSummary = z.infer<typeof cdrSummarySchema>;

const days = z.int().min(1).max(36_500);
export const retentionSchema = z.strictObject({
  /** Messages older than this are removed; null keeps them for ever. */
  messageDays: days.nullable(),
  cdrDays: days,
  auditDays: days,
  /** Whose conversations are archived, unless a person is set apart. */
  archive: z.enum(['off', 'everyone']),
});
export type RetentionPolicy = z.infer<typeof retentionSchema>;

/** Archiving of one person: on, off, or null for the organisation's rule. */
export const archivedInputSchema = z.strictObject({ archived: z.boolean().nullable() });

export const holdInputSchema = z
  .strictObject({
    personId: idSchema.optional(),
    conversationId: idSchema.optional(),
    reason: z.string().min(1).max(500),
  })
  .refine((hold) => (hold.personId === undefined) !== (hold.conversationId === undefined), {
    message: 'Name either a person or a conversation',
  });
export type HoldInput = z.infer<typeof holdInputSchema>;
export const holdSchema = z.object({
  id: z.string(),
  personId: z.string().nullable(),
  conversationId: z.string().nullable(),
  reason: z.string(),
  createdAt: instantSchema,
  createdById: z.string(),
});
export type Hold = z.infer<typeof holdSchema>;
export const holdListSchema = z.object({ items: z.array(holdSchema), next: z.null() });

export const auditListSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      at: instantSchema,
      actorId: z.string(),
      action: z.string(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  next: z.string().nullable(),
});
