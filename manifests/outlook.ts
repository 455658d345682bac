/**
 * `outlook.xml`, the add-in-only manifest for Outlook. Chosen before the unified one because Exchange
 * Server, Outlook on the Mac and on phones know no other. Version overrides 1.0 hold what every client reads;
 * the 1.1 inside them add pinning, several selected mails, events and phones.
 */
import {
  addresses,
  defaultLocale,
  functionNames,
  type IconSize,
  iconUrl,
  ids,
  type ManifestInput,
  phoneScales,
  phoneSizes,
  provider,
  ribbonSizes,
  toManifestVersion,
} from './product.ts';
import { overrides, resources, ribbonIcon, supertip, webApplication } from './resources.ts';
import { words } from './words.ts';
import { type Fragment, xml } from './xml.ts';

/** Exchange Server offers 1.5 at most, and pinning and ItemChanged need it; all else is tested at run time. */
const mailboxVersion = '1.5';

/** Office's names for the four forms of an item; each gets the same button in its own place. */
const surfaces = [
  'MessageReadCommandSurface',
  'MessageComposeCommandSurface',
  'AppointmentAttendeeCommandSurface',
  'AppointmentOrganizerCommandSurface',
] as const;

/** Renders the manifest for one server. */
export function renderOutlookManifest(input: ManifestInput): string {
  const pane = `${input.baseUrl}${addresses.outlookPane}`;
  const manifest = xml`
    <?xml version="1.0" encoding="UTF-8"?>
    <OfficeApp
      xmlns="http://schemas.microsoft.com/office/appforoffice/1.1"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
      xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0"
      xsi:type="MailApp">
      <Id>${ids.outlook}</Id>
      <Version>${toManifestVersion(input.version)}</Version>
      <ProviderName>${provider}</ProviderName>
      <DefaultLocale>${defaultLocale}</DefaultLocale>
      <DisplayName DefaultValue="${words.name.en}">
        ${overrides(words.name)}
      </DisplayName>
      <Description DefaultValue="${words.outlookDescription.en}">
        ${overrides(words.outlookDescription)}
      </Description>
      <IconUrl DefaultValue="${iconUrl(input, 64)}" />
      <HighResolutionIconUrl DefaultValue="${iconUrl(input, 128)}" />
      <SupportUrl DefaultValue="${input.baseUrl}/" />
      <AppDomains>
        <AppDomain>${new URL(input.baseUrl).origin}</AppDomain>
      </AppDomains>
      <Hosts>
        <Host Name="Mailbox" />
      </Hosts>
      <Requirements>
        <Sets DefaultMinVersion="${mailboxVersion}">
          <Set Name="Mailbox" MinVersion="${mailboxVersion}" />
        </Sets>
      </Requirements>
      <FormSettings>
        <Form xsi:type="ItemRead">
          <DesktopSettings>
            <SourceLocation DefaultValue="${pane}" />
            <RequestedHeight>450</RequestedHeight>
          </DesktopSettings>
        </Form>
        <Form xsi:type="ItemEdit">
          <DesktopSettings>
            <SourceLocation DefaultValue="${pane}" />
          </DesktopSettings>
        </Form>
      </FormSettings>
      <Permissions>${input.access === 'mailbox' ? 'ReadWriteMailbox' : 'ReadItem'}</Permissions>
      <Rule xsi:type="RuleCollection" Mode="Or">
        <Rule xsi:type="ItemIs" ItemType="Message" FormType="ReadOrEdit" />
        <Rule xsi:type="ItemIs" ItemType="Appointment" FormType="ReadOrEdit" />
      </Rule>
      <DisableEntityHighlighting>true</DisableEntityHighlighting>
      <VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides" xsi:type="VersionOverridesV1_0">
        ${versionOverrides(input, false)}
        <VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides/1.1" xsi:type="VersionOverridesV1_1">
          ${versionOverrides(input, true)}
        </VersionOverrides>
      </VersionOverrides>
    </OfficeApp>`;
  return `${manifest.xml}\n`;
}

