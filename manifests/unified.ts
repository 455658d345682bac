/**
 * `manifest.json`, the unified manifest for Microsoft 365: the same add-ins for the clients that know it, with
 * `alternates.hide` so that nobody sees them twice where the XML ones are deployed beside it. It is an extra:
 * Exchange Server, Outlook on the Mac, phones and perpetual Office do not read it (office.md §1.1).
 */
import {
  addresses,
  entraResource,
  functionNames,
  functionsNamespace,
  iconUrl,
  ids,
  type ManifestInput,
  type ManifestLanguage,
  otherLocales,
  phoneScales,
  phoneSizes,
  provider,
  ribbonSizes,
} from './product.ts';
import { type WordKey, words } from './words.ts';

const schema = 'https://developer.microsoft.com/json-schemas/teams/v1.30';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Makes the manifest as an object, in one language. */
export function unifiedManifest(input: ManifestInput, language: ManifestLanguage = 'en'): Json {
  const say = (key: WordKey): string => words[key][language];
  const at = (address: string): string => `${input.baseUrl}${address}`;
  const icons = ribbonSizes.map((size) => ({ size, url: iconUrl(input, size) }));
  const button = (id: string, label: WordKey, title: WordKey, tip: WordKey, actionId: string): Json => ({
    id,
    type: 'button',
    label: say(label),
    icons,
    supertip: { title: say(title), description: say(tip) },
    actionId,
  });
  const group = (id: string, builtInTabId: string, controls: Json[]): Json => ({
    builtInTabId,
    groups: [{ id, label: say('group'), icons, controls }],
  });
  const open = { id: 'showPane', type: 'openPage', view: 'pane' };
  const itemPane = (id: string): Json =>
    button(
      id,
      'people',
      'itemTitle',
      'itemTip',
      id.startsWith('jbAppointment') ? 'showAppointment' : 'showItem',
    );
  const mailRibbon = (context: string, name: string, more: Json[] = []): Json => ({
    contexts: [context],
    requirements: { scopes: ['mail'] },
    tabs: [group(`jb${name}Group`, 'TabDefault', [itemPane(`jb${name}Button`), ...more])],
  });
  const documentParts = (scope: 'document' | 'workbook', name: 'Word' | 'Excel'): Json => ({
    requirements: { scopes: [scope] },
    tabs: [
      group(`jb${name}Group`, 'TabHome', [
        button(`jb${name}Button`, 'people', 'documentTitle', 'documentTip', 'showPane'),
      ]),
    ],
  });
  const menu = (scope: 'document' | 'workbook', name: 'Word' | 'Excel'): Json => ({
    requirements: { scopes: [scope] },
    menus: [
      {
        entryPoint: scope === 'document' ? 'text' : 'cell',
        controls: [button(`jb${name}Selection`, 'selection', 'selection', 'documentTip', 'showPane')],
      },
    ],
  });
  const alternateIcons = {
    icon: { size: 64, url: iconUrl(input, 64) },
    // The schema knows no 128; Outlook scales the largest that it does.
    highResolutionIcon: { size: 80, url: iconUrl(input, 80) },
  };
  return {
    $schema: `${schema}/MicrosoftTeams.schema.json`,
    manifestVersion: '1.30',
    version: toSemver(input.version),
    id: ids.unified,
    localizationInfo: {
      defaultLanguageTag: 'en-us',
      additionalLanguages: Object.values(otherLocales).map((locale) => ({
        languageTag: locale.toLowerCase(),
        file: `${locale}.json`,
      })),
    },
    developer: {
      name: provider,
      websiteUrl: at('/'),
      privacyUrl: at('/'),
      termsOfUseUrl: at('/'),
    },
    name: { short: say('name'), full: say('name') },
    description: { short: say('shortDescription'), full: say('fullDescription') },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#E0336F',
    validDomains: [new URL(input.baseUrl).host],
    ...(input.entraClientId === null
      ? {}
      : {
          webApplicationInfo: {
            id: input.entraClientId,
            resource: entraResource(input.baseUrl, input.entraClientId),
          },
        }),
    authorization: {
      permissions: {
        resourceSpecific: [
          {
            name: input.access === 'mailbox' ? 'Mailbox.ReadWrite.User' : 'MailboxItem.Read.User',
            type: 'Delegated',
          },
          { name: 'Document.ReadWrite.User', type: 'Delegated' },
        ],
      },
    },
    extensions: [
      {
        requirements: { scopes: ['mail', 'document', 'workbook'] },
        runtimes: [
          {
            id: 'OutlookPane',
            requirements: { scopes: ['mail'], capabilities: [{ name: 'Mailbox', minVersion: '1.5' }] },
            type: 'general',
            code: { page: at(addresses.outlookPane) },
            lifetime: 'short',
            actions: [
              {
                ...open,
                id: 'showItem',
                pinnable: true,
                ...(input.access === 'mailbox' ? { multiselect: true } : {}),
              },
              // Office allows no pinning beside an appointment.
              { ...open, id: 'showAppointment' },
            ],
          },
          {
            id: 'OutlookCommands',
            requirements: { scopes: ['mail'], capabilities: [{ name: 'Mailbox', minVersion: '1.5' }] },
            type: 'general',
            code: { page: at(addresses.outlookCommands) },
            lifetime: 'short',
            actions: [functionNames.chatWithSender, functionNames.replyWithChat].map((id) => ({
              id,
              type: 'executeFunction',
            })),
          },
          {
            id: 'OutlookEvents',
            requirements: { scopes: ['mail'], capabilities: [{ name: 'Mailbox', minVersion: '1.11' }] },
            type: 'general',
            code: { page: at(addresses.launchEventPage), script: at(addresses.launchEventScript) },
            lifetime: 'short',
            actions: [
              { id: functionNames.newMessageCompose, type: 'executeFunction' },
              { id: functionNames.messageRecipientsChanged, type: 'executeFunction' },
            ],
          },
          {
            id: 'WordShared',
            requirements: {
              scopes: ['document'],
              capabilities: [{ name: 'SharedRuntime', minVersion: '1.1' }],
            },
            type: 'general',
            code: { page: at(addresses.wordPane) },
            lifetime: 'long',
            actions: [open],
          },
          {
            id: 'ExcelShared',
            requirements: {
              scopes: ['workbook'],
              capabilities: [{ name: 'SharedRuntime', minVersion: '1.1' }],
            },
            type: 'general',
            code: { page: at(addresses.excelPane), script: at(addresses.functionsScript) },
            lifetime: 'long',
            actions: [open],
            customFunctions: {
              namespace: { id: functionsNamespace, name: functionsNamespace },
              allowCustomDataForDataTypeAny: true,
              metadataUrl: at(addresses.functionsMetadata),
            },
          },
        ],
        ribbons: [
          mailRibbon('mailRead', 'MessageRead', [
            button('jbChatWithSender', 'sender', 'sender', 'senderTip', functionNames.chatWithSender),
            button('jbReplyWithChat', 'reply', 'reply', 'replyTip', functionNames.replyWithChat),
          ]),
          mailRibbon('mailCompose', 'MessageCompose'),
          mailRibbon('meetingDetailsAttendee', 'AppointmentAttendee'),
          mailRibbon('meetingDetailsOrganizer', 'AppointmentOrganizer'),
          {
            contexts: ['mailRead'],
            requirements: { scopes: ['mail'], formFactors: ['mobile'] },
            tabs: [
              {
                builtInTabId: 'TabDefault',
                customMobileRibbonGroups: [
                  {
                    id: 'jbMobileMessageReadGroup',
                    label: say('group'),
                    controls: [
                      {
                        id: 'jbMobileMessageReadButton',
                        type: 'mobileButton',
                        label: say('people'),
                        icons: phoneScales.flatMap((scale) =>
                          phoneSizes.map((size) => ({
                            size,
                            scale,
                            url: iconUrl(input, (size * scale) as 32),
                          })),
                        ),
                        actionId: 'showItem',
                      },
                    ],
                  },
                ],
              },
            ],
          },
          documentParts('document', 'Word'),
          documentParts('workbook', 'Excel'),
        ],
        autoRunEvents: [
          {
            requirements: { scopes: ['mail'], capabilities: [{ name: 'Mailbox', minVersion: '1.11' }] },
            events: [
              { type: 'newMessageComposeCreated', actionId: functionNames.newMessageCompose },
              { type: 'messageRecipientsChanged', actionId: functionNames.messageRecipientsChanged },
            ],
          },
        ],
        contextMenus: [menu('document', 'Word'), menu('workbook', 'Excel')],
        alternates: [
          {
            requirements: { scopes: ['mail'] },
            hide: { customOfficeAddin: { officeAddinId: ids.outlook } },
            alternateIcons,
          },
          {
            requirements: { scopes: ['document', 'workbook'] },
            hide: { customOfficeAddin: { officeAddinId: ids.office } },
            alternateIcons,
          },
        ],
      },
    ],
  };
}

