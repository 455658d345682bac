/**
 * Holds the house in order: who may import whom, where each third-party package lives, what files are
 * called. A failure names the file and says why the rule is there; change the rule here when the design
 * changes, never work around it.
 */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Import,
  isScript,
  listFiles,
  packageOf,
  parseSource,
  type Source,
  walk,
} from './support/sources.ts';

const sources = listFiles('server', 'addins', 'manifests', 'test')
  .filter(isScript)
  .map((file) => parseSource(file));
const isIn = (file: string, folder: string) => file === folder || file.startsWith(`${folder}/`);
const isTool = (file: string) => file === 'addins/build.ts' || isIn(file, 'addins/build');

/** Who may import what of the server, first match by path; the sentence is what a failure says. */
const layers: { folder: string; mayImport: string[]; because: string }[] = [
  {
    folder: 'server/protocol',
    mayImport: ['server/protocol'],
    because: 'the wire types are shared with the browser, so they stand on nothing',
  },
  {
    folder: 'server/domain',
    mayImport: ['server/protocol', 'server/domain'],
    because: 'rules are pure: they are tested as tables and must not know who stores or sends',
  },
  {
    folder: 'server/ports',
    mayImport: ['server/protocol', 'server/domain', 'server/ports'],
    because: 'a promise that mentions a technology or a caller is no promise',
  },
  {
    folder: 'server/services',
    mayImport: [
      'server/protocol',
      'server/domain',
      'server/ports',
      'server/services',
      'server/log.ts',
      'server/metrics.ts',
    ],
    because: 'stories are told in terms of ports, so that every adapter can play them',
  },
  {
    folder: 'server/adapters',
    mayImport: ['server/protocol', 'server/domain', 'server/ports', 'server/log.ts', 'server/metrics.ts'],
    because:
      'an adapter fulfils a port; what it knows of services, http or another adapter could not be swapped',
  },
  {
    folder: 'server/http',
    mayImport: [
      'server/protocol',
      'server/domain',
      'server/ports',
      'server/services',
      'server/http',
      'server/log.ts',
      'server/metrics.ts',
      // Templates without a dependency of their own, rendered for the address a request came by.
      'manifests',
    ],
    because: 'transport calls services; one that reaches an adapter bypasses the rules',
  },
  {
    folder: 'server/config.ts',
    mayImport: [
      'server/protocol',
      'server/domain',
      'server/sign-in-config.ts',
      'server/connection-config.ts',
    ],
    because: 'configuration is read before anything exists',
  },
  {
    folder: 'server/log.ts',
    mayImport: ['server/protocol', 'server/domain', 'server/ports'],
    because: 'everybody logs, so the log knows nobody',
  },
  {
    folder: 'server/metrics.ts',
    mayImport: ['server/protocol', 'server/domain', 'server/ports'],
    because: 'everybody counts, so the counters know nobody',
  },
];

/** The one home of each third-party package, `node:sqlite` included; a new package needs a line. */
const homes: Record<string, string[]> = {
  express: ['server/http'],
  helmet: ['server/http'],
  '@fastify/busboy': ['server/http'],
  'file-type': ['server/http'],
  kysely: ['server/adapters/storage'],
  pg: ['server/adapters/storage'],
  'node:sqlite': ['server/adapters/storage'],
  '@nats-io': ['server/adapters/bus'],
  jose: ['server/adapters/identity'],
  'openid-client': ['server/adapters/identity'],
  '@azure/msal-node': ['server/adapters/identity', 'server/adapters/graph'],
  '@microsoft/microsoft-graph-client': ['server/adapters/graph'],
  '@peculiar/x509': ['server/adapters/certificate'],
  'reflect-metadata': ['server/adapters/certificate'],
  pino: ['server/log.ts'],
  'prom-client': ['server/metrics.ts'],
  'ical.js': ['server/adapters/calendar'],
  zod: ['server/protocol', 'server/http', 'server/config.ts', 'server/adapters', 'manifests'],
  lit: ['addins'],
  '@azure/msal-browser': ['addins/shared/office'],
  '@fluentui/svg-icons': ['addins'],
  '@fluentui/tokens': ['addins'],
  'postal-mime': ['addins/playground'],
  fflate: ['manifests', 'addins/playground/package.ts'],
  uplot: ['addins/admin'],
  webpack: ['addins/build.ts', 'addins/build'],
  '@microsoft/sp-*': ['addins/sharepoint'],
  '@microsoft/eslint-config-spfx': ['addins/sharepoint'],
  PeopleWebPartStrings: ['addins/sharepoint'],
};

