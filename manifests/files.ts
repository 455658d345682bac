/** Everything that is rendered for a server, by file name: what the server offers and `npm run manifests` writes. */
import { readFileSync } from 'node:fs';
import { strToU8, zipSync } from 'fflate';
import { renderOfficeManifest } from './office.ts';
import { renderOutlookManifest } from './outlook.ts';
import type { ManifestInput } from './product.ts';
import { renderLanguageFiles, renderUnifiedManifest } from './unified.ts';

export interface ManifestFile {
  readonly mediaType: string;
  render(input: ManifestInput): string | Uint8Array;
}

export const manifestFiles = {
  'outlook.xml': { mediaType: 'application/xml', render: renderOutlookManifest },
  'office.xml': { mediaType: 'application/xml', render: renderOfficeManifest },
  'manifest.json': { mediaType: 'application/json', render: renderUnifiedManifest },
  'manifest.zip': { mediaType: 'application/zip', render: renderPackage },
} as const satisfies Record<string, ManifestFile>;
export type ManifestFileName = keyof typeof manifestFiles;

/** Pictures come out of the sources, where the page of icons has them from too. */
const picture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../addins/icons/public/${name}`, import.meta.url)));

/** ZIP knows no dates before 1980; a fixed one makes equal packages equal bytes. */
const mtime = new Date('2026-01-01T00:00:00Z');

/** The package that Microsoft 365 takes: manifest, language files and the two pictures, all at its root. */
function renderPackage(input: ManifestInput): Uint8Array {
  const texts = { 'manifest.json': renderUnifiedManifest(input), ...renderLanguageFiles(input) };
  return zipSync(
    {
      ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, strToU8(text)])),
      'color.png': picture('jellybean-192.png'),
      'outline.png': picture('jellybean-outline-32.png'),
    },
    { mtime },
  );
}
