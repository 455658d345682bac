/** The parts of Graph's answers that we use, and nothing that we do not: a field that is new there changes nothing here. */
import { z } from 'zod';

const text = z.string().nullish();

export const batchAnswerSchema = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});

const deltaUserSchema = z.object({
  id: z.string(),
  '@removed': z.object({ reason: z.string().nullish() }).nullish(),
  displayName: text,
  mail: text,
  userPrincipalName: text,
  proxyAddresses: z.array(z.string()).nullish(),
  jobTitle: text,
  companyName: text,
  department: text,
  officeLocation: text,
  businessPhones: z.array(z.string()).nullish(),
  mobilePhone: text,
  userType: text,
  accountEnabled: z.boolean().nullish(),
  'manager@delta': z
    .array(z.object({ id: z.string(), '@removed': z.object({ reason: z.string().nullish() }).nullish() }))
    .nullish(),
});
export type DeltaUser = z.infer<typeof deltaUserSchema>;

export const deltaPageSchema = z.object({
  value: z.array(deltaUserSchema),
  '@odata.nextLink': z.url().optional(),
  '@odata.deltaLink': z.url().optional(),
});

const deltaGroupSchema = z.object({
  id: z.string(),
  '@removed': z.object({ reason: z.string().nullish() }).nullish(),
  displayName: text,
  mail: text,
  proxyAddresses: z.array(z.string()).nullish(),
  visibility: text,
  'members@delta': z
    .array(z.object({ id: z.string(), '@removed': z.object({ reason: z.string().nullish() }).nullish() }))
    .nullish(),
});
export type DeltaGroup = z.infer<typeof deltaGroupSchema>;

export const groupPageSchema = z.object({
  value: z.array(deltaGroupSchema),
  '@odata.nextLink': z.url().optional(),
  '@odata.deltaLink': z.url().optional(),
});

const momentSchema = z.object({ dateTime: z.string(), timeZone: text });

export const schedulesSchema = z.object({
  value: z.array(
    z.object({
      scheduleId: text,
      scheduleItems: z
        .array(
          z.object({
            status: text,
            subject: text,
            isPrivate: z.boolean().nullish(),
            start: momentSchema,
            end: momentSchema,
          }),
        )
        .nullish(),
      error: z.object({ responseCode: text, message: text }).nullish(),
    }),
  ),
});

export const mailboxSettingsSchema = z.object({
  automaticRepliesSetting: z
    .object({
      status: text,
      internalReplyMessage: text,
      scheduledStartDateTime: momentSchema.nullish(),
      scheduledEndDateTime: momentSchema.nullish(),
    })
    .nullish(),
});

export const presencesSchema = z.object({
  value: z.array(z.object({ id: z.string(), availability: text, activity: text })),
});
