/**
 * The web part “People”: SharePoint's side of it. Who is meant, the colours of the section and the property pane are
 * decided here; what is drawn and how presence comes is our own part, the same as in every other page.
 */

import * as strings from 'PeopleWebPartStrings';
import type { IReadonlyTheme } from '@microsoft/sp-component-base';
import { DisplayMode, Version } from '@microsoft/sp-core-library';
import { AadHttpClient, SPHttpClient } from '@microsoft/sp-http';
import {
  type IPropertyPaneConfiguration,
  PropertyPaneChoiceGroup,
  PropertyPaneDropdown,
  PropertyPaneTextField,
  PropertyPaneToggle,
} from '@microsoft/sp-property-pane';
import { BaseClientSideWebPart } from '@microsoft/sp-webpart-base';
import { accessOf } from '../access';
import type { PageTheme, PeopleLayout, PeoplePart, PeoplePartInput } from '../jellybean/page-api';
import { openPeoplePart } from '../jellybean/people-part';
import {
  findPeople,
  type PagePlace,
  type PeopleSource,
  type PeopleWords,
  type Reader,
  Refusal,
  topicOf,
} from '../people';
import { isServerOrigin, serverAddress } from '../server-address';

export interface PeopleWebPartProperties {
  source: PeopleSource;
  layout: PeopleLayout;
  heading: string;
  /** As typed, one to a line. */
  people: string;
  groupId: string;
  hasChat: boolean;
  serverUrl: string;
}

const graph = 'https://graph.microsoft.com';
const groupIdForm = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** Properties that change who is asked for or whom; the others are only drawn anew. */
const deciding: readonly (keyof PeopleWebPartProperties)[] = ['source', 'people', 'groupId'];

export default class PeopleWebPart extends BaseClientSideWebPart<PeopleWebPartProperties> {
  private part: PeoplePart | undefined;
  private server: string = '';
  private theme: PageTheme | null = null;
  /** Counts questions, so that a late answer to an earlier one is dropped. */
  private asked: number = 0;

  protected async onInit(): Promise<void> {
    await super.onInit();
    this.server = await this.findServer();
  }

  public render(): void {
    if (this.part === undefined) {
      this.part = openPeoplePart(
        this.domElement,
        accessOf(this.server, this.context.pageContext, this.context.aadTokenProviderFactory),
        { ...this.look(), people: null, problem: '' },
      );
      this.find();
    } else this.part.update(this.look());
  }

  protected onThemeChanged(theme: IReadonlyTheme | undefined): void {
    if (theme === undefined) return;
    this.theme = {
      isDark: theme.isInverted === true,
      colours: (theme.semanticColors ?? {}) as Record<string, string | undefined>,
    };
    this.part?.update({ theme: this.theme });
  }

  protected onDispose(): void {
    this.asked += 1;
    this.part?.close();
    this.part = undefined;
    super.onDispose();
  }

  protected onPropertyPaneFieldChanged(path: string, before: unknown, now: unknown): void {
    if (path === 'serverUrl') {
      this.findServer().then(
        (server) => {
          if (server === this.server) return;
          this.server = server;
          this.part?.close();
          this.part = undefined;
          this.render();
        },
        () => undefined,
      );
    } else if (deciding.some((one) => one === path)) this.find();
    if (path === 'source') this.context.propertyPane.refresh();
    super.onPropertyPaneFieldChanged(path, before, now);
  }

  protected get dataVersion(): Version {
    return Version.parse('1.0');
  }

