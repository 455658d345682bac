import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { variables } from '../../server/config.ts';
import { createMetrics } from '../../server/metrics.ts';
import { listFiles, root } from '../support/sources.ts';

const page = readFileSync(path.join(root, 'docs/OPERATIONS.md'), 'utf8');
const rows = (pattern: RegExp) =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => (line.split('|')[1] as string).match(pattern) ?? [])
    .sort();

test('[OP9] the page on operation describes every setting and no other', () => {
  expect(rows(/JELLYBEAN_[A-Z_]+/g)).toEqual([...variables].sort());
});

test('[OP9] the page on operation describes every series of ours and no other', () => {
  const series = createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name);
  expect(rows(/jellybean_[a-z_]+/g)).toEqual(series.filter((name) => name.startsWith('jellybean_')).sort());
});

const documents = listFiles('README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs').filter((file) =>
  file.endsWith('.md'),
);

test('[OP10] every npm script that a document names exists', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const document of documents) {
    const text = readFileSync(path.join(root, document), 'utf8');
    for (const [, name] of text.matchAll(/npm run ([a-z:-]+)/g))
      expect(scripts, document).toHaveProperty([name as string]);
  }
});

test('[OP10] every link and picture of a document leads to a file', () => {
  const dead = documents.flatMap((document) => {
    const text = readFileSync(path.join(root, document), 'utf8').replace(/```.*?```/gs, '');
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)|<img[^>]+src="([^"]+)"/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    return targets
      .map((target) => target.replace(/#.*$/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(path.join(root, path.dirname(document), target)))
      .map((target) => `${document}: ${target}`);
  });
  expect(dead).toEqual([]);
});

test('[OP10] every source file that ARCHITECTURE names exists', () => {
  const text = readFileSync(path.join(root, 'docs/ARCHITECTURE.md'), 'utf8');
  const named = [...text.matchAll(/`((?:server|addins|test|manifests)\/[\w/.-]*)`/g)].map(
    (match) => match[1] as string,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
});

test('[OP12] every dependency has its line, and no line is of something else', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const text = readFileSync(path.join(root, 'docs/decisions/dependencies.md'), 'utf8');
  const listed = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| package'))
    .flatMap((line) => (line.split('|')[1] as string).trim().split(', '));
  expect(listed.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
});

test('[ID26] each attack in SECURITY.md names the rules that hold it, or says that it is open', () => {
  const rules = new Set(
    readFileSync(path.join(root, 'docs/SPEC.md'), 'utf8').match(/(?<=^- \*\*)[A-Z]+\d+(?=\*\*)/gm),
  );
  const table = readFileSync(path.join(root, 'SECURITY.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| .* \| [\d., ]+ \| .* \|$/.test(line));
  expect(table.length).toBeGreaterThan(20);
  for (const line of table) {
    const held = line.split('|').at(-2) as string;
    const cited = held.match(/\b[A-Z]{2}\d+\b/g) ?? [];
    expect(cited.length > 0 || held.includes('**open**'), line).toBe(true);
    for (const rule of cited) expect(rules, `${rule} in ${line}`).toContain(rule);
  }
});
