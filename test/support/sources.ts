/**
 * Reads the project's own sources through a parser, for the checks that hold the house in order
 * (architecture.test.ts, spec-coverage.ts). Knows files, imports, exports and syntax; judges nothing.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Node, parseSync, visitorKeys } from 'oxc-parser';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** One `import` or re-export of a module. `target` is a path from the root, or the bare specifier as written. */
export type Import = { target: string; isTypeOnly: boolean; isRelative: boolean };

export type Source = {
  /** Path from the root, with `/`. */
  path: string;
  imports: Import[];
  hasDefaultExport: boolean;
  program: Node;
};

/** Lists what git tracks or would track under the folders, so that build output never counts. */
export function listFiles(...folders: string[]): string[] {
  const output = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z', '--', ...folders], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return output.split('\0').filter((file) => file !== '' && existsSync(path.join(root, file)));
}

export const isScript = (file: string) => /\.(ts|tsx|js|mjs|cjs)$/.test(file) && !file.endsWith('.d.ts');

/** Parses one file; a syntax error is an exception, since a file that nobody can read cannot be judged. */
export function parseSource(file: string, text = readFileSync(path.join(root, file), 'utf8')): Source {
  const result = parseSync(file, text);
  if (result.errors.length > 0) throw new Error(`${file}: ${result.errors[0]?.message}`);
  const { staticImports, staticExports, dynamicImports } = result.module;
  const imports: Import[] = [];
  const add = (specifier: string, isTypeOnly: boolean) => {
    const isRelative = specifier.startsWith('.');
    const target = isRelative ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
    imports.push({ target, isTypeOnly, isRelative });
  };
  for (const one of staticImports) {
    add(one.moduleRequest.value, one.entries.length > 0 && one.entries.every((entry) => entry.isType));
  }
  for (const one of staticExports) {
    const from = one.entries.find((entry) => entry.moduleRequest);
    if (from?.moduleRequest) {
      add(
        from.moduleRequest.value,
        one.entries.every((entry) => entry.isType),
      );
    }
  }
  for (const one of dynamicImports) {
    const argument = text.slice(one.moduleRequest.start, one.moduleRequest.end);
    const literal = /^(['"`])([^'"`$]+)\1$/.exec(argument)?.[2];
    if (literal) add(literal, false);
  }
  const hasDefaultExport = staticExports.some((one) =>
    one.entries.some((entry) => entry.exportName.kind === 'Default' || entry.exportName.name === 'default'),
  );
  return { path: file, imports, hasDefaultExport, program: result.program };
}

/** Visits every node with its parent, depth first. */
export function walk(
  node: Node,
  visit: (node: Node, parent: Node | null) => void,
  parent: Node | null = null,
): void {
  visit(node, parent);
  for (const key of visitorKeys[node.type] ?? []) {
    const child = (node as unknown as Record<string, unknown>)[key];
    for (const one of Array.isArray(child) ? child : [child]) {
      if (one && typeof one === 'object') walk(one as Node, visit, node);
    }
  }
}

/** The npm package (or `node:` module) that a bare specifier belongs to: `@lit/x/y.js` → `@lit/x`. */
export function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}
