/** What all views share in looks: Fluent's measures on native elements, one focus ring, no chrome of our own. */
import { css } from 'lit';

/** A sentence of a language that reads the other way than the page keeps its full stop at its own end. */
export const directionStyles = css`
  :where(h1, h2, h3, p, div, span, li, dd, label, option):where(:dir(rtl)) {
    unicode-bidi: plaintext;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  :where(button):where(:dir(rtl)) {
    unicode-bidi: plaintext;
  }
`;

export const baseStyles = css`
  ${directionStyles}
  :host {
    display: block;
    font: var(--fontWeightRegular) var(--fontSizeBase300) / var(--lineHeightBase300) var(--fontFamilyBase);
    color: var(--colorNeutralForeground1);
    -webkit-tap-highlight-color: transparent;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  button,
  input,
  textarea,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  :focus-visible {
    outline: 2px solid var(--colorStrokeFocus2);
    outline-offset: -2px;
    border-radius: var(--borderRadiusMedium);
  }
  svg {
    flex: none;
  }
  svg.points:dir(rtl) {
    transform: scaleX(-1);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .quiet {
    color: var(--colorNeutralForeground3);
    font-size: var(--fontSizeBase200);
    line-height: var(--lineHeightBase200);
  }
  /* A right-to-left name on a left-to-right screen keeps its letters' order and stays beside its face. */
  h2[dir='auto'],
  p.quiet[dir='auto'],
  dd[dir='auto'],
  span[dir='auto'] {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .one-line {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation-duration: 1ms !important;
      transition-duration: 1ms !important;
    }
  }
`;

/** A section of the pane: its head, and what it says when it is empty. */
export const paneSectionStyles = css`
  .head {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 40px;
    padding: 4px 4px 0 8px;
  }
  h2 {
    flex: 1;
    min-width: 0;
    font-size: var(--fontSizeBase300);
    font-weight: var(--fontWeightSemibold);
  }
  .hint {
    padding: 8px;
    color: var(--colorNeutralForeground3);
  }
`;

export const buttonStyles = css`
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: 32px;
    padding: 5px 12px;
    border: 1px solid var(--colorNeutralStroke1);
    border-radius: var(--borderRadiusMedium);
    background: var(--colorNeutralBackground1);
    font-weight: var(--fontWeightSemibold);
    text-decoration: none;
    color: inherit;
    transition:
      background var(--durationFaster) var(--curveEasyEase),
      border-color var(--durationFaster) var(--curveEasyEase);
  }
  .button:hover {
    background: var(--colorNeutralBackground1Hover);
  }
  .button:active {
    background: var(--colorNeutralBackground1Pressed);
  }
  .button.primary {
    background: var(--colorBrandBackground);
    border-color: transparent;
    color: var(--colorNeutralForegroundOnBrand);
  }
  .button.primary:hover {
    background: var(--colorBrandBackgroundHover);
  }
  .button.primary:active {
    background: var(--colorBrandBackgroundPressed);
  }
  .button:disabled,
  .icon-button:disabled {
    color: var(--colorNeutralForegroundDisabled);
    cursor: default;
    background: none;
  }
  .icon-button {
    display: inline-grid;
    place-items: center;
    flex: none;
    width: 32px;
    height: 32px;
    padding: 0;
    border: 0;
    border-radius: var(--borderRadiusMedium);
    background: none;
    color: var(--colorNeutralForeground2);
    text-decoration: none;
  }
  .icon-button:hover:enabled,
  a.icon-button:hover {
    background: var(--colorSubtleBackgroundHover);
    color: var(--colorBrandForeground1);
  }
  .icon-button:active:enabled {
    background: var(--colorSubtleBackgroundPressed);
  }
  .icon-button[aria-pressed='true'] {
    color: var(--colorBrandForeground1);
  }
  .link {
    border: 0;
    padding: 0;
    background: none;
    color: var(--colorBrandForegroundLink);
    text-align: start;
  }
  .link:hover {
    color: var(--colorBrandForegroundLinkHover);
    text-decoration: underline;
  }
  @media (forced-colors: active) {
    .button {
      border-color: ButtonText;
    }
    .button.primary {
      forced-color-adjust: none;
    }
    .icon-button {
      color: ButtonText;
    }
  }
`;

export const fieldStyles = css`
  .field {
    width: 100%;
    min-height: 32px;
    padding: 5px 10px;
    border: 1px solid var(--colorNeutralStroke1);
    border-bottom-color: var(--colorNeutralStrokeAccessible);
    border-radius: var(--borderRadiusMedium);
    background: var(--colorNeutralBackground1);
  }
  .field:focus {
    outline: 0;
    border-bottom: 2px solid var(--colorCompoundBrandStroke);
    padding-bottom: 4px;
  }
  .field::placeholder {
    color: var(--colorNeutralForeground3);
    opacity: 1;
  }
  label {
    display: block;
    font-size: var(--fontSizeBase200);
    line-height: var(--lineHeightBase200);
    color: var(--colorNeutralForeground2);
    margin-bottom: 4px;
  }
`;

/** The surface that floats: card, menu. Shown in the top layer by `popover`. */
export const floatingStyles = css`
  [popover] {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 0;
    border: 1px solid var(--colorNeutralStroke2);
    border-radius: var(--borderRadiusLarge);
    background: var(--colorNeutralBackground1);
    color: var(--colorNeutralForeground1);
    box-shadow: var(--shadow16);
    max-width: calc(100vw - 16px);
    max-height: calc(100dvh - 16px);
    overflow: auto;
  }
  .menu {
    min-width: 200px;
    padding: 4px;
  }
  .menu button {
    display: flex;
    align-items: center;
    gap: 8px;
    width: 100%;
    min-height: 32px;
    padding: 6px 8px;
    border: 0;
    border-radius: var(--borderRadiusMedium);
    background: none;
    text-align: start;
  }
  .menu button:hover {
    background: var(--colorSubtleBackgroundHover);
  }
`;

/** A modal dialog of the platform: it keeps the focus inside and closes with Escape by itself. */
export const dialogStyles = css`
  dialog {
    width: min(420px, calc(100vw - 16px));
    max-height: min(560px, calc(100dvh - 16px));
    padding: 0;
    border: 1px solid var(--colorNeutralStroke2);
    border-radius: var(--borderRadiusXLarge);
    background: var(--colorNeutralBackground1);
    color: inherit;
    box-shadow: var(--shadow64);
  }
  dialog::backdrop {
    background: var(--colorBackgroundOverlay, rgb(0 0 0 / 40%));
  }
  .inside {
    display: flex;
    flex-direction: column;
    gap: 12px;
    padding: 16px;
  }
  .top {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
  }
  h2 {
    font-size: var(--fontSizeBase400);
    line-height: var(--lineHeightBase400);
  }
`;