/** Three numbers; what follows a hyphen is for people. */
function toSemver(version: string): string {
  const numbers = version.split('-')[0]?.split('.') ?? [];
  return [...numbers, '0', '0', '0'].slice(0, 3).join('.');
}

/** Renders the manifest for one server. */
export function renderUnifiedManifest(input: ManifestInput): string {
  return `${JSON.stringify(unifiedManifest(input), null, 2)}\n`;
}

/** Places that Office takes from a language file; context menus are not among them and stay English. */
const localisable =
  /^(name\.(short|full)|description\.(short|full)|extensions\[0\]\.ribbons\[\d+\]\..*\.(label|title|description))$/;

/**
 * Renders the language files that the package holds beside the manifest, by file name: every place whose
 * sentence differs from the English one, found by comparing the manifest with itself in that language.
 */
export function renderLanguageFiles(input: ManifestInput): Record<string, string> {
  const english = unifiedManifest(input);
  return Object.fromEntries(
    (Object.entries(otherLocales) as [ManifestLanguage, string][]).map(([language, locale]) => {
      const differing: Record<string, string> = {
        'name.short': words.name[language],
        'name.full': words.name[language],
      };
      const compare = (one: Json, other: Json, place: string): void => {
        if (typeof one === 'string' && typeof other === 'string') {
          if (one !== other && localisable.test(place)) differing[place] = other;
        } else if (Array.isArray(one) && Array.isArray(other)) {
          for (const [index, value] of one.entries()) compare(value, other[index], `${place}[${index}]`);
        } else if (typeof one === 'object' && one !== null) {
          for (const [key, value] of Object.entries(one))
            compare(
              value,
              (other as Record<string, Json>)[key] ?? null,
              place === '' ? key : `${place}.${key}`,
            );
        }
      };
      compare(english, unifiedManifest(input, language), '');
      const file = { $schema: `${schema}/MicrosoftTeams.Localization.schema.json`, ...differing };
      return [`${locale}.json`, `${JSON.stringify(file, null, 2)}\n`];
    }),
  );
}
