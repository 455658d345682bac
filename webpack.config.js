/**
 * Bundles every page and script under addins/ in one run, so that what pages share is one file in the
 * browser's cache. Files say what they are by their place and name, and no page has a configuration of its own:
 *
 * - `addins/<host>/…/<page>.html` is a page. It names its scripts, styles and images itself, by relative
 *   addresses, and comes out with content-hashed ones; absolute addresses stay as they are.
 * - `addins/<host>/…/<script>.standalone.ts` becomes one self-contained `<script>.js` at an address that never
 *   changes, for those who cannot follow a hash: Outlook's event runtime, pages of others.
 * - `addins/<host>/public/` is copied as it is (addins/build.ts), for addresses that manifests name.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EsbuildPlugin } from 'esbuild-loader';

const root = fileURLToPath(new URL('.', import.meta.url));

/**
 * What browsers must understand: Office runs its panes in evergreen webviews (WebView2, WKWebView), while
 * the event runtime of classic Outlook on Windows stops at ES2016.
 */
const target = { page: 'es2022', standalone: 'es2016' };

/** Hosts are the folders of addins/ that hold something to build. */
const hosts = readdirSync(join(root, 'addins'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'sharepoint')
  .map((entry) => entry.name);

/**
 * Everything that one host shows: names of its pages and standalone scripts with their source files.
 * @param {string} host
 */
function pane(host) {
  const files = readdirSync(join(root, 'addins', host), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.startsWith('public/'));
  /** @param {string} ending */
  const entries = (ending) =>
    Object.fromEntries(
      files
        .filter((file) => file.endsWith(ending))
        .map((file) => [`${host}/${file.slice(0, -ending.length)}`, `./addins/${host}/${file}`]),
    );
  return { pages: entries('.html'), standalone: entries('.standalone.ts') };
}

const panes = hosts.map(pane);

/**
 * @param {boolean} isWatching
 * @param {string} language the newest ECMAScript that may come out
 * @param {'esm' | 'iife'} format
 * @returns {import('webpack').Configuration}
 */
const base = (isWatching, language, format) => ({
  mode: isWatching ? 'development' : 'production',
  context: root,
  target: ['web', language],
  // Nothing may be compiled by eval: the pages' content security policy forbids it.
  devtool: isWatching ? 'source-map' : false,
  performance: false,
  stats: 'errors-warnings',
  module: {
    rules: [{ test: /\.ts$/, loader: 'esbuild-loader', options: { target: language, charset: 'utf8' } }],
  },
  optimization: {
    minimizer: [new EsbuildPlugin({ target: language, format, legalComments: 'none', charset: 'utf8' })],
  },
});

/**
 * An address that begins with `/` or a scheme is the server's or somebody else's (`/office-js/office.js`,
 * `/favicon.svg`), not a file to bundle.
 * @param {string} html
 */
const leaveAbsolute = (html) =>
  html.replace(
    /<(?:script|link|img)\b[^>]*\s(?:src|href)="(?:\/|[a-z]+:)/g,
    '<!-- webpackIgnore: true -->$&',
  );

/**
 * The configurations of one build; `addins/build.ts` runs them and decides where the result goes.
 * @param {{ output: string, isWatching?: boolean }} options
 * @returns {import('webpack').Configuration[]}
 */
export function configurations({ output, isWatching = false }) {
  const pages = Object.assign({}, ...panes.map((one) => one.pages));
  const standalone = Object.assign({}, ...panes.map((one) => one.standalone));
  const ofPages = base(isWatching, target.page, 'esm');
  return [
    {
      ...ofPages,
      name: 'pages',
      entry: pages,
      module: { ...ofPages.module, parser: { html: { template: leaveAbsolute } } },
      experiments: { html: true, css: true },
      output: {
        path: output,
        module: true,
        publicPath: '/',
        htmlFilename: '[path][name].html',
        filename: 'assets/[name].[contenthash].js',
        chunkFilename: 'assets/[name].[contenthash].js',
        cssFilename: 'assets/[name].[contenthash].css',
        cssChunkFilename: 'assets/[name].[contenthash].css',
        assetModuleFilename: 'assets/[name].[contenthash][ext]',
      },
      optimization: { ...ofPages.optimization, splitChunks: { chunks: 'all' } },
    },
    {
      ...base(isWatching, target.standalone, 'iife'),
      name: 'standalone',
      dependencies: ['pages'],
      entry: standalone,
      output: { path: output, filename: '[name].js', asyncChunks: false },
    },
  ];
}

export default configurations({ output: join(root, 'dist', 'by-hand') });
