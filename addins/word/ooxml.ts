/**
 * Who changed a text, read from its Office Open XML: for a Word that tells nothing of tracked changes itself
 * (before WordApi 1.6). The text is searched, not parsed: it is long, and only one attribute is wanted.
 */
import type { ItemPerson } from '../shared/people-source.ts';

const changeMarks = /<w:(?:ins|del|moveFrom|moveTo|[a-zA-Z]+PrChange)\s[^>]*?w:author="([^"]*)"/g;
/** Word keeps accounts beside names: `S::bob@contoso.example::8f3c…`. */
const accounts =
  /<w15:person\s[^>]*?w15:author="([^"]*)"[^>]*>\s*<w15:presenceInfo\s[^>]*?w15:userId="S::([^":]+)::[^"]*"/g;

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** Reads the authors of tracked changes, each once, with an address where the package holds it. */
export function reviewersIn(ooxml: string): ItemPerson[] {
  const addresses = new Map(
    [...ooxml.matchAll(accounts)].map(([, name = '', address = '']) => [decode(name), decode(address)]),
  );
  const names = new Set([...ooxml.matchAll(changeMarks)].map(([, name = '']) => decode(name)));
  return [...names].map((name) => ({ name, address: addresses.get(name) ?? '', roles: ['reviewer'] }));
}
