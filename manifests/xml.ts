/** XML written as it reads: a tagged template that escapes every value and lets fragments through. */

export interface Fragment {
  readonly xml: string;
}
type Value = string | number | Fragment | readonly Fragment[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function toXml(value: Value): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.replaceAll(/[&<>"]/g, (sign) => entities[sign] as string);
  return 'xml' in value ? value.xml : value.map((one) => one.xml).join('\n');
}

/** Makes a fragment; a value on a line of its own is indented with its line. */
export function xml(parts: TemplateStringsArray, ...values: readonly Value[]): Fragment {
  let text = parts[0] as string;
  for (const [index, value] of values.entries()) {
    const indent = /(?:^|\n)( *)$/.exec(text)?.[1] ?? '';
    text += toXml(value).replaceAll('\n', `\n${indent}`) + parts[index + 1];
  }
  return { xml: unindent(text) };
}

/** Takes away the indentation that the fragment has in the source file, and empty lines. */
function unindent(text: string): string {
  // An absent fragment leaves an empty line behind.
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const widths = lines.map((line) => line.length - line.trimStart().length);
  const width = Math.min(...widths);
  return lines.map((line) => line.slice(width)).join('\n');
}
