/** Versions side by side: which one each node runs, and what a program must know to work with this database. */
import type { ColumnTypes } from './index.ts';

export const name = 'versions';

export const statements = ({ text, integer }: ColumnTypes): readonly string[] => [
  // Both are null for a node of a version that did not say.
  `alter table node add column version ${text}`,
  `alter table node add column started_at ${integer}`,
  // The oldest schema whose programs still work with this database; null = something was added and no more.
  `alter table schema_migration add column works_from ${integer}`,
];
