/**
 * Serves the npm copy of office.js below `/office-js`, for the playground, for tests and for closed networks.
 * The package is Microsoft's and is never part of this project: where it is not installed the routes say so.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RequestHandler, Router, static as serveFiles } from 'express';

/** Answers where the package's files lie, or null where it is not installed (a production install). */
export function officeJsFolder(): string | null {
  const folder = fileURLToPath(new URL('../../node_modules/@microsoft/office-js/dist', import.meta.url));
  return existsSync(path.join(folder, 'office.js')) ? folder : null;
}

/**
 * The part of MicrosoftAjax.js that office.js looks for before it starts. Without these names it fetches the
 * whole library from a public CDN, which a closed network blocks, and then never becomes ready.
 */
const microsoftAjax = `(function () {
  // In that library a type is a function, and functions are what the localised strings register.
  var Type = Function;
  Type.registerNamespace = function (name) { window[name] = window[name] || {}; };
  Type.registerClass = function () {};
  Type.prototype.registerClass = function () {};
  function StringBuilder() { this.parts = []; }
  StringBuilder.prototype.append = function (text) { this.parts.push(text); return this; };
  StringBuilder.prototype.toString = function () { return this.parts.join(''); };
  function errorOf(kind) {
    return function (name, message) {
      return Object.assign(new Error(message || name || kind), { name: kind, paramName: name });
    };
  }
  window.Type = Type;
  window.Sys = {
    StringBuilder: StringBuilder,
    Debug: { trace: function () {} },
    Serialization: { JavaScriptSerializer: { serialize: JSON.stringify, deserialize: JSON.parse } },
  };
  Function._validateParams = function () { return null; };
  ['argument', 'argumentNull', 'argumentOutOfRange', 'argumentType', 'argumentUndefined', 'invalidOperation',
    'notImplemented', 'parameterCount'].forEach(function (kind) { Error[kind] = errorOf('Sys.' + kind); });
  Error.create = function (message, more) { return Object.assign(new Error(message), more); };
  String.format = function (text) {
    var values = Array.prototype.slice.call(arguments, 1);
    return text.replace(/\\{(\\d+)\\}/g, function (whole, index) { return index in values ? values[index] : whole; });
  };
})();
`;

/** Office.js reports to Microsoft through these; answering with nothing keeps every report on this server. */
const telemetry = /^\/(ariatelemetry|telemetry)\//i;

/**
 * Decides in the pane where office.js comes from, before anything else runs: Microsoft's CDN, as it demands,
 * but this server's copy in our own playground, which must work without a network. Frames of one origin can
 * see each other's address; a pane in Office cannot look out and is so told apart. `jellybeanOffice` resolves
 * to false where the library could not be fetched.
 */
const load = (elsewhere: readonly string[]) => `(function () {
  function isPlayed() {
    try {
      var host = window.opener || window.parent;
      return host !== window && host.location.pathname.indexOf('/playground/') === 0;
    } catch (_) {
      return false;
    }
  }
  // A dialog of a played pane is opened by the pane, whose own host is the playground.
  function isPlayedDialog() {
    try {
      return !!window.opener && window.opener.parent.location.pathname.indexOf('/playground/') === 0;
    } catch (_) {
      return false;
    }
  }
  var isLocal = isPlayed() || isPlayedDialog();
  var sources = isLocal ? ${JSON.stringify(ownScripts)} : ${JSON.stringify(elsewhere)};
  window.jellybeanOffice = new Promise(function (resolve) {
    sources.forEach(function (source, index) {
      var script = document.createElement('script');
      script.async = false;
      script.src = source;
      script.onerror = function () { resolve(false); };
      if (index === sources.length - 1) script.onload = function () { resolve(true); };
      document.head.appendChild(script);
    });
  });
})();
`;

/** The one address from which Microsoft supports the library. */
const cdn = 'https://appsforoffice.microsoft.com/lib/1/hosted/office.js';
const ownScripts = ['/office-js/microsoft-ajax.js', '/office-js/office.js'] as const;

/** `cdn`, `own`, or the address of a mirror's office.js (`JELLYBEAN_OFFICE_JS`). */
export type OfficeJsSource = string;

/** The scripts of a source in order. Whoever is not the CDN is given what the library else fetches from another. */
function scriptsOf(source: OfficeJsSource): readonly string[] {
  if (source === 'cdn') return [cdn];
  return source === 'own' ? ownScripts : [ownScripts[0], source];
}

/** The origin from which a source's scripts come; null where it is this server. */
export function officeJsOrigin(source: OfficeJsSource): string | null {
  if (source === 'own') return null;
  return new URL(source === 'cdn' ? cdn : source).origin;
}

/** Makes the routes below `/office-js`. They carry a day of caching: the files change only with the package. */
export function officeJs(source: OfficeJsSource = 'cdn', folder: string | null = officeJsFolder()): Router {
  if (source === 'own' && folder === null)
    throw new Error(
      'JELLYBEAN_OFFICE_JS is "own", but the npm package @microsoft/office-js is not installed: npm install --include=dev',
    );
  const routes = Router({ caseSensitive: true });
  routes.use('/office-js', filesOf(source, folder));
  return routes;
}

function filesOf(source: OfficeJsSource, folder: string | null): Router {
  const routes = Router({ caseSensitive: true });
  routes.get('/load.js', (_request, response) => {
    response
      .type('text/javascript')
      .set('Cache-Control', 'no-cache')
      .send(load(scriptsOf(source)));
  });
  // For the console, which tries whether browsers reach it.
  routes.get('/source.json', (_request, response) => {
    response.set('Cache-Control', 'no-cache').json({ script: scriptsOf(source).at(-1) });
  });
  routes.get('/microsoft-ajax.js', (_request, response) => {
    response.type('text/javascript').set('Cache-Control', 'public, max-age=86400').send(microsoftAjax);
  });
  if (folder === null) {
    routes.use((_request, response) => {
      response
        .status(404)
        .type('text/plain')
        .send(
          'The npm package @microsoft/office-js is not installed on this server: npm install --include=dev',
        );
    });
    return routes;
  }
  routes.get(telemetry, (_request, response) => {
    response.type('text/javascript').send('');
  });
  routes.use(inLowerCase, serveFiles(folder, { maxAge: 86_400_000, index: false }));
  return routes;
}

/** Office.js asks for `AgaveErrorUX/…`, its package calls the folder `agaveerrorux`: two files on Linux. */
const inLowerCase: RequestHandler = (request, _response, next) => {
  const [file = '', query] = request.url.split('?', 2);
  request.url = query === undefined ? file.toLowerCase() : `${file.toLowerCase()}?${query}`;
  next();
};
