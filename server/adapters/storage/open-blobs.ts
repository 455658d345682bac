/** Opens the blobs of a store that holds them itself. */
import type { Blobs } from '../../ports/blobs.ts';

/** Loads the driver only where it is used. The store of that address has been opened before. */
export async function openStoreBlobs(url: string): Promise<Blobs> {
  const { openPostgresBlobs } = await import('./postgres-blobs.ts');
  return openPostgresBlobs(url);
}
