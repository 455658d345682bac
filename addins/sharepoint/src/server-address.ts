/**
 * Which server: the one in the properties, else the tenant's own setting (a SharePoint tenant property), so that an
 * administrator names it once for all sites: `Set-PnPStorageEntity -Key JellybeanServer -Value https://…`.
 */

const tenantKey = 'JellybeanServer';

/** Gives the origin without a trailing slash; empty where nobody has named one. */
export async function serverAddress(
  own: string | undefined,
  webUrl: string,
  read: (url: string) => Promise<unknown>,
): Promise<string> {
  if (own !== undefined && own.trim() !== '') return tidy(own);
  try {
    const answer = await read(`${webUrl}/_api/web/GetStorageEntity('${tenantKey}')`);
    return tidy((answer as { Value?: string }).Value ?? '');
  } catch {
    return '';
  }
}

const tidy = (address: string): string => address.trim().replace(/\/+$/, '');

/** True for an origin over HTTPS, or on this machine; SharePoint's pages may call nothing else. */
export function isServerOrigin(address: string): boolean {
  return (
    /^https:\/\/[^/?#\s]+$/.test(tidy(address)) ||
    /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(tidy(address))
  );
}
