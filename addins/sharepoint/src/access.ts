/** From SharePoint's context to what our programs need to reach the server; shared by web part and column. */
import type { AadTokenProviderFactory } from '@microsoft/sp-http';
import type { PageContext } from '@microsoft/sp-page-context';
import type { ServerAccess } from './jellybean/page-api';

export function accessOf(
  server: string,
  page: PageContext,
  tokens: AadTokenProviderFactory | undefined,
): ServerAccess {
  const { currentUICultureName: language } = page.cultureInfo;
  return {
    server,
    user: page.user.email || page.user.loginName,
    languages: [language, ...navigator.languages],
    bearer:
      tokens === undefined
        ? null
        : async (resource, renew) => {
            const provider = await tokens.getTokenProvider();
            return provider.getToken(resource, !renew);
          },
  };
}
