/**
 * Copies the few glyphs and design tokens that the screens use out of Fluent's packages into typed tables:
 * `@fluentui/svg-icons` is 87 MB and `@fluentui/tokens` a whole theme, a pane needs a few kilobytes of them.
 * Run by hand after a change of the lists: `node addins/shared/generate.ts`; a test compares the tables
 * with the packages, so neither an edit by hand nor an upgrade goes unnoticed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { webDarkTheme, webLightTheme } from '@fluentui/tokens';

const require = createRequire(import.meta.url);
const sizes = [10, 12, 16, 20, 24] as const;

/** Our glyph names and the file of Fluent's that each one is. */
const presenceGlyphs = {
  availableFilled: 'available_*_filled',
  availableRegular: 'available_*_regular',
  busyFilled: 'busy_*_filled',
  ring: 'unknown_*_regular',
  doNotDisturbFilled: 'dnd_*_filled',
  awayFilled: 'away_*_filled',
  awayRegular: 'away_*_regular',
  offlineRegular: 'offline_*_regular',
  outOfOfficeRegular: 'oof_*_regular',
} as const;

const symbols = {
  add: 'add_20_regular',
  alert: 'alert_20_regular',
  alertOn: 'alert_20_filled',
  attach: 'attach_20_regular',
  back: 'arrow_left_20_regular',
  calendar: 'calendar_ltr_20_regular',
  call: 'call_20_regular',
  chat: 'chat_20_regular',
  check: 'checkmark_20_regular',
  chevronDown: 'chevron_down_20_regular',
  chevronRight: 'chevron_right_20_regular',
  clock: 'clock_20_regular',
  contactCard: 'contact_card_20_regular',
  delete: 'delete_20_regular',
  dismiss: 'dismiss_20_regular',
  document: 'document_20_regular',
  down: 'arrow_down_20_regular',
  edit: 'edit_20_regular',
  emoji: 'emoji_add_20_regular',
  error: 'error_circle_20_regular',
  important: 'important_20_filled',
  info: 'info_20_regular',
  link: 'link_20_regular',
  lock: 'lock_closed_20_regular',
  mail: 'mail_20_regular',
  more: 'more_horizontal_20_regular',
  mute: 'alert_off_20_regular',
  offline: 'plug_disconnected_20_regular',
  peopleAdd: 'people_add_20_regular',
  people: 'people_20_regular',
  personAdd: 'person_add_20_regular',
  options: 'options_20_regular',
  refresh: 'arrow_clockwise_20_regular',
  removePerson: 'person_delete_20_regular',
  reply: 'arrow_reply_20_regular',
  search: 'search_20_regular',
  send: 'send_20_filled',
  signOut: 'sign_out_20_regular',
  eye: 'eye_20_regular',
  archive: 'archive_20_regular',
  leave: 'door_arrow_right_20_regular',
} as const;

/** Fluent's own names are kept, so that a host theme can set the same variables. */
const themedTokens = [
  'colorNeutralForeground1',
  'colorNeutralForeground2',
  'colorNeutralForeground3',
  'colorNeutralForegroundDisabled',
  'colorNeutralForegroundOnBrand',
  'colorNeutralBackground1',
  'colorNeutralBackground1Hover',
  'colorNeutralBackground1Pressed',
  'colorNeutralBackground1Selected',
  'colorNeutralBackground2',
  'colorNeutralBackground3',
  'colorNeutralBackground4',
  'colorNeutralBackgroundInverted',
  'colorNeutralForegroundInverted',
  'colorSubtleBackgroundHover',
  'colorSubtleBackgroundPressed',
  'colorSubtleBackgroundSelected',
  'colorNeutralStroke1',
  'colorNeutralStroke2',
  'colorNeutralStroke3',
  'colorNeutralStrokeAccessible',
  'colorStrokeFocus2',
  'colorBrandForeground1',
  'colorBrandForegroundLink',
  'colorBrandForegroundLinkHover',
  'colorCompoundBrandForeground1',
  'colorCompoundBrandStroke',
  'colorBrandBackground',
  'colorBrandBackgroundHover',
  'colorBrandBackgroundPressed',
  'colorBrandBackground2',
  'colorBrandStroke2',
  'colorStatusDangerForeground1',
  'colorStatusDangerBackground1',
  'colorStatusDangerBackground3',
  'colorStatusDangerBorder1',
  'colorStatusWarningForeground1',
  'colorStatusWarningBackground1',
  'colorStatusWarningBorder1',
  'colorStatusSuccessForeground1',
  'colorPaletteLightGreenForeground3',
  'colorPaletteMarigoldBackground3',
  'colorPaletteRedBackground3',
  'colorPaletteBerryForeground3',
  'colorBackgroundOverlay',
  'shadow4',
  'shadow8',
  'shadow16',
  'shadow64',
] as const;

