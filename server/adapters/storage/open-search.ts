/** Opens the full-text index that belongs to a store: beside SQLite a file of its own, in PostgreSQL tables. */
import type { SearchIndex } from '../../ports/search-index.ts';
import { openSearchIndex } from './search-index.ts';

export async function openSearch(url: string, folder: string): Promise<SearchIndex> {
  if (url.startsWith('sqlite:')) return openSearchIndex(folder);
  // Loaded only where it is used: a start with SQLite has no need of a driver.
  const { openPostgresSearch } = await import('./postgres-search.ts');
  return openPostgresSearch(url);
}
