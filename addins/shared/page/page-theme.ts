/**
 * From the page's colours to ours: a part wears the theme of the section that it stands in, and touches nothing
 * outside itself. Names on the left are Fluent UI 8's semantic colours, as SharePoint hands them to web parts.
 */
import { darkTokens, fixedTokens, lightTokens } from '../ui/tokens.ts';
import type { PageTheme } from './page-api.ts';

const bySemanticColour = {
  bodyBackground: ['--colorNeutralBackground1'],
  bodyText: ['--colorNeutralForeground1'],
  bodySubtext: ['--colorNeutralForeground2', '--colorNeutralForeground3'],
  link: ['--colorBrandForegroundLink', '--colorBrandForeground1', '--colorCompoundBrandForeground1'],
  primaryButtonBackground: ['--colorBrandBackground'],
  primaryButtonBackgroundHovered: ['--colorBrandBackgroundHover'],
  primaryButtonText: ['--colorNeutralForegroundOnBrand'],
  bodyDivider: ['--colorNeutralStroke2', '--colorNeutralStroke3'],
  inputBorder: ['--colorNeutralStroke1'],
  listItemBackgroundHovered: ['--colorNeutralBackground1Hover', '--colorSubtleBackgroundHover'],
  listItemBackgroundChecked: ['--colorNeutralBackground1Selected', '--colorSubtleBackgroundSelected'],
} as const satisfies Record<string, readonly string[]>;

/** A value that is a colour and nothing more, so that no theme can write a rule. */
const isColour = (value: string | undefined): value is string =>
  value !== undefined && /^(#[\da-f]{3,8}|[a-z]+|rgba?\([\d.,%\s/]+\))$/i.test(value.trim());

/** Makes the rules for a part's own root; without a theme the part is light. */
export function themeRules(theme: PageTheme | null): string {
  const isDark = theme?.isDark === true;
  const own = Object.entries(bySemanticColour).flatMap(([name, variables]) => {
    const colour = theme?.colours[name];
    return isColour(colour) ? variables.map((variable) => `${variable}:${colour.trim()}`) : [];
  });
  return `:host{${[fixedTokens, isDark ? darkTokens : lightTokens, ...own].join(';')};color-scheme:${isDark ? 'dark' : 'light'}}`;
}
