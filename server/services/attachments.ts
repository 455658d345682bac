/**
 * Files that go with messages: taken in as a stream, kept beside the store, given back only to those who can
 * see the message. A file that is never sent is collected after a day.
 */
import type { Readable } from 'node:stream';
import { mediaTypeOf, refuseBlocked, safeName } from '../domain/attachments.ts';
import { DomainError } from '../domain/errors.ts';
import { type AttachmentId, toAttachmentId, type UserId } from '../domain/ids.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { AttachmentRow } from '../ports/store-conversations.ts';
import type { Message } from '../protocol/conversations.ts';
import { limits } from '../protocol/vocabulary.ts';
import { refuse } from './messages.ts';
import { newId } from './ordered-ids.ts';

/** A draft may wait overnight; then its files go. */
const unsentMs = 24 * 3_600_000;
const collectEveryMs = 3_600_000;

export type Attachments = ReturnType<typeof createAttachments>;

export function createAttachments({
  store,
  blobs,
  clock,
  blockedExtensions,
}: {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** Lower case, without the dot; `defaultBlockedExtensions` unless configured. */
  readonly blockedExtensions: readonly string[];
}) {
  const blocked = new Set(blockedExtensions);
  let cancel: (() => void) | null = null;

  const notFound = () => new DomainError('not-found', 'There is no attachment of that id that you may see.');

  /** Removes what was uploaded and never sent. The row goes first: an orphaned blob is found again, a dangling row is not. */
  async function collect(): Promise<void> {
    for (;;) {
      const unsent = await store.conversations.unsentAttachments(clock.now() - unsentMs, 100);
      for (const { id } of unsent) {
        const gone = await store.transaction([id], async (tx) => {
          const row = await tx.conversations.attachment(id);
          if (row === null || row.messageId !== null) return false;
          await tx.conversations.removeAttachment(id);
          return true;
        });
        if (gone) await blobs.remove(id);
      }
      if (unsent.length < 100) return;
    }
  }

  function schedule(): void {
    cancel = clock.after(collectEveryMs, () => {
      collect()
        // The store or the blobs fail: the next round tries again.
        .catch(() => {})
        .finally(() => {
          if (cancel !== null) schedule();
        });
    });
  }

  return {
    /** Takes a file in. Refuses blocked types before a byte is kept; durable when it resolves. */
    async upload(
      ownerId: UserId,
      file: {
        readonly name: string;
        readonly sniffedType: string | null;
        readonly isText: boolean;
        readonly stream: Readable;
      },
    ): Promise<{ id: string; name: string; size: number; mediaType: string }> {
      const name = safeName(file.name);
      const refusal = refuseBlocked(name, file.sniffedType, blocked);
      if (refusal !== null) {
        file.stream.destroy();
        throw refuse(refusal);
      }
      const now = clock.now();
      const id = toAttachmentId(newId(now));
      const { size, sha256 } = await blobs.write(id, file.stream, limits.attachmentBytes);
      const mediaType = mediaTypeOf(name, file.sniffedType, file.isText);
      const row: AttachmentRow = {
        id,
        ownerId,
        messageId: null,
        name,
        size,
        mediaType,
        sha256,
        createdAt: now,
      };
      try {
        await store.transaction([id], (tx) => tx.conversations.insertAttachment(row));
      } catch (error) {
        await blobs.remove(id);
        throw error;
      }
      return { id, name, size, mediaType };
    },

    /** Opens a file for who uploaded it or can see its message; anybody else finds nothing. */
    async open(viewerId: UserId, id: AttachmentId): Promise<{ row: AttachmentRow; content: Readable }> {
      const row = await store.conversations.attachment(id);
      if (row === null) throw notFound();
      if (row.messageId === null) {
        if (row.ownerId !== viewerId) throw notFound();
      } else {
        const message = await store.conversations.message(row.messageId);
        if (message === null) throw notFound();
        const viewer = await store.conversations.participant(message.conversationId, viewerId);
        const shown = JSON.parse(message.json) as Message;
        if (
          viewer === null ||
          viewer.withheld ||
          message.seq < viewer.firstSeq ||
          (message.withheld && message.fromId !== viewerId) ||
          // A deleted message shows no files any more.
          shown.deletedAt !== null
        )
          throw notFound();
      }
      const content = await blobs.read(id);
      if (content === null) throw notFound();
      return { row, content };
    },

    collect,
    start: schedule,
    close(): void {
      cancel?.();
      cancel = null;
    },
  };
}
