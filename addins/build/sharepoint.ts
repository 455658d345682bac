/**
 * `npm run sharepoint`: makes `addins/sharepoint/jellybean.sppkg`. SharePoint's own toolchain has its own Node, its
 * own compiler and its own packages, and stays in its folder; what it shares with the other hosts is bundled out
 * of `addins/shared` first, as it stands in the source, and handed over as modules.
 *
 * Everything of ours that a page names globally gets this version's name on the way: a SharePoint page holds web
 * parts of many makers and of many versions, and whoever defines an element first has its name for good.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { root } from './stamp.ts';

const solution = path.join(root, 'addins/sharepoint');
const shared = path.join(root, 'addins/shared/page');
const handedOver = path.join(solution, 'src/jellybean');
const installedMark = path.join(solution, 'node_modules/.installed-of');

const read = (file: string): string => readFileSync(path.join(solution, file), 'utf8');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

/** Programs of the solution run on its own Node, which its `.bin` holds. */
function run(command: string, ...args: string[]): void {
  const bin = path.join(solution, 'node_modules/.bin');
  execFileSync(command, args, {
    cwd: solution,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
  });
}

/** Installs by the lockfile, unless it is installed so already. */
function install(): void {
  const wanted = createHash('sha256').update(read('package-lock.json')).digest('hex');
  if (existsSync(installedMark) && readFileSync(installedMark, 'utf8') === wanted) return;
  try {
    run('npm', 'ci');
  } catch {
    // A thousand packages from a registry: one that stutters deserves a second try.
    run('npm', 'ci');
  }
  writeFileSync(installedMark, wanted);
}

/** SharePoint counts in four numbers; whatever the version is elsewhere, the package says the same. */
function stampVersion(): void {
  const file = path.join(solution, 'config/package-solution.json');
  const text = readFileSync(file, 'utf8');
  const stamped = text.replaceAll(/"version": "\d+\.\d+\.\d+\.\d+"/g, `"version": "${version}.0"`);
  if (stamped !== text) writeFileSync(file, stamped);
}

/** Our elements: what this tree defines, wherever it does. */
const definition = /customElements\.define\(\s*'([a-z][\w-]*)'/g;

/** Renames elements in sources, in tags, selectors, queries and definitions alike; paths and variables stay. */
export function renameElements(text: string, suffix: string): string {
  return text.replaceAll(
    /(?<=<\/?|['"`\s,(>+~@}])(presence-icon|jb-[a-z]+(?:-[a-z]+)*)(?![\w./-])/g,
    (name) => `${name}-${suffix}`,
  );
}

function scoped(suffix: string, defined: Set<string>): Plugin {
  return {
    name: 'names of this version',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]addins[\\/]shared[\\/].*\.ts$/ }, async ({ path: file }) => {
        const text = await readFile(file, 'utf8');
        for (const [, name] of text.matchAll(definition)) defined.add(name as string);
        return { contents: renameElements(text, suffix), loader: 'ts' };
      });
    },
  };
}

/** Bundles what is shared into modules that SharePoint's webpack takes in; what loads later stays apart. */
async function handOver(): Promise<void> {
  rmSync(handedOver, { recursive: true, force: true });
  mkdirSync(handedOver, { recursive: true });
  const suffix = `v${version.replaceAll('.', '-')}`;
  const defined = new Set<string>();
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['people-part', 'people-column'].map((name) => path.join(shared, `${name}.ts`)),
    outdir: handedOver,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    chunkNames: 'shared-[hash]',
    plugins: [scoped(suffix, defined)],
    metafile: true,
    logLevel: 'warning',
  });
  if (defined.size === 0 || Object.keys(result.metafile.outputs).length < 3)
    throw new Error(
      'the shared parts define no elements, or nothing is loaded later: look at addins/shared/page',
    );
  const types = readFileSync(path.join(shared, 'page-api.ts'), 'utf8');
  writeFileSync(path.join(handedOver, 'page-api.ts'), types);
  for (const [file, name, type] of [
    ['people-part', 'openPeoplePart', 'OpenPeoplePart'],
    ['people-column', 'openPeopleColumn', 'OpenPeopleColumn'],
  ] as const) {
    const text = `import type { ${type} } from './page-api';\nexport declare const ${name}: ${type};\n`;
    writeFileSync(path.join(handedOver, `${file}.d.ts`), text);
  }
}

export async function makePackage(): Promise<void> {
  stampVersion();
  install();
  await handOver();
  run('heft', 'test', '--clean', '--production');
  run('heft', 'package-solution', '--production');
  copyFileSync(
    path.join(solution, 'sharepoint/solution/jellybean.sppkg'),
    path.join(solution, 'jellybean.sppkg'),
  );
  const [, passed, failures] = /tests="(\d+)" failures="(\d+)"/.exec(read('jest-output/JUnit.xml')) ?? [];
  process.stdout.write(`${Number(passed) - Number(failures)} passed, ${failures} failed\n`);
  process.stdout.write('wrote addins/sharepoint/jellybean.sppkg\n');
}

if (import.meta.main) await makePackage();
