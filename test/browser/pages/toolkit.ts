/** A page of others with Microsoft Graph Toolkit as it is, pointed at our facade by its own ProxyProvider. */
import { registerMgtPeopleComponent, registerMgtPersonComponent } from '@microsoft/mgt-components';
import { Providers } from '@microsoft/mgt-element';
import { ProxyProvider } from '@microsoft/mgt-proxy-provider';

const { facade, token } = window as unknown as { facade: string; token: string };
Providers.globalProvider = new ProxyProvider(facade, async () => ({ Authorization: `Bearer ${token}` }));
registerMgtPersonComponent();
registerMgtPeopleComponent();
