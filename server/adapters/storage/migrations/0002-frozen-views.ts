/**
 * What hidden watchers were left with, so that it stays the same over a restart; since when somebody is
 * offline. `contact.alert` holds the moment of the wish from here on; an older 1 is a wish long ago.
 */
import type { ColumnTypes } from './index.ts';

export const name = 'frozen views';

export const statements = ({ text, integer }: ColumnTypes): readonly string[] => [
  `alter table contact add column frozen ${text}`,
  `alter table personal_presence add column offline_since ${integer}`,
  `alter table personal_presence add column curtain ${text}`,
];
