/** Files that go with messages. They leave as downloads only: no browser ever shows one as a page. */
import { z } from 'zod';
import { contentDisposition } from '../../domain/attachments.ts';
import { toAttachmentId } from '../../domain/ids.ts';
import type { Attachments } from '../../services/attachments.ts';
import { receiveFile } from '../multipart.ts';
import { created, type Route, route } from '../route.ts';

const attachmentSchema = z.object({ id: z.string(), name: z.string(), size: z.int(), mediaType: z.string() });

export function attachmentRoutes(attachments: Attachments): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/attachments',
      access: 'person',
      limit: 'upload',
      upload: true,
      summary: 'Takes a file in (multipart/form-data, one file, at most 25 MiB) to be sent with a message.',
      answers: { 201: attachmentSchema },
      problems: ['attachment-blocked', 'body-too-large', 'unsupported-media-type'],
      handle: async ({ upload, principal }) =>
        created(await receiveFile(upload!, (file) => attachments.upload(principal.userId, file))),
    }),
    route({
      method: 'GET',
      path: '/attachments/{id}',
      access: 'person',
      limit: 'query',
      summary: 'The bytes of a file that was sent to one, or that one uploaded.',
      answers: { 200: null },
      handle: async ({ params, principal }) => {
        const { row, content } = await attachments.open(principal.userId, toAttachmentId(params.id ?? ''));
        return {
          status: 200,
          stream: content,
          headers: {
            'Content-Type': row.mediaType,
            'Content-Length': String(row.size),
            'Content-Disposition': contentDisposition(row.name),
            'X-Content-Type-Options': 'nosniff',
            'Content-Security-Policy': "sandbox; default-src 'none'",
            'Cache-Control': 'private, max-age=86400, immutable',
          },
        };
      },
    }),
  ];
}
