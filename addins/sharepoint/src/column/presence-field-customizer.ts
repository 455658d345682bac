/**
 * The field customizer “Presence” for person columns: SharePoint says which cells it draws, our column puts an icon
 * before each name in them. All cells of a page share one connection and one list of watched people.
 */
import { SPHttpClient } from '@microsoft/sp-http';
import {
  BaseFieldCustomizer,
  type IFieldCustomizerCellEventParameters,
} from '@microsoft/sp-listview-extensibility';
import { accessOf } from '../access';
import type { PeopleColumn } from '../jellybean/page-api';
import { openPeopleColumn } from '../jellybean/people-column';
import { peopleOfField } from '../people';
import { serverAddress } from '../server-address';

export interface PresenceFieldProperties {
  serverUrl?: string;
}

export default class PresenceFieldCustomizer extends BaseFieldCustomizer<PresenceFieldProperties> {
  private column: PeopleColumn | undefined;

  public async onInit(): Promise<void> {
    const { pageContext, spHttpClient, aadTokenProviderFactory } = this.context;
    const read = async (url: string): Promise<unknown> => {
      const answer = await spHttpClient.get(url, SPHttpClient.configurations.v1, {
        headers: { Accept: 'application/json;odata=nometadata' },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    };
    const server = await serverAddress(this.properties?.serverUrl, pageContext.web.absoluteUrl, read);
    this.column = openPeopleColumn(accessOf(server, pageContext, aadTokenProviderFactory));
  }

  public onRenderCell(event: IFieldCustomizerCellEventParameters): void {
    this.column?.show(event.domElement, peopleOfField(event.fieldValue));
  }

  public onDisposeCell(event: IFieldCustomizerCellEventParameters): void {
    this.column?.forget(event.domElement);
    super.onDisposeCell(event);
  }

  public onDispose(): void {
    this.column?.close();
    this.column = undefined;
    super.onDispose();
  }
}
