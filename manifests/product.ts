/**
 * What all manifests say alike: who we are, in which languages, with which pictures, pages and functions. The
 * ids are ours for ever: an administrator's deployment is recognised by them when a newer manifest comes.
 */

export interface ManifestInput {
  /** Where this server is reached by browsers, `https://im.contoso.com`; everything is below it. */
  readonly baseUrl: string;
  /** Version of the product, `0.1.0`. */
  readonly version: string;
  /**
   * `mailbox` lets the pane unite the people of several selected mails, for which Outlook wants the
   * permission to read and write the mailbox; `item` does without both.
   */
  readonly access: Access;
  /** The application of our API in Entra ID, for hosts that sign in silently by it; null where there is none. */
  readonly entraClientId: string | null;
}

export const accesses = ['mailbox', 'item'] as const;
export type Access = (typeof accesses)[number];

/** One per manifest; the unified one names the two others, to hide them where both are deployed. */
export const ids = {
  outlook: '6b1ec9f4-1c0b-4d0e-9d3a-0b7a2f5c8e41',
  office: 'c27d0f5e-7e34-4a8b-8f6d-52c1b90e3a77',
  unified: '0e9a6c3b-5b1f-4f27-9c54-d8f13e7a2b60',
} as const;
export const provider = 'Jellybean';

/** Sizes in pixels: ribbon 16–80, lists 64 and 128, mobile 25, 32, 48 at one to three times, packages 192. */
export const iconSizes = [16, 20, 24, 25, 32, 40, 48, 50, 64, 75, 80, 96, 128, 144, 192] as const;
export type IconSize = (typeof iconSizes)[number];
/** Sizes that Office draws on its ribbon; it scales the rest itself, less well. */
export const ribbonSizes = [16, 20, 24, 32, 40, 48, 64, 80] as const satisfies IconSize[];
export const phoneSizes = [25, 32, 48] as const;
export const phoneScales = [1, 2, 3] as const;

export function iconUrl({ baseUrl }: Pick<ManifestInput, 'baseUrl'>, size: IconSize): string {
  return `${baseUrl}/icons/jellybean-${size}.png`;
}

/** Pages and scripts that manifests name, below the base URL; a test holds that each is built. */
export const addresses = {
  outlookPane: '/addins/outlook/pane.html',
  outlookCommands: '/addins/outlook/commands.html',
  launchEventPage: '/addins/outlook/launch-event.html',
  launchEventScript: '/addins/outlook/launch-event.js',
  wordPane: '/addins/word/pane.html',
  excelPane: '/addins/excel/pane.html',
  functionsScript: '/addins/excel/functions.js',
  functionsMetadata: '/addins/excel/functions.json',
} as const;

/** Functions that Office calls by name; the scripts that associate them take the names from here. */
export const functionNames = {
  chatWithSender: 'chatWithSender',
  replyWithChat: 'replyWithChat',
  newMessageCompose: 'onNewMessageCompose',
  messageRecipientsChanged: 'onMessageRecipientsChanged',
} as const;

/** The namespace of `=JELLYBEAN.PRESENCE(…)`. */
export const functionsNamespace = 'JELLYBEAN';

/** A sentence in the default language and in the others; the default is also what unknown languages get. */
export type ManifestLanguage = 'en' | 'de' | 'fr' | 'zh-Hant';
export type Words = Readonly<Record<ManifestLanguage, string>>;
export const defaultLocale = 'en-US';
/** One locale stands for a language: Office falls back from `de-AT` to it. */
export const otherLocales = {
  de: 'de-DE',
  fr: 'fr-FR',
  'zh-Hant': 'zh-TW',
} as const satisfies Record<Exclude<ManifestLanguage, 'en'>, string>;

/**
 * Checks and normalises a base URL: https, a host, no path that would double a slash, nothing secret.
 * Office refuses everything else later, on somebody else's screen.
 */
export function parseBaseUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(`"${text}" is not a URL; give the address of this server, like https://im.contoso.com`);
  }
  if (url.protocol !== 'https:')
    throw new Error(`"${text}" must begin with https://: Office loads nothing else`);
  if (url.username !== '' || url.password !== '')
    throw new Error('a base URL must not hold a name or a password');
  if (url.search !== '' || url.hash !== '') throw new Error(`"${text}" must end before "?" and "#"`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Office takes four numbers; what follows a hyphen is for people. */
export function toManifestVersion(version: string): string {
  const numbers = version.split('-')[0]?.split('.') ?? [];
  return [...numbers, '0', '0', '0', '0'].slice(0, 4).join('.');
}

/**
 * Our API's application ID URI as Office demands it for signing in silently: it holds the host of the add-in's
 * pages (learn.microsoft.com, “Register an Office Add-in that uses single sign-on”).
 */
export const entraResource = (baseUrl: string, clientId: string): string =>
  `api://${new URL(baseUrl).host}/${clientId}`;
