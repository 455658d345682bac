/**
 * Microsoft's real SharePoint Framework on loopback: its loader, web part base, HTTP clients and theme provider, out
 * of the packages that `npm run sharepoint` installed, with our package beside them as if it came from the app
 * catalogue. Stubs stand only for what the registry does not have: the application around, the property pane's
 * drawing, and three private libraries.
 */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { manifestOf, type SharePointPackage } from './sharepoint-package.ts';
import { root } from './sources.ts';

const framework = path.join(root, 'addins/sharepoint/node_modules/@microsoft');
export const isFrameworkInstalled = (): boolean => existsSync(path.join(framework, 'sp-loader/dist'));

interface Resource {
  type: string;
  id?: string;
  version?: string;
  path?: string | { path: string };
  paths?: Record<string, string | { path: string }>;
  defaultPath?: string | { path: string };
}
export interface FrameworkManifest {
  id: string;
  version: string;
  alias: string;
  componentType: string;
  manifestVersion: number;
  loaderConfig: {
    internalModuleBaseUrls: string[];
    entryModuleId: string;
    scriptResources: Record<string, Resource>;
  };
}

/** The application that the loader is started for; it does nothing. */
export const applicationId = 'aaaaaaaa-0000-4000-8000-000000000001';
/** Part of the loader's own file, but looked up by manifest all the same. */
const assembled = {
  '01c4df03-e775-48cb-aa14-171ee5199a15': 'tslib',
  '229b8d08-79f3-438b-8c21-4613fc877abd': 'load-themed-styles',
  '2e09fb9b-13bb-48f2-859f-97d6fff71176': 'odsp-core-bundle',
  '8217e442-8ed3-41fd-957d-b112e841286a': 'sp-telemetry',
};
/** Everything asked of these is a function that does nothing. */
const idle = `define([], () => new Proxy({ __esModule: true }, { get(held, name) {
  if (name === 'then') return undefined;
  held[name] ??= () => undefined;
  return held[name];
} }));`;
const stubs: Readonly<Record<string, { alias: string; script: string; version?: string }>> = {
  [applicationId]: { alias: 'test-application', script: idle, version: '1.0.0' },
  '6d3c733c-8cb7-4871-bb22-b5b37c1d518d': { alias: 'sp-safehtml', script: idle },
  '42647dee-1f75-4b9f-b521-5c844a6c35cc': { alias: 'sp-edit-customer-promise', script: idle },
  'c49ba483-7614-4c5c-b9dd-11b45a5fa280': { alias: 'sp-idle-web-task', script: idle },
  'f9e737b7-f0df-4597-ba8c-3060f82380db': {
    alias: 'sp-property-pane',
    script: `define([], () => {
      const field = (type) => (targetProperty, properties) => ({ type, targetProperty, properties });
      return { PropertyPaneTextField: field(3), PropertyPaneChoiceGroup: field(9),
        PropertyPaneDropdown: field(6), PropertyPaneToggle: field(4) };
    });`,
  },
  '4df9bb86-ab0a-4aab-ab5f-48bf167048fb': {
    alias: 'sp-application-base',
    version: '1.23.2',
    script: `define([], () => ({ _Navigator: class {
      constructor(scope) { window.serviceScope = scope; }
      navigateToApplication() { return Promise.resolve({}); }
    } }));`,
  },
};

export interface Framework {
  readonly origin: string;
  readonly manifests: readonly FrameworkManifest[];
  close(): Promise<void>;
}

const plain = (given: string | { path: string }): string => (typeof given === 'string' ? given : given.path);

/** A manifest as a tenant serves it: from this origin, and without the digests of Microsoft's CDN. */
function hosted(manifest: FrameworkManifest, base: string): FrameworkManifest {
  const { loaderConfig } = manifest;
  loaderConfig.internalModuleBaseUrls = [base];
  for (const resource of Object.values(loaderConfig.scriptResources)) {
    if (resource.path !== undefined) resource.path = plain(resource.path);
    if (resource.paths === undefined) continue;
    for (const [language, given] of Object.entries(resource.paths)) resource.paths[language] = plain(given);
    resource.defaultPath = plain(
      resource.defaultPath ?? resource.paths.default ?? resource.paths['en-US'] ?? '',
    );
  }
  return manifest;
}

