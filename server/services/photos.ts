/**
 * Faces: what a person chose for themselves, else what the directory has of them, for whoever may see it.
 * A photo that is withheld is answered like one that does not exist.
 */
import { createHash } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import { readPhoto } from '../domain/photos.ts';
import { type DisclosureClass, seesPhoto } from '../domain/privacy.ts';
import type { Bus } from '../ports/bus.ts';
import type { Directory, Photo } from '../ports/directory.ts';
import type { Store } from '../ports/store.ts';

export type Photos = ReturnType<typeof createPhotos>;

export function createPhotos({
  store,
  directory,
  bus,
}: {
  readonly store: Store;
  readonly directory: Directory;
  readonly bus: Bus;
}) {
  bus.subscribe((notice) => {
    if (notice.kind === 'photo' && notice.nodeId !== bus.nodeId) directory.forget(notice.personId);
  });
  const changed = (personId: UserId): void => {
    directory.forget(personId);
    bus.publish({ kind: 'photo', personId, nodeId: bus.nodeId });
  };
  return {
    /** The photo of a person, or null where there is none that this class may see. */
    async get(personId: UserId, cls: DisclosureClass): Promise<Photo | null> {
      return seesPhoto(cls) ? directory.photo(personId) : null;
    },

    /** Takes a picture in as one's own photo; durable when it resolves. Answers what now names it. */
    async put(userId: UserId, given: Uint8Array): Promise<string> {
      const read = readPhoto(given);
      if ('refused' in read) throw new DomainError(read.refused, read.detail);
      const tag = createHash('sha256').update(read.bytes).digest('hex');
      await store.transaction([userId], (tx) => tx.accounts.putPhoto(userId, 'own', { ...read, tag }));
      changed(userId);
      return tag;
    },

    /** Forgets one's own photo; what the directory has shows again. */
    async remove(userId: UserId): Promise<void> {
      await store.transaction([userId], (tx) => tx.accounts.putPhoto(userId, 'own', null));
      changed(userId);
    },
  };
}