/** People-facing programs under addins/; none may know another's folder. `shared` is everybody's. */
const hosts = [
  'outlook',
  'word',
  'excel',
  'sharepoint',
  'web',
  'playground',
  'embed',
  'signin',
  'icons',
  'admin',
];
const officeGlobals = new Set(['Office', 'Word', 'Excel', 'OfficeRuntime', 'CustomFunctions']);

const relative = (source: Source) => source.imports.filter((one) => one.isRelative);
const third = (source: Source) => source.imports.filter((one) => !one.isRelative);
const violations = (judge: (source: Source) => string[]) => sources.flatMap(judge);

function arrows(source: Source): string[] {
  const layer = layers.find(({ folder }) => isIn(source.path, folder));
  if (!layer) return [];
  const own = isIn(source.path, 'server/adapters') ? [source.path.split('/').slice(0, 3).join('/')] : [];
  return relative(source)
    .filter((one) => ![...layer.mayImport, ...own].some((allowed) => isIn(one.target, allowed)))
    .map((one) => `${source.path} imports ${one.target}: ${layer.because}`);
}

function composition(source: Source): string[] {
  const isOutside = isIn(source.path, 'server') && !/^server\/(main|cli|compose)\.ts$/.test(source.path);
  return relative(source)
    .filter((one) => isOutside && /^server\/(main|cli|compose)\.ts$/.test(one.target))
    .map(
      (one) =>
        `${source.path} imports ${one.target}: only main and cli start things, and nothing may need them`,
    );
}

const mayCross = (one: Import) =>
  isIn(one.target, 'server/protocol') && (one.isTypeOnly || one.target === 'server/protocol/vocabulary.ts');

function addinArrows(source: Source): string[] {
  if (!isIn(source.path, 'addins') || isTool(source.path)) return [];
  const host = source.path.split('/')[1] as string;
  return relative(source).flatMap(({ target, ...one }) => {
    if (isIn(target, 'server')) {
      return mayCross({ target, ...one })
        ? []
        : [
            `${source.path} imports ${target}: a pane takes the server's wire types and vocabulary.ts, nothing with weight`,
          ];
    }
    const other = hosts.find((name) => name !== host && isIn(target, `addins/${name}`));
    return other
      ? [
          `${source.path} imports ${target}: hosts share through addins/shared, so that each can be taken away`,
        ]
      : [];
  });
}

function thirdPartyHomes(source: Source): string[] {
  if (isIn(source.path, 'test')) return [];
  return third(source).flatMap(({ target }) => {
    const name = packageOf(target);
    const family = name.replace(/^(@microsoft\/sp)-.*/, '$1-*');
    const home = homes[name] ?? homes[family] ?? homes[name.split('/')[0] as string];
    if (!home) {
      return name.startsWith('node:') || isTool(source.path)
        ? []
        : [
            `${source.path} imports ${name}, which has no home: give it one line in test/architecture.test.ts`,
          ];
    }
    return home.some((folder) => isIn(source.path, folder))
      ? []
      : [
          `${source.path} imports ${name}: it lives in ${home.join(' or ')}, so that it can be replaced in one place`,
        ];
  });
}

/** Names that a file uses as free identifiers: not property names, not keys, not types of import. */
function namesUsed(source: Source): Set<string> {
  const names = new Set<string>();
  walk(source.program, (node, parent) => {
    if (node.type !== 'Identifier') return;
    if (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) {
      // `Date.now` and the like are judged whole.
      if (parent.object.type === 'Identifier') names.add(`${parent.object.name}.${node.name}`);
      return;
    }
    if (parent && 'key' in parent && parent.key === node && !('computed' in parent && parent.computed))
      return;
    names.add(node.name);
  });
  return names;
}

function hasBareNewDate(source: Source): boolean {
  let found = false;
  walk(source.program, (node) => {
    if (node.type !== 'NewExpression' || node.callee.type !== 'Identifier') return;
    if (node.callee.name === 'Date' && node.arguments.length === 0) found = true;
  });
  return found;
}

