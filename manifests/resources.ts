/** The parts that both XML manifests write alike: localised values and the tables that resids point to. */
import {
  entraResource,
  type IconSize,
  iconUrl,
  type ManifestInput,
  type ManifestLanguage,
  otherLocales,
  type Words,
} from './product.ts';
import { type WordKey, words } from './words.ts';
import { type Fragment, xml } from './xml.ts';

/** The other languages of a value. */
export function overrides(sentence: Words, prefix = ''): Fragment[] {
  return Object.entries(otherLocales).map(
    ([language, locale]) =>
      xml`<${{ xml: prefix }}Override Locale="${locale}" Value="${sentence[language as ManifestLanguage]}" />`,
  );
}

/** Writes the resources: pictures by size, addresses by name, short and long sentences by key. */
export function resources(
  input: ManifestInput,
  given: {
    readonly icons: readonly IconSize[];
    readonly urls: Readonly<Record<string, string>>;
    /** Strings that are no sentences, the same in every language. */
    readonly names?: Readonly<Record<string, string>>;
    readonly short: readonly WordKey[];
    readonly long: readonly WordKey[];
  },
): Fragment {
  const sizes = [...new Set(given.icons)].sort((one, other) => one - other);
  const names = Object.entries(given.names ?? {});
  return xml`
    <Resources>
      <bt:Images>
        ${sizes.map((size) => xml`<bt:Image id="icon${size}" DefaultValue="${iconUrl(input, size)}" />`)}
      </bt:Images>
      <bt:Urls>
        ${Object.entries(given.urls).map(([id, address]) => xml`<bt:Url id="${id}" DefaultValue="${input.baseUrl}${address}" />`)}
      </bt:Urls>
      <bt:ShortStrings>
        ${names.map(([id, value]) => xml`<bt:String id="${id}" DefaultValue="${value}" />`)}
        ${given.short.map(stringResource)}
      </bt:ShortStrings>
      <bt:LongStrings>
        ${given.long.map(stringResource)}
      </bt:LongStrings>
    </Resources>`;
}

function stringResource(key: WordKey): Fragment {
  return xml`
    <bt:String id="${key}" DefaultValue="${words[key].en}">
      ${overrides(words[key], 'bt:')}
    </bt:String>`;
}

/** A button's pictures on the ribbon. */
export const ribbonIcon = (sizes: readonly IconSize[]): Fragment => xml`
  <Icon>
    ${sizes.map((size) => xml`<bt:Image size="${size}" resid="icon${size}" />`)}
  </Icon>`;

/** What rests over a button says. */
export const supertip = (title: WordKey, tip: WordKey): Fragment => xml`
  <Supertip>
    <Title resid="${title}" />
    <Description resid="${tip}" />
  </Supertip>`;

/**
 * Names the application in Entra for `getAccessToken`, by which event code signs in: it can ask nobody anything.
 * The last part of the overrides, where Office looks for it. Who the person is is all that is asked for.
 */
export function webApplication({ baseUrl, entraClientId }: ManifestInput): Fragment | [] {
  if (entraClientId === null) return [];
  return xml`
    <WebApplicationInfo>
      <Id>${entraClientId}</Id>
      <Resource>${entraResource(baseUrl, entraClientId)}</Resource>
      <Scopes>
        <Scope>openid</Scope>
        <Scope>profile</Scope>
      </Scopes>
    </WebApplicationInfo>`;
}
