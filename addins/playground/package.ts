/**
 * Opens the ZIP package of an Office file that somebody dropped, and reads its XML parts. Nothing of it leaves
 * the page, nothing of it runs: scripts and outside references are never looked at.
 */
import { unzipSync } from 'fflate';

/** Larger files are pictures with a text around them. */
const largestBytes = 50 * 1024 * 1024;
/** What the parts that we read may come to when unpacked: a file that says more is a trap. */
const unpackedBytes = 100 * 1024 * 1024;

export interface OfficePackage {
  /** The part as a document, or null where the package has none of that name. */
  xml(path: string): Document | null;
  /** Parts whose path matches. */
  paths(pattern: RegExp): string[];
}

/** Reads the file; `wanted` names the parts that are unpacked. Rejects with words for the eye. */
export async function openPackage(file: File, wanted: RegExp): Promise<OfficePackage> {
  if (file.size > largestBytes) throw new Error('too-large');
  let unpacked = 0;
  const parts = unzipSync(new Uint8Array(await file.arrayBuffer()), {
    filter({ name, originalSize }) {
      if (!wanted.test(name)) return false;
      unpacked += originalSize;
      if (unpacked > unpackedBytes) throw new Error('too-large');
      return true;
    },
  });
  return {
    xml(path) {
      const bytes = parts[path];
      if (bytes === undefined) return null;
      const parsed = new DOMParser().parseFromString(new TextDecoder().decode(bytes), 'application/xml');
      if (parsed.querySelector('parsererror') !== null) throw new Error(path);
      return parsed;
    },
    paths: (pattern) => Object.keys(parts).filter((path) => pattern.test(path)),
  };
}

/** Elements by their local name, whatever prefix the file chose: strict and transitional files differ in it. */
export function elementsOf(root: ParentNode | null, name: string): Element[] {
  if (root === null) return [];
  const all = (root as Document | Element).getElementsByTagNameNS('*', name);
  return [...all];
}

/** An attribute by its local name. */
export function attributeOf(element: Element | null | undefined, name: string): string {
  return [...(element?.attributes ?? [])].find(({ localName }) => localName === name)?.value ?? '';
}

/** Who made the file and what it is called, from the part that every Office file has. */
export function coreProperties(file: OfficePackage): {
  title: string;
  author: string;
  lastAuthor: string;
  createdAt: Date;
} {
  const core = file.xml('docProps/core.xml');
  const text = (name: string): string => elementsOf(core, name)[0]?.textContent?.trim() ?? '';
  const created = new Date(text('created'));
  return {
    title: text('title'),
    author: text('creator'),
    lastAuthor: text('lastModifiedBy'),
    createdAt: Number.isNaN(created.getTime()) ? new Date(0) : created,
  };
}

/** The address in an account as Office writes it: `S::bob@contoso.example::8f3c…`. */
export function addressOfAccount(account: string): string {
  return account.split('::').find((part) => part.includes('@')) ?? (account.includes('@') ? account : '');
}

/** What a relationship part says: targets by id. */
export function targetsOf(file: OfficePackage, path: string): Map<string, string> {
  return new Map(
    elementsOf(file.xml(path), 'Relationship').map((one) => [
      attributeOf(one, 'Id'),
      attributeOf(one, 'Target'),
    ]),
  );
}
