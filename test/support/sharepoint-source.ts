/** What the SharePoint solution says of itself in its sources; needs no build. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './sources.ts';

/** A JSON file of the solution, by its path in it. */
export const solutionFile = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(root, 'addins/sharepoint', file), 'utf8'));

/** The id of a component, by its manifest. */
export const manifestIdOf = (file: string): string => String(solutionFile(file).id);