const fixedTokens = [
  'fontFamilyBase',
  'fontFamilyMonospace',
  'fontSizeBase100',
  'fontSizeBase200',
  'fontSizeBase300',
  'fontSizeBase400',
  'fontSizeBase500',
  'fontSizeBase600',
  'lineHeightBase100',
  'lineHeightBase200',
  'lineHeightBase300',
  'lineHeightBase400',
  'lineHeightBase500',
  'lineHeightBase600',
  'fontWeightRegular',
  'fontWeightSemibold',
  'borderRadiusSmall',
  'borderRadiusMedium',
  'borderRadiusLarge',
  'borderRadiusXLarge',
  'borderRadiusCircular',
  'durationFaster',
  'durationFast',
  'durationNormal',
  'curveEasyEase',
  'curveDecelerateMid',
] as const;

/** The pairs of Fluent's colourful avatar that stay legible in both themes; a person's id picks one. */
const avatarPalettes = [
  'DarkRed',
  'Cranberry',
  'Pumpkin',
  'Marigold',
  'Brass',
  'Brown',
  'Forest',
  'Seafoam',
  'DarkGreen',
  'Teal',
  'Steel',
  'Blue',
  'RoyalBlue',
  'Cornflower',
  'Navy',
  'Lavender',
  'Purple',
  'Grape',
  'Magenta',
  'Plum',
  'Mink',
  'Anchor',
] as const;

function pathOf(file: string): string {
  const svg = readFileSync(require.resolve(`@fluentui/svg-icons/icons/${file}.svg`), 'utf8');
  const paths = [...svg.matchAll(/ d="([^"]+)"/g)].map((match) => match[1]);
  if (paths.length === 0) throw new Error(`${file}.svg holds no path`);
  return paths.join('');
}

type Theme = Record<string, string | number>;

function declarations(theme: Theme, names: readonly string[]): string {
  return names
    .map((name) => {
      const value = theme[name];
      if (value === undefined) throw new Error(`Fluent has no token ${name}`);
      return `--${name}:${String(value)}`;
    })
    .join(';');
}

const heading = (source: string) =>
  `/** Copied from ${source} by \`node addins/shared/generate.ts\`: not edited by hand, compared by a test. */\n`;

/** Makes the generated files, by name, as text. */
export function generate(): Record<string, string> {
  const glyphs = Object.entries(presenceGlyphs).map(([name, pattern]) => {
    const rows = sizes.map(
      (size) => `    ${size}: '${pathOf(`presence_${pattern.replace('*', String(size))}`)}',`,
    );
    return `  ${name}: {\n${rows.join('\n')}\n  },`;
  });
  const symbolRows = Object.entries(symbols).map(([name, file]) => `  ${name}:\n    '${pathOf(file)}',`);
  const avatars = avatarPalettes.flatMap((name) => [
    `colorPalette${name}Background2`,
    `colorPalette${name}Foreground2`,
  ]);
  const light = webLightTheme as unknown as Theme;
  const dark = webDarkTheme as unknown as Theme;
  const quoted = (css: string) => `\`${css}\``;
  return {
    'icon/glyphs.ts': `${heading('@fluentui/svg-icons')}export const glyphPaths = {\n${glyphs.join('\n')}\n} as const;\n`,
    'ui/symbol-paths.ts': `${heading('@fluentui/svg-icons')}export const symbolPaths = {\n${symbolRows.join('\n')}\n} as const;\n`,
    'ui/tokens.ts': `${heading('@fluentui/tokens')}export const fixedTokens =\n  ${quoted(declarations(light, fixedTokens))};\nexport const lightTokens =\n  ${quoted(declarations(light, [...themedTokens, ...avatars]))};\nexport const darkTokens =\n  ${quoted(declarations(dark, [...themedTokens, ...avatars]))};\nexport const avatarPalettes = [\n${avatarPalettes.map((name) => `  '${name}',`).join('\n')}\n] as const;\n`,
  };
}

if (import.meta.filename === process.argv[1]) {
  for (const [name, text] of Object.entries(generate())) writeFileSync(new URL(name, import.meta.url), text);
}
