/** What `npm run check:dead` takes as used: programs that are started, and the scripts that pages name. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { KnipConfig } from 'knip';
import { listFiles, root } from './support/sources.ts';

const scriptsOfPages = listFiles('addins')
  .filter((file) => file.endsWith('.html'))
  .flatMap((file) => {
    const html = readFileSync(path.join(root, file), 'utf8');
    const scripts = [...html.matchAll(/src="(\.[^"]+\.ts)"/g)].map((match) => match[1] as string);
    return scripts.map((script) => path.posix.join(path.posix.dirname(file), script));
  });

const config: KnipConfig = {
  entry: [
    'server/{main,cli}.ts',
    ...scriptsOfPages,
    'addins/**/*.standalone.ts',
    'addins/shared/generate.ts',
    // What the SharePoint solution is handed; it imports a bundle of them.
    'addins/shared/page/people-{part,column}.ts',
    'test/**/*.test.ts',
    'test/bench/*.ts',
    'test/bench/peers/*-server.ts',
    'test/browser/pages/*.ts',
    'test/support/{draw-icons,outcome-reporter,stream-holder}.ts',
  ],
  // The SharePoint solution is a project of its own, with its own compiler and linter.
  project: ['{server,addins,manifests,test}/**/*.{ts,js}', '!addins/sharepoint/**'],
  // Dead is what nobody uses; a limit that its own file uses may well be visible from outside, and types vanish.
  ignoreExportsUsedInFile: true,
  exclude: ['types'],
  // pino-pretty is named on the command line only; office.js is read as files, Fluent's glyphs by a program.
  ignoreDependencies: ['pino-pretty', '@microsoft/office-js', '@fluentui/svg-icons'],
  // Of the machine, each asked for before it is used.
  ignoreBinaries: ['taskset', 'gcc', 'unshare', 'xmllint'],
};

export default config;
