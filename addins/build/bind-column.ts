/**
 * `npm run bind-column`: gives a person column of a SharePoint list the presence icons, or takes them away. The
 * package is deployed for the whole tenant, and SharePoint then applies no feature that could do it; a column is
 * bound by two of its properties (REST, as PnP PowerShell's `Set-PnPField` does it).
 *
 *   SHAREPOINT_TOKEN=… npm run bind-column -- --site https://contoso.sharepoint.com/sites/launch \
 *     --list Tasks --column "Assigned to" [--server https://im.contoso.com] [--remove]
 *
 * The token is for `https://contoso.sharepoint.com` with the right to manage the list, such as
 * `m365 util accesstoken get --resource sharepoint` gives. Without `--server` the tenant's setting counts.
 */
import { parseArgs } from 'node:util';

/** The field customizer's id, fixed in its manifest. */
export const columnComponent = '730e9abd-b46c-46f3-b8ab-762d04f7437c';
const nothing = '00000000-0000-0000-0000-000000000000';
const personTypes = ['User', 'UserMulti'];

export interface Binding {
  readonly site: string;
  readonly list: string;
  readonly column: string;
  /** Origin of the server; null leaves it to the tenant's setting. */
  readonly server: string | null;
  readonly isRemoved: boolean;
  readonly token: string;
}

/** Binds or unbinds; resolves to what was done, as a sentence. Rejects with one that says what to do. */
export async function bindColumn(binding: Binding): Promise<string> {
  const { site, list, column, server, isRemoved, token } = binding;
  // In OData a quote within quotes is written twice.
  const quoted = (text: string) => `'${encodeURIComponent(text.replaceAll("'", "''"))}'`;
  const field = `${site.replace(/\/+$/, '')}/_api/web/lists/getbytitle(${quoted(list)})/fields/getbyinternalnameortitle(${quoted(column)})`;
  const call = async (address: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(address, {
      ...init,
      redirect: 'error',
      headers: {
        Accept: 'application/json;odata=nometadata',
        Authorization: `Bearer ${token}`,
        ...init.headers,
      },
    });
    if (response.status === 401 || response.status === 403)
      throw new Error(`SharePoint answered ${response.status}: the token may not manage "${list}".`);
    if (response.status === 404) throw new Error(`There is no list "${list}" with a column "${column}".`);
    if (!response.ok)
      throw new Error(`SharePoint answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return response.status === 204 ? null : response.json();
  };

  const found = (await call(`${field}?$select=Title,TypeAsString,ClientSideComponentId`, {})) as {
    Title: string;
    TypeAsString: string;
    ClientSideComponentId?: string;
  };
  if (!personTypes.includes(found.TypeAsString))
    throw new Error(`"${found.Title}" is a column of type ${found.TypeAsString}; presence is for persons.`);
  const bound = (found.ClientSideComponentId ?? nothing).toLowerCase();
  if (bound !== nothing && bound !== columnComponent)
    throw new Error(`"${found.Title}" belongs to another field customizer (${bound}); take that away first.`);
  if (isRemoved && bound === nothing) return `"${found.Title}" had no presence.`;
  await call(field, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json;odata=nometadata',
      'X-HTTP-Method': 'MERGE',
      'If-Match': '*',
    },
    body: JSON.stringify({
      ClientSideComponentId: isRemoved ? nothing : columnComponent,
      ClientSideComponentProperties:
        isRemoved || server === null ? '' : JSON.stringify({ serverUrl: server }),
    }),
  });
  return isRemoved
    ? `"${found.Title}" shows no presence any more.`
    : `"${found.Title}" of "${list}" shows presence now.`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      site: { type: 'string' },
      list: { type: 'string' },
      column: { type: 'string' },
      server: { type: 'string' },
      remove: { type: 'boolean', default: false },
    },
  });
  const { site, list, column, server = null, remove } = values;
  const token = process.env.SHAREPOINT_TOKEN ?? '';
  if (site === undefined || list === undefined || column === undefined || token === '')
    throw new Error('wanted: SHAREPOINT_TOKEN in the environment, --site, --list and --column');
  if (!/^https:\/\//.test(site)) throw new Error('--site takes an https address: the token goes there');
  process.stdout.write(`${await bindColumn({ site, list, column, server, isRemoved: remove, token })}\n`);
}

if (import.meta.main)
  await main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
