/**
 * Serves the add-ins' manifests, rendered for this very server: what an administrator downloads is what can
 * be deployed, with nothing to replace by hand.
 */
import { Router } from 'express';
import { type ManifestFile, manifestFiles } from '../../manifests/files.ts';
import { accesses, addresses, parseBaseUrl } from '../../manifests/product.ts';

export interface ManifestOptions {
  readonly version: string;
  /** Where browsers reach this server. */
  readonly baseUrl: string;
  /** The application of our API in Entra ID; null where people sign in otherwise. */
  readonly entraClientId: string | null;
}

/** Makes the routes below `/manifests`. Without https there is nothing that Office would load, and they say so. */
export function manifests({ version, baseUrl, entraClientId }: ManifestOptions): Router {
  const routes = Router();
  for (const [name, { mediaType, render }] of Object.entries(manifestFiles) as [string, ManifestFile][]) {
    routes.get(`/manifests/${name}`, (request, response) => {
      const { access: wanted = 'mailbox' } = request.query;
      const access = accesses.find((one) => one === wanted);
      if (access === undefined) {
        response
          .status(400)
          .type('text/plain')
          .send(`access is ${accesses.join(' or ')}`);
        return;
      }
      let manifest: string | Uint8Array;
      try {
        manifest = render({ baseUrl: parseBaseUrl(baseUrl), version, access, entraClientId });
      } catch (error) {
        response
          .status(404)
          .type('text/plain')
          .send(`JELLYBEAN_BASE_URL: ${(error as Error).message}`);
        return;
      }
      response
        .type(mediaType)
        .set('Cache-Control', 'no-cache')
        .set('Content-Disposition', `attachment; filename="${name}"`)
        .send(typeof manifest === 'string' ? manifest : Buffer.from(manifest));
    });
  }
  // Classic Outlook on Windows lets event code call its server only where the server names the script here.
  routes.get('/.well-known/microsoft-officeaddins-allowed.json', (_request, response) => {
    response
      .set('Cache-Control', 'no-cache')
      .json({ allowed: [`${baseUrl.replace(/\/+$/, '')}${addresses.launchEventScript}`] });
  });
  return routes;
}
