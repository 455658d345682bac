/** What the playgrounds' parts have in common: buttons, fields, focus. Colours are Fluent's tokens. */
import { css } from 'lit';
import { directionStyles } from '../shared/ui/styles.ts';

export const playStyle = css`
  ${directionStyles}
  :host {
    box-sizing: border-box;
    font-size: var(--fontSizeBase300);
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before {
    box-sizing: border-box;
  }
  button,
  .button {
    align-items: center;
    background: none;
    border: 1px solid transparent;
    border-radius: var(--borderRadiusMedium);
    color: inherit;
    cursor: pointer;
    display: inline-flex;
    font: inherit;
    gap: 6px;
    min-height: 32px;
    padding: 0 10px;
    text-decoration: none;
  }
  button:hover,
  .button:hover {
    background: var(--colorSubtleBackgroundHover);
  }
  .outlined {
    border-color: var(--colorNeutralStroke1);
  }
  .primary {
    background: var(--colorBrandBackground);
    color: var(--colorNeutralForegroundOnBrand);
  }
  .primary:hover {
    background: var(--colorBrandBackgroundHover);
  }
  .icon {
    min-width: 32px;
    padding: 0 5px;
  }
  :is(button, a, input, select, summary, [tabindex]):focus-visible {
    outline: 2px solid var(--colorStrokeFocus2);
    outline-offset: 1px;
  }
  select,
  input:not([type='checkbox'], [type='radio']) {
    background: var(--colorNeutralBackground1);
    border: 1px solid var(--colorNeutralStrokeAccessible);
    border-radius: var(--borderRadiusMedium);
    color: inherit;
    font: inherit;
    min-height: 32px;
    padding: 0 8px;
  }
  h1,
  h2,
  h3 {
    font-size: var(--fontSizeBase400);
    font-weight: var(--fontWeightSemibold);
    line-height: var(--lineHeightBase400);
    margin: 0;
  }
  .secondary {
    color: var(--colorNeutralForeground3);
    font-size: var(--fontSizeBase200);
    line-height: var(--lineHeightBase200);
  }
  @media (forced-colors: active) {
    button {
      border-color: ButtonBorder;
    }
    .primary {
      forced-color-adjust: none;
    }
  }
`;