/** Serves framework and package under the content security policy that SharePoint's pages have with this loader. */
export async function serveFramework(
  sharePoint: SharePointPackage,
  components: readonly string[],
): Promise<Framework> {
  const { outputFiles } = buildSync({
    entryPoints: [path.join(root, 'test/browser/pages/sharepoint-framework.ts')],
    bundle: true,
    format: 'iife',
    write: false,
    target: 'es2022',
  });
  const scripts = new Map<string, () => string | Buffer>([['/page.js', () => outputFiles[0]?.text ?? '']]);
  for (const [id, { script }] of Object.entries(stubs)) scripts.set(`/stubs/${id}.js`, () => script);
  const folders = readdirSync(framework)
    .map((name) => path.join(framework, name, 'dist'))
    .filter((folder) => existsSync(folder));
  for (const folder of folders) {
    // Chunks of one package are looked up beside the loader too.
    for (const file of readdirSync(folder)) {
      if (!file.endsWith('.js')) continue;
      const read = () => readFileSync(path.join(folder, file));
      scripts.set(`/spfx/${path.basename(path.dirname(folder))}/${file}`, read);
      scripts.set(`/spfx/sp-loader/${file}`, scripts.get(`/spfx/sp-loader/${file}`) ?? read);
    }
  }
  for (const name of sharePoint.names)
    if (name.startsWith('ClientSideAssets/') && name.endsWith('.js'))
      scripts.set(name.replace('ClientSideAssets', '/assets'), () => sharePoint.text(name));

  const page =
    '<!doctype html><html lang="en"><head><title>Plan</title></head><body><main></main>' +
    '<script src="/spfx/sp-loader/sp-loader-assembly_en-us.js"></script><script src="/page.js"></script></body></html>';
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const script = scripts.get(pathname);
    if (script !== undefined)
      response.setHeader('Content-Type', 'text/javascript; charset=utf-8').end(script());
    else if (pathname === '/') {
      // The loader compiles its own RequireJS by eval, in SharePoint as here.
      response.setHeader('Content-Security-Policy', "script-src 'self' 'unsafe-eval'; object-src 'none'");
      response.setHeader('Content-Type', 'text/html; charset=utf-8').end(page);
    } else if (pathname.includes('/_api/'))
      response.setHeader('Content-Type', 'application/json').end('{"value":[]}');
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;

  const real = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.manifest.json'))
      .map((file) => {
        const manifest = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as FrameworkManifest;
        return hosted(manifest, `${origin}/spfx/${path.basename(path.dirname(folder))}/`);
      })
      .filter(({ id }) => !(id in stubs)),
  );
  const ours = components.map((id) =>
    hosted(manifestOf(sharePoint, id) as unknown as FrameworkManifest, `${origin}/assets/`),
  );
  const versionOf = (id: string): string =>
    [...real, ...ours]
      .flatMap(({ loaderConfig }) => Object.values(loaderConfig.scriptResources))
      .find((one) => one.id === id)?.version ?? '1.0.0';
  const stood = Object.entries({
    ...stubs,
    ...Object.fromEntries(Object.entries(assembled).map(([id, alias]) => [id, { alias }])),
  }).map(([id, { alias, version }]: [string, { alias: string; version?: string }]) => ({
    id,
    alias,
    version: version ?? versionOf(id),
    componentType: id === applicationId ? 'Application' : 'Library',
    manifestVersion: 2,
    loaderConfig: {
      internalModuleBaseUrls: [`${origin}/stubs/`],
      entryModuleId: alias,
      scriptResources: { [alias]: { type: 'path', path: `${id}.js` } },
    },
  }));
  // The first must be the application's.
  return {
    origin,
    manifests: [...stood, ...real, ...ours],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
