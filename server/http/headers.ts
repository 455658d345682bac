/**
 * Security headers of pages, by kind of page: who may frame it and what it may load differ, nothing else
 * does. Scripts and styles come from files of this server only, never inline, so that text which somebody
 * typed can never become code.
 */
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * `app`: opened in a tab of its own. `pane`: framed by Office. `embed`: framed by pages that the
 * administrator allows. `popup`: a window that an embedded page
 * opens. `dialog`: a window that Office opens for a pane, with office.js in it. `playground`: frames our own panes.
 * `console`: tries whether browsers reach office.js.
 */
export type PageKind = 'app' | 'console' | 'pane' | 'dialog' | 'embed' | 'popup' | 'playground';

export interface HeaderOptions {
  /** In demo mode browsers must not be told to insist on HTTPS: it runs over plain HTTP too. */
  readonly isDemo: boolean;
  /** Origins that may frame panes and the embed page, beside the Office hosts. */
  readonly allowedFrames: readonly string[];
  /** Where panes get office.js (`officeJsOrigin`); null = from this server, absent = from Microsoft's CDN. */
  readonly officeJsOrigin?: string | null;
}

/**
 * Where Microsoft 365 shows panes on the web. There is no official list (office-js#1005); one that is
 * missing shows as a blank pane. Exchange on one's own premises is named by `JELLYBEAN_ALLOWED_FRAMES`.
 */
const officeFrames = [
  'https://outlook.office.com',
  'https://outlook.office365.com',
  'https://outlook.live.com',
  'https://outlook.cloud.microsoft',
  'https://*.cloud.microsoft',
  'https://*.officeapps.live.com',
  'https://*.sharepoint.com',
  'https://onedrive.live.com',
];

const cdnOrigin = 'https://appsforoffice.microsoft.com';
/** What office.js loads and reports to when it comes from Microsoft's CDN. */
const cdnScripts = [cdnOrigin, 'https://ajax.aspnetcdn.com'];
const cdnConnections = [cdnOrigin, 'https://browser.pipe.aria.microsoft.com'];
/** Silent sign-in of Microsoft 365, wherever the library comes from. */
const signInConnections = ['https://login.microsoftonline.com'];

/** Makes the headers of each kind once; the handlers only set them. */
export function createHeaders({
  isDemo,
  allowedFrames,
  officeJsOrigin = cdnOrigin,
}: HeaderOptions): Record<PageKind, RequestHandler> {
  const isCdn = officeJsOrigin === cdnOrigin;
  const elsewhere = officeJsOrigin === null ? [] : [officeJsOrigin];
  // A copy or a mirror is there so that nothing calls Microsoft's CDN or its telemetry.
  const officeScripts = isCdn ? cdnScripts : elsewhere;
  const officeConnections = [...(isCdn ? cdnConnections : elsewhere), ...signInConnections];
  const handlerFor = (kind: PageKind, directives: Record<string, string[]>) =>
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'self'"],
          'script-src': ["'self'"],
          'style-src': ["'self'"],
          'img-src': ["'self'", 'data:', 'blob:'],
          'object-src': ["'none'"],
          'base-uri': ["'none'"],
          'form-action': ["'self'"],
          'frame-ancestors': ["'none'"],
          ...directives,
          ...(isDemo ? {} : { 'upgrade-insecure-requests': [] }),
        },
      },
      // Subdomains may belong to others.
      strictTransportSecurity: isDemo ? false : { maxAge: 31_536_000, includeSubDomains: false },
      // `frame-ancestors` says it better, and this header would forbid what it allows.
      xFrameOptions: false,
      // Office's dialogs and the sign-in window of an embedded page talk to whoever opened them.
      crossOriginOpenerPolicy: kind === 'app' ? { policy: 'same-origin-allow-popups' } : false,
      crossOriginResourcePolicy: { policy: 'same-site' },
    });

  return {
    app: handlerFor('app', {}),
    console: handlerFor('console', { 'connect-src': ["'self'", ...elsewhere] }),
    pane: handlerFor('pane', {
      'script-src': ["'self'", ...officeScripts],
      'connect-src': ["'self'", ...officeConnections],
      'frame-ancestors': ["'self'", ...officeFrames, ...allowedFrames],
    }),
    embed: handlerFor('embed', { 'frame-ancestors': ["'self'", ...allowedFrames] }),
    popup: handlerFor('popup', {}),
    dialog: handlerFor('dialog', {
      'script-src': ["'self'", ...officeScripts],
      'connect-src': ["'self'", ...officeConnections],
    }),
    playground: handlerFor('playground', { 'frame-src': ["'self'", 'blob:'] }),
  };
}
