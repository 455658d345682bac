/**
 * Puts Fluent's tokens on the document as CSS variables, from where they reach into every shadow root.
 * The system's choice of light or dark counts until a host says otherwise (`setTheme`); in forced colours
 * the system's own colours replace ours.
 */
import { darkTokens, fixedTokens, lightTokens } from './tokens.ts';

export type Theme = 'light' | 'dark' | 'system';

/** Forced colours overrule most of this by themselves; the variables matter where a colour carries a shape. */
const forced = `
--colorNeutralForeground1:CanvasText;--colorNeutralForeground2:CanvasText;--colorNeutralForeground3:CanvasText;
--colorNeutralForegroundDisabled:GrayText;--colorNeutralForegroundOnBrand:HighlightText;
--colorNeutralBackground1:Canvas;--colorNeutralBackground2:Canvas;--colorNeutralBackground3:Canvas;--colorNeutralBackground4:Canvas;
--colorNeutralBackground1Hover:Canvas;--colorNeutralBackground1Selected:Canvas;--colorSubtleBackgroundSelected:Canvas;
--colorNeutralStroke1:CanvasText;--colorNeutralStroke2:CanvasText;--colorNeutralStroke3:CanvasText;
--colorNeutralStrokeAccessible:CanvasText;--colorStrokeFocus2:Highlight;--colorBrandForeground1:LinkText;
--colorBrandForegroundLink:LinkText;--colorCompoundBrandForeground1:LinkText;--colorCompoundBrandStroke:Highlight;
--colorBrandBackground:Highlight;--colorBrandBackgroundHover:Highlight;--colorBrandBackgroundPressed:Highlight;
--colorStatusDangerForeground1:CanvasText;--colorStatusWarningForeground1:CanvasText;--colorStatusSuccessForeground1:CanvasText`;

const css = `
:root{${fixedTokens};${lightTokens};color-scheme:light}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${darkTokens};color-scheme:dark}}
:root[data-theme=dark]{${darkTokens};color-scheme:dark}
@media (forced-colors:active){:root,:root[data-theme]{${forced}}}
body{margin:0;background:var(--colorNeutralBackground1);color:var(--colorNeutralForeground1);
font:var(--fontWeightRegular) var(--fontSizeBase300)/var(--lineHeightBase300) var(--fontFamilyBase);
-webkit-text-size-adjust:100%;overflow-wrap:anywhere}`;

/** Adopts the theme into the document, once; a constructed sheet needs no exception in a strict CSP. */
export function installTheme(target: Document = document): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  target.adoptedStyleSheets = [sheet, ...target.adoptedStyleSheets];
}

/** Overrules the system's choice, as an Office host does whose own theme is dark; `system` gives it back. */
export function setTheme(theme: Theme): void {
  if (theme === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = theme;
}