  protected getPropertyPaneConfiguration(): IPropertyPaneConfiguration {
    const { source } = this.properties;
    const choices = <Key extends string>(names: Record<Key, string>): { key: Key; text: string }[] =>
      (Object.keys(names) as Key[]).map((key) => ({ key, text: names[key] }));
    return {
      pages: [
        {
          header: { description: strings.Description },
          groups: [
            {
              groupName: strings.WhomGroup,
              groupFields: [
                PropertyPaneDropdown('source', {
                  label: strings.Source,
                  options: choices({
                    members: strings.SourceMembers,
                    group: strings.SourceGroup,
                    page: strings.SourcePage,
                    chosen: strings.SourceChosen,
                  }),
                }),
                ...(source === 'group'
                  ? [
                      PropertyPaneTextField('groupId', {
                        label: strings.GroupId,
                        description: strings.GroupIdHint,
                        deferredValidationTime: 500,
                        onGetErrorMessage: (id) =>
                          id === '' || groupIdForm.test(id) ? '' : strings.GroupIdWrong,
                      }),
                    ]
                  : []),
                ...(source === 'chosen'
                  ? [
                      PropertyPaneTextField('people', {
                        label: strings.Chosen,
                        description: strings.ChosenHint,
                        multiline: true,
                        rows: 6,
                        deferredValidationTime: 500,
                      }),
                    ]
                  : []),
              ],
            },
            {
              groupName: strings.LookGroup,
              groupFields: [
                PropertyPaneTextField('heading', { label: strings.Heading }),
                PropertyPaneChoiceGroup('layout', {
                  label: strings.Layout,
                  options: choices({
                    list: strings.LayoutList,
                    compact: strings.LayoutCompact,
                    cards: strings.LayoutCards,
                  }),
                }),
                PropertyPaneToggle('hasChat', { label: strings.HasChat }),
              ],
            },
            {
              groupName: strings.ServerGroup,
              groupFields: [
                PropertyPaneTextField('serverUrl', {
                  label: strings.ServerUrl,
                  description: strings.ServerUrlHint,
                  deferredValidationTime: 800,
                  onGetErrorMessage: (address) =>
                    address === '' || isServerOrigin(address) ? '' : strings.ServerUrlWrong,
                }),
              ],
            },
          ],
        },
      ],
    };
  }

  /** What is only drawn. In Teams there is no page to talk about, and nobody edits a heading in reading. */
  private look(): Omit<PeoplePartInput, 'people' | 'problem'> {
    const { heading, layout, hasChat } = this.properties;
    const isPage = this.context.sdks?.microsoftTeams === undefined;
    return {
      heading: heading ?? '',
      layout: layout ?? 'list',
      topic:
        hasChat !== false && isPage && this.displayMode !== DisplayMode.Edit ? topicOf(this.place()) : null,
      theme: this.theme,
    };
  }

  private find(): void {
    this.asked += 1;
    const question = this.asked;
    const { source, groupId, people } = this.properties;
    const words: PeopleWords = {
      author: strings.RoleAuthor,
      editor: strings.RoleEditor,
      owner: strings.RoleOwner,
      notOnPage: strings.NotOnPage,
      noGroup: strings.NoGroup,
    };
    const request = { source: source ?? 'members', groupId: groupId ?? '', chosen: people ?? '' };
    findPeople(request, this.place(), this.reader(), words).then(
      (found) => {
        if (question === this.asked) this.part?.update({ people: found, problem: '' });
      },
      (error: Error) => {
        const problem =
          error instanceof Refusal ? strings.Refused.replace('{0}', error.message) : error.message;
        if (question === this.asked) this.part?.update({ people: [], problem });
      },
    );
  }

  private place(): PagePlace {
    const { web, site, list, listItem } = this.context.pageContext;
    return {
      webUrl: web.absoluteUrl,
      siteId: site.id.toString(),
      webId: web.id.toString(),
      groupId: site.group?.id?.toString(),
      listId: list?.id.toString(),
      itemId: listItem?.id,
      path: site.serverRequestPath,
      title: document.title || web.title,
    };
  }

  private reader(): Reader {
    const { spHttpClient, aadHttpClientFactory } = this.context;
    return {
      site: async (url) => {
        const answer = await spHttpClient.get(url, SPHttpClient.configurations.v1, {
          headers: { Accept: 'application/json;odata=nometadata' },
        });
        if (!answer.ok) throw new Refusal(answer.status);
        return answer.json();
      },
      graph: async (path) => {
        const client = await aadHttpClientFactory.getClient(graph);
        const answer = await client.get(`${graph}/v1.0${path}`, AadHttpClient.configurations.v1);
        if (!answer.ok) throw new Refusal(answer.status);
        return answer.json();
      },
    };
  }

  private findServer(): Promise<string> {
    const { serverUrl } = this.properties;
    return serverAddress(serverUrl, this.context.pageContext.web.absoluteUrl, this.reader().site);
  }
}
