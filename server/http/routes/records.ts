/**
 * What administrators see of conversations (contract §7): records, archive, retention, holds, the audit log.
 * Every read is written to the audit log before the answer leaves.
 */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { csvHead, toCsv } from '../../domain/cdr.ts';
import { toUserId } from '../../domain/ids.ts';
import { idSchema } from '../../protocol/presence.ts';
import {
  archivedInputSchema,
  auditListSchema,
  cdrListSchema,
  cdrSummarySchema,
  holdInputSchema,
  holdListSchema,
  holdSchema,
  retentionSchema,
} from '../../protocol/records.ts';
import type { Archive, ArchiveScope } from '../../services/archive.ts';
import type { Audit } from '../../services/audit.ts';
import type { CallDetails } from '../../services/call-details.ts';
import type { Retention } from '../../services/retention.ts';
import { created, noContent, ok, type Route, route } from '../route.ts';

const dayMs = 86_400_000;
const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => Date.parse(text));
const span = { from: instant.optional(), to: instant.optional(), user: idSchema.optional() };
const cdrQuery = z.strictObject({
  ...span,
  format: z.enum(['json', 'csv']).default('json'),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  cursor: z.string().max(500).optional(),
});
const summaryQuery = z.strictObject(span);
const archiveQuery = z.strictObject(span);
const auditQuery = z.strictObject({
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

export function recordRoutes({
  callDetails,
  archive,
  retention,
  audit,
  now,
}: {
  readonly callDetails: CallDetails;
  readonly archive: Archive;
  readonly retention: Retention;
  readonly audit: Audit;
  readonly now: () => number;
}): readonly Route[] {
  const filterOf = (query: {
    from?: number | undefined;
    to?: number | undefined;
    user?: string | undefined;
  }) => {
    const to = query.to ?? now() + 1;
    return {
      from: query.from ?? to - dayMs,
      to,
      personId: query.user === undefined ? null : toUserId(query.user.toLowerCase()),
    };
  };

  return [
    route({
      method: 'GET',
      path: '/admin/cdr',
      access: 'admin',
      summary:
        'Call detail records that began within a time (the last 24 hours), as JSON or CSV; never any content.',
      query: cdrQuery,
      answers: { 200: cdrListSchema },
      handle: async ({ principal, query }) => {
        const filter = filterOf(query);
        await audit.record(principal.userId, 'cdr.read', { ...filter, format: query.format });
        if (query.format === 'json')
          return {
            status: 200,
            json: await callDetails.list(filter, query.limit, query.cursor ?? null),
          };
        async function* lines() {
          yield csvHead;
          for await (const record of callDetails.all(filter))
            if (record.type === 'session') yield toCsv(record);
        }
        return {
          status: 200,
          stream: Readable.from(lines()),
          headers: {
            'Content-Type': 'text/csv; charset=utf-8',
            'Content-Disposition': 'attachment; filename="call-detail-records.csv"',
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/cdr/summary',
      access: 'admin',
      summary: 'Sessions and messages per day and hour and the peak of sessions at once, for charts.',
      query: summaryQuery,
      answers: { 200: cdrSummarySchema },
      handle: async ({ principal, query, reader }) => {
        const filter = filterOf(query);
        await audit.record(principal.userId, 'cdr.read', { ...filter, format: 'summary' });
        return ok(await callDetails.summary(filter, reader.timeZone));
      },
    }),
    route({
      method: 'GET',
      path: '/admin/archive',
      access: 'admin',
      summary: 'What is archived or held, as JSON Lines with attachments and a hash chain.',
      query: archiveQuery,
      answers: { 200: null },
      handle: async ({ principal, query }) => {
        const scope: ArchiveScope = {
          from: query.from ?? 0,
          to: query.to ?? now() + 1,
          personId: query.user === undefined ? null : toUserId(query.user.toLowerCase()),
          what: 'archived',
          byId: principal.userId,
        };
        await audit.record(principal.userId, 'archive.read', { ...scope });
        return {
          status: 200,
          stream: Readable.from(archive.lines(scope)),
          headers: {
            'Content-Type': 'application/jsonl; charset=utf-8',
            'Content-Disposition': 'attachment; filename="archive.jsonl"',
          },
        };
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/archive/people/{id}',
      access: 'admin',
      summary:
        'Archives one person’s conversations, or leaves them out; null follows the organisation’s rule.',
      body: archivedInputSchema,
      answers: { 204: null },
      handle: async ({ principal, params, body }) => {
        await retention.setArchived(
          principal.userId,
          toUserId((params.id ?? '').toLowerCase()),
          body.archived,
        );
        return noContent;
      },
    }),
    route({
      method: 'GET',
      path: '/admin/retention',
      access: 'admin',
      summary: 'How long messages, records and the audit log are kept, and what is archived.',
      answers: { 200: retentionSchema },
      handle: async ({ principal }) => {
        await audit.record(principal.userId, 'retention.read', {});
        return ok(await retention.policy());
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/retention',
      access: 'admin',
      summary: 'Sets retention and archiving. Holds win over it.',
      body: retentionSchema,
      answers: { 200: retentionSchema },
      handle: async ({ principal, body }) => ok(await retention.setPolicy(principal.userId, body)),
    }),
    route({
      method: 'GET',
      path: '/admin/holds',
      access: 'admin',
      summary: 'Legal holds in force.',
      answers: { 200: holdListSchema },
      handle: async ({ principal }) => {
        await audit.record(principal.userId, 'hold.read', {});
        return ok({ items: await retention.holds(), next: null });
      },
    }),
    route({
      method: 'POST',
      path: '/admin/holds',
      access: 'admin',
      summary: 'Holds everything that a person has taken part in, or one conversation.',
      body: holdInputSchema,
      answers: { 201: holdSchema },
      problems: ['unknown-person', 'not-found'],
      handle: async ({ principal, body }) => created(await retention.hold(principal.userId, body)),
    }),
    route({
      method: 'DELETE',
      path: '/admin/holds/{id}',
      access: 'admin',
      summary: 'Releases a hold; retention takes up from there.',
      answers: { 204: null },
      handle: async ({ principal, params }) => {
        await retention.release(principal.userId, params.id ?? '');
        return noContent;
      },
    }),
    route({
      method: 'GET',
      path: '/admin/audit',
      access: 'admin',
      summary: 'What administrators saw and did, the latest first.',
      query: auditQuery,
      answers: { 200: auditListSchema },
      handle: async ({ principal, query }) => {
        await audit.record(principal.userId, 'audit.read', { before: query.before ?? null });
        return ok(await audit.list(query.before ?? null, query.limit));
      },
    }),
  ];
}