describe('[OP2] arrows', () => {
  test('[OP2] there are sources to judge', () => {
    expect(sources.length).toBeGreaterThan(10);
  });
  test('[OP2] protocol ← domain ← ports ← services ← http, ports ← adapters', () => {
    expect(violations(arrows)).toEqual([]);
  });
  test('[OP2] compose, main and cli are imported by nobody', () => {
    expect(violations(composition)).toEqual([]);
  });
  test('[OP2] addins take wire types from the server and nothing from each other', () => {
    expect(violations(addinArrows)).toEqual([]);
  });
  test('[OP2] each third-party package has one home', () => {
    expect(violations(thirdPartyHomes)).toEqual([]);
  });
  test('[OP2] rules import no package and no Node module', () => {
    const found = violations((source) =>
      isIn(source.path, 'server/domain')
        ? third(source).map(
            (one) => `${source.path} imports ${one.target}: rules are pure and have no third-party import`,
          )
        : [],
    );
    expect(found).toEqual([]);
  });
});

describe('[OP2] conduct', () => {
  test('[OP2] rules take time as an argument and wait for nothing', () => {
    const banned = [
      'Date.now',
      'performance.now',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'Math.random',
      'console',
    ];
    const found = violations((source) => {
      if (!isIn(source.path, 'server/domain')) return [];
      const used = namesUsed(source);
      const names = banned.filter((name) => used.has(name));
      if (hasBareNewDate(source)) names.push('new Date()');
      return names.map((name) => `${source.path} uses ${name}: rules take time and chance as arguments`);
    });
    expect(found).toEqual([]);
  });
  test('[OP2] only main and cli touch the process', () => {
    const found = violations((source) => {
      if (!isIn(source.path, 'server') || /^server\/(main|cli)\.ts$/.test(source.path)) return [];
      const touches = [...namesUsed(source)].some((name) => name === 'process' || name === 'node:process');
      return touches || third(source).some((one) => one.target === 'node:process')
        ? [
            `${source.path} uses process: environment, signals and exit codes are main's, so that tests can run many servers`,
          ]
        : [];
    });
    expect(found).toEqual([]);
  });
  test('[OP2] Office is known to addins/shared/office and to the people.ts of each host', () => {
    const found = violations((source) => {
      if (!isIn(source.path, 'addins') || isTool(source.path)) return [];
      if (isIn(source.path, 'addins/shared/office') || /^addins\/[a-z]+\/people\.ts$/.test(source.path))
        return [];
      return [...namesUsed(source)]
        .filter((name) => officeGlobals.has(name))
        .map(
          (name) =>
            `${source.path} uses ${name}: the host's object model has one door, addins/shared/office/host.ts`,
        );
    });
    expect(found).toEqual([]);
  });
});

describe('[OP2] names', () => {
  const banned = new Set([
    'util',
    'utils',
    'helper',
    'helpers',
    'common',
    'manager',
    'handler',
    'data',
    'info',
    'misc',
  ]);
  const all = listFiles('server', 'addins', 'manifests', 'test');

  test('[OP2] files and folders are named for a concept', () => {
    const found = all.flatMap((file) => {
      const words = file.split('/').map((part) => part.split('.')[0] as string);
      return words
        .filter((word) => banned.has(word))
        .map((word) => `${file}: “${word}” says nothing about what is inside`);
    });
    expect(found).toEqual([]);
  });
  test('[OP2] scripts are kebab-case', () => {
    const isKebab = (file: string) =>
      /^[a-z0-9]+(-[a-z0-9]+)*$/.test(path.basename(file).replace(/(\.[a-z]+)+$/, ''));
    expect(all.filter((file) => isScript(file) && !isKebab(file))).toEqual([]);
  });
  test('[OP2] exports are named', () => {
    // The programs that read a configuration insist on a default export.
    const isConfiguration = (file: string) => /^test\/\w+\.config\.ts$/.test(file);
    // So do the runner of the tests of a reporter, and SharePoint of a component.
    const isComponent = (file: string) =>
      file === 'test/support/outcome-reporter.ts' ||
      /^addins\/sharepoint\/src\/.+-(web-part|field-customizer)\.ts$/.test(file);
    const found = sources.filter(
      ({ path: file, hasDefaultExport }) => hasDefaultExport && !isConfiguration(file) && !isComponent(file),
    );
    expect(
      found.map((source) => `${source.path} has a default export: one name per thing, everywhere`),
    ).toEqual([]);
  });
});
