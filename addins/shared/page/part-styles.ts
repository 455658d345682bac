/** The looks of `<jb-people-part>`: three layouts that follow the width of the section, not of the window. */
import { css } from 'lit';

export const partStyles = css`
  :host {
    container-type: inline-size;
    background: var(--colorNeutralBackground1);
    color: var(--colorNeutralForeground1);
    overflow-wrap: anywhere;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    min-height: 40px;
    padding: 4px 8px;
  }
  h2 {
    flex: 1 1 8ch;
    min-width: 0;
    font-size: var(--fontSizeBase400);
    line-height: var(--lineHeightBase400);
    font-weight: var(--fontWeightSemibold);
  }
  ul {
    list-style: none;
  }
  li {
    min-width: 0;
  }
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    padding: 8px;
    color: var(--colorNeutralForeground2);
  }
  .notice p {
    flex: 1 1 20ch;
  }
  .list {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr));
    column-gap: 16px;
  }
  .row {
    display: flex;
    align-items: center;
  }
  .row jb-person-row {
    flex: 1;
    min-width: 0;
  }
  .compact {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 170px), 1fr));
    gap: 0 12px;
  }
  .line {
    display: flex;
    align-items: center;
    gap: 8px;
    width: 100%;
    min-height: 32px;
    padding: 4px 8px;
    border: 0;
    border-radius: var(--borderRadiusMedium);
    background: none;
    text-align: start;
  }
  .line:hover {
    background: var(--colorSubtleBackgroundHover);
  }
  .cards {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 168px), 1fr));
    gap: 12px;
    padding: 4px 8px 8px;
  }
  .cards li {
    display: grid;
  }
  .tile {
    display: grid;
    grid-template-rows: auto auto 1fr auto;
    justify-items: center;
    gap: 2px;
    padding: 16px 12px 12px;
    border: 1px solid var(--colorNeutralStroke2);
    border-radius: var(--borderRadiusXLarge);
    text-align: center;
  }
  .tile p {
    max-width: 100%;
  }
  .tile .quiet {
    min-height: var(--lineHeightBase200);
  }
  .who {
    display: grid;
    justify-items: center;
    gap: 10px;
    max-width: 100%;
    padding: 4px;
    border: 0;
    border-radius: var(--borderRadiusMedium);
    background: none;
    font-weight: var(--fontWeightSemibold);
  }
  .who:disabled {
    cursor: default;
  }
  .tile .button {
    margin-top: 10px;
    width: 100%;
  }
  .more {
    margin: 4px 8px;
  }
  .talk {
    display: flex;
    flex-direction: column;
    height: min(560px, 80vh);
    border: 1px solid var(--colorNeutralStroke2);
    border-radius: var(--borderRadiusMedium);
    overflow: hidden;
  }
  .talk jb-conversation {
    flex: 1;
    min-height: 0;
  }
  .skeleton {
    display: grid;
    gap: 16px;
    padding: 12px 8px;
  }
  .skeleton i {
    height: 32px;
    max-width: 320px;
    border-radius: var(--borderRadiusXLarge);
    background: var(--colorNeutralBackground4);
  }
  .skeleton i:nth-child(2) {
    max-width: 240px;
  }
  @media (forced-colors: active) {
    .tile,
    .talk {
      border-color: CanvasText;
    }
  }
`;
