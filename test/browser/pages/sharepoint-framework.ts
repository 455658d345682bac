/**
 * A page on which Microsoft's real framework runs: starts its loader with a page context, and has its web part
 * manager place, theme and remove a web part. Names that begin with an underscore are the framework's own way in.
 */
interface Loader {
  loadComponentById(id: string): Promise<Record<string, never>>;
}
interface Scope {
  consume(key: unknown): Record<string, (...given: unknown[]) => unknown>;
}
interface Manager {
  loadWebPart(context: object): Promise<unknown>;
  disposeWebparts(instanceId: string): void;
}
declare const spModuleLoader: {
  _isTelemetryDisabled: boolean;
  start(data: object, onFailure: () => void): Promise<void>;
};
declare const _spComponentLoader: Loader;
declare const serviceScope: Scope;

const ids = {
  core: '974a7777-0990-4136-8fa6-95d80114c2e0',
  page: '1c4541f7-5c31-41aa-9fa8-fbc9dc14c0a8',
  theme: '467dc675-7cc5-4709-8aac-78e3b71bd2f6',
};
const instanceId = 'aaaaaaaa-0000-4000-8000-000000000009';
const everything = { High: 2_147_483_647, Low: 4_294_967_295 };
const failures: string[] = [];
let manager: Manager | null = null;

async function start(
  manifests: readonly object[],
  applicationId: string,
  language: string,
  user: string,
): Promise<void> {
  const web = `${location.origin}/sites/launch`;
  spModuleLoader._isTelemetryDisabled = true;
  const site = { absoluteUrl: web, serverRelativeUrl: '/sites/launch' };
  const cultureInfo = { currentCultureName: language, currentUICultureName: language, isRightToLeft: false };
  const legacy = {
    webAbsoluteUrl: web,
    webServerRelativeUrl: '/sites/launch',
    siteAbsoluteUrl: web,
    CorrelationId: 'test',
    currentUICultureName: language,
    currentCultureName: language,
    // Otherwise the loader asks Entra for tokens before anybody wants one.
    isAnonymousGuestUser: true,
    userLoginName: user,
    ExpFeatures: [],
    ECSClientFeatures: {},
    killSwitches: {},
    env: 'test',
    webPermMasks: everything,
  };
  await spModuleLoader.start(
    { buildNumber: '1', clientSideApplicationId: applicationId, manifests, spPageContextInfo: legacy },
    () => failures.push('the loader gave up'),
  );
  const [base, page] = await Promise.all([
    _spComponentLoader.loadComponentById(ids.core),
    _spComponentLoader.loadComponentById(ids.page),
  ]);
  const { PageContext } = page as unknown as { PageContext: { serviceKey: unknown } };
  serviceScope.consume(PageContext.serviceKey).initialize?.(
    {
      cultureInfo,
      list: {
        id: '33333333-3333-4333-8333-333333333333',
        title: 'Pages',
        serverRelativeUrl: '/sites/launch/SitePages',
        permissions: everything,
      },
      listItem: { id: 7 },
      site: {
        ...site,
        id: '22222222-2222-4222-8222-222222222222',
        serverRequestPath: '/sites/launch/SitePages/Plan.aspx',
        correlationId: '55555555-5555-4555-8555-555555555555',
      },
      user: {
        displayName: 'Alice',
        email: user,
        loginName: user,
        isAnonymousGuestUser: false,
        isExternalGuestUser: false,
      },
      web: {
        ...site,
        id: '11111111-1111-4111-8111-111111111111',
        title: 'Launch',
        permissions: everything,
        templateName: 'SITEPAGEPUBLISHING',
      },
      featureInfo: {},
    },
    legacy,
  );
  const { _ClientSideWebPartManager: WebPartManager } = base as unknown as {
    _ClientSideWebPartManager: new (host: object) => Manager;
  };
  const fail = (_context: object, error: Error) => failures.push(String(error.stack ?? error));
  const nothing = () => {};
  manager = new WebPartManager({
    serviceScope,
    hostType: 'Test',
    getAdditionalContextProperties: () => ({}),
    getAdditionalContextPropertiesAsync: async () => ({}),
    onBeforeWebPartLoad: nothing,
    onAfterWebPartLoad: nothing,
    onAfterWebPartLoadFailed: fail,
    onBeforeWebPartInitializeOld: nothing,
    onBeforeWebPartInitialize: async () => {},
    onAfterWebPartInitialize: nothing,
    onAfterWebPartInitializeFailed: fail,
    onBeforeWebPartRender: nothing,
    onAfterWebPartRender: nothing,
    onAfterWebPartRenderFailed: fail,
  });
}

async function place(manifest: { id: string }, properties: object): Promise<void> {
  const domElement = document.createElement('div');
  document.querySelector('main')?.append(domElement);
  await manager?.loadWebPart({
    domElement,
    instanceId,
    manifest,
    displayMode: 1,
    webPartTag: 'test',
    webPartData: { id: manifest.id, instanceId, title: 'People', dataVersion: '1.0', properties },
  });
}

async function setTheme(theme: object): Promise<void> {
  const base = await _spComponentLoader.loadComponentById(ids.theme);
  const { ThemeProvider } = base as unknown as { ThemeProvider: { serviceKey: unknown } };
  serviceScope.consume(ThemeProvider.serviceKey)._setTheme?.(theme);
}

Object.assign(window, {
  framework: { start, place, setTheme, remove: () => manager?.disposeWebparts(instanceId), failures },
});
