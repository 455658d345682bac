/**
 * `office.xml`, the add-in-only manifest for Word and Excel: one add-in for both, each with a runtime that pane,
 * commands and custom functions share, so that a workbook full of formulas holds one stream.
 */
import {
  addresses,
  defaultLocale,
  functionsNamespace,
  iconUrl,
  ids,
  type ManifestInput,
  provider,
  ribbonSizes,
  toManifestVersion,
} from './product.ts';
import { overrides, resources, ribbonIcon, supertip, webApplication } from './resources.ts';
import { words } from './words.ts';
import { type Fragment, xml } from './xml.ts';

/** Office's own name for the pane that opens by itself with a document in which somebody asked for that. */
const autoShow = 'Office.AutoShowTaskpaneWithDocument';

/** Renders the manifest for one server. */
export function renderOfficeManifest(input: ManifestInput): string {
  const manifest = xml`
    <?xml version="1.0" encoding="UTF-8"?>
    <OfficeApp
      xmlns="http://schemas.microsoft.com/office/appforoffice/1.1"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
      xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0"
      xmlns:ov="http://schemas.microsoft.com/office/taskpaneappversionoverrides"
      xsi:type="TaskPaneApp">
      <Id>${ids.office}</Id>
      <Version>${toManifestVersion(input.version)}</Version>
      <ProviderName>${provider}</ProviderName>
      <DefaultLocale>${defaultLocale}</DefaultLocale>
      <DisplayName DefaultValue="${words.name.en}">
        ${overrides(words.name)}
      </DisplayName>
      <Description DefaultValue="${words.officeDescription.en}">
        ${overrides(words.officeDescription)}
      </Description>
      <IconUrl DefaultValue="${iconUrl(input, 32)}" />
      <HighResolutionIconUrl DefaultValue="${iconUrl(input, 64)}" />
      <SupportUrl DefaultValue="${input.baseUrl}/" />
      <AppDomains>
        <AppDomain>${new URL(input.baseUrl).origin}</AppDomain>
      </AppDomains>
      <Hosts>
        <Host Name="Document" />
        <Host Name="Workbook" />
      </Hosts>
      <Requirements>
        <Sets DefaultMinVersion="1.1">
          <Set Name="SharedRuntime" MinVersion="1.1" />
        </Sets>
      </Requirements>
      <DefaultSettings>
        <SourceLocation DefaultValue="${input.baseUrl}${addresses.wordPane}" />
      </DefaultSettings>
      <Permissions>ReadWriteDocument</Permissions>
      <VersionOverrides xmlns="http://schemas.microsoft.com/office/taskpaneappversionoverrides" xsi:type="VersionOverridesV1_0">
        <Hosts>
          <Host xsi:type="Document">
            ${runtime('wordPane')}
            ${formFactor('Word', 'wordPane', 'ContextMenuText')}
          </Host>
          <Host xsi:type="Workbook">
            ${runtime('excelPane')}
            ${customFunctions}
            ${formFactor('Excel', 'excelPane', 'ContextMenuCell')}
          </Host>
        </Hosts>
        ${resources(input, {
          icons: ribbonSizes,
          urls: {
            wordPane: addresses.wordPane,
            excelPane: addresses.excelPane,
            functionsScript: addresses.functionsScript,
            functionsMetadata: addresses.functionsMetadata,
            learnMore: '/',
          },
          names: { namespace: functionsNamespace },
          short: ['group', 'people', 'documentTitle', 'selection', 'started'],
          long: ['documentTip', 'startedTip'],
        })}
        ${webApplication(input)}
      </VersionOverrides>
    </OfficeApp>`;
  return `${manifest.xml}\n`;
}

type Pane = 'wordPane' | 'excelPane';

const runtime = (pane: Pane): Fragment => xml`
  <Runtimes>
    <Runtime resid="${pane}" lifetime="long" />
  </Runtimes>`;

const customFunctions = xml`
  <AllFormFactors>
    <ExtensionPoint xsi:type="CustomFunctions">
      <Script>
        <SourceLocation resid="functionsScript" />
      </Script>
      <Page>
        <SourceLocation resid="excelPane" />
      </Page>
      <Metadata>
        <SourceLocation resid="functionsMetadata" />
      </Metadata>
      <Namespace resid="namespace" />
    </ExtensionPoint>
  </AllFormFactors>`;

function formFactor(
  host: 'Word' | 'Excel',
  pane: Pane,
  menu: 'ContextMenuText' | 'ContextMenuCell',
): Fragment {
  const open = xml`
    <Action xsi:type="ShowTaskpane">
      <TaskpaneId>${autoShow}</TaskpaneId>
      <SourceLocation resid="${pane}" />
    </Action>`;
  return xml`
    <DesktopFormFactor>
      <GetStarted>
        <Title resid="started" />
        <Description resid="startedTip" />
        <LearnMoreUrl resid="learnMore" />
      </GetStarted>
      <FunctionFile resid="${pane}" />
      <ExtensionPoint xsi:type="PrimaryCommandSurface">
        <OfficeTab id="TabHome">
          <Group id="jb${host}Group">
            <Label resid="group" />
            ${ribbonIcon(ribbonSizes)}
            <Control xsi:type="Button" id="jb${host}Button">
              <Label resid="people" />
              ${supertip('documentTitle', 'documentTip')}
              ${ribbonIcon(ribbonSizes)}
              ${open}
            </Control>
          </Group>
        </OfficeTab>
      </ExtensionPoint>
      <ExtensionPoint xsi:type="ContextMenu">
        <OfficeMenu id="${menu}">
          <Control xsi:type="Button" id="jb${host}Selection">
            <Label resid="selection" />
            ${supertip('selection', 'documentTip')}
            ${ribbonIcon(ribbonSizes)}
            ${open}
          </Control>
        </OfficeMenu>
      </ExtensionPoint>
    </DesktopFormFactor>`;
}
