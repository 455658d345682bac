/**
 * `npm run check:spec`: docs/SPEC.md and the tests must name the same rules. A rule without a test and a
 * test of an unknown rule both fail, so neither the page nor the tests can drift from the other.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isScript, listFiles, parseSource, root, type Source, walk } from './sources.ts';

/** Rule ids in a specification: lines `- **PA1** text`. Repeated ids come repeated. */
export function rulesOf(markdown: string): string[] {
  return [...markdown.matchAll(/^- \*\*([A-Z]{2}\d+)\*\* /gm)].map((match) => match[1] as string);
}

/** Rule ids that a title cites at its start: `[PA1] …`, `[PA1, PV2] …`. */
export function citedBy(title: string): string[] {
  const list = /^\[([A-Z]{2}\d+(?:, ?[A-Z]{2}\d+)*)\]/.exec(title)?.[1];
  return list ? list.split(/, ?/) : [];
}

/**
 * Rule ids cited by the test titles of one file. Any string that begins with `[PA1]` counts, so that
 * tables of cases may carry the titles; what is given to `skip` or `todo` does not, for it proves nothing.
 */
export function citedIn(source: Pick<Source, 'program'>): Set<string> {
  const cited = new Set<string>();
  const idle = new Set<string>();
  walk(source.program, (node, parent) => {
    let title: string | undefined;
    if (node.type === 'Literal' && typeof node.value === 'string') title = node.value;
    if (node.type === 'TemplateLiteral') title = node.quasis[0]?.value.cooked ?? undefined;
    if (title === undefined) return;
    const callee = parent?.type === 'CallExpression' ? parent.callee : undefined;
    const isIdle =
      callee?.type === 'MemberExpression' &&
      callee.property.type === 'Identifier' &&
      ['skip', 'todo'].includes(callee.property.name);
    for (const id of citedBy(title)) (isIdle ? idle : cited).add(id);
  });
  return cited;
}

/** Compares both sides; every complaint is a sentence. */
export function compare(rules: string[], cited: Map<string, string>): string[] {
  const known = new Set(rules);
  const repeated = rules.filter((rule, at) => rules.indexOf(rule) !== at);
  return [
    ...repeated.map((rule) => `docs/SPEC.md has ${rule} more than once; ids are never used again`),
    ...[...known].filter((rule) => !cited.has(rule)).map((rule) => `${rule} has no test`),
    ...[...cited]
      .filter(([id]) => !known.has(id))
      .map(([id, file]) => `${file} cites ${id}, which docs/SPEC.md lacks`),
  ];
}

if (import.meta.main) {
  const rules = rulesOf(readFileSync(path.join(root, 'docs/SPEC.md'), 'utf8'));
  const cited = new Map<string, string>();
  for (const file of listFiles('test').filter(isScript)) {
    for (const id of citedIn(parseSource(file))) cited.set(id, file);
  }
  const complaints = compare(rules, cited);
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  process.stdout.write(
    `SPEC: ${new Set(rules).size} rules, ${cited.size} cited by tests, ${complaints.length} complaints\n`,
  );
  if (complaints.length > 0) process.exitCode = 1;
}
