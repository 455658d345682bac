/** Wire types of people and contact lists (contract §2 and §4). */
import { z } from 'zod';
import { idSchema, viewSchema } from './presence.ts';
import { limits, relationships } from './vocabulary.ts';

/** A person as far as the relationship shows them; what is withheld or not known is null or empty. */
export const personSchema = z.object({
  id: z.string(),
  displayName: z.string(),
  address: z.string(),
  addresses: z.array(z.string()),
  upn: z.string().nullable(),
  title: z.string().nullable(),
  company: z.string().nullable(),
  department: z.string().nullable(),
  office: z.string().nullable(),
  phones: z.object({
    work: z.string().nullable(),
    mobile: z.string().nullable(),
    home: z.string().nullable(),
  }),
  managerId: z.string().nullable(),
  external: z.boolean(),
  timeZone: z.string().nullable().describe('IANA name of where the person is, to say their local time'),
  photo: z.string().nullable().describe('names the content of the photo; null = there is none to fetch'),
});
export type Person = z.infer<typeof personSchema>;

/** `GET /me`: the caller with their roles. */
export const meSchema = personSchema.extend({ roles: z.array(z.string()) });
export type Me = z.infer<typeof meSchema>;

/** Enough of a person to name them in a conversation. */
export const personNameSchema = z.object({ id: z.string(), displayName: z.string(), address: z.string() });
export type PersonName = z.infer<typeof personNameSchema>;

export const personListSchema = z.object({ items: z.array(personSchema), next: z.string().nullable() });

export const resolveInputSchema = z.strictObject({
  addresses: z.array(z.string().min(1).max(512)).max(limits.idsPerQuery),
});
export const resolveAnswerSchema = z.object({
  items: z.array(z.object({ address: z.string(), person: personSchema.nullable() })),
});

export const expandInputSchema = z.strictObject({
  addresses: z.array(z.string().min(1).max(512)).min(1).max(limits.listsPerQuery),
});
const expandedListSchema = z.object({
  address: z.string(),
  displayName: z.string(),
  people: z.array(personSchema).describe('by name; at most 500 in all lists of one answer'),
  more: z.int().min(0).describe('how many people of this list are not in this answer'),
  hidden: z.boolean().describe('true where who is on the list is told to nobody'),
});
export type ExpandedList = z.infer<typeof expandedListSchema>;
export const expandAnswerSchema = z.object({
  items: z.array(z.object({ address: z.string(), list: expandedListSchema.nullable() })),
});

export const contactSchema = z.object({
  person: personSchema,
  groups: z.array(z.string()),
  relationship: z.enum(relationships),
  alert: z.boolean(),
  listed: z.boolean().describe('false where only a relationship is kept, as for a blocked stranger'),
  view: viewSchema,
});
export type Contact = z.infer<typeof contactSchema>;
export const contactListSchema = z.object({ items: z.array(contactSchema), next: z.string().nullable() });

export const contactInputSchema = z.strictObject({
  groups: z.array(idSchema).max(limits.groups).optional(),
  relationship: z.enum(relationships).optional(),
  alert: z.boolean().optional(),
});
export type ContactInput = z.infer<typeof contactInputSchema>;

export const groupSchema = z.object({
  id: z.string(),
  name: z.string(),
  position: z.int(),
  order: z
    .array(z.string())
    .nullable()
    .describe('ids of its people as they were put by hand; null = by name'),
});
export type Group = z.infer<typeof groupSchema>;
export const groupListSchema = z.object({ items: z.array(groupSchema), next: z.string().nullable() });
export const groupInputSchema = z.strictObject({
  name: z.string().trim().min(1).max(limits.groupNameCharacters),
  position: z.int().min(0).max(limits.groups).optional(),
});
export const groupPatchSchema = groupInputSchema
  .partial()
  .extend({ order: z.array(idSchema).max(limits.contacts).nullable().optional() });
export type GroupPatch = z.infer<typeof groupPatchSchema>;

export const photoAnswerSchema = z.object({ photo: z.string() });

/** `POST /me/contacts/import`: what became of each card of the file. */
export const importAnswerSchema = z.object({
  added: z.int().nonnegative(),
  changed: z.int().nonnegative(),
  skipped: z.array(
    z.object({
      name: z.string(),
      address: z.string().nullable(),
      reason: z.enum(['no-address', 'not-in-directory', 'yourself', 'list-full']),
    }),
  ),
});
export type ImportAnswer = z.infer<typeof importAnswerSchema>;

/** `GET /me/watchers`: who is watching me, and how (one's own transparency; peers §A7). */
export const watcherListSchema = z.object({
  items: z.array(
    z.object({
      person: personNameSchema,
      relationship: z.enum(relationships),
      asContact: z.boolean(),
      watching: z.boolean(),
    }),
  ),
  next: z.string().nullable(),
});
