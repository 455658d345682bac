/**
 * A small AMD loader and the slice of SharePoint's framework that the components stand on, to run the production
 * bundles of the package as they are: by their manifest, from their files, in a language. What the framework
 * would say or give is set by the test in `window.sharePoint`.
 */
interface Manifest {
  readonly loaderConfig: {
    readonly entryModuleId: string;
    readonly scriptResources: Readonly<
      Record<string, { type: string; path?: string; paths?: Record<string, string>; defaultPath?: string }>
    >;
  };
}
type Factory = (...imports: unknown[]) => unknown;

interface Given {
  /** Address of the folder with the assets. */
  readonly assets: string;
  readonly language: string;
  readonly user: string;
  /** Answers to REST by a part of the address. */
  readonly site: Readonly<Record<string, unknown>>;
  readonly token: string | null;
}

let given: Given;
let defined: { needs: readonly string[]; factory: Factory } | null = null;
const asked: string[] = [];

Object.assign(window, {
  /** With a name of its own or without, as AMD allows. */
  define(...parts: [...[string?], readonly string[], Factory]) {
    const [needs, factory] = parts.slice(-2) as [readonly string[], Factory];
    defined = { needs, factory };
  },
});

function run(path: string): Promise<{ needs: readonly string[]; factory: Factory }> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${given.assets}/${path}`;
    script.onload = () => {
      if (defined === null) return reject(new Error(`${path} defines nothing`));
      const found = defined;
      defined = null;
      resolve(found);
    };
    script.onerror = () => reject(new Error(`${path} does not load`));
    document.head.append(script);
  });
}

class Component {
  context = makeContext();
  properties: Record<string, unknown> = {};
  domElement = document.createElement('div');
  displayMode = 1;
  async onInit(): Promise<void> {}
  onDispose(): void {}
  onDisposeCell(): void {}
  onPropertyPaneFieldChanged(): void {}
}

const field = (type: string) => (name: string, options: object) => ({ type, name, ...options });
const framework: Readonly<Record<string, unknown>> = {
  '@microsoft/sp-core-library': { DisplayMode: { Read: 1, Edit: 2 }, Version: { parse: String } },
  '@microsoft/sp-http': {
    SPHttpClient: { configurations: { v1: {} } },
    AadHttpClient: { configurations: { v1: {} } },
  },
  '@microsoft/sp-property-pane': {
    PropertyPaneTextField: field('text'),
    PropertyPaneChoiceGroup: field('choice'),
    PropertyPaneDropdown: field('dropdown'),
    PropertyPaneToggle: field('toggle'),
  },
  '@microsoft/sp-webpart-base': { BaseClientSideWebPart: Component },
  '@microsoft/sp-listview-extensibility': { BaseFieldCustomizer: Component },
};

function makeContext() {
  const answer = (url: string) => {
    const found = Object.keys(given.site).find((part) => url.includes(part));
    asked.push(url);
    return {
      ok: found !== undefined,
      status: found === undefined ? 404 : 200,
      json: async () => (found === undefined ? {} : given.site[found]),
    };
  };
  const id = (text: string) => ({ toString: () => text });
  return {
    pageContext: {
      cultureInfo: { currentUICultureName: given.language },
      user: { email: given.user, loginName: given.user },
      web: { absoluteUrl: `${location.origin}/sites/launch`, id: id('web'), title: 'Launch' },
      site: { id: id('site'), serverRequestPath: '/sites/launch/SitePages/Plan.aspx', group: undefined },
      list: { id: id('pages') },
      listItem: { id: 7 },
    },
    spHttpClient: { get: async (url: string) => answer(url) },
    aadHttpClientFactory: { getClient: async () => ({ get: async (url: string) => answer(url) }) },
    aadTokenProviderFactory: {
      getTokenProvider: async () => ({
        getToken: async (resource: string) => {
          asked.push(`token ${resource}`);
          if (given.token === null) throw new Error('AADSTS65001: not granted');
          return given.token;
        },
      }),
    },
    propertyPane: { refresh() {} },
    sdks: {},
  };
}

/** Loads a component as SharePoint would: manifest, localized strings, bundle; answers its class. */
async function load(manifest: Manifest, setting: Given): Promise<new () => Component> {
  given = setting;
  const { entryModuleId, scriptResources } = manifest.loaderConfig;
  const entry = scriptResources[entryModuleId];
  const { needs, factory } = await run(entry?.path ?? '');
  const imports: unknown[] = [];
  for (const need of needs) {
    const resource = scriptResources[need];
    if (resource?.type === 'localizedPath') {
      const strings = await run(resource.paths?.[given.language] ?? resource.defaultPath ?? '');
      imports.push(strings.factory());
    } else if (need in framework) imports.push(framework[need]);
    else throw new Error(`the framework has no ${need}`);
  }
  return (factory(...imports) as { default: new () => Component }).default;
}

Object.assign(window, { loadComponent: load, asked });