/** The same in both versions; what only 1.1 knows is left out of 1.0, whose readers would refuse the whole. */
function versionOverrides(input: ManifestInput, isNewer: boolean): Fragment {
  const onPhones = phoneScales.flatMap((scale) => phoneSizes.map((size) => (size * scale) as IconSize));
  return xml`
    <Requirements>
      <bt:Sets DefaultMinVersion="${mailboxVersion}">
        <bt:Set Name="Mailbox" />
      </bt:Sets>
    </Requirements>
    <Hosts>
      <Host xsi:type="MailHost">
        ${isNewer ? runtimes : []}
        <DesktopFormFactor>
          <FunctionFile resid="commands" />
          ${surfaces.map((surface) => desktopSurface(input, surface, isNewer))}
          ${isNewer ? launchEvents : []}
        </DesktopFormFactor>
        ${isNewer ? phone() : []}
      </Host>
    </Hosts>
    ${resources(input, {
      icons: isNewer ? [...ribbonSizes, ...onPhones] : ribbonSizes,
      urls: {
        pane: addresses.outlookPane,
        commands: addresses.outlookCommands,
        ...(isNewer
          ? { eventPage: addresses.launchEventPage, eventScript: addresses.launchEventScript }
          : {}),
      },
      short: ['group', 'people', 'itemTitle', 'sender', 'reply'],
      long: ['itemTip', 'senderTip', 'replyTip'],
    })}
    ${isNewer ? webApplication(input) : []}`;
}

/** Where event code runs: a page on the web and the Mac, the bare script in classic Outlook on Windows. */
const runtimes = xml`
  <Runtimes>
    <Runtime resid="eventPage">
      <Override type="javascript" resid="eventScript" />
    </Runtime>
  </Runtimes>`;

const launchEvents = xml`
  <ExtensionPoint xsi:type="LaunchEvent">
    <LaunchEvents>
      <LaunchEvent Type="OnNewMessageCompose" FunctionName="${functionNames.newMessageCompose}" />
      <LaunchEvent Type="OnMessageRecipientsChanged" FunctionName="${functionNames.messageRecipientsChanged}" />
    </LaunchEvents>
    <SourceLocation resid="eventPage" />
  </ExtensionPoint>`;

function desktopSurface(
  input: ManifestInput,
  surface: (typeof surfaces)[number],
  isNewer: boolean,
): Fragment {
  // An appointment cannot pin its pane (office.md §1.4); Outlook refuses to be asked.
  const pins = isNewer && surface.startsWith('Message');
  const unites = isNewer && surface === 'MessageReadCommandSurface' && input.access === 'mailbox';
  const id = surface.replace('CommandSurface', '');
  return xml`
    <ExtensionPoint xsi:type="${surface}">
      <OfficeTab id="TabDefault">
        <Group id="jb${id}Group">
          <Label resid="group" />
          <Control xsi:type="Button" id="jb${id}Button">
            <Label resid="people" />
            ${supertip('itemTitle', 'itemTip')}
            ${ribbonIcon(ribbonSizes)}
            <Action xsi:type="ShowTaskpane">
              <SourceLocation resid="pane" />
              ${pins ? xml`<SupportsPinning>true</SupportsPinning>` : []}
              ${unites ? xml`<SupportsMultiSelect>true</SupportsMultiSelect>` : []}
            </Action>
          </Control>
          ${surface === 'MessageReadCommandSurface' ? chatButtons : []}
        </Group>
      </OfficeTab>
    </ExtensionPoint>`;
}

/** What Outlook calls without opening the pane. */
const chatButton = (id: string, label: 'sender' | 'reply', functionName: string): Fragment => xml`
  <Control xsi:type="Button" id="${id}">
    <Label resid="${label}" />
    ${supertip(label, `${label}Tip`)}
    ${ribbonIcon(ribbonSizes)}
    <Action xsi:type="ExecuteFunction">
      <FunctionName>${functionName}</FunctionName>
    </Action>
  </Control>`;
const chatButtons = [
  chatButton('jbChatWithSender', 'sender', functionNames.chatWithSender),
  chatButton('jbReplyWithChat', 'reply', functionNames.replyWithChat),
];

function phone(): Fragment {
  const images = phoneScales.flatMap((scale) =>
    phoneSizes.map((size) => xml`<bt:Image size="${size}" scale="${scale}" resid="icon${size * scale}" />`),
  );
  return xml`
    <MobileFormFactor>
      <ExtensionPoint xsi:type="MobileMessageReadCommandSurface">
        <Group id="jbMobileMessageReadGroup">
          <Label resid="group" />
          <Control xsi:type="MobileButton" id="jbMobileMessageReadButton">
            <Label resid="people" />
            <Icon xsi:type="bt:MobileIconList">
              ${images}
            </Icon>
            <Action xsi:type="ShowTaskpane">
              <SourceLocation resid="pane" />
            </Action>
          </Control>
        </Group>
      </ExtensionPoint>
    </MobileFormFactor>`;
}
